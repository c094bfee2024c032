// The five models side by side: each server in turn serves the same clients, all at once, with real
// input.
#include "command_line.h"
#include "connection.h"
#include "multi_client.h"
#include "pattern.h"
#include "server_process.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace
{
using namespace echo;

const char* const kUsage =
	"Usage: compare [option ...]\n"
	"\n"
	"  --bin DIR     the folder of the five servers (default: the one of this program)\n"
	"  --clients N   clients at once (default 60)\n"
	"  --file PATH   each client first sends this file's bytes\n"
	"  --messages M  then so many messages of a binary pattern (default 64)\n"
	"  --size B      of so many bytes (default 512)\n"
	"\n"
	"Exit code: 0 every client of every server got back every byte, 1 not, 2 bad arguments.\n";

struct Settings
{
	std::filesystem::path bin;
	unsigned clients = 60;
	std::string file;
	unsigned messages = 64;
	unsigned size = 512;
};

// One line of the table.
struct Row
{
	const Model* model;
	RunResult run;
	std::string error; // of the server itself: did not start, ended half-way
};

std::filesystem::path OwnFolder()
{
	wchar_t path[1024] = L"";
	GetModuleFileNameW(nullptr, path, 1024);
	return std::filesystem::path(path).parent_path();
}

Row Measure(const Model& model, const Settings& settings, const std::vector<ClientPlan>& plans)
{
	Row row{ &model, {}, "" };
	try
	{
		ServerProcess server(ModelExecutable(settings.bin, model), { "0" });
		const std::uint16_t port = server.WaitListening(Deadline::After(milliseconds(10000)));

		ProgressLine line(std::string(model.name) + ": ");
		RunOptions options;
		options.onTurn = [&line](const Progress& progress) { line.Show(progress); };
		row.run = RunClients("127.0.0.1", port, plans, options);
		if (const auto code = server.WaitExit(Deadline::After(milliseconds(0))))
			row.error = "ended half-way with exit code " + std::to_string(*code) +
				"; stderr: " + server.Stderr();
	}
	catch (const std::runtime_error& error)
	{
		row.error = error.what();
	}
	return row;
}

bool Served(const Row& row)
{
	return row.error.empty() && row.run.AllServed() && row.run.wrong == 0;
}

void PrintHead()
{
	std::printf("%-16s %14s %13s %12s %16s %9s\n", "model", "clients served", "bytes echoed",
		"wrong bytes", "clients at once", "time");
	std::fflush(stdout);
}

void Print(const Row& row, const Settings& settings)
{
	const std::string served =
		std::to_string(row.run.served) + " of " + std::to_string(settings.clients);
	std::printf("%-16s %14s %13llu %12llu %16u %7.2f s\n", row.model->name, served.c_str(),
		static_cast<unsigned long long>(row.run.echoed),
		static_cast<unsigned long long>(row.run.wrong), row.run.atOnce, row.run.elapsed.count());
	std::fflush(stdout);
}

void PrintErrors(const std::vector<Row>& rows)
{
	for (const Row& row : rows)
	{
		if (!row.error.empty())
			std::fprintf(stderr, "%s: %s\n", row.model->name, row.error.c_str());
		const std::string errors = Errors(row.run);
		if (!errors.empty())
			std::fprintf(stderr, "%s:\n%s", row.model->name, errors.c_str());
	}
}

Settings Parse(Arguments arguments)
{
	Settings settings;
	settings.bin = OwnFolder();
	while (arguments.Next())
	{
		const std::string& option = arguments.Option();
		if (option == "--bin")
			settings.bin = WideArgument(arguments.Value());
		else if (option == "--clients")
			settings.clients = arguments.Number(1, 10000);
		else if (option == "--file")
			settings.file = arguments.Value();
		else if (option == "--messages")
			settings.messages = arguments.Number(1, 100000000);
		else if (option == "--size")
			settings.size = arguments.Number(1, 1 << 24);
		else
			arguments.Unknown();
	}
	if (!std::filesystem::is_directory(settings.bin))
		throw UsageError("--bin: no such folder");
	return settings;
}

int Run(int argc, char** argv)
{
	const Arguments arguments(argc, argv);
	if (arguments.AskForHelp())
	{
		std::fputs(kUsage, stdout);
		return 0;
	}
	const Settings settings = Parse(arguments);
	ClientPlan plan;
	if (!settings.file.empty())
		plan.source.common = std::make_shared<const std::string>(ReadFileBytes(settings.file));
	plan.source.patternSize = static_cast<std::uint64_t>(settings.messages) * settings.size;
	plan.window = kWindow;

	std::printf("%u clients at once, each with ", settings.clients);
	if (plan.source.common)
		std::printf("%s (%llu bytes) and ", settings.file.c_str(),
			static_cast<unsigned long long>(plan.source.CommonSize()));
	std::printf("a binary pattern (%llu bytes)\n\n",
		static_cast<unsigned long long>(plan.source.patternSize));
	PrintHead();

	const Winsock winsock;
	const std::vector<ClientPlan> plans = Copies(plan, settings.clients);
	std::vector<Row> rows;
	for (const Model& model : Models())
	{
		rows.push_back(Measure(model, settings, plans));
		Print(rows.back(), settings);
	}
	PrintErrors(rows);
	return std::all_of(rows.begin(), rows.end(), Served) ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	return echo::RunProgram("compare", Run, argc, argv);
}

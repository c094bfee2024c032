// The five models side by side: each server in turn serves the same clients, all at once, with real
// input; then all are measured, and the document's sentences are answered by the figures.
#include "claims.h"
#include "command_line.h"
#include "connection.h"
#include "figures.h"
#include "measure.h"
#include "multi_client.h"
#include "output_file.h"
#include "pattern.h"
#include "platform.h"
#include "server_process.h"
#include "svg.h"

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
	"Each of the five servers serves clients at once, every byte compared. Then all are measured,\n"
	"a minute long, and the sentences of the document are answered by the figures.\n"
	"\n"
	"  --bin DIR     the folder of the servers and of simulate (default: the one of this program)\n"
	"  --clients N   clients at once that are served first (default 60)\n"
	"  --file PATH   each of them first sends this file's bytes\n"
	"  --messages M  then so many messages of a binary pattern (default 64)\n"
	"  --size B      of so many bytes (default 512)\n"
	"  --rounds N    rounds of measuring (default 5; 4 or 3 when 5 take more than a minute)\n"
	"  --length MS   how long one of its runs takes, about (default 400)\n"
	"  --csv FILE    write the figures: model,metric,clients,median,min,max,unit\n"
	"  --svg FILE    write them as a picture\n"
	"\n"
	"A line of the CSV file is a model, a metric and a number of clients: median, smallest and\n"
	"largest value of the rounds. What could not be measured has no line. The metrics:\n"
	"  cpu_idle                  CPU of the server with no client, or with one that says nothing\n"
	"  cpu_per_1000_round_trips  CPU of the server for 1000 messages of 64 bytes and their echoes\n"
	"  round_trips_per_second    of all clients together\n"
	"  latency_median            from the send of a message to the last byte of its echo, without\n"
	"  latency_p99               the first one of each client\n"
	"  clients_at_once           served at once, of 80 that connect and stay\n"
	"  working_set               physical memory of the server\n"
	"  winsock_calls_per_echo    as `simulate --cost` counts them\n"
	"\n"
	"Exit code: 0 every client of every server got back every byte, 1 not, 2 bad arguments.\n";

struct Settings
{
	unsigned clients = 60;
	std::string file;
	unsigned messages = 64;
	unsigned size = 512;
	MeasureOptions measure;
	std::string csv;
	std::string svg;
};

// One line of the first table.
struct Row
{
	const Model* model;
	RunResult run;
	std::string error; // of the server itself: did not start, ended half-way
};

// Texts are UTF-8; the console gets its own code page back.
class Utf8Console
{
public:
	Utf8Console() : old_(GetConsoleOutputCP())
	{
		SetConsoleOutputCP(CP_UTF8);
	}
	~Utf8Console()
	{
		std::fflush(stdout);
		SetConsoleOutputCP(old_);
	}
	Utf8Console(const Utf8Console&) = delete;
	Utf8Console& operator=(const Utf8Console&) = delete;

private:
	const UINT old_;
};

std::filesystem::path OwnFolder()
{
	wchar_t path[1024] = L"";
	GetModuleFileNameW(nullptr, path, 1024);
	return std::filesystem::path(path).parent_path();
}

Row Serve(const Model& model, const Settings& settings, const std::vector<ClientPlan>& plans)
{
	Row row{ &model, {}, "" };
	try
	{
		ServerProcess server(ModelExecutable(settings.measure.bin, model), { "0" });
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
	std::string bin;
	while (arguments.Next())
	{
		const std::string& option = arguments.Option();
		if (option == "--bin")
			bin = arguments.Value();
		else if (option == "--clients")
			settings.clients = arguments.Number(1, 10000);
		else if (option == "--file")
			settings.file = arguments.Value();
		else if (option == "--messages")
			settings.messages = arguments.Number(1, 100000000);
		else if (option == "--size")
			settings.size = arguments.Number(1, 1 << 24);
		else if (option == "--rounds")
			settings.measure.rounds = arguments.Number(1, 1000);
		else if (option == "--length")
			settings.measure.length = milliseconds(arguments.Number(10, 60000));
		else if (option == "--csv")
			settings.csv = arguments.Value();
		else if (option == "--svg")
			settings.svg = arguments.Value();
		else
			arguments.Unknown();
	}
	settings.measure.bin = bin.empty() ? OwnFolder() : std::filesystem::path(WideArgument(bin));
	if (!std::filesystem::is_directory(settings.measure.bin))
		throw UsageError("--bin: no such folder: '" + bin + "'");
	if (!settings.csv.empty() && settings.csv == settings.svg)
		throw UsageError("--csv and --svg: both name the file '" + settings.csv + "'");
	// Before the work, for it would be a pity afterwards.
	for (const std::string& file : { settings.csv, settings.svg })
	{
		if (!file.empty() && !CanWrite(file))
			throw UsageError("cannot write the file '" + file + "'");
	}
	return settings;
}

// True: every client of every server got back every byte.
bool ServeAll(const Settings& settings)
{
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

	const std::vector<ClientPlan> plans = Copies(plan, settings.clients);
	std::vector<Row> rows;
	for (const Model& model : Models())
	{
		rows.push_back(Serve(model, settings, plans));
		Print(rows.back(), settings);
	}
	PrintErrors(rows);
	return std::all_of(rows.begin(), rows.end(), Served);
}

Measured MeasureAll(MeasureOptions options)
{
	StatusLine line;
	options.onStep = [&line](const std::string& step) { line.Show(step); };
	return Measure(options);
}

int Run(Arguments arguments)
{
	const Settings settings = Parse(std::move(arguments));
	const Utf8Console console;
	const Winsock winsock;
	const bool served = ServeAll(settings);
	std::printf("\nMeasuring%s ...\n\n",
		settings.measure.rounds == 0 ? ", for about a minute" : "");
	std::fflush(stdout);
	const Measured measured = MeasureAll(settings.measure);

	const std::string platform = PlatformLine();
	std::printf("%s", Table(measured.figures, measured.rounds).c_str());
	if (IsWine())
		std::printf("CPU is that of the server's own threads, without the part of each call that "
					"Wine's server does.\n");
	if (!measured.callsMissing.empty())
		std::printf("No calls per echo: %s.\n", measured.callsMissing.c_str());
	std::printf("%s\n\nThe document's sentences, by section, and what was measured here:\n%s",
		platform.c_str(), Text(Answers(measured.figures), 110).c_str());
	if (measured.rounds < 3)
		std::printf("\nFewer than three rounds do not show how much is noise.\n");
	std::fflush(stdout);
	for (const std::string& error : measured.errors)
		std::fprintf(stderr, "%s\n", error.c_str());

	if (!settings.csv.empty())
		WriteWhole(settings.csv, Csv(measured.figures));
	if (!settings.svg.empty())
		WriteWhole(settings.svg, Svg(measured.figures, measured.rounds, platform));
	return served && measured.errors.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	return echo::RunProgram("compare", kUsage, Run, argc, argv);
}

// The five models side by side: each server in turn serves the same clients, all at once, with real
// input; then all are measured, and the document's sentences are answered by the figures.
#include "claims.h"
#include "command_line.h"
#include "connection.h"
#include "files.h"
#include "figures.h"
#include "measure.h"
#include "multi_client.h"
#include "pattern.h"
#include "platform.h"
#include "progress.h"
#include "server_process.h"
#include "svg.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
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
	"  wait_median               from the connect, which all clients do at once, to the first\n"
	"                            byte of echo, of the client in the middle\n"
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
	std::optional<OutputFile> csv;
	std::optional<OutputFile> svg;
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
	std::string bin, csv, svg;
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
			csv = arguments.Value();
		else if (option == "--svg")
			svg = arguments.Value();
		else
			arguments.Unknown();
	}
	settings.measure.bin = bin.empty() ? OwnFolder() : std::filesystem::path(WideArgument(bin));
	if (!std::filesystem::is_directory(settings.measure.bin))
		throw UsageError("--bin: no such folder: '" + bin + "'");
	if (!csv.empty() && csv == svg)
		throw UsageError("--csv and --svg: both name the file '" + csv + "'");
	if (!csv.empty())
		settings.csv.emplace(csv);
	if (!svg.empty())
		settings.svg.emplace(svg);
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

	std::printf("%u clients at once, each sends ", settings.clients);
	if (plan.source.common)
		std::printf("%s (%llu bytes) and ", settings.file.c_str(),
			static_cast<unsigned long long>(plan.source.CommonSize()));
	std::printf("a pattern (%llu bytes)\n\n",
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

// What one has to know to read the table.
std::string Notes(const Measured& measured)
{
	const std::string rounds =
		measured.rounds == 1 ? "one round" : std::to_string(measured.rounds) + " rounds";
	std::string notes = "The median of " + rounds +
		" (min-max), the models in turn in each. A round trip is a message of 64\n"
		"bytes and its echo, then comes the next. Rate and CPU include connecting and leaving.\n" +
		measured.work +
		"\n"
		"Latency begins when a client is served; the wait before, from the connect to the first\n"
		"echo, is of the client in the middle.\n"
		"+  02 repeats a call that finds nothing as often as it can; it is counted once.\n";
	if (IsWine())
		notes += "CPU is that of the server's threads, without what Wine's server does for them.\n";
	if (!measured.callsMissing.empty())
		notes += "No calls per echo: " + measured.callsMissing + ".\n";
	if (measured.rounds < 3)
		notes += "Fewer than three rounds do not show how much is noise.\n";
	return notes;
}

int Run(Arguments arguments)
{
	Settings settings = Parse(std::move(arguments));
	const Utf8Console console;
	const Winsock winsock;
	const bool served = ServeAll(settings);
	std::printf("\nMeasuring%s ...\n\n",
		settings.measure.rounds == 0 ? ", for about a minute" : "");
	std::fflush(stdout);
	const Measured measured = MeasureAll(settings.measure);

	const std::string platform = PlatformLine();
	std::printf("%s\n%s%s\n%s", Table(measured.figures).c_str(), Notes(measured).c_str(),
		platform.c_str(), "\nThe document's sentences, by section, and what was measured here:\n");
	std::printf("%s", Answers(measured.figures, 100).c_str());
	std::fflush(stdout);
	for (const std::string& error : measured.errors)
		std::fprintf(stderr, "%s\n", error.c_str());

	if (settings.csv)
		settings.csv->Write(Csv(measured.figures));
	if (settings.svg)
		settings.svg->Write(Svg(measured.figures, measured.rounds, platform));
	return served && measured.errors.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	return echo::RunProgram("compare", kUsage, Run, argc, argv);
}

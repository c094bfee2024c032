// The five models side by side: each server in turn serves the same clients, all at once, with real
// input; then all are measured, and the document's claims are checked against the results.
#include "figures.h"
#include "measure.h"

#include "echo/connection.h"
#include "echo/files.h"
#include "echo/multi_client.h"
#include "echo/options.h"
#include "echo/pattern.h"
#include "echo/progress.h"
#include "echo/server_process.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace
{
using namespace echo;

const char* const kUsage =
	"compare [option ...]\n"
	"\n"
	"Starts the five servers in turn; many clients connect to each at once and compare every\n"
	"byte. Then measures all five, which takes about a minute, and checks the document's claims\n"
	"against the results.\n";

const char* const kNotes =
	"Each line of the CSV file is one model, one metric and one number of clients, with the\n"
	"median, the smallest and the largest value of the rounds. What was not measured has no line.\n"
	"The metrics:\n"
	"  cpu_idle                  CPU of the server with no client, or with one that says nothing\n"
	"  cpu_per_1000_round_trips  CPU of the server for 1000 messages of 64 bytes and their echoes\n"
	"  round_trips_per_second    of all clients together\n"
	"  latency_median            time from sending a message to the last byte of its echo; each\n"
	"  latency_p99               client's first message is left out\n"
	"  wait_median               time from the connect to the first byte of the echo; all clients\n"
	"                            connect at once\n"
	"  clients_at_once           how many are served at once, of 80 that connect and stay\n"
	"  working_set               physical memory of the server\n"
	"  winsock_calls_per_echo    counted in the simulation, by `simulate --cost`\n"
	"\n"
	"Exit code: 0 if every client of every server got every byte back, 1 if not, 2 for a bad\n"
	"argument.\n";

struct Settings
{
	unsigned clients = 60;
	std::string file;
	unsigned rounds = 5;
	unsigned length = 400; // ms
	std::string csv;
};

// Wine tells its version by a function of its own in ntdll. Null on Windows.
const char* WineVersion()
{
	using Function = const char*(CDECL*)();
	const HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
	const auto function = reinterpret_cast<Function>(
		reinterpret_cast<void*>(GetProcAddress(ntdll, "wine_get_version")));
	return function != nullptr ? function() : nullptr;
}

// A text of the registry under HKEY_LOCAL_MACHINE, without the spaces around it; empty if it is not
// there.
std::string RegistryText(const char* key, const char* name)
{
	char text[256] = "";
	DWORD size = sizeof(text);
	RegGetValueA(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, text, &size);
	std::string trimmed = text;
	trimmed.erase(0, trimmed.find_first_not_of(' '));
	trimmed.erase(trimmed.find_last_not_of(' ') + 1);
	return trimmed;
}

// What a result depends on besides the program itself, such as
// "Wine 8.0, 2 processors (AMD EPYC 7763), compiled by MinGW GCC 12-posix".
std::string Platform()
{
	const char* const wine = WineVersion();
	std::string text = wine != nullptr ? std::string("Wine ") + wine
									   : "Windows, build " +
			RegistryText("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentBuild");
	const unsigned processors = std::thread::hardware_concurrency();
	text += ", " + std::to_string(processors) + (processors == 1 ? " processor" : " processors");
	const std::string name =
		RegistryText("HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", "ProcessorNameString");
	if (!name.empty())
		text += " (" + name + ")";
#ifdef _MSC_VER
	return text + ", compiled by MSVC " + std::to_string(_MSC_VER);
#elif defined(__clang__)
	return text + ", compiled by clang " __clang_version__;
#else
	return text + ", compiled by MinGW GCC " __VERSION__;
#endif
}

// Serves all clients by one server and adds what went wrong to `errors`.
RunResult Serve(const Model& model, const std::vector<ClientPlan>& plans, std::string& errors)
{
	const std::string name = model.name;
	RunResult run;
	try
	{
		ServerProcess server(OwnFolder() / (name + ".exe"), { "0" });
		const std::uint16_t port = server.WaitListening(Deadline::After(milliseconds(10000)));
		StatusLine line;
		RunOptions options;
		options.onTurn = [&](const Progress& progress) {
			line.Show(name + ": " + Describe(progress));
		};
		run = RunClients("127.0.0.1", port, plans, options);
		if (!run.AllServed())
			errors += name + ":\n" + Errors(run);
		if (const auto code = server.WaitExit(Deadline::After(milliseconds(0))))
			errors += name + ": ended half-way with " + ExitCode(*code) +
				"; stderr: " + server.Stderr() + '\n';
	}
	catch (const std::runtime_error& error)
	{
		errors += name + ": " + error.what() + '\n';
	}
	return run;
}

// True: every client of every server got back every byte.
bool ServeAll(const Settings& settings)
{
	ClientPlan plan;
	if (!settings.file.empty())
		plan.source.common = std::make_shared<const std::string>(ReadFileBytes(settings.file));
	plan.source.patternSize = 32768;
	plan.window = kWindow;

	std::printf("%u clients at once, each sends ", settings.clients);
	if (plan.source.common)
		std::printf("%s (%zu bytes) and ", settings.file.c_str(), plan.source.common->size());
	std::printf("a pattern (%llu bytes)\n\n", plan.source.patternSize);
	std::printf("%-16s %14s %13s %12s %16s %9s\n", "model", "clients served", "bytes echoed",
		"wrong bytes", "clients at once", "time");

	std::string errors;
	for (const Model& model : kModels)
	{
		std::fflush(stdout);
		const RunResult run = Serve(model, Copies(plan, settings.clients), errors);
		std::printf("%-16s %14s %13llu %12llu %16u %7.2f s\n", model.name,
			(std::to_string(run.served) + " of " + std::to_string(settings.clients)).c_str(),
			run.echoed, run.wrong, run.atOnce, run.elapsed.count());
	}
	std::fputs(errors.c_str(), stderr);
	return errors.empty();
}

// What one has to know to read the table.
std::string Notes(const Measured& measured, unsigned rounds)
{
	std::string notes = "Median of " +
		(rounds == 1 ? "one round" : std::to_string(rounds) + " rounds") +
		" (min-max); each round measures the models in turn. A round trip is one 64-byte\n"
		"message and its echo; the next follows at once. Rate and CPU include connecting and\n"
		"disconnecting.\n" +
		measured.notes +
		"Latency is counted from when a client is first served; the wait before that (connect to\n"
		"first echo) is the median client's.\n"
		"+  02 repeats a call until it succeeds; its futile retries count as one.\n";
	if (WineVersion() != nullptr)
		notes += "CPU is that of the server's threads, without what Wine's server does for them.\n";
	if (rounds < 3)
		notes += "Fewer than three rounds do not show how much is noise.\n";
	return notes;
}

std::vector<Option> Options(Settings& settings)
{
	return {
		{ "--clients", "N", "how many clients connect to each server at once (default 60)",
			Number(settings.clients, 1, 10000) },
		{ "--file", "PATH", "each of them sends this file first, then a pattern of all byte values",
			Text(settings.file) },
		{ "--rounds", "N", "how often everything is measured (default 5)",
			Number(settings.rounds, 1, 1000) },
		{ "--length", "MS", "milliseconds that each measurement takes, roughly (default 400)",
			Number(settings.length, 10, 60000) },
		{ "--csv", "FILE", "write the figures there: model,metric,clients,median,min,max,unit",
			Text(settings.csv) },
	};
}

int Run(const Settings& settings)
{
	std::ofstream csv; // opened now, so that a name that cannot be written is no late surprise
	if (!settings.csv.empty())
		csv = OpenOutput(settings.csv);
	const Winsock winsock;
	const bool served = ServeAll(settings);
	std::printf("\nMeasuring, %u rounds ...\n\n", settings.rounds);
	std::fflush(stdout);
	const Measured measured = Measure(settings.rounds, milliseconds(settings.length));

	std::printf("%s\n%s%s\n%s%s", Table(measured.figures).c_str(),
		Notes(measured, settings.rounds).c_str(), Platform().c_str(),
		"\nThe document's claims, section by section, and what was measured here:\n",
		Answers(measured.figures, 100).c_str());
	std::fflush(stdout);
	std::fputs(measured.errors.c_str(), stderr);
	if (csv.is_open() && !(csv << Csv(measured.figures) << std::flush))
		throw std::runtime_error("cannot write the file '" + settings.csv + "'");
	return served && measured.errors.empty() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	// Texts are UTF-8; the console gets its own code page back.
	const UINT codePage = GetConsoleOutputCP();
	SetConsoleOutputCP(CP_UTF8);
	Settings settings;
	const int code = echo::RunProgram({ "compare", kUsage, Options(settings), kNotes }, argc, argv,
		[&settings] { return Run(settings); });
	std::fflush(stdout);
	SetConsoleOutputCP(codePage);
	return code;
}

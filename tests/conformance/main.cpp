// The conformance suite as a program: see kUsage and Table() below.
#include "harness.h"

#include "echo/files.h"
#include "echo/options.h"

#include <cstdio>
#include <cstring>
#include <fstream>

namespace conformance
{
namespace
{
// What CTest calls "skipped".
constexpr int kNotApplicable = 77;

constexpr char kUsage[] =
	"conformance: tests an echo server and says which rules it breaks\n"
	"\n"
	"  conformance --server EXE [...] [-- ARGUMENT...]  starts EXE anew for each case\n"
	"  conformance --connect HOST:PORT [...]            tests a server that is already running\n"
	"  conformance -ltc                                 lists the cases\n";

constexpr char kNotes[] =
	"Exit code:\n"
	"  0   every case passed, or showed a difference that is allowed (D1, D2, D3, D7)\n"
	"  1   a case failed or was not tried, or the server has a bug that ends it\n"
	"  2   a bad argument, or no case has such a name\n"
	"  77  none of the chosen cases applies to this server\n"
	"With --must-fail: 0 if every chosen case failed in that way, else 1.\n"
	"\n"
	"On a slow machine, ECHO_TEST_TIMEOUT_MULTIPLIER=2 in the environment doubles every "
	"deadline.\n";

struct CommandLine
{
	Options options;
	std::string connect;
	std::string server;
	std::string mustFail; // in what way: see WayOf
	std::vector<std::string> doctest{ "conformance", "-ni", "-nv", "-nc", "-ob=suite" };
};

Found TraitsOf(const echo::Model& model, const Options& options)
{
	Found found;
	found.traits.places = model.iterative ? 1 : model.capacity;
	found.traits.waits = model.iterative;
	found.traits.polls = model.spins;
	found.traits.window = model.window;
	found.traits.contract = options.port == 0;
	return found;
}

void Connect(const std::string& text, Options& options)
{
	const std::size_t colon = text.rfind(':');
	options.host = text.substr(0, colon);
	const auto port =
		echo::ParseNumber(text.substr(std::min(colon, text.size() - 1) + 1), 1, 65535);
	if (!port || !echo::IsAddress(options.host))
		throw echo::UsageError(
			"--connect: expected HOST:PORT, HOST an IPv4 address or localhost, got '" + text + "'");
	options.connect = true;
	options.name = text;
	options.port = static_cast<std::uint16_t>(*port);
	Connection connection;
	if (connection.Connect(options.host, options.port, Deadline::After(milliseconds(5000))) != 0)
		throw echo::UsageError("nobody listens on " + text);
}

// The program of that name can be started, on a port that is free.
void CheckServer(const std::string& argument, Options& options)
{
	options.server = echo::WideArgument(argument);
	options.name = argument.substr(argument.find_last_of("/\\:") + 1);
	options.name = options.name.substr(0, options.name.find(".exe"));
	char header[64] = {};
	std::ifstream program(options.server, std::ios::binary);
	if (argument.find('?') != std::string::npos)
		throw echo::UsageError("--server: '" + argument +
			"': a letter of that name is not in the code page of this terminal (LANG)");
	if (!std::filesystem::is_regular_file(options.server) || !program.read(header, 64))
		throw echo::UsageError("--server: there is no program '" + argument + "'");
	if (std::string_view(header, 2) != "MZ")
		throw echo::UsageError("--server: '" + argument +
			"' is not a Windows program: start it yourself, and use --connect");
	std::uint32_t at = 0; // of the PE header; the machine stands behind its signature
	std::memcpy(&at, header + 0x3C, sizeof(at));
	program.seekg(at + 4);
	std::uint16_t machine = 0;
	program.read(reinterpret_cast<char*>(&machine), sizeof(machine));
	wchar_t folder[MAX_PATH] = L"";
	GetSystemWow64DirectoryW(folder, MAX_PATH); // there, but empty, where Wine runs no such program
	if (machine == IMAGE_FILE_MACHINE_I386 &&
		!std::filesystem::exists(std::filesystem::path(folder) / "ntdll.dll"))
		throw echo::UsageError("--server: '" + argument +
			"' is a 32-bit program: this system (Wine) runs 64-bit ones only");
	if (options.port != 0 && echo::SomebodyListens(options.port).value_or(false))
		throw echo::UsageError("port " + std::to_string(options.port) +
			" is taken: a program listens there, or Wine holds it for one that has ended (sh "
			"tests/wine/down.sh frees it)");
}

// Stores the option `name`, which is doctest's.
echo::Option Doctest(CommandLine& line, const std::string& name, const std::string& argument,
	const std::string& help)
{
	return { name, argument, help, [&line, name](const std::string& value) {
				line.doctest.push_back(name + value);
				line.options.junit = line.options.junit || name + value == "-r=junit";
			} };
}

std::vector<echo::Option> Table(CommandLine& line)
{
	Options& options = line.options;
	const auto model = [&](const std::string& name) {
		options.model = name;
		if (echo::FindModel(name) == nullptr)
			throw echo::UsageError("there is no '" + name + "'");
	};
	const auto mustFail = [&](const std::string& way) {
		line.mustFail = way;
		if (way != "check" && way != "deadline")
			throw echo::UsageError("expected check or deadline, got '" + way + "'");
	};
	return {
		{ "--server", "EXE",
			"a Windows program that takes a port as its argument (0: a free one) and\n"
			"prints a line with \"Listening: IP=..., port=N\". Others need --port or --",
			echo::Text(line.server) },
		{ "--port", "N",
			"EXE prints no such line: started without an argument, it listens on port N",
			echo::Number(options.port, 1, 65535) },
		{ "--connect", "HOST:PORT", "HOST is an IPv4 address or localhost",
			echo::Text(line.connect) },
		{ "--model", "NAME",
			"what the server is meant to be: 01_blocking, 02_nonblocking, 03_select,\n"
			"04_asyncselect or 05_eventselect. By default the model that EXE is named\n"
			"after; for another name, and with --port or --connect, the suite finds out\n"
			"what kind of server it is, says so in line 1, and judges it as such",
			model },
		{ "--clients", "N", "how many clients at once it tries for that (default 500)",
			echo::Number(options.clients, 2, 1000) },
		Doctest(line, "-tc=", "C4.05*,C5*", "only these cases"),
		Doctest(line, "-tce=", "C4*", "all cases but these"),
		Doctest(line, "-r=", "junit", "the form of the report: console (default), junit or xml"),
		Doctest(line, "-o=", "FILE", "writes the report to FILE"),
		Doctest(line, "-ltc", "", "lists the cases"),
		{ "--seed", "N", "other test data (default 1)", echo::Number(options.seed, 0, 999999999) },
		{ "--soak", "SECONDS", "how long C11.01 lasts (default 60)",
			echo::Number(options.soakSeconds, 1, 86400) },
		{ "--must-fail", "HOW",
			"for a server with a known bug: each chosen case must fail because something\n"
			"wrong was seen in it (check), or because something did not come in time\n"
			"(deadline)",
			mustFail },
		{ "--", "ARGUMENT...", "starts EXE with these arguments",
			[&](const std::string& argument) { options.arguments.push_back(argument); } },
	};
}

// What the options mean together.
void Check(CommandLine& line)
{
	Options& options = line.options;
	if (line.server.empty() == line.connect.empty())
		throw echo::UsageError("either --server or --connect is needed");
	if (!line.connect.empty() && (options.port != 0 || !options.arguments.empty()))
		throw echo::UsageError("--port and -- go with --server");
	if (line.connect.empty())
		CheckServer(line.server, options);
	else
		Connect(line.connect, options);
	// One's own server may have the name of a model; the project's needs no --port.
	if (options.model.empty() && options.port == 0 && echo::FindModel(options.name) != nullptr)
		options.model = options.name;
}

// Runs the cases chosen. Returns doctest's exit code.
int RunCases(const std::vector<std::string>& options)
{
	doctest::Context context;
	std::vector<const char*> filters;
	for (const std::string& each : options)
	{
		filters.push_back(each.c_str());
		if (each.starts_with("-o=")) // doctest would say nothing
			echo::OpenOutput(each.substr(3));
	}
	context.applyCommandLine(static_cast<int>(filters.size()), filters.data());
	return context.run();
}

// How a case has failed, as --must-fail calls it.
std::string WayOf(const Result& result)
{
	if (result.kind != Result::Failed || result.symptom == Symptom::Start)
		return "not at all";
	return result.afterwards               ? "afterwards"
		: MeaningOf(result.symptom).inVain ? "deadline"
										   : "check";
}

// 0 when each case has failed in the way that --must-fail demands, else 1.
int AllFailed(const std::string& way, const std::vector<Result>& results)
{
	int code = 0;
	for (const Result& result : results)
	{
		if (WayOf(result) == way)
			continue;
		code = 1;
		std::fprintf(stderr, "%s had to fail: %s, but failed: %s\n", result.id.c_str(), way.c_str(),
			WayOf(result).c_str());
	}
	return code;
}

int Run(CommandLine& line)
{
	echo::Winsock winsock;
	if (std::count(line.doctest.begin(), line.doctest.end(), "-ltc") != 0)
		return RunCases(line.doctest);
	Check(line);
	const Options& options = line.options;
	std::string kind = options.name;
	Found found;
	if (!options.model.empty())
		found = TraitsOf(*echo::FindModel(options.model), options);
	else
	{
		found = Probe(options);
		kind += ": " + found.Line();
		std::printf("%s\n", kind.c_str());
		std::fflush(stdout);
	}

	Suite run(options, found);
	suite = &run;
	const int code = RunCases(line.doctest);
	if (run.results.empty())
		throw echo::UsageError("no case has such a name; -ltc lists them");
	std::printf("%s", run.Summary(kind).c_str());
	if (!line.mustFail.empty())
		return AllFailed(line.mustFail, run.results);
	if (code != 0 || found.fatal)
		return 1;
	const bool applies = std::any_of(run.results.begin(), run.results.end(),
		[](const Result& result) { return result.kind != Result::NotApplicable; });
	return applies ? 0 : kNotApplicable;
}
} // namespace
} // namespace conformance

int main(int argc, char** argv)
{
	using namespace conformance;
	CommandLine line;
	return echo::RunProgram({ "conformance", kUsage, Table(line), kNotes }, argc, argv,
		[&] { return Run(line); });
}

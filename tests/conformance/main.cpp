// The conformance suite as a program: see kUsage below.
#include "probe.h"

#include "echo/files.h"
#include "echo/options.h"

#include <cstdio>
#include <fstream>

namespace conformance
{
namespace
{
// What CTest calls "skipped".
constexpr int kNotApplicable = 77;

constexpr char kUsage[] =
	"conformance: does an echo server keep the rules?\n"
	"\n"
	"  conformance --server EXE [...] [-- ARGUMENTS]  starts EXE anew for each case\n"
	"  conformance --connect HOST:PORT [...]          a server already running\n"
	"  conformance -ltc                               lists the cases\n"
	"\n"
	"  --port N       EXE prints no Listening line: it listens on port N\n"
	"  --model NAME   which differences are legitimate (01_blocking ... 05_eventselect); without\n"
	"                 it the name of EXE tells or, failing that, the suite finds out\n"
	"  --seed N       seed for all data and choices (default 1)\n"
	"  --soak SECONDS how long C11.01 lasts (default 60)\n"
	"  --must-fail check|deadline|afterwards  for a server with a known fault: every case chosen\n"
	"                 must fail, because something wrong was seen, because nothing came in time,\n"
	"                 or because it serves nobody afterwards\n"
	"  -tc=C4.05*,C5* these cases only; -tce=, -r=junit, -o=FILE as doctest has them\n"
	"\n"
	"EXE is started with ARGUMENTS; without them with \"0\", a free port, or with --port without "
	"any.\n"
	"Exit code 0: every case held or showed a registered difference; 1: one failed or could not\n"
	"be tried, or the server has a fault that ends it; 2: a bad argument, or no case has such a\n"
	"name; 77: the cases chosen do not apply here. With --must-fail, 0: every case failed in that\n"
	"way; 1: one did not.\n";

struct CommandLine
{
	Options options;
	std::string connect;
	std::string server;
	std::optional<bool> mustWait; // --must-fail: in vain, or by what was seen
	bool afterwards = false;
	std::vector<std::string> doctest{ "conformance", "-ni", "-nv", "-nc", "-ob=suite" };
	bool list = false;
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
	char magic[2] = {};
	std::ifstream program(options.server, std::ios::binary);
	if (argument.find('?') != std::string::npos)
		throw echo::UsageError("--server: '" + argument +
			"': a letter of that name is not in the code page of this terminal (LANG)");
	if (!std::filesystem::is_regular_file(options.server) || !program.read(magic, 2))
		throw echo::UsageError("--server: there is no program '" + argument + "'");
	if (std::string_view(magic, 2) != "MZ")
		throw echo::UsageError("--server: '" + argument +
			"' is not a Windows program: start it yourself, and use --connect");
	if (options.port != 0 && echo::SomebodyListens(options.port).value_or(false))
		throw echo::UsageError("port " + std::to_string(options.port) +
			" is taken: a program listens there, or Wine holds it for one that has ended (sh "
			"tests/wine/down.sh frees it)");
}

void ParseMustFail(const std::string& way, CommandLine& line)
{
	line.afterwards = way == "afterwards";
	line.mustWait = way == "deadline";
	if (way != "check" && way != "deadline" && way != "afterwards")
		throw echo::UsageError(
			"--must-fail: expected check, deadline or afterwards, got '" + way + "'");
}

// An option of doctest, or none.
void ParseDoctest(const std::string& option, const echo::Arguments& arguments, CommandLine& line)
{
	const char* const prefixes[] = { "-ltc", "-r=junit", "-r=xml", "-r=console", "-o=", "-tc=",
		"-tce=" };
	if (std::none_of(std::begin(prefixes), std::end(prefixes),
			[&](std::string_view each) { return option.starts_with(each); }))
		arguments.Unknown();
	line.list = line.list || option == "-ltc";
	line.doctest.push_back(option);
}

void ParseOption(const std::string& option, echo::Arguments& arguments, CommandLine& line)
{
	Options& options = line.options;
	if (option == "--server")
		line.server = arguments.Value();
	else if (option == "--connect")
		line.connect = arguments.Value();
	else if (option == "--port")
		options.port = arguments.Number<std::uint16_t>(1, 65535);
	else if (option == "--model")
	{
		options.model = arguments.Value();
		if (echo::FindModel(options.model) == nullptr)
			throw echo::UsageError("--model: there is no '" + options.model + "'");
	}
	else if (option == "--seed")
		options.seed = arguments.Number(0, 999999999);
	else if (option == "--soak")
		options.soakSeconds = arguments.Number<int>(1, 86400);
	else if (option == "--must-fail")
		ParseMustFail(arguments.Value(), line);
	else if (option == "--")
		for (std::string argument; arguments.Next(argument);)
			options.arguments.push_back(argument);
	else
		ParseDoctest(option, arguments, line);
}

CommandLine Parse(echo::Arguments& arguments)
{
	CommandLine line;
	Options& options = line.options;
	for (std::string option; arguments.Next(option);)
		ParseOption(option, arguments, line);
	if (line.list)
		return line;
	if (line.server.empty() == line.connect.empty())
		throw echo::UsageError("either --server or --connect is needed");
	if (!line.connect.empty() && (options.port != 0 || !options.arguments.empty()))
		throw echo::UsageError("--port and ARGUMENTS go with --server");
	if (line.connect.empty())
		CheckServer(line.server, options);
	else
		Connect(line.connect, options);
	// One's own server may have the name of a model; the project's needs no --port.
	if (options.model.empty() && options.port == 0 && echo::FindModel(options.name) != nullptr)
		options.model = options.name;
	return line;
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
			echo::OutputFile(each.substr(3));
	}
	context.applyCommandLine(static_cast<int>(filters.size()), filters.data());
	return context.run();
}

// 0 when each case has failed in the way that --must-fail demands, else 1.
int AllFailed(const CommandLine& line, const std::vector<Result>& results)
{
	int code = 0;
	for (const Result& result : results)
	{
		const bool failed =
			result.kind == Result::Failed && result.symptom != Symptom::Start;
		if (failed && result.afterwards == line.afterwards &&
			(line.afterwards || InVain(result.symptom) == *line.mustWait))
			continue;
		code = 1;
		std::fprintf(stderr, "%s had to fail %s, but %s\n", result.id.c_str(),
			line.afterwards     ? "afterwards"
				: *line.mustWait ? "by a deadline"
								 : "by a check",
			failed ? "failed in another way" : "did not fail");
	}
	return code;
}

int Run(echo::Arguments arguments)
{
	echo::Winsock winsock;
	const CommandLine line = Parse(arguments);
	if (line.list)
		return RunCases(line.doctest);
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
	if (line.mustWait)
		return AllFailed(line, run.results);
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
	return echo::RunProgram("conformance", conformance::kUsage, conformance::Run, argc, argv);
}

// The conformance suite as a program: see kUsage below.
#include "find_out.h"

#include "echo/options.h"
#include "echo/files.h"

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
	"  --must-fail check|deadline  for a server with a known fault: every case chosen must fail,\n"
	"                 because something wrong was seen, or because nothing came in time\n"
	"  -tc=C4.05*,C5* these cases only; -tce=, -r=junit, -o=FILE as doctest has them\n"
	"\n"
	"EXE is started with ARGUMENTS; without them with \"0\", a free port, or with --port without "
	"any.\n"
	"Exit code 0: every case held or showed a registered difference; 1: one failed or could not\n"
	"be tried, or the server has a fault that ends it; 2: a bad argument, or no case has such a\n"
	"name; 77: the cases chosen do not apply here. With --must-fail, 0: every case failed in that\n"
	"way; 1: one did not.\n";

struct Options
{
	const echo::Model* model = nullptr; // null: it has to be found out
	std::optional<Cause> mustFail;
	std::vector<std::string> doctest{ "conformance", "-ni", "-nv", "-nc" };
	bool list = false;
};

Traits TraitsOf(const echo::Model& model)
{
	return { .places = model.iterative ? 1 : model.capacity,
		.waits = model.iterative,
		.polls = model.spins,
		.window = model.window,
		.contract = settings.port == 0 };
}

void Connect(const std::string& text)
{
	const std::size_t colon = text.rfind(':');
	settings.host = text.substr(0, colon);
	const auto port =
		echo::ParseNumber(text.substr(std::min(colon, text.size() - 1) + 1), 1, 65535);
	if (!port || !echo::IsAddress(settings.host))
		throw echo::UsageError(
			"--connect: expected HOST:PORT, HOST an IPv4 address or localhost, got '" + text + "'");
	settings.connect = true;
	settings.name = text;
	settings.port = static_cast<std::uint16_t>(*port);
	Connection connection;
	if (connection.Connect(settings.host, settings.port, Deadline::After(milliseconds(5000))) != 0)
		throw echo::UsageError("nobody listens on " + text);
}

// The program of that name can be started, on a port that is free.
void CheckServer(const std::string& argument)
{
	settings.server = echo::WideArgument(argument);
	settings.name = argument.substr(argument.find_last_of("/\\:") + 1);
	settings.name = settings.name.substr(0, settings.name.find(".exe"));
	char magic[2] = {};
	std::ifstream program(settings.server, std::ios::binary);
	if (!std::filesystem::is_regular_file(settings.server) || !program.read(magic, 2))
		throw echo::UsageError("--server: there is no program '" + argument + "'");
	if (std::string_view(magic, 2) != "MZ")
		throw echo::UsageError("--server: '" + argument +
			"' is not a Windows program: start it yourself, and use --connect");
	if (settings.port != 0 && echo::SomebodyListens(settings.port).value_or(false))
		throw echo::UsageError("port " + std::to_string(settings.port) +
			" is taken: a program listens there, or Wine holds it for one that has ended (sh "
			"tests/wine/down.sh frees it)");
}

Options Parse(echo::Arguments& arguments)
{
	Options options;
	std::string connect;
	std::string server;
	for (std::string option; arguments.Next(option);)
	{
		if (option == "--server")
			server = arguments.Value();
		else if (option == "--connect")
			connect = arguments.Value();
		else if (option == "--port")
			settings.port = arguments.Number<std::uint16_t>(1, 65535);
		else if (option == "--model")
		{
			const std::string name = arguments.Value();
			options.model = echo::FindModel(name);
			if (options.model == nullptr)
				throw echo::UsageError("--model: there is no '" + name + "'");
		}
		else if (option == "--seed")
			settings.seed = arguments.Number(0, 999999999);
		else if (option == "--soak")
			settings.soakSeconds = arguments.Number<int>(1, 86400);
		else if (option == "--must-fail")
		{
			const std::string cause = arguments.Value();
			if (cause != "check" && cause != "deadline")
				throw echo::UsageError(
					"--must-fail: expected check or deadline, got '" + cause + "'");
			options.mustFail = cause == "check" ? Cause::Check : Cause::Deadline;
		}
		else if (option == "--")
			while (arguments.Next(option))
				settings.arguments.push_back(option);
		else if (option == "-ltc" || option == "-r=junit" || option == "-r=xml" ||
			option == "-r=console" || option.starts_with("-o=") || option.starts_with("-tc=") ||
			option.starts_with("-tce="))
		{
			options.list = options.list || option == "-ltc";
			options.doctest.push_back(option);
		}
		else
			arguments.Unknown();
	}
	if (options.list)
		return options;
	if (server.empty() == connect.empty())
		throw echo::UsageError("either --server or --connect is needed");
	if (!connect.empty() && (settings.port != 0 || !settings.arguments.empty()))
		throw echo::UsageError("--port and ARGUMENTS go with --server");
	if (connect.empty())
		CheckServer(server);
	else
		Connect(connect);
	if (options.model == nullptr)
		options.model = echo::FindModel(settings.name);
	return options;
}

// The differences between right servers, what and why.
constexpr const char* kDifferences[][2] = {
	{ "D1",
		"a fixed number of clients at a time; the others wait in the backlog and are then served "
		"whole" },
	{ "D2",
		"a fixed number of clients; the next one is accepted and closed (FD_SETSIZE and "
		"WSA_MAXIMUM_WAIT_EVENTS are 64, the listening socket takes one)" },
	{ "D3", "uses the CPU while idle: it polls" },
	{ "D7", "clients had to connect again because the backlog was full" },
};

// The failures of one cause.
struct Failures
{
	std::string ids; // "C4.02 C4.05"
	std::size_t count = 0;
	const Result* first = nullptr;
};

// Failures of the same kind have the same cause: the server has ended in the same way, or the same
// erratum comes first, or the same was seen, but for numbers, or bytes are wrong.
std::string CauseOf(const Result& result)
{
	if (result.symptom.starts_with("the server has ended"))
		return result.symptom;
	const std::string kind = std::to_string(static_cast<int>(result.cause));
	if (!result.see.empty())
		return kind + result.see.substr(0, 5);
	if (result.cause == Cause::WrongBytes)
		return kind;
	std::string seen = result.symptom;
	std::erase_if(seen, [](char c) { return c >= '0' && c <= '9'; });
	return kind + seen;
}

// What was seen, the differences explained, and for each distinct cause the erratum to read first.
void PrintSummary(const std::string& kind)
{
	constexpr std::size_t most = 8; // ids in a line
	std::vector<Failures> causes;
	std::string differences;
	unsigned count[3] = {};
	for (const Result& result : results)
	{
		count[result.kind]++;
		differences += result.differences;
		if (result.kind != Result::Failed)
			continue;
		auto cause = std::find_if(causes.begin(), causes.end(),
			[&](const Failures& other) { return CauseOf(*other.first) == CauseOf(result); });
		if (cause == causes.end())
			cause = causes.insert(causes.end(), { "", 0, &result });
		if (cause->count++ < most)
			cause->ids += (cause->ids.empty() ? "" : " ") + result.id;
	}
	for (const auto& [id, text] : kDifferences)
	{
		if (differences.find(id) != std::string::npos)
			std::printf("%s: %s\n", id, text);
	}
	if (!Stopped().empty())
		std::printf("Not tried to the end: %s.\n", Stopped().c_str());
	for (const auto& [ids, failed, first] : causes)
	{
		std::printf("%s", ids.c_str());
		if (failed > most)
			std::printf(" and %zu more", failed - most);
		std::string symptom = first->symptom;
		if (symptom.size() > 100) // not within a number
			symptom = symptom.substr(0, symptom.find_last_not_of("0123456789", 96) + 1) + " ...";
		std::printf(": %s", symptom.c_str());
		if (!first->see.empty())
			std::printf(": read first %s", first->see.substr(0, first->see.find(' ')).c_str());
		std::printf("\n");
	}
	std::printf("%s: %u case%s held", kind.c_str(), count[Result::Held],
		count[Result::Held] == 1 ? "" : "s");
	if (count[Result::NotApplicable] != 0)
		std::printf(", %u do not apply", count[Result::NotApplicable]);
	if (!causes.empty())
		std::printf(", %u failed for %zu cause%s", count[Result::Failed], causes.size(),
			causes.size() == 1 ? "" : "s");
	std::printf("\n");
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
	settings.stop = [&] { context.setOption("abort-after", 1); };
	return context.run();
}

// 0 when each case has failed in that way, else 1.
int AllFailed(Cause cause)
{
	int code = 0;
	for (const Result& result : results)
	{
		if (result.kind == Result::Failed && result.cause != Cause::Start &&
			InVain(result.cause) == InVain(cause))
			continue;
		code = 1;
		std::fprintf(stderr, "%s had to fail by a %s, but %s\n", result.id.c_str(),
			cause == Cause::Check ? "check" : "deadline",
			result.kind != Result::Failed ? "did not fail" : "failed in another way");
	}
	return code;
}

int Run(echo::Arguments arguments)
{
	echo::Winsock winsock;
	const Options options = Parse(arguments);
	if (options.list)
		return RunCases(options.doctest);
	std::string kind = settings.name;
	bool fatal = false;
	if (options.model != nullptr)
	{
		settings.model = options.model->name;
		settings.traits = TraitsOf(*options.model);
	}
	else
	{
		const Found found = FindOut();
		settings.traits = found.traits;
		fatal = found.fatal;
		kind += ": " + found.Line();
		std::printf("%s\n", kind.c_str());
		std::fflush(stdout);
	}

	const int code = RunCases(options.doctest);
	if (results.empty() && Stopped().empty())
		throw echo::UsageError("no case has such a name; -ltc lists them");
	PrintSummary(kind);
	if (options.mustFail)
		return AllFailed(*options.mustFail);
	if (code != 0 || fatal)
		return 1;
	const bool applies = std::any_of(results.begin(), results.end(),
		[](const Result& result) { return result.kind != Result::NotApplicable; });
	return applies ? 0 : kNotApplicable;
}
} // namespace
} // namespace conformance

int main(int argc, char** argv)
{
	return echo::RunProgram("conformance", conformance::kUsage, conformance::Run, argc, argv);
}

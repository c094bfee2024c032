// The conformance suite as a program: see Usage() below.
#define DOCTEST_CONFIG_IMPLEMENT
#include "harness.h"

#include "command_line.h"
#include "report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace conformance
{
namespace
{
// What CTest takes for "skipped" (SKIP_RETURN_CODE).
constexpr int kNotApplicable = 77;

constexpr char kUsage[] =
	"conformance: does an echo server keep the rules?\n"
	"\n"
	"  conformance --list                     the catalogue\n"
	"  conformance --server EXE [...]         starts EXE anew for each case\n"
	"  conformance --connect HOST:PORT [...]  uses a server that runs\n"
	"  conformance --bin DIR --report FILE.md runs the five models, writes the matrix\n"
	"\n"
	"  --port N       EXE knows no arguments and prints no Listening line: it listens on port N\n"
	"  --model NAME   which differences are legitimate (01_blocking ... 05_eventselect); without\n"
	"                 it the name of EXE tells or, failing that, the suite finds out\n"
	"  --case ID      this case only, or a group (C4); may stand more than once\n"
	"  --seed N       of all data and choices (default 1)\n"
	"  --soak SECONDS how long C11.01 lasts (default 60)\n"
	"  --junit FILE   the results in JUnit's form\n"
	"\n"
	"Exit code 0: every case held or showed a registered difference; 1: one failed, or none ran;\n"
	"2: a bad argument; 77: the cases chosen do not apply here.\n";

// The cases print themselves; doctest has only the sum to add.
class Sum : public doctest::IReporter
{
public:
	explicit Sum(const doctest::ContextOptions& options) : out_(*options.cout)
	{
	}
	void report_query(const doctest::QueryData&) override
	{
	}
	void test_run_start() override
	{
	}
	void test_run_end(const doctest::TestRunStats& stats) override
	{
		out_ << "test cases: " << stats.numTestCasesPassingFilters << ", failed: "
			 << stats.numTestCasesFailed << "\n";
	}
	void test_case_start(const doctest::TestCaseData&) override
	{
	}
	void test_case_reenter(const doctest::TestCaseData&) override
	{
	}
	void test_case_end(const doctest::CurrentTestCaseStats&) override
	{
	}
	void test_case_exception(const doctest::TestCaseException&) override
	{
	}
	void subcase_start(const doctest::SubcaseSignature&) override
	{
	}
	void subcase_end() override
	{
	}
	void log_assert(const doctest::AssertData&) override
	{
	}
	void log_message(const doctest::MessageData&) override
	{
	}
	void test_case_skipped(const doctest::TestCaseData&) override
	{
	}

private:
	std::ostream& out_;
};
DOCTEST_REGISTER_REPORTER("sum", 1, Sum);

bool Matches(const Case& test, const std::vector<std::string>& wanted)
{
	const std::string id = test.id;
	return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
		return id == name || id.compare(0, name.size() + 1, name + ".") == 0;
	});
}

// What a server that nobody described can do: found out with a few connections.
Traits FindOut()
{
	Context context(CurrentSettings());
	Traits traits;
	Connection first = context.Connect();
	context.PingPong(first, "1");
	Connection second = context.Connect();
	context.Send(second, "2");
	traits.iterative = second.Receive(1, Deadline::After(milliseconds(1000))).data.empty();
	if (traits.iterative)
		return traits;

	context.ExpectEcho(first, ""); // keeps both open
	std::vector<Connection> more;
	for (unsigned served = 2; served < 100; served++)
	{
		more.push_back(context.Connect());
		const Connection::Sent sent = more.back().SendAll("3", Deadline::After(milliseconds(1000)));
		if (sent.error != 0 || more.back().Receive(1, Deadline::After(milliseconds(1000))).data.empty())
		{
			traits.capacity = served;
			break;
		}
	}
	return traits;
}

Traits TraitsOf(const echo::Model& model)
{
	Traits traits;
	traits.iterative = model.iterative;
	traits.capacity = model.capacity;
	traits.spins = model.spins;
	traits.window = model.window;
	traits.ours = true;
	return traits;
}

void Describe(const Settings& settings)
{
	const Traits& traits = settings.traits;
	std::printf("%s: %s, %s\n", settings.name.c_str(),
		traits.iterative ? "one client at a time (D1)" : "several clients at once",
		traits.capacity == 0 ? "no limit found"
							 : ("at most " + std::to_string(traits.capacity) + " (D2)").c_str());
}

int RunSelected(const std::vector<std::string>& wanted, const std::string& junit)
{
	doctest::Context doctest;
	std::string filter;
	std::size_t selected = 0;
	for (const Case* test : AllCases())
	{
		if (!Matches(*test, wanted))
			continue;
		filter += (filter.empty() ? "" : ",") + std::string(test->id) + " *";
		selected++;
	}
	if (selected == 0)
		throw echo::UsageError("no case is called so; --list shows the ids");
	doctest.setOption("test-case", filter.c_str());
	doctest.setOption("order-by", "file");
	doctest.setOption("no-intro", true);
	doctest.setOption("no-version", true);
	doctest.setOption("no-colors", true);
	doctest.setOption("reporters", junit.empty() ? "sum" : "junit");
	if (!junit.empty())
		doctest.setOption("out", junit.c_str());

	const std::size_t before = Results().size();
	const int code = doctest.run();
	const std::size_t ran = Results().size() - before;
	if (ran != selected)
	{
		std::fprintf(stderr, "%zu cases were chosen, but %zu ran\n", selected, ran);
		return 1;
	}
	const bool none = std::all_of(Results().begin() + static_cast<std::ptrdiff_t>(before), Results().end(),
		[](const Result& result) { return result.outcome.kind == Outcome::NotApplicable; });
	return code != 0 ? 1 : none ? kNotApplicable : 0;
}

int Main(int argc, char** argv)
{
	echo::Arguments arguments(argc, argv);
	if (arguments.AskForHelp())
	{
		std::fputs(kUsage, stdout);
		return 0;
	}

	Settings& settings = CurrentSettings();
	bool list = false;
	std::string model;
	std::string bin;
	std::string report;
	std::string junit;
	std::vector<std::string> wanted;
	while (arguments.Next())
	{
		const std::string& option = arguments.Option();
		if (option == "--list")
			list = true;
		else if (option == "--server")
			settings.server = arguments.Value();
		else if (option == "--connect")
			settings.connect = arguments.Value();
		else if (option == "--port")
			settings.port = static_cast<std::uint16_t>(arguments.Number(1, 65535));
		else if (option == "--model")
			model = arguments.Value();
		else if (option == "--case")
			wanted.push_back(arguments.Value());
		else if (option == "--seed")
			settings.seed = arguments.Number(0, 999999999);
		else if (option == "--soak")
			settings.soakSeconds = static_cast<int>(arguments.Number(1, 86400));
		else if (option == "--junit")
			junit = arguments.Value();
		else if (option == "--bin")
			bin = arguments.Value();
		else if (option == "--report")
			report = arguments.Value();
		else
			arguments.Unknown();
	}

	if (list)
	{
		for (const Case* test : AllCases())
			std::printf("%-7s%s\n       %s\n", test->id, test->title, test->rule);
		std::printf("%zu cases\n", AllCases().size());
		return 0;
	}

	if (!report.empty())
	{
		if (bin.empty())
			throw echo::UsageError("--report needs --bin");
		std::vector<Column> columns;
		int code = 0;
		for (const echo::Model& each : echo::Models())
		{
			const auto executable = echo::ModelExecutable(echo::WideArgument(bin), each);
			settings.server = executable.string();
			settings.name = each.name;
			settings.traits = TraitsOf(each);
			std::printf("\n%s\n", each.name);
			const std::size_t before = Results().size();
			code = std::max(code, RunSelected(wanted, ""));
			columns.push_back({each.name,
				{Results().begin() + static_cast<std::ptrdiff_t>(before), Results().end()}});
		}
		WriteReport(report, columns);
		return code;
	}

	if (settings.server.empty() == settings.connect.empty())
		throw echo::UsageError("one of --server and --connect is needed");
	if (!settings.connect.empty())
	{
		const std::size_t colon = settings.connect.rfind(':');
		const std::string port = colon == std::string::npos ? "" : settings.connect.substr(colon + 1);
		const bool number = !port.empty() && port.size() <= 5 &&
			port.find_first_not_of("0123456789") == std::string::npos;
		if (!number || std::stoul(port) > 65535 || !echo::IsAddress(settings.connect.substr(0, colon)))
			throw echo::UsageError("--connect: expected HOST:PORT, got '" + settings.connect + "'");
		if (settings.port != 0)
			throw echo::UsageError("--port goes with --server");
	}

	settings.name = settings.connect.empty()
		? std::filesystem::path(settings.server).stem().string()
		: settings.connect;
	const echo::Model* known = echo::FindModel(model.empty() ? settings.name : model);
	if (!model.empty() && known == nullptr)
		throw echo::UsageError("--model: there is no '" + model + "'");
	if (known != nullptr)
	{
		settings.traits = TraitsOf(*known);
		settings.traits.ours = settings.port == 0 && settings.connect.empty();
	}
	else
	{
		settings.traits = FindOut();
		Describe(settings);
	}
	return RunSelected(wanted, junit);
}
} // namespace
} // namespace conformance

int main(int argc, char** argv)
{
	try
	{
		echo::Winsock winsock;
		return conformance::Main(argc, argv);
	}
	catch (const echo::UsageError& error)
	{
		std::fprintf(stderr, "conformance: %s (--help tells more)\n", error.what());
		return 2;
	}
	catch (const conformance::Failure& failure)
	{
		std::fprintf(stderr, "conformance: expected %s, got %s\n", failure.expected.c_str(),
			failure.actual.c_str());
		return 1;
	}
	catch (const std::exception& error)
	{
		std::fprintf(stderr, "conformance: %s\n", error.what());
		return 1;
	}
}

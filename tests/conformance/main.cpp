// The conformance suite as a program: see kUsage below.
#define DOCTEST_CONFIG_IMPLEMENT
#include "harness.h"

#include "command_line.h"
#include "files.h"
#include "report.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

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
	"  --junit FILE   the results in JUnit's form, too\n"
	"  --must-fail    for a server with a known fault: every case chosen has to fail\n"
	"\n"
	"Exit code 0: every case held or showed a registered difference; 1: one failed, or none ran;\n"
	"2: a bad argument; 77: the cases chosen do not apply here. With --must-fail, 0: every case\n"
	"failed; 1: one did not, and is named.\n";

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
		out_ << "test cases: " << stats.numTestCasesPassingFilters
			 << ", failed: " << stats.numTestCasesFailed << "\n";
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

// `name` is an id or a group.
bool Matches(const Case& test, const std::string& name)
{
	const std::string id = test.id;
	return id == name || id.compare(0, name.size() + 1, name + ".") == 0;
}

// What a server that nobody described can do.
struct Found
{
	Traits traits;
	std::string text;
	bool serves = true; // sends data back, and goes on after a client has left
};

bool Opens(const Context& context, Connection& connection)
{
	const Deadline deadline = Deadline::After(milliseconds(2000));
	return connection.Connect(context.Host(), context.Port(), deadline) == 0;
}

bool Answers(Connection& connection, std::string_view data, milliseconds patience)
{
	return connection.SendAll(data, Deadline::After(patience)).error == 0 &&
		connection.Receive(data.size(), Deadline::After(patience)).data == data;
}

// How many clients get an echo, `open` of them already there: 0 if all that are tried do.
unsigned Capacity(const Context& context, unsigned open, unsigned tried)
{
	std::vector<Connection> clients;
	for (unsigned served = open; served < tried; served++)
	{
		Connection client;
		if (!Opens(context, client) || !Answers(client, "n", milliseconds(1000)))
			return served;
		clients.push_back(std::move(client));
	}
	return 0;
}

// Finds it out with a few connections; to count the clients it takes many.
Found FindOut(bool count)
{
	constexpr unsigned kTried = 500; // as many as the largest case has
	Context context(CurrentSettings());
	Found found;
	found.text = "several clients at once";
	{
		Connection first;
		if (!Opens(context, first) || !Answers(first, "1", milliseconds(2000)))
		{
			found.serves = false;
			found.text = "does not send one byte back";
			if (context.HasProcess() && !context.Process().Running())
				found.text += ", and has ended when the suite's first connection was gone";
			return found;
		}
		Connection second;
		const bool open = Opens(context, second);
		if (!open || !Answers(second, "2", milliseconds(1000)))
		{
			// One after the other only if the second is served once the first has left.
			first.Close();
			const Deadline deadline = Deadline::After(milliseconds(5000));
			found.traits.iterative = !open || second.Receive(1, deadline).data == "2";
			found.text = found.traits.iterative ? "one client at a time (D1)"
												: "the second of two clients gets no answer";
		}
		else if (count)
		{
			found.traits.capacity = Capacity(context, 2, kTried);
			found.text += found.traits.capacity == 0
				? ", " + std::to_string(kTried) + " tried and all served"
				: ", at most " + std::to_string(found.traits.capacity) + " (D2)";
		}
	}
	Connection last;
	if (!Opens(context, last) || !Answers(last, "3", milliseconds(5000)))
	{
		found.serves = false;
		const Deadline moment =
			Deadline::After(milliseconds(1000)); // its port closes before it ends
		found.text = context.HasProcess() && context.Process().WaitExit(moment)
			? "ends when a client leaves"
			: "serves nobody after the first clients have left";
	}
	// A sentence that explains the failures of nearly all cases.
	const Deadline deadline = Deadline::After(milliseconds(5000));
	if (found.serves &&
		(last.SendAll("4", deadline).error != 0 || last.HalfClose() != 0 ||
			last.Receive(1, deadline).data != "4"))
		found.text += "; after a half-close it does not send back what came before";
	return found;
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

std::vector<const Case*> Select(const std::vector<std::string>& wanted)
{
	std::vector<const Case*> selected;
	for (const Case* test : AllCases())
	{
		if (wanted.empty() ||
			std::any_of(wanted.begin(), wanted.end(),
				[&](const std::string& name) { return Matches(*test, name); }))
			selected.push_back(test);
	}
	return selected;
}

// Runs the cases. Their results are the last of Results().
int Run(const std::vector<const Case*>& selected, bool mustFail)
{
	std::string filter;
	for (const Case* test : selected)
		filter += (filter.empty() ? "" : ",") + std::string(test->id) + " *";
	doctest::Context doctest;
	doctest.setOption("test-case", filter.c_str());
	doctest.setOption("order-by", "file");
	doctest.setOption("no-intro", true);
	doctest.setOption("no-version", true);
	doctest.setOption("no-colors", true);
	doctest.setOption("reporters", "sum");

	const std::size_t before = Results().size();
	const int code = doctest.run();
	const std::size_t ran = Results().size() - before;
	if (ran != selected.size())
	{
		std::fprintf(stderr, "%zu cases were chosen, but %zu ran\n", selected.size(), ran);
		return 1;
	}

	bool applies = false;
	bool allFailed = true;
	for (std::size_t i = before; i < Results().size(); i++)
	{
		const Result& result = Results()[i];
		applies = applies || result.outcome.kind != Outcome::NotApplicable;
		if (result.outcome.kind == Outcome::Failed)
			continue;
		allFailed = false;
		if (mustFail)
			std::fprintf(stderr, "%s had to fail, and did not\n", result.test->id);
	}
	if (mustFail)
		return allFailed ? 0 : 1;
	return code != 0 ? 1 : applies ? 0 : kNotApplicable;
}

// What the differences that were seen are.
void Explain()
{
	for (const Difference& each : Differences())
	{
		if (std::any_of(Results().begin(), Results().end(), [&](const Result& result) {
				return result.outcome.kind == Outcome::Difference &&
					result.outcome.text.find(each.id) != std::string::npos;
			}))
			std::printf("%s: %s (%s)\n", each.id, each.what, each.why);
	}
}

// The five models, and the matrix of their results.
int RunModels(const std::filesystem::path& bin, const std::string& report,
	const std::vector<const Case*>& selected)
{
	for (const echo::Model& model : echo::Models())
	{
		if (!std::filesystem::is_regular_file(echo::ModelExecutable(bin, model)))
			throw echo::UsageError("--bin: there is no " + std::string(model.name) + ".exe in '" +
				bin.u8string() + "'");
	}

	Settings& settings = CurrentSettings();
	std::vector<Column> columns;
	bool failed = false;
	bool applies = false;
	for (const echo::Model& model : echo::Models())
	{
		settings.server = echo::ModelExecutable(bin, model);
		settings.name = model.name;
		settings.traits = TraitsOf(model);
		std::printf("\n%s\n", model.name);
		std::fflush(stdout);
		const std::size_t before = Results().size();
		const int code = Run(selected, false);
		failed = failed || code == 1;
		applies = applies || code != kNotApplicable;
		columns.push_back({ model.name,
			{ Results().begin() + static_cast<std::ptrdiff_t>(before), Results().end() } });
	}
	WriteReport(report, columns);
	return failed ? 1 : applies ? 0 : kNotApplicable;
}

// "HOST:PORT" makes sense.
void CheckAddress(const std::string& text)
{
	const std::size_t colon = text.rfind(':');
	const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
	const bool digits = !port.empty() && port.size() <= 5 &&
		port.find_first_not_of("0123456789") == std::string::npos;
	const unsigned long number = digits ? std::stoul(port) : 0;
	if (number < 1 || number > 65535 || !echo::IsAddress(text.substr(0, colon)))
		throw echo::UsageError(
			"--connect: expected HOST:PORT, HOST an IPv4 address or localhost, got '" + text + "'");
}

// One server, known or not.
int RunOne(const std::string& model, std::vector<const Case*> selected, bool all, bool mustFail)
{
	Settings& settings = CurrentSettings();
	if (settings.connect.empty())
	{
		if (!std::filesystem::is_regular_file(settings.server))
			throw echo::UsageError(
				"--server: there is no program '" + settings.server.u8string() + "'");
		settings.name = settings.server.stem().u8string();
	}
	else
	{
		CheckAddress(settings.connect);
		if (settings.port != 0)
			throw echo::UsageError("--port goes with --server");
		settings.name = settings.connect;
	}
	// Once: from then on what listens there is the server that the suite has started.
	Connection other;
	if (settings.port != 0 &&
		other.Connect("127.0.0.1", settings.port, Deadline::After(milliseconds(500))) == 0)
		throw echo::UsageError(
			"--port: another program listens on port " + std::to_string(settings.port));

	const echo::Model* known = echo::FindModel(model.empty() ? settings.name : model);
	if (known != nullptr)
	{
		settings.traits = TraitsOf(*known);
		settings.traits.ours = settings.port == 0 && settings.connect.empty();
	}
	else
	{
		if (!model.empty())
			throw echo::UsageError("--model: there is no '" + model + "'");
		const bool count = std::any_of(selected.begin(), selected.end(),
			[](const Case* test) { return Matches(*test, "C8"); });
		const Found found = FindOut(count);
		settings.traits = found.traits;
		std::printf("%s: %s\n", settings.name.c_str(), found.text.c_str());
		if (!found.serves && all)
		{
			// Nearly every other case would fail too, and most of them only after long waits.
			std::printf("Only group C1 is run: the rest makes no sense before it holds.\n");
			selected = Select({ "C1" });
		}
		std::fflush(stdout);
	}
	const int code = Run(selected, mustFail);
	Explain();
	return code;
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
	bool mustFail = false;
	std::string server;
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
		else if (option == "--must-fail")
			mustFail = true;
		else if (option == "--server")
			server = arguments.Value();
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

	for (const std::string& name : wanted)
	{
		if (Select({ name }).empty())
			throw echo::UsageError("--case: no case is called '" + name + "'; --list shows them");
	}
	const bool models = !bin.empty() || !report.empty();
	if (int(!server.empty()) + int(!settings.connect.empty()) + int(models) != 1)
		throw echo::UsageError("one of --server, --connect and --bin with --report is needed");
	if (models && (bin.empty() || report.empty()))
		throw echo::UsageError("--bin and --report go together");
	if (models && (settings.port != 0 || !model.empty() || mustFail))
		throw echo::UsageError("--port, --model and --must-fail are for one server");
	// Before the cases, for it would be a pity afterwards.
	for (const std::string& file : { report, junit })
	{
		if (!file.empty())
			echo::OutputFile{ file };
	}

	settings.server = echo::WideArgument(server);
	const int code = models ? RunModels(echo::WideArgument(bin), report, Select(wanted))
							: RunOne(model, Select(wanted), wanted.empty(), mustFail);
	if (!junit.empty())
		WriteJunit(junit, Results());
	return code;
}
} // namespace
} // namespace conformance

int main(int argc, char** argv)
{
	// The catalogue is hundreds of lines; what shows progress is flushed.
	std::setvbuf(stdout, nullptr, _IOFBF, 65536);
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

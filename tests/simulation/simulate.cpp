// Runs the servers in the simulated world: many seeds, or one with its trace.
#include "diagram.h"
#include "world.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace
{
using namespace sim;

const char kUsage[] =
	"simulate [option...]   runs the five servers in a simulated world\n"
	"  --model NAME           01_blocking ... 05_eventselect (default: each of them)\n"
	"  --dialect NAME         windows or wine (default: both)\n"
	"  --seeds N              so many seeds, from the first on (default 1000)\n"
	"  --seed N               this seed only; without --seeds, the first seed of --seeds with it\n"
	"  --trace                print what happens, one line for each call and each act of a peer\n"
	"  --brief                look for no shorter trace of a failure, and print none\n"
	"  --fault NAME=PERCENT   the rate of a fault, in place of the seeds' own; 0 to 100\n"
	"  --every                in place of seeds every run of small worlds: one client with two\n"
	"                         exceptions (a fault, or an act of the client amid the server's "
	"turn),\n"
	"                         two with one, and two with more data and none\n"
	"  --cost                 print the calls for each echoed message, as CSV\n"
	"  --diagram MODEL        print what it calls while two clients send, one of which does not "
	"read,\n"
	"                         as a sequence diagram of Mermaid; with --korean, in Korean\n"
	"  --help                 print this, and the names of the faults\n"
	"A failure prints the seed, the rule and the shortest trace found. The same arguments give "
	"the\n"
	"same run on any machine. Exit code: 0 all well, 1 a rule is broken, 2 bad arguments.\n";

struct UsageError : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

struct Options
{
	std::vector<const Model*> models;
	std::vector<Dialect> dialects;
	std::uint64_t first = 1;
	std::uint64_t count = 1000;
	bool seedGiven = false;
	bool seedsGiven = false;
	bool trace = false;
	bool brief = false;
	bool every = false;
	bool cost = false;
	bool diagram = false;
	bool korean = false;
	bool help = false;
	int rates[kFaults];
};

std::uint64_t Number(const std::string& option, const std::string& text, std::uint64_t least,
	std::uint64_t most)
{
	const bool digits = !text.empty() && text.size() < 19 &&
		text.find_first_not_of("0123456789") == std::string::npos;
	const std::uint64_t number = digits ? std::strtoull(text.c_str(), nullptr, 10) : 0;
	if (!digits || number < least || number > most)
		throw UsageError(option + ": expected a number from " + std::to_string(least) + " to " +
			std::to_string(most) + ", got '" + text + "'");
	return number;
}

void SetRate(Options& options, const std::string& text)
{
	const std::size_t equals = text.find('=');
	for (int i = 0; i < kFaults && equals != std::string::npos; i++)
	{
		if (text.compare(0, equals, kFaultNames[i]) != 0)
			continue;
		options.rates[i] = static_cast<int>(Number("--fault", text.substr(equals + 1), 0, 100));
		return;
	}
	throw UsageError("--fault: expected NAME=PERCENT, got '" + text + "'");
}

Options Parse(int argc, char** argv)
{
	Options options;
	for (int& rate : options.rates)
		rate = -1;
	for (int i = 1; i < argc; i++)
	{
		const std::string option = argv[i];
		const auto value = [&]() -> std::string {
			if (++i == argc)
				throw UsageError(option + " needs a value");
			return argv[i];
		};
		if (option == "--help")
			options.help = true;
		else if (option == "--trace")
			options.trace = true;
		else if (option == "--brief")
			options.brief = true;
		else if (option == "--every")
			options.every = true;
		else if (option == "--cost")
			options.cost = true;
		else if (option == "--korean")
			options.korean = true;
		else if (option == "--model" || option == "--diagram")
		{
			options.diagram |= option == "--diagram";
			const std::string name = value();
			for (const Model& model : kModels)
			{
				if (name == model.name)
					options.models.push_back(&model);
			}
			if (options.models.empty())
				throw UsageError("unknown model '" + name + "'");
		}
		else if (option == "--dialect")
		{
			const std::string name = value();
			if (name != "windows" && name != "wine")
				throw UsageError("unknown dialect '" + name + "'");
			options.dialects.push_back(name == "wine" ? Dialect::Wine : Dialect::Windows);
		}
		else if (option == "--seed")
		{
			options.first = Number(option, value(), 0, 999999999999999999);
			options.seedGiven = true;
		}
		else if (option == "--seeds")
		{
			options.count = Number(option, value(), 1, 1000000000000);
			options.seedsGiven = true;
		}
		else if (option == "--fault")
			SetRate(options, value());
		else
			throw UsageError("unknown option '" + option + "'");
	}
	if (options.seedGiven && !options.seedsGiven)
		options.count = 1;
	if (options.korean && !options.diagram)
		throw UsageError("--korean goes with --diagram");
	if (options.models.empty())
	{
		for (const Model& model : kModels)
			options.models.push_back(&model);
	}
	if (options.dialects.empty())
		options.dialects = { Dialect::Windows, Dialect::Wine };
	return options;
}

const char* Name(Dialect dialect)
{
	return dialect == Dialect::Wine ? "wine" : "windows";
}

// For the one who looks at a crash: what was running.
const char* runningModel = "";
const char* runningDialect = "";
unsigned long long runningSeed = 0;

void Crashed(int)
{
	std::printf(
		"FAILED %s %s: seed %llu breaks the rule \"crash\": a server does not crash (E04-5 E04-9)\n"
		"The trace up to it: --model %s --dialect %s --seed %llu --trace\n",
		runningModel, runningDialect, runningSeed, runningModel, runningDialect, runningSeed);
	std::fflush(stdout);
	std::_Exit(1);
}

void PrintBroken(const Model& model, Dialect dialect, const std::string& run,
	const Outcome& outcome)
{
	const RuleText& rule = Text(outcome.rule);
	std::printf("FAILED %s %s: %s breaks the rule \"%s\": %s\n  %s\n  may be: %s\n", model.name,
		Name(dialect), run.c_str(), rule.name, rule.sentence, outcome.what.c_str(), rule.errata);
}

void Report(const Model& model, Dialect dialect, std::uint64_t seed, const Scenario& scenario,
	const Outcome& outcome, bool brief)
{
	PrintBroken(model, dialect, "seed " + std::to_string(seed), outcome);
	if (!brief)
	{
		const Outcome shortest = Run(model, Shorten(model, scenario), TraceMode::Kept);
		std::printf("The shortest trace found:\n");
		for (const std::string& line : shortest.trace)
			std::printf("%s\n", line.c_str());
	}
	std::printf("The whole run: --model %s --dialect %s --seed %llu --trace\n", model.name,
		Name(dialect), static_cast<unsigned long long>(seed));
	std::fflush(stdout);
}

// True: no seed breaks a rule. Stops at the first that does.
bool RunSeeds(const Options& options, const Model& model, Dialect dialect)
{
	const auto start = std::chrono::steady_clock::now();
	runningModel = model.name;
	runningDialect = Name(dialect);
	for (std::uint64_t i = 0; i < options.count; i++)
	{
		const std::uint64_t seed = options.first + i;
		runningSeed = seed;
		const Scenario scenario = Draw(seed, dialect, options.rates);
		if (options.trace)
			std::printf("%s %s seed %llu\n", model.name, Name(dialect),
				static_cast<unsigned long long>(seed));
		const Outcome outcome =
			Run(model, scenario, options.trace ? TraceMode::Printed : TraceMode::Off);
		if (!outcome.failed)
			continue;
		Report(model, dialect, seed, scenario, outcome, options.brief);
		return false;
	}
	const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
	std::printf("%s/simulation/%s %llu seeds, %.1f s\n", model.name, Name(dialect),
		static_cast<unsigned long long>(options.count), took.count());
	std::fflush(stdout);
	return true;
}

// Every run of the small worlds. True: none breaks a rule. Stops at the first that does.
bool RunEvery(const Options& options, const Model& model, Dialect dialect)
{
	const auto start = std::chrono::steady_clock::now();
	std::uint64_t count = 0;
	for (const Scenario& scenario : SmallWorlds(dialect))
	{
		Path path;
		do
		{
			const Path run = path;
			runningSeed = ++count;
			const Outcome outcome =
				Run(model, scenario, options.trace ? TraceMode::Printed : TraceMode::Off, &path);
			if (!outcome.failed)
				continue;
			PrintBroken(model, dialect, "run " + std::to_string(count), outcome);
			Path again = run;
			Run(model, scenario, TraceMode::Printed, &again);
			return false;
		} while (path.Advance());
	}
	const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
	std::printf("%s/every/%s %llu runs, %.1f s\n", model.name, Name(dialect),
		static_cast<unsigned long long>(count), took.count());
	std::fflush(stdout);
	return true;
}

// What one more message of each client costs: the difference of two runs, so that neither start nor
// end counts. 02 spins: it makes the recv() that finds nothing not once, but as often as it can.
void PrintCost(const Options& options)
{
	constexpr int kFew = 10;
	constexpr int kMany = 110;
	std::printf("model,clients,call,calls_per_echo\n");
	for (const Model* model : options.models)
	{
		for (int clients : { 1, 16, 60 })
		{
			const Outcome few = Run(*model, Orderly(clients, kFew));
			const Outcome many = Run(*model, Orderly(clients, kMany));
			const double messages = static_cast<double>(clients) * (kMany - kFew);
			double sum = 0;
			const auto print = [&](const char* call, double calls) {
				std::printf("%s,%d,%s,%.3f\n", model->name, clients, call, calls);
			};
			for (int i = 0; i < kCalls; i++)
			{
				const double calls = static_cast<double>(many.calls[i] - few.calls[i]) / messages;
				sum += calls;
				if (calls > 0)
					print(kCallNames[i], calls);
			}
			print("total", sum);
		}
	}
}

int Simulate(const Options& options)
{
	bool well = true;
	for (const Model* model : options.models)
	{
		for (Dialect dialect : options.dialects)
			well &= options.every ? RunEvery(options, *model, dialect)
								  : RunSeeds(options, *model, dialect);
	}
	return well ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	try
	{
		const Options options = Parse(argc, argv);
		if (options.help)
		{
			std::printf("%sFaults:\n", kUsage);
			for (const char* name : kFaultNames)
				std::printf("  %s\n", name);
			return 0;
		}
		if (options.diagram)
		{
			std::printf("%s", Diagram(*options.models[0], options.korean).c_str());
			return 0;
		}
		if (options.cost)
		{
			PrintCost(options);
			return 0;
		}
		std::signal(SIGSEGV, Crashed);
		return Simulate(options);
	}
	catch (const UsageError& error)
	{
		std::fprintf(stderr, "simulate: %s; see --help\n", error.what());
		return 2;
	}
}

// Runs the servers in the simulated world: many seeds, or one with its trace.
#include "diagram.h"
#include "echo/options.h"
#include "world.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace
{
using namespace sim;

const char kUsage[] = "simulate [option...]   runs the five servers in a simulated world\n";

const char kNotes[] =
	"A failure prints the seed, the rule and the shortest trace found. The same arguments give "
	"the\n"
	"same run on any machine. Exit code: 0 all well, 1 a rule is broken, 2 bad arguments.\n";

struct Options
{
	std::vector<const Model*> models;
	std::vector<Dialect> dialects;
	std::uint64_t first = 1;
	std::uint64_t count = 0; // of seeds; 0: not given
	bool one = false;        // a seed is given
	TraceMode trace = TraceMode::Off;
	bool brief = false;
	bool every = false;
	bool cost = false;
	bool diagram = false;
	bool korean = false;
};

std::vector<echo::Option> Table(Options& options)
{
	const echo::Setter model = [&options](const std::string& name) {
		const auto found = std::ranges::find(kModels, name, &Model::name);
		if (found == std::end(kModels))
			throw echo::UsageError("unknown model '" + name + "'");
		options.models.push_back(&*found);
	};
	const echo::Setter dialect = [&options](const std::string& name) {
		if (name != "windows" && name != "wine")
			throw echo::UsageError("unknown dialect '" + name + "'");
		options.dialects.push_back(name == "wine" ? Dialect::Wine : Dialect::Windows);
	};
	return {
		{ "--model", "NAME", "01_blocking ... 05_eventselect (default: each of them)", model },
		{ "--dialect", "NAME", "windows or wine (default: both)", dialect },
		{ "--seeds", "N", "run N seeds (default 1000)",
			echo::Number(options.count, 1, 1000000000000) },
		{ "--seed", "N", "this seed only; with --seeds, the first of them",
			[&options](const std::string& value) {
				echo::Number(options.first, 0, 999999999999999999)(value);
				options.one = true;
			} },
		{ "--trace", "", "print what happens, one line for each call and each act of a peer",
			[&options](const std::string&) { options.trace = TraceMode::Printed; } },
		{ "--brief", "", "look for no shorter trace of a failure, and print none",
			echo::Flag(options.brief) },
		{ "--every", "",
			"in place of seeds every run of small worlds: one client with two exceptions\n"
			"(a fault, or an act of the client amid the server's turn), two with one,\n"
			"and two with more data and none",
			echo::Flag(options.every) },
		{ "--cost", "", "print the calls for each echoed message, as CSV",
			echo::Flag(options.cost) },
		{ "--diagram", "MODEL",
			"print what it calls while two clients send, one of which does not read,\n"
			"as a sequence diagram of Mermaid",
			[&options, model](const std::string& name) {
				model(name);
				options.diagram = true;
			} },
		{ "--korean", "", "with --diagram: in Korean", echo::Flag(options.korean) },
	};
}

// What follows from the options together.
void Complete(Options& options)
{
	if (options.count == 0)
		options.count = options.one ? 1 : 1000;
	if (options.korean && !options.diagram)
		throw echo::UsageError("--korean goes with --diagram");
	if (options.models.empty())
	{
		for (const Model& model : kModels)
			options.models.push_back(&model);
	}
	if (options.dialects.empty())
		options.dialects = { Dialect::Windows, Dialect::Wine };
}

// What is running: a seed, or of every run its number.
struct Running
{
	const char* model = "";
	const char* dialect = "";
	unsigned long long number = 0;
};
Running running;

// The errata of this model that break this rule, from tests/errata/errata.cmake: " E03-1 E03-4".
std::string ErrataOf(std::string_view rule)
{
	struct Hint
	{
		std::string_view rule, platform, model, id;
	};
	static constexpr Hint hints[] = {
#include "hint_rules.inc"
	};
	std::string errata;
	for (const Hint& hint : hints)
	{
		const std::string id = " " + std::string(hint.id);
		if (hint.rule == rule && hint.platform == running.dialect && hint.model == running.model &&
			!errata.ends_with(id))
			errata += id;
	}
	return errata.empty() ? " no known erratum" : errata;
}

// For the one who looks at a crash.
void Crashed(int)
{
	std::printf("FAILED %s %s: seed %llu breaks the rule \"crash\": a server does not crash\n"
				"  may be:%s\n"
				"The trace up to it: --model %s --dialect %s --seed %llu --trace\n",
		running.model, running.dialect, running.number, ErrataOf("crash").c_str(), running.model,
		running.dialect, running.number);
	std::fflush(stdout);
	std::_Exit(1);
}

void PrintBroken(const char* what, const Outcome& outcome)
{
	const Rule& rule = *outcome.rule;
	std::printf("FAILED %s %s: %s %llu breaks the rule \"%s\": %s\n  %s\n  may be:%s\n",
		running.model, running.dialect, what, running.number, rule.name, rule.sentence,
		outcome.what.c_str(), ErrataOf(rule.name).c_str());
}

// True: no seed breaks a rule. Stops at the first that does.
bool RunSeeds(const Options& options, const Model& model, Dialect dialect)
{
	for (std::uint64_t i = 0; i < options.count; i++)
	{
		running.number = options.first + i;
		const Scenario scenario = Draw(running.number, dialect);
		if (options.trace == TraceMode::Printed)
			std::printf("%s %s seed %llu\n", running.model, running.dialect, running.number);
		const Outcome outcome = Run(model, scenario, options.trace);
		if (outcome.rule == nullptr)
			continue;
		PrintBroken("seed", outcome);
		if (!options.brief)
		{
			std::printf("The shortest trace found:\n");
			Run(model, Shorten(model, scenario), TraceMode::Printed);
		}
		std::printf("The whole run: --model %s --dialect %s --seed %llu --trace\n", running.model,
			running.dialect, running.number);
		return false;
	}
	return true;
}

// Every run of the small worlds. True: none breaks a rule. Stops at the first that does.
bool RunEvery(const Options& options, const Model& model, Dialect dialect)
{
	for (const Scenario& scenario : SmallWorlds(dialect))
	{
		Path path;
		do
		{
			Path again = path;
			running.number++;
			const Outcome outcome = Run(model, scenario, options.trace, &path);
			if (outcome.rule == nullptr)
				continue;
			PrintBroken("run", outcome);
			Run(model, scenario, TraceMode::Printed, &again);
			return false;
		} while (path.Advance());
	}
	return true;
}

// What one more message of each client costs: the difference of two runs, so that neither start nor
// end counts. 02 spins: it makes the recv() that finds nothing not once, but as often as it can.
void PrintCost(const Options& options)
{
	constexpr unsigned kFew = 10;
	constexpr unsigned kMany = 110;
	std::printf("model,clients,call,calls_per_echo\n");
	for (const Model* model : options.models)
	{
		for (unsigned clients : { 1U, 16U, 60U })
		{
			const Outcome few = Run(*model, Orderly(clients, kFew));
			const Outcome many = Run(*model, Orderly(clients, kMany));
			const double messages = static_cast<double>(clients) * (kMany - kFew);
			double sum = 0;
			const auto print = [&](const char* call, double calls) {
				std::printf("%s,%u,%s,%.3f\n", model->name, clients, call, calls);
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

int Simulate(Options& options)
{
	Complete(options);
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
	bool well = true;
	for (const Model* model : options.models)
	{
		for (Dialect dialect : options.dialects)
		{
			running = { model->name, dialect == Dialect::Wine ? "wine" : "windows" };
			if (options.every ? !RunEvery(options, *model, dialect)
							  : !RunSeeds(options, *model, dialect))
				well = false;
			else if (options.every)
				std::printf("%s/every/%s %llu runs\n", running.model, running.dialect,
					running.number);
			else
				std::printf("%s/simulation/%s %llu seeds from %llu on\n", running.model,
					running.dialect, static_cast<unsigned long long>(options.count),
					static_cast<unsigned long long>(options.first));
			std::fflush(stdout);
		}
	}
	return well ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	Options options;
	return echo::RunProgram({ "simulate", kUsage, Table(options), kNotes }, argc, argv,
		[&options] { return Simulate(options); });
}

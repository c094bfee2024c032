// Runs the servers in the simulated world: many seeds, or one with its trace.
#include "echo/options.h"
#include "world.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace
{
using namespace sim;
using std::chrono::steady_clock;

struct Options
{
	std::vector<const Model*> models;
	std::vector<Platform> platforms;
	std::uint64_t first = 1;
	std::uint64_t count = 0; // 0: not given
	bool trace = false;
	bool brief = false;
	bool every = false;
	bool cost = false;

	TraceMode tracing() const
	{
		return trace ? TraceMode::Printed : TraceMode::Off;
	}
};

echo::Program Simulate(Options& options)
{
	const auto model = [&options](const std::string& name) {
		const auto found = std::ranges::find(kModels, name, &Model::name);
		if (found == std::end(kModels))
			throw echo::UsageError("unknown model '" + name + "'");
		options.models.push_back(found);
	};
	const auto platform = [&options](const std::string& name) {
		if (name != "windows" && name != "wine")
			throw echo::UsageError("unknown platform '" + name + "'");
		options.platforms.push_back(name == "wine" ? Platform::Wine : Platform::Windows);
	};
	const auto seed = [&options](const std::string& value) {
		echo::Number(options.first, 0, 999999999999999999)(value);
		if (options.count == 0)
			options.count = 1;
	};
	return { "simulate", "simulate [option...]   runs the five servers in a simulated Winsock\n",
		{
			{ "--model", "NAME", "01_blocking ... 05_eventselect (default: each of them)", model },
			{ "--platform", "NAME", "windows or wine (default: both)", platform },
			{ "--seeds", "N", "run N seeds (default 2000)",
				echo::Number(options.count, 1, 1000000000000) },
			{ "--seed", "N", "this seed only; with --seeds, the first one", seed },
			{ "--trace", "", "print what happens: a line for each call and each client action",
				echo::Flag(options.trace) },
			{ "--brief", "", "look for no shorter trace of a failure, and print none",
				echo::Flag(options.brief) },
			{ "--every", "",
				"instead of seeds, every possible run of three small scenarios: one\n"
				"client with up to two disturbances (a call fails, or the client acts in\n"
				"the middle of the server's turn), two clients with up to one, and two\n"
				"clients with more data and none",
				echo::Flag(options.every) },
			{ "--cost", "", "print the calls for each echoed message, as CSV",
				echo::Flag(options.cost) },
		},
		"A failure prints the seed, the rule and the shortest trace found. The same arguments\n"
		"give the same run on any machine.\n"
		"Exit code: 0 all well, 1 a rule is broken, 2 bad arguments.\n" };
}

// What is running: a seed, or of every run its number.
struct Running
{
	const char* model = "";
	const char* platform = "";
	const char* kind = "seed";
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
		if (hint.rule == rule && hint.platform == running.platform && hint.model == running.model &&
			!errata.ends_with(id))
			errata += id;
	}
	return errata.empty() ? " no known erratum of this server" : errata;
}

void PrintBroken(const Rule& rule, const std::string& what)
{
	std::printf("FAILED %s %s: %s %llu breaks the rule \"%s\": %s\n  %s\n  may be:%s\n",
		running.model, running.platform, running.kind, running.number, rule.name, what.c_str(),
		rule.sentence, ErrataOf(rule.name).c_str());
}

void PrintRepeat()
{
	std::printf("The whole run: --model %s --platform %s --seed %llu --trace\n", running.model,
		running.platform, running.number);
}

// The run cannot go on, but it can be looked at.
[[noreturn]] void Stuck(const Rule& rule, const char* what)
{
	PrintBroken(rule, what);
	PrintRepeat();
	std::fflush(stdout);
	std::_Exit(1);
}

void Crashed(int)
{
	Stuck({ "crash", "a server does not crash" }, "a signal ends it");
}

std::atomic<steady_clock::time_point> began = {}; // the run that is going on; {}: none

// A loop without a call nothing else can leave.
void Watch()
{
	constexpr std::chrono::seconds kLongest(20); // a run takes milliseconds
	for (;; std::this_thread::sleep_for(std::chrono::milliseconds(500)))
	{
		const steady_clock::time_point start = began;
		if (start != steady_clock::time_point() && steady_clock::now() - start > kLongest)
			Stuck(rule::Spin, "20 seconds without a call");
	}
}

Outcome RunWatched(const Model& model, const Scenario& scenario, TraceMode tracing,
	Path* path = nullptr)
{
	began = steady_clock::now();
	Outcome outcome = Run(model, scenario, tracing, path);
	began = steady_clock::time_point();
	return outcome;
}

// True: no seed breaks a rule. Stops at the first that does.
bool RunSeeds(const Options& options, const Model& model, Platform platform)
{
	for (std::uint64_t i = 0; i < options.count; i++)
	{
		running.number = options.first + i;
		const Scenario scenario = Draw(running.number, platform);
		if (options.trace)
			std::printf("%s %s seed %llu\n", running.model, running.platform, running.number);
		const Outcome outcome = RunWatched(model, scenario, options.tracing());
		if (outcome.rule == nullptr)
			continue;
		PrintBroken(*outcome.rule, outcome.what);
		const auto repeat = [&](std::uint64_t seed) {
			return RunWatched(model, Draw(seed, platform), TraceMode::Off);
		};
		const Outcome again = repeat(running.number);
		bool differs = again.rule != outcome.rule || again.what != outcome.what;
		for (std::uint64_t held = i - std::min<std::uint64_t>(i, 10); held < i; held++)
			differs |= repeat(options.first + held).rule != nullptr;
		if (differs)
			std::printf(
				"  Once more it is another run: the server keeps a variable of its own from "
				"run to run.\n  The same command repeats it; --seed alone may not.\n");
		if (!options.brief)
		{
			std::printf("The shortest trace found, of a smaller run that breaks the same rule:\n");
			Run(model, Shorten(model, scenario), TraceMode::Printed);
		}
		PrintRepeat();
		return false;
	}
	std::printf("%s/simulation/%s %llu seeds from %llu on\n", running.model, running.platform,
		static_cast<unsigned long long>(options.count),
		static_cast<unsigned long long>(options.first));
	return true;
}

// Every run of the small worlds. True: none breaks a rule. Stops at the first that does.
bool RunEvery(const Options& options, const Model& model, Platform platform)
{
	running.kind = "run";
	for (const Scenario& scenario : SmallWorlds(platform))
	{
		Path path;
		do
		{
			Path again = path;
			running.number++;
			const Outcome outcome = RunWatched(model, scenario, options.tracing(), &path);
			if (outcome.rule == nullptr)
				continue;
			PrintBroken(*outcome.rule, outcome.what);
			Run(model, scenario, TraceMode::Printed, &again);
			return false;
		} while (path.Advance());
	}
	std::printf("%s/every/%s %llu runs\n", running.model, running.platform, running.number);
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

int RunSimulation(Options& options)
{
	if (options.count == 0)
		options.count = 2000;
	if (options.models.empty())
		for (const Model& model : kModels)
			options.models.push_back(&model);
	if (options.platforms.empty())
		options.platforms = { Platform::Windows, Platform::Wine };
	if (options.cost)
	{
		PrintCost(options);
		return 0;
	}
	std::signal(SIGSEGV, Crashed);
	std::signal(SIGFPE, Crashed);
	std::thread(Watch).detach();
	bool well = true;
	for (const Model* model : options.models)
	{
		for (Platform platform : options.platforms)
		{
			running = { model->name, platform == Platform::Wine ? "wine" : "windows" };
			well &= (options.every ? RunEvery : RunSeeds)(options, *model, platform);
			std::fflush(stdout);
		}
	}
	return well ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
	Options options;
	return echo::RunProgram(Simulate(options), argc, argv, [&] { return RunSimulation(options); });
}

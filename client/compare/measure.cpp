#include "measure.h"

#include "echo/connection.h"
#include "echo/files.h"
#include "echo/multi_client.h"
#include "echo/progress.h"
#include "echo/server_process.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace echo
{
namespace
{
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMessageSize = 64;
constexpr double kMessagesLeast = 20; // so that connecting and leaving are a small part of a run

// A run of ping-pong, and the time per round trip in the warm-up, summed over the models.
struct Load
{
	unsigned clients;
	unsigned messages;
	Duration time{ 0 };
	unsigned models = 0;
};

Deadline Soon()
{
	return Deadline::After(milliseconds(10000));
}

// A server for one round.
struct MeasuredServer
{
	const Model& model;
	Figures& figures;
	ServerProcess server{ OwnFolder() / (std::string(model.name) + ".exe"), { "0" } };
	const std::uint16_t port = server.WaitListening(Soon());

	// With no client, and with one that is connected, has been served and says nothing.
	void Idle(milliseconds length)
	{
		Add(Metric::WorkingSet, 0, Mebibytes());
		Add(Metric::CpuIdle, 0, CpuShare(length));

		Connection client;
		if (client.Connect("127.0.0.1", port, Soon()) != 0 ||
			client.SendAll("x", Soon()).error != 0 || client.Receive(1, Soon()).data != "x")
			throw std::runtime_error("no echo of one byte");
		Add(Metric::CpuIdle, 1, CpuShare(length));
		client.HalfClose();
		client.ReceiveToEnd(Soon());
	}

	// The time per round trip.
	Duration RoundTrips(const Load& load)
	{
		ClientPlan plan;
		plan.source.patternSize = std::uint64_t(load.messages) * kMessageSize;
		plan.message = kMessageSize;
		RunOptions options;
		bool sampled = false;
		options.onTurn = [&](const Progress& progress) {
			if (load.clients != 60 || sampled || progress.echoed * 2 < progress.total)
				return;
			Add(Metric::WorkingSet, load.clients, Mebibytes()); // half-way, so all are connected
			sampled = true;
		};
		const auto cpuBefore = server.CpuTime();
		const RunResult run = RunClients("127.0.0.1", port, Copies(plan, load.clients), options);
		const Duration cpu = server.CpuTime() - cpuBefore;
		if (!run.AllServed())
			throw std::runtime_error(Errors(run, 3) + server.Stderr());

		const double trips = static_cast<double>(load.clients) * load.messages;
		Add(Metric::CpuPerTrips, load.clients, cpu.count() / trips * 1e6);
		Add(Metric::Rate, load.clients, trips / run.elapsed.count());
		Add(Metric::Latency, load.clients, Percentile(run.roundTrips, 0.5).count() * 1e3);
		Add(Metric::Latency99, load.clients, Percentile(run.roundTrips, 0.99).count() * 1e3);
		Add(Metric::Wait, load.clients, Percentile(run.waits, 0.5).count() * 1e3);
		return run.elapsed / trips;
	}

	// How many of the clients that stay get an echo: with an iterative server only the first; a
	// full server closes the rest.
	void ServedAtOnce()
	{
		std::vector<Connection> clients(kStayingClients);
		for (Connection& client : clients)
		{
			if (client.Connect("127.0.0.1", port, Soon()) == 0)
				client.SendAll("x", Soon());
		}
		milliseconds patience(1000); // a second in which nothing happens tells that nothing will
		unsigned served = 0;
		for (Connection& client : clients)
		{
			if (!client.IsOpen())
				continue;
			const auto got = client.Receive(1, Deadline::After(patience));
			served += got.data == "x" ? 1 : 0;
			if (got.data.empty() && got.end.kind == End::Open)
				patience = milliseconds(0);
		}
		Add(Metric::AtOnce, kStayingClients, served);
	}

	void Add(Metric metric, unsigned clients, double value)
	{
		figures.Add(model, metric, clients, value);
	}

	double Mebibytes() const
	{
		return static_cast<double>(server.MemoryUse().workingSet) / (1 << 20);
	}

	// In percent of one core.
	double CpuShare(milliseconds length)
	{
		const Clock::time_point start = Clock::now();
		const auto before = server.CpuTime();
		std::this_thread::sleep_for(length);
		const Duration cpu = server.CpuTime() - before;
		const Duration elapsed = Clock::now() - start;
		if (!server.Running())
			throw std::runtime_error("ended while idle; stderr: " + server.Stderr());
		return 100 * (cpu / elapsed);
	}
};

// Takes the calls per echo from what `simulate --cost` prints, lines such as
// "03_select,16,total,2.062". Returns a line that says why there are none; empty when there are.
std::string AddCalls(Figures& figures)
{
	try
	{
		ServerProcess simulate(OwnFolder() / "simulate.exe", { "--cost" });
		if (!simulate.WaitExit(Deadline::After(milliseconds(20000))))
			return "No calls per echo: simulate --cost did not end in time.\n";
		std::istringstream lines(simulate.Stdout());
		std::size_t count = 0;
		for (std::string line; std::getline(lines, line);)
		{
			char name[32] = "";
			unsigned clients = 0;
			double calls = 0;
			if (std::sscanf(line.c_str(), "%31[^,],%u,total,%lf", name, &clients, &calls) != 3 ||
				FindModel(name) == nullptr)
				continue;
			figures.Add(*FindModel(name), Metric::Calls, clients, calls);
			++count;
		}
		const bool all = count == kModels.size() * Info(Metric::Calls).clients.size();
		return all ? "" : "No calls per echo: simulate --cost printed no such table.\n";
	}
	catch (const std::runtime_error& error)
	{
		return std::string("No calls per echo: ") + error.what() + ".\n";
	}
}

// All rounds of all models.
struct Measuring
{
	milliseconds length;
	Measured measured{};
	std::array<Load, 3> loads = { { { 1, 150 }, { 16, 10 }, { 60, 5 } } }; // of the warm-up
	std::set<const Model*> failed{};
	std::string title = "warm-up";
	StatusLine line{};

	// Fixes how many messages a run has, from the mean time that a round trip takes. Counts only
	// the clients served at once.
	void WarmUp()
	{
		Figures discarded;
		ForEachModel([&](const Model& model) {
			MeasuredServer{ model, measured.figures }.ServedAtOnce();
			MeasuredServer server{ model, discarded };
			for (Load& load : loads)
			{
				load.time += server.RoundTrips(load);
				load.models++;
			}
		});
		for (Load& load : loads)
		{
			const double trips = length / load.time * std::max(load.models, 1u);
			load.messages =
				static_cast<unsigned>(std::clamp(trips / load.clients, kMessagesLeast, 1e6));
			measured.notes += (measured.notes.empty() ? "Messages of each client: " : ", ") +
				std::to_string(load.messages) + " (" + ClientCount(load.clients) + ")";
		}
		measured.notes += ".\n";
	}

	void Round()
	{
		ForEachModel([&](const Model& model) {
			MeasuredServer server{ model, measured.figures };
			server.Idle(length);
			for (const Load& load : loads)
				server.RoundTrips(load);
		});
	}

	template <typename Work>
	void ForEachModel(Work work)
	{
		for (const Model& model : kModels)
		{
			if (failed.contains(&model))
				continue;
			line.Show("measuring, " + title + ": " + model.name);
			try
			{
				work(model);
			}
			catch (const std::runtime_error& error)
			{
				failed.insert(&model);
				measured.errors += std::string(model.name) + ": " + error.what() + '\n';
			}
		}
	}
};

} // namespace

Measured Measure(unsigned rounds, milliseconds length)
{
	Measuring measuring{ length };
	measuring.WarmUp();
	for (unsigned round = 1; round <= rounds; ++round)
	{
		measuring.title = "round " + std::to_string(round) + " of " + std::to_string(rounds);
		measuring.Round();
	}
	measuring.measured.notes += AddCalls(measuring.measured.figures);
	return measuring.measured;
}

} // namespace echo

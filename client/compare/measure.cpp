#include "measure.h"

#include "connection.h"
#include "multi_client.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace echo
{
namespace
{
using Clock = std::chrono::steady_clock;

constexpr unsigned kRounds = 5;
constexpr unsigned kRoundsLeast = 3; // fewer have no median that an accident does not move
constexpr Duration kAtMost{ 60 };
constexpr std::size_t kMessageSize = 64;

// However slow it goes, there are so many messages for a run's intended length: of each client, so
// that connecting and leaving are a small part, and of all together, for the CPU clock is coarse.
constexpr milliseconds kPerMessage{ 20 };
constexpr milliseconds kPerMessageOfAll{ 1 };

// A run of ping-pong: so many clients, each with so many messages.
struct Load
{
	unsigned clients;
	unsigned messages;
};

// The loads of the warm-up: enough to tell how fast it goes.
constexpr std::array<Load, 3> kWarmUp = { { { 1, 150 }, { 16, 10 }, { 60, 5 } } };

Deadline Soon()
{
	return Deadline::After(milliseconds(10000));
}

double Milliseconds(Duration time)
{
	return time.count() * 1e3;
}

std::vector<ClientPlan> Plans(const Load& load)
{
	ClientPlan plan;
	plan.source.patternSize = std::uint64_t(load.messages) * kMessageSize;
	plan.mode = ClientPlan::PingPong;
	plan.messageSize = kMessageSize;
	return Copies(plan, load.clients);
}

// A server for one round.
class MeasuredServer
{
public:
	MeasuredServer(const Model& model, const std::filesystem::path& bin, Figures& figures)
		: model_(model), figures_(figures), server_(ModelExecutable(bin, model), { "0" }),
		  port_(server_.WaitListening(Soon()))
	{
	}

	// With no client, and with one that is connected, has been served and says nothing.
	void Idle(milliseconds length)
	{
		Add(Metric::WorkingSet, 0, Mebibytes());
		Add(Metric::CpuIdle, 0, CpuShare(length));

		Connection client;
		const int error = client.Connect("127.0.0.1", port_, Soon());
		if (error != 0)
			throw std::runtime_error("connect: " + ErrorName(error));
		const auto sent = client.SendAll("x", Soon());
		const auto echo = client.Receive(sent.bytes, Soon());
		if (echo.data != "x")
			throw std::runtime_error("no echo of one byte; the connection: " + Describe(echo.end));
		Add(Metric::CpuIdle, 1, CpuShare(length));
		client.HalfClose();
		const auto rest = client.ReceiveToEnd(Soon());
		if (!rest.data.empty() || rest.end.kind != End::Fin)
			throw std::runtime_error("expected FIN after the client's, got " + Describe(rest.end));
	}

	// The time per round trip.
	Duration RoundTrips(const Load& load)
	{
		RunOptions options;
		bool sampled = false;
		options.onTurn = [&](const Progress& progress) {
			if (load.clients != 60 || sampled || progress.echoed * 2 < progress.total)
				return;
			Add(Metric::WorkingSet, load.clients, Mebibytes()); // half-way, so all are connected
			sampled = true;
		};
		const auto cpuBefore = server_.CpuTime();
		const RunResult run = RunClients("127.0.0.1", port_, Plans(load), options);
		const Duration cpu = server_.CpuTime() - cpuBefore;
		if (!run.AllServed())
			throw std::runtime_error(Errors(run, 3) + server_.Stderr());

		const double trips = static_cast<double>(load.clients) * load.messages;
		const std::vector<Duration> times = AllRoundTrips(run);
		std::vector<Duration> waits; // since the start, when all of them connect
		for (const ClientResult& client : run.clients)
			waits.push_back(client.firstByte);
		Add(Metric::CpuPerTrips, load.clients, Milliseconds(cpu) / trips * 1000);
		Add(Metric::Rate, load.clients, trips / run.elapsed.count());
		Add(Metric::Latency, load.clients, Milliseconds(Percentile(times, 0.5)));
		Add(Metric::Latency99, load.clients, Milliseconds(Percentile(times, 0.99)));
		Add(Metric::Wait, load.clients, Milliseconds(Percentile(waits, 0.5)));
		return run.elapsed / trips;
	}

	// Of the clients that stay, those that get an echo: an iterative server gives one to the first
	// only, a full one closes those that find no place.
	void ServedAtOnce()
	{
		std::vector<Connection> clients(kStayingClients);
		std::vector<Connection*> waiting;
		for (Connection& client : clients)
		{
			if (client.Connect("127.0.0.1", port_, Soon()) == 0 &&
				client.TrySend("x").kind == Connection::Step::Bytes)
				waiting.push_back(&client);
		}
		unsigned served = 0;
		const auto answered = [&](Connection* client) {
			char byte = 0;
			const Connection::Step step = client->TryReceive(&byte, 1);
			served += step.kind == Connection::Step::Bytes && byte == 'x' ? 1 : 0;
			return step.kind != Connection::Step::WouldBlock;
		};
		// A second in which nothing happens tells that nothing will.
		Deadline quiet = Deadline::After(milliseconds(1000));
		while (!waiting.empty() && !quiet.Passed())
		{
			if (std::erase_if(waiting, answered) != 0)
				quiet = Deadline::After(milliseconds(1000));
			else
				std::this_thread::sleep_for(milliseconds(5));
		}
		Add(Metric::AtOnce, kStayingClients, served);
	}

private:
	void Add(Metric metric, unsigned clients, double value)
	{
		figures_.Add(model_, metric, clients, value);
	}

	double Mebibytes() const
	{
		return static_cast<double>(server_.MemoryUse().workingSet) / (1 << 20);
	}

	// In percent of one core.
	double CpuShare(milliseconds length)
	{
		const Clock::time_point start = Clock::now();
		const auto before = server_.CpuTime();
		std::this_thread::sleep_for(length);
		const Duration cpu = server_.CpuTime() - before;
		const Duration elapsed = Clock::now() - start;
		if (!server_.Running())
			throw std::runtime_error("ended while idle; stderr: " + server_.Stderr());
		return 100 * (cpu / elapsed);
	}

	const Model& model_;
	Figures& figures_;
	ServerProcess server_;
	const std::uint16_t port_;
};

std::string RunCost(const std::filesystem::path& bin, Figures& figures)
{
	try
	{
		ServerProcess simulate(bin / "simulate.exe", { "--cost" });
		const auto code = simulate.WaitExit(Deadline::After(milliseconds(20000)));
		if (!code)
			return "simulate --cost did not end in time";
		if (*code != 0)
			return "simulate --cost ended with exit code " + std::to_string(*code);
		return AddCalls(simulate.Stdout(), figures) ? "" : "simulate --cost printed no such table";
	}
	catch (const std::runtime_error& error)
	{
		return error.what();
	}
}

// All rounds of all models.
class Measuring
{
public:
	explicit Measuring(const MeasureOptions& options) : options_(options)
	{
	}

	Measured Go()
	{
		const Clock::time_point start = Clock::now();
		WarmUp();
		const unsigned rounds = options_.rounds != 0 ? options_.rounds : kRounds;
		Duration longest{ 0 };
		while (measured_.rounds < rounds)
		{
			const Clock::time_point roundStart = Clock::now();
			const bool late = roundStart - start + longest > kAtMost;
			if (options_.rounds == 0 && measured_.rounds >= kRoundsLeast && late)
				break;
			measured_.rounds++;
			title_ = "round " + std::to_string(measured_.rounds) + " of " + std::to_string(rounds);
			Round();
			longest = std::max<Duration>(longest, Clock::now() - roundStart);
		}
		measured_.callsMissing = RunCost(options_.bin, measured_.figures);
		return measured_;
	}

private:
	// Its round trips do not count. They tell how many messages take the time that a run may have,
	// in the mean of all models.
	void WarmUp()
	{
		title_ = "warm-up";
		std::array<Duration, kWarmUp.size()> times{};
		Figures discarded;
		unsigned models = 0;
		ForEachModel([&](const Model& model) {
			Step(model, kStayingClients);
			MeasuredServer(model, options_.bin, measured_.figures).ServedAtOnce();
			MeasuredServer server(model, options_.bin, discarded);
			std::array<Duration, kWarmUp.size()> own{};
			for (std::size_t i = 0; i < kWarmUp.size(); i++)
			{
				Step(model, kWarmUp[i].clients);
				own[i] = server.RoundTrips(kWarmUp[i]);
			}
			for (std::size_t i = 0; i < kWarmUp.size(); i++)
				times[i] += own[i];
			models++;
		});
		loads_ = kWarmUp;
		for (std::size_t i = 0; i < kWarmUp.size() && models > 0; i++)
		{
			const double trips = Duration(options_.length) / (times[i] / models);
			const double messages = trips / loads_[i].clients;
			const double least = std::max({ 2.0, Duration(options_.length) / Duration(kPerMessage),
				Duration(options_.length) / Duration(kPerMessageOfAll) / loads_[i].clients });
			loads_[i].messages = static_cast<unsigned>(std::clamp(messages, least, 1e6));
		}
		for (const Load& load : loads_)
			measured_.work += (measured_.work.empty() ? "Messages of each client: " : ", ") +
				std::to_string(load.messages) + " (" + ClientCount(load.clients) + ")";
		measured_.work += ".";
	}

	void Round()
	{
		ForEachModel([&](const Model& model) {
			Step(model, 0);
			MeasuredServer server(model, options_.bin, measured_.figures);
			server.Idle(options_.length);
			for (const Load& load : loads_)
			{
				Step(model, load.clients);
				server.RoundTrips(load);
			}
		});
	}

	template <typename Work>
	void ForEachModel(Work work)
	{
		for (const Model& model : Models())
		{
			if (failed_.count(model.name) != 0)
				continue;
			try
			{
				work(model);
			}
			catch (const std::runtime_error& error)
			{
				failed_.insert(model.name);
				measured_.errors.push_back(std::string(model.name) + ": " + error.what());
			}
		}
	}

	void Step(const Model& model, unsigned clients) const
	{
		if (options_.onStep)
			options_.onStep("measuring, " + title_ + ": " + model.name + ", " +
				(clients == 0 ? "idle" : ClientCount(clients)));
	}

	const MeasureOptions& options_;
	Measured measured_;
	std::array<Load, kWarmUp.size()> loads_{};
	std::set<std::string> failed_;
	std::string title_;
};

} // namespace

Measured Measure(const MeasureOptions& options)
{
	return Measuring(options).Go();
}

} // namespace echo

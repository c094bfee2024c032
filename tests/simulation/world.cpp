#include "world.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace sim
{
using namespace winsock;

namespace
{
// Calls of a spinning server that answer WSAEWOULDBLOCK when nothing can move any more. More than a
// few are due to injected ones.
constexpr int kVain = 500;

// What the peers send: text for the most part, and every kind of byte that a log must not print as
// it is. Two peers' bytes differ, and so do two places of one peer's. It goes round, and as far
// further as a peer sends bytes.
constexpr std::size_t kPattern = 8191;
constexpr std::size_t kLongest = 5000;
constexpr std::size_t kBetween = 977; // where two peers begin

std::string MakePattern()
{
	std::string bytes(kPattern, '\0');
	Random random(1);
	static const char special[] = { '\0', '\n', '\r', '\\', '%', '\x7F', '\x1A', '\x1B', '\xEA' };
	for (char& byte : bytes)
		byte = random.Below(64) == 0 ? special[random.Below(sizeof(special))]
									 : static_cast<char>(random.Between(' ', '~'));
	for (std::size_t i = 54; i < kPattern - 1; i += 100)
		bytes.replace(i, 2, "\r\n");
	for (std::size_t i = 100; i < kPattern; i += 100) // C1 controls in UTF-8, and their neighbours
	{
		bytes[i - 1] = '\xC2';
		bytes[i] = static_cast<char>(random.Between(0x7F, 0xA0));
	}
	for (std::size_t i = 10; i < kPattern; i += 30) // every byte
		bytes[i] = static_cast<char>(i / 30);
	for (std::size_t i = 6000; i < 7200; i++) // the longest lines of a log
		bytes[i] = static_cast<char>(random.Between(1, 31));
	int peer = 0; // some begin with a word that a server may take for a command
	for (const char* word : { "quit", "exit", "QS", "/quit" })
		bytes.replace(kBetween * ++peer, std::strlen(word), word);
	return bytes + bytes.substr(0, kLongest);
}

const char* PatternOf(int peer, std::size_t offset)
{
	static const std::string pattern = MakePattern();
	return pattern.data() + (offset + static_cast<std::size_t>(peer) * kBetween) % kPattern;
}

// So long nothing happens, in milliseconds, when the world holds still.
constexpr std::uint64_t kStill = 60000;

enum class Act
{
	Connect,
	Leave, // the server has closed, and everything is read
	ReadAll,
	ReadPart,
	SendAll,
	SendPart,
	SendAndEnd,
	HalfClose,
	Reset
};

// The peers, and everything that is left to chance: at random, or as a path says.
class World : public Decider
{
public:
	World(const Model& model, const Scenario& scenario, TraceMode mode, Path* path)
		: model_(model), scenario_(scenario), random_(scenario.schedule), path_(path),
		  exceptions_(scenario.exceptions), trace_(mode), clients_(scenario.peers.size()),
		  acts_(clients_.size()), network_(*this, checks_, scenario.conditions),
		  checks_(model, network_, clients_, trace_)
	{
		network_.recording = trace_.On();
		int number = 0;
		for (Connection& client : clients_)
			client.peer = ++number;
	}

	Outcome Run();

private:
	void Before(Call call) override;
	bool Wait(const Waiting& waiting) override;
	void WouldBlock() override;
	bool Inject(Fault fault) override;
	int Choose(int count) override;
	int ChooseCode(std::initializer_list<int> codes) override;

	bool Percent(int percent);
	bool Exceptional(int percent);
	const Plan& PlanOf(const Connection& client) const;
	std::vector<Act> Acts(const Connection& client) const;
	std::size_t Sendable(const Connection& client) const;
	std::size_t Part(std::size_t size, bool less);
	bool Move();
	void Perform(Connection& client, Act act);
	void HalfClose(Connection& client);
	void Reset(Connection& client);
	void Nothing(Call call);

	const Model& model_;
	const Scenario& scenario_;
	Random random_;
	Path* const path_;           // of every run, this one; null: at random
	int exceptions_;             // that are left
	bool draining_ = false;      // nothing happens any more but what must
	bool still_ = false;         // nothing happens until the server rests
	std::uint64_t stillFor_ = 0; // milliseconds
	int vain_ = 0;               // calls of a spinning server since nothing can move

	Trace trace_;
	std::vector<Connection> clients_;
	std::vector<int> acts_; // of each client
	Network network_;
	Checks checks_;
};

Outcome World::Run()
{
	try
	{
		try
		{
			checks_.Tell({ Event::Ends, nullptr, model_.run() });
		}
		catch (const std::bad_alloc&)
		{
			checks_.Tell({ Event::OutOfMemory });
		}
	}
	catch (const Done&)
	{
	}
	Outcome outcome = std::move(checks_.outcome);
	outcome.trace = std::move(trace_.lines);
	std::copy_n(network_.calls, kCalls, outcome.calls);
	return outcome;
}

int World::Choose(int count)
{
	if (path_ == nullptr)
		return random_.Below(count);
	return count > 1 ? path_->Next(count) : 0;
}

// Of every run, one code stands for all.
int World::ChooseCode(std::initializer_list<int> codes)
{
	return path_ != nullptr ? *codes.begin() : Decider::ChooseCode(codes);
}

bool World::Percent(int percent)
{
	return percent > 0 && (path_ == nullptr ? random_.Percent(percent) : path_->Next(2) != 0);
}

// -- The world moves ----------------------------------------------------------------------------

const Plan& World::PlanOf(const Connection& client) const
{
	return scenario_.peers[static_cast<std::size_t>(client.peer - 1)];
}

// Bytes that are left, and for which there is room.
std::size_t World::Sendable(const Connection& client) const
{
	return std::min(PlanOf(client).total - client.sent.size(), network_.Room(client));
}

// All of so many bytes, or less: any part at random; of every run, the smallest.
std::size_t World::Part(std::size_t size, bool less)
{
	if (less)
		return path_ != nullptr ? 1
								: 1 + static_cast<std::size_t>(Choose(static_cast<int>(size) - 1));
	return size;
}

// What a client can do now.
std::vector<Act> World::Acts(const Connection& client) const
{
	const Plan& plan = PlanOf(client);
	if (client.done || network_.listener == 0)
		return {};
	if (!client.connected)
	{
		const bool comes = plan.after < 0 || clients_[static_cast<std::size_t>(plan.after)].done;
		return comes ? std::vector<Act>{ Act::Connect } : std::vector<Act>{};
	}
	const std::size_t readable = Network::Readable(client);
	if ((client.closed || client.shut) && readable == 0)
		return { Act::Leave };
	if (plan.resetAfter >= 0 &&
		(acts_[static_cast<std::size_t>(client.peer - 1)] > plan.resetAfter || draining_))
		return { Act::Reset };

	std::vector<Act> acts;
	const bool back = client.read == client.sent.size();
	const std::size_t left = plan.total - client.sent.size();
	const std::size_t room = !plan.asks || back ? Sendable(client) : 0;
	const bool ends = !client.fin && !client.closed && (plan.resetAfter < 0 || plan.endsFirst) &&
		(!plan.waits || back) && (!plan.holds || draining_);
	if (readable > 0 && (plan.reads || draining_))
		acts.push_back(Act::ReadAll);
	if (readable > 1 && plan.reads && !draining_)
		acts.push_back(Act::ReadPart);
	if (room > 0)
		acts.push_back(Act::SendAll);
	if (room > 1 && plan.chunk > 1)
		acts.push_back(Act::SendPart);
	if (room > 0 && room == left && left <= plan.chunk && ends && !plan.waits)
		acts.push_back(Act::SendAndEnd);
	if (left == 0 && ends)
		acts.push_back(Act::HalfClose);
	if (plan.mayReset)
		acts.push_back(Act::Reset);
	return acts;
}

// One act of one client that can act; of all in an orderly world. False: nobody can, now or ever.
bool World::Move()
{
	bool acted = false;
	if (scenario_.orderly)
	{
		for (Connection& client : clients_)
		{
			for (std::vector<Act> acts; !(acts = Acts(client)).empty(); acted = true)
				Perform(client, acts[0]);
		}
	}
	for (int round = 0; round < 2 && !acted && !scenario_.orderly; round++)
	{
		draining_ |= round == 1;
		std::vector<std::pair<Connection*, Act>> all;
		for (Connection& client : clients_)
		{
			for (Act act : Acts(client))
				all.push_back({ &client, act });
		}
		if (all.empty())
			continue;
		const auto [client, act] = ChooseFrom(all);
		Perform(*client, act);
		acts_[static_cast<std::size_t>(client->peer - 1)]++;
		acted = true;
	}
	if (!acted)
		return false;
	checks_.Progress();
	vain_ = 0;
	network_.now += 10;
	return true;
}

void World::Perform(Connection& client, Act act)
{
	const auto tell = [&](const std::string& what) { trace_.Line(NameOf(client.peer), what); };
	switch (act)
	{
	case Act::Connect:
		tell("connects");
		client.closeLate = path_ == nullptr && network_.IsWindows() && Choose(2) == 0;
		return network_.Connect(client);
	case Act::ReadAll:
	case Act::ReadPart: {
		const std::size_t size = Part(Network::Readable(client), act == Act::ReadPart);
		tell("reads " + std::to_string(size) + " bytes");
		return network_.PeerReads(client, size);
	}
	case Act::SendAll:
	case Act::SendPart:
	case Act::SendAndEnd: {
		const std::size_t most = std::min(Sendable(client), PlanOf(client).chunk);
		const std::size_t size = Part(most, act == Act::SendPart);
		const bool ends = act == Act::SendAndEnd;
		tell("sends " + std::to_string(size) + " bytes" + (ends ? ", half-closes" : ""));
		network_.PeerSends(client, { PatternOf(client.peer, client.sent.size()), size });
		return ends ? HalfClose(client) : void();
	}
	case Act::HalfClose:
		tell("half-closes");
		return HalfClose(client);
	case Act::Reset:
		tell("resets");
		return Reset(client);
	case Act::Leave:
		client.done = true;
		tell(client.aborted ? "sees a reset" : "sees the end");
		return checks_.Leaves(client);
	}
}

void World::HalfClose(Connection& client)
{
	// Of every run, both only where FD_CLOSE could come before the data is read.
	if (path_ != nullptr && network_.IsWindows() && !client.unread.empty() &&
		(model_.wait == Call::GetMessage || model_.wait == Call::WaitForMultipleEvents))
		client.closeLate = Choose(2) == 0;
	network_.PeerHalfCloses(client);
}

void World::Reset(Connection& client)
{
	// Of every run, both only where the server has no room to write.
	if (path_ != nullptr && network_.IsWindows() &&
		client.unsent.size() >= network_.conditions.sendBuffer)
		network_.conditions.resetWakesWriter = Choose(2) == 0;
	if (!client.closed)
		network_.PeerResets(client);
	client.done = true;
}

// -- The server calls, and waits ----------------------------------------------------------------

// Whether something happens that does not have to. Of every run, only a few times.
bool World::Exceptional(int percent)
{
	if (exceptions_ == 0 || !Percent(percent))
		return false;
	exceptions_--;
	return true;
}

void World::Before(Call call)
{
	// Of every run, a move is not made where it comes to the same before the next call.
	const bool same = path_ != nullptr &&
		(call == Call::DispatchMessage || call == Call::CreateEvent || call == Call::CloseEvent ||
			call == Call::SetEvent);
	if (network_.listener != 0 && checks_.phase() != Phase::Failing && !same)
	{
		still_ |= !model_.spins && Percent(scenario_.stills);
		if (!still_ && Exceptional(scenario_.moves))
			Move();
	}
	checks_.Look();
}

bool World::Wait(const Waiting& waiting)
{
	const bool limited = waiting.limit != WSA_INFINITE;
	// Of every run, time passes only when nobody can move: else there would be no end of runs.
	if (limited && !still_ && (path_ != nullptr || Percent(50)) && Move())
	{
		stillFor_ = 0;
		return true;
	}
	if (limited)
	{
		checks_.TimePasses(waiting);
		network_.now += waiting.limit;
		stillFor_ += waiting.limit;
		if (stillFor_ <= kStill)
			return false;
	}
	still_ = false;
	stillFor_ = 0;
	if (!Move())
		Nothing(waiting.call);
	while (Percent(scenario_.bursts) && Move())
		continue;
	return !limited;
}

void World::WouldBlock()
{
	if (!model_.spins || !checks_.serving())
		return;
	const bool finished = std::ranges::all_of(clients_, [](const Connection& client) {
		return client.done && (!client.accepted || client.closed);
	});
	if (!Move() && (finished || ++vain_ > kVain))
		Nothing(Call::Recv);
}

// Nothing will ever happen any more: the end of the run, or a wait without end.
void World::Nothing(Call call)
{
	const bool ended = checks_.NothingComes(call);
	if (scenario_.closesWindow && checks_.phase() != Phase::Closing && network_.CloseWindow())
	{
		checks_.WindowCloses();
		return;
	}
	if (ended)
		checks_.CheckEnd();
	Stop();
}

bool World::Inject(Fault fault)
{
	const bool start = fault == Fault::StartFails;
	const bool comes = (start ? checks_.phase() == Phase::Starting : checks_.serving()) &&
		Exceptional(scenario_.faults[static_cast<int>(fault)]);
	checks_.outcome.faults[static_cast<int>(fault)] += comes ? 1 : 0;
	return comes;
}

} // namespace

Outcome Run(const Model& model, const Scenario& scenario, TraceMode tracing, Path* path)
{
	return World(model, scenario, tracing, path).Run();
}

// -- Scenarios ----------------------------------------------------------------------------------

namespace
{
Plan DrawPlan(Random& random, int number, bool crowd)
{
	Plan plan;
	const auto size = [&random](int least, int most) {
		return static_cast<std::size_t>(random.Between(least, most));
	};
	// Of the total and of a chunk: the least and the most.
	const int ranges[][4] = { { 1, 40, 1, 20 }, { 1, 1500, 50, 1500 }, { 500, 5000, 300, 3000 } };
	const int kind = random.Below(10); // 0: connects only
	if (kind > 0)
	{
		const auto& range = ranges[kind < 4 || crowd ? 0 : kind < 8 ? 1 : 2];
		plan.total = size(range[0], range[1]);
		plan.chunk = size(range[2], range[3]);
	}
	plan.reads = random.Percent(70);
	plan.asks = random.Percent(20);
	plan.waits = random.Percent(25);
	plan.holds = random.Percent(crowd ? 90 : 15);
	if (random.Percent(crowd ? 3 : 20))
	{
		plan.resetAfter = random.Below(8);
		plan.endsFirst = random.Percent(50);
	}
	if (number > 0 && !crowd && random.Percent(25))
		plan.after = random.Below(number);
	if (plan.asks || plan.waits)
		plan.reads = true;
	return plan;
}

// A seed in eight gives main() arguments.
CommandLine DrawCommandLine(Random& random)
{
	static const CommandLine taken[] = { { { "9000" } }, { { "0" }, "127.0.0.1", 0 },
		{ { "65535" }, "127.0.0.1", 65535 }, { { "1", "127.0.0.1" }, "127.0.0.1", 1 },
		{ { "09000" } }, { { "9000", "0.0.0.0" }, "0.0.0.0" },
		{ { "0", "127.0.0.2" }, "127.0.0.2", 0 } };
	static const std::vector<std::string> refused[] = { { "" }, { "x" }, { "9000x" }, { "9000 " },
		{ "-1" }, { " 9000" }, { "+9000" }, { "65536" }, { "4294976296" },
		{ "99999999999999999999" }, { "0x2328" }, { "9000", "" }, { "9000", "localhost" },
		{ "9000", "127.0.0.1x" }, { "9000", "127.0.0" }, { "9000", "127.0.0.256" },
		{ "9000", "127.0.0.1", "more" } };
	switch (random.Below(16))
	{
	case 0:
		return taken[random.Below(std::size(taken))];
	case 1:
		return { refused[random.Below(std::size(refused))], nullptr };
	default:
		return {};
	}
}

Conditions DrawConditions(Random& random, Platform platform)
{
	const bool windows = platform == Platform::Windows;
	const std::size_t buffers[] = { 1, 100, 512, 700, 2000, 4096 };
	Conditions conditions;
	conditions.platform = platform;
	conditions.receiveBuffer = buffers[random.Between(1, 5)];
	// On Wine a byte of room lets a byte pass: a long run that shows nothing more than 100 do.
	conditions.sendBuffer = buffers[random.Between(windows ? 0 : 1, 5)];
	conditions.room = random.Percent(5) ? random.Between(1, 3) : 0;
	conditions.resetWakesWriter = !windows || random.Percent(50);
	conditions.nameAfterReset = windows && random.Percent(50);
	conditions.commandLine = DrawCommandLine(random);
	const int console = random.Below(8); // a bit for each stream
	conditions.outIsConsole = (console & 5) == 5;
	conditions.errorIsConsole = (console & 6) == 6;
	conditions.korean = random.Percent(30);
	return conditions;
}

// Half of the runs have no faults; the others some kinds, often or now and then.
void DrawFaults(Random& random, Scenario& scenario)
{
	const auto rate = [&scenario](
						  Fault fault) -> int& { return scenario.faults[static_cast<int>(fault)]; };
	if (random.Percent(50))
	{
		const int often[] = { 1, 5, 20, 50 };
		for (int i = 0; i < static_cast<int>(Fault::ListenerFails); i++)
			scenario.faults[i] = random.Percent(30) ? often[random.Below(4)] : 0;
		// These end connections: if often, nothing else would be seen.
		for (Fault fault :
			{ Fault::RecvFails, Fault::SendFails, Fault::EventError, Fault::EnumFails })
			rate(fault) = std::min(rate(fault), 5);
	}
	if (random.Percent(3))
		rate(Fault::WaitFails) = random.Between(1, 10);
	if (random.Percent(5))
		rate(Fault::ListenerFails) = random.Between(5, 30);
	if (random.Percent(5))
		rate(Fault::StartFails) = random.Between(5, 30);
}

void DrawPeers(Random& random, Scenario& scenario)
{
	std::vector<Plan>& peers = scenario.peers;
	const int size = random.Below(200);
	const bool crowd = size < 4; // more than the 63 that fit
	int count = random.Between(1, 6);
	if (crowd)
		count = random.Between(62, 72);
	else if (size < 24)
		count = random.Between(7, 16);
	for (int i = 0; i < count; i++)
		peers.push_back(DrawPlan(random, i, crowd));
	if (!crowd && random.Percent(15)) // all send what they have at once, and end
	{
		scenario.conditions.receiveBuffer = 4096;
		for (Plan& plan : peers)
			plan = { .total = random.Below(scenario.conditions.receiveBuffer),
				.chunk = 4096,
				.resetAfter = random.Percent(25) ? random.Below(3) : -1 };
	}
	for (int i = 0; i < (crowd ? 3 : 0); i++) // some come when there is room again
	{
		peers.push_back(DrawPlan(random, count + i, true));
		peers.back().after = random.Below(count);
	}
}

} // namespace

Scenario Draw(std::uint64_t seed, Platform platform)
{
	Random random(seed * 2 + (platform == Platform::Windows ? 0 : 1));
	Scenario scenario;
	scenario.conditions = DrawConditions(random, platform);
	const int moves[] = { 0, 3, 10, 30 };
	scenario.moves = moves[random.Below(4)];
	const int bursts[] = { 0, 0, 50, 80 };
	scenario.bursts = bursts[random.Below(4)];
	scenario.stills = random.Percent(50) ? 1 : 0;
	scenario.closesWindow = random.Percent(25);
	DrawFaults(random, scenario);
	DrawPeers(random, scenario);
	scenario.schedule = random.Next();
	if (random.Percent(10)) // the call is rare, too
		scenario.faults[static_cast<int>(Fault::SetEventFails)] = random.Between(20, 80);
	return scenario;
}

Scenario Orderly(unsigned clients, unsigned messages)
{
	constexpr std::size_t kMessage = 64;
	Scenario scenario;
	scenario.orderly = true;
	const Plan plan = { .total = kMessage * messages,
		.chunk = kMessage,
		.asks = true,
		.waits = true };
	scenario.peers.assign(clients, plan);
	return scenario;
}

// Shorter by chance: one change after the other, each kept if the same rule is still broken by a
// trace that is not longer. A change of the scenario changes all later choices.
Scenario Shorten(const Model& model, const Scenario& scenario)
{
	Scenario best = scenario;
	Outcome shortest = Run(model, best, TraceMode::Kept);
	Random random(1);
	for (int i = 0; i < 6000; i++)
	{
		Scenario candidate = best;
		std::vector<Plan>& peers = candidate.peers;
		Plan& plan = peers[random.Below(peers.size())];
		switch (random.Below(6))
		{
		case 0: // fewer peers
			for (auto kept = random.Below(peers.size()) + 1; kept < peers.size();)
				peers.erase(peers.begin() + random.Below(static_cast<int>(peers.size())));
			for (Plan& left : peers)
				left.after = -1;
			break;
		case 1:
			candidate.faults[random.Below(kFaults)] = 0;
			break;
		case 2:
			plan.total = random.Below(plan.total + 1);
			break;
		case 3:
			plan = { .total = plan.total, .chunk = plan.total + 1, .reads = plan.reads };
			break;
		case 4:
			candidate.moves = candidate.bursts = candidate.stills = candidate.conditions.room = 0;
			candidate.closesWindow = false;
			break;
		default: // only the choices
			break;
		}
		candidate.schedule = random.Next();
		Outcome outcome = Run(model, candidate, TraceMode::Kept);
		if (outcome.rule != shortest.rule || outcome.trace.size() > shortest.trace.size())
			continue;
		best = candidate;
		shortest = std::move(outcome);
	}
	return best;
}

// -- Every run ----------------------------------------------------------------------------------

std::vector<Scenario> SmallWorlds(Platform platform)
{
	Scenario one;
	one.conditions.platform = platform;
	one.conditions.sendBuffer = 1;
	one.closesWindow = true;
	std::fill_n(one.faults, kFaults, 1); // any rate: each is tried
	one.moves = 1;
	std::vector<Scenario> worlds(3, one);
	// One client with more than the system's buffer holds, and two exceptions.
	worlds[0].exceptions = 2;
	worlds[0].peers = { { .total = 2, .chunk = 2, .mayReset = true } };
	// Two clients, and one exception; or with more data, and none.
	worlds[1].exceptions = 1;
	worlds[1].peers = { { .total = 1 }, { .mayReset = true } };
	worlds[2].exceptions = 0;
	worlds[2].peers = { { .total = 2, .chunk = 2 }, { .total = 1, .mayReset = true } };
	return worlds;
}

} // namespace sim

#include "world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <new>

namespace sim
{
using namespace winsock;

namespace
{
// Calls in a row that change nothing. A full turn of a server that waits, with 64 sockets, is less.
constexpr int kSpin = 1000;

// Calls of a spinning server that answer WSAEWOULDBLOCK when nothing can move any more. More than a
// few are due to injected ones.
constexpr int kVain = 500;

constexpr int kQuiet = 100;

constexpr std::uint32_t kLoopback = 0x0100007F; // as in sin_addr, on a little-endian machine

const RuleText kRules[] = {
	{ "echo", "what a server sends is what it has received, in order", "E02-2 E02-3" },
	{ "lost", "everything received is echoed before the server closes",
		"E02-2 E02-3 E04-7 E04-8 E05-4" },
	{ "dropped", "a connection is closed at its end or after an error, and for nothing else",
		"E03-6 E04-6 E04-8 E04-10 E05-4" },
	{ "held", "at most 512 bytes are held per connection", "E05-1" },
	{ "handle", "no call on a handle that is closed, and none is closed twice",
		"E00-7 E04-9 E05-6" },
	{ "shared-event", "an event object belongs to one socket", "E05-6" },
	{ "leak", "a finished connection leaves no socket, event or memory", "E03-5 E05-2 E05-5" },
	{ "stall", "no wait that can never end while somebody is owed something",
		"E03-1 E03-4 E03-5 E04-7 E05-1 E05-2 E05-5" },
	{ "spin", "calls without end that change nothing", "E03-1 E05-8" },
	{ "unfair", "nobody gets one buffer after the other while another is ready",
		"E03-4 E03-5 E05-1 E05-3" },
	{ "log", "the log tells what happened, of the right peer",
		"E00-2 E00-5 E00-6 E03-2 E03-3 E04-3 E04-4 E05-5 E05-9" },
	{ "flush", "the log is complete when the server waits", "E00-9" },
	{ "exit", "the server goes on until it is told to end", "E00-8 E05-7" },
	{ "wait-again", "a wait that fails ends the server, with exit code 1", "E00-1 E05-8 E05-11" },
	{ "start", "a start-up call that fails ends the server, with a message and exit code 1",
		"E00-1" },
	{ "exposed", "exclusive, and on the loopback address", "E00-10" },
	{ "memory", "refused memory costs one client, not the server", "E00-7" },
};

// Leaves the server's main().
struct Done
{
};

struct Broken
{
	Rule rule;
	std::string what;
};

// What the peers send: text for the most part, and every kind of byte that a log must not print as
// it is. Two peers' bytes differ, and so do two places of one peer's.
constexpr std::size_t kPattern = 8191;

struct PatternBytes
{
	std::array<char, kPattern + kBufferSize> bytes;

	PatternBytes() : bytes()
	{
		Random random(1);
		static const char special[] = { '\0', '\n', '\r', '\\', '%', '\x7F', '\x1A', '\x1B',
			'\xEA' };
		for (std::size_t i = 0; i < kPattern; i++)
			bytes[i] = random.Below(64) == 0 ? special[random.Below(sizeof(special))]
											 : static_cast<char>(random.Between('!', 'Z'));
		for (std::size_t i = 100; i < kPattern;
			 i += 100) // C1 controls in UTF-8, and their neighbours
		{
			bytes[i - 1] = '\xC2';
			bytes[i] = static_cast<char>(random.Between(0x7F, 0xA0));
		}
		std::copy_n(bytes.begin(), kBufferSize, bytes.begin() + kPattern);
	}
};

// The bytes of a peer from an offset on; at least kBufferSize of them.
const char* PatternOf(int peer, std::size_t offset)
{
	static const PatternBytes pattern;
	return pattern.bytes.data() + (offset + static_cast<std::size_t>(peer) * 977) % kPattern;
}

class World : public Host
{
public:
	World(const Model& model, const Scenario& scenario, TraceMode tracing);

	Outcome Run();

private:
	struct Peer
	{
		const Plan* plan;
		Connection* connection = nullptr;
		int acts = 0;
		bool done = false;
	};

	// Host
	void Entering(Call call) override;
	void Idle(const char* call) override;
	bool Pause(const char* call, DWORD milliseconds) override;
	void WouldBlock(const char* call) override;
	bool Inject(Fault fault) override;
	int Choose(int count) override;
	void BadHandle(const char* call, std::uintptr_t handle, bool closing) override;
	void SharedEvent(Connection& connection) override;
	void Listening(bool exclusive, std::uint32_t address) override;
	void Accepted(Connection& connection) override;
	void Received(Connection& connection, char* buffer, int size) override;
	void Tried(Connection& connection) override;
	void Sending(Connection& connection, const char* data, int size) override;
	void Sent() override
	{
		sinceProgress_ = 0;
	}
	void Changed(Connection& connection) override;
	void Closing(Connection& connection) override;
	void Failed(int code) override;
	void WaitFailed() override;
	void MemoryFailed() override;
	void Written(bool toError, const char* text, std::size_t size) override;
	void Flushed() override;
	bool Tracing() const override;
	void Trace(const std::string& who, const std::string& what) override;

	[[noreturn]] void Break(Rule rule, const std::string& what);
	bool Move();
	bool Act(Peer& peer);
	bool Step(Peer& peer);
	void End(Peer& peer);
	void Nothing(const char* call);
	void Finish();
	void CheckReturn(int code);
	void CheckLogged();
	void LogLine(const std::string& line);
	void ErrorLine(const char* text, std::size_t size);
	std::string AddressOf(const Connection& connection) const;
	std::string NameOf(const Connection& connection) const;

	const Model& model_;
	const Scenario& scenario_;
	const TraceMode tracing_;
	Random random_;
	Network network_;
	std::vector<Peer> peers_;
	Outcome outcome_;
	int lines_ = 0;

	bool started_ = false; // the server has begun to serve
	bool startFailed_ = false;
	bool waitFailed_ = false;
	bool windowClosed_ = false;
	bool errorPrinted_ = false;
	bool draining_ = false; // nothing happens any more but what must
	bool unflushed_ = false;
	std::string line_; // the part of a line that is written
	bool listeningLogged_ = false;
	int sinceProgress_ = 0;
	int quiet_ = 0; // waits for a limited time since nothing can move
	int vain_ = 0;  // calls of a spinning server since nothing can move
	int live_ = 0;  // connections that the server has
	Network::Holdings baseline_;
	Connection* newest_ = nullptr;   // accepted last
	Connection* received_ = nullptr; // its bytes must be logged next
	std::uint64_t turn_ = 0;         // buffers received
	std::vector<int> codes_;         // given by the last call
};

World::World(const Model& model, const Scenario& scenario, TraceMode tracing)
	: model_(model), scenario_(scenario), tracing_(tracing), random_(scenario.schedule),
	  network_(*this, scenario.dialect, static_cast<std::size_t>(scenario.receiveBuffer),
		  static_cast<std::size_t>(scenario.sendBuffer))
{
	peers_.reserve(scenario.peers.size());
	for (const Plan& plan : scenario.peers)
	{
		peers_.emplace_back();
		peers_.back().plan = &plan;
	}
}

Outcome World::Run()
{
	char name[] = "server";
	char* arguments[] = { name, nullptr };
	try
	{
		try
		{
			CheckReturn(model_.run(1, arguments));
		}
		catch (const std::bad_alloc&)
		{
			Break(Rule::Memory, "std::bad_alloc leaves main()");
		}
	}
	catch (const Done&)
	{
	}
	catch (const Broken& broken)
	{
		outcome_.failed = true;
		outcome_.rule = broken.rule;
		outcome_.what = broken.what;
	}
	std::copy_n(network_.Calls(), kCalls, outcome_.calls);
	for (const Peer& peer : peers_)
		outcome_.echoed += peer.connection != nullptr ? peer.connection->delivered : 0;
	return outcome_;
}

void World::Break(Rule rule, const std::string& what)
{
	if (Tracing())
		Trace("broken", std::string(Text(rule).name) + ": " + what);
	throw Broken{ rule, what };
}

void World::CheckReturn(int code)
{
	const std::string text = "main() returns " + std::to_string(code);
	if (Tracing())
		Trace("return", std::to_string(code));
	if (startFailed_ || waitFailed_)
	{
		if (code != 1 || !errorPrinted_)
			Break(startFailed_ ? Rule::Start : Rule::WaitAgain,
				text + (errorPrinted_ ? "" : ", without a message"));
	}
	else if (!windowClosed_ || code != 0)
		Break(Rule::Exit, text);
}

// -- The world moves ----------------------------------------------------------------------------

// One act of one peer that can act; of all in an orderly world. False: nobody can, now or ever.
bool World::Move()
{
	if (!network_.Listening())
		return false;
	if (scenario_.orderly)
	{
		bool acted = false;
		for (Peer& peer : peers_)
		{
			while (!peer.done && Act(peer))
				acted = true;
		}
		if (acted)
			sinceProgress_ = vain_ = 0;
		return acted;
	}
	const int count = static_cast<int>(peers_.size());
	for (int round = 0; round < 2; round++)
	{
		const int first = count > 0 ? random_.Below(count) : 0;
		for (int i = 0; i < count; i++)
		{
			Peer& peer = peers_[static_cast<std::size_t>((first + i) % count)];
			if (!peer.done && Act(peer))
			{
				peer.acts++;
				sinceProgress_ = vain_ = 0;
				return true;
			}
		}
		draining_ = true;
	}
	return false;
}

bool World::Act(Peer& peer)
{
	const Plan& plan = *peer.plan;
	if (peer.connection == nullptr)
	{
		if (plan.after >= 0 && !peers_[static_cast<std::size_t>(plan.after)].done)
			return false;
		const int number = 1 + static_cast<int>(&peer - peers_.data());
		if (Tracing())
			Trace("peer " + std::to_string(number), "connects");
		// 127.0.1.n : 40000 + n, each byte where sin_addr has it
		const std::uint32_t address = 127U | 1U << 16 | static_cast<std::uint32_t>(number) << 24;
		peer.connection = &network_.Connect(number, address, static_cast<u_short>(40000 + number));
		return true;
	}

	Connection& connection = *peer.connection;
	if (connection.closed && Network::Readable(connection) == 0)
	{
		End(peer);
		return true;
	}
	if (plan.resetAfter >= 0 && (peer.acts > plan.resetAfter || draining_))
	{
		if (Tracing())
			Trace("peer " + std::to_string(connection.peer), "resets");
		if (!connection.closed)
			network_.PeerResets(connection);
		connection.waiting = 0;
		peer.done = true;
		return true;
	}
	return Step(peer);
}

// Sends, reads or half-closes.
bool World::Step(Peer& peer)
{
	const Plan& plan = *peer.plan;
	Connection& connection = *peer.connection;
	const bool back = connection.delivered == connection.arrived;
	const std::size_t left = static_cast<std::size_t>(plan.total) - connection.arrived;
	const std::size_t room = !plan.asks || back ? std::min(left, network_.Room(connection)) : 0;
	const std::size_t readable = plan.reads || draining_ ? Network::Readable(connection) : 0;
	const bool ends = !connection.fin && !connection.closed &&
		(plan.resetAfter < 0 || plan.endsFirst) && (!plan.waits || back) &&
		(!plan.holds || draining_);

	const int which = scenario_.orderly ? 0 : random_.Below(4);
	if (readable > 0 && (which < 2 || room == 0))
	{
		std::size_t size = readable;
		if (which == 1 && !draining_)
			size = 1 + static_cast<std::size_t>(random_.Below(static_cast<int>(readable)));
		if (Tracing())
			Trace("peer " + std::to_string(connection.peer),
				"reads " + std::to_string(size) + " bytes");
		network_.PeerReads(connection, size);
		return true;
	}
	if (room > 0)
	{
		std::size_t size = std::min(room, static_cast<std::size_t>(plan.chunk));
		if (which > 0)
			size = 1 + static_cast<std::size_t>(random_.Below(static_cast<int>(size)));
		const bool last = size == left && ends && !plan.waits && which != 3;
		if (Tracing())
			Trace("peer " + std::to_string(connection.peer),
				"sends " + std::to_string(size) + " bytes" + (last ? ", half-closes" : ""));
		network_.PeerSends(connection, size);
		Changed(connection);
		if (last)
			network_.PeerHalfCloses(connection);
		return true;
	}
	if (left == 0 && ends)
	{
		if (Tracing())
			Trace("peer " + std::to_string(connection.peer), "half-closes");
		network_.PeerHalfCloses(connection);
		return true;
	}
	return false;
}

// The server has closed, and the peer has read all that came.
void World::End(Peer& peer)
{
	const Connection& connection = *peer.connection;
	peer.done = true;
	if (Tracing())
		Trace("peer " + std::to_string(connection.peer),
			connection.aborted ? "sees a reset" : "sees the end");
	if (!connection.aborted && !connection.failed && !connection.excused &&
		connection.delivered != connection.arrived)
		Break(Rule::Lost,
			std::to_string(connection.arrived - connection.delivered) + " bytes of " +
				NameOf(connection) + " never came back");
}

void World::Entering(Call call)
{
	codes_.clear();
	if (!started_ &&
		(call == Call::Accept || call == Call::Select || call == Call::GetMessage ||
			call == Call::WaitForMultipleEvents))
	{
		started_ = true;
		baseline_ = network_.Held();
		if (startFailed_)
			Break(Rule::Start, "the server starts all the same");
		if (!listeningLogged_)
			Break(Rule::Log, "no Listening line");
	}
	const bool ending = call == Call::Close || call == Call::CloseEvent || call == Call::Other;
	if (waitFailed_ && !ending)
		Break(Rule::WaitAgain, "the server goes on");
	if (++sinceProgress_ > kSpin)
		Break(Rule::Spin, std::to_string(kSpin) + " calls in a row, and nothing changed");
	if (scenario_.moves > 0 && network_.Listening() && random_.Percent(scenario_.moves))
		Move();
}

void World::Idle(const char* call)
{
	if (unflushed_)
		Break(Rule::Flush, std::string("unwritten log lines at ") + call);
	CheckLogged();
	if (!Move())
		Nothing(call);
}

bool World::Pause(const char* call, DWORD)
{
	if (unflushed_)
		Break(Rule::Flush, std::string("unwritten log lines at ") + call);
	CheckLogged();
	if (random_.Percent(50))
		return Move();
	if (Move())
		quiet_ = 0;
	else if (++quiet_ > kQuiet)
		Nothing(call);
	return false;
}

void World::WouldBlock(const char* call)
{
	if (!model_.spins)
		return;
	if (unflushed_)
		Break(Rule::Flush, std::string("unwritten log lines at ") + call);
	const bool finished = live_ == 0 &&
		std::all_of(peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.done; });
	if (!Move() && (finished || ++vain_ > kVain))
		Nothing(call);
}

// Nothing will ever happen any more: the end of the run, or a wait without end.
void World::Nothing(const char* call)
{
	for (const Peer& peer : peers_)
	{
		if (peer.done)
			continue;
		const std::string number =
			"peer " + std::to_string(1 + static_cast<int>(&peer - peers_.data()));
		if (peer.connection == nullptr)
			continue; // waits for one who is not done either
		const std::size_t owed = peer.connection->arrived - peer.connection->delivered;
		std::string what = std::to_string(owed) + " bytes of " + number + " never echoed";
		if (!peer.connection->accepted)
			what = number + " is never accepted";
		else if (owed == 0)
			what = number + " never sees the end";
		Break(Rule::Stall, std::string("nothing will ever come at ") + call + ": " + what);
	}
	if (scenario_.closesWindow && !windowClosed_ && network_.CloseWindow())
	{
		windowClosed_ = true;
		return;
	}
	Finish();
}

void World::Finish()
{
	const Network::Holdings held = network_.Held();
	std::string what;
	if (held.sockets != baseline_.sockets)
		what += std::to_string(held.sockets - baseline_.sockets) + " sockets ";
	if (held.events != baseline_.events)
		what += std::to_string(held.events - baseline_.events) + " events ";
	if (held.allocations != baseline_.allocations)
		what += std::to_string(held.allocations - baseline_.allocations) + " allocations ";
	if (!what.empty())
		Break(Rule::Leak, what + "left when the last client has gone");
	for (const Peer& peer : peers_)
	{
		const Connection* connection = peer.connection;
		if (connection != nullptr && connection->accepted && !connection->excused &&
			!connection->farewell)
			Break(Rule::Log, "no Disconnect line for " + NameOf(*connection));
	}
	if (windowClosed_)
		Break(Rule::Exit, "the window is closed and the server goes on");
	throw Done();
}

// -- Faults -------------------------------------------------------------------------------------

bool World::Inject(Fault fault)
{
	const int rate = scenario_.faults[static_cast<int>(fault)];
	if (rate == 0 || started_ == (fault == Fault::StartFails) || startFailed_ || waitFailed_ ||
		!random_.Percent(rate))
		return false;
	if (fault == Fault::StartFails)
		startFailed_ = true;
	return true;
}

int World::Choose(int count)
{
	return random_.Below(count);
}

void World::Failed(int code)
{
	codes_.push_back(code);
}

void World::WaitFailed()
{
	waitFailed_ = true;
}

void World::MemoryFailed()
{
	if (newest_ != nullptr)
		newest_->excused = true;
}

// -- Checks -------------------------------------------------------------------------------------

void World::BadHandle(const char* call, std::uintptr_t handle, bool closing)
{
	Break(Rule::Handle,
		std::string(call) + (closing ? "() closes twice: " : "() on a closed one: ") +
			std::to_string(handle));
}

void World::SharedEvent(Connection& connection)
{
	Break(Rule::SharedEvent, NameOf(connection) + " gets the event of another");
}

void World::Listening(bool exclusive, std::uint32_t address)
{
	if (!exclusive)
		Break(Rule::Exposed, "no SO_EXCLUSIVEADDRUSE");
	if (address != kLoopback)
		Break(Rule::Exposed, "not on 127.0.0.1");
}

void World::Accepted(Connection& connection)
{
	CheckLogged();
	sinceProgress_ = 0;
	if (newest_ != nullptr && !newest_->logged)
		Break(Rule::Log, "no Accept line for " + NameOf(*newest_));
	newest_ = &connection;
	live_++;
	// select() knows no registration.
	connection.registered = network_.Calls()[static_cast<int>(Call::Select)] > 0;
	Changed(connection);
}

// Fairness. A client that could be served, that is, one with data to read, nothing unsent, and its
// events registered, is served before any other gets a third buffer. Two are possible without
// anybody being treated badly: one in the turn that had begun before it was ready, one in the next.
// A client that has once got a message too many, a stale or a spurious one, may get more: each
// recv() brings a message, so that from then on two are on their way.
void World::Received(Connection& connection, char* buffer, int size)
{
	CheckLogged();
	sinceProgress_ = 0;
	const std::size_t held = connection.received - connection.echoed;
	if (held + static_cast<std::size_t>(size) > kBufferSize)
		Break(Rule::Held,
			std::to_string(held + static_cast<std::size_t>(size)) + " bytes of " +
				NameOf(connection));
	memcpy(buffer, PatternOf(connection.peer, connection.received), static_cast<std::size_t>(size));
	connection.unannounced = size;
	received_ = &connection;

	turn_++;
	connection.turns[0] = connection.turns[1];
	connection.turns[1] = connection.turns[2];
	connection.turns[2] = turn_;
	for (const Peer& peer : peers_)
	{
		const Connection* other = peer.connection;
		if (model_.together && !connection.extra && other != nullptr && other != &connection &&
			other->waiting != 0 && connection.turns[0] >= other->waiting)
			Break(Rule::Unfair,
				NameOf(connection) + " gets its third buffer while " + NameOf(*other) +
					" waits for its first");
	}
}

void World::Tried(Connection& connection)
{
	connection.waiting = 0; // this was its turn
	Changed(connection);
}

void World::Changed(Connection& connection)
{
	const bool could = connection.accepted && !connection.closed && connection.registered &&
		connection.unread > 0 && connection.received == connection.echoed && !connection.reset &&
		connection.broken == 0;
	if (!could)
		connection.waiting = 0;
	else if (connection.waiting == 0)
		connection.waiting = turn_ + 1;
}

void World::Sending(Connection& connection, const char* data, int size)
{
	CheckLogged();
	const std::size_t held = connection.received - connection.echoed;
	if (size < 0 || static_cast<std::size_t>(size) > held)
		Break(Rule::Prefix,
			"sends " + std::to_string(size) + " bytes to " + NameOf(connection) +
				", which is owed " + std::to_string(held));
	if (memcmp(data, PatternOf(connection.peer, connection.echoed),
			static_cast<std::size_t>(size)) != 0)
		Break(Rule::Prefix,
			"not the bytes of " + NameOf(connection) + " from " +
				std::to_string(connection.echoed) + " on");
}

void World::Closing(Connection& connection)
{
	CheckLogged();
	sinceProgress_ = 0;
	const bool refused = model_.capacity > 0 && live_ > model_.capacity;
	live_--;
	connection.waiting = 0;
	if (!connection.logged)
		Break(Rule::Log, "no Accept line for " + NameOf(connection));
	if (refused)
		connection.excused = true;
	if (connection.reset || connection.failed || connection.excused)
		return;
	if (connection.fin && connection.echoed == connection.arrived)
		return;
	const std::string text = std::to_string(connection.arrived - connection.echoed) + " bytes of " +
		NameOf(connection) + " never echoed";
	Break(connection.ended ? Rule::Lost : Rule::Dropped, text);
}

// -- The log ------------------------------------------------------------------------------------

std::string World::AddressOf(const Connection& connection) const
{
	char text[16];
	return inet_ntop(AF_INET, &connection.address, text, sizeof(text));
}

std::string World::NameOf(const Connection& connection) const
{
	return "peer " + std::to_string(connection.peer);
}

void World::CheckLogged()
{
	if (received_ != nullptr)
		Break(Rule::Log, "the bytes of " + NameOf(*received_) + " are not logged");
}

void World::Flushed()
{
	if (!line_.empty())
		Break(Rule::Log, "a line in pieces: \"" + line_ + "\"");
	unflushed_ = false;
}

void World::Written(bool toError, const char* text, std::size_t size)
{
	if (toError)
	{
		ErrorLine(text, size);
		return;
	}
	unflushed_ = true;
	for (const char* const end = text + size; text != end; text++)
	{
		line_ += *text;
		// The blank line before an Accept line belongs to it.
		if (*text != '\n' || line_ == "\n")
			continue;
		std::string line;
		line.swap(line_);
		LogLine(line);
	}
}

void World::LogLine(const std::string& line)
{
	const auto begins = [&line](const char* start) { return line.rfind(start, 0) == 0; };

	if (begins("[TCP/") && received_ != nullptr)
	{
		Connection& connection = *received_;
		std::string expected;
		expected.reserve(static_cast<std::size_t>(connection.unannounced) + 200);
		expected = "[TCP/" + AddressOf(connection) + ":" + std::to_string(connection.port) + "] ";
		const char* bytes = PatternOf(connection.peer,
			connection.received - static_cast<std::size_t>(connection.unannounced));
		for (int i = 0; i < connection.unannounced; i++)
		{
			static const char digits[] = "0123456789ABCDEF";
			const unsigned char byte = static_cast<unsigned char>(bytes[i]);
			const unsigned char next = i + 1 < connection.unannounced ? bytes[i + 1] : 0;
			if (byte == 0xC2 && next >= 0x80 && next < 0xA0)
			{
				expected +=
					{ '\\', 'x', 'C', '2', '\\', 'x', digits[next >> 4], digits[next & 15] };
				i++;
			}
			else if (byte < 0x20 || byte == 0x7F)
				expected += { '\\', 'x', digits[byte >> 4], digits[byte & 15] };
			else if (byte == '\\')
				expected += "\\\\";
			else
				expected += bytes[i];
		}
		if (line != expected + "\n")
			Break(Rule::Log, "expected \"" + expected + "\", found \"" + line + "\"");
		received_ = nullptr;
		connection.unannounced = -1;
		return;
	}
	if (begins("\n[TCP Server] Accept") && newest_ != nullptr && !newest_->logged)
	{
		if (line !=
			"\n[TCP Server] Accept Client: IP=" + AddressOf(*newest_) +
				", port=" + std::to_string(newest_->port) + "\n")
			Break(Rule::Log, "not the address of " + NameOf(*newest_) + ": " + line);
		newest_->logged = true;
		return;
	}
	if (begins("[TCP Server] Disconnect"))
	{
		for (const Peer& peer : peers_)
		{
			Connection* connection = peer.connection;
			if (connection == nullptr || !connection->logged || connection->farewell ||
				line !=
					"[TCP Server] Disconnect Client " + AddressOf(*connection) + ":" +
						std::to_string(connection->port) + "!\n")
				continue;
			connection->farewell = true;
			return;
		}
	}
	if (line == "[TCP Server] Listening: IP=127.0.0.1, port=9000\n" && !listeningLogged_)
	{
		listeningLogged_ = true;
		return;
	}
	const bool full =
		line == "[Error] Socket Set is full.\n" || line == "[Error] Event List is full!\n";
	if (full && model_.capacity > 0 && live_ > model_.capacity)
		return;
	Break(Rule::Log, "unexpected line \"" + line + "\"");
}

// "Error! Line 87: 10048 Only one usage of ...": the number must be one that the last call gave.
void World::ErrorLine(const char* text, std::size_t size)
{
	const std::string line(text, size);
	if (line == "[Error] Can not Alloc Memory.\n")
	{
		errorPrinted_ = true;
		return;
	}
	int number = 0;
	int code = 0;
	int used = 0;
	if (std::sscanf(line.c_str(), "Error! Line %d: %d %n", &number, &code, &used) < 2 ||
		used == 0 || number < 1 || line.find_first_of("\r\n") != size - 1)
		Break(Rule::Log, "unexpected error line \"" + line + "\"");
	if (std::find(codes_.begin(), codes_.end(), code) == codes_.end())
		Break(Rule::Log, "no call gave this error: " + line);
	errorPrinted_ = true;
}

bool World::Tracing() const
{
	return tracing_ != TraceMode::Off;
}

void World::Trace(const std::string& who, const std::string& what)
{
	char number[32];
	std::snprintf(number, sizeof(number), "%4d  %-16s ", ++lines_, who.c_str());
	const std::string line = number + what;
	if (tracing_ == TraceMode::Kept)
		outcome_.trace.push_back(line);
	else
		std::printf("%s\n", line.c_str());
}

} // namespace

const RuleText& Text(Rule rule)
{
	return kRules[static_cast<int>(rule)];
}

Outcome Run(const Model& model, const Scenario& scenario, TraceMode tracing)
{
	return World(model, scenario, tracing).Run();
}

// -- Scenarios ----------------------------------------------------------------------------------

namespace
{
Plan DrawPlan(Random& random, int number, bool crowd)
{
	Plan plan;
	const int kind = random.Below(10);
	if (kind == 0)
		plan.total = 0; // connects only
	else if (kind < 4 || crowd)
	{
		plan.total = random.Between(1, 40);
		plan.chunk = random.Between(1, 20);
	}
	else if (kind < 8)
	{
		plan.total = random.Between(1, 1500);
		plan.chunk = random.Between(50, 1500);
	}
	else
	{
		plan.total = random.Between(500, 5000);
		plan.chunk = random.Between(300, 3000);
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

} // namespace

Scenario Draw(std::uint64_t seed, Dialect dialect, const int (&rates)[kFaults])
{
	Random random(seed * 2 + (dialect == Dialect::Wine ? 1 : 0));
	Scenario scenario;
	scenario.dialect = dialect;
	const int buffers[] = { 1, 100, 512, 700, 2000, 4096 };
	scenario.receiveBuffer = buffers[random.Between(1, 5)];
	// On Wine a byte of room lets a byte pass: a long run that shows nothing more than 100 do.
	scenario.sendBuffer = buffers[random.Between(dialect == Dialect::Wine ? 1 : 0, 5)];
	const int moves[] = { 0, 3, 10, 30 };
	scenario.moves = moves[random.Below(4)];
	scenario.closesWindow = random.Percent(25);

	// Half of the runs have no faults; the others some kinds, often or now and then.
	if (random.Percent(50))
	{
		for (int i = 0; i < static_cast<int>(Fault::WaitFails); i++)
		{
			const int often[] = { 1, 5, 20, 50 };
			if (random.Percent(30))
				scenario.faults[i] = often[random.Below(4)];
		}
		// These end connections: if often, nothing else would be seen.
		for (Fault fault : { Fault::RecvFails, Fault::SendFails, Fault::EventError })
			scenario.faults[static_cast<int>(fault)] =
				std::min(scenario.faults[static_cast<int>(fault)], 5);
	}
	if (random.Percent(3))
		scenario.faults[static_cast<int>(Fault::WaitFails)] = random.Between(1, 10);
	if (random.Percent(2))
		scenario.faults[static_cast<int>(Fault::StartFails)] = random.Between(5, 30);
	for (int i = 0; i < kFaults; i++)
		scenario.faults[i] = rates[i] >= 0 ? rates[i] : scenario.faults[i];

	const int size = random.Below(200);
	const bool crowd = size < 4; // more than the 63 that fit
	int count = random.Between(1, 6);
	if (crowd)
		count = random.Between(62, 72);
	else if (size < 14)
		count = random.Between(7, 16);
	for (int i = 0; i < count; i++)
		scenario.peers.push_back(DrawPlan(random, i, crowd));
	if (crowd) // some come when there is room again
	{
		for (int i = 0; i < 3; i++)
		{
			scenario.peers.push_back(DrawPlan(random, count + i, true));
			scenario.peers.back().after = random.Below(count);
		}
	}
	scenario.schedule = random.Next();
	return scenario;
}

Scenario Orderly(int clients, int messages)
{
	constexpr int kMessage = 64;
	Scenario scenario;
	scenario.orderly = true;
	Plan plan;
	plan.total = kMessage * messages;
	plan.chunk = kMessage;
	plan.asks = plan.waits = true;
	scenario.peers.assign(static_cast<std::size_t>(clients), plan);
	return scenario;
}

Scenario Shorten(const Model& model, const Scenario& scenario)
{
	Scenario best = scenario;
	Outcome shortest = Run(model, best, TraceMode::Kept);
	const Rule rule = shortest.rule;
	int runs = 0;
	constexpr int kRuns = 6000;

	const auto keep = [&](const Scenario& candidate) {
		if (++runs > kRuns)
			return false;
		Outcome outcome = Run(model, candidate, TraceMode::Kept);
		if (!outcome.failed || outcome.rule != rule || outcome.trace.size() > shortest.trace.size())
			return false;
		const bool shorter = outcome.trace.size() < shortest.trace.size();
		best = candidate;
		shortest = std::move(outcome);
		return shorter;
	};
	// A change of the scenario changes all later choices: so it is tried with several schedules.
	const auto attempt = [&](Scenario candidate) {
		if (keep(candidate))
			return true;
		for (std::uint64_t i = 0; i < 6; i++)
		{
			candidate.schedule = i;
			if (keep(candidate))
				return true;
		}
		return false;
	};

	// Few peers first: one, two, then three of them, whoever.
	Random random(1);
	for (int count = 1; count <= 3; count++)
	{
		for (int i = 0; i < 300 && best.peers.size() > static_cast<std::size_t>(count); i++)
		{
			Scenario candidate = best;
			candidate.peers.clear();
			for (int k = 0; k < count; k++)
			{
				const int peers = static_cast<int>(scenario.peers.size());
				candidate.peers.push_back(
					scenario.peers[static_cast<std::size_t>(random.Below(peers))]);
				candidate.peers.back().after = k > 0 && random.Percent(50) ? k - 1 : -1;
			}
			candidate.schedule = random.Next();
			keep(candidate);
		}
	}

	bool better = true;
	while (better && runs < kRuns)
	{
		better = false;
		for (std::size_t i = best.peers.size(); i-- > 0;)
		{
			Scenario candidate = best;
			candidate.peers.erase(candidate.peers.begin() + static_cast<std::ptrdiff_t>(i));
			for (Plan& plan : candidate.peers)
			{
				const int removed = static_cast<int>(i);
				if (plan.after >= removed)
					plan.after = plan.after == removed ? -1 : plan.after - 1;
			}
			better |= attempt(candidate);
		}
		for (int i = 0; i < kFaults; i++)
		{
			Scenario candidate = best;
			candidate.faults[i] = 0;
			if (best.faults[i] != 0)
				better |= attempt(candidate);
		}
		for (std::size_t i = 0; i < best.peers.size(); i++)
		{
			Scenario candidate = best;
			Plan& plan = candidate.peers[i];
			for (int total : { 0, 1, plan.total / 2, plan.total - 100, plan.total - 1 })
			{
				plan = best.peers[i];
				plan.total = std::max(total, 0);
				plan.chunk = std::max(plan.total, 1);
				if (total >= 0 && total < best.peers[i].total)
					better |= attempt(candidate);
			}
			plan = best.peers[i];
			plan.chunk = std::max(plan.total, 1);
			better |= attempt(candidate);
			plan.resetAfter = -1;
			better |= attempt(candidate);
			plan.after = -1;
			plan.waits = plan.asks = plan.holds = false;
			better |= attempt(candidate);
		}
		Scenario candidate = best;
		candidate.moves = 0;
		better |= attempt(candidate);
		candidate = best;
		candidate.closesWindow = false;
		candidate.receiveBuffer = 4096;
		better |= attempt(candidate);
		candidate.sendBuffer = 4096;
		better |= attempt(candidate);
		candidate = best;
		for (std::uint64_t i = 0; i < 40; i++)
		{
			candidate.schedule = 1000 + i;
			better |= keep(candidate);
		}
	}
	return best;
}

} // namespace sim

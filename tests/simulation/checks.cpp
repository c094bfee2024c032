#include "checks.h"

#include "choices.h"
#include "printable.h" // the client's

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace sim
{
using namespace winsock;

namespace
{
// Calls in a row that change nothing. A full turn of a server that waits, with 64 sockets, is less.
constexpr int kSpin = 1000;

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
	{ "elsewhere", "no wait that leaves out a client who could be served", "E03-4 E05-3" },
	{ "owed", "no wait while a client's data can be read, or sent back",
		"E03-1 E04-7 E05-1 E05-2 E05-4 E05-5" },
	{ "deaf", "no wait that leaves out those who want to connect", "E03-4 E03-5 E05-10" },
	{ "spin", "no calls without end that change nothing", "E03-1 E05-8" },
	{ "awake", "while nothing happens a server rests: nothing of its own wakes it", "E05-8" },
	{ "refused",
		"without room for a new client: the server waits before it tries again, and does "
		"not fill the log",
		"E00-8" },
	{ "unfair", "nobody gets one buffer after the other while another is ready",
		"E03-4 E03-5 E05-1 E05-3" },
	{ "log", "the log tells what happened, of the right peer",
		"E00-2 E00-5 E00-6 E03-2 E03-3 E04-3 E04-4 E05-5 E05-9" },
	{ "no-word", "a connection that an error ends leaves an error line", "E00-2 E04-4 E05-5" },
	{ "flush", "the log is complete when the server waits", "E00-9" },
	{ "exit", "the server goes on until it is told to end", "E00-8 E05-7" },
	{ "wait-again", "a wait that fails ends the server, with a message and exit code 1",
		"E00-1 E05-8 E05-11" },
	{ "start", "a start-up call that fails ends the server, with a message and exit code 1",
		"E00-1" },
	{ "exposed", "exclusive, on the loopback address and on the port that was asked for",
		"E00-10" },
	{ "memory", "refused memory costs one client, not the server", "E00-7" },
};
static_assert(std::size(kRules) == static_cast<std::size_t>(Rule::Count));

// What the peers send: text for the most part, and every kind of byte that a log must not print as
// it is. Two peers' bytes differ, and so do two places of one peer's.
constexpr std::size_t kPattern = 8191;

std::array<char, kPattern + kBufferSize> MakePattern()
{
	std::array<char, kPattern + kBufferSize> bytes;
	Random random(1);
	static const char special[] = { '\0', '\n', '\r', '\\', '%', '\x7F', '\x1A', '\x1B', '\xEA' };
	for (std::size_t i = 0; i < kPattern; i++)
		bytes[i] = random.Below(64) == 0 ? special[random.Below(sizeof(special))]
										 : static_cast<char>(random.Between('!', 'Z'));
	for (std::size_t i = 100; i < kPattern; i += 100) // C1 controls in UTF-8, and their neighbours
	{
		bytes[i - 1] = '\xC2';
		bytes[i] = static_cast<char>(random.Between(0x7F, 0xA0));
	}
	std::copy_n(bytes.begin(), kBufferSize, bytes.begin() + kPattern);
	return bytes;
}

std::string NameOf(const Connection& connection)
{
	return "peer " + std::to_string(connection.peer);
}

// As the peers of World have it: 127.0.1.n.
std::string AddressOf(const Connection& connection, const char* between)
{
	return "127.0.1." + std::to_string(connection.address >> 24) + between +
		std::to_string(connection.port);
}

} // namespace

const RuleText& Text(Rule rule)
{
	return kRules[static_cast<int>(rule)];
}

const char* PatternOf(int peer, std::size_t offset)
{
	static const auto pattern = MakePattern();
	return pattern.data() + (offset + static_cast<std::size_t>(peer) * 977) % kPattern;
}

Checks::Checks(const Model& model, const Conditions& conditions, std::size_t peers)
	: model_(model), network_(*this, conditions), clients_(peers)
{
}

void Checks::Break(Rule rule, const std::string& what)
{
	Trace("broken", std::string(Text(rule).name) + ": " + what);
	throw Broken{ rule, what };
}

// -- Calls and waits ----------------------------------------------------------------------------

void Checks::Entering(Call call, Connection* connection)
{
	codes_.clear();
	if (!started_ && (call == model_.wait || call == Call::Accept))
	{
		started_ = true;
		sockets_ = network_.sockets;
		events_ = network_.events;
		memory_ = network_.memory.size();
		if (startFailed_)
			Break(Rule::Start, "the server starts all the same");
		if (!listeningLogged_)
			Break(Rule::Log, "no Listening line");
	}
	const bool ending =
		call == Call::CloseSocket || call == Call::CloseEvent || call == Call::WSACleanup;
	// 04 goes on until its thread's messages have come to the one that ends it.
	if (lasting_ && !ending &&
		(lastingFault_ == Fault::WaitFails || model_.wait != Call::GetMessage))
		Break(Rule::WaitAgain, "the server goes on");
	if (++sinceProgress_ > kSpin)
		Break(Rule::Spin, std::to_string(kSpin) + " calls in a row, and nothing changed");
	if (call == Call::Recv && connection != nullptr)
		Of(*connection).waiting = 0; // this is its turn
	if ((call == Call::Recv || call == Call::Send) && refusals_ > 0)
		refusals_--; // a turn of serving others may try again
	if (call == Call::Accept)
	{
		refusedBefore_ = refused_;
		refused_ = false;
	}
	if (call == model_.wait)
		sleeps_ = 0;
	else if (call == Call::Sleep)
		sleeps_++;
}

void Checks::CheckFlushed(Call call)
{
	if (unflushed_)
		Break(Rule::Flush,
			std::string("unwritten log lines at ") + kCallNames[static_cast<int>(call)]);
}

void Checks::CheckWait(const Waiting& waiting)
{
	const std::string call = kCallNames[static_cast<int>(waiting.call)];
	CheckFlushed(waiting.call);
	CheckLogged();
	if (lasting_)
		Break(Rule::WaitAgain, "the server waits in " + call);
	const bool limited = waiting.limit != WSA_INFINITE;
	// While accept() has no room a server may sleep for a second, but not instead of serving.
	if (waiting.call == Call::Sleep && refused_ && waiting.limit <= 1000 && sleeps_ == 1)
		return;
	for (const Client& client : clients_)
	{
		const Connection* connection = client.connection;
		if (!client.Live() || connection->reset || connection->broken != 0)
			continue;
		const std::size_t held = client.received - client.echoed;
		const bool room =
			connection->unsent.size() < static_cast<std::size_t>(network_.conditions.sendBuffer);
		if (held > 0 ? !room : connection->unread.empty() && !connection->fin)
			continue;
		const bool covered =
			waiting.everything || std::ranges::count(waiting.sockets, connection->handle) != 0;
		Break(covered ? Rule::Owed : Rule::Elsewhere,
			"waits in " + call + " although " + NameOf(*connection) +
				(held > 0                            ? " can be sent its data"
						: connection->unread.empty() ? " has ended"
													 : " has sent data"));
	}
	if (model_.together && !network_.backlog.empty() && !(refused_ && limited))
		Break(waiting.call == model_.wait ? Rule::Deaf : Rule::Elsewhere,
			"waits in " + call + " although " + NameOf(*network_.backlog.front()) +
				" wants to connect");
}

void Checks::CheckEnd()
{
	std::string what;
	const auto left = [&what](std::ptrdiff_t count, const char* of) {
		if (count != 0)
			what += std::to_string(count) + of;
	};
	left(network_.sockets - sockets_, " sockets ");
	left(network_.events - events_, " events ");
	left(static_cast<std::ptrdiff_t>(network_.memory.size()) - static_cast<std::ptrdiff_t>(memory_),
		" allocations ");
	if (!what.empty())
		Break(Rule::Leak, what + "left when the last client has gone");
	for (const Client& client : clients_)
	{
		if (client.connection != nullptr && !client.excused && !client.farewell)
			Break(Rule::Log, "no Disconnect line for " + NameOf(*client.connection));
	}
	if (windowClosed_)
		Break(Rule::Exit, "the window is closed and the server goes on");
}

void Checks::CheckReturn(int code)
{
	const std::string text = "the server ends with exit code " + std::to_string(code);
	Trace("server", "ends with exit code " + std::to_string(code));
	if (!startFailed_ && !lasting_)
	{
		if (!windowClosed_ || code != 0)
			Break(Rule::Exit, text);
	}
	else if (code != 1 || !errorPrinted_)
		Break(startFailed_ ? Rule::Start : Rule::WaitAgain,
			text + (errorPrinted_ ? "" : ", without a message"));
}

// -- Fairness -----------------------------------------------------------------------------------

void Checks::Look()
{
	for (Client& client : clients_)
	{
		const Connection* connection = client.connection;
		const bool could = client.Live() &&
			(connection->registered || model_.wait == Call::Select) &&
			!connection->unread.empty() && client.received == client.echoed && !connection->reset &&
			connection->broken == 0;
		if (!could)
			client.waiting = 0;
		else if (client.waiting == 0)
			client.waiting = turn_ + 1;
	}
}

// A client that could be served, that is, one with data to read, nothing unsent, and its events
// registered, is served before any other gets a third buffer. Two are possible without anybody
// being treated badly: one in the turn that had begun before it was ready, one in the next. A
// client that has once got a message too many may get more: each recv() brings a message, so that
// from then on two are on their way. And where Winsock has posted late, the order is not the
// server's.
void Checks::Received(Connection& connection, const char* data, int size)
{
	Client& client = Of(connection);
	CheckLogged();
	sinceProgress_ = 0;
	client.received += static_cast<std::size_t>(size);
	const std::size_t held = client.received - client.echoed;
	if (held > kBufferSize)
		Break(Rule::Held, std::to_string(held) + " bytes of " + NameOf(connection));
	expected_ = "[TCP/" + AddressOf(connection, ":") + "] " +
		echo::Printable({ data, static_cast<std::size_t>(size) }) + "\n";

	turn_++;
	std::shift_left(client.turns, client.turns + 3, 1);
	client.turns[2] = turn_;
	for (const Client& other : clients_)
	{
		if (model_.together && !client.extra && !network_.wasLate && &other != &client &&
			other.waiting != 0 && client.turns[0] >= other.waiting)
			Break(Rule::Unfair,
				NameOf(connection) + " gets its third buffer while " + NameOf(*other.connection) +
					" waits for its first");
	}
}

// -- Connections --------------------------------------------------------------------------------

void Checks::BadHandle(const char* call, std::uintptr_t handle)
{
	Break(Rule::Handle, std::string(call) + " on one that is not open: " + std::to_string(handle));
}

void Checks::SharedEvent(Connection& connection)
{
	Break(Rule::SharedEvent, NameOf(connection) + " gets the event of another");
}

void Checks::Listening(bool exclusive, const SOCKADDR_IN& name)
{
	if (!exclusive)
		Break(Rule::Exposed, "no SO_EXCLUSIVEADDRUSE");
	if (name.sin_addr.s_addr != 0x0100007F)
		Break(Rule::Exposed, "not on 127.0.0.1");
	if (name.sin_port != htons(9000))
		Break(Rule::Exposed, "on port " + std::to_string(ntohs(name.sin_port)));
}

void Checks::Accepted(Connection& connection)
{
	CheckLogged();
	sinceProgress_ = 0;
	if (newest_ != nullptr && !newest_->logged)
		Break(Rule::Log, "no Accept line for " + NameOf(*newest_->connection));
	newest_ = &Of(connection);
	newest_->connection = &connection;
	fullLogged_ = false;
	live_++;
}

// Up to 20 attempts at once, then 200 in a second, not counting one for each recv() and send(): far
// from a whole core. Ten lines at once, then
// one in a second.
void Checks::Refused()
{
	if (!refusedBefore_)
	{
		refusedSince_ = network_.now;
		refusals_ = refusalLines_ = 0;
	}
	refused_ = true;
	if (++refusals_ > 20 + (network_.now - refusedSince_) / 5)
		Break(Rule::Refused, "accept() again and again, without a pause");
}

void Checks::Sending(Connection& connection, const char* data, int size)
{
	Client& client = Of(connection);
	CheckLogged();
	const std::size_t held = client.received - client.echoed;
	if (static_cast<std::size_t>(size) > held)
		Break(Rule::Echo,
			"sends " + std::to_string(size) + " bytes to " + NameOf(connection) +
				", which is owed " + std::to_string(held));
	if (std::memcmp(data, PatternOf(connection.peer, client.echoed),
			static_cast<std::size_t>(size)) != 0)
		Break(Rule::Echo,
			"not the bytes of " + NameOf(connection) + " from " + std::to_string(client.echoed) +
				" on");
}

void Checks::Sent(Connection& connection, int size)
{
	Of(connection).echoed += static_cast<std::size_t>(size);
	sinceProgress_ = 0;
}

void Checks::Closing(Connection& connection)
{
	Client& client = Of(connection);
	CheckLogged();
	sinceProgress_ = 0;
	const bool full = model_.capacity > 0 && live_ > model_.capacity;
	live_--;
	client.excused |= full;
	if (!client.logged)
		Break(Rule::Log, "no Accept line for " + NameOf(connection));
	if (full && !fullLogged_)
		Break(Rule::Log, "nothing says that " + NameOf(connection) + " is one too many");
	if (client.Failed() && !client.told)
		Break(Rule::NoWord,
			NameOf(connection) + " is closed after " + ErrorName(client.errors.back()));
	if (connection.reset || client.Failed() || client.excused)
		return;
	const std::size_t left = connection.unread.size() + client.received - client.echoed;
	if (left > 0 || !connection.fin)
		Break(connection.fin && connection.unread.empty() ? Rule::Lost : Rule::Dropped,
			std::to_string(left) + " bytes of " + NameOf(connection) + " never echoed");
}

void Checks::Failed(int code, Connection* connection)
{
	codes_.push_back(code);
	if (code == WSAEWOULDBLOCK || connection == nullptr)
		return;
	Of(*connection).errors.push_back(code);
}

void Checks::Lasting(Fault fault)
{
	if (fault == Fault::WaitFails || fault == Fault::ListenerFails)
	{
		lasting_ = true;
		lastingFault_ = fault;
	}
	if (fault != Fault::MemoryFails && fault != Fault::CreateEventFails)
		return;
	memoryFailed_ = true;
	if (newest_ == nullptr)
		return;
	newest_->excused = true;
	newest_->errors.push_back(WSA_NOT_ENOUGH_MEMORY);
}

void Checks::Extra(Connection& connection)
{
	Of(connection).extra = true;
}

// -- The log ------------------------------------------------------------------------------------

void Checks::CheckLogged()
{
	if (!expected_.empty())
		Break(Rule::Log, "the bytes that were received are not logged");
}

void Checks::Flushed()
{
	unflushed_ = false;
	if (!line_.empty())
		Break(Rule::Log, "a line in pieces: \"" + line_ + "\"");
}

void Checks::Written(bool toError, const char* text, std::size_t size)
{
	if (toError)
	{
		ErrorLine(std::string(text, size));
		return;
	}
	unflushed_ |= size > 0;
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

void Checks::LogLine(const std::string& line)
{
	if (!expected_.empty())
	{
		if (line != expected_)
			Break(Rule::Log, "expected \"" + expected_ + "\", found \"" + line + "\"");
		expected_.clear();
		return;
	}
	if (!listeningLogged_ && line == "[TCP Server] Listening: IP=127.0.0.1, port=9000\n")
	{
		listeningLogged_ = true;
		return;
	}
	for (Client& client : clients_)
	{
		if (client.connection == nullptr || client.farewell)
			continue;
		const std::string expected = client.logged
			? "[TCP Server] Disconnect Client " + AddressOf(*client.connection, ":") + "!\n"
			: "\n[TCP Server] Accept Client: IP=" + AddressOf(*client.connection, ", port=") + "\n";
		if (line != expected)
			continue;
		(client.logged ? client.farewell : client.logged) = true;
		return;
	}
	const bool full =
		line == "[Error] Socket Set is full.\n" || line == "[Error] Event List is full!\n";
	if (line == "[Error] Can not Alloc Memory.\n" && memoryFailed_)
		TellError(WSA_NOT_ENOUGH_MEMORY);
	else if (full && model_.capacity > 0 && live_ > model_.capacity)
		fullLogged_ = true;
	else
		Break(Rule::Log, "unexpected line \"" + line + "\"");
}

// "Error! Line 87: 10048 Only one usage of ...": the number must be one that the last call gave.
void Checks::ErrorLine(const std::string& line)
{
	int number = 0;
	int code = 0;
	if (std::sscanf(line.c_str(), "Error! Line %d: %d ", &number, &code) < 2 || number < 1 ||
		line.find_first_of("\r\n") != line.size() - 1)
		Break(Rule::Log, "unexpected error line \"" + line + "\"");
	if (std::ranges::count(codes_, code) == 0)
		Break(Rule::Log, "no call gave this error: " + line);
	if (refused_ && (code == WSAEMFILE || code == WSAENOBUFS) &&
		++refusalLines_ > 10 + (network_.now - refusedSince_) / 1000)
		Break(Rule::Refused, "error lines without end");
	TellError(code);
}

void Checks::TellError(int code)
{
	errorPrinted_ = true;
	for (Client& client : clients_)
		client.told |= std::ranges::count(client.errors, code) != 0;
}

} // namespace sim

#include "checks.h"

#include "choices.h"
#include "echo/text.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace sim
{
using namespace winsock;

namespace
{
// Calls in a row that change nothing. A full turn of a server that waits, with 64 sockets, is less.
constexpr int kSpin = 1000;

// What the peers send: text for the most part, and every kind of byte that a log must not print as
// it is. Two peers' bytes differ, and so do two places of one peer's. It goes round, and a little
// further.
constexpr std::size_t kPattern = 8191;

std::string MakePattern()
{
	std::string bytes(kPattern, '\0');
	Random random(1);
	static const char special[] = { '\0', '\n', '\r', '\\', '%', '\x7F', '\x1A', '\x1B', '\xEA' };
	for (char& byte : bytes)
		byte = random.Below(64) == 0 ? special[random.Below(sizeof(special))]
									 : static_cast<char>(random.Between('!', 'Z'));
	for (std::size_t i = 100; i < kPattern; i += 100) // C1 controls in UTF-8, and their neighbours
	{
		bytes[i - 1] = '\xC2';
		bytes[i] = static_cast<char>(random.Between(0x7F, 0xA0));
	}
	return bytes + bytes.substr(0, kLongest);
}

std::string AddressOf(const Connection& connection, const char* between)
{
	return "127.0.1." + std::to_string(connection.peer) + between +
		std::to_string(40000 + connection.peer);
}

} // namespace

const char* PatternOf(int peer, std::size_t offset)
{
	static const std::string pattern = MakePattern();
	return pattern.data() + (offset + static_cast<std::size_t>(peer) * 977) % kPattern;
}

Checks::Checks(const Model& model, const Conditions& conditions, std::size_t peers)
	: model_(model), network_(*this, conditions), clients_(peers)
{
	int number = 0;
	for (Client& client : clients_)
		client.peer = ++number;
}

// -- Calls and waits ----------------------------------------------------------------------------

void Checks::Entering(Call call, Connection* connection)
{
	codes_.clear();
	if (!started_ && (call == model_.wait || call == Call::Accept))
	{
		started_ = true;
		sockets_ = network_.Count(Object::Kind::Socket);
		events_ = network_.Count(Object::Kind::Event);
		memory_ = std::ssize(network_.memory);
		if (startFailed_)
			Break(rule::Start, "the server starts all the same");
		if (!listeningLogged_)
			Break(rule::Log, "no Listening line");
	}
	const bool ending =
		call == Call::CloseSocket || call == Call::CloseEvent || call == Call::WSACleanup;
	// 04 goes on until its thread's messages have come to the one that ends it.
	if (lasting_ && !ending &&
		(lastingFault_ == Fault::WaitFails || model_.wait != Call::GetMessage))
		Break(rule::WaitAgain, "the server goes on");
	if (++sinceProgress_ > kSpin)
		Break(rule::Spin, kSpin, " calls in a row, and nothing changed");
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
		Break(rule::Flush, "unwritten log lines at ", Name(call));
}

void Checks::CheckWait(const Waiting& waiting)
{
	const std::string call = Name(waiting.call);
	CheckFlushed(waiting.call);
	CheckLogged();
	if (lasting_)
		Break(rule::WaitAgain, "the server waits in ", call);
	const bool limited = waiting.limit != WSA_INFINITE;
	// While accept() has no room a server may sleep for a second, but not instead of serving.
	if (waiting.call == Call::Sleep && refused_ && waiting.limit <= 1000 && sleeps_ == 1)
		return;
	for (const Client& client : clients_)
	{
		if (!client.Live())
			continue;
		const std::size_t held = client.received - client.echoed;
		const bool room = client.unsent.size() < network_.conditions.sendBuffer;
		if (held > 0 ? !room : client.unread.empty() && !client.fin)
			continue;
		const bool covered =
			waiting.everything || std::ranges::count(waiting.sockets, client.handle) != 0;
		Break(covered ? rule::Owed : rule::Elsewhere, "waits in ", call, " although ",
			NameOf(client),
			(held > 0                       ? " can be sent its data"
					: client.unread.empty() ? " has ended"
											: " has sent data"));
	}
	if (model_.together && !network_.backlog.empty() && !(refused_ && limited))
		Break(waiting.call == model_.wait ? rule::Deaf : rule::Elsewhere, "waits in ", call,
			" although ", NameOf(*network_.backlog.front()), " wants to connect");
}

void Checks::CheckEnd()
{
	const auto sockets = network_.Count(Object::Kind::Socket) - sockets_;
	const auto events = network_.Count(Object::Kind::Event) - events_;
	const auto allocations = std::ssize(network_.memory) - memory_;
	if (sockets != 0 || events != 0 || allocations != 0)
		Break(rule::Leak, sockets, " sockets, ", events, " events, ", allocations,
			" allocations left when the last client has gone");
	for (const Client& client : clients_)
	{
		if (client.accepted && !client.excused && !client.farewell)
			Break(rule::Log, "no Disconnect line for ", NameOf(client));
	}
	if (windowClosed_)
		Break(rule::Exit, "the window is closed and the server goes on");
}

void Checks::CheckReturn(int code)
{
	const std::string text = "ends with exit code " + std::to_string(code);
	Trace("server", text);
	const bool failed = startFailed_ || lasting_;
	if (!failed && (!windowClosed_ || code != 0))
		Break(rule::Exit, "the server ", text);
	if (failed && (code != 1 || !errorPrinted_))
		Break(startFailed_ ? rule::Start : rule::WaitAgain, "the server ", text,
			errorPrinted_ ? "" : ", without a message");
}

// -- Fairness -----------------------------------------------------------------------------------

void Checks::Look()
{
	for (Client& client : clients_)
	{
		const bool could = client.Live() && (client.registered || model_.wait == Call::Select) &&
			!client.unread.empty() && client.received == client.echoed;
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
	const std::string_view bytes(data, static_cast<std::size_t>(size));
	client.received += bytes.size();
	const std::size_t held = client.received - client.echoed;
	if (held > kBufferSize)
		Break(rule::Held, held, " bytes of ", NameOf(connection));
	expected_ = "[TCP/" + AddressOf(connection, ":") + "] " + echo::Printable(bytes) + "\n";

	turn_++;
	std::shift_left(client.turns, client.turns + 3, 1);
	client.turns[2] = turn_;
	for (const Client& other : clients_)
	{
		if (model_.together && !connection.extra && !network_.wasLate && &other != &client &&
			other.waiting != 0 && client.turns[0] >= other.waiting)
			Break(rule::Unfair, NameOf(connection), " gets its third buffer while ", NameOf(other),
				" waits for its first");
	}
}

// -- Connections --------------------------------------------------------------------------------

void Checks::BadHandle(const char* call, std::uintptr_t handle)
{
	Break(rule::Handle, call, " on one that is not open: ", handle);
}

void Checks::SharedEvent(Connection& connection)
{
	Break(rule::SharedEvent, NameOf(connection), " gets the event of another");
}

void Checks::Listening(bool exclusive, const SOCKADDR_IN& name)
{
	if (!exclusive)
		Break(rule::Exposed, "no SO_EXCLUSIVEADDRUSE");
	if (name.sin_addr.s_addr != 0x0100007F)
		Break(rule::Exposed, "not on 127.0.0.1");
	if (name.sin_port != htons(9000))
		Break(rule::Exposed, "on port ", ntohs(name.sin_port));
}

void Checks::Accepted(Connection& connection)
{
	CheckLogged();
	sinceProgress_ = 0;
	if (newest_ != nullptr && !newest_->logged)
		Break(rule::Log, "no Accept line for ", NameOf(*newest_));
	newest_ = &Of(connection);
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
		Break(rule::Refused, "accept() again and again, without a pause");
}

void Checks::Sending(Connection& connection, const char* data, int size)
{
	Client& client = Of(connection);
	CheckLogged();
	const std::size_t held = client.received - client.echoed;
	const std::string_view bytes(data, static_cast<std::size_t>(size));
	if (bytes.size() > held)
		Break(rule::Echo, "sends ", size, " bytes to ", NameOf(connection), ", which is owed ",
			held);
	if (bytes != std::string_view(PatternOf(connection.peer, client.echoed), bytes.size()))
		Break(rule::Echo, "not the bytes of ", NameOf(connection), " from ", client.echoed, " on");
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
		Break(rule::Log, "no Accept line for ", NameOf(connection));
	if (full && !fullLogged_)
		Break(rule::Log, "nothing says that ", NameOf(connection), " is one too many");
	if (!client.errors.empty() && !client.told)
		Break(rule::NoWord, NameOf(connection), " is closed after ",
			ErrorName(client.errors.back()));
	if (connection.reset || !client.errors.empty() || client.excused)
		return;
	const std::size_t left = connection.unread.size() + client.received - client.echoed;
	if (left > 0 || !connection.fin)
		Break(connection.fin && connection.unread.empty() ? rule::Lost : rule::Dropped, left,
			" bytes of ", NameOf(connection), " never echoed");
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

// -- The log ------------------------------------------------------------------------------------

void Checks::CheckLogged()
{
	if (!expected_.empty())
		Break(rule::Log, "the bytes that were received are not logged");
}

void Checks::Flushed()
{
	unflushed_ = false;
	if (!line_.empty())
		Break(rule::Log, "a line in pieces: \"", line_, "\"");
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
			Break(rule::Log, "expected \"", expected_, "\", found \"", line, "\"");
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
		if (!client.accepted || client.farewell)
			continue;
		const std::string expected = client.logged
			? "[TCP Server] Disconnect Client " + AddressOf(client, ":") + "!\n"
			: "\n[TCP Server] Accept Client: IP=" + AddressOf(client, ", port=") + "\n";
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
		Break(rule::Log, "unexpected line \"", line, "\"");
}

// "Error! Line 87: 10048 Only one usage of ...": the number must be one that the last call gave.
void Checks::ErrorLine(const std::string& line)
{
	int number = 0;
	int code = 0;
	if (std::sscanf(line.c_str(), "Error! Line %d: %d ", &number, &code) < 2 || number < 1 ||
		line.find_first_of("\r\n") != line.size() - 1)
		Break(rule::Log, "unexpected error line \"", line, "\"");
	if (std::ranges::count(codes_, code) == 0)
		Break(rule::Log, "no call gave this error: ", line);
	if (refused_ && (code == WSAEMFILE || code == WSAENOBUFS) &&
		++refusalLines_ > 10 + (network_.now - refusedSince_) / 100)
		Break(rule::Refused, "error lines without end");
	TellError(code);
}

void Checks::TellError(int code)
{
	errorPrinted_ = true;
	for (Client& client : clients_)
		client.told |= std::ranges::count(client.errors, code) != 0;
}

} // namespace sim

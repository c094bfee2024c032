#include "checks.h"

#include "echo/text.h"

#include <algorithm>
#include <cstdio>

namespace sim
{
using namespace winsock;

namespace
{
// Calls in a row that change nothing. A full turn of a server that waits, with 64 sockets, is less.
constexpr int kSpin = 1000;

std::string AddressOf(const Connection& connection, const char* between)
{
	return "127.0.1." + std::to_string(connection.peer) + between +
		std::to_string(40000 + connection.peer);
}

bool Live(const Connection& connection)
{
	return connection.accepted && !connection.closed && !connection.reset && connection.broken == 0;
}

} // namespace

Checks::Checks(const Model& model, const Network& network,
	const std::vector<Connection>& connections, Trace& trace)
	: model_(model), network_(network), connections_(connections), accounts_(connections.size()),
	  trace_(trace)
{
}

void Checks::Tell(const Event& event)
{
	const auto bytes = [&event] {
		return std::string_view(event.data, static_cast<std::size_t>(event.number));
	};
	switch (event.kind)
	{
	case Event::Called:
		return Called(event.call, event.connection);
	case Event::Waits:
		return Waits(*event.waiting);
	case Event::Returned: {
		const std::string result = ResultOf(network_.record);
		return trace_.Line("server",
			std::string(Name(network_.record.call)) + "(" + ArgumentsOf(network_.record) + ")" +
				(result.empty() ? "" : " -> " + result));
	}
	case Event::BadHandle:
		Break(rule::Handle, event.call == Call::Count ? "delete" : Name(event.call),
			" on one that is not open: ", event.handle);
	case Event::SharedEvent:
		Break(rule::SharedEvent, NameOf(event.connection->peer), " gets the event of another");
	case Event::Listening:
		return Listening(*event.socket);
	case Event::Accepted:
		return Accepted(*event.connection);
	case Event::Refused:
		return Refused();
	case Event::Ready:
		Of(*event.connection).ready = true;
		return;
	case Event::Received:
		return Received(*event.connection, bytes());
	case Event::Sending:
		return Sending(*event.connection, bytes());
	case Event::Sent:
		Of(*event.connection).echoed += static_cast<std::size_t>(event.number);
		return Progress();
	case Event::Closing:
		return Closing(*event.connection);
	case Event::Failed:
		return Failed(event.number, event.connection);
	case Event::Faulted:
		return Faulted(event.fault);
	case Event::Ends:
		return CheckReturn(event.number);
	case Event::OutOfMemory:
		Break(rule::Memory, "std::bad_alloc leaves main()");
	case Event::Printed:
		return Printed(bytes());
	case Event::PrintedError:
		return ErrorLine(std::string(bytes()));
	case Event::Flushed:
		return Flushed();
	}
}

// -- Calls and waits ----------------------------------------------------------------------------

void Checks::Called(Call call, const Connection* connection)
{
	codes_.clear();
	if ((phase_ == Phase::Starting || phase_ == Phase::StartFailed) &&
		(call == model_.wait || call == Call::Accept))
	{
		sockets_ = network_.Count(Object::Kind::Socket);
		events_ = network_.Count(Object::Kind::Event);
		memory_ = std::ssize(network_.memory);
		if (phase_ == Phase::StartFailed)
			Break(rule::Start, "the server starts all the same");
		if (!listeningLogged_)
			Break(rule::Log, "no Listening line");
		phase_ = Phase::Serving;
	}
	const bool ending =
		call == Call::CloseSocket || call == Call::CloseEvent || call == Call::WSACleanup;
	// 04 goes on until its thread's messages have come to the one that ends it.
	if (phase_ == Phase::Failing && !ending &&
		(failure_ == Fault::WaitFails || model_.wait != Call::GetMessage))
		Break(rule::WaitAgain, "the server goes on");
	if (++sinceProgress_ > kSpin)
		Spins();
	if (call == Call::Recv && connection != nullptr)
		Of(*connection).waiting = 0; // this is its turn
	if ((call == Call::Recv || call == Call::Send || call == Call::CloseSocket) &&
		connection != nullptr)
		Of(*connection).ready = false;
	for (const Connection& other : connections_)
	{
		if (call == Call::Select && Of(other).ready)
			Break(rule::Unfair, "select() again, although ", NameOf(other.peer),
				", which it reported, has not had its turn");
	}
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

void Checks::Waits(const Waiting& waiting)
{
	const std::string call = Name(waiting.call);
	CheckFlushed(waiting.call);
	CheckLogged();
	if (phase_ == Phase::Failing)
		Break(rule::WaitAgain, "the server waits in ", call);
	const bool limited = waiting.limit != WSA_INFINITE;
	// While accept() has no room a server may sleep for a second, but not instead of serving.
	if (waiting.call == Call::Sleep && refused_ && waiting.limit <= 1000 && sleeps_ == 1)
		return;
	for (const Connection& connection : connections_)
	{
		if (!Live(connection))
			continue;
		const std::size_t held = Of(connection).Held();
		const bool room = connection.unsent.size() < network_.conditions.sendBuffer;
		if (held > 0 ? !room : connection.unread.empty() && !connection.fin)
			continue;
		const bool covered =
			waiting.everything || std::ranges::count(waiting.sockets, connection.handle) != 0;
		Break(covered ? rule::Owed : rule::Elsewhere, "waits in ", call, " although ",
			NameOf(connection.peer),
			(held > 0                           ? " can be sent its data"
					: connection.unread.empty() ? " has ended"
												: " has sent data"));
	}
	if (!model_.iterative && !network_.backlog.empty() && !(refused_ && limited))
		Break(waiting.call == model_.wait ? rule::Deaf : rule::Elsewhere, "waits in ", call,
			" although ", NameOf(network_.backlog.front()->peer), " wants to connect");
}

// Time passes only where there is no room: Refused() watches over that.
void Checks::TimePasses(const Waiting& waiting)
{
	if (!refused_)
		Break(rule::Awake, waiting.limit, " ms in ", Name(waiting.call),
			" are over, and nothing has happened");
	Progress();
}

void Checks::Spins()
{
	Break(rule::Spin, sinceProgress_ - 1, " calls in a row, and nothing changed");
}

void Checks::Progress()
{
	sinceProgress_ = 0;
}

// -- The end ------------------------------------------------------------------------------------

void Checks::Leaves(const Connection& connection)
{
	const Account& account = Of(connection);
	if (!connection.accepted || !account.errors.empty() || account.excused)
		return;
	if (connection.read != connection.sent.size())
		Break(rule::Lost, connection.sent.size() - connection.read, " bytes of ",
			NameOf(connection.peer), " never came back");
	if (connection.aborted)
		Break(rule::Lost, NameOf(connection.peer), " gets a reset in place of the end");
}

bool Checks::NothingComes(Call call)
{
	// The system does not say that the peer has reset: the server owes it data, waits for room, and
	// has had an FD_CLOSE for the end before it, or asks select() for the write side only.
	const bool untold = !network_.conditions.resetWakesWriter &&
		std::ranges::any_of(connections_, [this](const Connection& connection) {
			return !connection.closed && connection.reset && Of(connection).Held() > 0 &&
				(connection.fin || model_.wait == Call::Select);
		});
	for (const Connection& connection : connections_)
	{
		if (connection.done || !connection.connected) // waits for one who is not done either
			continue;
		if (untold && !connection.accepted) // that one takes the room
			continue;
		std::string what = " never sees the end";
		if (!connection.accepted)
			what = " is never accepted";
		else if (connection.sent.size() != connection.read)
			what = " never gets " + std::to_string(connection.sent.size() - connection.read) +
				" bytes back";
		Break(rule::Stall, "nothing will ever come at ", Name(call), ": ", NameOf(connection.peer),
			what);
	}
	return !untold;
}

void Checks::WindowCloses()
{
	trace_.Line("user", "closes the window");
	phase_ = Phase::Closing;
}

void Checks::CheckEnd()
{
	const auto sockets = network_.Count(Object::Kind::Socket) - sockets_;
	const auto events = network_.Count(Object::Kind::Event) - events_;
	const auto allocations = std::ssize(network_.memory) - memory_;
	if (sockets != 0 || events != 0 || allocations != 0)
		Break(rule::Leak, sockets, " sockets, ", events, " events, ", allocations,
			" allocations left when the last client has gone");
	for (const Connection& connection : connections_)
	{
		if (connection.accepted && !Of(connection).excused && !Of(connection).farewell)
			Break(rule::Log, "no Disconnect line for ", NameOf(connection.peer));
	}
	if (phase_ == Phase::Closing)
		Break(rule::Exit, "the window is closed and the server goes on");
}

void Checks::CheckReturn(int code)
{
	const std::string text = "ends with exit code " + std::to_string(code);
	trace_.Line("server", text);
	const bool failed = phase_ == Phase::StartFailed || phase_ == Phase::Failing;
	if (!failed && (phase_ != Phase::Closing || code != 0))
		Break(rule::Exit, "the server ", text);
	if (failed && (code != 1 || !errorPrinted_))
		Break(phase_ == Phase::StartFailed ? rule::Start : rule::WaitAgain, "the server ", text,
			errorPrinted_ ? "" : ", without a message");
}

// -- Fairness -----------------------------------------------------------------------------------

void Checks::Look()
{
	for (const Connection& connection : connections_)
	{
		Account& account = Of(connection);
		const bool could = Live(connection) &&
			(connection.registered || model_.wait == Call::Select) && !connection.unread.empty() &&
			account.Held() == 0;
		if (!could)
			account.waiting = 0;
		else if (account.waiting == 0)
			account.waiting = turn_ + 1;
	}
}

// A client that could be served, that is, one with data to read, nothing unsent, and its events
// registered, is served before any other gets a third buffer. Two are possible without anybody
// being treated badly: one in the turn that had begun before it was ready, one in the next. With
// messages there are no turns, but one queue for all: two only once, when FD_CLOSE has come behind
// an FD_READ. A client that has once got a message too many may get more: each recv() brings a
// message, so that from then on two are on their way. And where Winsock has posted late, the order
// is not the server's.
void Checks::Received(const Connection& connection, std::string_view bytes)
{
	Account& account = Of(connection);
	CheckLogged();
	Progress();
	account.received += bytes.size();
	if (account.Held() > kBufferSize)
		Break(rule::Held, account.Held(), " bytes of ", NameOf(connection.peer));
	expected_ = "[TCP/" + AddressOf(connection, ":") + "] " + echo::Printable(bytes) + "\n";

	turn_++;
	std::shift_left(account.turns, account.turns + 3, 1);
	account.turns[2] = turn_;
	if (model_.iterative || connection.extra || network_.wasLate)
		return;
	const bool again = account.twice && model_.wait == Call::GetMessage;
	bool twice = false;
	for (const Connection& other : connections_)
	{
		const std::uint64_t since = Of(other).waiting;
		if (&other == &connection || since == 0)
			continue;
		if (account.turns[again ? 1 : 0] >= since)
			Break(rule::Unfair, NameOf(connection.peer), " gets its ",
				again ? "second buffer, not for the first time," : "third buffer", " while ",
				NameOf(other.peer), " waits for its first");
		twice |= account.turns[1] >= since;
	}
	account.twice |= twice;
}

// -- Connections --------------------------------------------------------------------------------

void Checks::Listening(const Object& socket)
{
	if (!socket.exclusive)
		Break(rule::Exposed, "no SO_EXCLUSIVEADDRUSE");
	if (socket.name.sin_addr.s_addr != 0x0100007F)
		Break(rule::Exposed, "not on 127.0.0.1");
	if (socket.name.sin_port != htons(9000))
		Break(rule::Exposed, "on port ", ntohs(socket.name.sin_port));
}

void Checks::Accepted(const Connection& connection)
{
	CheckLogged();
	Progress();
	if (newest_ != nullptr && !Of(*newest_).logged)
		Break(rule::Log, "no Accept line for ", NameOf(newest_->peer));
	newest_ = &connection;
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

void Checks::Sending(const Connection& connection, std::string_view bytes)
{
	const Account& account = Of(connection);
	CheckLogged();
	if (bytes.size() > account.Held())
		Break(rule::Echo, "sends ", static_cast<int>(bytes.size()), " bytes to ",
			NameOf(connection.peer), ", which is owed ", account.Held());
	if (connection.sent.compare(account.echoed, bytes.size(), bytes) != 0)
		Break(rule::Echo, "not the bytes of ", NameOf(connection.peer), " from ", account.echoed,
			" on");
}

void Checks::Closing(const Connection& connection)
{
	Account& account = Of(connection);
	CheckLogged();
	Progress();
	const bool full = model_.capacity > 0 && live_ > model_.capacity;
	live_--;
	account.excused |= full;
	const std::string name = NameOf(connection.peer);
	if (!account.logged)
		Break(rule::Log, "no Accept line for ", name);
	if (full && !fullLogged_)
		Break(rule::Log, "nothing says that ", name, " is one too many");
	if (!account.errors.empty() && !account.told)
		Break(rule::NoWord, name, " is closed after ", ErrorName(account.errors.back()));
	if (connection.reset || !account.errors.empty() || account.excused)
		return;
	const std::size_t left = connection.unread.size() + account.Held();
	if (left > 0 || !connection.fin)
		Break(connection.fin && connection.unread.empty() ? rule::Lost : rule::Dropped, left,
			" bytes of ", name, " never echoed");
}

void Checks::Failed(int code, const Connection* connection)
{
	codes_.push_back(code);
	if (code != WSAEWOULDBLOCK && connection != nullptr)
		Of(*connection).errors.push_back(code);
	if (code == WSAEWOULDBLOCK && model_.spins && serving()) // it waits like this
		CheckFlushed(Call::Recv);
}

void Checks::Faulted(Fault fault)
{
	if (fault == Fault::StartFails)
		phase_ = Phase::StartFailed;
	if (fault == Fault::WaitFails || fault == Fault::ListenerFails)
	{
		phase_ = Phase::Failing;
		failure_ = fault;
	}
	if (fault != Fault::MemoryFails && fault != Fault::CreateEventFails)
		return;
	memoryFailed_ = true;
	if (newest_ == nullptr)
		return;
	Of(*newest_).excused = true;
	Of(*newest_).errors.push_back(WSA_NOT_ENOUGH_MEMORY);
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

void Checks::Printed(std::string_view text)
{
	unflushed_ |= !text.empty();
	for (char byte : text)
	{
		line_ += byte;
		// The blank line before an Accept line belongs to it.
		if (byte != '\n' || line_ == "\n")
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
	for (const Connection& connection : connections_)
	{
		Account& account = Of(connection);
		if (!connection.accepted || account.farewell)
			continue;
		const std::string expected = account.logged
			? "[TCP Server] Disconnect Client " + AddressOf(connection, ":") + "!\n"
			: "\n[TCP Server] Accept Client: IP=" + AddressOf(connection, ", port=") + "\n";
		if (line != expected)
			continue;
		(account.logged ? account.farewell : account.logged) = true;
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
	for (Account& account : accounts_)
		account.told |= std::ranges::count(account.errors, code) != 0;
}

} // namespace sim

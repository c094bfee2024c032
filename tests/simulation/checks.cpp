#include "checks.h"

#include "echo/text.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace sim
{
using namespace winsock;

namespace
{
// Calls in a row that change nothing. A full turn of a server that waits, with 64 sockets, is less.
constexpr int kSpin = 1000;

std::string TextOf(const Connection& connection, const char* between)
{
	std::string text;
	for (const unsigned char byte : AddressOf(connection.peer))
		text += (text.empty() ? "" : ".") + std::to_string(byte);
	return text + between + std::to_string(40000 + connection.peer);
}

// Bytes of a server, as ASCII.
std::string Shown(std::string_view bytes)
{
	std::string text;
	for (const char byte : echo::Printable(bytes))
	{
		char escaped[] = "\\xNN";
		std::snprintf(escaped, sizeof(escaped), "\\x%02X", static_cast<unsigned char>(byte));
		text += static_cast<signed char>(byte) < 0 ? std::string(escaped) : std::string(1, byte);
	}
	return text;
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
	const std::string_view bytes(event.data,
		event.data != nullptr ? static_cast<std::size_t>(event.number) : 0);
	switch (event.kind)
	{
	case Event::Called:
		return Called(event.call, event.connection);
	case Event::Waits:
		return Waits(*event.waiting);
	case Event::Returned:
		return trace_.Line("server", TextOf(network_.record));
	case Event::BadHandle:
		Break(rule::Handle, event.call == Call::Count ? "delete" : Name(event.call),
			" on one that is not open: ", event.handle);
	case Event::SharedEvent:
		Break(rule::SharedEvent, NameOf(event.connection->peer), " gets the event of another");
	case Event::Listening:
		return Listening(*event.socket);
	case Event::Refused:
		return Refused();
	case Event::TurnedAway:
		Break(rule::Deaf, "the backlog has no room for ", NameOf(event.connection->peer));
	case Event::Failed:
		return Failed(event.number, event.connection);
	case Event::Faulted:
		return Faulted(event.fault);
	case Event::Ends:
		return CheckReturn(event.number);
	case Event::OutOfMemory:
		Break(rule::Memory, "std::bad_alloc leaves main()");
	case Event::Printed:
		return Printed(bytes);
	case Event::PrintedError:
		return ErrorLine(std::string(bytes));
	case Event::Flushed:
		return Flushed();
	case Event::CodePage:
		codePage_ = event.number;
		if (!network_.conditions.outIsConsole && !network_.conditions.errorIsConsole)
			Break(rule::Console, "sets a code page, and there is no console");
		return;
	case Event::TakesCtrlC:
		Break(rule::Exit, "it has a handler for Ctrl+C, or ignores it");
	default:
		return TellOf(*event.connection, event.kind, event.number, bytes);
	}
}

void Checks::TellOf(const Connection& connection, Event::Kind kind, int number,
	std::string_view bytes)
{
	switch (kind)
	{
	case Event::Accepted:
		return Accepted(connection);
	case Event::Ready:
		Of(connection).ready = true;
		return;
	case Event::Received:
		return Received(connection, bytes);
	case Event::Sending:
		return Sending(connection, bytes);
	case Event::Sent:
		Of(connection).echoed += static_cast<std::size_t>(number);
		return Progress();
	default:
		return Closing(connection);
	}
}

// -- Calls and waits ----------------------------------------------------------------------------

void Checks::Started()
{
	sockets_ = network_.Count(Object::Kind::Socket);
	events_ = network_.Count(Object::Kind::Event);
	memory_ = std::ssize(network_.memory);
	if (phase_ == Phase::StartFailed || network_.conditions.commandLine.address == nullptr)
		Break(rule::Start, "the server starts all the same");
	if (!listeningLogged_)
		Break(rule::Log, "no Listening line");
	phase_ = Phase::Serving;
}

void Checks::Called(Call call, const Connection* connection)
{
	codes_.clear();
	if ((phase_ == Phase::Starting || phase_ == Phase::StartFailed) &&
		(call == model_.wait || call == Call::Accept))
		Started();
	const bool ending =
		call == Call::CloseSocket || call == Call::CloseEvent || call == Call::WSACleanup;
	// 04 goes on until its thread's messages have come to the one that ends it.
	if (phase_ == Phase::Failing && !ending &&
		(failure_ == Fault::WaitFails ||
			(failure_ == Fault::ListenerFails && model_.wait != Call::GetMessage)))
		Break(rule::WaitAgain, "the server goes on");
	if (++sinceProgress_ > kSpin)
		Spins();
	const bool serves = call == Call::Recv || call == Call::Send;
	if (connection != nullptr && (serves || call == Call::CloseSocket))
		Of(*connection).ready = false;
	if (connection != nullptr && call == Call::Recv)
		Of(*connection).waiting = 0; // this is its turn
	if (serves && refusals_ > 0)
		refusals_--; // a turn of serving others may try again
	if (call == Call::Accept)
		refusedBefore_ = std::exchange(refused_, false);
	CheckTurns(call);
	if (call == model_.wait)
		sleeps_ = 0;
	else if (call == Call::Sleep)
		sleeps_++;
}

// Before select() everybody has to have had the turn that it promised, before accept() not
// everybody, but soon.
void Checks::CheckTurns(Call call)
{
	for (const Connection& other : connections_)
	{
		Account& account = Of(other);
		if (call == Call::Select && account.ready)
			Break(rule::Unfair, "select() again, although ", NameOf(other.peer),
				", which it reported, has not had its turn");
		if (call == Call::Accept && !model_.iterative && !network_.wasLate &&
			account.waiting != 0 && ++account.accepts > 2)
			Break(rule::Unfair, "the third accept() while ", NameOf(other.peer),
				" waits for its first buffer");
	}
}

void Checks::CheckFlushed(Call call)
{
	if (unflushed_)
		Break(rule::Flush, "unwritten log lines at ", Name(call));
	if (blockTold_)
		Break(rule::Log, "an error line for WSAEWOULDBLOCK, which is no error");
}

void Checks::Waits(const Waiting& waiting)
{
	const std::string call = Name(waiting.call);
	CheckFlushed(waiting.call);
	CheckLogged();
	if (phase_ == Phase::Failing)
		Break(rule::WaitAgain, "the server waits in ", call);
	const bool limited = waiting.limit != WSA_INFINITE;
	if (model_.spins && waiting.call != Call::Sleep)
		Break(rule::Elsewhere, "waits in ", call, ": its sockets block");
	if (refused_ && refusalLines_ == 0)
		Break(rule::NoWord, "no room for another client, and nothing says so");
	if (waiting.call == Call::Sleep && model_.spins) // this is how it polls
		return;
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
	if (!refused_ && !model_.spins)
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
	if (connection.aborted)
		Break(rule::Lost, NameOf(connection.peer), " gets a reset in place of the end");
	if (connection.read != connection.sent.size())
		Break(rule::Lost, connection.sent.size() - connection.read, " bytes of ",
			NameOf(connection.peer), " never came back");
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
		Break(rule::Stall, "no peer acts any more, and at ", Name(call), " ",
			NameOf(connection.peer), what);
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
		Break(rule::Leak, "left when the last client has gone: sockets ", sockets, ", events ",
			events, ", allocations ", allocations);
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
	if (phase_ == Phase::Starting && network_.conditions.commandLine.address == nullptr)
	{
		if (code != 2 || !errorPrinted_)
			Break(rule::Start, "a bad argument: the server ", text,
				errorPrinted_ ? "" : ", without a message");
		return;
	}
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
		{
			account.waiting = turn_ + 1;
			account.accepts = 0;
		}
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
	expected_ = "[TCP/" + TextOf(connection, ":") + "] " + echo::Printable(bytes) + "\n";

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
	listening_ = true;
	const auto& [arguments, address, port] = network_.conditions.commandLine;
	winsock::IN_ADDR wanted = {};
	if (address == nullptr)
		Break(rule::Start, "the server starts all the same");
	if (inet_pton(AF_INET, address, &wanted) != 1 || socket.name.sin_addr.s_addr != wanted.s_addr)
		Break(rule::Exposed, "not on ", address);
	if (ntohs(socket.name.sin_port) != (port != 0 ? port : kAnyPort))
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
// from a whole core. Ten lines at once, then ten in a second.
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
		Break(rule::Echo, "the bytes from ", account.echoed, " on are not those that ",
			NameOf(connection.peer), " sent");
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
		Break(connection.fin && connection.unread.empty() ? rule::Lost : rule::Dropped, name,
			connection.fin ? " is closed" : " is closed before its end",
			left > 0 ? ", and was owed bytes: " + std::to_string(left) : "");
}

void Checks::Failed(int code, const Connection* connection)
{
	codes_.push_back(code);
	failed_ = network_.record.call;
	if (code != WSAEWOULDBLOCK && connection != nullptr)
		Of(*connection).errors.push_back(code);
	if (code == WSAEWOULDBLOCK && model_.spins && serving()) // it waits like this
		CheckFlushed(Call::Recv);
}

void Checks::Faulted(Fault fault)
{
	if (fault == Fault::StartFails)
		phase_ = Phase::StartFailed;
	if (fault == Fault::WaitFails || fault == Fault::ListenerFails || fault == Fault::SetEventFails)
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
	Of(*newest_).errors.push_back(
		fault == Fault::MemoryFails ? WSA_NOT_ENOUGH_MEMORY : codes_.back());
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
		Break(rule::Log, "a line in pieces: \"", Shown(line_), "\"");
}

void Checks::Printed(std::string_view text)
{
	CheckConsole(network_.conditions.outIsConsole);
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
			Break(rule::Log, "expected \"", Shown(expected_), "\", found \"", Shown(line), "\"");
		expected_.clear();
		return;
	}
	if (!listeningLogged_ && line == ListeningLine())
	{
		if (!listening_)
			Break(rule::Log, "a Listening line before listen()");
		listeningLogged_ = true;
		return;
	}
	for (const Connection& connection : connections_)
	{
		Account& account = Of(connection);
		if (!connection.accepted || account.farewell)
			continue;
		const std::string expected = account.logged
			? "[TCP Server] Disconnect Client " + TextOf(connection, ":") + "!\n"
			: "\n[TCP Server] Accept Client: IP=" + TextOf(connection, ", port=") + "\n";
		if (line != expected)
			continue;
		(account.logged ? account.farewell : account.logged) = true;
		return;
	}
	const bool full = line ==
		(model_.wait == Call::Select ? "[Error] Socket Set is full.\n"
									 : "[Error] Event List is full!\n");
	if (line == "[Error] Can not Alloc Memory.\n" && memoryFailed_)
		TellError(WSA_NOT_ENOUGH_MEMORY);
	else if (full && model_.capacity > 0 && live_ > model_.capacity)
		fullLogged_ = true;
	else
		Break(rule::Log, "unexpected line \"", Shown(line), "\"");
}

std::string Checks::ListeningLine() const
{
	const auto& [arguments, address, port] = network_.conditions.commandLine;
	return address == nullptr ? ""
							  : "[TCP Server] Listening: IP=" + std::string(address) +
			", port=" + std::to_string(port != 0 ? port : kAnyPort) + "\n";
}

void Checks::CheckConsole(bool isConsole)
{
	if (isConsole && codePage_ != static_cast<int>(CP_UTF8))
		Break(rule::Console, "writes to a console whose code page is ",
			codePage_ == 0 ? "the system's" : std::to_string(codePage_));
}

// "Error! Line 87: 10048 Only one usage of ...": the number must be one that the last call gave, or
// that nobody has been told of; the text is the system's, in UTF-8; and recv(), send() and accept()
// do not fail in one line.
void Checks::ErrorLine(const std::string& line)
{
	if (network_.conditions.commandLine.address == nullptr && !line.starts_with("Error! Line"))
	{
		if (!line.starts_with("Error! Bad argument: \"" +
				network_.conditions.commandLine.arguments.back() + "\"\n"))
			Break(rule::Start, "the message does not name the bad argument: ", Shown(line));
		errorPrinted_ = true; // how to call it
		return;
	}
	int number = 0;
	int code = 0;
	std::sscanf(line.c_str(), "Error! Line %d: %d ", &number, &code);
	const std::string expected = "Error! Line " + std::to_string(number) + ": " +
		std::to_string(code) + " " + Narrow(SystemText(code, network_.conditions.korean), CP_UTF8);
	if (number < 1 || !line.starts_with(expected) ||
		line.find_first_not_of(' ', expected.size()) != line.size() - 1 || line.back() != '\n')
		Break(rule::Log, "unexpected error line \"", Shown(line), "\"");
	CheckConsole(network_.conditions.errorIsConsole);
	const auto untold = [code](const Account& account) {
		return !account.told && std::ranges::count(account.errors, code) != 0;
	};
	if (std::ranges::count(codes_, code) == 0 && std::ranges::none_of(accounts_, untold))
		Break(rule::Log, "no call gave this error: ", Shown(line));
	if (!codes_.empty() && codes_.back() == code &&
		(failed_ == Call::Recv || failed_ == Call::Send || failed_ == Call::Accept))
	{
		const Call other = errorLines_.emplace(number, failed_).first->second;
		if (other != failed_)
			Break(rule::Log, Name(failed_), "() and ", Name(other), "() fail in line ", number);
	}
	if (refused_ && (code == WSAEMFILE || code == WSAENOBUFS) &&
		++refusalLines_ > 10 + (network_.now - refusedSince_) / 100)
		Break(rule::Refused, "error lines without end");
	TellError(code);
}

void Checks::TellError(int code)
{
	if (phase_ == Phase::StartFailed && errorPrinted_)
		Break(rule::Start, "a second message");
	errorPrinted_ = true;
	blockTold_ |= code == WSAEWOULDBLOCK;
	for (Account& account : accounts_)
		account.told |= std::ranges::count(account.errors, code) != 0;
}

} // namespace sim

// The rules that a server must keep, checked at every call.
#pragma once

#include "model.h"
#include "network.h"
#include "trace.h"

#include <map>
#include <string>
#include <type_traits>
#include <vector>

namespace sim
{
struct Rule
{
	const char* name;
	const char* sentence;
};

namespace rule
{
inline constexpr Rule Echo = { "echo", "what a server sends is what it has received, in order" };
inline constexpr Rule Lost = { "lost", "everything received is echoed before the server closes" };
inline constexpr Rule Dropped = { "dropped",
	"a connection is closed at its end or after an error, and for nothing else" };
inline constexpr Rule Held = { "held", "at most 512 bytes are held per connection" };
inline constexpr Rule Handle = { "handle",
	"no call on a handle that is closed, and none is closed twice" };
inline constexpr Rule SharedEvent = { "shared-event", "an event object belongs to one socket" };
inline constexpr Rule Leak = { "leak", "a finished connection leaves no socket, event or memory" };
inline constexpr Rule Stall = { "stall",
	"no wait that can never end while somebody is owed something" };
inline constexpr Rule Elsewhere = { "elsewhere",
	"no wait that leaves out a client who could be served" };
inline constexpr Rule Owed = { "owed", "no wait while a client's data can be read, or sent back" };
inline constexpr Rule Deaf = { "deaf", "no wait that leaves out those who want to connect" };
inline constexpr Rule Spin = { "spin", "no calls without end that change nothing" };
inline constexpr Rule Awake = { "awake",
	"while nothing happens a server rests: nothing of its own wakes it" };
inline constexpr Rule Refused = { "refused",
	"without room for a new client: the server waits before it tries again, and does "
	"not fill the log" };
inline constexpr Rule Unfair = { "unfair",
	"nobody gets one buffer after the other while another is ready" };
inline constexpr Rule Log = { "log", "the log tells what happened, of the right peer" };
inline constexpr Rule NoWord = { "no-word",
	"a connection that an error ends leaves an error line" };
inline constexpr Rule Flush = { "flush", "the log is complete when the server waits" };
inline constexpr Rule Exit = { "exit", "the server goes on until it is told to end" };
inline constexpr Rule WaitAgain = { "wait-again",
	"a wait that fails ends the server, with a message and exit code 1" };
inline constexpr Rule Start = { "start",
	"a start-up call that fails ends the server, with a message and exit code 1" };
inline constexpr Rule Exposed = { "exposed",
	"exclusive, on the loopback address and on the port that was asked for" };
inline constexpr Rule Console = { "console",
	"the code page is UTF-8 where a console shows the output, and else left alone" };
inline constexpr Rule Memory = { "memory", "refused memory costs one client, not the server" };
} // namespace rule

struct Outcome
{
	const Rule* rule = nullptr;     // that is broken; null: none
	std::string what;               // the particulars
	std::vector<std::string> trace; // if asked for
	std::uint64_t calls[kCalls] = {};
	std::uint64_t faults[kFaults] = {};
};

// Where the server is, as far as the rules go.
enum class Phase
{
	Starting,    // until its first wait or accept()
	StartFailed, // a call of these has failed
	Serving,
	Closing, // it serves, but the user has closed its window
	Failing  // its wait, or its listening socket, has failed: it has to end
};

class Checks : public Monitor
{
public:
	// Of a server in a network, whose connections are these. What is told goes to the trace, too.
	Checks(const Model& model, const Network& network, const std::vector<Connection>& connections,
		Trace& trace);

	void Tell(const Event& event) override;

	// What the peers do. They have moved: who could be served now?
	void Look();
	void Progress();
	void Spins();
	void TimePasses(const Waiting& waiting);
	void Leaves(const Connection& connection);
	void WindowCloses();
	// Nothing will ever happen any more: nobody may be left waiting. True: nothing may be left over
	// either, for each connection has got its end.
	bool NothingComes(Call call);
	// The last client has gone.
	void CheckEnd();

	Phase phase() const
	{
		return phase_;
	}
	bool serving() const
	{
		return phase_ == Phase::Serving || phase_ == Phase::Closing;
	}
	// Calls in a row that have changed nothing.
	int sinceProgress() const
	{
		return sinceProgress_;
	}
	// Bytes that the server has received and not sent back.
	std::size_t Held(const Connection& connection) const
	{
		return accounts_[static_cast<std::size_t>(connection.peer - 1)].Held();
	}
	// The last accept() had no room.
	bool refused() const
	{
		return refused_;
	}

	Outcome outcome;

private:
	// What the server has done for a connection.
	struct Account
	{
		std::size_t received = 0;    // bytes that recv() gave
		std::size_t echoed = 0;      // bytes that send() took
		std::vector<int> errors;     // that calls and events gave
		bool told = false;           // and an error line has one of them
		bool excused = false;        // the server may close it at once
		bool logged = false;         // the Accept line
		bool farewell = false;       // the Disconnect line
		bool ready = false;          // select() has reported it, and no call has dealt with it
		int accepts = 0;             // since then
		std::uint64_t waiting = 0;   // since when it could be served; 0: it could not
		std::uint64_t turns[3] = {}; // when it got its last buffers, the newest last
		bool twice = false;          // it has got two while another waited

		std::size_t Held() const
		{
			return received - echoed;
		}
	};

	// Ends the run. The parts are the particulars.
	template <typename... Parts>
	[[noreturn]] void Break(const Rule& rule, const Parts&... parts)
	{
		outcome.rule = &rule;
		outcome.what.clear();
		(Add(parts), ...);
		trace_.Line("broken", std::string(rule.name) + ": " + outcome.what);
		Stop();
	}
	template <typename Part>
	void Add(const Part& part)
	{
		if constexpr (std::is_arithmetic_v<Part>)
			outcome.what += std::to_string(part);
		else
			outcome.what += part;
	}

	Account& Of(const Connection& connection)
	{
		return accounts_[static_cast<std::size_t>(connection.peer - 1)];
	}

	void TellOf(const Connection& connection, Event::Kind kind, int number, std::string_view bytes);
	void Started();
	void Called(Call call, const Connection* connection);
	void CheckTurns(Call call);
	void Waits(const Waiting& waiting);
	void Listening(const Object& socket);
	void Accepted(const Connection& connection);
	void Refused();
	void Received(const Connection& connection, std::string_view bytes);
	void Sending(const Connection& connection, std::string_view bytes);
	void Closing(const Connection& connection);
	void Failed(int code, const Connection* connection);
	void Faulted(Fault fault);
	void Printed(std::string_view text);
	void Flushed();
	void CheckReturn(int code);
	void CheckFlushed(Call call);
	void CheckLogged();
	void LogLine(const std::string& line);
	void ErrorLine(const std::string& line);
	void TellError(int code);

	const Model& model_;
	const Network& network_;
	const std::vector<Connection>& connections_;
	std::vector<Account> accounts_; // of the connections
	Trace& trace_;

	std::string ListeningLine() const;
	void CheckConsole(bool isConsole);

	Phase phase_ = Phase::Starting;
	Fault failure_ = Fault::Count;       // Failing: of this
	int sinceProgress_ = 0;              // calls
	std::vector<int> codes_;             // given by the last call
	const Connection* newest_ = nullptr; // accepted last
	unsigned live_ = 0;                  // connections that the server has
	std::uint64_t turn_ = 0;             // buffers received
	bool memoryFailed_ = false;
	std::ptrdiff_t sockets_ = 0; // at the start
	std::ptrdiff_t events_ = 0;
	std::ptrdiff_t memory_ = 0;

	// The log
	std::string line_;     // the part of a line that is written
	std::string expected_; // the line for the bytes that were received last
	bool unflushed_ = false;
	bool listening_ = false;
	bool listeningLogged_ = false;
	int codePage_ = 0;
	Call failed_ = Call::Count;      // the call that has failed last
	std::map<int, Call> errorLines_; // recv(), send() or accept() has failed there
	bool errorPrinted_ = false;
	bool blockTold_ = false;  // as an error: at the next wait it is one of the server's
	bool fullLogged_ = false; // for the newest client

	// accept() has no room
	bool refused_ = false;       // the last one
	bool refusedBefore_ = false; // the last one but this
	std::uint64_t refusedSince_ = 0;
	std::uint64_t refusals_ = 0;
	std::uint64_t refusalLines_ = 0;
	int sleeps_ = 0; // since the last wait in its place
};

} // namespace sim

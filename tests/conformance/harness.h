// The frame of the conformance suite. A case is one function, the server it runs on is a parameter:
//
//	CASE("C5.01 1000 bytes then half-close", "what the rule demands (source)", "E04-8 E05-4")
//	{
//		Connection client = Connect();
//		...
//	}
//
// It is a case of doctest; the second string is its description, the third names the errata that a
// failure may be, the likeliest first. The body is a member of a Context, which has started a fresh
// server. Each check that fails throws a Failure with its own file and line; in a loop, INFO of
// doctest adds the iteration. After the body every case asks: does the server still run, and does a
// new connection echo?
#pragma once

#include "echo/connection.h"
#include "echo/deadline.h"
#include "echo/multi_client.h"
#include "echo/pattern.h"
#include "echo/server_process.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace conformance
{
using echo::ClientPlan;
using echo::Connection;
using echo::Deadline;
using echo::End;
using echo::ExitCode;
using echo::milliseconds;
using echo::Source;
using Where = std::source_location;

// What is known of the server under test.
struct Traits
{
	unsigned places = 0;   // clients that it serves at once; 0: no limit of its own
	bool waits = false;    // others wait until a place is free (D1), else they are closed (D2)
	bool polls = false;    // uses the CPU while nothing happens (D3)
	bool window = false;   // opens a window
	bool contract = false; // keeps this project's contract: takes [port [address]], prints the log

	bool Iterative() const
	{
		return waits && places == 1;
	}
};

// How the suite reaches the server, from the command line.
struct Settings
{
	std::filesystem::path server; // an executable to start for each case, or
	bool connect = false;         // one that runs at host:port
	std::string host = "127.0.0.1";
	std::uint16_t port = 0;             // where `server` listens if it prints no Listening line
	std::vector<std::string> arguments; // of `server`, instead of "0" or none
	std::string name;                   // for the output
	std::string model;                  // "03_select", when it is known
	Traits traits;
	std::uint64_t seed = 1;
	int soakSeconds = 60;
	std::function<void()> stop; // makes doctest run no further case
};
inline Settings settings;

// How a failure was seen.
enum class Cause
{
	Check,      // something wrong came: an end, a line, a number; or the server has ended
	WrongBytes, // bytes that are not what was sent
	Deadline,   // something did not come in time, and nothing else was wrong
	Silence,    // the same, and not one byte came back
	Start,      // there was no server to test
};

inline bool InVain(Cause cause)
{
	return cause == Cause::Deadline || cause == Cause::Silence;
}

// A failed check. what() has its place, what was expected and what was seen, a line each.
struct Failure : std::runtime_error
{
	Failure(Cause why, const std::string& text) : std::runtime_error(text), cause(why)
	{
	}
	Cause cause;
};

// What came of a case.
struct Result
{
	enum Kind
	{
		Held,
		NotApplicable,
		Failed,
	};
	std::string id; // "C5.01"
	Kind kind = Held;
	std::string differences; // "D1 D7": registered ones that it showed, their form being checked
	Cause cause = Cause::Check;
	std::string symptom; // of a failure, for the summary
	std::string see;     // the errata that it may be, the likeliest first
};

// Of the cases that have run, in order.
inline std::vector<Result> results;

// Empty, or why no further case is tried: "gone since C4.03".
const std::string& Stopped();

class Context
{
public:
	virtual ~Context() = default;

	// Starts the server or finds the one that runs. Throws std::runtime_error.
	void Start();

	// Runs Body() as the case `name` and notes what came of it. Throws what doctest shall know as a
	// failure.
	void Run(const char* name, const char* see, Where where);

	const Traits& Server() const
	{
		return settings.traits;
	}

	std::uint16_t Port() const
	{
		return port_;
	}

	// `size` bytes of the pattern of `client`, from `offset` on.
	std::string Data(std::uint32_t client, std::size_t size, std::uint64_t offset = 0) const;

	// --- the process: not applicable with --connect

	echo::ServerProcess& Process();
	bool HasProcess() const
	{
		return process_.has_value();
	}

	// Starts the server under test once more. Not applicable with --port, either.
	echo::ServerProcess Another(const std::vector<std::string>& arguments);

	// Ends the process and starts the server again in the same way, but with `input` as its stdin.
	void Restart(HANDLE input);

	// What the server's process has in memory, bytes.
	std::size_t Memory();

	// The server was meant to end: do not ask whether it still runs.
	void ServerHasEnded();

	// --- verdicts

	// Ends the case as "does not apply", for a reason.
	[[noreturn]] void NotApplicable(const std::string& why);

	// Not applicable unless the server keeps the project's contract (log, arguments).
	void NeedsContract();

	// Not applicable when the server is known to serve fewer clients at once.
	void NeedsPlaces(std::size_t count);

	// Whether so many clients are served together. If not, one at a time is checked instead (D1): a
	// second client waits until the first has left, and is then served whole.
	bool Together(std::size_t count, Where where = Where::current());

	// Notes that the server showed the registered difference `id`, after its form was checked.
	void Differs(const std::string& id);

	// Prints a line below that of the case, which judges nothing.
	void Note(const std::string& text);

	[[noreturn]] void Fail(const std::string& expected, const std::string& actual,
		Cause cause = Cause::Check, Where where = Where::current());
	void Check(bool holds, const std::string& expected, const std::string& actual,
		Cause cause = Cause::Check, Where where = Where::current());

	// --- clients, and checks of what they get

	// A connection within 5 s. Where the backlog may be short (D7) this takes several attempts.
	// Not applicable when the case has taken 90 s: then the server works, but too slowly.
	Connection Connect(const Connection::Options& options = {}, Where where = Where::current());

	// Sends all of `data` within 5 s, without receiving.
	void Send(Connection& connection, std::string_view data, Where where = Where::current());

	// The next bytes received are `data`. A pause of 10 s is the end of patience, here and below.
	void ExpectEcho(Connection& connection, std::string_view data, Where where = Where::current());

	// Send and ExpectEcho.
	void PingPong(Connection& connection, std::string_view data, Where where = Where::current());

	// Nothing arrives for `quiet`. A quiet period can only make a case pass that should not: follow
	// it by something that must arrive.
	void ExpectNothing(Connection& connection, milliseconds quiet, Where where = Where::current());

	// Half-closes, unless that was done before. What arrives up to the end is `data` exactly, and
	// the end is a FIN.
	void Finish(Connection& connection, std::string_view data, Where where = Where::current());

	// The server ends the connection, in whatever way, and nothing comes before.
	void ExpectEnd(Connection& connection, Where where = Where::current());

	// A new connection that sends `size` bytes as fast as it may, half-closes and gets all back.
	void Echo(std::size_t size, Where where = Where::current());

	// The same with a line of letters, which a server that cannot bear some bytes, or wants whole
	// lines, echoes as well.
	void Line(std::size_t size, Where where = Where::current());

	// `count`, or 2 for a stranger that serves one client at a time: its backlog may be short (D7).
	std::size_t Fitting(std::size_t count) const;

	// So many clients, each having had one echo.
	std::vector<Connection> Party(std::size_t count, Where where = Where::current());

	// The clients that are still open have an echo each, all of them asked before any is read.
	void Everybody(std::vector<Connection>& clients, Where where = Where::current());

	// All clients of the plans are served. Where the others wait (D1), never more at once than
	// there are places; else not applicable when the server holds fewer at once. For `onTurn` see
	// echo::RunOptions.
	echo::RunResult Serve(const std::vector<ClientPlan>& plans,
		const std::function<void(const echo::Progress&)>& onTurn = {},
		Where where = Where::current());

	// After how long a connect is tried again because the backlog may be full (D7); 0: never, the
	// server has room for everybody.
	milliseconds ConnectAgain() const;

	// With nothing to do but for `who`, the server is idle: it uses next to no CPU. One that polls
	// goes on using it (D3).
	void ExpectIdle(const std::string& who, Where where = Where::current());

	// The CPU time that the server uses while this thread uses its `own`. On a busy machine a
	// server that polls gets less of it in a second, but no smaller a part of what the test gets.
	milliseconds CpuMeanwhile(milliseconds own);

protected:
	virtual void Body() // of a case
	{
	}

private:
	void StartProcess(HANDLE input);
	void ExpectStillServed(Where where);
	std::string Explain(const Failure& failure, Result& result);

	void NotTooSlow();

	// Receives `size` bytes or, with `toEnd`, to the end of the stream but not past `size`.
	Connection::Received ReceiveWithProgress(Connection& connection, std::size_t size, bool toEnd);

	std::uint16_t port_ = 0;
	std::optional<echo::ServerProcess> process_;
	std::string differences_;
	std::string notes_;
	bool hasEnded_ = false;
	bool afterwards_ = false;                               // the body is through
	Deadline whole_ = Deadline::After(milliseconds(90000)); // for the case
};

// Waits until `holds` is true, for so long at most; polls.
bool Eventually(const std::function<bool()>& holds, milliseconds patience = milliseconds(5000));

// A client that sends `size` bytes of its pattern: as fast as it may or, in ping-pong, in messages
// of `message` bytes.
ClientPlan Plan(std::uint32_t client, std::uint64_t size, std::size_t message = 0);

// Buffers with which the echo on the way is little more than what the server's side holds.
inline constexpr Connection::Options kSmallBuffers{ .sendBuffer = 4096, .receiveBuffer = 4096 };

// A client under backpressure: it writes without reading until nothing more is taken and the server
// is idle, as it cannot send, or until `limit` bytes are taken. Its buffers are small: with the
// system's own ones the echo of 4 MiB has been seen to fit. Fails the case when the server ends the
// connection, when there is no end of what it takes, or when one with our contract that does not
// poll never is idle.
struct Backpressure
{
	explicit Backpressure(Context& context, std::size_t limit = std::size_t(32) << 20,
		Where where = Where::current());

	// Writes on. True: something more is taken, so the server had been idle for another reason,
	// such as a disk that keeps it in a line of its log.
	bool TakesMore(Context& context, Where where = Where::current());

	Connection client;
	std::string data; // what it has sent

private:
	void Fill(Context& context, Where where);

	std::size_t limit_;
};

// Bytes for a message: their number and, if they are few, themselves, escaped.
std::string Show(std::string_view bytes);

// The text with all that is no printable ASCII as \xNN; its lines stay lines.
std::string Escaped(std::string_view text, bool lines = true);

// Whether all of the text matches the regular expression.
bool Matches(const std::string& text, const char* expression);

} // namespace conformance

#define CONFORMANCE_CASE(type, name, rule, see)                                                    \
	namespace                                                                                      \
	{                                                                                              \
	struct type : conformance::Context                                                             \
	{                                                                                              \
		void Body() override;                                                                      \
	};                                                                                             \
	}                                                                                              \
	TEST_CASE(name* doctest::description(rule))                                                    \
	{                                                                                              \
		type().Run(name, see, conformance::Where::current());                                      \
	}                                                                                              \
	void type::Body()

#define CASE(name, rule, see) CONFORMANCE_CASE(DOCTEST_ANONYMOUS(Case), name, rule, see)

// A case whose client sends `data` at once, half-closes, and gets all back, then FIN.
#define CASE_SENT(name, rule, see, data)                                                           \
	CASE(name, rule, see)                                                                          \
	{                                                                                              \
		const std::string all = data;                                                              \
		Connection client = Connect();                                                             \
		Send(client, all);                                                                         \
		Finish(client, all);                                                                       \
	}

// A case of Echo(size).
#define CASE_ECHO(name, rule, see, size)                                                           \
	CASE(name, rule, see)                                                                          \
	{                                                                                              \
		Echo(size);                                                                                \
	}

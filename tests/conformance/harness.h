// The frame of the conformance suite. A case is one function, which is given the server under test
// and a report:
//
//	CASE("C5.01 1000 bytes then half-close", "what the rule demands (source)")
//	{
//		Client client = server.Connect();
//		...
//		report.Check(...);
//	}
//
// It is a case of doctest; the second string is its description. The server is a fresh one. Each
// check that fails ends the case, and is a failure of doctest at that line, with what INFO says of
// the iteration. After every case the server must still run, and serve a new client.
#pragma once

#include "echo/multi_client.h"
#include "report.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace conformance
{
using echo::ClientPlan;
using echo::ExitCode;
using echo::Source;

class Server;

// A connection whose checks fail the case.
class Client : public Connection
{
public:
	Client() = default;
	Client(Server& server, Connection connection)
		: Connection(std::move(connection)), server_(&server)
	{
	}

	// Sends all of `data` within 5 s, without receiving.
	void Send(std::string_view data, Where where = Where::current());

	// The next bytes received are `data`. A pause of 10 s is the end of patience, here and below.
	void ExpectEcho(std::string_view data, Where where = Where::current());

	// Send and ExpectEcho, with nothing between them and what was received before.
	void PingPong(std::string_view data, Where where = Where::current());

	// Nothing arrives for `quiet`. A quiet period can only make a case pass that should not: follow
	// it by something that must arrive.
	void ExpectNothing(milliseconds quiet, Where where = Where::current());

	// Half-closes, unless that was done before. What arrives up to the end is `data` exactly, and
	// the end is a FIN.
	void Finish(std::string_view data, Where where = Where::current());

	// The server ends the connection, in whatever way, and nothing comes before.
	void ExpectEnd(Where where = Where::current());

	// The same of a server that has no place for it: it may say so first, if it is none of ours.
	void ExpectRefused(Where where = Where::current());

private:
	Received ReceiveAll(std::size_t size, bool toEnd);
	void Judge(const Received& got, std::string_view data, bool toEnd, Where where);

	friend class Backpressure;

	Server* server_ = nullptr;
	std::optional<std::chrono::steady_clock::time_point> closed_; // its window, since then
};

// The server under test, for one case: it is started, or is the one that runs.
class Server
{
public:
	// Throws Stopped or std::runtime_error.
	Server(Suite& suite, const Traits& known, Report& its);
	~Server();
	Server(const Server&) = delete;
	Server& operator=(const Server&) = delete;

	const Options& options;
	const Traits& traits;
	Report& report;

	std::uint16_t Port() const
	{
		return port_;
	}

	// `size` bytes of the pattern of `client`, from `offset` on.
	std::string Data(std::uint32_t client, std::size_t size, std::uint64_t offset = 0) const;

	// A client that sends `size` bytes of its pattern: as fast as it may or, in ping-pong, in
	// messages of `message` bytes.
	ClientPlan Plan(std::uint32_t client, std::uint64_t size, std::size_t message = 0) const;

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

	// The server is meant to end: do not ask whether it still runs.
	void MayEnd();

	// The CPU time that the server uses while this thread uses its `own`. On a busy machine a
	// server that polls gets less of it in a second, but no smaller a part of what the test gets.
	milliseconds CpuMeanwhile(milliseconds own);

	// With nothing to do but for `who`, the server is idle: it uses next to no CPU. One that polls
	// goes on using it (D3).
	void ExpectIdle(const std::string& who, Where where = Where::current());

	// Whether it uses next to no CPU while this thread uses 500 ms: in one of three turns as
	// `hoped`, else not. `spent` gets the milliseconds of each.
	bool Idle(bool hoped, std::string& spent);

	// A counter that rises while the server works: log size plus (unless it polls) CPU time. Either
	// alone can stall. Always 0 for a server that the suite did not start.
	std::uint64_t Work();

	// --- what it must be able to do

	// Not applicable unless the server keeps the project's contract (log, arguments).
	void NeedsContract() const;

	// Not applicable when the server is known to serve fewer clients at once.
	void NeedsPlaces(std::size_t count) const;

	// Whether that many clients are served together. If not, one at a time is checked instead (D1):
	// a second client waits until the first has left, and is then served whole.
	bool Together(std::size_t count, Where where = Where::current());

	// Line 1 has said that some data get no answer: it need not be waited for that long.
	bool KnownToStop() const
	{
		return suite_.found.Explains(Symptom::Stops) || suite_.found.Explains(Symptom::AfterNul);
	}

	// `count`, or 2 for a stranger that serves one client at a time: its backlog may be short (D7).
	std::size_t Fitting(std::size_t count) const;

	// --- clients

	// A connection within 5 s. Where the backlog may be short (D7) this takes several attempts.
	// Not applicable when the case has taken 90 s: then the server works, but too slowly.
	Client Connect(const Connection::Options& how = {}, Where where = Where::current());
	int TryConnect(Connection& connection, const Connection::Options& how = {});

	// After how long a connect is tried again because the backlog may be full (D7); 0: never, the
	// server has room for everybody.
	milliseconds ConnectAgain() const;

	// A new connection that sends `size` bytes as fast as it may, half-closes and gets all back.
	void Echo(std::size_t size, Where where = Where::current());

	// That many clients, each having had one echo.
	std::vector<Client> Party(std::size_t count, Where where = Where::current());

	// The clients that are still open have an echo each, all of them asked before any is read.
	void Everybody(std::vector<Client>& clients, Where where = Where::current());

	// All clients of the plans are served. On a D1 server, also checks that at most `places` were
	// served at once. On others, skips the case if there are more plans than places. For `onTurn`
	// see echo::RunOptions.
	echo::RunResult Serve(const std::vector<ClientPlan>& plans,
		const std::function<void(const echo::Progress&)>& onTurn = {},
		Where where = Where::current());

	// The same as a value: what a run of these clients sees.
	echo::RunResult RunClients(const std::vector<ClientPlan>& plans,
		const std::function<void(const echo::Progress&)>& onTurn = {});

	// A client that sends a line of letters, which a server that cannot bear some bytes, or wants
	// whole lines, echoes as well.
	ClientPlan Line(std::size_t size) const;

private:
	friend void RunCase(const char*, void (*)(Server&, Report&), Where);
	friend class Backpressure;

	void Start(HANDLE input);
	bool FreesPlaces();
	void ExpectStillServes(Where where);

	Suite& suite_;
	std::uint16_t port_ = 0;
	std::optional<echo::ServerProcess> process_;
	bool mayEnd_ = false;
};

// Runs `body` as the case `name`, and notes what came of it.
void RunCase(const char* name, void (*body)(Server&, Report&), Where where);

// The run that the cases belong to. Written once, by main().
inline Suite* suite = nullptr;

// Waits until `holds` is true, for so long at most; polls.
bool Eventually(const std::function<bool()>& holds, milliseconds patience = milliseconds(5000));

// What a server that nobody has described can do, found out with a few connections. Starts it, or
// uses the one that runs. Throws std::runtime_error when it does not start.
Found Probe(const Options& options);

// Buffers with which the echo on the way is little more than what the server's side holds.
inline constexpr Connection::Options kSmallBuffers{ .sendBuffer = 4096, .receiveBuffer = 4096 };

// A client under backpressure: it writes without reading until nothing more is taken and the server
// is idle, as it cannot send, or until `limit` bytes are taken. Its buffers are small: with the
// system's own ones the echo of 4 MiB has been seen to fit. Fails the case when the server ends the
// connection, when there is no end of what it takes, or when one with our contract that does not
// poll never is idle.
class Backpressure
{
public:
	explicit Backpressure(Server& server, std::size_t limit = std::size_t(32) << 20,
		Where where = Where::current());

	// Writes on. True: something more is taken, so the server had been idle for another reason,
	// such as a disk that keeps it in a line of its log.
	bool TakesMore(Where where = Where::current());

	Client client;
	std::string data; // what it has sent

private:
	void Fill(Where where);

	Server& server_;
	const std::size_t limit_;
};

// Whether all of the text matches the regular expression.
bool Matches(const std::string& text, const char* expression);

} // namespace conformance

#define CONFORMANCE_CASE(function, name, rule)                                                     \
	static void function(conformance::Server& server, conformance::Report& report);                \
	TEST_CASE(name* doctest::description(rule))                                                    \
	{                                                                                              \
		conformance::RunCase(name, function, conformance::Where::current());                       \
	}                                                                                              \
	static void function([[maybe_unused]] conformance::Server& server,                             \
		[[maybe_unused]] conformance::Report& report)

#define CASE(name, rule) CONFORMANCE_CASE(DOCTEST_ANONYMOUS(Case), name, rule)

// A case whose client sends `data` at once, half-closes, and gets all back, then FIN.
#define CASE_SENT(name, rule, data)                                                                \
	CASE(name, rule)                                                                               \
	{                                                                                              \
		const std::string all = data;                                                              \
		Client client = server.Connect();                                                          \
		client.Send(all);                                                                          \
		client.Finish(all);                                                                        \
	}

// The frame of the conformance suite: a case is one function, and the server it runs on is a
// parameter.
//
//	CONFORMANCE_CASE("C5.01", "1000 bytes then half-close", "what the rule demands (source)",
//"E04-8")
//	{
//		Connection client = context.Connect();
//		...
//	}
//
// Each case gets a fresh server and a Context. It fails by context.Fail(expected, actual), or by
// one of the checks that call it. After the body the frame asks what every case asks: does the
// server still run, and does a new connection echo? Ids and groups are those of the catalogue; the
// third string is the rule in one sentence, the fourth the errata that a failure may be.
#pragma once

#include "connection.h"
#include "deadline.h"
#include "multi_client.h"
#include "pattern.h"
#include "server_process.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance
{
using echo::ClientPlan;
using echo::ClientResult;
using echo::Connection;
using echo::Deadline;
using echo::End;
using echo::milliseconds;
using echo::Source;

class Context;

struct Case
{
	const char* id;
	const char* title;
	const char* rule;
	const char* see;
	void (*body)(Context&);
};

// Every case of the program, in the order of their ids.
std::vector<const Case*> AllCases();

// What is known of the server under test.
struct Traits
{
	bool iterative = false; // D1
	unsigned capacity = 0;  // D2; 0: no limit
	bool spins = false;     // D3
	bool window = false;
	bool ours = false; // takes [port [address]], prints the Listening line and the log
};

// How the suite reaches the server, from the command line.
struct Settings
{
	std::filesystem::path server; // an executable to start for each case, or
	std::string connect;          // "HOST:PORT" of one that runs
	std::uint16_t port = 0;       // where `server` listens if it prints no Listening line
	std::string name;             // of the model or the executable, for the output
	Traits traits;
	std::uint64_t seed = 1;
	int soakSeconds = 60;
};
Settings& CurrentSettings();

// What came of a case.
struct Outcome
{
	enum Kind
	{
		Ok,
		Difference,    // `text`: "D1", a registered difference, and its form was checked
		NotApplicable, // `text`: why the case cannot run here
		Failed,
	};
	Kind kind = Ok;
	std::string text;
	std::string expected;
	std::string actual;
};

// Runs one case on a fresh server. Does not throw.
Outcome RunCase(const Case& test);

// Called by the macro below: registers, and runs the case for doctest.
struct Registration
{
	explicit Registration(const Case& test);
};
void RunForDoctest(const Case& test);

// What came of the cases that ran, in order.
struct Result
{
	std::string server; // its name
	const Case* test;
	Outcome outcome;
	double seconds;
};
const std::vector<Result>& Results();

// What a failed check throws.
struct Failure
{
	std::string expected;
	std::string actual;
};

class Context
{
public:
	explicit Context(const Settings& settings);

	const Traits& Server() const
	{
		return settings_.traits;
	}
	std::uint64_t Seed() const
	{
		return settings_.seed;
	}
	const std::string& Host() const
	{
		return host_;
	}
	std::uint16_t Port() const
	{
		return port_;
	}

	// The process, for cases that look at it; they are not applicable with --connect.
	echo::ServerProcess& Process();

	// Starts the server under test once more. Not applicable with --connect or --port.
	echo::ServerProcess Start(const std::vector<std::string>& arguments);

	// Ends the process and starts the server again in the same way, but with `input` as its stdin.
	// Not applicable with --connect.
	void Restart(HANDLE input);

	// Whether the suite started the server, so that Process() is there.
	bool HasProcess() const
	{
		return process_.has_value();
	}

	// What the server's process has in memory, bytes. Not applicable where the system does not
	// tell.
	std::size_t Memory();

	// Ends the case as "does not apply", for a reason.
	[[noreturn]] void NotApplicable(const std::string& why);

	// Not applicable unless the server follows the project's contract (log, arguments).
	void NeedsContract();

	// Not applicable when the server is known to hold fewer clients at once (D2).
	void NeedsClients(std::size_t count);

	// Notes that the server showed the registered difference `id`, after its form was checked.
	void Differs(const std::string& id);

	// The server was meant to end: do not ask whether it still runs.
	void ServerHasEnded();

	// --- checks: each fails the case by Failure

	[[noreturn]] void Fail(const std::string& expected, const std::string& actual);
	void Check(bool holds, const std::string& expected, const std::string& actual);

	// A connection within 5 s. Where the backlog may be short (D7) this takes several attempts.
	Connection Connect();
	Connection Connect(const Connection::Options& options);

	// `size` bytes of the pattern of `client`.
	std::string Data(std::uint32_t client, std::size_t size) const;

	// Sends all of `data` within 5 s, without receiving.
	void Send(Connection& connection, std::string_view data);

	// The next bytes received are `data`. A pause of 10 s is the end of patience, here and below.
	void ExpectEcho(Connection& connection, std::string_view data);

	// Send and ExpectEcho.
	void PingPong(Connection& connection, std::string_view data);

	// Nothing arrives for `quiet`. A quiet period can only make a case pass that should not: follow
	// it by something that must arrive.
	void ExpectNothing(Connection& connection, milliseconds quiet);

	// What arrives up to the end is `data` exactly, and the end is a FIN.
	void ExpectExactThenFin(Connection& connection, std::string_view data);

	// The server ends the connection, in whatever way, and what came before is a prefix of `data`.
	void ExpectPrefixThenEnd(Connection& connection, std::string_view data);

	// Sends `data` in pieces whose sizes `chop` gives, receiving meanwhile, then half-closes:
	// everything comes back, then FIN.
	void Exchange(Connection& connection, std::string_view data,
		const std::function<std::size_t()>& chop);

	// A new connection that sends `size` bytes as fast as it may, half-closes and gets all back.
	void Echo(std::size_t size);

	// All clients of the plans are served. Not applicable when the server holds fewer at once. For
	// `onTurn` see echo::RunOptions.
	echo::RunResult Serve(const std::vector<ClientPlan>& plans,
		const std::function<void(const echo::Progress&)>& onTurn = {});

	// After how long a connect is tried again because the backlog may be full (D7); 0: never, the
	// server has room for everybody.
	milliseconds ConnectAgain() const;

	// D1: a second client waits until the first has left, and is then served whole.
	void ExpectInTurn();

	// With nothing to do but for `who`, the server comes to rest: it uses next to no CPU. One that
	// polls has to go on using it (D3); on a busy machine it gets little, so no rate is asked for.
	void ExpectRest(const std::string& who);

	// Three new connections one after the other, of different sizes.
	void Probe();

	// Waits until `holds` is true, 5 s at most; polls.
	bool Eventually(const std::function<bool()>& holds) const;

private:
	friend Outcome RunCase(const Case& test);
	void StartProcess(HANDLE input);
	void AskEverybody();

	// Receives `size` bytes or, with `toEnd`, to the end of the stream but not past `size`.
	Connection::Received ReceiveWithProgress(Connection& connection, std::size_t size, bool toEnd);

	Settings settings_;
	std::string host_ = "127.0.0.1";
	std::uint16_t port_ = 0;
	std::optional<echo::ServerProcess> process_;
	std::string difference_;
	bool hasEnded_ = false;
};

// Buffers with which the echo on the way is little more than what the server's side holds.
Connection::Options SmallBuffers();

// A client that writes without reading until nothing more is taken and the server rests, as it
// cannot send, or until `limit` bytes are taken. Its buffers are small: with the system's own ones
// the echo of 4 MiB has been seen to fit. Fails the case when the server ends the connection,
// when there is no end of what it takes, or when one of ours that does not poll is never at rest.
struct Stuffed
{
	explicit Stuffed(Context& context, std::size_t limit = std::size_t(64) << 20);
	std::string Data() const; // what it has sent

	Source source; // its first `limit` bytes are what the client has to send
	Connection client;
	std::size_t size = 0; // bytes taken
};

// Numbers for cases that need them in any order but the same each time (splitmix64).
class Random
{
public:
	explicit Random(std::uint64_t seed) : state_(seed)
	{
	}
	std::uint64_t Next();
	// From `low` to `high`, both included.
	std::size_t Between(std::size_t low, std::size_t high);

private:
	std::uint64_t state_;
};

// The bytes as text for a message, short.
std::string Show(std::string_view bytes);

} // namespace conformance

#define CONFORMANCE_JOIN2(a, b) a##b
#define CONFORMANCE_JOIN(a, b) CONFORMANCE_JOIN2(a, b)
#define CONFORMANCE_CASE_NAMED(name, id, title, rule, see)                                         \
	static void CONFORMANCE_JOIN(name, Body)(conformance::Context&);                               \
	static const conformance::Case CONFORMANCE_JOIN(name, Case) = { id, title, rule, see,          \
		&CONFORMANCE_JOIN(name, Body) };                                                           \
	static const conformance::Registration CONFORMANCE_JOIN(name, Registration)(                   \
		CONFORMANCE_JOIN(name, Case));                                                             \
	TEST_CASE(id " " title)                                                                        \
	{                                                                                              \
		conformance::RunForDoctest(CONFORMANCE_JOIN(name, Case));                                  \
	}                                                                                              \
	static void CONFORMANCE_JOIN(name, Body)([[maybe_unused]] conformance::Context & context)

#define CONFORMANCE_CASE(id, title, rule, see)                                                     \
	CONFORMANCE_CASE_NAMED(CONFORMANCE_JOIN(conformanceCase, __LINE__), id, title, rule, see)

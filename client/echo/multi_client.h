// Many test clients at once: real connections, all open together, driven by one thread. Every byte
// that comes back is compared. Errors: see connection.h.
#pragma once

#include "connection.h"
#include "deadline.h"
#include "pattern.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace echo
{
using Duration = std::chrono::duration<double>; // seconds

// A window (see ClientPlan) small enough to make RunResult::atOnce accurate.
constexpr std::size_t kWindow = 4096;

// What one client does.
struct ClientPlan
{
	Source source; // source.client is the number by which messages name the client

	// Ping-pong: sends so many bytes, waits for the whole of their echo, sends the next; the last
	// message may be shorter. 0: it streams, as fast as it is let, receiving meanwhile.
	std::size_t message = 0;

	// In streaming: bytes that may be on the way, sent and not yet echoed. 0: as many as the system
	// takes, which is what tests a server's backpressure.
	std::size_t window = 0;

	// A background client streams to keep the server busy while the others are served. It stops,
	// wherever in its source it is, as soon as all others have finished. All it sent must come
	// back.
	bool background = false;

	Connection::Options options;
};

struct ClientResult
{
	std::uint64_t sent = 0;
	std::uint64_t echoed = 0;
	Difference data; // of what came back
	End end;
	int connectError = 0; // not 0: it never got a connection

	// Empty when the client was served: all it had to send was sent and came back exactly, then
	// FIN. Else one line that names the client and what broke, such as "client 7: 512 of 65536
	// bytes, a prefix, then reset (10054 WSAECONNRESET)".
	std::string error;

	bool Served() const
	{
		return error.empty();
	}
};

struct RunResult
{
	std::vector<ClientResult> clients; // in the order of the plans
	unsigned served = 0;

	// Clients at once: the largest number of clients that had received a part of their echo and not
	// yet half-closed, counted after each turn of the poll loop. A server that takes one client
	// after the other cannot leave a client before that client's FIN, so it shows exactly 1. For
	// others it is a lower bound, which comes close when clients have much more to send than may be
	// on the way at once (ping-pong, or a window): who has sent all at the start half-closes before
	// any echo.
	unsigned atOnce = 0;

	unsigned connectsAgain = 0; // attempts to connect that RunOptions::connectAgain cut short

	// In ping-pong: the time from the send of a message to the last byte of its echo, of all
	// clients. The first one of each is left out: it includes the wait to be accepted.
	std::vector<Duration> roundTrips;

	std::vector<Duration> waits; // of each client, from the start to its first byte of echo

	std::uint64_t echoed = 0;
	std::uint64_t wrong = 0;
	Duration elapsed{ 0 }; // from the first connect to the last end

	bool AllServed() const
	{
		return served == clients.size();
	}
};

// What `RunOptions::onTurn` is told. Background clients are left out until the others have
// finished.
struct Progress
{
	unsigned clients;
	unsigned connected;   // at some time
	unsigned finished;    // served or not
	std::uint64_t echoed; // bytes
	std::uint64_t total;  // bytes that there are to echo
	Duration elapsed;
};

struct RunOptions
{
	// A run fails when no client outside the background has connected, received a byte or ended for
	// this long (times TimeoutMultiplier). The whole run has no limit: a client of an iterative
	// server waits for its turn.
	milliseconds stall{ 5000 };

	// When a server's backlog is full, Windows refuses a connect and Linux lets it wait for 1, 3,
	// 7, 15 ... s, however soon there is room. With a time here a connect that was refused, or had
	// no answer, for so long starts again; that is no progress, so a server that takes nobody still
	// fails. 0: one attempt each.
	milliseconds connectAgain{ 0 };

	// Without it a client has finished when all is back after its half-close: for a server that is
	// known never to close.
	bool untilEnd = true;

	// Called after each turn of the poll loop, in the same thread, many times a second. May be
	// empty.
	std::function<void(const Progress&)> onTurn;
};

// Connects all clients at once and runs each to its end: sends its source as its plan says,
// half-closes, expects every byte and then the FIN. Always returns, and within options.stall after
// the last progress. Throws std::runtime_error as Connection does.
RunResult RunClients(const std::string& host, std::uint16_t port,
	const std::vector<ClientPlan>& plans, const RunOptions& options = {});

// The plan for the clients 0 .. clients - 1, who differ in the number of their source only.
std::vector<ClientPlan> Copies(const ClientPlan& plan, unsigned clients);

// The errors of a run, a line each, at most `most` of them and then how many there are more.
std::string Errors(const RunResult& result, unsigned most = 20);

// The value below which `fraction` (0 .. 1) of the values lie (nearest rank); 0 for none. 0.5: the
// median.
Duration Percentile(std::vector<Duration> values, double fraction);

} // namespace echo

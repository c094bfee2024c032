// The rules that a server must keep, checked at every call.
#pragma once

#include "model.h"
#include "network.h"

#include <sstream>
#include <string>
#include <vector>

namespace sim
{
struct Rule
{
	const char* name;
	const char* sentence;
	const char* errata; // that it may be
};

namespace rule
{
inline constexpr Rule Echo = { "echo", "what a server sends is what it has received, in order",
	"E02-2 E02-3" };
inline constexpr Rule Lost = { "lost", "everything received is echoed before the server closes",
	"E02-2 E02-3 E04-7 E04-8 E05-4" };
inline constexpr Rule Dropped = { "dropped",
	"a connection is closed at its end or after an error, and for nothing else",
	"E03-6 E04-6 E04-8 E04-10 E05-4" };
inline constexpr Rule Held = { "held", "at most 512 bytes are held per connection", "E05-1" };
inline constexpr Rule Handle = { "handle",
	"no call on a handle that is closed, and none is closed twice", "E00-7 E04-9 E05-6" };
inline constexpr Rule SharedEvent = { "shared-event", "an event object belongs to one socket",
	"E05-6" };
inline constexpr Rule Leak = { "leak", "a finished connection leaves no socket, event or memory",
	"E03-5 E05-2 E05-5" };
inline constexpr Rule Stall = { "stall",
	"no wait that can never end while somebody is owed something",
	"E03-1 E03-4 E03-5 E04-7 E05-1 E05-2 E05-5" };
inline constexpr Rule Elsewhere = { "elsewhere",
	"no wait that leaves out a client who could be served", "E03-4 E05-3" };
inline constexpr Rule Owed = { "owed", "no wait while a client's data can be read, or sent back",
	"E03-1 E04-7 E05-1 E05-2 E05-4 E05-5" };
inline constexpr Rule Deaf = { "deaf", "no wait that leaves out those who want to connect",
	"E03-4 E03-5 E05-10" };
inline constexpr Rule Spin = { "spin", "no calls without end that change nothing", "E03-1 E05-8" };
inline constexpr Rule Awake = { "awake",
	"while nothing happens a server rests: nothing of its own wakes it", "E05-8" };
inline constexpr Rule Refused = { "refused",
	"without room for a new client: the server waits before it tries again, and does "
	"not fill the log",
	"E00-8" };
inline constexpr Rule Unfair = { "unfair",
	"nobody gets one buffer after the other while another is ready", "E03-4 E03-5 E05-1 E05-3" };
inline constexpr Rule Log = { "log", "the log tells what happened, of the right peer",
	"E00-2 E00-5 E00-6 E03-2 E03-3 E04-3 E04-4 E05-5 E05-9" };
inline constexpr Rule NoWord = { "no-word", "a connection that an error ends leaves an error line",
	"E00-2 E04-4 E05-5" };
inline constexpr Rule Flush = { "flush", "the log is complete when the server waits", "E00-9" };
inline constexpr Rule Exit = { "exit", "the server goes on until it is told to end",
	"E00-8 E05-7" };
inline constexpr Rule WaitAgain = { "wait-again",
	"a wait that fails ends the server, with a message and exit code 1", "E00-1 E05-8 E05-11" };
inline constexpr Rule Start = { "start",
	"a start-up call that fails ends the server, with a message and exit code 1", "E00-1" };
inline constexpr Rule Exposed = { "exposed",
	"exclusive, on the loopback address and on the port that was asked for", "E00-10" };
inline constexpr Rule Memory = { "memory", "refused memory costs one client, not the server",
	"E00-7" };
} // namespace rule

struct Outcome
{
	const Rule* rule = nullptr;     // that is broken; null: none
	std::string what;               // the particulars
	std::vector<std::string> trace; // if asked for
	std::uint64_t calls[kCalls] = {};
};

// The bytes of a peer from an offset on: kLongest of them, for no peer sends more.
constexpr std::size_t kLongest = 5000;
const char* PatternOf(int peer, std::size_t offset);

class Checks : public Environment
{
protected:
	// A client: its connection, what it has done, and what the server has done for it.
	struct Client : Connection
	{
		bool connected = false;
		std::size_t sent = 0; // bytes
		std::size_t read = 0;
		int acts = 0;
		bool done = false;

		std::size_t received = 0;    // bytes that recv() gave
		std::size_t echoed = 0;      // bytes that send() took
		std::vector<int> errors;     // that calls and events gave
		bool told = false;           // and an error line has one of them
		bool excused = false;        // the server may close it at once
		bool logged = false;         // the Accept line
		bool farewell = false;       // the Disconnect line
		std::uint64_t waiting = 0;   // since when it could be served; 0: it could not
		std::uint64_t turns[3] = {}; // when it got its last buffers, the newest last

		bool Live() const
		{
			return accepted && !closed && !reset && broken == 0;
		}
	};

	Checks(const Model& model, const Conditions& conditions, std::size_t peers);

	void Entering(Call call, Connection* connection) override;
	void BadHandle(const char* call, std::uintptr_t handle) override;
	void SharedEvent(Connection& connection) override;
	void Listening(bool exclusive, const winsock::SOCKADDR_IN& name) override;
	void Accepted(Connection& connection) override;
	void Refused() override;
	void Received(Connection& connection, const char* data, int size) override;
	void Sending(Connection& connection, const char* data, int size) override;
	void Sent(Connection& connection, int size) override;
	void Closing(Connection& connection) override;
	void Failed(int code, Connection* connection) override;
	void Lasting(Fault fault) override;
	void Written(bool toError, const char* text, std::size_t size) override;
	void Flushed() override;

	// Ends the run. The parts are the particulars.
	template <typename... Parts>
	[[noreturn]] void Break(const Rule& rule, const Parts&... parts)
	{
		std::ostringstream text;
		(text << ... << parts);
		outcome_.rule = &rule;
		outcome_.what = text.str();
		Trace("broken", std::string(rule.name) + ": " + outcome_.what);
		throw Done();
	}
	// Who could be served, now that the world has moved.
	void Look();
	// A call is about to wait.
	void CheckWait(const Waiting& waiting);
	void CheckFlushed(Call call);
	// The last client has gone.
	void CheckEnd();
	void CheckReturn(int code);

	// Every connection is a client's.
	static Client& Of(Connection& connection)
	{
		return static_cast<Client&>(connection);
	}

	Outcome outcome_;
	const Model& model_;
	Network network_;
	std::vector<Client> clients_;
	int live_ = 0; // connections that the server has

	bool started_ = false;     // the server has begun to serve
	bool startFailed_ = false; // one of the calls before that
	bool lasting_ = false;     // it cannot go on
	bool windowClosed_ = false;
	bool refused_ = false;  // the last accept(), for lack of room
	int sinceProgress_ = 0; // calls

private:
	void CheckLogged();
	void LogLine(const std::string& line);
	void ErrorLine(const std::string& line);
	void TellError(int code);

	Fault lastingFault_ = Fault::Count;
	bool errorPrinted_ = false;
	bool memoryFailed_ = false;
	bool listeningLogged_ = false;
	bool fullLogged_ = false; // for the newest client
	bool unflushed_ = false;
	std::string line_;           // the part of a line that is written
	std::string expected_;       // the line for the bytes that were received last
	std::vector<int> codes_;     // given by the last call
	Client* newest_ = nullptr;   // accepted last
	std::uint64_t turn_ = 0;     // buffers received
	int sleeps_ = 0;             // since the last wait in its place
	bool refusedBefore_ = false; // accept(): the last one but this
	std::uint64_t refusedSince_ = 0;
	std::uint64_t refusals_ = 0;
	std::uint64_t refusalLines_ = 0;
	std::ptrdiff_t sockets_ = 0; // at the start
	std::ptrdiff_t events_ = 0;
	std::ptrdiff_t memory_ = 0;
};

} // namespace sim

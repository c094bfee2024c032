// The rules that a server must keep, checked at every call.
#pragma once

#include "model.h"
#include "network.h"

#include <string>
#include <vector>

namespace sim
{
enum class Rule
{
	Echo,
	Lost,
	Dropped,
	Held,
	Handle,
	SharedEvent,
	Leak,
	Stall,
	Elsewhere,
	Owed,
	Deaf,
	Spin,
	Awake,
	Refused,
	Unfair,
	Log,
	NoWord,
	Flush,
	Exit,
	WaitAgain,
	Start,
	Exposed,
	Memory,
	Count
};

struct RuleText
{
	const char* name;
	const char* sentence;
	const char* errata; // that it may be
};

const RuleText& Text(Rule rule);

// Thrown out of the server's main().
struct Broken
{
	Rule rule;
	std::string what;
};

// The bytes of a peer from an offset on; at least kBufferSize of them.
const char* PatternOf(int peer, std::size_t offset);

class Checks : public Environment
{
protected:
	// What a connection has been through, as seen from the server. One for each peer.
	struct Client
	{
		Connection* connection = nullptr; // null: it has not been accepted
		std::size_t received = 0;         // bytes that recv() gave
		std::size_t echoed = 0;           // bytes that send() took
		std::vector<int> errors;          // that calls and events gave
		bool told = false;                // and an error line has one of them
		bool excused = false;             // the server may close it at once
		bool logged = false;              // the Accept line
		bool farewell = false;            // the Disconnect line
		bool extra = false;               // it has got a message that is stale or spurious
		std::uint64_t waiting = 0;        // since when it could be served; 0: it could not
		std::uint64_t turns[3] = {};      // when it got its last buffers, the newest last

		bool Failed() const
		{
			return !errors.empty();
		}
		bool Live() const
		{
			return connection != nullptr && !connection->closed;
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
	void Extra(Connection& connection) override;
	void Written(bool toError, const char* text, std::size_t size) override;
	void Flushed() override;

	[[noreturn]] void Break(Rule rule, const std::string& what);
	// Who could be served, now that the world has moved.
	void Look();
	// A call is about to wait.
	void CheckWait(const Waiting& waiting);
	void CheckFlushed(Call call);
	// The last client has gone.
	void CheckEnd();
	void CheckReturn(int code);

	Client& Of(const Connection& connection)
	{
		return clients_[static_cast<std::size_t>(connection.peer - 1)];
	}

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
	int events_ = 0; // of the start
	int sockets_ = 0;
	std::size_t memory_ = 0;
};

} // namespace sim

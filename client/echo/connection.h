// A TCP client connection whose every wait has a deadline.
//
// Errors, in this whole library: what a peer, a server or the network does is a return value, since
// tests ask about it. What makes a test impossible (Winsock does not start, the system has no
// socket, a server does not start) is thrown as std::runtime_error, which says what it was. Error
// codes are Winsock's (WSAECONNRESET = 10054 and so on); 0 is success.
#pragma once

#include "deadline.h"
#include "pattern.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace echo
{
// Starts Winsock, for the rest of the program. Construct one before anything else of this file.
struct Winsock
{
	Winsock();
};

// "10054 WSAECONNRESET", or the number alone when the name is not a common one.
std::string ErrorName(int error);

// How the stream from the server ended, apart from what arrived before.
struct End
{
	enum Kind
	{
		Open,  // it has not: the deadline passed first
		Fin,   // the server closed its side in order (recv returned 0)
		Reset, // it broke off: recv or send failed with `error`
	};
	Kind kind = Open;
	int error = 0;
};

// "still open", "FIN", "reset (10054 WSAECONNRESET)"
std::string Describe(const End& end);

// Whether the text is an IPv4 address in dotted form, or "localhost". Other names are not resolved,
// because a resolver has no deadline.
bool IsAddress(const std::string& host);

// Set before connecting, as the buffers' sizes have a say in the handshake. 0: the system's
// default.
struct ConnectOptions
{
	int sendBuffer = 0;          // SO_SNDBUF, bytes; the system may enforce a minimum
	int receiveBuffer = 0;       // SO_RCVBUF, bytes
	bool noDelay = false;        // TCP_NODELAY: no Nagle algorithm (RFC 896)
	std::uint16_t localPort = 0; // 0: any
};

class Connection
{
public:
	using Options = ConnectOptions;

	Connection() = default;
	~Connection(); // as Close()
	Connection(Connection&& other) noexcept;
	Connection& operator=(Connection other) noexcept; // closes what it had

	// Returns 0, the error (WSAECONNREFUSED ...), or WSAETIMEDOUT when the deadline passes first.
	// Throws std::runtime_error for a host that is no address, or when the system has no socket.
	int Connect(const std::string& host, std::uint16_t port, Deadline deadline,
		const Options& options = {});

	// The two halves of Connect, for many connections at once. StartConnect returns 0 when the
	// connection is there, WSAEWOULDBLOCK when it is under way, or the error; it closes what there
	// was. PollConnect, without waiting, returns the same.
	int StartConnect(const std::string& host, std::uint16_t port, const Options& options);
	int PollConnect();

	struct Sent
	{
		std::size_t bytes; // that were taken
		int error;         // WSAETIMEDOUT: the deadline passed; else that of send()
	};

	// Sends what is taken without waiting. Error WSAEWOULDBLOCK: nothing is, now.
	Sent TrySend(std::string_view data);

	// Sends all of `data`. It does not receive meanwhile: an echo of more than the buffers hold on
	// the way makes both sides wait (backpressure), and this call end at its deadline. Use
	// RunClients (multi_client.h) for that.
	Sent SendAll(std::string_view data, Deadline deadline);

	// Sends bytes of `source` from `offset` on, without receiving, until the system has taken none
	// for `quiet`, or `limit` bytes have been taken, or the source ends, or the deadline passes
	// (error WSAETIMEDOUT). Returns the bytes taken; error 0 in the first three cases. There is no
	// fixed number to expect: Windows sizes its buffers as it goes.
	Sent WriteUntilBlocked(const Source& source, std::uint64_t offset, milliseconds quiet,
		std::size_t limit, Deadline deadline);

	// What arrived, and how the stream ended. Open: neither end nor error within the deadline, or
	// all that was asked for came first.
	struct Received
	{
		std::string data;
		End end;
	};

	// Receives `size` bytes, fewer only if the stream ends or the deadline passes. When it has
	// passed already: what is there, 64 KiB at most.
	Received Receive(std::size_t size, Deadline deadline);

	// Receives to the end of the stream, 256 MiB at most.
	Received ReceiveToEnd(Deadline deadline)
	{
		return Receive(std::size_t(256) << 20, deadline);
	}

	// shutdown(how): SD_SEND, SD_RECEIVE or SD_BOTH. Returns 0 or the error.
	int Shutdown(int how);

	// The half-close: a FIN follows what was sent, and receiving goes on (RFC 9293, 3.6). Returns 0
	// or the error.
	int HalfClose()
	{
		return Shutdown(SD_SEND);
	}

	// Closes in order; what is unread is thrown away, which makes most systems send an RST.
	void Close();

	// Closes with an RST at once and throws away what is unsent: SO_LINGER {1, 0} (closesocket,
	// "hard close").
	void Reset();

	bool IsOpen() const
	{
		return socket_ != INVALID_SOCKET;
	}

	// For calls that this class does not wrap. The Connection keeps ownership.
	SOCKET Handle() const
	{
		return socket_;
	}

	std::uint16_t LocalPort() const; // 0 when it has none

private:
	SOCKET socket_ = INVALID_SOCKET;
};

} // namespace echo

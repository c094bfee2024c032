#include "connection.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace echo
{
namespace
{
[[noreturn]] void Fail(const char* call, int error)
{
	throw std::runtime_error(std::string(call) + ": " + ErrorName(error));
}

bool ParseAddress(const std::string& host, in_addr& address)
{
	const char* dotted = host == "localhost" ? "127.0.0.1" : host.c_str();
	return inet_pton(AF_INET, dotted, &address) == 1;
}

sockaddr_in Address(const std::string& host, std::uint16_t port)
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	if (!ParseAddress(host, address.sin_addr))
		throw std::runtime_error("not an IPv4 address: '" + host + "'");
	return address;
}

sockaddr_in LocalName(SOCKET handle)
{
	sockaddr_in address{};
	int length = sizeof(address);
	// A failure leaves the zeros: no name.
	getsockname(handle, reinterpret_cast<sockaddr*>(&address), &length);
	return address;
}

void SetOption(SOCKET handle, int level, int name, int value, const char* what)
{
	const auto bytes = reinterpret_cast<const char*>(&value);
	if (setsockopt(handle, level, name, bytes, sizeof(value)) == SOCKET_ERROR)
		Fail(what, WSAGetLastError());
}

enum class Direction
{
	Read,
	Write,
};

// Waits until the socket can be read or written without waiting, or has failed; false when the
// deadline passes first.
bool WaitReady(SOCKET handle, Direction direction, Deadline deadline)
{
	fd_set ready;
	fd_set failed; // a connect that failed shows here, and nowhere else (Microsoft: select)
	FD_ZERO(&ready);
	FD_ZERO(&failed);
	FD_SET(handle, &ready);
	FD_SET(handle, &failed);

	const milliseconds left = deadline.Left();
	timeval wait{};
	wait.tv_sec = static_cast<long>(left.count() / 1000);
	wait.tv_usec = static_cast<long>(left.count() % 1000 * 1000);

	int count;
	if (direction == Direction::Read)
		count = select(0, &ready, nullptr, nullptr, &wait);
	else
		count = select(0, nullptr, &ready, &failed, &wait);
	if (count == SOCKET_ERROR)
		Fail("select()", WSAGetLastError());
	return count > 0;
}

} // namespace

Winsock::Winsock()
{
	WSADATA data;
	const int error = WSAStartup(MAKEWORD(2, 2), &data);
	if (error != 0)
		Fail("WSAStartup()", error);
}

Winsock::~Winsock()
{
	WSACleanup();
}

std::string ErrorName(int error)
{
	struct Known
	{
		int error;
		const char* name;
	};
	static const Known names[] = {
		{ WSAEACCES, " WSAEACCES" },
		{ WSAEWOULDBLOCK, " WSAEWOULDBLOCK" },
		{ WSAEADDRINUSE, " WSAEADDRINUSE" },
		{ WSAEADDRNOTAVAIL, " WSAEADDRNOTAVAIL" },
		{ WSAENETUNREACH, " WSAENETUNREACH" },
		{ WSAECONNABORTED, " WSAECONNABORTED" },
		{ WSAECONNRESET, " WSAECONNRESET" },
		{ WSAENOBUFS, " WSAENOBUFS" },
		{ WSAENOTCONN, " WSAENOTCONN" },
		{ WSAESHUTDOWN, " WSAESHUTDOWN" },
		{ WSAETIMEDOUT, " WSAETIMEDOUT" },
		{ WSAECONNREFUSED, " WSAECONNREFUSED" },
		{ WSAEHOSTUNREACH, " WSAEHOSTUNREACH" },
		{ WSANOTINITIALISED, " WSANOTINITIALISED" },
	};
	for (const Known& known : names)
	{
		if (known.error == error)
			return std::to_string(error) + known.name;
	}
	return std::to_string(error);
}

std::string Describe(const End& end)
{
	switch (end.kind)
	{
	case End::Open:
		return "still open";
	case End::Fin:
		return "FIN";
	case End::Reset:
		return "reset (" + ErrorName(end.error) + ")";
	}
	return "?";
}

bool IsAddress(const std::string& host)
{
	in_addr address{};
	return ParseAddress(host, address);
}

Connection::~Connection()
{
	Close();
}

Connection::Connection(Connection&& other) noexcept
	: socket_(std::exchange(other.socket_, INVALID_SOCKET))
{
}

Connection& Connection::operator=(Connection&& other) noexcept
{
	if (this != &other)
	{
		Close();
		socket_ = std::exchange(other.socket_, INVALID_SOCKET);
	}
	return *this;
}

int Connection::Connect(const std::string& host, std::uint16_t port, Deadline deadline,
	const Options& options)
{
	int error = StartConnect(host, port, options);
	if (error == WSAEWOULDBLOCK)
		error = WaitReady(socket_, Direction::Write, deadline) ? PollConnect() : WSAETIMEDOUT;
	if (error != 0)
		Close();
	return error;
}

int Connection::Connect(const std::string& host, std::uint16_t port, Deadline deadline)
{
	return Connect(host, port, deadline, Options());
}

int Connection::StartConnect(const std::string& host, std::uint16_t port, const Options& options)
{
	if (IsOpen())
		throw std::logic_error("Connection: connected twice");

	const sockaddr_in address = Address(host, port);
	socket_ = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (socket_ == INVALID_SOCKET)
		Fail("socket()", WSAGetLastError());

	u_long on = 1;
	if (ioctlsocket(socket_, static_cast<long>(FIONBIO), &on) == SOCKET_ERROR)
		Fail("ioctlsocket()", WSAGetLastError());
	if (options.sendBuffer > 0)
		SetOption(socket_, SOL_SOCKET, SO_SNDBUF, options.sendBuffer, "SO_SNDBUF");
	if (options.receiveBuffer > 0)
		SetOption(socket_, SOL_SOCKET, SO_RCVBUF, options.receiveBuffer, "SO_RCVBUF");
	if (options.noDelay)
		SetOption(socket_, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");

	int result = 0;
	if (options.localPort != 0)
	{
		const sockaddr_in local = Address("127.0.0.1", options.localPort);
		result = bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof(local));
	}
	if (result == 0)
		result = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
	const int error = result == SOCKET_ERROR ? WSAGetLastError() : 0;
	if (error != 0 && error != WSAEWOULDBLOCK)
		Close();
	return error;
}

int Connection::PollConnect()
{
	if (!WaitReady(socket_, Direction::Write, Deadline::After(milliseconds(0))))
		return WSAEWOULDBLOCK;

	int error = 0;
	int length = sizeof(error);
	const auto bytes = reinterpret_cast<char*>(&error);
	if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, bytes, &length) == SOCKET_ERROR)
		error = WSAGetLastError();
	return error;
}

Connection::Step Connection::TrySend(std::string_view data)
{
	if (!IsOpen() || data.empty())
		throw std::logic_error("Connection::TrySend: no connection or no data");

	const int size = static_cast<int>(std::min<std::size_t>(data.size(), 1 << 30));
	const int sent = send(socket_, data.data(), size, 0);
	if (sent != SOCKET_ERROR)
		return { Step::Bytes, static_cast<std::size_t>(sent), 0 };
	const int error = WSAGetLastError();
	return { error == WSAEWOULDBLOCK ? Step::WouldBlock : Step::Reset, 0, error };
}

Connection::Step Connection::TryReceive(char* buffer, std::size_t size)
{
	if (!IsOpen() || size == 0)
		throw std::logic_error("Connection::TryReceive: no connection or no room");

	const int room = static_cast<int>(std::min<std::size_t>(size, 1 << 30));
	const int received = recv(socket_, buffer, room, 0);
	if (received > 0)
		return { Step::Bytes, static_cast<std::size_t>(received), 0 };
	if (received == 0)
		return { Step::Fin, 0, 0 };
	const int error = WSAGetLastError();
	return { error == WSAEWOULDBLOCK ? Step::WouldBlock : Step::Reset, 0, error };
}

Connection::Sent Connection::SendAll(std::string_view data, Deadline deadline)
{
	Sent sent{ 0, 0 };
	while (sent.bytes < data.size())
	{
		const Step step = TrySend(data.substr(sent.bytes));
		sent.bytes += step.bytes;
		if (step.kind == Step::Reset)
			sent.error = step.error;
		else if (step.kind == Step::WouldBlock && !WaitReady(socket_, Direction::Write, deadline))
			sent.error = WSAETIMEDOUT;
		if (sent.error != 0)
			break;
	}
	return sent;
}

Connection::Sent Connection::WriteUntilBlocked(const Source& source, std::uint64_t offset,
	milliseconds quiet, std::size_t limit, Deadline deadline)
{
	const std::uint64_t end = std::min<std::uint64_t>(source.Size(), offset + limit);
	std::vector<char> chunk(4096);
	Sent sent{ 0, 0 };
	Deadline silence = Deadline::After(quiet);
	while (offset < end && !silence.Passed())
	{
		const std::uint64_t left = end - offset;
		const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), left));
		source.Read(offset, chunk.data(), size);
		const Step step = TrySend(std::string_view(chunk.data(), size));
		offset += step.bytes;
		sent.bytes += step.bytes;

		if (step.kind == Step::Bytes)
			silence = Deadline::After(quiet);
		else if (step.kind == Step::WouldBlock)
			WaitReady(socket_, Direction::Write, silence);
		else
			sent.error = step.error;

		if (sent.error == 0 && deadline.Passed())
			sent.error = WSAETIMEDOUT;
		if (sent.error != 0)
			break;
	}
	return sent;
}

Connection::Received Connection::Receive(std::size_t size, Deadline deadline)
{
	Received received;
	std::vector<char> buffer(std::min<std::size_t>(size, 65536));
	while (received.data.size() < size)
	{
		const std::size_t room = std::min(buffer.size(), size - received.data.size());
		const Step step = TryReceive(buffer.data(), room);
		received.data.append(buffer.data(), step.bytes);

		if (step.kind == Step::Fin)
			received.end = { End::Fin, 0 };
		else if (step.kind == Step::Reset)
			received.end = { End::Reset, step.error };
		else if (deadline.Passed())
			break;
		else if (step.kind == Step::WouldBlock)
			WaitReady(socket_, Direction::Read, deadline);

		if (received.end.kind != End::Open)
			break;
	}
	return received;
}

Connection::Received Connection::ReceiveToEnd(Deadline deadline, std::size_t limit)
{
	return Receive(limit, deadline);
}

int Connection::SendUrgent(char byte)
{
	return send(socket_, &byte, 1, MSG_OOB) == SOCKET_ERROR ? WSAGetLastError() : 0;
}

int Connection::Shutdown(int how)
{
	return shutdown(socket_, how) == SOCKET_ERROR ? WSAGetLastError() : 0;
}

int Connection::HalfClose()
{
	return Shutdown(SD_SEND);
}

void Connection::Close()
{
	if (!IsOpen())
		return;
	// Wine 10 takes a non-blocking send whole, as Windows does, and keeps in this process what
	// there is no room for. As long as that waits, the connection stays open behind closesocket(),
	// whatever SO_LINGER says: for ever if the peer does not read. With more room it is gone.
	const int room = 1 << 20;
	setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<const char*>(&room), sizeof(room));
	closesocket(std::exchange(socket_, INVALID_SOCKET));
}

void Connection::Reset()
{
	if (!IsOpen())
		throw std::logic_error("Connection::Reset: no connection");

	const linger hard{ 1, 0 };
	const auto bytes = reinterpret_cast<const char*>(&hard);
	if (setsockopt(socket_, SOL_SOCKET, SO_LINGER, bytes, sizeof(hard)) == SOCKET_ERROR)
		Fail("SO_LINGER", WSAGetLastError());
	Close();
}

bool Connection::IsOpen() const
{
	return socket_ != INVALID_SOCKET;
}

SOCKET Connection::Handle() const
{
	return socket_;
}

std::string Connection::LocalAddress() const
{
	const sockaddr_in address = LocalName(socket_);
	char text[INET_ADDRSTRLEN] = "";
	inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
	return text;
}

std::uint16_t Connection::LocalPort() const
{
	return ntohs(LocalName(socket_).sin_port);
}

int ResetBeforeAccept(const std::string& host, std::uint16_t port, Deadline deadline)
{
	Connection connection;
	const int error = connection.Connect(host, port, deadline);
	if (error == 0)
		connection.Reset();
	return error;
}

} // namespace echo

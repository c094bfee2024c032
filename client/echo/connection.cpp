#include "connection.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace echo
{
namespace
{
[[noreturn]] void Fail(const char* call, int error)
{
	throw std::runtime_error(std::string(call) + ": " + ErrorName(error));
}

// Nothing when the host is no address.
std::optional<sockaddr_in> ParseAddress(const std::string& host, std::uint16_t port)
{
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	const char* dotted = host == "localhost" ? "127.0.0.1" : host.c_str();
	if (inet_pton(AF_INET, dotted, &address.sin_addr) != 1)
		return std::nullopt;
	return address;
}

template <typename Value>
void SetOption(SOCKET handle, int level, int name, const Value& value, const char* what)
{
	const auto bytes = reinterpret_cast<const char*>(&value);
	if (setsockopt(handle, level, name, bytes, sizeof(value)) == SOCKET_ERROR)
		Fail(what, WSAGetLastError());
}

// Waits until the socket can be read (POLLRDNORM) or written (POLLWRNORM) without waiting, or has
// failed; false when the deadline passes first.
bool WaitReady(SOCKET handle, short event, Deadline deadline)
{
	fd_set ready;
	FD_ZERO(&ready);
	FD_SET(handle, &ready);
	fd_set failed = ready; // a connect that failed shows here, and nowhere else (Microsoft: select)

	const auto left = static_cast<long>(deadline.Left().count());
	timeval wait{ left / 1000, left % 1000 * 1000 };
	const bool reading = event == POLLRDNORM;
	const int count = select(0, reading ? &ready : nullptr, reading ? nullptr : &ready,
		reading ? nullptr : &failed, &wait);
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

std::string ErrorName(int error)
{
	static const std::map<int, const char*> names = {
		{ WSAEWOULDBLOCK, " WSAEWOULDBLOCK" },
		{ WSAEADDRINUSE, " WSAEADDRINUSE" },
		{ WSAEADDRNOTAVAIL, " WSAEADDRNOTAVAIL" },
		{ WSAENETUNREACH, " WSAENETUNREACH" },
		{ WSAECONNABORTED, " WSAECONNABORTED" },
		{ WSAECONNRESET, " WSAECONNRESET" },
		{ WSAENOTCONN, " WSAENOTCONN" },
		{ WSAESHUTDOWN, " WSAESHUTDOWN" },
		{ WSAETIMEDOUT, " WSAETIMEDOUT" },
		{ WSAECONNREFUSED, " WSAECONNREFUSED" },
		{ WSAEHOSTUNREACH, " WSAEHOSTUNREACH" },
	};
	const auto known = names.find(error);
	return std::to_string(error) + (known != names.end() ? known->second : "");
}

std::string Describe(const End& end)
{
	if (end.kind == End::Reset)
		return "reset (" + ErrorName(end.error) + ")";
	return end.kind == End::Fin ? "FIN" : "still open";
}

bool IsAddress(const std::string& host)
{
	return ParseAddress(host, 0).has_value();
}

Connection::~Connection()
{
	Close();
}

Connection::Connection(Connection&& other) noexcept
	: socket_(std::exchange(other.socket_, INVALID_SOCKET))
{
}

Connection& Connection::operator=(Connection other) noexcept
{
	std::swap(socket_, other.socket_);
	return *this;
}

int Connection::Connect(const std::string& host, std::uint16_t port, Deadline deadline,
	const Options& options)
{
	int error = StartConnect(host, port, options);
	if (error == WSAEWOULDBLOCK)
		error = WaitReady(socket_, POLLWRNORM, deadline) ? PollConnect() : WSAETIMEDOUT;
	if (error != 0)
		Close();
	return error;
}

int Connection::StartConnect(const std::string& host, std::uint16_t port, const Options& options)
{
	Close();
	const auto address = ParseAddress(host, port);
	if (!address)
		throw std::runtime_error("not an IPv4 address: '" + host + "'");
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
		const auto local = ParseAddress("127.0.0.1", options.localPort);
		result = bind(socket_, reinterpret_cast<const sockaddr*>(&*local), sizeof(*local));
	}
	if (result == 0)
		result = connect(socket_, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address));
	const int error = result == SOCKET_ERROR ? WSAGetLastError() : 0;
	if (error != 0 && error != WSAEWOULDBLOCK)
		Close();
	return error;
}

int Connection::PollConnect()
{
	if (!WaitReady(socket_, POLLWRNORM, Deadline::After(milliseconds(0))))
		return WSAEWOULDBLOCK;

	int error = 0;
	int length = sizeof(error);
	const auto bytes = reinterpret_cast<char*>(&error);
	if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, bytes, &length) == SOCKET_ERROR)
		error = WSAGetLastError();
	return error;
}

Connection::Sent Connection::TrySend(std::string_view data)
{
	const int size = static_cast<int>(std::min<std::size_t>(data.size(), 1 << 30));
	const int sent = send(socket_, data.data(), size, 0);
	if (sent == SOCKET_ERROR)
		return { 0, WSAGetLastError() };
	return { static_cast<std::size_t>(sent), 0 };
}

Connection::Sent Connection::SendAll(std::string_view data, Deadline deadline)
{
	Sent all{ 0, 0 };
	while (all.bytes < data.size() && all.error == 0)
	{
		const Sent sent = TrySend(data.substr(all.bytes));
		all.bytes += sent.bytes;
		all.error = sent.error;
		if (sent.error == WSAEWOULDBLOCK)
			all.error = WaitReady(socket_, POLLWRNORM, deadline) ? 0 : WSAETIMEDOUT;
	}
	return all;
}

Connection::Sent Connection::WriteUntilBlocked(const Source& source, std::uint64_t offset,
	milliseconds quiet, std::size_t limit, Deadline deadline)
{
	limit = static_cast<std::size_t>(std::min<std::uint64_t>(limit, source.Size() - offset));
	Sent all{ 0, 0 };
	Deadline silence = Deadline::After(quiet);
	while (all.bytes < limit && !silence.Passed() && all.error == 0)
	{
		const std::size_t size = std::min<std::size_t>(4096, limit - all.bytes);
		const Sent sent = TrySend(source.Read(offset + all.bytes, size));
		all.bytes += sent.bytes;
		if (sent.bytes > 0)
			silence = Deadline::After(quiet);
		else if (sent.error == WSAEWOULDBLOCK)
			WaitReady(socket_, POLLWRNORM, silence);
		else
			all.error = sent.error;
		if (all.error == 0 && deadline.Passed())
			all.error = WSAETIMEDOUT;
	}
	return all;
}

Connection::Received Connection::Receive(std::size_t size, Deadline deadline)
{
	Received received;
	char buffer[65536];
	while (received.data.size() < size && received.end.kind == End::Open)
	{
		const std::size_t room = std::min(sizeof(buffer), size - received.data.size());
		const int count = recv(socket_, buffer, static_cast<int>(room), 0);
		const int error = count == SOCKET_ERROR ? WSAGetLastError() : 0;
		if (count > 0)
			received.data.append(buffer, static_cast<std::size_t>(count));
		else if (count == 0)
			received.end = { End::Fin, 0 };
		else if (error != WSAEWOULDBLOCK)
			received.end = { End::Reset, error };

		if (deadline.Passed())
			break;
		if (error == WSAEWOULDBLOCK)
			WaitReady(socket_, POLLRDNORM, deadline);
	}
	return received;
}

int Connection::Shutdown(int how)
{
	return shutdown(socket_, how) == SOCKET_ERROR ? WSAGetLastError() : 0;
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
	SetOption(socket_, SOL_SOCKET, SO_LINGER, linger{ 1, 0 }, "SO_LINGER");
	Close();
}

std::uint16_t Connection::LocalPort() const
{
	sockaddr_in address{};
	int length = sizeof(address);
	// A failure leaves the zeros: no name.
	getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
	return ntohs(address.sin_port);
}

} // namespace echo

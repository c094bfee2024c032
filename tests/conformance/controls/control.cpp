// A control server: a right echo server, a thread for each client, but for one fault that the suite
// must find, or one peculiarity that it must not take for a fault. CONTROL_FAULT names it.
#ifdef _MSC_VER
#pragma comment(lib, "ws2_32")
#endif
#include <winsock2.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace
{
enum Fault
{
	discard,
	close_at_once,
	upper_case,
	drop_last_byte,      // of every chunk
	extra_byte,          // after the client's FIN
	swap_two_clients,    // what one sends another gets, if there is another
	one_client_only,     // the first is served, nobody after it
	crash_on_reset,      // the process ends when a connection breaks
	close_on_half_close, // what has been received but not sent is thrown away
	leak_connection,     // a finished connection keeps its place, of which there are 100

	serve_once, // the first is served, then the process ends
	read_stdin, // nobody is served before a key is pressed, or stdin is at its end

	echo_after_100_ms,
	echo_byte_by_byte,
	iterative_backlog_5, // one client at a time, and few may wait
	none,
};

bool Is(Fault fault)
{
	return fault == CONTROL_FAULT;
}

constexpr std::size_t kPlaces = 100;

CRITICAL_SECTION lock;
std::vector<SOCKET> clients;

// Counts the client in. False: there is no place for it.
bool Enter(SOCKET client)
{
	EnterCriticalSection(&lock);
	const bool place = !Is(leak_connection) || clients.size() < kPlaces;
	if (place)
		clients.push_back(client);
	LeaveCriticalSection(&lock);
	return place;
}

void Leave(SOCKET client)
{
	if (Is(leak_connection))
	{
		shutdown(client, SD_SEND); // the client sees a proper end
		return;
	}
	EnterCriticalSection(&lock);
	clients.erase(std::find(clients.begin(), clients.end(), client));
	LeaveCriticalSection(&lock);
	closesocket(client);
}

SOCKET SomebodyElse(SOCKET client)
{
	EnterCriticalSection(&lock);
	SOCKET other = client;
	for (const SOCKET each : clients)
	{
		if (each != client)
			other = each;
	}
	LeaveCriticalSection(&lock);
	return other;
}

bool SendAll(SOCKET client, const char* data, int size)
{
	int sent = 0;
	while (sent < size)
	{
		const int step = Is(echo_byte_by_byte) ? 1 : size - sent;
		const int count = send(client, data + sent, step, 0);
		if (count == SOCKET_ERROR)
			return false;
		sent += count;
	}
	return true;
}

// Whether the client's FIN follows what has been received, within a moment.
bool HalfClosed(SOCKET client)
{
	fd_set readable;
	FD_ZERO(&readable);
	FD_SET(client, &readable);
	timeval moment{};
	moment.tv_usec = 200000;
	char byte;
	return select(0, &readable, nullptr, nullptr, &moment) == 1 &&
		recv(client, &byte, 1, MSG_PEEK) == 0;
}

// Serves a client to its FIN. False: the connection broke.
bool Echo(SOCKET client)
{
	char buffer[65536];
	for (;;)
	{
		const int received = recv(client, buffer, sizeof(buffer), 0);
		if (received == SOCKET_ERROR)
			return false;
		if (received == 0)
			return !Is(extra_byte) || SendAll(client, "!", 1);
		if (Is(discard))
			continue;
		if (Is(close_on_half_close) && HalfClosed(client))
			return true;
		if (Is(echo_after_100_ms))
			Sleep(100);
		for (int i = 0; Is(upper_case) && i < received; i++)
		{
			if (buffer[i] >= 'a' && buffer[i] <= 'z')
				buffer[i] = static_cast<char>(buffer[i] - 'a' + 'A');
		}
		const SOCKET receiver = Is(swap_two_clients) ? SomebodyElse(client) : client;
		if (!SendAll(receiver, buffer, Is(drop_last_byte) ? received - 1 : received))
			return false;
	}
}

DWORD WINAPI Serve(void* parameter)
{
	const SOCKET client = reinterpret_cast<SOCKET>(parameter);
	const BOOL noDelay = Is(echo_byte_by_byte); // else TCP would join the bytes again
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&noDelay),
		sizeof(noDelay));
	if (!Is(close_at_once) && !Echo(client) && Is(crash_on_reset))
		std::_Exit(3);
	Leave(client);
	return 0;
}

SOCKET Listen(unsigned short port)
{
	const SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	int size = sizeof(address);
	auto* name = reinterpret_cast<sockaddr*>(&address);
	if (listener == INVALID_SOCKET || bind(listener, name, size) != 0 ||
		listen(listener, Is(iterative_backlog_5) ? 5 : SOMAXCONN) != 0 ||
		getsockname(listener, name, &size) != 0)
		return INVALID_SOCKET;
	std::printf("[TCP Server] Listening: IP=127.0.0.1, port=%d\n", ntohs(address.sin_port));
	std::fflush(stdout);
	return listener;
}
} // namespace

int main(int argc, char** argv)
{
	WSADATA data;
	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 1;
	InitializeCriticalSection(&lock);
	if (Is(read_stdin))
		std::getchar();
	const SOCKET listener =
		Listen(static_cast<unsigned short>(argc > 1 ? std::atoi(argv[1]) : 9000));
	if (listener == INVALID_SOCKET)
		return 1;
	for (;;)
	{
		const SOCKET client = accept(listener, nullptr, nullptr);
		if (client == INVALID_SOCKET)
			continue;
		if (!Enter(client))
		{
			closesocket(client);
			continue;
		}
		if (Is(iterative_backlog_5) || Is(serve_once))
		{
			Serve(reinterpret_cast<void*>(client));
			if (Is(serve_once))
				return 0;
			continue;
		}
		const HANDLE thread =
			CreateThread(nullptr, 0, Serve, reinterpret_cast<void*>(client), 0, nullptr);
		if (thread == nullptr)
			Leave(client);
		else
			CloseHandle(thread);
		if (Is(one_client_only))
			Sleep(INFINITE);
	}
}

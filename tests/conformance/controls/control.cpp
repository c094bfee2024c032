// A control server: a right echo server, a thread for each client, but for one fault that the suite
// must find, or one peculiarity that it must find out or not take for a fault. Its arguments are a
// port and the name of that: "control 0 greets".
#ifdef _MSC_VER
#pragma comment(lib, "ws2_32")
#endif
#include <winsock2.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

namespace
{
constexpr std::string_view kControls[] = {
	"crash_on_reset",   // the process ends when a connection breaks
	"serve_once",       // the first is served, then the process ends
	"read_stdin",       // nobody is served before a key is pressed, or stdin is at its end
	"dies_at_client_9", // serves nobody any more when so many were there at once
	"starves",          // an idle client keeps the next ones waiting, until it says something
	"never_closes",     // after a half-close
	"loses_the_rest",   // what was received just before a half-close
	"closes_at_once",   // after its first answer
	"greets",
	"whole_lines",       // answers when a line is complete
	"upper_case",        // sends back other letters
	"ends_at_client_21", // when so many have left, the process ends

	"places_8",  // so many clients at once, the others wait
	"refuses_9", // eight at once, the others are closed; a place is free a little late
	"polls",
	"echo_after_100_ms",
	"echo_byte_by_byte",
	"iterative_backlog_5", // one client at a time, and few may wait
	"none",
};

constexpr bool IsControl(std::string_view name)
{
	return std::count(std::begin(kControls), std::end(kControls), name) != 0;
}

// One of them: a misspelt name does not compile.
struct Control
{
	consteval Control(const char* text) : name(text)
	{
		if (!IsControl(name))
			throw "no such control";
	}
	std::string_view name;
};

std::string_view control; // the one that is asked for

bool Is(Control one)
{
	return control == one.name;
}

volatile LONG clients = 0;
volatile LONG left = 0;

bool SendAll(SOCKET client, const char* data, int size)
{
	int sent = 0;
	while (sent < size)
	{
		const int step = Is("echo_byte_by_byte") ? 1 : size - sent;
		const int count = send(client, data + sent, step, 0);
		if (count == SOCKET_ERROR)
			return false;
		sent += count;
	}
	return true;
}

bool Readable(SOCKET handle, int ms)
{
	fd_set readable;
	FD_ZERO(&readable);
	FD_SET(handle, &readable);
	timeval moment{ 0, ms * 1000 };
	return select(0, &readable, nullptr, nullptr, &moment) == 1;
}

// Serves all clients by turns, and waits in each turn until that client has said something.
void Starve(SOCKET listener)
{
	std::vector<SOCKET> all;
	char buffer[512];
	for (;;)
	{
		if (all.empty() || Readable(listener, 0))
			all.push_back(accept(listener, nullptr, nullptr));
		for (std::size_t i = 0; i < all.size(); i++)
		{
			const int received = recv(all[i], buffer, sizeof(buffer), 0);
			if (received > 0 && SendAll(all[i], buffer, received))
				continue;
			closesocket(all[i]);
			all.erase(all.begin() + static_cast<std::ptrdiff_t>(i--));
		}
	}
}

// Serves a client to its FIN. False: the connection broke.
bool Echo(SOCKET client)
{
	char buffer[65536];
	char peeked;
	int size = 0;
	if (Is("greets"))
		SendAll(client, "hello\r\n", 7);
	for (;;)
	{
		const int received =
			recv(client, buffer + size, static_cast<int>(sizeof(buffer)) - size, 0);
		if (received <= 0)
			return received == 0;
		size += received;
		if (Is("whole_lines") && buffer[size - 1] != '\n')
			continue;
		if (Is("loses_the_rest") && Readable(client, 200) &&
			recv(client, &peeked, 1, MSG_PEEK) == 0)
			return true;
		if (Is("echo_after_100_ms"))
			Sleep(100);
		if (Is("upper_case"))
			std::transform(buffer, buffer + size, buffer,
				[](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c; });
		if (!SendAll(client, buffer, size))
			return false;
		if (Is("closes_at_once"))
			return true;
		size = 0;
	}
}

DWORD WINAPI Serve(void* parameter)
{
	const SOCKET client = reinterpret_cast<SOCKET>(parameter);
	const BOOL noDelay = Is("echo_byte_by_byte"); // else TCP would join the bytes again
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&noDelay),
		sizeof(noDelay));
	if (!Echo(client) && Is("crash_on_reset"))
		std::_Exit(3);
	if (Is("never_closes"))
		return 0;
	closesocket(client);
	if (InterlockedIncrement(&left) == 21 && Is("ends_at_client_21"))
		std::_Exit(3);
	if (Is("refuses_9"))
		Sleep(300);
	InterlockedDecrement(&clients);
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
		listen(listener, Is("iterative_backlog_5") ? 5 : SOMAXCONN) != 0 ||
		getsockname(listener, name, &size) != 0)
		return INVALID_SOCKET;
	std::printf("[TCP Server] Listening: IP=127.0.0.1, port=%d\n", ntohs(address.sin_port));
	std::fflush(stdout);
	return listener;
}

DWORD WINAPI Spin(void*)
{
	for (volatile bool forever = true; forever;)
	{
	}
	return 0;
}
} // namespace

int main(int argc, char** argv)
{
	WSADATA data;
	if (argc != 3 || !IsControl(argv[2]))
		return 2;
	control = argv[2];
	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 1;
	if (Is("read_stdin"))
		std::getchar();
	const SOCKET listener = Listen(static_cast<unsigned short>(std::atoi(argv[1])));
	if (listener == INVALID_SOCKET)
		return 1;
	if (Is("polls"))
		CloseHandle(CreateThread(nullptr, 0, Spin, nullptr, 0, nullptr));
	if (Is("starves"))
		Starve(listener);
	for (;;)
	{
		const SOCKET client = accept(listener, nullptr, nullptr);
		if (client == INVALID_SOCKET)
			continue;
		if (InterlockedIncrement(&clients) == 9 && Is("dies_at_client_9"))
			Sleep(INFINITE);
		if (Is("iterative_backlog_5") || Is("serve_once"))
		{
			Serve(reinterpret_cast<void*>(client));
			if (Is("serve_once"))
				return 0;
			continue;
		}
		if (Is("refuses_9") && clients > 8)
		{
			closesocket(client);
			InterlockedDecrement(&clients);
			continue;
		}
		while (Is("places_8") && clients > 8) // here, so that the first to come is the first
			Sleep(1);
		const HANDLE thread =
			CreateThread(nullptr, 0, Serve, reinterpret_cast<void*>(client), 0, nullptr);
		if (thread != nullptr)
			CloseHandle(thread);
	}
}

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
	"closes_idle",      // who has not sent anything yet: WSAEWOULDBLOCK taken for the end
	"greets",
	"whole_lines",        // answers when a line is complete
	"upper_case",         // sends back other letters
	"strlen",             // sends back as much as strlen() counts
	"sends_whole_buffer", // 512 bytes, whatever was received
	"drops",              // what send() does not take at once
	"sends_in_turn",      // while one client does not read, nobody is sent anything
	"spins_after_leave",  // for the first client that has left
	"spins_when_full",    // eight at once; uses the CPU while one more waits
	"ends_at_client_21",  // when so many have left, the process ends
	"forgets_the_first",  // once four more have come, it gets no answer
	"not_there",          // listens no more once it has said that it does

	"places_8",  // so many clients at once, the others wait
	"refuses_9", // eight at once, the others are closed; a place is free a little late
	"says_full", // the same, with a word
	"polls",
	"echo_after_100_ms",
	"echo_byte_by_byte",
	"iterative_backlog_5", // one client at a time, and few may wait
	"none",
};

std::string_view control; // the one that is asked for

bool Is(std::string_view one)
{
	return control == one;
}

volatile LONG clients = 0;
volatile LONG left = 0;
SRWLOCK turn = SRWLOCK_INIT;

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

DWORD WINAPI Spin(void*)
{
	for (volatile bool forever = true; forever;)
	{
	}
	return 0;
}

// Sends what was received, or what this control makes of it.
bool Answer(SOCKET client, char* buffer, int size)
{
	if (Is("echo_after_100_ms"))
		Sleep(100);
	if (Is("upper_case"))
		std::transform(buffer, buffer + size, buffer,
			[](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c; });
	if (Is("strlen"))
		size = static_cast<int>(std::find(buffer, buffer + size, '\0') - buffer);
	if (Is("sends_whole_buffer") && size < 512)
	{
		std::fill(buffer + size, buffer + 512, '\0');
		size = 512;
	}
	if (Is("drops"))
	{
		u_long nonBlocking = 1;
		ioctlsocket(client, FIONBIO, &nonBlocking);
		send(client, buffer, size, 0);
		nonBlocking = 0;
		return ioctlsocket(client, FIONBIO, &nonBlocking) == 0;
	}
	if (!Is("sends_in_turn"))
		return SendAll(client, buffer, size);
	AcquireSRWLockExclusive(&turn);
	const bool sent = SendAll(client, buffer, size);
	ReleaseSRWLockExclusive(&turn);
	return sent;
}

// Serves a client to its FIN. False: the connection broke.
bool Echo(SOCKET client)
{
	char buffer[65536];
	char peeked;
	int size = 0;
	static const SOCKET first = client;
	if (Is("greets"))
		SendAll(client, "hello\r\n", 7);
	for (;;)
	{
		if (Is("closes_idle") && !Readable(client, 0))
			return true;
		const int received =
			recv(client, buffer + size, static_cast<int>(sizeof(buffer)) - size, 0);
		if (received <= 0)
			return received == 0;
		size += received;
		if (Is("forgets_the_first") && client == first && clients > 4)
			Sleep(INFINITE);
		if (Is("whole_lines") && buffer[size - 1] != '\n')
			continue;
		if (Is("loses_the_rest") && Readable(client, 200) &&
			recv(client, &peeked, 1, MSG_PEEK) == 0)
			return true;
		if (!Answer(client, buffer, size))
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
	if (Is("spins_after_leave") && InterlockedIncrement(&left) == 1 &&
		shutdown(client, SD_SEND) == 0)
		Spin(nullptr);
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
} // namespace

int main(int argc, char** argv)
{
	WSADATA data;
	control = argc == 3 ? argv[2] : "";
	if (std::count(std::begin(kControls), std::end(kControls), control) == 0)
		return 2;
	if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
		return 1;
	if (Is("read_stdin"))
		std::getchar();
	const SOCKET listener = Listen(static_cast<unsigned short>(std::atoi(argv[1])));
	if (listener == INVALID_SOCKET)
		return 1;
	if (Is("not_there") && closesocket(listener) == 0)
		Sleep(INFINITE);
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
		if ((Is("refuses_9") || Is("says_full")) && clients > 8)
		{
			SendAll(client, "full", Is("says_full") ? 4 : 0);
			closesocket(client);
			InterlockedDecrement(&clients);
			continue;
		}
		while ((Is("places_8") || Is("spins_when_full")) && clients > 8)
			Sleep(Is("places_8") ? 1 : 0); // here, so that the first to come is the first
		const HANDLE thread =
			CreateThread(nullptr, 0, Serve, reinterpret_cast<void*>(client), 0, nullptr);
		if (thread != nullptr)
			CloseHandle(thread);
	}
}

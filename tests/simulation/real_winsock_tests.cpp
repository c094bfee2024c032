// The steps of same_steps.h on real sockets, of Wine or of Windows.
#ifndef NOMINMAX // MinGW's C++ headers define it
#define NOMINMAX
#endif
#define _WINSOCK_DEPRECATED_NO_WARNINGS // WSAAsyncSelect()
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <doctest/doctest.h>

#include <cstring>
#include <deque>
#include <string>

namespace real
{
namespace
{
constexpr UINT WM_SOCKET = WM_USER + 1;
constexpr DWORD kSoon = 2000; // what must come comes before, in milliseconds
constexpr DWORD kNever = 60;  // so long is looked whether something comes that must not

struct Peer
{
	SOCKET s;

	void Sends(int size)
	{
		const std::string bytes(static_cast<std::size_t>(size), 'x');
		REQUIRE(send(s, bytes.data(), size, 0) == size);
	}

	void HalfCloses()
	{
		REQUIRE(shutdown(s, SD_SEND) == 0);
	}

	void Resets()
	{
		const LINGER linger = { 1, 0 };
		setsockopt(s, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&linger),
			sizeof(linger));
		REQUIRE(closesocket(s) == 0);
	}
};

class World
{
public:
	World()
	{
		WSADATA data;
		REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
		listener = socket(AF_INET, SOCK_STREAM, 0);
		address_.sin_family = AF_INET;
		address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		int size = sizeof(address_);
		SOCKADDR* const general = reinterpret_cast<SOCKADDR*>(&address_);
		REQUIRE(bind(listener, general, size) == 0);
		REQUIRE(listen(listener, SOMAXCONN) == 0);
		REQUIRE(getsockname(listener, general, &size) == 0);
	}

	~World()
	{
		WSACleanup();
	}

	World(const World&) = delete;
	World& operator=(const World&) = delete;

	static bool IsWindows()
	{
		return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == nullptr;
	}

	Peer& Connect()
	{
		peers_.push_back(Peer{ socket(AF_INET, SOCK_STREAM, 0) });
		REQUIRE(connect(peers_.back().s, reinterpret_cast<SOCKADDR*>(&address_),
					sizeof(address_)) == 0);
		return peers_.back();
	}

	long Events(SOCKET s, WSAEVENT event, long expected)
	{
		const ULONGLONG start = GetTickCount64();
		long events = 0;
		do
		{
			WSAWaitForMultipleEvents(1, &event, FALSE, expected != 0 ? kSoon : kNever, FALSE);
			WSANETWORKEVENTS record = {};
			REQUIRE(WSAEnumNetworkEvents(s, event, &record) == 0);
			events |= record.lNetworkEvents;
		} while ((events & expected) != expected && GetTickCount64() - start < kSoon);
		return events;
	}

	HWND Window()
	{
		const HWND window = CreateWindowExW(0, L"STATIC", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, nullptr,
			nullptr, nullptr);
		REQUIRE(window != nullptr);
		return window;
	}

	std::string Posted(const std::string& expected)
	{
		const ULONGLONG start = GetTickCount64();
		const DWORD limit = expected.empty() ? kNever : kSoon;
		std::string text;
		do
		{
			MSG message;
			while (PeekMessageW(&message, nullptr, WM_SOCKET, WM_SOCKET, PM_REMOVE))
			{
				const int event = WSAGETSELECTEVENT(message.lParam);
				text += text.empty() ? "" : " ";
				text += event == FD_READ ? "FD_READ" : event == FD_CLOSE ? "FD_CLOSE" : "FD_WRITE";
				if (WSAGETSELECTERROR(message.lParam) != 0)
					text += "/" + std::to_string(WSAGETSELECTERROR(message.lParam));
			}
			Sleep(1);
		} while ((expected.empty() || text != expected) && GetTickCount64() - start < limit);
		return text;
	}

	SOCKET listener;

private:
	SOCKADDR_IN address_ = {};
	std::deque<Peer> peers_;
};

#include "same_steps.h"

} // namespace
} // namespace real

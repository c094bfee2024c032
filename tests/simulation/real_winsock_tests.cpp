// The steps of same_steps.h on real sockets, of Wine or of Windows.
#define _WINSOCK_DEPRECATED_NO_WARNINGS // WSAAsyncSelect()
#include "echo/connection.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>

namespace real
{
namespace
{
using echo::Deadline;
using echo::milliseconds;

constexpr UINT WM_SOCKET = WM_USER + 1;
constexpr milliseconds kSoon(2000); // what must come comes before
constexpr milliseconds kNever(60);  // so long is looked whether something comes that must not

struct Peer
{
	echo::Connection connection = {};

	void Sends(std::size_t size)
	{
		const std::string bytes(size, 'x');
		REQUIRE(connection.SendAll(bytes, Deadline::After(kSoon)).error == 0);
	}

	void HalfCloses()
	{
		REQUIRE(connection.HalfClose() == 0);
	}

	void Resets()
	{
		connection.Reset();
	}
};

class World
{
public:
	World()
	{
		listener = socket(AF_INET, SOCK_STREAM, 0);
		address_.sin_family = AF_INET;
		address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		int size = sizeof(address_);
		SOCKADDR* const general = reinterpret_cast<SOCKADDR*>(&address_);
		REQUIRE(bind(listener, general, size) == 0);
		REQUIRE(listen(listener, SOMAXCONN) == 0);
		REQUIRE(getsockname(listener, general, &size) == 0);
	}

	static bool IsWindows()
	{
		return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == nullptr;
	}

	Peer& Connect()
	{
		echo::Connection& connection = peers_.emplace_back().connection;
		REQUIRE(
			connection.Connect("127.0.0.1", ntohs(address_.sin_port), Deadline::After(kSoon)) == 0);
		return peers_.back();
	}

	long Events(SOCKET s, WSAEVENT event, long expected)
	{
		const Deadline deadline = Deadline::After(expected != 0 ? kSoon : kNever);
		long events = 0;
		do
		{
			WSAWaitForMultipleEvents(1, &event, FALSE, static_cast<DWORD>(deadline.Left().count()),
				FALSE);
			WSANETWORKEVENTS record = {};
			REQUIRE(WSAEnumNetworkEvents(s, event, &record) == 0);
			events |= record.lNetworkEvents;
		} while ((events & expected) != expected && !deadline.Passed());
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
		const Deadline deadline = Deadline::After(expected.empty() ? kNever : kSoon);
		std::string text;
		do
		{
			MSG message;
			while (PeekMessageW(&message, nullptr, WM_SOCKET, WM_SOCKET, PM_REMOVE))
			{
				const int event = WSAGETSELECTEVENT(message.lParam);
				text += text.empty() ? "" : " ";
				text += event == FD_READ ? "FD_READ" : event == FD_WRITE ? "FD_WRITE" : "FD_CLOSE";
				if (WSAGETSELECTERROR(message.lParam) != 0)
					text += "/" + std::to_string(WSAGETSELECTERROR(message.lParam));
			}
			Sleep(1);
		} while ((expected.empty() || text != expected) && !deadline.Passed());
		return text;
	}

	// Whether a message comes. It stays in the queue.
	bool IsPosted()
	{
		const Deadline deadline = Deadline::After(kSoon);
		MSG message;
		while (!PeekMessageW(&message, nullptr, WM_SOCKET, WM_SOCKET, PM_NOREMOVE))
		{
			if (deadline.Passed())
				return false;
			Sleep(1);
		}
		return true;
	}

	SOCKET listener;

private:
	echo::Winsock winsock_;
	SOCKADDR_IN address_ = {};
	std::deque<Peer> peers_;
};

#include "same_steps.h"

} // namespace
} // namespace real

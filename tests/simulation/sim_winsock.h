// The part of Winsock, the window functions and the C library that the five servers, and the
// listings, call, declared as Windows declares it (with UNICODE) but answered by the simulated
// network (network.h).
//
// A server is compiled inside a namespace of its own within sim::winsock (model.cpp), so that every
// name it uses is found here before the system's own of that name.
#pragma once

#include <algorithm>
#include <new>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

// The C library of Linux has macros of these names.
#undef FD_SETSIZE
#undef FD_ZERO
#undef FD_SET
#undef FD_ISSET
#undef htons
#undef ntohs
#undef htonl

#define FD_SETSIZE 64
#define CALLBACK
#define WINAPI
#define ZeroMemory(memory, size) memset(memory, 0, size)

namespace sim::winsock
{
using BOOL = int;
using WORD = uint16_t;
using DWORD = uint32_t;
using UINT = unsigned int;
using u_short = uint16_t;
using u_long = uint32_t;
using WCHAR = wchar_t;
using WPARAM = uintptr_t;
using LPARAM = intptr_t;
using LRESULT = intptr_t;
using SOCKET = uintptr_t;
using HANDLE = void*;
using WSAEVENT = HANDLE;
using HBRUSH = HANDLE;
using HWND = struct HWND__*;

constexpr BOOL FALSE = 0;
constexpr BOOL TRUE = 1;
constexpr SOCKET INVALID_SOCKET = ~static_cast<SOCKET>(0);
constexpr int SOCKET_ERROR = -1;

constexpr int AF_INET = 2;
constexpr int AF_INET6 = 23;
constexpr int SOCK_STREAM = 1;
constexpr int SOCK_DGRAM = 2;
constexpr int IPPROTO_TCP = 6;
constexpr int IPPROTO_UDP = 17;
constexpr u_long INADDR_ANY = 0;
constexpr u_long INADDR_LOOPBACK = 0x7F000001;
constexpr int MSG_OOB = 1;
constexpr int MSG_PEEK = 2;
constexpr int MSG_DONTROUTE = 4;
constexpr int MSG_WAITALL = 8;
constexpr int SOL_SOCKET = 0xFFFF;
constexpr int SO_KEEPALIVE = 8;
constexpr int SO_REUSEADDR = 4;
constexpr int SO_EXCLUSIVEADDRUSE = ~SO_REUSEADDR;
constexpr int SO_LINGER = 0x80;
constexpr int SO_RCVTIMEO = 0x1006;
constexpr int SD_SEND = 1;
constexpr int SOMAXCONN = 0x7FFFFFFF;
constexpr u_long FIONBIO = 0x8004667E;
constexpr u_long FIONREAD = 0x4004667F;

constexpr int FD_READ_BIT = 0;
constexpr int FD_WRITE_BIT = 1;
constexpr int FD_ACCEPT_BIT = 3;
constexpr int FD_CLOSE_BIT = 5;
constexpr int FD_MAX_EVENTS = 10;
constexpr int FD_READ = 1 << FD_READ_BIT;
constexpr int FD_WRITE = 1 << FD_WRITE_BIT;
constexpr int FD_ACCEPT = 1 << FD_ACCEPT_BIT;
constexpr int FD_CLOSE = 1 << FD_CLOSE_BIT;

constexpr int WSA_MAXIMUM_WAIT_EVENTS = 64;
constexpr DWORD WSA_INFINITE = 0xFFFFFFFF;
constexpr DWORD WSA_WAIT_EVENT_0 = 0;
constexpr DWORD WSA_WAIT_TIMEOUT = 258;
constexpr DWORD WSA_WAIT_FAILED = 0xFFFFFFFF;
constexpr WSAEVENT WSA_INVALID_EVENT = nullptr;

// The errors: name, number, and what the system says, shortened where it is long.
#define SIM_ERRORS(X)                                                                              \
	X(WSA_INVALID_HANDLE, 6, "The handle is invalid.")                                             \
	X(WSA_NOT_ENOUGH_MEMORY, 8,                                                                    \
		"Not enough memory resources are available to process this command.")                      \
	X(WSA_INVALID_PARAMETER, 87, "The parameter is incorrect.")                                    \
	X(ERROR_INSUFFICIENT_BUFFER, 122, "The data area passed to a system call is too small.")       \
	X(ERROR_INVALID_WINDOW_HANDLE, 1400, "Invalid window handle.")                                 \
	X(ERROR_CANNOT_FIND_WND_CLASS, 1407, "Cannot find window class.")                              \
	X(ERROR_NOT_ENOUGH_QUOTA, 1816, "Not enough quota is available to process this command.")      \
	X(WSAEINTR, 10004, "A blocking operation was interrupted by a call to WSACancelBlockingCall.") \
	X(WSAEACCES, 10013,                                                                            \
		"An attempt was made to access a socket in a way forbidden by its access permissions.")    \
	X(WSAEFAULT, 10014,                                                                            \
		"The system detected an invalid pointer address in attempting to use a pointer argument "  \
		"in a call.")                                                                              \
	X(WSAEINVAL, 10022, "An invalid argument was supplied.")                                       \
	X(WSAEMFILE, 10024, "Too many open sockets.")                                                  \
	X(WSAEWOULDBLOCK, 10035,                                                                       \
		"A non-blocking socket operation could not be completed immediately.")                     \
	X(WSAEINPROGRESS, 10036, "A blocking operation is currently executing.")                       \
	X(WSAENOTSOCK, 10038, "An operation was attempted on something that is not a socket.")         \
	X(WSAENOPROTOOPT, 10042, "An unknown, invalid, or unsupported option or level was specified.") \
	X(WSAEPROTONOSUPPORT, 10043,                                                                   \
		"The requested protocol has not been configured into the system.")                         \
	X(WSAESOCKTNOSUPPORT, 10044,                                                                   \
		"The support for the specified socket type does not exist in this address family.")        \
	X(WSAEOPNOTSUPP, 10045,                                                                        \
		"The attempted operation is not supported for the type of object referenced.")             \
	X(WSAEAFNOSUPPORT, 10047, "An address incompatible with the requested protocol was used.")     \
	X(WSAEADDRINUSE, 10048,                                                                        \
		"Only one usage of each socket address (protocol/network address/port) is normally "       \
		"permitted.")                                                                              \
	X(WSAEADDRNOTAVAIL, 10049, "The requested address is not valid in its context.")               \
	X(WSAENETDOWN, 10050, "A socket operation encountered a dead network.")                        \
	X(WSAENETRESET, 10052, "The connection has been broken due to keep-alive activity.")           \
	X(WSAECONNABORTED, 10053,                                                                      \
		"An established connection was aborted by the software in your host machine.")             \
	X(WSAECONNRESET, 10054, "An existing connection was forcibly closed by the remote host.")      \
	X(WSAENOBUFS, 10055,                                                                           \
		"An operation on a socket could not be performed because the system lacked sufficient "    \
		"buffer space or because a queue was full.")                                               \
	X(WSAENOTCONN, 10057,                                                                          \
		"A request to send or receive data was disallowed because the socket is not connected.")   \
	X(WSAESHUTDOWN, 10058,                                                                         \
		"A request to send or receive data was disallowed because the socket had already been "    \
		"shut down.")                                                                              \
	X(WSAETIMEDOUT, 10060,                                                                         \
		"A connection attempt failed because the connected party did not properly respond after "  \
		"a period of time, or established connection failed because connected host has failed "    \
		"to respond.")                                                                             \
	X(WSAEHOSTUNREACH, 10065, "A socket operation was attempted to an unreachable host.")          \
	X(WSAEPROCLIM, 10067,                                                                          \
		"A Windows Sockets implementation may have a limit on the number of applications.")        \
	X(WSASYSNOTREADY, 10091, "The network subsystem is unavailable.")                              \
	X(WSAVERNOTSUPPORTED, 10092, "The Windows Sockets version requested is not supported.")        \
	X(WSANOTINITIALISED, 10093,                                                                    \
		"Either the application has not called WSAStartup, or WSAStartup failed.")

#define SIM_CONSTANT(name, number, text) constexpr int name = number;
SIM_ERRORS(SIM_CONSTANT)
#undef SIM_CONSTANT

constexpr UINT CP_ACP = 0;
constexpr UINT CP_OEMCP = 1;
constexpr UINT CP_UTF8 = 65001;
constexpr DWORD FORMAT_MESSAGE_MAX_WIDTH_MASK = 0xFF;
constexpr DWORD FORMAT_MESSAGE_IGNORE_INSERTS = 0x200;
constexpr DWORD FORMAT_MESSAGE_FROM_SYSTEM = 0x1000;
constexpr UINT WM_DESTROY = 0x0002;
constexpr UINT WM_PAINT = 0x000F;
constexpr UINT WM_CLOSE = 0x0010;
constexpr UINT WM_QUIT = 0x0012;
constexpr UINT WM_USER = 0x0400;
constexpr UINT CS_VREDRAW = 1;
constexpr UINT CS_HREDRAW = 2;
constexpr DWORD WS_OVERLAPPEDWINDOW = 0x00CF0000;
constexpr int SW_SHOWNORMAL = 1;
constexpr intptr_t COLOR_WINDOW = 5;
constexpr int IDC_ARROW = 32512;
constexpr int IDI_APPLICATION = 32512;
constexpr DWORD STD_OUTPUT_HANDLE = static_cast<DWORD>(-11);
constexpr DWORD STD_ERROR_HANDLE = static_cast<DWORD>(-12);
constexpr DWORD CTRL_C_EVENT = 0;

struct IN_ADDR
{
	uint32_t s_addr;
};

struct SOCKADDR_IN
{
	u_short sin_family;
	u_short sin_port;
	IN_ADDR sin_addr;
	char sin_zero[8];
};
using SOCKADDR = SOCKADDR_IN; // there is no other

struct WSADATA
{
};

struct TIMEVAL
{
	long tv_sec;
	long tv_usec;
};

struct LINGER
{
	u_short l_onoff;
	u_short l_linger;
};

struct fd_set
{
	unsigned fd_count;
	SOCKET fd_array[FD_SETSIZE];
};
using FD_SET = fd_set; // the type; the macro of this name takes arguments

struct WSANETWORKEVENTS
{
	long lNetworkEvents;
	int iErrorCode[FD_MAX_EVENTS];
};

using WNDPROC = LRESULT(CALLBACK*)(HWND, UINT, WPARAM, LPARAM);
using PHANDLER_ROUTINE = BOOL(WINAPI*)(DWORD);

struct WNDCLASS
{
	UINT style;
	WNDPROC lpfnWndProc;
	int cbClsExtra;
	int cbWndExtra;
	HANDLE hInstance;
	HANDLE hIcon;
	HANDLE hCursor;
	HBRUSH hbrBackground;
	const WCHAR* lpszMenuName;
	const WCHAR* lpszClassName;
};

struct MSG
{
	HWND hwnd;
	UINT message;
	WPARAM wParam;
	LPARAM lParam;
};

constexpr WORD MAKEWORD(int low, int high)
{
	return static_cast<WORD>((low & 0xFF) | (high & 0xFF) << 8);
}

constexpr LPARAM WSAMAKESELECTREPLY(int event, int error)
{
	return static_cast<LPARAM>(event & 0xFFFF) | static_cast<LPARAM>(error & 0xFFFF) << 16;
}

constexpr WORD WSAGETSELECTEVENT(LPARAM lParam)
{
	return static_cast<WORD>(lParam & 0xFFFF);
}

constexpr WORD WSAGETSELECTERROR(LPARAM lParam)
{
	return static_cast<WORD>(lParam >> 16 & 0xFFFF);
}

constexpr u_short htons(u_short value)
{
	return static_cast<u_short>(value >> 8 | value << 8);
}

constexpr u_short ntohs(u_short value)
{
	return htons(value);
}

constexpr u_long htonl(u_long value)
{
	return static_cast<u_long>(htons(static_cast<u_short>(value))) << 16 |
		htons(static_cast<u_short>(value >> 16));
}

// The macros of winsock2.h. A full set silently takes no more, and none takes a socket twice.
inline bool FD_ISSET(SOCKET s, const fd_set* set)
{
	return std::count(set->fd_array, set->fd_array + set->fd_count, s) != 0;
}

inline void FdSet(SOCKET s, fd_set* set)
{
	if (set->fd_count < FD_SETSIZE && !FD_ISSET(s, set))
		set->fd_array[set->fd_count++] = s;
}

#define FD_ZERO(set) ((set)->fd_count = 0)
#define FD_SET(s, set) FdSet(s, set)

// Winsock
int WSAStartup(WORD version, WSADATA* data);
int WSACleanup();
int WSAGetLastError();
void WSASetLastError(int code);
SOCKET socket(int family, int type, int protocol);
int setsockopt(SOCKET s, int level, int name, const char* value, int size);
int ioctlsocket(SOCKET s, long command, u_long* argument);
int bind(SOCKET s, const SOCKADDR* address, int size);
int listen(SOCKET s, int backlog);
int getsockname(SOCKET s, SOCKADDR* address, int* size);
int getpeername(SOCKET s, SOCKADDR* address, int* size);
SOCKET accept(SOCKET s, SOCKADDR* address, int* size);
int recv(SOCKET s, char* buffer, int size, int flags);
int send(SOCKET s, const char* buffer, int size, int flags);
int shutdown(SOCKET s, int how);
int closesocket(SOCKET s);
int select(int count, fd_set* readable, fd_set* writable, fd_set* except, const TIMEVAL* timeout);
int inet_pton(int family, const char* text, void* address);
const WCHAR* InetNtop(int family, const void* address, WCHAR* text, size_t size);

WSAEVENT WSACreateEvent();
BOOL WSACloseEvent(WSAEVENT event);
BOOL WSASetEvent(WSAEVENT event);
BOOL WSAResetEvent(WSAEVENT event);
int WSAEventSelect(SOCKET s, WSAEVENT event, long mask);
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record);
DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT* events, BOOL all, DWORD timeout,
	BOOL alertable);
int WSAAsyncSelect(SOCKET s, HWND window, UINT message, long mask);

// Windows

// Windows' long has 32 bits: what is beyond becomes the last of them.
inline long strtol(const char* text, char** end, int base)
{
	return std::clamp<long>(::strtol(text, end, base), INT32_MIN, INT32_MAX);
}

void Sleep(DWORD milliseconds);
DWORD FormatMessageW(DWORD flags, const void* source, DWORD id, DWORD language, WCHAR* text,
	DWORD size, void* arguments);
int WideCharToMultiByte(UINT page, DWORD flags, const WCHAR* wide, int count, char* text, int size,
	const char* unknown, BOOL* used);
WORD RegisterClass(const WNDCLASS* windowClass);
HWND CreateWindowW(const WCHAR* windowClass, const WCHAR* title, DWORD style, int x, int y,
	int width, int height, HWND parent, HANDLE menu, HANDLE instance, void* argument);
BOOL UpdateWindow(HWND window);
LRESULT DefWindowProc(HWND window, UINT message, WPARAM wParam, LPARAM lParam);
BOOL GetMessage(MSG* message, HWND window, UINT least, UINT most);
LRESULT DispatchMessage(const MSG* message);
BOOL PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam);
void PostQuitMessage(int code);

HANDLE GetStdHandle(DWORD which);
BOOL GetConsoleMode(HANDLE handle, DWORD* mode);
BOOL SetConsoleOutputCP(UINT page);
BOOL SetConsoleCtrlHandler(PHANDLER_ROUTINE handler, BOOL add);

// Functions that do nothing here, whatever they are given: there is no picture.
template <typename Result>
struct Nothing
{
	template <typename... Arguments>
	constexpr Result operator()(Arguments...) const
	{
		return {};
	}
};
constexpr Nothing<HANDLE> LoadIcon{}, LoadCursor{};
constexpr Nothing<BOOL> ShowWindow{}, TranslateMessage{};

// The C library: the log is checked. The streams have a type of their own, for with FILE the
// functions of the system would be as good a match.
enum class Stream
{
	Out,
	Error
};
int fprintf(Stream stream, const char* format, ...);
int wprintf(const WCHAR* format, ...);
int putchar(int byte);
int fflush(Stream stream);
int setvbuf(Stream stream, char* buffer, int mode, size_t size);
[[noreturn]] void exit(int code);

template <typename... Arguments>
int printf(const char* format, Arguments... arguments)
{
	return fprintf(Stream::Out, format, arguments...);
}

// Memory is counted and can be refused. The servers' `new` becomes `heap->*new`, their
// `std::nothrow` is of this kind, and `delete` becomes `heap =`.
struct NoThrow
{
};

struct Heap
{
	void* Take(void* memory);   // counts what a new expression gives; std::bad_alloc
	bool Release(void* memory); // false: it is not in use

	template <typename T>
	T* operator->*(T* memory)
	{
		return static_cast<T*>(Take(memory));
	}

	template <typename T>
	void operator=(T* memory)
	{
		if (Release(memory))
			delete memory;
	}
};
extern Heap heap;

} // namespace sim::winsock

void* operator new(size_t size, const sim::winsock::NoThrow&) noexcept;
void operator delete(void* memory, const sim::winsock::NoThrow&) noexcept;

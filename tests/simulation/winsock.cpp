// The functions of sim_winsock.h: each hands its call to the network.
#include "network.h"

#include <cstdarg>
#include <cstring>
#include <new>

namespace sim::winsock
{
// Which of the two a stream is, is all there is to know of it.
struct Stream
{
	bool error;
};

namespace
{
Stream streams[2] = { { false }, { true } };

Network& Net()
{
	return Network::Current();
}

void Print(Stream* stream, const char* format, va_list arguments)
{
	char text[1024];
	const int size = std::vsnprintf(text, sizeof(text), format, arguments);
	if (size >= 0 && size < static_cast<int>(sizeof(text)))
		Net().Write(stream->error, text, static_cast<std::size_t>(size));
}

} // namespace

Stream* const out = &streams[0];
Stream* const error = &streams[1];

int WSAStartup(WORD, WSADATA* data)
{
	return Net().StartUp(data);
}

int WSACleanup()
{
	return Net().CleanUp();
}

int WSAGetLastError()
{
	return Net().LastError();
}

DWORD GetLastError()
{
	return static_cast<DWORD>(Net().LastError());
}

SOCKET socket(int, int, int)
{
	return Net().Socket();
}

int setsockopt(SOCKET s, int level, int name, const char*, int)
{
	return Net().SetOption(s, level, name);
}

int ioctlsocket(SOCKET s, long, u_long* argument)
{
	return Net().SetBlocking(s, *argument != 0);
}

int bind(SOCKET s, const SOCKADDR* address, int)
{
	return Net().Bind(s, address);
}

int listen(SOCKET s, int)
{
	return Net().Listen(s);
}

int getsockname(SOCKET s, SOCKADDR* address, int*)
{
	return Net().SocketName(s, address);
}

int getpeername(SOCKET s, SOCKADDR* address, int*)
{
	return Net().PeerName(s, address);
}

SOCKET accept(SOCKET s, SOCKADDR* address, int*)
{
	return Net().Accept(s, address);
}

int recv(SOCKET s, char* buffer, int size, int)
{
	return Net().Recv(s, buffer, size);
}

int send(SOCKET s, const char* buffer, int size, int)
{
	return Net().Send(s, buffer, size);
}

int closesocket(SOCKET s)
{
	return Net().CloseSocket(s);
}

int select(int, fd_set* readable, fd_set* writable, fd_set* except, const timeval* timeout)
{
	return Net().Select(readable, writable, except, timeout);
}

int inet_pton(int, const char* text, void* address)
{
	unsigned char bytes[4];
	for (int i = 0; i < 4; i++)
	{
		char* end = nullptr;
		const unsigned long number = std::strtoul(text, &end, 10);
		if (end == text || number > 255 || *end != (i < 3 ? '.' : '\0'))
			return 0;
		bytes[i] = static_cast<unsigned char>(number);
		text = end + 1;
	}
	std::memcpy(address, bytes, sizeof(bytes));
	return 1;
}

const char* inet_ntop(int, const void* address, char* text, size_t size)
{
	unsigned char bytes[4];
	std::memcpy(bytes, address, sizeof(bytes));
	std::snprintf(text, size, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
	return text;
}

WSAEVENT WSACreateEvent()
{
	return Net().CreateEvent();
}

BOOL WSACloseEvent(WSAEVENT event)
{
	return Net().CloseEvent(event);
}

BOOL WSASetEvent(WSAEVENT event)
{
	return Net().SetEvent(event, true);
}

BOOL WSAResetEvent(WSAEVENT event)
{
	return Net().SetEvent(event, false);
}

int WSAEventSelect(SOCKET s, WSAEVENT event, long mask)
{
	return Net().EventSelect(s, event, mask);
}

int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record)
{
	return Net().EnumNetworkEvents(s, event, record);
}

DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT* events, BOOL all, DWORD timeout, BOOL)
{
	return Net().WaitForMultipleEvents(count, events, all != FALSE, timeout);
}

int WSAAsyncSelect(SOCKET s, HWND window, UINT message, long mask)
{
	return Net().AsyncSelect(s, window, message, mask);
}

DWORD FormatMessageW(DWORD, const void*, DWORD, DWORD, WCHAR* text, DWORD, void*)
{
	text[0] = L'\0';
	return 0;
}

int WideCharToMultiByte(UINT, DWORD, const WCHAR*, int, char* text, int, const char*, BOOL*)
{
	text[0] = '\0';
	return 1;
}

BOOL SetConsoleOutputCP(UINT)
{
	return FALSE; // there is no console
}

HCURSOR LoadCursor(HINSTANCE, const WCHAR*)
{
	return nullptr;
}

WORD RegisterClassW(const WNDCLASSW* windowClass)
{
	return Net().RegisterWindowClass(windowClass) ? 1 : 0;
}

HWND CreateWindowW(const WCHAR*, const WCHAR*, DWORD, int, int, int, int, HWND, HMENU, HINSTANCE,
	void*)
{
	return Net().CreateTheWindow();
}

BOOL ShowWindow(HWND, int)
{
	return FALSE;
}

BOOL UpdateWindow(HWND)
{
	return TRUE;
}

LRESULT DefWindowProcW(HWND window, UINT message, WPARAM, LPARAM)
{
	return Net().DefaultProcedure(window, message);
}

BOOL GetMessageW(MSG* message, HWND, UINT, UINT)
{
	return Net().GetMessage(message);
}

BOOL TranslateMessage(const MSG*)
{
	return FALSE;
}

LRESULT DispatchMessageW(const MSG* message)
{
	return Net().DispatchMessage(message);
}

BOOL PostMessageW(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
	return Net().PostMessage(window, message, wParam, lParam);
}

void PostQuitMessage(int)
{
	Net().PostQuit();
}

int printf(const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	Print(out, format, arguments);
	va_end(arguments);
	return 0;
}

int fprintf(Stream* stream, const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	Print(stream, format, arguments);
	va_end(arguments);
	return 0;
}

size_t fwrite(const void* data, size_t size, size_t count, Stream* stream)
{
	Net().Write(stream->error, static_cast<const char*>(data), size * count);
	return count;
}

int fflush(Stream*)
{
	Net().Flush();
	return 0;
}

void* calloc(size_t count, size_t size)
{
	void* const memory = Net().Allocate(count * size);
	if (memory != nullptr)
		std::memset(memory, 0, count * size);
	return memory;
}

void free(void* memory)
{
	Net().Release(memory);
}

} // namespace sim::winsock

void* operator new(size_t size, sim::winsock::Heap)
{
	if (sim::Network::Current().RefusesMemory())
		throw std::bad_alloc();
	return ::operator new(size);
}

void operator delete(void* memory, sim::winsock::Heap)
{
	::operator delete(memory);
}

// The functions of sim_winsock.h: each hands its call to the network.
#include "network.h"

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <cwchar>
#include <string>

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

int Print(Stream* stream, const char* format, va_list arguments)
{
	char text[4096];
	const int size = std::vsnprintf(text, sizeof(text), format, arguments);
	if (size >= 0 && size < static_cast<int>(sizeof(text)))
		Net().Write(stream->error, text, static_cast<std::size_t>(size));
	return size;
}

// In the "C" locale a character outside ASCII ends the output (winsock.md section 10). "%s" takes
// bytes, as the standard and MinGW have it; MSVC does not.
int Print(Stream* stream, const WCHAR* format, va_list arguments)
{
	WCHAR wide[4096];
	const int size = std::vswprintf(wide, 4096, format, arguments);
	std::string text;
	for (int i = 0; i < size && wide[i] < 0x80; i++)
		text += static_cast<char>(wide[i]);
	Net().Write(stream->error, text.data(), text.size());
	return static_cast<int>(text.size()) == size ? size : -1;
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

void WSASetLastError(int code)
{
	Net().SetLastError(code);
}

void SetLastError(DWORD code)
{
	Net().SetLastError(static_cast<int>(code));
}

void Sleep(DWORD milliseconds)
{
	Net().Sleep(milliseconds);
}

HANDLE GetStdHandle(DWORD which)
{
	return &streams[which == STD_ERROR_HANDLE ? 1 : 0];
}

// The streams are files, not a console.
BOOL GetConsoleMode(HANDLE, DWORD*)
{
	return FALSE;
}

DWORD GetFileType(HANDLE)
{
	return FILE_TYPE_DISK;
}

int _fileno(Stream* stream)
{
	return stream->error ? 2 : 1;
}

int _isatty(int)
{
	return 0;
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

int shutdown(SOCKET s, int how)
{
	return Net().Shutdown(s, how);
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

int InetPtonA(int family, const char* text, void* address)
{
	return inet_pton(family, text, address);
}

int InetPtonW(int family, const WCHAR* text, void* address)
{
	const std::string narrow(text, text + std::wcslen(text));
	return inet_pton(family, narrow.c_str(), address);
}

const char* InetNtopA(int family, const void* address, char* text, size_t size)
{
	return inet_ntop(family, address, text, size);
}

const WCHAR* InetNtopW(int family, const void* address, WCHAR* text, size_t size)
{
	char narrow[INET_ADDRSTRLEN];
	if (inet_ntop(family, address, narrow, sizeof(narrow)) == nullptr ||
		std::strlen(narrow) >= size)
		return nullptr;
	std::copy_n(narrow, std::strlen(narrow) + 1, text);
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

// A Korean system's, which cannot be printed as wide characters. Lines end with a space if the
// width is masked, else with a line break [MS FormatMessage].
DWORD FormatMessageW(DWORD flags, const void*, DWORD, DWORD, WCHAR* text, DWORD size, void*)
{
	const bool masked = (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) == FORMAT_MESSAGE_MAX_WIDTH_MASK;
	const std::wstring message = masked ? L"\xC624\xB958. " : L"\xC624\xB958.\r\n";
	if (size <= message.size())
		return 0;
	std::copy_n(message.c_str(), message.size() + 1, text);
	return static_cast<DWORD>(message.size());
}

// To UTF-8, of characters below 0x10000. The size of a result that ends with a NUL.
int WideCharToMultiByte(UINT, DWORD, const WCHAR* wide, int count, char* text, int size,
	const char*, BOOL*)
{
	const std::size_t length = count < 0 ? std::wcslen(wide) + 1 : static_cast<std::size_t>(count);
	std::string bytes;
	for (std::size_t i = 0; i < length; i++)
	{
		const unsigned code = static_cast<unsigned>(wide[i]);
		if (code < 0x80)
			bytes += static_cast<char>(code);
		else
			bytes += { static_cast<char>(0xE0 | code >> 12),
				static_cast<char>(0x80 | (code >> 6 & 0x3F)),
				static_cast<char>(0x80 | (code & 0x3F)) };
	}
	if (size > 0 && static_cast<std::size_t>(size) < bytes.size())
		return 0;
	if (size > 0)
		std::copy_n(bytes.data(), bytes.size(), text);
	return static_cast<int>(bytes.size());
}

BOOL SetConsoleOutputCP(UINT)
{
	return FALSE; // there is no console
}

HICON LoadIcon(HINSTANCE, const char*)
{
	return nullptr;
}

HICON LoadIconW(HINSTANCE, const WCHAR*)
{
	return nullptr;
}

HCURSOR LoadCursor(HINSTANCE, const char*)
{
	return nullptr;
}

HCURSOR LoadCursorW(HINSTANCE, const WCHAR*)
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
	const int size = Print(out, format, arguments);
	va_end(arguments);
	return size;
}

int fprintf(Stream* stream, const char* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int size = Print(stream, format, arguments);
	va_end(arguments);
	return size;
}

int wprintf(const WCHAR* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int size = Print(out, format, arguments);
	va_end(arguments);
	return size;
}

int fwprintf(Stream* stream, const WCHAR* format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	const int size = Print(stream, format, arguments);
	va_end(arguments);
	return size;
}

size_t fwrite(const void* data, size_t size, size_t count, Stream* stream)
{
	Net().Write(stream->error, static_cast<const char*>(data), size * count);
	return count;
}

int fputs(const char* text, Stream* stream)
{
	Net().Write(stream->error, text, std::strlen(text));
	return 0;
}

int fputc(int byte, Stream* stream)
{
	const char text = static_cast<char>(byte);
	Net().Write(stream->error, &text, 1);
	return byte;
}

int putc(int byte, Stream* stream)
{
	return fputc(byte, stream);
}

int putchar(int byte)
{
	return fputc(byte, out);
}

int puts(const char* text)
{
	fputs(text, out);
	return fputc('\n', out);
}

int fflush(Stream* stream)
{
	if (stream == nullptr || !stream->error)
		Net().Flush();
	return 0;
}

int setvbuf(Stream* stream, char*, int mode, size_t)
{
	if (!stream->error)
		Net().SetBuffered(mode != _IONBF);
	return 0;
}

Heap heap;

void* Heap::Take(void* memory)
{
	return memory == nullptr ? nullptr : Net().Take(memory);
}

bool Heap::Release(void* memory)
{
	return memory != nullptr && Net().Release(memory);
}

} // namespace sim::winsock

void* operator new(size_t size, const sim::winsock::NoThrow&) noexcept
{
	return sim::Network::Current().RefusesMemory() ? nullptr
												   : sim::Network::Current().Allocate(size);
}

void operator delete(void* memory, const sim::winsock::NoThrow&) noexcept
{
	::operator delete(memory);
}

// Texts, the C library and memory.
#include "calling.h"
#include "model.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdarg>
#include <cstring>
#include <cwchar>
#include <new>
#include <string>
#include <system_error>

namespace sim::winsock
{
void Sleep(DWORD milliseconds)
{
	Enter(Call::Sleep).number = static_cast<int>(milliseconds);
	Succeed();
	while (Net().Wait({ Call::Sleep, milliseconds }))
		continue;
}

// -- Texts --------------------------------------------------------------------------------------

// Puts a text into a buffer of so many characters. These may all be written: who gives a size that
// the buffer does not have loses what stands behind it. False: they are too few.
template <typename Text>
static bool Fill(const Text& text, typename Text::value_type* buffer, std::size_t size)
{
	if (text.size() >= size)
		return false;
	std::fill(std::copy(text.begin(), text.end(), buffer), buffer + size, 0);
	Net().lastError = 0;
	return true;
}

// Four numbers up to 255, in decimal digits, and nothing else [MS InetPton].
int inet_pton(int family, const char* text, void* address)
{
	const char* const end = text + std::strlen(text);
	unsigned char bytes[4];
	for (unsigned char& byte : bytes)
	{
		const auto [stop, error] = std::from_chars(text, end, byte);
		if (error != std::errc() || *stop != (&byte == &bytes[3] ? '\0' : '.'))
			return 0;
		text = stop + 1;
	}
	if (family != AF_INET)
		return Fail(WSAEAFNOSUPPORT, nullptr, -1);
	std::memcpy(address, bytes, sizeof(bytes));
	return 1;
}

const WCHAR* InetNtop(int family, const void* address, WCHAR* text, size_t size)
{
	std::wstring name;
	for (int i = 0; i < 4; i++)
		name +=
			(i > 0 ? L"." : L"") + std::to_wstring(static_cast<const unsigned char*>(address)[i]);
	if (family == AF_INET && Fill(name, text, size))
		return text;
	return Fail<const WCHAR*>(family != AF_INET ? WSAEAFNOSUPPORT : WSA_INVALID_PARAMETER, nullptr,
		nullptr);
}

// It ends with a space if the width is masked, else with a line break. A text can have inserts: who
// does not ignore them has to give them [MS].
DWORD FormatMessageW(DWORD flags, const void*, DWORD id, DWORD, WCHAR* text, DWORD size, void*)
{
	const bool masked = (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0;
	if ((flags & ~FORMAT_MESSAGE_MAX_WIDTH_MASK) !=
		(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS))
		return Fail<DWORD>(WSA_INVALID_PARAMETER, nullptr, 0);
	const std::wstring message =
		SystemText(static_cast<int>(id), Net().conditions.korean) + (masked ? L" " : L"\r\n");
	if (!Fill(message, text, size))
		return Fail<DWORD>(ERROR_INSUFFICIENT_BUFFER, nullptr, 0);
	return static_cast<DWORD>(message.size());
}

// A count of -1 is the whole text, with its NUL [MS].
int WideCharToMultiByte(UINT page, DWORD, const WCHAR* wide, int count, char* text, int size,
	const char*, BOOL*)
{
	const std::size_t length = count < 0 ? std::wcslen(wide) + 1 : static_cast<std::size_t>(count);
	const std::string bytes = Narrow({ wide, length }, page);
	const int needed = static_cast<int>(bytes.size());
	if (size > 0 && size < needed)
		return Fail(ERROR_INSUFFICIENT_BUFFER, nullptr, 0);
	if (size > 0)
		std::fill(std::copy(bytes.begin(), bytes.end(), text), text + size, '\0');
	return needed;
}

// -- The console ----------------------------------------------------------------------------------

HANDLE GetStdHandle(DWORD which)
{
	return reinterpret_cast<HANDLE>(static_cast<std::uintptr_t>(which));
}

BOOL GetConsoleMode(HANDLE handle, DWORD* mode)
{
	const auto is = [handle](DWORD which) { return handle == GetStdHandle(which); };
	const Conditions& conditions = Net().conditions;
	*mode = 0;
	Net().lastError = WSA_INVALID_HANDLE;
	return (is(STD_OUTPUT_HANDLE) && conditions.outIsConsole) ||
		(is(STD_ERROR_HANDLE) && conditions.errorIsConsole);
}

BOOL SetConsoleOutputCP(UINT page)
{
	Net().monitor.Tell({ Event::CodePage, nullptr, static_cast<int>(page) });
	return TRUE;
}

BOOL SetConsoleCtrlHandler(PHANDLER_ROUTINE, BOOL add)
{
	if (add)
		Net().monitor.Tell({ Event::TakesCtrlC });
	return TRUE;
}

// -- The C library ------------------------------------------------------------------------------

// It is seen when it is flushed, or when the buffer is full.
static int Write(Stream stream, const std::string& text)
{
	Net().lastError = 0; // as any call in between may
	Net().monitor.Tell({ .kind = stream == Stream::Error ? Event::PrintedError : Event::Printed,
		.number = static_cast<int>(text.size()),
		.data = text.data() });
	if (stream == Stream::Out && (Net().buffered += text.size()) > Net().bufferSize)
		fflush(stream);
	return static_cast<int>(text.size());
}

int fprintf(Stream stream, const char* format, ...)
{
	char text[4096];
	va_list list;
	va_start(list, format);
	std::vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return Write(stream, text);
}

// In the "C" locale a character outside ASCII ends the output. "%s" takes bytes, as the standard
// and MinGW have it; MSVC does not.
int wprintf(const WCHAR* format, ...)
{
	WCHAR wide[4096];
	va_list list;
	va_start(list, format);
	const int size = std::vswprintf(wide, 4096, format, list);
	va_end(list);
	std::string text;
	for (int i = 0; i < size && wide[i] < 0x80; i++)
		text += static_cast<char>(wide[i]);
	return Write(Stream::Out, text) == size ? size : -1;
}

int putchar(int byte)
{
	Write(Stream::Out, std::string(1, static_cast<char>(byte)));
	return byte;
}

int fflush(Stream)
{
	Net().lastError = 0;
	Net().buffered = 0;
	Net().monitor.Tell({ Event::Flushed });
	return 0;
}

// A size out of range ends the process: "the invalid parameter handler is invoked" [MS setvbuf].
int setvbuf(Stream stream, char*, int mode, size_t size)
{
	if (mode != _IONBF && (size < 2 || size > INT_MAX))
		exit(-1);
	if (stream == Stream::Out)
		Net().bufferSize = mode == _IONBF ? 0 : size;
	return 0;
}

void exit(int code)
{
	Net().monitor.Tell({ Event::Ends, nullptr, code });
	Stop();
}

// -- Memory -------------------------------------------------------------------------------------

Heap heap;

// No rule may be broken here, and no peer may act: operator new is noexcept, and Done could not
// leave it. So the call is counted without Enter().
static bool RefusesMemory() noexcept
{
	Network& net = Net();
	net.calls[static_cast<int>(Call::New)]++;
	net.record = { .call = Call::New };
	net.lastError = 0;
	const bool starting = net.decider.Inject(Fault::StartFails);
	if (!starting && !net.decider.Inject(Fault::MemoryFails))
		return false;
	Succeed();
	if (starting)
		net.monitor.Tell({ .kind = Event::Faulted, .fault = Fault::StartFails });
	net.monitor.Tell({ .kind = Event::Faulted, .fault = Fault::MemoryFails });
	return true;
}

// What a plain new expression gives is not known yet, and can be refused.
void* Heap::Take(void* memory)
{
	if (memory == nullptr || !Net().memory.insert(memory).second || !RefusesMemory())
		return memory;
	Net().memory.erase(memory);
	::operator delete(memory);
#ifdef __cpp_exceptions
	throw std::bad_alloc();
#else
	Net().monitor.Tell({ Event::OutOfMemory });
	std::abort();
#endif
}

bool Heap::Release(void* memory)
{
	Net().lastError = 0;
	if (memory == nullptr)
		return false;
	if (Net().memory.erase(memory) != 0)
		return true;
	Net().monitor.Tell(
		{ .kind = Event::BadHandle, .handle = reinterpret_cast<std::uintptr_t>(memory) });
	return false;
}

} // namespace sim::winsock

void* operator new(size_t size, const sim::winsock::NoThrow&) noexcept
{
	if (sim::winsock::RefusesMemory())
		return nullptr;
	void* const memory = ::operator new(size);
	sim::Net().memory.insert(memory);
	return memory;
}

void operator delete(void* memory, const sim::winsock::NoThrow&) noexcept
{
	::operator delete(memory);
}

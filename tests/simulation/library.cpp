// Texts, the C library and memory.
#include "calling.h"
#include "model.h"

#include <algorithm>
#include <cstdarg>
#include <cwchar>
#include <new>
#include <string>

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

int inet_pton(int, const char* text, void* address)
{
	unsigned parts[4];
	if (std::sscanf(text, "%u.%u.%u.%u", &parts[0], &parts[1], &parts[2], &parts[3]) != 4)
		return 0;
	std::transform(parts, parts + 4, static_cast<unsigned char*>(address),
		[](unsigned part) { return static_cast<unsigned char>(part); });
	return 1;
}

const WCHAR* InetNtop(int, const void* address, WCHAR* text, size_t size)
{
	const auto bytes = static_cast<const unsigned char*>(address);
	std::swprintf(text, size, L"%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
	return text;
}

// It ends with a space if the width is masked, else with a line break [MS].
DWORD FormatMessageW(DWORD flags, const void*, DWORD id, DWORD, WCHAR* text, DWORD, void*)
{
	const std::string narrow = ErrorText(static_cast<int>(id));
	std::wstring message(narrow.begin(), narrow.end());
	message += (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0 ? L" " : L"\r\n";
	message.copy(text, message.size());
	return static_cast<DWORD>(message.size());
}

// Of a text in ASCII.
int WideCharToMultiByte(UINT, DWORD, const WCHAR* wide, int, char* text, int, const char*, BOOL*)
{
	const std::size_t size = std::wcslen(wide) + 1;
	std::transform(wide, wide + size, text, [](WCHAR c) { return static_cast<char>(c); });
	return static_cast<int>(size);
}

// -- The C library ------------------------------------------------------------------------------

// It is seen when it is flushed, unless setvbuf() has said _IONBF.
static int Write(Stream stream, const std::string& text)
{
	Net().lastError = 0; // as any call in between may
	Net().monitor.Tell({ .kind = stream == Stream::Error ? Event::PrintedError : Event::Printed,
		.number = static_cast<int>(text.size()),
		.data = text.data() });
	if (stream == Stream::Out && !Net().buffered)
		Net().monitor.Tell({ Event::Flushed });
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
	Net().monitor.Tell({ Event::Flushed });
	return 0;
}

int setvbuf(Stream, char*, int mode, size_t)
{
	Net().buffered = mode != _IONBF;
	return 0;
}

void exit(int code)
{
	Net().monitor.Tell({ Event::Ends, nullptr, code });
	Stop();
}

// -- Memory -------------------------------------------------------------------------------------

Heap heap;

// No rule may be broken here, and no peer may act: operator new is noexcept, and Done could not leave
// it. So the call is counted without Enter().
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

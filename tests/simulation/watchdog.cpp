#include "watchdog.h"

#ifdef _WIN32
#include <windows.h>

#include <atomic>

namespace
{
std::atomic<unsigned long long> due = 0; // in milliseconds of the system's clock; 0: never
std::atomic<void (*)()> call = nullptr;

DWORD WINAPI Watch(void*)
{
	for (;; Sleep(500))
	{
		const unsigned long long at = due;
		if (at != 0 && GetTickCount64() > at)
			call.load()();
	}
}
} // namespace

void sim::Watchdog(unsigned seconds, void (*expired)())
{
	call = expired;
	due = seconds != 0 ? GetTickCount64() + 1000ULL * seconds : 0;
	static const HANDLE thread = CreateThread(nullptr, 0, Watch, nullptr, 0, nullptr);
	static_cast<void>(thread);
}
#else
#include <unistd.h>

#include <csignal>

namespace
{
void (*call)() = nullptr;
} // namespace

void sim::Watchdog(unsigned seconds, void (*expired)())
{
	call = expired;
	std::signal(SIGALRM, [](int) { call(); });
	alarm(seconds);
}
#endif

#include "platform.h"

#include "windows_headers.h"

#include <thread>

namespace echo
{
namespace
{
// Wine tells its version by a function of its own in ntdll. Null on Windows.
const char* WineVersion()
{
	using Function = const char*(CDECL*)();
	const HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
	const auto function = reinterpret_cast<Function>(
		reinterpret_cast<void*>(GetProcAddress(ntdll, "wine_get_version")));
	return function != nullptr ? function() : nullptr;
}

// A text of the registry under HKEY_LOCAL_MACHINE, without the spaces around it; empty if it is not
// there.
std::string RegistryText(const char* key, const char* name)
{
	char text[256] = "";
	DWORD size = sizeof(text);
	RegGetValueA(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ, nullptr, text, &size);
	std::string trimmed = text;
	trimmed.erase(0, trimmed.find_first_not_of(' '));
	trimmed.erase(trimmed.find_last_not_of(' ') + 1);
	return trimmed;
}

std::string System()
{
	if (IsWine())
		return std::string("Wine ") + WineVersion();
	return "Windows, build " +
		RegistryText("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "CurrentBuild");
}

std::string Processors()
{
	const unsigned count = std::thread::hardware_concurrency();
	std::string text = std::to_string(count) + (count == 1 ? " processor" : " processors");
	const std::string name =
		RegistryText("HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", "ProcessorNameString");
	return name.empty() ? text : text + " (" + name + ")";
}

std::string Compiler()
{
#ifdef _MSC_VER
	return "MSVC " + std::to_string(_MSC_VER);
#elif defined(__clang__)
	return "clang " __clang_version__;
#else
	return "MinGW GCC " __VERSION__;
#endif
}

} // namespace

bool IsWine()
{
	return WineVersion() != nullptr;
}

std::string PlatformLine()
{
	return System() + ", " + Processors() + ", compiled by " + Compiler();
}

} // namespace echo

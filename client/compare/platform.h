// What a result depends on besides the program itself.
#pragma once

#include <string>

namespace echo
{
// The system with its version, the processors, the compiler, such as
// "Wine 8.0, 2 processors (AMD EPYC 7763), compiled by MinGW GCC 12-posix".
std::string PlatformLine();

// Whether this is Wine: there the Wine server, a process of its own, does a part of every call.
bool IsWine();

} // namespace echo

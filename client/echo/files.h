// The files that a command line names.
#pragma once

#include "options.h"
#include "server_process.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace echo
{
// The folder of the running program.
inline std::filesystem::path OwnFolder()
{
	wchar_t path[1024] = L"";
	GetModuleFileNameW(nullptr, path, 1024);
	return std::filesystem::path(path).parent_path();
}

// The bytes of the file that an argument names.
inline std::string ReadFileBytes(const std::string& argument)
{
	std::ifstream file(std::filesystem::path(WideArgument(argument)), std::ios::binary);
	std::string bytes{ std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>() };
	if (!file.is_open() || file.bad())
		throw UsageError("cannot read the file '" + argument + "'");
	if (bytes.empty())
		throw UsageError("the file '" + argument + "' is empty");
	return bytes;
}

// Opens the file that an argument names, to write it.
inline std::ofstream OpenOutput(const std::string& argument)
{
	std::ofstream file(std::filesystem::path(WideArgument(argument)), std::ios::binary);
	if (!file)
		throw UsageError("cannot write the file '" + argument + "'");
	return file;
}

} // namespace echo

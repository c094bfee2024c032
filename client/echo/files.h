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

// An output file. With an empty name it does nothing.
class OutputFile
{
public:
	// Opens the file, so that a name that cannot be written is an error before the work starts.
	// Throws UsageError that names it.
	explicit OutputFile(const std::string& argument) : name_(argument)
	{
		if (!name_.empty())
			file_.open(std::filesystem::path(WideArgument(name_)), std::ios::binary);
		if (!file_)
			throw UsageError("cannot write the file '" + name_ + "'");
	}

	// Throws std::runtime_error that names the file when that fails.
	void Write(const std::string& bytes)
	{
		if (!name_.empty())
			file_ << bytes << std::flush;
		if (!file_)
			throw std::runtime_error("cannot write the file '" + name_ + "'");
	}

private:
	std::string name_;
	std::ofstream file_;
};

} // namespace echo

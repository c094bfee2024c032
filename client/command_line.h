// What the command-line programs of this folder share: strict arguments, a file's bytes, a progress
// line.
#pragma once

#include "multi_client.h"
#include "server_process.h"
#include "windows_headers.h"

#include <io.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace echo
{
// Bytes that a streaming client may have on the way: little against what it has to send, so that
// RunResult::atOnce comes out right.
constexpr std::size_t kWindow = 4096;

// A command line that makes no sense. Ends a program with exit code 2.
struct UsageError : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

// Goes through the options of a command line, "--name" or "--name VALUE".
class Arguments
{
public:
	Arguments(int argc, char** argv) : arguments_(argv + 1, argv + argc)
	{
	}

	bool AskForHelp() const
	{
		return std::find(arguments_.begin(), arguments_.end(), "--help") != arguments_.end();
	}

	// Steps to the next option; false at the end.
	bool Next()
	{
		if (next_ == arguments_.size())
			return false;
		option_ = arguments_[next_++];
		return true;
	}

	const std::string& Option() const
	{
		return option_;
	}

	// The value of the option.
	std::string Value()
	{
		if (next_ == arguments_.size())
			throw UsageError(option_ + " needs a value");
		return arguments_[next_++];
	}

	// The value as a number from `least` to `most`, in decimal digits.
	unsigned Number(unsigned least, unsigned most)
	{
		const std::string text = Value();
		const bool digits = !text.empty() && text.size() < 10 &&
			text.find_first_not_of("0123456789") == std::string::npos;
		const unsigned number = digits ? static_cast<unsigned>(std::stoul(text)) : 0;
		if (!digits || number < least || number > most)
			throw UsageError(option_ + ": expected a number from " + std::to_string(least) +
				" to " + std::to_string(most) + ", got '" + text + "'");
		return number;
	}

	[[noreturn]] void Unknown() const
	{
		throw UsageError("unknown option '" + option_ + "'");
	}

private:
	std::vector<std::string> arguments_;
	std::size_t next_ = 0;
	std::string option_;
};

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

// One line of stderr that is written over and over, if stderr is a terminal.
class StatusLine
{
public:
	StatusLine() : terminal_(_isatty(_fileno(stderr)) != 0 || BehindPipe())
	{
	}

	~StatusLine()
	{
		if (shown_)
			std::fprintf(stderr, "\r%*s\r", kWidth, "");
		std::fflush(stderr);
	}

	StatusLine(const StatusLine&) = delete;
	StatusLine& operator=(const StatusLine&) = delete;

	void Show(const std::string& text)
	{
		if (!terminal_)
			return;
		shown_ = true;
		std::fprintf(stderr, "\r%-*.*s", kWidth, kWidth, text.c_str());
		std::fflush(stderr);
	}

private:
	static constexpr int kWidth = 78;

	// tests/wine/run.sh puts a pipe between Wine and the terminal, and says so.
	static bool BehindPipe()
	{
		return GetEnvironmentVariableA("ECHO_STDERR_IS_TERMINAL", nullptr, 0) != 0;
	}

	bool terminal_;
	bool shown_ = false;
};

// Shows how far a run is once it has taken two seconds.
class ProgressLine
{
public:
	explicit ProgressLine(std::string title = "") : title_(std::move(title))
	{
	}

	void Show(const Progress& progress)
	{
		const Duration elapsed = progress.elapsed;
		if (elapsed < Duration(2) || elapsed - shown_ < Duration(0.2))
			return;
		shown_ = elapsed;
		const double total = static_cast<double>(std::max<std::uint64_t>(progress.total, 1));
		const double percent = 100 * static_cast<double>(progress.echoed) / total;
		char line[128];
		std::snprintf(line, sizeof(line), "%s%u of %u clients done, %.0f %% echoed, %.0f s",
			title_.c_str(), progress.finished, progress.clients, std::min(percent, 100.0),
			elapsed.count());
		line_.Show(line);
	}

private:
	std::string title_;
	StatusLine line_;
	Duration shown_{ 0 };
};

// Runs a program on its arguments and turns what it throws into a message and the exit code;
// --help prints `usage`.
inline int RunProgram(const char* name, const char* usage, int (*run)(Arguments arguments),
	int argc, char** argv)
{
	const Arguments arguments(argc, argv);
	if (arguments.AskForHelp())
	{
		std::fputs(usage, stdout);
		return 0;
	}
	try
	{
		return run(arguments);
	}
	catch (const UsageError& error)
	{
		std::fprintf(stderr, "%s: %s; see --help\n", name, error.what());
		return 2;
	}
	catch (const std::exception& error)
	{
		std::fprintf(stderr, "%s: %s\n", name, error.what());
		return 1;
	}
}

} // namespace echo

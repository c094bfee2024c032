// A strict command line: options, numbers, the exit code. Standard library only.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace echo
{
// The number from `least` to `most` that the whole text is, in decimal digits; else nothing.
inline std::optional<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t least,
	std::uint64_t most)
{
	std::uint64_t number = 0;
	const char* const end = text.data() + text.size();
	const auto [stop, error] = std::from_chars(text.data(), end, number);
	if (error != std::errc() || stop != end || number < least || number > most)
		return std::nullopt;
	return number;
}

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

	// Steps to the next option and gives it; false at the end.
	bool Next(std::string& option)
	{
		if (next_ == arguments_.size())
			return false;
		option = option_ = arguments_[next_++];
		return true;
	}

	// The value of the option.
	std::string Value()
	{
		if (next_ == arguments_.size())
			throw UsageError(option_ + " needs a value");
		return arguments_[next_++];
	}

	// The value as a number from `least` to `most`, in decimal digits.
	template <typename Integer = unsigned>
	Integer Number(std::uint64_t least, std::uint64_t most)
	{
		const std::string text = Value();
		const auto number = ParseNumber(text, least, most);
		if (!number)
			throw UsageError(option_ + ": expected a number from " + std::to_string(least) +
				" to " + std::to_string(most) + ", got '" + text + "'");
		return static_cast<Integer>(*number);
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

// Runs a program on its arguments and turns what it throws into a message and the exit code;
// --help prints `usage`.
inline int RunProgram(const char* name, const char* usage, int (*run)(Arguments arguments),
	int argc, char** argv)
{
	if (std::find(argv + 1, argv + argc, std::string_view("--help")) != argv + argc)
	{
		std::fputs(usage, stdout);
		return 0;
	}
	try
	{
		return run(Arguments(argc, argv));
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

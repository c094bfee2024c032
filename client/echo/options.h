// A program's command line: one table of options, from which --help and the parser both come.
// Standard library only.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace echo
{
// A command line that makes no sense. Ends a program with exit code 2.
struct UsageError : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

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

// Takes the value of an option; throws UsageError for one that makes no sense.
using Setter = std::function<void(const std::string& value)>;

struct Option
{
	std::string name;     // "--port"; one that ends with "=" has its value in the same argument
	std::string argument; // what --help calls the value, such as "N"; empty: there is none
	std::string help;     // a line, or several
	Setter set;
};

// The usual setters. Each stores into the variable, which has to outlive it.
inline Setter Flag(bool& variable)
{
	return [&variable](const std::string&) { variable = true; };
}

inline Setter Text(std::string& variable)
{
	return [&variable](const std::string& value) { variable = value; };
}

// A number from `least` to `most`, in decimal digits.
template <typename Integer>
Setter Number(Integer& variable, std::uint64_t least, std::uint64_t most)
{
	return [&variable, least, most](const std::string& value) {
		const auto number = ParseNumber(value, least, most);
		if (!number)
			throw UsageError("expected a number from " + std::to_string(least) + " to " +
				std::to_string(most) + ", got '" + value + "'");
		variable = static_cast<Integer>(*number);
	};
}

struct Program
{
	std::string name;
	std::string usage;           // what --help begins with: what it does and how to call it
	std::vector<Option> options; // one called "--" takes each argument behind it as a value
	std::string notes;           // what --help ends with: exit codes
};

// What --help prints.
inline std::string Help(const Program& program)
{
	std::vector<Option> options = program.options;
	options.push_back({ "--help", "", "print this", {} });
	std::size_t width = 0;
	for (Option& option : options)
	{
		if (!option.argument.empty() && option.name.back() != '=')
			option.name += ' ';
		option.name += option.argument;
		width = std::max(width, option.name.size());
	}
	std::string text = program.usage + '\n';
	for (const Option& option : options)
	{
		text += "  " + option.name + std::string(width - option.name.size() + 2, ' ');
		for (const char c : option.help)
			text += c == '\n' ? '\n' + std::string(width + 4, ' ') : std::string(1, c);
		text += '\n';
	}
	return text + '\n' + program.notes;
}

// Calls the setter of each option that is given, in order. Throws UsageError that names the option.
inline void Parse(const Program& program, const std::vector<std::string>& arguments)
{
	for (auto next = arguments.begin(); next != arguments.end();)
	{
		const std::string& given = *next++;
		const auto option = std::ranges::find_if(program.options, [&given](const Option& each) {
			return each.name.back() == '=' ? given.starts_with(each.name) : given == each.name;
		});
		if (option == program.options.end())
			throw UsageError("unknown option '" + given + "'");
		try
		{
			if (option->argument.empty())
				option->set("");
			else if (option->name.back() == '=')
				option->set(given.substr(option->name.size()));
			else if (option->name == "--")
				for (; next != arguments.end(); ++next)
					option->set(*next);
			else if (next == arguments.end())
				throw UsageError("a value is missing");
			else
				option->set(*next++);
		}
		catch (const UsageError& error)
		{
			throw UsageError(option->name + ": " + error.what());
		}
	}
}

// The whole of main(): parses the command line, or prints --help, and calls `run`. What these throw
// becomes a message and the exit code: 2 for UsageError, else 1.
inline int RunProgram(const Program& program, int argc, char** argv,
	const std::function<int()>& run)
{
	const std::vector<std::string> arguments(argv + 1, argv + argc);
	try
	{
		if (std::ranges::find(arguments, "--help") != arguments.end())
		{
			std::fputs(Help(program).c_str(), stdout);
			return 0;
		}
		Parse(program, arguments);
		return run();
	}
	catch (const UsageError& error)
	{
		std::fprintf(stderr, "%s: %s; see --help\n", program.name.c_str(), error.what());
		return 2;
	}
	catch (const std::exception& error)
	{
		std::fprintf(stderr, "%s: %s\n", program.name.c_str(), error.what());
		return 1;
	}
}

} // namespace echo

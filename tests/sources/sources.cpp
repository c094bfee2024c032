// What must hold for the five servers as texts: aligned with each other, readable, free-standing.
//
//   sources [FOLDER]     the folder of the five model folders, the current one by default
#define DOCTEST_CONFIG_IMPLEMENT
#include "text.h"

#ifndef NOMINMAX // MinGW's C++ headers define it
#define NOMINMAX
#endif
#include <windows.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace
{
using namespace text;

// A function has one body in all files, but for these: on the page, too, each model has its own.
const char* const kOwnBodies[] = { "main", "AddSocketInfo", "RemoveSocketInfo" };

// Characters of UTF-8, a tab counting 4.
std::size_t Width(const std::string& line)
{
	std::size_t width = 0;
	for (const char c : line)
	{
		const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
		width += c == '\t' ? 4 : continues ? 0 : 1;
	}
	return width;
}

bool IsUtf8(const std::string& line)
{
	const int size = static_cast<int>(line.size());
	return size == 0 ||
		MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, line.data(), size, nullptr, 0) > 0;
}

struct Function
{
	const Source* source;
	std::size_t first; // line of the signature
	Lines lines;       // from there to the closing brace
};

// All functions of all files by name. A function's braces stand in the first column, and its
// signature above the first of them, where it starts in the first column too.
std::map<std::string, std::vector<Function>> Functions(const std::vector<Source>& sources)
{
	static const std::regex signature(R"((\w+)\()");
	std::map<std::string, std::vector<Function>> functions;
	for (const Source& source : sources)
	{
		const auto begin = source.lines.begin(), end = source.lines.end();
		for (auto open = std::find(begin, end, "{"); open != end;
			 open = std::find(open + 1, end, "{"))
		{
			auto first = open - 1;
			while (first->find_first_of(" \t") == 0)
				--first;
			const auto close = std::find(open, end, "}");
			std::smatch name;
			if (close != end && std::regex_search(*first, name, signature)) // else a struct
				functions[name[1]].push_back(
					{ &source, static_cast<std::size_t>(first - begin), Lines(first, close + 1) });
		}
	}
	return functions;
}

TEST_CASE("neighbours")
{
	const std::vector<Source> sources = ReadAll();
	std::printf("%-34s %6s %12s %12s\n", "lines in common", "", "of shorter", "of longer");
	for (std::size_t i = 0; i + 1 < sources.size(); i++)
	{
		const Source& a = sources[i];
		const Source& b = sources[i + 1];
		const auto [common, shorter, longer] = Align(a, b);
		std::printf("%-15s - %-16s %6zu %10zu %% %10zu %%\n", a.model.c_str(), b.model.c_str(),
			common, shorter, longer);
	}
}

TEST_CASE("size")
{
	for (const Source& source : ReadAll())
	{
		const std::size_t count = source.lines.size();
		std::printf("%s: %zu lines\n", source.path.c_str(), count);
		if (count > 380)
			Fail(At(source, count - 1), "at most 380 lines", std::to_string(count));
		for (std::size_t i = 0; i < count; i++)
		{
			if (Width(source.lines[i]) > 100)
				Fail(At(source, i), "at most 100 columns", std::to_string(Width(source.lines[i])));
		}
	}
}

TEST_CASE("shared-functions")
{
	const std::vector<Source> sources = ReadAll();
	for (const auto& [name, functions] : Functions(sources))
	{
		if (std::count(std::begin(kOwnBodies), std::end(kOwnBodies), name) > 0)
			continue;
		const Function& shared = functions.front();
		std::printf("%s: in %zu files\n", name.c_str(), functions.size());
		for (const Function& function : functions)
		{
			const Lines &x = shared.lines, &y = function.lines;
			const auto [expected, actual] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
			const auto line = static_cast<std::size_t>(actual - y.begin());
			if (expected != x.end() || actual != y.end())
				Fail(At(*function.source, function.first + line) + ": " + name,
					(expected == x.end() ? "the end" : "`" + *expected + "`") + " as in " +
						At(*shared.source, shared.first + line),
					actual == y.end() ? "the end" : "`" + *actual + "`");
		}
	}
}

TEST_CASE("head-comment")
{
	for (const Source& source : ReadAll())
	{
		const auto end = std::find_if(source.lines.begin(), source.lines.end(),
			[](const std::string& line) { return line.rfind("//", 0) != 0; });
		const Lines head(source.lines.begin(), end);
		if (head.empty() || head.size() > 12)
			Fail(At(source, head.size()), "a head comment of 1 to 12 lines",
				std::to_string(head.size()));

		for (const std::string command : { "//   cl ", "//   g++ " })
		{
			const auto count =
				std::count_if(head.begin(), head.end(), [&](const std::string& line) {
					return line.rfind(command, 0) == 0 &&
						line.find(" server.cpp ") != std::string::npos &&
						line.find(source.model + ".exe") != std::string::npos;
				});
			if (count != 1)
				Fail(At(source, 0),
					"one line \"" + command + "... server.cpp ... " + source.model +
						".exe ...\" in the head comment",
					std::to_string(count));
		}
	}
}

TEST_CASE("encoding")
{
	for (const Source& source : ReadAll())
	{
		if (source.text.rfind("\xEF\xBB\xBF", 0) == 0)
			Fail(At(source, 0), "no byte order mark", "EF BB BF");
		if (source.text.back() != '\n')
			Fail(At(source, source.lines.size() - 1), "a line end", "none");
		for (std::size_t i = 0; i < source.lines.size(); i++)
		{
			if (source.lines[i].find('\r') != std::string::npos)
				Fail(At(source, i), "LF as the line end", "CR LF");
			if (!IsUtf8(source.lines[i]))
				Fail(At(source, i), "UTF-8", "other bytes");
		}
	}
}

TEST_CASE("no-own-headers")
{
	static const std::regex quoted(R"(^\s*#\s*include\s*")");
	for (const Source& source : ReadAll())
	{
		for (std::size_t i = 0; i < source.lines.size(); i++)
		{
			if (std::regex_search(source.lines[i], quoted))
				Fail(At(source, i), "headers of the system only", "`" + source.lines[i] + "`");
		}
	}
}

} // namespace

int main(int argc, char** argv)
{
	if (argc > 1 && argv[1][0] != '-')
		folder = argv[1];
	doctest::Context context(argc, argv);
	return context.run();
}

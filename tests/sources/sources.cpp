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

// A function that stands in several files under one name has one body. These have their own,
// because the model needs another: for the wait, or for what it keeps of a client.
const std::pair<std::string, std::string> kOwnBodies[] = {
	{ "main", "01_blocking" },
	{ "main", "02_nonblocking" },
	{ "main", "03_select" },
	{ "main", "04_asyncselect" },
	{ "main", "05_eventselect" },
	{ "AddSocketInfo", "03_select" },
	{ "AddSocketInfo", "04_asyncselect" },
	{ "AddSocketInfo", "05_eventselect" },
	{ "RemoveSocketInfo", "03_select" },
	{ "RemoveSocketInfo", "04_asyncselect" },
	{ "RemoveSocketInfo", "05_eventselect" },
};

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

	bool HasOwnBody(const std::string& name) const
	{
		const auto entry = std::make_pair(name, source->model);
		return std::count(std::begin(kOwnBodies), std::end(kOwnBodies), entry) > 0;
	}
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
		if (shorter < 60)
			Fail(At(a, 0) + ", " + At(b, 0), "60 % of the shorter file's lines in common",
				std::to_string(shorter) + " %");
		if (longer < 45)
			Fail(At(a, 0) + ", " + At(b, 0), "45 % of the longer file's lines in common",
				std::to_string(longer) + " %");
	}
}

TEST_CASE("size")
{
	for (const Source& source : ReadAll())
	{
		const std::size_t count = source.lines.size();
		std::printf("%s: %zu lines\n", source.path.c_str(), count);
		if (count < 120 || count > 300)
			Fail(At(source, count - 1), "120 to 300 lines", std::to_string(count));
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
		std::printf("%s:", name.c_str());
		const Function* shared = nullptr;
		for (const Function& function : functions)
		{
			const bool own = function.HasOwnBody(name);
			std::printf(" %s%s", function.source->model.c_str(), own ? " (own body)" : "");
			if (own)
				continue;
			if (shared == nullptr)
				shared = &function;
			const Lines &x = shared->lines, &y = function.lines;
			const auto [expected, actual] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
			const auto line = static_cast<std::size_t>(actual - y.begin());
			if (expected != x.end() || actual != y.end())
				Fail(At(*function.source, function.first + line) + ": " + name,
					(expected == x.end() ? "the end" : "`" + *expected + "`") + " as in " +
						At(*shared->source, shared->first + line),
					actual == y.end() ? "the end" : "`" + *actual + "`");
		}
		std::printf("\n");
	}
}

// An entry without need would hide the difference that comes next.
TEST_CASE("own-bodies-are-needed")
{
	const std::vector<Source> sources = ReadAll();
	auto functions = Functions(sources);
	for (const auto& [name, model] : kOwnBodies)
	{
		const std::string entry = "kOwnBodies {" + name + ", " + model + "}";
		const std::vector<Function>& all = functions[name];
		const auto one = std::find_if(all.begin(), all.end(),
			[model = model](const Function& function) { return function.source->model == model; });
		if (one == all.end())
		{
			Fail(entry, "such a function", "none");
			continue;
		}
		if (all.size() == 1)
			Fail(entry, "that name in several files", "only in " + At(*one->source, one->first));
		for (const Function& other : all)
		{
			if (other.source != one->source && other.lines == one->lines)
				Fail(entry + ", " + At(*one->source, one->first), "a body of its own",
					"the same as in " + At(*other.source, other.first));
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

TEST_CASE("errata-ids")
{
	static const std::regex id(R"(E\d\d-\d+)");
	for (const Source& source : ReadAll())
	{
		std::map<std::string, std::size_t> lines; // of the first place
		for (std::size_t i = 0; i < source.lines.size(); i++)
		{
			const std::string& line = source.lines[i];
			for (std::sregex_iterator it(line.begin(), line.end(), id), end; it != end; ++it)
			{
				const auto [first, added] = lines.emplace(it->str(), i);
				if (!added)
					Fail(At(source, i) + ": " + it->str(), "once in a file",
						"also in line " + std::to_string(first->second + 1));
				if (line.find("//") > static_cast<std::size_t>(it->position()))
					Fail(At(source, i) + ": " + it->str(), "in a comment", "`" + line + "`");
			}
		}
		std::printf("%s: %zu errata ids\n", source.path.c_str(), lines.size());
		if (lines.empty())
			Fail(At(source, 0), "errata ids", "none");
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

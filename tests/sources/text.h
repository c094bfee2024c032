// What the tests of texts share: the five servers and other files of the project as lines, and how
// a failure names a place in them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace text
{
const char* const kModels[] = { "01_blocking", "02_nonblocking", "03_select", "04_asyncselect",
	"05_eventselect" };

using Lines = std::vector<std::string>;

struct Source
{
	std::string model; // "03_select"; of another file: empty
	std::string path;  // "03_select/server.cpp", from the project's folder on
	std::string text;
	Lines lines; // without line ends
};

// The project's folder.
inline std::string folder = ".";

// Fails the test if there is no such file, or nothing in it.
inline Source ReadText(const std::string& path, const std::string& model = "")
{
	Source source{ model, path, "", {} };
	std::ifstream file(folder + "/" + path, std::ios::binary);
	source.text.assign(std::istreambuf_iterator<char>(file), {});
	if (source.text.empty())
		FAIL(path << ": missing or empty in " << folder);

	std::size_t start = 0;
	while (start < source.text.size())
	{
		const std::size_t end = std::min(source.text.find('\n', start), source.text.size());
		source.lines.push_back(source.text.substr(start, end - start));
		start = end + 1;
	}
	return source;
}

inline Source Read(const std::string& model)
{
	return ReadText(model + "/server.cpp", model);
}

inline std::vector<Source> ReadAll()
{
	std::vector<Source> sources;
	for (const char* model : kModels)
		sources.push_back(Read(model));
	return sources;
}

// "03_select/server.cpp:87"; `line` counts from 0.
inline std::string At(const Source& source, std::size_t line)
{
	return source.path + ":" + std::to_string(line + 1);
}

inline void Fail(const std::string& where, const std::string& expected, const std::string& actual)
{
	FAIL_CHECK(where << ": expected " << expected << ", actual " << actual);
}

inline Lines NonBlank(const Lines& lines)
{
	Lines kept;
	for (const std::string& line : lines)
	{
		if (line.find_first_not_of(" \t\r") != std::string::npos)
			kept.push_back(line);
	}
	return kept;
}

// The length of the longest common subsequence.
inline std::size_t CommonLines(const Lines& a, const Lines& b)
{
	std::vector<std::size_t> previous(b.size() + 1), current(b.size() + 1);
	for (const std::string& line : a)
	{
		for (std::size_t j = 0; j < b.size(); j++)
			current[j + 1] = line == b[j] ? previous[j] + 1 : std::max(previous[j + 1], current[j]);
		std::swap(previous, current);
	}
	return previous[b.size()];
}

// How much of two files is the same; blank lines do not count.
struct Alignment
{
	std::size_t common;  // lines
	std::size_t shorter; // their percentage of the shorter file
	std::size_t longer;  // and of the longer one
};

inline Alignment Align(const Source& a, const Source& b)
{
	const Lines x = NonBlank(a.lines), y = NonBlank(b.lines);
	const std::size_t common = CommonLines(x, y);
	return { common, 100 * common / std::min(x.size(), y.size()),
		100 * common / std::max(x.size(), y.size()) };
}

} // namespace text

// Files of the project as lines, for the tests of texts. These run in the project's folder.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace text
{
using Lines = std::vector<std::string>;

struct Source
{
	std::string path; // "03_select/server.cpp", from the project's folder on
	Lines lines;      // without line ends

	// "03_select/server.cpp:87"; `line` counts from 0.
	std::string At(std::size_t line) const
	{
		return path + ":" + std::to_string(line + 1);
	}
};

// Ends the test case if there is no such file, or nothing in it.
inline Source Read(const std::string& path)
{
	Source source{ path, {} };
	std::ifstream file(path);
	for (std::string line; std::getline(file, line);)
		source.lines.push_back(line);
	REQUIRE_MESSAGE(!source.lines.empty(), path, ": missing or empty");
	return source;
}

// The longest common subsequence: the places in `a` and in `b` of its elements, in order.
template <typename Element>
std::vector<std::pair<std::size_t, std::size_t>> Common(const std::vector<Element>& a,
	const std::vector<Element>& b)
{
	// longest[i][j]: of a from i on and b from j on.
	std::vector<std::vector<std::size_t>> longest(a.size() + 1,
		std::vector<std::size_t>(b.size() + 1));
	for (std::size_t i = a.size(); i-- > 0;)
	{
		for (std::size_t j = b.size(); j-- > 0;)
			longest[i][j] = a[i] == b[j] ? longest[i + 1][j + 1] + 1
										 : std::max(longest[i + 1][j], longest[i][j + 1]);
	}
	std::vector<std::pair<std::size_t, std::size_t>> places;
	for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();)
	{
		if (a[i] == b[j])
			places.emplace_back(i++, j++);
		else if (longest[i + 1][j] >= longest[i][j + 1])
			i++;
		else
			j++;
	}
	return places;
}

} // namespace text

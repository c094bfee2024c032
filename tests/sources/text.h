// Files of the project as lines, for the tests of texts. These run in the project's folder.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
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

} // namespace text

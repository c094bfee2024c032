// The page comes first: each line of the document's listings stands in its server, in order, or
// tests/errata quotes it as printed and says why it does not. The document is no part of this
// project, so listings.txt has a hash of each line.
#include "text.h"

#include <cstdint>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

namespace
{
using namespace text;

struct Line
{
	std::uint32_t hash;
	bool blankBefore;   // of a listing
	std::size_t number; // in its file, from 0
};

// FNV-1a.
std::uint32_t Hash(const std::string& text)
{
	std::uint32_t hash = 0x811C9DC5;
	for (const char c : text)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
	return hash;
}

// The lines that count: no blank ones, no lone braces, and no comment that begins with an id.
std::vector<Line> Significant(const Lines& lines)
{
	static const std::regex ours(R"(\s*//\s*[A-Z]\d\d-\d.*)");
	std::vector<Line> result;
	for (std::size_t i = 0; i < lines.size(); i++)
	{
		std::istringstream words(std::regex_replace(lines[i], ours, ""));
		std::string text;
		for (std::string word; words >> word;)
			text += (text.empty() ? "" : " ") + word;
		if (!text.empty() && text != "{" && text != "}")
			result.push_back({ Hash(text), false, i });
	}
	return result;
}

// For each line of `a` its place in `b`, of those that are in both, in order, as many as there can
// be (the longest common subsequence); else b.size().
std::vector<std::size_t> Common(const std::vector<Line>& a, const std::vector<Line>& b)
{
	// longest[i][j]: of a from i on and b from j on.
	std::vector<std::vector<std::size_t>> longest(a.size() + 1,
		std::vector<std::size_t>(b.size() + 1));
	for (std::size_t i = a.size(); i-- > 0;)
	{
		for (std::size_t j = b.size(); j-- > 0;)
			longest[i][j] = a[i].hash == b[j].hash ? longest[i + 1][j + 1] + 1
												   : std::max(longest[i + 1][j], longest[i][j + 1]);
	}
	std::vector<std::size_t> places(a.size(), b.size());
	for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();)
	{
		if (a[i].hash == b[j].hash)
			places[i++] = j++;
		else if (longest[i + 1][j] >= longest[i][j + 1])
			i++;
		else
			j++;
	}
	return places;
}

// Hashes of all lines in tests/errata, which quotes the listings as printed.
std::set<std::uint32_t> Quoted()
{
	static const std::regex bracket(R"(\[=*\[|\]=*\]\)?)"); // around the texts in CMake
	std::set<std::uint32_t> quoted;
	for (const auto& file : std::filesystem::recursive_directory_iterator("tests/errata"))
	{
		Lines lines;
		for (const std::string& line : Read(file.path().generic_string()).lines)
		{
			std::istringstream parts(std::regex_replace(line, bracket, "\n"));
			for (std::string part; std::getline(parts, part);)
				lines.push_back(part);
		}
		for (const Line& line : Significant(lines))
			quoted.insert(line.hash);
	}
	return quoted;
}

void Compare(const std::vector<Line>& listing, const std::string& path, std::size_t leastKept)
{
	static const std::set<std::uint32_t> quoted = Quoted();
	const Source source = Read(path);
	const std::vector<Line> lines = Significant(source.lines);
	const std::vector<std::size_t> places = Common(listing, lines);
	std::size_t kept = 0;
	std::string before = path + ":1";
	for (std::size_t i = 0; i < listing.size(); i++)
	{
		if (places[i] == lines.size())
		{
			CHECK_MESSAGE(quoted.contains(listing[i].hash), "behind ", before,
				": a line of the listing is gone, and tests/errata does not quote it");
			continue;
		}
		kept++;
		const std::size_t number = lines[places[i]].number;
		before = source.At(number);
		const std::string above = number == 0 ? "" : source.lines[number - 1];
		const bool blankOrComment =
			above.empty() || above.find("//") < above.find_first_not_of("\t /");
		CHECK_MESSAGE((!listing[i].blankBefore || blankOrComment), before,
			": the listing has a blank line before this one");
	}
	CHECK_MESSAGE(100 * kept / listing.size() >= leastKept, path, " keeps ", kept, " of ",
		listing.size(), " lines of its listing, expected at least ", leastKept, " %");
}

TEST_CASE("listings")
{
	std::ifstream file("tests/sources/listings.txt");
	std::string text;
	std::getline(file, text, '\0');
	static const std::regex part(R"(# (0\w+) (\d+)\n([0-9a-f\s-]+))");
	int count = 0;
	for (std::sregex_iterator it(text.begin(), text.end(), part), end; it != end; ++it, count++)
	{
		std::vector<Line> listing;
		std::istringstream words((*it)[3]);
		bool blank = false;
		for (std::string word; words >> word; blank = word == "-")
		{
			if (word != "-")
				listing.push_back({ static_cast<std::uint32_t>(std::stoul(word, nullptr, 16)),
					blank, listing.size() });
		}
		Compare(listing, it->str(1) + "/server.cpp", std::stoul((*it)[2]));
	}
	CHECK(count == 4); // 01 has none
}

} // namespace

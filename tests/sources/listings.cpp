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
	bool blankBefore;
	std::size_t number; // in its file, from 0

	bool operator==(const Line& other) const
	{
		return hash == other.hash;
	}
};

struct Listing
{
	std::string model;
	std::size_t leastKept = 0; // percent
	std::vector<Line> lines;
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
			result.push_back({ Hash(text), i > 0 && lines[i - 1].empty(), i });
	}
	return result;
}

std::vector<Listing> Listings()
{
	std::vector<Listing> listings;
	bool blank = false;
	for (const std::string& line : Read("tests/sources/listings.txt").lines)
	{
		std::istringstream words(line);
		if (line.starts_with("# 0"))
		{
			listings.emplace_back();
			words.ignore(2) >> listings.back().model >> listings.back().leastKept;
		}
		else if (!listings.empty() && !line.starts_with('#'))
		{
			std::vector<Line>& lines = listings.back().lines;
			for (std::uint32_t hash = 0; words >> std::hex >> hash; blank = false)
				lines.push_back({ hash, blank && !lines.empty(), lines.size() });
		}
		blank = line.empty();
	}
	return listings;
}

// Hashes of all lines in tests/errata, which quotes the listings as printed.
std::set<std::uint32_t> Quoted()
{
	static const std::regex bracket(R"(\[=*\[|\]=*\]\)?)"); // around the texts in CMake
	std::set<std::uint32_t> quoted;
	for (const auto& file : std::filesystem::recursive_directory_iterator("tests/errata"))
	{
		if (!file.is_regular_file())
			continue;
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

TEST_CASE("listings")
{
	const std::vector<Listing> listings = Listings();
	const std::set<std::uint32_t> quoted = Quoted();
	CHECK(listings.size() == 4); // 01 has none
	for (const Listing& listing : listings)
	{
		const Source source = Read(listing.model + "/server.cpp");
		const std::vector<Line> lines = Significant(source.lines);
		const auto kept = Common(listing.lines, lines);
		const std::size_t percent = 100 * kept.size() / listing.lines.size();
		CHECK_MESSAGE(percent >= listing.leastKept, source.path, " keeps ", percent,
			" % of the lines of its listing, expected at least ", listing.leastKept, " %");

		auto next = kept.begin(); // the next pair of lines that are the same
		std::string before = source.path + ":1";
		for (std::size_t i = 0; i < listing.lines.size(); i++)
		{
			if (next == kept.end() || next->first != i)
			{
				CHECK_MESSAGE(quoted.contains(listing.lines[i].hash), "behind ", before,
					": a line of the listing is gone, and tests/errata does not quote it");
				continue;
			}
			const std::size_t number = lines[next->second].number;
			before = source.At(number);
			const bool blankOrComment = number == 0 || source.lines[number - 1].empty() ||
				source.lines[number - 1].find("//") <
					source.lines[number - 1].find_first_not_of("\t /");
			CHECK_MESSAGE((!listing.lines[i].blankBefore || blankOrComment), before,
				": the listing has a blank line before this one");
			++next;
		}
	}
}

} // namespace

// What must hold for every page (*.md) of the project: it says the same as its translation
// NAME.ko.md, its links lead somewhere, its commands name what there is, and its quotations are
// true.
//
// A block of C++, or of diff without its "-" lines, is quoted from the source that is linked last
// above it. Any other block can say where its lines come from, "..." standing for lines left out:
// <!-- quoted from client/README.md -->
//
// Runs in the project's folder, from the folder of the other programs.
#include "../sources/text.h"
#include "echo/files.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>

namespace
{
using namespace text;
namespace fs = std::filesystem;

// A part of a page, and its place: "README.md:12".
struct Piece
{
	std::string where;
	std::string text;
};

struct Block
{
	std::string where;
	std::string language;
	std::string origin; // "client/README.md"; empty: not quoted
	Lines lines;
};

// A heading and what follows, up to the next one.
struct Section
{
	Piece heading; // with its "##"; empty at the top of a page
	Lines facts;   // commands and numbers; sorted, for languages differ in the order of words
};

struct Page
{
	std::vector<Section> sections;
	std::vector<Block> blocks;
	std::vector<Piece> links;    // their targets, from the project's folder on
	std::vector<Piece> commands; // from blocks of sh and from the prose
};

Lines Matches(const std::string& text, const std::regex& regex, int group = 0)
{
	return Lines(std::sregex_token_iterator(text.begin(), text.end(), regex, group), {});
}

// Reads one page, line by line.
class Parser
{
public:
	explicit Parser(const std::string& path) : path_(path)
	{
		const Source source = Read(path);
		page.sections.push_back({ { path, "" }, {} });
		for (std::size_t i = 0; i < source.lines.size(); i++)
		{
			where_ = source.At(i);
			if (source.lines[i].starts_with("```"))
				Fence(source.lines[i]);
			else if (inBlock_)
				InBlock(source.lines[i]);
			else
				Prose(source.lines[i]);
		}
		for (Section& section : page.sections)
			std::sort(section.facts.begin(), section.facts.end());
		CHECK_MESSAGE(!inBlock_, path, ": the last block has no end");
	}

	Page page;

private:
	void Fence(const std::string& line)
	{
		if ((line == "```cpp" || line == "```diff") && quoted_.empty() && !page.links.empty())
			quoted_ = page.links.back().text;
		if (!inBlock_)
			page.blocks.push_back({ where_, line.substr(3), quoted_, {} });
		inBlock_ = !inBlock_;
		quoted_.clear();
	}

	void InBlock(const std::string& line)
	{
		static const std::regex comment(R"(\s+#\s.*)");
		const bool marked = page.blocks.back().language == "diff" && !line.empty() && line != "...";
		if (!marked || line[0] != '-')
			page.blocks.back().lines.push_back(line.substr(marked));
		AddNumbers(line);
		if (page.blocks.back().language == "sh")
			AddCommand(std::regex_replace(line, comment, ""));
	}

	void Prose(const std::string& line)
	{
		static const std::regex heading("#{1,6} .*"), span("`([^`]+)`"),
			link(R"((?:\]\(|(?:href|src|srcset)=")((?!https:)[^")\s]+)[")])"),
			origin("<!-- quoted from (.*) -->"),
			command("(cmake|ctest|git|sh|client|compare|conformance|simulate) .+");
		if (std::regex_match(line, heading))
			page.sections.push_back({ { where_, line }, {} });
		if (std::smatch parts; std::regex_match(line, parts, origin))
			quoted_ = parts[1];
		AddNumbers(std::regex_replace(line, link, "]"));
		for (const std::string& text : Matches(line, span, 1))
		{
			if (std::regex_match(text, command))
				AddCommand(text);
		}
		for (const std::string& target : Matches(std::regex_replace(line, span, ""), link, 1))
			AddLink(target);
	}

	void AddNumbers(const std::string& text)
	{
		static const std::regex number(R"(\d+([.,]\d+)*)");
		Lines& facts = page.sections.back().facts;
		for (const std::string& found : Matches(text, number))
			facts.push_back(found);
	}

	void AddCommand(const std::string& text)
	{
		static const std::regex both(R"(\s+&&\s+)");
		for (const std::string& part : Matches(text, both, -1))
		{
			page.sections.back().facts.push_back(part);
			page.commands.push_back({ where_, part });
		}
	}

	void AddLink(const std::string& target)
	{
		// Without the anchor: a fs::path would not keep its Korean.
		const std::size_t hash = std::min(target.find('#'), target.size());
		const fs::path file = fs::path(path_).parent_path() / target.substr(0, hash);
		const std::string name = hash > 0 ? file.lexically_normal().generic_string() : path_;
		page.links.push_back({ where_, name + target.substr(hash) });
	}

	const std::string path_;
	std::string where_; // of the line
	bool inBlock_ = false;
	std::string quoted_; // where the next block comes from
};

// By their paths, such as "tests/README.md"; build folders are left out.
const std::map<std::string, Page>& Pages()
{
	static const std::map<std::string, Page> pages = [] {
		std::map<std::string, Page> parsed;
		for (fs::recursive_directory_iterator it("."), end; it != end; ++it)
		{
			const std::string path = it->path().lexically_normal().generic_string();
			if (path == ".git" || fs::exists(it->path() / "CMakeCache.txt"))
				it.disable_recursion_pending();
			else if (path.ends_with(".md"))
				parsed.emplace(path, Parser(path).page);
		}
		return parsed;
	}();
	REQUIRE(pages.contains("README.ko.md"));
	return pages;
}

// As GitHub makes them.
std::string Anchor(const Section& section)
{
	const std::string& heading = section.heading.text;
	std::string anchor = "#";
	for (std::size_t i = heading.find(' ') + 1; i < heading.size(); i++)
	{
		const auto byte = static_cast<unsigned char>(heading[i]);
		if (byte >= 0x80 || std::isalnum(byte) || byte == '-' || byte == '_')
			anchor += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
		else if (byte == ' ')
			anchor += '-';
	}
	return anchor;
}

TEST_CASE("translations")
{
	for (const auto& [path, korean] : Pages())
	{
		if (!path.ends_with(".ko.md"))
			continue;
		const auto found = Pages().find(path.substr(0, path.size() - 6) + ".md");
		REQUIRE_MESSAGE(found != Pages().end(), path, " is a translation of nothing");
		const std::vector<Section>& sections = found->second.sections;
		CHECK_MESSAGE(sections.size() == korean.sections.size(), path,
			" has another number of headings than ", found->first);
		for (std::size_t i = 0; i < std::min(sections.size(), korean.sections.size()); i++)
		{
			const Section &a = sections[i], &b = korean.sections[i];
			const std::string both = a.heading.where + " and " + b.heading.where;
			CHECK_MESSAGE(a.heading.text.find(' ') == b.heading.text.find(' '), both,
				": headings of different levels");
			Lines different;
			std::set_symmetric_difference(a.facts.begin(), a.facts.end(), b.facts.begin(),
				b.facts.end(), std::back_inserter(different));
			for (const std::string& fact : different)
				FAIL_CHECK(both << ": a number or command that only one of them has: " << fact);
		}
	}
}

TEST_CASE("links")
{
	for (const auto& [path, page] : Pages())
	{
		for (const Piece& link : page.links)
		{
			const std::size_t hash = std::min(link.text.find('#'), link.text.size());
			const std::string file = link.text.substr(0, hash), anchor = link.text.substr(hash);
			CHECK_MESSAGE(fs::exists(file), link.where, ": no file ", file);
			if (anchor.empty() || file.ends_with(".html")) // there it is what the page is to show
				continue;
			const auto linked = Pages().find(file);
			const bool live = linked != Pages().end() &&
				std::any_of(linked->second.sections.begin(), linked->second.sections.end(),
					[&](const Section& section) { return Anchor(section) == anchor; });
			CHECK_MESSAGE(live, link.where, ": no heading ", link.text);
		}
	}
}

TEST_CASE("commands")
{
	static const std::regex preset(R"(--preset (\S+))"), program(R"(build/bin/(\w+)\.exe)"),
		script(R"(tests/\S+\.sh)");
	for (const auto& [path, page] : Pages())
	{
		for (const auto& [where, command] : page.commands)
		{
			const auto has = [&](const char* word) {
				return command.find(word) != std::string::npos;
			};
			const std::string kind = has("ctest") ? "test"
				: has("--workflow")               ? "workflow"
				: has("--build")                  ? "build"
												  : "configure";
			for (const std::string& name : Matches(command, preset, 1))
				CHECK_MESSAGE(std::string_view(PRESETS).find("|" + kind + " " + name + "|") !=
						std::string::npos,
					where, ": no ", kind, " preset ", name);
			for (const std::string& name : Matches(command, program, 1))
				CHECK_MESSAGE(fs::exists(echo::OwnFolder() / (name + ".exe")), where,
					": no program ", name);
			for (const std::string& file : Matches(command, script))
				CHECK_MESSAGE(fs::exists(file), where, ": no file ", file);
		}
	}
}

TEST_CASE("quotations")
{
	for (const auto& [path, page] : Pages())
	{
		for (const Block& block : page.blocks)
		{
			if (block.origin.empty() && block.language != "cpp" && block.language != "diff")
				continue;
			INFO(block.where, " is quoted from ", block.origin);
			const Lines all = Read(block.origin).lines;
			auto place = all.begin();
			for (auto begin = block.lines.begin(); begin != block.lines.end();)
			{
				const auto end = std::find(begin, block.lines.end(), "...");
				const auto found = std::search(place, all.end(), begin, end);
				if (found == all.end() && begin != end)
				{
					const auto wrong = std::find_if(begin, end, [&](const std::string& line) {
						return std::find(all.begin(), all.end(), line) == all.end();
					});
					FAIL_CHECK(
						"not there, or in another order: " << (wrong == end ? *begin : *wrong));
					break;
				}
				place = found + (end - begin);
				begin = end == block.lines.end() ? end : end + 1;
			}
		}
	}
}

} // namespace

// What must hold for every page (*.md) of the project: it says the same as its translation
// NAME.ko.md, its links lead somewhere, its commands name what there is, and its quotations are
// true.
//
// A block of C++ is quoted from the source that is linked last above it. Any other block can say
// where its lines come from; "..." stands for lines left out:
//
//   <!-- quoted from client/compare/demo.txt -->      a file, its path from the project's folder on
//   <!-- output of simulate --cost -->                a program of the build
//
// Runs in the project's folder, from the folder of the other programs.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "../sources/text.h"
#include "files.h"
#include "server_process.h"

#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace
{
using namespace text;
namespace fs = std::filesystem;

// A text and the line that it stands in, from 0 on.
struct Piece
{
	std::size_t line;
	std::string text;
};

struct Block
{
	std::size_t line; // the first one in it
	std::string language;
	std::string origin; // "client.cpp", "output of simulate --cost"; empty: not quoted
	Lines lines;
};

// A heading and what follows, up to the next one.
struct Section
{
	Piece heading; // with its "##"; empty at the top of a page
	Lines commands;
	Lines numbers;
};

struct Page
{
	Source source;
	std::vector<Section> sections;
	std::vector<Block> blocks;
	std::vector<Piece> links;    // their targets
	std::vector<Piece> commands; // from blocks of sh and from the prose

	fs::path Folder() const
	{
		return fs::path(source.path).parent_path();
	}
};

Lines Matches(const std::string& text, const std::regex& regex, int group = 0)
{
	Lines found;
	for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
		found.push_back(it->str(static_cast<std::size_t>(group)));
	return found;
}

// All files of the project, in the form "tests/readme/readme.cpp"; build folders left out.
const Lines& Files()
{
	static const Lines files = [] {
		Lines found;
		for (fs::recursive_directory_iterator it("."), end; it != end; ++it)
		{
			const std::string name = it->path().filename().string();
			if (it->is_directory() &&
				(name == ".git" || name == "out" || name.starts_with("build")))
				it.disable_recursion_pending();
			else if (it->is_regular_file())
				found.push_back(it->path().lexically_normal().generic_string());
		}
		std::sort(found.begin(), found.end());
		return found;
	}();
	return files;
}

Page Parse(const std::string& path)
{
	static const std::regex heading("#{1,6} .*"), span("`([^`]+)`"), link(R"(\]\(([^)\s]+)\))"),
		number(R"(\d+([.,]\d+)*)"), comment(R"(\s+#\s.*)"),
		origin("<!-- (?:quoted from )?(.*) -->"),
		command("(cmake|ctest|git|sh|client|compare|conformance|simulate) .+");
	Page page{ ReadText(path), { {} }, {}, {}, {} };
	bool inBlock = false;
	std::string quoted; // where the next block comes from
	for (std::size_t i = 0; i < page.source.lines.size(); i++)
	{
		const std::string& line = page.source.lines[i];
		const bool isHeading = !inBlock && std::regex_match(line, heading);
		if (isHeading)
			page.sections.push_back({ { i, line }, {}, {} });
		Section& section = page.sections.back();
		const auto add = [&](const std::string& text) {
			section.commands.push_back(text);
			page.commands.push_back({ i, text });
		};
		if (line.starts_with("```"))
		{
			if (!inBlock)
				page.blocks.push_back({ i + 1, line.substr(3), quoted, {} });
			inBlock = !inBlock;
			quoted.clear();
			continue;
		}
		if (inBlock)
		{
			Block& block = page.blocks.back();
			block.lines.push_back(line);
			if (block.language == "cpp" && block.origin.empty() && !page.links.empty())
				block.origin = (page.Folder() / page.links.back().text).generic_string();
			const std::string bare = std::regex_replace(line, comment, "");
			if (block.language == "sh" && !bare.empty())
				add(bare);
		}
		else if (std::smatch parts; std::regex_match(line, parts, origin))
			quoted = parts[1];
		for (const std::string& text : inBlock ? Lines() : Matches(line, span, 1))
		{
			if (std::regex_match(text, command))
				add(text);
		}
		for (const std::string& target :
			inBlock ? Lines() : Matches(std::regex_replace(line, span, ""), link, 1))
			page.links.push_back({ i, target });
		for (const std::string& found : Matches(std::regex_replace(line, link, "]"), number))
			section.numbers.push_back(found);
	}
	for (Section& section : page.sections)
	{
		// Languages differ in the order of words.
		std::sort(section.commands.begin(), section.commands.end());
		std::sort(section.numbers.begin(), section.numbers.end());
	}
	if (inBlock)
		Fail(path, "the end of the last block", "none");
	return page;
}

// By their paths.
const std::map<std::string, Page>& Pages()
{
	static const std::map<std::string, Page> pages = [] {
		std::map<std::string, Page> parsed;
		for (const std::string& path : Files())
		{
			if (path.ends_with(".md"))
				parsed.emplace(path, Parse(path));
		}
		return parsed;
	}();
	return pages;
}

std::string Korean(const std::string& path)
{
	return path.ends_with(".ko.md") ? path : path.substr(0, path.size() - 3) + ".ko.md";
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

// What a program of the build prints; nothing if there is no such program.
Lines OutputOf(const std::string& command)
{
	std::istringstream words(command);
	std::string name;
	words >> name;
	const fs::path program = echo::OwnFolder() / (name + ".exe");
	if (!fs::exists(program))
		return {};
	echo::ServerProcess process(program,
		{ std::istream_iterator<std::string>(words), std::istream_iterator<std::string>() });
	if (!process.WaitExit(echo::Deadline::After(echo::milliseconds(30000))))
		Fail(command, "its end", "none in 30 seconds");
	Lines lines;
	std::istringstream output(process.Stdout());
	for (std::string line; std::getline(output, line);)
		lines.push_back(line.substr(0, line.find_last_not_of('\r') + 1));
	return lines;
}

// -------------------------------------------------------------------------------------------------
// A page and its translation

TEST_CASE("translations")
{
	std::size_t pairs = 0;
	for (const auto& [path, korean] : Pages())
	{
		if (!path.ends_with(".ko.md"))
			continue;
		pairs++;
		const std::string original = path.substr(0, path.size() - 6) + ".md";
		const auto found = Pages().find(original);
		if (found == Pages().end())
		{
			Fail(path, "a page " + original, "none");
			continue;
		}
		const Page& english = found->second;
		CHECK_MESSAGE(english.sections.size() == korean.sections.size(), path,
			": another number of headings than ", original);
		const std::size_t count = std::min(english.sections.size(), korean.sections.size());
		for (std::size_t i = 0; i < count; i++)
		{
			const Section &a = english.sections[i], &b = korean.sections[i];
			const std::string where = At(korean.source, b.heading.line) + ": " + b.heading.text;
			if (a.heading.text.find(' ') != b.heading.text.find(' '))
				Fail(where, "the level of \"" + a.heading.text + "\"", "another one");
			for (const auto& [what, x, y] : { std::tuple("number", a.numbers, b.numbers),
					 std::tuple("command", a.commands, b.commands) })
			{
				Lines missing, extra;
				std::set_difference(x.begin(), x.end(), y.begin(), y.end(),
					std::back_inserter(missing));
				std::set_difference(y.begin(), y.end(), x.begin(), x.end(),
					std::back_inserter(extra));
				for (const std::string& text : missing)
					Fail(where, std::string("the ") + what + " " + text + " of " + original,
						"none");
				for (const std::string& text : extra)
					Fail(where, std::string("no ") + what + " that " + original + " lacks", text);
			}
		}
	}
	CHECK(pairs > 0);
}

TEST_CASE("links")
{
	for (const auto& [path, page] : Pages())
	{
		for (const Piece& link : page.links)
		{
			const std::string where = At(page.source, link.line);
			const std::size_t hash = std::min(link.text.find('#'), link.text.size());
			const std::string file = link.text.substr(0, hash), anchor = link.text.substr(hash);
			if (file.starts_with("https://"))
				continue;
			const std::string target =
				file.empty() ? path : (page.Folder() / file).lexically_normal().generic_string();
			if (!fs::exists(target))
				Fail(where, "a file " + target, "none");
			const auto linked = Pages().find(target);
			if (linked == Pages().end())
				continue;
			const std::vector<Section>& sections = linked->second.sections;
			if (!anchor.empty() &&
				std::none_of(sections.begin() + 1, sections.end(),
					[&](const Section& s) { return Anchor(s) == anchor; }))
				Fail(where, "a heading in " + target + " for " + anchor, "none");
			// A reader of a Korean page stays in Korean, but for the link to the page itself.
			if (path.ends_with(".ko.md") && !target.ends_with(".ko.md") &&
				Pages().contains(Korean(target)) && Korean(target) != path)
				Fail(where, "a link to " + Korean(target), link.text);
		}
	}
}

// -------------------------------------------------------------------------------------------------
// A page and the project

// The names of the presets of a kind, "build" or "workflow".
Lines Presets(const std::string& kind)
{
	static const std::regex name(R"re("name": "([^"]+)")re"), step(R"("type": "\w+", "name")");
	const std::string json = ReadText("CMakePresets.json").text;
	const std::size_t start = json.find("\"" + kind + "Presets\"");
	const std::string presets = json.substr(start, json.find("\n\t]", start) - start);
	return Matches(std::regex_replace(presets, step, ""), name, 1);
}

bool Contains(const Lines& lines, const std::string& line)
{
	return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// A program of the build, or what a CMake file adds by add_custom_target().
bool IsTarget(const std::string& name)
{
	return fs::exists(echo::OwnFolder() / (name + ".exe")) ||
		std::any_of(Files().begin(), Files().end(), [&](const std::string& path) {
			return (path.ends_with(".cmake") || path.ends_with("CMakeLists.txt")) &&
				ReadText(path).text.find("add_custom_target(" + name + ' ') != std::string::npos;
		});
}

// What a command names that there is not; empty if there is all.
std::string Missing(const std::string& command)
{
	static const std::set<std::string> foreign = { "git", "set", "ncat", "telnet" };
	static const std::regex folder(R"((\.\w+|tests|client|\d\d_\w+)[/\\].*)"),
		program(R"((.*[/\\])?([\w]+?)(\.exe)?)"), placeholder("([A-Z]+\\.exe|.*/)");
	std::istringstream stream(command);
	Lines words{ std::istream_iterator<std::string>(stream), {} };
	if (words.size() > 1 && words[0] == "sh" && words[1] == "tests/wine/run.sh")
		words.erase(words.begin(), words.begin() + 2);
	for (const std::string& word : words)
	{
		if (std::regex_match(word, folder) && !fs::exists(word))
			return word;
	}
	if (words.empty() || words[0] == "sh" || foreign.contains(words[0]) ||
		std::regex_match(words[0], placeholder))
		return "";
	if (words[0] == "cd")
		return fs::exists(words.at(1)) ? "" : words[1];
	if (words[0] == "g++" || words[0] == "cl") // stands in the head of a server
	{
		const std::vector<Source> sources = ReadAll();
		return std::any_of(sources.begin(), sources.end(),
				   [&](const Source& s) { return s.text.find(command) != std::string::npos; })
			? ""
			: command;
	}

	std::string kind = words[0] == "ctest" ? "test" : "configure";
	for (std::size_t i = 1; i + 1 < words.size(); i++)
	{
		if (words[i] == "--workflow" || words[i] == "--build")
			kind = words[i].substr(2);
		if (words[i] == "--preset" && !Contains(Presets(kind), words[i + 1]))
			return kind + " preset " + words[i + 1];
		if (words[i] == "--target" && !IsTarget(words[i + 1]))
			return "target " + words[i + 1];
	}
	if (words[0] == "cmake" || words[0] == "ctest")
		return "";

	const std::string name = std::regex_replace(words[0], program, "$2");
	if (!fs::exists(echo::OwnFolder() / (name + ".exe")))
		return "program " + words[0];
	static std::map<std::string, std::string> helps;
	for (const std::string& option : Matches(command, std::regex(R"( --[a-z-]+)")))
	{
		std::string& help = helps[name];
		for (const std::string& line : help.empty() ? OutputOf(name + " --help") : Lines())
			help += line + '\n';
		if (help.find(option.substr(1)) == std::string::npos)
			return "option" + option + " of " + name;
	}
	return "";
}

TEST_CASE("commands")
{
	static const std::regex both(R"(\s+&&\s+)");
	for (const auto& [path, page] : Pages())
	{
		std::string folder; // that a "cd" of the block has led to
		for (const Piece& piece : page.commands)
		{
			for (std::sregex_token_iterator it(piece.text.begin(), piece.text.end(), both, -1), end;
				 it != end; ++it)
			{
				const std::string missing = Missing(*it);
				if (!missing.empty())
					Fail(At(page.source, piece.line), "what `" + it->str() + "` names",
						"no " + missing);
			}
		}
	}
}

TEST_CASE("quotations")
{
	std::size_t count = 0;
	for (const auto& [path, page] : Pages())
	{
		for (const Block& block : page.blocks)
		{
			const std::string where = At(page.source, block.line) + ": ";
			if (block.origin.empty() && block.language != "cpp")
				continue;
			count++;
			const bool output = block.origin.starts_with("output of ");
			if (!output && !fs::is_regular_file(block.origin))
			{
				Fail(where, "the source of the quotation", "'" + block.origin + "'");
				continue;
			}
			const Lines all =
				output ? OutputOf(block.origin.substr(10)) : ReadText(block.origin).lines;
			auto place = all.begin();
			auto begin = block.lines.begin();
			while (begin != block.lines.end())
			{
				const auto end = std::find(begin, block.lines.end(), "...");
				const auto found = std::search(place, all.end(), begin, end);
				if (found == all.end() && begin != end)
				{
					const auto wrong = std::find_if(begin, end,
						[&](const std::string& line) { return !Contains(all, line); });
					Fail(where, "lines as they stand in " + block.origin,
						wrong == end ? "another order" : "`" + *wrong + "`");
					break;
				}
				place = found + (end - begin);
				begin = end == block.lines.end() ? end : end + 1;
			}
		}
	}
	CHECK(count > 0);
}

// A cell that links a source, and behind it one with a number: the lines of that source.
TEST_CASE("numbers of lines")
{
	static const std::regex cells(R"(\]\(([^)]+\.(cpp|h))\) \| (\d+) \|)");
	for (const auto& [path, page] : Pages())
	{
		for (std::size_t i = 0; i < page.source.lines.size(); i++)
		{
			std::smatch parts;
			if (!std::regex_search(page.source.lines[i], parts, cells))
				continue;
			const Source source = ReadText((page.Folder() / parts[1].str()).generic_string());
			if (std::to_string(source.lines.size()) != parts[3])
				Fail(At(page.source, i), std::to_string(source.lines.size()) + " lines", parts[3]);
		}
	}
}

TEST_CASE("ids of errata and cases")
{
	static const std::regex id(R"(\b[CE]\d\d?[.-]\d+\b)");
	std::set<std::string> known;
	for (const std::string& path : Files())
	{
		if (!path.ends_with(".cpp") && !path.ends_with(".cmake"))
			continue;
		for (const std::string& found : Matches(ReadText(path).text, id))
			known.insert(found);
	}
	for (const auto& [path, page] : Pages())
	{
		for (std::size_t i = 0; i < page.source.lines.size(); i++)
		{
			for (const std::string& found : Matches(page.source.lines[i], id))
			{
				if (!known.contains(found))
					Fail(At(page.source, i), "an id that stands in a source", found);
			}
		}
	}
}

} // namespace

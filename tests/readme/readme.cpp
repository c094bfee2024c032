// What must hold for README.md and README.ko.md: one page in two languages, whose links, commands,
// excerpts and figures are those of the project.
//
//   readme FOLDER FACTS     the project's folder, and the file that facts.cmake has written
#define DOCTEST_CONFIG_IMPLEMENT
#include "../sources/text.h"

#include <cctype>
#include <cstdio>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace
{
using namespace text;

std::string factsPath;

// -------------------------------------------------------------------------------------------------
// The pages

struct Block
{
	std::size_t line; // of its first line of text
	std::string language;
	Lines lines;
};

struct Table
{
	std::size_t line;
	std::vector<Lines> rows; // of cells; the line under the head is left out
};

// A text with the place it stands in.
struct Piece
{
	std::size_t line;
	std::string text;
};

// A heading and what follows it, up to the next one.
struct Section
{
	Piece heading;             // empty at the top of a page
	std::size_t level = 0;     // 1 to 6
	std::vector<Block> blocks; // of code
	std::vector<Table> tables;
	std::vector<Piece> links; // their targets
	std::vector<Piece> spans; // of code, in the prose and in the tables
	std::vector<Piece> prose; // lines, without spans and targets
};

struct Page
{
	Source source;
	std::vector<Section> sections;
};

std::vector<std::string> Matches(const std::string& text, const std::regex& regex, int group = 0)
{
	std::vector<std::string> found;
	for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
		found.push_back(it->str(static_cast<std::size_t>(group)));
	return found;
}

Lines Cells(const std::string& row)
{
	Lines cells;
	std::string cell;
	bool code = false;
	for (std::size_t i = 1; i < row.size(); i++)
	{
		code ^= row[i] == '`';
		if (row[i] != '|' || code)
		{
			cell += row[i];
			continue;
		}
		const std::size_t first = std::min(cell.find_first_not_of(' '), cell.size());
		cells.push_back(cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
		cell.clear();
	}
	return cells;
}

// What the test knows of Markdown is what the two pages use; comments are left out.
Page Parse(const std::string& path)
{
	static const std::regex heading("(#+) (.*)"), rule("[|:-]+"), span("`([^`]+)`"),
		link(R"(\]\(([^)\s]+)\))");
	Page page{ ReadText(path), {} };
	page.sections.emplace_back();
	bool comment = false;
	bool table = false;
	Block* block = nullptr;
	for (std::size_t i = 0; i < page.source.lines.size(); i++)
	{
		const std::string& line = page.source.lines[i];
		Section& section = page.sections.back();
		if (line.rfind("```", 0) == 0)
		{
			if (block == nullptr)
				section.blocks.push_back({ i + 1, line.substr(3), {} });
			block = block == nullptr ? &section.blocks.back() : nullptr;
			continue;
		}
		if (block != nullptr)
		{
			block->lines.push_back(line);
			continue;
		}
		comment = comment || line.rfind("<!--", 0) == 0;
		if (comment)
		{
			comment = line.find("-->") == std::string::npos;
			continue;
		}

		std::smatch parts;
		if (std::regex_match(line, parts, heading))
		{
			page.sections.emplace_back();
			page.sections.back().heading = { i, parts[2] };
			page.sections.back().level = static_cast<std::size_t>(parts[1].length());
			table = false;
			continue;
		}
		if (std::count(line.begin(), line.end(), '`') % 2 != 0)
			Fail(At(page.source, i), "the end of the code on its line", "a line break in it");
		for (const std::string& text : Matches(line, span, 1))
			section.spans.push_back({ i, text });
		const std::string plain = std::regex_replace(line, span, "");
		for (const std::string& target : Matches(plain, link, 1))
			section.links.push_back({ i, target });
		section.prose.push_back({ i, std::regex_replace(plain, link, "]") });

		if (!line.empty() && line[0] == '|')
		{
			if (!table)
				section.tables.push_back({ i, {} });
			if (!std::regex_match(line, rule))
				section.tables.back().rows.push_back(Cells(line));
		}
		table = !line.empty() && line[0] == '|';
	}
	if (block != nullptr)
		Fail(At(page.source, block->line - 1), "the end of the block", "none");
	return page;
}

// The English page and the Korean one.
const std::vector<Page>& Pages()
{
	static const std::vector<Page> pages = { Parse("README.md"), Parse("README.ko.md") };
	return pages;
}

template <typename Items>
std::string Joined(const Items& items)
{
	std::string text;
	for (const auto& item : items)
		text += (text.empty() ? "" : ", ") + std::string(item);
	return text.empty() ? "none" : text;
}

// The texts without their places, in order of the alphabet, for languages differ in the order of
// words.
Lines Sorted(const std::vector<Piece>& pieces)
{
	Lines texts;
	for (const Piece& piece : pieces)
		texts.push_back(piece.text);
	std::sort(texts.begin(), texts.end());
	return texts;
}

Lines Numbers(const std::string& text)
{
	static const std::regex number(R"(\d+([.,]\d+)*)");
	Lines numbers = Matches(text, number);
	std::sort(numbers.begin(), numbers.end());
	return numbers;
}

// Both lists are the same, or the test fails at `where`.
void Same(const std::string& where, const std::string& what, const Lines& english,
	const Lines& korean)
{
	Lines missing, extra;
	std::set_difference(english.begin(), english.end(), korean.begin(), korean.end(),
		std::back_inserter(missing));
	std::set_difference(korean.begin(), korean.end(), english.begin(), english.end(),
		std::back_inserter(extra));
	if (english != korean)
		Fail(where, what + " as in README.md",
			"missing: " + Joined(missing) + "; only here: " + Joined(extra));
}

// Calls compare(english, korean, where) for each pair of sections.
template <typename Compare>
void ForSections(Compare compare)
{
	const Page &english = Pages()[0], &korean = Pages()[1];
	const std::size_t count = std::min(english.sections.size(), korean.sections.size());
	for (std::size_t i = 0; i < count; i++)
		compare(english.sections[i], korean.sections[i],
			At(korean.source, korean.sections[i].heading.line) + ": " +
				korean.sections[i].heading.text);
}

// -------------------------------------------------------------------------------------------------
// The two pages against each other

TEST_CASE("headings")
{
	static const std::regex code("`[^`]*`");
	const Page &english = Pages()[0], &korean = Pages()[1];
	std::printf("%zu headings\n", english.sections.size() - 1);
	if (english.sections.size() != korean.sections.size())
		Fail("README.ko.md", std::to_string(english.sections.size() - 1) + " headings",
			std::to_string(korean.sections.size() - 1));
	ForSections([](const Section& a, const Section& b, const std::string& where) {
		if (a.level != b.level)
			Fail(where,
				"a heading of level " + std::to_string(a.level) + " for \"" + a.heading.text + "\"",
				std::to_string(b.level));
		Same(where, "code", Matches(a.heading.text, code), Matches(b.heading.text, code));
	});
}

TEST_CASE("code blocks")
{
	static const std::set<std::string> languages = { "sh", "text", "cpp", "mermaid" };
	std::size_t count = 0;
	for (const Page& page : Pages())
	{
		for (const Section& section : page.sections)
		{
			for (const Block& block : section.blocks)
			{
				count++;
				if (languages.count(block.language) == 0)
					Fail(At(page.source, block.line - 1), "```sh, text, cpp or mermaid",
						"```" + block.language);
			}
		}
	}
	std::printf("%zu blocks in both pages\n", count);
	ForSections([](const Section& a, const Section& b, const std::string& where) {
		if (a.blocks.size() != b.blocks.size())
			Fail(where, std::to_string(a.blocks.size()) + " code blocks",
				std::to_string(b.blocks.size()));
		for (std::size_t i = 0; i < std::min(a.blocks.size(), b.blocks.size()); i++)
		{
			const Block &x = a.blocks[i], &y = b.blocks[i];
			const std::string place =
				"README.ko.md:" + std::to_string(y.line) + ": code block " + std::to_string(i + 1);
			if (x.language != y.language)
				Fail(place, "```" + x.language, "```" + y.language);
			const auto [left, right] =
				std::mismatch(x.lines.begin(), x.lines.end(), y.lines.begin(), y.lines.end());
			if (left != x.lines.end() || right != y.lines.end())
				Fail(place, left == x.lines.end() ? "the end" : "`" + *left + "`",
					right == y.lines.end() ? "the end" : "`" + *right + "`");
		}
	});
}

TEST_CASE("tables")
{
	static const std::regex code("`[^`]*`"), id(R"(\b[CDE]\d+([.-]\d+)?\b)");
	ForSections([](const Section& a, const Section& b, const std::string& where) {
		if (a.tables.size() != b.tables.size())
			Fail(where, std::to_string(a.tables.size()) + " tables",
				std::to_string(b.tables.size()));
		for (std::size_t i = 0; i < std::min(a.tables.size(), b.tables.size()); i++)
		{
			const std::vector<Lines>&x = a.tables[i].rows, &y = b.tables[i].rows;
			if (x.size() != y.size())
				Fail(where, std::to_string(x.size()) + " rows in table " + std::to_string(i + 1),
					std::to_string(y.size()));
			for (std::size_t row = 0; row < std::min(x.size(), y.size()); row++)
			{
				const std::string place = where + ": row " + std::to_string(row + 1);
				if (x[row].size() != y[row].size())
				{
					Fail(place, std::to_string(x[row].size()) + " cells",
						std::to_string(y[row].size()));
					continue;
				}
				for (std::size_t cell = 0; cell < x[row].size(); cell++)
				{
					const std::string &left = x[row][cell], &right = y[row][cell];
					const std::string column = place + ", cell " + std::to_string(cell + 1);
					Same(column, "numbers", Numbers(left), Numbers(right));
					for (const std::regex& kind : { code, id })
					{
						Lines l = Matches(left, kind), r = Matches(right, kind);
						std::sort(l.begin(), l.end());
						std::sort(r.begin(), r.end());
						Same(column, "ids and code", l, r);
					}
				}
			}
		}
	});
}

TEST_CASE("numbers and code in the prose")
{
	ForSections([](const Section& a, const Section& b, const std::string& where) {
		Same(where, "code", Sorted(a.spans), Sorted(b.spans));
		std::string x, y;
		for (const Piece& line : a.prose)
			x += line.text + "\n";
		for (const Piece& line : b.prose)
			y += line.text + "\n";
		Same(where, "numbers", Numbers(x), Numbers(y));
	});
}

// As GitHub makes them.
std::string Anchor(const std::string& heading)
{
	std::string anchor;
	for (const char c : heading)
	{
		const auto byte = static_cast<unsigned char>(c);
		if (byte >= 0x80 || std::isalnum(byte) || c == '-' || c == '_')
			anchor += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
		else if (c == ' ')
			anchor += '-';
	}
	return anchor;
}

// "README.ko.md" as "README.md", an anchor as the number of its heading.
Lines Targets(const Page& page, const Section& section)
{
	std::vector<Piece> targets = section.links;
	for (Piece& target : targets)
	{
		if (target.text[0] == '#')
		{
			const auto found =
				std::find_if(page.sections.begin(), page.sections.end(), [&](const Section& other) {
					return "#" + Anchor(other.heading.text) == target.text;
				});
			if (found == page.sections.end())
				Fail(At(page.source, target.line), "a heading for " + target.text, "none");
			target.text = "# heading " + std::to_string(found - page.sections.begin());
		}
		target.text = std::regex_replace(target.text, std::regex(R"(\.ko\.md$)"), ".md");
	}
	return Sorted(targets);
}

bool Exists(const std::string& path)
{
	return std::filesystem::exists(std::filesystem::u8path(folder + "/" + path));
}

TEST_CASE("links")
{
	ForSections([](const Section& a, const Section& b, const std::string& where) {
		Same(where, "links", Targets(Pages()[0], a), Targets(Pages()[1], b));
	});
	std::size_t count = 0;
	for (const Page& page : Pages())
	{
		for (const Section& section : page.sections)
		{
			for (const Piece& link : section.links)
			{
				count++;
				if (link.text.rfind("https://", 0) == 0 || link.text[0] == '#')
					continue;
				if (!Exists(link.text))
					Fail(At(page.source, link.line), "a file " + link.text, "none");
				// A reader of the Korean page stays in Korean.
				const std::string korean =
					std::regex_replace(link.text, std::regex(R"(\.md$)"), ".ko.md");
				if (&page != &Pages()[0] && korean != link.text && link.text != "README.md" &&
					Exists(korean))
					Fail(At(page.source, link.line), "a link to " + korean, link.text);
			}
		}
	}
	std::printf("%zu links in both pages\n", count);
	if (count == 0)
		Fail("README.md", "links", "none");
}

// -------------------------------------------------------------------------------------------------
// The pages against the project

// What facts.cmake has written: by its first word, the rest of each line.
std::map<std::string, Lines> Facts()
{
	std::map<std::string, Lines> facts;
	for (const std::string& line : ReadText(factsPath).lines)
	{
		const std::size_t space = line.find(' ');
		const std::size_t end = line.find_last_not_of('\r') + 1; // CMake writes it on Windows
		if (space != std::string::npos)
			facts[line.substr(0, space)].push_back(line.substr(space + 1, end - space - 1));
	}
	return facts;
}

bool Contains(const Lines& lines, const std::string& line)
{
	return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// The ids of the suite's cases, "C5.02".
std::set<std::string> Cases(const std::map<std::string, Lines>& facts)
{
	static const std::regex test(R"(03_select/(C\d+\.\d+))");
	std::set<std::string> cases;
	std::smatch parts;
	for (const std::string& name : facts.at("test"))
	{
		if (std::regex_match(name, parts, test))
			cases.insert(parts[1]);
	}
	return cases;
}

// The options that a program's usage text names, and whether they take a value.
struct Program
{
	std::string path; // of the source with the text
	std::string usage;
	std::map<std::string, bool> options;
};

const std::map<std::string, std::string> kPrograms = {
	{ "client", "client/client.cpp" },
	{ "compare", "client/compare.cpp" },
	{ "conformance", "tests/conformance/main.cpp" },
	{ "simulate", "tests/simulation/simulate.cpp" },
};

// Of another name, a program without options.
const Program& FindProgram(const std::string& name)
{
	static std::map<std::string, Program> programs;
	if (kPrograms.count(name) == 0 || programs.count(name) != 0)
		return programs[name];

	Program& program = programs[name];
	program.path = kPrograms.at(name);
	const Source source = ReadText(program.path);
	const std::size_t start = source.text.find("kUsage");
	const std::size_t end = source.text.find("\";\n", start);
	if (start == std::string::npos || end == std::string::npos)
		FAIL(program.path << ": expected a text kUsage, actual none");
	program.usage = source.text.substr(start, end - start);

	static const std::regex option(R"(--([a-z]+(-[a-z]+)*)( [A-Z][A-Za-z:=.]*)?)");
	for (std::sregex_iterator it(program.usage.begin(), program.usage.end(), option), last;
		 it != last; ++it)
		program.options["--" + it->str(1)] |= it->length(3) != 0;
	return program;
}

// Judges command lines.
class Command
{
public:
	explicit Command(const std::map<std::string, Lines>& facts)
		: facts_(facts), cases_(Cases(facts))
	{
	}

	// What is wrong with a line, empty when all that it names exists. `typedIn` is the folder it is
	// typed in, empty the project's; a command "cd" changes it.
	std::string Problem(const std::string& line, std::string& typedIn)
	{
		static const std::regex both(R"(\s+&&\s+)"), comment(R"(\s+#\s.*$)");
		const std::string plain = std::regex_replace(line, comment, "");
		for (std::sregex_token_iterator it(plain.begin(), plain.end(), both, -1), end; it != end;
			 ++it)
		{
			problem_.clear();
			words_.clear();
			std::istringstream stream(it->str());
			for (std::string word; stream >> word;)
				words_.push_back(word);
			if (words_.empty())
				return "a command expected, actual none";
			next_ = 1;
			Judge(it->str(), typedIn);
			if (!problem_.empty())
				return problem_;
		}
		return "";
	}

private:
	void Judge(const std::string& command, std::string& typedIn)
	{
		const std::string& name = words_[0];
		if (name == "cd")
		{
			typedIn = Next();
			Path(typedIn);
		}
		else if (name == "g++" || name == "cl")
			HeadComment(command, typedIn);
		else if (name == "sh")
			Shell();
		else if (name == "cmake")
			CMake();
		else if (name == "ctest")
			CTest();
		else if (name == "git")
			Git();
		else
			Run(name);
	}

	// The next word; none is a problem.
	std::string Next()
	{
		if (next_ < words_.size())
			return words_[next_++];
		Expect(false, "a value behind " + words_.back(), "none");
		return "";
	}

	void Expect(bool holds, const std::string& expected, const std::string& actual)
	{
		if (!holds && problem_.empty())
			problem_ = "expected " + expected + ", actual " + actual;
	}

	void Known(const std::string& kind, const std::string& name)
	{
		const auto found = facts_.find(kind);
		Expect(found != facts_.end() && Contains(found->second, name), "a " + kind, name);
	}

	void Path(const std::string& path)
	{
		Expect(Exists(path), "a path that exists", path);
	}

	void BuildFolder(const std::string& name)
	{
		Expect(name == "build", "the folder build", name);
	}

	void HeadComment(const std::string& command, const std::string& typedIn)
	{
		const Source source = ReadText(typedIn + "/server.cpp");
		Expect(Contains(source.lines, "//   " + command),
			"a command of the head comment of " + source.path, command);
	}

	void Shell()
	{
		const std::string script = Next();
		Path(script);
		if (script == "tests/wine/run.sh" && next_ < words_.size() &&
			words_[next_] != "PROGRAM.exe")
			Run(Next());
	}

	void CMake()
	{
		std::string kind = "configure-preset";
		while (next_ < words_.size())
		{
			const std::string option = Next();
			if (option == "--workflow")
				kind = "workflow-preset";
			else if (option == "--build")
			{
				kind = "build-preset";
				if (next_ < words_.size() && words_[next_][0] != '-')
					BuildFolder(Next());
			}
			else if (option == "--preset")
				Known(kind, Next());
			else if (option == "--target")
				Known("target", Next());
			else if (option == "-B")
				BuildFolder(Next());
			else
				Expect(std::regex_match(option, std::regex(R"(-j\d*)")),
					"an option of cmake that this test knows", option);
		}
	}

	// It finds no tests where it is not told the build folder.
	void CTest()
	{
		bool place = false;
		while (next_ < words_.size())
		{
			const std::string option = Next();
			if (option == "--preset")
				Known("test-preset", Next());
			else if (option == "--test-dir")
				BuildFolder(Next());
			else if (option == "-L")
				Known("label", Next());
			else if (option == "-R")
			{
				const std::string text = Next();
				const std::regex regex(text);
				const Lines& tests = facts_.at("test");
				Expect(std::any_of(tests.begin(), tests.end(),
						   [&](const std::string& test) { return std::regex_search(test, regex); }),
					"a test whose name matches", text);
			}
			else
				Expect(std::regex_match(option, std::regex(R"(-j\d*|-N)")),
					"an option of ctest that this test knows", option);
			place = place || option == "--preset" || option == "--test-dir";
		}
		Expect(place, "--preset or --test-dir", "neither");
	}

	void Git()
	{
		Expect(Next() == "diff" && Next() == "--no-index", "git diff --no-index",
			"another command");
		Path(Next());
		Path(Next());
	}

	// One of the project's programs, with or without folder and .exe.
	void Run(const std::string& name)
	{
		static const std::regex program(R"((.*[/\\])?(\w+?)(\.exe)?)"), digits(R"(\d+)");
		std::smatch parts;
		const std::string stem = std::regex_match(name, parts, program) ? parts[2].str() : name;
		Known("target", stem);
		if (std::find(std::begin(kModels), std::end(kModels), stem) != std::end(kModels))
		{
			Expect(words_.size() - next_ <= 2, "[port [address]]", words_.back());
			if (next_ < words_.size())
				Expect(std::regex_match(words_[next_], digits), "a port", words_[next_]);
			return;
		}
		const Program& known = FindProgram(stem);
		Expect(!known.options.empty(), "a program whose options this test knows", name);
		while (next_ < words_.size() && problem_.empty())
		{
			const std::string option = Next();
			const auto found = known.options.find(option);
			Expect(found != known.options.end(), "an option of " + known.path, option);
			if (found != known.options.end() && found->second)
				Value(known, option, Next());
		}
	}

	void Value(const Program& program, const std::string& option, const std::string& value)
	{
		static const std::set<std::string> numbers = { "--clients", "--messages", "--size",
			"--port", "--seed", "--seeds", "--soak", "--timeout", "--rounds" };
		static const std::regex digits(R"(\d+)");
		const auto models = std::vector<std::string>(std::begin(kModels), std::end(kModels));
		Expect(value.rfind("--", 0) != 0, "a value of " + option, value);
		if (numbers.count(option) != 0)
			Expect(std::regex_match(value, digits), option + " with a number", value);
		else if (option == "--model")
			Expect(Contains(models, value), "a model", value);
		else if (option == "--case")
			Expect(std::any_of(cases_.begin(), cases_.end(),
					   [&](const std::string& id) {
						   return id == value || id.rfind(value + ".", 0) == 0;
					   }),
				"a case or a group of the suite", value);
		else if (option == "--file")
			Path(value);
		else if (option == "--misbehave" || option == "--dialect")
			Expect(std::regex_search(program.usage, std::regex("\\b" + value + "\\b")),
				"a name in the usage text of " + program.path, value);
		else if (option == "--server" && std::isdigit(static_cast<unsigned char>(value[0])))
			Expect(Contains(models, value.substr(0, value.find('.'))), "a model", value);
	}

	const std::map<std::string, Lines>& facts_;
	const std::set<std::string> cases_;
	Lines words_;
	std::size_t next_ = 0;
	std::string problem_;
};

TEST_CASE("commands")
{
	static const std::regex inlined("(cmake|ctest|sh|git|client|compare|conformance|simulate) .*");
	static const std::regex path(R"((\.github|tests|client|0\d_\w+)/[\w./-]*)"),
		option("--[a-z-]+");
	const auto facts = Facts();
	Command command(facts);
	std::size_t count = 0;
	const auto judge = [&](const std::string& where, const std::string& line,
						   std::string& typedIn) {
		count++;
		const std::string problem = command.Problem(line, typedIn);
		if (!problem.empty())
			FAIL_CHECK(where << ": `" << line << "`: " << problem);
	};
	for (const Page& page : Pages())
	{
		for (const Section& section : page.sections)
		{
			for (const Block& block : section.blocks)
			{
				std::string typedIn;
				for (std::size_t i = 0; i < block.lines.size() && block.language == "sh"; i++)
					judge(At(page.source, block.line + i), block.lines[i], typedIn);
			}
			for (const Piece& span : section.spans)
			{
				std::string typedIn;
				const std::string where = At(page.source, span.line);
				if (std::regex_match(span.text, path) && !Exists(span.text))
					Fail(where, "a path that exists", span.text);
				const bool known =
					std::any_of(kPrograms.begin(), kPrograms.end(), [&](const auto& program) {
						return FindProgram(program.first).options.count(span.text) != 0;
					});
				if (std::regex_match(span.text, option) && !known)
					Fail(where, "an option of one of the programs", span.text);
				// "sh tests/wine/run.sh build/bin/" is to be completed with a name.
				if (std::regex_match(span.text, inlined) && span.text.back() != '/')
					judge(where, span.text, typedIn);
			}
		}
	}
	std::printf("%zu commands in both pages\n", count);
	if (count == 0)
		Fail("README.md", "commands", "none");
}

// What cannot be run where it is written names at least what there is.
TEST_CASE("commands of the workflow")
{
	static const std::regex line(
		R"(^\s*(- )?(run: )?((cmake|ctest|sh|build[/\\]bin[/\\]\S+) .*)$)");
	const Source source = ReadText(".github/workflows/ci.yml");
	const auto facts = Facts();
	Command command(facts);
	std::size_t count = 0;
	std::smatch parts;
	for (std::size_t i = 0; i < source.lines.size(); i++)
	{
		if (!std::regex_match(source.lines[i], parts, line))
			continue;
		count++;
		std::string typedIn;
		const std::string problem = command.Problem(parts[3], typedIn);
		if (!problem.empty())
			FAIL_CHECK(At(source, i) << ": `" << parts[3] << "`: " << problem);
	}
	std::printf("%s: %zu commands\n", source.path.c_str(), count);
	if (count == 0)
		Fail(source.path, "commands", "none");
}

// The commands that the project's own check runs are the page's, to the letter.
TEST_CASE("the test commands")
{
	const Source script = ReadText(".ci/run");
	std::size_t count = 0;
	for (const std::string& line : script.lines)
	{
		if (line.find("cmake ") == std::string::npos)
			continue;
		count++;
		const std::string command = line.substr(0, line.find(" &&", line.find("cmake ")));
		for (const Page& page : Pages())
		{
			if (!Contains(page.source.lines, command))
				Fail(page.source.path, "the line `" + command + "` of " + script.path, "none");
		}
	}
	if (count == 0)
		Fail(script.path, "commands", "none");
}

// An excerpt is of the server that is named last above it.
TEST_CASE("excerpts")
{
	static const std::regex server(R"((0\d_\w+)/server\.cpp)");
	for (const Page& page : Pages())
	{
		std::map<std::string, std::size_t> lines; // of excerpt by model
		for (const Section& section : page.sections)
		{
			for (const Block& block : section.blocks)
			{
				if (block.language != "cpp")
					continue;
				std::string model;
				for (const Piece& link : section.links)
				{
					std::smatch parts;
					if (link.line < block.line && std::regex_match(link.text, parts, server))
						model = parts[1];
				}
				const std::string where = At(page.source, block.line);
				if (model.empty())
				{
					Fail(where, "a link to a server.cpp above the excerpt", "none");
					continue;
				}
				const Source source = Read(model);
				const Lines& all = source.lines;
				const auto found =
					std::search(all.begin(), all.end(), block.lines.begin(), block.lines.end());
				lines[model] += block.lines.size();
				if (!block.lines.empty() && found != all.end())
					continue;
				const auto line = std::find_if(block.lines.begin(), block.lines.end(),
					[&](const std::string& text) { return !Contains(all, text); });
				Fail(where, "lines as they stand in " + source.path,
					line == block.lines.end() ? "another order" : "`" + *line + "`");
			}
		}
		for (const char* model : kModels)
		{
			std::printf("%s: %s: %zu lines\n", page.source.path.c_str(), model, lines[model]);
			if (lines[model] == 0)
				Fail(page.source.path, "an excerpt of " + std::string(model), "none");
		}
	}
}

// The table of a page whose first row of data starts with such a cell; an empty one if there is
// none.
const Table& FindTable(const Page& page, const std::regex& cell)
{
	static const Table none{};
	for (const Section& section : page.sections)
	{
		for (const Table& table : section.tables)
		{
			if (table.rows.size() > 1 && std::regex_match(table.rows[1][0], cell))
				return table;
		}
	}
	Fail(page.source.path, "a table of the form that this test knows", "none");
	return none;
}

void SameCells(const Page& page, const Table& table, std::size_t row, std::size_t first,
	const Lines& expected)
{
	const std::string where = page.source.path + ": the table in line " +
		std::to_string(table.line + 1) + ", row " + std::to_string(row);
	if (row >= table.rows.size() || table.rows[row].size() < first + expected.size())
	{
		Fail(where, "cells " + Joined(expected), "no such row");
		return;
	}
	for (std::size_t i = 0; i < expected.size(); i++)
	{
		const std::string& actual = table.rows[row][first + i];
		if (actual != expected[i])
			Fail(where, expected[i], actual);
	}
}

TEST_CASE("lines in common")
{
	static const std::regex pair("01, 02");
	const std::vector<Source> sources = ReadAll();
	for (const Page& page : Pages())
	{
		const Table& table = FindTable(page, pair);
		for (std::size_t i = 0; i + 1 < sources.size(); i++)
		{
			const auto [common, shorter, longer] = Align(sources[i], sources[i + 1]);
			SameCells(page, table, i + 1, 0,
				{ sources[i].model.substr(0, 2) + ", " + sources[i + 1].model.substr(0, 2),
					std::to_string(common), std::to_string(shorter) + " %",
					std::to_string(longer) + " %" });
		}
	}
}

TEST_CASE("lines of the files")
{
	static const std::regex first(R"(1\.2 .*)");
	const std::vector<Source> sources = ReadAll();
	for (const Page& page : Pages())
	{
		for (std::size_t i = 0; i < sources.size(); i++)
			SameCells(page, FindTable(page, first), i + 1, 1,
				{ "[`" + sources[i].model + "`](" + sources[i].path + ")",
					std::to_string(sources[i].lines.size()) });
	}
}

TEST_CASE("calls per echo")
{
	static const std::regex model("`01_blocking`");
	const auto facts = Facts();
	const Lines& costs = facts.at("cost");
	if (costs.size() != std::size(kModels))
		Fail(factsPath, std::to_string(std::size(kModels)) + " costs",
			std::to_string(costs.size()));
	for (const Page& page : Pages())
	{
		for (std::size_t i = 0; i < costs.size(); i++)
		{
			std::istringstream stream(costs[i]);
			std::string name, one, sixteen, sixty;
			stream >> name >> one >> sixteen >> sixty;
			SameCells(page, FindTable(page, model), i + 1, 0, { "`" + name + "`" });
			SameCells(page, FindTable(page, model), i + 1, 5, { one + ", " + sixty });
		}
	}
}

// Errata are those that a comment of a server names, cases those of the suite; and there are as
// many cases as the page says.
TEST_CASE("ids")
{
	static const std::regex id(R"(\b[CE]\d+[.-]\d+\b)"), count(R"((\d+) cases|항목은 (\d+)개)");
	const std::set<std::string> cases = Cases(Facts());
	std::set<std::string> known = cases;
	for (const Source& source : ReadAll())
	{
		for (const std::string& found : Matches(source.text, id))
			known.insert(found);
	}
	for (const Page& page : Pages())
	{
		std::size_t ids = 0;
		for (std::size_t i = 0; i < page.source.lines.size(); i++)
		{
			for (const std::string& found : Matches(page.source.lines[i], id))
			{
				ids++;
				if (known.count(found) == 0)
					Fail(At(page.source, i), "an id of a case or an erratum", found);
			}
		}
		std::printf("%s: %zu ids\n", page.source.path.c_str(), ids);
		Lines counts;
		for (const std::string& found : Matches(page.source.text, count))
			counts.push_back(Numbers(found)[0]);
		if (counts != Lines{ std::to_string(cases.size()) })
			Fail(page.source.path, "once the number of cases, " + std::to_string(cases.size()),
				Joined(counts));
	}
}

} // namespace

int main(int argc, char** argv)
{
	if (argc < 3)
	{
		std::fprintf(stderr, "Usage: readme FOLDER FACTS\n");
		return 2;
	}
	folder = argv[1];
	factsPath = argv[2];
	doctest::Context context(argc, argv);
	return context.run();
}

// What must hold for the five servers as texts: aligned with each other, readable, free-standing.
#include "text.h"

#include "echo/models.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace
{
using namespace text;

// A function has one body in all files, but for these: on the page, too, each model has its own.
const std::set<std::string> kOwnBodies = { "int main", "BOOL AddSocketInfo",
	"void RemoveSocketInfo" };

const std::vector<Source>& Servers()
{
	static const std::vector<Source> servers = [] {
		std::vector<Source> read;
		for (const echo::Model& model : echo::kModels)
			read.push_back(Read(std::string(model.name) + "/server.cpp"));
		return read;
	}();
	return servers;
}

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

TEST_CASE("size, width and headers")
{
	for (const Source& source : Servers())
	{
		CHECK_MESSAGE(source.lines.size() <= 400, source.path, ": more than 400 lines");
		for (std::size_t i = 0; i < source.lines.size(); i++)
		{
			const std::string& line = source.lines[i];
			CHECK_MESSAGE(Width(line) <= 100, source.At(i), ": wider than 100 columns");
			CHECK_MESSAGE(!line.starts_with("#include \""), source.At(i), ": a header of ours");
		}
	}
}

// A function's braces stand in the first column, and its signature in the line above them.
TEST_CASE("shared-functions")
{
	std::map<std::string, std::pair<std::string, Lines>> functions; // where, and the lines
	for (const Source& source : Servers())
	{
		for (std::size_t i = 1; i < source.lines.size(); i++)
		{
			const std::string& signature = source.lines[i - 1];
			const std::string name = signature.substr(0, signature.find('('));
			if (source.lines[i] != "{" || name == signature || kOwnBodies.contains(name))
				continue;
			const auto begin = source.lines.begin() + static_cast<std::ptrdiff_t>(i) - 1;
			const Lines lines(begin, std::find(begin, source.lines.end(), "}"));
			const auto& [other, body] =
				functions.emplace(name, std::pair(source.At(i - 1), lines)).first->second;
			const auto [line, expected] =
				std::mismatch(lines.begin(), lines.end(), body.begin(), body.end());
			CHECK_MESSAGE(lines == body, source.At(i - 1), ": ", name, " has another body than at ",
				other, ", from its line ", line - lines.begin() + 1, " on");
		}
	}
	CHECK(functions.size() > 3);
}

TEST_CASE("head-comment")
{
	for (const Source& source : Servers())
	{
		const auto begin = source.lines.begin();
		const auto end = std::find_if(begin, source.lines.end(),
			[](const std::string& line) { return !line.starts_with("//"); });
		CHECK_MESSAGE((end != begin && end - begin <= 12), source.path,
			": expected a head comment of 1 to 12 lines, actual ", end - begin);

		const std::string program = source.path.substr(0, source.path.find('/')) + ".exe";
		for (const std::string command : { "//   cl ", "//   g++ " })
		{
			const auto count = std::count_if(begin, end, [&](const std::string& line) {
				return line.starts_with(command) &&
					line.find(" server.cpp ") != std::string::npos &&
					line.find(program) != std::string::npos;
			});
			CHECK_MESSAGE(count == 1, source.path, ": expected one line \"", command,
				"... server.cpp ... ", program, "\", actual ", count);
		}
	}
}

} // namespace

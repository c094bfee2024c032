// compare: what is made of the values, its arguments, and short runs of the program itself.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "figures.h"
#include "files.h"
#include "multi_client.h"
#include "server_process.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace
{
using namespace echo;
namespace fs = std::filesystem;

const std::string kCsvHead = "model,metric,clients,median,min,max,unit";

// The values for every model and number of clients of a metric.
void AddAll(Figures& figures, Metric metric, const std::vector<double>& values = { 3, 1, 2 })
{
	for (const Model& model : Models())
	{
		for (const unsigned clients : Info(metric).clients)
		{
			for (const double value : values)
				figures.Add(model, metric, clients, value);
		}
	}
}

Figures AllFigures(const std::vector<double>& values = { 3, 1, 2 })
{
	Figures figures;
	for (const MetricInfo& info : Metrics())
		AddAll(figures, info.metric, values);
	return figures;
}

std::vector<std::string> Split(const std::string& text, char separator)
{
	std::vector<std::string> parts;
	std::istringstream stream(text);
	for (std::string part; std::getline(stream, part, separator);)
		parts.push_back(part);
	return parts;
}

// The answer to the claim whose English has these words in it.
std::string AnswerTo(const Figures& figures, const std::string& words)
{
	const std::string text = Answers(figures, 10000);
	const std::size_t claim = text.find(words);
	REQUIRE_MESSAGE(claim != std::string::npos, "no claim says: ", words);
	const std::size_t answer = text.find("-> ", claim) + 3;
	return text.substr(answer, text.find('\n', answer) - answer);
}

// Whether every tag that is opened is closed, in the right order, and attributes stand in quotes.
bool IsWellFormed(const std::string& xml)
{
	std::vector<std::string> open;
	std::size_t end = 0;
	for (std::size_t start; (start = xml.find('<', end)) != std::string::npos;)
	{
		end = xml.find('>', start);
		if (end == std::string::npos)
			return false;
		const std::string tag = xml.substr(start + 1, end - start - 1);
		const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
		if (std::ranges::count(tag, '"') % 2 != 0 || tag.find('<') != std::string::npos)
			return false;
		if (tag[0] != '/' && tag.back() != '/')
			open.push_back(name);
		else if (tag[0] == '/')
		{
			if (open.empty() || "/" + open.back() != name)
				return false;
			open.pop_back();
		}
	}
	return open.empty() && end != 0;
}

// A line for every model that ran and every metric and number of clients, plausible values.
void CheckCsv(const std::string& csv, std::size_t models, bool calls)
{
	std::size_t wanted = 1;
	for (const MetricInfo& info : Metrics())
		wanted += info.metric == Metric::Calls && !calls ? 0 : models * info.clients.size();
	const std::vector<std::string> lines = Split(csv, '\n');
	REQUIRE(lines.size() == wanted);
	CHECK(lines.front() == kCsvHead);
	for (std::size_t i = 1; i < lines.size(); i++)
	{
		CAPTURE(lines[i]);
		const std::vector<std::string> cells = Split(lines[i], ',');
		REQUIRE(cells.size() == 7);
		const double median = std::stod(cells[3]);
		CHECK(std::stod(cells[4]) >= 0);
		CHECK(std::stod(cells[4]) <= median);
		CHECK(std::stod(cells[5]) >= median);
		// What a server does takes some time and memory; its share of a clock tick may be none.
		if (!cells[1].starts_with("cpu"))
			CHECK(median > 0);
	}
}

// A folder for a test.
struct Folder
{
	const fs::path path =
		fs::temp_directory_path() / ("compare_tests_" + std::to_string(GetCurrentProcessId()));

	Folder()
	{
		fs::create_directory(path);
	}
	~Folder()
	{
		std::error_code ignored;
		fs::remove_all(path, ignored);
	}

	std::string operator/(const char* name) const
	{
		return (path / name).string();
	}
};

// The compare of that folder must end with the exit code; gives all that it has written.
std::string RunCompare(DWORD code, const std::vector<std::string>& arguments,
	const fs::path& folder = OwnFolder())
{
	ServerProcess compare(folder / "compare.exe", arguments);
	const auto ended = compare.WaitExit(Deadline::After(milliseconds(100000)));
	const std::string output = compare.Stdout() + compare.Stderr();
	CAPTURE(output);
	REQUIRE(ended.has_value());
	CHECK(*ended == code);
	return output;
}

} // namespace

TEST_CASE("percentile")
{
	std::vector<Duration> values;
	CHECK(Percentile(values, 0.5).count() == 0);
	for (int i = 100; i >= 1; i--)
		values.emplace_back(i);
	CHECK(Percentile(values, 0).count() == 1);
	CHECK(Percentile(values, 0.5).count() == 50);
	CHECK(Percentile(values, 1).count() == 100);
	values.emplace_back(1000);
	CHECK(Percentile(values, 0.99).count() == 100);
}

TEST_CASE("median")
{
	const struct
	{
		double median, min, max;
		std::vector<double> values;
	} rows[] = { { 5, 1, 9, { 9, 1, 5 } }, { 3, 1, 9, { 4, 1, 2, 9 } }, { 6, 6, 6, { 6 } } };
	for (const auto& row : rows)
	{
		Figures figures;
		for (const double value : row.values)
			figures.Add(Models()[0], Metric::Rate, 1, value);
		const Summary summary = *figures.Of(Models()[0], Metric::Rate, 1);
		CHECK(summary.median == row.median);
		CHECK(summary.min == row.min);
		CHECK(summary.max == row.max);
	}
}

TEST_CASE("numbers for people")
{
	const struct
	{
		double value;
		const char* text;
	} rows[] = { { 0, "0" }, { 98.76, "98.8" }, { 0.04123, "0.041" }, // no wider than 0.412
		{ 0.4123, "0.412" }, { 2.0167, "2.02" }, { 999.6, "1000" }, { 43210.6, "43211" } };
	for (const auto& row : rows)
		CHECK(Short(row.value) == row.text);
}

TEST_CASE("table and answers fit 100 columns")
{
	const Figures wide = AllFigures({ 12345.6, 10234.6, 98765.4 });
	const std::string table = Table(wide);
	CHECK(table.find("12346 (10235-98765)") != std::string::npos);
	for (const std::string& line : Split(table + Answers(wide, 100), '\n'))
	{
		CAPTURE(line);
		std::size_t columns = 0; // a Hangul syllable has three bytes and takes two columns
		for (const char c : line)
			columns += (c & 0xC0) == 0x80 ? 0 : (c & 0x80) != 0 ? 2 : 1;
		CHECK(columns <= 100);
	}
	CHECK(Shown(Figures(), Models()[0], Metric::Rate, 1) == "-");
	CHECK(Shown(wide, Models()[1], Metric::Calls, 16).back() == '+');
}

TEST_CASE("csv")
{
	CheckCsv(Csv(AllFigures()), Models().size(), true);
	CHECK(Csv(Figures()) == kCsvHead + "\n");
	Figures one;
	for (const double value : { 0.5, 0.25, 1.0 })
		one.Add(Models()[4], Metric::Latency, 60, value);
	CHECK(Csv(one) == kCsvHead + "\n05_eventselect,latency_median,60,0.5000,0.2500,1.0000,ms\n");
}

TEST_CASE("svg")
{
	const std::string platform = "Windows \"<10>\" & more \xEA";
	for (const Figures& figures : { AllFigures(), Figures() })
		CHECK(IsWellFormed(Svg(figures, 3, platform)));
	CHECK(Svg(AllFigures(), 3, platform).find("&lt;10>\" &amp; more ?") != std::string::npos);
	CHECK_FALSE(IsWellFormed("<a><b></a>")); // the check finds faults
	CHECK_FALSE(IsWellFormed(""));
}

TEST_CASE("answers")
{
	const std::string nothing = Answers(Figures(), 100);
	CHECK(nothing.find("yes") == std::string::npos);
	CHECK(nothing.find("-> not measured\n") != std::string::npos);
	CHECK(Answers(AllFigures(), 100).find("not measured") == std::string::npos);

	// Each answer follows the figures: both ways, and neither.
	const std::string neither = "no difference beyond the noise here: ";
	const Figures alike = AllFigures();
	CHECK(AnswerTo(alike, "higher CPU use").starts_with(neither));
	CHECK(AnswerTo(alike, "perform worse").starts_with(neither));
	for (const char* words : { "very low", "removes the drawbacks", "one client at a time",
			 "64 sockets at the most", "without a limit" })
		CHECK_MESSAGE(AnswerTo(alike, words).starts_with("not here: "), words);

	for (const double shift : { -1000.0, 1000.0 }) // 02 a little slower, then a little faster
	{
		Figures overlapping;
		for (const Model& model : Models())
		{
			for (const double rate : { 2000.0, 4000.0 })
				overlapping.Add(model, Metric::Rate, 1, rate + (model.spins ? shift : 0));
		}
		CHECK(AnswerTo(overlapping, "perform worse").starts_with(neither));
	}

	const auto made = [](double spinning, double blockingRate) {
		Figures figures;
		AddAll(figures, Metric::CpuPerTrips);
		AddAll(figures, Metric::Wait);
		for (const Model& model : Models())
		{
			figures.Add(model, Metric::CpuIdle, 1, model.spins ? spinning : 0.5);
			figures.Add(model, Metric::Rate, 1, model.spins ? 1000 : blockingRate);
			const double places = model.iterative ? 1 : model.capacity;
			figures.Add(model, Metric::AtOnce, kStayingClients, places == 0 ? 80 : places);
		}
		return figures;
	};
	const Figures asClaimed = made(98, 2000);
	CHECK(AnswerTo(asClaimed, "higher CPU use")
			  .starts_with("yes: with one idle client 02 uses 98 % of a core, 01 0.5 %; for 1000 "
						   "round trips 02 uses "
						   "2 (1-3) ms, 01 2 (1-3) ms"));
	for (const char* words : { "perform worse", "very low", "CPU use is low",
			 "removes the drawbacks", "one client at a time", "64 sockets at the most",
			 "without a limit", "several sockets" })
		CHECK_MESSAGE(AnswerTo(asClaimed, words).starts_with("yes: "), words);

	const Figures otherWay = made(0.1, 500);
	for (const char* words : { "higher CPU use", "perform worse" })
		CHECK(AnswerTo(otherWay, words).starts_with("not here, the other way round: "));
	for (const char* words : { "very low", "removes the drawbacks" })
		CHECK(AnswerTo(otherWay, words).starts_with("not here: "));
}

TEST_CASE("arguments")
{
	const struct
	{
		DWORD code;
		const char* text;
		std::vector<std::string> arguments;
	} rows[] = {
		{ 0, kCsvHead.c_str(), { "--help" } },
		{ 2, "unknown option '--bogus'", { "--bogus" } },
		{ 2, "--rounds: expected a number from 1 to 1000, got '0'", { "--rounds", "0" } },
		{ 2, "--length: expected a number from 10 to 60000, got 'x'", { "--length", "x" } },
		{ 2, "cannot read the file 'nowhere'", { "--file", "nowhere" } },
		{ 2, "cannot write the file 'nowhere/x.csv'", { "--csv", "nowhere/x.csv" } },
		{ 2, "cannot write the file '.'", { "--svg", "." } },
		{ 2, "both name the file 'x'", { "--csv", "x", "--svg", "x" } },
	};
	for (const auto& row : rows)
	{
		CAPTURE(row.text);
		CHECK(RunCompare(row.code, row.arguments).find(row.text) != std::string::npos);
	}
}

// Once with all programs, once without one of the servers and without simulate.
TEST_CASE("a run")
{
	const Folder folder;
	const std::string csv = folder / "run.csv", svg = folder / "run.svg";
	const std::vector<std::string> arguments = { "--clients", "3", "--rounds", "1", "--length",
		"10", "--csv", csv, "--svg", svg };
	CHECK(RunCompare(0, arguments).find("The document's sentences") != std::string::npos);
	CheckCsv(ReadFileBytes(csv), 5, true);
	CHECK(IsWellFormed(ReadFileBytes(svg)));

	for (const char* name : { "compare.exe", "01_blocking.exe", "02_nonblocking.exe",
			 "04_asyncselect.exe", "05_eventselect.exe" })
		fs::copy_file(OwnFolder() / name, folder.path / name);
	const std::string output = RunCompare(1, arguments, folder.path);
	CHECK(output.find("03_select: no such program") != std::string::npos);
	CHECK(output.find("No calls per echo: no such program") != std::string::npos);
	CheckCsv(ReadFileBytes(csv), 4, false);
}

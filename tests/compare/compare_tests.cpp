// compare: what is made of the values, its arguments, and short runs of the program itself.
#include "claims.h"
#include "figures.h"
#include "files.h"
#include "multi_client.h"
#include "server_process.h"
#include "svg.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
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

// Every model, metric and number of clients once, plausible values.
void CheckCsv(const std::string& csv, bool calls)
{
	const std::vector<std::string> lines = Split(csv, '\n');
	REQUIRE(!lines.empty());
	CHECK(lines.front() == kCsvHead);
	std::multiset<std::string> found, wanted;
	for (std::size_t i = 1; i < lines.size(); i++)
	{
		CAPTURE(lines[i]);
		const std::vector<std::string> cells = Split(lines[i], ',');
		REQUIRE(cells.size() == 7);
		found.insert(cells[0] + " " + cells[1] + " " + cells[2]);
		const double median = std::stod(cells[3]);
		CHECK(std::stod(cells[4]) >= 0);
		CHECK(std::stod(cells[4]) <= median);
		CHECK(std::stod(cells[5]) >= median);
		// What a server does takes some time and memory; its share of a clock tick may be none.
		if (!cells[1].starts_with("cpu"))
			CHECK(median > 0);
	}
	for (const Model& model : Models())
	{
		for (const MetricInfo& info : Metrics())
		{
			for (const unsigned clients : info.clients)
			{
				if (info.metric != Metric::Calls || calls)
					wanted.insert(
						std::string(model.name) + " " + info.id + " " + std::to_string(clients));
			}
		}
	}
	CHECK(found == wanted);
}

// A folder for a test, with copies of programs in it.
class Folder
{
public:
	explicit Folder(const std::vector<std::string>& programs = {})
		: path_(fs::temp_directory_path() /
			  ("compare_tests_" + std::to_string(GetCurrentProcessId())))
	{
		fs::create_directory(path_);
		for (const std::string& program : programs)
			fs::copy_file(OwnFolder() / program, path_ / program);
	}
	~Folder()
	{
		std::error_code ignored;
		fs::remove_all(path_, ignored);
	}
	Folder(const Folder&) = delete;
	Folder& operator=(const Folder&) = delete;

	std::string operator/(const char* name) const
	{
		return (path_ / name).string();
	}

private:
	fs::path path_;
};

// compare must end with the exit code; gives all that it has written.
std::string RunCompare(DWORD code, const std::vector<std::string>& arguments)
{
	ServerProcess compare(OwnFolder() / "compare.exe", arguments);
	const auto ended = compare.WaitExit(Deadline::After(milliseconds(100000)));
	const std::string output = compare.Stdout() + compare.Stderr();
	CAPTURE(output);
	REQUIRE(ended.has_value());
	CHECK(*ended == code);
	return output;
}

std::string ShortRun(DWORD code, std::vector<std::string> arguments)
{
	for (const char* argument :
		{ "--clients", "3", "--messages", "4", "--rounds", "1", "--length", "10" })
		arguments.push_back(argument);
	return RunCompare(code, arguments);
}

std::vector<std::string> Servers()
{
	std::vector<std::string> servers;
	for (const Model& model : Models())
		servers.push_back(std::string(model.name) + ".exe");
	return servers;
}

} // namespace

TEST_CASE("percentile")
{
	CHECK(Percentile(std::vector<double>{}, 0.5) == 0);
	CHECK(Percentile(std::vector<double>{ 7 }, 0.99) == 7);
	CHECK(Percentile(std::vector<double>{ 3, 1, 2 }, 0.5) == 2);
	std::vector<double> hundred;
	for (int i = 100; i >= 1; i--)
		hundred.push_back(i);
	CHECK(Percentile(hundred, 0.5) == 50);
	CHECK(Percentile(hundred, 0.99) == 99);
	CHECK(Percentile(hundred, 1) == 100);
	CHECK(Percentile(hundred, 0) == 1);
	hundred.push_back(1000);
	CHECK(Percentile(hundred, 0.99) == 100);
}

TEST_CASE("median")
{
	const Summary odd = Summarize({ 9, 1, 5 });
	CHECK(odd.median == 5);
	CHECK(odd.min == 1);
	CHECK(odd.max == 9);
	CHECK(Summarize({ 4, 1, 2, 9 }).median == 3);
	CHECK(Summarize({ 6 }).median == 6);
	CHECK_THROWS_AS(Summarize({}), std::logic_error);
}

TEST_CASE("numbers for people")
{
	CHECK(Short(0) == "0");
	CHECK(Short(98.76) == "98.8");
	CHECK(Short(0.04123) == "0.041"); // no wider than 0.412
	CHECK(Short(0.4123) == "0.412");
	CHECK(Short(2.0167) == "2.02");
	CHECK(Short(999.6) == "1000");
	CHECK(Short(43210.6) == "43211");
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

TEST_CASE("calls per echo")
{
	std::string csv = "model,clients,call,calls_per_echo\r\n";
	for (const Model& model : Models())
	{
		for (const char* row : { ",1,recv,1.000\r\n", ",1,total,3.000\r\n", ",16,total,2.062\r\n",
				 ",60,total,2.017\r\n" })
			csv += model.name + std::string(row);
	}
	Figures figures;
	REQUIRE(AddCalls(csv, figures));
	CHECK(figures.Of(Models()[2], Metric::Calls, 60)->median == 2.017);
	CHECK(figures.Of(Models()[0], Metric::Calls, 1)->median == 3);
	for (const std::string& wrong :
		{ std::string(), csv.substr(0, csv.find("05_")), csv.substr(0, csv.size() - 9) })
	{
		Figures none;
		CHECK_FALSE(AddCalls(wrong, none));
		CHECK_FALSE(none.Of(Models()[0], Metric::Calls, 1).has_value());
	}
}

TEST_CASE("csv")
{
	CheckCsv(Csv(AllFigures()), true);
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

TEST_CASE("output file")
{
	const Folder folder;
	const std::string name = folder / "figures.csv";
	OutputFile(name).Write("one, and more\n");
	{
		OutputFile file(name);
		CHECK(ReadFileBytes(name) == "one, and more\n"); // until there is something to write
		file.Write("two\r\n");
	}
	CHECK(ReadFileBytes(name) == "two\r\n");
	CHECK_THROWS_AS(OutputFile(folder / "."), UsageError);
	CHECK_THROWS_AS(OutputFile(folder / "none/figures.csv"), UsageError);
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
		{ 2, "--bin: no such folder: 'nowhere'", { "--bin", "nowhere" } },
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

TEST_CASE("a run")
{
	const Folder folder;
	const std::string csv = folder / "run.csv", svg = folder / "run.svg";
	const std::string output = ShortRun(0, { "--csv", csv, "--svg", svg });
	CHECK(output.find("The document's sentences") != std::string::npos);
	CheckCsv(ReadFileBytes(csv), true);
	CHECK(IsWellFormed(ReadFileBytes(svg)));
}

TEST_CASE("a run without simulate")
{
	const Folder folder(Servers());
	const std::string csv = folder / "run.csv";
	const std::string output = ShortRun(0, { "--bin", folder / ".", "--csv", csv });
	CHECK(output.find("No calls per echo: no such program") != std::string::npos);
	CheckCsv(ReadFileBytes(csv), false);
}

TEST_CASE("a run without a server")
{
	std::vector<std::string> servers = Servers();
	std::erase(servers, "03_select.exe");
	const Folder folder(servers);
	CHECK(ShortRun(1, { "--bin", folder / "." }).find("03_select: no such program") !=
		std::string::npos);
}

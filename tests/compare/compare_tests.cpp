// compare: what is made of the values, its arguments, and short runs of the program itself.
#include "figures.h"
#include "echo/files.h"
#include "echo/multi_client.h"
#include "echo/options.h"
#include "echo/server_process.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace
{
using namespace echo;
namespace fs = std::filesystem;

const std::string kCsvHead = "model,metric,clients,median,min,max,unit";

// The values for every model, metric and number of clients.
Figures AllFigures(const std::vector<double>& values)
{
	Figures figures;
	for (const Model& model : kModels)
	{
		for (const MetricInfo& info : Metrics())
		{
			for (const unsigned clients : info.clients)
			{
				for (const double value : values)
					figures.Add(model, info.metric, clients, value);
			}
		}
	}
	return figures;
}

// What the document's answers depend on: the CPU that 02 uses while idle, where the others use 0.5
// %, and the round trips per second of 01 and of 02 with one client.
Figures MadeFigures(double spinning, const std::vector<double>& blockingRates,
	const std::vector<double>& spinningRates)
{
	Figures figures;
	for (const Model& model : kModels)
	{
		figures.Add(model, Metric::CpuIdle, 1, model.spins ? spinning : 0.5);
		for (const double rate : model.spins ? spinningRates : blockingRates)
			figures.Add(model, Metric::Rate, 1, rate);
		const unsigned places = model.iterative ? 1 : model.capacity;
		figures.Add(model, Metric::AtOnce, kStayingClients, places == 0 ? kStayingClients : places);
		for (const unsigned clients : { 1, 60 })
		{
			figures.Add(model, Metric::CpuPerTrips, clients, 2);
			figures.Add(model, Metric::Wait, clients, 2);
		}
	}
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

// A line for every model that ran and every metric and number of clients, plausible values.
void CheckCsv(const std::string& csv, std::size_t models, bool calls)
{
	std::size_t wanted = 1;
	for (const MetricInfo& info : Metrics())
		wanted += info.metric == Metric::Calls && !calls ? 0 : models * info.clients.size();
	std::vector<std::string> lines = Split(csv, '\n');
	REQUIRE(lines.size() == wanted);
	CHECK(lines.front() == kCsvHead);
	lines.erase(lines.begin());
	for (const std::string& line : lines)
	{
		CAPTURE(line);
		const std::vector<std::string> cells = Split(line, ',');
		REQUIRE(cells.size() == 7);
		// What a server does takes some time and memory; its share of a clock tick may be none.
		CHECK(std::stod(cells[3]) >= (cells[1].starts_with("cpu") ? 0 : 0.0001));
		CHECK(std::stod(cells[3]) >= std::stod(cells[4]));
		CHECK(std::stod(cells[3]) <= std::stod(cells[5]));
	}
}

// The compare of that folder must end with the exit code; gives all that it has written.
std::string RunCompare(DWORD code, const std::vector<std::string>& arguments,
	const fs::path& folder = OwnFolder())
{
	ServerProcess compare(folder / "compare.exe", arguments);
	const auto ended = compare.WaitExit(Deadline::After(milliseconds(300000)));
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
	CHECK(Shown(Figures(), kModels[0], Metric::Rate, 1) == "-");
	CHECK(Shown(wide, kModels[1], Metric::Calls, 16).back() == '+');
}

TEST_CASE("csv")
{
	CHECK(Csv(Figures()) == kCsvHead + "\n");
	Figures one;
	for (const double value : { 0.5, 0.25, 1.0 })
		one.Add(kModels[4], Metric::Latency, 60, value);
	const std::string start = kCsvHead + "\n05_eventselect,latency_median,60,";
	CHECK(Csv(one) == start + "0.5000,0.2500,1.0000,ms\n");
	one.Add(kModels[4], Metric::Latency, 60, 0.75); // the mean of the two in the middle
	CHECK(Csv(one) == start + "0.6250,0.2500,1.0000,ms\n");
}

// Each answer follows the figures: both ways, and neither.
TEST_CASE("answers")
{
	const char* const neither = "no difference beyond the noise here: ";
	const Figures alike = AllFigures({ 3, 1, 2 });
	const Figures asClaimed = MadeFigures(98, { 2000 }, { 1000 });
	const Figures otherWay = MadeFigures(0.1, { 500 }, { 1000 });
	const struct
	{
		Figures figures;
		const char* answer;
		std::vector<const char*> claims;
	} rows[] = {
		{ Figures(), "not measured", { "few resources", "higher CPU use", "as few as possible" } },
		{ alike, "memory with no client, and with 60: 03 2 (1-3) and 2 (1-3) MiB",
			{ "few resources" } },
		{ alike, "Winsock calls per echo", { "as few as possible" } },
		{ alike, neither, { "higher CPU use", "perform worse" } },
		{ alike, "not here: ",
			{ "very low", "removes the drawbacks", "one client at a time", "64 sockets at the most",
				"without a limit" } },
		{ MadeFigures(98, { 2000, 4000 }, { 1000, 3000 }), neither, { "perform worse" } },
		{ MadeFigures(98, { 2000, 4000 }, { 3000, 5000 }), neither, { "perform worse" } },
		{ asClaimed,
			"yes: with one idle client 02 uses 98 % of a core, 01 0.5 %; for 1000 round trips",
			{ "higher CPU use" } },
		{ asClaimed, "yes: ",
			{ "perform worse", "very low", "CPU use is low", "removes the drawbacks",
				"one client at a time", "64 sockets at the most", "without a limit",
				"several sockets" } },
		{ otherWay, "not here, the other way round: ", { "higher CPU use", "perform worse" } },
		{ otherWay, "not here: ", { "very low", "removes the drawbacks" } },
	};
	for (const auto& row : rows)
	{
		for (const char* claim : row.claims)
		{
			CAPTURE(claim);
			CHECK(AnswerTo(row.figures, claim).starts_with(row.answer));
		}
	}
}

// The forms of an option that the programs have, and what is wrong with a command line.
TEST_CASE("options")
{
	std::string given;
	bool flag = false;
	unsigned number = 0;
	const auto add = [&given](const std::string& value) { given += "<" + value + ">"; };
	const Program program{ "program", "usage\n",
		{ { "--flag", "", "no value", Flag(flag) }, { "--number", "N", "", Number(number, 1, 9) },
			{ "-tc=", "NAME", "two\nlines", add }, { "--", "REST", "", add } },
		"notes\n" };
	Parse(program, { "--number", "9", "--flag", "-tc=x=y", "-tc=", "--", "--flag", "--", "" });
	CHECK(flag);
	CHECK(number == 9);
	CHECK(given == "<x=y><><--flag><--><>");
	CHECK(Help(program) ==
		"usage\n\n  --flag      no value\n  --number N  \n  -tc=NAME    two\n              lines\n"
		"  -- REST     \n  --help      print this\n\nnotes\n");
	CHECK_THROWS_WITH(Parse(program, { "--number" }), "--number: a value is missing");
	CHECK_THROWS_WITH(Parse(program, { "--number", "10" }),
		"--number: expected a number from 1 to 9, got '10'");
	CHECK_THROWS_WITH(Parse(program, { "--number=9" }), "unknown option '--number=9'");
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
		{ 2, "cannot write the file '.'", { "--csv", "." } },
	};
	for (const auto& row : rows)
	{
		CAPTURE(row.text);
		CHECK(RunCompare(row.code, row.arguments).find(row.text) != std::string::npos);
	}
}

// Once with all programs, once with the last server only and without simulate.
TEST_CASE("a run")
{
	const std::vector<std::string> arguments = { "--clients", "3", "--rounds", "1", "--length",
		"10", "--csv", "run.csv" };
	CHECK(RunCompare(0, arguments).find("The document's claims") != std::string::npos);
	CheckCsv(ReadFileBytes("run.csv"), 5, true);

	const fs::path folder = "not_all_programs";
	fs::remove_all(folder);
	fs::create_directory(folder);
	for (const char* name : { "compare.exe", "05_eventselect.exe" })
		fs::copy_file(OwnFolder() / name, folder / name);
	const std::string output = RunCompare(1, arguments, folder);
	CHECK(output.find("01_blocking: no such program") != std::string::npos);
	CHECK(output.find("04_asyncselect: no such program") != std::string::npos);
	CHECK(output.find("No calls per echo: no such program") != std::string::npos);
	CheckCsv(ReadFileBytes("run.csv"), 1, false);
}

// The parts of compare: what is made of the values, and the files.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "claims.h"
#include "figures.h"
#include "multi_client.h"
#include "output_file.h"
#include "svg.h"

#include <doctest/doctest.h>

#include <objbase.h>
#include <xmllite.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace
{
using namespace echo;

const char* const kCost =
	"Calls for each echoed message, all clients sending at once. 02 spins: it makes the\n"
	"recv() that finds nothing not once, but as often as it can.\r\n"
	"\n"
	"clients                1      16      60   at 60\r\n"
	"01_blocking         2.00    2.00    2.00   recv 1, send 1\r\n"
	"02_nonblocking      3.00    3.00    3.00   recv 2, send 1\r\n"
	"03_select           3.00    2.06    2.02   recv 1, send 1, select 0.0167\r\n"
	"04_asyncselect      4.00    4.00    4.00   recv 1, send 1, GetMessage 1\r\n"
	"05_eventselect      4.00    4.00    4.00   recv 1, send 1\r\n";

// The same three values, times a factor, for every model and number of clients of a metric.
void AddAll(Figures& figures, Metric metric, double factor = 1)
{
	for (const MetricInfo& info : Metrics())
	{
		if (info.metric != metric)
			continue;
		for (const Model& model : Models())
		{
			for (const unsigned clients : info.clients)
			{
				for (const double value : { 3.0, 1.0, 2.0 })
					figures.Add(model, metric, clients, value * factor);
			}
		}
	}
}

Figures AllFigures()
{
	Figures figures;
	for (const MetricInfo& info : Metrics())
		AddAll(figures, info.metric);
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

std::string ReadWhole(const std::string& file)
{
	std::ifstream in(file, std::ios::binary);
	REQUIRE_MESSAGE(in.is_open(), "cannot read ", file);
	return { std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>() };
}

// How the answer to the claim begins whose English has this in it.
std::string AnswerTo(const Figures& figures, const std::string& words)
{
	for (const Claim& claim : Answers(figures))
	{
		if (std::string(claim.english).find(words) != std::string::npos)
			return claim.answer;
	}
	FAIL("no claim says: ", words);
	return "";
}

struct Xml
{
	std::multiset<std::string> elements; // their names
	std::string fault;                   // empty: it is well-formed
};

// Reads an XML text with the system's own reader.
Xml ReadXml(const std::string& text)
{
	// No import library: not every MinGW has one.
	using CreateReader = HRESULT(WINAPI*)(REFIID, void**, IMalloc*);
	const HMODULE library = LoadLibraryW(L"xmllite.dll");
	REQUIRE_MESSAGE(library != nullptr, "this system has no xmllite.dll");
	const auto createReader = reinterpret_cast<CreateReader>(
		reinterpret_cast<void*>(GetProcAddress(library, "CreateXmlReader")));
	const bool found = createReader != nullptr;
	REQUIRE(found);
	static const IID readerId = { 0x7279FC81, 0x709D, 0x4095,
		{ 0xB6, 0x3D, 0x69, 0xFE, 0x4B, 0x0D, 0x90, 0x30 } };
	void* created = nullptr;
	REQUIRE(createReader(readerId, &created, nullptr) == S_OK);
	const auto reader = static_cast<IXmlReader*>(created);

	IStream* stream = nullptr;
	REQUIRE(CreateStreamOnHGlobal(nullptr, TRUE, &stream) == S_OK);
	REQUIRE(stream->Write(text.data(), static_cast<ULONG>(text.size()), nullptr) == S_OK);
	REQUIRE(stream->Seek(LARGE_INTEGER{}, STREAM_SEEK_SET, nullptr) == S_OK);
	REQUIRE(reader->SetInput(stream) == S_OK);

	Xml xml;
	XmlNodeType type = XmlNodeType_None;
	HRESULT result = S_OK;
	while ((result = reader->Read(&type)) == S_OK)
	{
		const wchar_t* name = nullptr;
		UINT length = 0;
		if (type != XmlNodeType_Element || reader->GetLocalName(&name, &length) != S_OK)
			continue;
		std::string narrow;
		for (UINT i = 0; i < length; i++)
			narrow += static_cast<char>(name[i]); // the names of SVG are ASCII
		xml.elements.insert(narrow);
	}
	UINT line = 0;
	reader->GetLineNumber(&line);
	if (result != S_FALSE) // the end
		xml.fault = "line " + std::to_string(line) + ": error " + std::to_string(result);
	reader->Release();
	stream->Release();
	return xml;
}

void CheckSvg(const std::string& svg)
{
	const auto [elements, fault] = ReadXml(svg);
	CHECK_MESSAGE(fault.empty(), "expected well-formed XML, got a fault in ", fault);
	CHECK(elements.count("svg") == 1);
	CHECK(elements.count("title") == 1);
	CHECK(elements.count("desc") == 1);
	CHECK(elements.count("script") == 0);
	CHECK(svg.find("prefers-color-scheme: dark") != std::string::npos);
	for (const Model& model : Models())
		CHECK_MESSAGE(svg.find(std::string(">") + model.name + "<") != std::string::npos,
			"the picture does not show ", model.name);
}

// Every model, metric and number of clients once, plausible values.
void CheckCsv(const std::string& csv, bool calls)
{
	std::vector<std::string> lines = Split(csv, '\n');
	REQUIRE_MESSAGE(!lines.empty(), "the file is empty");
	CHECK(lines.front() == "model,metric,clients,median,min,max,unit");
	std::set<std::string> found;
	for (std::size_t i = 1; i < lines.size(); i++)
	{
		CAPTURE(lines[i]);
		const std::vector<std::string> cells = Split(lines[i], ',');
		REQUIRE(cells.size() == 7);
		const std::string key = cells[0] + " " + cells[1] + " " + cells[2];
		CHECK_MESSAGE(found.insert(key).second, "stands twice: ", key);
		const double median = std::stod(cells[3]);
		const double min = std::stod(cells[4]);
		const double max = std::stod(cells[5]);
		CHECK(min >= 0);
		CHECK(min <= median);
		CHECK(median <= max);
		// What a server does takes some time and memory; its share of a clock tick may be none.
		if (cells[1].compare(0, 3, "cpu") != 0)
			CHECK(median > 0);
	}
	std::size_t wanted = 0;
	for (const Model& model : Models())
	{
		for (const MetricInfo& info : Metrics())
		{
			if (info.metric == Metric::Calls && !calls)
				continue;
			for (const unsigned clients : info.clients)
			{
				const std::string key =
					std::string(model.name) + " " + info.id + " " + std::to_string(clients);
				CHECK_MESSAGE(found.count(key) == 1, "expected a line for: ", key);
				wanted++;
			}
		}
	}
	CHECK(found.size() == wanted);
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

TEST_CASE("table")
{
	Figures figures;
	const Model& blocking = Models()[0];
	for (const double value : { 30.0, 10.0, 20.0 })
		figures.Add(blocking, Metric::Latency, 16, value);
	figures.Add(blocking, Metric::Latency, 1, 0.25);
	const std::string table = Table(figures, 3);
	CHECK(table.find("20* (10-30)") != std::string::npos); // one after the other
	CHECK(table.find(" 0.25 ") != std::string::npos);
	CHECK(table.find("median of 3 rounds") != std::string::npos);
	CHECK(Shown(figures, blocking, Metric::Rate, 1) == "-");
	for (const std::string& line : Split(Table(AllFigures(), 1), '\n'))
		CHECK_MESSAGE(line.size() <= 120, "too wide: ", line);
}

TEST_CASE("the widest cells stand in their columns")
{
	Figures figures;
	for (const Model& model : Models())
	{
		for (const double value : { 0.862, 0.697, 0.943 })
			figures.Add(model, Metric::Latency99, 60, value);
	}
	const std::vector<std::string> lines = Split(Table(figures, 3), '\n');
	const std::string title = "latency, 99th percentile, ms";
	const auto found = std::find(lines.begin(), lines.end(), title);
	REQUIRE(lines.end() - found > 3);
	CHECK(found[3].find("0.862* (0.697-0.943)") != std::string::npos);
	CHECK_MESSAGE(found[3].size() == lines[0].size(), "no column: ", found[3]);
}

TEST_CASE("calls per echo")
{
	Figures figures;
	REQUIRE(AddCalls(kCost, figures));
	CHECK(figures.Of(Models()[2], Metric::Calls, 60)->median == 2.02);
	CHECK(figures.Of(Models()[0], Metric::Calls, 1)->median == 2);
	CHECK(Shown(figures, Models()[1], Metric::Calls, 16) == "3+");

	const std::string whole = kCost;
	for (const std::string& wrong : {
			 std::string(), whole.substr(0, whole.find("05_")),       // a model is missing
			 whole.substr(0, whole.size() - 30),                      // cut in the middle
			 std::string(whole).replace(whole.find("16"), 2, "17"),   // other clients
			 std::string(whole).replace(whole.find("2.06"), 4, "two") // no number
		 })
	{
		Figures none;
		CHECK_FALSE(AddCalls(wrong, none));
		CHECK(Shown(none, Models()[0], Metric::Calls, 1) == "-");
	}
}

TEST_CASE("csv")
{
	CheckCsv(Csv(AllFigures()), true);
	CHECK(Csv(Figures()) == "model,metric,clients,median,min,max,unit\n");
	Figures one;
	for (const double value : { 0.5, 0.25, 1.0 })
		one.Add(Models()[4], Metric::Latency, 60, value);
	CHECK(Csv(one) ==
		"model,metric,clients,median,min,max,unit\n"
		"05_eventselect,latency_median,60,0.5000,0.2500,1.0000,ms\n");
}

TEST_CASE("svg")
{
	const std::string platform = "Windows \"<10>\" & more \xEA";
	CheckSvg(Svg(AllFigures(), 3, platform));
	CheckSvg(Svg(Figures(), 1, platform)); // nothing measured
	CHECK(ReadXml("<a><b/></a>").fault.empty());
	CHECK_FALSE(ReadXml("<a><b></a>").fault.empty()); // the reader finds faults
	CHECK_FALSE(ReadXml("<a>" + platform + "</a>").fault.empty());
	CHECK(Svg(AllFigures(), 3, platform).find("&quot;&lt;10&gt;&quot; &amp; more ?") !=
		std::string::npos);
}

TEST_CASE("answers")
{
	const Figures nothing;
	for (const Claim& claim : Answers(nothing))
		CHECK_MESSAGE(claim.answer == "not measured", claim.english);

	// Each answer follows the figures: both ways, and neither.
	Figures alike;
	for (const Metric metric : { Metric::CpuIdle, Metric::CpuPerTrips, Metric::Rate })
		AddAll(alike, metric);
	const std::string neither = "no difference beyond the noise here: ";
	CHECK(AnswerTo(alike, "higher CPU use").find(neither) == 0);
	CHECK(AnswerTo(alike, "perform worse").find(neither) == 0);
	CHECK(AnswerTo(alike, "very low").find("not here: ") == 0);
	CHECK(AnswerTo(alike, "removes the drawbacks") == "not measured"); // no clients at once

	for (const double shift : { -1000.0, 1000.0 }) // 02 a little slower, then a little faster
	{
		Figures overlapping;
		for (const Model& model : Models())
		{
			for (const double rate : { 2000.0, 4000.0 })
				overlapping.Add(model, Metric::Rate, 1, rate + (model.spins ? shift : 0));
		}
		CHECK(AnswerTo(overlapping, "perform worse").find(neither) == 0);
	}

	const auto made = [](double spinning, double blockingRate) {
		Figures figures;
		AddAll(figures, Metric::CpuPerTrips);
		for (const Model& model : Models())
		{
			figures.Add(model, Metric::CpuIdle, 1, model.spins ? spinning : 0.5);
			figures.Add(model, Metric::Rate, 1, model.spins ? 1000 : blockingRate);
			const double places = model.iterative ? 1 : model.capacity;
			figures.Add(model, Metric::AtOnce, kCrowd, places == 0 ? kCrowd : places);
		}
		return figures;
	};
	const Figures asClaimed = made(98, 2000);
	CHECK(
		AnswerTo(asClaimed, "higher CPU use").find("yes: with one idle client 02 uses 98 %") == 0);
	CHECK(AnswerTo(asClaimed, "perform worse").find("yes: with one client 02 makes 1000 ") == 0);
	CHECK(AnswerTo(asClaimed, "very low").find("yes: ") == 0);
	CHECK(AnswerTo(asClaimed, "CPU use is low").find("yes: ") == 0);
	CHECK(AnswerTo(asClaimed, "removes the drawbacks").find("yes: ") == 0);
	CHECK(AnswerTo(asClaimed, "one client at a time").find("yes: ") == 0);
	CHECK(AnswerTo(asClaimed, "64 sockets at the most").find("yes: ") == 0);
	CHECK(AnswerTo(asClaimed, "without a limit").find("yes, as far as tried: ") == 0);
	CHECK(AnswerTo(asClaimed, "several sockets").find("yes: ") == 0);

	const Figures otherWay = made(0.1, 500);
	CHECK(AnswerTo(otherWay, "higher CPU use").find("not here, the other way round: ") == 0);
	CHECK(AnswerTo(otherWay, "perform worse").find("not here, the other way round: ") == 0);
	CHECK(AnswerTo(otherWay, "very low").find("not here: ") == 0);
	CHECK(AnswerTo(otherWay, "removes the drawbacks").find("not here: ") == 0);

	Figures crowded;
	AddAll(crowded, Metric::AtOnce); // two each
	CHECK(AnswerTo(crowded, "one client at a time").find("not here: ") == 0);
	CHECK(AnswerTo(crowded, "64 sockets at the most").find("not here: ") == 0);
	CHECK(AnswerTo(crowded, "without a limit").find("not here: ") == 0);
	CHECK(Text(Answers(crowded), 100).find("\n    -> not here: ") != std::string::npos);
}

TEST_CASE("output file")
{
	namespace fs = std::filesystem;
	const fs::path folder =
		fs::temp_directory_path() / ("compare_tests_" + std::to_string(GetCurrentProcessId()));
	fs::create_directory(folder);
	const std::string file = (folder / "figures.csv").string();

	CHECK(CanWrite(file));
	CHECK_MESSAGE(fs::is_empty(folder), "CanWrite left a file behind");
	WriteWhole(file, "one");
	CHECK(ReadWhole(file) == "one");
	CHECK(CanWrite(file));
	CHECK(ReadWhole(file) == "one");
	WriteWhole(file, "two\r\n");
	CHECK(ReadWhole(file) == "two\r\n");

	CHECK_FALSE(CanWrite(folder.string()));
	const std::string nowhere = (folder / "none" / "figures.csv").string();
	CHECK_FALSE(CanWrite(nowhere));
	CHECK_THROWS_WITH_AS(WriteWhole(nowhere, "three"), doctest::Contains(nowhere.c_str()),
		std::runtime_error);
	{
		const UniqueHandle held(CreateFileW(WideArgument(file).c_str(), GENERIC_READ,
			FILE_SHARE_READ, nullptr, OPEN_EXISTING, 0, nullptr));
		CHECK_FALSE(CanWrite(file));
		CHECK_THROWS_AS(WriteWhole(file, "four"), std::runtime_error);
	}
	CHECK(ReadWhole(file) == "two\r\n");
	const auto left = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
	CHECK_MESSAGE(left == 1, "expected the file alone, got ", left, " files");
	fs::remove_all(folder);
}

// What compare has written before, in the working directory.
TEST_CASE("files of a run")
{
	CheckCsv(ReadWhole("run.csv"), true);
	CheckSvg(ReadWhole("run.svg"));
}

TEST_CASE("files of a run without simulate")
{
	CheckCsv(ReadWhole("alone.csv"), false);
}

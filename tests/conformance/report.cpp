#include "report.h"

#include "platform.h"
#include "xml.h"

#include <ctime>
#include <fstream>
#include <stdexcept>

namespace conformance
{
namespace
{
using echo::XmlText;

std::string Cell(const Outcome& outcome)
{
	switch (outcome.kind)
	{
	case Outcome::Ok:
		return "ok";
	case Outcome::Difference:
		return outcome.text;
	case Outcome::NotApplicable:
		return "n/a";
	default:
		return "FAIL";
	}
}
} // namespace

const std::vector<Difference>& Differences()
{
	static const std::vector<Difference> differences = {
		{ "D1", "01, 02",
			"one client at a time; the others wait in the backlog and are then served whole",
			"that is the model" },
		{ "D2", "03, 05", "63 clients; the 64th is accepted, logged and closed",
			"FD_SETSIZE and WSA_MAXIMUM_WAIT_EVENTS are 64, the listening socket takes one" },
		{ "D3", "02", "uses the CPU while idle", "it polls" },
		{ "D7", "none of the five", "clients had to connect again because the backlog was full",
			"its length is the server's choice; what a full one does is the system's" },
	};
	return differences;
}

void WriteReport(const std::string& file, const std::vector<Column>& columns)
{
	std::ofstream out(echo::WideArgument(file).c_str(), std::ios::binary);
	char date[32];
	const std::time_t now = std::time(nullptr);
	std::strftime(date, sizeof(date), "%Y-%m-%d", std::gmtime(&now));
	out << "# Conformance\n\n"
		<< echo::PlatformLine() << ", " << date << ", seed "
		<< CurrentSettings().seed << ".\n\n| case | what |";
	for (const Column& column : columns)
		out << " " << column.model << " |";
	out << "\n|---|---|";
	for (std::size_t i = 0; i < columns.size(); i++)
		out << "---|";
	out << "\n";
	for (std::size_t row = 0; row < columns.front().results.size(); row++)
	{
		const Case& test = *columns.front().results[row].test;
		out << "| " << test.id << " | " << test.title << " |";
		for (const Column& column : columns)
			out << " " << Cell(column.results[row].outcome) << " |";
		out << "\n";
	}

	out << "\n## Differences that are no failures\n\n"
		   "| id | models | difference | why |\n|---|---|---|---|\n";
	for (const Difference& each : Differences())
		out << "| " << each.id << " | " << each.models << " | " << each.what << " | " << each.why
			<< " |\n";

	out << "\n## Not applicable here\n\n";
	bool any = false;
	for (const Column& column : columns)
	{
		for (const Result& result : column.results)
		{
			if (result.outcome.kind != Outcome::NotApplicable)
				continue;
			out << "- " << column.model << ", " << result.test->id << ": " << result.outcome.text
				<< "\n";
			any = true;
		}
	}
	out << (any ? "" : "None.\n");

	out << "\n## Failures\n\n";
	any = false;
	for (const Column& column : columns)
	{
		for (const Result& result : column.results)
		{
			if (result.outcome.kind != Outcome::Failed)
				continue;
			out << "- " << column.model << ", " << result.test->id << ": expected "
				<< result.outcome.expected << "; got " << result.outcome.actual << "\n";
			any = true;
		}
	}
	out << (any ? "" : "None.\n");
	out.close();
	if (!out)
		throw std::runtime_error("cannot write " + file);
}

void WriteJunit(const std::string& file, const std::vector<Result>& results)
{
	std::ofstream out(echo::WideArgument(file).c_str(), std::ios::binary);
	out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
	for (std::size_t first = 0; first < results.size();)
	{
		std::size_t end = first;
		std::size_t failures = 0;
		std::size_t skipped = 0;
		for (; end < results.size() && results[end].server == results[first].server; end++)
		{
			failures += results[end].outcome.kind == Outcome::Failed;
			skipped += results[end].outcome.kind == Outcome::NotApplicable;
		}
		const std::string server = XmlText(results[first].server);
		out << "<testsuite name=\"" << server << "\" tests=\"" << end - first << "\" failures=\""
			<< failures << "\" errors=\"0\" skipped=\"" << skipped << "\">\n";
		for (; first < end; first++)
		{
			const Case& test = *results[first].test;
			const Outcome& outcome = results[first].outcome;
			out << "<testcase classname=\"" << server << "\" name=\"" << test.id << " "
				<< XmlText(test.title) << "\" time=\"" << results[first].seconds << "\">";
			if (outcome.kind == Outcome::Failed)
				out << "<failure message=\"" << XmlText(outcome.actual)
					<< "\">rule: " << XmlText(test.rule)
					<< "\nexpected: " << XmlText(outcome.expected)
					<< "\nactual: " << XmlText(outcome.actual) << "\nsee: " << test.see << "\n"
					<< XmlText(outcome.text) << "</failure>";
			else if (outcome.kind == Outcome::NotApplicable)
				out << "<skipped message=\"" << XmlText(outcome.text) << "\"/>";
			else if (outcome.kind == Outcome::Difference)
				out << "<system-out>" << XmlText(outcome.text) << "</system-out>";
			out << "</testcase>\n";
		}
		out << "</testsuite>\n";
	}
	out << "</testsuites>\n";
	out.close();
	if (!out)
		throw std::runtime_error("cannot write " + file);
}

} // namespace conformance

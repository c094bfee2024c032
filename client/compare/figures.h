// What compare has measured, for each model, metric and number of clients one value per round, and
// what is made of it: the table, the CSV file, the answers to the document.
#pragma once

#include "echo/models.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace echo
{
enum class Metric
{
	CpuIdle,
	CpuPerTrips,
	Rate,
	Latency,
	Latency99,
	Wait,
	AtOnce,
	WorkingSet,
	Calls,
};

struct MetricInfo
{
	Metric metric;
	const char* id;                // in the CSV file
	const char* title;             // in the table, with the unit
	const char* unit;              // in the CSV file
	std::vector<unsigned> clients; // the numbers of clients for which there is a value
};

// All of them, in the order of the table.
const std::vector<MetricInfo>& Metrics();
const MetricInfo& Info(Metric metric);

// Clients that connect and stay, to see how many of them are served at once.
constexpr unsigned kStayingClients = 80;

struct Summary
{
	double median; // of an even number of values: the mean of the two in the middle
	double min;
	double max;
};

class Figures
{
public:
	void Add(const Model& model, Metric metric, unsigned clients, double value);

	// Nothing when there is no value.
	std::optional<Summary> Of(const Model& model, Metric metric, unsigned clients) const;

private:
	std::map<std::tuple<std::string, Metric, unsigned>, std::vector<double>> values_;
};

// "no client", "1 client", "16 clients"
std::string ClientCount(unsigned clients);

// A number for people: three significant digits, two below 0.1, all before the point from 1000 on.
std::string Short(double value);

// The median of a metric for people, without its unit. "-" when there is none. "3+": calls of a
// server that spins: the simulation counts a call that finds nothing once.
std::string Shown(const Figures& figures, const Model& model, Metric metric, unsigned clients);

// The same with the smallest and the largest value, "98.8 (97.5-100)", unless all look alike.
std::string ShownRange(const Figures& figures, const Model& model, Metric metric, unsigned clients);

// One line per model, metric and number of clients that has a value, below the line
// model,metric,clients,median,min,max,unit
std::string Csv(const Figures& figures);

// The table: medians with min and max, at most 100 columns wide.
std::string Table(const Figures& figures);

// The document's sentences in its own order, each in English too, and the answer that the figures
// give: "yes", "not here", or a list of figures, for this machine and these rounds; "not measured"
// when one of the figures is missing. Two models differ when the ranges of their values do not
// overlap; otherwise the answer says that they do not. Low use of the CPU means under 5 % of one
// core. Lines are at most `width` columns wide; Hangul takes two columns each.
std::string Answers(const Figures& figures, std::size_t width);

} // namespace echo

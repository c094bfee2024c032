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

// The median of a metric for people, without its unit, and the smallest and the largest value,
// unless all look alike: "98.8 (97.5-100)". "-" when there is none. "3+": calls of a server that
// spins: the simulation counts a call that finds nothing once.
std::string Shown(const Figures& figures, const Model& model, Metric metric, unsigned clients);

// One line per model, metric and number of clients that has a value, below the line
// model,metric,clients,median,min,max,unit
std::string Csv(const Figures& figures);

// The table: medians with min and max, at most 100 columns wide.
std::string Table(const Figures& figures);

// The document's sentences in its own order, each in English too, and what the figures of this
// machine and these rounds say of it. Where it claims a difference: whether there is one, which is
// so when the ranges of the values do not overlap. "not measured" when a figure is missing.
std::string Answers(const Figures& figures);

} // namespace echo

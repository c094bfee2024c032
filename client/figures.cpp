#include "figures.h"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace echo
{
namespace
{
const MetricInfo& Info(Metric metric)
{
	return Metrics()[static_cast<std::size_t>(metric)];
}

std::string Line(const std::string& first, const std::vector<std::string>& cells)
{
	char cell[64];
	std::snprintf(cell, sizeof(cell), "%-14s", first.c_str());
	std::string line = cell;
	for (const std::string& text : cells)
	{
		std::snprintf(cell, sizeof(cell), " %20s", text.c_str());
		line += cell;
	}
	return line + '\n';
}

} // namespace

const std::vector<MetricInfo>& Metrics()
{
	static const std::vector<unsigned> each = { 1, 16, 60 };
	static const std::vector<MetricInfo> metrics = {
		{ Metric::CpuIdle, "cpu_idle", "CPU while idle, % of one core", "% of one core", { 0, 1 } },
		{ Metric::CpuPerTrips, "cpu_per_1000_round_trips", "CPU per 1000 round trips, ms", "ms",
			each },
		{ Metric::Rate, "round_trips_per_second", "round trips per second, all clients together",
			"1/s", each },
		{ Metric::Latency, "latency_median", "latency, median, ms", "ms", each },
		{ Metric::Latency99, "latency_p99", "latency, 99th percentile, ms", "ms", each },
		{ Metric::AtOnce, "clients_at_once",
			"clients served at once, of those that connect and stay", "clients", { kCrowd } },
		{ Metric::WorkingSet, "working_set", "memory of the server, working set, MiB", "MiB",
			{ 0, 60 } },
		{ Metric::Calls, "winsock_calls_per_echo", "Winsock calls per echo, in the simulation",
			"calls", each },
	};
	return metrics;
}

void Figures::Add(const Model& model, Metric metric, unsigned clients, double value)
{
	values_[{ model.name, metric, clients }].push_back(value);
}

std::optional<Summary> Figures::Of(const Model& model, Metric metric, unsigned clients) const
{
	const auto found = values_.find({ model.name, metric, clients });
	if (found == values_.end())
		return std::nullopt;
	return Summarize(found->second);
}

Summary Summarize(std::vector<double> values)
{
	if (values.empty())
		throw std::logic_error("Summarize: no values");
	std::sort(values.begin(), values.end());
	const std::size_t half = values.size() / 2;
	const double median =
		values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
	return { median, values.front(), values.back() };
}

std::string ClientCount(unsigned clients)
{
	return (clients == 0 ? "no" : std::to_string(clients)) + (clients < 2 ? " client" : " clients");
}

std::string Short(double value)
{
	char text[64];
	const char* format = value >= 999.5 ? "%.0f" : value < 0.1 ? "%.2g" : "%.3g";
	std::snprintf(text, sizeof(text), format, value);
	return text;
}

std::string Shown(const Figures& figures, const Model& model, Metric metric, unsigned clients)
{
	const auto summary = figures.Of(model, metric, clients);
	if (!summary)
		return "-";
	const bool latency = metric == Metric::Latency || metric == Metric::Latency99;
	const char* mark = "";
	if (metric == Metric::Calls && model.spins)
		mark = "+";
	else if (latency && model.iterative && clients > 1)
		mark = "*";
	return Short(summary->median) + mark;
}

std::string ShownRange(const Figures& figures, const Model& model, Metric metric, unsigned clients)
{
	const std::string median = Shown(figures, model, metric, clients);
	const auto summary = figures.Of(model, metric, clients);
	if (!summary || Short(summary->min) == Short(summary->max))
		return median;
	return median + " (" + Short(summary->min) + "-" + Short(summary->max) + ")";
}

std::string Csv(const Figures& figures)
{
	std::string text = "model,metric,clients,median,min,max,unit\n";
	for (const Model& model : Models())
	{
		for (const MetricInfo& info : Metrics())
		{
			for (const unsigned clients : info.clients)
			{
				const auto summary = figures.Of(model, info.metric, clients);
				if (!summary)
					continue;
				char line[256];
				std::snprintf(line, sizeof(line), "%s,%s,%u,%.4f,%.4f,%.4f,%s\n", model.name,
					info.id, clients, summary->median, summary->min, summary->max, info.unit);
				text += line;
			}
		}
	}
	return text;
}

std::string Table(const Figures& figures, unsigned rounds)
{
	std::vector<std::string> names;
	for (const Model& model : Models())
		names.push_back(model.name);
	std::string text = Line("", names);
	for (const MetricInfo& info : Metrics())
	{
		text += std::string(info.title) + '\n';
		for (const unsigned clients : info.clients)
		{
			std::vector<std::string> cells;
			for (const Model& model : Models())
				cells.push_back(ShownRange(figures, model, info.metric, clients));
			text += Line("  " + ClientCount(clients), cells);
		}
	}
	return text + "\nThe median of " + std::to_string(rounds) +
		(rounds == 1 ? " round" : " rounds") +
		" (min-max), the models in turn in each. A round trip: a message of 64 bytes\n"
		"and its echo, then the next one. Rate and CPU include connecting and leaving.\n"
		"*  01 and 02 serve one client after the other: the latency of the one whose turn it is, "
		"without the wait before.\n"
		"+  02 repeats a call that finds nothing as often as it can; it is counted once.\n";
}

bool AddCalls(const std::string& printed, Figures& figures)
{
	const std::vector<unsigned>& wanted = Info(Metric::Calls).clients;
	std::vector<unsigned> columns;
	Figures added = figures;
	std::size_t models = 0;
	std::istringstream lines(printed);
	for (std::string line; std::getline(lines, line);)
	{
		std::istringstream words(line);
		std::string name;
		words >> name;
		if (name == "clients")
		{
			for (unsigned count; words >> count;)
				columns.push_back(count);
		}
		const Model* model = FindModel(name);
		if (model == nullptr)
			continue;
		models++;
		for (const unsigned clients : columns)
		{
			double calls = 0;
			if (!(words >> calls))
				return false;
			added.Add(*model, Metric::Calls, clients, calls);
		}
	}
	if (columns != wanted || models != Models().size())
		return false;
	figures = added;
	return true;
}

} // namespace echo

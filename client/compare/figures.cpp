#include "figures.h"

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <sstream>

namespace echo
{
const std::vector<MetricInfo>& Metrics()
{
	static const std::vector<unsigned> each = { 1, 16, 60 };
	static const std::vector<MetricInfo> metrics = {
		{ Metric::CpuIdle, "cpu_idle", "CPU while idle, % of one core", "% of one core", { 0, 1 } },
		{ Metric::CpuPerTrips, "cpu_per_1000_round_trips", "CPU per 1000 round trips, ms", "ms",
			each },
		{ Metric::Rate, "round_trips_per_second", "round trips per second, in all", "1/s", each },
		{ Metric::Latency, "latency_median", "latency, median, ms", "ms", each },
		{ Metric::Latency99, "latency_p99", "latency, 99th percentile, ms", "ms", each },
		{ Metric::Wait, "wait_median", "wait for the first echo, ms", "ms", each },
		{ Metric::AtOnce, "clients_at_once", "clients served at once", "clients",
			{ kStayingClients } },
		{ Metric::WorkingSet, "working_set", "memory (working set), MiB", "MiB", { 0, 60 } },
		{ Metric::Calls, "winsock_calls_per_echo", "Winsock calls per echo", "calls", each },
	};
	return metrics;
}

const MetricInfo& Info(Metric metric)
{
	return Metrics()[static_cast<std::size_t>(metric)];
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
	std::vector<double> values = found->second;
	std::ranges::sort(values);
	const std::size_t half = values.size() / 2;
	const double median =
		values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
	return Summary{ median, values.front(), values.back() };
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
	const char* mark = metric == Metric::Calls && model.spins ? "+" : "";
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
	std::ostringstream lines;
	lines << std::fixed << std::setprecision(4) << "model,metric,clients,median,min,max,unit\n";
	for (const Model& model : kModels)
	{
		for (const MetricInfo& info : Metrics())
		{
			for (const unsigned clients : info.clients)
			{
				if (const auto summary = figures.Of(model, info.metric, clients))
					lines << model.name << ',' << info.id << ',' << clients << ','
						  << summary->median << ',' << summary->min << ',' << summary->max << ','
						  << info.unit << '\n';
			}
		}
	}
	return lines.str();
}

std::string Table(const Figures& figures)
{
	std::ostringstream table;
	for (const MetricInfo& info : Metrics())
	{
		table << std::left << std::setw(34) << info.title << std::right;
		for (const unsigned clients : info.clients)
			table << std::setw(22) << ClientCount(clients);
		table << '\n';
		for (const Model& model : kModels)
		{
			table << "  " << std::left << std::setw(32) << model.name << std::right;
			for (const unsigned clients : info.clients)
				table << std::setw(22) << ShownRange(figures, model, info.metric, clients);
			table << '\n';
		}
	}
	return table.str();
}

} // namespace echo

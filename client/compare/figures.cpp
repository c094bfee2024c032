#include "figures.h"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace echo
{
namespace
{
std::string Padded(std::string text, std::size_t width)
{
	text.resize(std::max(width, text.size()), ' ');
	return text;
}

// Aligned to the right.
std::string Cell(const std::string& text)
{
	constexpr std::size_t width = 22;
	return std::string(width - std::min(width, text.size()), ' ') + text;
}

} // namespace

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

std::string Table(const Figures& figures)
{
	constexpr std::size_t names = 34;
	std::string text;
	for (const MetricInfo& info : Metrics())
	{
		text += Padded(info.title, names);
		for (const unsigned clients : info.clients)
			text += Cell(ClientCount(clients));
		text += '\n';
		for (const Model& model : Models())
		{
			text += Padded(std::string("  ") + model.name, names);
			for (const unsigned clients : info.clients)
				text += Cell(ShownRange(figures, model, info.metric, clients));
			text += '\n';
		}
	}
	return text;
}

bool AddCalls(const std::string& csv, Figures& figures)
{
	Figures added = figures;
	std::istringstream lines(csv);
	for (std::string line; std::getline(lines, line);)
	{
		std::ranges::replace(line, ',', ' ');
		std::istringstream cells(line);
		std::string name, call;
		unsigned clients = 0;
		double calls = 0;
		cells >> name >> clients >> call >> calls;
		const Model* model = FindModel(name);
		if (cells && model != nullptr && call == "total")
			added.Add(*model, Metric::Calls, clients, calls);
	}
	for (const Model& model : Models())
	{
		for (const unsigned clients : Info(Metric::Calls).clients)
		{
			if (!added.Of(model, Metric::Calls, clients))
				return false;
		}
	}
	figures = added;
	return true;
}

} // namespace echo

#include "figures.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace echo
{
namespace
{
// One hue in three strengths, each with an outline that stands out from the background; every mark
// has its number of clients on its left and its value on its right, so that no meaning rests on
// colour alone.
const char* const kStyle =
	"text { font-family: 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; font-size: 12px; "
	"fill: #1f2328; }\n"
	".title { font-size: 18px; font-weight: 600; }\n"
	".panel { font-size: 14px; font-weight: 600; }\n"
	".quiet { font-size: 11px; fill: #59636e; }\n"
	".background { fill: #ffffff; stroke: #d1d9e0; }\n"
	".axis { stroke: #8c959f; }\n"
	".grid { stroke: #d1d9e0; }\n"
	".mark { stroke: #0072b2; }\n"
	".range { stroke: #1f2328; stroke-width: 1.5; }\n"
	".wait { fill: none; stroke: #1f2328; stroke-width: 1.5; }\n"
	".few { fill: #e3f1fa; }\n"
	".some { fill: #6fb5de; }\n"
	".many { fill: #0072b2; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	"text { fill: #e6edf3; }\n"
	".quiet { fill: #9198a1; }\n"
	".background { fill: #0d1117; stroke: #3d444d; }\n"
	".axis { stroke: #656c76; }\n"
	".grid { stroke: #2a313a; }\n"
	".mark { stroke: #8ccbf2; }\n"
	".range, .wait { stroke: #e6edf3; }\n"
	".few { fill: #10314a; }\n"
	".some { fill: #256a99; }\n"
	".many { fill: #4ba3d9; }\n"
	"}\n";

// Lengths in px.
constexpr double kWidth = 880;
constexpr double kMargin = 24;
constexpr double kPanelWidth = 404;
constexpr double kHead = 104;     // above the panels
constexpr double kPanelHead = 50; // title of a panel and what its marks mean
constexpr double kBar = 14;       // of one number of clients, with its gap
constexpr double kModelGap = 9;   // below a model
constexpr double kPanelGap = 22;  // below a panel
constexpr double kNames = 134;    // left of the axis: models and clients
constexpr double kValues = 98;    // right of the scale: values
constexpr double kScale = kPanelWidth - kNames - kValues;

struct Panel
{
	std::vector<Metric> metrics; // the first one has the labels
	const char* title;
	const char* marks;

	bool IsLatency() const
	{
		return metrics.front() == Metric::Latency;
	}
};

const Panel kPanels[] = {
	{ { Metric::CpuIdle }, "CPU while idle, % of one core",
		"bar: median; line: smallest to largest round" },
	{ { Metric::Latency, Metric::Latency99, Metric::Wait }, "Latency, ms (logarithmic scale)",
		"dot: median; line: to the 99th percentile; diamond: wait for the first echo" },
	{ { Metric::Rate }, "Round trips per second, all clients together",
		"bar: median; line: smallest to largest round" },
	{ { Metric::Calls }, "Winsock calls per echo, in the simulation",
		"open bar (+): 02 repeats a call in vain, here counted once" },
};

const char* Strength(unsigned clients)
{
	return clients <= 1 ? "few" : clients <= 16 ? "some" : "many";
}

// The text between two tags.
std::string Escaped(const std::string& text)
{
	std::string escaped;
	for (const char c : text)
	{
		if (c == '&')
			escaped += "&amp;";
		else if (c == '<')
			escaped += "&lt;";
		else
			escaped += c < 0x20 || c > 0x7E ? '?' : c; // also if char is signed
	}
	return escaped;
}

double Log(double value)
{
	return std::log10(std::max(value, 1e-6));
}

// Where a value is on the axis of a panel.
struct Scale
{
	double axis;
	bool logarithmic;
	double low; // of a logarithmic scale: the power of ten
	double high;

	double At(double value) const
	{
		const double place = logarithmic ? Log(value) : value;
		return axis + kScale * std::clamp((place - low) / (high - low), 0., 1.);
	}
};

struct Picture
{
	const Figures& figures;
	std::ostringstream out{};

	std::string Text(unsigned rounds, const std::string& platform)
	{
		const char* const title = "Five socket I/O models, one echo server each";
		const double second = kMargin * 2 + kPanelWidth;
		const double below = kHead + std::max(Height(kPanels[0]), Height(kPanels[1]));
		const double height = below + std::max(Height(kPanels[2]), Height(kPanels[3]));

		out << std::fixed << std::setprecision(1)
			<< "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << kWidth << "\" height=\""
			<< height << "\" viewBox=\"0 0 " << kWidth << ' ' << height << "\">\n<title>" << title
			<< "</title>\n<style>\n"
			<< kStyle << "</style>\n<rect class=\"background\" width=\"" << kWidth << "\" height=\""
			<< height << "\" rx=\"6\"/>\n";
		Words(kMargin, 34, "title", title);
		Words(kMargin, 56, "quiet", platform);
		Words(kMargin, 80, "",
			"Clients at once, and the median of " + std::to_string(rounds) +
				(rounds == 1 ? " round:" : " rounds:"));
		double x = kMargin + 262;
		for (const unsigned clients : { 1u, 16u, 60u })
		{
			Bar(Strength(clients), x, 71, 24, false);
			Words(x + 30, 80, "", clients == 1 ? "none or 1" : std::to_string(clients));
			x += clients == 1 ? 110 : 70;
		}
		Draw(kPanels[0], kMargin, kHead);
		Draw(kPanels[1], second, kHead);
		Draw(kPanels[2], kMargin, below);
		Draw(kPanels[3], second, below);
		out << "</svg>\n";
		return out.str();
	}

	static double Height(const Panel& panel)
	{
		const auto bars = static_cast<double>(Info(panel.metrics.front()).clients.size());
		const auto models = static_cast<double>(kModels.size());
		return kPanelHead + models * (bars * kBar + kModelGap) + kPanelGap;
	}

	// From 0 or, if it is logarithmic, from a power of ten to the largest value that is shown.
	Scale ScaleOf(const Panel& panel, double axis) const
	{
		double least = 1;
		double most = 1;
		for (const Metric metric : panel.metrics)
		{
			for (const Model& model : kModels)
			{
				for (const unsigned clients : Info(metric).clients)
				{
					const auto summary = figures.Of(model, metric, clients);
					if (!summary)
						continue;
					least = std::min(least, summary->median);
					most = std::max(most, panel.IsLatency() ? summary->median : summary->max);
				}
			}
		}
		if (!panel.IsLatency())
			return { axis, false, 0, most };
		const double low = std::floor(Log(least));
		return { axis, true, low, std::max(std::ceil(Log(most)), low + 1) };
	}

	void Draw(const Panel& panel, double x, double y)
	{
		const double axis = x + kNames;
		const double bottom = y + Height(panel) - kPanelGap - kModelGap;
		const Scale scale = ScaleOf(panel, axis);
		double top = y + kPanelHead;
		Words(x, y + 16, "panel", panel.title);
		Words(x, y + 34, "quiet", panel.marks);
		// A logarithmic scale has its powers of ten; a linear one has its numbers at the bars.
		for (double power = scale.low; scale.logarithmic && power <= scale.high; power++)
		{
			const double value = std::pow(10, power);
			Stroke("grid", scale.At(value), top - 4, scale.At(value), bottom);
			Words(scale.At(value), bottom + 13, "quiet", Short(value), "middle");
		}
		Stroke("axis", axis, top - 4, axis, bottom);

		for (const Model& model : kModels)
		{
			Words(x, top + 10, "", model.name);
			for (const unsigned clients : Info(panel.metrics.front()).clients)
			{
				Words(axis - 6, top + 10, "quiet", clients == 0 ? "none" : std::to_string(clients),
					"end");
				std::string label = Shown(figures, model, panel.metrics.front(), clients);
				if (panel.IsLatency() && label != "-")
					label += ", wait " + Shown(figures, model, Metric::Wait, clients);
				const double end = panel.IsLatency() ? Dots(scale, model, clients, top)
													 : Bars(panel, scale, model, clients, top);
				Words(end + 8, top + 10, "", label);
				top += kBar;
			}
			top += kModelGap;
		}
	}

	// Both draw the marks of one model and number of clients and return where its label may begin.
	double Dots(const Scale& scale, const Model& model, unsigned clients, double top)
	{
		const double y = top + kBar / 2 - 1;
		const auto median = figures.Of(model, Metric::Latency, clients);
		const auto tail = figures.Of(model, Metric::Latency99, clients);
		const auto wait = figures.Of(model, Metric::Wait, clients);
		if (median && tail && wait)
		{
			const double end = scale.At(tail->median);
			Stroke("range", scale.At(median->median), y, end, y);
			Stroke("range", end, y - 3, end, y + 3);
			out << "<circle class=\"mark " << Strength(clients) << "\" cx=\""
				<< scale.At(median->median) << "\" cy=\"" << y
				<< "\" r=\"4\"/>\n<path class=\"wait\" d=\"M" << scale.At(wait->median) - 4 << ' '
				<< y << "l4 -4l4 4l-4 4z\"/>\n";
		}
		return scale.axis + kScale;
	}

	double Bars(const Panel& panel, const Scale& scale, const Model& model, unsigned clients,
		double top)
	{
		const auto summary = figures.Of(model, panel.metrics.front(), clients);
		if (!summary)
			return scale.axis;
		const bool open = panel.metrics.front() == Metric::Calls && model.spins;
		Bar(Strength(clients), scale.axis, top + 1, scale.At(summary->median) - scale.axis, open);
		const double end = scale.At(summary->max);
		const double y = top + kBar / 2 - 1;
		if (summary->min != summary->max)
			Stroke("range", scale.At(summary->min), y, end, y);
		return open ? end + 18 : end;
	}

	// An open bar goes on: no line at its right, and dots behind it.
	void Bar(const char* strength, double x, double y, double width, bool open)
	{
		constexpr double height = kBar - 4;
		out << "<path class=\"mark " << strength << "\" d=\"M" << x + width << ' ' << y << 'H' << x
			<< 'v' << height << 'H' << x + width << (open ? "" : "z") << "\"/>\n";
		for (double dot = 4; open && dot < 15; dot += 5)
			out << "<rect class=\"mark " << strength << "\" x=\"" << x + width + dot << "\" y=\""
				<< y << "\" width=\"2\" height=\"" << height << "\"/>\n";
	}

	void Words(double x, double y, const char* style, const std::string& text,
		const char* anchor = "start")
	{
		out << "<text class=\"" << style << "\" x=\"" << x << "\" y=\"" << y << "\" text-anchor=\""
			<< anchor << "\">" << Escaped(text) << "</text>\n";
	}

	void Stroke(const char* style, double x1, double y1, double x2, double y2)
	{
		out << "<line class=\"" << style << "\" x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2
			<< "\" y2=\"" << y2 << "\"/>\n";
	}
};

} // namespace

std::string Svg(const Figures& figures, unsigned rounds, const std::string& platform)
{
	return Picture{ figures }.Text(rounds, platform);
}

} // namespace echo

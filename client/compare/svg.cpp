#include "figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
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

std::string Px(double length)
{
	char text[32];
	std::snprintf(text, sizeof(text), "%.1f", length);
	return text;
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
		const double place = logarithmic ? std::log10(std::max(value, 1e-9)) : value;
		return axis + kScale * std::clamp((place - low) / (high - low), 0., 1.);
	}
};

class Picture
{
public:
	Picture(const Figures& figures, unsigned rounds, const std::string& platform)
		: figures_(figures)
	{
		const double second = kMargin * 2 + kPanelWidth;
		const double below = kHead + std::max(Height(kPanels[0]), Height(kPanels[1]));
		const double height = below + std::max(Height(kPanels[2]), Height(kPanels[3]));
		const std::string size = "width=\"" + Px(kWidth) + "\" height=\"" + Px(height) + "\" ";

		out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" " << size << "viewBox=\"0 0 "
			 << Px(kWidth) << ' ' << Px(height) << "\">\n<title>" << kTitle << "</title>\n<style>\n"
			 << kStyle << "</style>\n<rect class=\"background\" " << size << "rx=\"6\"/>\n";
		Words(kMargin, 34, "title", kTitle);
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
		out_ << "</svg>\n";
	}

	std::string Text() const
	{
		return out_.str();
	}

private:
	static constexpr const char* kTitle = "Five socket I/O models, one echo server each";

	static double Height(const Panel& panel)
	{
		const double model =
			static_cast<double>(Info(panel.metrics.front()).clients.size()) * kBar + kModelGap;
		return kPanelHead + model * static_cast<double>(Models().size()) + kPanelGap;
	}

	std::string Label(const Panel& panel, const Model& model, unsigned clients) const
	{
		const std::string median = Shown(figures_, model, panel.metrics.front(), clients);
		if (!panel.IsLatency() || median == "-")
			return median;
		return median + ", wait " + Shown(figures_, model, Metric::Wait, clients);
	}

	// From nothing, or the decade of the smallest median, to the largest value that is shown.
	Scale ScaleOf(const Panel& panel, double axis) const
	{
		double least = 1e9;
		double most = 0;
		for (const Metric metric : panel.metrics)
		{
			for (const Model& model : Models())
			{
				for (const unsigned clients : Info(metric).clients)
				{
					if (const auto summary = figures_.Of(model, metric, clients))
					{
						least = std::min(least, summary->median);
						most = std::max(most, panel.IsLatency() ? summary->median : summary->max);
					}
				}
			}
		}
		if (!panel.IsLatency())
			return { axis, false, 0, std::max(most, 1e-6) };
		least = std::min(least, std::max(most, 1.));
		const double low = std::floor(std::log10(std::max(least, 1e-6)));
		const double high = std::ceil(std::log10(std::max(most, 1e-6)));
		return { axis, true, low, std::max(high, low + 1) };
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

		for (const Model& model : Models())
		{
			Words(x, top + 10, "", model.name);
			for (const unsigned clients : Info(panel.metrics.front()).clients)
			{
				const std::string who = clients == 0 ? "none" : std::to_string(clients);
				Words(axis - 6, top + 10, "quiet", who, "end");
				const double end = panel.IsLatency()
					? Dot(scale, model, clients, top + kBar / 2 - 1, axis + kScale)
					: Bar(panel, scale, model, clients, top, axis);
				Words(end + 8, top + 10, "", Label(panel, model, clients));
				top += kBar;
			}
			top += kModelGap;
		}
	}

	// Both draw the marks of one model and number of clients and return where its label may begin.
	double Dot(const Scale& scale, const Model& model, unsigned clients, double y, double end)
	{
		if (const auto tail = figures_.Of(model, Metric::Latency99, clients))
		{
			const double x = scale.At(tail->median);
			if (const auto median = figures_.Of(model, Metric::Latency, clients))
				Stroke("range", scale.At(median->median), y, x, y);
			Stroke("range", x, y - 3, x, y + 3);
		}
		if (const auto median = figures_.Of(model, Metric::Latency, clients))
			out_ << "<circle class=\"mark " << Strength(clients) << "\" cx=\""
				 << Px(scale.At(median->median)) << "\" cy=\"" << Px(y) << "\" r=\"4\"/>\n";
		if (const auto wait = figures_.Of(model, Metric::Wait, clients))
			out_ << "<path class=\"wait\" d=\"M" << Px(scale.At(wait->median) - 4) << ' ' << Px(y)
				 << "l4 -4l4 4l-4 4z\"/>\n";
		return end;
	}

	double Bar(const Panel& panel, const Scale& scale, const Model& model, unsigned clients,
		double top, double axis)
	{
		const auto summary = figures_.Of(model, panel.metrics.front(), clients);
		if (!summary)
			return axis;
		const bool open = panel.metrics.front() == Metric::Calls && model.spins;
		Bar(Strength(clients), axis, top + 1, scale.At(summary->median) - axis, open);
		const double end = scale.At(summary->max);
		if (summary->min != summary->max)
			Stroke("range", scale.At(summary->min), top + kBar / 2 - 1, end, top + kBar / 2 - 1);
		return open ? end + 18 : end;
	}

	// An open bar goes on: no line at its right, and dots behind it.
	void Bar(const char* strength, double x, double y, double width, bool open)
	{
		constexpr double height = kBar - 4;
		out_ << "<path class=\"mark " << strength << "\" d=\"M" << Px(x + width) << ' ' << Px(y)
			 << 'H' << Px(x) << 'v' << Px(height) << 'H' << Px(x + width) << (open ? "" : "z")
			 << "\"/>\n";
		for (const double dot : { 4., 9., 14. })
		{
			if (open)
				out_ << "<rect class=\"mark " << strength << "\" x=\"" << Px(x + width + dot)
					 << "\" y=\"" << Px(y) << "\" width=\"2\" height=\"" << Px(height) << "\"/>\n";
		}
	}

	void Words(double x, double y, const char* style, const std::string& text,
		const char* anchor = "start")
	{
		out_ << "<text class=\"" << style << "\" x=\"" << Px(x) << "\" y=\"" << Px(y)
			 << "\" text-anchor=\"" << anchor << "\">" << Escaped(text) << "</text>\n";
	}

	void Stroke(const char* style, double x1, double y1, double x2, double y2)
	{
		out_ << "<line class=\"" << style << "\" x1=\"" << Px(x1) << "\" y1=\"" << Px(y1)
			 << "\" x2=\"" << Px(x2) << "\" y2=\"" << Px(y2) << "\"/>\n";
	}

	const Figures& figures_;
	std::ostringstream out_;
};

} // namespace

std::string Svg(const Figures& figures, unsigned rounds, const std::string& platform)
{
	return Picture(figures, rounds, platform).Text();
}

} // namespace echo

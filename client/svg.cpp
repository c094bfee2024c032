#include "svg.h"

#include "xml.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace echo
{
namespace
{
// One hue in three strengths, each with an outline that stands out from the background; every mark
// has its number beside it, so that no meaning rests on colour.
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
	".range { stroke: #e6edf3; }\n"
	".few { fill: #10314a; }\n"
	".some { fill: #256a99; }\n"
	".many { fill: #4ba3d9; }\n"
	"}\n";

// Lengths in px.
constexpr double kWidth = 880;
constexpr double kMargin = 24;
constexpr double kPanelWidth = 404;
constexpr double kHead = 76;      // above the panels
constexpr double kPanelHead = 34; // title of a panel
constexpr double kBar = 14;       // of one number of clients, with its gap
constexpr double kModelGap = 9;   // below a model
constexpr double kPanelGap = 16;  // below a panel
constexpr double kFoot = 62;      // below the panels
constexpr double kNames = 142;    // left of the axis, models and clients
constexpr double kNumbers = 92;   // right of the largest mark, its value
constexpr double kScale = kPanelWidth - kNames - kNumbers;

struct Panel
{
	Metric metric;
	const char* title;
	bool latency; // a dot at the median, a line to the 99th percentile, on a logarithmic scale
};

const Panel kPanels[] = {
	{ Metric::CpuIdle, "CPU while idle, % of one core", false },
	{ Metric::Latency, "Latency, ms: median, 99th percentile", true },
	{ Metric::Rate, "Round trips per second, all clients together", false },
	{ Metric::Calls, "Winsock calls per echo, in the simulation", false },
};

const MetricInfo& Info(const Panel& panel)
{
	return *std::find_if(Metrics().begin(), Metrics().end(),
		[&](const MetricInfo& info) { return info.metric == panel.metric; });
}

double Height(const Panel& panel)
{
	const double model = static_cast<double>(Info(panel).clients.size()) * kBar + kModelGap;
	return kPanelHead + model * static_cast<double>(Models().size()) + kPanelGap;
}

class Picture
{
public:
	Picture(const Figures& figures, unsigned rounds, const std::string& platform)
		: figures_(figures), rounds_(rounds), platform_(platform)
	{
	}

	std::string Draw()
	{
		const double left = kMargin;
		const double right = kMargin * 2 + kPanelWidth;
		const double below = kHead + std::max(Height(kPanels[0]), Height(kPanels[1]));
		const double foot = below + std::max(Height(kPanels[2]), Height(kPanels[3]));
		const double height = foot + kFoot;

		out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title "
				"description\"\n\twidth=\""
			 << Px(kWidth) << "\" height=\"" << Px(height) << "\" viewBox=\"0 0 " << Px(kWidth)
			 << ' ' << Px(height) << "\">\n<title id=\"title\">" << kTitle
			 << "</title>\n<desc id=\"description\">" << XmlText(Description())
			 << "</desc>\n<style>\n"
			 << kStyle << "</style>\n<rect class=\"background\" x=\"0.5\" y=\"0.5\" width=\""
			 << Px(kWidth - 1) << "\" height=\"" << Px(height - 1) << "\" rx=\"6\"/>\n";
		Words(kMargin, 34, "title", kTitle);
		Words(kMargin, 56, "quiet", platform_);
		DrawPanel(kPanels[0], left, kHead);
		DrawPanel(kPanels[1], right, kHead);
		DrawPanel(kPanels[2], left, below);
		DrawPanel(kPanels[3], right, below);
		Words(kMargin, foot + 18, "quiet",
			"Beside each mark, left: clients at once; right: the median of " +
				std::to_string(rounds_) + (rounds_ == 1 ? " round" : " rounds") +
				". A thin line shows the smallest and the largest round,");
		Words(kMargin, foot + 34, "quiet",
			"with latency the 99th percentile. * 01 and 02 serve one client after the other: "
			"without the "
			"wait before. + 02 repeats calls in vain.");
		out_ << "</svg>\n";
		return out_.str();
	}

private:
	static constexpr const char* kTitle = "Five socket I/O models, one echo server each";

	// For those who hear it: all that the panels show.
	std::string Description() const
	{
		std::string text = "Measured on " + platform_ + ".";
		for (const Panel& panel : kPanels)
		{
			text += std::string(" ") + panel.title + ":";
			for (const Model& model : Models())
			{
				text += std::string(" ") + model.name;
				for (const unsigned clients : Info(panel).clients)
					text += (clients == Info(panel).clients.front() ? " " : ", ") +
						Label(panel, model, clients) + " with " + ClientCount(clients);
				text += model.name == Models().back().name ? "." : ";";
			}
		}
		return text;
	}

	std::string Label(const Panel& panel, const Model& model, unsigned clients) const
	{
		const std::string median = Shown(figures_, model, panel.metric, clients);
		if (!panel.latency || median == "-")
			return median;
		return median + ", " + Shown(figures_, model, Metric::Latency99, clients);
	}

	// The smallest and the largest value that the panel has to show.
	std::pair<double, double> Extent(const Panel& panel) const
	{
		double least = 1e9;
		double most = 0;
		for (const Model& model : Models())
		{
			for (const unsigned clients : Info(panel).clients)
			{
				const auto summary = figures_.Of(model, panel.metric, clients);
				const auto tail = figures_.Of(model, Metric::Latency99, clients);
				if (!summary)
					continue;
				least = std::min(least, summary->median);
				most = std::max(most, panel.latency && tail ? tail->median : summary->max);
			}
		}
		return { least, most };
	}

	void DrawPanel(const Panel& panel, double x, double y)
	{
		const auto [least, most] = Extent(panel);
		const double axis = x + kNames;
		const double bottom = y + Height(panel) - kPanelGap - kModelGap;
		double top = y + kPanelHead;
		Words(x, y + 16, "panel", panel.title);

		// Decades of a logarithmic scale; a linear one starts at 0 and has its numbers at the bars.
		const double low = std::floor(std::log10(std::max(least, 1e-6)));
		const double high = std::max(std::ceil(std::log10(std::max(most, 1e-6))), low + 1);
		const auto position = [&, largest = most](double value) {
			if (panel.latency)
				return axis +
					kScale *
					std::clamp((std::log10(std::max(value, 1e-9)) - low) / (high - low), 0., 1.);
			return axis + (largest > 0 ? kScale * value / largest : 0);
		};
		if (panel.latency && most > 0)
		{
			for (double power = low; power <= high; power++)
			{
				const double value = std::pow(10, power);
				Stroke("grid", position(value), top - 4, position(value), bottom);
				Words(position(value), bottom + 13, "quiet", Short(value), "middle");
			}
		}
		Stroke("axis", axis, top - 4, axis, bottom);

		for (const Model& model : Models())
		{
			Words(x, top + 10, "", model.name);
			double line = top;
			for (const unsigned clients : Info(panel).clients)
			{
				DrawMark(panel, model, clients, line, axis, position);
				line += kBar;
			}
			top = line + kModelGap;
		}
	}

	template <typename Position>
	void DrawMark(const Panel& panel, const Model& model, unsigned clients, double top, double axis,
		Position position)
	{
		const double middle = top + kBar / 2 - 1;
		const std::string who = clients == 0 ? "none" : std::to_string(clients);
		Words(axis - 6, middle + 4, "quiet", who, "end");

		const auto summary = figures_.Of(model, panel.metric, clients);
		double end = axis;
		if (summary)
		{
			const char* strength = clients <= 1 ? "few" : clients <= 16 ? "some" : "many";
			const double mark = position(summary->median);
			if (panel.latency)
			{
				const auto tail = figures_.Of(model, Metric::Latency99, clients);
				end = tail ? position(tail->median) : mark;
				Stroke("range", mark, middle, end, middle);
				Stroke("range", end, middle - 3, end, middle + 3);
				end = std::max(end, mark + 4);
				out_ << "<circle class=\"mark " << strength << "\" cx=\"" << Px(mark) << "\" cy=\""
					 << Px(middle) << "\" r=\"4\"/>\n";
			}
			else
			{
				out_ << "<rect class=\"mark " << strength << "\" x=\"" << Px(axis) << "\" y=\""
					 << Px(top + 1) << "\" width=\"" << Px(mark - axis) << "\" height=\""
					 << Px(kBar - 4) << "\"/>\n";
				end = position(summary->max);
				Stroke("range", position(summary->min), middle, end, middle);
			}
		}
		Words(end + 6, middle + 4, "", Label(panel, model, clients));
	}

	void Words(double x, double y, const char* style, const std::string& text,
		const char* anchor = "start")
	{
		out_ << "<text x=\"" << Px(x) << "\" y=\"" << Px(y) << "\" text-anchor=\"" << anchor << '"';
		if (*style != '\0')
			out_ << " class=\"" << style << '"';
		out_ << '>' << XmlText(text) << "</text>\n";
	}

	void Stroke(const char* style, double x1, double y1, double x2, double y2)
	{
		out_ << "<line class=\"" << style << "\" x1=\"" << Px(x1) << "\" y1=\"" << Px(y1)
			 << "\" x2=\"" << Px(x2) << "\" y2=\"" << Px(y2) << "\"/>\n";
	}

	static std::string Px(double length)
	{
		char text[32];
		std::snprintf(text, sizeof(text), "%.1f", length);
		return text;
	}

	const Figures& figures_;
	const unsigned rounds_;
	const std::string platform_;
	std::ostringstream out_;
};

} // namespace

std::string Svg(const Figures& figures, unsigned rounds, const std::string& platform)
{
	return Picture(figures, rounds, platform).Draw();
}

} // namespace echo

// How far a run is: one line of stderr, written over and over, if stderr is a terminal.
#pragma once

#include "multi_client.h"

#include <io.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace echo
{
// The line; the destructor wipes it off.
class StatusLine
{
public:
	~StatusLine()
	{
		if (!shown_.empty())
			std::fprintf(stderr, "\r%*s\r", kWidth, "");
		std::fflush(stderr);
	}

	// Shows the text if it is another one, and two seconds have passed since the line was made.
	void Show(const std::string& text)
	{
		if (!terminal_ || text == shown_ || std::chrono::steady_clock::now() < from_)
			return;
		shown_ = text;
		std::fprintf(stderr, "\r%-*.*s", kWidth, kWidth, text.c_str());
		std::fflush(stderr);
	}

private:
	static constexpr int kWidth = 78;

	// tests/wine/run.sh puts a pipe between Wine and the terminal, and says so.
	const bool terminal_ =
		_isatty(_fileno(stderr)) != 0 || std::getenv("ECHO_STDERR_IS_TERMINAL") != nullptr;
	const std::chrono::steady_clock::time_point from_ =
		std::chrono::steady_clock::now() + std::chrono::seconds(2);
	std::string shown_;
};

// "12 of 60 clients done, 34 % echoed, 5 s"
inline std::string Describe(const Progress& progress)
{
	const double total = static_cast<double>(std::max<std::uint64_t>(progress.total, 1));
	const double percent = 100 * static_cast<double>(progress.echoed) / total;
	char text[128];
	std::snprintf(text, sizeof(text), "%u of %u clients done, %.0f %% echoed, %.0f s",
		progress.finished, progress.clients, std::min(percent, 100.0), progress.elapsed.count());
	return text;
}

} // namespace echo

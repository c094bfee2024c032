// How far a run is: one line of stderr, written over and over, if stderr is a terminal.
#pragma once

#include "multi_client.h"
#include "windows_headers.h"

#include <io.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

namespace echo
{
// The line; the destructor wipes it off.
class StatusLine
{
public:
	StatusLine() : terminal_(_isatty(_fileno(stderr)) != 0 || BehindPipe())
	{
	}

	~StatusLine()
	{
		if (shown_)
			std::fprintf(stderr, "\r%*s\r", kWidth, "");
		std::fflush(stderr);
	}

	StatusLine(const StatusLine&) = delete;
	StatusLine& operator=(const StatusLine&) = delete;

	void Show(const std::string& text)
	{
		if (!terminal_)
			return;
		shown_ = true;
		std::fprintf(stderr, "\r%-*.*s", kWidth, kWidth, text.c_str());
		std::fflush(stderr);
	}

private:
	static constexpr int kWidth = 78;

	// tests/wine/run.sh puts a pipe between Wine and the terminal, and says so.
	static bool BehindPipe()
	{
		return GetEnvironmentVariableA("ECHO_STDERR_IS_TERMINAL", nullptr, 0) != 0;
	}

	bool terminal_;
	bool shown_ = false;
};

// Shows how far a run is once it has taken two seconds.
class ProgressLine
{
public:
	explicit ProgressLine(std::string title = "") : title_(std::move(title))
	{
	}

	void Show(const Progress& progress)
	{
		const Duration elapsed = progress.elapsed;
		if (elapsed < Duration(2) || elapsed - shown_ < Duration(0.2))
			return;
		shown_ = elapsed;
		const double total = static_cast<double>(std::max<std::uint64_t>(progress.total, 1));
		const double percent = 100 * static_cast<double>(progress.echoed) / total;
		char line[128];
		std::snprintf(line, sizeof(line), "%s%u of %u clients done, %.0f %% echoed, %.0f s",
			title_.c_str(), progress.finished, progress.clients, std::min(percent, 100.0),
			elapsed.count());
		line_.Show(line);
	}

private:
	std::string title_;
	StatusLine line_;
	Duration shown_{ 0 };
};

} // namespace echo

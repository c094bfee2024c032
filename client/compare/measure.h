// Measures the five servers side by side.
#pragma once

#include "echo/deadline.h"
#include "figures.h"

#include <string>

namespace echo
{
struct Measured
{
	Figures figures;

	// For people, a line each: how much a client sent, and why there are no calls per echo.
	std::string notes;

	// A line per server that failed: did not start, ended, sent a wrong byte. It has no figures
	// from there on.
	std::string errors;
};

// Measures the servers in the folder of the running program, in rounds, each of all models in turn.
// `length`: how long a server is watched while idle, and about how long a run of round trips takes;
// their number is fixed in the warm-up, so that all models do equal work.
Measured Measure(unsigned rounds, milliseconds length);

} // namespace echo

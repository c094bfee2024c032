// Measures the five servers side by side.
#pragma once

#include "deadline.h"
#include "figures.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace echo
{
struct MeasureOptions
{
	std::filesystem::path bin; // the folder of the servers, and of simulate

	// Rounds, each of all models in turn. 0: five, or as few as three when five take more
	// than a minute.
	unsigned rounds = 0;

	// How long a server is watched while idle, and about how long a run of round trips takes. The
	// number of round trips is found out once, so that all models do the same work.
	milliseconds length{ 400 };

	// Told now and then what is being done. May be empty.
	std::function<void(const std::string&)> onStep;
};

struct Measured
{
	Figures figures;
	unsigned rounds = 0;

	// How much a client sent, a line for people: "Of 60 clients each sends 20 messages ...".
	std::string work;

	// A line per server that failed: did not start, ended, sent a wrong byte. It has no figures
	// from there on.
	std::vector<std::string> errors;

	// Why there are no calls per echo; empty when there are.
	std::string callsMissing;
};

Measured Measure(const MeasureOptions& options);

} // namespace echo

// One run: a server, its peers, the faults, and the rules that are checked at every step.
#pragma once

#include "checks.h"
#include "model.h"
#include "choices.h"

#include <string>
#include <vector>

namespace sim
{
// A peer's part in a run.
struct Plan
{
	std::size_t total = 0;  // bytes that it sends
	std::size_t chunk = 1;  // at most so many at once
	bool reads = true;      // false: not before nothing else can happen
	bool asks = false;      // sends the next chunk only when the last one is back
	bool waits = false;     // half-closes only when everything is back
	bool holds = false;     // half-closes only when nothing else can happen
	int resetAfter = -1;    // so many acts of its own, then it resets; -1: it half-closes
	bool endsFirst = false; // half-closes before it resets, if it comes to that
	bool mayReset = false;  // resets at any time
	int after = -1;         // connects when this peer is done; -1: at any time
};

// Everything that a run depends on. The same scenario is the same run, on any machine.
struct Scenario
{
	Conditions conditions;
	int moves = 0;             // in percent of the calls, the world moves before them
	int stills = 0;            // in percent of the calls, it holds still until the server rests
	bool closesWindow = false; // the user ends the server, if it has a window
	bool orderly = false;      // all peers act in turn, whole chunks: for counting calls
	int faults[kFaults] = {};  // in percent
	int exceptions = -1;       // at most so many moves before calls, and faults; -1: any number
	std::vector<Plan> peers;
	std::uint64_t schedule = 0; // of the choices that are left
};

// The scenario that a seed stands for.
Scenario Draw(std::uint64_t seed, Platform platform);

// Clients that all send `messages` of 64 bytes each, the next one when the last one is back.
Scenario Orderly(unsigned clients, unsigned messages);

// Worlds of one or two clients with a few bytes each, of which every run is made.
std::vector<Scenario> SmallWorlds(Platform platform);

// With a path, the run that it stands for.
Outcome Run(const Model& model, const Scenario& scenario, TraceMode tracing = TraceMode::Off,
	Path* path = nullptr);

// A scenario that breaks the same rule with a shorter trace: the shortest found.
Scenario Shorten(const Model& model, const Scenario& scenario);

} // namespace sim

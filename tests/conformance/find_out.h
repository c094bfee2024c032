// What a server that nobody has described can do, found out with a few connections.
#pragma once

#include "harness.h"

namespace conformance
{
struct Found
{
	Traits traits;

	// Of these each explains the failures of many cases.
	bool answers = false;        // sends one byte back, or a line
	bool greets = false;         // sends before it has received
	bool wholeLines = false;     // answers when a line is complete
	bool closesAtOnce = false;   // closes after its first answer
	bool starves = false;        // an idle client keeps the next one waiting
	bool losesTheRest = false;   // does not send back what came before a half-close
	bool neverCloses = false;    // leaves the connection open after a half-close
	bool endsWithClient = false; // its process ends when a client leaves
	unsigned diesAtClient = 0;   // of so many at once it serves this one not, nor anybody after it
	unsigned clientsAtOnce = 0;  // tried, and all served

	// A fault for which the run fails, whatever the cases say.
	bool Fatal() const
	{
		return endsWithClient || diesAtClient != 0;
	}
};

// Starts the server of CurrentSettings(), or uses the one that runs. Throws std::runtime_error when
// it does not start.
Found FindOut();

// "several clients at once, 500 tried and all served; polls (D3)"
std::string Describe(const Found& found);

} // namespace conformance

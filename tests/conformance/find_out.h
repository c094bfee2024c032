// What a server that nobody has described can do, found out with a few connections.
#pragma once

#include "harness.h"

namespace conformance
{
// Of these each explains the failures of many cases.
constexpr char kSilent[] = "does not send one byte back: read first E03-1"; // nor a line
constexpr char kChanges[] = "sends back something else";
constexpr char kGreets[] = "greets"; // sends before it has received
constexpr char kWholeLines[] = "answers whole lines only";
constexpr char kClosesAtOnce[] = "closes after its first answer";
constexpr char kStarves[] = "several clients at once, but an idle one keeps the next one waiting";
constexpr char kLosesTheRest[] = "after a half-close it does not send back what came before";
constexpr char kNeverCloses[] = "after a half-close it never closes";
constexpr char kEndsItself[] = "ends when a client leaves"; // its process

struct Found
{
	Traits traits;
	std::vector<std::string> what; // the first says how many clients it serves
	bool fatal = false;            // a fault for which the run fails, whatever the cases say

	bool Is(const std::string& text) const
	{
		return std::find(what.begin(), what.end(), text) != what.end();
	}

	// "several clients at once, 500 tried and all served; polls (D3)"
	std::string Line() const;
};

// Starts the server of `settings`, or uses the one that runs. Tries so many clients at once,
// by default as many as the largest case has. Throws std::runtime_error when it does not start.
Found FindOut(std::size_t tried = 500);

} // namespace conformance

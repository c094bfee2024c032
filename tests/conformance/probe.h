// What a server that nobody has described can do, found out with a few connections.
#pragma once

#include "harness.h"

namespace conformance
{
// Findings; each explains many failures.
constexpr char kSilent[] = "does not send one byte back"; // nor a line
constexpr char kChanges[] = "sends back something else";
constexpr char kMore[] = "sends back more than it received";
constexpr char kGreets[] = "greets"; // sends before it has received
constexpr char kWholeLines[] = "answers whole lines only";
constexpr char kClosesAtOnce[] = "closes after its first answer";
constexpr char kClosesIdle[] = "closes a client that has not sent anything yet";
constexpr char kStarves[] = "several clients at once, but an idle one keeps the next one waiting";
constexpr char kSaysFull[] = "says something to those it refuses";
constexpr char kLosesTheRest[] = "after a half-close it does not send back what came before";
constexpr char kNeverCloses[] = "after a half-close it never closes";
constexpr char kEndsItself[] = "ends when a client leaves"; // its process
constexpr char kSwallows[] = "takes without an end what a client sends that does not read";

// Starts the server, or uses the one that runs. Tries that many clients at once, by default as many
// as the largest case has. Throws std::runtime_error when it does not start.
Found Probe(const Options& options, std::size_t tried = 500);

} // namespace conformance

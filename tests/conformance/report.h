// What the suite knows, what it has seen so far, and the verdict on a case.
#pragma once

#include "echo/connection.h"
#include "echo/deadline.h"
#include "echo/pattern.h"
#include "echo/models.h"
#include "echo/server_process.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace conformance
{
using echo::Connection;
using echo::Deadline;
using echo::End;
using echo::milliseconds;
using Where = std::source_location;

// The command line.
struct Options
{
	std::filesystem::path server; // an executable to start for each case, or
	bool connect = false;         // one that runs at host:port
	std::string host = "127.0.0.1";
	std::uint16_t port = 0;             // where `server` listens if it prints no Listening line
	std::vector<std::string> arguments; // of `server`, instead of "0" or none
	std::string name;                   // for the output
	std::string model;                  // "03_select", when it is known
	std::uint64_t seed = 1;
	int soakSeconds = 60;
	unsigned clients = 500; // that the probe tries at once: as many as the largest case has
	bool junit = false;
};

// What is known of the server under test.
struct Traits
{
	unsigned places = 0;   // clients that it serves at once; 0: no limit of its own
	bool waits = false;    // others wait until a place is free (D1), else they are closed (D2)
	bool polls = false;    // uses the CPU while nothing happens (D3)
	bool window = false;   // opens a window
	bool contract = false; // keeps this project's contract: takes [port [address]], prints the log

	// Of a server that nobody described: what need not be tried again in every case.
	bool closes = true;          // after a client's half-close
	bool saysFull = false;       // a word to those it refuses
	std::size_t fill = 32 << 20; // bytes after which it is known to take them without an end
	std::vector<unsigned> probes{ 1, 700, 5000 }; // bytes of the clients after a case

	bool Iterative() const
	{
		return waits && places == 1;
	}
};

// What a failure looks like. Failures that look the same have the same cause.
enum class Symptom
{
	None,
	Other,        // a line, a number, an end that should not be
	Waited,       // something else did not come in time
	Nothing,      // not one byte comes back
	Stops,        // a part does
	NoEnd,        // all does, but no FIN after it
	BrokenEnd,    // all does, then a reset
	EndsTooEarly, // a part does, then an end
	EndsIdle,     // nothing was owed
	Starves,      // others are served meanwhile
	AfterNul,
	Missing,
	Surplus,
	Wrong,
	Ended, // the server's process
	Start, // there was no server to test
};

// What there is to say of a symptom.
struct Meaning
{
	Symptom symptom;
	bool inVain;                   // nothing was wrong, something did not come in time
	const char* words = nullptr;   // null: none that fit all
	std::string_view look = "any"; // what tests/errata calls it
};
const Meaning& MeaningOf(Symptom symptom);

// Of a send that was refused.
Symptom SymptomOf(int error);

// How `data`, of which `received` bytes came, and `end` differ from all the data and, if `toEnd`, a
// FIN.
Symptom SymptomOf(const echo::Difference& data, std::uint64_t received, End end, bool toEnd);

// What line 1 says of a server that nobody described, and the symptoms that follow from it.
struct Finding
{
	std::string text;
	std::vector<Symptom> explains{};
	std::string errata{}; // that it may be
};

struct Found
{
	Traits traits;
	std::vector<Finding> findings; // the first says how many clients it serves
	bool fatal = false;            // a fault for which the run fails, whatever the cases say
	bool hopeless = false;         // one that fails nearly every case: a few are enough
	// The finding that a symptom follows from; null: none.
	const Finding* Explains(Symptom symptom) const;

	// "several clients at once, 500 tried and all served; polls (D3)"
	std::string Line() const;
};

// The errata that have been seen to make the case `id` fail, or to look like this, on a server such
// as this; "C": in the probe.
std::string Hints(std::string_view id, Symptom symptom, const Options& options,
	const Traits& traits);

// What came of a case.
struct Result
{
	enum Kind
	{
		Held,
		NotApplicable,
		Failed,
		NotTried,
	};
	std::string id; // "C5.01"
	Kind kind = Held;
	std::string differences{}; // "D1 D7": registered ones that it showed, their form being checked
	Symptom symptom = Symptom::None;
	std::string seen{};      // of a failure, for the summary: the finding or symptom in words,
	std::string example{};   // and what it was here
	std::string errata{};    // that it may be
	bool afterwards = false; // the case itself held
};

// A run.
struct Suite
{
	Suite(const Options& its, const Found& known)
		: options(its), found(known), fill(known.traits.fill),
		  end(Deadline::After(milliseconds(420000 + std::max(0, its.soakSeconds - 60) * 1000)))
	{
	}

	// Throws Stopped when no further case is to be tried.
	void MayGoOn();

	const Options& options;
	const Found& found;
	std::size_t fill; // as in Traits; once a server has taken that much, less will do
	const Deadline end;
	std::vector<Result> results{}; // of the cases that have run, in order
	std::string stopped{};         // empty, or why no further case is tried

	// The text that sums it up: the differences explained, and each distinct cause.
	std::string Summary(const std::string& kind) const;
};

// These end a case. It has failed, and doctest knows:
struct Failed
{
};

// it does not apply, and what() says why;
struct Inapplicable : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

// no further one is to be tried, and what() says why.
struct Stopped : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

class Server;

// The verdict on a case.
class Report
{
public:
	Report(Suite& run, std::string name);

	// Skips the rest of the case; prints `why`.
	[[noreturn]] void NotApplicable(const std::string& why) const;

	// Skips it when the case has taken 90 s: the server works, but too slowly.
	void NotTooSlow() const;

	// The case lasts for so long by itself, which is not counted. For more than a few seconds.
	void Lasts(milliseconds time);

	// Notes that the server showed the registered difference `id`, after its form was checked.
	void Differs(const std::string& id);

	// Prints a line below that of the case, which judges nothing.
	void Note(const std::string& text);

	// What it means when something does not come in time from now on.
	void InVainMeans(const std::string& text)
	{
		meaning_ = text;
	}

	// Ends the case as failed: doctest shows the place, and what its INFO says.
	[[noreturn]] void Fail(const std::string& expected, const std::string& actual,
		Symptom symptom = Symptom::Other, Where where = Where::current());
	void Check(bool holds, const std::string& expected, const std::string& actual,
		Symptom symptom = Symptom::Other, Where where = Where::current());

	// A missing end of a server that is known not to close: the case goes on, and fails at its end.
	void NoEnd(const std::string& expected, Where where);
	bool HasNoEnd() const
	{
		return noEnd_.has_value();
	}

private:
	friend class Server;
	friend void RunCase(const char*, void (*)(Server&, Report&), Where);

	void Settle(Symptom symptom, const std::string& actual);
	void Print() const;

	Suite& suite_;
	const std::string name_;
	Result result_;
	std::string notes_;
	std::string meaning_;
	Deadline whole_ = Deadline::After(milliseconds(90000)); // for the case
	std::optional<std::pair<std::string, Where>> noEnd_;
	const echo::ServerProcess* process_ = nullptr; // that must not have ended
};

// Tells doctest of a failure at a place.
void TellDoctest(const Options& options, Where where, const std::string& text);

// Bytes for a message: their number and, if they are few, themselves, escaped.
std::string Show(std::string_view bytes);

// The text with all that is no printable ASCII as \xNN; its lines stay lines.
std::string Escaped(std::string_view text, bool lines = true);

} // namespace conformance

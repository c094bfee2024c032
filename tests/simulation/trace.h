// The lines of a run, for people.
#pragma once

#include "network.h"

#include <string>
#include <vector>

namespace sim
{
enum class TraceMode
{
	Off,
	Kept,   // in Trace::lines
	Printed // at once, so that it is seen even if the server crashes
};

class Trace
{
public:
	explicit Trace(TraceMode mode) : mode_(mode)
	{
	}

	bool On() const
	{
		return mode_ != TraceMode::Off;
	}
	void Line(const std::string& who, const std::string& what);

	std::vector<std::string> lines;

private:
	const TraceMode mode_;
	int count_ = 0;
};

// The words of a record. The defaults are those of a trace.
struct Words
{
	std::string (*name)(int peer) = NameOf;
	const char* eventOf = "event of ";
	const char* readable = " readable";
	const char* writable = " writable";
	const char* limit = "time-out"; // of a wait
	const char* timeOut = "time-out";
	const char* nothing = "nothing";
	bool whoFirst = false; // "peer 1, FD_READ", and not "FD_READ of peer 1"
};

// "peer 1, 512", and "5"; empty: nothing to tell.
std::string ArgumentsOf(const CallRecord& record, const Words& words = {});
std::string ResultOf(const CallRecord& record, const Words& words = {});

} // namespace sim

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

// "recv(peer 1, 512) -> 5"
std::string TextOf(const CallRecord& record);

} // namespace sim

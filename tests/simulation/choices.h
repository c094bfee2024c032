// Where a run has a choice: at random, or every one in turn.
#pragma once

#include "echo/random.h"

#include <utility>
#include <vector>

namespace sim
{
using echo::Random;

// All choices of a run in order. Advance() goes on to the next run, depth first: the last choice
// that has another answer gets it, and all behind it are open again.
class Path
{
public:
	int Next(int count)
	{
		if (at_ == taken_.size())
			taken_.push_back({ 0, count });
		return taken_[at_++].first;
	}

	// False: there is no other run.
	bool Advance()
	{
		at_ = 0;
		while (!taken_.empty() && ++taken_.back().first == taken_.back().second)
			taken_.pop_back();
		return !taken_.empty();
	}

private:
	std::vector<std::pair<int, int>> taken_; // the answer, of how many
	std::size_t at_ = 0;
};

} // namespace sim

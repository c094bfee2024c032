// Where a run has a choice: at random, or every one in turn.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace sim
{
// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). The same
// numbers on every platform (those of <random> may not be).
class Random
{
public:
	explicit Random(std::uint64_t seed) : state_(seed)
	{
	}

	std::uint64_t Next()
	{
		std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
		z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
		z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
		return z ^ (z >> 31);
	}

	// A number from 0 to count - 1.
	int Below(int count)
	{
		return static_cast<int>((Next() >> 32) * static_cast<std::uint32_t>(count) >> 32);
	}

	// A number from least to most.
	int Between(int least, int most)
	{
		return least + Below(most - least + 1);
	}

	bool Percent(int percent)
	{
		return Below(100) < percent;
	}

private:
	std::uint64_t state_;
};

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

class Choices
{
public:
	// Without a path at random.
	Choices(std::uint64_t seed, Path* path) : random_(seed), path_(path)
	{
	}

	bool Every() const
	{
		return path_ != nullptr;
	}

	int Below(int count)
	{
		if (path_ == nullptr)
			return random_.Below(count);
		return count > 1 ? path_->Next(count) : 0;
	}

	bool Percent(int percent)
	{
		if (path_ == nullptr)
			return percent > 0 && random_.Percent(percent);
		return percent > 0 && path_->Next(2) != 0;
	}

private:
	Random random_;
	Path* path_;
};

} // namespace sim

// Random numbers that are the same on every platform, as those of <random>'s distributions are not.
#pragma once

#include <cstdint>

namespace echo
{
// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
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

	// A number from 0 to count - 1; `count` below 2^32.
	std::uint64_t Below(std::uint64_t count)
	{
		return (Next() >> 32) * count >> 32;
	}

	// A number from `low` to `high`, both included.
	std::uint64_t Between(std::uint64_t low, std::uint64_t high)
	{
		return low + Below(high - low + 1);
	}

private:
	std::uint64_t state_;
};

} // namespace echo

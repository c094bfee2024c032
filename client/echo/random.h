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
	template <typename Integer>
	Integer Below(Integer count)
	{
		return static_cast<Integer>((Next() >> 32) * static_cast<std::uint64_t>(count) >> 32);
	}

	// A number from `least` to `most`, both included.
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

} // namespace echo

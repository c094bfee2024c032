// Monotonic deadlines. Every wait of this library takes one, so that nothing can hang.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace echo
{
using std::chrono::milliseconds;

// The factor by which every deadline is stretched, for slow machines: the environment variable
// ECHO_TEST_TIMEOUT_MULTIPLIER, a number from 0.1 to 1000; 1 when it is not set. CTest ends a test
// after 15 minutes (CMakePresets.json) whatever the factor is; its option --timeout changes that.
// Throws std::runtime_error for any other value: a typing error must not pass for "no factor".
inline double TimeoutMultiplier()
{
	static const double multiplier = [] {
		const char* const text = std::getenv("ECHO_TEST_TIMEOUT_MULTIPLIER");
		if (text == nullptr || *text == '\0')
			return 1.0;
		char* end = nullptr;
		const double value = std::strtod(text, &end);
		if (*end != '\0' || !(value >= 0.1 && value <= 1000))
			throw std::runtime_error(
				"ECHO_TEST_TIMEOUT_MULTIPLIER must be a number from 0.1 to 1000");
		return value;
	}();
	return multiplier;
}

// A point in time that no change of the system's clock moves.
class Deadline
{
public:
	// The deadline that lies `ahead` of now, stretched by TimeoutMultiplier().
	static Deadline After(milliseconds ahead)
	{
		const std::chrono::duration<double, std::milli> stretched = ahead * TimeoutMultiplier();
		return Deadline(Clock::now() + std::chrono::duration_cast<Clock::duration>(stretched));
	}

	bool Passed() const
	{
		return Clock::now() >= at_;
	}

	// The time that is left, rounded up to a whole millisecond, so that a wait of this length does
	// not end just before the deadline; 0 when it has passed.
	milliseconds Left() const
	{
		return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(at_ - Clock::now()));
	}

private:
	using Clock = std::chrono::steady_clock;

	explicit Deadline(Clock::time_point at) : at_(at)
	{
	}

	Clock::time_point at_;
};

} // namespace echo

// What a reader lets the clients, and the system, do: stage.h has the language.
#pragma once

#include "network.h"

#include <string>
#include <vector>

namespace sim
{
constexpr std::size_t kAnyTime = static_cast<std::size_t>(-1);

struct Act
{
	std::size_t place = kAnyTime; // the step before which it comes
	bool together = false;        // with the act before it
	char who = 0;
	int client = 0; // its number: of a letter, or "@27:"
	std::string what;
};

std::vector<Act> ParseActs(const char* text);

// What "%NAME:CODE", "~" and "?" bring about.
struct Failure
{
	const char* name;
	const char* code;
	Fault fault;
};

// Without a code the first of that name. Null: there is none.
const Failure* FindFailure(const std::string& text);

} // namespace sim

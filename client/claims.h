// What the document says about the models, and what the figures say about that.
#pragma once

#include "figures.h"

#include <string>
#include <vector>

namespace echo
{
struct Claim
{
	const char* section; // of the document: "3 Select, 3" is chapter 3, Select, part 3)
	const char* korean;  // the document's own words
	const char* english;
	std::string answer; // from the figures alone
};

// In the order of the document. "yes" and "not here" speak of this machine and these rounds. Two
// models differ when the ranges of their values do not overlap; otherwise it is said that they do
// not. Low use of the CPU means under 5 % of one core.
std::vector<Claim> Answers(const Figures& figures);

// The claims and their answers for a terminal, lines at most `width` wide (the document's own words
// excepted).
std::string Text(const std::vector<Claim>& claims, std::size_t width);

} // namespace echo

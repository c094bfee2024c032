// What the document says about the models, and what the figures say about that.
#pragma once

#include "figures.h"

#include <cstddef>
#include <string>

namespace echo
{
// The document's sentences in its own order, each in English too, and the answer that the figures
// give: "yes", "not here", or a list of figures, for this machine and these rounds; "not measured"
// when one of the figures is missing. Two models differ when the ranges of their values do not
// overlap; otherwise the answer says that they do not. Low use of the CPU means under 5 % of one
// core. Lines are at most `width` columns wide; Hangul takes two columns each.
std::string Answers(const Figures& figures, std::size_t width);

} // namespace echo

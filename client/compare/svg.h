// The figures as one picture.
#pragma once

#include "figures.h"

#include <string>

namespace echo
{
// An SVG file without scripts and fonts of its own: small multiples of the five models. Light or
// dark as the reader's system is, with a background of its own. `platform`: PlatformLine().
std::string Svg(const Figures& figures, unsigned rounds, const std::string& platform);

} // namespace echo

// The picture of a model: what it calls while two clients come, send, and one does not read.
#pragma once

#include "model.h"

#include <string>

namespace sim
{
// A Mermaid sequence diagram, from the calls that the server makes in the simulation (as on
// Windows). The labels are in Korean, or in English.
std::string Diagram(const Model& model, bool korean);

} // namespace sim

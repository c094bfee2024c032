// The five models. Standard library only.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace echo
{
// One of the five models, and what it can do.
struct Model
{
	const char* name;  // also the folder, the target and the executable
	bool iterative;    // serves one client at a time, the others wait in the backlog (D1)
	unsigned capacity; // clients at once, 0: no limit of the model (D2)
	bool spins;        // uses the CPU while nothing happens (D3)
	bool window;       // opens a window, and ends when it is closed
};

// The five in the order of the document.
inline constexpr std::array<Model, 5> kModels = { {
	// name, iterative, capacity, spins, window
	{ "01_blocking", true, 0, false, false },
	{ "02_nonblocking", true, 0, true, false },
	{ "03_select", false, 63, false, false },
	{ "04_asyncselect", false, 0, false, true },
	{ "05_eventselect", false, 63, false, false },
} };

// The model of that name ("03_select"), or null.
inline const Model* FindModel(std::string_view name)
{
	const auto found = std::ranges::find(kModels, name, &Model::name);
	return found != kModels.end() ? &*found : nullptr;
}

} // namespace echo

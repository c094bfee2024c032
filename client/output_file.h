// A file of results: it can be asked about before the work, and is written whole or not at all.
#pragma once

#include <string>

namespace echo
{
// Whether the file that an argument names can be written. Leaves no file behind and changes none.
bool CanWrite(const std::string& argument);

// Writes the file, in place of one of that name. Throws std::runtime_error that names it when that
// fails; then nothing has changed.
void WriteWhole(const std::string& argument, const std::string& bytes);

} // namespace echo

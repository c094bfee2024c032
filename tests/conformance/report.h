// The matrix case x model as a Markdown file.
#pragma once

#include "harness.h"

#include <string>
#include <vector>

namespace conformance
{
struct Column
{
	std::string model;
	std::vector<Result> results;
};

// Writes the matrix, the register of differences and the platform line. Throws std::runtime_error when
// the file cannot be written.
void WriteReport(const std::string& file, const std::vector<Column>& columns);

} // namespace conformance

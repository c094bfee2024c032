// The results as files: the matrix case x model in Markdown, and JUnit's form.
#pragma once

#include "harness.h"

#include <string>
#include <vector>

namespace conformance
{
// A registered difference between right servers.
struct Difference
{
	const char* id; // what Context::Differs notes
	const char* models;
	const char* what;
	const char* why;
};
const std::vector<Difference>& Differences();

struct Column
{
	std::string model;
	std::vector<Result> results;
};

// Writes the matrix, the register of differences and the platform line. Throws std::runtime_error
// when the file cannot be written.
void WriteReport(const std::string& file, const std::vector<Column>& columns);

// One test suite per server, a case is a test case; "n/a" is JUnit's "skipped". Throws likewise.
void WriteJunit(const std::string& file, const std::vector<Result>& results);

} // namespace conformance

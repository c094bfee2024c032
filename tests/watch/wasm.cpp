// What the page calls: it writes the acts to Acts(size), calls Play(), which ends with stop(), and
// reads the text at Tape(). A new instance for each show.
#include "stage.h"

#include <string>

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

static std::string acts;

EXPORT(acts) char* Acts(int size)
{
	acts.resize(static_cast<std::size_t>(size));
	return acts.data();
}

EXPORT(play) void Play(int server, int wine, int buffer, int everyLine)
{
	using namespace sim;
	Begin({ kServers[server], wine != 0 ? Platform::Wine : Platform::Windows, buffer,
		everyLine != 0, acts.c_str() });
}

EXPORT(tape) const char* TapeText()
{
	return sim::Finish();
}

// Prints the tape of a show.
#include "stage.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace
{
using namespace sim;

// A line for each run: the server's number, the system, the buffer, the acts, and a hash of the
// tape (FNV-1a). tapes.js prints the same of the WebAssembly.
void Print(int server, bool wine, int buffer, const char* acts)
{
	std::uint32_t hash = 0x811C9DC5;
	for (const char byte :
		Tape({ kServers[server], wine ? Platform::Wine : Platform::Windows, buffer, true, acts }))
		hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193;
	std::printf("%d %d %d %s %x\n", server, wine ? 1 : 0, buffer, acts,
		static_cast<unsigned>(hash));
}

int Find(const char* id)
{
	int server = kServerCount - 1;
	while (server >= 0 && std::strcmp(kServers[server].id, id) != 0)
		server--;
	return server;
}

void PrintAll()
{
	for (int server = 0; server < kServerCount; server++)
	{
		for (const bool wine : { false, true })
		{
#define SCENE(id, buffer, acts) Print(server, wine, buffer, acts);
#define BUG(id, rule, wine, buffer, acts)
#include "watch.inc"
#undef SCENE
#undef BUG
		}
	}
#define SCENE(id, buffer, acts)
#define BUG(id, rule, wine, buffer, acts) Print(Find(id), wine, buffer, acts);
#include "watch.inc"
#undef SCENE
#undef BUG
}

} // namespace

int main(int argc, char** argv)
{
	const auto fail = [](const char* what, const char* argument) {
		std::fprintf(stderr, "watch: %s: '%s'\n", what, argument);
		return 2;
	};
	if (argc == 2 && std::strcmp(argv[1], "--list") == 0)
	{
		for (int i = 0; i < kServerCount; i++)
			std::printf("%s\n", kServers[i].id);
		return 0;
	}
	if (argc == 2 && std::strcmp(argv[1], "--all") == 0)
	{
		PrintAll();
		return 0;
	}
	const bool everyLine = argc == 6 && std::strcmp(argv[5], "--lines") == 0;
	if (argc != 5 && !everyLine)
	{
		std::fprintf(stderr,
			"usage: watch SERVER windows|wine BUFFER ACTS [--lines]   prints the tape\n"
			"       watch --list                                      prints the servers\n"
			"       watch --all                                       prints a hash of each tape\n"
			"SERVER is 01_blocking ... 05_eventselect, or an erratum: \"E03-1\". BUFFER is the "
			"size\n"
			"of the send buffer in bytes. ACTS are told in stage.h: \"A+|Ahello|A.\"\n");
		return 2;
	}
	const int server = Find(argv[1]);
	if (server < 0)
		return fail("no such server", argv[1]);
	const bool wine = std::strcmp(argv[2], "wine") == 0;
	if (!wine && std::strcmp(argv[2], "windows") != 0)
		return fail("neither windows nor wine", argv[2]);
	char* end = nullptr;
	const long buffer = std::strtol(argv[3], &end, 10);
	if (*end != '\0' || buffer < 1 || buffer > 65536)
		return fail("no size from 1 to 65536", argv[3]);
	std::printf("%s\n",
		Tape({ kServers[server], wine ? Platform::Wine : Platform::Windows,
				 static_cast<int>(buffer), everyLine, argv[4] })
			.c_str());
	return 0;
}

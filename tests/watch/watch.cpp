// Prints the tape of a show.
#include "stage.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv)
{
	using namespace sim;
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
	const bool everyLine = argc == 6 && std::strcmp(argv[5], "--lines") == 0;
	if (argc != 5 && !everyLine)
	{
		std::fprintf(stderr,
			"usage: watch SERVER windows|wine BUFFER ACTS [--lines]   prints the tape\n"
			"       watch --list                                      prints the servers\n"
			"SERVER is 01_blocking ... 05_eventselect, or an erratum: \"E03-1\". BUFFER is the "
			"size\n"
			"of the send buffer in bytes. ACTS are told in stage.h: \"A+|Ahello|A.\"\n");
		return 2;
	}
	const Server* server = nullptr;
	for (int i = 0; i < kServerCount; i++)
		server = std::strcmp(argv[1], kServers[i].id) == 0 ? &kServers[i] : server;
	if (server == nullptr)
		return fail("no such server", argv[1]);
	const bool wine = std::strcmp(argv[2], "wine") == 0;
	if (!wine && std::strcmp(argv[2], "windows") != 0)
		return fail("neither windows nor wine", argv[2]);
	char* end = nullptr;
	const long buffer = std::strtol(argv[3], &end, 10);
	if (*end != '\0' || buffer < 1 || buffer > 65536)
		return fail("no size from 1 to 65536", argv[3]);
	std::printf("%s\n",
		Tape({ *server, wine ? Dialect::Wine : Dialect::Windows, static_cast<int>(buffer),
				 everyLine, argv[4] })
			.c_str());
	return 0;
}

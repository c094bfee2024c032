// Compiles one server.cpp, unchanged, into the simulation. Built once per model, with
//   MODEL_SOURCE  the path of the server.cpp, from this folder
//   MODEL_NUMBER  1 to 5
#include "fake/ws2tcpip.h"

#include "model.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define main server_main

// Its include directives do nothing here: the headers have been read.
namespace sim::winsock::JOIN(model, MODEL_NUMBER)
{
#include MODEL_SOURCE
} // namespace sim::winsock::JOIN(model,MODEL_NUMBER)

#undef main

namespace sim
{
// main() of the server, with its globals as they are when a process starts.
int JOIN(RunModel, MODEL_NUMBER)(int argc, char** argv)
{
	using namespace winsock::JOIN(model, MODEL_NUMBER);
#if MODEL_NUMBER == 3 || MODEL_NUMBER == 5
	sockCnt = 0;
	memset(SocketInfoArray, 0, sizeof(SocketInfoArray));
#endif
#if MODEL_NUMBER == 5
	memset(EventArray, 0, sizeof(EventArray));
#endif
#if MODEL_NUMBER == 4
	SocketInfoList = nullptr;
#endif
	return server_main(argc, argv);
}

} // namespace sim

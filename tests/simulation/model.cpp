// Compiles one server.cpp, unchanged, into the simulation. Built once per model, with
//   MODEL_SOURCE  the path of the server.cpp, from this folder
//   MODEL_NUMBER  1 to 5
#include "model.h"
#include "sim_winsock.h"

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define main server_main

using sim::winsock::WSAGetLastError; // the page has "::WSAGetLastError()"

#ifndef NO_GLOBALS // once, where several are compiled together (watch)
#define NO_GLOBALS
namespace sim::winsock
{
namespace
{
// The servers' globals. A model that lacks one finds these in its place.
[[maybe_unused]] char sockCnt, SocketInfoArray, EventArray, SocketInfoList;
} // namespace
} // namespace sim::winsock
#endif

namespace sim::winsock
{
namespace JOIN(model, MODEL_NUMBER)
{
	namespace std
	{
	using namespace ::std;
	constexpr NoThrow nothrow{};
	} // namespace std

// Of its include directives only fake/ws2tcpip.h does something here: the headers have been read.
#include MODEL_SOURCE

	// As when a process starts.
	static void ClearGlobals()
	{
		memset(&sockCnt, 0, sizeof(sockCnt));
		memset(&SocketInfoArray, 0, sizeof(SocketInfoArray));
		memset(&EventArray, 0, sizeof(EventArray));
		memset(&SocketInfoList, 0, sizeof(SocketInfoList));
	}
} // namespace )
} // namespace sim::winsock

int sim::JOIN(RunModel, MODEL_NUMBER)()
{
	::std::vector<::std::string> texts = Net().conditions.commandLine.arguments;
	texts.insert(texts.begin(), "server");
	::std::vector<char*> arguments;
	for (::std::string& text : texts)
		arguments.push_back(text.data());
	arguments.push_back(nullptr);
	winsock::JOIN(model, MODEL_NUMBER)::ClearGlobals();
	return winsock::JOIN(model, MODEL_NUMBER)::server_main(static_cast<int>(texts.size()),
		arguments.data());
}

#include "acts.h"

#include <cctype>
#include <cstdlib>

namespace sim
{
std::vector<Act> ParseActs(const char* text)
{
	std::vector<Act> acts;
	bool together = false;
	while (*text != '\0')
	{
		Act act;
		act.together = together;
		if (std::isdigit(static_cast<unsigned char>(*text)) != 0)
		{
			char* end = nullptr;
			act.place = std::strtoul(text, &end, 10);
			text = end;
		}
		for (; *text != '\0' && *text != '|' && *text != ','; text++)
		{
			if (*text == '\\' && text[1] != '\0')
				text++;
			act.what += *text;
		}
		together = *text == ',';
		text += *text != '\0' ? 1 : 0;
		if (act.what.empty())
			continue;
		act.who = act.what[0];
		act.client = act.who - '@';
		act.what.erase(0, 1);
		if (const std::size_t colon = act.what.find(':'); act.who == '@' && colon != act.what.npos)
		{
			act.client = std::atoi(act.what.c_str());
			act.what.erase(0, colon + 1);
		}
		acts.push_back(act);
	}
	return acts;
}

const Failure* FindFailure(const std::string& text)
{
	static constexpr Failure failures[] = {
		{ "~", "", Fault::PartialSend, 0 },
		{ "?", "", Fault::NoRoom, 0 },
		{ "accept", "WSAENETDOWN", Fault::ListenerFails, 0 },
		{ "accept", "WSAECONNRESET", Fault::AcceptFails, 1 },
		{ "recv", "WSAECONNRESET", Fault::RecvFails, 0 },
		{ "recv", "WSAENETDOWN", Fault::RecvFails, 2 },
		{ "recv", "WSAEWOULDBLOCK", Fault::RecvWouldBlock, 0 },
		{ "send", "WSAECONNRESET", Fault::SendFails, 0 },
		{ "send", "WSAENETDOWN", Fault::SendFails, 2 },
		{ "send", "WSAEWOULDBLOCK", Fault::SendWouldBlock, 0 },
		{ "new", "NULL", Fault::MemoryFails, 0 },
		{ "event", "WSAENETDOWN", Fault::EventError, 0 }, // the next event carries it
		{ "select", "WSAENETDOWN", Fault::WaitFails, 0 },
		{ "WSAWaitForMultipleEvents", "WSA_NOT_ENOUGH_MEMORY", Fault::WaitFails, 0 },
		{ "GetMessage", "ERROR_INVALID_WINDOW_HANDLE", Fault::WaitFails, 0 },
		{ "WSACreateEvent", "WSA_NOT_ENOUGH_MEMORY", Fault::CreateEventFails, 0 },
		{ "WSAEventSelect", "WSAENETDOWN", Fault::SelectionFails, 0 },
		{ "WSAAsyncSelect", "WSAENETDOWN", Fault::SelectionFails, 0 },
		{ "WSAEnumNetworkEvents", "WSAENETDOWN", Fault::EnumFails, 0 },
		{ "PostMessage", "ERROR_NOT_ENOUGH_QUOTA", Fault::PostFails, 0 },
		{ "WSAStartup", "WSASYSNOTREADY", Fault::StartFails, 0 },
		{ "bind", "WSAEADDRINUSE", Fault::StartFails, 0 },
		{ "RegisterClass", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails, 0 },
		{ "CreateWindow", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails, 0 },
	};
	for (const Failure& failure : failures)
	{
		const std::string name = failure.name;
		if (text == name || text == name + ":" + failure.code)
			return &failure;
	}
	return nullptr;
}

} // namespace sim

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
		{ "~", "", Fault::PartialSend },
		{ "?", "", Fault::NoRoom },
		{ "accept", "WSAENETDOWN", Fault::ListenerFails },
		{ "accept", "WSAECONNRESET", Fault::AcceptFails },
		{ "recv", "WSAECONNRESET", Fault::RecvFails },
		{ "recv", "WSAENETDOWN", Fault::RecvFails },
		{ "recv", "WSAEWOULDBLOCK", Fault::RecvWouldBlock },
		{ "send", "WSAECONNRESET", Fault::SendFails },
		{ "send", "WSAENETDOWN", Fault::SendFails },
		{ "send", "WSAEWOULDBLOCK", Fault::SendWouldBlock },
		{ "new", "NULL", Fault::MemoryFails },
		{ "event", "WSAENETDOWN", Fault::EventError }, // the next event carries it
		{ "select", "WSAENETDOWN", Fault::WaitFails },
		{ "WSAWaitForMultipleEvents", "WSA_NOT_ENOUGH_MEMORY", Fault::WaitFails },
		{ "GetMessage", "ERROR_INVALID_WINDOW_HANDLE", Fault::WaitFails },
		{ "WSACreateEvent", "WSA_NOT_ENOUGH_MEMORY", Fault::CreateEventFails },
		{ "WSAEventSelect", "WSAENETDOWN", Fault::SelectionFails },
		{ "WSAAsyncSelect", "WSAENETDOWN", Fault::SelectionFails },
		{ "WSAEnumNetworkEvents", "WSAENETDOWN", Fault::EnumFails },
		{ "PostMessage", "ERROR_NOT_ENOUGH_QUOTA", Fault::PostFails },
		{ "WSAStartup", "WSASYSNOTREADY", Fault::StartFails },
		{ "bind", "WSAEADDRINUSE", Fault::StartFails },
		{ "RegisterClass", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails },
		{ "CreateWindow", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails },
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

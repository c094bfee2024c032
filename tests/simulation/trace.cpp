#include "trace.h"

#include <cstdio>

namespace sim
{
using namespace winsock;

namespace
{
// "event of peer 1, event of peer 2"
std::string List(const std::vector<int>& peers, const char* before = "", const char* behind = "")
{
	std::string text;
	for (int peer : peers)
		text += (text.empty() ? "" : ", ") + (before + NameOf(peer)) + behind;
	return text;
}

// "read: peer 1, write: peer 2"
std::string Both(const std::string& reads, const std::string& writes)
{
	return reads + (reads.empty() || writes.empty() ? "" : ", ") + writes;
}

std::string TextOf(const MessageRecord& message)
{
	switch (message.number)
	{
	case WM_CLOSE:
		return "WM_CLOSE";
	case WM_PAINT:
		return "WM_PAINT";
	case WM_QUIT:
		return "WM_QUIT";
	default:
		break;
	}
	return EventNames(message.event) + " of " + NameOf(message.peer) +
		(message.code != 0 ? " with " + ErrorName(message.code) : "") +
		(message.peer != message.handle
				? ", which has gone; the handle is now " + NameOf(message.handle)
				: "");
}

// "peer 1, 512"; empty: nothing to tell.
std::string ArgumentsOf(const CallRecord& record)
{
	switch (record.call)
	{
	case Call::WSAStartup:
	case Call::WSACleanup:
	case Call::Socket:
	case Call::RegisterClass:
	case Call::CreateWindow:
	case Call::GetMessage:
	case Call::CreateEvent:
	case Call::New:
		return "";
	case Call::Recv:
	case Call::Send:
		return NameOf(record.peer) + ", " + std::to_string(record.number);
	case Call::EventSelect:
	case Call::AsyncSelect:
		return NameOf(record.peer) + ", " + EventNames(record.number);
	case Call::CloseEvent:
	case Call::SetEvent:
	case Call::ResetEvent:
		return "event of " + NameOf(record.peer);
	case Call::Select:
		return Both((record.reads.empty() ? "" : "read: ") + List(record.reads),
			(record.writes.empty() ? "" : "write: ") + List(record.writes));
	case Call::WaitForMultipleEvents:
		return List(record.reads, "event of ") +
			(record.limit != WSA_INFINITE ? ", time-out " + std::to_string(record.limit) : "");
	case Call::PostMessage:
		return TextOf(record.message);
	case Call::Sleep:
		return std::to_string(record.number);
	default:
		return NameOf(record.peer);
	}
}

// "5"; empty: nothing to tell.
std::string ResultOf(const CallRecord& record)
{
	if (record.code != 0)
		return ErrorName(record.code);
	switch (record.call)
	{
	case Call::Accept:
		return NameOf(record.result);
	case Call::Recv:
	case Call::Send:
		return std::to_string(record.result);
	case Call::EnumNetworkEvents:
		return EventNames(record.result);
	case Call::Select:
		return record.result == 0
			? "nothing"
			: Both(List(record.readable, "", " readable"), List(record.writable, "", " writable"));
	case Call::WaitForMultipleEvents:
		if (record.result == static_cast<int>(WSA_WAIT_TIMEOUT))
			return "time-out";
		return "event of " + NameOf(record.reads[static_cast<std::size_t>(record.result)]);
	case Call::GetMessage:
		return TextOf(record.message);
	case Call::New:
		return "no memory";
	default:
		return "";
	}
}

} // namespace

std::string TextOf(const CallRecord& record)
{
	const std::string result = ResultOf(record);
	return std::string(Name(record.call)) + "(" + ArgumentsOf(record) + ")" +
		(result.empty() ? "" : " -> " + result);
}

void Trace::Line(const std::string& who, const std::string& what)
{
	if (!On())
		return;
	char number[64];
	std::snprintf(number, sizeof(number), "%4d  %-8s ", ++count_, who.c_str());
	const std::string line = number + what;
	if (mode_ == TraceMode::Kept)
		lines.push_back(line);
	else
		std::printf("%s\n", line.c_str());
}

} // namespace sim

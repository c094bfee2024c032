#include "trace.h"

#include <cstdio>

namespace sim
{
using namespace winsock;

namespace
{
// "event of peer 1, event of peer 2"
std::string List(const std::vector<int>& peers, const Words& words, const char* before,
	const char* behind)
{
	std::string text;
	for (int peer : peers)
		text += (text.empty() ? "" : ", ") + (before + words.name(peer)) + behind;
	return text;
}

std::string Events(long events, const Words& words)
{
	return events == 0 ? words.nothing : EventNames(events);
}

std::string TextOf(const MessageRecord& message, const Words& words)
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
	const std::string name = words.name(message.peer);
	const std::string event = EventNames(message.event);
	return (words.whoFirst ? name + ", " + event : event + " of " + name) +
		(message.code != 0 ? " with " + ErrorName(message.code) : "") +
		(message.peer != message.handle
				? ", which has gone; the handle is now " + words.name(message.handle)
				: "");
}

} // namespace

std::string ArgumentsOf(const CallRecord& record, const Words& words)
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
		return words.name(record.peer) + ", " + std::to_string(record.number);
	case Call::EventSelect:
	case Call::AsyncSelect:
		return words.name(record.peer) + ", " + Events(record.number, words);
	case Call::CloseEvent:
	case Call::SetEvent:
	case Call::ResetEvent:
		return words.eventOf + words.name(record.peer);
	case Call::Select: {
		const std::string writes = List(record.writes, words, "", "");
		return (record.reads.empty() ? "" : "read: ") + List(record.reads, words, "", "") +
			(record.reads.empty() || writes.empty() ? "" : ", ") +
			(writes.empty() ? "" : "write: " + writes);
	}
	case Call::WaitForMultipleEvents:
		return List(record.reads, words, words.eventOf, "") +
			(record.limit != WSA_INFINITE
					? std::string(", ") + words.limit + " " + std::to_string(record.limit)
					: "");
	case Call::PostMessage:
		return TextOf(record.message, words);
	case Call::Sleep:
		return std::to_string(record.number);
	default:
		return words.name(record.peer);
	}
}

std::string ResultOf(const CallRecord& record, const Words& words)
{
	if (record.code != 0)
		return ErrorName(record.code);
	switch (record.call)
	{
	case Call::Accept:
		return words.name(record.result);
	case Call::Recv:
	case Call::Send:
		return std::to_string(record.result);
	case Call::EnumNetworkEvents:
		return Events(record.result, words);
	case Call::Select: {
		const std::string readable = List(record.readable, words, "", words.readable);
		const std::string writable = List(record.writable, words, "", words.writable);
		if (record.result == 0)
			return words.nothing;
		return readable + (readable.empty() || writable.empty() ? "" : ", ") + writable;
	}
	case Call::WaitForMultipleEvents:
		if (record.result == static_cast<int>(WSA_WAIT_TIMEOUT))
			return words.timeOut;
		return words.eventOf + words.name(record.reads[static_cast<std::size_t>(record.result)]);
	case Call::GetMessage:
		return TextOf(record.message, words);
	case Call::New:
		return "no memory";
	default:
		return "";
	}
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

#include "json.h"

namespace sim
{
using namespace winsock;

std::string Quoted(std::string_view text)
{
	constexpr const char* hex = "0123456789abcdef";
	std::string json = "\"";
	for (std::size_t i = 0; i < text.size(); i++)
	{
		const auto byte = static_cast<unsigned char>(text[i]);
		// Of the character, in UTF-8; 0: it is none.
		std::size_t size = byte < 0x80   ? 1
			: byte < 0xC2 || byte > 0xF4 ? 0
			: byte < 0xE0                ? 2
			: byte < 0xF0                ? 3
										 : 4;
		for (std::size_t k = 1; k < size; k++)
			size = i + k < text.size() && (text[i + k] & 0xC0) == 0x80 ? size : 0;
		if (byte < 0x20 || byte == 0x7F)
			json += byte == '\n' ? "\\n" : std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
		else if (size == 0)
			json += "\\ufffd";
		else
		{
			json += byte == '"' || byte == '\\' ? "\\" : "";
			json += text.substr(i, size);
			i += size - 1;
		}
	}
	return json + "\"";
}

std::string List(const std::vector<int>& numbers)
{
	std::string json;
	for (const int number : numbers)
		json += (json.empty() ? "" : ",") + std::to_string(number);
	return "[" + json + "]";
}

std::string EventList(long events)
{
	std::string json;
	for (const int event : { FD_READ, FD_WRITE, FD_ACCEPT, FD_CLOSE })
	{
		if ((events & event) != 0)
			json += (json.empty() ? "" : ",") + Quoted(EventNames(event));
	}
	return "[" + json + "]";
}

std::string MessageList(const MessageRecord& message)
{
	const bool posted = message.number >= WM_USER;
	const char* const name = message.number == WM_QUIT ? "WM_QUIT"
		: message.number == WM_CLOSE                   ? "WM_CLOSE"
													   : "WM_PAINT";
	return "[" + std::to_string(message.peer) + "," +
		Quoted(posted ? EventNames(message.event) : name) + "," + std::to_string(message.code) +
		(posted && message.peer != message.handle ? ",1]" : ",0]");
}

Fields& Fields::operator()(const char* key, const std::string& json)
{
	text += std::string(text.empty() ? "" : ",") + "\"" + key + "\":" + json;
	return *this;
}

Fields& Fields::operator()(const char* key, long long number)
{
	return (*this)(key, std::to_string(number));
}

static std::string Sets(const std::vector<int>& reads, const std::vector<int>& writes)
{
	return "{\"r\":" + List(reads) + ",\"w\":" + List(writes) + "}";
}

Fields Given(const CallRecord& record, const std::string& bytes)
{
	Fields fields;
	fields("f", Quoted(Name(record.call)));
	if (record.peer != kNobody)
		fields("p", record.peer);
	if (record.call == Call::Recv || record.call == Call::Send)
		fields("n", record.number);
	if (!bytes.empty())
		fields("b", Quoted(bytes));
	if (record.call == Call::Select)
		fields("ask", Sets(record.reads, record.writes));
	if (record.call == Call::WaitForMultipleEvents)
		fields("ask", List(record.reads));
	if (record.limit != WSA_INFINITE)
		fields("ms", static_cast<long long>(record.limit));
	if (record.call == Call::Sleep)
		fields("ms", record.number);
	if (record.call == Call::EventSelect || record.call == Call::AsyncSelect)
		fields("ev", EventList(record.number));
	if (record.call == Call::PostMessage)
		fields("msg", MessageList(record.message));
	return fields;
}

void AddResult(Fields& fields, const CallRecord& record)
{
	if (record.code != 0 || record.call == Call::New)
	{
		fields("r", -1)("e", Quoted(record.code != 0 ? ErrorName(record.code) : "NULL"));
		return;
	}
	switch (record.call)
	{
	case Call::Accept:
		fields("peer", record.result);
		break;
	case Call::Select:
		fields("r", record.result)("ready", Sets(record.readable, record.writable));
		break;
	case Call::WaitForMultipleEvents:
		if (record.result == static_cast<int>(WSA_WAIT_TIMEOUT))
			fields("e", "\"WSA_WAIT_TIMEOUT\"");
		else
			fields("r", record.result)("ready",
				record.reads[static_cast<std::size_t>(record.result)]);
		break;
	case Call::GetMessage:
		fields("r", record.result)("msg", MessageList(record.message));
		break;
	case Call::EnumNetworkEvents: {
		Fields errors;
		for (const auto& [event, code] : record.errors)
			errors(EventNames(event).c_str(), Quoted(ErrorName(code)));
		fields("ev", EventList(record.result));
		if (!errors.text.empty())
			fields("errs", "{" + errors.text + "}");
		break;
	}
	default:
		fields("r", record.result);
	}
}

} // namespace sim

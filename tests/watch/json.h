// What a tape is written with.
#pragma once

#include "network.h"

#include <string>
#include <string_view>
#include <vector>

namespace sim
{
// A text in quotation marks. A character that is cut off becomes U+FFFD.
std::string Quoted(std::string_view text);

// [1,2]
std::string List(const std::vector<int>& numbers);

// ["FD_READ","FD_CLOSE"]
std::string EventList(long events);

// The members of an object, in the order in which they are added.
class Fields
{
public:
	Fields& operator()(const char* key, const std::string& json);
	Fields& operator()(const char* key, long long number);
	Fields& operator()(const char* key, std::size_t number)
	{
		return (*this)(key, static_cast<long long>(number));
	}
	Fields& operator()(const char* key, int number)
	{
		return (*this)(key, static_cast<long long>(number));
	}

	std::string text;
};

// [1,"FD_READ",0,0]: whose, which, the error, and whether the socket is another's by now.
std::string MessageList(const MessageRecord& message);

// A call, as far as it is known before it returns, and its result.
Fields Given(const CallRecord& record, const std::string& bytes);
void AddResult(Fields& fields, const CallRecord& record);

} // namespace sim

// Text as XML takes it.
#pragma once

#include <string>

namespace echo
{
// The text between tags or in an attribute in double quotes. A byte that is not printable ASCII
// becomes a question mark.
inline std::string XmlText(const std::string& text)
{
	std::string escaped;
	for (const char c : text)
	{
		if (c == '&')
			escaped += "&amp;";
		else if (c == '<')
			escaped += "&lt;";
		else if (c == '>')
			escaped += "&gt;";
		else if (c == '"')
			escaped += "&quot;";
		else if (c == '\n')
			escaped += c;
		else if (c != '\r')
			escaped += c < 0x20 || c > 0x7E ? '?' : c;
	}
	return escaped;
}

} // namespace echo

// Received bytes for a terminal.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace echo
{
// As the servers log them: a control character becomes \xNN, a backslash \\. So do the C1 control
// characters, in UTF-8 0xC2 followed by 0x80 to 0x9F; other bytes from 0x80 up stay.
inline std::string Printable(std::string_view bytes)
{
	std::string text;
	for (std::size_t i = 0; i < bytes.size(); ++i)
	{
		const auto byte = static_cast<unsigned char>(bytes[i]);
		const auto next = static_cast<unsigned char>(i + 1 < bytes.size() ? bytes[i + 1] : 0);
		const bool c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
		char escaped[12] = { bytes[i], '\0' };
		if (c1)
		{
			std::snprintf(escaped, sizeof(escaped), "\\xC2\\x%02X", next);
			++i;
		}
		else if (byte < 0x20 || byte == 0x7F)
			std::snprintf(escaped, sizeof(escaped), "\\x%02X", byte);
		else if (byte == '\\')
			std::snprintf(escaped, sizeof(escaped), "\\\\");
		text += escaped;
	}
	return text;
}

} // namespace echo

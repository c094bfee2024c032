// Group 3: any byte, unchanged.
#include "harness.h"

using namespace conformance;

namespace
{
constexpr char kAnyByte[] = "every byte value comes back unchanged (RFC 862)";

// All the byte values, several times.
std::string EveryByte()
{
	std::string data;
	for (int i = 0; i < 4 * 256; i++)
		data += static_cast<char>(i & 0xFF);
	return data;
}

std::string Bait()
{
	std::string data;
	for (int i = 0; i < 200; i++)
		data += "%s%s%n%d%99999d";
	return data;
}
} // namespace

CASE_SENT("C3.01 all 256 byte values", kAnyByte, EveryByte())
CASE_SENT("C3.02 1000 NULs", kAnyByte, std::string(1000, '\0'))
CASE_SENT("C3.03 CR and LF in every order", kAnyByte, "a\rb\nc\r\nd\n\re\r\r\nf\n\n\r")
CASE_SENT("C3.04 Ctrl-Z and text in UTF-8 and CP949 and neither", kAnyByte,
	"\x1A\x04\xFF\xFE\xC0\x80\xF5\x80"
	"\xEC\x86\x8C\xEC\xBC\x93 " // UTF-8
	"\xBC\xD2\xC4\xCF \x1A")    // CP949
CASE_SENT("C3.05 bait for printf", "received data is never a format", Bait())

CASE("C3.06 quit and exit", "there are no command words (RFC 862)")
{
	Client client = server.Connect();
	for (const char* word : { "quit\r\n", "exit\r\n", "QS", "/quit", "\n", "." })
		client.PingPong(word);
	client.Finish("");
}

CASE("C3.07 512 KiB", kAnyByte)
{
	server.Echo(512 << 10);
}

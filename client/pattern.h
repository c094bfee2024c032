// What a test client sends, and the comparison of what comes back with it.
//
// Byte i of a client's pattern is a function of a seed, the client's number and i, so that a byte
// received in the wrong place tells where it belongs. Each aligned block of 256 bytes holds every
// byte value once, so that nothing is left out that a server could mistreat (NUL, CR LF, Ctrl-Z,
// 0xFF ...).
//
// Bytes are kept in std::string and passed as std::string_view, as plain storage; they are not
// text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echo
{
// Writes the bytes offset .. offset + size - 1 of the pattern of `client` to `out`.
void FillPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset, char* out,
	std::size_t size);

// The same as a new string.
std::string Pattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset,
	std::size_t size);

// A place in the pattern of one client.
struct Origin
{
	std::uint32_t client;
	std::uint64_t offset;
};

// So many bytes tell their origin; with fewer than kOriginBytesMin it is not asked for.
constexpr std::size_t kOriginBytes = 16;
constexpr std::size_t kOriginBytesMin = 8;

// Finds where `bytes` stand in the patterns of the clients 0 .. clients - 1, in their first
// `length` bytes, or in as many of each as make 32 MiB together. Gives nothing when they stand
// nowhere or are fewer than kOriginBytesMin. Looks at the first kOriginBytes only.
std::optional<Origin> WhoseBytes(std::string_view bytes, std::uint64_t seed, std::uint32_t clients,
	std::uint64_t length);

// The bytes that one client sends: those of a file (or any others, the same for all clients), then
// its pattern. Either part may be empty. A plain value: copies share the file's bytes.
struct Source
{
	std::shared_ptr<const std::string> common; // sent first; null: nothing
	std::uint64_t seed = 1;
	std::uint32_t client = 0;
	std::uint64_t patternSize = 0;

	static Source FromPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t size);
	static Source FromBytes(std::string bytes);

	std::uint64_t CommonSize() const;
	std::uint64_t Size() const; // of both parts

	// Copies the bytes offset .. offset + size - 1 to `out`. They must lie within Size().
	void Read(std::uint64_t offset, char* out, std::size_t size) const;
};

// What the received bytes are, whatever way the connection ended.
enum class Verdict
{
	Exact,   // every byte sent came back, and no other
	Short,   // a prefix of what was sent
	Corrupt, // a byte differs from the one sent at that offset
	Extra,   // all right so far as it was sent, then bytes that nobody had sent
};

// "exact", "a prefix", "corrupt", "with extra bytes"
const char* Name(Verdict verdict);

// The first byte that is not as it should be.
struct Mismatch
{
	std::uint64_t offset;
	std::optional<unsigned char> expected; // nothing: no byte had been sent for this offset
	unsigned char received;
	std::string window; // the received bytes from this one on, kOriginBytes at most
};

// Compares a stream with a source while it arrives. Keeps no data but the bytes around the first
// mismatch.
class EchoCheck
{
public:
	explicit EchoCheck(Source source);

	// Takes the next chunk of the stream. `sent` is the number of bytes that had been sent when it
	// arrived: a server that returns more than that has made the rest up. The second form is for
	// tests that send all before they receive.
	void Feed(std::string_view chunk, std::uint64_t sent);
	void Feed(std::string_view chunk);

	// Bytes taken so far.
	std::uint64_t Received() const
	{
		return received_;
	}

	// Of them, those that differ from the byte sent at that offset, and those that nobody had sent.
	std::uint64_t Wrong() const
	{
		return wrong_;
	}

	const std::optional<Mismatch>& First() const
	{
		return first_;
	}

	// The verdict when `sent` bytes have been sent and no more will come. The second form: all of
	// the source was.
	Verdict Judge(std::uint64_t sent) const;
	Verdict Judge() const;

	// One line about the data, such as
	//   1048576 bytes exact
	//   1048064 of 1048576 bytes, a prefix
	//   client 3, offset 1024: expected 0x41, received 0x7f, which is client 5, offset 512
	//   client 3, offset 2048: nothing more was sent, received 0x00
	// `clients` is how many clients there are whose bytes these could be (see WhoseBytes).
	std::string Describe(std::uint64_t sent, std::uint32_t clients) const;

private:
	Source source_;
	std::uint64_t received_ = 0;
	std::uint64_t wrong_ = 0;
	std::optional<Mismatch> first_;
};

} // namespace echo

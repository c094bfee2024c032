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
#include <utility>

namespace echo
{
// The bytes offset .. offset + size - 1 of the pattern of `client`.
std::string Pattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset,
	std::size_t size);

// The bytes that one client sends: those of a file (or any others, the same for all clients), then
// its pattern. Either part may be empty. A plain value: copies share the file's bytes.
struct Source
{
	std::shared_ptr<const std::string> common; // sent first; null: nothing
	std::uint64_t seed = 1;
	std::uint32_t client = 0;
	std::uint64_t patternSize = 0;

	static Source FromPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t size)
	{
		return { nullptr, seed, client, size };
	}

	static Source FromBytes(std::string bytes)
	{
		return { std::make_shared<const std::string>(std::move(bytes)), 1, 0, 0 };
	}

	std::uint64_t CommonSize() const
	{
		return common ? common->size() : 0;
	}

	std::uint64_t Size() const
	{
		return CommonSize() + patternSize;
	}

	// The bytes offset .. offset + size - 1, which must lie within Size().
	std::string Read(std::uint64_t offset, std::size_t size) const;
};

// How the data that came back differ from what was sent. How the stream ended is another matter.
struct Difference
{
	enum Kind
	{
		None,
		Prefix,   // right as far as they go
		Missing,  // some are left out, the rest is right
		AfterNul, // nothing behind a NUL comes back, as if the data were a string
		Surplus,  // more than was sent
		Wrong,    // other bytes
	};
	Kind kind = None;
	std::uint64_t wrong = 0; // bytes that are not those that should have come, or were never sent

	// One line, such as
	//   1048576 bytes exact
	//   1048064 of 1048576 bytes, a prefix
	//   988 bytes are missing at offset 4096, the rest is right
	//   offset 1024: expected 0x41, received 0x7f, which is client 5, offset 512
	std::string text;
};

// Compares a stream with a source while it arrives: the one judge of bytes. Keeps no data but a few
// from the latest wrong one on.
class EchoCheck
{
public:
	explicit EchoCheck(Source source) : source_(std::move(source))
	{
	}

	// Takes the next chunk of the stream. `sent` is the number of bytes that had been sent when it
	// arrived, if not all: a server that returns more than that has made the rest up.
	void Feed(std::string_view chunk, std::uint64_t sent = UINT64_MAX);

	// Bytes taken so far.
	std::uint64_t Received() const
	{
		return received_;
	}

	// Judges what has come, when `sent` bytes have been sent and no more is to come. The origin of
	// a wrong byte is sought among the clients 0 .. clients - 1, in what they have to send, or in
	// as much of each as makes 32 MiB together.
	Difference Judge(std::uint64_t sent, std::uint32_t clients) const;

private:
	void Resume(std::uint64_t sent);

	Source source_;
	std::uint64_t received_ = 0;
	bool nul_ = false; // a NUL has come

	// Gaps in a stream that is right otherwise.
	std::uint64_t missing_ = 0; // bytes left out so far
	unsigned gaps_ = 0;
	std::uint64_t gapAt_ = 0; // offset of the first

	// A difference: bytes from there on are kept until they show whether it is a gap.
	std::uint64_t wrongAt_ = 0;
	std::string pending_;
	bool unsent_ = false;  // nothing had been sent for that offset
	bool isWrong_ = false; // it is no gap: the rest is compared in place
	std::uint64_t wrong_ = 0;
};

} // namespace echo

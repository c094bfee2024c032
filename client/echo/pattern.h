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

// Compares a stream with a source while it arrives. Keeps no data but the bytes from the first
// wrong one on.
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

	// Of them, those that differ from the byte sent at that offset, and those that nobody had sent.
	std::uint64_t Wrong() const
	{
		return wrong_;
	}

	// Whether each of the `sent` bytes has come back, and no other.
	bool Exact(std::uint64_t sent) const
	{
		return wrong_ == 0 && received_ >= sent;
	}

	// One line about the data, such as
	//   1048576 bytes exact
	//   1048064 of 1048576 bytes, a prefix
	//   client 3, offset 1024: expected 0x41, received 0x7f, which is client 5, offset 512
	//   client 3, offset 2048: nothing more was sent, received 0x00
	// The wrong byte's origin is sought among the clients 0 .. clients - 1, in what they have to
	// send, or in as much of each as makes 32 MiB together.
	std::string Describe(std::uint64_t sent, std::uint32_t clients) const;

private:
	struct Mismatch
	{
		std::uint64_t offset;
		std::optional<char> expected; // nothing: no byte had been sent for this offset
		std::string received;         // from the wrong byte on, as many as tell their origin
	};

	Source source_;
	std::uint64_t received_ = 0;
	std::uint64_t wrong_ = 0;
	std::optional<Mismatch> first_;
};

} // namespace echo

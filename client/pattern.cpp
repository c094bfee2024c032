#include "pattern.h"

#include "random.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace echo
{
namespace
{
constexpr std::uint64_t kBlock = 256;
constexpr std::uint64_t kTraced = 32 << 20; // of all clients, for the sake of the time it takes

using Block = std::array<char, kBlock>;

// One block of a client's pattern: the 256 byte values, shuffled (Fisher and Yates).
Block PatternBlock(std::uint64_t seed, std::uint32_t client, std::uint64_t number)
{
	Random random(Random(Random(seed).Next() ^ client).Next() ^ number);
	Block block{};
	for (std::size_t i = 0; i < kBlock; ++i)
	{
		const std::uint64_t j = random.Below(i + 1);
		block[i] = block[j];
		block[j] = static_cast<char>(i);
	}
	return block;
}

unsigned char Byte(char c)
{
	return static_cast<unsigned char>(c);
}

std::string Hex(unsigned char byte)
{
	char text[8];
	std::snprintf(text, sizeof(text), "0x%02x", static_cast<unsigned>(byte));
	return text;
}

} // namespace

void FillPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset, char* out,
	std::size_t size)
{
	while (size > 0)
	{
		const Block block = PatternBlock(seed, client, offset / kBlock);
		const std::uint64_t start = offset % kBlock;
		const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, kBlock - start));
		out = std::copy_n(block.data() + start, count, out);
		offset += count;
		size -= count;
	}
}

std::string Pattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset,
	std::size_t size)
{
	std::string bytes(size, '\0');
	FillPattern(seed, client, offset, bytes.data(), size);
	return bytes;
}

std::optional<Origin> WhoseBytes(std::string_view bytes, std::uint64_t seed, std::uint32_t clients,
	std::uint64_t length)
{
	if (bytes.size() < kOriginBytesMin || clients == 0)
		return std::nullopt;
	const auto size = static_cast<std::size_t>(std::min(length, kTraced / clients));
	for (std::uint32_t client = 0; client < clients; ++client)
	{
		const std::size_t found =
			Pattern(seed, client, 0, size).find(bytes.substr(0, kOriginBytes));
		if (found != std::string::npos)
			return Origin{ client, found };
	}
	return std::nullopt;
}

Source Source::FromPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t size)
{
	return Source{ nullptr, seed, client, size };
}

Source Source::FromBytes(std::string bytes)
{
	return Source{ std::make_shared<const std::string>(std::move(bytes)), 1, 0, 0 };
}

std::uint64_t Source::CommonSize() const
{
	return common ? common->size() : 0;
}

std::uint64_t Source::Size() const
{
	return CommonSize() + patternSize;
}

void Source::Read(std::uint64_t offset, char* out, std::size_t size) const
{
	if (offset > Size() || size > Size() - offset)
		throw std::logic_error("Source::Read: beyond the end");

	if (offset < CommonSize())
	{
		const std::size_t copied = common->copy(out, size, static_cast<std::size_t>(offset));
		out += copied;
		offset += copied;
		size -= copied;
	}
	FillPattern(seed, client, offset - CommonSize(), out, size);
}

const char* Name(Verdict verdict)
{
	switch (verdict)
	{
	case Verdict::Exact:
		return "exact";
	case Verdict::Short:
		return "a prefix";
	case Verdict::Corrupt:
		return "corrupt";
	case Verdict::Extra:
		return "with extra bytes";
	}
	return "?";
}

EchoCheck::EchoCheck(Source source) : source_(std::move(source))
{
}

void EchoCheck::Feed(std::string_view chunk, std::uint64_t sent)
{
	if (first_ && first_->window.size() < kOriginBytes)
		first_->window += chunk.substr(0, kOriginBytes - first_->window.size());

	std::array<char, 4096> expected;
	while (!chunk.empty())
	{
		const std::uint64_t known = sent > received_ ? sent - received_ : 0;
		const std::size_t piece = std::min(chunk.size(), expected.size());
		const auto comparable = static_cast<std::size_t>(std::min<std::uint64_t>(piece, known));
		if (comparable > 0)
			source_.Read(received_, expected.data(), comparable);

		for (std::size_t i = 0; i < piece; ++i)
		{
			if (i < comparable && chunk[i] == expected[i])
				continue;
			++wrong_;
			if (!first_)
			{
				first_ = Mismatch{ received_ + i, std::nullopt, Byte(chunk[i]),
					std::string(chunk.substr(i, kOriginBytes)) };
				if (i < comparable)
					first_->expected = Byte(expected[i]);
			}
		}
		received_ += piece;
		chunk.remove_prefix(piece);
	}
}

void EchoCheck::Feed(std::string_view chunk)
{
	Feed(chunk, source_.Size());
}

Verdict EchoCheck::Judge(std::uint64_t sent) const
{
	if (first_)
		return first_->expected ? Verdict::Corrupt : Verdict::Extra;
	return received_ < sent ? Verdict::Short : Verdict::Exact;
}

Verdict EchoCheck::Judge() const
{
	return Judge(source_.Size());
}

std::string EchoCheck::Describe(std::uint64_t sent, std::uint32_t clients) const
{
	if (!first_)
	{
		if (received_ >= sent)
			return std::to_string(received_) + " bytes exact";
		return std::to_string(received_) + " of " + std::to_string(sent) + " bytes" +
			(received_ > 0 ? ", a prefix" : "");
	}

	std::string text = "client " + std::to_string(source_.client) + ", offset " +
		std::to_string(first_->offset) + ": ";
	text += first_->expected ? "expected " + Hex(*first_->expected) : "nothing more was sent";
	text += ", received " + Hex(first_->received);

	const std::uint64_t known = sent - std::min(sent, source_.CommonSize());
	const std::uint64_t length = std::min(source_.patternSize, known);
	const std::optional<Origin> origin = WhoseBytes(first_->window, source_.seed, clients, length);
	if (origin)
		text += ", which is client " + std::to_string(origin->client) + ", offset " +
			std::to_string(origin->offset + source_.CommonSize());
	return text;
}

} // namespace echo

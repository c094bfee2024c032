#include "pattern.h"

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
constexpr std::uint64_t kTraced = 16 << 20; // of each client, for the sake of the time it takes

// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators").
std::uint64_t Mix(std::uint64_t value)
{
	value += 0x9E3779B97F4A7C15;
	value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
	value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
	return value ^ (value >> 31);
}

// The permutation of the 256 byte values that makes up one block: four rounds, each of which can be
// undone modulo 256 (multiply by an odd number, add, fold the high half into the low one).
class Permutation
{
public:
	Permutation(std::uint64_t seed, std::uint32_t client, std::uint64_t block)
	{
		std::uint64_t key = Mix(Mix(Mix(seed) ^ client) ^ block);
		for (Round& round : rounds_)
		{
			round.factor = static_cast<std::uint8_t>(key | 1);
			round.summand = static_cast<std::uint8_t>(key >> 8);
			key >>= 16;
		}
	}

	std::uint8_t At(std::uint8_t position) const
	{
		std::uint8_t value = position;
		for (const Round& round : rounds_)
		{
			value = static_cast<std::uint8_t>(value * round.factor + round.summand);
			value = static_cast<std::uint8_t>(value ^ (value >> 4));
		}
		return value;
	}

	std::uint8_t PositionOf(std::uint8_t value) const
	{
		for (std::size_t i = rounds_.size(); i-- > 0;)
		{
			// x * x = 1 (mod 8) for an odd x, and each Newton step doubles the number of right
			// bits.
			const unsigned factor = rounds_[i].factor;
			unsigned inverse = factor;
			inverse *= 2 - factor * inverse;
			inverse *= 2 - factor * inverse;
			value = static_cast<std::uint8_t>(value ^ (value >> 4));
			value = static_cast<std::uint8_t>((value - rounds_[i].summand) * inverse);
		}
		return value;
	}

private:
	struct Round
	{
		std::uint8_t factor;
		std::uint8_t summand;
	};
	std::array<Round, 4> rounds_{};
};

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

unsigned char PatternByte(std::uint64_t seed, std::uint32_t client, std::uint64_t offset)
{
	const Permutation block(seed, client, offset / kBlock);
	return block.At(static_cast<std::uint8_t>(offset % kBlock));
}

void FillPattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset, char* out,
	std::size_t size)
{
	while (size > 0)
	{
		const Permutation block(seed, client, offset / kBlock);
		const std::uint64_t start = offset % kBlock;
		const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, kBlock - start));
		for (std::size_t i = 0; i < count; ++i)
			out[i] = static_cast<char>(block.At(static_cast<std::uint8_t>(start + i)));
		out += count;
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
	if (bytes.size() < kOriginBytesMin)
		return std::nullopt;
	bytes = bytes.substr(0, kOriginBytes);

	std::array<char, kOriginBytes> candidate{};
	for (std::uint32_t client = 0; client < clients; ++client)
	{
		for (std::uint64_t block = 0; block * kBlock < length; ++block)
		{
			const Permutation permutation(seed, client, block);
			const std::uint64_t offset = block * kBlock + permutation.PositionOf(Byte(bytes[0]));
			FillPattern(seed, client, offset, candidate.data(), bytes.size());
			if (offset < length && std::equal(bytes.begin(), bytes.end(), candidate.begin()))
				return Origin{ client, offset };
		}
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

Comparison::Comparison(Source source) : source_(std::move(source))
{
}

void Comparison::Feed(std::string_view chunk, std::uint64_t sent)
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

void Comparison::Feed(std::string_view chunk)
{
	Feed(chunk, source_.Size());
}

Verdict Comparison::Judge(std::uint64_t sent) const
{
	if (first_)
		return first_->expected ? Verdict::Corrupt : Verdict::Extra;
	return received_ < sent ? Verdict::Short : Verdict::Exact;
}

Verdict Comparison::Judge() const
{
	return Judge(source_.Size());
}

std::string Comparison::Describe(std::uint64_t sent, std::uint32_t clients) const
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
	const std::uint64_t length = std::min({ source_.patternSize, known, kTraced });
	const std::optional<Origin> origin = WhoseBytes(first_->window, source_.seed, clients, length);
	if (origin)
		text += ", which is client " + std::to_string(origin->client) + ", offset " +
			std::to_string(origin->offset + source_.CommonSize());
	return text;
}

} // namespace echo

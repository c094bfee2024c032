#include "pattern.h"

#include "random.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace echo
{
namespace
{
constexpr std::size_t kBlock = 256;
constexpr std::uint64_t kSearched = 32 << 20; // of all clients, for the sake of the time it takes

// This many bytes identify a place in a pattern; with fewer than the least it is not sought.
constexpr std::size_t kOriginBytes = 16;
constexpr std::size_t kOriginBytesLeast = 8;

// One block of a client's pattern: the 256 byte values, shuffled (Fisher and Yates).
std::string PatternBlock(std::uint64_t seed, std::uint32_t client, std::uint64_t number)
{
	Random random(Random(Random(seed).Next() ^ client).Next() ^ number);
	std::string block(kBlock, '\0');
	for (std::size_t i = 0; i < kBlock; ++i)
	{
		const std::size_t j = random.Below(i + 1);
		block[i] = block[j];
		block[j] = static_cast<char>(i);
	}
	return block;
}

std::string Hex(char byte)
{
	char text[8];
	std::snprintf(text, sizeof(text), "0x%02x", static_cast<unsigned char>(byte));
	return text;
}

std::size_t CountEqual(std::string_view expected, std::string_view actual)
{
	const auto size = std::min(expected.size(), actual.size());
	return static_cast<std::size_t>(
		std::mismatch(expected.begin(), expected.begin() + size, actual.begin()).first -
		expected.begin());
}

// Bytes of `actual` that are not the expected ones; what is behind these is wrong, too.
std::uint64_t CountWrong(std::string_view expected, std::string_view actual)
{
	std::uint64_t wrong = actual.size() - std::min(expected.size(), actual.size());
	for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i)
		wrong += actual[i] != expected[i] ? 1 : 0;
	return wrong;
}

// ", which is client 5, offset 512" for wrong bytes that stand there; "" when they stand nowhere.
std::string Origin(std::string_view bytes, const Source& source, std::uint64_t sent,
	std::uint32_t clients)
{
	const std::uint64_t known = sent - std::min(sent, source.CommonSize());
	const std::uint64_t most = std::min(known, kSearched / std::max(clients, 1u));
	const auto size = static_cast<std::size_t>(std::min(source.patternSize, most));
	for (std::uint32_t client = 0; client < clients && bytes.size() >= kOriginBytesLeast; ++client)
	{
		const std::size_t found = Pattern(source.seed, client, 0, size).find(bytes);
		if (found != std::string::npos)
			return ", which is client " + std::to_string(client) + ", offset " +
				std::to_string(found + source.CommonSize());
	}
	return "";
}

} // namespace

std::string Pattern(std::uint64_t seed, std::uint32_t client, std::uint64_t offset,
	std::size_t size)
{
	std::string bytes;
	bytes.reserve(size);
	while (bytes.size() < size)
	{
		const std::uint64_t next = offset + bytes.size();
		bytes.append(PatternBlock(seed, client, next / kBlock),
			static_cast<std::size_t>(next % kBlock), size - bytes.size());
	}
	return bytes;
}

std::string Source::Read(std::uint64_t offset, std::size_t size) const
{
	if (offset > Size() || size > Size() - offset)
		throw std::logic_error("Source::Read: beyond the end");
	if (offset >= CommonSize())
		return Pattern(seed, client, offset - CommonSize(), size);
	const std::string first = common->substr(static_cast<std::size_t>(offset), size);
	return first + Pattern(seed, client, 0, size - first.size());
}

void EchoCheck::Feed(std::string_view chunk, std::uint64_t sent)
{
	const std::uint64_t known = std::min(sent, source_.Size());
	nul_ = nul_ || chunk.find('\0') != std::string_view::npos;
	while (!chunk.empty())
	{
		const bool pending = !pending_.empty() && !isWrong_;
		std::size_t taken = std::min(chunk.size(), kOriginBytes - pending_.size());
		if (pending)
			pending_ += chunk.substr(0, taken);
		else
		{
			const std::uint64_t at = std::min(received_ + missing_, known);
			const std::string expected = source_.Read(at,
				static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), known - at)));
			taken = CountEqual(expected, chunk);
			if (isWrong_)
			{
				wrong_ += CountWrong(expected, chunk);
				taken = chunk.size();
			}
			else if (taken < chunk.size())
			{
				wrongAt_ = received_ + missing_ + taken;
				unsent_ = wrongAt_ >= known;
				pending_ = chunk[taken++];
			}
		}
		received_ += taken;
		chunk.remove_prefix(taken);
		if (pending && pending_.size() == kOriginBytes)
			Resume(known);
	}
}

// Where the pending bytes stand in the source, further on, the stream goes on: those before are
// missing. A few bytes stand in too many places; they must be the last.
void EchoCheck::Resume(std::uint64_t sent)
{
	const std::uint64_t from = std::min(wrongAt_, sent);
	const std::uint64_t left = std::min(sent - from, kSearched);
	std::size_t found = std::string::npos;
	if (pending_.size() < kOriginBytesLeast && left > pending_.size() &&
		source_.Read(sent - pending_.size(), pending_.size()) == pending_)
		found = static_cast<std::size_t>(sent - pending_.size() - from);
	for (std::uint64_t size = 4096; pending_.size() >= kOriginBytesLeast; size *= 64)
	{
		found = source_.Read(from, static_cast<std::size_t>(std::min(left, size))).find(pending_);
		if (found != std::string::npos || size >= left)
			break;
	}
	isWrong_ = found == std::string::npos;
	if (isWrong_)
	{
		const std::uint64_t size = std::min<std::uint64_t>(sent - from, pending_.size());
		wrong_ = CountWrong(source_.Read(from, static_cast<std::size_t>(size)), pending_);
		return;
	}
	gapAt_ = gaps_++ == 0 ? wrongAt_ : gapAt_;
	missing_ += found;
	pending_.clear();
}

Difference EchoCheck::Judge(std::uint64_t sent, std::uint32_t clients) const
{
	EchoCheck whole = *this;
	if (!pending_.empty() && !isWrong_)
		whole.Resume(std::min(sent, source_.Size()));
	const bool gaps = whole.gaps_ > 0;
	if (!gaps && !whole.isWrong_ && received_ >= sent)
		return { Difference::None, 0, std::to_string(received_) + " bytes exact" };

	const std::uint64_t at = gaps ? whole.gapAt_ : whole.isWrong_ ? wrongAt_ : received_;
	const std::string expected = at < sent ? source_.Read(at, 1) : "";
	const std::string of = " of " + std::to_string(sent) + " bytes";
	if (received_ > 0 && !nul_ && !unsent_ && expected == std::string(1, '\0'))
		return { Difference::AfterNul, whole.wrong_,
			std::to_string(received_) + of + ", and none behind the NUL at offset " +
				std::to_string(at) };
	if (whole.isWrong_)
		return { unsent_ ? Difference::Surplus : Difference::Wrong, whole.wrong_,
			"offset " + std::to_string(wrongAt_) + ": " +
				(unsent_ ? "nothing more was sent"
						 : "expected " + Hex(source_.Read(wrongAt_, 1)[0])) +
				", received " + Hex(pending_[0]) + Origin(pending_, source_, sent, clients) };
	if (!gaps)
		return { Difference::Prefix, 0,
			std::to_string(received_) + of + (received_ > 0 ? ", a prefix" : "") };
	const std::uint64_t missing = sent - received_;
	return { Difference::Missing, 0,
		std::to_string(missing) + (missing == 1 ? " byte is" : " bytes are") + " missing" +
			(whole.gaps_ > 1 ? " in " + std::to_string(whole.gaps_) + " places, the first" : "") +
			" at offset " + std::to_string(at) + ", the rest is right" };
}

} // namespace echo

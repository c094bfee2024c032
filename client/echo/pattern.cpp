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

// So many bytes tell their origin; with fewer than the least it is not asked for.
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
	if (first_ && first_->received.size() < kOriginBytes)
		first_->received += chunk.substr(0, kOriginBytes - first_->received.size());

	const std::uint64_t known = std::min(sent, source_.Size());
	std::string expected; // as far as something was sent
	if (received_ < known)
		expected = source_.Read(received_,
			static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), known - received_)));
	for (std::size_t i = 0; i < chunk.size(); ++i)
	{
		const bool wasSent = i < expected.size();
		if (wasSent && chunk[i] == expected[i])
			continue;
		++wrong_;
		if (first_)
			continue;
		first_ = Mismatch{ received_ + i, {}, std::string(chunk.substr(i, kOriginBytes)) };
		if (wasSent)
			first_->expected = expected[i];
	}
	received_ += chunk.size();
}

std::string EchoCheck::Describe(std::uint64_t sent, std::uint32_t clients) const
{
	if (Exact(sent))
		return std::to_string(received_) + " bytes exact";
	if (!first_)
		return std::to_string(received_) + " of " + std::to_string(sent) + " bytes" +
			(received_ > 0 ? ", a prefix" : "");

	std::string text = "client " + std::to_string(source_.client) + ", offset " +
		std::to_string(first_->offset) + ": ";
	text += first_->expected ? "expected " + Hex(*first_->expected) : "nothing more was sent";
	return text + ", received " + Hex(first_->received.front()) +
		Origin(first_->received, source_, sent, clients);
}

} // namespace echo

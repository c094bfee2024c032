#include "figures.h"

#include <cstring>
#include <sstream>

namespace echo
{
namespace
{
using enum Metric;
using Summaries = std::vector<Summary>;

bool Less(const Summary& left, const Summary& right)
{
	return left.max < right.min;
}

const char* YesIf(bool holds)
{
	return holds ? "yes: " : "not here: ";
}

// The judges. Each is given the figures of its claim, in their order.

// Whether the first is the larger one.
const char* FirstIsLarger(const Summaries& of)
{
	if (Less(of[1], of[0]))
		return "yes: ";
	if (Less(of[0], of[1]))
		return "not here, the other way round: ";
	return "no difference beyond the noise here: ";
}

// The CPU use of a model, in percent of one core, and that of 02.
const char* IsLow(const Summaries& of)
{
	return YesIf(of[0].median < 5 && Less(of[0], of[1]));
}

// The CPU use of 02 to 05, then the clients that they serve at once.
const char* DrawbacksAreGone(const Summaries& of)
{
	bool gone = true;
	for (std::size_t i = 1; i <= 3; i++)
		gone = gone && Less(of[i], of[0]) && Less(of[4], of[4 + i]);
	return YesIf(gone);
}

const char* BothServeOne(const Summaries& of)
{
	return YesIf(of[0].max == 1 && of[1].max == 1);
}

const char* Serves63(const Summaries& of)
{
	return YesIf(of[0].min == 63 && of[0].max == 63);
}

const char* ServesSeveral(const Summaries& of)
{
	return YesIf(of[0].min > 1);
}

const char* ServesAll(const Summaries& of)
{
	return YesIf(of[0].min == kStayingClients);
}

struct Figure
{
	unsigned model; // 1 to 5
	Metric metric;
	unsigned clients;
};

struct Claim
{
	const char* section; // of the document: "3 Select, 3" is chapter 3, Select, part 3)
	const char* korean;  // the document's own words
	const char* english;
	const char* (*judge)(const Summaries& of); // null: the figures are the answer
	const char* answer;                        // each {} is the next of the figures
	std::vector<Figure> figures;
};

const Claim kClaims[] = {
	{ "1.1",
		"이를 통해 리소스를 적게 사용하면서도 다수의 클라이언트를 효율적으로 처리하는 서버를 "
		"만들 수 있다.",
		"With few resources a server handles many clients efficiently.", nullptr,
		"memory with no client, and with 60: 03 {} and {} MiB; 04 {} and {} MiB; 05 {} and {} MiB",
		{ { 3, WorkingSet, 0 }, { 3, WorkingSet, 60 }, { 4, WorkingSet, 0 }, { 4, WorkingSet, 60 },
			{ 5, WorkingSet, 0 }, { 5, WorkingSet, 60 } } },
	{ "1.2", "동일한 기능을 두가지 모드로 구현, 비교해보면 논블락에서 더 높은 CPU 사용률을 보인다.",
		"Built in both modes and compared, non-blocking shows the higher CPU use.", FirstIsLarger,
		"with one idle client 02 uses {} % of a core, 01 {} %; for 1000 round trips 02 uses {} ms, "
		"01 {} ms",
		{ { 2, CpuIdle, 1 }, { 1, CpuIdle, 1 }, { 2, CpuPerTrips, 1 }, { 1, CpuPerTrips, 1 } } },
	{ "1.2",
		"간단한 송수신 작업의 경우 WOULDBLOCK 처리 로직 때문에 오히려 성능이 더 안좋게 "
		"나오기도 한다.",
		"For simple exchanges, handling WOULDBLOCK can even make it perform worse.", FirstIsLarger,
		"with one client 01 makes {} round trips per second, 02 {}",
		{ { 1, Rate, 1 }, { 2, Rate, 1 } } },
	{ "1.2", "이때 소켓 IO 모델을 사용하면 장점은 유지하되 단점은 해결할 수 있다.",
		"A socket I/O model keeps the advantages and removes the drawbacks.", DrawbacksAreGone,
		"CPU with one idle client: 02 {} %, 03 {} %, 04 {} %, 05 {} %; clients at once: 02 {}, "
		"03 {}, 04 {}, 05 {}",
		{ { 2, CpuIdle, 1 }, { 3, CpuIdle, 1 }, { 4, CpuIdle, 1 }, { 5, CpuIdle, 1 },
			{ 2, AtOnce, kStayingClients }, { 3, AtOnce, kStayingClients },
			{ 4, AtOnce, kStayingClients }, { 5, AtOnce, kStayingClients } } },
	{ "2.1",
		"반복 서버는 클라이언트를 한번에 하나씩 처리한다. ... "
		"한 클라이언트의 처리 시간이 길어지면 다른 클라이언트는 대기하고 있어야 한다.",
		"An iterative server takes one client at a time; when one takes long, the others wait.",
		BothServeOne,
		"of 80 clients that stay connected, 01 serves {}, 02 {}; when 60 connect at once, the "
		"median client waits {} ms for its first echo in 01, {} ms in 03",
		{ { 1, AtOnce, kStayingClients }, { 2, AtOnce, kStayingClients }, { 1, Wait, 60 },
			{ 3, Wait, 60 } } },
	{ "2.2",
		"마지막으로, 유저 모드와 커널 모드 전환을 최소화하고 CPU 명령 수행과 IO 작업은 "
		"병행하는 것이 좋다.",
		"Switches between user and kernel mode should be as few as possible.", nullptr,
		"Winsock calls per echo, with 1 client and with 60: 01 {} and {}; 02 {} and {}; "
		"03 {} and {}; 04 {} and {}; 05 {} and {}",
		{ { 1, Calls, 1 }, { 1, Calls, 60 }, { 2, Calls, 1 }, { 2, Calls, 60 }, { 3, Calls, 1 },
			{ 3, Calls, 60 }, { 4, Calls, 1 }, { 4, Calls, 60 }, { 5, Calls, 1 },
			{ 5, Calls, 60 } } },
	{ "3 Select, 2", "이때 set 당 넣을 수 있는 소켓 최대 개수는 64로 정해져있다.",
		"A set takes 64 sockets at the most.", Serves63,
		"of 80 clients that stay connected, 03 serves {}; the listening socket takes one place",
		{ { 3, AtOnce, kStayingClients } } },
	{ "3 Select, 3",
		"위 예제는 Non-Blocking 예제처럼 모든 소켓이 논블로킹이지만 CPU 사용률이 매우 낮게 "
		"나온다.",
		"All sockets are non-blocking, as in the Non-Blocking example, but CPU use is very low.",
		IsLow,
		"with one idle client 03 uses {} % of a core, 02 {} %; for 1000 round trips of 60 clients "
		"03 uses {} ms, 02 {} ms (the listing as printed uses a whole core: E03-1)",
		{ { 3, CpuIdle, 1 }, { 2, CpuIdle, 1 }, { 3, CpuPerTrips, 60 }, { 2, CpuPerTrips, 60 } } },
	{ "3 WSAAsyncSelect, 3",
		"Select 모델 예제처럼 단일 스레드, 논블로킹 소켓을 사용하면서도 낮은 CPU 사용률을 "
		"확인할 수 있다.",
		"One thread and non-blocking sockets, as with Select, and CPU use is low.", IsLow,
		"with one idle client 04 uses {} % of a core, 02 {} %; for 1000 round trips of 60 clients "
		"04 uses {} ms, 02 {} ms",
		{ { 4, CpuIdle, 1 }, { 2, CpuIdle, 1 }, { 4, CpuPerTrips, 60 }, { 2, CpuPerTrips, 60 } } },
	{ "3 WSAAsyncSelect, 3",
		"Select 모델은 셋 당 64개의 소켓만 처리할 수 있었던 것과 달리 "
		"연결리스트를 이용해 개수 제한 없이 소켓을 관리하는 것을 볼 수 있다.",
		"Where Select could handle 64 sockets per set, a linked list manages them without a limit.",
		ServesAll, "of 80 clients that stay connected, the most tried, 04 serves {}, 03 {}",
		{ { 4, AtOnce, kStayingClients }, { 3, AtOnce, kStayingClients } } },
	{ "3 WSAEventSelect, 1", "이를 통해 단일 스레드로도 여러 소켓을 처리할 수 있다.",
		"One thread can handle several sockets.", ServesSeveral,
		"of 80 clients that stay connected, 05 serves {}", { { 5, AtOnce, kStayingClients } } },
};

std::string Answer(const Figures& figures, const Claim& claim)
{
	std::string text = claim.answer;
	Summaries summaries;
	std::size_t place = 0;
	for (const auto& [number, metric, clients] : claim.figures)
	{
		const Model& model = kModels[number - 1];
		const auto summary = figures.Of(model, metric, clients);
		if (!summary)
			return "not measured";
		summaries.push_back(*summary);
		const std::string shown = ShownRange(figures, model, metric, clients);
		place = text.find("{}", place);
		text.replace(place, 2, shown);
		place += shown.size();
	}
	return (claim.judge != nullptr ? claim.judge(summaries) : "") + text;
}

// Columns of a terminal: Hangul, of three bytes in UTF-8, takes two.
std::size_t Columns(const std::string& text)
{
	std::size_t columns = 0;
	for (const char c : text)
	{
		const auto byte = static_cast<unsigned char>(c);
		columns += byte >= 0xE0 ? 2 : byte < 0x80 ? 1 : 0;
	}
	return columns;
}

// Breaks a text between words.
std::string Wrapped(const std::string& text, const std::string& indent, std::size_t width)
{
	std::string wrapped;
	std::string line;
	std::istringstream words(text);
	for (std::string word; words >> word;)
	{
		if (!line.empty() && indent.size() + Columns(line) + 1 + Columns(word) > width)
		{
			wrapped += indent + line + '\n';
			line.clear();
		}
		line += (line.empty() ? "" : " ") + word;
	}
	return wrapped + indent + line + '\n';
}

} // namespace

std::string Answers(const Figures& figures, std::size_t width)
{
	std::string text;
	const char* section = "";
	for (const Claim& claim : kClaims)
	{
		if (std::strcmp(section, claim.section) != 0)
			text += std::string("\n") + claim.section + '\n';
		section = claim.section;
		text += Wrapped(claim.korean, "  ", width) + Wrapped(claim.english, "  ", width) +
			Wrapped("-> " + Answer(figures, claim), "    ", width);
	}
	return text;
}

} // namespace echo

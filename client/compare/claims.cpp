#include "figures.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <regex>
#include <sstream>

namespace echo
{
namespace
{
constexpr unsigned kStaying = kStayingClients;

// The figures of a model by its number, 1 to 5. Asked only for what the format of the claim names.
struct Given
{
	const Figures& figures;

	Summary operator()(int model, Metric metric, unsigned clients) const
	{
		return *figures.Of(kModels[static_cast<std::size_t>(model) - 1], metric, clients);
	}
};

bool Less(const Summary& left, const Summary& right)
{
	return left.max < right.min;
}

const char* YesIf(bool holds)
{
	return holds ? "yes: " : "not here: ";
}

// Whether the first is the larger one.
const char* Larger(const Summary& first, const Summary& second)
{
	if (Less(second, first))
		return "yes: ";
	if (Less(first, second))
		return "not here, the other way round: ";
	return "no difference beyond the noise here: ";
}

template <int model>
const char* LowCpu(const Given& of)
{
	const Summary idle = of(model, Metric::CpuIdle, 1); // in percent of one core
	return YesIf(idle.median < 5 && Less(idle, of(2, Metric::CpuIdle, 1)));
}

const char* DrawbacksGone(const Given& of)
{
	return YesIf(std::ranges::all_of(std::array{ 3, 4, 5 }, [&of](int model) {
		return Less(of(model, Metric::CpuIdle, 1), of(2, Metric::CpuIdle, 1)) &&
			Less(of(2, Metric::AtOnce, kStaying), of(model, Metric::AtOnce, kStaying));
	}));
}

struct Claim
{
	const char* section; // of the document: "3 Select, 3" is chapter 3, Select, part 3)
	const char* korean;  // the document's own words
	const char* english;
	const char* (*judge)(const Given& of); // null: the figures are the answer
	const char* format; // "{2 cpu_idle 1}": that metric of model 02 with one client
};

const Claim kClaims[] = {
	{ "1.1",
		"이를 통해 리소스를 적게 사용하면서도 다수의 클라이언트를 효율적으로 처리하는 서버를 "
		"만들 수 있다.",
		"With few resources a server handles many clients efficiently.", nullptr,
		"memory with no client, and with 60: 03 {3 working_set 0} and {3 working_set 60} MiB; "
		"04 {4 working_set 0} and {4 working_set 60} MiB; "
		"05 {5 working_set 0} and {5 working_set 60} MiB" },
	{ "1.2", "동일한 기능을 두가지 모드로 구현, 비교해보면 논블락에서 더 높은 CPU 사용률을 보인다.",
		"Built in both modes and compared, non-blocking shows the higher CPU use.",
		[](const Given& of) {
			return Larger(of(2, Metric::CpuIdle, 1), of(1, Metric::CpuIdle, 1));
		},
		"with one idle client 02 uses {2 cpu_idle 1} % of a core, 01 {1 cpu_idle 1} %; for 1000 "
		"round trips 02 uses {2 cpu_per_1000_round_trips 1} ms, 01 {1 cpu_per_1000_round_trips 1} "
		"ms" },
	{ "1.2",
		"간단한 송수신 작업의 경우 WOULDBLOCK 처리 로직 때문에 오히려 성능이 더 안좋게 "
		"나오기도 한다.",
		"For simple exchanges, handling WOULDBLOCK can even make it perform worse.",
		[](const Given& of) { return Larger(of(1, Metric::Rate, 1), of(2, Metric::Rate, 1)); },
		"with one client 02 makes {2 round_trips_per_second 1} round trips per second, "
		"01 {1 round_trips_per_second 1}" },
	{ "1.2", "이때 소켓 IO 모델을 사용하면 장점은 유지하되 단점은 해결할 수 있다.",
		"A socket I/O model keeps the advantages and removes the drawbacks.", DrawbacksGone,
		"CPU with one idle client: 02 {2 cpu_idle 1} %, 03 {3 cpu_idle 1} %, 04 {4 cpu_idle 1} %, "
		"05 {5 cpu_idle 1} %; clients at once: 02 {2 clients_at_once 80}, 03 {3 clients_at_once "
		"80}, 04 {4 clients_at_once 80}, 05 {5 clients_at_once 80}" },
	{ "2.1",
		"반복 서버는 클라이언트를 한번에 하나씩 처리한다. ... "
		"한 클라이언트의 처리 시간이 길어지면 다른 클라이언트는 대기하고 있어야 한다.",
		"An iterative server takes one client at a time; when one takes long, the others wait.",
		[](const Given& of) {
			return YesIf(of(1, Metric::AtOnce, kStaying).max == 1 &&
				of(2, Metric::AtOnce, kStaying).max == 1);
		},
		"of 80 clients that stay, 01 serves {1 clients_at_once 80}, 02 {2 clients_at_once 80}; of "
		"60 that come at once and leave, one waits {1 wait_median 60} ms for its first echo in 01, "
		"{3 wait_median 60} ms in 03" },
	{ "2.2",
		"마지막으로, 유저 모드와 커널 모드 전환을 최소화하고 CPU 명령 수행과 IO 작업은 "
		"병행하는 것이 좋다.",
		"Switches between user and kernel mode should be as few as possible.", nullptr,
		"Winsock calls per echo, with 1 client and with 60: "
		"01 {1 winsock_calls_per_echo 1} and {1 winsock_calls_per_echo 60}; "
		"02 {2 winsock_calls_per_echo 1} and {2 winsock_calls_per_echo 60}; "
		"03 {3 winsock_calls_per_echo 1} and {3 winsock_calls_per_echo 60}; "
		"04 {4 winsock_calls_per_echo 1} and {4 winsock_calls_per_echo 60}; "
		"05 {5 winsock_calls_per_echo 1} and {5 winsock_calls_per_echo 60}" },
	{ "3 Select, 2", "이때 set 당 넣을 수 있는 소켓 최대 개수는 64로 정해져있다.",
		"A set takes 64 sockets at the most.",
		[](const Given& of) {
			const Summary served = of(3, Metric::AtOnce, kStaying);
			return YesIf(served.min == 63 && served.max == 63);
		},
		"of 80 clients that stay, 03 serves {3 clients_at_once 80}; the listening socket is in the "
		"set, too" },
	{ "3 Select, 3",
		"위 예제는 Non-Blocking 예제처럼 모든 소켓이 논블로킹이지만 CPU 사용률이 매우 낮게 "
		"나온다.",
		"All sockets are non-blocking, as in the Non-Blocking example, but CPU use is very low.",
		LowCpu<3>,
		"with one idle client 03 uses {3 cpu_idle 1} % of a core, 02 {2 cpu_idle 1} %; for 1000 "
		"round trips of 60 clients 03 uses {3 cpu_per_1000_round_trips 60} ms, "
		"02 {2 cpu_per_1000_round_trips 60} ms" },
	{ "3 WSAAsyncSelect, 3",
		"Select 모델 예제처럼 단일 스레드, 논블로킹 소켓을 사용하면서도 낮은 CPU 사용률을 "
		"확인할 수 있다.",
		"One thread and non-blocking sockets, as with Select, and CPU use is low.", LowCpu<4>,
		"with one idle client 04 uses {4 cpu_idle 1} % of a core, 02 {2 cpu_idle 1} %; for 1000 "
		"round trips of 60 clients 04 uses {4 cpu_per_1000_round_trips 60} ms, "
		"02 {2 cpu_per_1000_round_trips 60} ms" },
	{ "3 WSAAsyncSelect, 3",
		"Select 모델은 셋 당 64개의 소켓만 처리할 수 있었던 것과 달리 "
		"연결리스트를 이용해 개수 제한 없이 소켓을 관리하는 것을 볼 수 있다.",
		"Where Select could handle 64 sockets per set, a linked list manages them without a limit.",
		[](const Given& of) { return YesIf(of(4, Metric::AtOnce, kStaying).min == kStaying); },
		"of 80 clients that stay, the most that were tried, 04 serves {4 clients_at_once 80}, "
		"03 {3 clients_at_once 80}" },
	{ "3 WSAEventSelect, 1", "이를 통해 단일 스레드로도 여러 소켓을 처리할 수 있다.",
		"One thread can handle several sockets.",
		[](const Given& of) { return YesIf(of(5, Metric::AtOnce, kStaying).min > 1); },
		"of 80 clients that stay, 05 serves {5 clients_at_once 80}" },
};

// The format with its figures in place; nothing when one of them is missing.
std::optional<std::string> Filled(const Figures& figures, std::string format)
{
	static const std::regex place("\\{([1-5]) (\\w+) (\\d+)\\}");
	for (std::smatch match; std::regex_search(format, match, place);)
	{
		const Model& model = kModels[std::stoul(match[1]) - 1];
		const auto info = std::ranges::find(Metrics(), match[2].str(), &MetricInfo::id);
		const auto clients = static_cast<unsigned>(std::stoul(match[3]));
		const std::string shown = ShownRange(figures, model, info->metric, clients);
		if (shown == "-")
			return std::nullopt;
		format = match.prefix().str() + shown + match.suffix().str();
	}
	return format;
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
		std::string answer = Filled(figures, claim.format).value_or("not measured");
		if (answer != "not measured" && claim.judge != nullptr)
			answer = claim.judge({ figures }) + answer;
		text += Wrapped(claim.korean, "  ", width) + Wrapped(claim.english, "  ", width) +
			Wrapped("-> " + answer, "    ", width);
	}
	return text;
}

} // namespace echo

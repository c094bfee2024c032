#include "claims.h"

#include <cstdlib>
#include <sstream>

namespace echo
{
namespace
{
constexpr double kLow = 5; // percent of one core

const char* const kNotMeasured = "not measured";

enum class Order
{
	Less,
	Alike, // the ranges overlap
	More,
};

Order Compare(const Summary& left, const Summary& right)
{
	if (left.max < right.min)
		return Order::Less;
	return left.min > right.max ? Order::More : Order::Alike;
}

// One metric with one number of clients, for all models.
class Values
{
public:
	Values(const Figures& figures, Metric metric, unsigned clients)
	{
		for (const Model& model : Models())
		{
			const auto summary = figures.Of(model, metric, clients);
			complete_ = complete_ && summary.has_value();
			summaries_.push_back(summary.value_or(Summary{ 0, 0, 0 }));
			shown_.push_back(Shown(figures, model, metric, clients));
			ranges_.push_back(ShownRange(figures, model, metric, clients));
		}
	}

	bool Complete() const
	{
		return complete_;
	}

	// `number`: 1 to 5.
	const Summary& Of(int number) const
	{
		return summaries_[static_cast<std::size_t>(number) - 1];
	}

	// The median as text.
	const std::string& Text(int number) const
	{
		return shown_[static_cast<std::size_t>(number) - 1];
	}

	// "03 0 %, 04 0 %, 05 0 %"
	std::string List(std::initializer_list<int> numbers, const char* unit) const
	{
		std::string list;
		for (const int number : numbers)
			list +=
				(list.empty() ? "0" : ", 0") + std::to_string(number) + " " + Text(number) + unit;
		return list;
	}

	// The median and the extremes.
	const std::string& Range(int number) const
	{
		return ranges_[static_cast<std::size_t>(number) - 1];
	}

private:
	bool complete_ = true;
	std::vector<Summary> summaries_;
	std::vector<std::string> shown_;
	std::vector<std::string> ranges_;
};

std::string Verdict(Order order, Order claimed)
{
	if (order == Order::Alike)
		return "no difference beyond the noise here";
	return order == claimed ? "yes" : "not here, the other way round";
}

std::string FewResources(const Figures& figures)
{
	const Values none(figures, Metric::WorkingSet, 0);
	const Values many(figures, Metric::WorkingSet, 60);
	if (!none.Complete() || !many.Complete())
		return kNotMeasured;
	std::string text = "memory with no client, and with 60:";
	for (const int number : { 3, 4, 5 })
		text += std::string(number == 3 ? " 0" : "; 0") + std::to_string(number) + " " +
			none.Text(number) + " and " + many.Text(number) + " MiB";
	return text;
}

std::string MoreCpu(const Figures& figures)
{
	const Values idle(figures, Metric::CpuIdle, 1);
	const Values trips(figures, Metric::CpuPerTrips, 1);
	if (!idle.Complete() || !trips.Complete())
		return kNotMeasured;
	return Verdict(Compare(idle.Of(2), idle.Of(1)), Order::More) +
		": with one idle client 02 uses " + idle.Text(2) + " % of a core, 01 " + idle.Text(1) +
		" %; for 1000 round trips 02 uses " + trips.Range(2) + " ms, 01 " + trips.Range(1) + " ms";
}

std::string Slower(const Figures& figures)
{
	const Values rate(figures, Metric::Rate, 1);
	if (!rate.Complete())
		return kNotMeasured;
	return Verdict(Compare(rate.Of(2), rate.Of(1)), Order::Less) + ": with one client 02 makes " +
		rate.Range(2) + " round trips per second, 01 " + rate.Range(1);
}

std::string DrawbacksGone(const Figures& figures)
{
	const Values idle(figures, Metric::CpuIdle, 1);
	const Values atOnce(figures, Metric::AtOnce, kCrowd);
	if (!idle.Complete() || !atOnce.Complete())
		return kNotMeasured;
	bool all = true;
	for (const int number : { 3, 4, 5 })
	{
		all = all && Compare(idle.Of(number), idle.Of(2)) == Order::Less &&
			Compare(atOnce.Of(number), atOnce.Of(2)) == Order::More;
	}
	return std::string(all ? "yes" : "not here") + ": CPU with one idle client " +
		idle.List({ 2, 3, 4, 5 }, " %") + "; clients at once " + atOnce.List({ 2, 3, 4, 5 }, "");
}

std::string OneAtATime(const Figures& figures)
{
	const Values atOnce(figures, Metric::AtOnce, kCrowd);
	if (!atOnce.Complete())
		return kNotMeasured;
	const bool one = atOnce.Of(1).max == 1 && atOnce.Of(2).max == 1;
	return std::string(one ? "yes" : "not here") + ": of " + std::to_string(kCrowd) +
		" clients that stay, so many get an echo while the others wait: " +
		atOnce.List({ 1, 2 }, "");
}

std::string FewCalls(const Figures& figures)
{
	const Values one(figures, Metric::Calls, 1);
	const Values many(figures, Metric::Calls, 60);
	if (!one.Complete() || !many.Complete())
		return kNotMeasured;
	std::string text = "Winsock calls per echo, with 1 client and with 60:";
	for (const int number : { 1, 2, 3, 4, 5 })
		text += std::string(number == 1 ? " 0" : "; 0") + std::to_string(number) + " " +
			one.Text(number) + " and " + many.Text(number);
	return text;
}

std::string SixtyFour(const Figures& figures)
{
	const Values atOnce(figures, Metric::AtOnce, kCrowd);
	if (!atOnce.Complete())
		return kNotMeasured;
	const std::string served = "of " + std::to_string(kCrowd) + " clients that stay, " +
		atOnce.Text(3) + " are served at once";
	if (atOnce.Of(3).min == 63 && atOnce.Of(3).max == 63)
		return "yes: " + served + "; the listening socket is the 64th";
	return "not here: " + served;
}

std::string LowCpu(const Figures& figures, int number)
{
	const Values idle(figures, Metric::CpuIdle, 1);
	const Values trips(figures, Metric::CpuPerTrips, 60);
	if (!idle.Complete() || !trips.Complete())
		return kNotMeasured;
	const bool low = idle.Of(number).median < kLow;
	const bool less = Compare(idle.Of(number), idle.Of(2)) == Order::Less;
	const std::string name = "0" + std::to_string(number);
	return std::string(low && less ? "yes" : "not here") + ": with one idle client " + name +
		" uses " + idle.Range(number) + " % of a core, 02 " + idle.Range(2) +
		" %; for 1000 round trips of 60 clients " + name + " uses " + trips.Text(number) +
		" ms, 02 " + trips.Text(2) + " ms";
}

std::string NoLimit(const Figures& figures)
{
	const Values atOnce(figures, Metric::AtOnce, kCrowd);
	if (!atOnce.Complete())
		return kNotMeasured;
	const bool all = atOnce.Of(4).min == kCrowd;
	return std::string(all ? "yes, as far as tried" : "not here") + ": of " +
		std::to_string(kCrowd) + " clients that stay, 04 serves " + atOnce.Text(4) +
		" at once, 03 " + atOnce.Text(3);
}

std::string SeveralSockets(const Figures& figures)
{
	const Values atOnce(figures, Metric::AtOnce, kCrowd);
	if (!atOnce.Complete())
		return kNotMeasured;
	const bool several = atOnce.Of(5).min > 1;
	return std::string(several ? "yes" : "not here") + ": of " + std::to_string(kCrowd) +
		" clients that stay, 05 serves " + atOnce.Text(5) + " at once";
}

// Breaks a text between words.
std::string Wrapped(const std::string& text, const std::string& indent, std::size_t width)
{
	std::string wrapped;
	std::string line = indent;
	std::istringstream words(text);
	for (std::string word; words >> word;)
	{
		if (line != indent && line.size() + 1 + word.size() > width)
		{
			wrapped += line + '\n';
			line = indent;
		}
		line += (line == indent ? "" : " ") + word;
	}
	return wrapped + line + '\n';
}

} // namespace

std::vector<Claim> Answers(const Figures& figures)
{
	return {
		{ "1.1",
			"이를 통해 리소스를 적게 사용하면서도 다수의 클라이언트를 효율적으로 처리하는 서버를 "
			"만들 수 있다.",
			"With few resources a server handles many clients efficiently.",
			FewResources(figures) },
		{ "1.2",
			"동일한 기능을 두가지 모드로 구현, 비교해보면 논블락에서 더 높은 CPU 사용률을 보인다.",
			"Built in both modes and compared, non-blocking shows the higher CPU use.",
			MoreCpu(figures) },
		{ "1.2",
			"간단한 송수신 작업의 경우 WOULDBLOCK 처리 로직 때문에 오히려 성능이 더 안좋게 "
			"나오기도 한다.",
			"For simple exchanges, handling WOULDBLOCK can even make it perform worse.",
			Slower(figures) },
		{ "1.2", "이때 소켓 IO 모델을 사용하면 장점은 유지하되 단점은 해결할 수 있다.",
			"A socket I/O model keeps the advantages and removes the drawbacks.",
			DrawbacksGone(figures) },
		{ "2.1",
			"반복 서버는 클라이언트를 한번에 하나씩 처리한다. ... "
			"한 클라이언트의 처리 시간이 길어지면 다른 클라이언트는 대기하고 있어야 한다.",
			"An iterative server takes one client at a time; when one takes long, the others wait.",
			OneAtATime(figures) },
		{ "2.2",
			"마지막으로, 유저 모드와 커널 모드 전환을 최소화하고 CPU 명령 수행과 IO 작업은 "
			"병행하는 것이 좋다.",
			"Switches between user and kernel mode should be as few as possible.",
			FewCalls(figures) },
		{ "3 Select, 2", "이때 set 당 넣을 수 있는 소켓 최대 개수는 64로 정해져있다.",
			"A set takes 64 sockets at the most.", SixtyFour(figures) },
		{ "3 Select, 3",
			"위 예제는 Non-Blocking 예제처럼 모든 소켓이 논블로킹이지만 CPU 사용률이 매우 낮게 "
			"나온다.",
			"All sockets are non-blocking, as in the Non-Blocking example, but CPU use is very "
			"low.",
			LowCpu(figures, 3) },
		{ "3 WSAAsyncSelect, 3",
			"Select 모델 예제처럼 단일 스레드, 논블로킹 소켓을 사용하면서도 낮은 CPU 사용률을 "
			"확인할 수 있다.",
			"One thread and non-blocking sockets, as with Select, and CPU use is low.",
			LowCpu(figures, 4) },
		{ "3 WSAAsyncSelect, 3",
			"Select 모델은 셋 당 64개의 소켓만 처리할 수 있었던 것과 달리 "
			"연결리스트를 이용해 개수 제한 없이 소켓을 관리하는 것을 볼 수 있다.",
			"Where Select could handle 64 sockets per set, a linked list manages them without a "
			"limit.",
			NoLimit(figures) },
		{ "3 WSAEventSelect, 1", "이를 통해 단일 스레드로도 여러 소켓을 처리할 수 있다.",
			"One thread can handle several sockets.", SeveralSockets(figures) },
	};
}

std::string Text(const std::vector<Claim>& claims, std::size_t width)
{
	std::string text;
	const char* section = "";
	for (const Claim& claim : claims)
	{
		if (std::string(section) != claim.section)
			text += std::string("\n") + claim.section + '\n';
		section = claim.section;
		text += std::string("  ") + claim.korean + '\n';
		text += Wrapped(claim.english, "  ", width);
		text += Wrapped("-> " + claim.answer, "    ", width);
	}
	return text;
}

} // namespace echo

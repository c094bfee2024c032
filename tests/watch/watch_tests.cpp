// What the page shows: every scenario with every server, and every bug in the scenario where it
// shows.
#include "stage.h"

#include "echo/random.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

namespace sim
{
namespace
{
struct Scenario
{
	std::string id;
	int buffer;
	std::string acts;
};

struct Bug
{
	std::string id;
	std::string rule;
	bool wine;
	int buffer;
	std::string acts;
};

const Scenario kScenarios[] = {
#define SCENE(...) { __VA_ARGS__ },
#define BUG(...)
#include "watch.inc"
#undef SCENE
#undef BUG
};

const Bug kBugs[] = {
#define SCENE(...)
#define BUG(...) { __VA_ARGS__ },
#include "watch.inc"
#undef SCENE
#undef BUG
};

const Server& Find(const std::string& id)
{
	for (int i = 0; i < kServerCount; i++)
	{
		if (kServers[i].id == id)
			return kServers[i];
	}
	FAIL("no server ", id);
	return kServers[0];
}

std::string Play(const Server& server, bool wine, int buffer, const std::string& acts,
	bool lines = false)
{
	return Tape({ server, wine ? Platform::Wine : Platform::Windows, buffer, lines, acts.c_str() });
}

std::vector<std::string> Steps(const std::string& tape)
{
	std::vector<std::string> steps;
	for (std::size_t at = 1; at < tape.size();)
	{
		const std::size_t end = std::min(tape.find(",\n", at), tape.size() - 1);
		steps.push_back(tape.substr(at, end - at));
		at = end + 2;
	}
	return steps;
}

// The string behind "key": in a step.
std::string Field(const std::string& step, const char* key)
{
	const std::string start = "\"" + std::string(key) + "\":\"";
	const std::size_t at = step.find(start);
	return at == step.npos
		? ""
		: step.substr(at + start.size(), step.find('"', at + start.size()) - at - start.size());
}

std::string Last(const std::string& tape)
{
	return Steps(tape).back();
}

// It has gone on, or has ended as it must: its wait, its listening socket or its start failed.
bool IsWell(const std::string& last, const std::string& acts)
{
	const std::string kind = Field(last, "k");
	return kind == "rest" || kind == "spin" ||
		(kind == "exit" && acts.find('%') != acts.npos && last.find("\"code\":1") != last.npos);
}

} // namespace

TEST_CASE("no server breaks a rule in a scenario")
{
	for (int i = 0; i < 5; i++)
	{
		const auto check = [&](int buffer, const std::string& acts) {
			for (const bool wine : { false, true })
			{
				const std::string last = Last(Play(kServers[i], wine, buffer, acts));
				CAPTURE(std::string(kServers[i].id));
				CAPTURE(acts);
				CAPTURE(last);
				CHECK(IsWell(last, acts));
			}
		};
		for (const Scenario& scenario : kScenarios)
			check(scenario.buffer, scenario.acts);
		for (const Bug& bug : kBugs)
			check(bug.buffer, bug.acts);
	}
}

TEST_CASE("every bug shows where the page says")
{
	CHECK(std::size(kBugs) >= 40);
	for (const Bug& bug : kBugs)
	{
		const std::string last = Last(Play(Find(bug.id), bug.wine, bug.buffer, bug.acts));
		const std::string kind = Field(last, "k");
		CAPTURE(bug.id);
		CAPTURE(last);
		CHECK((kind == "broken" ? Field(last, "rule") : kind) == bug.rule);
	}
}

TEST_CASE("an act in the past leaves every step before it as it was")
{
	const char* const whats[] = { "+", "+", "hello", "hi", "#700", "-", "=", ".", "!", "/", "*3",
		"~", "?", "%new", "%event", "%WSACreateEvent", "%PostMessage", "%recv:WSAEWOULDBLOCK",
		"%send:WSAEWOULDBLOCK", "%accept:WSAECONNRESET" };
	const int buffers[] = { 8, 8, 100, 1024 };
	echo::Random random(1);
	for (int run = 0; run < 1500; run++)
	{
		const Server& server = kServers[random.Below(5)];
		const bool wine = random.Below(2) != 0;
		const int buffer = buffers[random.Below(4)];
		std::vector<std::string> acts;
		std::vector<std::string> steps = Steps(Play(server, wine, buffer, ""));
		for (int i = 0; i < 12; i++)
		{
			const int count = static_cast<int>(steps.size());
			const int at = random.Below(3) != 0 ? count - 1 : random.Below(count);
			const bool now = at == count - 1; // else what came after it is forgotten
			std::size_t kept = 0;
			for (int step = 0; step <= at; step++)
				kept += Field(steps[static_cast<std::size_t>(step)], "k") == "act" ? 1U : 0U;
			acts.resize(kept);
			const std::string what = whats[random.Below(std::size(whats))];
			const bool ofClient = std::strchr("*~?%", what[0]) == nullptr;
			acts.push_back((now ? "" : std::to_string(at + 1)) +
				(ofClient ? std::string(1, static_cast<char>('A' + random.Below(4))) : "") + what);
			std::string all;
			for (const std::string& act : acts)
				all += (all.empty() ? "" : "|") + act;

			const std::vector<std::string> after = Steps(Play(server, wine, buffer, all));
			CAPTURE(std::string(server.id));
			CAPTURE(wine);
			CAPTURE(buffer);
			CAPTURE(all);
			REQUIRE(IsWell(after.back(), ""));
			const std::size_t same = static_cast<std::size_t>(now ? at : at + 1);
			REQUIRE(after.size() > same);
			for (std::size_t step = 0; step < same; step++)
				REQUIRE(after[step] == steps[step]);
			steps = after;
		}
	}
}

TEST_CASE("acts")
{
	const Server& select = kServers[2];
	const auto all = [&](const char* acts) { return Play(select, false, 8, acts); };
	const auto has = [&](const char* acts, const char* text) {
		CAPTURE(all(acts));
		return all(acts).find(text) != std::string::npos;
	};
	CHECK(has("A.", "\"do\":\"fin\",\"p\":1,\"no\":1"));
	CHECK(has("A+|A+", "\"i\":1,\"do\":\"connect\",\"p\":1,\"no\":1"));
	CHECK(has("A+|Aa\\|b", "\"b\":\"a|b\""));
	CHECK(has("A+|A\".", "\"b\":\".\""));
	CHECK(has("A+|A\xEC\x95\x88\x01\xEC", "\"b\":\"\xEC\x95\x88\\u0001\\ufffd\""));
	CHECK(has("*30|@27:hi", "\"k\":\"get\",\"l\":"));
	CHECK(has("*30|@27:hi", "\"p\":27,\"n\":2,\"b\":\"hi\""));
	CHECK(has("*2|^hi", "\"p\":2,\"n\":2,\"b\":\"hi\""));
	CHECK(has("A+|A/", "\"what\":\"fin\""));
	CHECK(has("A+|A-|Ahello|A/", "\"do\":\"close\",\"p\":1,\"w\":{\"1\":{\"rst\":1,\"done\":1"));
	CHECK(has("A+|Ahello,A/", "\"what\":\"gone\""));
	CHECK(has("%nothing", "\"do\":\"fail\",\"f\":\"nothing\",\"no\":1"));
	CHECK(has("0%bind|A+", "\"f\":\"bind\",\"p\":-1,\"r\":-1,\"e\":\"WSAEADDRINUSE\"") == false);
	CHECK(has("0%bind|A+", "\"e\":\"WSAEADDRINUSE\""));
	CHECK(has("0%bind|A+", "\"k\":\"exit\""));
	CHECK(Play(kServers[3], false, 8, "A+|$").find("\"rule\"") == std::string::npos);
	CHECK(Field(Last(Play(kServers[3], false, 8, "A+|A.|$")), "k") == "exit");
}

TEST_CASE("every line has a step and a place means the same with and without them")
{
	for (int i = 0; i < 5; i++)
	{
		std::vector<std::string> kinds;
		for (const bool lines : { false, true })
		{
			std::string all;
			for (const std::string& step :
				Steps(Play(kServers[i], false, 8, "A+|Ahello|9B+", lines)))
			{
				if (Field(step, "k") != "line")
					all += Field(step, "k") + Field(step, "f") + Field(step, "do") + " ";
			}
			kinds.push_back(all);
		}
		CHECK(kinds[0] == kinds[1]);
	}
}

} // namespace sim

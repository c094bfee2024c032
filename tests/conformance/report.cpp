#include "report.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <iterator>
#include <sstream>

namespace conformance
{
namespace
{
// How the server of a model fails with an erratum put back: made by tests/errata/hints.cmake, as
// build/tests/errata/hint_cases.inc.
struct Hint
{
	std::string_view cases; // "C4.05", or "C4." for all of the group
	std::string_view look;  // see Meaning; "": any
	std::string_view model;
	std::string_view erratum;
};
constexpr Hint kHints[] = {
#include "hint_cases.inc"
};

// Whether the server can be one of that model, by its name or by what is known of it.
bool CanBe(std::string_view model, const Options& options, const Traits& traits)
{
	if (!options.model.empty())
		return options.model == model;
	const echo::Model* const known = echo::FindModel(model);
	return known != nullptr && known->capacity == (known->iterative ? 0 : traits.places) &&
		known->iterative == traits.Iterative() &&
		(options.connect || (known->spins == traits.polls && known->window == traits.window));
}

constexpr Meaning kMeanings[] = {
	{ Symptom::Waited, true }, { Symptom::Nothing, true, "nothing comes back", "silent" },
	{ Symptom::Stops, true, "then nothing more comes back, the connection is still open" },
	{ Symptom::NoEnd, true, "all comes back, but the server does not close" },
	{ Symptom::Starves, true, "keeps a client waiting while it serves others" },
	{ Symptom::BrokenEnd, false, "all comes back, then a reset in place of the FIN" },
	{ Symptom::EndsTooEarly, false, "closes before all has come back", "closes-early" },
	{ Symptom::EndsIdle, false, "closes a client that is idle", "closes-idle" },
	{ Symptom::AfterNul, false, "nothing behind a NUL comes back" },
	{ Symptom::Surplus, false, "more comes back than was sent" },
	{ Symptom::Wrong, false, "other bytes come back than were sent" },
	{ Symptom::Missing, false, nullptr, "missing" },
	{ Symptom::Other, false }, // and all that are left
};

// The last lines, each as far as it fits on the screen.
std::string LastLines(const std::string& what, const std::string& text)
{
	constexpr std::size_t kLines = 6;
	constexpr std::size_t kWidth = 100;
	std::istringstream stream(text.substr(text.size() - std::min<std::size_t>(text.size(), 65536)));
	std::deque<std::string> last;
	for (std::string line; std::getline(stream, line);)
	{
		line = Escaped(line);
		last.push_back("\n" + line.substr(0, kWidth) + (line.size() > kWidth ? " ..." : ""));
	}
	const bool whole = last.size() <= kLines;
	last.erase(last.begin(), whole ? last.begin() : last.end() - kLines);
	std::string shown;
	for (const std::string& line : last)
		shown += line;
	return shown.empty()
		? ""
		: "\n--- " + std::string(whole ? "" : "the end of ") + what + " ---" + shown;
}

// What was seen as far as it has no numbers: with others the cause is the same.
std::string CauseOf(const Result& result)
{
	if (result.symptom == Symptom::Missing) // in one place or in many, of one client or of all
		return "missing";
	std::string cause = result.seen;
	if (result.symptom != Symptom::Ended)
		std::erase_if(cause, [](char c) { return c >= '0' && c <= '9'; });
	return cause;
}

// "C1.01 C1.02 and 5 more"
std::string Ids(const std::vector<const Result*>& results)
{
	constexpr std::size_t kMost = 8;
	std::string ids;
	for (std::size_t i = 0; i < std::min(results.size(), kMost); i++)
		ids += (i == 0 ? "" : " ") + results[i]->id;
	if (results.size() > kMost)
		ids += " and " + std::to_string(results.size() - kMost) + " more";
	return ids;
}

// A line for the failures of one cause.
std::string Line(const std::vector<const Result*>& results)
{
	const Result& first = *results.front();
	std::string seen = first.seen;
	if (!first.example.empty())
		seen += " (" + first.example + ")";
	if (seen.size() > 140) // not within a number
		seen = seen.substr(0, seen.find_last_not_of("0123456789", 136) + 1) + " ...";
	std::string errata;
	for (const Result* each : results)
	{
		if (errata.empty() && !each->errata.empty())
			errata = ": read first " + each->errata.substr(0, each->errata.find(' '));
	}
	return Ids(results) + ": " + seen + errata + "\n";
}

// The differences between right servers, what and why.
constexpr const char* kDifferences[][2] = {
	{ "D1",
		"a fixed number of clients at a time; the others wait in the backlog and are then served "
		"whole" },
	{ "D2",
		"a fixed number of clients; the next one is accepted and closed (FD_SETSIZE and "
		"WSA_MAXIMUM_WAIT_EVENTS are 64, the listening socket takes one)" },
	{ "D3", "uses the CPU while idle: it polls" },
	{ "D7", "clients had to connect again because the backlog was full" },
};

bool IsWine8()
{
	const auto version = reinterpret_cast<const char* (*)()>(
		reinterpret_cast<void*>(GetProcAddress(GetModuleHandleA("ntdll"), "wine_get_version")));
	return version != nullptr && std::string_view(version()).starts_with("8.");
}
} // namespace

const Meaning& MeaningOf(Symptom symptom)
{
	return *std::find_if(std::begin(kMeanings), std::end(kMeanings) - 1,
		[&](const Meaning& each) { return each.symptom == symptom; });
}

Symptom SymptomOf(int error)
{
	return error == WSAETIMEDOUT ? Symptom::Waited : Symptom::EndsTooEarly;
}

Symptom SymptomOf(const echo::Difference& data, std::uint64_t received, End end, bool toEnd)
{
	switch (data.kind)
	{
	case echo::Difference::AfterNul:
		return Symptom::AfterNul;
	case echo::Difference::Missing:
		return Symptom::Missing;
	case echo::Difference::Surplus:
		return Symptom::Surplus;
	case echo::Difference::Wrong:
		return Symptom::Wrong;
	case echo::Difference::Prefix:
		if (end.kind != End::Open)
			return Symptom::EndsTooEarly;
		return received == 0 ? Symptom::Nothing : Symptom::Stops;
	case echo::Difference::None:
		break;
	}
	if (!toEnd || end.kind == End::Fin)
		return Symptom::None;
	return end.kind == End::Open ? Symptom::NoEnd : Symptom::BrokenEnd;
}

std::string Hints(std::string_view id, Symptom symptom, const Options& options,
	const Traits& traits)
{
	const auto canBe = [&](std::string_view model) { return CanBe(model, options, traits); };
	const bool unknown = std::none_of(echo::kModels.begin(), echo::kModels.end(),
		[&](const echo::Model& model) { return canBe(model.name); });
	std::string errata;
	for (const Hint& hint : kHints)
	{
		const bool inCase =
			id == hint.cases || (hint.cases.ends_with('.') && id.starts_with(hint.cases));
		const bool seen = hint.look == MeaningOf(symptom).look;
		// Where it can be none of the models, what was seen decides.
		if (inCase && (seen || hint.look.empty()) && (canBe(hint.model) || (unknown && seen)) &&
			(" " + errata + " ").find(" " + std::string(hint.erratum) + " ") == std::string::npos)
			errata += (errata.empty() ? "" : " ") + std::string(hint.erratum);
	}
	return errata;
}

const Finding* Found::Explains(Symptom symptom) const
{
	for (const Finding& each : findings)
	{
		if (std::count(each.explains.begin(), each.explains.end(), symptom) != 0)
			return &each;
	}
	return nullptr;
}

std::string Found::Line() const
{
	std::string line;
	for (const Finding& each : findings)
		line += (line.empty() ? "" : "; ") + each.text +
			(each.errata.empty() ? "" : ": " + each.errata);
	return line;
}

void Suite::MayGoOn()
{
	const auto failures = std::count_if(results.begin(), results.end(),
		[](const Result& result) { return result.kind == Result::Failed; });
	if (stopped.empty() && end.Passed())
		stopped = "the run has taken seven minutes";
	if (stopped.empty() && found.hopeless && failures >= 3)
		stopped = "line 1 says why they would fail";
	if (!stopped.empty())
		throw Stopped(stopped);
}

std::string Suite::Summary(const std::string& kind) const
{
	std::vector<std::pair<std::string, std::vector<const Result*>>> causes;
	std::string differences;
	std::vector<const Result*> of[4]; // by Result::Kind
	bool resets = false;
	for (const Result& result : results)
	{
		of[result.kind].push_back(&result);
		differences += result.differences;
		resets |= result.id.starts_with("C6.") && result.kind != Result::NotTried;
		if (result.kind != Result::Failed)
			continue;
		const std::string cause = CauseOf(result);
		auto known = std::find_if(causes.begin(), causes.end(),
			[&](const auto& other) { return other.first == cause; });
		if (known == causes.end())
			known = causes.insert(causes.end(), { cause, {} });
		known->second.push_back(&result);
	}

	std::string text;
	for (const auto& [id, what] : kDifferences)
	{
		if (differences.find(id) != std::string::npos)
			text += std::string(id) + ": " + what + "\n";
	}
	if (resets && !options.connect && IsWine8())
		text +=
			"Wine 8 shows a server most resets as an orderly end (recv() returns 0): how it bears "
			"a reset has not been tried in full.\n";
	if (!of[Result::NotTried].empty())
	{
		text += "Not tried, as " + stopped + ":";
		for (const Result* result : of[Result::NotTried])
			text += " " + result->id;
		text += "\n";
	}
	for (const auto& [_, failed] : causes)
		text += Line(failed);
	const auto count = [&](Result::Kind each) { return std::to_string(of[each].size()); };
	text += kind + ": " + count(Result::Held) +
		(of[Result::Held].size() == 1 ? " case" : " cases") + " held";
	if (!of[Result::NotApplicable].empty())
		text += ", " + count(Result::NotApplicable) + " do not apply";
	if (!of[Result::NotTried].empty())
		text += ", " + count(Result::NotTried) + " were not tried";
	if (!causes.empty())
		text += ", " + count(Result::Failed) + " failed for " + std::to_string(causes.size()) +
			(causes.size() == 1 ? " cause" : " causes");
	return text + "\n";
}

Report::Report(Suite& run, std::string name)
	: suite_(run), name_(std::move(name)), result_{ name_.substr(0, name_.find(' ')) }
{
}

void Report::NotApplicable(const std::string& why) const
{
	throw Inapplicable(why);
}

void Report::NotTooSlow() const
{
	suite_.MayGoOn();
	if (whole_.Passed())
		NotApplicable("too slow to be tried to the end: no failure within 90 s");
}

void Report::Lasts(milliseconds time)
{
	whole_ = Deadline::After(milliseconds(90000) + time);
}

void Report::Differs(const std::string& id)
{
	if (result_.differences.find(id) == std::string::npos)
		result_.differences += (result_.differences.empty() ? "" : " ") + id;
}

void Report::Note(const std::string& text)
{
	notes_ += "\n       " + text;
}

void Report::Fail(const std::string& expected, const std::string& actual, Symptom symptom,
	Where where)
{
	std::string text = result_.afterwards
		? "\n  the case itself held; afterwards a new client has to be served"
		: "";
	text += "\n  expected  " + expected + "\n  actual    " +
		actual.substr(0, actual.find_last_not_of('\n') + 1);
	// A server that ends closes its connections a little earlier.
	std::optional<DWORD> code;
	if (process_ != nullptr)
		code = process_->WaitExit(Deadline::After(milliseconds(200)));
	if (code)
		text += "\n  server    has ended with " + echo::ExitCode(*code);
	code ? Settle(Symptom::Ended, "the server has ended with " + echo::ExitCode(*code))
		 : Settle(symptom, actual);
	if (!result_.errata.empty())
		text += "\n  see       " + result_.errata;
	text += "\n  seed      " + std::to_string(suite_.options.seed);
	if (process_ != nullptr)
		text += LastLines("the server's stdout", process_->Stdout()) +
			LastLines("the server's stderr", process_->Stderr());
	Print();
	TellDoctest(suite_.options, where, text);
	throw Failed();
}

void Report::Check(bool holds, const std::string& expected, const std::string& actual,
	Symptom symptom, Where where)
{
	if (!holds)
		Fail(expected, actual, symptom, where);
}

void Report::NoEnd(const std::string& expected, Where where)
{
	if (!noEnd_ && !result_.afterwards) // line 1 has said it
		noEnd_ = { expected, where };
}

// Makes the result that of a failure.
void Report::Settle(Symptom symptom, const std::string& actual)
{
	result_.kind = Result::Failed;
	result_.symptom = symptom;
	if (const Finding* const finding = suite_.found.Explains(symptom))
	{
		result_.seen = finding->text;
		return;
	}
	std::string line = actual;
	const std::size_t then = line.find("\n  then      ");
	if (then != std::string::npos)
		line.replace(then, 13, ", then ");
	line.erase(0, line.find_first_not_of("\r\n"));
	line.resize(std::min(line.find('\n'), line.size()));
	const Meaning& meaning = MeaningOf(symptom);
	const bool means = meaning.inVain && !meaning_.empty() && !result_.afterwards;
	const char* const words = means ? meaning_.c_str() : meaning.words;
	result_.seen = (result_.afterwards ? "afterwards " : "") + (words != nullptr ? words : line);
	result_.example = words != nullptr ? line : "";
	if (!result_.afterwards && symptom != Symptom::Start)
		result_.errata = Hints(result_.id, symptom, suite_.options, suite_.found.traits);
}

void Report::Print() const
{
	const char* const verdicts[] = { "ok", "n/a", "FAIL" };
	const bool differs = result_.kind == Result::Held && !result_.differences.empty();
	std::printf("%-7s%-62s %s%s\n", result_.id.c_str(),
		name_.c_str() + std::min(name_.size(), result_.id.size() + 1),
		differs ? result_.differences.c_str() : verdicts[result_.kind], notes_.c_str());
	std::fflush(stdout);
}

void TellDoctest(const Options& options, Where where, const std::string& text)
{
	const int line = static_cast<int>(where.line());
	if (!options.junit)
	{
		ADD_FAIL_CHECK_AT(where.file_name(), line, text);
		return;
	}
	// Its JUnit knows assertions only, and the macros for these take no place.
	doctest::detail::ResultBuilder failure(doctest::assertType::DT_CHECK, where.file_name(), line,
		"the rule");
	failure.setResult({ false, text.c_str() });
	failure.log();
}

std::string Show(std::string_view bytes)
{
	const std::string text =
		std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
	return bytes.empty() || bytes.size() > 64 ? text : text + " \"" + Escaped(bytes, false) + "\"";
}

std::string Escaped(std::string_view text, bool lines)
{
	std::string escaped;
	for (const char c : text)
	{
		char number[8];
		std::snprintf(number, sizeof(number), "\\x%02X", static_cast<unsigned char>(c));
		if ((c >= 0x20 && c <= 0x7E) || (lines && c == '\n'))
			escaped += c;
		else if (!lines || c != '\r')
			escaped += number;
	}
	return escaped;
}

} // namespace conformance

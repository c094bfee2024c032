#include "harness.h"

#include <cstdio>
#include <regex>

namespace conformance
{
namespace
{
struct Inapplicable : std::runtime_error
{
	using std::runtime_error::runtime_error;
};

std::string stopped; // see Stopped()

// Something that grows while the server works: its log and, unless it polls, the processor time
// that it has used. Each alone may stand still: not every server has a log, and the time is counted
// in steps. Always 0 for a server that the suite did not start.
std::uint64_t Work(Context& context)
{
	if (!context.HasProcess())
		return 0;
	std::uint64_t work = context.Process().StdoutSize();
	if (!context.Server().polls)
		work += static_cast<std::uint64_t>(context.Process().CpuTime().count());
	return work;
}

// Lasts until this thread has used so much CPU, but 20 s at the most.
void UseCpu(milliseconds time)
{
	const Deadline deadline = Deadline::After(milliseconds(20000));
	const HANDLE self = GetCurrentThread();
	const auto end = echo::CpuTimeOf(self) + time;
	while (echo::CpuTimeOf(self) < end && !deadline.Passed())
	{
	}
}

std::string LastLines(const std::string& what, const std::string& text)
{
	constexpr std::size_t most = 1000;
	if (text.empty())
		return "";
	if (text.size() <= most)
		return "\n--- " + what + " ---\n" + Escaped(text);
	return "\n--- the end of " + what + " ---\n" + Escaped(text.substr(text.size() - most));
}

// Whether an erratum can be one of the server: its model is known, or what it can do.
bool Fits(const std::string& erratum)
{
	const std::string number = erratum.substr(1, 2); // of the model
	if (number == "00" || !settings.model.empty())
		return number == "00" || settings.model.starts_with(number);
	if (settings.traits.Iterative() || settings.traits.polls)
		return number == "02";
	if (!settings.connect)
		return (number == "04") == settings.traits.window && number != "02";
	return number != "02";
}

// Whether an erratum can be the cause of what was seen of a server that runs, or has ended.
bool Explains(const std::string& erratum, Cause cause, bool runs)
{
	if (erratum == "E00-8") // ends 02 and 03
		return !runs || settings.model.starts_with("04") || settings.model.starts_with("05");
	if (erratum == "E03-1") // nothing is ever echoed
		return cause == Cause::Silence;
	return cause != Cause::WrongBytes || erratum.starts_with("E02");
}

// The errata of a result, those first that what was seen speaks for.
std::string Hints(const Result& result, std::optional<DWORD> ended, bool runs)
{
	std::string first;
	if (ended == DWORD(EXCEPTION_ACCESS_VIOLATION))
		first = "E04-5"; // a message for a socket that is not in the list
	else if (ended == DWORD(0) && result.see.find("E00-8") != std::string::npos)
		first = "E00-8"; // its loop has ended
	std::string hints;
	for (std::string rest = first + " " + result.see + " "; !rest.empty();)
	{
		const std::string one = rest.substr(0, rest.find(' '));
		rest.erase(0, one.size() + 1);
		// A window may be hidden.
		const bool fits = !one.empty() && (Fits(one) || (one == first && settings.model.empty()));
		if (fits && Explains(one, result.cause, runs) && hints.find(one + " ") == std::string::npos)
			hints += one + " ";
	}
	return hints.substr(0, hints.find_last_not_of(' ') + 1);
}

// What `got` is, against `data`.
std::string Describe(const Connection::Received& got, std::string_view data)
{
	std::string text = got.data.empty() && data.empty() ? "nothing" : Show(got.data);
	if (!data.starts_with(got.data))
		text += ", not what was sent";
	if (got.data.size() > 64 || data.size() > 64)
	{
		echo::EchoCheck comparison(Source::FromBytes(std::string(data)));
		comparison.Feed(got.data);
		text = comparison.Describe(data.size(), 1);
	}
	return text + ", then " + echo::Describe(got.end);
}

Cause CauseOf(const Connection::Received& got, std::string_view data)
{
	if (!data.starts_with(got.data))
		return Cause::WrongBytes;
	if (got.end.kind != End::Open)
		return Cause::Check;
	return got.data.empty() && !data.empty() ? Cause::Silence : Cause::Deadline;
}

Cause CauseOf(int error)
{
	return error == WSAETIMEDOUT ? Cause::Deadline : Cause::Check;
}

Cause CauseOf(const echo::RunResult& result)
{
	if (result.wrong > 0)
		return Cause::WrongBytes;
	const bool inVain =
		std::all_of(result.clients.begin(), result.clients.end(), [](const auto& client) {
			return client.Served() ||
				(client.end.kind == End::Open &&
					(client.connectError == 0 || client.connectError == WSAETIMEDOUT));
		});
	if (!inVain)
		return Cause::Check;
	return result.echoed == 0 ? Cause::Silence : Cause::Deadline;
}
} // namespace

const std::string& Stopped()
{
	static const Deadline run = Deadline::After(milliseconds(480000)); // from the first call on
	constexpr std::ptrdiff_t kInARow = 5;
	if (stopped.empty() && run.Passed())
		stopped = "the run has taken eight minutes";
	if (stopped.empty() && std::ssize(results) >= kInARow &&
		std::all_of(results.end() - kInARow, results.end(), [](const Result& result) {
			return result.kind == Result::Failed &&
				(InVain(result.cause) || result.cause == Cause::Start);
		}))
		stopped = "the five cases from " + (results.end() - kInARow)->id + " on waited in vain";
	return stopped;
}

void Context::Start()
{
	port_ = settings.port;
	if (!settings.connect)
		return StartProcess(nullptr);
	if (results.empty() || results.back().kind != Result::Failed)
		return;
	try
	{
		Line(1);
	}
	catch (const Failure&)
	{
		stopped = "the server is gone since " + results.back().id;
		throw;
	}
}

void Context::StartProcess(HANDLE input)
{
	const Deadline deadline = Deadline::After(milliseconds(10000));
	std::vector<std::string> arguments = settings.arguments;
	if (settings.port == 0 && arguments.empty())
		arguments = { "0" };
	// Under Wine 8 a process that was ended in the middle of select() may leave its socket behind.
	if (settings.port != 0 &&
		!Eventually([&] { return !echo::SomebodyListens(settings.port).value_or(false); }))
	{
		stopped = "port " + std::to_string(settings.port) +
			" is still held although the server has ended (by Wine: sh tests/wine/down.sh frees "
			"it)";
		throw std::runtime_error(stopped);
	}
	process_.emplace(settings.server, arguments, input);
	if (settings.port != 0)
		return process_->WaitAccepting(settings.host, settings.port, deadline);
	try
	{
		port_ = process_->WaitListening(deadline);
	}
	catch (const std::runtime_error& error)
	{
		throw std::runtime_error(error.what() +
			std::string(
				"\n  A server that prints no such line needs --port N; one that takes other "
				"arguments than \"0\" needs them behind --"));
	}
}

void Context::Restart(HANDLE input)
{
	Process().Stop();
	process_.reset();
	try
	{
		StartProcess(input);
	}
	catch (const std::runtime_error& error)
	{
		Fail("a server that listens", error.what(), Cause::Deadline);
	}
}

void Context::Run(const char* name, const char* see, Where where)
{
	const std::string title = name;
	Result result;
	result.id = title.substr(0, title.find(' '));
	result.see = see;
	std::string problem = Stopped();
	try
	{
		if (problem.empty())
			Start();
	}
	catch (const std::exception& error)
	{
		problem = error.what();
	}
	if (!Stopped().empty())
	{
		settings.stop();
		ADD_FAIL_CHECK_AT(where.file_name(), static_cast<int>(where.line()), "not tried, as ",
			Stopped());
		return;
	}

	std::string text;
	try
	{
		Check(problem.empty(), "a server to test", problem, Cause::Start, where);
		Body();
		ExpectStillServed(where);
	}
	catch (const Inapplicable& inapplicable)
	{
		result.kind = Result::NotApplicable;
		notes_ += "\n       because " + std::string(inapplicable.what());
	}
	catch (const Failure& failure)
	{
		text = Explain(failure, result);
	}
	catch (const std::exception& error) // of the client library: nothing that the server did
	{
		text = Explain(Failure(Cause::Start, error.what()), result);
	}
	result.differences = differences_;
	results.push_back(result);

	const char* const verdicts[] = { "ok", "n/a", "FAIL" };
	const std::string verdict =
		result.kind == Result::Held && !differences_.empty() ? differences_ : verdicts[result.kind];
	std::printf("%-7s%-62s %s%s\n", result.id.c_str(), name + result.id.size() + 1, verdict.c_str(),
		notes_.c_str());
	std::fflush(stdout);
	if (result.kind == Result::Failed)
		throw Failure(result.cause, text);
}

std::string Context::Explain(const Failure& failure, Result& result)
{
	std::string text = failure.what();
	result.kind = Result::Failed;
	result.cause = failure.cause;
	const std::size_t actual = text.find("\n  actual    ");
	result.symptom = actual == std::string::npos ? text : text.substr(actual + 13);
	result.symptom.erase(0, result.symptom.find_first_not_of("\r\n"));
	result.symptom.resize(std::min(result.symptom.find('\n'), result.symptom.size()));
	std::optional<DWORD> ended;
	if (process_ && !hasEnded_)
		ended = process_->WaitExit(Deadline::After(milliseconds(0)));
	if (ended)
	{
		result.symptom = "the server has ended with " + ExitCode(*ended);
		text += "\n            " + result.symptom;
	}
	const bool runs = process_ && process_->Running();
	result.see = result.cause == Cause::Start ? "" : Hints(result, ended, runs);
	if (!result.see.empty())
		text += "\n  see       " + result.see;
	text += "\n  seed      " + std::to_string(settings.seed);
	if (process_)
		text += LastLines("the server's stdout", process_->Stdout()) +
			LastLines("the server's stderr", process_->Stderr());
	return text;
}

std::string Context::Data(std::uint32_t client, std::size_t size, std::uint64_t offset) const
{
	return echo::Pattern(settings.seed, client, offset, size);
}

echo::ServerProcess& Context::Process()
{
	if (!process_)
		NotApplicable("the suite did not start this server");
	return *process_;
}

echo::ServerProcess Context::Another(const std::vector<std::string>& arguments)
{
	if (!process_ || settings.port != 0)
		NotApplicable("the suite does not choose this server's arguments");
	return echo::ServerProcess(settings.server, arguments);
}

std::size_t Context::Memory()
{
	// Wine does not count private bytes; Windows shrinks a working set as it likes.
	const echo::ServerProcess::Memory memory = Process().MemoryUse();
	const std::size_t bytes = memory.privateBytes != 0 ? memory.privateBytes : memory.workingSet;
	if (bytes == 0)
		NotApplicable("this system does not tell a process's memory");
	return bytes;
}

void Context::ServerHasEnded()
{
	hasEnded_ = true;
}

void Context::NotApplicable(const std::string& why)
{
	throw Inapplicable(why);
}

void Context::NotTooSlow()
{
	if (whole_.Passed())
		NotApplicable("too slow to be tried to the end: no failure within 90 s");
}

void Context::NeedsContract()
{
	if (!Server().contract)
		NotApplicable("a rule of this project's servers, not of every echo server");
}

void Context::NeedsPlaces(std::size_t count)
{
	if (!Server().Iterative() && Server().places != 0 && Server().places < count)
		NotApplicable("this server serves " + std::to_string(Server().places) +
			" clients at once, the case needs " + std::to_string(count));
}

bool Context::Together(std::size_t count, Where where)
{
	NeedsPlaces(count);
	if (!Server().Iterative())
		return true;
	Connection first = Connect({}, where);
	PingPong(first, "first", where);
	Connection second = Connect({}, where);
	Send(second, "second", where);
	ExpectNothing(second, milliseconds(300), where);
	Finish(first, "", where);
	ExpectEcho(second, "second", where);
	Finish(second, "", where);
	Differs("D1");
	return false;
}

void Context::Differs(const std::string& id)
{
	if (differences_.find(id) == std::string::npos)
		differences_ += (differences_.empty() ? "" : " ") + id;
}

void Context::Note(const std::string& text)
{
	notes_ += "\n       " + text;
}

void Context::Fail(const std::string& expected, const std::string& actual, Cause cause, Where where)
{
	// A server that ends closes its connections a little earlier.
	if (cause != Cause::Start && process_ && !hasEnded_ &&
		process_->WaitExit(Deadline::After(milliseconds(200))))
		cause = Cause::Check;
	throw Failure(cause,
		std::string(where.file_name()) + "(" + std::to_string(where.line()) + "):" +
			(afterwards_ ? "\n  the case itself held; afterwards a new connection has to echo"
						 : "") +
			"\n  expected  " + expected + "\n  actual    " +
			actual.substr(0, actual.find_last_not_of('\n') + 1));
}

void Context::Check(bool holds, const std::string& expected, const std::string& actual, Cause cause,
	Where where)
{
	if (!holds)
		Fail(expected, actual, cause, where);
}

Connection Context::Connect(const Connection::Options& options, Where where)
{
	NotTooSlow();
	const std::string& host = settings.host;
	const milliseconds again = ConnectAgain();
	const Deadline deadline = Deadline::After(milliseconds(5000));
	Deadline slice = again.count() == 0 ? deadline : Deadline::After(again);
	Connection connection;
	int error = connection.Connect(host, port_, slice, options);
	while (error != 0 && again.count() != 0 && !deadline.Passed())
	{
		Sleep(static_cast<DWORD>(slice.Left().count())); // a refusal comes at once
		slice = Deadline::After(again);
		error = connection.Connect(host, port_, slice, options);
		if (error == 0)
			Differs("D7");
	}
	Check(error == 0, "a connection", "connect() failed: " + echo::ErrorName(error), CauseOf(error),
		where);
	return connection;
}

milliseconds Context::ConnectAgain() const
{
	// This project's servers have the largest backlog: a connect is taken at once. On the machine
	// itself an answer takes no time; elsewhere it takes a round trip.
	if (Server().contract)
		return milliseconds(0);
	const std::string& host = settings.host;
	return milliseconds(host == "localhost" || host.starts_with("127.") ? 100 : 1500);
}

void Context::Send(Connection& connection, std::string_view data, Where where)
{
	const Connection::Sent sent = connection.SendAll(data, Deadline::After(milliseconds(5000)));
	Check(sent.error == 0, "the server takes " + std::to_string(data.size()) + " bytes",
		std::to_string(sent.bytes) + " taken, then " + echo::ErrorName(sent.error),
		CauseOf(sent.error), where);
}

Connection::Received Context::ReceiveWithProgress(Connection& connection, std::size_t size,
	bool toEnd)
{
	Connection::Received all;
	Deadline silence = Deadline::After(milliseconds(10000));
	while ((toEnd || all.data.size() < size) && !silence.Passed())
	{
		const std::size_t piece =
			toEnd ? 65536 : std::min<std::size_t>(65536, size - all.data.size());
		const Connection::Received got =
			connection.Receive(piece, Deadline::After(milliseconds(1000)));
		all.data += got.data;
		all.end = got.end;
		if (got.end.kind != End::Open || all.data.size() > size)
			break;
		if (got.data.empty())
			continue;
		NotTooSlow(); // it is at work
		silence = Deadline::After(milliseconds(10000));
	}
	return all;
}

void Context::ExpectEcho(Connection& connection, std::string_view data, Where where)
{
	const Connection::Received got = ReceiveWithProgress(connection, data.size(), false);
	Check(got.data == data, Show(data) + " exact", Describe(got, data), CauseOf(got, data), where);
}

void Context::PingPong(Connection& connection, std::string_view data, Where where)
{
	Send(connection, data, where);
	ExpectEcho(connection, data, where);
}

void Context::ExpectNothing(Connection& connection, milliseconds quiet, Where where)
{
	const Connection::Received got = connection.Receive(1, Deadline::After(quiet));
	Check(got.data.empty() && got.end.kind == End::Open, "nothing, and an open connection",
		Describe(got, ""), Cause::Check, where);
}

void Context::Finish(Connection& connection, std::string_view data, Where where)
{
	connection.HalfClose();
	const Connection::Received got = ReceiveWithProgress(connection, data.size(), true);
	Check(got.data == data && got.end.kind == End::Fin, Show(data) + " exact, then FIN",
		Describe(got, data), CauseOf(got, data), where);
}

void Context::ExpectEnd(Connection& connection, Where where)
{
	const Connection::Received got = ReceiveWithProgress(connection, 0, true);
	Check(got.data.empty() && got.end.kind != End::Open, "an end, and nothing before it",
		Describe(got, ""), CauseOf(got, ""), where);
}

void Context::Echo(std::size_t size, Where where)
{
	Serve({ Plan(0, size) }, {}, where);
}

void Context::Line(std::size_t size, Where where)
{
	std::string text = Data(0, size);
	for (char& c : text)
		c = "abcdefghijklmnopqrstuvwxyz"[static_cast<unsigned char>(c) % 26];
	text.back() = '\n';
	ClientPlan plan;
	plan.source = Source::FromBytes(text);
	Serve({ plan }, {}, where);
}

std::size_t Context::Fitting(std::size_t count) const
{
	return Server().Iterative() && ConnectAgain().count() != 0 ? 2 : count;
}

std::vector<Connection> Context::Party(std::size_t count, Where where)
{
	std::vector<Connection> clients;
	for (std::size_t i = 0; i < count; i++)
	{
		INFO("client ", i);
		clients.push_back(Connect({}, where));
		PingPong(clients.back(), "hello " + std::to_string(i), where);
	}
	return clients;
}

void Context::Everybody(std::vector<Connection>& clients, Where where)
{
	for (std::uint32_t i = 0; i < clients.size(); i++)
	{
		if (clients[i].IsOpen())
			Send(clients[i], Data(i, 300), where);
	}
	for (std::uint32_t i = 0; i < clients.size(); i++)
	{
		INFO("client ", i);
		if (clients[i].IsOpen())
			ExpectEcho(clients[i], Data(i, 300), where);
	}
}

echo::RunResult Context::Serve(const std::vector<ClientPlan>& plans,
	const std::function<void(const echo::Progress&)>& onTurn, Where where)
{
	if (!Server().waits)
		NeedsPlaces(plans.size());
	echo::RunOptions options;
	if (ConnectAgain().count() != 0)
	{
		// Few of many get in at a time: all of them trying that often would keep the machine busy.
		options.connectAgain =
			std::max(ConnectAgain(), milliseconds(static_cast<std::int64_t>(plans.size())));
		// On Linux a client may take itself for connected while the full backlog has dropped it. It
		// sends again after twice as long each time: 6 s, 13 s (RFC 6298).
		if (Server().waits && plans.size() > Server().places)
			options.stall = milliseconds(15000);
	}
	options.onTurn = [&](const echo::Progress& progress) {
		NotTooSlow();
		if (onTurn)
			onTurn(progress);
	};
	const echo::RunResult result = echo::RunClients(settings.host, port_, plans, options);
	Check(result.AllServed(),
		"every byte exact, then FIN, for " + std::to_string(plans.size()) +
			(plans.size() == 1 ? " client" : " clients"),
		echo::Errors(result, 5), CauseOf(result), where);
	if (result.connectsAgain > 0)
		Differs("D7");
	if (Server().waits && plans.size() > Server().places)
	{
		Traits& found = settings.traits;
		if (result.atOnce <= found.places)
			Differs("D1");
		else if (!settings.model.empty())
			Fail("at most " + std::to_string(found.places) + " served at once (D1)",
				std::to_string(result.atOnce), Cause::Check, where);
		else // it was found out by a few clients: these know better
		{
			Note("not D1: " + std::to_string(result.atOnce) + " clients were served at once");
			found.waits = false;
			found.places = 0;
		}
	}
	return result;
}

milliseconds Context::CpuMeanwhile(milliseconds own)
{
	const auto before = Process().CpuTime();
	UseCpu(own);
	return std::chrono::duration_cast<milliseconds>(Process().CpuTime() - before);
}

void Context::ExpectIdle(const std::string& who, Where where)
{
	// It may still work on what it has received, but not for ever. Windows and Linux count the time
	// in steps of 10 to 16 ms.
	constexpr milliseconds kIdle(20);
	constexpr milliseconds kOwn(500);
	std::string spent;
	for (int turn = 0; turn < 3; turn++)
	{
		const milliseconds used = CpuMeanwhile(kOwn);
		if (used >= kIdle && Server().polls)
			return Differs("D3");
		if (used < kIdle && !Server().polls)
			return;
		spent += (turn == 0 ? "" : ", ") + std::to_string(used.count());
	}
	Fail(std::string(Server().polls ? "a server that polls (D3): 20 ms of CPU or more"
									: "an idle server: less than 20 ms of CPU") +
			" while the test uses 500 ms",
		spent + " ms in three turns, with " + who, Cause::Check, where);
}

void Context::ExpectStillServed(Where where)
{
	if (hasEnded_)
		return;
	afterwards_ = true;
	const auto running = [&] {
		if (process_)
			Check(process_->Running(), "the server still runs", "it has ended", Cause::Check,
				where);
	};
	running();
	for (const std::size_t size : { 1, 700, 5000 })
		Line(size, where);
	running();
}

bool Eventually(const std::function<bool()>& holds, milliseconds patience)
{
	const Deadline deadline = Deadline::After(patience);
	while (!holds())
	{
		if (deadline.Passed())
			return false;
		Sleep(5);
	}
	return true;
}

ClientPlan Plan(std::uint32_t client, std::uint64_t size, std::size_t message)
{
	ClientPlan plan;
	plan.source = Source::FromPattern(settings.seed, client, size);
	plan.mode = message == 0 ? ClientPlan::Streaming : ClientPlan::PingPong;
	plan.messageSize = message == 0 ? plan.messageSize : message;
	return plan;
}

Backpressure::Backpressure(Context& context, std::size_t limit, Where where)
	: client(context.Connect(kSmallBuffers, where)), limit_(limit)
{
	Fill(context, where);
}

bool Backpressure::TakesMore(Context& context, Where where)
{
	const std::size_t before = data.size();
	Fill(context, where);
	return data.size() > before;
}

void Backpressure::Fill(Context& context, Where where)
{
	// A server at work may let the client wait for long, as the system tells of new room in large
	// steps. So it has to be idle, too, if this suite has started it; and for so long, as a disk
	// that writes can keep it in a line of its log.
	const Source source = Source::FromPattern(settings.seed, 0, limit_);
	const milliseconds quiet(600);
	const Deadline deadline = Deadline::After(milliseconds(70000));
	// How long it may use the CPU and take nothing. A stranger may poll while it cannot send.
	const bool contract = context.Server().contract;
	const milliseconds patience(contract ? 40000 : 5000);
	Deadline silence = Deadline::After(patience);
	std::size_t size = data.size();
	bool works = true;
	while (works && size < limit_ && !silence.Passed())
	{
		const std::uint64_t before = Work(context);
		const Connection::Sent sent =
			client.WriteUntilBlocked(source, size, quiet, limit_ - size, deadline);
		size += sent.bytes;
		if (sent.error == WSAETIMEDOUT && !contract)
			break;
		context.Check(sent.error == 0,
			"an open connection that takes no more, and an idle server, within 70 s",
			echo::ErrorName(sent.error) + " after " + std::to_string(size) + " bytes",
			CauseOf(sent.error), where);
		if (sent.bytes > 0)
			silence = Deadline::After(patience);
		// On a busy machine it may only have had no turn. It has one while the test has its own.
		if (Work(context) == before && context.HasProcess())
			UseCpu(milliseconds(50));
		works = Work(context) != before;
	}
	context.Check(!works || size == limit_ || !contract, "an idle server, as it cannot send",
		"it has used the CPU for 40 s and taken nothing, after " + std::to_string(size) + " bytes",
		Cause::Check, where);
	if ((size == limit_ && limit_ > 1 << 20) || deadline.Passed())
		context.Note("takes without an end: " + std::to_string(size) + " bytes, none of them read");
	data = context.Data(0, size);
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

bool Matches(const std::string& text, const char* expression)
{
	return std::regex_match(text, std::regex(expression));
}

} // namespace conformance

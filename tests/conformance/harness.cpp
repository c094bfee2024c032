#include "harness.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace conformance
{
namespace
{
std::vector<const Case*>& Registry()
{
	static std::vector<const Case*> registry;
	return registry;
}

std::vector<Result>& MutableResults()
{
	static std::vector<Result> results;
	return results;
}

// "C10.02" as a number to sort by, group first.
int Order(const Case* test)
{
	int group = 0;
	int number = 0;
	std::sscanf(test->id, "C%d.%d", &group, &number);
	return group * 1000 + number;
}

struct Inapplicable
{
	std::string why;
};

// Something that grows while the server works: its log and, unless it polls, the processor time
// that it has used. Each alone may stand still: not every server has a log, and the time is counted
// in steps. Always 0 for a server that the suite did not start.
std::uint64_t Work(Context& context)
{
	if (!context.HasProcess())
		return 0;
	std::uint64_t work = context.Process().Stdout().size();
	if (!context.Server().spins)
		work += static_cast<std::uint64_t>(context.Process().CpuTime().count());
	return work;
}

// Lasts until this thread has used so much CPU, but 20 s at the most. On a busy machine a server
// that polls gets less of it in a second, but no smaller a part of what the test gets.
void UseCpu(milliseconds time)
{
	const auto used = [] { // in units of 100 ns; a FILETIME holds 7 minutes in its lower half
		FILETIME created{};
		FILETIME ended{};
		FILETIME kernel{};
		FILETIME user{};
		GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user);
		return kernel.dwLowDateTime + user.dwLowDateTime;
	};
	const DWORD most = used() + static_cast<DWORD>(time.count()) * 10000;
	for (const Deadline deadline = Deadline::After(milliseconds(20000)); used() < most;)
	{
		if (deadline.Passed())
			return;
	}
}

std::string LastLines(const std::string& text)
{
	const std::size_t most = 2000;
	return text.size() <= most ? text : "..." + text.substr(text.size() - most);
}

} // namespace

std::vector<const Case*> AllCases()
{
	std::vector<const Case*> cases = Registry();
	std::sort(cases.begin(), cases.end(),
		[](const Case* a, const Case* b) { return Order(a) < Order(b); });
	return cases;
}

Settings& CurrentSettings()
{
	static Settings settings;
	return settings;
}

const std::vector<Result>& Results()
{
	return MutableResults();
}

Registration::Registration(const Case& test)
{
	Registry().push_back(&test);
}

Outcome RunCase(const Case& test)
{
	const auto start = std::chrono::steady_clock::now();
	Outcome outcome;
	std::string expected = "a server to test";
	std::unique_ptr<Context> context;
	try
	{
		context = std::make_unique<Context>(CurrentSettings());
		test.body(*context);
		context->AskEverybody();
		if (!context->difference_.empty())
			outcome = { Outcome::Difference, context->difference_, "", "" };
	}
	catch (const Failure& failure)
	{
		outcome = { Outcome::Failed, "", failure.expected, failure.actual };
	}
	catch (const Inapplicable& inapplicable)
	{
		outcome = { Outcome::NotApplicable, inapplicable.why, "", "" };
	}
	catch (const std::exception& error)
	{
		outcome = { Outcome::Failed, "", expected, error.what() };
	}
	if (outcome.kind == Outcome::Failed && context && context->process_)
	{
		if (!context->process_->Running() && !context->hasEnded_)
		{
			outcome.actual.erase(outcome.actual.find_last_not_of('\n') + 1);
			outcome.actual += "; the server has ended with exit code " +
				std::to_string(
					context->process_->WaitExit(Deadline::After(milliseconds(0))).value_or(0));
		}
		outcome.text = "--- the end of the server's stdout ---\n" +
			LastLines(context->process_->Stdout()) + "\n--- the end of its stderr ---\n" +
			LastLines(context->process_->Stderr());
	}
	const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
	MutableResults().push_back({ CurrentSettings().name, &test, outcome, taken.count() });
	return outcome;
}

void RunForDoctest(const Case& test)
{
	const Outcome outcome = RunCase(test);
	static const char* const verdicts[] = { "ok", nullptr, "n/a", "FAIL" };
	const std::string verdict =
		outcome.kind == Outcome::Difference ? outcome.text : verdicts[outcome.kind];
	std::printf("%-7s%-62s %s\n", test.id, test.title, verdict.c_str());
	if (outcome.kind == Outcome::NotApplicable)
		std::printf("       because   %s\n", outcome.text.c_str());
	if (outcome.kind == Outcome::Failed)
	{
		std::printf("       rule      %s\n       expected  %s\n       actual    %s\n", test.rule,
			outcome.expected.c_str(), outcome.actual.c_str());
		std::printf("       seed      %llu\n",
			static_cast<unsigned long long>(CurrentSettings().seed));
		if (*test.see != '\0')
			std::printf("       see       %s\n", test.see);
		std::printf("%s\n", outcome.text.c_str());
	}
	std::fflush(stdout);
	CHECK_MESSAGE(outcome.kind != Outcome::Failed, test.id);
}

Context::Context(const Settings& settings) : settings_(settings)
{
	if (!settings_.connect.empty())
	{
		const std::size_t colon = settings_.connect.rfind(':');
		host_ = settings_.connect.substr(0, colon);
		port_ = static_cast<std::uint16_t>(std::stoul(settings_.connect.substr(colon + 1)));
		return;
	}
	StartProcess(nullptr);
}

void Context::StartProcess(HANDLE input)
{
	const Deadline deadline = Deadline::After(milliseconds(10000));
	std::vector<std::string> arguments;
	if (settings_.port == 0)
		arguments.push_back("0");
	process_.emplace(settings_.server, arguments, input);
	port_ = settings_.port;
	if (port_ != 0)
		process_->WaitAccepting(host_, port_, deadline);
	else
		port_ = process_->WaitListening(deadline);
}

void Context::Restart(HANDLE input)
{
	Process().Stop();
	process_.reset();
	StartProcess(input);
}

echo::ServerProcess& Context::Process()
{
	if (!process_)
		NotApplicable("the suite did not start this server");
	return *process_;
}

echo::ServerProcess Context::Start(const std::vector<std::string>& arguments)
{
	if (!process_ || settings_.port != 0)
		NotApplicable("the suite does not choose this server's arguments");
	return echo::ServerProcess(settings_.server, arguments);
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

void Context::NotApplicable(const std::string& why)
{
	throw Inapplicable{ why };
}

void Context::NeedsContract()
{
	if (!settings_.traits.ours)
		NotApplicable("a rule of this project's servers, not of every echo server");
}

void Context::NeedsClients(std::size_t count)
{
	const unsigned capacity = settings_.traits.capacity;
	if (!settings_.traits.iterative && capacity != 0 && capacity < count)
		NotApplicable("this server holds " + std::to_string(capacity) +
			" clients at once (D2), the case needs " + std::to_string(count));
}

void Context::Differs(const std::string& id)
{
	if (difference_.find(id) == std::string::npos)
		difference_ += (difference_.empty() ? "" : " ") + id;
}

void Context::ServerHasEnded()
{
	hasEnded_ = true;
}

void Context::Fail(const std::string& expected, const std::string& actual)
{
	throw Failure{ expected, actual };
}

void Context::Check(bool holds, const std::string& expected, const std::string& actual)
{
	if (!holds)
		Fail(expected, actual);
}

Connection Context::Connect()
{
	return Connect(Connection::Options());
}

Connection Context::Connect(const Connection::Options& options)
{
	Connection connection;
	const Deadline deadline = Deadline::After(milliseconds(5000));
	int error = 0;
	for (int attempt = 0;; attempt++)
	{
		const bool again = ConnectAgain().count() != 0;
		const Deadline slice = Deadline::After(ConnectAgain());
		error = connection.Connect(host_, port_, again ? slice : deadline, options);
		if (error == 0 && attempt > 0)
			Differs("D7");
		if (error == 0 || !again || deadline.Passed())
			break;
		Sleep(static_cast<DWORD>(slice.Left().count())); // a refusal comes at once
	}
	Check(error == 0, "a connection", "connect() failed: " + echo::ErrorName(error));
	return connection;
}

milliseconds Context::ConnectAgain() const
{
	// This project's servers have the largest backlog: a connect is taken at once. On the machine
	// itself an answer takes no time; elsewhere it takes a round trip.
	if (settings_.traits.ours)
		return milliseconds(0);
	const bool here = host_ == "localhost" || host_.compare(0, 4, "127.") == 0;
	return milliseconds(here ? 100 : 1500);
}

std::string Context::Data(std::uint32_t client, std::size_t size) const
{
	return echo::Pattern(settings_.seed, client, 0, size);
}

void Context::Send(Connection& connection, std::string_view data)
{
	const Connection::Sent sent = connection.SendAll(data, Deadline::After(milliseconds(5000)));
	Check(sent.error == 0, "the server takes " + std::to_string(data.size()) + " bytes",
		std::to_string(sent.bytes) + " taken, then " + echo::ErrorName(sent.error));
}

Connection::Received Context::ReceiveWithProgress(Connection& connection, std::size_t size,
	bool toEnd)
{
	Connection::Received all;
	while (toEnd || all.data.size() < size)
	{
		const std::size_t piece =
			toEnd ? 65536 : std::min<std::size_t>(65536, size - all.data.size());
		const Connection::Received got =
			connection.Receive(piece, Deadline::After(milliseconds(1000)));
		all.data += got.data;
		all.end = got.end;
		if (got.end.kind != End::Open || all.data.size() > size)
			break;
		if (!got.data.empty())
			continue;
		// Nothing for a second: some more patience, then the end of it.
		const Connection::Received late =
			connection.Receive(1, Deadline::After(milliseconds(9000)));
		all.data += late.data;
		all.end = late.end;
		if (late.data.empty())
			break;
	}
	return all;
}

void Context::ExpectEcho(Connection& connection, std::string_view data)
{
	const Connection::Received got = ReceiveWithProgress(connection, data.size(), false);
	Check(got.data == data, Show(data) + " exact",
		Show(got.data) +
			(got.data.size() < data.size() ? ", then " + echo::Describe(got.end) : ""));
}

void Context::PingPong(Connection& connection, std::string_view data)
{
	Send(connection, data);
	ExpectEcho(connection, data);
}

void Context::ExpectNothing(Connection& connection, milliseconds quiet)
{
	const Connection::Received got = connection.Receive(1, Deadline::After(quiet));
	Check(got.data.empty() && got.end.kind == End::Open, "nothing, and an open connection",
		Show(got.data) + ", " + echo::Describe(got.end));
}

void Context::ExpectExactThenFin(Connection& connection, std::string_view data)
{
	const Connection::Received got = ReceiveWithProgress(connection, data.size(), true);
	echo::EchoCheck comparison(Source::FromBytes(std::string(data)));
	comparison.Feed(got.data);
	Check(got.data == data && got.end.kind == End::Fin,
		std::to_string(data.size()) + " bytes exact, then FIN",
		comparison.Describe(data.size(), 1) + ", then " + echo::Describe(got.end));
}

void Context::ExpectPrefixThenEnd(Connection& connection, std::string_view data)
{
	const Connection::Received got = ReceiveWithProgress(connection, data.size(), true);
	Check(data.substr(0, got.data.size()) == got.data && got.end.kind != End::Open,
		"a prefix of " + std::to_string(data.size()) + " bytes, then an end",
		Show(got.data) + ", then " + echo::Describe(got.end));
}

void Context::Exchange(Connection& connection, std::string_view data,
	const std::function<std::size_t()>& chop)
{
	const Deadline deadline = Deadline::After(milliseconds(20000));
	std::size_t sent = 0;
	std::string received;
	End end;
	while (end.kind == End::Open && !deadline.Passed())
	{
		bool moved = false;
		if (sent < data.size())
		{
			const Connection::Step step = connection.TrySend(data.substr(sent, chop()));
			Check(step.kind != Connection::Step::Reset, "the server takes all bytes",
				echo::ErrorName(step.error) + " after " + std::to_string(sent));
			moved = step.bytes > 0;
			sent += step.bytes;
			if (sent == data.size())
				connection.HalfClose();
		}
		char buffer[16384];
		const Connection::Step step = connection.TryReceive(buffer, sizeof(buffer));
		if (step.kind == Connection::Step::Fin)
			end.kind = End::Fin;
		else if (step.kind == Connection::Step::Reset)
			end = { End::Reset, step.error };
		received.append(buffer, step.bytes);
		if (moved || step.bytes > 0 || end.kind != End::Open)
			continue;

		fd_set readable;
		fd_set writable;
		FD_ZERO(&readable);
		FD_ZERO(&writable);
		FD_SET(connection.Handle(), &readable);
		if (sent < data.size())
			FD_SET(connection.Handle(), &writable);
		timeval slice = { 0, 100000 };
		select(0, &readable, &writable, nullptr, &slice);
	}
	echo::EchoCheck comparison(Source::FromBytes(std::string(data)));
	comparison.Feed(received);
	Check(received == data && end.kind == End::Fin,
		std::to_string(data.size()) + " bytes exact, then FIN",
		comparison.Describe(sent, 1) + ", then " + echo::Describe(end));
}

void Context::Echo(std::size_t size)
{
	ClientPlan plan;
	plan.source = Source::FromPattern(settings_.seed, 0, size);
	Serve({ plan });
}

echo::RunResult Context::Serve(const std::vector<ClientPlan>& plans,
	const std::function<void(const echo::Progress&)>& onTurn)
{
	NeedsClients(plans.size());
	echo::RunOptions options;
	// Few of many get in at a time: all of them trying that often would keep the machine busy.
	if (ConnectAgain().count() != 0)
		options.connectAgain =
			std::max(ConnectAgain(), milliseconds(static_cast<std::int64_t>(plans.size())));
	options.onTurn = onTurn;
	echo::RunResult result = echo::RunClients(host_, port_, plans, options);
	if (result.connectsAgain > 0)
		Differs("D7");
	Check(result.AllServed(), std::to_string(plans.size()) + " clients: every byte exact, then FIN",
		echo::Errors(result, 5));
	return result;
}

void Context::ExpectInTurn()
{
	Connection first = Connect();
	PingPong(first, "first");
	Connection second = Connect();
	Send(second, "second");
	ExpectNothing(second, milliseconds(300));
	first.HalfClose();
	ExpectExactThenFin(first, "");
	ExpectEcho(second, "second");
	second.HalfClose();
	ExpectExactThenFin(second, "");
	Differs("D1");
}

void Context::ExpectRest(const std::string& who)
{
	echo::ServerProcess& process = Process();
	auto before = process.CpuTime();
	const auto used = [&] { return process.CpuTime() - before; };
	if (Server().spins)
	{
		const bool polls = Eventually([&] { return used() > milliseconds(150); });
		Check(polls, "a server that polls (D3): more than 150 ms of CPU within 5 s",
			std::to_string(used().count() / 1000) + " ms of CPU with " + who);
		Differs("D3");
		return;
	}
	// It may still work on what it has received, but not for ever.
	std::string spent;
	for (int turn = 0; turn < 3; turn++)
	{
		before = process.CpuTime();
		UseCpu(milliseconds(500));
		if (used() < milliseconds(20))
			return;
		spent += " " + std::to_string(used().count() / 1000);
	}
	Fail("a server at rest, less than 20 ms of CPU while the test uses 500 ms",
		"ms of CPU, three times:" + spent + ", with " + who);
}

void Context::Probe()
{
	for (const std::size_t size : { 1, 700, 5000 })
		Echo(size);
}

bool Context::Eventually(const std::function<bool()>& holds) const
{
	const Deadline deadline = Deadline::After(milliseconds(5000));
	while (!holds())
	{
		if (deadline.Passed())
			return false;
		Sleep(5);
	}
	return true;
}

void Context::AskEverybody()
{
	if (hasEnded_)
		return;
	if (process_)
		Check(process_->Running(), "the server still runs", "it has ended");
	try
	{
		Probe();
	}
	catch (const Failure& failure)
	{
		Fail("afterwards a new connection echoes: " + failure.expected, failure.actual);
	}
	if (process_)
		Check(process_->Running(), "the server still runs", "it has ended after a new connection");
}

Connection::Options SmallBuffers()
{
	Connection::Options options;
	options.sendBuffer = 4096;
	options.receiveBuffer = 4096;
	return options;
}

Stuffed::Stuffed(Context& context, std::size_t limit)
	: source(Source::FromPattern(context.Seed(), 0, limit)), client(context.Connect(SmallBuffers()))
{
	// A server at work may let the client wait for long, as the system tells of new room in large
	// steps. So it has to rest, too; what another started can only be given more time.
	const milliseconds quiet(context.HasProcess() ? 200 : 600);
	const Deadline deadline = Deadline::After(milliseconds(40000));
	// One that polls has no rest, and of a stranger nobody may have said so.
	const Deadline strangers = Deadline::After(milliseconds(3000));
	for (bool works = true; works && size < limit;)
	{
		if (!context.Server().ours && strangers.Passed())
			break;
		const std::uint64_t before = Work(context);
		const Connection::Sent sent =
			client.WriteUntilBlocked(source, size, quiet, limit - size, deadline);
		size += sent.bytes;
		context.Check(sent.error == 0,
			"an open connection that takes no more, and a server at rest, within 40 s",
			echo::ErrorName(sent.error) + " after " + std::to_string(size) + " bytes");
		works = Work(context) != before;
		if (!works && context.HasProcess())
		{
			// On a busy machine it may only have had no turn. It has one while the test has its own.
			UseCpu(milliseconds(50));
			works = Work(context) != before;
		}
	}
}

std::string Stuffed::Data() const
{
	std::string data(size, '\0');
	source.Read(0, data.data(), data.size());
	return data;
}

std::uint64_t Random::Next()
{
	state_ += 0x9E3779B97F4A7C15u;
	std::uint64_t z = state_;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

std::size_t Random::Between(std::size_t low, std::size_t high)
{
	return low + static_cast<std::size_t>(Next() % (high - low + 1));
}

std::string Show(std::string_view bytes)
{
	std::string text = std::to_string(bytes.size()) + " bytes";
	if (bytes.empty() || bytes.size() > 64)
		return text;
	text += " \"";
	for (const char c : bytes)
	{
		char escaped[5] = { c, '\0' };
		if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E)
			std::snprintf(escaped, sizeof(escaped), "\\x%02X", static_cast<unsigned char>(c));
		text += escaped;
	}
	return text + "\"";
}

} // namespace conformance

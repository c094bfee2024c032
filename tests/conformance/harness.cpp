#include "harness.h"

#include <iostream>
#include <regex>

namespace conformance
{
namespace
{
// Lasts until this thread has used that much CPU, but 20 s at the most.
void UseCpu(milliseconds time)
{
	const Deadline deadline = Deadline::After(milliseconds(20000));
	const HANDLE self = GetCurrentThread();
	const auto end = echo::CpuTimeOf(self) + time;
	while (echo::CpuTimeOf(self) < end && !deadline.Passed())
	{
	}
}

Symptom SymptomOf(const echo::ClientResult& client)
{
	if (client.connectError != 0)
		return client.connectError == WSAETIMEDOUT ? Symptom::Waited : Symptom::Other;
	const Symptom symptom = conformance::SymptomOf(client.data, client.echoed, client.end, true);
	return symptom == Symptom::None && !client.Served() ? Symptom::Other : symptom;
}

// Of the clients that were not served, the first of which more is known than that it waited; of
// those in the background only when all others were.
std::optional<std::size_t> FirstFailure(const echo::RunResult& result,
	const std::vector<ClientPlan>& plans)
{
	std::optional<std::size_t> first;
	const auto rank = [&](std::size_t i) {
		return (plans[i].background ? 2 : 0) +
			(MeaningOf(SymptomOf(result.clients[i])).inVain ? 1 : 0);
	};
	for (std::size_t i = 0; i < plans.size(); i++)
	{
		if (!result.clients[i].Served() && (!first || rank(i) < rank(*first)))
			first = i;
	}
	return first;
}
} // namespace

void Client::Send(std::string_view data, Where where)
{
	const Sent sent = SendAll(data, Deadline::After(milliseconds(5000)));
	server_->report.Check(sent.error == 0,
		"the server takes " + std::to_string(data.size()) + " bytes",
		"takes " + std::to_string(sent.bytes) + ", then " + echo::ErrorName(sent.error),
		SymptomOf(sent.error), where);
}

// `size` bytes, or what comes before an end; with `toEnd` what comes up to the end.
Connection::Received Client::ReceiveAll(std::size_t size, bool toEnd)
{
	// In seconds of waiting: a pause of the machine is no silence of the server.
	std::chrono::seconds patience(server_->KnownToStop() ? 3 : 10);
	// Where the news of the open window is lost, the server's TCP asks again as late as the time
	// for which it has been closed (RFC 9293, 3.8.6.1: the interval doubles).
	if (closed_)
		patience +=
			std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - *closed_);
	Received all;
	std::chrono::seconds silent(0);
	while (all.data.size() < size && all.end.kind == End::Open && silent < patience)
	{
		const std::size_t piece = std::min<std::size_t>(65536, size - all.data.size());
		const Received got = Receive(piece, Deadline::After(milliseconds(1000)));
		all.data += got.data;
		all.end = got.end;
		silent = got.data.empty() ? silent + std::chrono::seconds(1) : std::chrono::seconds(0);
		if (!got.data.empty())
			server_->report.NotTooSlow(); // it is at work
	}
	if (!toEnd || all.data.size() < size || all.end.kind != End::Open)
		return all;
	// One that is known never to close is given time to surprise us, once.
	const milliseconds moment(server_->report.HasNoEnd() ? 0 : 300);
	const Received rest =
		Receive(65536, Deadline::After(server_->traits.closes ? milliseconds(patience) : moment));
	return { all.data + rest.data, rest.end };
}

void Client::Judge(const Received& got, std::string_view data, bool toEnd, Where where)
{
	echo::EchoCheck check(Source::FromBytes(std::string(data)));
	check.Feed(got.data);
	const echo::Difference difference = check.Judge(data.size(), 1);
	const Symptom symptom = SymptomOf(difference, got.data.size(), got.end, toEnd);
	if (symptom == Symptom::None)
		return;
	const std::string expected = Show(data) + " exact" + (toEnd ? ", then FIN" : "");
	if (symptom == Symptom::NoEnd && !server_->traits.closes)
		return server_->report.NoEnd(expected, where);
	std::string actual = difference.text;
	if (!got.data.empty() && got.data.size() <= 64)
		actual += ": \"" + Escaped(got.data, false) + "\"";
	server_->report.Fail(expected, actual + "\n  then      " + echo::Describe(got.end), symptom,
		where);
}

void Client::ExpectEcho(std::string_view data, Where where)
{
	Judge(ReceiveAll(data.size(), false), data, false, where);
}

void Client::PingPong(std::string_view data, Where where)
{
	const Received before = Receive(65536, Deadline::After(milliseconds(0)));
	if (!before.data.empty())
		Judge(before, "", false, where);
	Send(data, where);
	ExpectEcho(data, where);
}

void Client::ExpectNothing(milliseconds quiet, Where where)
{
	const Received got = Receive(1, Deadline::After(quiet));
	if (!got.data.empty())
		Judge(got, "", false, where);
	server_->report.Check(got.end.kind == End::Open, "nothing, and an open connection",
		echo::Describe(got.end), Symptom::EndsIdle, where);
}

void Client::Finish(std::string_view data, Where where)
{
	HalfClose();
	Judge(ReceiveAll(data.size(), true), data, true, where);
}

void Client::ExpectEnd(Where where)
{
	const Received got = ReceiveToEnd(Deadline::After(milliseconds(10000)));
	server_->report.Check(got.data.empty() && got.end.kind != End::Open,
		"an end, and nothing before it",
		(got.data.empty() ? "" : Show(got.data) + ", then ") + echo::Describe(got.end),
		got.data.empty() ? Symptom::Waited : Symptom::Other, where);
}

void Client::ExpectRefused(Where where)
{
	if (server_->traits.saysFull)
		Receive(4096, Deadline::After(milliseconds(5000)));
	ExpectEnd(where);
}

Server::Server(Suite& run, const Traits& known, Report& its)
	: options(run.options), traits(known), report(its), suite_(run), port_(run.options.port)
{
	if (traits.contract)
		report.Lasts(milliseconds(200000)); // that it is slow is the machine's fault
	const bool afterFailure = !run.results.empty() && run.results.back().kind == Result::Failed;
	Connection connection;
	if (!options.connect)
		Start(nullptr);
	else if (afterFailure && TryConnect(connection) != 0)
		throw Stopped(
			run.stopped = "nobody can connect to the server since " + run.results.back().id);
	else if (afterFailure && !FreesPlaces())
		throw Stopped(run.stopped = "the server refuses even a client that is alone since " +
				run.results.back().id);
}

Server::~Server()
{
	report.process_ = nullptr;
}

void Server::Start(HANDLE input)
{
	const Deadline deadline = Deadline::After(milliseconds(10000));
	std::vector<std::string> arguments = options.arguments;
	if (options.port == 0 && arguments.empty())
		arguments = { "0" };
	// Under Wine 8 a process that was ended in the middle of select() may leave its socket behind.
	if (options.port != 0 &&
		!Eventually([&] { return !echo::SomebodyListens(options.port).value_or(false); }))
		throw Stopped(suite_.stopped = "port " + std::to_string(options.port) +
				" is still held although the server has ended (by Wine: sh tests/wine/down.sh "
				"frees it)");
	process_.emplace(options.server, arguments, input);
	report.process_ = mayEnd_ ? nullptr : &*process_;
	try
	{
		if (options.port != 0)
			process_->WaitAccepting(options.host, options.port, deadline);
		else
			port_ = process_->WaitListening(deadline);
	}
	catch (const std::runtime_error& error)
	{
		std::string text = error.what();
		if (process_->Running())
			text += "\n  It had ten seconds.";
		else if (input == nullptr)
			text +=
				"\n  If it waits for a key: its stdin is at its end; start it yourself, and use "
				"--connect.";
		if (options.port == 0)
			text +=
				"\n  A server that prints no Listening line needs --port N; one that takes other "
				"arguments than \"0\" needs them behind --.";
		throw std::runtime_error(text);
	}
}

void Server::Restart(HANDLE input)
{
	Process().Stop();
	report.process_ = nullptr;
	process_.reset();
	try
	{
		Start(input);
	}
	catch (const Stopped&)
	{
		throw;
	}
	catch (const std::runtime_error& error)
	{
		report.Fail("a server that listens", error.what(), Symptom::Waited);
	}
}

std::string Server::Data(std::uint32_t client, std::size_t size, std::uint64_t offset) const
{
	return echo::Pattern(options.seed, client, offset, size);
}

ClientPlan Server::Plan(std::uint32_t client, std::uint64_t size, std::size_t message) const
{
	ClientPlan plan;
	plan.source = Source::FromPattern(options.seed, client, size);
	plan.message = message;
	return plan;
}

echo::ServerProcess& Server::Process()
{
	if (!process_)
		report.NotApplicable("the suite did not start this server");
	return *process_;
}

echo::ServerProcess Server::Another(const std::vector<std::string>& arguments)
{
	if (!process_ || options.port != 0)
		report.NotApplicable("the suite does not choose this server's arguments");
	return echo::ServerProcess(options.server, arguments);
}

std::size_t Server::Memory()
{
	// Wine does not count private bytes; Windows shrinks a working set as it likes.
	const echo::ServerProcess::Memory memory = Process().MemoryUse();
	const std::size_t bytes = memory.privateBytes != 0 ? memory.privateBytes : memory.workingSet;
	if (bytes == 0)
		report.NotApplicable("this system does not tell a process's memory");
	return bytes;
}

void Server::MayEnd()
{
	mayEnd_ = true;
	report.process_ = nullptr;
}

milliseconds Server::CpuMeanwhile(milliseconds own)
{
	const auto before = Process().CpuTime();
	UseCpu(own);
	return std::chrono::duration_cast<milliseconds>(Process().CpuTime() - before);
}

void Server::ExpectIdle(const std::string& who, Where where)
{
	std::string spent;
	if (Idle(!traits.polls, spent) == traits.polls)
		report.Fail(std::string(traits.polls ? "a server that polls (D3): 20 ms of CPU or more"
											 : "an idle server: less than 20 ms of CPU") +
				" while the test uses 500 ms",
			"uses " + std::string(traits.polls ? "no" : "the") + " CPU with " + who + ": " + spent +
				" ms in three turns",
			Symptom::Other, where);
	if (traits.polls)
		report.Differs("D3");
}

bool Server::Idle(bool hoped, std::string& spent)
{
	// It may still work on what it has received, but not for ever. Windows and Linux count the time
	// in steps of 10 to 16 ms.
	for (int turn = 0; turn < 3; turn++)
	{
		const milliseconds used = CpuMeanwhile(milliseconds(500));
		spent += (turn == 0 ? "" : ", ") + std::to_string(used.count());
		if ((used < milliseconds(20)) == hoped)
			return hoped;
	}
	return !hoped;
}

std::uint64_t Server::Work()
{
	if (!process_)
		return 0;
	const auto used = static_cast<std::uint64_t>(process_->CpuTime().count());
	return process_->StdoutSize() + (traits.polls ? 0 : used);
}

void Server::NeedsContract() const
{
	if (!traits.contract)
		report.NotApplicable("a rule of this project's servers, not of every echo server");
}

void Server::NeedsPlaces(std::size_t count) const
{
	if (!traits.Iterative() && traits.places != 0 && traits.places < count)
		report.NotApplicable("this server serves " + std::to_string(traits.places) +
			" clients at once, the case needs " + std::to_string(count));
}

bool Server::Together(std::size_t count, Where where)
{
	NeedsPlaces(count);
	if (!traits.Iterative())
		return true;
	Client first = Connect({}, where);
	first.PingPong("first", where);
	Client second = Connect({}, where);
	second.Send("second", where);
	second.ExpectNothing(milliseconds(300), where);
	first.Finish("", where);
	second.ExpectEcho("second", where);
	second.Finish("", where);
	report.Differs("D1");
	return false;
}

std::size_t Server::Fitting(std::size_t count) const
{
	return traits.Iterative() && ConnectAgain().count() != 0 ? 2 : count;
}

Client Server::Connect(const Connection::Options& how, Where where)
{
	report.NotTooSlow();
	Connection connection;
	const int error = TryConnect(connection, how);
	report.Check(error == 0, "a connection", "connect() failed: " + echo::ErrorName(error),
		error == WSAETIMEDOUT ? Symptom::Waited : Symptom::Other, where);
	return Client(*this, std::move(connection));
}

int Server::TryConnect(Connection& connection, const Connection::Options& how)
{
	const milliseconds again = ConnectAgain();
	const Deadline deadline = Deadline::After(milliseconds(5000));
	Deadline slice = again.count() == 0 ? deadline : Deadline::After(again);
	int error = connection.Connect(options.host, port_, slice, how);
	while (error != 0 && again.count() != 0 && !deadline.Passed())
	{
		if (process_ && !process_->Running())
			break;
		Sleep(static_cast<DWORD>(slice.Left().count())); // a refusal comes at once
		slice = Deadline::After(again);
		error = connection.Connect(options.host, port_, slice, how);
		if (error == 0)
			report.Differs("D7");
	}
	return error;
}

milliseconds Server::ConnectAgain() const
{
	// This project's servers have the largest backlog: a connect is taken at once. On the machine
	// itself an answer takes no time; elsewhere it takes a round trip.
	if (traits.contract)
		return milliseconds(0);
	return milliseconds(
		options.host == "localhost" || options.host.starts_with("127.") ? 100 : 1500);
}

void Server::Echo(std::size_t size, Where where)
{
	Serve({ Plan(0, size) }, {}, where);
}

ClientPlan Server::Line(std::size_t size) const
{
	std::string text = Data(0, size);
	for (char& c : text)
		c = "abcdefghijklmnopqrstuvwxyz"[static_cast<unsigned char>(c) % 26];
	text.back() = '\n';
	ClientPlan plan;
	plan.source = Source::FromBytes(text);
	return plan;
}

std::vector<Client> Server::Party(std::size_t count, Where where)
{
	std::vector<Client> clients;
	for (std::size_t i = 0; i < count; i++)
	{
		INFO("client ", i);
		clients.push_back(Connect({}, where));
		clients.back().PingPong("hello " + std::to_string(i), where);
	}
	return clients;
}

void Server::Everybody(std::vector<Client>& clients, Where where)
{
	for (std::uint32_t i = 0; i < clients.size(); i++)
	{
		if (clients[i].IsOpen())
			clients[i].Send(Data(i, 300), where);
	}
	for (std::uint32_t i = 0; i < clients.size(); i++)
	{
		INFO("client ", i);
		if (clients[i].IsOpen())
			clients[i].ExpectEcho(Data(i, 300), where);
	}
}

echo::RunResult Server::RunClients(const std::vector<ClientPlan>& plans,
	const std::function<void(const echo::Progress&)>& onTurn)
{
	echo::RunOptions run;
	run.untilEnd = traits.closes;
	if (KnownToStop())
		run.stall = milliseconds(3000);
	if (ConnectAgain().count() != 0)
	{
		// Few of many get in at a time: all of them trying that often would keep the machine busy.
		run.connectAgain =
			std::max(ConnectAgain(), milliseconds(static_cast<std::int64_t>(plans.size())));
		// On Linux a client may take itself for connected while the full backlog has dropped it. It
		// sends again after twice as long each time: 6 s, 13 s (RFC 6298).
		if (traits.waits && plans.size() > traits.places)
			run.stall = milliseconds(15000);
	}
	run.onTurn = [&](const echo::Progress& progress) {
		report.NotTooSlow();
		if (onTurn)
			onTurn(progress);
	};
	const echo::RunResult result = echo::RunClients(options.host, port_, plans, run);
	if (result.connectsAgain > 0)
		report.Differs("D7");
	return result;
}

echo::RunResult Server::Serve(const std::vector<ClientPlan>& plans,
	const std::function<void(const echo::Progress&)>& onTurn, Where where)
{
	if (!traits.waits)
		NeedsPlaces(plans.size());
	const echo::RunResult result = RunClients(plans, onTurn);
	const std::string expected = "every byte exact, then FIN, for " + std::to_string(plans.size()) +
		(plans.size() == 1 ? " client" : " clients");
	if (const auto failed = FirstFailure(result, plans))
	{
		const echo::ClientResult& client = result.clients[*failed];
		Symptom symptom = SymptomOf(client);
		// One in the background has failed first only if all others were served.
		const bool others = !plans[*failed].background &&
			(plans[0].background || (client.echoed == 0 && result.echoed > 0));
		if (others && (symptom == Symptom::Nothing || symptom == Symptom::Stops) && !KnownToStop())
			symptom = Symptom::Starves;
		if (symptom == Symptom::NoEnd && !traits.closes)
			report.NoEnd(expected, where);
		else
			report.Fail(expected,
				client.error +
					(result.served + 1 == plans.size() ? "" : "\n" + echo::Errors(result, 5)),
				symptom, where);
	}
	if (!traits.waits || plans.size() <= traits.places)
		return result;
	if (result.atOnce <= traits.places)
		report.Differs("D1");
	else if (!options.model.empty())
		report.Fail("at most " + std::to_string(traits.places) + " served at once (D1)",
			std::to_string(result.atOnce), Symptom::Other, where);
	else // the probe used few clients: these know better
		report.Note("not D1: " + std::to_string(result.atOnce) + " clients were served at once");
	return result;
}

bool Server::FreesPlaces()
{
	// Others than ours may need a moment to see that a place is free (D2).
	return traits.places == 0 || traits.waits || traits.contract ||
		std::count(traits.probes.begin(), traits.probes.end(), 1u) == 0 ||
		Eventually([&] { return RunClients({ Line(1) }).AllServed(); });
}

void Server::ExpectStillServes(Where where)
{
	if (mayEnd_)
		return;
	report.result_.afterwards = true;
	const auto running = [&] {
		report.Check(!process_ || process_->Running(), "the server still runs", "it has ended",
			Symptom::Ended, where);
	};
	running();
	report.Check(FreesPlaces(), "a place for a client that is alone",
		"refuses a client that is alone: places are not free again", Symptom::Other, where);
	for (const unsigned size : traits.probes)
		Serve({ Line(size) }, {}, where);
	running();
	report.result_.afterwards = false;
}

void RunCase(const char* name, void (*body)(Server&, Report&), Where where)
{
	Report report(*suite, name);
	try
	{
		suite->MayGoOn();
		Server server(*suite, suite->found.traits, report);
		body(server, report);
		server.ExpectStillServes(where);
		if (report.noEnd_)
			report.Fail(report.noEnd_->first, "all data, and no end", Symptom::NoEnd,
				report.noEnd_->second);
		CHECK(true); // a case is an assertion to doctest, and to JUnit
		report.Print();
	}
	catch (const Stopped& reason) // doctest counts it as failed; the summary says it once
	{
		report.result_.kind = Result::NotTried;
		std::cout.setstate(std::ios::failbit);
		TellDoctest(suite->options, where, " not tried, as " + std::string(reason.what()));
		std::cout.clear();
	}
	catch (const Inapplicable& inapplicable)
	{
		report.result_.kind = Result::NotApplicable;
		report.Note("because " + std::string(inapplicable.what()));
		CHECK(true);
		report.Print();
	}
	catch (const Failed&)
	{
	}
	catch (const std::exception& error) // a server that does not start, or of the client library
	{
		report.Settle(Symptom::Start, error.what());
		report.Print();
		TellDoctest(suite->options, where,
			"\n  expected  a server to test\n  actual    " + std::string(error.what()));
	}
	suite->results.push_back(report.result_);
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

Backpressure::Backpressure(Server& server, std::size_t limit, Where where)
	: client(server.Connect(kSmallBuffers, where)), server_(server),
	  limit_(std::min(limit, server.suite_.fill))
{
	client.closed_ = std::chrono::steady_clock::now();
	Fill(where);
}

bool Backpressure::TakesMore(Where where)
{
	const std::size_t before = data.size();
	Fill(where);
	return data.size() > before;
}

void Backpressure::Fill(Where where)
{
	// A server at work may let the client wait for long, as the system tells of new room in large
	// steps. So it has to be idle, too, if this suite has started it; and for so long, as a disk
	// that writes can keep it in a line of its log.
	Report& report = server_.report;
	const Source source = Source::FromPattern(server_.options.seed, 0, limit_);
	const milliseconds quiet(600);
	constexpr std::size_t kLess = 1 << 20; // of a server that is known to take all
	const bool contract = server_.traits.contract;
	const milliseconds longest(contract ? 280000 : 70000);
	const Deadline deadline = Deadline::After(longest);
	// How long it may use the CPU and take nothing. A stranger may poll while it cannot send.
	const milliseconds patience(contract ? 40000 : 5000);
	Deadline silence = Deadline::After(patience);
	std::size_t size = data.size();
	bool works = true;
	while (works && size < limit_ && !silence.Passed())
	{
		report.NotTooSlow();
		const std::uint64_t before = server_.Work();
		const Connection::Sent sent =
			client.WriteUntilBlocked(source, size, quiet, limit_ - size, deadline);
		size += sent.bytes;
		if (sent.error == WSAETIMEDOUT && !contract)
			break;
		report.Check(sent.error == 0,
			"an open connection that takes no more, and an idle server, in time",
			echo::ErrorName(sent.error) + " after " + std::to_string(size) + " bytes",
			SymptomOf(sent.error), where);
		if (sent.bytes > 0)
			silence = Deadline::After(patience);
		// On a busy machine it may only have had no turn. It has one while the test has its own.
		if (server_.Work() == before && server_.HasProcess())
			UseCpu(milliseconds(50));
		works = server_.Work() != before;
	}
	report.Check(!works || size == limit_ || !contract, "an idle server, as it cannot send",
		"it has used the CPU for 40 s and taken nothing, after " + std::to_string(size) + " bytes",
		Symptom::Other, where);
	if ((size == limit_ && size > kLess) || deadline.Passed())
	{
		server_.suite_.fill = kLess;
		report.Note("takes without an end: " + std::to_string(size) + " bytes, none of them read");
	}
	data = server_.Data(0, size);
}

bool Matches(const std::string& text, const char* expression)
{
	return std::regex_match(text, std::regex(expression));
}

} // namespace conformance

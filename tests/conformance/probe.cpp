#include "harness.h"

namespace conformance
{
namespace
{
Deadline After(int ms)
{
	return Deadline::After(milliseconds(ms));
}

class Prober
{
public:
	explicit Prober(const Options& options) : suite_(options, found_), report_(suite_, "the probe")
	{
		report_.Lasts(milliseconds(300000));
		server_.emplace(suite_, found_.traits, report_);
	}

	Found Find()
	{
		std::string spent;
		found_.traits.polls = server_->HasProcess() && !server_->Idle(true, spent);
		const bool answers = FirstClients();
		found_.traits.window = server_->HasProcess() && !server_->Process().Windows().empty();
		if (answers && LastClient())
		{
			for (const unsigned size : std::exchange(found_.traits.probes, {}))
			{
				if (Volume(server_->Line(size)))
					found_.traits.probes.push_back(size);
			}
			Volume(server_->Plan(0, 5000));
			Fill();
		}
		found_.hopeless = !answers || (found_.fatal && !Again());
		if (found_.traits.polls)
			Note("polls (D3)");
		return found_;
	}

private:
	// False: the server does not answer, so that there is no more to find out.
	bool FirstClients()
	{
		Connection first;
		bool answers = Opens(first);
		if (answers)
		{
			const Connection::Received got = first.Receive(4096, After(1000));
			greeting_ = got.data.size();
			closes_ = greeting_ == 0 && got.end.kind != End::Open;
			if (closes_)
			{
				NoteClosesIdle(); // whose data is there in time may still be answered
				answers = Eventually([&] { return Opens(first) && Answers(first, 2000); });
			}
		}
		if (answers && !closes_ && !Answers(first, 2000))
		{
			message_ = "x\n";
			first.SendAll("\n", After(2000));
			answers = Answered(first, 2000);
		}
		if (!answers)
			NoAnswer();
		else if (!closes_)
		{
			const Connection::Received more = first.Receive(1, After(500));
			closes_ = more.end.kind != End::Open;
			adds_ = !more.data.empty();
			if (closes_ && ClosesIdle()) // it was only slower than the first message
				NoteClosesIdle();
			else if (closes_)
				Note("closes after its first answer", { Symptom::EndsTooEarly, Symptom::EndsIdle });
			else
				Several(std::move(first));
			if (adds_)
				Note("sends back more than it received", { Symptom::Surplus, Symptom::Wrong });
		}
		if (greeting_ != 0)
			Note("greets", { Symptom::Surplus, Symptom::Wrong });
		if (answers && message_ != "x")
			Note("answers whole lines only",
				{ Symptom::Stops, Symptom::Nothing, Symptom::EndsTooEarly });
		return answers;
	}

	bool ClosesIdle()
	{
		Connection idle;
		return Opens(idle) && idle.Receive(1, After(2000)).end.kind != End::Open;
	}

	void NoteClosesIdle()
	{
		Note("closes a client that has not sent anything yet",
			{ Symptom::EndsIdle, Symptom::EndsTooEarly });
	}

	void NoAnswer()
	{
		Connection another;
		const int error = server_->TryConnect(another);
		if (error != 0 && !Ends()) // into the findings: no erratum looks like that
			found_.findings.push_back({ "nobody can connect to it (" + echo::ErrorName(error) +
					"): does it listen on " + suite_.options.host + "?",
				{ Symptom::Other, Symptom::Waited } });
		else if (Ends())
			Fatal("ends before it has answered anybody; if it waits for a key (its stdin is at its "
				  "end), start it yourself, and use --connect",
				{ Symptom::Ended, Symptom::Start });
		else if (changes_)
			Note("sends back something else", { Symptom::Wrong });
		else if (!closes_)
			Note("does not send one byte back",
				{ Symptom::Nothing, Symptom::AfterNul, Symptom::EndsTooEarly });
	}

	// With one client there: how many are served at once, and what becomes of the next one.
	void Several(Connection first)
	{
		const std::size_t tried = suite_.options.clients;
		std::vector<Connection> clients;
		clients.push_back(std::move(first));
		std::size_t served = 1;
		while (served == clients.size() && served < tried)
		{
			// The second by itself, then fifty at a time, so that a slow server takes no minute.
			const std::size_t more = std::min<std::size_t>(served == 1 ? 2 : served + 50, tried);
			while (clients.size() < more && clients.back().IsOpen())
			{
				clients.emplace_back();
				if (Opens(clients.back()))
					clients.back().SendAll(message_, After(1000));
			}
			while (served < clients.size() && clients[served].IsOpen() &&
				Answered(clients[served], 5000))
				served++;
		}
		if (served == clients.size())
			return AllServed(clients[0], served);
		if (Ends())
			return Fatal("ends when client " + std::to_string(CountToTheEnd(served + 1)) + " comes",
				{ Symptom::Ended });
		Connection next = std::move(clients[served]);
		// Those behind it may have been quicker.
		for (std::size_t i = served + 1; i < clients.size(); i++)
		{
			if (clients[i].IsOpen() && Answered(clients[i], 0))
				served++;
			else
				clients[i].Close();
		}
		Next(std::move(next), clients[0], static_cast<unsigned>(served));
	}

	// Each has been served as it came. Is the first one still served? If not, no erratum is like
	// that.
	void AllServed(Connection& first, std::size_t count)
	{
		const bool kept = adds_ || closes_ || Answers(first, 2000);
		Note("several clients at once, " + std::to_string(count) + " tried and all served" +
			(kept ? "" : " as they came"));
		if (kept)
			return;
		if (first.Receive(1, After(0)).end.kind == End::Open)
			found_.findings.push_back({ "the first get nothing any more when others come",
				{ Symptom::Nothing, Symptom::Stops, Symptom::Starves, Symptom::NoEnd } });
		else
			found_.findings.push_back({ "closes a client that is idle, or when others come",
				{ Symptom::EndsIdle, Symptom::EndsTooEarly } });
	}

	// What becomes of the client for which there is no place.
	void Next(Connection next, Connection& first, unsigned served)
	{
		const std::string count = served == 1 ? "one client" : std::to_string(served) + " clients";
		found_.traits.places = served;
		Connection::Received got{ "", { End::Reset, 0 } };
		if (next.IsOpen())
			got = next.Receive(4096, After(1000));
		refuses_ = got.end.kind != End::Open;
		if (refuses_)
		{
			Note(count + " at once, no more (D2)");
			Connection silent; // who has sent something may see a reset in place of the word
			found_.traits.saysFull =
				Opens(silent) && !silent.Receive(4096, After(1000)).data.empty();
			return found_.traits.saysFull ? Note("says something to those it refuses") : void();
		}
		// Does it wait for the client before it to say something, or for somebody to leave?
		for (int again = 0; served == 1 && again < 2; again++)
		{
			if (!Answers(first, 2000) || !Answered(next, 1000))
				continue;
			found_.traits.places = 0;
			return Note("several clients at once, but an idle one keeps the next one waiting",
				{ Symptom::Waited, Symptom::Nothing, Symptom::Stops });
		}
		first.Close();
		found_.traits.waits = Answered(next, 5000);
		Note(count + (found_.traits.waits ? " at a time, the others wait (D1)" : " at once"));
	}

	// Whether a client is served when all others have left, and what its half-close does. False: no
	// more can be found out.
	bool LastClient()
	{
		Connection last;
		const auto served = [&] {
			last.Close();
			return Opens(last) && Answers(last, 5000);
		};
		if (found_.fatal || !Serves(served))
			return false;
		if (closes_)
			return true;
		last.Close();
		Connection::Received got;
		const bool opens = Opens(last);
		if (opens)
		{
			last.SendAll(message_, After(5000));
			last.HalfClose();
			got = last.Receive(4096, After(3000));
		}
		if (Ends())
		{
			Fatal("ends when a client leaves", { Symptom::Ended });
			return false;
		}
		if (!opens)
			return true;
		if (!got.data.starts_with(message_))
			Note("after a half-close it does not send back what came before",
				{ Symptom::EndsTooEarly });
		else if (got.data != message_ && !adds_)
			Note("sends back more than it received", { Symptom::Surplus });
		found_.traits.closes = got.end.kind != End::Open;
		if (!found_.traits.closes)
			Note("after a half-close it never closes", { Symptom::NoEnd, Symptom::Waited });
		return true;
	}

	// Whether somebody is `served`, in time. It may not yet have seen that the others have left.
	bool Serves(const std::function<bool()>& served)
	{
		if (Eventually(served))
			return true;
		if (Ends())
			Fatal("ends when a client leaves", { Symptom::Ended });
		else
			Fatal("serves nobody any more after " +
					(found_.traits.places != 0 && !found_.traits.waits && !refuses_
							? "client " + std::to_string(found_.traits.places + 1)
							: std::string("its first clients have left")),
				{ Symptom::Waited, Symptom::Nothing, Symptom::NoEnd });
		return false;
	}

	// Whether such a client is served. If not, a finding says what it sees, unless one has said so.
	bool Volume(const ClientPlan& plan)
	{
		const echo::ClientResult client = server_->RunClients({ plan }).clients[0];
		const Symptom symptom = client.connectError != 0
			? Symptom::Waited
			: SymptomOf(client.data, client.echoed, client.end, found_.traits.closes);
		const char* const words = MeaningOf(symptom).words;
		if (!found_.Explains(symptom) && (words != nullptr || symptom == Symptom::Missing))
			Note(words != nullptr ? words + std::string(" (") + client.data.text + ")"
								  : client.data.text,
				symptom == Symptom::AfterNul // where the first byte is a NUL, it is not even one
					? std::vector<Symptom>{ symptom, Symptom::Nothing, Symptom::EndsTooEarly }
					: std::vector<Symptom>{ symptom });
		return symptom == Symptom::None;
	}

	// How much it takes of a client that does not read, and what then comes back.
	void Fill()
	{
		constexpr std::size_t kMost = 16 << 20;  // with small buffers no system keeps that much,
		constexpr std::size_t kEnough = 6 << 20; // nor, as far as is known, this
		constexpr std::size_t kMore = 1000;
		const Source source = Source::FromPattern(suite_.options.seed, 0, kMost + kMore);
		Connection client;
		if (server_->TryConnect(client, kSmallBuffers) != 0)
			return;
		const Connection::Sent sent =
			client.WriteUntilBlocked(source, 0, milliseconds(600), kMost, After(15000));
		const bool took = sent.bytes == kMost || sent.error == WSAETIMEDOUT; // and goes on
		if (took)
			found_.traits.fill = kEnough;
		if (!took || sent.bytes < kEnough)
			return client.Reset();
		// What it could not send is lost, if it is not kept. What follows comes back, then.
		echo::EchoCheck check(source);
		for (std::size_t got = 1; got != 0;)
		{
			const std::string data = client.Receive(65536, After(500)).data;
			check.Feed(data);
			got = data.size();
		}
		client.SendAll(source.Read(sent.bytes, kMore), After(1000));
		client.HalfClose();
		check.Feed(client.ReceiveToEnd(After(5000)).data);
		const echo::Difference difference = check.Judge(sent.bytes + kMore, 1);
		Note("takes without an end what a client sends that does not read");
		if (difference.kind == echo::Difference::Missing)
			Note("then " + difference.text,
				{ Symptom::Missing, Symptom::EndsTooEarly, Symptom::Stops });
		else if (difference.kind != echo::Difference::None && !found_.Explains(Symptom::AfterNul))
			found_.findings.push_back( // without the errata that lose bytes in the middle
				{ "then " + difference.text, { Symptom::EndsTooEarly, Symptom::Stops } });
	}

	// Whether a server that has just started serves two clients, one after the other.
	bool Again()
	{
		if (!server_->HasProcess())
			return false;
		StartAgain();
		Connection client;
		bool served = true;
		for (int i = 0; i < 2 && served; i++)
		{
			served = Opens(client) && Answers(client, 2000);
			client.Close();
		}
		return served;
	}

	// The client with which the process ends; `seen` where it cannot be started again.
	std::size_t CountToTheEnd(std::size_t seen)
	{
		if (!server_->HasProcess())
			return seen;
		StartAgain();
		std::vector<Connection> clients(1);
		while (clients.size() < suite_.options.clients && Opens(clients.back()) &&
			Answers(clients.back(), 2000) && !server_->Process().WaitExit(After(20)))
			clients.emplace_back();
		return clients.size();
	}

	void StartAgain()
	{
		server_.reset();
		server_.emplace(suite_, found_.traits, report_);
	}

	// Whether its process has ended. Its connections end a little earlier.
	bool Ends()
	{
		if (server_->HasProcess())
			return server_->Process().WaitExit(After(500)).has_value();
		Connection another;
		return server_->TryConnect(another) == WSAECONNREFUSED;
	}

	void Fatal(const std::string& text, const std::vector<Symptom>& explains)
	{
		found_.fatal = true;
		Note(text, explains);
	}

	void Note(const std::string& text, const std::vector<Symptom>& explains = {})
	{
		found_.findings.push_back({ text, explains,
			explains.empty() ? "" : Hints("C", explains[0], suite_.options, found_.traits) });
	}

	// Connects, and reads away what a server says that greets.
	bool Opens(Connection& client)
	{
		client.Close();
		if (server_->TryConnect(client) != 0)
			return false;
		if (greeting_ != 0)
			client.Receive(greeting_, After(2000));
		return true;
	}

	bool Answered(Connection& client, int ms)
	{
		const std::string got = client.Receive(message_.size(), After(ms)).data;
		changes_ |= !got.empty() && got != message_;
		return got.ends_with(message_);
	}

	bool Answers(Connection& client, int ms)
	{
		return client.SendAll(message_, After(ms)).error == 0 && Answered(client, ms);
	}

	Found found_;
	Suite suite_;
	Report report_;
	std::optional<Server> server_;
	std::size_t greeting_ = 0;  // bytes
	std::string message_ = "x"; // what is sent, and has to come back
	bool changes_ = false;      // something else came,
	bool adds_ = false;         // or something more
	bool closes_ = false;       // who is idle, or has had its answer
	bool refuses_ = false;      // closes who finds no place
};
} // namespace

Found Probe(const Options& options)
{
	return Prober(options).Find();
}

} // namespace conformance

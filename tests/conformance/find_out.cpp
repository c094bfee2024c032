#include "find_out.h"

namespace conformance
{
namespace
{
Deadline After(int ms)
{
	return Deadline::After(milliseconds(ms));
}

class Finder
{
public:
	explicit Finder(std::size_t tried) : tried_(tried)
	{
	}

	Found Find()
	{
		context_.Start();
		if (context_.HasProcess())
		{
			found_.traits.polls = true;
			for (int turn = 0; turn < 3 && found_.traits.polls; turn++)
				found_.traits.polls = context_.CpuMeanwhile(milliseconds(200)) >= milliseconds(20);
		}
		const bool answers = FirstClients();
		found_.traits.window = context_.HasProcess() && !context_.Process().Windows().empty();
		if (answers)
			LastClient();
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
		greeting_ = answers ? first.Receive(4096, After(200)).data.size() : 0;
		if (answers && !Answers(first, 2000))
		{
			message_ = "x\n";
			first.SendAll("\n", After(2000));
			answers = Answered(first, 2000);
		}
		if (!answers)
			Note(changes_ ? kChanges : kSilent);
		else if (first.Receive(1, After(200)).end.kind != End::Open)
			Note(kClosesAtOnce);
		else
			Several(std::move(first));
		if (greeting_ != 0)
			Note(kGreets);
		if (answers && message_ != "x")
			Note(kWholeLines);
		return answers;
	}

	// With one client there: how many are served at once, and what becomes of the next one.
	void Several(Connection first)
	{
		std::vector<Connection> clients;
		clients.push_back(std::move(first));
		std::size_t served = 1;
		while (served == clients.size() && served < tried_)
		{
			// The second by itself, then fifty at a time, so that a slow server takes no minute.
			const std::size_t more = std::min<std::size_t>(served == 1 ? 2 : served + 50, tried_);
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
			return Note(
				"several clients at once, " + std::to_string(served) + " tried and all served");
		Connection next = std::move(clients[served]);
		// Those behind it may have been quicker.
		for (std::size_t i = served + 1; i < clients.size(); i++)
		{
			if (clients[i].IsOpen() && Answered(clients[i], 0))
				served++;
			else
				clients[i].Close();
		}
		const std::string count = served == 1 ? "one client" : std::to_string(served) + " clients";
		found_.traits.places = static_cast<unsigned>(served);
		refuses_ = !next.IsOpen() || next.Receive(4096, After(1000)).end.kind != End::Open;
		if (refuses_)
			return Note(count + " at once, no more (D2)");
		// Does it wait for the client before it to say something, or for somebody to leave?
		for (int again = 0; served == 1 && again < 2; again++)
		{
			if (!Answers(clients[0], 2000) || !Answered(next, 1000))
				continue;
			found_.traits.places = 0;
			return Note(kStarves);
		}
		clients[0].Close();
		found_.traits.waits = Answered(next, 5000);
		if (!found_.traits.waits)
			return Note(count + " at once");
		Note(count + " at a time, the others wait (D1)");
	}

	// Whether a client is served when all others have left, and what its half-close does.
	void LastClient()
	{
		Connection last;
		const auto served = [&] {
			last.Close();
			return Opens(last) && Answers(last, 5000);
		};
		if (!Eventually(served)) // it may not yet have seen that they have left
		{
			if (Ends())
				Fatal(kEndsItself);
			else if (found_.traits.places != 0 && !found_.traits.waits && !refuses_)
				Fatal("serves nobody any more after client " +
					std::to_string(found_.traits.places + 1));
			else
				Fatal("serves nobody any more after its first clients have left");
			return;
		}
		if (found_.Is(kClosesAtOnce))
			return;
		last.SendAll(message_, After(5000));
		last.HalfClose();
		const Connection::Received got = last.Receive(100, After(3000));
		if (got.data.find(message_) == std::string::npos)
			Note(kLosesTheRest);
		else if (got.data != message_)
			Note(kChanges);
		if (got.end.kind == End::Open)
			Note(kNeverCloses);
		if (Ends())
			Fatal(kEndsItself);
	}

	// Whether its process has ended. Its connections end a little earlier.
	bool Ends()
	{
		return context_.HasProcess() && context_.Process().WaitExit(After(500));
	}

	void Fatal(const std::string& text)
	{
		found_.fatal = true;
		Note(text);
	}

	void Note(const std::string& text)
	{
		found_.what.push_back(text);
	}

	// Connects, and reads away what a server says that greets.
	bool Opens(Connection& client)
	{
		try
		{
			client = context_.Connect();
		}
		catch (const std::runtime_error&)
		{
			return false;
		}
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

	const std::size_t tried_;
	Context context_;
	Found found_;
	std::size_t greeting_ = 0;  // bytes
	std::string message_ = "x"; // what is sent, and has to come back
	bool changes_ = false;      // something else came
	bool refuses_ = false;      // closes who finds no place
};
} // namespace

std::string Found::Line() const
{
	std::string line;
	for (const std::string& each : what)
		line += (line.empty() ? "" : "; ") + each;
	return line;
}

Found FindOut(std::size_t tried)
{
	return Finder(tried).Find();
}

} // namespace conformance

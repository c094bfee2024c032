#include "find_out.h"

#include <algorithm>

namespace conformance
{
namespace
{
class Finder
{
public:
	explicit Finder(Context& context, Found& found) : context_(context), found_(found)
	{
	}

	void Go()
	{
		if (context_.HasProcess())
		{
			found_.traits.window = !context_.Process().Windows().empty();
			found_.traits.polls = true;
			for (int turn = 0; turn < 3 && found_.traits.polls; turn++)
				found_.traits.polls = context_.CpuMeanwhile(milliseconds(200)) >= milliseconds(20);
		}
		{
			Connection first;
			if (!Opens(first))
				return;
			Greeting(first);
			if (!Answers(first, milliseconds(2000)))
			{
				message_ = "x\n";
				first.SendAll("\n", After(2000));
				found_.wholeLines = Answered(first, milliseconds(2000));
				if (!found_.wholeLines)
					return;
			}
			found_.answers = true;
			found_.closesAtOnce = first.Receive(1, After(200)).end.kind != End::Open;
			if (!found_.closesAtOnce)
				Several(std::move(first));
		}
		Connection last;
		if (!Opens(last) || !Answers(last, milliseconds(5000)))
		{
			// Its port closes before it ends.
			found_.endsWithClient =
				context_.HasProcess() && context_.Process().WaitExit(After(1000));
			if (!found_.endsWithClient)
				found_.diesAtClient = found_.traits.places == 0 ? 2 : found_.traits.places + 1;
			return;
		}
		if (found_.closesAtOnce)
			return;
		last.SendAll(message_, After(5000));
		last.HalfClose();
		const Connection::Received got = last.Receive(100, After(5000));
		found_.losesTheRest = got.data != message_;
		found_.neverCloses = got.end.kind == End::Open;
	}

private:
	static Deadline After(int ms)
	{
		return Deadline::After(milliseconds(ms));
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

	void Greeting(Connection& client)
	{
		greeting_ = client.Receive(4096, After(200)).data.size();
		found_.greets = greeting_ != 0;
	}

	bool Answered(Connection& client, milliseconds patience)
	{
		return client.Receive(message_.size(), Deadline::After(patience)).data.ends_with(message_);
	}

	bool Answers(Connection& client, milliseconds patience)
	{
		return client.SendAll(message_, Deadline::After(patience)).error == 0 &&
			Answered(client, patience);
	}

	// With one client there: how many are served at once, and what becomes of the next one.
	void Several(Connection first)
	{
		constexpr std::size_t kTried = 500; // as many as the largest case has
		std::vector<Connection> clients;
		clients.push_back(std::move(first));
		std::size_t served = 1;
		while (served == clients.size() && served < kTried)
		{
			// The second by itself, then fifty at a time, so that a slow server takes no minute.
			const std::size_t more = std::min<std::size_t>(served == 1 ? 2 : served + 50, kTried);
			while (clients.size() < more && clients.back().IsOpen())
			{
				clients.emplace_back();
				if (Opens(clients.back()))
					clients.back().SendAll(message_, After(1000));
			}
			while (served < clients.size() && clients[served].IsOpen() &&
				Answered(clients[served], milliseconds(10000)))
				served++;
		}
		found_.clientsAtOnce = static_cast<unsigned>(served);
		if (served == clients.size())
			return;
		clients.resize(served + 1);
		Connection& next = clients[served];
		found_.traits.places = found_.clientsAtOnce;
		if (!next.IsOpen() || next.Receive(1, After(0)).end.kind != End::Open)
			return; // refused: D2
		// Does it wait for the client before it to say something, or for somebody to leave?
		for (int again = 0; served == 1 && again < 2 && !found_.starves; again++)
			found_.starves =
				Answers(clients[0], milliseconds(2000)) && Answered(next, milliseconds(1000));
		if (found_.starves)
		{
			found_.traits.places = 0;
			return;
		}
		clients[0].Close();
		found_.traits.waits = Answered(next, milliseconds(5000));
	}

	Context& context_;
	Found& found_;
	std::size_t greeting_ = 0;  // bytes
	std::string message_ = "x"; // what is sent, and has to come back
};
} // namespace

Found FindOut()
{
	Found found;
	Context context;
	context.Start();
	Finder(context, found).Go();
	return found;
}

std::string Describe(const Found& found)
{
	const std::string count = std::to_string(found.clientsAtOnce);
	std::string text;
	if (!found.answers)
		text = "does not send one byte back";
	else if (found.closesAtOnce)
		text = "closes after its first answer";
	else if (found.starves)
		text = "several clients at once, but an idle one keeps the next one waiting";
	else if (found.traits.Iterative())
		text = "one client at a time, the others wait (D1)";
	else if (found.traits.waits)
		text = count + " clients at a time, the others wait (D1)";
	else if (found.diesAtClient > 2)
		text = "serves nobody any more after client " + std::to_string(found.diesAtClient);
	else if (found.traits.places != 0)
		text = count + " clients at once, no more (D2)";
	else
		text = "several clients at once, " + count + " tried and all served";
	if (found.diesAtClient == 2)
		text += "; serves nobody any more after its first clients have left";
	if (found.endsWithClient)
		text += "; ends when a client leaves";
	if (found.greets)
		text += "; greets";
	if (found.wholeLines)
		text += "; answers whole lines only";
	if (found.losesTheRest)
		text += "; after a half-close it does not send back what came before";
	if (found.neverCloses)
		text += "; after a half-close it never closes";
	return text + (found.traits.polls ? "; polls (D3)" : "");
}

} // namespace conformance

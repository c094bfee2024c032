#include "multi_client.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace echo
{
namespace
{
using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunk = 65536;

enum class State
{
	Connecting,
	Connected,
	Finished,
};

// One client of a run.
struct Client
{
	const ClientPlan& plan;
	State state = State::Connecting;
	Deadline attempt = Deadline::After(milliseconds(0)); // until when this connect may take
	Connection connection{};
	EchoCheck check{ plan.source };
	ClientResult result{};

	std::uint64_t limit = plan.source.Size(); // bytes it has to send in all
	bool halfClosed = false;
	int sendError = 0;

	// In ping-pong: the message on its way, and when it was sent.
	std::uint64_t messageStart = 0;
	std::uint64_t messageEnd = 0;
	Clock::time_point messageSent{};

	// The bytes that it may have sent by now.
	std::uint64_t Allowed() const
	{
		if (plan.message != 0)
			return messageEnd;
		return plan.window == 0 ? limit : std::min(limit, result.echoed + plan.window);
	}

	bool WantsToSend() const
	{
		return state == State::Connected && sendError == 0 && result.sent < Allowed();
	}
};

// A run: its clients and the poll loop that serves them.
//
// WSAPoll takes any number of sockets and tells the ready ones by their place, where select() takes
// FD_SETSIZE and tells them by value. Its one flaw, that a failed connect goes unreported before
// Windows 10 version 2004 (Microsoft: WSAPoll), is why a connect under way is asked for apart, by
// PollConnect.
class Run
{
public:
	Run(const std::string& host, std::uint16_t port, const std::vector<ClientPlan>& plans,
		const RunOptions& options)
		: host_(host), port_(port), options_(options)
	{
		clients_.reserve(plans.size());
		for (const ClientPlan& plan : plans)
		{
			clients_.push_back({ plan });
			numbers_ = std::max(numbers_, plan.source.client + 1);
		}
	}

	RunResult Go()
	{
		for (Client& client : clients_)
			StartConnect(client);

		Progress last = Now();
		Deadline stall = Deadline::After(options_.stall);
		while (AnyLeft())
		{
			Turn(stall);
			if (!stopping_ && !AnyLeft())
				StopBackground();

			const Progress now = Now();
			if (now.echoed + now.connected + now.finished !=
				last.echoed + last.connected + last.finished)
				stall = Deadline::After(options_.stall);
			else if (stall.Passed())
				Abandon();
			last = now;
			if (options_.onTurn)
				options_.onTurn(now);
		}

		result_.elapsed = Clock::now() - start_;
		for (const Client& client : clients_)
		{
			result_.clients.push_back(client.result);
			result_.served += client.result.Served() ? 1 : 0;
			result_.echoed += client.result.echoed;
			result_.wrong += client.result.data.wrong;
		}
		// If anybody was served, at least one was served at a time, even if no turn caught it.
		result_.atOnce = std::max(result_.atOnce, std::min(result_.served, 1u));
		return result_;
	}

private:
	// Ignores background clients until the rest have finished: their traffic would mask a stall.
	bool Counts(const Client& client) const
	{
		return stopping_ || !client.plan.background;
	}

	bool AnyLeft() const
	{
		return std::ranges::any_of(clients_, [this](const Client& client) {
			return Counts(client) && client.state != State::Finished;
		});
	}

	Progress Now() const
	{
		Progress now{};
		for (const Client& client : clients_)
		{
			if (!Counts(client))
				continue;
			const bool connecting = client.state == State::Connecting;
			++now.clients;
			now.connected += !connecting && client.result.connectError == 0 ? 1 : 0;
			now.finished += client.state == State::Finished ? 1 : 0;
			now.echoed += client.result.echoed;
			now.total += client.limit;
		}
		now.elapsed = Clock::now() - start_;
		return now;
	}

	// One turn: waits, then gives each client that is ready a chance to receive and to send.
	void Turn(const Deadline& stall)
	{
		milliseconds wait = std::min(stall.Left(), milliseconds(100));
		polled_.clear();
		owners_.clear();
		for (Client& client : clients_)
		{
			if (client.state == State::Connecting)
				PollConnect(client);
			if (client.state == State::Connecting)
				wait = std::min(wait, milliseconds(20));
			if (!client.connection.IsOpen())
				continue;
			const bool sends = client.state == State::Connecting || client.WantsToSend();
			const SHORT events = sends ? POLLRDNORM | POLLWRNORM : POLLRDNORM;
			polled_.push_back({ client.connection.Handle(), events, 0 });
			owners_.push_back(&client);
		}

		if (polled_.empty()) // all that are left wait for their next attempt to connect
			Sleep(static_cast<DWORD>(wait.count()));
		const auto count = static_cast<ULONG>(polled_.size());
		if (count != 0 &&
			WSAPoll(polled_.data(), count, static_cast<INT>(wait.count())) == SOCKET_ERROR)
			throw std::runtime_error("WSAPoll(): " + ErrorName(WSAGetLastError()));

		for (std::size_t i = 0; i < polled_.size(); ++i)
		{
			Client& client = *owners_[i];
			if (client.state == State::Connecting)
				continue;                                // the next turn sees to it
			if ((polled_[i].revents & ~POLLWRNORM) != 0) // data, FIN or failure
				Receive(client);
			// After an echo the next message goes out at once, not a turn later.
			if (polled_[i].revents != 0 && client.WantsToSend())
				Send(client);
		}

		const auto inService = std::ranges::count_if(clients_, [](const Client& client) {
			return client.state == State::Connected && client.result.echoed > 0 &&
				!client.halfClosed;
		});
		result_.atOnce = std::max(result_.atOnce, static_cast<unsigned>(inService));
	}

	void StartConnect(Client& client)
	{
		client.attempt = Deadline::After(options_.connectAgain);
		OnConnect(client, client.connection.StartConnect(host_, port_, client.plan.options));
	}

	void PollConnect(Client& client)
	{
		if (client.connection.IsOpen())
			OnConnect(client, client.connection.PollConnect());
		if (client.state != State::Connecting || !again_ || !client.attempt.Passed())
			return;
		result_.connectsAgain++;
		StartConnect(client);
	}

	void OnConnect(Client& client, int error)
	{
		if (error == WSAEWOULDBLOCK)
			return;
		client.result.connectError = error;
		if (again_ && (error == WSAECONNREFUSED || error == WSAETIMEDOUT))
			return client.connection.Close(); // and the next attempt when its time has come
		if (error != 0)
			return Finish(client, {});
		client.state = State::Connected;
		Advance(client);
	}

	// Receives one chunk at most, so that each client gets its share of every turn.
	void Receive(Client& client)
	{
		const auto got = client.connection.Receive(kChunk, Deadline::After(milliseconds(0)));
		ClientResult& result = client.result;
		if (result.echoed == 0 && !got.data.empty())
			result_.waits.push_back(Clock::now() - start_);
		client.check.Feed(got.data, result.sent);
		result.echoed += got.data.size();
		if (got.end.kind != End::Open)
			return Finish(client, got.end);
		Advance(client);
		if (!options_.untilEnd && client.halfClosed && result.echoed >= client.limit)
			Finish(client, got.end);
	}

	// Sends one chunk at most.
	void Send(Client& client)
	{
		std::uint64_t& sent = client.result.sent;
		const std::uint64_t size = std::min<std::uint64_t>(kChunk, client.Allowed() - sent);
		const std::string bytes = client.plan.source.Read(sent, static_cast<std::size_t>(size));
		if (sent == client.messageStart)
			client.messageSent = Clock::now();

		const Connection::Sent step = client.connection.TrySend(bytes);
		sent += step.bytes;
		if (step.error != WSAEWOULDBLOCK)
			client.sendError = step.error; // what can still be received says how the stream ended
		Advance(client);
	}

	// Takes the next step of the plan if it is due: the next message, or the half-close.
	void Advance(Client& client)
	{
		if (client.state != State::Connected || client.halfClosed || client.sendError != 0)
			return;

		ClientResult& result = client.result;
		if (client.plan.message != 0)
		{
			if (result.sent < client.messageEnd || result.echoed < result.sent)
				return;
			if (client.messageStart > 0)
				result_.roundTrips.push_back(Clock::now() - client.messageSent);
			client.messageStart = result.sent;
			client.messageEnd = std::min(client.limit, result.sent + client.plan.message);
		}
		if (result.sent == client.limit)
		{
			client.sendError = client.connection.HalfClose();
			client.halfClosed = true;
		}
	}

	void Finish(Client& client, const End& end)
	{
		client.state = State::Finished;
		client.connection.Close();
		client.result.end = end;
		const std::uint64_t due = client.plan.background ? client.result.sent : client.limit;
		client.result.data = client.check.Judge(due, numbers_);
		if (client.result.data.kind != Difference::None || end.kind != End::Fin ||
			!client.halfClosed || client.sendError != 0)
			client.result.error = ErrorText(client);
	}

	std::string ErrorText(const Client& client) const
	{
		const ClientResult& result = client.result;
		const std::string name = "client " + std::to_string(client.plan.source.client) + ": ";
		if (result.connectError != 0)
			return name + "connect: " + ErrorName(result.connectError);

		std::string text = name + result.data.text;
		if (result.data.wrong > 0)
			text += " (wrong bytes: " + std::to_string(result.data.wrong) + ")";
		if (client.sendError != 0)
			text += ", send failed (" + ErrorName(client.sendError) + ")";
		if (result.end.kind != End::Open)
			return text + ", then " + Describe(result.end);
		if (client.plan.background)
			return text + ", given up with the others";
		const auto stall =
			std::chrono::duration_cast<milliseconds>(options_.stall * TimeoutMultiplier());
		return text + ", then nothing for " + std::to_string(stall.count()) + " ms";
	}

	// What the clients in the background have sent is all there is.
	void StopBackground()
	{
		stopping_ = true;
		for (Client& client : clients_)
		{
			client.limit = client.result.sent;
			Advance(client);
		}
	}

	// Ends what has not ended by itself.
	void Abandon()
	{
		for (Client& client : clients_)
		{
			if (client.state == State::Finished)
				continue;
			if (client.state == State::Connecting && client.result.connectError == 0)
				client.result.connectError = WSAETIMEDOUT;
			Finish(client, {});
		}
	}

	const std::string& host_;
	const std::uint16_t port_;
	const RunOptions& options_;
	const bool again_ = options_.connectAgain.count() != 0;
	const Clock::time_point start_ = Clock::now();
	std::vector<Client> clients_;
	unsigned numbers_ = 0; // more than any client's number
	std::vector<WSAPOLLFD> polled_;
	std::vector<Client*> owners_; // of the entries of polled_
	RunResult result_;
	bool stopping_ = false;
};

} // namespace

RunResult RunClients(const std::string& host, std::uint16_t port,
	const std::vector<ClientPlan>& plans, const RunOptions& options)
{
	return Run(host, port, plans, options).Go();
}

std::vector<ClientPlan> Copies(const ClientPlan& plan, unsigned clients)
{
	std::vector<ClientPlan> plans(clients, plan);
	for (unsigned i = 0; i < clients; ++i)
		plans[i].source.client = i;
	return plans;
}

std::string Errors(const RunResult& result, unsigned most)
{
	std::string lines;
	unsigned count = 0;
	for (const ClientResult& client : result.clients)
	{
		if (!client.Served() && ++count <= most)
			lines += client.error + '\n';
	}
	if (count > most)
		lines += "... and " + std::to_string(count - most) + " clients more\n";
	return lines;
}

Duration Percentile(std::vector<Duration> values, double fraction)
{
	if (values.empty())
		return Duration(0);
	std::ranges::sort(values);
	const double rank = std::ceil(fraction * static_cast<double>(values.size()));
	return values[std::clamp<std::size_t>(static_cast<std::size_t>(rank), 1, values.size()) - 1];
}

} // namespace echo

#include "multi_client.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace echo
{
namespace
{
using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunk = 65536;

// One client of a run.
class Client
{
public:
	Client(const ClientPlan& plan, unsigned clients, milliseconds connectAgain)
		: plan_(plan), clients_(clients), connectAgain_(connectAgain), limit_(plan.source.Size()),
		  comparison_(plan.source)
	{
		if (plan.mode == ClientPlan::PingPong && plan.messageSize == 0)
			throw std::logic_error("RunClients: messages of 0 bytes");
	}

	void Start(const std::string& host, std::uint16_t port, Clock::time_point start)
	{
		start_ = start;
		StartConnect(host, port);
	}

	bool Connecting() const
	{
		return state_ == State::Connecting;
	}

	bool Finished() const
	{
		return state_ == State::Finished;
	}

	bool Background() const
	{
		return plan_.background;
	}

	// See RunResult::atOnce.
	bool InService() const
	{
		return state_ == State::Connected && result_.echoed > 0 && !halfClosed_;
	}

	bool WantsToSend(Clock::time_point now) const
	{
		return state_ == State::Connected && sendError_ == 0 && result_.sent < Allowed() &&
			now >= sendAt_;
	}

	Clock::time_point SendAt() const
	{
		return sendAt_;
	}

	// A number that grows whenever something is reached: connected, a byte received, ended.
	std::uint64_t Reached() const
	{
		return result_.echoed + static_cast<std::uint64_t>(state_);
	}

	SOCKET Socket() const
	{
		return connection_.Handle();
	}

	const ClientResult& Result() const
	{
		return result_;
	}

	std::uint64_t Limit() const
	{
		return limit_;
	}

	// Goes on with connecting. Returns whether a new attempt was made.
	bool PollConnect(const std::string& host, std::uint16_t port)
	{
		if (connection_.IsOpen())
			OnConnect(connection_.PollConnect());
		if (!Connecting() || connectAgain_.count() == 0 || !attempt_.Passed())
			return false;
		connection_.Close();
		StartConnect(host, port);
		return true;
	}

	// 0 when it has never connected.
	Duration ConnectedAt() const
	{
		return result_.connected;
	}

	// Receives one chunk at most, so that each client gets its share of every turn.
	void Receive(std::vector<char>& scratch)
	{
		const Connection::Step step = connection_.TryReceive(scratch.data(), scratch.size());
		switch (step.kind)
		{
		case Connection::Step::Bytes:
			if (result_.echoed == 0)
				result_.firstByte = SinceStart();
			comparison_.Feed(std::string_view(scratch.data(), step.bytes), result_.sent);
			result_.echoed += step.bytes;
			Advance();
			break;
		case Connection::Step::WouldBlock:
			break;
		case Connection::Step::Fin:
			Finish({ End::Fin, 0 });
			break;
		case Connection::Step::Reset:
			Finish({ End::Reset, step.error });
			break;
		}
	}

	// Sends one chunk at most.
	void Send(std::vector<char>& scratch)
	{
		const std::uint64_t left = Allowed() - result_.sent;
		const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(scratch.size(), left));
		plan_.source.Read(result_.sent, scratch.data(), size);
		if (result_.sent == messageStart_)
			messageSent_ = Clock::now();

		const Connection::Step step = connection_.TrySend(std::string_view(scratch.data(), size));
		result_.sent += step.bytes;
		if (step.kind == Connection::Step::Reset)
			sendError_ = step.error; // what can still be received says how the stream ended
		Advance();
	}

	// For a client in the background: what is sent is all there is.
	void StopSending()
	{
		limit_ = plan_.mode == ClientPlan::Streaming ? result_.sent : messageEnd_;
		Advance();
	}

	// Ends what has not ended by itself, after a standstill of this length.
	void Abandon(milliseconds stall)
	{
		stall_ = stall;
		if (Connecting())
			result_.connectError = WSAETIMEDOUT;
		Finish({ End::Open, 0 });
	}

private:
	enum class State
	{
		Connecting,
		Connected,
		Finished,
	};

	// The bytes that it may have sent by now.
	std::uint64_t Allowed() const
	{
		if (plan_.mode == ClientPlan::PingPong)
			return messageEnd_;
		if (plan_.window == 0)
			return limit_;
		return std::min<std::uint64_t>(limit_, result_.echoed + plan_.window);
	}

	void StartConnect(const std::string& host, std::uint16_t port)
	{
		attempt_ = Deadline::After(connectAgain_);
		OnConnect(connection_.StartConnect(host, port, plan_.options));
	}

	void OnConnect(int error)
	{
		if (error == WSAEWOULDBLOCK)
			return;
		if (connectAgain_.count() != 0 && (error == WSAECONNREFUSED || error == WSAETIMEDOUT))
		{
			connection_.Close(); // and the next attempt when its time has come
			return;
		}
		if (error != 0)
		{
			result_.connectError = error;
			Finish({ End::Open, 0 });
			return;
		}
		state_ = State::Connected;
		result_.connected = SinceStart();
		Advance();
	}

	// Takes the next step of the plan if it is due: the next message, or the half-close.
	void Advance()
	{
		if (state_ != State::Connected || halfClosed_ || sendError_ != 0)
			return;

		if (plan_.mode == ClientPlan::PingPong)
		{
			if (result_.sent < messageEnd_ || result_.echoed < result_.sent)
				return;
			const Clock::time_point now = Clock::now();
			if (result_.sent > 0)
			{
				result_.roundTrips.push_back(now - messageSent_);
				sendAt_ = now + plan_.pause;
			}
			messageStart_ = result_.sent;
			messageEnd_ = std::min<std::uint64_t>(limit_, result_.sent + plan_.messageSize);
		}
		if (result_.sent == limit_)
		{
			sendError_ = connection_.HalfClose();
			halfClosed_ = true;
		}
	}

	void Finish(const End& end)
	{
		state_ = State::Finished;
		connection_.Close();
		result_.end = end;
		result_.finished = SinceStart();
		result_.wrong = comparison_.Wrong();
		result_.verdict = comparison_.Judge(limit_);
		const bool exact = result_.verdict == Verdict::Exact;
		if (!exact || end.kind != End::Fin || !halfClosed_ || sendError_ != 0)
			result_.error = ErrorText();
	}

	std::string ErrorText() const
	{
		const std::string name = "client " + std::to_string(plan_.source.client) + ": ";
		if (result_.connectError != 0)
			return name + "connect: " + ErrorName(result_.connectError);

		std::string text = comparison_.Describe(limit_, clients_);
		if (comparison_.First()) // then `text` names the client
			text += " (wrong bytes: " + std::to_string(result_.wrong) + ")";
		else
			text = name + text;
		if (sendError_ != 0)
			text += ", send failed (" + ErrorName(sendError_) + ")";
		if (result_.end.kind != End::Open)
			return text + ", then " + Describe(result_.end);
		if (plan_.background)
			return text + ", given up with the others";
		return text + ", then nothing for " + std::to_string(stall_.count()) + " ms";
	}

	Duration SinceStart() const
	{
		return Clock::now() - start_;
	}

	const ClientPlan& plan_;
	const unsigned clients_;
	const milliseconds connectAgain_;
	Deadline attempt_ = Deadline::After(milliseconds(0)); // until when this connect may take
	State state_ = State::Connecting;
	Connection connection_;
	Clock::time_point start_;

	std::uint64_t limit_; // bytes it has to send in all
	bool halfClosed_ = false;

	// In ping-pong: the message on its way, when it was sent, and when the next one may go out.
	std::uint64_t messageStart_ = 0;
	std::uint64_t messageEnd_ = 0;
	Clock::time_point messageSent_;
	Clock::time_point sendAt_;

	int sendError_ = 0;
	milliseconds stall_{ 0 };

	EchoCheck comparison_;
	ClientResult result_;
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
	Run(const std::vector<ClientPlan>& plans, const RunOptions& options)
		: options_(options), scratch_(kChunk)
	{
		unsigned numbers = 0;
		for (const ClientPlan& plan : plans)
			numbers = std::max(numbers, plan.source.client + 1);
		clients_.reserve(plans.size());
		for (const ClientPlan& plan : plans)
			clients_.emplace_back(plan, numbers, options.connectAgain);
		if (!ForegroundLeft())
			throw std::logic_error("RunClients: no client in the foreground");
	}

	RunResult Go(const std::string& host, std::uint16_t port)
	{
		host_ = host;
		port_ = port;
		start_ = Clock::now();
		for (Client& client : clients_)
			client.Start(host, port, start_);

		std::uint64_t reached = Reached();
		Deadline stall = Deadline::After(options_.stall);
		while (AnyLeft())
		{
			Turn(stall);
			if (!stopping_ && !ForegroundLeft())
				StopBackground();

			if (Reached() != reached)
				stall = Deadline::After(options_.stall);
			else if (stall.Passed())
				Abandon();
			reached = Reached();
			Report();
		}
		return Result();
	}

private:
	bool AnyLeft() const
	{
		return std::any_of(clients_.begin(), clients_.end(),
			[](const Client& client) { return !client.Finished(); });
	}

	bool ForegroundLeft() const
	{
		return std::any_of(clients_.begin(), clients_.end(),
			[](const Client& client) { return !client.Finished() && !client.Background(); });
	}

	// Changes with every progress that counts. A flood in the background is none: it would hide
	// that the others are not served.
	std::uint64_t Reached() const
	{
		std::uint64_t reached = 0;
		for (const Client& client : clients_)
		{
			if (stopping_ || !client.Background())
				reached += client.Reached();
		}
		return reached;
	}

	// One turn: waits, then gives each client that is ready a chance to receive and to send.
	void Turn(const Deadline& stall)
	{
		const Clock::time_point now = Clock::now();
		milliseconds wait = std::min(stall.Left(), milliseconds(100));
		polled_.clear();
		owners_.clear();
		for (Client& client : clients_)
		{
			if (client.Connecting() && client.PollConnect(host_, port_))
				connectsAgain_++;
			if (client.Finished())
				continue;
			SHORT events = POLLRDNORM;
			if (client.Connecting())
			{
				wait = std::min(wait, milliseconds(20));
				if (client.Socket() == INVALID_SOCKET)
					continue;
				events = POLLWRNORM;
			}
			else if (client.WantsToSend(now))
			{
				events = POLLRDNORM | POLLWRNORM;
			}
			else if (client.SendAt() > now)
			{
				wait = std::min(wait, std::chrono::ceil<milliseconds>(client.SendAt() - now));
			}
			polled_.push_back({ client.Socket(), events, 0 });
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
			if (client.Connecting())
				continue;                                // the next turn sees to it
			if ((polled_[i].revents & ~POLLWRNORM) != 0) // data, FIN or failure
				client.Receive(scratch_);
			// After an echo the next message goes out at once, not a turn later.
			if (polled_[i].revents != 0 && client.WantsToSend(Clock::now()))
				client.Send(scratch_);
		}

		const auto inService = std::count_if(clients_.begin(), clients_.end(),
			[](const Client& client) { return client.InService(); });
		atOnce_ = std::max(atOnce_, static_cast<unsigned>(inService));
	}

	void StopBackground()
	{
		stopping_ = true;
		for (Client& client : clients_)
		{
			if (!client.Finished())
				client.StopSending();
		}
	}

	void Abandon()
	{
		const auto stall =
			std::chrono::duration_cast<milliseconds>(options_.stall * TimeoutMultiplier());
		for (Client& client : clients_)
		{
			if (!client.Finished())
				client.Abandon(stall);
		}
	}

	void Report() const
	{
		if (!options_.onTurn)
			return;
		Progress progress{};
		for (const Client& client : clients_)
		{
			++progress.clients;
			progress.connected += client.ConnectedAt() > Duration(0) ? 1 : 0;
			progress.finished += client.Finished() ? 1 : 0;
			if (client.Background())
				continue;
			progress.echoed += client.Result().echoed;
			progress.total += client.Limit();
		}
		progress.elapsed = Clock::now() - start_;
		options_.onTurn(progress);
	}

	RunResult Result() const
	{
		RunResult result;
		result.atOnce = atOnce_;
		result.connectsAgain = connectsAgain_;
		result.elapsed = Clock::now() - start_;
		for (const Client& client : clients_)
		{
			const ClientResult& one = client.Result();
			result.clients.push_back(one);
			result.served += one.Served() ? 1 : 0;
			result.sent += one.sent;
			result.echoed += one.echoed;
			result.wrong += one.wrong;
		}
		// A client that was served at all was served by itself, however little of it a turn showed.
		if (result.served > 0)
			result.atOnce = std::max(result.atOnce, 1u);
		return result;
	}

	const RunOptions& options_;
	std::vector<Client> clients_;
	std::vector<char> scratch_;
	std::vector<WSAPOLLFD> polled_;
	std::vector<Client*> owners_; // of the entries of polled_
	std::string host_;
	std::uint16_t port_ = 0;
	Clock::time_point start_;
	unsigned atOnce_ = 0;
	unsigned connectsAgain_ = 0;
	bool stopping_ = false;
};

} // namespace

RunResult RunClients(const std::string& host, std::uint16_t port,
	const std::vector<ClientPlan>& plans, const RunOptions& options)
{
	return Run(plans, options).Go(host, port);
}

ClientResult RunClient(const std::string& host, std::uint16_t port, const ClientPlan& plan,
	const RunOptions& options)
{
	return RunClients(host, port, { plan }, options).clients.front();
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

std::vector<Duration> AllRoundTrips(const RunResult& result)
{
	std::vector<Duration> all;
	for (const ClientResult& client : result.clients)
	{
		const std::vector<Duration>& trips = client.roundTrips;
		if (!trips.empty())
			all.insert(all.end(), trips.begin() + 1, trips.end());
	}
	return all;
}

} // namespace echo

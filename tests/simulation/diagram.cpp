#include "diagram.h"

#include "trace.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sim
{
using namespace winsock;

namespace
{
std::string Letter(int peer)
{
	return peer == kListening ? "listening" : std::string(1, static_cast<char>('@' + peer));
}

std::string KoreanLetter(int peer)
{
	return peer == kListening ? "연결 대기 소켓" : Letter(peer);
}

constexpr Words kEnglish = {
	.name = Letter, .eventOf = "", .limit = "timeout", .timeOut = "timeout", .whoFirst = true
};
constexpr Words kKorean = { .name = KoreanLetter,
	.eventOf = "",
	.readable = " 읽기 가능",
	.writable = " 쓰기 가능",
	.limit = "제한 시간",
	.timeOut = "시간 초과",
	.nothing = "없음",
	.whoFirst = true };

// What clients do, each line when the server waits for the next time. A does not read before it
// says so, B always does. The last line is for a server that serves B only then.
struct Act
{
	int peer;
	enum
	{
		Sends,
		Reads,
		HalfCloses,
	} kind;
	const char* bytes;
};

const std::vector<Act> kScript[] = {
	{ { 1, Act::Sends, "hello" } },
	{ { 1, Act::Sends, "more" } },
	{ { 1, Act::Sends, "too" }, { 2, Act::Sends, "hi" } },
	{ { 1, Act::Reads, "" } },
	{ { 1, Act::HalfCloses, "" } },
};

class Script : public Decider, public Monitor
{
public:
	Script(const Model& model, bool korean)
		: model_(model), korean_(korean), words_(korean ? kKorean : kEnglish),
		  network_(*this, *this, { .platform = Platform::Windows, .sendBuffer = 1 })
	{
		network_.recording = true;
	}

	std::string Run()
	{
		try
		{
			model_.run();
		}
		catch (const Done&)
		{
		}
		return text_;
	}

private:
	int Choose(int) override
	{
		return 0;
	}

	void Before(Call) override
	{
		Look();
	}

	bool Wait(const Waiting&) override
	{
		Step();
		return true;
	}

	void WouldBlock() override
	{
		if (model_.spins)
			Step();
	}

	// A call is through.
	void Tell(const Event& event) override
	{
		if (event.kind != Event::Returned)
			return;
		const Call call = network_.record.call;
		queued_ -= call == Call::GetMessage ? 1 : 0;
		queued_ += call == Call::PostMessage ? 1 : 0;
		if (call == Call::SetEvent)
			signalled_ = Signalled();
		if (next_ != 0 && call != Call::CloseEvent)
		{
			std::string result = ResultOf(network_.record, words_);
			if (call == Call::Recv && result == "0")
				result += " (FIN)";
			else if (!result.empty() && result.find_first_not_of("0123456789") == result.npos)
				result += Say(" bytes", "바이트");
			const bool again = model_.spins && result == "WSAEWOULDBLOCK";
			if (again)
				Line("loop " + Say("again and again", "계속 반복"));
			if (waits_)
				Line(To(call) + "-->>T: " + result);
			else
				Line((again ? "    T->>" : "T->>") + Called() +
					(result.empty() ? "" : ": " + result));
			if (again)
				Line("end");
			waits_ = false;
		}
		Look();
	}

	// "W: recv(A)"
	std::string Called() const
	{
		const Call call = network_.record.call;
		std::string arguments = ArgumentsOf(network_.record, words_);
		if (call == Call::Recv || call == Call::Send)
			arguments.resize(arguments.find(',')); // without the size
		return To(call) + ": " + Name(call) + "(" + arguments + ")";
	}

	std::string Say(const char* english, const char* korean) const
	{
		return korean_ ? korean : english;
	}

	// Who takes a call.
	static std::string To(Call call)
	{
		switch (call)
		{
		case Call::GetMessage:
		case Call::PostMessage:
			return "Q";
		case Call::WaitForMultipleEvents:
		case Call::SetEvent:
		case Call::ResetEvent:
			return "E";
		default:
			return "W";
		}
	}

	void Line(const std::string& line)
	{
		text_ += "    " + line + "\n";
	}

	void Head()
	{
		text_ = "sequenceDiagram\n";
		Line("participant A");
		Line("participant B");
		Line("participant W as Winsock");
		if (model_.wait == Call::GetMessage)
			Line("participant Q as " + Say("message queue", "메시지 큐"));
		if (model_.wait == Call::WaitForMultipleEvents)
			Line("participant E as " + Say("event objects", "이벤트 객체"));
		Line("participant T as " + Say("the thread", "스레드"));
		if (!network_.backlog.empty())
			Line("Note over B,W: " + Say("B waits in the backlog", "B는 연결 대기 큐에서 기다림"));
		Line("Note over A: " + Say("does not read", "읽지 않음"));
	}

	// The server waits, or spins: the clients go on. At first they connect.
	void Step()
	{
		if (!std::exchange(connected_, true))
		{
			for (Connection& client : clients_)
				network_.Connect(client);
			Look();
			return;
		}
		if (next_ == 0)
			Head();
		if (!model_.spins && !waits_)
			Line("T->>" + Called() + ": " + Say("blocks", "블록됨"));
		waits_ = !model_.spins;
		if (next_ == std::size(kScript) - (model_.iterative ? 0 : 1))
			throw Done();
		for (const Act& act : kScript[next_++])
			Perform(act);
		Look();
	}

	void Perform(const Act& act)
	{
		Connection& connection = clients_[act.peer - 1];
		const std::string name = Letter(connection.peer);
		if (act.kind == Act::Sends)
		{
			Line(name + "->>W: \"" + act.bytes + "\"");
			network_.PeerSends(connection, act.bytes);
		}
		else if (act.kind == Act::Reads)
		{
			Line("Note over " + name + ": " + Say("reads", "읽기 시작"));
			reads_ = true;
		}
		else
		{
			Line(name + "->>W: FIN");
			network_.PeerHalfCloses(connection);
		}
	}

	// What the clients read, and what Winsock posts and signals.
	void Look()
	{
		for (Connection& client : clients_)
		{
			if (client.peer == 1 && !reads_)
				continue;
			while (const std::size_t size = Network::Readable(client))
			{
				Line("W->>" + Letter(client.peer) + ": \"" + client.unsent.substr(0, size) + "\"");
				network_.PeerReads(client, size);
			}
		}
		for (; queued_ < network_.queue.size(); queued_++)
		{
			const MSG& message = network_.queue[queued_].message;
			Line("W->>Q: " + words_.name(network_.PeerOf(message.wParam)) + ", " +
				EventNames(WSAGETSELECTEVENT(message.lParam)));
		}
		const std::set<int> signalled = Signalled();
		for (const int peer : signalled)
		{
			if (!signalled_.contains(peer))
				Line("W->>E: " + Say("signals ", "신호 상태: ") + words_.name(peer));
		}
		signalled_ = signalled;
	}

	// The sockets whose events are.
	std::set<int> Signalled()
	{
		std::set<int> peers;
		for (const Object& socket : network_.objects)
		{
			const auto handle = reinterpret_cast<std::uintptr_t>(socket.event);
			if (socket.event != nullptr && network_.Find(handle, Object::Kind::Event)->signalled)
				peers.insert(network_.PeerOf(socket.event));
		}
		return peers;
	}

	const Model& model_;
	const bool korean_;
	const Words& words_;
	Network network_;
	std::string text_;
	Connection clients_[2] = { { .peer = 1 }, { .peer = 2 } };
	bool connected_ = false;
	std::size_t next_ = 0;    // of the script
	bool waits_ = false;      // the call that is going on is in the diagram
	bool reads_ = false;      // A does
	std::size_t queued_ = 0;  // messages, as shown
	std::set<int> signalled_; // events, as shown
};

} // namespace

std::string Diagram(const Model& model, bool korean)
{
	return Script(model, korean).Run();
}

} // namespace sim

#include "stage.h"

#include "checks.h"
#include "lines.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace sim
{
using namespace winsock;

int line = 0;

namespace
{
constexpr std::size_t kClients = 72;
constexpr std::size_t kSteps = 20000; // more is a run without end
constexpr int kAgain = 3;             // so often what is repeated without end is shown
constexpr std::size_t kAnyTime = static_cast<std::size_t>(-1);

// What the act %NAME:CODE brings about. A name's first row is the one without a code.
struct Failure
{
	const char* name;
	const char* code;
	Fault fault;
	int choice; // of what the fault leaves open
};

constexpr Failure kFailures[] = {
	{ "accept", "WSAENETDOWN", Fault::ListenerFails, 0 },
	{ "accept", "WSAECONNRESET", Fault::AcceptFails, 1 },
	{ "recv", "WSAECONNRESET", Fault::RecvFails, 0 },
	{ "recv", "WSAENETDOWN", Fault::RecvFails, 2 },
	{ "recv", "WSAEWOULDBLOCK", Fault::RecvWouldBlock, 0 },
	{ "send", "WSAECONNRESET", Fault::SendFails, 0 },
	{ "send", "WSAENETDOWN", Fault::SendFails, 2 },
	{ "send", "WSAEWOULDBLOCK", Fault::SendWouldBlock, 0 },
	{ "new", "NULL", Fault::MemoryFails, 0 }, { "event", "WSAENETDOWN", Fault::EventError, 0 },
	{ "select", "WSAENETDOWN", Fault::WaitFails, 0 },
	{ "WSAWaitForMultipleEvents", "WSA_NOT_ENOUGH_MEMORY", Fault::WaitFails, 0 },
	{ "GetMessage", "ERROR_INVALID_WINDOW_HANDLE", Fault::WaitFails, 0 },
	{ "WSACreateEvent", "WSA_NOT_ENOUGH_MEMORY", Fault::CreateEventFails, 0 },
	{ "WSAEventSelect", "WSAENETDOWN", Fault::SelectionFails, 0 },
	{ "WSAAsyncSelect", "WSAENETDOWN", Fault::SelectionFails, 0 },
	{ "WSAEnumNetworkEvents", "WSAENETDOWN", Fault::EnumFails, 0 },
	{ "PostMessage", "ERROR_NOT_ENOUGH_QUOTA", Fault::PostFails, 0 },
	{ "WSAStartup", "WSASYSNOTREADY", Fault::StartFails, 0 },
	{ "bind", "WSAEADDRINUSE", Fault::StartFails, 0 },
	{ "RegisterClass", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails, 0 },
	{ "CreateWindow", "WSA_NOT_ENOUGH_MEMORY", Fault::StartFails, 0 },
	{ "late", "", Fault::PostsLate, 0 }, // Winsock's next message comes late
};

struct Act
{
	std::size_t place = kAnyTime; // the step before which it comes
	bool together = false;        // with the act before it
	char who = 0;
	int client = 0; // by number, and none by letter: "@27:"
	std::string what;
};

// "A+|7B#500,Ahello"
std::vector<Act> Parse(const char* text)
{
	std::vector<Act> acts;
	bool together = false;
	while (*text != '\0')
	{
		Act act;
		act.together = together;
		if (std::isdigit(static_cast<unsigned char>(*text)))
		{
			char* end = nullptr;
			act.place = std::strtoul(text, &end, 10);
			text = end;
		}
		std::string act_text;
		for (; *text != '\0' && *text != '|' && *text != ','; text++)
		{
			if (*text == '\\' && text[1] != '\0')
				text++;
			act_text += *text;
		}
		together = *text == ',';
		if (*text != '\0')
			text++;
		if (act_text.empty())
			continue;
		act.who = act_text[0];
		act.what = act_text.substr(1);
		const std::size_t colon = act.what.find(':');
		if (act.who == '@' && colon != act.what.npos)
		{
			act.client = std::atoi(act.what.c_str());
			act.what.erase(0, colon + 1);
		}
		acts.push_back(act);
	}
	return acts;
}

// As JSON. A character that is cut off becomes U+FFFD.
std::string Quoted(std::string_view text)
{
	std::string json = "\"";
	for (std::size_t i = 0; i < text.size(); i++)
	{
		const auto byte = static_cast<unsigned char>(text[i]);
		const std::size_t size = byte < 0x80 ? 1
			: byte < 0xC2                    ? 0
			: byte < 0xE0                    ? 2
			: byte < 0xF0                    ? 3
											 : 4;
		bool whole = size != 0 && i + size <= text.size() && byte < 0xF5;
		for (std::size_t k = 1; whole && k < size; k++)
			whole = (text[i + k] & 0xC0) == 0x80;
		if (byte == '"' || byte == '\\')
			(json += '\\') += text[i];
		else if (byte == '\n')
			json += "\\n";
		else if (byte < 0x20 || byte == 0x7F)
			((json += "\\u00") += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
		else if (!whole)
			json += "\\ufffd";
		else
		{
			json.append(text, i, size);
			i += size - 1;
		}
	}
	return json + "\"";
}

std::string Number(long long number)
{
	return std::to_string(number);
}

template <typename Numbers>
std::string List(const Numbers& numbers)
{
	std::string json;
	for (const auto& number : numbers)
		json += (json.empty() ? "" : ",") + Number(number);
	return "[" + json + "]";
}

// ["FD_READ","FD_CLOSE"]
std::string EventList(long events)
{
	std::string json;
	for (const int event : { FD_READ, FD_WRITE, FD_ACCEPT, FD_CLOSE })
	{
		if ((events & event) != 0)
			json += (json.empty() ? "\"" : ",\"") + EventNames(event) + "\"";
	}
	return "[" + json + "]";
}

std::string MessageList(const MessageRecord& message)
{
	if (message.number < WM_USER)
		return message.number == WM_QUIT ? "[-1,\"WM_QUIT\",0,0]"
			: message.number == WM_CLOSE ? "[-1,\"WM_CLOSE\",0,0]"
										 : "[-1,\"WM_PAINT\",0,0]";
	return "[" + Number(message.peer) + "," + Quoted(EventNames(message.event)) + "," +
		Number(message.code) + (message.peer != message.handle ? ",1]" : ",0]");
}

// The fields of a step.
class Fields
{
public:
	Fields& Add(const char* key, const std::string& json)
	{
		text += std::string(text.empty() ? "" : ",") + "\"" + key + "\":" + json;
		return *this;
	}
	Fields& Add(const char* key, long long number)
	{
		return Add(key, Number(number));
	}

	std::string text;
};

// What a page shows of a socket.
struct SocketView
{
	long mask = 0, armed = 0, record = 0;
	bool signalled = false;

	void Changes(Fields& fields, const SocketView& before) const
	{
		const auto add = [&fields](const char* key, long now, long then) {
			if (now != then)
				fields.Add(key, now);
		};
		add("m", mask, before.mask);
		add("a", armed, before.armed);
		add("r", record, before.record);
		add("e", signalled, before.signalled);
	}
};

// And of a client. A text differs only if its size does: each step has one change.
struct ClientView
{
	const char* place = "";
	std::size_t in = 0, out = 0, said = 0, got = 0, held = 0;
	bool fin = false, rst = false, done = false, aborted = false, deaf = false;
	SocketView socket;
};

class Stage : public Decider, public Monitor
{
public:
	explicit Stage(const Show& show)
		: model_(kModels[show.server.model - 1]), run_(show.server.run), everyLine_(show.everyLine),
		  acts_(Parse(show.acts)), clients_(kClients), played_(kClients), trace_(TraceMode::Off),
		  network_(*this, *this,
			  { .dialect = show.dialect, .sendBuffer = static_cast<std::size_t>(show.sendBuffer) }),
		  checks_(model_, network_, clients_, trace_)
	{
		network_.recording = true;
		int number = 0;
		for (Connection& client : clients_)
			client.peer = ++number;
		whole_ = !acts_.empty() && acts_[0].place == 0;
	}

	void Run()
	{
		while (whole_ && Due(false))
			continue;
		checks_.Tell({ Event::Ends, nullptr, ended_ = run_() });
		Stop();
	}

	// The tape, once the run has ended.
	std::string Finish()
	{
		Flush();
		if (outcome_ == nullptr && checks_.outcome.rule == nullptr)
			Step("exit", Fields().Add("code", ended_).text);
		else if (checks_.outcome.rule != nullptr)
		{
			if (begun_)
				Step("call", CallFields(network_.record, bytes_, false).text);
			Step("broken",
				Fields()
					.Add("rule", Quoted(checks_.outcome.rule->name))
					.Add("t", Quoted(checks_.outcome.what))
					.text);
		}
		else
			Step(outcome_, outcome_ == kCrash ? Fields().Add("code", "\"0xC0000005\"").text : "");
		return "[" + tape_ + "]";
	}

	void Crash(int at)
	{
		Flush();
		line = at;
		End(kCrash);
	}

	bool Passes(int number, const char* function)
	{
		static constexpr const char* quiet[] = { "PrintData", "HandleError" };
		if (std::any_of(std::begin(quiet), std::end(quiet),
				[function](const char* name) { return std::strcmp(name, function) == 0; }))
			return false;
		if (everyLine_ && network_.listener != 0 && number != line)
		{
			Flush();
			line = number;
			Step("line", "");
		}
		line = number;
		return false;
	}

private:
	// -- What has happened ------------------------------------------------------------------------

	void Tell(const Event& event) override
	{
		switch (event.kind)
		{
		case Event::Called:
			Flush();
			bytes_.clear();
			break;
		case Event::Waits:
			returned_ = false; // Sleep(), which has nothing to return
			if (!waits_)
				Step("wait", CallFields(network_.record, bytes_, false).text);
			waits_ = true;
			begun_ = false;
			break;
		case Event::Returned: // told when it has done all it does: see Flush()
			Flush();          // a call that nothing has followed, not even another: new
			begun_ = false;
			record_ = network_.record;
			returned_ = network_.listener != 0 || network_.record.code != 0 || whole_;
			returnedLine_ = line;
			return;
		case Event::Received:
			Played(*event.connection).received += static_cast<std::size_t>(event.number);
			[[fallthrough]];
		case Event::Sending:
			bytes_.assign(event.data, static_cast<std::size_t>(std::clamp(event.number, 0, 40)));
			calls_ = 0;
			break;
		case Event::Sent:
			Played(*event.connection).echoed += static_cast<std::size_t>(event.number);
			break;
		case Event::Accepted:
		case Event::Closing:
			calls_ = 0;
			break;
		case Event::Printed:
		case Event::PrintedError:
			Flush();
			log_.append(event.data, static_cast<std::size_t>(event.number));
			if (log_.ends_with("\n") && log_ != "\n")
			{
				const std::size_t first = log_[0] == '\n' ? 1 : 0;
				Step(event.kind == Event::Printed ? "log" : "error",
					Fields()
						.Add("t",
							Quoted(log_.substr(first,
								std::min<std::size_t>(log_.size() - first - 1, 240))))
						.text);
				log_.clear();
			}
			break;
		case Event::Ends:
			Flush();
			ended_ = event.number;
			break;
		default:
			break;
		}
		checks_.Tell(event);
	}

	// The call that has returned becomes a step when the next thing happens: then its effects,
	// which come after its result, are part of it.
	void Flush()
	{
		if (!std::exchange(returned_, false))
			return;
		const int now = std::exchange(line, returnedLine_);
		Step(std::exchange(waits_, false) ? "woken" : "call",
			CallFields(record_, bytes_, true).text);
		line = now;
	}

	// The fields of the call that is going on, or has returned.
	static Fields CallFields(const CallRecord& record, const std::string& bytes, bool returned)
	{
		Fields fields;
		fields.Add("f", Quoted(Name(record.call)));
		if (record.peer != kNobody)
			fields.Add("p", record.peer);
		switch (record.call)
		{
		case Call::Recv:
		case Call::Send:
			fields.Add("n", record.number);
			if (!bytes.empty())
				fields.Add("b", Quoted(bytes));
			break;
		case Call::Select:
			fields.Add("ask",
				"{\"r\":" + List(record.reads) + ",\"w\":" + List(record.writes) + "}");
			if (record.limit != WSA_INFINITE)
				fields.Add("ms", record.limit);
			break;
		case Call::WaitForMultipleEvents:
			fields.Add("ask", List(record.reads));
			if (record.limit != WSA_INFINITE)
				fields.Add("ms", record.limit);
			break;
		case Call::EventSelect:
		case Call::AsyncSelect:
			fields.Add("ev", EventList(record.number));
			break;
		case Call::PostMessage:
			fields.Add("msg", MessageList(record.message));
			break;
		case Call::Sleep:
			fields.Add("ms", record.number);
			break;
		default:
			break;
		}
		if (!returned)
			return fields;
		if (record.code != 0 || record.call == Call::New)
			return fields.Add("r", -1).Add("e",
				Quoted(record.code != 0 ? ErrorName(record.code) : "NULL"));
		switch (record.call)
		{
		case Call::Accept:
			return fields.Add("peer", record.result);
		case Call::Select:
			return fields.Add("r", record.result)
				.Add("ready",
					"{\"r\":" + List(record.readable) + ",\"w\":" + List(record.writable) + "}");
		case Call::WaitForMultipleEvents:
			if (record.result == static_cast<int>(WSA_WAIT_TIMEOUT))
				return fields.Add("e", "\"WSA_WAIT_TIMEOUT\"");
			return fields.Add("r", record.result)
				.Add("ready", record.reads[static_cast<std::size_t>(record.result)]);
		case Call::GetMessage:
			return fields.Add("r", record.result).Add("msg", MessageList(record.message));
		case Call::EnumNetworkEvents:
			fields.Add("ev", EventList(record.result));
			if (!record.errors.empty())
				fields.Add("errs", Errors(record));
			return fields;
		default:
			return fields.Add("r", record.result);
		}
	}

	static std::string Errors(const CallRecord& record)
	{
		Fields fields;
		for (const auto& [event, code] : record.errors)
			fields.Add(EventNames(event).c_str(), Quoted(ErrorName(code)));
		return "{" + fields.text + "}";
	}

	// -- What happens next ------------------------------------------------------------------------

	int Choose(int count) override
	{
		return std::min(choice_, count - 1);
	}

	bool Inject(Fault fault) override
	{
		if (fault == Fault::StartFails && checks_.phase() != Phase::Starting)
			return false;
		const auto due = std::find_if(due_.begin(), due_.end(), [&](const Failure* failure) {
			// These two stand for several calls.
			return fault == Fault::WaitFails || fault == Fault::StartFails
				? std::strcmp(failure->name, Name(network_.record.call)) == 0
				: failure->fault == fault;
		});
		if (due == due_.end())
			return false;
		choice_ = (*due)->choice;
		due_.erase(due);
		return true;
	}

	void Before(Call call) override
	{
		choice_ = 0;
		if (count_ > kSteps)
			End(kSpin);
		if (checks_.serving())
		{
			while (Deliver() || Due(false))
				continue;
			checks_.Look();
			// A whole turn of a server that waits is less.
			if (!model_.spins && ++calls_ > 30 + 4 * connected_)
				checks_.Spins();
		}
		begun_ = call != Call::DispatchMessage && network_.listener != 0;
	}

	bool Wait(const Waiting& waiting) override
	{
		const bool limited = waiting.limit != WSA_INFINITE;
		if (Deliver() || Due(false))
			late_ = 0;
		else if (limited && late_++ < kAgain) // time passes
		{
			checks_.TimePasses(waiting);
			network_.now += waiting.limit;
			returned_ = waiting.call == Call::Sleep;
			returnedLine_ = line;
			return false;
		}
		else if (!Due(true))
			Rest(kRest);
		return true;
	}

	void WouldBlock() override
	{
		if (!model_.spins || !checks_.serving())
			return;
		Flush();
		if (Deliver() || Due(false))
			again_ = 0;
		else if (++again_ >= kAgain)
		{
			again_ = 0;
			if (!Due(true))
				Rest(kSpin);
		}
	}

	// Nothing more happens by itself.
	void Rest(const char* kind)
	{
		if (connected_ > 0 &&
			std::all_of(clients_.begin(), clients_.end(),
				[](const Connection& client) { return client.done || !client.connected; }))
			checks_.CheckEnd();
		End(kind);
	}

	[[noreturn]] void End(const char* kind)
	{
		outcome_ = kind;
		Stop();
	}

	// -- The clients ------------------------------------------------------------------------------

	// The next act, if its time has come, or if it need not wait for it.
	bool Due(bool now)
	{
		if (next_ == acts_.size())
			return false;
		const Act& act = acts_[next_];
		const bool early = act.place == 0 && next_ == 0; // the start may fail
		if (!early && !checks_.serving())
			return false;
		if (act.place != kAnyTime ? act.place > count_ && !now : !now && !act.together)
			return false;
		late_ = again_ = calls_ = 0;
		Flush();
		Fields fields;
		fields.Add("i", static_cast<long long>(next_++));
		const bool done = Perform(act, fields);
		if (!done)
			fields.Add("no", 1);
		checks_.Progress();
		Step("act", fields.text);
		return true;
	}

	// Whether it can be done now.
	bool Perform(const Act& act, Fields& fields)
	{
		const auto is = [&fields](const char* what) { fields.Add("do", Quoted(what)); };
		switch (act.who)
		{
		case '~':
			is("partial");
			due_.push_back(&kPartial);
			return true;
		case '?':
			is("noroom");
			due_.push_back(&kNoRoom);
			return true;
		case '%':
			return Fail(act.what, fields);
		case '*': {
			int count = 0;
			for (int left = std::atoi(act.what.c_str()); left > 0 && Connect(); left--)
				count++;
			is("many");
			fields.Add("n", count);
			return count > 0;
		}
		case '$':
			is("quit");
			if (checks_.phase() != Phase::Serving || !network_.CloseWindow())
				return false;
			checks_.WindowCloses();
			return true;
		default:
			break;
		}
		const int number = act.who == '^' ? newest_ : act.who == '@' ? act.client : act.who - '@';
		if (number < 1 || number > static_cast<int>(kClients))
		{
			is("nothing");
			return false;
		}
		return Perform(clients_[static_cast<std::size_t>(number - 1)], act.what, fields);
	}

	bool Perform(Connection& client, const std::string& what, Fields& fields)
	{
		ClientState& state = Played(client);
		const auto is = [&](const char* name) {
			fields.Add("do", Quoted(name)).Add("p", client.peer);
		};
		const bool can = client.connected && !client.done && !state.left;
		if (what == "+")
		{
			is("connect");
			return !client.connected && Connect(&client);
		}
		if (what == "-" || what == "=")
		{
			is(what == "-" ? "stop" : "read");
			if (!can || state.deaf == (what == "-"))
				return false;
			state.deaf = what == "-";
			return true;
		}
		if (what == ".")
		{
			is("fin");
			if (!can || client.fin)
				return false;
			network_.PeerHalfCloses(client);
			return true;
		}
		if (what == "!" || what == "/")
		{
			is(what == "!" ? "reset" : "close");
			if (!can)
				return false;
			if (what == "!" ||
				Network::Readable(client) > 0) // unread bytes turn the end into a reset
				Reset(client);
			else if (client.fin)
				state.left = true;
			else
			{
				state.left = true;
				network_.PeerHalfCloses(client);
			}
			return true;
		}
		std::string bytes = what[0] == '"' ? what.substr(1) : what;
		if (what[0] == '#')
		{
			bytes.clear();
			for (int left = std::atoi(what.c_str() + 1); left > 0; left--)
				bytes += static_cast<char>('a' + (client.sent.size() + bytes.size()) % 26);
		}
		if (can)
			bytes.resize(std::min(bytes.size(), network_.Room(client)));
		is("send");
		fields.Add("n", static_cast<long long>(bytes.size())).Add("b", Quoted(bytes.substr(0, 40)));
		if (!can || bytes.empty())
			return false;
		network_.PeerSends(client, bytes);
		return true;
	}

	bool Fail(const std::string& what, Fields& fields)
	{
		const std::size_t colon = what.find(':');
		const std::string name = what.substr(0, colon);
		for (const Failure& failure : kFailures)
		{
			if (name != failure.name ||
				(colon != what.npos && what.substr(colon + 1) != failure.code))
				continue;
			if (failure.fault == Fault::MemoryFails)
				fields.Add("do", "\"nomemory\"");
			else
				fields.Add("do", "\"fail\"")
					.Add("f", Quoted(failure.name))
					.Add("e", Quoted(failure.code));
			due_.push_back(&failure);
			return true;
		}
		fields.Add("do", "\"fail\"").Add("f", Quoted(name));
		return false;
	}

	// This client, or else the first that is left, connects.
	bool Connect(Connection* client = nullptr)
	{
		for (std::size_t i = 0; client == nullptr && i < kClients; i++)
			client = clients_[i].connected ? nullptr : &clients_[i];
		if (client == nullptr || network_.listener == 0)
			return false;
		choice_ = 1; // FD_CLOSE comes as early as it can
		network_.Connect(*client);
		choice_ = 0;
		newest_ = client->peer;
		connected_++;
		return true;
	}

	void Reset(Connection& client)
	{
		if (!client.closed)
			network_.PeerResets(client);
		client.done = true;
	}

	// What the clients read, and how they see the end.
	bool Deliver()
	{
		bool any = false;
		for (std::size_t i = 0; i < kClients && connected_ > 0; i++)
		{
			Connection& client = clients_[i];
			ClientState& state = played_[i];
			if (!client.connected || client.done || state.deaf)
				continue;
			const std::size_t size = Network::Readable(client);
			if (size == 0 && !client.closed && !client.shut)
				continue;
			Flush();
			any = true;
			calls_ = 0;
			checks_.Progress();
			if (size > 0 && state.left) // its socket is gone: the system answers with a reset
			{
				Reset(client);
				Step("sees", Fields().Add("p", client.peer).Add("what", "\"gone\"").text);
			}
			else if (size > 0)
			{
				const std::string bytes = client.unsent.substr(0, size);
				state.got = (state.got + bytes)
								.substr(std::max<std::size_t>(40, state.got.size() + size) - 40);
				network_.PeerReads(client, size);
				Step("get",
					Fields()
						.Add("p", client.peer)
						.Add("n", static_cast<long long>(size))
						.Add("b", Quoted(bytes.substr(0, 40)))
						.text);
			}
			else
			{
				client.done = true;
				Step("sees",
					Fields()
						.Add("p", client.peer)
						.Add("what", client.aborted ? "\"reset\"" : "\"fin\"")
						.text);
				checks_.Leaves(client);
			}
		}
		return any;
	}

	// -- The tape ---------------------------------------------------------------------------------

	void Step(const char* kind, const std::string& fields)
	{
		if (std::strcmp(kind, "line") != 0)
			count_++;
		tape_ += (!tape_.empty() ? ",\n{\"k\":\"" : "{\"k\":\"") + std::string(kind) +
			"\",\"l\":" + Number(line) + (fields.empty() ? "" : "," + fields);
		Fields changes;
		Listener(changes);
		for (std::size_t i = 0; i < kClients && connected_ > 0; i++)
		{
			if (clients_[i].connected)
				Changes(clients_[i], played_[i], changes);
		}
		if (!changes.text.empty())
			tape_ += ",\"w\":{" + changes.text + "}";
		if (model_.wait == Call::GetMessage)
		{
			std::string queue;
			for (const Message& message : network_.queue)
				queue += (queue.empty() ? "" : ",") + MessageList(network_.RecordOf(message));
			if (std::exchange(queue_, queue) != queue)
				tape_ += ",\"q\":[" + queue + "]";
		}
		tape_ += "}";
	}

	void Listener(Fields& changes)
	{
		const SocketView view = ViewOf(network_.listener);
		Fields fields;
		view.Changes(fields, std::exchange(listener_, view));
		std::vector<int> backlog;
		for (const Connection* waiting : network_.backlog)
			backlog.push_back(waiting->peer);
		if (std::exchange(backlog_, backlog) != backlog)
			fields.Add("b", List(backlog));
		if (!fields.text.empty())
			changes.Add("0", "{" + fields.text + "}");
	}

	struct ClientState
	{
		std::size_t received = 0; // by the server
		std::size_t echoed = 0;
		std::string got; // the last of it
		bool deaf = false;
		bool left = false; // it has closed its socket
		ClientView shown;
	};

	void Changes(const Connection& client, ClientState& state, Fields& changes)
	{
		ClientView view;
		view.place = client.closed ? "closed" : client.accepted ? "open" : "backlog";
		view.in = client.unread.size();
		view.out = client.unsent.size();
		view.said = client.sent.size();
		view.got = client.read;
		view.held = state.received - state.echoed;
		view.fin = client.fin;
		view.rst = client.reset;
		view.done = client.done;
		view.aborted = client.aborted;
		view.deaf = state.deaf;
		view.socket = ViewOf(client.handle);
		const ClientView before = std::exchange(state.shown, view);
		Fields fields;
		const auto text = [&fields](const char* key, std::size_t now, std::size_t then,
							  std::string_view some) {
			if (now != then)
				fields.Add(key,
					"[" + Number(static_cast<long long>(now)) + "," + Quoted(some) + "]");
		};
		const auto flag = [&fields](const char* key, bool now, bool then) {
			if (now != then)
				fields.Add(key, now);
		};
		const std::string_view sent = client.sent;
		if (std::strcmp(view.place, before.place) != 0)
			fields.Add("s", Quoted(view.place));
		text("in", view.in, before.in, std::string_view(client.unread).substr(0, 12));
		text("out", view.out, before.out, std::string_view(client.unsent).substr(0, 12));
		text("said", view.said, before.said,
			sent.substr(std::max<std::size_t>(40, sent.size()) - 40));
		text("got", view.got, before.got, state.got);
		if (view.held != before.held)
			fields.Add("held", static_cast<long long>(view.held));
		flag("fin", view.fin, before.fin);
		flag("rst", view.rst, before.rst);
		flag("done", view.done, before.done);
		flag("ab", view.aborted, before.aborted);
		flag("deaf", view.deaf, before.deaf);
		view.socket.Changes(fields, before.socket);
		if (!fields.text.empty())
			changes.Add(Number(client.peer).c_str(), "{" + fields.text + "}");
	}

	SocketView ViewOf(SOCKET handle)
	{
		const Object* socket = network_.Find(handle, Object::Kind::Socket);
		if (socket == nullptr)
			return {};
		const Object* event =
			network_.Find(reinterpret_cast<std::uintptr_t>(socket->event), Object::Kind::Event);
		return { socket->mask, socket->enabled & socket->mask, socket->record,
			event != nullptr && event->signalled };
	}

	ClientState& Played(const Connection& client)
	{
		return played_[static_cast<std::size_t>(client.peer - 1)];
	}

	static constexpr char kRest[] = "rest";
	static constexpr char kSpin[] = "spin";
	static constexpr char kCrash[] = "crash";
	static constexpr Failure kPartial = { "send", "", Fault::PartialSend, 0 };
	static constexpr Failure kNoRoom = { "accept", "", Fault::NoRoom, 0 };

	const Model& model_;
	int (*const run_)();
	const bool everyLine_;
	bool whole_ = false; // the calls before the server listens are steps, too
	const std::vector<Act> acts_;
	std::size_t next_ = 0; // of the acts
	std::vector<Connection> clients_;
	std::vector<ClientState> played_;
	int connected_ = 0;
	int newest_ = 0;
	std::vector<const Failure*> due_; // that the next call that can has
	int choice_ = 0;

	Trace trace_;
	Network network_;
	Checks checks_;

	const char* outcome_ = nullptr; // how the run has ended, if the server goes on
	int ended_ = 0;
	bool begun_ = false;    // a call has, and nothing is told of it yet
	bool waits_ = false;    // it waits, and that is told
	bool returned_ = false; // it is through, and that is not yet told
	CallRecord record_;     // of it
	int returnedLine_ = 0;
	std::string bytes_; // that it has received or is to send
	std::string log_;   // a line in parts
	int late_ = 0;      // waits with a limit, in a row, that ended without anything
	int again_ = 0;     // calls in a row that gave WSAEWOULDBLOCK to a server that spins
	int calls_ = 0;     // in a row that changed nothing

	std::string tape_;
	std::size_t count_ = 0; // steps, but for lines without a call
	SocketView listener_;   // as shown
	std::vector<int> backlog_;
	std::string queue_;
};

std::unique_ptr<Stage> stage;
std::string finished;

} // namespace

bool Passes(int number, const char* function)
{
	return stage->Passes(number, function);
}

void Begin(const Show& show)
{
	line = 0;
	stage.reset();
	stage = std::make_unique<Stage>(show);
	stage->Run();
}

const char* Finish()
{
	finished = stage->Finish();
	return finished.c_str();
}

#ifdef __cpp_exceptions
std::string Tape(const Show& show)
{
	try
	{
		try
		{
			Begin(show);
		}
		catch (const std::bad_alloc&)
		{
			static_cast<Monitor&>(*stage).Tell({ Event::OutOfMemory });
		}
	}
	catch (const Done&)
	{
	}
	return Finish();
}
#endif

} // namespace sim

// The servers are built with -fsanitize=null: this is called where a null pointer would be used.
namespace
{
struct Place
{
	const char* file;
	unsigned line, column;
};
} // namespace

extern "C" void __ubsan_handle_type_mismatch_v1(const Place* place, void*)
{
	sim::stage->Crash(static_cast<int>(place->line));
}

extern "C" void __ubsan_handle_type_mismatch_v1_abort(const Place* place, void*)
{
	sim::stage->Crash(static_cast<int>(place->line));
}

#include "stage.h"

#include "acts.h"
#include "checks.h"
#include "json.h"
#include "lines.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

namespace sim
{
using namespace winsock;

int line = 0;

namespace
{
constexpr std::size_t kClients = 72;
constexpr std::size_t kSteps = 20000; // more is a run without end
constexpr int kAgain = 3;             // so often what is repeated without end is shown

// What is shown of a socket and of the client behind it, as numbers: the first is the place, the
// next four are the sizes of texts. A text changes only if its size does, since a step has one
// change.
constexpr const char* kKeys[] = { "s", "in", "out", "said", "got", "held", "fin", "rst", "done",
	"ab", "deaf", "m", "a", "r", "e" };
constexpr const char* kPlaces[] = { "", "\"backlog\"", "\"open\"", "\"closed\"" };
constexpr std::size_t kTexts = 4;
using View = std::array<std::size_t, std::size(kKeys)>;

std::string_view Last(const std::string& text, std::size_t size)
{
	return std::string_view(text).substr(text.size() - std::min(size, text.size()));
}

class Stage : public Decider, public Monitor
{
public:
	explicit Stage(const Show& show)
		: model_(kModels[show.server.model - 1]), run_(show.server.run), everyLine_(show.everyLine),
		  acts_(ParseActs(show.acts)), early_(!acts_.empty() && acts_[0].place == 0),
		  clients_(kClients), more_(kClients),
		  network_(*this, *this,
			  { .platform = show.platform,
				  .sendBuffer = static_cast<std::size_t>(show.sendBuffer) }),
		  checks_(model_, network_, clients_, trace_)
	{
		network_.recording = true;
		int number = 0;
		for (Connection& client : clients_)
			client.peer = ++number;
	}

	void Run()
	{
		if (early_)
			Due(true);
		Tell({ Event::Ends, nullptr, run_() });
		Stop();
	}

	// The tape, once the run has ended.
	std::string Finish()
	{
		Flush();
		const Rule* const rule = checks_.outcome.rule;
		if (rule != nullptr && begun_)
			Step("call", Given(network_.record, bytes_));
		if (rule != nullptr)
			Step("broken", Fields()("rule", Quoted(rule->name))("t", Quoted(checks_.outcome.what)));
		else
			Step(end_, endFields_);
		return "[" + tape_ + "]";
	}

	[[noreturn]] void End(const char* kind, const Fields& fields = {})
	{
		end_ = kind;
		endFields_ = fields;
		Stop();
	}

	void Crash(int at)
	{
		Flush();
		line = at;
		End("crash", Fields()("code", "\"0xC0000005\""));
	}

	void Passes(int number, const char* function)
	{
		if (std::strcmp(function, "PrintData") == 0 || std::strcmp(function, "HandleError") == 0)
			return;
		if (everyLine_ && network_.listener != 0 && number != line)
		{
			Flush();
			line = number;
			Step("line", {});
		}
		line = number;
	}

	void Tell(const Event& event) override
	{
		switch (event.kind)
		{
		case Event::Called:
			Flush();
			bytes_.clear();
			begun_ = event.call != Call::DispatchMessage && network_.listener != 0;
			checks_.Tell(event); // a rule may break by this very call
			begun_ = false;
			return;
		case Event::Waits:
			returned_ = false; // Sleep() has, before it waits
			if (!std::exchange(waits_, true))
				Step("wait", Given(network_.record, bytes_));
			begun_ = false;
			break;
		case Event::Returned:
			Flush(); // nothing has followed the call before, not even a call: this one is new
			begun_ = false;
			returned_ = network_.listener != 0 || network_.record.code != 0 || early_;
			record_ = network_.record;
			line_ = line;
			return;
		case Event::Received:
		case Event::Sending:
			bytes_.assign(event.data, static_cast<std::size_t>(std::clamp(event.number, 0, 40)));
			break;
		case Event::Printed:
		case Event::PrintedError:
			Flush();
			log_.append(event.data, static_cast<std::size_t>(event.number));
			if (log_.size() > 1 && log_.back() == '\n')
			{
				log_.pop_back();
				log_.erase(0, log_.find_first_not_of('\n'));
				Step(event.kind == Event::Printed ? "log" : "error",
					Fields()("t", Quoted(log_.substr(0, 240))));
				log_.clear();
			}
			break;
		case Event::Ends:
			Flush();
			end_ = "exit";
			endFields_ = Fields()("code", event.number);
			break;
		default:
			break;
		}
		checks_.Tell(event);
	}

private:
	// The call that has returned becomes a step when the next thing happens: then its effects,
	// which come after its result, are part of it.
	void Flush()
	{
		if (!std::exchange(returned_, false))
			return;
		const int now = std::exchange(line, line_);
		Fields fields = Given(record_, bytes_);
		AddResult(fields, record_);
		Step(std::exchange(waits_, false) ? "woken" : "call", fields);
		line = now;
	}

	// -- What happens next ------------------------------------------------------------------------

	int Choose(int count) override
	{
		return std::min(choice_, count - 1);
	}

	int ChooseCode(std::initializer_list<int> codes) override
	{
		for (const int code : codes)
		{
			if (failing_ != nullptr && ErrorName(code) == failing_->code)
				return code;
		}
		return *codes.begin();
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
		failing_ = *due;
		choice_ = fault == Fault::AcceptFails ? 1 : 0; // the client has gone
		due_.erase(due);
		return true;
	}

	void Before(Call call) override
	{
		choice_ = 0;
		if (count_ > kSteps)
			End("spin");
		if (checks_.serving())
		{
			while (Deliver() || Due(false))
				continue;
			checks_.Look();
			// A whole turn of a server that waits is less.
			if (!model_.spins && checks_.sinceProgress() > 30 + 4 * connected_)
				checks_.Spins();
		}
		begun_ = call != Call::DispatchMessage && network_.listener != 0;
	}

	bool Wait(const Waiting& waiting) override
	{
		if (Acts(waiting.limit != WSA_INFINITE, "rest"))
			return true;
		checks_.TimePasses(waiting);
		network_.now += waiting.limit;
		returned_ = waiting.call == Call::Sleep;
		return false;
	}

	void WouldBlock() override
	{
		if (!model_.spins || !checks_.serving())
			return;
		Flush();
		Acts(true, "spin");
	}

	// Something happens now: what is due, or else the next act, or else the run ends so. False: not
	// yet, for the thread goes on by itself.
	bool Acts(bool goesOn, const char* end)
	{
		if (!Deliver() && !Due(false))
		{
			if (goesOn && ++idle_ < kAgain)
				return false;
			if (!Due(true))
				Rest(end);
		}
		idle_ = 0;
		return true;
	}

	void Rest(const char* kind)
	{
		const auto gone = [](const Connection& client) { return client.done || !client.connected; };
		if (connected_ > 0 && std::all_of(clients_.begin(), clients_.end(), gone))
			checks_.CheckEnd();
		End(kind);
	}

	// -- The clients ------------------------------------------------------------------------------

	// The next act, if it need not wait any longer.
	bool Due(bool now)
	{
		if (next_ == acts_.size())
			return false;
		const Act& act = acts_[next_];
		if (!now && (act.place == kAnyTime ? !act.together : act.place > count_))
			return false;
		Flush();
		Fields fields;
		fields("i", next_++);
		if (!Perform(act, fields))
			fields("no", 1);
		checks_.Progress();
		Step("act", fields);
		return true;
	}

	// Whether it can be done now.
	bool Perform(const Act& act, Fields& fields)
	{
		switch (act.who)
		{
		case '~':
		case '?':
			return Fail({ act.who }, fields);
		case '%':
			return Fail(act.what, fields);
		case '*': {
			int count = 0;
			for (int left = std::atoi(act.what.c_str()); left > 0 && Connect(); left--)
				count++;
			fields("do", "\"many\"")("n", count);
			return count > 0;
		}
		case '$':
			fields("do", "\"quit\"");
			if (checks_.phase() != Phase::Serving || !network_.CloseWindow())
				return false;
			checks_.WindowCloses();
			return true;
		default:
			const auto number = static_cast<std::size_t>(act.who == '^' ? newest_ : act.client);
			if (number - 1 < kClients)
				return Perform(clients_[number - 1], act.what, fields);
			fields("do", "\"nothing\"");
			return false;
		}
	}

	bool Perform(Connection& client, const std::string& what, Fields& fields)
	{
		static constexpr std::pair<char, const char*> names[] = { { '+', "\"connect\"" },
			{ '-', "\"stop\"" }, { '=', "\"read\"" }, { '.', "\"fin\"" }, { '!', "\"reset\"" },
			{ '/', "\"close\"" } };
		const auto name = std::find_if(std::begin(names), std::end(names),
			[&what](const auto& one) { return what.size() == 1 && what[0] == one.first; });
		fields("do", name == std::end(names) ? "\"send\"" : name->second)("p", client.peer);
		if (name == std::end(names))
			return Send(client, what, fields);
		More& more = Of(client);
		bool can = client.connected && !client.done && !more.left;
		switch (what[0])
		{
		case '+':
			return !client.connected && Connect(&client);
		case '-':
		case '=':
			can = can && more.deaf == (what[0] == '=');
			more.deaf ^= can;
			break;
		case '.':
			can = can && !client.fin;
			if (can)
				network_.PeerHalfCloses(client);
			break;
		default:
			if (can && (what[0] == '!' || Network::Readable(client) > 0)) // unread bytes: no FIN
				Reset(client);
			else if (can)
			{
				more.left = true;
				if (!client.fin)
					network_.PeerHalfCloses(client);
			}
		}
		return can;
	}

	bool Send(Connection& client, const std::string& what, Fields& fields)
	{
		std::string bytes = what[0] == '"' ? what.substr(1) : what;
		if (what[0] == '#')
		{
			bytes.resize(std::min<std::size_t>(std::strtoul(what.c_str() + 1, nullptr, 10), 65536));
			for (std::size_t i = 0; i < bytes.size(); i++)
				bytes[i] = static_cast<char>('a' + (client.sent.size() + i) % 26);
		}
		const bool can = client.connected && !client.done && !Of(client).left;
		if (can)
			bytes.resize(std::min(bytes.size(), network_.Room(client)));
		fields("n", bytes.size())("b", Quoted(bytes.substr(0, 40)));
		if (!can || bytes.empty())
			return false;
		network_.PeerSends(client, bytes);
		return true;
	}

	bool Fail(const std::string& what, Fields& fields)
	{
		const Failure* const failure = FindFailure(what);
		const Fault fault = failure != nullptr ? failure->fault : Fault::Count;
		if (fault == Fault::PartialSend || fault == Fault::NoRoom || fault == Fault::MemoryFails)
			fields("do",
				fault == Fault::PartialSend  ? "\"partial\""
					: fault == Fault::NoRoom ? "\"noroom\""
											 : "\"nomemory\"");
		else
			fields("do", "\"fail\"")("f", Quoted(failure != nullptr ? failure->name : what));
		if (failure == nullptr)
			return false;
		if (*failure->code != '\0' && fault != Fault::MemoryFails)
			fields("e", Quoted(failure->code));
		due_.push_back(failure);
		return true;
	}

	// This client, or else the first that is left, connects.
	bool Connect(Connection* client = nullptr)
	{
		for (std::size_t i = 0; client == nullptr && i < kClients; i++)
			client = clients_[i].connected ? nullptr : &clients_[i];
		if (client == nullptr || network_.listener == 0)
			return false;
		network_.Connect(*client);
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
			More& more = more_[i];
			const std::size_t size = Network::Readable(client);
			if (!client.connected || client.done || more.deaf || (size == 0 && !client.closed))
				continue;
			Flush();
			checks_.Progress();
			any = true;
			if (size > 0 && !more.left)
			{
				const std::string bytes = client.unsent.substr(0, size);
				more.got = Last(more.got + bytes, 40);
				network_.PeerReads(client, size);
				Step("get",
					Fields()("p", client.peer)("n", size)("b", Quoted(bytes.substr(0, 40))));
				continue;
			}
			if (size > 0) // its socket is gone: the system answers with a reset
				Reset(client);
			client.done = true;
			Step("sees",
				Fields()("p", client.peer)("what",
					size > 0             ? "\"gone\""
						: client.aborted ? "\"reset\""
										 : "\"fin\""));
			if (size == 0)
				checks_.Leaves(client);
		}
		return any;
	}

	// -- The tape ---------------------------------------------------------------------------------

	// What the network does not know of a client.
	struct More
	{
		std::string got; // the last of what it has read
		bool deaf = false;
		bool left = false; // it has closed its socket
		View shown = {};
	};

	More& Of(const Connection& client)
	{
		return more_[static_cast<std::size_t>(client.peer - 1)];
	}

	void Step(const char* kind, const Fields& fields)
	{
		if (std::strcmp(kind, "line") != 0)
			count_++;
		tape_ += (tape_.empty() ? "{\"k\":\"" : ",\n{\"k\":\"") + std::string(kind) +
			"\",\"l\":" + std::to_string(line) + (fields.text.empty() ? "" : ",") + fields.text;
		Fields changes;
		AddListener(changes);
		for (std::size_t i = 0; i < kClients && connected_ > 0; i++)
		{
			if (clients_[i].connected)
				AddClient(changes, clients_[i], more_[i]);
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

	void AddListener(Fields& changes)
	{
		View view = {};
		Look(view, network_.listener);
		Fields fields = Changes(view, listener_, {});
		std::vector<int> backlog;
		for (const Connection* waiting : network_.backlog)
			backlog.push_back(waiting->peer);
		if (std::exchange(backlog_, backlog) != backlog)
			fields("b", List(backlog));
		if (!fields.text.empty())
			changes("0", "{" + fields.text + "}");
	}

	void AddClient(Fields& changes, const Connection& client, More& more)
	{
		View view = { client.closed ? 3U
				: client.accepted   ? 2U
									: 1U,
			client.unread.size(), client.unsent.size(), client.sent.size(), client.read,
			checks_.Held(client), client.fin, client.reset, client.done, client.aborted,
			more.deaf };
		Look(view, client.handle);
		if (view == more.shown)
			return;
		const Fields fields = Changes(view, more.shown,
			{ std::string_view(client.unread).substr(0, 12),
				std::string_view(client.unsent).substr(0, 12), Last(client.sent, 40), more.got });
		changes(std::to_string(client.peer).c_str(), "{" + fields.text + "}");
	}

	// The last four: the events asked for, armed and recorded, and whether the object is signalled.
	void Look(View& view, SOCKET handle)
	{
		const Object* socket = network_.Find(handle, Object::Kind::Socket);
		if (socket == nullptr)
			return;
		const auto event = reinterpret_cast<std::uintptr_t>(socket->event);
		const Object* object = network_.Find(event, Object::Kind::Event);
		const std::size_t last[] = { static_cast<std::size_t>(socket->mask),
			static_cast<std::size_t>(socket->enabled & socket->mask),
			static_cast<std::size_t>(socket->record), object != nullptr && object->signalled };
		std::copy(std::begin(last), std::end(last), view.end() - std::ssize(last));
	}

	static Fields Changes(const View& view, View& shown, std::array<std::string_view, kTexts> texts)
	{
		Fields fields;
		for (std::size_t i = 0; i < view.size(); i++)
		{
			if (view[i] == std::exchange(shown[i], view[i]))
				continue;
			if (i == 0)
				fields(kKeys[i], kPlaces[view[i]]);
			else if (i <= kTexts)
				fields(kKeys[i], "[" + std::to_string(view[i]) + "," + Quoted(texts[i - 1]) + "]");
			else
				fields(kKeys[i], view[i]);
		}
		return fields;
	}

	const Model& model_;
	int (*const run_)();
	const bool everyLine_;
	const std::vector<Act> acts_;
	const bool early_;     // the first one comes before the start, whose calls are steps, then
	std::size_t next_ = 0; // of the acts
	std::vector<Connection> clients_;
	std::vector<More> more_; // of the clients
	int connected_ = 0;
	int newest_ = 0;
	std::vector<const Failure*> due_;  // each for the next call that can fail so
	const Failure* failing_ = nullptr; // that has come last
	int choice_ = 0;
	int idle_ = 0; // waits and calls that have ended, in a row, without anything having happened

	Trace trace_{ TraceMode::Off };
	Network network_;
	Checks checks_;

	bool begun_ = false;    // a call has, and no step tells of it
	bool waits_ = false;    // it waits, which is told
	bool returned_ = false; // it has returned, which is not yet told
	CallRecord record_;     // of it
	int line_ = 0;
	std::string bytes_; // that it has received, or is to send
	std::string log_;   // a line in parts

	std::string tape_;
	std::size_t count_ = 0; // steps, but for lines without a call
	View listener_ = {};    // as shown
	std::vector<int> backlog_;
	std::string queue_;
	const char* end_ = "rest"; // the last step
	Fields endFields_;
};

std::unique_ptr<Stage> stage;
std::string finished;

} // namespace

bool Passes(int number, const char* function)
{
	stage->Passes(number, function);
	return false;
}

void Begin(const Show& show)
{
	line = 0;
	stage.reset(); // only one network at a time
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
			stage->Tell({ Event::OutOfMemory });
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

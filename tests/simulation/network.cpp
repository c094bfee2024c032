// The rows are those of the table in RULES.md: where the platforms part.
#include "network.h"

#include <algorithm>
#include <map>

namespace sim
{
using namespace winsock;

namespace
{
Network* current = nullptr;

constexpr std::uintptr_t kFirstHandle = 0x80;

} // namespace

const HWND kWindow = reinterpret_cast<HWND>(static_cast<std::uintptr_t>(0x10010));

std::string EventNames(long events)
{
	static const std::map<int, const char*> names = { { FD_READ, "FD_READ" },
		{ FD_WRITE, "FD_WRITE" }, { FD_ACCEPT, "FD_ACCEPT" }, { FD_CLOSE, "FD_CLOSE" } };
	std::string text;
	for (const auto& [event, name] : names)
	{
		if ((events & event) != 0)
			text += (text.empty() ? "" : " | ") + std::string(name);
	}
	return text.empty() ? "nothing" : text;
}

namespace
{
struct Error
{
	int code;
	const char* name;
	const char* text;
};

#define SIM_ROW(name, number, text) { number, #name, text },
constexpr Error kErrors[] = { { 0, "no error", "The operation completed successfully." },
	SIM_ERRORS(SIM_ROW) };

} // namespace

std::string ErrorName(int code)
{
	const auto found = std::ranges::find(kErrors, code, &Error::code);
	return found == std::end(kErrors) ? "error " + std::to_string(code) : found->name;
}

std::wstring SystemText(int code, bool korean)
{
	const auto found = std::ranges::find(kErrors, code, &Error::code);
	const std::string text = found == std::end(kErrors) ? "An error." : found->text;
	// A long one: in UTF-8 it is three times as long.
	return korean ? std::wstring(100, L'\uC624') + std::to_wstring(code) + L"."
				  : std::wstring(text.begin(), text.end());
}

// To UTF-8; any other page has a '?' for what is not ASCII. Lone halves of a pair do not occur.
std::string Narrow(std::wstring_view wide, UINT page)
{
	std::string text;
	for (const wchar_t c : wide)
	{
		const auto code = static_cast<unsigned>(c);
		const auto tail = [code](int shift) {
			return static_cast<char>(0x80 | (code >> shift & 0x3F));
		};
		if (code < 0x80)
			text += static_cast<char>(code);
		else if (page != CP_UTF8)
			text += '?';
		else if (code < 0x800)
			text += { static_cast<char>(0xC0 | code >> 6), tail(0) };
		else
			text += { static_cast<char>(0xE0 | code >> 12), tail(6), tail(0) };
	}
	return text;
}

std::string NameOf(int peer)
{
	if (peer <= kListening)
		return peer == kListening ? "the listening socket" : "no socket";
	return "peer " + std::to_string(peer);
}

std::array<unsigned char, 4> AddressOf(int peer)
{
	const auto number = static_cast<unsigned char>(peer);
	if (peer % 4 == 0)
		return { 127, 100, 100, static_cast<unsigned char>(100 + number) };
	return { 127, 0, 1, number };
}

Network::Network(Decider& decides, Monitor& told, const Conditions& given)
	: decider(decides), monitor(told), conditions(given)
{
	current = this;
	if (conditions.outIsConsole)
		bufferSize = 0;
}

Network::~Network()
{
	for (void* left : memory)
		::operator delete(left);
	current = nullptr;
}

Network& Net()
{
	return *current;
}

// -- Handles ------------------------------------------------------------------------------------

Object* Network::Find(std::uintptr_t handle, Object::Kind kind)
{
	const std::uintptr_t index = (handle - kFirstHandle) / 4;
	if (handle < kFirstHandle || handle % 4 != 0 || index >= objects.size())
		return nullptr;
	return objects[index].kind == kind ? &objects[index] : nullptr;
}

std::ptrdiff_t Network::Count(Object::Kind kind) const
{
	return std::ranges::count(objects, kind, &Object::kind);
}

// "The socket descriptor ... may immediately be reused" [MS closesocket].
std::uintptr_t Network::NewHandle(Object::Kind kind)
{
	std::uintptr_t handle = kFirstHandle + 4 * objects.size();
	if (freeHandles.empty())
		objects.emplace_back();
	else
	{
		handle = freeHandles.back();
		freeHandles.pop_back();
	}
	objects[(handle - kFirstHandle) / 4] = Object{ kind };
	return handle;
}

void Network::FreeHandle(std::uintptr_t handle)
{
	objects[(handle - kFirstHandle) / 4].kind = Object::Kind::None;
	freeHandles.push_back(handle);
}

int Network::PeerOf(std::uintptr_t handle)
{
	const Object* socket = Find(handle, Object::Kind::Socket);
	if (socket == nullptr)
		return kNobody;
	return socket->connection == nullptr ? kListening : socket->connection->peer;
}

int Network::PeerOf(WSAEVENT event)
{
	for (std::size_t i = 0; i < objects.size(); i++)
	{
		if (objects[i].kind == Object::Kind::Socket && objects[i].event == event)
			return PeerOf(kFirstHandle + 4 * i);
	}
	return kNobody;
}

MessageRecord Network::RecordOf(const Message& message)
{
	const MSG& msg = message.message;
	const int handle = PeerOf(msg.wParam);
	if (msg.message < WM_USER)
		return { .number = msg.message };
	return { msg.message, message.about != nullptr ? message.about->peer : handle, handle,
		WSAGETSELECTEVENT(msg.lParam), WSAGETSELECTERROR(msg.lParam) };
}

// -- The peers ----------------------------------------------------------------------------------

void Network::Connect(Connection& connection)
{
	connection.connected = true;
	if (backlog.size() >= backlogRoom)
		monitor.Tell({ Event::TurnedAway, &connection });
	backlog.push_back(&connection);

	Happened(listener, FD_ACCEPT);
}

std::size_t Network::Room(const Connection& connection) const
{
	if (connection.closed || connection.reset || connection.fin)
		return 0;
	return conditions.receiveBuffer - std::min(conditions.receiveBuffer, connection.unread.size());
}

std::size_t Network::Readable(const Connection& connection)
{
	return connection.aborted ? 0 : connection.unsent.size();
}

void Network::PeerSends(Connection& connection, const std::string& bytes)
{
	connection.sent += bytes;
	connection.unread += bytes;
	Happened(connection.handle, FD_READ);
}

void Network::PeerReads(Connection& connection, std::size_t size)
{
	connection.read += size;
	connection.unsent.erase(0, size);
	Happened(connection.handle, 0);
}

void Network::PeerHalfCloses(Connection& connection)
{
	connection.fin = true;
	Happened(connection.handle, 0);
}

void Network::PeerResets(Connection& connection)
{
	connection.reset = true;
	if (IsWindows()) // row c
		connection.unread.clear();
	Happened(connection.handle, FD_CLOSE);
}

bool Network::CloseWindow()
{
	if (!window)
		return false;
	queue.push_back(Message{ MSG{ kWindow, WM_CLOSE, 0, 0 } });
	return true;
}

bool Network::Wait(const Waiting& waiting)
{
	monitor.Tell({ .kind = Event::Waits, .waiting = &waiting });
	return decider.Wait(waiting);
}

// -- Readiness and events -----------------------------------------------------------------------

// "Readable": data, the end, an error, or for a listening socket a connection; "guaranteed" not to
// block [MS select].
bool Network::ReadReady(const Object& socket) const
{
	if (socket.connection == nullptr)
		return !backlog.empty();
	const Connection& connection = *socket.connection;
	return !connection.unread.empty() || connection.fin || connection.reset ||
		connection.broken != 0;
}

// "Writable": send() is "guaranteed to succeed" [MS select]. After a reset it fails at once;
// whether that wakes the one who waits for room, no source says of Windows.
bool Network::WriteReady(const Object& socket) const
{
	if (socket.connection == nullptr)
		return false;
	const Connection& connection = *socket.connection;
	return connection.unsent.size() < conditions.sendBuffer ||
		(connection.reset && conditions.resetWakesWriter) || connection.broken != 0;
}

// The events that hold now, enabled or not.
long Network::Holding(const Object& socket) const
{
	if (socket.connection == nullptr)
		return ReadReady(socket) ? FD_ACCEPT : 0;

	const Connection& connection = *socket.connection;
	long holding = 0;
	if (!connection.unread.empty()) // "no FD_READ for EOF" [MS WSAAsyncSelect]
		holding |= FD_READ;
	if (WriteReady(socket))
		holding |= FD_WRITE;
	// Row a: [WT test_close_events] Windows posts FD_CLOSE while data is unread, and not again.
	// "FD_CLOSE should only be posted after all data is read" [MS WSAAsyncSelect]: so some
	// connections keep to that on Windows too, and all on Wine.
	const bool waits = !IsWindows() || (connection.closeLate && !connection.reset);
	if ((connection.fin || connection.reset) && (!waits || connection.unread.empty()))
		holding |= FD_CLOSE;
	return holding;
}

// A peer has done something: its event may have to be signalled, also once more. There is no socket
// before accept() and after closesocket().
void Network::Happened(SOCKET s, long event)
{
	Object* socket = Find(s, Object::Kind::Socket);
	if (socket == nullptr)
		return;
	if (IsWindows() && socket->event != nullptr) // row e
		socket->enabled |= event & (FD_READ | FD_ACCEPT);
	if (!IsWindows()) // a reset after a half-close (same_steps.h)
		socket->enabled |= event & FD_CLOSE;
	Notify(*socket);
}

// What holds and is enabled is signalled once, FD_CLOSE last; the re-enabling calls enable it again
// [MS WSAAsyncSelect, WSAEventSelect]. No call enables FD_CLOSE again.
void Network::Notify(Object& socket)
{
	const long due = socket.mask & socket.enabled & (socket.mask != 0 ? Holding(socket) : 0);
	for (int bit = 0; bit < FD_MAX_EVENTS; bit++)
	{
		if ((due & 1 << bit) == 0)
			continue;
		int code = 0;
		if (bit == FD_CLOSE_BIT)
		{
			// Row b. Microsoft's pages say WSAECONNRESET, Windows gives WSAECONNABORTED [WT].
			if (socket.connection->reset && IsWindows())
				code = decider.ChooseCode({ WSAECONNRESET, WSAECONNABORTED });
		}
		else if (decider.Inject(Fault::EventError))
		{
			code = WSAENETDOWN; // documented for each of the three [MS WSAAsyncSelect]
			if (socket.connection != nullptr)
				socket.connection->broken = code;
		}
		Signal(socket, bit, code, false);
	}
}

void Network::Signal(Object& socket, int bit, int code, bool spurious)
{
	socket.enabled &= ~(1L << bit);
	if (socket.event != nullptr)
	{
		socket.record |= 1L << bit;
		socket.errors[bit] = code;
		Object* event = Find(reinterpret_cast<std::uintptr_t>(socket.event), Object::Kind::Event);
		if (event != nullptr)
			event->signalled = true;
		return;
	}
	const Connection* about = socket.connection;
	const SOCKET handle = about == nullptr ? listener : about->handle;
	// Winsock's own messages keep their order.
	const bool isLate = !late.empty() || decider.Inject(Fault::PostsLate);
	wasLate |= isLate;
	(isLate ? late : queue)
		.push_back(Message{
			MSG{ socket.window, socket.message, handle, WSAMAKESELECTREPLY(1 << bit, code) }, about,
			spurious });
}

void Network::Drop(Connection& connection)
{
	connection.closed = connection.aborted = true;
	backlog.pop_front();
}

} // namespace sim

// The simulated Winsock itself: small worlds whose outcome the documentation states. The calls are
// those a server makes; the peers do what the test says. Where the dialects part, both are asked.
#include "network.h"
#include "world.h"

#include <doctest/doctest.h>

#include <cstring>
#include <deque>
#include <string>
#include <vector>

// Within the names of the simulation, which some of the system's would be as good as.
namespace sim::winsock::tests
{
namespace
{
constexpr UINT WM_SOCKET = WM_USER + 1;

// A call that would wait for ever.
struct Waits
{
};

// A quiet network: no faults but those a test asks for, nothing moves but by the test.
class Script : public Environment
{
public:
	explicit Script(Dialect dialect, int buffer = 4096, Conditions conditions = {})
		: network(*this,
			  (conditions.dialect = dialect,
				  conditions.receiveBuffer = conditions.sendBuffer = buffer, conditions))
	{
		WSADATA data;
		REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
	}

	// A socket that listens.
	SOCKET Listener()
	{
		const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
		SOCKADDR_IN address = {};
		address.sin_family = AF_INET;
		inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
		REQUIRE(bind(s, reinterpret_cast<SOCKADDR*>(&address), sizeof(address)) == 0);
		REQUIRE(listen(s, SOMAXCONN) == 0);
		return s;
	}

	Connection& Peer()
	{
		peers++;
		return network.Connect(peers, 0x0100007F, static_cast<u_short>(50000 + peers));
	}

	void Sends(Connection& connection, std::size_t size)
	{
		network.PeerSends(connection, std::string(size, 'x'));
	}

	// The network events that are recorded, which clears them.
	static long Events(SOCKET s, WSAEVENT event)
	{
		WSANETWORKEVENTS record = {};
		REQUIRE(WSAEnumNetworkEvents(s, event, &record) == 0);
		return record.lNetworkEvents;
	}

	static bool Signalled(WSAEVENT event)
	{
		return WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0;
	}

	// The messages that are posted, taken out of the queue.
	std::vector<MSG> Messages()
	{
		std::vector<MSG> messages;
		try
		{
			for (MSG message; GetMessageW(&message, nullptr, 0, 0) > 0;)
				messages.push_back(message);
		}
		catch (const Waits&)
		{
		}
		return messages;
	}

	// "FD_READ FD_CLOSE/10053"
	std::string Posted()
	{
		std::string text;
		for (const MSG& message : Messages())
		{
			text += (text.empty() ? "" : " ") + EventNames(WSAGETSELECTEVENT(message.lParam));
			if (WSAGETSELECTERROR(message.lParam) != 0)
				text += "/" + std::to_string(WSAGETSELECTERROR(message.lParam));
		}
		return text;
	}

	HWND Window()
	{
		WNDCLASSW windowClass = {};
		windowClass.lpfnWndProc = DefWindowProcW;
		windowClass.lpszClassName = L"C";
		RegisterClassW(&windowClass);
		return CreateWindowW(L"C", L"", 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr);
	}

	Network network;
	Fault fault = Fault::Count; // comes at every occasion
	int choice = 1;             // of all other choices; 1: FD_CLOSE as early as the dialect has it
	int peers = 0;

private:
	bool Wait(const Waiting& waiting) override
	{
		network.now += waiting.limit;
		return waiting.limit == WSA_INFINITE ? throw Waits() : false;
	}
	bool Inject(Fault which) override
	{
		return which == fault;
	}
	int Choose(int count) override
	{
		return choice < count ? choice : count - 1;
	}
};

// Runs the body once in each dialect.
template <typename Body>
void InBoth(Body body)
{
	for (Dialect dialect : { Dialect::Windows, Dialect::Wine })
	{
		const std::string name = dialect == Dialect::Windows ? "windows" : "wine";
		CAPTURE(name);
		body(dialect);
	}
}

bool Readable(SOCKET s)
{
	fd_set set = {};
	FD_SET(s, &set);
	const timeval now = {};
	return select(0, &set, nullptr, nullptr, &now) == 1 && FD_ISSET(s, &set);
}

bool Writable(SOCKET s)
{
	fd_set set = {};
	FD_SET(s, &set);
	const timeval now = {};
	return select(0, nullptr, &set, nullptr, &now) == 1 && FD_ISSET(s, &set);
}

char buffer[8192];

} // namespace

// -- select -------------------------------------------------------------------------------------

TEST_CASE("select: ready as long as it is true")
{
	InBoth([](Dialect dialect) {
		Script script(dialect, 100);
		const SOCKET listener = script.Listener();
		CHECK_FALSE(Readable(listener));
		Connection& peer = script.Peer();
		CHECK(Readable(listener));
		CHECK(Readable(listener)); // a second time: nothing was consumed
		const SOCKET s = accept(listener, nullptr, nullptr);
		CHECK_FALSE(Readable(listener));
		CHECK_FALSE(Readable(s));
		CHECK(Writable(s));

		script.Sends(peer, 10);
		CHECK(Readable(s));
		CHECK(recv(s, buffer, 4, 0) == 4);
		CHECK(Readable(s));
		CHECK(recv(s, buffer, 100, 0) == 6);
		CHECK_FALSE(Readable(s));

		CHECK(send(s, buffer, 100, 0) == 100);
		CHECK_FALSE(Writable(s));
		script.network.PeerReads(peer, 1);
		CHECK(Writable(s));

		script.network.PeerHalfCloses(peer);
		CHECK(Readable(s));
		CHECK(recv(s, buffer, 100, 0) == 0);
		CHECK(Readable(s)); // the end stays
	});
}

TEST_CASE("select: a set takes 64 sockets and no more")
{
	fd_set set;
	FD_ZERO(&set);
	for (SOCKET s = 1; s <= 65; s++)
		FD_SET(s, &set);
	CHECK(set.fd_count == 64);
	CHECK(FD_ISSET(64, &set) != 0);
	CHECK(FD_ISSET(65, &set) == 0);
	FD_ZERO(&set);
	FD_SET(1, &set);
	FD_SET(1, &set);
	CHECK(set.fd_count == 1);
}

// -- Calls that wait, and calls that do not -----------------------------------------------------

TEST_CASE("blocking: accept and recv and send wait until they can be done")
{
	InBoth([](Dialect dialect) {
		Script script(dialect, 100);
		const SOCKET listener = script.Listener();
		CHECK_THROWS_AS(accept(listener, nullptr, nullptr), Waits);
		Connection& peer = script.Peer();
		const SOCKET s = accept(listener, nullptr, nullptr);
		CHECK_THROWS_AS(recv(s, buffer, 10, 0), Waits);
		script.Sends(peer, 3);
		CHECK(recv(s, buffer, 10, 0) == 3);
		CHECK(send(s, buffer, 100, 0) == 100);
		CHECK_THROWS_AS(send(s, buffer, 1, 0), Waits);
	});
}

TEST_CASE("non-blocking: WSAEWOULDBLOCK and the accepted socket inherits the mode")
{
	InBoth([](Dialect dialect) {
		Script script(dialect, 100);
		const SOCKET listener = script.Listener();
		u_long on = 1;
		CHECK(ioctlsocket(listener, static_cast<long>(FIONBIO), &on) == 0);
		CHECK(accept(listener, nullptr, nullptr) == INVALID_SOCKET);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
		script.Peer();
		const SOCKET s = accept(listener, nullptr, nullptr);
		CHECK(recv(s, buffer, 10, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
		CHECK(send(s, buffer, 100, 0) == 100);
		CHECK(send(s, buffer, 1, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
		CHECK(send(s, buffer, 0, 0) == 0);
	});
}

TEST_CASE("send: Windows takes all or nothing and Wine what there is room for")
{
	InBoth([](Dialect dialect) {
		Script script(dialect, 100);
		const SOCKET listener = script.Listener();
		u_long on = 1;
		ioctlsocket(listener, static_cast<long>(FIONBIO), &on);
		script.Peer();
		const SOCKET s = accept(listener, nullptr, nullptr);
		CHECK(send(s, buffer, 60, 0) == 60);
		CHECK(send(s, buffer, 60, 0) == (dialect == Dialect::Windows ? 60 : 40));
		CHECK(send(s, buffer, 60, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	});
}

TEST_CASE("accept: a peer that has reset")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const SOCKET listener = script.Listener();
		u_long on = 1;
		ioctlsocket(listener, static_cast<long>(FIONBIO), &on);
		SOCKADDR address;
		int size = sizeof(address);

		script.network.PeerResets(script.Peer());
		script.choice = 0; // of the two that Windows has
		CHECK(accept(listener, &address, &size) == INVALID_SOCKET);
		CHECK(WSAGetLastError() == (dialect == Dialect::Windows ? WSAECONNRESET : WSAENOTCONN));
		CHECK(accept(listener, &address, &size) == INVALID_SOCKET); // it is gone
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);

		script.network.PeerResets(script.Peer());
		script.choice = 1;
		const SOCKET s = accept(listener, &address, &size);
		CHECK((s != INVALID_SOCKET) == (dialect == Dialect::Windows));
	});
}

TEST_CASE("reset: Windows throws the data away and Wine ends after it")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const SOCKET listener = script.Listener();
		Connection& peer = script.Peer();
		const SOCKET s = accept(listener, nullptr, nullptr);
		script.Sends(peer, 5);
		script.network.PeerResets(peer);
		CHECK(Readable(s));
		if (dialect == Dialect::Windows)
		{
			CHECK(recv(s, buffer, 10, 0) == SOCKET_ERROR);
			CHECK(WSAGetLastError() == WSAECONNRESET);
		}
		else
		{
			CHECK(recv(s, buffer, 10, 0) == 5);
			CHECK(recv(s, buffer, 10, 0) == 0);
		}
		SOCKADDR address;
		int size = sizeof(address);
		CHECK(getpeername(s, &address, &size) == SOCKET_ERROR); // of the two answers
		CHECK(WSAGetLastError() == WSAENOTCONN);
	});
}

TEST_CASE("handles: a closed one is no socket and the next one gets its value")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const SOCKET listener = script.Listener();
		script.Peer();
		script.Peer();
		const SOCKET first = accept(listener, nullptr, nullptr);
		CHECK(closesocket(first) == 0);
		CHECK(recv(first, buffer, 1, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAENOTSOCK);
		CHECK(closesocket(first) == SOCKET_ERROR);
		CHECK(accept(listener, nullptr, nullptr) == first);
	});
}

// -- WSAEventSelect -----------------------------------------------------------------------------

namespace
{
// A connection with its events selected.
struct Selected
{
	Script script;
	SOCKET listener;
	Connection& peer;
	SOCKET s;
	WSAEVENT event;

	explicit Selected(Dialect dialect, int size = 4096)
		: script(dialect, size), listener(script.Listener()), peer(script.Peer()),
		  s(accept(listener, nullptr, nullptr)), event(WSACreateEvent())
	{
		REQUIRE(WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_CLOSE) == 0);
	}

	long Events()
	{
		return Script::Events(s, event);
	}
};

} // namespace

TEST_CASE("event: FD_WRITE once and then only after WSAEWOULDBLOCK")
{
	InBoth([](Dialect dialect) {
		Selected one(dialect, 100);
		CHECK(one.Events() == FD_WRITE);
		CHECK(one.Events() == 0);
		CHECK(send(one.s, buffer, 90, 0) == 90);
		one.script.network.PeerReads(one.peer, 90);
		CHECK(one.Events() == 0);
		CHECK(send(one.s, buffer, 100, 0) == 100);
		CHECK(send(one.s, buffer, 100, 0) == SOCKET_ERROR);
		CHECK(one.Events() == 0); // no room yet
		one.script.network.PeerReads(one.peer, 50);
		CHECK(one.Events() == FD_WRITE);
		one.script.network.PeerReads(one.peer, 50);
		CHECK(one.Events() == 0);
	});
}

TEST_CASE("event: no FD_WRITE follows a partial send")
{
	InBoth([](Dialect dialect) {
		Selected one(dialect, 100);
		CHECK(one.Events() == FD_WRITE);
		one.script.fault = Fault::PartialSend;
		const int taken = send(one.s, buffer, 50, 0);
		CHECK(taken >= 1);
		CHECK(taken < 50);
		one.script.network.PeerReads(one.peer, static_cast<std::size_t>(taken));
		CHECK(one.Events() == 0);
	});
}

TEST_CASE("event: a second connection without accept is recorded again by Windows only")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const SOCKET listener = script.Listener();
		const WSAEVENT event = WSACreateEvent();
		CHECK(WSAEventSelect(listener, event, FD_ACCEPT) == 0);
		script.Peer();
		CHECK(Script::Events(listener, event) == FD_ACCEPT);
		script.Peer();
		CHECK(Script::Events(listener, event) == (dialect == Dialect::Windows ? FD_ACCEPT : 0));
		accept(listener, nullptr, nullptr);
		CHECK(Script::Events(listener, event) == FD_ACCEPT); // one is left
		accept(listener, nullptr, nullptr);
		CHECK(Script::Events(listener, event) == 0);
	});
}

TEST_CASE("event: a reset gives FD_CLOSE with WSAECONNABORTED on Windows and with 0 on Wine")
{
	InBoth([](Dialect dialect) {
		Selected one(dialect);
		CHECK(one.Events() == FD_WRITE);
		one.script.network.PeerResets(one.peer);
		WSANETWORKEVENTS record;
		for (int& code : record.iErrorCode)
			code = 4711;
		CHECK(WSAEnumNetworkEvents(one.s, one.event, &record) == 0);
		CHECK(record.lNetworkEvents == FD_CLOSE);
		CHECK(
			record.iErrorCode[FD_CLOSE_BIT] == (dialect == Dialect::Windows ? WSAECONNABORTED : 0));
		CHECK(record.iErrorCode[FD_READ_BIT] == 4711); // written only for what is reported
	});
}

TEST_CASE("event: enumerating copies and clears and resets in one")
{
	InBoth([](Dialect dialect) {
		Selected one(dialect);
		CHECK(Script::Signalled(one.event));
		CHECK(Script::Signalled(one.event)); // manual reset
		CHECK(one.Events() == FD_WRITE);
		CHECK_FALSE(Script::Signalled(one.event));
		WSASetEvent(one.event);
		CHECK(Script::Signalled(one.event));
		CHECK(one.Events() == 0);
		CHECK_FALSE(Script::Signalled(one.event));

		WSANETWORKEVENTS record = {};
		closesocket(one.s);
		CHECK(WSAEnumNetworkEvents(one.s, one.event, &record) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAENOTSOCK);
		CHECK(WSACloseEvent(one.event)); // closesocket() does not close it
		CHECK_FALSE(WSACloseEvent(one.event));
	});
}

// -- WSAAsyncSelect -----------------------------------------------------------------------------

namespace
{
struct Posted
{
	Script script;
	HWND window;
	SOCKET listener;
	Connection& peer;
	SOCKET s;

	explicit Posted(Dialect dialect)
		: script(dialect, 100), window(script.Window()), listener(script.Listener()),
		  peer(script.Peer()), s(accept(listener, nullptr, nullptr))
	{
		REQUIRE(WSAAsyncSelect(s, window, WM_SOCKET, FD_READ | FD_WRITE | FD_CLOSE) == 0);
		REQUIRE(script.Posted() == "FD_WRITE");
	}
};

} // namespace

TEST_CASE("message: two recv for one FD_READ leave one that finds nothing")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		one.script.Sends(one.peer, 10);
		CHECK(one.script.Posted() == "FD_READ");
		CHECK(recv(one.s, buffer, 4, 0) == 4);
		CHECK(recv(one.s, buffer, 10, 0) == 6);
		CHECK(one.script.Posted() == "FD_READ");
		CHECK(recv(one.s, buffer, 10, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
	});
}

TEST_CASE("message: FD_ACCEPT once until accept and then for the next")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const HWND window = script.Window();
		const SOCKET listener = script.Listener();
		CHECK(WSAAsyncSelect(listener, window, WM_SOCKET, FD_ACCEPT) == 0);
		script.Peer();
		script.Peer();
		CHECK(script.Posted() == "FD_ACCEPT");
		accept(listener, nullptr, nullptr);
		CHECK(script.Posted() == "FD_ACCEPT");
		script.fault = Fault::NoRoom; // "even one that fails"
		CHECK(accept(listener, nullptr, nullptr) == INVALID_SOCKET);
		CHECK(WSAGetLastError() == WSAEMFILE);
		CHECK(script.Posted() == "FD_ACCEPT");
	});
}

TEST_CASE("message: it outlives its socket and the handle may be another's")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		one.script.Sends(one.peer, 10);
		closesocket(one.s);
		one.script.Peer();
		const SOCKET next = accept(one.listener, nullptr, nullptr);
		CHECK(next == one.s);
		const std::vector<MSG> messages = one.script.Messages();
		REQUIRE(messages.size() == 1);
		CHECK(messages[0].wParam == next);
		CHECK(WSAGETSELECTEVENT(messages[0].lParam) == FD_READ);
	});
}

TEST_CASE("message: selecting again posts what holds")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		one.script.Sends(one.peer, 10);
		CHECK(one.script.Posted() == "FD_READ");
		CHECK(WSAAsyncSelect(one.s, one.window, WM_SOCKET, FD_READ | FD_WRITE) == 0);
		CHECK(one.script.Posted() == "FD_READ FD_WRITE");
	});
}

TEST_CASE("message: a bad window is WSAEINVAL on Windows and accepted by Wine")
{
	InBoth([](Dialect dialect) {
		Script script(dialect);
		const SOCKET listener = script.Listener();
		const int result = WSAAsyncSelect(listener, nullptr, WM_SOCKET, FD_ACCEPT);
		CHECK(result == (dialect == Dialect::Windows ? SOCKET_ERROR : 0));
		if (result != 0)
			CHECK(WSAGetLastError() == WSAEINVAL);
	});
}

TEST_CASE("message: posted ones come in order and the quit message last")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		CHECK(PostMessageW(one.window, WM_SOCKET, one.s, FD_READ));
		PostQuitMessage(0);
		one.script.network.PeerHalfCloses(one.peer);
		CHECK(one.script.Posted() == "FD_READ FD_CLOSE");
		MSG message;
		CHECK(GetMessageW(&message, nullptr, 0, 0) == 0);
		CHECK_FALSE(PostMessageW(reinterpret_cast<HWND>(static_cast<uintptr_t>(4)), WM_SOCKET,
			one.s, FD_READ));
	});
}

// -- Faults -------------------------------------------------------------------------------------

TEST_CASE("fault: recv says WSAEWOULDBLOCK and FD_READ comes again")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		one.script.Sends(one.peer, 10);
		CHECK(one.script.Posted() == "FD_READ");
		one.script.fault = Fault::RecvWouldBlock;
		CHECK(recv(one.s, buffer, 10, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
		CHECK(one.script.Posted() == "FD_READ");
		one.script.network.PeerHalfCloses(one.peer); // from now on nothing would come again
		CHECK(recv(one.s, buffer, 10, 0) == 10);
	});
}

TEST_CASE("fault: send says WSAEWOULDBLOCK and FD_WRITE comes")
{
	InBoth([](Dialect dialect) {
		Posted one(dialect);
		one.script.fault = Fault::SendWouldBlock;
		CHECK(send(one.s, buffer, 10, 0) == SOCKET_ERROR);
		CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
		one.script.fault = Fault::Count;
		CHECK(one.script.Posted() == "FD_WRITE");
		CHECK(send(one.s, buffer, 10, 0) == 10);
	});
}

TEST_CASE("fault: refused memory and events and selections")
{
	InBoth([](Dialect dialect) {
		Selected one(dialect);
		one.script.fault = Fault::MemoryFails;
		CHECK(new (NoThrow()) int == nullptr);
		one.script.fault = Fault::CreateEventFails;
		CHECK(WSACreateEvent() == WSA_INVALID_EVENT);
		CHECK(WSAGetLastError() == WSA_NOT_ENOUGH_MEMORY);
		one.script.fault = Fault::SelectionFails;
		CHECK(WSAEventSelect(one.s, one.event, FD_READ) == SOCKET_ERROR);
		one.script.fault = Fault::Count;
		CHECK(one.script.network.memory.empty());
		int* const memory = heap->*new int;
		CHECK(one.script.network.memory.size() == 1);
		heap = memory;
		CHECK(one.script.network.memory.empty());
	});
}

// -- Runs ---------------------------------------------------------------------------------------

TEST_CASE("random: the same numbers on every machine")
{
	Random random(1);
	CHECK(random.Next() == 0x910A2DEC89025CC1);
	CHECK(random.Next() == 0xBEEB8DA1658EEC67);
}

TEST_CASE("path: every choice once")
{
	Path path;
	std::string all;
	do
	{
		const int first = path.Next(3);
		all += " " + std::to_string(first) + (first == 1 ? std::to_string(path.Next(2)) : "");
	} while (path.Advance());
	CHECK(all == " 0 10 11 2");
}

TEST_CASE("run: the same seed is the same run")
{
	int rates[kFaults];
	for (int& rate : rates)
		rate = -1;
	for (const Model& model : kModels)
	{
		for (std::uint64_t seed = 1; seed <= 20; seed++)
		{
			const Scenario scenario = Draw(seed, Dialect::Windows, rates);
			const Outcome first = Run(model, scenario, TraceMode::Kept);
			const Outcome second = Run(model, scenario, TraceMode::Kept);
			CHECK(first.trace == second.trace);
			CHECK(first.trace.size() > 0);
		}
	}
}

TEST_CASE("run: in quiet worlds every byte comes back")
{
	for (const Model& model : kModels)
	{
		const Outcome outcome = Run(model, Orderly(10, 10));
		CAPTURE(outcome.what);
		CHECK_FALSE(outcome.failed);
		CHECK(outcome.echoed == 10 * 10 * 64);
	}
}

namespace
{
SOCKET listening;

// The start of a server: up to the listening line.
void Start()
{
	WSADATA data;
	WSAStartup(MAKEWORD(2, 2), &data);
	listening = socket(AF_INET, SOCK_STREAM, 0);
	const BOOL on = TRUE;
	setsockopt(listening, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on),
		sizeof(on));
	SOCKADDR_IN address = {};
	address.sin_family = AF_INET;
	address.sin_port = htons(9000);
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	bind(listening, reinterpret_cast<SOCKADDR*>(&address), sizeof(address));
	listen(listening, SOMAXCONN);
	winsock::printf("[TCP Server] Listening: IP=127.0.0.1, port=9000\n");
	winsock::fflush(out);
}

SOCKET Next(bool log = true)
{
	SOCKADDR address;
	int size = sizeof(address);
	const SOCKET s = accept(listening, &address, &size);
	SOCKADDR_IN in;
	std::memcpy(&in, &address, sizeof(in));
	char text[16];
	inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	if (log)
		winsock::printf("\n[TCP Server] Accept Client: IP=%s, port=%d\n", text, ntohs(in.sin_port));
	winsock::fflush(out);
	return s;
}

int NoServer(int, char**)
{
	return 0;
}

int Exits(int, char**)
{
	Start();
	Next();
	return 0;
}

int Forgets(int, char**)
{
	Start();
	for (;;)
		Next();
}

int Slams(int, char**)
{
	Start();
	closesocket(Next());
	return 0;
}

int SaysFull(int, char**)
{
	Start();
	Next();
	winsock::printf("[Error] Socket Set is full.\n");
	return 0;
}

int Mute(int, char**)
{
	Start();
	Next(false);
	Next(false);
	return 0;
}

int Spins(int, char**)
{
	Start();
	const timeval now = {};
	fd_set set = {};
	FD_SET(listening, &set);
	for (;;)
	{
		fd_set copy = set;
		select(0, &copy, nullptr, nullptr, &now);
	}
}

int Invents(int, char**)
{
	Start();
	send(Next(), "hello", 5, 0);
	return 0;
}

int Naps(int, char**)
{
	Start();
	const timeval second = { 1, 0 };
	fd_set set = {};
	FD_SET(Next(), &set);
	for (;;)
	{
		fd_set copy = set;
		winsock::Sleep(1000);
		select(0, &copy, nullptr, nullptr, &second);
	}
}

int FillsTheLog(int, char**)
{
	Start();
	for (;;)
	{
		if (accept(listening, nullptr, nullptr) == INVALID_SOCKET)
			winsock::fprintf(error, "Error! Line 1: %d no room\n", WSAGetLastError());
		winsock::Sleep(100);
	}
}

int WrongSize(int, char**)
{
	Start();
	SOCKADDR address;
	int size = 0;
	return accept(listening, &address, &size) == INVALID_SOCKET ? 1 : 0;
}

int Uninitialised(int, char**)
{
	return socket(AF_INET, SOCK_STREAM, 0) == INVALID_SOCKET ? 1 : 0;
}

int UsesClosed(int, char**)
{
	Start();
	const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	closesocket(s);
	closesocket(s);
	return 0;
}

// The name of the rule that a server breaks.
std::string Breaks(int (*server)(int, char**), int noRoom = 0)
{
	const Model model = { "bad", server, Call::Accept, false, false, 0 };
	Scenario scenario = Orderly(2, 1);
	scenario.faults[static_cast<int>(Fault::NoRoom)] = noRoom;
	const Outcome outcome = Run(model, scenario);
	return outcome.failed ? Text(outcome.rule).name : "none";
}

} // namespace

TEST_CASE("check: bad servers are found out")
{
	CHECK(Breaks(NoServer) == "exit");
	CHECK(Breaks(Exits) == "exit");
	CHECK(Breaks(Forgets) == "elsewhere");
	CHECK(Breaks(Slams) == "dropped");
	CHECK(Breaks(SaysFull) == "log");
	CHECK(Breaks(Mute) == "log");
	CHECK(Breaks(Spins) == "spin");
	CHECK(Breaks(Invents) == "echo");
	CHECK(Breaks(Naps) == "elsewhere");
	CHECK(Breaks(FillsTheLog, 100) == "refused");
	CHECK(Breaks(WrongSize) == "exit");
	CHECK(Breaks(Uninitialised) == "exit");
	CHECK(Breaks(UsesClosed) == "handle");
}

// -- The steps that real sockets have to take, too ----------------------------------------------

template <bool windows>
class SimulatedWorld
{
public:
	struct Peer
	{
		Network& network;
		Connection& connection;

		void Sends(int size)
		{
			network.PeerSends(connection, std::string(static_cast<std::size_t>(size), 'x'));
		}

		void HalfCloses()
		{
			network.PeerHalfCloses(connection);
		}

		void Resets()
		{
			network.PeerResets(connection);
		}
	};

	static bool IsWindows()
	{
		return windows;
	}

	Peer& Connect()
	{
		return peers_.emplace_back(Peer{ script_.network, script_.Peer() });
	}

	long Events(SOCKET s, WSAEVENT event, long)
	{
		return Script::Events(s, event);
	}

	HWND Window()
	{
		return script_.Window();
	}

	std::string Posted(const std::string&)
	{
		return script_.Posted();
	}

private:
	Script script_{ windows ? Dialect::Windows : Dialect::Wine };
	std::deque<Peer> peers_;

public:
	SOCKET listener = script_.Listener();
};

namespace in_windows
{
using World = SimulatedWorld<true>;
using Peer = World::Peer;
#define STEPS(name) TEST_CASE("windows " name)
#include "same_steps.h"
#undef STEPS
} // namespace in_windows

namespace in_wine
{
using World = SimulatedWorld<false>;
using Peer = World::Peer;
#define STEPS(name) TEST_CASE("wine " name)
#include "same_steps.h"
} // namespace in_wine

} // namespace sim::winsock::tests

// The simulated network: what Winsock promises, for one process, without a kernel, threads or time.
//
// A class of rules only. Who the peers are, when they act, which faults come and what is checked is
// the business of its Host. Every rule names its source; "winsock.md" stands for the collection of
// sources that the project keeps, [MS] for Microsoft's documentation, [WT] for what Wine's own
// tests say about Windows, [T] for a measurement with Wine 8.0.
#pragma once

#include "sim_winsock.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

namespace sim
{
// Windows and Wine 8.0 differ (the table in network.cpp lists where).
enum class Dialect
{
	Windows,
	Wine
};

// What can go wrong by itself. A Host decides each time.
enum class Fault
{
	PartialSend,      // send() takes some of the bytes
	SendWouldBlock,   // send() takes none of the bytes although there is room
	RecvWouldBlock,   // recv() finds nothing although there is data
	ShortRecv,        // recv() gives some of the bytes that are there
	SpuriousReady,    // a wait reports what is not so (any more)
	AcceptFails,      // accept(), with one of the documented codes
	RecvFails,        // recv(): reset, abort, no buffers
	SendFails,        // send(): the same
	EventError,       // an FD_ event carries an error code
	CreateEventFails, // WSACreateEvent()
	SelectionFails,   // WSAEventSelect(), WSAAsyncSelect()
	MemoryFails,      // calloc(), new
	PostFails,        // PostMessage()
	WaitFails,        // the wait itself
	StartFails,       // one of the calls before the first wait
	Count
};

constexpr int kFaults = static_cast<int>(Fault::Count);

// The names, for the command line and the trace.
extern const char* const kFaultNames[kFaults];

// The calls that a server makes, for counting.
enum class Call
{
	Accept,
	Recv,
	Send,
	Close,
	Select,
	WaitForMultipleEvents,
	EnumNetworkEvents,
	SetEvent,
	EventSelect,
	CreateEvent,
	CloseEvent,
	AsyncSelect,
	GetMessage,
	DispatchMessage,
	PostMessage,
	Other, // start-up and the rest
	Count
};

constexpr int kCalls = static_cast<int>(Call::Count);

// The functions' names.
extern const char* const kCallNames[kCalls];

// One TCP connection.
struct Connection
{
	int peer = 0;              // who is at the other end, from 1
	std::uint16_t port = 0;    // of the peer
	std::uint32_t address = 0; // of the peer, as in sin_addr

	std::size_t arrived = 0;   // bytes that the peer has sent
	std::size_t unread = 0;    // of them, those in the receive buffer
	std::size_t received = 0;  // bytes that recv() gave
	std::size_t echoed = 0;    // bytes that send() took
	std::size_t delivered = 0; // bytes that the peer has read

	bool fin = false;       // the peer has half-closed
	bool reset = false;     // the peer has reset
	bool closeLate = false; // FD_CLOSE comes after the data (see Network::Conditions)
	int broken = 0;         // the code of every further call; 0: none

	winsock::SOCKET handle = winsock::INVALID_SOCKET; // of the server's socket while it is open
	bool accepted = false;
	bool closed = false;  // by the server, or by the system before accept()
	bool aborted = false; // the peer sees a reset, not an end

	// For the checks of the Host.
	bool excused = false;                 // the server may close it at once
	bool ended = false;                   // recv() gave 0
	bool failed = false;                  // a call gave an error, or an event did
	bool logged = false;                  // the Accept line
	bool farewell = false;                // the Disconnect line
	bool registered = false;              // the server has asked for its events
	int unannounced = -1;                 // bytes received and not yet logged; -1: none
	bool extra = false;                   // it has got a message that is stale or spurious
	std::uint64_t waiting = 0;            // since when it could be served; 0: it could not
	std::uint64_t turns[3] = { 0, 0, 0 }; // when it got its last buffers, the newest last
};

class Host
{
public:
	virtual ~Host() = default;

	// Before a call. The world may move.
	virtual void Entering(Call call) = 0;
	// A call cannot go on before the world has moved. Throws if it never will.
	virtual void Idle(const char* call) = 0;
	// A call waits for at most so many milliseconds. False: they are over.
	virtual bool Pause(const char* call, winsock::DWORD milliseconds) = 0;
	// A call is about to answer WSAEWOULDBLOCK.
	virtual void WouldBlock(const char* call) = 0;
	virtual bool Inject(Fault fault) = 0;
	virtual int Choose(int count) = 0; // a number from 0 to count - 1

	// What has happened, for the checks.
	virtual void BadHandle(const char* call, std::uintptr_t handle, bool closing) = 0;
	virtual void SharedEvent(Connection& connection) = 0;
	virtual void Listening(bool exclusive, std::uint32_t address) = 0;
	virtual void Accepted(Connection& connection) = 0;
	// Fills `buffer` with the bytes of the peer from connection.received on.
	virtual void Received(Connection& connection, char* buffer, int size) = 0;
	virtual void Tried(Connection& connection) = 0; // after recv()
	virtual void Sending(Connection& connection, const char* data, int size) = 0;
	virtual void Sent() = 0;                          // at least a part of it
	virtual void Changed(Connection& connection) = 0; // after send() and registration
	virtual void Closing(Connection& connection) = 0;
	virtual void Failed(int code) = 0; // a call or an event gives this code
	virtual void WaitFailed() = 0;     // the wait itself gave it
	virtual void MemoryFailed() = 0;   // calloc() or WSACreateEvent() for the newest client
	virtual void Written(bool toError, const char* text, std::size_t size) = 0;
	virtual void Flushed() = 0;

	virtual bool Tracing() const = 0;
	virtual void Trace(const std::string& who, const std::string& what) = 0;
};

class Network
{
public:
	Network(Host& host, Dialect dialect, std::size_t receiveBuffer, std::size_t sendBuffer);
	~Network();

	Network(const Network&) = delete;
	Network& operator=(const Network&) = delete;

	// The network that the functions of sim_winsock.h use.
	static Network& Current();

	// -- The peers' side ------------------------------------------------------------------------

	bool Listening() const
	{
		return listener_ != 0;
	}

	// A connection to the listening socket; done at once, as the system's backlog does it.
	Connection& Connect(int peer, std::uint32_t address, std::uint16_t port);
	// How many bytes the peer could send, and could read.
	std::size_t Room(const Connection& connection) const;
	static std::size_t Readable(const Connection& connection);
	void PeerSends(Connection& connection, std::size_t size);
	void PeerReads(Connection& connection, std::size_t size);
	void PeerHalfCloses(Connection& connection);
	void PeerResets(Connection& connection);
	// The user closes the window.
	bool CloseWindow();

	// -- What is left ---------------------------------------------------------------------------

	struct Holdings
	{
		int sockets = 0;
		int events = 0;
		int allocations = 0;
	};

	Holdings Held() const
	{
		Holdings held = held_;
		held.allocations = static_cast<int>(memory_.size());
		return held;
	}

	const std::uint64_t* Calls() const
	{
		return calls_;
	}

	// -- The server's side: the functions of sim_winsock.h --------------------------------------

	int StartUp(winsock::WSADATA* data);
	int CleanUp();
	int LastError();
	void SetLastError(int code);
	void Sleep(winsock::DWORD milliseconds);
	int Shutdown(winsock::SOCKET s, int how);
	winsock::SOCKET Socket();
	int SetOption(winsock::SOCKET s, int level, int name);
	int SetBlocking(winsock::SOCKET s, bool nonblocking);
	int Bind(winsock::SOCKET s, const winsock::SOCKADDR* address);
	int Listen(winsock::SOCKET s);
	int SocketName(winsock::SOCKET s, winsock::SOCKADDR* address);
	int PeerName(winsock::SOCKET s, winsock::SOCKADDR* address);
	winsock::SOCKET Accept(winsock::SOCKET s, winsock::SOCKADDR* address);
	int Recv(winsock::SOCKET s, char* buffer, int size);
	int Send(winsock::SOCKET s, const char* data, int size);
	int CloseSocket(winsock::SOCKET s);
	int Select(winsock::fd_set* readable, winsock::fd_set* writable, winsock::fd_set* except,
		const winsock::timeval* timeout);

	winsock::WSAEVENT CreateEvent();
	winsock::BOOL CloseEvent(winsock::WSAEVENT event);
	winsock::BOOL SetEvent(winsock::WSAEVENT event, bool signalled);
	int EventSelect(winsock::SOCKET s, winsock::WSAEVENT event, long mask);
	int EnumNetworkEvents(winsock::SOCKET s, winsock::WSAEVENT event,
		winsock::WSANETWORKEVENTS* record);
	winsock::DWORD WaitForMultipleEvents(winsock::DWORD count, const winsock::WSAEVENT* events,
		bool all, winsock::DWORD timeout);
	int AsyncSelect(winsock::SOCKET s, winsock::HWND window, winsock::UINT message, long mask);

	bool RegisterWindowClass(const winsock::WNDCLASSW* windowClass);
	winsock::HWND CreateTheWindow();
	winsock::BOOL GetMessage(winsock::MSG* message);
	winsock::LRESULT DispatchMessage(const winsock::MSG* message);
	winsock::LRESULT DefaultProcedure(winsock::HWND window, winsock::UINT message);
	winsock::BOOL PostMessage(winsock::HWND window, winsock::UINT message, winsock::WPARAM wParam,
		winsock::LPARAM lParam);
	void PostQuit();

	void Write(bool toError, const char* text, std::size_t size);
	void Flush();
	void SetBuffered(bool buffered);
	bool RefusesMemory();
	void* Allocate(std::size_t size);
	void* Take(void* memory);
	bool Release(void* memory);

private:
	// What a handle stands for.
	struct Object
	{
		enum class Kind
		{
			None,
			Socket,
			Event
		};

		Kind kind = Kind::None;

		// A socket
		Connection* connection = nullptr; // null: the listening socket
		bool exclusive = false;
		bool bound = false;
		bool listening = false;
		std::uint32_t address = 0;
		bool nonblocking = false;
		bool shut = false;                 // it sends no more
		long mask = 0;                     // the events asked for
		winsock::WSAEVENT event = nullptr; // in event mode
		winsock::HWND window = nullptr;    // in message mode
		winsock::UINT message = 0;
		long enabled = 0; // the events that may be signalled
		long record = 0;  // event mode: signalled, and not yet enumerated
		int errors[winsock::FD_MAX_EVENTS] = {};

		// An event object
		bool signalled = false;
	};

	struct Message
	{
		winsock::MSG message;
		const Connection* about; // null: posted by the server
		bool spurious;
	};

	Object& At(std::uintptr_t handle);
	Object* Find(std::uintptr_t handle, Object::Kind kind);
	Object* FindSocket(winsock::SOCKET s, const char* call);
	Object* FindConnected(winsock::SOCKET s, const char* call);
	std::uintptr_t NewHandle(Object::Kind kind);
	void FreeHandle(std::uintptr_t handle);
	std::string Name(std::uintptr_t handle) const;
	std::string EventName(winsock::WSAEVENT event) const;

	void Enter(Call call);
	int Succeed(int result);
	int Fail(int code);
	bool StartFails(const char* call, int code);
	bool MaySelect(winsock::SOCKET s, const char* call);
	void Selected(Object& socket);
	bool WaitFails(const char* call, int error);

	bool ReadReady(const Object& socket) const;
	bool WriteReady(const Object& socket) const;
	long Conditions(const Object& socket) const;
	void Notify(Object& socket);
	void Signal(Object& socket, int bit, int code, bool spurious);
	int TryRecv(Object& socket, char* buffer, int size);
	int TrySend(Object& socket, const char* data, int size);
	int AcceptCode();
	void Drop(Connection& connection);
	void Quiet(Object& socket, int bit);
	bool TakesEvents(const Object& socket) const;

	Host& host_;
	Dialect dialect_;
	std::size_t receiveBuffer_;
	std::size_t sendBuffer_;

	std::vector<Object> objects_;
	std::vector<std::uintptr_t> freeHandles_; // the one freed last is used first
	std::deque<Connection> connections_;
	std::deque<Connection*> backlog_;
	std::uintptr_t listener_ = 0;
	int lastError_ = 0;

	winsock::WNDPROC procedure_ = nullptr;
	bool window_ = false;
	bool quit_ = false;
	std::deque<Message> queue_;
	Message taken_ = {}; // by GetMessage(), for DispatchMessage()

	bool buffered_ = true; // stdout
	std::unordered_set<void*> memory_;
	Holdings held_;
	std::uint64_t calls_[kCalls] = {};
};

// "FD_READ | FD_CLOSE", "WSAEWOULDBLOCK"
std::string EventNames(long events);
std::string ErrorName(int code);

} // namespace sim

// Events as objects: the WSAEventSelect family. Its letters are those of calling.h.
#include "calling.h"

#include <algorithm>

namespace sim::winsock
{
static Object* FindEvent(WSAEVENT event)
{
	Network& net = Net();
	const std::uintptr_t handle = reinterpret_cast<std::uintptr_t>(event);
	Object* object = net.Find(handle, Object::Kind::Event);
	if (object == nullptr)
		net.monitor.Tell({ .kind = Event::BadHandle, .call = net.record.call, .handle = handle });
	return object;
}

// A manual-reset event, not signalled [MS].
WSAEVENT WSACreateEvent()
{
	Enter(Call::CreateEvent);
	const auto codes = { WSA_NOT_ENOUGH_MEMORY, WSAENETDOWN, WSAEINPROGRESS };
	if (StartFails(codes) || Fails(Fault::CreateEventFails, codes))
		return WSA_INVALID_EVENT;
	Succeed();
	return reinterpret_cast<WSAEVENT>(Net().NewHandle(Object::Kind::Event));
}

BOOL WSACloseEvent(WSAEVENT event)
{
	Enter(Call::CloseEvent).peer = Net().PeerOf(event);
	if (FindEvent(event) == nullptr)
		return Fail(WSA_INVALID_HANDLE, nullptr, FALSE);
	Net().FreeHandle(reinterpret_cast<std::uintptr_t>(event));
	return Succeed(TRUE);
}

// "The network subsystem has failed" [MS]: a server may end here, or when the next wait fails.
static BOOL SetSignalled(Call call, WSAEVENT event, bool signalled)
{
	Network& net = Net();
	Enter(call).peer = net.PeerOf(event);
	Object* object = FindEvent(event);
	if (object == nullptr)
		return Fail(WSA_INVALID_HANDLE, nullptr, FALSE);
	if (net.down || net.decider.Inject(Fault::SetEventFails))
	{
		net.down = true;
		net.monitor.Tell({ .kind = Event::Faulted, .fault = Fault::SetEventFails });
		return Fail(WSAENETDOWN, nullptr, FALSE);
	}
	object->signalled = signalled;
	return Succeed(TRUE);
}

BOOL WSASetEvent(WSAEVENT event)
{
	return SetSignalled(Call::SetEvent, event, true);
}

BOOL WSAResetEvent(WSAEVENT event)
{
	return SetSignalled(Call::ResetEvent, event, false);
}

// Sets the socket non-blocking, replaces an earlier selection, clears the record; what nobody has
// enumerated yet is signalled to the new event, so nothing is lost [MS WSAEventSelect, T]. What was
// enumerated does not come again [WT].
int WSAEventSelect(SOCKET s, WSAEVENT event, long mask)
{
	Object* socket = EnterSocket(Call::EventSelect, s, static_cast<int>(mask));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if (mask != 0 && FindEvent(event) == nullptr)
		return Fail(WSAEINVAL);
	if (mask != 0 && SelectionFails(*socket)) // whether its end fails means nothing to anybody
		return SOCKET_ERROR;
	Connection* connection = socket->connection;
	for (const Object& other : Net().objects)
	{
		if (other.kind == Object::Kind::Socket && &other != socket && other.event == event &&
			event != nullptr && connection != nullptr)
			Net().monitor.Tell({ Event::SharedEvent, connection });
	}
	socket->window = nullptr;
	socket->event = mask != 0 ? event : nullptr;
	socket->enabled |= socket->record | (connection == nullptr ? FD_ACCEPT : 0);
	socket->record = 0;
	return Selected(*socket, mask);
}

// "Copy, clear and reset are atomic"; on failure nothing is cleared; iErrorCode[] is written only
// for the events that are reported [MS].
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, WSANETWORKEVENTS* record)
{
	Network& net = Net();
	Object* socket = EnterSocket(Call::EnumNetworkEvents, s);
	if (socket == nullptr)
		return SOCKET_ERROR;
	Object* object = event != nullptr ? FindEvent(event) : nullptr; // "optional" [MS]
	if (event != nullptr && object == nullptr)
		return Fail(WSAEINVAL);
	if (Fails(socket->connection != nullptr ? Fault::EnumFails : Fault::WaitFails,
			{ WSAENETDOWN, WSAEINVAL, WSAEINPROGRESS, WSAENOTSOCK }, socket->connection))
		return SOCKET_ERROR;

	for (int bit = 0; net.recording && bit < FD_MAX_EVENTS; bit++)
	{
		if ((socket->record & 1 << bit) != 0 && socket->errors[bit] != 0)
			net.record.errors.push_back({ 1 << bit, socket->errors[bit] });
	}
	Succeed(static_cast<int>(socket->record));
	record->lNetworkEvents = socket->record;
	for (int bit = 0; bit < FD_MAX_EVENTS; bit++)
	{
		if ((socket->record & 1 << bit) == 0)
			continue;
		record->iErrorCode[bit] = socket->errors[bit];
		if (socket->errors[bit] != 0)
			net.monitor.Tell({ Event::Failed, socket->connection, socket->errors[bit] });
	}
	socket->record = 0;
	if (object != nullptr)
		object->signalled = false;
	return 0;
}

// The lowest signalled index; 1 to 64 events [MS].
DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT* events, BOOL all, DWORD timeout, BOOL)
{
	Network& net = Net();
	CallRecord& given = Enter(Call::WaitForMultipleEvents);
	given.limit = timeout;
	if (count == 0 || count > static_cast<DWORD>(WSA_MAXIMUM_WAIT_EVENTS))
		return Fail(WSA_INVALID_PARAMETER, nullptr, WSA_WAIT_FAILED);
	std::vector<Object*> objects(count);
	for (DWORD i = 0; i < count; i++)
	{
		objects[i] = FindEvent(events[i]);
		if (objects[i] == nullptr)
			return Fail(WSA_INVALID_HANDLE, nullptr, WSA_WAIT_FAILED);
		if (net.recording)
			given.reads.push_back(net.PeerOf(events[i]));
	}
	if (Fails(Fault::WaitFails,
			{ WSA_NOT_ENOUGH_MEMORY, WSAENETDOWN, WSAEINPROGRESS, WSA_INVALID_HANDLE }))
		return WSA_WAIT_FAILED;

	for (;;)
	{
		// An event that is signalled although nothing is recorded: after accept() has inherited the
		// listening socket's event, or when Wine resets the event before it reads the record.
		if (net.decider.Inject(Fault::SpuriousReady))
			net.decider.ChooseFrom(objects)->signalled = true;
		const auto signalled = [](const Object* object) { return object->signalled; };
		const auto first = std::ranges::find_if(objects, signalled);
		if (all ? std::ranges::all_of(objects, signalled) : first != objects.end())
		{
			const auto index = static_cast<DWORD>(first - objects.begin());
			return WSA_WAIT_EVENT_0 + static_cast<DWORD>(Succeed(static_cast<int>(index)));
		}
		Waiting waiting = { Call::WaitForMultipleEvents, timeout };
		for (const Object& socket : net.objects)
		{
			if (socket.kind == Object::Kind::Socket &&
				std::find(events, events + count, socket.event) != events + count)
				waiting.sockets.push_back(
					socket.connection == nullptr ? net.listener : socket.connection->handle);
		}
		if (timeout == 0 || !net.Wait(waiting))
			return static_cast<DWORD>(Succeed(static_cast<int>(WSA_WAIT_TIMEOUT)));
	}
}

} // namespace sim::winsock

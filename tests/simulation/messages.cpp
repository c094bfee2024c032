// Events as messages: WSAAsyncSelect, the window and its queue. Its letters are those of calling.h.
#include "calling.h"

#include <algorithm>

namespace sim::winsock
{
// Sets the socket non-blocking, replaces an earlier selection, and posts what holds now
// [MS WSAAsyncSelect; WT, T].
int WSAAsyncSelect(SOCKET s, HWND window, UINT message, long mask)
{
	Object* socket = EnterSocket(Call::AsyncSelect, s, static_cast<int>(mask));
	if (socket == nullptr)
		return SOCKET_ERROR;
	if ((window != kWindow || !Net().window) && Net().IsWindows()) // row f
		return Fail(WSAEINVAL);
	if (mask != 0 && SelectionFails(*socket)) // whether its end fails means nothing to anybody
		return SOCKET_ERROR;
	socket->event = nullptr;
	socket->window = window;
	socket->message = message;
	socket->enabled = kConnectionEvents | FD_ACCEPT;
	return Selected(*socket, mask);
}

WORD RegisterClass(const WNDCLASS* windowClass)
{
	Enter(Call::RegisterClass);
	if (StartFails({ WSA_NOT_ENOUGH_MEMORY }))
		return 0;
	Net().procedure = windowClass->lpfnWndProc;
	Net().windowClass = windowClass->lpszClassName;
	return static_cast<WORD>(Succeed(1));
}

HWND CreateWindowW(const WCHAR* windowClass, const WCHAR*, DWORD, int, int, int, int, HWND, HANDLE,
	HANDLE, void*)
{
	Enter(Call::CreateWindow);
	if (StartFails({ WSA_NOT_ENOUGH_MEMORY }))
		return nullptr;
	if (Net().windowClass != windowClass)
		return Fail<HWND>(ERROR_CANNOT_FIND_WND_CLASS, nullptr, nullptr);
	Net().window = Net().unpainted = true;
	Succeed();
	return kWindow;
}

BOOL UpdateWindow(HWND window)
{
	if (Net().unpainted)
		Net().procedure(window, WM_PAINT, 0, 0);
	return TRUE;
}

LRESULT DefWindowProc(HWND window, UINT message, WPARAM, LPARAM)
{
	Network& net = Net();
	if (message == WM_PAINT)
		net.unpainted = false;
	if (message == WM_CLOSE && net.window)
	{
		net.window = false;
		return net.procedure(window, WM_DESTROY, 0, 0);
	}
	return 0;
}

// The first message for the window (null: for any) within the range (0, 0: any).
static bool TakeMessage(HWND window, UINT least, UINT most)
{
	Network& net = Net();
	const auto wanted = [&](const Message& message) {
		const UINT number = message.message.message;
		return (window == nullptr || message.message.hwnd == window) &&
			((least == 0 && most == 0) || (number >= least && number <= most));
	};
	if (!net.late.empty() &&
		(std::ranges::none_of(net.queue, wanted) || net.decider.Choose(2) == 0))
	{
		net.queue.insert(net.queue.end(), net.late.begin(), net.late.end());
		net.late.clear();
	}
	const auto found = std::ranges::find_if(net.queue, wanted);
	if (found != net.queue.end())
	{
		net.taken = *found;
		net.queue.erase(found);
		return true;
	}
	if (net.quit)
		return false;
	// Made when nothing else is there [MS GetMessage].
	net.taken = Message{ MSG{ kWindow, WM_PAINT, 0, 0 } };
	return net.unpainted && net.window && wanted(net.taken);
}

// -1 is an error, 0 the end after PostQuitMessage() when no message is left [MS].
BOOL GetMessage(MSG* message, HWND window, UINT least, UINT most)
{
	Network& net = Net();
	Enter(Call::GetMessage);
	if (Fails(Fault::WaitFails, { ERROR_INVALID_WINDOW_HANDLE }))
		return -1;
	if (window != nullptr && !net.window)
		return Fail(ERROR_INVALID_WINDOW_HANDLE);
	// An FD_READ without data: "it is normal", after several recv() for one FD_READ [MS
	// WSAAsyncSelect].
	if (!net.queue.empty() && net.decider.Inject(Fault::SpuriousReady))
	{
		Object& socket = net.decider.ChooseFrom(net.objects);
		if (socket.kind == Object::Kind::Socket && (socket.mask & FD_READ) != 0 &&
			socket.window != nullptr && socket.connection != nullptr)
			net.Signal(socket, FD_READ_BIT, 0, true);
	}
	while (!TakeMessage(window, least, most))
	{
		if (net.quit)
		{
			*message = MSG{ nullptr, WM_QUIT, static_cast<WPARAM>(net.quitCode), 0 };
			net.record.message.number = WM_QUIT;
			return Succeed(FALSE);
		}
		net.Wait({ Call::GetMessage, WSA_INFINITE, {}, true });
	}
	*message = net.taken.message;
	if (net.recording)
		net.record.message = net.RecordOf(net.taken);
	return Succeed(TRUE);
}

LRESULT DispatchMessage(const MSG* message)
{
	Network& net = Net();
	Enter(Call::DispatchMessage);
	const Message taken = net.taken;
	Object* socket = net.Find(message->wParam, Object::Kind::Socket);
	Connection* connection = socket != nullptr ? socket->connection : nullptr;
	const bool stale = taken.about != nullptr && taken.about != connection;
	if (message->message >= WM_USER)
	{
		const int code = WSAGETSELECTERROR(message->lParam);
		if (code != 0)
			net.monitor.Tell({ Event::Failed, stale ? nullptr : connection, code });
		if (connection != nullptr && (stale || taken.spurious))
			connection->extra = true;
	}
	if (message->hwnd == nullptr || !net.window)
		return 0;
	return net.procedure(message->hwnd, message->message, message->wParam, message->lParam);
}

// Without a window it is the thread's, and no procedure gets it [MS].
BOOL PostMessage(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
	Network& net = Net();
	const Message posted = { MSG{ window, message, wParam, lParam } };
	CallRecord& record = Enter(Call::PostMessage);
	if (net.recording)
		record.message = net.RecordOf(posted);
	Object* socket = net.Find(wParam, Object::Kind::Socket);
	const bool wrong = window != nullptr && !net.window;
	if (wrong || net.decider.Inject(Fault::PostFails)) // a queue holds 10,000 [MS]
		return Fail(wrong ? ERROR_INVALID_WINDOW_HANDLE : ERROR_NOT_ENOUGH_QUOTA,
			socket != nullptr ? socket->connection : nullptr, FALSE);
	net.queue.push_back(posted);
	return Succeed(TRUE);
}

void PostQuitMessage(int code)
{
	Net().quit = true;
	Net().quitCode = code;
}

} // namespace sim::winsock

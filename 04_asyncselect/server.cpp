// 04_asyncselect: the WSAAsyncSelect model. One thread serves many clients.
// The thread waits in GetMessage(): network events come as messages to a window.
// Limit: none of its own. Closing the window ends the server.
//   cl /nologo /W4 /EHsc /utf-8 server.cpp /Fe:04_asyncselect.exe
//   g++ -std=c++17 -static server.cpp -o 04_asyncselect.exe -lws2_32
#ifdef _MSC_VER
#pragma comment(lib, "ws2_32")
#pragma comment(lib, "user32")
#endif
#define _WINSOCK_DEPRECATED_NO_WARNINGS // E04-11: the SDK calls WSAAsyncSelect() deprecated
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVERPORT 9000
#define BUFSIZE 512
#define WM_SOCKET (WM_USER + 1)

// E00-2: the call is named, the line ended, stderr used. Returns the exit code
int HandleError(int line, const char* call, int err)
{
	WCHAR wide[256] = L"";
	char text[768] = "";
	FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | 0xFF, NULL,
		(DWORD)err, 0, wide, 256, NULL); // 0xFF: in one line
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(text), NULL, NULL);
	fprintf(stderr, "Error! Line %d: %s: %d %s\n", line, call, err, text);
	return 1; // E00-1: 0 would mean success
}

int Usage(const char* argument)
{
	fprintf(stderr, "Error! Bad argument: \"%s\"\nUsage: server [port [address]]\n", argument);
	return 2;
}

// E00-5: "%s" would stop at a NUL, and let a client forge lines and drive the console
void PrintReceivedData(const char* szClientIP, int port, const char* buf, int len)
{
	char line[64 + BUFSIZE * 4];
	int n = snprintf(line, 64, "[TCP/%s:%d] ", szClientIP, port);
	for (int i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)buf[i];
		if (c < 0x20 || c == 0x7F)
			n += snprintf(line + n, 5, "\\x%02X", c);
		else if (c == '\\')
			n += snprintf(line + n, 3, "\\\\");
		else
			line[n++] = buf[i];
	}
	line[n++] = '\n';
	fwrite(line, 1, (size_t)n, stdout);
	fflush(stdout);
}

// Socket Info
struct SOCKETINFO
{
	SOCKET sock;
	char szClientIP[16]; // E00-6: kept from accept(); getpeername() fails after a reset
	int port;
	char buf[BUFSIZE];
	int recvbytes;
	int sendbytes;
	BOOL recvdelayed;
	BOOL closing;
	SOCKETINFO* next;
};

SOCKETINFO* SocketInfoList;
BOOL AddSocketInfo(SOCKET sock, const SOCKADDR_IN& clientaddr)
{
	SOCKETINFO* ptr = (SOCKETINFO*)calloc(1, sizeof(SOCKETINFO)); // E00-7: new throws, no NULL
	if (ptr == NULL)
	{
		fprintf(stderr, "[Error] Can not Alloc Memory.\n");
		return FALSE;
	}
	ptr->sock = sock;
	inet_ntop(AF_INET, &clientaddr.sin_addr, ptr->szClientIP, 16);
	ptr->port = ntohs(clientaddr.sin_port);
	ptr->next = SocketInfoList;
	SocketInfoList = ptr;
	return TRUE;
}

SOCKETINFO* GetSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = SocketInfoList;
	while (ptr && ptr->sock != sock)
		ptr = ptr->next;
	return ptr;
}

void RemoveSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = GetSocketInfo(sock);
	printf("[TCP Server] Disconnect Client %s:%d!\n", ptr->szClientIP, ptr->port);
	fflush(stdout);
	SOCKETINFO** link = &SocketInfoList;
	while (*link != ptr)
		link = &(*link)->next;
	*link = ptr->next;
	closesocket(ptr->sock);
	free(ptr);
}

// Accept Client Socket. Returns INVALID_SOCKET if there is none, or no place for it
SOCKET AcceptClient(SOCKET listen_sock)
{
	SOCKADDR_IN clientaddr;
	int addrlen = sizeof(clientaddr);
	SOCKET client_sock = accept(listen_sock, (SOCKADDR*)&clientaddr, &addrlen);
	if (client_sock == INVALID_SOCKET && WSAGetLastError() != WSAEWOULDBLOCK)
		HandleError(__LINE__, "accept()", WSAGetLastError()); // E00-8: the server goes on
	if (client_sock == INVALID_SOCKET)
		return INVALID_SOCKET;
	char szClientIP[16] = { 0 };
	inet_ntop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
	printf("\n[TCP Server] Accept Client: IP=%s, port=%d\n", szClientIP,
		ntohs(clientaddr.sin_port));
	fflush(stdout);
	if (AddSocketInfo(client_sock, clientaddr))
		return client_sock;
	closesocket(client_sock); // E03-5 E04-13: not left open for ever
	return INVALID_SOCKET;
}

// A client's turn, one buffer. Returns 1 if it has left, WSAEWOULDBLOCK if nothing was there
int EchoData(SOCKETINFO* ptr)
{
	// Receive Data from Client, but only when the last is sent
	if (ptr->recvbytes == 0)
	{
		int ret = recv(ptr->sock, ptr->buf, BUFSIZE, 0);
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK) // E03-6 E04-6
			return WSAEWOULDBLOCK;
		if (ret <= 0) // E04-14 E05-9: 0 is the end, not data
			return (ret == 0) ? 1 : HandleError(__LINE__, "recv()", WSAGetLastError());
		// Print Received Data (E03-2 E03-3 E04-3 E05-12: this client's buffer and address)
		PrintReceivedData(ptr->szClientIP, ptr->port, ptr->buf, ret);
		ptr->recvbytes = ret;
	}

	// Send Data to Client
	while (ptr->recvbytes > ptr->sendbytes) // E04-7 E05-13: no FD_WRITE after a partial send
	{
		int ret = send(ptr->sock, ptr->buf + ptr->sendbytes, ptr->recvbytes - ptr->sendbytes, 0);
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)
			return 0;
		if (ret == SOCKET_ERROR)
			return HandleError(__LINE__, "send()", WSAGetLastError());
		ptr->sendbytes += ret;
	}
	ptr->recvbytes = ptr->sendbytes = 0;
	return 0;
}

void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam); // E04-1
LRESULT CALLBACK WndProc(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam)
{
	switch (uMsg)
	{
	case WM_SOCKET:
		ProcessSocketMessage(hWnd, uMsg, wParam, lParam);
		return 0;
	case WM_DESTROY:
		PostQuitMessage(0);
		return 0;
	}
	return DefWindowProcW(hWnd, uMsg, wParam, lParam);
}

void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam)
{
	int ret = WSAEWOULDBLOCK;
	SOCKET client_sock;
	SOCKETINFO* ptr = GetSocketInfo(wParam);
	if (ptr == NULL && WSAGETSELECTEVENT(lParam) != FD_ACCEPT) // E04-5: it outlives its socket
		return;
	if (WSAGETSELECTERROR(lParam)) // E04-4 E04-9: the code is here; the calls below act on it
		HandleError(__LINE__, "WM_SOCKET", WSAGETSELECTERROR(lParam));

	switch (WSAGETSELECTEVENT(lParam))
	{
	case FD_ACCEPT:
		// Accept Client Socket
		client_sock = AcceptClient(wParam); // E04-2: no case jumps past its variables there
		if (client_sock == INVALID_SOCKET)
			return;
		ret = WSAAsyncSelect(client_sock, hWnd, WM_SOCKET, FD_READ | FD_WRITE | FD_CLOSE);
		if (ret == SOCKET_ERROR)
		{
			HandleError(__LINE__, "WSAAsyncSelect()", WSAGetLastError());
			RemoveSocketInfo(client_sock);
		}
		return;
	case FD_READ:
		ptr->recvdelayed = (ptr->recvbytes > 0);
		if (!ptr->recvdelayed && !ptr->closing)
			ret = EchoData(ptr);
		break;
	case FD_WRITE:
		if (ptr->recvbytes > 0)
			ret = EchoData(ptr);
		break;
	case FD_CLOSE:
		// E04-8: it comes once; data may be unread or unsent. E04-10: or it was an earlier socket's
		ret = EchoData(ptr);
		ptr->closing = (ret != WSAEWOULDBLOCK);
		break;
	}
	// No message will come for a read put off, or after FD_CLOSE: post it, for one buffer a turn
	if (ret == 0 && ptr->recvbytes == 0 && (ptr->recvdelayed || ptr->closing))
	{
		ptr->recvdelayed = FALSE;
		if (!PostMessageW(hWnd, uMsg, wParam, ptr->closing ? FD_CLOSE : FD_READ))
			ret = HandleError(__LINE__, "PostMessage()", (int)GetLastError());
	}
	if (ret == 1)
		RemoveSocketInfo(wParam);
}

int main(int argc, char* argv[])
{
	// Read Arguments
	char* end = NULL;
	long port = (argc > 1) ? strtol(argv[1], &end, 10) : SERVERPORT;
	const char* address = (argc > 2) ? argv[2] : "127.0.0.1";
	if (port < 0 || port > 65535 || (argc > 1 && (end == argv[1] || *end != '\0')) || argc > 3)
		return Usage(argv[(argc > 3) ? 3 : 1]);
	SetConsoleOutputCP(CP_UTF8);

	// Register Window Class
	WNDCLASSW wndclass = {};
	wndclass.lpfnWndProc = WndProc;
	wndclass.hCursor = LoadCursor(NULL, IDC_ARROW);
	wndclass.hbrBackground = (HBRUSH)(COLOR_WINDOW + 1);
	wndclass.lpszClassName = L"MyWndClass";
	if (!RegisterClassW(&wndclass))
		return HandleError(__LINE__, "RegisterClass()", (int)GetLastError());
	HWND hWnd = CreateWindowW(L"MyWndClass", L"TCP Server", WS_OVERLAPPEDWINDOW, 0, 0, 600, 200,
		NULL, NULL, NULL, NULL);
	if (hWnd == NULL)
		return HandleError(__LINE__, "CreateWindow()", (int)GetLastError());
	ShowWindow(hWnd, SW_SHOWNORMAL);
	UpdateWindow(hWnd);

	// Initialize Winsock
	WSADATA wsa;
	int ret = WSAStartup(MAKEWORD(2, 2), &wsa);
	if (ret != 0)
		return HandleError(__LINE__, "WSAStartup()", ret);

	// Create Socket
	SOCKET listen_sock = socket(AF_INET, SOCK_STREAM, 0);
	if (listen_sock == INVALID_SOCKET)
		return HandleError(__LINE__, "socket()", WSAGetLastError());

	// Set Socket Exclusive Address Use
	BOOL exclusive = TRUE; // E00-10: no other program can take the port over
	if (setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char*)&exclusive,
			sizeof(exclusive)) == SOCKET_ERROR)
		return HandleError(__LINE__, "setsockopt()", WSAGetLastError());

	// Bind Socket
	SOCKADDR_IN serveraddr;
	ZeroMemory(&serveraddr, sizeof(serveraddr));
	serveraddr.sin_family = AF_INET;
	if (inet_pton(AF_INET, address, &serveraddr.sin_addr) != 1) // E00-4: not InetPton()
		return Usage(address);
	serveraddr.sin_port = htons((u_short)port);
	if (bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr)) == SOCKET_ERROR)
		return HandleError(__LINE__, "bind()", WSAGetLastError());

	// Set Socket to Listen
	if (listen(listen_sock, SOMAXCONN) == SOCKET_ERROR)
		return HandleError(__LINE__, "listen()", WSAGetLastError());

	// WSAAsyncSelect() (E04-12: without FD_CLOSE, which an accepted socket would inherit)
	if (WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT) == SOCKET_ERROR)
		return HandleError(__LINE__, "WSAAsyncSelect()", WSAGetLastError());

	// Print Listening Address (E00-3: with printf(); wprintf() takes "%s" as MSVC or MinGW likes)
	int addrlen = sizeof(serveraddr);
	if (getsockname(listen_sock, (SOCKADDR*)&serveraddr, &addrlen) == SOCKET_ERROR)
		return HandleError(__LINE__, "getsockname()", WSAGetLastError());
	printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	fflush(stdout); // E00-9: at once, into a file or a pipe, too

	// Loop For Window Message
	MSG msg;
	while ((ret = GetMessageW(&msg, 0, 0, 0)) > 0)
		DispatchMessageW(&msg);
	if (ret < 0)
		return HandleError(__LINE__, "GetMessage()", (int)GetLastError());
	WSACleanup();
	return 0;
}

// 04_asyncselect: the WSAAsyncSelect model. One thread serves many clients.
// The thread waits in GetMessage(): network events come as messages to a window.
// Limit: none in the code; a thread's message queue takes 10,000 posted messages.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:04_asyncselect.exe
//   g++ -std=c++17 -static server.cpp -o 04_asyncselect.exe -lws2_32
// A comment such as "E00-1" or "A00-1" marks a change to the listing: see tests/errata/README.md.
#ifdef _MSC_VER // A00-5: g++ does not know the line
#pragma comment(lib, "ws2_32")
#pragma comment(lib, "user32") // E04-17: for the window
#endif
#define UNICODE 1 // E00-4: makes InetNtop the wide InetNtopW, not InetNtopA
#define _WINSOCK_DEPRECATED_NO_WARNINGS 1 // E04-11: WSAAsyncSelect() is deprecated
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h> // A00-1: strtol()
#include <new> // E00-7: std::nothrow

#define SERVERPORT 9000
#define BUFSIZE 512
#define WM_SOCKET (WM_USER + 1)

void HandleError(int line)
{
	int err = ::WSAGetLastError();
	WCHAR wide[256] = { 0 };
	char text[256 * 3] = { 0 }; // UTF-8
	FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
		FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, (DWORD)err, 0, wide, 256, NULL);
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(text), NULL, NULL);
	fprintf(stderr, "Error! Line %d: %d %s\n", line, err, text); // E00-2: a whole line, on stderr
}
#define _HandleError HandleError(__LINE__)

// A00-1: the port and the address are arguments. Returns the exit code
int Usage(const char* argument)
{
	fprintf(stderr, "Error! Bad argument: \"%s\"\nUsage: server [port [address]]\n", argument);
	return 2;
}

// E00-5: "%s" stops at a NUL, and lets a client forge log lines and control the console
void PrintData(const char* buf, int len)
{
	putchar(' ');
	for (int i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)buf[i];
		if (c == 0xC2 && i + 1 < len && (buf[i + 1] & 0xE0) == 0x80)
			printf("\\xC2\\x%02X", (unsigned char)buf[++i]); // U+0080 to U+009F: controls, too
		else if (c < 0x20 || c == 0x7F)
			printf("\\x%02X", c);
		else if (c == '\\')
			printf("\\\\");
		else
			putchar(c);
	}
	putchar('\n');
	fflush(stdout); // E00-9: seen at once, in a file or a pipe, too
}

// E00-8: accept() has failed. TRUE if only this client is lost (WSAENOTCONN: under Wine), or if the
// system has no room for it now: it stays in the backlog. FALSE if the listening socket has failed
BOOL CanAcceptAgain()
{
	int err = ::WSAGetLastError();
	if (err == WSAEMFILE || err == WSAENOBUFS)
	{
		_HandleError;
		Sleep(100); // at once it would fail again
		return TRUE;
	}
	return err == WSAEWOULDBLOCK || err == WSAECONNRESET || err == WSAECONNABORTED ||
		err == WSAENOTCONN;
}

// Socket Info
struct SOCKETINFO
{
	SOCKET sock;
	SOCKADDR_IN clientaddr; // E00-6: from accept(): after a reset getpeername() can fail
	char buf[BUFSIZE + 1];
	int recvbytes;
	int sendbytes;
	BOOL recvdelayed;
	BOOL closing; // E04-8: FD_CLOSE has come
	SOCKETINFO* next;
};

SOCKETINFO* SocketInfoList;

BOOL AddSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO; // E00-7: plain new throws: no NULL
	if (ptr == NULL)
	{
		wprintf(L"[Error] Can not Alloc Memory.\n");
		fflush(stdout); // E00-9
		return FALSE;
	}

	ptr->sock = sock;
	ptr->recvbytes = 0;
	ptr->sendbytes = 0;
	ptr->recvdelayed = FALSE;
	ptr->closing = FALSE;
	ptr->next = SocketInfoList;
	SocketInfoList = ptr;

	return TRUE;
}

SOCKETINFO* GetSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = SocketInfoList;

	while (ptr)
	{
		if (ptr->sock == sock)
			return ptr;
		ptr = ptr->next;
	}
	return NULL;
}

void RemoveSocketInfo(SOCKET sock)
{
	SOCKADDR_IN clientaddr = GetSocketInfo(sock)->clientaddr; // E00-6
	WCHAR szClientIP[16] = { 0 };
	InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
	wprintf(L"[TCP Server] Disconnect Client %ls:%d!\n", // E00-3
		szClientIP, ntohs(clientaddr.sin_port));
	fflush(stdout); // E00-9

	SOCKETINFO* cur = SocketInfoList;
	SOCKETINFO* prev = NULL;

	while (cur)
	{
		if (cur->sock == sock)
		{
			if (prev)
				prev->next = cur->next;
			else
				SocketInfoList = cur->next;

			closesocket(cur->sock);
			delete cur;
			return;
		}
		prev = cur;
		cur = cur->next;
	}
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
	return DefWindowProc(hWnd, uMsg, wParam, lParam);
}

void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam)
{
	int ret;
	int addrlen;
	SOCKETINFO* ptr;
	SOCKET client_sock;
	SOCKADDR_IN clientaddr;
	WCHAR szClientIP[16] = { 0 }; // E04-2: no case may jump past an initialisation

	if (WSAGETSELECTEVENT(lParam) != FD_ACCEPT && GetSocketInfo(wParam) == NULL)
		return; // E04-5: a message can outlive its socket

	if (WSAGETSELECTERROR(lParam))
	{
		// E04-9 E04-10: only reported: the message can be old, the calls below tell what is true
		WSASetLastError(WSAGETSELECTERROR(lParam)); // E04-4: it is not set by itself
		if (WSAGETSELECTEVENT(lParam) != FD_CLOSE) // recv() or send() reports a reset
			_HandleError;
	}

	switch (WSAGETSELECTEVENT(lParam))
	{
	case FD_ACCEPT:
		addrlen = sizeof(clientaddr);
		client_sock = accept(wParam, (SOCKADDR*)&clientaddr, &addrlen);
		if (client_sock == INVALID_SOCKET)
		{
			if (!CanAcceptAgain()) // E00-8
			{
				_HandleError;
				exit(1); // WM_QUIT needs an empty queue, but FD_ACCEPT would go on coming
			}
			return;
		}
		InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
		wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n", // E00-3
			szClientIP, ntohs(clientaddr.sin_port));
		fflush(stdout); // E00-9

		if (!AddSocketInfo(client_sock))
		{
			closesocket(client_sock); // E04-13: nobody else would close it
			return;
		}
		SocketInfoList->clientaddr = clientaddr; // E00-6
		ret = WSAAsyncSelect(client_sock, hWnd, WM_SOCKET, FD_READ | FD_WRITE | FD_CLOSE);
		if (ret == SOCKET_ERROR)
		{
			_HandleError;
			RemoveSocketInfo(client_sock);
		}
		break;

	case FD_READ:
		ptr = GetSocketInfo(wParam);
		if (ptr->closing && uMsg == WM_SOCKET)
			return; // E04-8: after FD_CLOSE only the FD_CLOSE that the server posts itself reads
		if (ptr->recvbytes > 0)
		{
			ptr->recvdelayed = TRUE;
			return;
		}

		ret = recv(ptr->sock, ptr->buf, BUFSIZE, 0);
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)
		{
			ptr->closing = FALSE; // E04-10: still open: the FD_CLOSE was an earlier socket's
			return; // E04-6: nothing to read, no failure
		}
		if (ret == SOCKET_ERROR || ret == 0) // E04-14: 0 is the end, not data
		{
			if (ret == SOCKET_ERROR)
				_HandleError;
			RemoveSocketInfo(wParam);
			return;
		}

		// Print Received Data
		ptr->recvbytes = ret;
		ptr->buf[ret] = '\0';

		InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16); // E04-3 E00-6
		wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(ptr->clientaddr.sin_port));
		PrintData(ptr->buf, ret); // E00-5

		// echo server이므로 read 처리 이후
		// 바로 write 처리할 것이라 break 생략
		[[fallthrough]]; // A00-5

	case FD_WRITE:
		ptr = GetSocketInfo(wParam);
		if (ptr->recvbytes <= ptr->sendbytes)
			return;

	SEND_AGAIN:
		// E04-7: here a partial send goes on, since no FD_WRITE follows it
		ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
			ptr->recvbytes - ptr->sendbytes, 0);
		if (ret == SOCKET_ERROR)
		{
			if (WSAGetLastError() == WSAEWOULDBLOCK) return; // E04-6: FD_WRITE says when
			_HandleError;
			RemoveSocketInfo(wParam);
			return;
		}

		ptr->sendbytes += ret;
		if (ptr->recvbytes > ptr->sendbytes)
			goto SEND_AGAIN; // E04-7
		if (ptr->recvbytes == ptr->sendbytes)
		{
			ptr->recvbytes = ptr->sendbytes = 0;
			if (ptr->recvdelayed || ptr->closing) // E04-8: no second FD_CLOSE comes
			{
				ptr->recvdelayed = FALSE;
				if (!PostMessage(hWnd, WM_SOCKET, wParam, ptr->closing ? FD_CLOSE : FD_READ))
				{
					_HandleError; // E04-16: the message queue can be full
					RemoveSocketInfo(wParam);
				}
			}
		}
		break;
	case FD_CLOSE:
		ptr = GetSocketInfo(wParam);
		ptr->closing = TRUE; // E04-8: it comes once, but data may still be unsent or unread
		ProcessSocketMessage(hWnd, 0, wParam, (ptr->recvbytes > 0) ? FD_WRITE : FD_READ);
		break;
	}
}

int main(int argc, char* argv[])
{
	int ret;
	char* end = NULL; // A00-1: the arguments
	long port = (argc > 1) ? strtol(argv[1], &end, 10) : 0;
	const char* address = (argc > 2) ? argv[2] : "127.0.0.1"; // E00-10: for this machine only
	if (argc > 3) return Usage(argv[3]);
	if (argc > 1 && (argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' || port > 65535))
		return Usage(argv[1]);
	setvbuf(stdout, NULL, _IOFBF, 4096); // A00-3: one line, one write
	DWORD mode;
	if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode) ||
		GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode))
		SetConsoleOutputCP(CP_UTF8); // A00-3: the errors are UTF-8, and most received text

	// Register Window Class
	WNDCLASS wndclass;
	wndclass.style = CS_HREDRAW | CS_VREDRAW;
	wndclass.lpfnWndProc = WndProc;
	wndclass.cbClsExtra = 0;
	wndclass.cbWndExtra = 0;
	wndclass.hInstance = NULL;
	wndclass.hIcon = LoadIcon(NULL, IDI_APPLICATION);
	wndclass.hCursor = LoadCursor(NULL, IDC_ARROW);
	wndclass.hbrBackground = (HBRUSH)(COLOR_WINDOW + 1);
	wndclass.lpszMenuName = NULL;
	wndclass.lpszClassName = L"MyWndClass";
	if (!RegisterClass(&wndclass)) { _HandleError; return 1; } // E00-11

	HWND hWnd = CreateWindowW(L"MyWndClass", L"TCP Server",
		WS_OVERLAPPEDWINDOW, 0, 0, 600, 200, NULL, NULL, NULL, NULL);
	if (hWnd == NULL) { _HandleError; return 1; } // E00-11
	ShowWindow(hWnd, SW_SHOWNORMAL);
	UpdateWindow(hWnd);

	// Initialize Winsock
	WSADATA wsa;
	ret = WSAStartup(MAKEWORD(2, 2), &wsa);
	if (ret != 0) { WSASetLastError(ret); _HandleError; return 1; } // E00-11

	// Create Socket
	SOCKET listen_sock = socket(AF_INET, SOCK_STREAM, 0);
	if (listen_sock == INVALID_SOCKET)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success
	}

	// Bind Socket
	SOCKADDR_IN serveraddr;
	ZeroMemory(&serveraddr, sizeof(serveraddr));
	serveraddr.sin_family = AF_INET;
	if (inet_pton(AF_INET, address, &serveraddr.sin_addr) != 1) // A00-1
		return Usage(address);
	serveraddr.sin_port = htons(SERVERPORT);
	if (argc > 1) serveraddr.sin_port = htons((u_short)port); // A00-1
	BOOL exclusive = TRUE; // E00-10: or 127.0.0.1 could be taken from a server on 0.0.0.0
	ret = setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char*)&exclusive, sizeof(BOOL));
	if (ret == 0)
		ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success
	}

	// Set Socket to Listen
	ret = listen(listen_sock, SOMAXCONN);
	int namelen = sizeof(serveraddr);
	if (ret == 0) ret = getsockname(listen_sock, (SOCKADDR*)&serveraddr, &namelen); // A00-2
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success
	}

	// WSAAsyncSelect()
	ret = WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT); // E04-12: accept() inherits
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success
	}

	printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	fflush(stdout); // A00-2 E00-9

	// Loop For Window Message
	MSG msg;
	while ((ret = GetMessage(&msg, 0, 0, 0)) > 0)
	{
		TranslateMessage(&msg);
		DispatchMessage(&msg);
	}
	if (ret == -1) { _HandleError; return 1; } // E04-15: -1 is an error, not WM_QUIT

	WSACleanup();
	return 0;
}

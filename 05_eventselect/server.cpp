// 05_eventselect: the WSAEventSelect model. One thread serves many clients.
// The thread waits in WSAWaitForMultipleEvents(): every socket has an event object.
// Limit: WSA_MAXIMUM_WAIT_EVENTS (64): the listening socket and 63 clients.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:05_eventselect.exe
//   g++ -std=c++17 -static server.cpp -o 05_eventselect.exe -lws2_32
// A comment such as "E00-1" or "A00-1" marks a change to the listing: see tests/errata/README.md.
#ifdef _MSC_VER // A00-5: g++ does not know the line
#pragma comment(lib, "ws2_32")
#endif
#define UNICODE 1 // E00-4: else these would be the functions for char
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h> // A00-1: strtol()
#include <new> // E00-7: std::nothrow

#define SERVERPORT 9000
#define BUFSIZE 512

void HandleError(int line)
{
	int err = ::WSAGetLastError();
	WCHAR wide[256] = { 0 };
	char text[256 * 3] = { 0 }; // UTF-8
	FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
		FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, (DWORD)err, 0, wide, 256, NULL);
	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(text), NULL, NULL);
	fprintf(stderr, "Error! Line %d: %d %s\n", line, err, text); // E00-2: a line, and on stderr
}
#define _HandleError HandleError(__LINE__)

// A00-1: the port and the address are arguments. Returns the exit code
int Usage(const char* argument)
{
	fprintf(stderr, "Error! Bad argument: \"%s\"\nUsage: server [port [address]]\n", argument);
	return 2;
}

// E00-5: "%s" would stop at a NUL, and let a client forge lines and drive the console
void PrintData(const char* buf, int len)
{
	putchar(' ');
	for (int i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)buf[i];
		if (c == 0xC2 && i + 1 < len && (buf[i + 1] & 0xE0) == 0x80)
			printf("\\xC2\\x%02X", (unsigned char)buf[++i]); // U+0080 to U+009F are controls, too
		else if (c < 0x20 || c == 0x7F)
			printf("\\x%02X", c);
		else if (c == '\\')
			printf("\\\\");
		else
			putchar(c);
	}
	putchar('\n');
	fflush(stdout); // E00-9: at once, into a file or a pipe, too
}

// E00-8: accept() has failed. TRUE if there is no room for a client, which stays in the backlog,
// or if it has gone (WSAENOTCONN: under Wine); FALSE if the listening socket is unusable
BOOL noroom = FALSE;
BOOL CanAcceptAgain()
{
	int err = ::WSAGetLastError();
	BOOL before = noroom;
	noroom = (err == WSAEMFILE || err == WSAENOBUFS);
	if (noroom && !before)
		_HandleError; // once, not in every try
	return noroom || err == WSAEWOULDBLOCK || err == WSAECONNRESET || err == WSAECONNABORTED ||
		err == WSAENOTCONN;
}

// Socket Info
struct SOCKETINFO
{
	SOCKET sock;
	SOCKADDR_IN clientaddr; // E00-6: of accept(); after a reset getpeername() can fail
	char buf[BUFSIZE + 1];
	int recvbytes;
	int sendbytes;
	long delayed; // E05-1 E05-4: FD_READ and FD_CLOSE that are not dealt with yet
};

int sockCnt = 0;
SOCKETINFO* SocketInfoArray[WSA_MAXIMUM_WAIT_EVENTS];
WSAEVENT EventArray[WSA_MAXIMUM_WAIT_EVENTS];

BOOL AddSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO; // E00-7: else it throws, and gives no NULL
	if (ptr == NULL)
	{
		wprintf(L"[Error] Can not Alloc Memory.\n");
		fflush(stdout); // E00-9
		return FALSE;
	}
	WSAEVENT hEvent = WSACreateEvent();
	if (hEvent == WSA_INVALID_EVENT)
	{
		_HandleError;
		delete ptr; // E05-6
		return FALSE;
	}
	ptr->sock = sock;
	ptr->recvbytes = 0;
	ptr->sendbytes = 0;
	ptr->delayed = 0;
	SocketInfoArray[sockCnt] = ptr;
	EventArray[sockCnt] = hEvent;
	sockCnt++;
	return TRUE;
}

void RemoveSocketInfo(int idx)
{
	SOCKETINFO* ptr = SocketInfoArray[idx];
	SOCKADDR_IN clientaddr = ptr->clientaddr; // E00-6
	WCHAR szClientIP[16] = { 0 };
	InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
	wprintf(L"[TCP Server] Disconnect Client %ls:%d!\n", // E00-3
		szClientIP, ntohs(clientaddr.sin_port));
	fflush(stdout); // E00-9
	closesocket(ptr->sock);
	delete ptr;
	WSACloseEvent(EventArray[idx]);
	if (idx != (sockCnt - 1))
	{
		SocketInfoArray[idx] = SocketInfoArray[sockCnt - 1];
		EventArray[idx] = EventArray[sockCnt - 1];
	}
	sockCnt--;
}

int main(int argc, char* argv[])
{
	int ret;
	char* end = NULL; // A00-1: the arguments
	long port = (argc > 1) ? strtol(argv[1], &end, 10) : 0;
	const char* address = (argc > 2) ? argv[2] : "127.0.0.1"; // E00-10: not for all the network
	if (port < 0 || port > 65535 || (argc > 1 && (end == argv[1] || *end != '\0')) || argc > 3)
		return Usage(argv[(argc > 3) ? 3 : 1]);
	setvbuf(stdout, NULL, _IOFBF, 4096); // A00-3: one line, one write
	DWORD mode;
	if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode))
		SetConsoleOutputCP(CP_UTF8); // A00-3: received text is UTF-8, as a rule

	// Initialize Winsock
	WSADATA wsa;
	ret = WSAStartup(MAKEWORD(2, 2), &wsa);
	if (ret != 0) { WSASetLastError(ret); _HandleError; return 1; } // E00-11: says why

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
	BOOL exclusive = TRUE; // E00-10: no other program can take the port over
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

	// Set Network Event
	if (!AddSocketInfo(listen_sock)) return 1; // E05-6
	ret = WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT); // E05-10: no FD_CLOSE
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success
	}

	printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	fflush(stdout); // A00-2 E00-9

	int i, addrlen;
	SOCKET client_sock;
	SOCKADDR_IN clientaddr;
	WSANETWORKEVENTS NetworkEvents;

	// E05-3: the wait names the lowest signalled event only. So ask again from behind it, without
	// waiting, until the end: everyone gets a turn before anyone gets a second one
	for (i = 0;; i = (i + 1) % sockCnt)
	{
		// Check Event
		DWORD index = WSAWaitForMultipleEvents((DWORD)(sockCnt - i), EventArray + i, FALSE,
			(i > 0) ? 0 : noroom ? 100 : WSA_INFINITE, FALSE); // E00-8: try again after 100 ms
		if (index == WSA_WAIT_FAILED) // E05-8: it would fail again, for ever
		{
			_HandleError;
			break;
		}
		if (index == WSA_WAIT_TIMEOUT && i > 0)
		{
			i = sockCnt - 1; // the next round
			continue;
		}
		if (!(noroom && i == 0)) // E00-8: first the listening socket, which is entry 0
			i += (int)(index - WSA_WAIT_EVENT_0);

		// Get Network Event Info
		ZeroMemory(&NetworkEvents, sizeof(NetworkEvents)); // E05-5: the call sets some codes only
		ret = WSAEnumNetworkEvents(SocketInfoArray[i]->sock,
			EventArray[i], &NetworkEvents);
		if (ret == SOCKET_ERROR) // E05-11: the event stays set
		{
			_HandleError;
			if (i == 0) break;
			RemoveSocketInfo(i--); // E05-3: the last entry is in slot i now, and has its turn next
			continue;
		}

		// Accept Client Socket
		WCHAR szClientIP[16] = { 0 };
		if (NetworkEvents.lNetworkEvents & FD_ACCEPT || (noroom && i == 0))
		{
			if (NetworkEvents.iErrorCode[FD_ACCEPT_BIT] != 0)
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_ACCEPT_BIT]); // E05-5
				_HandleError; // accept() is called all the same, or no FD_ACCEPT would come again
			}
			addrlen = sizeof(clientaddr);
			client_sock = accept(SocketInfoArray[i]->sock, (SOCKADDR*)&clientaddr, &addrlen);
			if (client_sock == INVALID_SOCKET)
			{
				if (!CanAcceptAgain()) // E00-8
				{
					_HandleError;
					break;
				}
				if (noroom)
					WSAResetEvent(EventArray[i]); // E00-8: the failed call has set it
				continue;
			}
			noroom = FALSE;
			InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
			wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n", // E00-3
				szClientIP, ntohs(clientaddr.sin_port));
			fflush(stdout); // E00-9

			if (sockCnt >= WSA_MAXIMUM_WAIT_EVENTS)
			{
				wprintf(L"[Error] Event List is full!\n");
				fflush(stdout); // E00-9
				closesocket(client_sock);
				continue;
			}
			if (!AddSocketInfo(client_sock)) // E05-6
			{
				closesocket(client_sock);
				continue;
			}
			SocketInfoArray[sockCnt - 1]->clientaddr = clientaddr; // E00-6
			ret = WSAEventSelect(client_sock, EventArray[sockCnt - 1],
				FD_READ | FD_WRITE | FD_CLOSE);
			if (ret == SOCKET_ERROR)
			{
				_HandleError;
				RemoveSocketInfo(sockCnt - 1); // E05-7: one client is lost, not the server
			}
		}

		// E05-4: FD_CLOSE comes once, and data may be unread or unsent: read until recv() returns 0
		NetworkEvents.lNetworkEvents |= SocketInfoArray[i]->delayed;
		if (NetworkEvents.lNetworkEvents & FD_CLOSE)
			NetworkEvents.lNetworkEvents |= FD_READ;
		SocketInfoArray[i]->delayed = NetworkEvents.lNetworkEvents & (FD_READ | FD_CLOSE);

		// Receive & Send Data from Client
		if (NetworkEvents.lNetworkEvents & FD_READ ||
			NetworkEvents.lNetworkEvents & FD_WRITE)
		{
			if (NetworkEvents.lNetworkEvents & FD_READ &&
				NetworkEvents.iErrorCode[FD_READ_BIT] != 0)
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]); // E05-5: not set by itself
				_HandleError;
				RemoveSocketInfo(i--); // E05-5 E05-3
				continue;
			}
			if (NetworkEvents.lNetworkEvents & FD_WRITE &&
				NetworkEvents.iErrorCode[FD_WRITE_BIT] != 0)
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]); // E05-5
				_HandleError;
				RemoveSocketInfo(i--); // E05-5 E05-3
				continue;
			}
			SOCKETINFO* ptr = SocketInfoArray[i];
			if (ptr->recvbytes == 0)
			{
				ptr->delayed &= ~FD_READ;
				ret = recv(ptr->sock, ptr->buf, BUFSIZE, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() != WSAEWOULDBLOCK)
					{
						_HandleError;
						RemoveSocketInfo(i--); // E05-3
						continue; // E05-2: but after WSAEWOULDBLOCK go on: FD_CLOSE stands below
					}
				}
				else if (ret == 0) // E05-9: the end, not data
				{
					RemoveSocketInfo(i--); // E05-3
					continue;
				}
				else
				{
					// Print Received Data
					ptr->recvbytes = ret;
					ptr->buf[ret] = '\0';
					InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16); // E05-12 E00-6
					wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(ptr->clientaddr.sin_port));
					PrintData(ptr->buf, ret); // E00-5
				}
			}
		SEND_AGAIN:
			if (ptr->recvbytes > ptr->sendbytes)
			{
				// Send Data to Client
				ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
					ptr->recvbytes - ptr->sendbytes, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() != WSAEWOULDBLOCK)
					{
						_HandleError;
						RemoveSocketInfo(i--); // E05-3
						continue; // E05-2
					}
				}
				else
				{
					ptr->sendbytes += ret;
					if (ptr->recvbytes > ptr->sendbytes)
						goto SEND_AGAIN; // E05-13: no FD_WRITE follows a partial send
					if (ptr->recvbytes == ptr->sendbytes)
						ptr->recvbytes = ptr->sendbytes = 0;
					if (ptr->delayed)
						WSASetEvent(EventArray[i]); // E05-1 E05-4: no event comes for it
				}
			}
		}

		if (NetworkEvents.lNetworkEvents & FD_CLOSE)
			if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] != 0) // E05-4: else recv() tells
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_CLOSE_BIT]); // E05-5
				_HandleError;
				RemoveSocketInfo(i--); // E05-3
			}
	}

	WSACleanup();
	return 1; // E00-1: the loop is left after an error only
}

// 05_eventselect: the WSAEventSelect model. One thread serves many clients.
// The thread waits in WSAWaitForMultipleEvents(): every socket has an event object.
// Limit: WSA_MAXIMUM_WAIT_EVENTS (64): the listening socket and 63 clients.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:05_eventselect.exe
//   g++ -std=c++17 -static server.cpp -o 05_eventselect.exe -lws2_32
// A comment such as "E00-1" or "A00-1" marks a change to the listing: see tests/errata/README.md.
#ifdef _MSC_VER // A00-5: g++ does not know the line
#pragma comment(lib, "ws2_32")
#endif
#define UNICODE 1 // E00-4: makes InetNtop the wide InetNtopW, not InetNtopA
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
	long delayed; // E05-1 E05-4: the FD_READ and FD_CLOSE still to be dealt with
};

int sockCnt = 0;
SOCKETINFO* SocketInfoArray[WSA_MAXIMUM_WAIT_EVENTS];
WSAEVENT EventArray[WSA_MAXIMUM_WAIT_EVENTS];

BOOL AddSocketInfo(SOCKET sock)
{
	SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO; // E00-7: plain new throws: no NULL
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
	const char* address = (argc > 2) ? argv[2] : "127.0.0.1"; // E00-10: for this machine only
	if (argc > 3) return Usage(argv[3]);
	if (argc > 1 && (argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' || port > 65535))
		return Usage(argv[1]);
	setvbuf(stdout, NULL, _IOFBF, 4096); // A00-3: one line, one write
	DWORD mode;
	if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode) ||
		GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode))
		SetConsoleOutputCP(CP_UTF8); // A00-3: the errors are UTF-8, and most received text

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

	// E05-3: the wait returns the lowest signalled index only. So look at those behind it, without
	// waiting, and wait again only after the last: one turn each
	for (i = 0;; i = (i + 1) % sockCnt)
	{
		// Check Event
		DWORD index = WSAWaitForMultipleEvents((DWORD)(sockCnt - i), EventArray + i, FALSE,
			(i > 0) ? 0 : WSA_INFINITE, FALSE);
		if (index == WSA_WAIT_FAILED) // E05-8: it would fail again, for ever
		{
			_HandleError;
			break;
		}
		if (index == WSA_WAIT_TIMEOUT && i > 0)
		{
			i = sockCnt - 1; // nobody else is signalled: go on at index 0
			continue;
		}
		i += (int)(index - WSA_WAIT_EVENT_0);

		// Get Network Event Info
		ZeroMemory(&NetworkEvents, sizeof(NetworkEvents)); // E05-5: the call sets only some codes
		ret = WSAEnumNetworkEvents(SocketInfoArray[i]->sock,
			EventArray[i], &NetworkEvents);
		if (ret == SOCKET_ERROR) // E05-11: the event object would stay signalled
		{
			_HandleError;
			if (i == 0) break;
			RemoveSocketInfo(i--); // E05-3: the last entry moves to slot i: its turn is next
			continue;
		}

		// Accept Client Socket
		WCHAR szClientIP[16] = { 0 };
		if (NetworkEvents.lNetworkEvents & FD_ACCEPT)
		{
			if (NetworkEvents.iErrorCode[FD_ACCEPT_BIT] != 0)
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_ACCEPT_BIT]); // E05-5
				_HandleError; // and on to accept(), which enables FD_ACCEPT again
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
				continue;
			}

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

		// E05-4: FD_CLOSE comes once, but data may be unsent or unread: read on until recv() is 0
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
					}
					continue; // E05-2: FD_CLOSE is not lost: it is in delayed
				}
				if (ret == 0) // E05-9: the end, not data
				{
					RemoveSocketInfo(i--); // E05-3
					continue;
				}

				// Print Received Data
				ptr->recvbytes = ret;
				ptr->buf[ret] = '\0';

				InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16); // E05-12 E00-6
				wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(ptr->clientaddr.sin_port));
				PrintData(ptr->buf, ret); // E00-5
			}

		SEND_AGAIN:
			// E05-13: here a partial send goes on, since no FD_WRITE follows it
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
					}
					continue; // E05-2
				}
				ptr->sendbytes += ret;
				if (ptr->recvbytes > ptr->sendbytes)
					goto SEND_AGAIN; // E05-13
				if (ptr->recvbytes == ptr->sendbytes)
					ptr->recvbytes = ptr->sendbytes = 0;
				if (ptr->delayed)
					WSASetEvent(EventArray[i]); // E05-1 E05-4: no event may come for it
			}
		}

		if (NetworkEvents.lNetworkEvents & FD_CLOSE)
		{
			if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] != 0) // E05-4: without an error recv() tells
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_CLOSE_BIT]); // E05-5
				_HandleError;
				RemoveSocketInfo(i--); // E05-3
			}
		}
	}

	WSACleanup();
	return 1; // E00-1: the loop is left after an error only
}

// 03_select: the Select model. One thread serves many clients.
// The thread waits in select(), until at least one socket can be read or written.
// Limit: FD_SETSIZE (64) sockets in a set: the listening one and 63 clients.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:03_select.exe
//   g++ -std=c++17 -static server.cpp -o 03_select.exe -lws2_32
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
};

int sockCnt = 0;
SOCKETINFO* SocketInfoArray[FD_SETSIZE];
BOOL AddSocketInfo(SOCKET sock)
{
	if (sockCnt >= FD_SETSIZE - 1) // E03-4: one place is the listening socket's
	{
		wprintf(L"[Error] Socket Set is full.\n");
		fflush(stdout); // E00-9
		return FALSE;
	}

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

	SocketInfoArray[sockCnt] = ptr;
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

	if (idx != (sockCnt - 1))
		SocketInfoArray[idx] = SocketInfoArray[sockCnt - 1];

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

	// Set Socket Non-Blocking Mode
	u_long on = 1;
	ret = ioctlsocket(listen_sock, (long)FIONBIO, &on); // A00-5
	if (ret == SOCKET_ERROR)
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

	printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	fflush(stdout); // A00-2 E00-9

	FD_SET rset, wset;
	SOCKET client_sock;
	SOCKADDR_IN clientaddr;
	int addrlen;

	while (1)
	{
		// Socket Set Setting
		FD_ZERO(&rset);
		FD_ZERO(&wset);
		FD_SET(listen_sock, &rset);
		for (int i = 0; i < sockCnt; i++)
		{
			if (SocketInfoArray[i]->recvbytes >
				SocketInfoArray[i]->sendbytes)
				FD_SET(SocketInfoArray[i]->sock, &wset);
			else
				FD_SET(SocketInfoArray[i]->sock, &rset);
		}

		// Select
		ret = select(0, &rset, &wset, NULL, NULL);
		if (ret == SOCKET_ERROR)
		{
			_HandleError;
			break;
		}

		// Accept Client Socket
		WCHAR szClientIP[16] = { 0 };
		if (FD_ISSET(listen_sock, &rset))
		{
			addrlen = sizeof(clientaddr);
			client_sock = accept(listen_sock, (SOCKADDR*)&clientaddr, &addrlen);
			if (client_sock == INVALID_SOCKET)
			{
				if (CanAcceptAgain())
					goto RECEIVE; // E00-8: the clients that are here are served all the same
				_HandleError;
				break;
			}

			InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
			wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n", // E00-3
				szClientIP, ntohs(clientaddr.sin_port));
			fflush(stdout); // E00-9
			if (!AddSocketInfo(client_sock))
			{
				closesocket(client_sock); // E03-5: nobody else would close it
				goto RECEIVE;
			}
			SocketInfoArray[sockCnt - 1]->clientaddr = clientaddr; // E00-6
		}

		// Receive Data from Client
	RECEIVE:
		// E03-7: downwards: RemoveSocketInfo(i) moves the last entry to i, which has had its turn
		for (int i = sockCnt - 1; i >= 0; i--)
		{
			SOCKETINFO* ptr = SocketInfoArray[i];
			if (FD_ISSET(ptr->sock, &rset))
			{
				ret = recv(ptr->sock, ptr->buf, BUFSIZE, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: nothing to read, no failure
					_HandleError;
					RemoveSocketInfo(i);
					continue;
				}
				else if (ret == 0)
				{
					RemoveSocketInfo(i);
					continue;
				}

				// Print Received Data
				ptr->recvbytes = ret;
				ptr->buf[ret] = '\0';

				// E03-3: the address of this client, not of the last one accepted
				InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);
				wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(ptr->clientaddr.sin_port));
				PrintData(ptr->buf, ret); // E00-5 E03-2
			}

			// E03-1: beside the receive branch, not inside it: a client is in one set only
			if (FD_ISSET(ptr->sock, &wset))
			{
				// Send Data to Client
				ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
							ptr->recvbytes - ptr->sendbytes, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: no room yet: select() says when
					_HandleError;
					RemoveSocketInfo(i);
					continue;
				}
				ptr->sendbytes += ret;
				if (ptr->recvbytes == ptr->sendbytes)
					ptr->recvbytes = ptr->sendbytes = 0;
			}
		}
	}

	WSACleanup();
	return 1; // E00-1: the loop is left after an error only
}

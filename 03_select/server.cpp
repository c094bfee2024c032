// 03_select: the Select model. One thread serves many clients.
// The thread waits in select(), until at least one socket can be read or written.
// Limit: FD_SETSIZE (64) sockets in a set: the listening one and 63 clients.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:03_select.exe
//   g++ -std=c++17 -static server.cpp -o 03_select.exe -lws2_32
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

	SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO; // E00-7: else it throws, and gives no NULL
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

	// Set Socket Non-Blocking Mode
	u_long on = 1;
	ret = ioctlsocket(listen_sock, (long)FIONBIO, &on); // A00-5: clang warns without the cast
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
		FD_SET(listen_sock, noroom ? &wset : &rset); // E00-8: never writable; a set must have one
		for (int i = 0; i < sockCnt; i++)
		{
			if (SocketInfoArray[i]->recvbytes >
				SocketInfoArray[i]->sendbytes)
				FD_SET(SocketInfoArray[i]->sock, &wset);
			else
				FD_SET(SocketInfoArray[i]->sock, &rset);
		}

		// Select
		TIMEVAL again = { 0, 100000 }; // E00-8: without room, try again after 100 ms
		ret = select(0, &rset, &wset, NULL, noroom ? &again : NULL);
		if (ret == SOCKET_ERROR)
		{
			_HandleError;
			break;
		}

		// Accept Client Socket
		WCHAR szClientIP[16] = { 0 };
		if (FD_ISSET(listen_sock, &rset) || noroom) // E00-8
		{
			addrlen = sizeof(clientaddr);
			client_sock = accept(listen_sock, (SOCKADDR*)&clientaddr, &addrlen);
			if (client_sock == INVALID_SOCKET)
			{
				if (!CanAcceptAgain()) // E00-8
				{
					_HandleError;
					break;
				}
			}
			else
			{
				noroom = FALSE;
				InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
				wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n", // E00-3
					szClientIP, ntohs(clientaddr.sin_port));
				fflush(stdout); // E00-9
				if (AddSocketInfo(client_sock))
					SocketInfoArray[sockCnt - 1]->clientaddr = clientaddr; // E00-6
				else
					closesocket(client_sock); // E03-5: it would stay open for ever
			}
		}

		// Receive Data from Client
		for (int i = sockCnt - 1; i >= 0; i--) // E03-7: a removal moves the last entry to i
		{
			SOCKETINFO* ptr = SocketInfoArray[i];
			if (FD_ISSET(ptr->sock, &rset))
			{
				ret = recv(ptr->sock, ptr->buf, BUFSIZE, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: no failure
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

				// E03-3: this client's address, E03-2: and this client's buffer
				InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);
				wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(ptr->clientaddr.sin_port));
				PrintData(ptr->buf, ret); // E00-5
			}

			// E03-1: after the receive branch, not in it; a socket is in one set or in the other
			if (FD_ISSET(ptr->sock, &rset) || FD_ISSET(ptr->sock, &wset))
			{
				// Send Data to Client
				ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
							ptr->recvbytes - ptr->sendbytes, 0);
				if (ret == SOCKET_ERROR)
				{
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: select() says when
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

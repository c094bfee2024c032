// 02_nonblocking: non-blocking sockets. One thread serves one client at a time.
// The thread never waits: a call that fails with WSAEWOULDBLOCK is repeated at once (full CPU).
// Limit: one client; the others wait in the backlog until it disconnects.
//   cl /nologo /W4 /EHsc /std:c++17 /utf-8 server.cpp /Fe:02_nonblocking.exe
//   g++ -std=c++17 -static server.cpp -o 02_nonblocking.exe -lws2_32
// A comment such as "E00-1" or "A00-1" marks a change to the listing: see tests/errata/README.md.
#ifdef _MSC_VER // A00-5: g++ does not know the line
#pragma comment(lib, "ws2_32")
#endif
#define UNICODE 1 // E00-4: makes InetNtop the wide InetNtopW, not InetNtopA
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h> // A00-1: strtol()

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

int main(int argc, char* argv[])
{
	int ret;
	int err;

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
	ret = ioctlsocket(listen_sock, (long)FIONBIO, &on); // E02-1 A00-5
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

	SOCKET client_sock;
	SOCKADDR_IN clientaddr;
	int addrlen;
	char buf[BUFSIZE + 1];

	while (1)
	{
	ACCEPT_AGAIN:
		// Accept Client Socket
		addrlen = sizeof(clientaddr);
		client_sock = accept(listen_sock, (SOCKADDR*)&clientaddr, &addrlen);
		if (client_sock == INVALID_SOCKET)
		{
			err = ::WSAGetLastError();
			if (err == WSAEWOULDBLOCK)
				goto ACCEPT_AGAIN;
			if (CanAcceptAgain())
				continue; // E00-8
			_HandleError; // E00-2
			break;
		}

		WCHAR szClientIP[16] = { 0 };
		InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
		wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n", // E00-3
			szClientIP, ntohs(clientaddr.sin_port));
		fflush(stdout); // E00-9

		// Receive Data from Client
		while (1)
		{
		RECEIVE_AGAIN:
			ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR)
			{
				err = ::WSAGetLastError();
				if (err == WSAEWOULDBLOCK)
					goto RECEIVE_AGAIN;
				_HandleError; // E00-2
				break;
			}
			else if (ret == 0)
				break;

			// Print Received Data
			buf[ret] = '\0';
			wprintf(L"[TCP/%ls:%d]", szClientIP, ntohs(clientaddr.sin_port)); // E00-3
			PrintData(buf, ret); // E00-5
			int recvbytes = ret; // E02-2: apart from the result of send()
			int sendbytes = 0;

		SEND_AGAIN:
			// Send Data to Client
			ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0); // E02-2
			if (ret == SOCKET_ERROR)
			{
				err = ::WSAGetLastError();
				if (err == WSAEWOULDBLOCK)
					goto SEND_AGAIN;
				_HandleError; // E00-2
				break;
			}
			sendbytes += ret;
			if (recvbytes > sendbytes)
				goto SEND_AGAIN; // E02-3: the rest of a partial send
		}

		// Close Client Socket
		closesocket(client_sock);
		wprintf(L"[TCP Server] Disconnect Client %ls:%d!\n", // A00-4: worded as in the other models
			szClientIP, ntohs(clientaddr.sin_port));
		fflush(stdout); // E00-9
	}

	// Close Server Socket
	closesocket(listen_sock);
	WSACleanup();
	return 1; // E00-1: the loop is left after an error only
}

// 02_nonblocking: non-blocking sockets. One thread serves one client at a time.
// The thread never waits: it repeats a call that answers WSAEWOULDBLOCK, at full CPU.
// Limit: one client; the others wait in the backlog until it has left.
//   cl /nologo /W4 /EHsc /utf-8 server.cpp /Fe:02_nonblocking.exe
//   g++ -std=c++17 -static server.cpp -o 02_nonblocking.exe -lws2_32
#ifdef _MSC_VER
#pragma comment(lib, "ws2_32")
#endif
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVERPORT 9000
#define BUFSIZE 512

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

int main(int argc, char* argv[])
{
	// Read Arguments
	char* end = NULL;
	long port = (argc > 1) ? strtol(argv[1], &end, 10) : SERVERPORT;
	const char* address = (argc > 2) ? argv[2] : "127.0.0.1";
	if (port < 0 || port > 65535 || (argc > 1 && (end == argv[1] || *end != '\0')) || argc > 3)
		return Usage(argv[(argc > 3) ? 3 : 1]);
	SetConsoleOutputCP(CP_UTF8);

	// Initialize Winsock
	WSADATA wsa;
	int ret = WSAStartup(MAKEWORD(2, 2), &wsa);
	if (ret != 0)
		return HandleError(__LINE__, "WSAStartup()", ret);

	// Create Socket
	SOCKET listen_sock = socket(AF_INET, SOCK_STREAM, 0);
	if (listen_sock == INVALID_SOCKET)
		return HandleError(__LINE__, "socket()", WSAGetLastError());

	// Set Socket Non-Blocking Mode
	u_long on = 1;
	// E02-1: without the 5 before the semicolon
	if (ioctlsocket(listen_sock, (long)FIONBIO, &on) == SOCKET_ERROR)
		return HandleError(__LINE__, "ioctlsocket()", WSAGetLastError());

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

	// Print Listening Address (E00-3: with printf(); wprintf() takes "%s" as MSVC or MinGW likes)
	int addrlen = sizeof(serveraddr);
	if (getsockname(listen_sock, (SOCKADDR*)&serveraddr, &addrlen) == SOCKET_ERROR)
		return HandleError(__LINE__, "getsockname()", WSAGetLastError());
	printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	fflush(stdout); // E00-9: at once, into a file or a pipe, too

	SOCKET client_sock;
	SOCKADDR_IN clientaddr;
	char buf[BUFSIZE];
	int recvbytes;
	int sendbytes;
	int err;

	while (1)
	{
	ACCEPT_AGAIN:
		// Accept Client Socket
		addrlen = sizeof(clientaddr);
		client_sock = accept(listen_sock, (SOCKADDR*)&clientaddr, &addrlen);
		if (client_sock == INVALID_SOCKET)
		{
			err = WSAGetLastError();
			if (err == WSAEWOULDBLOCK)
				goto ACCEPT_AGAIN;
			HandleError(__LINE__, "accept()", err);
			continue; // E00-8: one client is lost, not the server
		}

		char szClientIP[16] = { 0 };
		inet_ntop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
		printf("\n[TCP Server] Accept Client: IP=%s, port=%d\n", szClientIP,
			ntohs(clientaddr.sin_port));
		fflush(stdout);

		// Receive Data from Client
		while (1)
		{
		RECEIVE_AGAIN:
			ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR)
			{
				err = WSAGetLastError();
				if (err == WSAEWOULDBLOCK)
					goto RECEIVE_AGAIN;
				HandleError(__LINE__, "recv()", err);
				break;
			}
			else if (ret == 0)
				break;

			// Print Received Data
			PrintReceivedData(szClientIP, ntohs(clientaddr.sin_port), buf, ret);
			recvbytes = ret; // E02-2: send() must not overwrite the length
			sendbytes = 0;

		SEND_AGAIN:
			// Send Data to Client
			ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0);
			if (ret == SOCKET_ERROR)
			{
				err = WSAGetLastError();
				if (err == WSAEWOULDBLOCK)
					goto SEND_AGAIN;
				HandleError(__LINE__, "send()", err);
				break;
			}
			sendbytes += ret;
			if (recvbytes > sendbytes)
				goto SEND_AGAIN; // E02-3: the rest of a partial send
		}

		// Close Client Socket
		closesocket(client_sock);
		printf("[TCP Server] Disconnect Client %s:%d!\n", szClientIP, ntohs(clientaddr.sin_port));
		fflush(stdout);
	}
}

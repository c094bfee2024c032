// 03_select: the Select model. One thread serves many clients.
// The thread waits in select(), until at least one socket can be read or written.
// Limit: FD_SETSIZE (64) sockets in a set: the listening one and 63 clients.
//   cl /nologo /W4 /EHsc /utf-8 server.cpp /Fe:03_select.exe
//   g++ -std=c++17 -static server.cpp -o 03_select.exe -lws2_32
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

// Socket Info
struct SOCKETINFO
{
	SOCKET sock;
	char szClientIP[16]; // E00-6: kept from accept(); getpeername() fails after a reset
	int port;
	char buf[BUFSIZE];
	int recvbytes;
	int sendbytes;
};

int sockCnt = 0;
SOCKETINFO* SocketInfoArray[FD_SETSIZE];

BOOL AddSocketInfo(SOCKET sock, const SOCKADDR_IN& clientaddr)
{
	if (sockCnt >= FD_SETSIZE - 1) // E03-4: one place is the listening socket's
	{
		printf("[Error] Socket Set is full.\n");
		fflush(stdout);
		return FALSE;
	}

	SOCKETINFO* ptr = (SOCKETINFO*)calloc(1, sizeof(SOCKETINFO)); // E00-7: new throws, no NULL
	if (ptr == NULL)
	{
		fprintf(stderr, "[Error] Can not Alloc Memory.\n");
		return FALSE;
	}

	ptr->sock = sock;
	inet_ntop(AF_INET, &clientaddr.sin_addr, ptr->szClientIP, 16);
	ptr->port = ntohs(clientaddr.sin_port);

	SocketInfoArray[sockCnt] = ptr;
	sockCnt++;
	return TRUE;
}

void RemoveSocketInfo(int idx)
{
	SOCKETINFO* ptr = SocketInfoArray[idx];
	printf("[TCP Server] Disconnect Client %s:%d!\n", ptr->szClientIP, ptr->port);
	fflush(stdout);

	closesocket(ptr->sock);
	free(ptr);

	if (idx != (sockCnt - 1))
		SocketInfoArray[idx] = SocketInfoArray[sockCnt - 1];

	sockCnt--;
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

	FD_SET rset, wset;
	while (1)
	{
		// Socket Set Setting
		FD_ZERO(&rset);
		FD_ZERO(&wset);
		FD_SET(listen_sock, &rset);
		for (int i = 0; i < sockCnt; i++)
		{
			if (SocketInfoArray[i]->recvbytes > SocketInfoArray[i]->sendbytes)
				FD_SET(SocketInfoArray[i]->sock, &wset);
			else
				FD_SET(SocketInfoArray[i]->sock, &rset);
		}

		// Select
		if (select(0, &rset, &wset, NULL, NULL) == SOCKET_ERROR)
			return HandleError(__LINE__, "select()", WSAGetLastError());

		// Accept Client Socket
		if (FD_ISSET(listen_sock, &rset))
			AcceptClient(listen_sock);

		// Receive Data from Client
		for (int i = sockCnt - 1; i >= 0; i--) // E03-7: a removal moves the last to i
		{
			SOCKETINFO* ptr = SocketInfoArray[i];
			// E03-1: a socket is in one set or in the other, never in both
			if ((FD_ISSET(ptr->sock, &rset) || FD_ISSET(ptr->sock, &wset)) && EchoData(ptr) == 1)
				RemoveSocketInfo(i);
		}
	}
}

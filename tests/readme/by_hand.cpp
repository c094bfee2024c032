// A case of the suite by hand, here C1.02: by_hand SERVER.exe. Exit code 0: it holds.
#include <ws2tcpip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void Check(bool holds, const char* what)
{
	if (!holds)
	{
		printf("C1.02: %s\n", what);
		exit(1);
	}
}

// A new client that sends `text` and gets it back.
SOCKET PingPong(u_short port, const char* text)
{
	SOCKET sock = socket(AF_INET, SOCK_STREAM, 0);
	DWORD patience = 10000; // ms: a server that says nothing must not stop the test
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, (char*)&patience, sizeof(patience));
	SOCKADDR_IN server{};
	server.sin_family = AF_INET;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons(port);
	Check(connect(sock, (SOCKADDR*)&server, sizeof(server)) == 0, "no connection");

	int size = (int)strlen(text), got = 0, ret = 1;
	char echo[512];
	Check(send(sock, text, size, 0) == size, "send() failed");
	for (; got < size && ret > 0; got += ret) // TCP keeps the bytes in order, not together
		ret = recv(sock, echo + got, size - got, 0);
	Check(got == size && memcmp(echo, text, (size_t)size) == 0, "no echo, or another one");
	return sock;
}

int main(int argc, char* argv[])
{
	WSADATA wsa;
	Check(argc == 2 && WSAStartup(MAKEWORD(2, 2), &wsa) == 0, "usage: by_hand SERVER.exe");

	// A server of its own for this case: "0" is a free port, and its first line says which.
	char command[600], line[600] = { 0 };
	snprintf(command, sizeof(command), "\"%s\" 0", argv[1]);
	HANDLE log, end;
	SECURITY_ATTRIBUTES inherited = { sizeof(inherited), NULL, TRUE };
	CreatePipe(&log, &end, &inherited, 0);
	STARTUPINFOA how{};
	how.cb = sizeof(how);
	how.dwFlags = STARTF_USESTDHANDLES;
	how.hStdOutput = how.hStdError = end;
	PROCESS_INFORMATION server;
	Check(CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &how, &server), "no start");
	CloseHandle(end); // or ReadFile() would wait for ever for a server that has ended
	DWORD size;
	Check(ReadFile(log, line, sizeof(line) - 1, &size, NULL) && strstr(line, "port="), "no port");
	u_short port = (u_short)atoi(strstr(line, "port=") + 5);

	SOCKET client = PingPong(port, "hello");
	shutdown(client, SD_SEND);
	Check(recv(client, line, 1, 0) == 0, "no FIN after the client's FIN"); // -1: a reset, or nothing

	PingPong(port, "still here"); // after every case: is a new client served?
	TerminateProcess(server.hProcess, 0);
	printf("C1.02: held\n");
}

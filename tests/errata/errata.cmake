# The faults of the listings as texts: what stands in a server.cpp, and what it is with the fault put back.
#
# erratum(ID KIND MODEL...
#     [PART name]            one of several entries with the same id
#     OLD text NEW text      any number of pairs; OLD stands exactly once in every MODEL
#     KILLED_BY case...      conformance cases in which the faulty server breaks a rule, on Windows and under Wine
#     HANGS case...          the same, but the case waits in vain until its deadline
#     WINDOWS case...        as KILLED_BY, but not under Wine; they are run on Windows only
#     SIMULATION dialect...  the simulation must find a broken rule in this dialect (windows, wine)
#     DOES_NOT_COMPILE re    the fault is that it does not compile, with such a message
#     COMPILER id            GNU or MSVC: it is a fault with this compiler only
#     NOT_TESTABLE why)      no test can show it; the simulation is checked not to find it either
#
# KIND: error, portability, hardening (README.md says what they are), or mutant: a fault that is in no listing. The
# faulty server is made from the first MODEL; OLD is looked for in all of them. NEW is the text of the listing as far
# as the server around it allows, and this one fault alone.

# --- In several listings ---------------------------------------------------------------------------------

erratum(E00-1 error 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect
	OLD [==[return 1; // E00-1: 0 would mean success]==]
	NEW [==[return 0;]==]
	KILLED_BY C9.05
	SIMULATION windows wine)

erratum(E00-2 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[fprintf(stderr, "Error! Line %d: %s: %d %s\n", line, call, err, text);]==]
	NEW [==[printf("Error! Line %d: %d", line, err);]==]
	KILLED_BY C9.05
	SIMULATION windows wine)

# By the standard, and so with MinGW, %s is a narrow string here; a wide one with MSVC.
erratum(E00-3 portability 02_nonblocking 01_blocking
	OLD [==[
		printf("\n[TCP Server] Accept Client: IP=%s, port=%d\n", szClientIP,
			ntohs(clientaddr.sin_port));]==]
	NEW [==[
		WCHAR wide[16] = { 0 };
		InetNtopW(AF_INET, &clientaddr.sin_addr, wide, 16);
		wprintf(L"\n[TCP Server] Accept Client: IP=%s, port=%d\n", wide, ntohs(clientaddr.sin_port));]==]
	COMPILER GNU
	KILLED_BY C13.01)

erratum(E00-4 portability 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[inet_pton(AF_INET, address, &serveraddr.sin_addr)]==]
	NEW [==[InetPton(AF_INET, L"0.0.0.0", &serveraddr.sin_addr)]==]
	DOES_NOT_COMPILE "cannot convert .*const wchar_t|C2664")

# "%.*s" because the buffer has no place for the '\0' that the listing puts behind the data.
erratum(E00-5 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[
	fwrite(line, 1, (size_t)n, stdout);]==]
	NEW [==[
	printf("[TCP/%s:%d] %.*s\n", szClientIP, port, len, buf);]==]
	KILLED_BY C13.03 C13.05
	SIMULATION windows wine)

erratum(E00-6 error 03_select 04_asyncselect 05_eventselect
	OLD [==[
	printf("[TCP Server] Disconnect Client %s:%d!\n", ptr->szClientIP, ptr->port);]==]
	NEW [==[
	SOCKADDR_IN clientaddr;
	char szClientIP[16] = { 0 };
	int addrlen = sizeof(clientaddr);
	getpeername(ptr->sock, (SOCKADDR*)&clientaddr, &addrlen);
	inet_ntop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
	printf("[TCP Server] Disconnect Client %s:%d!\n", szClientIP, ntohs(clientaddr.sin_port));]==]
	KILLED_BY C13.06
	SIMULATION windows wine)

erratum(E00-7 error 03_select 04_asyncselect 05_eventselect
	OLD [==[(SOCKETINFO*)calloc(1, sizeof(SOCKETINFO));]==]
	NEW [==[new SOCKETINFO();]==]
	OLD [==[
	closesocket(ptr->sock);
	free(ptr);]==]
	NEW [==[
	closesocket(ptr->sock);
	delete ptr;]==]
	SIMULATION windows wine)

erratum(E00-8 error 02_nonblocking 01_blocking
	PART 02_nonblocking
	OLD [==[continue; // E00-8: one client is lost, not the server]==]
	NEW [==[return 0; // behind the loop]==]
	KILLED_BY C6.05
	SIMULATION windows wine)

# The listing's accept() stands in main(); a client for whom there is no place does not end its loop.
erratum(E00-8 error 03_select
	PART 03_select
	OLD [==[
	closesocket(client_sock); // E03-5 E04-13: not left open for ever
	return INVALID_SOCKET;]==]
	NEW [==[
	closesocket(client_sock);
	return client_sock;]==]
	OLD [==[
			AcceptClient(listen_sock);]==]
	NEW [==[
			if (AcceptClient(listen_sock) == INVALID_SOCKET)
				return 0; // behind the loop]==]
	KILLED_BY C6.05
	SIMULATION windows wine)

erratum(E00-9 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[
	fwrite(line, 1, (size_t)n, stdout);
	fflush(stdout);]==]
	NEW [==[
	fwrite(line, 1, (size_t)n, stdout);]==]
	KILLED_BY C13.02
	SIMULATION windows wine)

erratum(E00-10 hardening 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	PART address
	OLD [==[(argc > 2) ? argv[2] : "127.0.0.1";]==]
	NEW [==[(argc > 2) ? argv[2] : "0.0.0.0";]==]
	KILLED_BY C9.02
	SIMULATION windows wine)

erratum(E00-10 hardening 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	PART exclusive
	OLD [==[
	if (setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char*)&exclusive,
			sizeof(exclusive)) == SOCKET_ERROR)
		return HandleError(__LINE__, "setsockopt()", WSAGetLastError());]==]
	NEW [==[
	(void)exclusive;]==]
	WINDOWS C9.06
	SIMULATION windows wine)

# --- Non-blocking (02) -----------------------------------------------------------------------------------

erratum(E02-1 error 02_nonblocking
	OLD [==[
	if (ioctlsocket(listen_sock, (long)FIONBIO, &on) == SOCKET_ERROR)]==]
	NEW [==[
	ret = ioctlsocket(listen_sock, (long)FIONBIO, &on)5;
	if (ret == SOCKET_ERROR)]==]
	DOES_NOT_COMPILE "expected .*;.* before numeric constant|expected ';'|C2143|C2146")

# Only the length is lost, and only after WSAEWOULDBLOCK; E02-3 is the rest of a partial send.
erratum(E02-2 error 02_nonblocking 01_blocking
	OLD [==[
			ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0);]==]
	NEW [==[
			ret = send(client_sock, buf + sendbytes, ret, 0);]==]
	OLD [==[
			if (recvbytes > sendbytes)
				goto SEND_AGAIN; // E02-3: the rest of a partial send]==]
	NEW [==[
			ret = recvbytes - sendbytes;
			if (ret > 0)
				goto SEND_AGAIN;]==]
	KILLED_BY C4.05
	SIMULATION windows wine)

erratum(E02-3 error 02_nonblocking 01_blocking
	OLD [==[
			if (recvbytes > sendbytes)
				goto SEND_AGAIN; // E02-3: the rest of a partial send]==]
	NEW ""
	SIMULATION windows wine)

# --- Select (03) -----------------------------------------------------------------------------------------

erratum(E03-1 error 03_select
	OLD [==[
int EchoData(SOCKETINFO* ptr)]==]
	NEW [==[
int EchoData(SOCKETINFO* ptr, int writable)]==]
	OLD [==[
	// Send Data to Client
	while]==]
	NEW [==[
	if (!writable)
		return 0;

	// Send Data to Client
	while]==]
	OLD [==[
			if ((FD_ISSET(ptr->sock, &rset) || FD_ISSET(ptr->sock, &wset)) && EchoData(ptr) == 1)]==]
	NEW [==[
			if (FD_ISSET(ptr->sock, &rset) && EchoData(ptr, FD_ISSET(ptr->sock, &wset)) == 1)]==]
	HANGS C1.01 C1.02
	SIMULATION windows wine)

erratum(E03-2 error 03_select 04_asyncselect 05_eventselect
	OLD [==[
		PrintReceivedData(ptr->szClientIP, ptr->port, ptr->buf, ret);]==]
	NEW [==[
		static char buf[BUFSIZE + 1]; // main's, which nothing writes
		PrintReceivedData(ptr->szClientIP, ptr->port, buf, ret);]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

# szClientIP is main's: empty at the start of a turn, set where a client is accepted.
erratum(E03-3 error 03_select
	OLD [==[
int sockCnt = 0;]==]
	NEW [==[
char szClientIP[16];
int sockCnt = 0;]==]
	OLD [==[
	char szClientIP[16] = { 0 };]==]
	NEW ""
	OLD [==[
		PrintReceivedData(ptr->szClientIP,]==]
	NEW [==[
		PrintReceivedData(szClientIP,]==]
	OLD [==[
		// Accept Client Socket
		if (FD_ISSET(listen_sock, &rset))]==]
	NEW [==[
		// Accept Client Socket
		ZeroMemory(szClientIP, sizeof(szClientIP));
		if (FD_ISSET(listen_sock, &rset))]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E03-4 error 03_select
	OLD [==[
	if (sockCnt >= FD_SETSIZE - 1) // E03-4: one place is the listening socket's]==]
	NEW [==[
	if (sockCnt >= FD_SETSIZE)]==]
	HANGS C8.03 C13.07
	SIMULATION windows wine)

erratum(E03-5 error 03_select 04_asyncselect 05_eventselect
	OLD [==[
	closesocket(client_sock); // E03-5 E04-13: not left open for ever]==]
	NEW ""
	HANGS C8.03 C13.07
	SIMULATION windows wine)

erratum(E03-6 error 03_select
	OLD [==[
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK) // E03-6 E04-6
			return WSAEWOULDBLOCK;]==]
	NEW ""
	OLD [==[
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)
			return 0;]==]
	NEW ""
	SIMULATION windows wine)

erratum(E03-7 error 03_select
	OLD [==[
		for (int i = sockCnt - 1; i >= 0; i--) // E03-7: a removal moves the last to i]==]
	NEW [==[
		for (int i = 0; i < sockCnt; i++)]==]
	SIMULATION wine)

# --- WSAAsyncSelect (04) ---------------------------------------------------------------------------------

erratum(E04-1 error 04_asyncselect
	OLD [==[
void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam); // E04-1]==]
	NEW ""
	DOES_NOT_COMPILE "ProcessSocketMessage.* was not declared|undeclared identifier .ProcessSocketMessage|C3861")

erratum(E04-2 error 04_asyncselect
	OLD [==[
		client_sock = AcceptClient(wParam); // E04-2: no case jumps past its variables there]==]
	NEW [==[
		client_sock = AcceptClient(wParam);
		char szClientIP[16] = { 0 };]==]
	DOES_NOT_COMPILE "jump to case label|cannot jump from switch|C2360|C2361")

# szClientIP is set in case FD_ACCEPT only, in a call of its own.
erratum(E04-3 error 04_asyncselect
	OLD [==[
		PrintReceivedData(ptr->szClientIP,]==]
	NEW [==[
		char szClientIP[16] = { 0 };
		PrintReceivedData(szClientIP,]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E04-4 error 04_asyncselect
	OLD [==[
		HandleError(__LINE__, "WM_SOCKET", WSAGETSELECTERROR(lParam));]==]
	NEW [==[
		HandleError(__LINE__, "WM_SOCKET", WSAGetLastError());]==]
	SIMULATION windows)

erratum(E04-5 error 04_asyncselect
	OLD [==[
	if (ptr == NULL && WSAGETSELECTEVENT(lParam) != FD_ACCEPT) // E04-5: it outlives its socket
		return;]==]
	NEW ""
	KILLED_BY C6.08 C8.12
	SIMULATION windows wine)

erratum(E04-6 error 04_asyncselect
	OLD [==[
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK) // E03-6 E04-6
			return WSAEWOULDBLOCK;]==]
	NEW ""
	OLD [==[
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)
			return 0;]==]
	NEW ""
	KILLED_BY C4.03
	SIMULATION windows wine)

erratum(E04-7 error 04_asyncselect 03_select 05_eventselect
	OLD [==[
	while (ptr->recvbytes > ptr->sendbytes) // E04-7 E05-13: no FD_WRITE after a partial send]==]
	NEW [==[
	if (ptr->recvbytes > ptr->sendbytes)]==]
	OLD [==[
	ptr->recvbytes = ptr->sendbytes = 0;]==]
	NEW [==[
	if (ptr->recvbytes == ptr->sendbytes)
		ptr->recvbytes = ptr->sendbytes = 0;]==]
	SIMULATION windows wine)

erratum(E04-8 error 04_asyncselect
	OLD [==[
		ret = EchoData(ptr);
		ptr->closing = (ret != WSAEWOULDBLOCK);
		break;]==]
	NEW [==[
		RemoveSocketInfo(wParam);
		return;]==]
	WINDOWS C4.05 C5.10
	SIMULATION windows wine)

# With the listing's RemoveSocketInfo(), which asks for the name before it looks for the entry.
erratum(E04-9 error 04_asyncselect
	OLD [==[
		HandleError(__LINE__, "WM_SOCKET", WSAGETSELECTERROR(lParam));]==]
	NEW [==[
	{
		HandleError(__LINE__, "WM_SOCKET", WSAGETSELECTERROR(lParam));
		RemoveSocketInfo(wParam);
		return;
	}]==]
	OLD [==[
	printf("[TCP Server] Disconnect Client %s:%d!\n", ptr->szClientIP, ptr->port);
	fflush(stdout);]==]
	NEW [==[
	SOCKADDR_IN clientaddr = {};
	char szClientIP[16] = { 0 };
	int addrlen = sizeof(clientaddr);
	getpeername(sock, (SOCKADDR*)&clientaddr, &addrlen);
	inet_ntop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
	printf("[TCP Server] Disconnect Client %s:%d!\n", szClientIP, ntohs(clientaddr.sin_port));
	fflush(stdout);
	if (ptr == NULL)
		return;]==]
	SIMULATION windows)

# Whatever EchoData() says, the message is taken for the end of the socket that has the handle now.
erratum(E04-10 error 04_asyncselect
	OLD [==[
		ptr->closing = (ret != WSAEWOULDBLOCK);
		break;]==]
	NEW [==[
		ptr->closing = TRUE;
		if (ret == WSAEWOULDBLOCK)
			ret = 1;
		break;]==]
	SIMULATION windows)

erratum(E04-11 portability 04_asyncselect
	OLD [==[
#define _WINSOCK_DEPRECATED_NO_WARNINGS // E04-11: the SDK calls WSAAsyncSelect() deprecated]==]
	NEW ""
	COMPILER MSVC
	DOES_NOT_COMPILE "C4996")

erratum(E04-12 error 04_asyncselect
	OLD [==[
	if (WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT) == SOCKET_ERROR)]==]
	NEW [==[
	if (WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT | FD_CLOSE) == SOCKET_ERROR)]==]
	NOT_TESTABLE "the second FD_CLOSE that an accepted socket may inherit is harmless once E04-5 and E04-10 are mended")

erratum(E04-13 error 04_asyncselect
	OLD [==[
	closesocket(client_sock); // E03-5 E04-13: not left open for ever]==]
	NEW ""
	SIMULATION windows wine)

# --- WSAEventSelect (05) ---------------------------------------------------------------------------------

erratum(E05-1 error 05_eventselect
	OLD [==[
		if (NetworkEvents.lNetworkEvents & FD_READ)
			ptr->recvdelayed = (ptr->recvbytes > 0); // E05-1: else it would be forgotten]==]
	NEW ""
	HANGS C4.07
	SIMULATION windows wine)

# As printed, FD_CLOSE is looked at after the echo, and a WSAEWOULDBLOCK there skips it. Under Wine C8.12 nearly always
# shows it, not always: it takes a client that has gone between two calls.
erratum(E05-2 error 05_eventselect
	OLD [==[
		if (NetworkEvents.lNetworkEvents & FD_CLOSE)
		{
			ptr->closing = TRUE; // E05-2 E05-4: it comes once; data may be unread or unsent]==]
	NEW [==[
		ret = EchoData(ptr);
		if (ret == WSAEWOULDBLOCK || ptr->recvbytes > 0)
		{
			i++;
			continue;
		}
		if (NetworkEvents.lNetworkEvents & FD_CLOSE)
		{
			ptr->closing = TRUE;]==]
	OLD [==[
		ret = EchoData(ptr);
		if (ret == 1)]==]
	NEW [==[
		if (ret == 1)]==]
	SIMULATION windows wine)

erratum(E05-3 error 05_eventselect
	OLD [==[
		if (i == sockCnt)
			i = 0;]==]
	NEW [==[
		i = 0;]==]
	HANGS C7.06 C7.10
	SIMULATION windows wine)

erratum(E05-4 error 05_eventselect
	OLD [==[
		ret = EchoData(ptr);
		if (ret == 1)]==]
	NEW [==[
		ret = EchoData(ptr);
		if (ret == 1 || (NetworkEvents.lNetworkEvents & FD_CLOSE))]==]
	WINDOWS C4.05 C5.10
	SIMULATION windows wine)

erratum(E05-5 error 05_eventselect
	PART number
	OLD [==[
				HandleError(__LINE__, "FD_CLOSE", NetworkEvents.iErrorCode[FD_CLOSE_BIT]);]==]
	NEW [==[
				HandleError(__LINE__, "FD_CLOSE", WSAGetLastError());]==]
	SIMULATION windows)

erratum(E05-5 error 05_eventselect
	PART kept
	OLD [==[
		if (NetworkEvents.lNetworkEvents & FD_READ)
			ptr->recvdelayed = (ptr->recvbytes > 0); // E05-1: else it would be forgotten]==]
	NEW [==[
		if (((NetworkEvents.lNetworkEvents & FD_READ) && NetworkEvents.iErrorCode[FD_READ_BIT] != 0) ||
			((NetworkEvents.lNetworkEvents & FD_WRITE) && NetworkEvents.iErrorCode[FD_WRITE_BIT] != 0))
		{
			i++;
			continue;
		}
		if (NetworkEvents.lNetworkEvents & FD_READ)
			ptr->recvdelayed = (ptr->recvbytes > 0);]==]
	SIMULATION windows)

# The printed caller goes on as if the entry were there.
erratum(E05-6 error 05_eventselect
	OLD [==[
		free(ptr); // E05-6: no entry without an event, and the caller closes the socket
		return FALSE;]==]
	NEW [==[
		return TRUE;]==]
	SIMULATION windows wine)

erratum(E05-7 error 05_eventselect
	OLD [==[
				RemoveSocketInfo(sockCnt - 1); // E05-7: one client is lost, not the server]==]
	NEW [==[
				return 0;]==]
	SIMULATION windows wine)

erratum(E05-8 error 05_eventselect
	OLD [==[
		if (index == WSA_WAIT_FAILED) // E05-8: it would fail again, for ever
			return HandleError(__LINE__, "WSAWaitForMultipleEvents()", WSAGetLastError());]==]
	NEW [==[
		if (index == WSA_WAIT_FAILED)
			continue;]==]
	SIMULATION windows wine)

# FD_CLOSE ends the connection, as printed; before that a recv() of 0 is an empty line.
erratum(E05-9 error 05_eventselect
	OLD [==[
		if (ret <= 0) // E04-14 E05-9: 0 is the end, not data
			return (ret == 0) ? 1 : HandleError(__LINE__, "recv()", WSAGetLastError());]==]
	NEW [==[
		if (ret == SOCKET_ERROR)
			return HandleError(__LINE__, "recv()", WSAGetLastError());]==]
	OLD [==[
		ptr->recvbytes = ret;]==]
	NEW [==[
		ptr->recvbytes = ret;
		if (ret == 0 && ptr->closing)
			return 1;]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E05-10 error 05_eventselect
	OLD [==[
	if (WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT) == SOCKET_ERROR)]==]
	NEW [==[
	if (WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT | FD_CLOSE) == SOCKET_ERROR)]==]
	NOT_TESTABLE "no listening socket is reported closed, and what an accepted one inherits ends with its registration")

erratum(E05-11 error 05_eventselect
	OLD [==[
			return HandleError(__LINE__, "WSAEnumNetworkEvents()", WSAGetLastError()); // E05-11]==]
	NEW [==[
			continue;]==]
	SIMULATION windows wine)

# --- Faults that two listings have -----------------------------------------------------------------------

erratum(E04-14 error 04_asyncselect
	OLD [==[
		if (ret <= 0) // E04-14 E05-9: 0 is the end, not data
			return (ret == 0) ? 1 : HandleError(__LINE__, "recv()", WSAGetLastError());]==]
	NEW [==[
		if (ret == SOCKET_ERROR)
			return HandleError(__LINE__, "recv()", WSAGetLastError());]==]
	OLD [==[
		ptr->recvbytes = ret;]==]
	NEW [==[
		ptr->recvbytes = ret;
		if (ret == 0 && ptr->closing)
			return 1;]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E05-12 error 05_eventselect
	OLD [==[
		PrintReceivedData(ptr->szClientIP,]==]
	NEW [==[
		char szClientIP[16] = { 0 };
		PrintReceivedData(szClientIP,]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E05-13 error 05_eventselect
	OLD [==[
	while (ptr->recvbytes > ptr->sendbytes) // E04-7 E05-13: no FD_WRITE after a partial send]==]
	NEW [==[
	if (ptr->recvbytes > ptr->sendbytes)]==]
	OLD [==[
	ptr->recvbytes = ptr->sendbytes = 0;]==]
	NEW [==[
	if (ptr->recvbytes == ptr->sendbytes)
		ptr->recvbytes = ptr->sendbytes = 0;]==]
	SIMULATION windows wine)

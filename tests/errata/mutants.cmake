# Faults that are in no listing: they show how much the tests catch. The form is that of errata.cmake. Those marked
# "seen" stand like this in books or published samples.

# --- The echo --------------------------------------------------------------------------------------------

erratum(M01 mutant 05_eventselect # does not send back
	OLD [==[
				ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
					ptr->recvbytes - ptr->sendbytes, 0);]==]
	NEW [==[
				ret = ptr->recvbytes - ptr->sendbytes;]==]
	HANGS C1.02
	SIMULATION windows wine)

erratum(M02 mutant 01_blocking 02_nonblocking # a full buffer loses its last byte
	OLD [==[int recvbytes = ret;]==]
	NEW [==[int recvbytes = (ret == BUFSIZE) ? BUFSIZE - 1 : ret;]==]
	KILLED_BY C2.04 C2.05 C2.06 C2.07 C2.08 C2.09 C2.10 C2.11 C2.12 C2.15 C2.16 C2.18 C3.07 C5.01 C5.02 C5.10
	SIMULATION windows wine)

erratum(M04 mutant 05_eventselect 03_select 04_asyncselect # after a partial send all over again
	OLD [==[ret = send(ptr->sock, ptr->buf + ptr->sendbytes,]==]
	NEW [==[ret = send(ptr->sock, ptr->buf,]==]
	SIMULATION windows wine)

erratum(M05 mutant 01_blocking 02_nonblocking # a text ends at its first NUL: seen
	OLD [==[int recvbytes = ret;]==]
	NEW [==[int recvbytes = 0;
			while (buf[recvbytes] != '\0')
				recvbytes++;]==]
	KILLED_BY C3.01 C3.02
	SIMULATION windows wine)

erratum(M06 mutant 03_select # the file is in text mode: Ctrl-Z ends it
	OLD [==[ptr->recvbytes = ret;]==]
	NEW [==[ptr->recvbytes = ret;
				int last = 0;
				while (last < ret && ptr->buf[last] != 0x1A)
					last++;
				if (last < ret)
				{
					RemoveSocketInfo(i);
					continue;
				}]==]
	KILLED_BY C3.01 C3.04
	SIMULATION windows wine)

erratum(M07 mutant 04_asyncselect # the file is in text mode: CR LF becomes LF
	OLD [==[ptr->recvbytes = ret;]==]
	NEW [==[for (int i = 0; i < ret; i++)
		{
			if (ptr->buf[i] != '\r')
				ptr->buf[ptr->recvbytes++] = ptr->buf[i];
		}]==]
	KILLED_BY C3.01 C3.03
	SIMULATION windows wine)

erratum(M08 mutant 01_blocking 02_nonblocking # received data as a format: seen
	OLD [==[PrintData(buf, ret); // E00-5]==]
	NEW [==[putchar(' ');
			printf(buf);
			putchar('\n');
			fflush(stdout);]==]
	KILLED_BY C3.05 C13.03
	SIMULATION windows wine)

erratum(M09 mutant 01_blocking # waits until its buffer is full
	OLD [==[ret = recv(client_sock, buf, BUFSIZE, 0);]==]
	NEW [==[int part = 1;
			for (ret = 0; part > 0 && ret < BUFSIZE; ret += (part > 0) ? part : 0)
				part = recv(client_sock, buf + ret, BUFSIZE - ret, 0);]==]
	HANGS C1.02 C2.17)

erratum(M10 mutant 01_blocking 02_nonblocking # does not know the end of a stream
	OLD [==[
			else if (ret == 0)
				break;]==]
	NEW ""
	HANGS C1.03 C5.03
	SIMULATION windows wine)

erratum(M11 mutant 01_blocking 02_nonblocking # the position in the chunk before is kept
	OLD [==[int sendbytes = 0;]==]
	NEW [==[static int sendbytes = 0;]==]
	HANGS C1.04
	SIMULATION windows wine)

erratum(M12 mutant 04_asyncselect # drops what cannot be sent at once
	OLD [==[ return; // E04-6: FD_WRITE will come]==]
	NEW [==[
			{
				ptr->recvbytes = ptr->sendbytes = 0;
				return;
			}]==]
	SIMULATION windows wine)

erratum(M14 mutant 03_select # serves a client until it has left: seen
	OLD [==[
						continue; // E03-6: no failure]==]
	NEW [==[
					{
						i++;
						continue;
					}]==]
	OLD [==[
					ptr->recvbytes = ptr->sendbytes = 0;]==]
	NEW [==[
				{
					ptr->recvbytes = ptr->sendbytes = 0;
					i++;
				}]==]
	HANGS C7.01 C7.04
	SIMULATION windows wine)

erratum(M58 mutant 01_blocking 02_nonblocking # a shorter chunk is sent with the rest of the longer one before it
	OLD [==[int recvbytes = ret;]==]
	NEW [==[static int recvbytes = 0;
			if (recvbytes < ret)
				recvbytes = ret;]==]
	KILLED_BY C1.05 C1.07 C2.05 C2.08 C2.17 C5.09 C10.01
	SIMULATION windows wine)

erratum(M59 mutant 03_select # closes after 40 chunks
	OLD [==[
	int sendbytes;
};]==]
	NEW [==[
	int sendbytes;
	int turns = 0;
};]==]
	OLD [==[ptr->recvbytes = ret;]==]
	NEW [==[ptr->recvbytes = ret;
				if (++ptr->turns > 40)
				{
					RemoveSocketInfo(i);
					continue;
				}]==]
	KILLED_BY C1.04 C2.13 C2.14 C2.19 C4.01 C4.02 C4.06 C4.08 C5.02 C7.01 C7.02 C7.03 C10.04 C11.01 C11.02 C13.02)

# --- Waiting ---------------------------------------------------------------------------------------------

erratum(M15 mutant 03_select # looks instead of waiting
	OLD [==[ret = select(0, &rset, &wset, NULL, noroom ? &again : NULL);]==]
	NEW [==[again = { 0, 0 };
		ret = select(0, &rset, &wset, NULL, &again);]==]
	KILLED_BY C8.10
	HANGS C4.04
	SIMULATION windows wine)

erratum(M16 mutant 03_select # asks for the write side with nothing to write
	OLD [==[
			else
				FD_SET(SocketInfoArray[i]->sock, &rset);]==]
	NEW [==[
			else
			{
				FD_SET(SocketInfoArray[i]->sock, &rset);
				FD_SET(SocketInfoArray[i]->sock, &wset);
			}]==]
	KILLED_BY C8.10
	SIMULATION windows wine)

# Under Wine C4.04 nearly always shows it, not always: on a busy machine the last bytes may still be on their way.
erratum(M60 mutant 03_select # asks for the read side although it has something to write
	OLD [==[
			else
				FD_SET(SocketInfoArray[i]->sock, &rset);]==]
	NEW [==[
			FD_SET(SocketInfoArray[i]->sock, &rset);]==]
	SIMULATION windows wine)

# --- The end of a connection -----------------------------------------------------------------------------

erratum(M18 mutant 03_select # an error of recv() is nothing
	OLD [==[
					_HandleError;
					RemoveSocketInfo(i);
					continue;
				}
				else if (ret == 0)]==]
	NEW [==[
					continue;
				}
				else if (ret == 0)]==]
	SIMULATION windows wine)

erratum(M21 mutant 03_select 05_eventselect # does not close
	OLD [==[
	closesocket(ptr->sock);
	delete ptr;]==]
	NEW [==[
	delete ptr;]==]
	HANGS C1.03 C5.07 C5.08 C7.09
	SIMULATION windows wine)

erratum(M22 mutant 01_blocking 02_nonblocking # the listening socket goes with the first client
	OLD [==[closesocket(client_sock);]==]
	NEW [==[closesocket(client_sock);
		closesocket(listen_sock);]==]
	KILLED_BY C1.06 C7.09
	SIMULATION windows wine)

erratum(M23 mutant 05_eventselect # the event object stays: seen
	OLD [==[WSACloseEvent(EventArray[idx]);]==]
	NEW ""
	WINDOWS C8.07
	SIMULATION windows wine)

erratum(M24 mutant 01_blocking # a reset ends the server: seen
	OLD [==[
			ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR)
			{
				_HandleError; // E00-2
				break;]==]
	NEW [==[
			ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR)
			{
				_HandleError;
				return 1;]==]
	KILLED_BY C6.06
	SIMULATION windows wine)

erratum(M25 mutant 03_select # goes on with an entry that it has just removed: seen
	OLD [==[
				else if (ret == 0)
				{
					RemoveSocketInfo(i);
					continue;
				}]==]
	NEW [==[
				else if (ret == 0)
					RemoveSocketInfo(i);]==]
	SIMULATION windows wine)

erratum(M27 mutant 01_blocking 02_nonblocking # greets: seen
	OLD [==[
		// Receive Data from Client
		while (1)]==]
	NEW [==[
		send(client_sock, "*", 1, 0);

		// Receive Data from Client
		while (1)]==]
	KILLED_BY C1.03 C1.09 C2.01 C2.02 C2.03
	SIMULATION windows wine)

erratum(M28 mutant 01_blocking 02_nonblocking # knows a word: seen
	OLD [==[int recvbytes = ret;]==]
	NEW [==[if (ret >= 4 && buf[0] == 'q' && buf[1] == 'u' && buf[2] == 'i' && buf[3] == 't')
				break;
			int recvbytes = ret;]==]
	KILLED_BY C3.06)

# --- Several clients -------------------------------------------------------------------------------------

erratum(M29 mutant 05_eventselect # the events are not moved with the entries
	OLD [==[EventArray[idx] = EventArray[sockCnt - 1];]==]
	NEW ""
	KILLED_BY C7.05 C7.07
	SIMULATION windows wine)

erratum(M30 mutant 03_select 04_asyncselect 05_eventselect # one buffer for all
	OLD [==[char buf[BUFSIZE + 1];]==]
	NEW [==[inline static char buf[BUFSIZE + 1];]==]
	SIMULATION windows wine)

erratum(M31 mutant 03_select # the place of who has left is not freed
	OLD [==[sockCnt--;]==]
	NEW ""
	KILLED_BY C1.06 C5.04 C5.05 C5.06 C6.01 C6.02 C6.03 C6.04 C6.06 C6.07 C6.08 C7.08 C8.08 C8.12 C10.02 C10.05
	SIMULATION windows wine)

erratum(M32 mutant 05_eventselect # one more than there is place for: seen
	OLD [==[if (sockCnt >= WSA_MAXIMUM_WAIT_EVENTS)]==]
	NEW [==[if (sockCnt > WSA_MAXIMUM_WAIT_EVENTS)]==]
	KILLED_BY C8.03 C8.05
	SIMULATION windows wine)

erratum(M33 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # a backlog of one: seen
	OLD [==[listen(listen_sock, SOMAXCONN)]==]
	NEW [==[listen(listen_sock, 1)]==]
	KILLED_BY C8.09)

erratum(M34 mutant 01_blocking # an idle client is thrown out
	OLD [==[
		// Receive Data from Client
		while (1)]==]
	NEW [==[
		DWORD patience = 500;
		setsockopt(client_sock, SOL_SOCKET, SO_RCVTIMEO, (const char*)&patience, sizeof(patience));

		// Receive Data from Client
		while (1)]==]
	KILLED_BY C1.08 C10.03
	SIMULATION windows wine)

erratum(M47 mutant 03_select # holds 59 clients
	OLD [==[if (sockCnt >= FD_SETSIZE - 1)]==]
	NEW [==[if (sockCnt >= FD_SETSIZE - 5)]==]
	KILLED_BY C8.01 C8.02 C8.04)

erratum(M49 mutant 04_asyncselect # has a limit after all
	OLD [==[ptr->next = SocketInfoList;]==]
	NEW [==[static int sockCnt = 0;
	if (++sockCnt > 400)
		return FALSE;
	ptr->next = SocketInfoList;]==]
	KILLED_BY C8.06 C8.11)

erratum(M19 mutant 03_select # holds 8 MiB for each client
	OLD [==[
	int sendbytes;
};]==]
	NEW [==[
	int sendbytes;
	char more[8 << 20];
};]==]
	OLD [==[ptr->sock = sock;]==]
	NEW [==[ZeroMemory(ptr->more, sizeof(ptr->more));
	ptr->sock = sock;]==]
	KILLED_BY C4.09)

# --- The process and its log -----------------------------------------------------------------------------

erratum(M35 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # atoi(): seen
	OLD [==[if (port < 0 || port > 65535 || (argc > 1 && (end == argv[1] || *end != '\0')) || argc > 3)]==]
	NEW [==[if (argc > 3)]==]
	HANGS C9.04)

erratum(M36 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # SO_REUSEADDR: seen
	OLD [==[SO_EXCLUSIVEADDRUSE,]==]
	NEW [==[SO_REUSEADDR,]==]
	WINDOWS C9.05 C9.06
	SIMULATION windows wine)

erratum(M50 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # takes any port
	OLD [==[serveraddr.sin_port = htons(SERVERPORT);]==]
	NEW [==[serveraddr.sin_port = 0;]==]
	OLD [==[if (argc > 1) serveraddr.sin_port = htons((u_short)port); // A00-1]==]
	NEW ""
	KILLED_BY C9.01 C9.03 C9.07)

erratum(M51 mutant 01_blocking 02_nonblocking # ends at a key press, and with its standard input
	OLD [==[
		// Receive Data from Client
		while (1)]==]
	NEW [==[
		DWORD unread = 0;
		if (!PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), NULL, 0, NULL, &unread, NULL) || unread > 0)
			return 1;

		// Receive Data from Client
		while (1)]==]
	KILLED_BY C9.10)

erratum(M52 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # takes any address
	OLD [==[(argc > 2) ? argv[2] : "127.0.0.1";]==]
	NEW [==["127.0.0.1";]==]
	KILLED_BY C9.11)

erratum(M53 mutant 04_asyncselect # outlives its window
	OLD [==[PostQuitMessage(0);]==]
	NEW ""
	HANGS C9.12
	SIMULATION windows wine)

erratum(M56 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # signed characters
	OLD [==[unsigned char c = (unsigned char)buf[i];]==]
	NEW [==[signed char c = (signed char)buf[i];]==]
	KILLED_BY C13.04
	SIMULATION windows wine)

erratum(M57 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # a line in many writes
	OLD [==[setvbuf(stdout, NULL, _IOFBF, 4096);]==]
	NEW [==[setvbuf(stdout, NULL, _IONBF, 0);]==]
	SIMULATION windows wine)

erratum(M61 mutant 03_select # its sockets live on in the process that has started it
	OLD [==[#include <stdlib.h> // A00-1: strtol()]==]
	NEW [==[#include <stdlib.h>
#include <tlhelp32.h>]==]
	OLD [==[if (AddSocketInfo(client_sock))]==]
	NEW [==[PROCESSENTRY32 own = { sizeof(own) };
				HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
				BOOL found = Process32First(all, &own);
				while (found && own.th32ProcessID != GetCurrentProcessId())
					found = Process32Next(all, &own);
				HANDLE parent = OpenProcess(PROCESS_DUP_HANDLE, FALSE, own.th32ParentProcessID);
				HANDLE kept;
				DuplicateHandle(GetCurrentProcess(), (HANDLE)client_sock, parent, &kept, 0, FALSE,
					DUPLICATE_SAME_ACCESS);
				if (AddSocketInfo(client_sock))]==]
	HANGS C9.08)

# Under Wine 8 accept() fails for such a client, elsewhere recv().
erratum(M62 mutant 02_nonblocking # a client that has gone before it was accepted ends the server: seen
	OLD [==[
			if (CanAcceptAgain()) // E00-8
			{
				if (noroom)
					Sleep(100);
				continue;
			}]==]
	NEW ""
	OLD [==[
					goto RECEIVE_AGAIN;
				_HandleError; // E00-2
				break;]==]
	NEW [==[
					goto RECEIVE_AGAIN;
				_HandleError;
				return 1;]==]
	KILLED_BY C6.05
	SIMULATION windows wine)

erratum(M63 mutant 03_select 05_eventselect # no address at the end of a connection
	OLD [==[SOCKADDR_IN clientaddr = ptr->clientaddr; // E00-6]==]
	NEW [==[SOCKADDR_IN clientaddr = {};]==]
	KILLED_BY C13.01 C13.06
	SIMULATION windows wine)

# --- More of the echo ------------------------------------------------------------------------------------

erratum(M64 mutant 01_blocking 02_nonblocking # closes at once
	OLD [==[
		// Receive Data from Client
		while (1)]==]
	NEW [==[
		while (0)]==]
	KILLED_BY C1.02
	SIMULATION windows wine)

erratum(M65 mutant 01_blocking 02_nonblocking # answers in capital letters
	OLD [==[int recvbytes = ret;]==]
	NEW [==[int recvbytes = ret;
			for (int i = 0; i < ret; i++)
			{
				if (buf[i] >= 'a' && buf[i] <= 'z')
					buf[i] = (char)(buf[i] - 'a' + 'A');
			}]==]
	KILLED_BY C3.01)

erratum(M66 mutant 03_select 04_asyncselect 05_eventselect # loses the last byte of each chunk
	OLD [==[ptr->recvbytes = ret;]==]
	NEW [==[ptr->recvbytes = ret - 1;]==]
	KILLED_BY C1.01 C5.01
	SIMULATION windows wine)

erratum(M67 mutant 01_blocking 02_nonblocking # one byte more, behind the end
	OLD [==[
			else if (ret == 0)
				break;]==]
	NEW [==[
			else if (ret == 0)
			{
				send(client_sock, "!", 1, 0);
				break;
			}]==]
	KILLED_BY C1.01 C1.03
	SIMULATION windows wine)

erratum(M68 mutant 03_select # what one client sends another gets
	OLD [==[ret = send(ptr->sock,]==]
	NEW [==[ret = send(SocketInfoArray[sockCnt - 1 - i]->sock,]==]
	KILLED_BY C7.02
	HANGS C7.01
	SIMULATION windows wine)

erratum(M69 mutant 03_select # serves one client, and nobody after it
	OLD [==[if (AddSocketInfo(client_sock))]==]
	NEW [==[static BOOL served = FALSE;
				BOOL first = !served;
				served = TRUE;
				if (first && AddSocketInfo(client_sock))]==]
	KILLED_BY C1.06
	SIMULATION windows wine)

erratum(M70 mutant 01_blocking # what is received with the end behind it is thrown away
	OLD [==[int recvbytes = ret;]==]
	NEW [==[fd_set one;
			FD_ZERO(&one);
			FD_SET(client_sock, &one);
			TIMEVAL moment = { 0, 200000 };
			char byte;
			if (select(0, &one, NULL, NULL, &moment) == 1 && recv(client_sock, &byte, 1, MSG_PEEK) == 0)
				break;
			int recvbytes = ret;]==]
	KILLED_BY C5.01 C5.10)

erratum(M71 mutant 05_eventselect # who has left keeps his place, but sees a proper end
	OLD [==[
	closesocket(ptr->sock);
	delete ptr;]==]
	NEW [==[
	shutdown(ptr->sock, SD_SEND);
	return;]==]
	KILLED_BY C8.06 C8.12
	SIMULATION windows wine)

# --- Only the simulation sees these ----------------------------------------------------------------------

erratum(M72 mutant 03_select # waits elsewhere: one slow reader stops all
	OLD [==[if (AddSocketInfo(client_sock))]==]
	NEW [==[u_long off = 0;
				ioctlsocket(client_sock, (long)FIONBIO, &off);
				if (AddSocketInfo(client_sock))]==]
	HANGS C4.03
	SIMULATION windows wine)

erratum(M73 mutant 03_select # waits elsewhere: a select() of its own for one client
	OLD [==[// Send Data to Client]==]
	NEW [==[fd_set one;
				FD_ZERO(&one);
				FD_SET(ptr->sock, &one);
				select(0, NULL, &one, NULL, NULL);
				// Send Data to Client]==]
	SIMULATION windows wine)

erratum(M74 mutant 05_eventselect # waits behind the index just served, for ever
	OLD [==[(i > 0) ? 0 :]==]
	NEW [==[(i > 0) ? WSA_INFINITE :]==]
	SIMULATION windows wine)

erratum(M75 mutant 05_eventselect # waits behind the index just served, for a second
	OLD [==[(i > 0) ? 0 :]==]
	NEW [==[(i > 0) ? 1000 :]==]
	SIMULATION windows wine)

erratum(M76 mutant 04_asyncselect # after an FD_CLOSE of an earlier socket posts to itself, for ever
	OLD [==[ptr->closing = FALSE; // E04-10: that FD_CLOSE was an earlier socket's]==]
	NEW [==[if (ptr->closing)
				PostMessage(hWnd, WM_SOCKET, wParam, FD_CLOSE);]==]
	SIMULATION windows wine)

erratum(M77 mutant 05_eventselect # a full house leaves its clients in the backlog, and hears of no other
	OLD [==[if (NetworkEvents.lNetworkEvents & FD_ACCEPT ||]==]
	NEW [==[if (NetworkEvents.lNetworkEvents & FD_ACCEPT && sockCnt >= WSA_MAXIMUM_WAIT_EVENTS)
			continue;
		if (NetworkEvents.lNetworkEvents & FD_ACCEPT ||]==]
	SIMULATION windows wine)

erratum(M78 mutant 03_select # a full house leaves its clients in the backlog
	OLD [==[FD_SET(listen_sock, noroom ? &wset : &rset); // E00-8: never writable; a set must have one]==]
	NEW [==[if (sockCnt < FD_SETSIZE - 1)
			FD_SET(listen_sock, noroom ? &wset : &rset);]==]
	SIMULATION windows wine)

erratum(M79 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # accept() without room for the address
	OLD [==[addrlen = sizeof(clientaddr);]==]
	NEW [==[addrlen = 0;]==]
	SIMULATION windows wine)

erratum(M80 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # a port in the wrong byte order
	OLD [==[htons(SERVERPORT);]==]
	NEW [==[SERVERPORT;]==]
	OLD [==[htons((u_short)port); // A00-1]==]
	NEW [==[(u_short)port;]==]
	KILLED_BY C9.01
	SIMULATION windows wine)

erratum(M81 mutant 05_eventselect 01_blocking 02_nonblocking 03_select 04_asyncselect # does not start Winsock
	OLD [==[ret = WSAStartup(MAKEWORD(2, 2), &wsa);]==]
	NEW [==[ret = 0;]==]
	SIMULATION windows wine)

erratum(M82 mutant 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect # SO_EXCLUSIVEADDRUSE turned off
	OLD [==[BOOL exclusive = TRUE;]==]
	NEW [==[BOOL exclusive = FALSE;]==]
	SIMULATION windows wine)

erratum(M83 mutant 04_asyncselect # takes the messages of its window only: WM_QUIT belongs to none
	OLD [==[GetMessage(&msg, 0, 0, 0)]==]
	NEW [==[GetMessage(&msg, hWnd, 0, 0)]==]
	SIMULATION windows wine)

erratum(M84 mutant 04_asyncselect # takes WM_SOCKET only
	OLD [==[GetMessage(&msg, 0, 0, 0)]==]
	NEW [==[GetMessage(&msg, 0, WM_SOCKET, WM_SOCKET)]==]
	SIMULATION windows wine)

erratum(M85 mutant 04_asyncselect # a window of a class that is not registered
	OLD [==[CreateWindowW(L"MyWndClass",]==]
	NEW [==[CreateWindowW(L"TheWndClass",]==]
	SIMULATION windows wine)

erratum(M86 mutant 04_asyncselect # does not paint, and so is asked to for ever
	OLD [==[case WM_DESTROY:]==]
	NEW [==[case WM_PAINT:
		return 0;
	case WM_DESTROY:]==]
	SIMULATION windows wine)

erratum(M87 mutant 03_select # an error ends the client without a word
	OLD [==[
					_HandleError;
					RemoveSocketInfo(i);
					continue;
				}
				else if (ret == 0)]==]
	NEW [==[
					RemoveSocketInfo(i);
					continue;
				}
				else if (ret == 0)]==]
	SIMULATION windows wine)

erratum(M89 mutant 02_nonblocking # an error of send() ends the client without a word
	OLD [==[
					goto SEND_AGAIN;
				_HandleError; // E00-2]==]
	NEW [==[
					goto SEND_AGAIN;]==]
	KILLED_BY C13.08
	SIMULATION windows wine)

erratum(M88 mutant 03_select # asks for new clients although there is no room for one
	OLD [==[FD_SET(listen_sock, noroom ? &wset : &rset); // E00-8: never writable; a set must have one]==]
	NEW [==[FD_SET(listen_sock, &rset);]==]
	SIMULATION windows wine)

erratum(M90 mutant 05_eventselect # sleeps where it cannot send
	OLD [==[SEND_AGAIN:
			if]==]
	NEW [==[SEND_AGAIN:
			if (ptr->recvbytes > 0 && ptr->sendbytes > 0)
				Sleep(1);
			if]==]
	SIMULATION windows wine)

erratum(M91 mutant 03_select # without room for a client, a line for each attempt
	OLD [==[if (noroom && !before)]==]
	NEW [==[if (noroom)]==]
	SIMULATION windows wine)

erratum(M92 mutant 03_select # without room for a client does not try again
	OLD [==[noroom ? &again : NULL);]==]
	NEW [==[NULL);]==]
	SIMULATION windows wine)

erratum(M93 mutant 04_asyncselect # the same
	OLD [==[ || (noroom && !SetTimer(hWnd, wParam, 100, NULL))]==]
	NEW ""
	SIMULATION windows wine)

erratum(M94 mutant 03_select 01_blocking 02_nonblocking 04_asyncselect 05_eventselect # any error of accept() is nothing
	OLD [==[return noroom || err == WSAEWOULDBLOCK]==]
	NEW [==[return TRUE || err == WSAEWOULDBLOCK]==]
	SIMULATION windows wine)

erratum(M95 mutant 03_select # WSAENOBUFS ends the server
	OLD [==[noroom = (err == WSAEMFILE || err == WSAENOBUFS);]==]
	NEW [==[noroom = (err == WSAEMFILE);]==]
	SIMULATION windows wine)

erratum(M96 mutant 04_asyncselect # its timer never stops
	OLD [==[KillTimer(hWnd, wParam);]==]
	NEW ""
	SIMULATION windows wine)

erratum(M97 mutant 04_asyncselect # posts to the thread, not to the window
	OLD [==[PostMessage(hWnd, WM_SOCKET,]==]
	NEW [==[PostMessage(NULL, WM_SOCKET,]==]
	SIMULATION windows wine)

erratum(M98 mutant 05_eventselect # waits for all events
	OLD [==[EventArray + i, FALSE,]==]
	NEW [==[EventArray + i, TRUE,]==]
	SIMULATION windows wine)

erratum(M99 mutant 03_select # a reset for an end
	OLD [==[if (AddSocketInfo(client_sock))]==]
	NEW [==[LINGER hard = { 1, 0 };
				setsockopt(client_sock, SOL_SOCKET, SO_LINGER, (char*)&hard, sizeof(hard));
				if (AddSocketInfo(client_sock))]==]
	SIMULATION windows wine)

erratum(M100 mutant 03_select # sends its end after one buffer
	OLD [==[ptr->sendbytes += ret;]==]
	NEW [==[ptr->sendbytes += ret;
				shutdown(ptr->sock, SD_SEND);]==]
	SIMULATION windows wine)

erratum(M101 mutant 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect # the C1 controls pass
	OLD [==[(buf[i + 1] & 0xE0) == 0x80]==]
	NEW [==[FALSE]==]
	SIMULATION windows wine)

erratum(M102 mutant 05_eventselect # the 64th is closed without a word
	OLD [==[wprintf(L"[Error] Event List is full!\n");]==]
	NEW ""
	SIMULATION windows wine)

erratum(M103 mutant 03_select 04_asyncselect 05_eventselect # no memory, and no word
	OLD [==[wprintf(L"[Error] Can not Alloc Memory.\n");]==]
	NEW ""
	SIMULATION windows wine)

erratum(M104 mutant 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect # bind() with the size of a pointer
	OLD [==[(SOCKADDR*)&serveraddr, sizeof(serveraddr));]==]
	NEW [==[(SOCKADDR*)&serveraddr, sizeof(&serveraddr));]==]
	SIMULATION windows wine)

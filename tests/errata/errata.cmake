# The faults of the listings as texts: what stands in a server.cpp, and what it is with the fault put back.
#
# erratum(ID KIND MODEL...
#     [PART name]            one of several entries with the same id
#     OLD text NEW text      any number of pairs; OLD stands exactly once in every MODEL
#     KILLED_BY case...      conformance cases in which the faulty server breaks a rule, on Windows and under Wine
#     HANGS case...          as KILLED_BY, but the case waits in vain until its deadline
#     WINDOWS case...        as KILLED_BY, but not under Wine; they are run on Windows only
#     SIMULATION dialect...  the simulation must find a broken rule in this dialect (windows, wine)
#     DOES_NOT_COMPILE re    the fault is that it does not compile, with such a message
#     COMPILER id            GNU or MSVC: it is a fault with this compiler only
#     NOT_TESTABLE why)      no test can show it; the simulation is checked not to find it either
#
# KIND: error, portability, hardening (README.md says what they are), or mutant: a fault that is in no listing. The
# faulty server is made from the first MODEL. NEW is the text of the listing as far as the server around it allows, and
# this one fault alone.

# --- In several listings ---------------------------------------------------------------------------------

erratum(E00-1 error 01_blocking 02_nonblocking 03_select 04_asyncselect 05_eventselect
	OLD [==[
	ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 1; // E00-1: 0 would mean success]==]
	NEW [==[
	ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));
	if (ret == SOCKET_ERROR)
	{
		_HandleError;
		return 0;]==]
	KILLED_BY C9.05
	SIMULATION windows wine)

erratum(E00-2 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[fprintf(stderr, "Error! Line %d: %d %s\n", line, err, text); // E00-2: a line, and on stderr]==]
	NEW [==[wprintf(L"Error! Line %d: %d", line, err);]==]
	KILLED_BY C9.05
	SIMULATION windows wine)

# By the standard, and so with MinGW, %s is a narrow string here; a wide one with MSVC.
erratum(E00-3 portability 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n",]==]
	NEW [==[wprintf(L"\n[TCP Server] Accept Client: IP=%s, port=%d\n",]==]
	COMPILER GNU
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E00-4 portability 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[#define UNICODE]==]
	NEW [==[//]==]
	DOES_NOT_COMPILE "cannot convert .*(WCHAR|wchar_t)|C2664")

erratum(E00-5 error 02_nonblocking 01_blocking
	PART 02_nonblocking
	OLD [==[PrintData(buf, ret); // E00-5]==]
	NEW [==[printf(" %s\n", buf);
			fflush(stdout);]==]
	KILLED_BY C13.03 C13.05
	SIMULATION windows wine)

erratum(E00-5 error 04_asyncselect 03_select 05_eventselect
	PART 04_asyncselect
	OLD [==[PrintData(ptr->buf, ret); // E00-5]==]
	NEW [==[
		printf(" %s\n", ptr->buf);
		fflush(stdout);]==]
	KILLED_BY C13.03 C13.05
	SIMULATION windows wine)

erratum(E00-6 error 03_select 05_eventselect
	PART 03_select
	OLD [==[
	SOCKADDR_IN clientaddr = ptr->clientaddr; // E00-6
	WCHAR szClientIP[16] = { 0 };]==]
	NEW [==[
	SOCKADDR_IN clientaddr;
	WCHAR szClientIP[16] = { 0 };
	int addrlen = sizeof(clientaddr);
	getpeername(ptr->sock, (SOCKADDR*)&clientaddr, &addrlen);]==]
	SIMULATION windows wine)

erratum(E00-6 error 04_asyncselect
	PART 04_asyncselect
	OLD [==[
	SOCKADDR_IN clientaddr = GetSocketInfo(sock)->clientaddr; // E00-6
	WCHAR szClientIP[16] = { 0 };]==]
	NEW [==[
	SOCKADDR_IN clientaddr;
	WCHAR szClientIP[16] = { 0 };
	int addrlen = sizeof(clientaddr);
	getpeername(sock, (SOCKADDR*)&clientaddr, &addrlen);]==]
	SIMULATION windows wine)

erratum(E00-7 error 03_select 04_asyncselect 05_eventselect
	OLD [==[SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO; // E00-7: else it throws, and gives no NULL]==]
	NEW [==[SOCKETINFO* ptr = new SOCKETINFO;]==]
	SIMULATION windows wine)

erratum(E00-8 error 02_nonblocking 01_blocking
	PART 02_nonblocking
	OLD [==[
			if (CanAcceptAgain()) // E00-8
			{
				if (noroom)
					Sleep(100);
				continue;
			}]==]
	NEW ""
	SIMULATION windows wine)

erratum(E00-8 error 03_select
	PART 03_select
	OLD [==[if (!CanAcceptAgain()) // E00-8]==]
	NEW ""
	SIMULATION windows wine)

# What these two print for a client that has gone is right; they try again at once, and for ever, where there is no room.
erratum(E00-8 error 04_asyncselect
	PART 04_asyncselect
	OLD [==[if (noroom && uMsg == WM_SOCKET) return; // E00-8: the timer tries again]==]
	NEW ""
	OLD [==[
			if (!CanAcceptAgain() || (noroom && !SetTimer(hWnd, wParam, 100, NULL))) // E00-8
			{
				_HandleError;
				PostQuitMessage(1);
			}
			return;]==]
	NEW [==[
			_HandleError;
			return;]==]
	SIMULATION windows wine)

erratum(E00-8 error 05_eventselect
	PART 05_eventselect
	OLD [==[
				if (!CanAcceptAgain()) // E00-8
				{
					_HandleError;
					break;
				}
				if (noroom)
					WSAResetEvent(EventArray[i]); // E00-8: the failed call has set it
				continue;]==]
	NEW [==[
				_HandleError;
				continue;]==]
	SIMULATION windows wine)

# Under Wine what MinGW's printf() and putchar() print is written at each line end.
erratum(E00-9 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	OLD [==[fflush(stdout); // E00-9: at once, into a file or a pipe, too]==]
	NEW ""
	WINDOWS C13.02
	SIMULATION windows wine)

erratum(E00-10 hardening 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	PART address
	OLD [==[(argc > 2) ? argv[2] : "127.0.0.1";]==]
	NEW [==[(argc > 2) ? argv[2] : "0.0.0.0";]==]
	KILLED_BY C9.02
	SIMULATION windows wine)

erratum(E00-10 hardening 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	PART exclusive
	OLD [==[ret = setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char*)&exclusive, sizeof(BOOL));]==]
	NEW [==[ret = 0;]==]
	WINDOWS C9.06
	SIMULATION windows wine)

erratum(E00-11 error 02_nonblocking 01_blocking 03_select 04_asyncselect 05_eventselect
	PART Winsock
	OLD [==[
	ret = WSAStartup(MAKEWORD(2, 2), &wsa);
	if (ret != 0) { WSASetLastError(ret); _HandleError; return 1; } // E00-11: says why]==]
	NEW [==[
	if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
		return 1;]==]
	SIMULATION windows wine)

erratum(E00-11 error 04_asyncselect
	PART window
	OLD [==[if (!RegisterClass(&wndclass)) { _HandleError; return 1; } // E00-11: says why]==]
	NEW [==[if (!RegisterClass(&wndclass)) return 1;]==]
	OLD [==[if (hWnd == NULL) { _HandleError; return 1; } // E00-11]==]
	NEW [==[if (hWnd == NULL) return 1;]==]
	SIMULATION windows wine)

# --- Non-blocking (02) -----------------------------------------------------------------------------------

erratum(E02-1 error 02_nonblocking
	OLD [==[ret = ioctlsocket(listen_sock, (long)FIONBIO, &on); // E02-1: without the 5]==]
	NEW [==[ret = ioctlsocket(listen_sock, FIONBIO, &on)5;]==]
	DOES_NOT_COMPILE "expected .*;.* before numeric constant|expected ';'|C2143|C2146")

erratum(E02-2 error 02_nonblocking 01_blocking
	OLD [==[ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0); // E02-2]==]
	NEW [==[ret = send(client_sock, buf, ret, 0);]==]
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
				PrintData(ptr->buf, ret); // E00-5
			}

			// E03-1: after the receive branch, not in it; a socket is in one set or in the other
			if (FD_ISSET(ptr->sock, &rset) || FD_ISSET(ptr->sock, &wset))]==]
	NEW [==[
				PrintData(ptr->buf, ret);

			if (FD_ISSET(ptr->sock, &wset))]==]
	OLD [==[
				if (ptr->recvbytes == ptr->sendbytes)
					ptr->recvbytes = ptr->sendbytes = 0;
			}]==]
	NEW [==[
				if (ptr->recvbytes == ptr->sendbytes)
					ptr->recvbytes = ptr->sendbytes = 0;
			}
			}]==]
	HANGS C1.01 C1.02
	SIMULATION windows wine)

# It prints as many bytes as have come, but of a buffer that nothing fills.
erratum(E03-2 error 03_select
	OLD [==[
	int addrlen;

	while (1)]==]
	NEW [==[
	int addrlen;
	char buf[BUFSIZE + 1];
	ZeroMemory(buf, sizeof(buf));

	while (1)]==]
	OLD [==[PrintData(ptr->buf, ret); // E00-5]==]
	NEW [==[PrintData(buf, ret);]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E03-3 error 03_select
	OLD [==[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);]==]
	NEW ""
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E03-4 error 03_select
	OLD [==[if (sockCnt >= FD_SETSIZE - 1) // E03-4: one place is the listening socket's]==]
	NEW [==[if (sockCnt >= FD_SETSIZE)]==]
	HANGS C8.03 C13.07
	SIMULATION windows wine)

erratum(E03-5 error 03_select
	OLD [==[
				else
					closesocket(client_sock); // E03-5: it would stay open for ever]==]
	NEW ""
	HANGS C8.03 C13.07
	SIMULATION windows wine)

erratum(E03-6 error 03_select
	OLD [==[
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: no failure]==]
	NEW ""
	OLD [==[
					if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: select() says when]==]
	NEW ""
	SIMULATION windows wine)

erratum(E03-7 error 03_select
	OLD [==[for (int i = sockCnt - 1; i >= 0; i--) // E03-7: a removal moves the last entry to i]==]
	NEW [==[for(int i = 0; i < sockCnt; i++)]==]
	SIMULATION wine)

# --- WSAAsyncSelect (04) ---------------------------------------------------------------------------------

erratum(E04-1 error 04_asyncselect
	OLD [==[void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam); // E04-1]==]
	NEW ""
	DOES_NOT_COMPILE "ProcessSocketMessage.* was not declared|undeclared identifier .ProcessSocketMessage|C3861")

erratum(E04-2 error 04_asyncselect
	OLD [==[WCHAR szClientIP[16] = { 0 }; // E04-2: other cases would jump past it]==]
	NEW ""
	OLD [==[
		InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
		wprintf(L"\n]==]
	NEW [==[
		WCHAR szClientIP[16] = { 0 };
		InetNtop(AF_INET, &clientaddr.sin_addr, szClientIP, 16);
		wprintf(L"\n]==]
	DOES_NOT_COMPILE "jump to case label|cannot jump from switch|C2360|C2361")

erratum(E04-3 error 04_asyncselect
	OLD [==[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16); // E04-3 E00-6]==]
	NEW ""
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E04-4 error 04_asyncselect
	OLD [==[WSASetLastError(WSAGETSELECTERROR(lParam)); // E04-4]==]
	NEW ""
	SIMULATION windows)

erratum(E04-5 error 04_asyncselect
	OLD [==[
	if (WSAGETSELECTEVENT(lParam) != FD_ACCEPT && GetSocketInfo(wParam) == NULL)
		return; // E04-5: a message can outlive its socket]==]
	NEW ""
	KILLED_BY C6.08 C8.12
	SIMULATION windows wine)

erratum(E04-6 error 04_asyncselect
	OLD [==[
		if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)
		{
			ptr->closing = FALSE; // E04-10: that FD_CLOSE was an earlier socket's
			return; // E04-6: no failure
		}]==]
	NEW ""
	OLD [==[if (WSAGetLastError() == WSAEWOULDBLOCK) return; // E04-6: FD_WRITE will come]==]
	NEW ""
	KILLED_BY C4.02
	SIMULATION windows wine)

erratum(E04-7 error 04_asyncselect
	OLD [==[
		if (ptr->recvbytes > ptr->sendbytes)
			goto SEND_AGAIN; // E04-7: no FD_WRITE follows a partial send]==]
	NEW ""
	SIMULATION windows wine)

erratum(E04-8 error 04_asyncselect
	OLD [==[GetSocketInfo(wParam)->closing = TRUE;]==]
	NEW [==[RemoveSocketInfo(wParam);]==]
	OLD [==[ProcessSocketMessage(hWnd, 0, wParam, FD_READ);]==]
	NEW ""
	WINDOWS C4.05 C5.10
	SIMULATION windows wine)

erratum(E04-9 error 04_asyncselect
	OLD [==[
		WSASetLastError(WSAGETSELECTERROR(lParam)); // E04-4
		_HandleError;]==]
	NEW [==[
		WSASetLastError(WSAGETSELECTERROR(lParam));
		_HandleError;
		RemoveSocketInfo(wParam);
		return;]==]
	SIMULATION windows)

# Whatever recv() answers, the message is taken for the end of the socket that has the handle now.
erratum(E04-10 error 04_asyncselect
	OLD [==[ptr->closing = FALSE; // E04-10: that FD_CLOSE was an earlier socket's]==]
	NEW [==[if (ptr->closing)
				RemoveSocketInfo(wParam);]==]
	SIMULATION windows)

erratum(E04-11 portability 04_asyncselect
	OLD [==[#define _WINSOCK_DEPRECATED_NO_WARNINGS // E04-11: the SDK calls WSAAsyncSelect() deprecated]==]
	NEW ""
	COMPILER MSVC
	DOES_NOT_COMPILE "C4996")

erratum(E04-12 error 04_asyncselect
	OLD [==[ret = WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT); // E04-12: no FD_CLOSE to inherit]==]
	NEW [==[ret = WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT | FD_CLOSE);]==]
	SIMULATION windows)

erratum(E04-13 error 04_asyncselect
	OLD [==[closesocket(client_sock); // E04-13: it would stay open for ever]==]
	NEW ""
	SIMULATION windows wine)

# The connection ends all the same, as it does at FD_CLOSE in the listing.
erratum(E04-14 error 04_asyncselect
	OLD [==[if (ret == SOCKET_ERROR || ret == 0) // E04-14: 0 is the end, not data]==]
	NEW [==[if (ret == SOCKET_ERROR)]==]
	OLD [==[PrintData(ptr->buf, ret); // E00-5]==]
	NEW [==[PrintData(ptr->buf, ret);
		if (ret == 0)
		{
			RemoveSocketInfo(wParam);
			return;
		}]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E04-15 error 04_asyncselect
	OLD [==[if (ret == -1) { _HandleError; return 1; } // E04-15: no WM_QUIT]==]
	NEW [==[if (ret == -1)
		return 0;]==]
	SIMULATION windows wine)

erratum(E04-16 error 04_asyncselect
	OLD [==[
				if (!PostMessage(hWnd, WM_SOCKET, wParam, ptr->closing ? FD_CLOSE : FD_READ))
				{
					_HandleError; // E04-16: the queue can be full
					RemoveSocketInfo(wParam);
				}]==]
	NEW [==[
				PostMessage(hWnd, WM_SOCKET, wParam, ptr->closing ? FD_CLOSE : FD_READ);]==]
	SIMULATION windows wine)

# --- WSAEventSelect (05) ---------------------------------------------------------------------------------

erratum(E05-1 error 05_eventselect
	OLD [==[SocketInfoArray[i]->delayed = NetworkEvents.lNetworkEvents & (FD_READ | FD_CLOSE);]==]
	NEW [==[SocketInfoArray[i]->delayed = NetworkEvents.lNetworkEvents & FD_CLOSE;]==]
	HANGS C4.07
	SIMULATION windows wine)

# The FD_CLOSE of that record is lost; the servers have remembered it by then.
erratum(E05-2 error 05_eventselect
	OLD [==[
						continue; // E05-2: but after WSAEWOULDBLOCK go on: FD_CLOSE stands below
					}]==]
	NEW [==[
						continue;
					}
					if (NetworkEvents.lNetworkEvents & FD_CLOSE)
						ptr->delayed = 0;
					continue;]==]
	OLD [==[
						continue; // E05-2
					}]==]
	NEW [==[
						continue;
					}
					if (NetworkEvents.lNetworkEvents & FD_CLOSE)
						ptr->delayed = 0;
					continue;]==]
	SIMULATION windows wine)

erratum(E05-3 error 05_eventselect
	OLD [==[for (i = 0;; i = (i + 1) % sockCnt)]==]
	NEW [==[for (i = 0;; i = 0)]==]
	HANGS C7.06 C7.10
	SIMULATION windows wine)

erratum(E05-4 error 05_eventselect
	OLD [==[
			if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] != 0) // E05-4: else recv() tells
			{
				WSASetLastError(NetworkEvents.iErrorCode[FD_CLOSE_BIT]); // E05-5
				_HandleError;
				RemoveSocketInfo(i--); // E05-3
			}]==]
	NEW [==[
		{
			WSASetLastError(NetworkEvents.iErrorCode[FD_CLOSE_BIT]);
			if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] != 0)
				_HandleError;
			RemoveSocketInfo(i--);
		}]==]
	WINDOWS C4.05 C5.10
	SIMULATION windows wine)

erratum(E05-5 error 05_eventselect
	PART number
	OLD [==[WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]); // E05-5: not set by itself]==]
	NEW ""
	OLD [==[WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]); // E05-5]==]
	NEW ""
	SIMULATION windows)

erratum(E05-5 error 05_eventselect
	PART kept
	OLD [==[
				WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]); // E05-5: not set by itself
				_HandleError;
				RemoveSocketInfo(i--); // E05-5 E05-3]==]
	NEW [==[
				WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]);
				_HandleError;]==]
	OLD [==[
				WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]); // E05-5
				_HandleError;
				RemoveSocketInfo(i--); // E05-5 E05-3]==]
	NEW [==[
				WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]);
				_HandleError;]==]
	SIMULATION windows)

erratum(E05-6 error 05_eventselect
	OLD [==[
			if (!AddSocketInfo(client_sock)) // E05-6
			{
				closesocket(client_sock);
				continue;
			}]==]
	NEW [==[
			AddSocketInfo(client_sock);]==]
	SIMULATION windows wine)

erratum(E05-7 error 05_eventselect
	OLD [==[RemoveSocketInfo(sockCnt - 1); // E05-7: one client is lost, not the server]==]
	NEW [==[return 0;]==]
	SIMULATION windows wine)

erratum(E05-8 error 05_eventselect
	OLD [==[
		if (index == WSA_WAIT_FAILED) // E05-8: it would fail again, for ever
		{
			_HandleError;
			break;
		}]==]
	NEW [==[
		if (index == WSA_WAIT_FAILED) continue;]==]
	SIMULATION windows wine)

# The connection ends all the same, as it does at FD_CLOSE in the listing.
erratum(E05-9 error 05_eventselect
	OLD [==[
				else if (ret == 0) // E05-9: the end, not data
				{
					RemoveSocketInfo(i--); // E05-3
					continue;
				}]==]
	NEW ""
	OLD [==[PrintData(ptr->buf, ret); // E00-5]==]
	NEW [==[PrintData(ptr->buf, ret);
					if (ret == 0)
					{
						RemoveSocketInfo(i--);
						continue;
					}]==]
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E05-10 error 05_eventselect
	OLD [==[ret = WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT); // E05-10: no FD_CLOSE]==]
	NEW [==[ret = WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT | FD_CLOSE);]==]
	NOT_TESTABLE "no listening socket is reported closed, and what an accepted one inherits ends with its registration")

erratum(E05-11 error 05_eventselect
	OLD [==[
		if (ret == SOCKET_ERROR) // E05-11: the event stays set
		{
			_HandleError;
			if (i == 0) break;
			RemoveSocketInfo(i--); // E05-3: the last entry is in slot i now, and has its turn next
			continue;
		}]==]
	NEW [==[
		if (ret == SOCKET_ERROR) continue;]==]
	SIMULATION windows wine)

erratum(E05-12 error 05_eventselect
	OLD [==[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16); // E05-12 E00-6]==]
	NEW ""
	KILLED_BY C13.01
	SIMULATION windows wine)

erratum(E05-13 error 05_eventselect
	OLD [==[
					if (ptr->recvbytes > ptr->sendbytes)
						goto SEND_AGAIN; // E05-13: no FD_WRITE follows a partial send]==]
	NEW ""
	SIMULATION windows wine)

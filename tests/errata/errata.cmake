# The bugs of the listings as texts: what stands in a server.cpp, and what it is with the bug put back.
#
# erratum(NAME MODEL         the id; of several entries with one id each has a word more: E00-5/04_asyncselect
#     SEVERITY word BOOK word  columns of README.md, in the first entry of an id
#     OLD text NEW text      any number of pairs; OLD stands exactly once in the server
#     WITHOUT text           an OLD without a NEW
#     KILLED_BY case...      conformance cases in which the faulty server breaks a rule, on Windows and under Wine
#     HANGS case...          as KILLED_BY, but the case waits until its deadline
#     WINDOWS case...        as KILLED_BY, but not under Wine; they are run on Windows only
#     SHOWS cases/look...    what a client sees, as the suite calls it: closes-idle closes-early missing silent. In
#                            these cases (C4. are all of group 4), or C for what its first line says. For the hints
#                            only; the test of an entry checks C/silent alone
#     BREAKS rule...         rules of the simulation (RULES.md) of which it breaks one first, on both platforms; or on
#                            one of them: windows/rule, wine/rule
#     DOES_NOT_COMPILE re    the bug is that it does not compile, with such a message
#     COMPILER id            GNU or MSVC: it is a bug with this compiler only
#     NOT_TESTABLE why)      no test can show it; the simulation is checked not to find it either
#
# NEW does what the listing does, in its words where the code around them allows, and has this one bug alone. A line of
# the listing stands here as a whole line: what a file does not keep is explained here. The hints of the suite and of
# the simulator come from here, too: what finds an erratum names it.

# --- In several listings ---------------------------------------------------------------------------------

erratum(E00-1 01_blocking SEVERITY "at once" BOOK partly
	OLD [[ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));]]
	NEW [[ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));
	if (ret == SOCKET_ERROR) { _HandleError; return 0; }]]
	KILLED_BY C9.05
	BREAKS start)

erratum(E00-2 02_nonblocking SEVERITY "at once" BOOK partly
	OLD [[fprintf(stderr, "Error! Line %d: %d %s\n", line, err, text);]]
	NEW [[wprintf(L"Error! Line %d: %d", line, err);]]
	KILLED_BY C9.05
	BREAKS flush no-word)

# By the standard, and so with MinGW, %s is a narrow string here; a wide one with MSVC.
erratum(E00-3 02_nonblocking SEVERITY "at once" BOOK no
	OLD [[wprintf(L"\n[TCP Server] Accept Client: IP=%ls, port=%d\n",]]
	NEW [[wprintf(L"\n[TCP Server] Accept Client: IP=%s, port=%d\n",]]
	COMPILER GNU
	KILLED_BY C13.01
	BREAKS log)

erratum(E00-4 02_nonblocking SEVERITY "does not compile" BOOK no
	WITHOUT [[#define UNICODE 1]]
	DOES_NOT_COMPILE "cannot convert .*(WCHAR|wchar_t)|C2664")

erratum(E00-5/02_nonblocking 02_nonblocking SEVERITY "under load" BOOK yes
	OLD [[PrintData(buf, ret);]]
	NEW [[printf(" %s\n", buf);
			fflush(stdout);]]
	KILLED_BY C13.03 C13.05
	BREAKS log)

erratum(E00-5/04_asyncselect 04_asyncselect
	OLD [[PrintData(ptr->buf, ret);]]
	NEW [[printf(" %s\n", ptr->buf);
		fflush(stdout);]]
	KILLED_BY C13.03 C13.05
	BREAKS log)

erratum(E00-6/03_select 03_select SEVERITY "under load" BOOK yes
	OLD [[SOCKADDR_IN clientaddr = ptr->clientaddr;]]
	NEW [[SOCKADDR_IN clientaddr;
	int addrlen = sizeof(clientaddr);
	getpeername(ptr->sock, (SOCKADDR*)&clientaddr, &addrlen);]]
	BREAKS log)

erratum(E00-6/04_asyncselect 04_asyncselect
	OLD [[SOCKADDR_IN clientaddr = GetSocketInfo(sock)->clientaddr;]]
	NEW [[SOCKADDR_IN clientaddr;
	int addrlen = sizeof(clientaddr);
	getpeername(sock, (SOCKADDR*)&clientaddr, &addrlen);]]
	BREAKS log)

erratum(E00-7 03_select SEVERITY rare BOOK yes
	OLD [[SOCKETINFO* ptr = new (std::nothrow) SOCKETINFO;]]
	NEW [[SOCKETINFO* ptr = new SOCKETINFO;]]
	BREAKS memory)

erratum(E00-8/02_nonblocking 02_nonblocking SEVERITY "under load" BOOK yes
	OLD [[if (CanAcceptAgain())]]
	NEW [[if (FALSE)]]
	BREAKS exit)

erratum(E00-8/03_select 03_select
	WITHOUT [[if (CanAcceptAgain())
					goto RECEIVE;]]
	BREAKS exit)

# What these two print for a client that has gone is right; without room they try again at once, for ever.
erratum(E00-8/04_asyncselect 04_asyncselect
	WITHOUT [[if (!CanAcceptAgain())]]
	WITHOUT [[exit(1);]]
	BREAKS refused spin log)

erratum(E00-8/05_eventselect 05_eventselect
	OLD [[if (!CanAcceptAgain())]]
	NEW [[_HandleError;
				if (FALSE)]]
	BREAKS refused wait-again log)

# Under Wine what MinGW's printf() and putchar() print is written at each line end.
erratum(E00-9 02_nonblocking SEVERITY "at once" BOOK yes
	WITHOUT [[fflush(stdout); // E00-9: seen at once, in a file or a pipe, too]]
	WINDOWS C13.02
	BREAKS flush)

erratum(E00-10/address 02_nonblocking SEVERITY "under load" BOOK yes
	OLD [["127.0.0.1";]]
	NEW [["0.0.0.0";]]
	KILLED_BY C9.02
	BREAKS exposed)

erratum(E00-10/exclusive 02_nonblocking
	OLD [[setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char*)&exclusive, sizeof(BOOL));]]
	NEW [[0;]]
	WINDOWS C9.13
	BREAKS exposed)

erratum(E00-11/Winsock 02_nonblocking SEVERITY rare BOOK yes
	OLD [[{ WSASetLastError(ret); _HandleError; return 1; }]]
	NEW [[return 1;]]
	BREAKS start)

erratum(E00-11/window 04_asyncselect
	OLD [[if (!RegisterClass(&wndclass)) { _HandleError;]]
	NEW [[if (!RegisterClass(&wndclass)) {]]
	OLD [[if (hWnd == NULL) { _HandleError;]]
	NEW [[if (hWnd == NULL) {]]
	BREAKS start)

# --- Non-blocking (02) -----------------------------------------------------------------------------------

erratum(E02-1 02_nonblocking SEVERITY "does not compile" BOOK no
	OLD [[ret = ioctlsocket(listen_sock, (long)FIONBIO, &on);]]
	NEW [[ret = ioctlsocket(listen_sock, FIONBIO, &on)5;]]
	DOES_NOT_COMPILE "expected .*;.* before numeric constant|expected ';'|C2143|C2146")

erratum(E02-2 02_nonblocking SEVERITY "under load" BOOK yes
	OLD [[ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0);]]
	NEW [[ret = send(client_sock, buf, ret, 0);]]
	KILLED_BY C4.05
	BREAKS echo dropped lost)

erratum(E02-3 02_nonblocking SEVERITY rare BOOK yes
	WITHOUT [[if (recvbytes > sendbytes)
				goto SEND_AGAIN;]]
	SHOWS C4./missing C/missing
	BREAKS stall echo held lost)

# --- Select (03) -----------------------------------------------------------------------------------------

# The closing brace of the receive branch stands behind the send branch.
erratum(E03-1 03_select SEVERITY "at once" BOOK no
	OLD [[PrintData(ptr->buf, ret); // E00-5 E03-2
			}]]
	NEW [[PrintData(ptr->buf, ret);]]
	OLD [[ptr->recvbytes = ptr->sendbytes = 0;
			}]]
	NEW [[ptr->recvbytes = ptr->sendbytes = 0;
			}
			}]]
	HANGS C1.01 C1.02
	SHOWS C/silent
	BREAKS unfair spin)

# It prints as many bytes as have come, but of a buffer that nothing fills.
erratum(E03-2 03_select SEVERITY "at once" BOOK no
	OLD [[int addrlen;]]
	NEW [[int addrlen;
	char buf[BUFSIZE + 1] = { 0 };]]
	OLD [[PrintData(ptr->buf, ret);]]
	NEW [[PrintData(buf, ret);]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E03-3 03_select SEVERITY "at once" BOOK no
	WITHOUT [[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E03-4 03_select SEVERITY "under load" BOOK yes
	OLD [[if (sockCnt >= FD_SETSIZE - 1)]]
	NEW [[if (sockCnt >= FD_SETSIZE)]]
	HANGS C8.03 C13.07
	BREAKS elsewhere log)

erratum(E03-5 03_select SEVERITY "under load" BOOK no
	WITHOUT [[closesocket(client_sock);]]
	HANGS C8.03 C13.07
	BREAKS elsewhere stall unfair)

erratum(E03-6 03_select SEVERITY rare BOOK yes
	WITHOUT [[if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: nothing to read, no failure]]
	WITHOUT [[if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: no room yet: select() says when]]
	SHOWS C/closes-idle
	BREAKS dropped)

erratum(E03-7 03_select SEVERITY rare BOOK yes
	OLD [[for (int i = sockCnt - 1; i >= 0; i--)]]
	NEW [[for(int i = 0; i < sockCnt; i++)]]
	BREAKS unfair)

# --- WSAAsyncSelect (04) ---------------------------------------------------------------------------------

erratum(E04-1 04_asyncselect SEVERITY "does not compile" BOOK no
	WITHOUT [[void ProcessSocketMessage(HWND hWnd, UINT uMsg, WPARAM wParam, LPARAM lParam); // E04-1]]
	DOES_NOT_COMPILE "ProcessSocketMessage.* was not declared|undeclared identifier .ProcessSocketMessage|C3861")

erratum(E04-2 04_asyncselect SEVERITY "does not compile" BOOK no
	WITHOUT [[WCHAR szClientIP[16] = { 0 }; // E04-2: no case may jump past an initialisation]]
	OLD [[addrlen = sizeof(clientaddr);]]
	NEW [[addrlen = sizeof(clientaddr);
		WCHAR szClientIP[16] = { 0 };]]
	DOES_NOT_COMPILE "jump to case label|cannot jump from switch|C2360|C2361")

erratum(E04-3 04_asyncselect SEVERITY "at once" BOOK no
	WITHOUT [[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E04-4 04_asyncselect SEVERITY "under load" BOOK no
	WITHOUT [[WSASetLastError(WSAGETSELECTERROR(lParam));]]
	BREAKS windows/log)

erratum(E04-5 04_asyncselect SEVERITY "under load" BOOK yes
	WITHOUT [[if (WSAGETSELECTEVENT(lParam) != FD_ACCEPT && GetSocketInfo(wParam) == NULL)
		return;]]
	KILLED_BY C6.08
	BREAKS crash)

erratum(E04-6 04_asyncselect SEVERITY "under load" BOOK yes
	OLD [[if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)]]
	NEW [[if (FALSE)]]
	WITHOUT [[if (WSAGetLastError() == WSAEWOULDBLOCK) return;]]
	KILLED_BY C4.02
	SHOWS C/closes-idle
	BREAKS dropped lost)

erratum(E04-7 04_asyncselect SEVERITY rare BOOK yes
	WITHOUT [[if (ptr->recvbytes > ptr->sendbytes)
			goto SEND_AGAIN;]]
	SHOWS C4./missing C/missing
	BREAKS owed)

erratum(E04-8 04_asyncselect SEVERITY "under load" BOOK yes
	OLD [[ptr->closing = TRUE;]]
	NEW [[RemoveSocketInfo(wParam);]]
	WITHOUT [[ProcessSocketMessage(hWnd, 0, wParam, (ptr->recvbytes > 0) ? FD_WRITE : FD_READ);]]
	WINDOWS C4.05 C5.10
	SHOWS C4./closes-early C5./closes-early
	BREAKS lost no-word dropped)

erratum(E04-9 04_asyncselect SEVERITY rare BOOK yes
	OLD [[if (WSAGETSELECTEVENT(lParam) != FD_CLOSE) // recv() or send() reports a reset
			_HandleError;]]
	NEW [[_HandleError;
		RemoveSocketInfo(wParam);
		return;]]
	BREAKS windows/crash windows/dropped)

# Whatever recv() answers, the message is taken for the end of the socket that has the handle now.
erratum(E04-10 04_asyncselect SEVERITY rare BOOK yes
	OLD [[ptr->closing = FALSE; // E04-10]]
	NEW [[if (ptr->closing)
				RemoveSocketInfo(wParam); //]]
	BREAKS windows/dropped)

erratum(E04-11 04_asyncselect SEVERITY "does not compile" BOOK no
	WITHOUT [[#define _WINSOCK_DEPRECATED_NO_WARNINGS 1]]
	COMPILER MSVC
	DOES_NOT_COMPILE "C4996")

erratum(E04-12 04_asyncselect SEVERITY rare BOOK yes
	OLD [[ret = WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT);]]
	NEW [[ret = WSAAsyncSelect(listen_sock, hWnd, WM_SOCKET, FD_ACCEPT | FD_CLOSE);]]
	BREAKS windows/unfair)

erratum(E04-13 04_asyncselect SEVERITY rare BOOK yes
	WITHOUT [[closesocket(client_sock);]]
	BREAKS owed stall)

# The connection ends all the same, as it does at FD_CLOSE in the listing.
erratum(E04-14 04_asyncselect SEVERITY "under load" BOOK yes
	OLD [[if (ret == SOCKET_ERROR || ret == 0)]]
	NEW [[if (ret == SOCKET_ERROR)]]
	OLD [[PrintData(ptr->buf, ret);]]
	NEW [[PrintData(ptr->buf, ret);
		if (ret == 0)
		{
			RemoveSocketInfo(wParam);
			return;
		}]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E04-15 04_asyncselect SEVERITY rare BOOK yes
	OLD [[if (ret == -1) { _HandleError; return 1; }]]
	NEW [[if (ret == -1) return 0;]]
	BREAKS wait-again)

erratum(E04-16 04_asyncselect SEVERITY rare BOOK yes
	OLD [[if (!PostMessage(hWnd, WM_SOCKET, wParam, ptr->closing ? FD_CLOSE : FD_READ))]]
	NEW [[PostMessage(hWnd, WM_SOCKET, wParam, ptr->closing ? FD_CLOSE : FD_READ);
				if (FALSE)]]
	BREAKS owed)

erratum(E04-17 04_asyncselect SEVERITY "does not compile" BOOK yes
	WITHOUT [[#pragma comment(lib, "user32")]]
	NOT_TESTABLE "only the linker of MSVC shows it")

# --- WSAEventSelect (05) ---------------------------------------------------------------------------------

erratum(E05-1 05_eventselect SEVERITY "under load" BOOK –
	OLD [[NetworkEvents.lNetworkEvents & (FD_READ | FD_CLOSE);]]
	NEW [[NetworkEvents.lNetworkEvents & FD_CLOSE;]]
	HANGS C4.07
	BREAKS owed)

# The printed `continue` stands in the server, too, which has remembered FD_CLOSE by then: here it is forgotten.
erratum(E05-2 05_eventselect SEVERITY "under load" BOOK –
	OLD [[}
					continue; // E05-2: FD_CLOSE is not lost: it is in delayed]]
	NEW [[	continue;
					}
					ptr->delayed = 0;
					continue;]]
	OLD [[}
					continue; // E05-2
]]
	NEW [[	continue;
					}
					if (NetworkEvents.lNetworkEvents & FD_CLOSE)
						ptr->delayed = 0;
					continue;
]]
	BREAKS owed)

erratum(E05-3 05_eventselect SEVERITY "under load" BOOK –
	OLD [[for (i = 0;; i = (i + 1) % sockCnt)]]
	NEW [[for (i = 0;; i = 0)]]
	HANGS C7.06 C7.10
	BREAKS unfair stall)

erratum(E05-4 05_eventselect SEVERITY "under load" BOOK –
	OLD [[if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] != 0)]]
	NEW [[if (NetworkEvents.iErrorCode[FD_CLOSE_BIT] == 0)
				RemoveSocketInfo(i--);
			else]]
	WINDOWS C4.05 C5.10
	SHOWS C4./closes-early C5./closes-early
	BREAKS windows/dropped)

erratum(E05-5/number 05_eventselect SEVERITY "under load" BOOK –
	WITHOUT [[WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]);]]
	WITHOUT [[WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]);]]
	BREAKS windows/log)

erratum(E05-5/kept 05_eventselect
	OLD [[WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]);]]
	NEW [[WSASetLastError(NetworkEvents.iErrorCode[FD_READ_BIT]);
				_HandleError;
				continue;]]
	OLD [[WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]);]]
	NEW [[WSASetLastError(NetworkEvents.iErrorCode[FD_WRITE_BIT]);
				_HandleError;
				continue;]]
	BREAKS windows/stall)

erratum(E05-6 05_eventselect SEVERITY rare BOOK –
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[AddSocketInfo(client_sock);
			if (FALSE)]]
	BREAKS shared-event)

erratum(E05-7 05_eventselect SEVERITY rare BOOK –
	OLD [[RemoveSocketInfo(sockCnt - 1);]]
	NEW [[return 0;]]
	BREAKS exit)

erratum(E05-8 05_eventselect SEVERITY rare BOOK –
	OLD [[if (index == WSA_WAIT_FAILED)]]
	NEW [[if (index == WSA_WAIT_FAILED) continue;
		if (FALSE)]]
	BREAKS wait-again)

# The connection ends all the same, as it does at FD_CLOSE in the listing.
erratum(E05-9 05_eventselect SEVERITY "under load" BOOK –
	OLD [[if (ret == 0) // E05-9: the end, not data]]
	NEW [[if (FALSE)]]
	OLD [[PrintData(ptr->buf, ret);]]
	NEW [[PrintData(ptr->buf, ret);
					if (ret == 0)
					{
						RemoveSocketInfo(i--);
						continue;
					}]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E05-10 05_eventselect SEVERITY rare BOOK –
	OLD [[ret = WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT);]]
	NEW [[ret = WSAEventSelect(listen_sock, EventArray[sockCnt - 1], FD_ACCEPT | FD_CLOSE);]]
	NOT_TESTABLE "no listening socket is reported closed, and what an accepted one inherits ends with its registration")

erratum(E05-11 05_eventselect SEVERITY rare BOOK –
	OLD [[if (ret == SOCKET_ERROR) // E05-11: the event object would stay signalled]]
	NEW [[if (ret == SOCKET_ERROR) continue;
		if (FALSE)]]
	BREAKS no-word wait-again)

erratum(E05-12 05_eventselect SEVERITY "at once" BOOK –
	WITHOUT [[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);]]
	KILLED_BY C13.01
	BREAKS log)

erratum(E05-13 05_eventselect SEVERITY rare BOOK –
	WITHOUT [[if (ptr->recvbytes > ptr->sendbytes)
					goto SEND_AGAIN;]]
	SHOWS C4./missing C/missing
	BREAKS owed)

# Bugs that are in no listing: they show how much the tests catch. MUTANTS.md says what each of them is, errata.cmake
# what the keywords mean. Those marked "seen" were found like this in books or published samples.

# --- The echo --------------------------------------------------------------------------------------------

erratum(M01 05_eventselect
	OLD [[ret = send(ptr->sock, ptr->buf + ptr->sendbytes,
					ptr->recvbytes - ptr->sendbytes, 0);]]
	NEW [[ret = ptr->recvbytes - ptr->sendbytes;]]
	HANGS C1.02
	BREAKS owed lost held)

erratum(M02 01_blocking
	OLD [[int recvbytes = ret;]]
	NEW [[int recvbytes = (ret == BUFSIZE) ? BUFSIZE - 1 : ret;]]
	KILLED_BY C2.04 C2.05 C2.06 C2.07 C2.08 C2.09 C2.10 C2.11 C2.12 C2.15 C2.16 C2.18 C3.07 C5.01 C5.02 C5.10
	BREAKS echo owed held)

erratum(M04 05_eventselect
	OLD [[send(ptr->sock, ptr->buf + ptr->sendbytes,]]
	NEW [[send(ptr->sock, ptr->buf,]]
	BREAKS echo)

erratum(M05 01_blocking # seen
	OLD [[int recvbytes = ret;]]
	NEW [[int recvbytes = (int)strlen(buf);]]
	KILLED_BY C3.01 C3.02
	BREAKS held owed lost echo)

erratum(M06 03_select
	OLD [[ptr->recvbytes = ret;]]
	NEW [[ptr->recvbytes = ret;
				if (memchr(ptr->buf, 0x1A, (size_t)ret))
				{
					RemoveSocketInfo(i);
					continue;
				}]]
	KILLED_BY C3.01 C3.04
	BREAKS log)

erratum(M07 04_asyncselect
	OLD [[ptr->recvbytes = ret;]]
	NEW [[for (int i = 0; i < ret; i++)
		{
			if (ptr->buf[i] != '\r')
				ptr->buf[ptr->recvbytes++] = ptr->buf[i];
		}]]
	KILLED_BY C3.01 C3.03
	BREAKS log)

erratum(M08 01_blocking # seen
	OLD [[PrintData(buf, ret);]]
	NEW [[putchar(' ');
			printf(buf);
			putchar('\n');
			fflush(stdout);]]
	KILLED_BY C3.05 C13.03
	BREAKS log crash)

erratum(M09 01_blocking
	OLD [[ret = recv(client_sock, buf, BUFSIZE, 0);]]
	NEW [[int part = 1;
			for (ret = 0; part > 0 && ret < BUFSIZE; ret += (part > 0) ? part : 0)
				part = recv(client_sock, buf + ret, BUFSIZE - ret, 0);]]
	HANGS C1.02 C2.17
	BREAKS log)

erratum(M10 01_blocking
	WITHOUT [[else if (ret == 0)
				break;]]
	HANGS C1.03 C5.03
	BREAKS log)

erratum(M11 01_blocking
	OLD [[int sendbytes = 0;]]
	NEW [[static int sendbytes = 0;]]
	HANGS C1.04
	BREAKS echo held owed dropped)

erratum(M12 04_asyncselect
	OLD [[if (WSAGetLastError() == WSAEWOULDBLOCK) return;]]
	NEW [[if (WSAGetLastError() == WSAEWOULDBLOCK) ptr->recvbytes = ptr->sendbytes = 0;
			if (ptr->recvbytes == 0) return;]]
	BREAKS lost owed held echo)

erratum(M14 03_select # seen
	OLD [[continue; // E03-6: nothing to read, no failure]]
	NEW [[{
						i++;
						continue;
					}]]
	OLD [[if (ptr->recvbytes == ptr->sendbytes)]]
	NEW [[if (ptr->recvbytes == ptr->sendbytes)
					i++;
				if (ptr->recvbytes == ptr->sendbytes)]]
	HANGS C7.01 C7.04
	BREAKS spin)

erratum(M58 01_blocking
	OLD [[int recvbytes = ret;]]
	NEW [[static int recvbytes = 0;
			if (recvbytes < ret)
				recvbytes = ret;]]
	KILLED_BY C1.07 C2.05 C2.08 C2.17 C5.09
	BREAKS echo)

erratum(M59 03_select
	OLD [[int sendbytes;]]
	NEW [[int sendbytes, turns = 0;]]
	OLD [[ptr->recvbytes = ret;]]
	NEW [[ptr->recvbytes = ret;
				if (++ptr->turns > 40)
				{
					RemoveSocketInfo(i);
					continue;
				}]]
	KILLED_BY C1.04 C5.02
	BREAKS log)

# --- Waiting ---------------------------------------------------------------------------------------------

erratum(M15 03_select
	OLD [[ret = select(0, &rset, &wset, NULL, NULL);]]
	NEW [[TIMEVAL none = { 0, 0 };
		ret = select(0, &rset, &wset, NULL, &none);]]
	KILLED_BY C8.10 C4.04
	BREAKS spin)

erratum(M16 03_select
	OLD [[if (SocketInfoArray[i]->recvbytes >]]
	NEW [[FD_SET(SocketInfoArray[i]->sock, &wset);
			if (SocketInfoArray[i]->recvbytes >]]
	KILLED_BY C8.10
	BREAKS spin)

# Under Wine C4.04 nearly always shows it, not always: on a busy machine the last bytes may still be on their way.
erratum(M60 03_select
	OLD [[else
				FD_SET]]
	NEW [[FD_SET]]
	BREAKS lost held echo)

# --- The end of a connection -----------------------------------------------------------------------------

erratum(M18 03_select
	OLD [[if (WSAGetLastError() == WSAEWOULDBLOCK)
						continue; // E03-6: nothing to read, no failure]]
	NEW [[continue;]]
	BREAKS spin)

erratum(M21 03_select
	WITHOUT [[closesocket(ptr->sock);]]
	HANGS C1.03 C5.07 C5.08 C7.09
	BREAKS elsewhere stall)

erratum(M22 01_blocking
	OLD [[closesocket(client_sock);]]
	NEW [[closesocket(client_sock);
		closesocket(listen_sock);]]
	KILLED_BY C1.06 C7.09
	BREAKS handle)

erratum(M23 05_eventselect # seen
	WITHOUT [[WSACloseEvent(EventArray[idx]);]]
	WINDOWS C8.07
	BREAKS leak)

erratum(M24 01_blocking # seen
	OLD [[ret = recv(client_sock, buf, BUFSIZE, 0);]]
	NEW [[ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR) { _HandleError; return 1; }]]
	KILLED_BY C6.01 C6.06
	BREAKS exit)

erratum(M25 03_select # seen
	OLD [[else if (ret == 0)]]
	NEW [[else if (ret == 0)
					RemoveSocketInfo(i);
				else if (FALSE)]]
	BREAKS log)

erratum(M27 01_blocking # seen
	OLD [[// Receive Data from Client]]
	NEW [[send(client_sock, "*", 1, 0);]]
	KILLED_BY C1.03 C1.09 C2.01 C2.02 C2.03
	BREAKS echo)

erratum(M28 01_blocking # seen
	OLD [[int recvbytes = ret;]]
	NEW [[if (ret >= 4 && memcmp(buf, "quit", 4) == 0)
				break;
			int recvbytes = ret;]]
	KILLED_BY C3.06
	BREAKS dropped)

# --- Several clients -------------------------------------------------------------------------------------

erratum(M29 05_eventselect
	WITHOUT [[EventArray[idx] = EventArray[sockCnt - 1];]]
	KILLED_BY C6.04 C6.07 C7.05 C7.07 C7.08
	BREAKS handle)

erratum(M30 03_select
	OLD [[char buf[BUFSIZE + 1];]]
	NEW [[inline static char buf[BUFSIZE + 1];]]
	KILLED_BY C7.03
	BREAKS echo)

erratum(M31 03_select
	WITHOUT [[sockCnt--;]]
	KILLED_BY C1.06 C8.12
	BREAKS handle echo)

erratum(M32 05_eventselect # seen
	OLD [[if (sockCnt >= WSA_MAXIMUM_WAIT_EVENTS)]]
	NEW [[if (sockCnt > WSA_MAXIMUM_WAIT_EVENTS)]]
	KILLED_BY C8.03 C8.05
	BREAKS crash exit)

erratum(M33 01_blocking # seen
	OLD [[SOMAXCONN]]
	NEW [[1]]
	KILLED_BY C8.09
	BREAKS deaf)

erratum(M34 01_blocking
	OLD [[// Receive Data from Client]]
	NEW [[DWORD patience = 500;
		setsockopt(client_sock, SOL_SOCKET, SO_RCVTIMEO, (const char*)&patience, sizeof(patience));]]
	KILLED_BY C1.08 C10.03
	BREAKS awake)

erratum(M47 03_select
	OLD [[FD_SETSIZE - 1)]]
	NEW [[FD_SETSIZE - 5)]]
	KILLED_BY C8.01 C8.02 C8.04
	BREAKS log)

erratum(M49 04_asyncselect
	OLD [[ptr->next = SocketInfoList;]]
	NEW [[static int sockCnt = 0;
	if (++sockCnt > 400)
		return FALSE;
	ptr->next = SocketInfoList;]]
	KILLED_BY C8.06 C8.11
	BREAKS dropped)

erratum(M19 03_select
	OLD [[char buf[BUFSIZE + 1];]]
	NEW [[char buf[8 << 20];]]
	OLD [[ptr->sock = sock;]]
	NEW [[ZeroMemory(ptr, sizeof(*ptr));
	ptr->sock = sock;]]
	KILLED_BY C4.09)

# --- The process and its log -----------------------------------------------------------------------------

erratum(M35 01_blocking # seen
	OLD [[if (argc > 1 && (argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' || port > 65535))]]
	NEW [[if (FALSE)]]
	HANGS C9.04
	BREAKS start)

erratum(M36 01_blocking # seen
	OLD [[SO_EXCLUSIVEADDRUSE,]]
	NEW [[SO_REUSEADDR,]]
	WINDOWS C9.05 C9.06
	BREAKS exposed)

erratum(M50 01_blocking
	OLD [[htons(SERVERPORT);]]
	NEW [[0;]]
	OLD [[htons((u_short)port);]]
	NEW [[0;]]
	KILLED_BY C9.01 C9.03 C9.07
	BREAKS exposed)

erratum(M51 01_blocking
	OLD [[// Receive Data from Client]]
	NEW [[DWORD unread = 0;
		if (!PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), NULL, 0, NULL, &unread, NULL) || unread > 0)
			return 1;]]
	KILLED_BY C9.10)

erratum(M52 01_blocking
	WITHOUT [[(argc > 2) ? argv[2] :]]
	KILLED_BY C9.11
	BREAKS exposed start)

erratum(M53 04_asyncselect
	WITHOUT [[PostQuitMessage(0);]]
	HANGS C9.12
	BREAKS exit)

erratum(M56 01_blocking
	OLD [[unsigned char c = (unsigned char)buf[i];]]
	NEW [[signed char c = (signed char)buf[i];]]
	KILLED_BY C13.04
	BREAKS log)

erratum(M57 01_blocking
	OLD [[_IOFBF, 4096);]]
	NEW [[_IONBF, 0);]]
	BREAKS log)

erratum(M61 03_select
	OLD [[#include <stdlib.h>]]
	NEW [[#include <tlhelp32.h>
#include <stdlib.h>]]
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[PROCESSENTRY32 own = { sizeof(own) };
				HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
				BOOL found = Process32First(all, &own);
				while (found && own.th32ProcessID != GetCurrentProcessId())
					found = Process32Next(all, &own);
				HANDLE parent = OpenProcess(PROCESS_DUP_HANDLE, FALSE, own.th32ParentProcessID);
				HANDLE kept;
				DuplicateHandle(GetCurrentProcess(), (HANDLE)client_sock, parent, &kept, 0, FALSE,
					DUPLICATE_SAME_ACCESS);
				if (!AddSocketInfo(client_sock))]]
	HANGS C9.08)

# Under Wine 8 accept() fails for such a client, elsewhere recv().
erratum(M62 02_nonblocking # seen
	OLD [[if (CanAcceptAgain())]]
	NEW [[if (FALSE)]]
	OLD [[goto RECEIVE_AGAIN;]]
	NEW [[goto RECEIVE_AGAIN;
				_HandleError;
				return 1;]]
	KILLED_BY C6.05
	BREAKS exit)

erratum(M63 03_select
	OLD [[SOCKADDR_IN clientaddr = ptr->clientaddr;]]
	NEW [[SOCKADDR_IN clientaddr = {};]]
	KILLED_BY C13.01 C13.06
	BREAKS log)

# --- More of the echo ------------------------------------------------------------------------------------

erratum(M64 01_blocking
	OLD [[ret = recv(client_sock, buf, BUFSIZE, 0);]]
	NEW [[break;]]
	KILLED_BY C1.02
	BREAKS dropped)

erratum(M65 01_blocking
	OLD [[int recvbytes = ret;]]
	NEW [[for (int i = 0; i < ret; i++)
				buf[i] = (char)toupper((unsigned char)buf[i]);
			int recvbytes = ret;]]
	KILLED_BY C3.01
	BREAKS echo)

erratum(M66 03_select
	OLD [[ptr->recvbytes = ret;]]
	NEW [[ptr->recvbytes = ret - 1;]]
	KILLED_BY C1.01 C5.01
	BREAKS owed echo held)

erratum(M67 01_blocking
	OLD [[else if (ret == 0)]]
	NEW [[if (ret == 0)
				send(client_sock, "!", 1, 0);
			if (ret == 0)]]
	KILLED_BY C1.01 C1.03
	BREAKS echo owed)

erratum(M68 03_select
	OLD [[send(ptr->sock,]]
	NEW [[send(SocketInfoArray[sockCnt - 1 - i]->sock,]]
	KILLED_BY C7.02
	HANGS C7.01
	BREAKS echo)

erratum(M69 03_select
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[static int count = 0;
				if (count++ > 0 || !AddSocketInfo(client_sock))]]
	KILLED_BY C1.06
	BREAKS dropped)

erratum(M70 01_blocking
	OLD [[int recvbytes = ret;]]
	NEW [[fd_set one = { 1, { client_sock } };
			TIMEVAL moment = { 0, 200000 };
			char byte;
			if (select(0, &one, NULL, NULL, &moment) == 1 && recv(client_sock, &byte, 1, MSG_PEEK) == 0)
				break;
			int recvbytes = ret;]]
	KILLED_BY C5.01 C5.10
	BREAKS owed held log)

erratum(M71 05_eventselect
	OLD [[closesocket(ptr->sock);]]
	NEW [[shutdown(ptr->sock, SD_SEND);
	return;]]
	KILLED_BY C8.06 C8.12
	BREAKS owed log stall)

# --- Only the simulation sees these ----------------------------------------------------------------------

erratum(M72 03_select
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[u_long off = 0;
			ioctlsocket(client_sock, (long)FIONBIO, &off);
			if (!AddSocketInfo(client_sock))]]
	OLD [[if (FD_ISSET(ptr->sock, &wset))]]
	NEW [[if (ptr->recvbytes > ptr->sendbytes)]]
	HANGS C4.03 C4.08
	BREAKS elsewhere)

erratum(M73 03_select
	OLD [[// Send Data to Client]]
	NEW [[fd_set one = { 1, { ptr->sock } };
				select(0, NULL, &one, NULL, NULL);]]
	BREAKS unfair wait-again deaf elsewhere)

erratum(M74 05_eventselect
	OLD [[(i > 0) ? 0 :]]
	NEW [[(i > 0) ? WSA_INFINITE :]]
	BREAKS deaf elsewhere)

erratum(M75 05_eventselect
	OLD [[(i > 0) ? 0 :]]
	NEW [[(i > 0) ? 1000 :]]
	BREAKS awake elsewhere deaf)

erratum(M76 04_asyncselect
	OLD [[ptr->closing = FALSE; // E04-10: still open: the FD_CLOSE was an earlier socket's]]
	NEW [[if (ptr->closing)
				PostMessage(hWnd, WM_SOCKET, wParam, FD_CLOSE);]]
	BREAKS spin owed no-word)

erratum(M77 05_eventselect
	OLD [[if (NetworkEvents.lNetworkEvents & FD_ACCEPT)]]
	NEW [[if (NetworkEvents.lNetworkEvents & FD_ACCEPT && sockCnt >= WSA_MAXIMUM_WAIT_EVENTS)
			continue;
		if (NetworkEvents.lNetworkEvents & FD_ACCEPT)]]
	BREAKS deaf)

erratum(M78 03_select
	OLD [[FD_SET(listen_sock,]]
	NEW [[if (sockCnt < FD_SETSIZE - 1)
			FD_SET(listen_sock,]]
	BREAKS deaf)

erratum(M79 01_blocking
	OLD [[addrlen = sizeof(clientaddr);]]
	NEW [[addrlen = 0;]]
	BREAKS exit)

erratum(M80 01_blocking
	OLD [[htons(SERVERPORT);]]
	NEW [[SERVERPORT;]]
	OLD [[htons((u_short)port);]]
	NEW [[(u_short)port;]]
	KILLED_BY C9.01
	BREAKS exposed)

erratum(M81 05_eventselect
	OLD [[WSAStartup(MAKEWORD(2, 2), &wsa);]]
	NEW [[0;]]
	BREAKS exit)

erratum(M82 01_blocking
	OLD [[BOOL exclusive = TRUE;]]
	NEW [[BOOL exclusive = FALSE;]]
	BREAKS exposed)

erratum(M83 04_asyncselect
	OLD [[GetMessage(&msg, 0, 0, 0)]]
	NEW [[GetMessage(&msg, hWnd, 0, 0)]]
	BREAKS exit)

erratum(M84 04_asyncselect
	OLD [[GetMessage(&msg, 0, 0, 0)]]
	NEW [[GetMessage(&msg, 0, WM_SOCKET, WM_SOCKET)]]
	BREAKS exit)

erratum(M85 04_asyncselect
	OLD [[CreateWindowW(L"MyWndClass",]]
	NEW [[CreateWindowW(L"TheWndClass",]]
	BREAKS exit)

erratum(M86 04_asyncselect
	OLD [[case WM_DESTROY:]]
	NEW [[case WM_PAINT:
		return 0;
	case WM_DESTROY:]]
	BREAKS spin)

erratum(M87 03_select
	OLD [[continue; // E03-6: nothing to read, no failure
					_HandleError;]]
	NEW [[continue;]]
	BREAKS no-word)

erratum(M89 02_nonblocking
	OLD [[goto SEND_AGAIN;
				_HandleError;]]
	NEW [[goto SEND_AGAIN;]]
	KILLED_BY C13.08
	BREAKS no-word)

erratum(M90 05_eventselect
	OLD [[SEND_AGAIN:]]
	NEW [[SEND_AGAIN:
			if (ptr->recvbytes > 0 && ptr->sendbytes > 0)
				Sleep(1);]]
	BREAKS elsewhere awake)

erratum(M91 03_select
	WITHOUT [[Sleep(100);]]
	BREAKS refused)

erratum(M94 03_select
	OLD [[return err == WSAEWOULDBLOCK ||]]
	NEW [[return TRUE ||]]
	BREAKS wait-again)

erratum(M95 03_select
	OLD [[if (err == WSAEMFILE || err == WSAENOBUFS)]]
	NEW [[if (err == WSAEMFILE)]]
	BREAKS exit)

erratum(M97 04_asyncselect
	OLD [[PostMessage(hWnd, WM_SOCKET,]]
	NEW [[PostMessage(NULL, WM_SOCKET,]]
	BREAKS owed leak)

erratum(M98 05_eventselect
	OLD [[EventArray + i, FALSE,]]
	NEW [[EventArray + i, TRUE,]]
	BREAKS owed deaf)

erratum(M99 03_select
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[LINGER hard = { 1, 0 };
				setsockopt(client_sock, SOL_SOCKET, SO_LINGER, (char*)&hard, sizeof(hard));
				if (!AddSocketInfo(client_sock))]]
	BREAKS lost)

erratum(M100 03_select
	OLD [[ptr->sendbytes += ret;]]
	NEW [[ptr->sendbytes += ret;
				shutdown(ptr->sock, SD_SEND);]]
	BREAKS leak lost)

erratum(M101 02_nonblocking
	OLD [[(buf[i + 1] & 0xE0) == 0x80]]
	NEW [[FALSE]]
	BREAKS log)

erratum(M102 05_eventselect
	WITHOUT [[wprintf(L"[Error] Event List is full!\n");]]
	BREAKS log)

erratum(M103 03_select
	WITHOUT [[wprintf(L"[Error] Can not Alloc Memory.\n");]]
	BREAKS no-word)

erratum(M104 02_nonblocking
	OLD [[(SOCKADDR*)&serveraddr, sizeof(serveraddr));]]
	NEW [[(SOCKADDR*)&serveraddr, sizeof(&serveraddr));]]
	BREAKS exit)

erratum(M105 04_asyncselect
	OLD [[(ptr->recvbytes > 0) ? FD_WRITE : FD_READ]]
	NEW [[FD_READ]]
	BREAKS windows/leak)

erratum(M106 04_asyncselect
	OLD [[exit(1);]]
	NEW [[PostQuitMessage(1);]]
	BREAKS spin)

# --- What calls are given, what they answer, and who comes -----------------------------------------------

erratum(M200 03_select
	OLD [[SOMAXCONN]]
	NEW [[5]]
	BREAKS deaf)

erratum(M201 01_blocking
	OLD [[ret = setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char*)&exclusive, sizeof(BOOL));]]
	NEW [[ret = 0;]]
	OLD [[ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));]]
	NEW [[ret = bind(listen_sock, (SOCKADDR*)&serveraddr, sizeof(serveraddr));
	if (ret == 0)
		ret = setsockopt(listen_sock, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char*)&exclusive, sizeof(BOOL));]]
	BREAKS exposed)

erratum(M202 03_select
	WITHOUT [[serveraddr.sin_family = AF_INET;]]
	BREAKS exit)

erratum(M203 02_nonblocking
	OLD [[int namelen = sizeof(serveraddr);]]
	NEW [[int namelen = 0;]]
	BREAKS exit)

erratum(M204 03_select
	OLD [[recv(ptr->sock, ptr->buf, BUFSIZE, 0);]]
	NEW [[recv(ptr->sock, ptr->buf, BUFSIZE, MSG_PEEK);]]
	BREAKS echo)

erratum(M205 05_eventselect
	OLD [[socket(AF_INET, SOCK_STREAM, 0);]]
	NEW [[socket(AF_INET, SOCK_DGRAM, 0);]]
	BREAKS exit)

erratum(M206 01_blocking
	OLD [[(char*)&exclusive, sizeof(BOOL));]]
	NEW [[(char*)&exclusive, 1);]]
	BREAKS exit)

erratum(M207 03_select
	OLD [[err == WSAENOTCONN;]]
	NEW [[err == WSAENOTCONN || err == WSAEINVAL || err == WSAENOTSOCK;]]
	BREAKS wait-again)

erratum(M208 04_asyncselect
	OLD [[if (ret == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK)]]
	NEW [[if (ret == SOCKET_ERROR && (WSAGetLastError() == WSAEWOULDBLOCK || WSAGetLastError() == WSAETIMEDOUT))]]
	BREAKS spin)

erratum(M209 05_eventselect
	OLD [[if (!AddSocketInfo(client_sock))]]
	NEW [[LINGER patient = { 1, 5 };
			setsockopt(client_sock, SOL_SOCKET, SO_LINGER, (char*)&patient, sizeof(patient));
			if (!AddSocketInfo(client_sock))]]
	BREAKS elsewhere)

erratum(M210 03_select
	OLD [[closesocket(client_sock); // E03-5: nobody else would close it
				goto RECEIVE;]]
	NEW [[closesocket(client_sock);
				continue;]]
	BREAKS unfair)

erratum(M212 01_blocking
	OLD [[port > 65535]]
	NEW [[port >= 65535]]
	BREAKS log)

erratum(M213 02_nonblocking
	OLD [[SetConsoleOutputCP(CP_UTF8);]]
	NEW [[mode = 0;]]
	BREAKS console)

erratum(M214 03_select
	OLD [[if (GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode) ||
		GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode))]]
	NEW [[mode = 0;]]
	BREAKS console)

erratum(M215 04_asyncselect
	OLD [[||
		GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode))]]
	NEW [[)]]
	BREAKS console)

erratum(M216 01_blocking
	WITHOUT [[setvbuf(stdout, NULL, _IOFBF, 4096);]]
	BREAKS log)

erratum(M217 05_eventselect
	OLD [[_IOFBF, 4096);]]
	NEW [[_IOFBF, 64);]]
	BREAKS log)

erratum(M218 03_select
	OLD [[HandleError(__LINE__)]]
	NEW [[HandleError(16)]]
	BREAKS log)

erratum(M219 05_eventselect
	WITHOUT [[FORMAT_MESSAGE_IGNORE_INSERTS |]]
	BREAKS log)

erratum(M220 01_blocking
	OLD [[(DWORD)err,]]
	NEW [[(DWORD)line,]]
	BREAKS log)

erratum(M221 02_nonblocking
	OLD [[wide, 256, NULL);]]
	NEW [[wide, 16, NULL);]]
	BREAKS log)

erratum(M222 04_asyncselect
	OLD [[WideCharToMultiByte(CP_UTF8,]]
	NEW [[WideCharToMultiByte(CP_ACP,]]
	BREAKS log)

erratum(M223 03_select
	OLD [[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 16);]]
	NEW [[InetNtop(AF_INET, &ptr->clientaddr.sin_addr, szClientIP, 12);]]
	BREAKS log)

erratum(M224 02_nonblocking
	OLD [[printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));]]
	NEW [[;]]
	OLD [[ret = listen(listen_sock, SOMAXCONN);]]
	NEW [[printf("[TCP Server] Listening: IP=%s, port=%d\n", address, ntohs(serveraddr.sin_port));
	ret = listen(listen_sock, SOMAXCONN);]]
	BREAKS log)

erratum(M225 04_asyncselect
	OLD [[ptr->next = SocketInfoList;]]
	NEW [[ptr->next = ptr;]]
	BREAKS spin)

erratum(M226 02_nonblocking
	OLD [[recvbytes - sendbytes, 0);]]
	NEW [[recvbytes - sendbytes, MSG_OOB);]]
	BREAKS dropped)

erratum(M227 03_select
	OLD [[recv(ptr->sock, ptr->buf, BUFSIZE, 0);]]
	NEW [[recv(ptr->sock, ptr->buf, BUFSIZE + 1, 0);]]
	BREAKS held)

erratum(M228 05_eventselect
	OLD [[WSASetEvent(EventArray[i]);]]
	NEW [[while (!WSASetEvent(EventArray[i]))
						continue;]]
	BREAKS spin)

erratum(M229 05_eventselect
	OLD [[EventArray[i], &NetworkEvents);]]
	NEW [[NULL, &NetworkEvents);]]
	OLD [[// Accept Client Socket]]
	NEW [[WSAResetEvent(EventArray[i]);]]
	BREAKS owed deaf)

erratum(M230 03_select
	OLD [[// Initialize Winsock]]
	NEW [[SetConsoleCtrlHandler(NULL, TRUE);]]
	BREAKS exit)

# --- How clients behave ----------------------------------------------------------------------------------

# Which of the two fails is up to the system.
erratum(M240 01_blocking
	OLD [[ret = recv(client_sock, buf, BUFSIZE, 0);]]
	NEW [[ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == SOCKET_ERROR) { _HandleError; return 1; }]]
	OLD [[ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0);]]
	NEW [[ret = send(client_sock, buf + sendbytes, recvbytes - sendbytes, 0);
			if (ret == SOCKET_ERROR) { _HandleError; return 1; }]]
	KILLED_BY C5.04 C6.02 C6.03
	BREAKS exit)

erratum(M241 01_blocking
	OLD [[ret = recv(client_sock, buf, BUFSIZE, 0);]]
	NEW [[ret = recv(client_sock, buf, BUFSIZE, 0);
			if (ret == 1)
			{
				int more = recv(client_sock, buf + 1, BUFSIZE - 1, 0);
				ret += (more > 0) ? more : 0;
			}]]
	HANGS C1.09 C2.13
	BREAKS log)

erratum(M242 03_select # seen
	OLD [[ret = select(0, &rset, &wset, NULL, NULL);]]
	NEW [[fd_set eset = rset;
		ret = select(0, &rset, &wset, &eset, NULL);]]
	OLD [[SOCKETINFO* ptr = SocketInfoArray[i];
			if]]
	NEW [[SOCKETINFO* ptr = SocketInfoArray[i];
			if (FD_ISSET(ptr->sock, &eset))
			{
				RemoveSocketInfo(i);
				continue;
			}
			if]]
	KILLED_BY C10.01)

erratum(M243 01_blocking
	OLD [[WCHAR szClientIP[16] = { 0 };]]
	NEW [[static SOCKADDR_IN last;
		if (memcmp(&last, &clientaddr, sizeof(last)) == 0)
		{
			closesocket(client_sock);
			continue;
		}
		last = clientaddr;
		WCHAR szClientIP[16] = { 0 };]]
	KILLED_BY C10.05)

erratum(M244 04_asyncselect
	OLD [[char buf[BUFSIZE + 1];]]
	NEW [[char buf[256 << 10];]]
	OLD [[ptr->sock = sock;]]
	NEW [[ZeroMemory(ptr, sizeof(*ptr));
	ptr->sock = sock;]]
	WITHOUT [[delete cur;]]
	KILLED_BY C11.01)

erratum(M245 04_asyncselect
	OLD [[case FD_ACCEPT:]]
	NEW [[case FD_ACCEPT:
	ACCEPT_AGAIN:]]
	OLD [[RemoveSocketInfo(client_sock);
		}
		break;]]
	NEW [[RemoveSocketInfo(client_sock);
		}
		goto ACCEPT_AGAIN;]]
	HANGS C7.11
	BREAKS unfair)

# By fwrite(): under Wine putchar() writes out at a line's end.
erratum(M246 01_blocking
	OLD [[putchar('\n');
	fflush(stdout); // E00-9: seen at once, in a file or a pipe, too]]
	NEW [[fwrite("\n", 1, 1, stdout);]]
	KILLED_BY C13.02)

erratum(M247 01_blocking
	OLD [[int sendbytes = 0;]]
	NEW [[static SOCKET last;
			int sendbytes = (last == client_sock) ? 1 : 0;
			last = client_sock;]]
	KILLED_BY C1.05
	BREAKS echo owed)

# What can be watched: for the page, and for the tests that run it.
#
# scenario(ID BUFFER ACTS ENGLISH KOREAN)   the size of the send buffer, and what the clients do: see stage.h
# shows(ERRATUM RULE SCENARIO [wine] [SAYS ENGLISH KOREAN])
#                                           where the erratum bites, and the rule that ends the run, or crash; in place of
#                                           a scenario, acts of its own. The system is Windows if Wine is not named. What
#                                           happens in this run, if the erratum's own first sentence is about another
# hidden(ERRATUM ENGLISH KOREAN)            why it cannot be seen here

scenario(five 1024 "A+|B+|Ahello|A-|A#1500|Bhi|A=|A.|B."
	"The same two clients on all five" "같은 두 클라이언트, 다섯 서버")
scenario(hello 8 "A+|Ahello|A."
	"One client says hello" "클라이언트 하나: hello")
scenario(two 8 "A+,B+|Ahello|Bhi|A.|B."
	"Two clients at once" "동시에 두 클라이언트")
scenario(slow 8 "A+,B+|A-|Ahello|Amore|Atoo,Bhi|A=|A."
	"A does not read" "A가 읽지 않음")
scenario(big 1024 "A+|A-|A#1800|A=|A."
	"A sends 1,800 bytes and reads late" "A가 1,800바이트를 보내고 늦게 읽음")
scenario(end 1024 "A+|A#1500,A."
	"1,500 bytes, and the end at once" "1,500바이트와 끝(FIN)을 한꺼번에")
scenario(late 8 "A+|A-|Ahello|Amore,Atoo|A.|A="
	"The end, while A does not read" "A가 읽지 않는 동안 끝(FIN)")
scenario(gone 8 "A+,B+|Ahello,A!|Bhi"
	"A sends and resets" "A가 보내고 리셋")
scenario(part 8 "A+|~,Ahello|A."
	"send() takes only a part" "send()가 일부만 가져감")
scenario(flood 1024 "A+,B+|A#3000,Bhi"
	"A floods, B says hi" "A가 쏟아붓고 B는 hi")
scenario(leave 8 "A+,B+,C+|A.,Bhi,Chi"
	"The first of three leaves" "셋 가운데 첫째가 떠남")
scenario(64 8 "*63|*1|^hello|^."
	"The 64th client" "64번째 클라이언트")
scenario(full 8 "A+|?,B+|Ahello|A."
	"No room for a client" "새 클라이언트를 받을 여유가 없음")
scenario(memory 8 "A+|%new,B+|Bhi"
	"No memory for a client" "새 클라이언트를 위한 메모리가 없음")

shows(E00-1 start "0%bind|A+")
shows(E00-2 no-word gone SAYS
	"The error of A’s connection is printed on stdout, without the system’s text and without a line end."
	"A의 연결 오류가 설명도 줄바꿈도 없이 stdout에 출력된다.")
shows(E00-3 log hello)
set(backslash SAYS "The backslash that A has sent is printed as it is: nobody can tell it from an escaped byte."
	"A가 보낸 백슬래시가 그대로 출력되어, 이스케이프한 바이트와 구별할 수 없다.")
shows(E00-5/02_nonblocking log [[A+|Ahel\\lo]] ${backslash})
shows(E00-5/04_asyncselect log [[A+|Ahel\\lo]] ${backslash})
shows(E00-6/03_select log gone)
shows(E00-6/04_asyncselect log gone)
shows(E00-7 memory memory)
set(ends SAYS "accept() has failed once, for there was no room, and that ends the server: every client is cut off."
	"여유가 없어 accept()가 한 번 실패했을 뿐인데 서버가 끝나고, 모든 클라이언트의 연결이 끊긴다.")
shows(E00-8/02_nonblocking exit full ${ends})
shows(E00-8/03_select exit full ${ends})
shows(E00-8/04_asyncselect refused full SAYS
	"There is no room, and accept() is called again at once, without a pause."
	"여유가 없는데 쉬지 않고 바로 accept()를 다시 호출한다. 오류 줄이 끝없이 이어진다.")
shows(E00-8/05_eventselect spin full SAYS
	"There is no room, and accept() is called again at once, without end: a whole core for nothing."
	"여유가 없는데 쉬지 않고 바로, 끝없이 accept()를 다시 호출한다. 코어 하나를 헛되이 쓴다.")
shows(E00-9 flush hello)
shows(E00-10/address exposed hello)
shows(E00-10/exclusive exposed hello SAYS "Another program can take the port over."
	"다른 프로그램이 이 포트를 가로챌 수 있다.")
shows(E00-11/Winsock start "0%WSAStartup|A+")
shows(E00-11/window start "0%RegisterClass|A+")
shows(E02-2 echo part SAYS
	"send() is given the front of the buffer again, and its own last result as the length."
	"send()에 다시 버퍼의 앞부분을, 길이로는 직전의 리턴 값을 넘긴다.")
shows(E02-3 lost part)
shows(E03-1 unfair hello)
shows(E03-2 log hello)
shows(E03-3 log hello)
shows(E03-4 elsewhere 64)
shows(E03-5 elsewhere 64)
shows(E03-6 dropped "A+|%recv:WSAEWOULDBLOCK,Ahello")
# The entry that is moved into the place of one that leaves misses its turn: F, three times.
shows(E03-7 unfair "A+,B+,C+,D+,E+,F+|A#3000,Fhi,E.|41D.|48C.")
shows(E04-3 log hello)
shows(E04-4 log "A+|%event,Ahello")
shows(E04-5 crash gone SAYS
	"A message comes for a socket that is already closed: GetSocketInfo() returns NULL, and the server uses it."
	"이미 닫은 소켓의 메시지가 와서 GetSocketInfo()가 NULL을 리턴하는데, 서버가 그대로 쓴다.")
shows(E04-6 dropped slow)
shows(E04-7 owed part)
shows(E04-8 dropped end)
shows(E04-9 crash "A+|%event,B+" SAYS
	"The error belongs to the listening socket. The server looks for its client, finds NULL and uses it."
	"연결 대기 소켓의 오류이다. 서버는 그 소켓의 클라이언트를 찾다가 NULL을 얻고, 그대로 쓴다.")
shows(E04-10 dropped "A+|A.,B+,A!|Bhi" wine SAYS
	"B has neither ended nor failed: the FD_CLOSE belongs to A’s connection, whose socket number B now has."
	"B는 끝내지도 실패하지도 않았다. 이 FD_CLOSE는 A의 것이고, B의 소켓이 A의 소켓과 같은 번호를 받았다.")
shows(E04-12 unfair "A+|B+,B#3000,B.,A#3000" SAYS
	"B’s FD_CLOSE has come twice, so B gets two turns more while A waits for its first."
	"B의 FD_CLOSE가 두 번 와서, A가 첫 차례를 기다리는 동안 B가 더 처리된다.")
shows(E04-13 owed memory)
shows(E04-14 log hello)
shows(E04-15 wait-again "A+|%GetMessage,Ahello")
shows(E04-16 owed "A+|A-|Ahello|Amore|Atoo|Aend|%PostMessage,A=")
shows(E05-1 owed big SAYS
	"A’s FD_READ came while bytes were unsent, and was put aside. Nothing takes it up again, and no other comes."
	"보내지 않은 바이트가 있을 때 온 A의 FD_READ를 미뤄 두었는데, 다시 챙기지 않고 다른 FD_READ도 오지 않는다.")
shows(E05-2 owed late wine)
shows(E05-3 unfair flood)
shows(E05-4 dropped end)
shows(E05-5/number log "A+|%event,Ahello")
shows(E05-5/kept leak "A+|%event,Ahello|A!" wine SAYS
	"The error of A’s event is logged, but the rest of the record is skipped: A’s entry stays for ever."
	"A의 이벤트에 담긴 오류를 로그에 적고는 나머지 기록을 건너뛴다. A의 항목이 영영 남는다.")
shows(E05-6 shared-event memory)
shows(E05-7 exit "A+|%WSAEventSelect,B+")
shows(E05-8 wait-again "A+|%WSAWaitForMultipleEvents,Ahello")
shows(E05-9 log hello)
shows(E05-11 wait-again "A+|%WSAEnumNetworkEvents,B+")
shows(E05-12 log hello)
shows(E05-13 owed part)

hidden(E05-10 "No listening socket is reported closed: what is printed does no harm."
	"연결 대기 소켓에는 FD_CLOSE가 오지 않는다. 실린 코드는 해롭지 않다.")
hidden(E04-17 "Only the linker of Visual Studio shows it." "Visual Studio의 링커에서만 드러난다.")

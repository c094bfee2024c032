// What a step is (headline) and why it matters, for this client, now (sentence): both in English and Korean. Everything
// is taken from the step's fields and from the state before and after it. x: model, prev (the step before), room (size of
// the send buffer), wine, last (the tape ends here).
const list = names => names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + " and " + names.at(-1);
const many = (ps, max = 4) => ps.length > max ? [ps.length + " clients", `클라이언트 ${ps.length}개`] : [list(ps.map(letter)), ps.map(letter).join(", ")];
const sock = p => p > 0 ? [letter(p), letter(p)] : p === 0 ? ["listening", "연결 대기"] : ["no socket", "없는 소켓"];
const gotIt = { // why a call fails
	WSAECONNRESET: ["the client has reset the connection", "클라이언트가 연결을 리셋했다"], WSAECONNABORTED: ["the connection has been broken off", "연결이 끊어졌다"],
	WSAEMFILE: ["the system has no room for one more socket", "소켓을 하나 더 만들 여유가 없다"], WSAENOBUFS: ["the system is out of buffers", "시스템에 버퍼가 모자란다"],
	WSAENOTSOCK: ["this is no socket, or no longer one", "소켓이 아니거나 이미 닫힌 소켓이다"], WSAENOTCONN: ["the connection is already gone", "연결이 이미 없다"],
	WSAEFAULT: ["the length or the address makes no sense", "길이나 주소가 잘못되었다"], WSAEINVAL: ["an argument is wrong", "인수가 잘못되었다"] };
const because = e => gotIt[e] || ["the call says " + e, `${josa(e, "을를")} 돌려주었다`];
const held = q => q ? q.held : 0;
const FDS = { 1: "FD_READ", 2: "FD_WRITE", 8: "FD_ACCEPT", 32: "FD_CLOSE" };

// What Winsock tells the server when something happens to a socket (04: a message, 05: the record and the event object).
function told(s, x, p) {
	const was = x.prev.w[p] || {}, is = s.w[p] || {};
	if (x.model === 4) {
		const fresh = s.q.filter(m => m[0] === p).slice(x.prev.q.filter(m => m[0] === p).length).map(m => m[1]);
		if (fresh.length) return [` Winsock posts ${fresh.join(" and ")}.`, ` 윈속이 ${josa(fresh.join(", "), "을를")} 보낸다.`];
	}
	if (x.model === 5) {
		const fresh = Object.keys(FDS).filter(b => is.r & b && !(was.r & b)).map(b => FDS[b]);
		if (fresh.length) return [` Winsock records ${fresh.join(" and ")} and signals the event object.`, ` 윈속이 ${josa(fresh.join(", "), "을를")} 기록하고 이벤트 객체를 신호 상태로 만든다.`];
	}
	return null;
}

const ACT = {
	connect(s, x, A) {
		const busy = peers(s.w).filter(p => s.w[p].s === "open");
		if (x.model < 3 && busy.length) return [`Windows completes the connection by itself. ${A} stays in the backlog until the thread is done with ${letter(busy[0])}.`, `연결은 윈도우가 맺는다. 스레드가 ${josa(letter(busy[0]), "과와")}의 일을 끝낼 때까지 ${josa(A, "은는")} 연결 대기 큐에 있다.`];
		const t = told(s, x, 0) || (x.model === 3 ? [" It makes the listening socket readable.", " 연결 대기 소켓이 읽기 가능해진다."] : [" It waits in the backlog for accept().", ` ${josa(A, "은는")} 연결 대기 큐에서 accept()를 기다린다.`]);
		return ["Windows completes the connection by itself, without the server." + t[0], "연결은 서버 없이 윈도우가 맺는다." + t[1]];
	},
	many: () => ["Windows completes the connections by itself. They wait in the backlog for accept().", "연결은 윈도우가 맺는다. 모두 연결 대기 큐에서 accept()를 기다린다."],
	send(s, x, A) {
		const q = s.w[s.p], n = size(q.in[0]), in0 = [`${n} from ${A} ${q.in[0] > 1 ? "lie" : "lies"} in Winsock’s receive buffer.`, `${A}의 ${n}가 윈속의 수신 버퍼에 있다.`], t = told(s, x, s.p);
		const add = (en, ko) => [in0[0] + " " + en, in0[1] + " " + ko];
		if (q.s === "backlog") return x.model < 3 && s.call?.p > 0 ? add(`Nobody has accepted ${A}: they lie there until ${letter(s.call.p)} has left.`, `아무도 ${josa(A, "을를")} 수락하지 않았으니 ${josa(letter(s.call.p), "이가")} 떠날 때까지 그대로이다.`) : add(`${A} has not been accepted yet.`, `${josa(A, "은는")} 아직 수락되지 않았다.`);
		if (x.model < 3 && s.mode !== "runs" && s.call?.f === "send") return add(`The thread is stuck in send(): it reads from nobody.`, "스레드가 send()에 묶여 있어 아무에게서도 읽지 않는다.");
		if (x.model < 3 && s.call?.f === "recv" && s.call.p === s.p) return add("That is what recv() has been waiting for.", "recv()가 기다리던 것이다.");
		if (x.model === 3 && q.held) return add(`The server still holds ${size(q.held)} of ${A}, so it does not read them yet.`, `서버가 ${A}의 ${josa(size(q.held), "을를")} 아직 가지고 있어 지금은 읽지 않는다.`);
		if (x.model === 3) return add(`The read set names ${A}: select() will return.`, `${josa(A, "이가")} 읽기 셋에 있으니 select()가 돌아온다.`);
		if (t) return [in0[0] + t[0], in0[1] + t[1]];
		if (x.model === 4) return add("No message: Winsock posts the next FD_READ only after recv().", "메시지는 없다. 다음 FD_READ는 recv() 뒤에야 온다.");
		if (x.model === 5) return add("Nothing new is recorded: FD_READ comes again only after recv().", "새로 기록되는 것은 없다. FD_READ는 recv() 뒤에야 다시 온다.");
		return add("The server has not seen them yet.", "서버는 아직 보지 못했다.");
	},
	stop: (s, x, A) => [`From now on what the server sends to ${A} piles up in Winsock’s send buffer (${size(x.room)}).`, `이제부터 서버가 ${A}에게 보내는 것은 윈속의 송신 버퍼(${size(x.room)})에 쌓인다.`],
	read: (s, x, A) => s.w[s.p]?.out[0] ? [`${A} takes what has piled up in the send buffer: there will be room again.`, `${josa(A, "이가")} 송신 버퍼에 쌓인 것을 가져가니 자리가 난다.`] : [`${A} reads again. Nothing had piled up.`, `${josa(A, "이가")} 다시 읽는다. 쌓인 것은 없었다.`],
	fin(s, x, A) { const t = told(s, x, s.p) || ["", ""]; return [`${A} sends no more, but still receives. After its last byte recv() returns 0.` + t[0], `${josa(A, "은는")} 더 보내지 않지만 아직 받는다. 마지막 바이트 다음에 recv()가 0을 리턴한다.` + t[1]] },
	reset(s, x, A) { const t = told(s, x, s.p) || ["", ""]; return [`${A} breaks the connection off. What was on its way is lost, and the next call fails.` + t[0], `${josa(A, "이가")} 연결을 끊어 버린다. 오가던 바이트는 사라지고 다음 호출은 실패한다.` + t[1]] },
	close(s, x, A) { const t = told(s, x, s.p) || ["", ""]; return [`${A} closes its socket: it neither sends nor receives any more.` + t[0], `${josa(A, "이가")} 소켓을 닫는다. 더는 보내지도 받지도 않는다.` + t[1]] },
	partial: () => ["send() may take fewer bytes than it is given. The next one will.", "send()는 넘겨받은 것보다 적게 가져갈 수 있다. 다음 send()가 그렇다."],
	noroom: () => ["Windows has nothing left for one more socket: the next accept() fails.", "소켓을 하나 더 만들 여유가 없다. 다음 accept()는 실패한다."],
	nomemory: () => ["There is no memory left for the next new.", "다음 new에 내줄 메모리가 없다."],
	fail: s => [`The next ${s.f}() will fail: ${because(s.e)[0]}.`, `다음 ${s.f}()는 실패한다. ${because(s.e)[1]}.`],
	quit: () => ["Somebody closes the server’s window.", "누군가 서버의 윈도우를 닫는다."] };

const fails = (s, en, ko) => [because(s.e)[0].replace(/^./, c => c.toUpperCase()) + ": " + en, because(s.e)[1] + ". " + ko];
const CALL = {
	socket: () => ["The server makes a socket.", "서버가 소켓을 만든다."],
	listen: () => ["From now on Windows takes connections into the backlog, whether the server looks or not.", "이제부터 서버가 보든 말든 윈도우가 연결을 연결 대기 큐에 받아 둔다."],
	getsockname: () => ["The server asks for its own address, to write it into its log.", "서버가 로그에 적을 자기 주소를 묻는다."],
	getpeername: s => s.e ? fails(s, "nobody knows the address any more.", "주소를 아무도 모른다.") : ["The server asks for the client’s address.", "서버가 클라이언트의 주소를 묻는다."],
	accept(s, x) {
		if (s.k === "wait") return ["Nobody is in the backlog. The thread sleeps in this call until somebody connects.", "연결 대기 큐가 비어 있다. 누군가 연결할 때까지 스레드가 이 호출에서 잠든다."];
		if (s.e === "WSAEWOULDBLOCK") return x.model === 2 ? ["Nobody is in the backlog. The server asks again, at once and without end.", "연결 대기 큐가 비어 있다. 서버는 바로, 끝없이 다시 묻는다."] : ["Nobody is in the backlog. The call does not wait; it says so at once.", "연결 대기 큐가 비어 있다. 기다리지 않고 바로 알려 준다."];
		if (s.e) return fails(s, `${many(s.w[0].b)[0]} in the backlog has to be accepted later.`, `연결 대기 큐의 ${josa(many(s.w[0].b)[1], "은는")} 나중에 수락해야 한다.`);
		const A = letter(s.peer), rest = s.w[0].b;
		const left = rest.length ? [` ${many(rest)[0]} still wait${rest.length > 1 ? "" : "s"} there.`, ` 아직 ${josa(many(rest)[1], "이가")} 남아 있다.`] : x.model < 3 ? [` From now on the thread deals with ${A} alone.`, ` 이제부터 스레드는 ${A}만 상대한다.`] : ["", ""];
		return [`${A} leaves the backlog and gets a socket of its own.` + left[0], `${josa(A, "이가")} 연결 대기 큐에서 나와 자기 소켓을 받는다.` + left[1]];
	},
	recv(s, x, A, q, was) {
		const kept = peers(s.w).filter(p => p !== s.p && !s.w[p].done && (s.w[p].s === "backlog" || s.w[p].in[0]));
		const others = kept.length && x.model < 3 ? [` Meanwhile ${many(kept)[0]} wait${kept.length > 1 ? "" : "s"}.`, ` 그동안 ${josa(many(kept)[1], "은는")} 기다린다.`] : ["", ""];
		if (s.k === "wait") return [`${A} has sent nothing. The thread sleeps in this call and serves nobody else.` + others[0], `${josa(A, "이가")} 보낸 것이 없다. 스레드는 이 호출에서 잠들고 다른 누구도 상대하지 못한다.` + others[1]];
		if (s.e === "WSAEWOULDBLOCK") return x.model === 2 ? [`${A} has sent nothing. The server asks ${A} again, at once: a whole core for nothing.` + others[0], `${josa(A, "이가")} 보낸 것이 없다. 서버는 ${A}에게 바로 다시 묻는다. 코어 하나를 헛되이 쓴다.` + others[1]] : [`Nothing of ${A} to read. The call does not wait; it says so at once, and FD_READ can come again.`.replace(x.model === 3 ? ", and FD_READ can come again" : "\u0000", ""), `${A}에게서 읽을 것이 없다. 기다리지 않고 바로 알려 준다.`];
		if (s.e) return fails(s, "the server gives the client up.", "서버는 이 클라이언트를 포기한다.");
		if (s.r === 0) return [`0 bytes: ${A} has sent everything and sends no more. The server can close.`, `0바이트. ${josa(A, "은는")} 다 보냈고 더 보내지 않는다. 서버는 닫아도 된다.`];
		const in1 = q.in[0], t = told(s, x, s.p), more = in1 ? [` ${size(in1)} are left.`, ` ${josa(size(in1), "이가")} 남았다.`] : ["", ""];
		const arm = x.model > 3 ? t || [" FD_READ can come again.", " FD_READ가 다시 올 수 있다."] : ["", ""];
		return [`${size(s.r)} move from Winsock’s receive buffer into the server’s own.` + more[0] + arm[0], `${josa(size(s.r), "이가")} 윈속의 수신 버퍼에서 서버의 버퍼로 옮겨진다.` + more[1] + arm[1]];
	},
	send(s, x, A, q, was) {
		if (s.k === "wait") return [`${A} does not read and its send buffer is full. The thread sleeps here, and everybody else waits with it.`, `${josa(A, "이가")} 읽지 않아 송신 버퍼가 가득 찼다. 스레드가 여기서 잠들고 모두가 함께 기다린다.`];
		if (s.e === "WSAEWOULDBLOCK") {
			if (x.model === 2) return [`No room in ${A}’s send buffer. The server tries again, at once and without end, until ${A} reads.`, `${A}의 송신 버퍼에 자리가 없다. ${josa(A, "이가")} 읽을 때까지 바로, 끝없이 다시 시도한다.`];
			if (x.model === 3) return [`No room in ${A}’s send buffer. The server keeps the ${size(held(q))}; select() will say when there is room.`, `${A}의 송신 버퍼에 자리가 없다. 서버는 ${josa(size(held(q)), "을를")} 가지고 있고, 자리가 나면 select()가 알려 준다.`];
			return [`send() found no room: FD_WRITE is armed again. The server keeps the ${size(held(q))} until it comes.`, `send()가 빈자리를 찾지 못했으니 FD_WRITE가 다시 올 수 있다. 그때까지 서버가 ${josa(size(held(q)), "을를")} 가지고 있는다.`];
		}
		if (s.e) return fails(s, "the server gives the client up.", "서버는 이 클라이언트를 포기한다.");
		if (s.b !== undefined && s.r === undefined) return [`These are not the bytes that ${A} has sent.`, `${josa(A, "이가")} 보낸 바이트가 아니다.`];
		if (s.r < s.n) return [`Winsock takes ${size(s.r)} of ${size(s.n)}. The server has to send the rest itself.`, `윈속이 ${size(s.n)} 가운데 ${size(s.r)}만 가져간다. 나머지는 서버가 다시 보내야 한다.`];
		if (q.out[0] > x.room && !x.wine) return [`Windows takes all of it as long as any room is left: ${size(q.out[0])} in a buffer of ${size(x.room)}. Now it is full.`, `윈도우는 자리가 조금이라도 남아 있으면 모두 가져간다. ${size(x.room)} 버퍼에 ${josa(size(q.out[0]), "이가")} 들어갔다. 이제 가득 찼다.`];
		return [`${size(s.r)} go into Winsock’s send buffer. It does not mean that ${A} has read them.`, `${josa(size(s.r), "이가")} 윈속의 송신 버퍼로 들어간다. ${josa(A, "이가")} 읽었다는 뜻은 아니다.`];
	},
	closesocket: (s, x, A) => s.p > 0 ? [`The server closes ${A}’s connection. Windows may give the same handle to the next client.`, `서버가 ${A}의 연결을 닫는다. 윈도우는 같은 핸들을 다음 클라이언트에게 줄 수 있다.`] : ["The server closes a socket.", "서버가 소켓을 닫는다."],
	select(s, x) {
		const w = s.ask.w.filter(p => p > 0), r = s.ask.r.filter(p => p > 0), h = p => `${size(held(s.w[p]))}`;
		if (s.k === "wait") {
			const wrong = r.filter(p => held(s.w[p]));
			if (w.length === 1) return [`The server holds ${h(w[0])} of ${letter(w[0])}, so ${letter(w[0])} is in the write set and is not read. Any socket that gets ready ends the wait.`, `서버가 ${letter(w[0])}의 ${josa(h(w[0]), "을를")} 가지고 있어 ${josa(letter(w[0]), "은는")} 쓰기 셋에 있고 읽지 않는다. 소켓 하나만 준비되어도 깨어난다.`];
			if (w.length) return [`The server holds bytes of ${many(w)[0]}: they are in the write set and are not read. Any socket that gets ready ends the wait.`, `서버가 ${many(w)[1]}의 바이트를 가지고 있어 쓰기 셋에 넣고 읽지 않는다. 소켓 하나만 준비되어도 깨어난다.`];
			if (!r.length) return ["Only the listening socket is in the read set: the thread sleeps until somebody connects.", "읽기 셋에는 연결 대기 소켓뿐이다. 누군가 연결할 때까지 스레드가 잠든다."];
			if (wrong.length) return [`${many(wrong)[0]}: in the read set although the server holds bytes of it.`, `${many(wrong)[1]}: 서버가 바이트를 가지고 있는데도 읽기 셋에 있다.`];
			return [`The server holds nothing of ${many(r)[0]}: only the read set. One call waits for all, the listening socket too.`, `서버가 ${josa(many(r)[1], "을를")} 위해 가지고 있는 것이 없어 읽기 셋에만 넣는다. 호출 하나가 연결 대기 소켓까지 모두를 기다린다.`];
		}
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		const on = s.ready || { r: [], w: [] }, parts = [[], []];
		if (on.r.includes(0)) { parts[0].push("somebody is in the backlog"); parts[1].push("연결 대기 큐에 누가 있다") }
		const rd = on.r.filter(p => p > 0), wr = on.w.filter(p => p > 0);
		if (rd.length) { parts[0].push(`${many(rd)[0]} can be read`); parts[1].push(`${josa(many(rd)[1], "을를")} 읽을 수 있다`) }
		if (wr.length) { parts[0].push(`${many(wr)[0]} can be written to`); parts[1].push(`${many(wr)[1]}에게 쓸 수 있다`) }
		if (!parts[0].length) return ["The time is up, and nothing is ready.", "시간이 다 되었고 준비된 것이 없다."];
		return [`Ready: ${parts[0].join("; ")}. All others have been taken out of the sets.`, `준비됨: ${parts[1].join(", ")}. 나머지는 셋에서 빠졌다.`];
	},
	GetMessage(s, x) {
		if (s.k === "wait") {
			const owes = peers(s.w).filter(p => s.w[p].s === "open" && held(s.w[p]));
			return owes.length ? [`The queue is empty. The server holds bytes of ${many(owes)[0]}: FD_WRITE will come when the client reads.`, `큐가 비어 있다. 서버가 ${many(owes)[1]}의 바이트를 가지고 있다. 클라이언트가 읽으면 FD_WRITE가 온다.`] : ["The queue is empty. The thread sleeps until Winsock posts a message.", "큐가 비어 있다. 윈속이 메시지를 보낼 때까지 스레드가 잠든다."];
		}
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		const [p, what, error, stale] = s.msg || [-1, "", 0, 0], A = letter(p), h = held(s.w[p]);
		if (stale) return ["A message of a socket that is closed. Its number may belong to another connection by now.", "이미 닫힌 소켓의 메시지이다. 같은 번호를 지금은 다른 연결이 쓰고 있을 수 있다."];
		if (error) return [`It carries an error code (${error}): the message is where it stands, WSAGetLastError() does not know it.`, `오류 코드(${error})가 메시지에 담겨 왔다. WSAGetLastError()로는 알 수 없다.`];
		if (what === "FD_ACCEPT") return ["Somebody is in the backlog. The next FD_ACCEPT comes only after accept().", "연결 대기 큐에 누가 있다. 다음 FD_ACCEPT는 accept() 뒤에야 온다."];
		if (what === "FD_READ") return h ? [`${A} has sent more, but the server still holds ${size(h)} of it: it must read later, and no other FD_READ will remind it.`, `${josa(A, "이가")} 더 보냈지만 서버가 ${josa(size(h), "을를")} 아직 가지고 있다. 나중에 읽어야 하는데 FD_READ는 다시 오지 않는다.`] : [`There is something of ${A} to read. The next FD_READ comes only after recv().`, `${A}에게서 읽을 것이 있다. 다음 FD_READ는 recv() 뒤에야 온다.`];
		if (what === "FD_WRITE") return h ? [`${A}’s send buffer has room again: the server can send the ${size(h)} it has kept.`, `${A}의 송신 버퍼에 다시 자리가 났다. 가지고 있던 ${josa(size(h), "을를")} 보낼 수 있다.`] : [`The first FD_WRITE comes with the connection: ${A} can be written to. There is nothing to send yet.`, `첫 FD_WRITE는 연결과 함께 온다. ${A}에게 쓸 수 있지만 아직 보낼 것이 없다.`];
		if (what === "FD_CLOSE") return s.w[p]?.in[0] ? [`${A} sends no more. It comes once, and ${size(s.w[p].in[0])} are still unread: read on until recv() returns 0.`, `${josa(A, "은는")} 더 보내지 않는다. FD_CLOSE는 한 번만 오는데 ${josa(size(s.w[p].in[0]), "이가")} 읽히지 않았다. recv()가 0을 리턴할 때까지 읽어야 한다.`] : [`${A} sends no more. It comes once: read until recv() returns 0, send what is left, then close.`, `${josa(A, "은는")} 더 보내지 않는다. FD_CLOSE는 한 번만 온다. recv()가 0을 리턴할 때까지 읽고 남은 것을 보낸 뒤 닫는다.`];
		return ["A message that is not of a socket.", "소켓과 관계없는 메시지이다."];
	},
	DispatchMessage: () => ["Windows calls the server’s window procedure with the message.", "윈도우가 이 메시지로 서버의 윈도우 프로시저를 호출한다."],
	PostMessage: s => s.e ? fails(s, "nobody will remind the server of these bytes.", "이 바이트를 다시 알려 줄 것이 없다.") : ["The server posts the message to itself: Winsock would post none for what already lies there.", "이미 와 있는 것에는 윈속이 메시지를 보내지 않으므로 서버가 자신에게 보낸다."],
	WSAAsyncSelect: (s, x, A) => s.e ? fails(s, "this socket will post nothing.", "이 소켓은 메시지를 보내지 않는다.") : s.p === 0 ? ["From now on Winsock posts FD_ACCEPT when somebody connects. The socket becomes non-blocking.", "이제부터 누가 연결하면 윈속이 FD_ACCEPT를 보낸다. 소켓은 논블로킹이 된다."] : [`From now on Winsock posts these events of ${A} as messages.` + (told(s, x, s.p) || [""])[0], `이제부터 윈속이 ${A}의 이벤트를 메시지로 보낸다.` + (told(s, x, s.p) || ["", ""])[1]],
	WSAWaitForMultipleEvents(s, x) {
		const lit = s.array.filter(p => s.w[p]?.e), after = s.from > 0;
		if (s.k === "wait") return s.ms ? [`The thread sleeps until an object is signalled, or ${s.ms} ms are over.`, `이벤트 객체 하나가 신호 상태가 되거나 ${s.ms} ms가 지날 때까지 스레드가 잠든다.`] : [s.ask.length > 1 ? `One call waits for all ${s.ask.length} event objects, one for each socket. None is signalled.` : "The only event object is the listening socket’s: the thread sleeps until somebody connects.", s.ask.length > 1 ? `호출 하나가 소켓마다 하나씩인 이벤트 객체 ${s.ask.length}개를 모두 기다린다. 신호 상태인 것은 없다.` : "이벤트 객체는 연결 대기 소켓의 것뿐이다. 누군가 연결할 때까지 스레드가 잠든다."];
		if (s.e === "WSA_WAIT_TIMEOUT") return after ? ["None of the objects behind is signalled: the round is over, and the server waits for all of them again.", "뒤쪽에는 신호 상태인 것이 없다. 한 바퀴가 끝났으니 서버는 다시 전부를 기다린다."] : ["The time is over, and nothing has happened.", "시간이 다 되었고 아무 일도 없었다."];
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		const name = sock(s.ready), i = s.array.indexOf(s.ready), others = lit.filter(p => s.array.indexOf(p) > i);
		if (others.length) return [`It names only the lowest index, ${i} (${name[0]}), although ${many(others)[0]} ${others.length > 1 ? "are" : "is"} signalled, too. So the server asks again from ${i + 1} on.`, `${josa(many(others)[1], "도도")} 신호 상태인데 가장 작은 인덱스 ${i}(${name[1]})만 알려 준다. 그래서 서버는 ${i + 1}번부터 다시 묻는다.`];
		return [`Index ${i} is signalled: ${i ? name[0] : "the listening socket"}. It is the lowest; the server will ask for those behind, too.`, `인덱스 ${i}(${name[1]})가 신호 상태이다. 가장 작은 것만 알려 주므로 서버는 그 뒤쪽도 묻는다.`];
	},
	WSAEnumNetworkEvents(s, x, A) {
		if (s.e) return fails(s, "the record cannot be read.", "기록을 읽을 수 없다.");
		if (!s.ev?.length) return ["The object was signalled, but nothing is recorded: the server has signalled it itself.", "신호 상태였지만 기록이 비어 있다. 서버가 스스로 신호를 준 것이다."];
		const errs = s.errs && Object.keys(s.errs).length ? [` With an error: ${Object.values(s.errs)[0]}.`, ` 오류도 있다: ${Object.values(s.errs)[0]}.`] : ["", ""];
		return [`What has happened to ${s.p ? A : "the listening socket"}: ${s.ev.join(", ")}. The call clears the record and resets the event object.` + errs[0], `${s.p ? A : "연결 대기 소켓"}에 일어난 일: ${s.ev.join(", ")}. 이 호출이 기록을 지우고 이벤트 객체를 비신호 상태로 되돌린다.` + errs[1]];
	},
	WSAEventSelect: (s, x, A) => s.e ? fails(s, "nothing will signal the object.", "이 객체는 신호를 받지 못한다.") : [`From now on these events of ${s.p ? A : "the listening socket"} signal its object. The socket is non-blocking.`, `이제부터 ${s.p ? A : "연결 대기 소켓"}의 이 이벤트들이 이벤트 객체를 신호 상태로 만든다. 소켓은 논블로킹이다.`],
	WSACreateEvent: s => s.e ? fails(s, "there is no event object for the new socket.", "새 소켓에 줄 이벤트 객체가 없다.") : ["A new event object for the new socket, not signalled.", "새 소켓을 위한 새 이벤트 객체이다. 비신호 상태이다."],
	WSASetEvent: (s, x, A) => [`The server signals ${A ? A + "’s" : "the"} object itself: bytes are waiting, and Winsock will not say so again.`, `서버가 ${A ? A + "의 " : ""}이벤트 객체를 스스로 신호 상태로 만든다. 바이트가 기다리는데 윈속은 다시 알려 주지 않는다.`],
	WSAResetEvent: () => ["The server resets the event object.", "서버가 이벤트 객체를 비신호 상태로 되돌린다."],
	WSACloseEvent: () => ["The event object goes with its socket.", "이벤트 객체도 소켓과 함께 없어진다."],
	Sleep: s => [`The thread sleeps ${s.ms || 100} ms before it tries again; it serves nobody meanwhile.`, `다시 시도하기 전에 ${s.ms || 100} ms 동안 쉰다. 그동안은 아무도 상대하지 않는다.`],
	SetTimer: s => [`In ${s.ms || 100} ms a WM_TIMER comes, to try again.`, `${s.ms || 100} ms 뒤에 WM_TIMER가 와서 다시 시도하게 한다.`],
	WSACleanup: () => ["The server lets go of Winsock and ends.", "서버가 윈속을 놓고 끝난다."],
	shutdown: (s, x, A) => [`The server ends its side of ${A}’s connection.`, `서버가 ${A}에게 보내기를 끝낸다.`],
	exit: () => ["The server ends itself.", "서버가 스스로 끝난다."] };

// [headline, sentence], each [English, Korean]
function explain(s, x) {
	x = { ...x, prev: x.prev || s };
	const A = letter(s.p), q = s.w[s.p], was = x.prev.w[s.p], both = t => [t, t];
	if (s.k === "line") return [both(String(s.l)), both("")];
	if (s.k === "log" || s.k === "error") {
		const t = s.t.trim(), say = s.k === "error" ? ["The server reports an error: the line of its source, and the system’s number and text.", "서버가 오류를 알린다. 소스의 줄 번호와 시스템의 번호, 문구이다."] :
			/Listening/.test(t) ? ["The server is ready.", "서버가 준비되었다."] : /Accept/.test(t) ? ["The server knows this client from now on.", "이제부터 서버가 이 클라이언트를 안다."] : /Disconnect/.test(t) ? ["The server forgets this client.", "서버가 이 클라이언트를 잊는다."] : /full/.test(t) ? ["There is no entry left for one more client.", "클라이언트를 하나 더 받을 항목이 없다."] : ["What it has received, as the server’s log shows it.", "받은 것이 서버의 로그에 이렇게 나온다."];
		return [both(t), say];
	}
	if (s.k === "get") {
		const t = told(s, x, s.p) || (x.model < 3 && s.call?.p === s.p && s.call.f === "send" && s.mode !== "runs" ? [" send() can go on.", " send()가 이어질 수 있다."] : x.model === 3 && held(q) ? [` select() will find ${A} writable.`, ` select()가 ${josa(A, "을를")} 쓰기 가능하다고 알려 줄 것이다.`] : ["", ""]);
		const what = s.n <= 12 && s.b ? `“${s.b}”` : size(s.n), all = q.got[0] >= q.said[0];
		return [[`${A} gets ${what} back`, `${josa(A, "이가")} ${what} 돌려받음`], [(all ? `${A} has everything back; its send buffer has room.` : `${A} reads: its send buffer has room again.`) + t[0], (all ? `${josa(A, "은는")} 모두 돌려받았고, 송신 버퍼에 자리가 있다.` : `${josa(A, "이가")} 읽어 송신 버퍼에 다시 자리가 났다.`) + t[1]]];
	}
	if (s.k === "sees") {
		const lost = q.said[0] - q.got[0];
		return s.what === "reset" ? [[`${A} sees a reset`, `${josa(A, "이가")} 리셋을 봄`], [`The connection is broken off.` + (lost > 0 ? ` ${size(lost)} never came back.` : ""), "연결이 끊겼다." + (lost > 0 ? ` ${josa(size(lost), "은는")} 돌아오지 못했다.` : "")]] :
			[[`${A} sees the end`, `${josa(A, "이가")} 끝(FIN)을 봄`], lost > 0 ? [`The server has closed, but ${size(lost)} never came back.`, `서버가 닫았지만 ${josa(size(lost), "은는")} 돌아오지 못했다.`] : ["The server has closed its side, too. Every byte came back.", "서버도 닫았다. 모든 바이트가 돌아왔다."]];
	}
	if (s.k === "act") {
		const [en, ko] = [actWords(s, "en"), actWords(s, "ko")].map(w => w.join(" ").trim());
		const head = [A ? `${A} ${en}` : en, A ? `${A}: ${ko}` : ko];
		return [head, s.no ? ["The client cannot do that now.", "지금은 할 수 없는 행동이다."] : (ACT[s.do] || (() => ["Something happens to the server.", "서버에 무슨 일이 일어난다."]))(s, x, A)];
	}
	if (s.k === "rest" || s.k === "spin") {
		if (s.k === "spin") return [["It asks on without end", "끝없이 되묻는다"], ["Nothing changes until a client acts: press a button beside a client.", "클라이언트가 움직여야 답이 바뀐다. 클라이언트 옆의 단추를 눌러 보자."]];
		const c = s.call && s.call.k === "wait" ? explain({ ...s.call, w: s.w, array: s.array }, { ...x, prev: null })[1] : ["", ""];
		return [["It sleeps until a client acts", "클라이언트가 움직일 때까지 잠든다"], [c[0] || "Press a button beside a client.", c[1] || "클라이언트 옆의 단추를 눌러 보자."]];
	}
	if (s.k === "broken") return [[s.rule, s.rule], [s.t, (RULES[s.rule] || [s.t])[0]]];
	if (s.k === "crash") return [both(s.code), ["A null pointer is used: Windows ends the process, and every client is cut off.", "NULL 포인터를 썼다. 윈도우가 프로세스를 끝내고 모든 클라이언트의 연결이 끊긴다."]];
	if (s.k === "exit") return [[`The server has ended, exit code ${s.code}`, `서버가 끝났다. 종료 코드 ${s.code}`], ["Every client is cut off.", "모든 클라이언트의 연결이 끊긴다."]];
	const text = (CALL[s.f] || (() => s.e ? fails(s, "the call has failed.", "호출이 실패했다.") : ["The server goes on.", "서버가 이어서 실행한다."]))(s, x, A, q, was);
	return [[signature(s, 0), signature(s, 1)], text];
}

// A call as it is written: name(arguments) → result
function signature(s, ko) {
	const name = p => sock(p)[ko], set = (label, ps) => ps.length ? `${label}: ${ps.length > 6 ? many(ps, 6)[ko] : ps.map(name).join(", ")}` : "";
	const args = { select: () => [set(ko ? "읽기" : "read", s.ask.r), set(ko ? "쓰기" : "write", s.ask.w), s.ms ? s.ms + " ms" : ""].filter(Boolean).join("; "),
		WSAWaitForMultipleEvents: () => (s.ask.length > 6 ? `[${s.from || 0}…${(s.from || 0) + s.ask.length - 1}]` : s.ask.map((p, i) => `[${i + (s.from || 0)}] ${name(p)}`).join(", ")) + (s.ms !== undefined ? `, ${s.ms} ms` : ""),
		GetMessage: () => "", Sleep: () => s.ms ?? "", PostMessage: () => s.msg ? `${s.msg[1]}, ${name(s.msg[0])}` : "" }[s.f];
	const given = args ? args() : [s.p !== undefined ? name(s.p) : "", s.n ?? "", (s.f === "WSAAsyncSelect" || s.f === "WSAEventSelect") && s.ev ? s.ev.join(" | ") : ""].filter(v => v !== "").join(", ");
	let result = s.e || (s.peer !== undefined ? letter(s.peer) : s.r ?? "");
	if (s.f === "select" && s.ready) result = [set(ko ? "읽기" : "read", s.ready.r), set(ko ? "쓰기" : "write", s.ready.w)].filter(Boolean).join("; ") || (ko ? "없음" : "nothing");
	if (s.f === "WSAWaitForMultipleEvents" && s.ready !== undefined) result = `[${s.array.indexOf(s.ready)}] ${name(s.ready)}`;
	if (s.f === "GetMessage" && s.msg) result = s.msg[0] >= 0 ? `${s.msg[1]}, ${name(s.msg[0])}` : s.msg[1];
	if (s.f === "WSAEnumNetworkEvents" && !s.e) result = s.ev?.length ? s.ev.join(" | ") : ko ? "없음" : "nothing";
	return `${s.f}(${given})` + (s.k !== "wait" && result !== "" ? " → " + result : "");
}

const RULES = { // [Korean]; the tape has the particulars in English
	echo: ["받은 것을 그 순서대로 돌려준다."], lost: ["닫기 전에 받은 것을 모두 돌려준다."], dropped: ["끝이나 오류가 아니면 닫지 않는다."],
	held: ["연결마다 512바이트까지만 가진다."], handle: ["닫은 핸들을 쓰거나 두 번 닫지 않는다."], "shared-event": ["이벤트 객체는 소켓 하나의 것이다."],
	leak: ["끝난 연결은 아무것도 남기지 않는다."], stall: ["줄 것이 있는데 끝나지 않을 대기를 하지 않는다."], elsewhere: ["상대할 수 있는 클라이언트를 빼고 기다리지 않는다."],
	owed: ["읽거나 돌려줄 수 있는데 기다리지 않는다."], deaf: ["연결하려는 이를 빼고 기다리지 않는다."], spin: ["바뀌는 것 없이 끝없이 호출하지 않는다."], awake: ["아무 일 없으면 쉰다."],
	refused: ["여유가 없으면 기다렸다 다시 하고, 로그를 채우지 않는다."], unfair: ["남이 준비되었는데 한 클라이언트만 잇달아 상대하지 않는다."], log: ["로그는 일어난 일을 맞는 상대로 적는다."],
	"no-word": ["오류로 끝난 연결은 오류 줄을 남긴다."], flush: ["기다릴 때 로그가 다 나와 있다."], exit: ["끝내라고 할 때까지 계속한다."],
	"wait-again": ["대기가 실패하면 메시지를 남기고 코드 1로 끝난다."], start: ["시작 호출이 실패하면 메시지를 남기고 코드 1로 끝난다."],
	exposed: ["독점으로, 루프백 주소의 지정한 포트에 묶는다."], memory: ["메모리가 모자라면 클라이언트 하나만 잃는다."], strict: ["문서가 허락하지 않는 인수로 호출하지 않는다."] };

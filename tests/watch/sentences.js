// What a step is (the headline) and why it matters, for this client, now (the sentence): [English, Korean] each. All of
// it comes from the step's fields and from the state before and after it.
//   s  the step;  x  model, prev (the step before), room (size of the send buffer), wine;  A  the client's letter
//   q  the client's state after the step
const NOTHING = ["", ""];
const join = (...pairs) => [0, 1].map(k => pairs.map(p => p[k]).join(""));
const listed = names => names.length < 2 ? names.join("") : names.slice(0, -1).join(", ") + " and " + names.at(-1);
const some = (ps, most = 4) => ps.length > most ? [ps.length + " clients", `클라이언트 ${ps.length}개`] :
	[listed(ps.map(letter)), ps.map(letter).join(", ")];
const sock = p => p > 0 ? [letter(p), letter(p)] : p === 0 ? ["listening", "연결 대기"] : ["no socket", "없는 소켓"];
const held = q => q?.held || 0;
const clientsOf = (s, is) => peers(s.w).filter(p => is(s.w[p]));

const ERRORS = {
	WSAECONNRESET: ["The client has reset the connection", "클라이언트가 연결을 리셋했다"],
	WSAECONNABORTED: ["The connection has been broken off", "연결이 끊어졌다"],
	WSAENOTCONN: ["The connection is already gone", "연결이 이미 없다"],
	WSAEMFILE: ["The system has no room for one more socket", "소켓을 하나 더 만들 여유가 없다"],
	WSAENOBUFS: ["The system is out of buffers", "시스템에 버퍼가 모자란다"],
	WSAENETDOWN: ["The network has failed", "네트워크가 고장 났다"],
	WSAENOTSOCK: ["This is no socket, or no longer one", "소켓이 아니거나 이미 닫힌 소켓이다"],
	WSAEADDRINUSE: ["Another program has the port", "다른 프로그램이 그 포트를 쓰고 있다"],
	WSAEFAULT: ["The length or the address makes no sense", "길이나 주소가 잘못되었다"],
	WSAEINVAL: ["An argument is wrong", "인수가 잘못되었다"],
	NULL: ["There is no memory left", "남은 메모리가 없다"] };
const reason = e => ERRORS[e] || ["It says " + e, josa(e, "이가") + " 돌아왔다"];
const fails = (s, en, ko) => join(reason(s.e), [": " + en, ". " + ko]);

// What Winsock tells the server of the socket p in this step: a message (04), or the record and the event object (05).
const EVENTS = { 1: "FD_READ", 2: "FD_WRITE", 8: "FD_ACCEPT", 32: "FD_CLOSE" };
function tells(s, x, p) {
	if (x.model === 4) {
		const before = x.prev.q.filter(m => m[0] === p).length, fresh = s.q.filter(m => m[0] === p).slice(before).map(m => m[1]);
		if (fresh.length) return [` Winsock posts ${listed(fresh)}.`, ` 윈속이 ${josa(fresh.join(", "), "을를")} 보낸다.`];
	}
	if (x.model === 5) {
		const was = x.prev.w[p]?.r || 0, fresh = Object.keys(EVENTS).filter(bit => s.w[p]?.r & bit && !(was & bit)).map(bit => EVENTS[bit]);
		if (fresh.length) return [` Winsock records ${listed(fresh)} and signals the event object.`,
			` 윈속이 ${josa(fresh.join(", "), "을를")} 기록하고 이벤트 객체를 신호 상태로 만든다.`];
	}
	return null;
}

// -- What the clients do ---------------------------------------------------------------------------------------------------
const ACTS = {
	connect(s, x, A) {
		const [busy] = x.model < 3 ? clientsOf(s, c => c.s === "open") : [];
		if (busy) return [`Windows completes the connection by itself. ${A} stays in the backlog until the thread is done with ${letter(busy)}.`,
			`연결은 Windows가 맺는다. 스레드가 ${letter(busy)}의 일을 끝낼 때까지 ${josa(A, "은는")} 연결 대기 큐에 있다.`];
		return join(["Windows completes the connection by itself, without the server.", "연결은 서버가 관여하지 않아도 Windows가 맺는다."],
			tells(s, x, 0) || (x.model === 3 ? [" It makes the listening socket readable.", " 연결 대기 소켓이 읽기 가능해진다."] :
				[" It waits in the backlog for accept().", ` ${josa(A, "은는")} 연결 대기 큐에서 accept()를 기다린다.`]));
	},
	many: (s, x) => join(["Windows completes the connections by itself. They wait in the backlog for accept().",
		"연결은 Windows가 맺는다. 모두 연결 대기 큐에서 accept()를 기다린다."], tells(s, x, 0) || NOTHING),
	send(s, x, A, q) {
		const lies = [`${size(q.in[0])} from ${A} ${q.in[0] > 1 ? "lie" : "lies"} in Winsock’s receive buffer.`,
			`${A}의 ${josa(size(q.in[0]), "이가")} 윈속의 수신 버퍼에 있다.`];
		if (s.meant > s.n) return join([`Winsock’s receive buffer has room for ${size(s.n)}. A real send() would wait here; this client leaves out the other ${size(s.meant - s.n)}.`,
			`윈속의 수신 버퍼에 ${size(s.n)}만 들어간다. 진짜 send()라면 여기서 기다리지만 이 클라이언트는 나머지 ${josa(size(s.meant - s.n), "을를")} 보내지 않는다.`], tells(s, x, s.p) || NOTHING);
		const so = (en, ko) => join(lies, [" " + en, " " + ko]);
		const c = s.call, asleep = x.model < 3 && s.mode !== "runs";
		if (q.s === "backlog") return asleep && c?.p > 0 ?
			so(`Nobody has accepted ${A}: they lie there until ${letter(c.p)} has left.`,
				`${josa(letter(c.p), "이가")} 떠날 때까지 아무도 ${josa(A, "을를")} 수락하지 않는다.`) :
			so(`${A} has not been accepted yet.`, `${josa(A, "은는")} 아직 수락되지 않았다.`);
		if (asleep && c?.f === "send") return so("The thread is stuck in send(): it reads from nobody.",
			"스레드가 send()에 묶여 있어 아무에게서도 읽지 않는다.");
		if (asleep && c?.f === "recv" && c.p === s.p) return so("That is what recv() has been waiting for.",
			"recv()가 기다리던 것이다.");
		if (x.model === 3 && q.held) return so(`The server still holds ${size(q.held)} from ${A}, so it does not read them yet.`,
			`서버가 ${A}의 ${josa(size(q.held), "을를")} 아직 가지고 있어 지금은 읽지 않는다.`);
		if (x.model === 3) return so(`${A} is readable now: select() will name it.`,
			`이제 ${josa(A, "은는")} 읽기 가능하니 select()가 알려 준다.`);
		if (x.model < 3) return so("The server has not seen them yet.", "서버는 아직 보지 못했다.");
		if (tells(s, x, s.p)) return join(lies, tells(s, x, s.p));
		return x.model === 4 ? so("No message: Winsock posts the next FD_READ only after recv().",
			"메시지는 없다. 다음 FD_READ는 recv() 뒤에야 온다.") :
			so("Nothing new is recorded: FD_READ comes again only after recv().", "새로 기록되는 것은 없다. FD_READ는 recv() 뒤에야 다시 온다.");
	},
	stop: (s, x, A) => [`From now on what the server sends to ${A} piles up in Winsock’s send buffer (${size(x.room)}).`,
		`이제부터 서버가 ${A}에게 보내는 것은 윈속의 송신 버퍼(${size(x.room)})에 쌓인다.`],
	read: (s, x, A, q) => q.out[0] ? [`${A} takes what has piled up in the send buffer: there will be room again.`,
		`${josa(A, "이가")} 송신 버퍼에 쌓인 것을 가져가니 자리가 난다.`] : [`${A} reads again. Nothing had piled up.`,
			`${josa(A, "이가")} 다시 읽는다. 쌓인 것은 없었다.`],
	fin: (s, x, A) => join([`${A} sends no more, but still receives. After its last byte recv() returns 0.`,
		`${josa(A, "은는")} 더 보내지 않지만 아직 받는다. 마지막 바이트 다음에 recv()가 0을 리턴한다.`], tells(s, x, s.p) || NOTHING),
	reset: (s, x, A) => join([`${A} breaks the connection off: what was on its way is lost, and the server’s next call fails.`,
		`${josa(A, "이가")} 연결을 끊어 버린다. 오가던 바이트는 사라지고 서버의 다음 호출은 실패한다.`], tells(s, x, s.p) || NOTHING),
	close: (s, x, A, q) => join(q.rst ? [`${A} closes its socket with bytes unread: that is a reset.`,
		`${josa(A, "이가")} 읽지 않은 바이트를 둔 채 소켓을 닫는다. 그러면 리셋이다.`] :
		[`${A} closes its socket: it neither sends nor receives any more.`,
			`${josa(A, "이가")} 소켓을 닫는다. 더는 보내지도 받지도 않는다.`], tells(s, x, s.p) || NOTHING),
	partial: () => ["send() may take fewer bytes than it is given. The next one will.",
		"send()는 넘겨받은 것보다 적게 가져갈 수 있다. 다음 send()가 그렇다."],
	noroom: () => ["Windows has nothing left for one more socket: the next accept() fails.",
		"소켓을 하나 더 만들 여유가 없다. 다음 accept()는 실패한다."],
	nomemory: () => ["There is no memory left for the next new.", "다음 new에 내줄 메모리가 없다."],
	fail: s => s.fails === "event" ? [`The next event will carry an error${s.e ? ", " + s.e : ""}. No client can bring that about; Windows can.`,
		`다음 이벤트에는 오류가 담긴다${s.e ? `(${s.e})` : ""}. 클라이언트는 일으킬 수 없지만 Windows에서는 일어날 수 있다.`] :
		s.fails === "late" ? ["Winsock’s next message will come late.",
			"윈속의 다음 메시지는 늦게 온다."] : [`The next ${s.fails}() will fail${s.e ? " with " + s.e : ""}. No client can bring that about; Windows can.`,
		`다음 ${s.fails}()는 실패한다${s.e ? `(${s.e})` : ""}. 클라이언트는 일으킬 수 없지만 Windows에서는 일어날 수 있다.`],
	quit: () => ["Somebody closes the server’s window.", "누군가 서버의 윈도우를 닫는다."] };

// -- What the server calls ------------------------------------------------------------------------------------------------
const CALLED = {
	WSAStartup: s => s.e ? fails(s, "the server cannot start.", "서버는 시작할 수 없다.") :
		["Winsock is there from now on.", "이제부터 윈속을 쓸 수 있다."],
	RegisterClass: s => s.e ? fails(s, "the server cannot start.", "서버는 시작할 수 없다.") :
		["Windows knows the server’s window procedure.", "Windows가 서버의 윈도우 프로시저를 안다."],
	CreateWindow: s => s.e ? fails(s, "the server cannot start.", "서버는 시작할 수 없다.") :
		["The window gets Winsock’s messages; nobody sees it.", "윈속의 메시지를 받을 윈도우이다. 보이지는 않는다."],
	ioctlsocket: () => ["From now on no call on this socket waits.", "이제부터 이 소켓의 호출은 기다리지 않는다."],
	setsockopt: () => ["No other program can take the port over.", "다른 프로그램이 이 포트를 가로챌 수 없다."],
	socket: () => ["The server makes the socket on which it will listen.", "서버가 연결을 기다릴 소켓을 만든다."],
	bind: s => s.e ? fails(s, "the server cannot start.",
		"서버는 시작할 수 없다.") : ["The socket gets the server’s address.",
		"소켓이 서버의 주소를 받는다."],
	listen: () => ["From now on Windows takes connections into the backlog, whether the server looks or not.",
		"이제부터 서버가 보든 말든 Windows가 연결을 연결 대기 큐에 받아 둔다."],
	getsockname: () => ["The server asks for its own address, to write it into its log.", "서버가 로그에 적을 자기 주소를 묻는다."],
	getpeername: s => s.e ? fails(s, "nobody knows the address any more.",
		"이제 주소는 아무도 모른다.") : ["The server asks for the client’s address.",
		"서버가 클라이언트의 주소를 묻는다."],
	accept(s, x) {
		if (s.k === "wait") return ["Nobody is in the backlog. The thread sleeps in this call until somebody connects.",
			"연결 대기 큐가 비어 있다. 누군가 연결할 때까지 스레드가 이 호출에서 잠든다."];
		if (s.e === "WSAEWOULDBLOCK") return x.model === 2 ?
			["Nobody is in the backlog. The server asks again, at once and without end.",
				"연결 대기 큐가 비어 있다. 서버는 바로, 끝없이 다시 묻는다."] :
			["Nobody is in the backlog. The call does not wait; it says so at once.", "연결 대기 큐가 비어 있다. 기다리지 않고 바로 알려 준다."];
		const left = s.w[0].b || [], A = letter(s.peer), is = left.length > 1 ? "" : "s";
		if (s.e) return fails(s, left.length ? `${some(left)[0]} stay${is} in the backlog; the server has to try again later.` : "the server goes on.",
			left.length ? `${josa(some(left)[1], "은는")} 연결 대기 큐에 남고, 서버는 나중에 다시 해야 한다.` : "서버는 이어서 실행한다.");
		return join([`${A} leaves the backlog and gets a socket of its own.`, `${josa(A, "이가")} 연결 대기 큐에서 나와 자기 소켓을 받는다.`],
			left.length ? [` ${some(left)[0]} still wait${is} there.`, ` 아직 ${josa(some(left)[1], "이가")} 남아 있다.`] :
				x.model < 3 ? [` From now on the thread deals with ${A} alone.`, ` 이제부터 스레드는 ${A}만 상대한다.`] : NOTHING);
	},
	recv(s, x, A, q) {
		const kept = x.model < 3 ? peers(s.w).filter(p => p !== s.p && !s.w[p].done) : [];
		const meanwhile = kept.length ? [` Meanwhile ${some(kept)[0]} wait${kept.length > 1 ? "" : "s"}.`,
			` 그동안 ${josa(some(kept)[1], "은는")} 기다린다.`] : NOTHING;
		if (s.k === "wait") return join([`${A} has sent nothing. The thread sleeps in this call and serves nobody else.`,
			`${josa(A, "이가")} 보낸 것이 없다. 스레드는 이 호출에서 잠들고 다른 누구도 상대하지 못한다.`], meanwhile);
		if (s.e === "WSAEWOULDBLOCK") return x.model === 2 ?
			join([`${A} has sent nothing. The server asks ${A} again, at once: a whole core for nothing.`,
				`${josa(A, "이가")} 보낸 것이 없다. 서버는 ${A}에게 바로 다시 묻는다. 코어 하나를 헛되이 쓴다.`], meanwhile) :
			[`There is nothing of ${A} to read. The call does not wait; it says so at once.`,
				`${A}에게서 읽을 것이 없다. 기다리지 않고 바로 알려 준다.`];
		if (s.e) return fails(s, "the server gives this client up.", "서버는 이 클라이언트를 포기한다.");
		if (s.r === 0) return [`0 bytes: ${A} has sent everything and sends no more.`,
			`0바이트이다. ${josa(A, "은는")} 다 보냈고 더 보내지 않는다.`];
		return join([`${size(s.r)} move from Winsock’s receive buffer into the server’s own.`,
			`${josa(size(s.r), "이가")} 윈속의 수신 버퍼에서 서버의 버퍼로 옮겨진다.`],
			q.in[0] ? [` ${size(q.in[0])} are left.`, ` ${josa(size(q.in[0]), "이가")} 남았다.`] : NOTHING,
			x.model > 3 ? tells(s, x, s.p) || [" FD_READ is armed again.", " FD_READ가 다시 올 수 있다."] : NOTHING);
	},
	send(s, x, A, q) {
		const h = size(held(q));
		if (s.k === "wait") return [`${A} does not read and its send buffer is full. The thread sleeps here, and everybody else waits with it.`,
			`${josa(A, "이가")} 읽지 않아 송신 버퍼가 가득 찼다. 스레드가 여기서 잠들고 모두가 함께 기다린다.`];
		if (s.e === "WSAEWOULDBLOCK") return {
			2: [`No room in ${A}’s send buffer. The server tries again, at once and without end, until ${A} reads.`,
				`${A}의 송신 버퍼에 자리가 없다. ${josa(A, "이가")} 읽을 때까지 바로, 끝없이 다시 시도한다.`],
			3: [`No room in ${A}’s send buffer. The server keeps the ${h}; select() will say when there is room.`,
				`${A}의 송신 버퍼에 자리가 없다. 서버는 ${josa(h, "을를")} 가지고 있고, 자리가 나면 select()가 알려 준다.`] }[x.model] ||
			[`send() found no room: FD_WRITE is armed again. The server keeps the ${h} until it comes.`,
				`send()가 빈자리를 찾지 못했으니 FD_WRITE가 다시 올 수 있다. 그때까지 서버가 ${josa(h, "을를")} 보관한다.`];
		if (s.e) return fails(s, "the server gives this client up.", "서버는 이 클라이언트를 포기한다.");
		if (s.r === undefined) return [`These are not the bytes that ${A} has sent.`, `${josa(A, "이가")} 보낸 바이트가 아니다.`];
		if (s.r < s.n) return [`Winsock takes ${size(s.r)} of ${size(s.n)}. The server has to send the rest itself.`,
			`윈속이 ${size(s.n)} 가운데 ${size(s.r)}만 가져간다. 나머지는 서버가 다시 보내야 한다.`];
		if (q.out[0] > x.room && !x.wine) return [`Windows takes all of it as long as any room is left: ${size(q.out[0])} in a buffer of ${size(x.room)}. Now it is full.`,
			`Windows는 자리가 조금이라도 남아 있으면 모두 가져간다. ${size(x.room)} 버퍼에 ${josa(size(q.out[0]), "이가")} 들어가 가득 찼다.`];
		return [`${size(s.r)} go into Winsock’s send buffer. It does not mean that ${A} has read them.`,
			`${josa(size(s.r), "이가")} 윈속의 송신 버퍼로 들어간다. ${josa(A, "이가")} 읽었다는 뜻은 아니다.`];
	},
	closesocket: (s, x, A) => s.p > 0 ? [`The server closes ${A}’s connection. Windows may give the same handle to the next client.`,
		`서버가 ${A}의 연결을 닫는다. Windows는 같은 핸들을 다음 클라이언트에게 줄 수 있다.`] : ["The server closes a socket.", "서버가 소켓을 닫는다."],
	shutdown: (s, x, A) => [`The server ends its side of ${A}’s connection.`, `서버가 ${A}에게 보내기를 끝낸다.`],
	select(s) {
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		const writes = s.ask.w.filter(p => p > 0), reads = s.ask.r.filter(p => p > 0), W = letter(writes[0]);
		if (s.k === "wait") {
			const wrong = reads.filter(p => held(s.w[p])), end = [" Any socket that gets ready ends the wait.",
				" 소켓 하나만 준비되어도 깨어난다."];
			if (writes.length === 1) return join([`The server holds ${size(held(s.w[writes[0]]))} from ${W}, so ${W} is in the write set and is not read.`,
				`서버가 ${W}의 ${josa(size(held(s.w[writes[0]])), "을를")} 가지고 있어 ${josa(W, "은는")} 쓰기 셋에 있고 읽지 않는다.`], end);
			if (writes.length) return join([`The server holds bytes from ${some(writes)[0]}: they are in the write set and are not read.`,
				`서버가 ${some(writes)[1]}의 바이트를 가지고 있어 쓰기 셋에 넣고 읽지 않는다.`], end);
			if (wrong.length) return [`The server holds bytes from ${some(wrong)[0]}, and yet asks only whether it can read.`,
				`서버가 ${some(wrong)[1]}의 바이트를 가지고 있는데도 읽을 수 있는지만 묻는다.`];
			return reads.length ? [`The server has nothing to send to ${some(reads)[0]}: ${reads.length > 1 ? "they are" : "it is"} in the read set only. One call waits for all, the listening socket too.`,
				`${some(reads)[1]}에게 돌려줄 것이 없어 읽기 셋에만 넣는다. 호출 하나가 연결 대기 소켓까지 모두를 기다린다.`] :
				["Only the listening socket is in the read set: the thread sleeps until somebody connects.",
					"읽기 셋에는 연결 대기 소켓뿐이다. 누군가 연결할 때까지 스레드가 잠든다."];
		}
		const r = s.ready.r.filter(p => p > 0), w = s.ready.w.filter(p => p > 0), parts = [];
		if (s.ready.r.includes(0)) parts.push(["somebody is in the backlog", "연결 대기 큐에 누가 있다"]);
		if (r.length) parts.push([`${some(r)[0]} can be read`, `${some(r)[1]}에게서 읽을 수 있다`]);
		if (w.length) parts.push([`${some(w)[0]} can be written to`, `${some(w)[1]}에게 쓸 수 있다`]);
		if (!parts.length) return ["The time is up, and nothing is ready.", "시간이 다 되었고 준비된 것이 없다."];
		const others = s.ask.r.length + s.ask.w.length > s.ready.r.length + s.ready.w.length;
		return join([`Ready: ${parts.map(p => p[0]).join("; ")}.`, `준비됨: ${parts.map(p => p[1]).join(", ")}.`],
			others ? [" All others have been taken out of the sets.", " 나머지는 소켓 셋에서 빠졌다."] : NOTHING);
	},
	GetMessage(s) {
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		if (s.k === "wait") {
			const owed = clientsOf(s, c => c.s === "open" && c.held);
			return owed.length ? [`The queue is empty. The server holds bytes from ${some(owed)[0]}: FD_WRITE will come when the client reads.`,
				`큐가 비어 있다. 서버가 ${some(owed)[1]}의 바이트를 가지고 있다. 클라이언트가 읽으면 FD_WRITE가 온다.`] :
				["The queue is empty. The thread sleeps until Winsock posts a message.", "큐가 비어 있다. 윈속이 메시지를 보낼 때까지 스레드가 잠든다."];
		}
		const [p, what, error, stale] = s.msg || [-1, "", 0, 0], A = letter(p), q = s.w[p], h = size(held(q));
		if (stale) return ["A message of a socket that is closed. Its number may belong to another connection by now.",
			"이미 닫힌 소켓의 메시지이다. 같은 번호를 지금은 다른 연결이 쓰고 있을 수 있다."];
		if (error) return [`The message carries an error, ${error}. WSAGetLastError() does not know it: no call has failed.`,
			`오류 ${josa(error, "이가")} 메시지에 담겨 왔다. 실패한 호출이 없으니 WSAGetLastError()로는 알 수 없다.`];
		switch (what) {
		case "FD_ACCEPT": return ["Somebody is in the backlog. The next FD_ACCEPT comes only after accept().",
			"연결 대기 큐에 누가 있다. 다음 FD_ACCEPT는 accept() 뒤에야 온다."];
		case "FD_READ": return held(q) ? [`${A} has sent more, but the server still holds ${h}: it has to read later, and no other FD_READ will remind it.`,
			`${josa(A, "이가")} 더 보냈지만 서버가 ${josa(h, "을를")} 아직 가지고 있다. 나중에 읽어야 하는데 FD_READ는 다시 오지 않는다.`] :
			[`There is something of ${A} to read. The next FD_READ comes only after recv().`,
				`${A}에게서 읽을 것이 있다. 다음 FD_READ는 recv() 뒤에야 온다.`];
		case "FD_WRITE": return held(q) ? [`${A}’s send buffer has room again: the server can send the ${h} that it has kept.`,
			`${A}의 송신 버퍼에 다시 자리가 났다. 가지고 있던 ${josa(h, "을를")} 보낼 수 있다.`] :
			[`The first FD_WRITE comes with the connection: ${A} can be written to. There is nothing to send yet.`,
				`첫 FD_WRITE는 연결과 함께 온다. ${A}에게 쓸 수 있지만 아직 보낼 것이 없다.`];
		case "FD_CLOSE": return q?.in[0] ? [`${A} sends no more. FD_CLOSE comes once, and ${size(q.in[0])} are still unread: read until recv() returns 0.`,
			`${josa(A, "은는")} 더 보내지 않는다. FD_CLOSE는 한 번만 오는데 ${josa(size(q.in[0]), "이가")} 읽히지 않았다. recv()가 0을 리턴할 때까지 읽어야 한다.`] :
			[`${A} sends no more. FD_CLOSE comes once: read until recv() returns 0, send what is left, then close.`,
				`${josa(A, "은는")} 더 보내지 않는다. FD_CLOSE는 한 번만 온다. recv()가 0을 리턴할 때까지 읽고 남은 것을 보낸 뒤 닫는다.`];
		}
		return ["A message that is not about a socket.", "소켓에 관한 메시지가 아니다."];
	},
	DispatchMessage: () => ["Windows calls the server’s window procedure with the message.",
		"Windows가 이 메시지로 서버의 윈도우 프로시저를 호출한다."],
	PostMessage: s => s.e ? fails(s, "nobody will remind the server of these bytes.", "이 바이트를 다시 알려 줄 것이 없다.") :
		["The server posts the message to itself: for what already lies there Winsock would post none.",
			"이미 와 있는 것에는 윈속이 메시지를 보내지 않으므로 서버가 자신에게 보낸다."],
	WSAAsyncSelect: (s, x, A) => s.e ? fails(s, "this socket will post nothing.", "이 소켓은 메시지를 보내지 않는다.") : s.p === 0 ?
		["From now on Winsock posts FD_ACCEPT when somebody connects. The socket becomes non-blocking.",
			"이제부터 누가 연결하면 윈속이 FD_ACCEPT를 보낸다. 소켓은 논블로킹이 된다."] :
		join([`From now on Winsock posts these events of ${A} as messages.`,
			`이제부터 윈속이 ${A}의 이 이벤트들을 메시지로 보낸다.`], tells(s, x, s.p) || NOTHING),
	WSAWaitForMultipleEvents(s) {
		if (s.e === "WSA_WAIT_TIMEOUT") return s.from ? ["No object at a higher index is signalled: the round is over, and the server waits for all of them again.",
			"더 큰 인덱스에는 신호 상태인 것이 없다. 한 바퀴가 끝났으니 서버는 다시 전부를 기다린다."] : ["The time is over, and nothing has happened.",
				"시간이 다 되었고 아무 일도 없었다."];
		if (s.e) return fails(s, "the wait itself has failed.", "대기 자체가 실패했다.");
		if (s.k === "wait") return s.ms ? [`The thread sleeps until an object is signalled, or ${s.ms} ms are over.`,
			`이벤트 객체 하나가 신호 상태가 되거나 ${s.ms} ms가 지날 때까지 스레드가 잠든다.`] :
			s.ask.length > 1 ? [`One call waits for ${s.ask.length} event objects, one for each socket. None is signalled.`,
				`호출 하나가 소켓마다 하나씩인 이벤트 객체 ${s.ask.length}개를 기다린다. 신호 상태인 것은 없다.`] :
				["The only event object is the listening socket’s: the thread sleeps until somebody connects.",
					"이벤트 객체는 연결 대기 소켓의 것뿐이다. 누군가 연결할 때까지 스레드가 잠든다."];
		const i = s.array.indexOf(s.ready), behind = s.array.slice(i + 1).filter(p => s.w[p]?.e);
		const name = s.ready ? sock(s.ready) : ["the listening socket", "연결 대기 소켓"];
		if (behind.length) return [`It names only the lowest index, ${i} (${name[0]}), although ${some(behind)[0]} ${behind.length > 1 ? "are" : "is"} signalled, too. So a server has to ask again from ${i + 1} on.`,
			`${some(behind)[1]}도 신호 상태인데 가장 작은 인덱스 ${i}(${name[1]})만 알려 준다. 그래서 ${i + 1}번부터 다시 물어야 한다.`];
		return join([`Index ${i} is signalled: ${name[0]}.`, `인덱스 ${josa(i, "이가")} 신호 상태이다: ${name[1]}.`],
			i < s.array.length - 1 ? [" The call names only the lowest: a server has to ask for the higher ones, too.",
				" 가장 작은 것만 알려 주므로 더 큰 인덱스는 따로 물어야 한다."] :
				i > 0 ? [" It is the last one of this wait.", " 이번 대기의 마지막 인덱스이다."] : NOTHING);
	},
	WSAEnumNetworkEvents(s, x, A) {
		if (s.e) return fails(s, "the record cannot be read.", "기록을 읽을 수 없다.");
		if (!s.ev?.length) return ["The object was signalled, but nothing is recorded: the server has signalled it itself.",
			"신호 상태였지만 기록이 비어 있다. 서버가 스스로 신호를 준 것이다."];
		const error = Object.values(s.errs || {})[0], events = s.ev.join(", ");
		return join([`What has happened to ${A || "the listening socket"}: ${events}. The call clears the record and resets the event object.`,
			`${A || "연결 대기 소켓"}에 일어난 일: ${events}. 이 호출이 기록을 지우고 이벤트 객체를 비신호 상태로 되돌린다.`], error ? [` It carries ${error}.`,
				` 오류 ${josa(error, "이가")} 담겨 있다.`] : NOTHING);
	},
	WSAEventSelect: (s, x, A) => s.e ? fails(s, "nothing will signal the object.", "이 객체는 신호를 받지 못한다.") :
		join([`From now on these events of ${A || "the listening socket"} signal its object. The socket is non-blocking.`,
			`이제부터 ${A || "연결 대기 소켓"}의 이 이벤트들이 이벤트 객체를 신호 상태로 만든다. 소켓은 논블로킹이다.`], tells(s, x, s.p) || NOTHING),
	WSACreateEvent: s => s.e ? fails(s, "there is no event object for the new socket.", "새 소켓에 줄 이벤트 객체가 없다.") :
		["A new event object for the new socket, not signalled.", "새 소켓을 위한 새 이벤트 객체이다. 비신호 상태이다."],
	WSASetEvent: (s, x, A) => [`The server signals ${A ? A + "’s" : "the"} object itself: bytes are waiting, and Winsock will not say so again.`,
		`서버가 ${A ? A + "의 " : ""}이벤트 객체를 스스로 신호 상태로 만든다. 바이트가 기다리는데 윈속은 다시 알려 주지 않는다.`],
	WSAResetEvent: () => ["The server resets the event object.", "서버가 이벤트 객체를 비신호 상태로 되돌린다."],
	WSACloseEvent: () => ["The event object goes with its socket.", "이벤트 객체도 소켓과 함께 없어진다."],
	Sleep: s => [`A pause of ${s.ms ?? 100} ms before the next attempt; meanwhile nobody is served.`,
		`다시 시도하기 전에 ${s.ms ?? 100} ms 동안 쉰다. 그동안은 아무도 상대하지 않는다.`],
	WSACleanup: () => ["The server lets go of Winsock and ends.", "서버가 윈속을 놓고 끝난다."],
	new: s => s.e ? fails(s, "there is no entry for this client.",
		"이 클라이언트를 넣을 항목이 없다.") : ["An entry for the new client.",
		"새 클라이언트를 위한 항목이다."] };

// -- Every kind of step: [headline, sentence] ---------------------------------------------------------------------------
// In a sentence a B after a number could be taken for the client B.
const explain = (s, x) => explained(s, x).map(([en, ko]) => [en.replace(/(\d) B\b/g, "$1 bytes").replace(/\b1 bytes/g, "1 byte"), ko.replace(/(\d) B(?![\w(])/g, "$1바이트")]);
function explained(s, x) {
	x = { ...x, prev: x.prev || s };
	const A = letter(s.p), q = s.w[s.p], lost = q?.said ? q.said[0] - q.got[0] : 0, both = text => [text, text];
	switch (s.k) {
	case "line": return [both(String(s.l)), both("…")];
	case "log": return [both(s.t.trim()), /Listening/.test(s.t) ? ["The server is ready.", "서버가 준비되었다."] :
		/Accept/.test(s.t) ? ["The server logs the new client, with its address.", "서버가 새 클라이언트를 주소와 함께 로그에 적는다."] :
			/Disconnect/.test(s.t) ? ["The server logs that this client leaves.", "서버가 이 클라이언트의 연결 종료를 로그에 적는다."] :
				/full/.test(s.t) ? ["There is no entry left for one more client.", "클라이언트를 하나 더 넣을 항목이 없다."] :
					["What it has received, as the server’s log shows it.", "받은 것이 서버의 로그에 이렇게 나온다."]];
	case "error": return [both(s.t.trim()), ["The server reports an error: the line of its source, then the system’s number and text.",
		"서버가 오류를 알린다. 소스의 줄 번호, 시스템의 오류 번호와 설명이다."]];
	case "get": {
		const what = s.n <= 12 && s.b ? `“${s.b}”` : size(s.n), stuck = x.model < 3 && s.call?.p === s.p && s.call.f === "send" && s.mode !== "runs";
		const then = tells(s, x, s.p) || (stuck ? [" send() can go on.", " send()가 이어질 수 있다."] :
			x.model === 3 && held(q) ? [` select() will find ${A} writable.`,
				` select()가 ${josa(A, "을를")} 쓰기 가능하다고 알려 줄 것이다.`] : NOTHING);
		return [[`${A} gets ${what} back`, `${josa(A, "이가")} ${what} 돌려받음`],
			join(lost > 0 ? [`${A} reads: its send buffer has room again.`, `${josa(A, "이가")} 읽어 송신 버퍼에 다시 자리가 났다.`] :
				[`${A} has everything back; its send buffer has room.`, `${josa(A, "은는")} 모두 돌려받았고 송신 버퍼에 자리가 있다.`], then)];
	}
	case "sees": {
		const never = lost > 0 ? [` ${size(lost)} never came back.`, ` ${josa(size(lost), "은는")} 돌아오지 못했다.`] : NOTHING;
		if (s.what === "gone") return [[`${A} is gone`,
			`${josa(A, "은는")} 이미 없음`], join(["Its socket is closed: Windows answers what still comes with a reset.",
			"소켓이 닫혀 있다. 아직 오는 것에는 Windows가 리셋으로 답한다."], tells(s, x, s.p) || NOTHING)];
		if (s.what === "reset") return [[`${A} sees a reset`,
			`${josa(A, "이가")} 리셋을 봄`], join(["The connection is broken off.",
			"연결이 끊겼다."], never)];
		return [[`${A} sees the end`,
			`${josa(A, "이가")} 끝(FIN)을 봄`], join(["The server has closed its side, too.",
			"서버도 닫았다."], lost > 0 ? never : [" Every byte came back.",
			" 모든 바이트가 돌아왔다."])];
	}
	case "act": {
		const [en, ko] = ["en", "ko"].map(l => (l === "ko" && s.do === "send" ? actWords(s, l).reverse() : actWords(s, l)).join(" ").trim());
		return [[A ? `${A} ${en}` : en, A ? `${A}: ${ko}` : ko], s.no && s.do === "send" && q?.in[0] && !q.fin && !q.done ?
			[`Winsock’s receive buffer is full: a real send() would wait; ${A} sends nothing.`,
				`윈속의 수신 버퍼가 가득 찼다. 진짜 send()라면 기다린다. ${josa(A, "은는")} 아무것도 보내지 않는다.`] :
			s.no || !ACTS[s.do] ? ["That cannot be done now.", "지금은 할 수 없는 행동이다."] : ACTS[s.do](s, x, A, q)];
	}
	case "rest": {
		const c = s.call?.k === "wait" && CALLED[s.call.f];
		return [["It sleeps until a client acts",
			"클라이언트가 움직일 때까지 잠든다"], c ? c({ ...s.call, w: s.w, array: s.array }, x, letter(s.call.p), s.w[s.call.p]) : ["Press a button beside a client.",
			"클라이언트 옆의 단추를 눌러 보자."]];
	}
	case "spin": return [["It keeps asking",
		"끝없이 되묻는다"], ["Nothing changes until a client acts: press a button beside a client.",
		"클라이언트가 움직여야 답이 바뀐다. 클라이언트 옆의 단추를 눌러 보자."]];
	case "broken": {
		const particulars = s.t.replace(/peer (\d+)/g, (_, p) => letter(Number(p))).replace(/\\x0A(?=")|(?<=")\\x0A|(?<=\.) ?\\x0A$/g, "");
		return [both(s.rule), [particulars, RULES[s.rule] || particulars]];
	}
	case "crash": return [both(s.code), ["A null pointer is used: Windows ends the process, and every client is cut off.",
		"NULL 포인터를 썼다. Windows가 프로세스를 끝내고 모든 클라이언트의 연결이 끊긴다."]];
	case "exit": return [[`The server has ended, exit code ${s.code}`,
		`서버가 끝났다. 종료 코드 ${s.code}`], ["Every client is cut off.",
		"모든 클라이언트의 연결이 끊긴다."]];
	}
	const call = CALLED[s.f] || (() => s.e ? fails(s, "the call has failed.",
		"호출이 실패했다.") : ["The server goes on.",
		"서버가 이어서 실행한다."]);
	// A rule may break when a wait begins: then there is no result.
	const begun = s.k === "call" && !s.e && s.r === undefined && ["select", "WSAWaitForMultipleEvents", "GetMessage"].includes(s.f);
	return [[0, 1].map(k => signature(s, k)), call(begun ? { ...s, k: "wait" } : s, x, A, q)];
}

// A call as it is written: name(arguments) → result
function signature(s, ko) {
	const name = p => sock(p)[ko], set = (label, ps) => ps.length ? `${label}: ${ps.length > 6 ? some(ps)[ko] : ps.map(name).join(", ")}` : "";
	const sets = of => [set(ko ? "읽기" : "read", of.r), set(ko ? "쓰기" : "write", of.w)].filter(Boolean).join("; ");
	const none = ko ? "없음" : "nothing";
	let given = [s.p !== undefined ? name(s.p) : "", s.n ?? ""], result = s.e || (s.peer ? letter(s.peer) : ["recv", "send"].includes(s.f) ? s.r ?? "" : "");
	switch (s.f) {
	case "select":
		given = [sets(s.ask) || none, s.ms !== undefined ? s.ms + " ms" : ""];
		result ||= s.ready ? sets(s.ready) || none : "";
		break;
	case "WSAWaitForMultipleEvents":
		given = s.ask.length > 6 ? [`[${s.from}…${s.from + s.ask.length - 1}]`] : s.ask.map((p, i) => `[${i + s.from}] ${name(p)}`);
		given.push(s.ms !== undefined ? s.ms + " ms" : "");
		if (s.ready !== undefined) result = `[${s.array.indexOf(s.ready)}] ${name(s.ready)}`;
		break;
	case "GetMessage":
		if (s.msg) result = s.msg[0] >= 0 ? `${s.msg[1]}, ${name(s.msg[0])}` : s.msg[1];
		break;
	case "PostMessage":
		given = s.msg ? [s.msg[1], name(s.msg[0])] : [];
		break;
	case "WSAEnumNetworkEvents":
		result ||= s.k === "wait" ? "" : s.ev?.join(" | ") || none;
		break;
	case "WSAAsyncSelect": case "WSAEventSelect":
		given.push((s.ev || []).join(" | "));
		break;
	case "Sleep":
		given = [s.ms ?? ""];
	}
	return `${s.f}(${given.filter(v => v !== "").join(", ")})` + (s.k !== "wait" && result !== "" ? " → " + result : "");
}

// The rules, for a Korean reader; a tape has the particulars in English.
const RULES = {
	echo: "받은 것을 그 순서대로 돌려주어야 한다.", lost: "닫기 전에 받은 것을 모두 돌려주어야 한다.", dropped: "끝이나 오류가 아니면 닫으면 안 된다.",
	held: "연결마다 512바이트까지만 보관해야 한다.", handle: "닫은 핸들을 쓰거나 두 번 닫으면 안 된다.", "shared-event": "이벤트 객체 하나는 소켓 하나에만 써야 한다.",
	leak: "끝난 연결은 아무것도 남기면 안 된다.", stall: "돌려줄 것이 있으면 끝나지 않을 대기에 들어가면 안 된다.", elsewhere: "상대할 수 있는 클라이언트를 빼고 기다리면 안 된다.",
	owed: "읽거나 돌려줄 수 있으면 기다리면 안 된다.", deaf: "연결하려는 클라이언트를 빼고 기다리면 안 된다.", spin: "아무것도 바꾸지 않는 호출을 끝없이 되풀이하면 안 된다.", awake: "아무 일도 없으면 쉬어야 한다.",
	refused: "여유가 없으면 기다렸다가 다시 시도해야 하고, 로그를 채우면 안 된다.", unfair: "준비된 클라이언트를 빠짐없이, 차례대로 상대해야 한다.",
	log: "일어난 일을 맞는 상대와 함께 로그에 적어야 한다.", "no-word": "오류로 끝난 연결은 오류 줄을 남겨야 한다.", flush: "기다리기 전에 로그를 모두 내보내야 한다.", exit: "끝내라고 하기 전에 끝나면 안 된다.",
	"wait-again": "대기가 실패하면 메시지를 남기고 종료 코드 1로 끝나야 한다.", start: "시작할 때의 호출이 실패하면 메시지를 남기고 종료 코드 1로 끝나야 한다.",
	exposed: "지정한 포트를 루프백 주소에, 독점으로 바인드해야 한다.", memory: "메모리가 모자라면 그 클라이언트만 잃어야 한다.", strict: "문서가 허락하지 않는 호출을 하면 안 된다." };

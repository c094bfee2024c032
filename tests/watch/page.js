// The page: which run is shown, at which step, and how. A run is the server's main() from the start, with the acts so far.
const $ = id => document.getElementById(id);
const T = {
	en: { title: "Watch a server wait", all: "All", models: "the five servers", language: "한국어로 읽기", projector: "large type, for a projector", theme: "light or dark",
		open: "Click a cell, or 01 to 05, to watch that server at that moment.", honest: "A simulation of what Windows documents; not compared with a Windows machine.", rules: "Its rules",
		scenario: "Scenario", bug: "Bug of the book", none: "none: the fixed server", free: "Your own", undo: "Undo", more: "More", system: "Events in the order of", room: "Send buffer", lines: "every line of the source",
		partial: "The next send() takes a part", noroom: "No room for the next accept()", keys: "Keys: 0 to 5 the view, ← → a step, Shift → the next wait, Home, End, Space plays, Esc back to All.",
		source: "source of the server", world: "what the server, Winsock and the clients hold", time: "time", first: "first step", back: "step back", play: "play", stop: "stop", next: "step", towait: "▶▶ next wait",
		client: "+ client", clients: "clients", ten: "+10", sixty: "+ up to 64", thread: "the thread", winsock: "Winsock", backlog: "backlog", listening: "listening socket", holds: "holds ",
		waits: "waits in ", spins: "asks again and again: ", runs: "runs line ", dead: "the run ends here", over: "the server has ended", idle: "CPU: idle", busy: "CPU: busy", core: "CPU: one core, for nothing",
		sent: "sent", got: "got back", deaf: "does not read", hello: "hello", stops: "❚❚<em> stop</em>", reads: "▶<em> read</em>", stopsLong: "stops reading", readsLong: "reads again", fin: "FIN", finLong: "ends its side (FIN)", rst: "RST", rstLong: "resets (RST)", other: "…", otherLong: "a text of your own, and more",
		send: "Send", close: "close", own: p => `Text from ${p}`, queue: "message queue", empty: "no other", none0: "empty", gone: "its socket is closed", sets: ["read set", "write set"], armed: "events armed", events: "event object, record", log: "the server’s log", full: "full", pick: p => `show ${p}`,
		keyline: ["The call stands in the lane of the client that it is for. Nobody looks at the others.", "The call stands in the lane of the client that it is for, and is made again and again.",
			"● ready  ○ asked for  ◌ asked for, not ready: taken out by select()  · not in the set", "Framed: armed. Struck out: used up; READ is armed again by recv(), WRITE by a send() without room.",
			"■ signalled  □ waited for  [n] index.  READ filled: recorded; struck out: used up (recv() arms it, or a send() without room)."],
		missing: "missing in the book", fixed: "fixed", printed: "Printed", should: "Should be", why: "Why", seen: "What is seen", show: "show the line", bites: "Here it bites.", silent: id => `This run does not show ${id}.`, try: "Try:", cannot: "It cannot be shown here: no client can bring it about.", sets3: (r, w, ready) => (r ? "in the read set" : w ? "in the write set" : "in no set") + (ready ? ", ready" : "") },
	ko: { title: "서버가 기다리는 모습", all: "모두", models: "서버 다섯", language: "Read in English", projector: "프로젝터용 큰 글씨", theme: "밝게 또는 어둡게",
		open: "칸이나 01~05를 누르면 그 서버의 그 순간으로 간다.", honest: "Windows 문서에 따른 시뮬레이션이며, Windows 컴퓨터와 비교한 것은 아니다.", rules: "시뮬레이션의 규칙",
		scenario: "시나리오", bug: "책의 버그", none: "없음: 고친 서버", free: "직접 해 보기", undo: "되돌리기", more: "더 보기", system: "이벤트 순서", room: "송신 버퍼", lines: "소스의 모든 줄",
		partial: "다음 send()는 일부만 전송", noroom: "다음 accept()에 여유 없음", keys: "키: 0~5 보기, ← → 한 단계, Shift → 다음 대기, Home, End, Space 재생, Esc 모두 보기.",
		source: "서버의 소스", world: "서버, 윈속, 클라이언트가 가진 것", time: "시간", first: "첫 단계", back: "한 단계 뒤로", play: "재생", stop: "멈춤", next: "한 단계 앞으로", towait: "▶▶ 다음 대기",
		client: "+ 클라이언트", clients: "클라이언트", ten: "+10", sixty: "+ 64까지", thread: "스레드", winsock: "윈속", backlog: "연결 대기 큐", listening: "연결 대기 소켓", holds: "보관 ",
		waits: "대기 중: ", spins: "계속 되물음: ", runs: "실행 중인 줄: ", dead: "여기서 실행이 끝난다", over: "서버가 끝났다", idle: "CPU: 쉼", busy: "CPU: 일함", core: "CPU: 코어 하나를 헛되이 씀",
		sent: "보냄", got: "돌려받음", deaf: "읽지 않음", hello: "hello", stops: "❚❚<em> 중단</em>", reads: "▶<em> 읽기</em>", stopsLong: "읽기를 멈춤", readsLong: "다시 읽음", fin: "FIN", finLong: "보내기를 끝냄(FIN)", rst: "RST", rstLong: "리셋(RST)", other: "…", otherLong: "직접 쓴 글과 그 밖의 행동",
		send: "보내기", close: "닫기", own: p => `${josa(p, ["이", "가"])} 보낼 글`, queue: "메시지 큐", empty: "더 없음", none0: "비어 있음", gone: "소켓이 이미 닫힘", sets: ["읽기 셋", "쓰기 셋"], armed: "알릴 이벤트", events: "이벤트 객체, 기록", log: "서버의 로그", full: "가득", pick: p => `${p} 보기`,
		keyline: ["호출은 그 대상인 클라이언트의 줄에 선다. 나머지는 아무도 보지 않는다.", "호출은 그 대상인 클라이언트의 줄에 서고, 계속 되풀이된다.",
			"● 준비됨  ○ 물어봄  ◌ 물어봤지만 준비되지 않아 select()가 뺌  · 셋에 없음", "테두리: 알릴 수 있음. 줄 그음: 이미 씀. READ는 recv()가, WRITE는 자리 없던 send()가 되살린다.",
			"■ 신호 상태  □ 기다리는 중  [n] 인덱스.  READ 채움: 기록됨, 줄 그음: 이미 씀(recv()나 자리 없던 send()가 되살린다)."],
		missing: "책에 없음", fixed: "고친 것", printed: "실린 코드", should: "고친 코드", why: "이유", seen: "증상", show: "그 줄 보기", bites: "여기서 드러난다.", silent: id => `이 실행에서는 ${josa(id, ["이", "가"])} 드러나지 않는다.`, try: "해 볼 것:", cannot: "여기서는 보일 수 없다. 클라이언트의 행동으로는 일어나지 않는다.", sets3: (r, w, ready) => (r ? "읽기 셋에 있음" : w ? "쓰기 셋에 있음" : "셋에 없음") + (ready ? ", 준비됨" : "") } };
const KEEP = { get: k => { try { return localStorage[k] } catch { return "" } }, set: (k, v) => { try { localStorage[k] = v } catch { /* no storage */ } } };
const still = matchMedia("(prefers-reduced-motion: reduce)");

const root = document.documentElement;
let at = { model: 0, bug: "", wine: 0, room: 1024, scenario: "five", acts: [] };
let tape = [], shown = [], pos = 0, lanes = [], picked = [], places = [], past = [], timer = 0, live = false, chosen = {};
const lang = () => root.lang;
const t = key => T[lang()][key];
const scenario = id => DATA.scenarios.find(s => s.id === id);
const faultOf = (id, model) => DATA.faults.find(f => f.model === model && (f.id === id || f.id.startsWith(id + " ")));
const fault = () => at.bug ? faultOf(at.bug, at.model) : null;
const here = () => tape[shown[pos]];
const ended = s => ["dead", "over"].includes(s.mode);

// -- A run ------------------------------------------------------------------------------------------------------------
let module_;
async function play_(model, bug, wine, room, acts) {
	module_ ||= (async () => {
		const bytes = Uint8Array.from(atob(DATA.wasm), c => c.charCodeAt(0)), packed = bytes[0] === 0x1f;
		return WebAssembly.compile(packed ? await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer() : bytes);
	})();
	const stop = {}, nothing = new Proxy({}, { get: () => () => 0 });
	const { exports: stage } = await WebAssembly.instantiate(await module_, { env: { stop() { throw stop } }, wasi_snapshot_preview1: nothing });
	stage._initialize?.();
	const bytes = new TextEncoder().encode(acts.join(";")), to = stage.room(bytes.length);
	new Uint8Array(stage.memory.buffer).set(bytes, to);
	try {
		stage.play(bug ? 5 + DATA.faults.indexOf(faultOf(bug, model)) : model - 1, wine, room);
	} catch (x) {
		if (x !== stop) throw x;
	}
	const from = stage.tape(), memory = new Uint8Array(stage.memory.buffer);
	return readTape(JSON.parse(new TextDecoder().decode(memory.subarray(from, memory.indexOf(0, from)))), model);
}

// Runs what `at` says; then to the place (see below), to the "end", or to "stay". The last of several runs counts.
let runs = 0;
async function run(to) {
	const mine = ++runs, new_ = await play_(at.model, at.bug, at.wine, at.room, at.acts);
	if (mine !== runs) return;
	const stay = tape.length && here().at;
	tape = new_;
	view();
	if (to === "stay") wanted = null;
	pos = to === "stay" ? Math.max(0, shown.findLastIndex(i => i <= stay)) : seek(to);
	draw(true);
}

function view() {
	shown = tape.filter(s => $("lines").checked || s.k !== "line").map(s => s.at);
}

// A place survives a change of the model and of the source: after which act, and how many steps, or e: the last one.
let wanted = null; // a place with few steps in this model is not forgotten
function place() {
	if (wanted) return wanted;
	const s = here(), col = shown.filter(i => tape[i].col === s.col), n = col.indexOf(s.at);
	return { col: s.col, n: n === 0 ? 0 : n === col.length - 1 ? "e" : n };
}
function seek(to) {
	wanted = to === "end" ? null : to;
	const col = shown.map((i, j) => j).filter(j => tape[shown[j]].col === to.col);
	return to === "end" || !col.length ? shown.length - 1 : to.n === "e" ? col.at(-1) : col[Math.min(to.n, col.length - 1)];
}

// Every change that starts another run goes through here; Undo brings the run before back.
function change(what, to = "end") {
	past.push({ at: { ...at }, place: at.model && tape.length ? place() : { col: 0, n: 0 } });
	past = past.slice(-200);
	play(false);
	Object.assign(at, what);
	picked = [];
	return run(to);
}
const ofScenario = id => ({ scenario: id, room: scenario(id).room, acts: scenario(id).acts.split(";") });

function model(m, to) {
	const from = at.model && tape.length ? place() : { col: 0, n: 0 };
	play(false);
	at.model = m;
	root.dataset.view = m ? "one" : "all";
	if (!m) { labels(); five(); save(); return }
	if (at.bug && !fault()) at.bug = "";
	return run(to || from);
}

// Puts a bug back (or takes it out): the scenario in which it bites, at the step where it does.
function choose(id) {
	if (!id || id === at.bug) return change({ bug: "" }, place());
	const f = faultOf(id, at.model);
	return change({ bug: id, ...(f.scenario ? ofScenario(f.scenario) : {}), wine: f.dialect || 0 });
}

// An act of the reader. While the last one still plays it is queued; at an earlier step what came after is forgotten.
function act(what) {
	const s = here();
	if (!live && ended(s)) return;
	const rested = !tape.slice(s.at + 1).some(o => o.col === s.col && !["rest", "spin", "line"].includes(o.k));
	const acts = live ? [...at.acts, what] : [...at.acts.slice(0, s.act + 1), rested ? what : `${s.at + 1} ${what}`];
	if (connects(acts) > 64) return;
	past.push({ at: { ...at }, place: place() });
	Object.assign(at, { acts, scenario: "free" });
	live = true;
	run("stay").then(() => { if (still.matches) step(shown.length - 1); else if (live && !timer) play(true, true) });
}
const nameOf = p => p <= 26 ? letter(p) : `@${p}:`;
const coded = text => [...new TextEncoder().encode(text)].map((b, i) => b < 33 || b > 126 || b === 37 || b === 59 || (!i && "+.!x-=#".includes(String.fromCharCode(b))) ? "%" + b.toString(16).padStart(2, "0").toUpperCase() : String.fromCharCode(b)).join("");

// -- The steps --------------------------------------------------------------------------------------------------------
function go(to) { pos = Math.max(0, Math.min(to, shown.length - 1)); draw() }
function step(to) { wanted = null; live = false; play(false); go(to) }
function toWait() {
	let i = pos + 1;
	while (i < shown.length - 1 && !["wait", "rest", "spin"].includes(tape[shown[i]].k)) i++;
	step(i);
}
function play(on, live_ = false) {
	clearTimeout(timer);
	timer = 0;
	live = on && live_;
	if (on && !live && pos === shown.length - 1) pos = 0;
	if (on) tick();
	playing();
}
function tick() {
	if (pos >= shown.length - 1) { play(false); return }
	const s = here(), left = shown.filter(i => tape[i].col === s.col).length;
	wanted = null;
	timer = setTimeout(() => { go(pos + 1); tick() }, Math.max(30, Math.min(live ? 420 : 620, (live ? 5000 : 9000) / left)));
}
function playing() {
	$("play").textContent = timer ? "❚❚" : "▶";
	$("play").ariaLabel = $("play").title = t(timer ? "stop" : "play");
}

// -- The source -------------------------------------------------------------------------------------------------------
let codeOf = "";
function drawCode() {
	const f = fault(), key = at.model + at.bug + lang();
	if (key === codeOf) return;
	codeOf = key;
	let lines = DATA.sources[at.model - 1].split("\n").map(text => ({ text }));
	for (const [old, new_] of f ? f.pairs : []) {
		const text = lines.map(l => l.text).join("\n"), from = text.indexOf(old);
		if (from < 0) continue;
		const first = text.slice(0, from).split("\n").length - 1, count = old.split("\n").length, block = lines.slice(first, first + count);
		const before = block.map(l => l.text), after = before.join("\n").replace(old, () => new_).split("\n");
		const mended = block.flatMap(l => l.mended || (l.printed ? [] : [l.text])).filter(l => !after.includes(l));
		lines.splice(first, count, ...after.map(text => ({ text, printed: !before.includes(text) || !text.trim() })));
		if (mended.length) (lines.slice(first, first + after.length).find(l => l.printed) || lines[first]).mended = mended;
	}
	const code = text => esc(text).replace(/^(.*?)(\/\/.*)?$/, (_, code, note = "") => code.replace(/\b(if|else|for|while|switch|case|return|goto|break|continue|int|char|void|struct|const|unsigned|long|new|delete|default)\b/g, "<b>$1</b>")
		.replace(/\b(accept|recv|send|select|closesocket|GetMessage|DispatchMessage|PostMessage|Sleep|WSA(?:AsyncSelect|EventSelect|EnumNetworkEvents|WaitForMultipleEvents|SetEvent|ResetEvent|CreateEvent|CloseEvent))(?=\()/g, "<u>$1</u>").replace(/[\w>)\]]*-&gt;\w+/g, '<span class="nb">$&</span>') +
		(note && `<em>${note.replace(/E0\d-\d+/g, id => faultOf(id, at.model) ? `<button data-bug="${id}" aria-pressed="${id === at.bug}">${id}</button>` : id)}</em>`));
	const row = (text, number, cls) => `<div class="${cls}"${number ? "" : ` title="${t("fixed")}"`}><i>${number || "✓"}</i><span style="--in:${/^\t*/.exec(text)[0].length}">${code(text) || " "}</span></div>`;
	$("source").innerHTML = lines.map((l, i) => (l.mended || []).map(m => row(m, 0, "mended")).join("") + row(l.printed && !l.text.trim() ? l.text + "// ✗ " + t("missing") : l.text, i + 1, l.printed ? "printed" : "")).join("");
	rows = [...$("source").children].filter(r => !r.classList.contains("mended"));
	marked = [];
}
let rows = [], marked = [];
function markCode(s) {
	for (const r of marked) { r.classList.remove("here", "trail", "waits", "dead"); r.removeAttribute("aria-current") }
	marked = s.trail.map(l => rows[l - 1]).filter(Boolean);
	for (const r of marked) r.classList.add("trail");
	const row = rows[s.l - 1];
	if (!row) return;
	row.classList.add("here");
	if (s.mode === "waits" || s.mode === "dead") row.classList.add(s.mode);
	row.setAttribute("aria-current", "step");
	marked.push(row);
	const box = $("source"), y = row.offsetTop, low = y < box.scrollTop + 30, high = y + row.offsetHeight > box.scrollTop + box.clientHeight - 40;
	if (low || high) box.scrollTop = y - box.clientHeight / 2.4;
}

// The erratum's section, and whether this run shows it.
const prose = md => esc(md || "").replace(/```\S*\n([^]*?)```/g, (_, code) => `<pre>${code.trimEnd()}</pre>`).replace(/`([^`]+)`/g, "<code>$1</code>").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").replace(/\*\*?([^*]+)\*\*?/g, "$1");
const of = (f, what) => (f[what + "_" + lang()] || f[what] || "").replace(what === "title" ? /^(\d\d[ ,]+)+/ : "", "");
const bitten = () => ended(tape.at(-1));
function drawWhy() {
	const f = fault();
	if (!f) { $("why").innerHTML = ""; return }
	const other = f.scenario && f.scenario !== at.scenario && scenario(f.scenario);
	$("why").innerHTML = `<p><strong>${at.bug}</strong> ${prose(of(f, "title"))} <button id="showline">${t("show")}</button></p>` +
		(bitten() ? "" : `<p><strong>${t("silent")(at.bug)}</strong> ${other ? `${t("try")} <button id="other">${esc(other[lang()])}</button>` : prose(of(f, "not")) || (f.scenario ? "" : t("cannot"))}</p>`) +
		`<dl>${["why", "seen", "printed", "should"].map(k => of(f, k) && `<dt>${t(k)}</dt><dd>${prose(of(f, k))}</dd>`).join("")}</dl>`;
}

// -- The world --------------------------------------------------------------------------------------------------------
const css = p => `--c:${hue(p)}`;
function buffer([n, text], p, label, cap) {
	const full = label === "send" && n >= cap, tiles = cap <= 12 && n <= 12;
	const inside = tiles ? [...text].map(ch => `<s>${esc(ch)}</s>`).join("") + '<s class="slot"></s>'.repeat(Math.max(0, cap - n)) :
		`<span class="cap"><span class="bar1" style="display:block;width:${Math.min(100, n * 100 / Math.max(cap, 1024))}%"></span>${n ? `<b>${size(n)}</b>` : ""}</span>`;
	return `<div class="bytes" style="${css(p)}"><label class="${full ? "full" : ""}">${full ? t("full") : label}</label>${inside}<span class="wire ${n ? "live" : ""}">${label === "recv" ? "◀" : "▶"}</span></div>`;
}
const FD = [[1, "READ"], [2, "WRITE"], [32, "CLOSE"], [8, "ACCEPT"]];
const flags = (o, p) => o.m ? `<div class="armed" style="${css(p)}">${FD.filter(([bit]) => o.m & bit).map(([bit, name]) => `<span class="${o.r & bit ? "rec" : o.a & bit ? "on" : ""}">${name}</span>`).join("")}</div>` : "";

// How the thread waits for the socket p, and in words.
function how(s, p) {
	const o = s.w[p] || {};
	if (at.model === 3) {
		const is = side => !s.sets || o.s === "closed" ? "" : s.sets.ready ? s.sets.ready[side].includes(p) ? "ready" : s.sets.ask[side].includes(p) ? "out" : "" : s.sets.ask[side].includes(p) ? "in" : "";
		const [r, w] = [is("r"), is("w")];
		return { html: `<div class="sets"><i class="dot ${r}" style="${css(p)}"></i><i class="dot ${w}" style="${css(p)}"></i></div>`, state: [r, w].includes("ready") ? "found" : [r, w].includes("in") ? "asked" : "", words: t("sets3")(r, w, [r, w].includes("ready")) };
	}
	if (at.model === 4) return { html: flags(o, p), state: "", words: "" };
	if (at.model === 5) {
		const i = s.array.indexOf(p), waiting = s.call?.f === "WSAWaitForMultipleEvents" && s.wait.includes(p);
		const state = waiting ? s.mode === "waits" ? "asked" : s.call.ready === p ? "found" : "" : "";
		return { html: (o.e === undefined || i < 0 && o.s === "closed" ? "" : `<div class="lamp ${o.e ? "lit" : state === "asked" ? "in" : ""}" style="${css(p)}">${i >= 0 ? `[${i}]` : ""}</div>`) + (o.s === "closed" ? "" : flags(o, p)), state, words: i >= 0 ? `[${i}]` : "" };
	}
	return { html: "", state: "", words: "" };
}

// What the thread does here, and what it holds.
function thread(s, p) {
	const c = s.call, wide = ["select", "WSAWaitForMultipleEvents"].includes(c?.f), h = p ? s.w[p].held : 0;
	const mine = c && s.k !== "line" && (wide ? p === 0 : c.p === p) && !["GetMessage", "DispatchMessage"].includes(c.f);
	const name = c && c.f.replace("WSA", "").replace("ForMultipleEvents", "…").replace("NetworkEvents", "…");
	const kind = ["act", "get", "sees"].includes(s.k) && s.mode === "runs" ? "" : s.mode;
	return (mine ? `<span class="pill ${kind}" title="${c.f}()">${name}()${s.mode === "spins" && s.vain > 1 ? " ×" + s.vain + "…" : ""}</span>` : "") + (h > 0 ? `<span class="bar1 holds" style="${css(p)}">${t("holds")}${size(h)}</span>` : "");
}

const told_ = ([n, text], key) => `<span class="text"><small>${t(key)}${n > 12 ? " " + size(n) : ""}</small>${esc(text.slice(-14))}${n > 40 && 0 ? "…" : ""}</span>`;
function lane(s, p) {
	const c = s.w[p], h = how(s, p), can = !c.done && !c.rst && !ended(s), A = letter(p), b = (what, key, off) => `<button data-p="${p}" data-act="${what}" title="${t(key + "Long") || ""}"${off ? " disabled" : ""}>${t(key) || key}</button>`;
	const end = (c.fin ? '<span class="end">FIN →</span>' : "") + (c.rst ? '<span class="end rst">RST →</span>' : "") + (c.s === "closed" ? `<span class="end ${c.ab ? "rst" : ""}">← ${c.ab ? "RST" : "FIN"}</span>` : "");
	const words = [h.words, c.held > 0 ? t("holds") + size(c.held) : "", c.out[0] >= at.room ? "send: " + t("full") : "", c.s === "backlog" ? t("backlog") : ""].filter(Boolean).join("; ");
	return `<li class="lane ${h.state} ${c.done ? "gone" : ""} ${at.model < 3 ? "none" : ""}"><span class="sr">${A}: ${words}</span><div class="how" data-head="${at.model === 3 ? t("sets").join("   ") : ""}">${h.html}</div><div>${thread(s, p)}</div>
<div class="wide">${c.s === "closed" && c.done ? "" : buffer(c.in, p, "recv", at.room) + buffer(c.out, p, "send", at.room)}</div>
<div class="wide" style="${css(p)}"><div class="who"><span class="face">${A}</span>${told_(c.said, "sent")}${end}</div>
<div class="who"><span class="face" style="visibility:hidden"></span>${told_(c.got, "got")}${c.deaf && !c.done ? `<span class="full">${t("deaf")}</span>` : ""}</div>
<div class="acts">${can ? b("hello", "hello", c.fin) + b("#1024", "1 KB", c.fin) + (c.deaf ? b("=", "reads") : b("-", "stops")) + b(".", "fin", c.fin) + b("!", "rst") + `<button data-p="${p}" data-menu="${p}" title="${t("otherLong")}" aria-label="${A}: ${t("otherLong")}"${c.fin ? " disabled" : ""}>…</button>` : ""}</div></div></li>`;
}

function drawWorld(s) {
	const all = peers(s.w), mine = picked.concat(lanes).filter((p, i, a) => a.indexOf(p) === i).slice(0, lanes.length).filter(p => s.w[p]).sort((a, b) => a - b);
	const crowd = peers(tape.at(-1).w).length > lanes.length, h = how(s, 0), focus = document.activeElement, back = focus && $("world").contains(focus) && [focus.dataset.p, focus.dataset.act, focus.dataset.menu];
	const open = $("log")?.open, count = all.length, chip = ([p, what, code, stale], cls = "") => `<span class="${cls} ${stale ? "stale" : ""}" style="${css(p)}">${p >= 0 ? sock(p)[+(lang() === "ko")] + " " : ""}${what}${code ? " " + code : ""}${stale ? ` (${t("gone")})` : ""}</span>`;
	let html = "";
	if (at.model === 4) {
		const getting = s.call?.f === "GetMessage", taken = s.taken && s.mode === "runs";
		html += `<div class="queue"><em>${t("queue")}</em>${getting ? `<b class="pill ${s.mode}">GetMessage()</b>` : ""}${taken ? `<em>◂</em>${chip(s.taken, "taken")}` : ""}${s.q.slice(0, 8).map(m => chip(m)).join("") || `<em>${t(taken ? "empty" : "none0")}</em>`}${s.q.length > 8 ? `<em>+${s.q.length - 8}</em>` : ""}</div>`;
	}
	const head = { 3: `<div class="how two"><span>${t("sets")[0]}</span><span>${t("sets")[1]}</span></div>`, 4: `<div class="how">${t("armed")}</div>`, 5: `<div class="how">${t("events")}</div>` }[at.model] || '<div class="how"></div>';
	const none = at.model < 3 ? "none" : "", stop = ended(s) ? " disabled" : "";
	html += `<ul class="lanes ${crowd ? "crowded" : ""}" style="--n:${mine.length};--crowd:${crowd ? 4.5 : 0}rem;--cols:${["0", "0", "7.9rem", "10.6rem", "10.6rem"][at.model - 1]}"><li class="lane head ${none}" aria-hidden="true">${head}<div>${t("thread")}</div><div>${t("winsock")}</div><div>${t("clients")}</div></li>
<li class="lane ${h.state} ${none}"><span class="sr">${t("listening")}: ${h.words}</span><div class="how">${h.html}</div><div>${thread(s, 0)}</div><div><div class="bytes" style="flex-wrap:wrap"><span class="pill">${t("backlog")}</span>${(s.w[0].b || []).slice(0, 6).map(p => `<b class="face" style="${css(p)}">${letter(p)}</b>`).join("")}${s.w[0].b?.length > 6 ? "+" + (s.w[0].b.length - 6) : ""}</div></div>
<div><div class="acts"><button data-act="+"${stop || (count > 63 ? " disabled" : "")}>${t("client")}</button><button data-act="*10"${stop || (count > 54 ? " disabled" : "")}>${t("ten")}</button><button data-act="*64"${stop || (count > 63 ? " disabled" : "")}>${t("sixty")}</button></div></div></li>`;
	if (crowd) html += `<li class="lane"><div class="crowd">${all.map(p => `<button data-pick="${p}" class="${s.w[p].done ? "gone" : s.w[p].s}" style="${css(p)}" aria-pressed="${mine.includes(p)}" title="${t("pick")(letter(p))}">${p <= 26 ? letter(p) : p}</button>`).join("")}</div></li>`;
	html += mine.map(p => lane(s, p)).join("") + `</ul><p class="honest">${t("keyline")[at.model - 1]}</p>`;
	const log = tape.slice(0, s.at + 1).filter(o => o.k === "log" || o.k === "error").map(o => o.t.trim()).filter(Boolean);
	html += `<details id="log"${open ? " open" : ""}><summary>${esc(log.at(-1)?.slice(0, 160) || t("log"))}</summary><pre>${esc(log.slice(-60).join("\n"))}</pre></details>`;
	$("world").innerHTML = html;
	if (open) $("log").lastElementChild.scrollTop = 1e6;
	if (back) [...$("world").querySelectorAll("button")].find(b => b.dataset.p === back[0] && b.dataset.act === back[1] && b.dataset.menu === back[2])?.focus();
}

// -- What happens now -------------------------------------------------------------------------------------------------
function drawNow(s) {
	const prev = s.at ? tape[s.at - 1] : s, k = +(lang() === "ko"), f = fault();
	let [head, text] = explain(s, { model: at.model, prev, room: at.room, wine: at.wine }).map(both => both[k]);
	if (s.k === "line") { head = (lang() === "ko" ? "줄 " : "line ") + s.l; text = (rows[s.l - 1]?.lastChild.textContent || "").trim() }
	const first = md => prose(md).replace(/<pre>[^]*?<\/pre>/g, "").replace(/\s*\([^)]*(measured|by reading|측정|코드 검토)[^)]*\)/g, "").split(/(?<=[.다])\s/)[0];
	if (["broken", "crash", "exit"].includes(s.k) && f) { head = `✗ ${at.bug}: ${prose(of(f, "title")).replace(/<[^>]*>/g, "")}`; text = (s.k === "crash" ? `${s.code}, ` : "") + (first(of(f, "seen")) || esc(text)) + (s.k === "broken" && !k ? ` <small>${esc(s.t)}.</small>` : s.k === "broken" ? ` <small>${esc(text)}</small>` : "") }
	else text = esc(text);
	if (s.k === "rest" && f && !bitten()) text = `<b>${t("silent")(at.bug)}</b> ` + text;
	const own = ["act", "get", "sees"].includes(s.k) && s.p > 0;
	$("now").className = s.mode;
	$("say").innerHTML = `<code class="${own ? "who" : ""}" style="${own ? css(s.p) : ""}">${own ? head.replace(/&/g, "&amp;").replace(/</g, "&lt;") : f && ended(s) ? head : esc(head)}</code><span>${text}</span>`;
	const call = s.call ? `<b>${s.call.f}()</b>` : "";
	$("cpu").innerHTML = { waits: t("waits") + call, spins: t("spins") + call, runs: t("runs") + s.l, dead: t("dead"), over: t("over") }[s.mode] + (ended(s) ? "" : "<br>" + t({ waits: "idle", spins: "core", runs: "busy" }[s.mode]));
	if (!timer || ["wait", "act", "broken", "crash"].includes(s.k)) $("spoken").textContent = $("say").innerText;
	$("line").ariaValueNow = pos + 1; $("line").ariaValueMax = shown.length; $("line").ariaValueText = head;
}

// -- The time ---------------------------------------------------------------------------------------------------------
function drawLine() {
	const scale = root.classList.contains("big") && innerWidth > 760 ? 1.4 : 1, w = Math.round($("line").clientWidth / scale);
	places = [];
	$("strip").innerHTML = overview([tape], { lang: lang(), width: w, title: false, single: at.model, lanes, height: w < 700 ? 74 : lanes.length > 2 ? 92 : 82, places });
	places.w = w;
	places.forEach((p, i) => { if (p) for (let j = i + 1; j < tape.length && !places[j]; j++) places[j] = p });
}
function drawHere() {
	const k = $("line").clientWidth / places.w, p = places[here().at] || { x: 22, w: 3 }, top = places.w < 700 ? 28 : 34;
	Object.assign($("here").style, { left: (p.x - 2) * k + "px", width: (p.w + 4) * k + "px", top: top * k + "px", bottom: 0 });
}

// -- All of it --------------------------------------------------------------------------------------------------------
function draw(anew = false) {
	const s = here();
	if (anew) {
		const n = peers(tape.at(-1).w).length;
		lanes = lanesOf(tape, n <= 4 ? 4 : 2);
		if (picked.length) lanes = picked.concat(lanes.filter(p => !picked.includes(p))).slice(0, lanes.length).sort((a, b) => a - b);
		labels(); drawCode(); drawWhy(); drawLine();
	}
	markCode(s); drawWorld(s); drawNow(s); drawHere();
	$("count").textContent = `${pos + 1} / ${shown.length}`;
	$("back").disabled = $("first").disabled = pos === 0;
	$("next").disabled = $("wait").disabled = pos === shown.length - 1;
	$("undo").disabled = !past.length;
	save();
}

function labels() {
	document.title = t("title");
	for (const e of document.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
	for (const e of document.querySelectorAll("[data-label]")) e.ariaLabel = e.title = t(e.dataset.label);
	$("source").title = $("world").title = $("line").title = "";
	$("lang").textContent = lang() === "ko" ? "English" : "한국어";
	$("models").innerHTML = [t("all"), ...FIVE.names].map((n, i) => `<button data-model="${i}"${at.model === i ? ' aria-current="page"' : ""}>${i ? `0${i}<span> ${n}</span>` : n}</button>`).join("");
	$("models").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
	$("scenario").innerHTML = DATA.scenarios.map(s => `<option value="${s.id}">${esc(s[lang()])}</option>`).join("") + `<option value="free">${t("free")}</option>`;
	$("scenario").value = at.scenario;
	$("bug").innerHTML = `<option value="">${t("none")}</option>` + DATA.faults.filter(f => f.model === at.model).map(f => `<option value="${f.id.split(" ")[0]}">${f.id.split(" ")[0]} ${esc(of(f, "title").replace(/`/g, ""))}</option>`).join("");
	$("bug").value = at.bug; $("bug").className = at.bug ? "on" : "";
	$("system").value = at.wine; $("room").value = at.room;
	playing();
}

let fives = null;
async function five() {
	const box = document.querySelector(`.five[lang=${lang()}]`), w = innerWidth <= 760 ? box.clientWidth : 1060;
	if (box.dataset.w == w || (w === 1060 && box.firstElementChild && !box.dataset.w)) return;
	const of = scenario("five");
	fives ||= await Promise.all([1, 2, 3, 4, 5].map(m => play_(m, "", 0, of.room, of.acts.split(";"))));
	box.innerHTML = overview(fives, { lang: lang(), width: w });
	box.dataset.w = w;
}

// -- The address: the whole state, by act -------------------------------------------------------------------------------
function save() {
	clearTimeout(save.later);
	save.later = setTimeout(() => {
		const h = new URLSearchParams({ m: at.model }), own = at.scenario === "free";
		if (at.bug) h.set("b", at.bug);
		if (at.wine) h.set("w", 1);
		if (own || at.room !== scenario(at.scenario).room) h.set("r", at.room);
		h.set("s", at.scenario);
		if (own) h.set("a", at.acts.join(";"));
		if (at.model && tape.length) { const { col, n } = place(); h.set("at", col + (n === "e" ? "e" : n ? "." + n : "")) }
		h.set("l", lang());
		for (const k of ["theme", "v"]) if (chosen[k]) h.set(k, chosen[k]);
		history.replaceState(null, "", "#" + h.toString().replace(/%3B/g, ";").replace(/%2B/g, "%2B"));
	}, 300); // Safari refuses more than 100 in 30 seconds
}

function load() {
	const h = new URLSearchParams(location.hash.slice(1)), pick = (k, ...of) => of.includes(h.get(k)) ? h.get(k) : "";
	root.lang = pick("l", "en", "ko") || root.lang;
	for (const [k, v] of [["theme", pick("theme", "light", "dark")], ["v", pick("v", "big")]]) if (v) chosen[k] = v;
	if (chosen.theme) root.dataset.theme = chosen.theme;
	root.classList.toggle("big", pick("v", "big") === "big");
	const bug = (h.get("b") || "").slice(0, 8), of = DATA.faults.find(f => f.id.split(" ")[0] === bug);
	const m = +pick("m", "0", "1", "2", "3", "4", "5") || (of && !h.has("m") ? of.model : 0), f = bug && faultOf(bug, m);
	const s = scenario(h.get("s")) ? h.get("s") : f && f.scenario || "five";
	Object.assign(at, { model: m, bug: f ? bug : "", ...ofScenario(s), wine: +(pick("w", "0", "1") || (f && !h.has("s") && f.dialect) || 0) });
	const acts = (h.get("a") || "").split(";").filter(a => /^(\d{1,5} )?([A-Z].|\^.|@\d{1,2}:.|\*\d{1,2}$|[~?]$|\$[a-zA-Z:]+$)/.test(a)).slice(0, 400);
	if (acts.length) Object.assign(at, { acts, scenario: "free" });
	if (["8", "1024"].includes(h.get("r"))) at.room = +h.get("r");
	const [, col, n] = /^(\d{1,3})(e|\.\d{1,5})?$/.exec(h.get("at") || "") || [];
	play(false);
	past = []; picked = [];
	root.dataset.view = m ? "one" : "all";
	labels();
	return m ? run(col === undefined ? at.bug ? "end" : { col: 0, n: 0 } : { col: +col, n: n === "e" ? "e" : +(n || ".0").slice(1) }) : five();
}

// -- What the reader does -----------------------------------------------------------------------------------------------
$("all").onclick = e => { const { model: m, col } = e.target.dataset; if (m) { Object.assign(at, ofScenario("five"), { wine: 0, bug: "" }); model(+m, { col: +col, n: 0 }).then(() => $("now").focus()) } };
$("all").onkeydown = e => {
	const { model: m, col } = e.target.dataset, by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[e.key];
	if (!m || !(by || e.key === "Enter" || e.key === " ")) return;
	e.preventDefault(); e.stopPropagation();
	if (!by) return e.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
	const to = e.target.closest("svg").querySelector(`.cell[data-model="${+m + by[0]}"][data-col="${+col + by[1]}"]`);
	if (to) { e.target.tabIndex = -1; to.tabIndex = 0; to.focus() }
};
$("models").onclick = e => { const b = e.target.closest("[data-model]"); if (b) model(+b.dataset.model) };
$("scenario").onchange = e => change(e.target.value === "free" ? { scenario: "free", acts: at.acts } : ofScenario(e.target.value), { col: 0, n: 0 });
$("bug").onchange = e => choose(e.target.value);
$("system").onchange = e => change({ wine: +e.target.value }, place());
$("room").onchange = e => change({ room: +e.target.value }, place());
$("undo").onclick = () => { const was = past.pop(); if (!was) return; play(false); const m = at.model; Object.assign(at, was.at); at.model = m; if (at.bug && !fault()) at.bug = ""; run(was.place) };
$("lang").onclick = () => { root.lang = lang() === "ko" ? "en" : "ko"; KEEP.set("lang", lang()); at.model ? draw(true) : (labels(), five(), save()) };
$("theme").onclick = () => { chosen.theme = root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"; KEEP.set("theme", chosen.theme); save() };
$("big").onclick = () => { chosen.v = root.classList.toggle("big") ? "big" : ""; at.model ? draw(true) : save() };
$("lines").onchange = () => { const k = here().at; view(); step(shown.findLastIndex(i => i <= k)) };
$("source").onclick = e => { if (e.target.dataset.bug) choose(e.target.dataset.bug) };
$("why").onclick = e => { if (e.target.id === "showline") document.querySelector(".printed")?.scrollIntoView({ block: "center" }); if (e.target.id === "other") choose2() };
const choose2 = () => { const f = fault(); change({ ...ofScenario(f.scenario), wine: f.dialect || 0 }) };
$("world").onclick = e => {
	const b = e.target.closest("button"), { p, act: what, pick, menu: of } = b?.dataset || {};
	if (pick) { picked = [+pick, ...picked.filter(q => q !== +pick)].slice(0, lanes.length); draw(true) }
	else if (of) menu(+of, b);
	else if (p) act(nameOf(+p) + what);
	else if (what === "+") { const n = live ? connects(at.acts) : peers(here().w).length; act(nameOf(n + 1) + "+") }
	else if (what) act("*" + Math.min(+what.slice(1), 64 - (live ? connects(at.acts) : peers(here().w).length)));
};
const connects = acts => acts.reduce((n, a) => n + (/(^|\d )([A-Z]|@\d+:)\+$/.test(a) ? 1 : +(/\*(\d+)$/.exec(a) || [0, 0])[1]), 0);
$("more").onclick = e => { if (e.target.dataset.act) act(e.target.dataset.act) };
function menu(p, by) {
	const box = by.getBoundingClientRect();
	$("menu").dataset.p = p;
	$("menuOf").textContent = t("own")(letter(p));
	$("menu").hidden = false;
	Object.assign($("menu").style, { left: Math.max(8, Math.min(box.right, innerWidth - 12) - $("menu").offsetWidth) + "px", top: Math.max(8, Math.min(box.bottom + 4, innerHeight - $("menu").offsetHeight - 8)) + "px" });
	$("own").value = ""; $("own").focus();
}
$("menu").onsubmit = e => { e.preventDefault(); if ($("own").value) { act(nameOf(+$("menu").dataset.p) + coded($("own").value)); $("menu").hidden = true } };
$("menu").onclick = e => { if (e.target.dataset.act) { act(nameOf(+$("menu").dataset.p) + e.target.dataset.act); $("menu").hidden = true } };
addEventListener("pointerdown", e => { if (!$("menu").hidden && !e.target.closest("#menu, [data-menu]")) $("menu").hidden = true; if (!e.target.closest("#more")) $("more").open = false });
$("first").onclick = () => step(0); $("back").onclick = () => step(pos - 1); $("next").onclick = () => step(pos + 1); $("wait").onclick = toWait; $("play").onclick = () => play(!timer);
const drag = e => {
	if (!(e.buttons & 1)) return;
	const x = (e.clientX - $("line").getBoundingClientRect().left) * places.w / $("line").clientWidth;
	step(shown.reduce((best, i, j) => places[i] && places[i].x <= x + 1 ? j : best, 0));
};
$("line").onpointerdown = $("line").onpointermove = drag;
addEventListener("resize", () => { if (!at.model) five(); else if (tape.length) draw(true) });
addEventListener("hashchange", load);
addEventListener("keydown", e => {
	if (e.key === "Escape" && (!$("menu").hidden || $("more").open)) { $("menu").hidden = true; $("more").open = false; return }
	if (/SELECT|INPUT/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.(".cell")) return;
	if (/^[0-5]$/.test(e.key)) return void model(+e.key);
	const does = at.model && { ArrowRight: () => e.shiftKey ? toWait() : step(pos + 1), ArrowLeft: () => step(pos - 1), Home: () => step(0), End: () => step(1e9), " ": () => play(!timer), Escape: () => { const c = here().col; model(0); document.querySelector(`.five[lang=${lang()}] .cell[data-model="${at.from || 1}"][data-col="${c}"]`)?.focus() } }[e.key];
	if (!does || (e.key === " " && /BUTTON|SUMMARY/.test(e.target.tagName))) return;
	e.preventDefault();
	does();
});
load();

// What is drawn of one step: the source, the erratum, the world, what happens now, the time. State is in page.js.
const $ = id => document.getElementById(id);
const root = document.documentElement;
const lang = () => root.lang;
const korean = () => Number(lang() === "ko");
const t = key => TEXTS[key]?.[korean()];
const css = p => `--c:${hue(p)}`;

// -- The source, with the printed lines of the chosen bug beside the mended ones ----------------------------------------
const KEYWORDS = new RegExp("\\b(if|else|for|while|switch|case|default|return|goto|break|continue|int|char|void|struct|" +
	"const|unsigned|long|new|delete)\\b", "g");
const CALLS = new RegExp("\\b(accept|recv|send|select|closesocket|GetMessage|DispatchMessage|PostMessage|Sleep|WSA(?:" +
	"AsyncSelect|EventSelect|EnumNetworkEvents|WaitForMultipleEvents|SetEvent|ResetEvent|CreateEvent|CloseEvent))(?=\\()", "g");

function faultySource(source, pairs) {
	const lines = source.split("\n").map(text => ({ text }));
	for (const [old, printed] of pairs) {
		const text = lines.map(l => l.text).join("\n"), from = text.indexOf(old);
		if (from < 0) continue;
		const first = text.slice(0, from).split("\n").length - 1, count = old.split("\n").length;
		const block = lines.slice(first, first + count), before = block.map(l => l.text);
		const after = before.join("\n").replace(old, () => printed).split("\n");
		const mended = block.flatMap(l => l.mended || (l.printed ? [] : [l.text])).filter(l => !after.includes(l));
		const fresh = after.map(text => ({ text, printed: !before.includes(text) || !text.trim() }));
		if (mended.length) (fresh.find(l => l.printed) || fresh[0]).mended = mended;
		lines.splice(first, count, ...fresh);
	}
	return lines;
}

function highlight(text) {
	const [, code, note] = /^(.*?)(\/\/.*)?$/.exec(esc(text));
	const put = (text, id, colon) => !faultOf(id, at.model) ? text :
		`<span class="nb"><button data-bug="${id}" aria-pressed="${id === at.bug.split("/")[0]}">${id}</button>${colon}</span>`;
	return code.replace(KEYWORDS, "<b>$1</b>").replace(CALLS, "<u>$1</u>")
		.replace(/[\w>)\]]*(?:-&gt;\w+|--|\+\+)/g, '<span class="nb">$&</span>') +
		(note ? `<em>${note.replace(/(E0\d-\d+)([:,]?)/g, put)}</em>` : "");
}

let drawnSource = "", rows = [], marked = [];
function drawSource() {
	const key = at.model + at.bug + lang();
	if (key === drawnSource) return;
	drawnSource = key;
	const row = (text, mark, kind) => `<div class="${kind}"><i>${mark}</i>` +
		`<span style="--in:${/^\t*/.exec(text)[0].length}">${highlight(text) || " "}</span></div>`;
	$("source").innerHTML = faultySource(DATA.sources[at.model - 1], fault()?.pairs || []).map((l, i) =>
		(l.mended || []).map(m => row(m, `<abbr title="${t("fixed")}">✓</abbr>`, "mended")).join("") +
		row(l.printed && !l.text.trim() ? `${l.text}// ✗ ${t("missing")}` : l.text, i + 1, l.printed ? "printed" : "")).join("");
	rows = [...$("source").children].filter(r => !r.matches(".mended"));
	marked = [];
}

const printedLine = () => rows.findIndex(r => r.matches(".printed")) + 1;
function markLine(s) {
	for (const r of marked) {
		r.classList.remove("here", "trail", "waits", "dead");
		r.removeAttribute("aria-current");
	}
	marked = s.trail.map(l => rows[l - 1]).filter(Boolean);
	for (const r of marked) r.classList.add("trail");
	const row = rows[s.l - 1], box = $("source");
	if (!row) return;
	row.classList.add("here");
	if (s.mode === "waits" || s.mode === "dead") row.classList.add(s.mode);
	row.setAttribute("aria-current", "step");
	marked.push(row);
	const first = ended(s) && rows[printedLine() - 1], apart = first ? row.offsetTop - first.offsetTop : Infinity;
	if (Math.abs(apart) < box.clientHeight - 80) return void (box.scrollTop = row.offsetTop - apart / 2 - box.clientHeight / 2.2);
	const y = row.offsetTop - box.scrollTop;
	if (y < 30 || y + row.offsetHeight > box.clientHeight - 40) box.scrollTop = row.offsetTop - box.clientHeight / 2.4;
}

// -- The erratum's section, and whether this run shows it --------------------------------------------------------------
const prose = md => esc(md).replace(/```\S*\n([^]*?)```/g, (_, code) => `<pre>${code.trimEnd()}</pre>`)
	.replace(/`([^`]+)`/g, "<code>$1</code>").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").replace(/\*\*?([^*]+)\*\*?/g, "$1");
const section = (f, what) => f[`${what}_${lang()}`] || f[what] || "";
// "`case FD_CLOSE:`: closes at once", "`send()`: `send()` is nested": without what stands there twice
const titleOf = f => section(f, "title").replace(/^(\d\d[ ,]+)+/, "").replace(/:(`?): /, "$1: ").replace(/^(`[^`]+`): (?=\1)/, "");

function drawErratum() {
	const f = fault();
	$("why").innerHTML = "";
	if (!f) return;
	const known = f.scenario || f.acts, name = f.scenario ? scenario(f.scenario)[lang()] : f.acts;
	const tip = known ? `${t("attempt")} <button data-attempt>${esc(name)}</button>` : prose(section(f, "not")) || t("cannot");
	$("why").innerHTML = `<p><strong>${idOf(f)}</strong> ${prose(titleOf(f))} ${printedLine() ? `<button data-show>${t("show")(printedLine())}</button>` : ""}</p>` +
		(ended(tape.at(-1)) ? "" : `<p><strong>${t("silent")(idOf(f))}</strong> ${tip}</p>`) +
		`<dl>${["why", "seen", "printed", "should"].map(k =>
			section(f, k) && `<dt>${t(k)}</dt><dd>${prose(section(f, k))}</dd>`).join("")}</dl>`;
}

// -- The world: how the thread waits | the thread | Winsock | the client ------------------------------------------------
function buffer([n, text], p, name, room) {
	const full = name === "send" && n >= room, letters = room <= 12 && n <= 12;
	const bytes = letters ?
		[...text].map(c => `<s>${esc(c)}</s>`).join("") + '<s class="slot"></s>'.repeat(Math.max(0, room - n)) :
		`<span class="cap"><span class="bar1" style="width:${Math.min(100, n * 100 / Math.max(room, 1024))}%"></span>` +
		`${n ? `<b>${size(n)}</b>` : ""}</span>`;
	return `<div class="bytes" style="${css(p)}"><label${full ? ' class="full"' : ""}>${full ? t("full") : name}</label>` +
		`${bytes}<span class="wire${n ? " live" : ""}">${name === "recv" ? "◀" : "▶"}</span></div>`;
}

const FD = [[1, "READ"], [2, "WRITE"], [32, "CLOSE"], [8, "ACCEPT"]];
function events(o, p) {
	if (!o.m || o.s === "closed") return "";
	const flag = ([bit, name]) => `<span class="${o.r & bit ? "rec" : o.a & bit ? "on" : ""}">${name}</span>`;
	return `<div class="armed" style="${css(p)}">${FD.filter(([bit]) => o.m & bit).map(flag).join("")}</div>`;
}

// How the thread waits for the socket p: the picture, asked or found by this wait, and in words.
function waiting(s, p) {
	const o = s.w[p] || {};
	if (at.model === 3) {
		const asks = set => o.s !== "closed" && s.sets?.ask[set].includes(p);
		const state = set => !asks(set) ? "" : !s.sets.ready ? "in" : s.sets.ready[set].includes(p) ? "ready" : "out";
		const both = [state("r"), state("w")], ready = both.includes("ready");
		const words = asks("r") ? t("readSet") : asks("w") ? t("writeSet") : t("noSet");
		return { html: `<div class="sets">${both.map(b => `<i class="dot ${b}" style="${css(p)}"></i>`).join("")}</div>`,
			state: ready ? "found" : both.includes("in") ? "asked" : "", words: words + (ready ? `, ${t("ready")}` : "") };
	}
	if (at.model === 5 && o.s !== "closed") {
		const i = s.array.indexOf(p), asked = s.call?.f === "WSAWaitForMultipleEvents" && s.wait.includes(p);
		const state = !asked ? "" : s.call.ready === undefined && !s.call.e ? "asked" : s.call.ready === p ? "found" : "";
		const lamp = o.e ? "lit" : state === "asked" ? "in" : "", index = i < 0 ? "" : `[${i}]`;
		return { html: (i < 0 ? "" : `<div class="lamp ${lamp}" style="${css(p)}">${index}</div>`) + events(o, p), state, words: index };
	}
	return { html: at.model === 4 ? events(o, p) : "", state: "", words: "" };
}

// What the thread does at this socket, and what it holds of it.
function threadAt(s, p) {
	const c = s.call, all = ["select", "WSAWaitForMultipleEvents"].includes(c?.f), h = p ? s.w[p].held : 0;
	const mine = c && s.k !== "line" && c.f !== "GetMessage" && (all ? p === 0 : c.p === p);
	const name = c?.f.replace("WSA", "").replace(/ForMultipleEvents|NetworkEvents/, "…").replace(/^.{1,9}$/, "$&()");
	const past = s.mode === "runs" && ["act", "get", "sees"].includes(s.k);
	const times = s.mode === "spins" && s.vain > 1 ? ` ×${s.vain}…` : "";
	return (mine ? `<span class="pill ${past ? "" : s.mode}" title="${c.f}()">${name}${times}</span>` : "") +
		(h > 0 ? `<span class="bar1 holds" style="${css(p)}">${t("holds")}${size(h)}</span>` : "");
}

const button = (act, text, { p, title, off } = {}) => `<button data-act="${act}"${p ? ` data-p="${p}"` : ""}` +
	`${title ? ` title="${title}"` : ""}${off ? " disabled" : ""}>${text}</button>`;
function said([n, text], key) { // what a client has sent, or got back: the last of it
	const all = text.length <= 16 && new TextEncoder().encode(text).length >= n;
	return `<span class="text"><small>${t(key)}${n > 12 ? " " + size(n) : ""}</small>${esc(all ? text : "…" + text.slice(-15))}</span>`;
}
function lane(s, p) {
	const c = s.w[p], wait = waiting(s, p), A = letter(p);
	const act = (what, key, off) => button(what, t(key), { p, title: t(key + "Long"), off });
	const acts = c.done || c.rst || ended(s) ? "" : act("hello", "hello", c.fin) + act("#1024", "kilobyte", c.fin) +
		(c.deaf ? act("=", "reads") : act("-", "stops")) + act(".", "fin", c.fin) + act("!", "rst") +
		`<button data-p="${p}" data-menu title="${t("otherLong")}" aria-label="${A}: ${t("otherLong")}">…</button>`;
	const end = (is, text, reset) => is ? `<span class="end${reset ? " rst" : ""}">${text}</span>` : "";
	const ends = end(c.fin, "FIN →") + end(c.rst, "RST →", true) + end(c.s === "closed", c.ab ? "← RST" : "← FIN", c.ab);
	const state = [wait.words, c.held ? t("holds") + size(c.held) : "", c.out[0] >= at.room ? "send: " + t("full") : "",
		c.s === "backlog" ? t("backlog") : ""].filter(Boolean).join("; ");
	return `<li class="lane ${wait.state} ${c.done ? "gone" : ""} ${at.model < 3 ? "none" : ""}">
		<span class="sr">${A}: ${state}</span>
		<div class="how" data-head="${{ 3: `${t("readSet")}   ${t("writeSet")}`, 4: t("armed"), 5: t("events") }[at.model] || ""}">${wait.html}</div>
		<div>${threadAt(s, p)}</div>
		<div class="wide">${c.s === "closed" && c.done ? "" : buffer(c.in, p, "recv", at.room) + buffer(c.out, p, "send", at.room)}</div>
		<div class="wide" style="${css(p)}">
			<div class="who"><b class="face">${mark(p)}</b>${said(c.said, "sent")}${ends}</div>
			<div class="who under">${said(c.got, "got")}${c.deaf && !c.done ? `<span class="full">${t("deaf")}</span>` : ""}</div>
			<div class="acts">${acts}</div>
		</div></li>`;
}

// The queue of messages, and the one that was taken from it last.
function queue(s) {
	const message = ([p, what, error, stale], cls = "") => `<span class="${cls} ${stale ? "stale" : ""}" style="${css(p)}">` +
		`${p >= 0 ? sock(p)[korean()] + " " : ""}${what}${error ? " " + error : ""}${stale ? ` (${t("gone")})` : ""}</span>`;
	const crashed = s.k === "crash", taken = s.taken && (s.mode === "runs" || crashed), more = s.q.length - 8;
	const call = s.call?.f === "GetMessage" ? `<b class="pill ${crashed ? "" : s.mode}">GetMessage()</b>` : "";
	const rest = s.q.slice(0, 8).map(m => message(m)).join("") || `<em>${t(taken ? "others" : "empty")}</em>`;
	return `<div class="queue"><em>${t("queue")}</em>${call}${taken ? `<em>◂</em>${message(s.taken, "taken")}` : ""}` +
		`${rest}${more > 0 ? `<em>+${more}</em>` : ""}</div>`;
}

function head() {
	const how = { 3: `<span class="two"><span>${t("readSet")}</span><span>${t("writeSet")}</span></span>`, 4: t("armed"), 5: t("events") };
	return `<li class="lane head ${at.model < 3 ? "none" : ""}" aria-hidden="true"><div class="how">${how[at.model] || ""}</div>
		<div>${t("thread")}</div><div>${t("winsock")}</div><div>${t("clients")}</div></li>`;
}
function listener(s) {
	const wait = waiting(s, 0), backlog = s.w[0].b || [], count = peers(s.w).length, more = backlog.length - 5;
	const faces = backlog.slice(0, 5).map(p => `<b class="face" style="${css(p)}">${mark(p)}</b>`).join("");
	const connect = (act, key, n) => button(act, t(key), { off: ended(s) || count + n > 64, title: count + n > 64 ? t("limit") : "" });
	return `<li class="lane listener ${wait.state} ${at.model < 3 ? "none" : ""}">
		<span class="sr">${t("listening")}: ${wait.words}</span><div class="how">${wait.html}</div><div>${threadAt(s, 0)}</div>
		<div><div class="bytes"><span class="pill">${t("backlog")}</span>${faces}${more > 0 ? "+" + more : ""}</div></div>
		<div><div class="acts">${connect("+", "client", 1)}${connect("*10", "ten", 10)}${connect("*64", "sixty", 1)}</div></div></li>`;
}
// Where there are more clients than lanes, a tile for each: it gives the client a lane.
function crowd(s) {
	const tile = p => `<button data-pick="${p}" class="${s.w[p].done ? "gone" : s.w[p].s}" style="${css(p)}" ` +
		`aria-pressed="${lanes.includes(p)}" title="${t("pick")(letter(p))}">${mark(p)}</button>`;
	return `<li class="lane"><div class="crowd"><span>${lanes.some(p => s.w[p]) ? t("shown")(lanes.filter(p => s.w[p]).map(letter).join(", ")) : ""}</span> ${peers(s.w).map(tile).join("")}</div></li>`;
}

const HOW_WIDE = ["0px", "0px", "8.6rem", "10.6rem", "10.6rem"];
function drawWorld(s) {
	const inLanes = lanes.filter(p => s.w[p]), crowded = peers(tape.at(-1).w).length > lanes.length;
	const style = `--n:${inLanes.length};--crowd:${crowded ? 4.5 : 0}rem;--cols:${HOW_WIDE[at.model - 1]}`;
	const log = tape.slice(0, s.at + 1).filter(o => o.k === "log" || o.k === "error").map(o => o.t.trim()).filter(Boolean);
	const open = $("log")?.open, focus = document.activeElement, kept = $("world").contains(focus) && { ...focus.dataset };
	$("world").innerHTML = `${at.model === 4 ? queue(s) : ""}
		<ul class="lanes ${crowded ? "crowded" : ""}" style="${style}">
		${head()}${listener(s)}${crowded ? crowd(s) : ""}${inLanes.map(p => lane(s, p)).join("")}</ul>
		<p class="honest">${t("key" + at.model)}</p>
		<details id="log"${open ? " open" : ""}><summary>${esc(log.at(-1)?.slice(0, 160) || t("log"))}</summary>
		<pre>${esc(log.slice(-60).join("\n"))}</pre></details>`;
	if (open) $("log").lastElementChild.scrollTop = 1e6;
	const same = b => ["p", "act", "menu", "pick"].every(k => b.dataset[k] === kept[k]);
	if (kept) [...$("world").querySelectorAll("button")].find(same)?.focus();
}

// -- What happens now ----------------------------------------------------------------------------------------------------
function drawNow(s) {
	const f = fault(), own = ["act", "get", "sees"].includes(s.k) && s.p > 0, ends = ["broken", "crash", "exit"].includes(s.k);
	const state = { model: at.model, prev: tape[s.at - 1], room: at.room, wine: at.wine };
	let [head, text] = explain(s, state).map(both => both[korean()]);
	head = esc(head);
	if (s.k === "line") {
		head = t("line")(s.l);
		text = (rows[s.l - 1]?.lastChild.textContent || "").trim();
	}
	text = esc(text);
	if (f && ends) {
		// What a user of that server sees: the erratum's own first sentence, without how that is known.
		const seen = prose(section(f, "seen")).replace(/<pre>[^]*?<\/pre>/g, "").replace(/\s+/g, " ")
			.replace(/\s*\([^)]*(measured|by reading|측정|코드 검토)[^)]*\)/g, "").split(/(?<=[.다]) /)[0];
		const short = section(f, "says") || // what was measured is of another run
			(/\d,\d{3}/.test(seen) ? "" : seen.length > 120 ? seen.split(/[:;] /)[0].replace(/\.?$/, ".") : seen);
		head = `✗ ${idOf(f)}: ${prose(titleOf(f)).replace(/<[^>]*>/g, "")}`;
		// Where that is of another run, what the step before it did: "These are not the bytes that A has sent."
		const last = tape[s.at - 1], before = s.k === "broken" && last?.k === "call" && tape[s.at - 2] ?
			esc(explain(last, { ...state, prev: tape[s.at - 2] })[1][korean()]) : "";
		const first = short || before;
		text = (s.k === "crash" ? s.code + ": " : "") + (first || text) +
			(first && s.k === "broken" ? ` <small>${korean() ? "어긴 규칙: " : "Found: "}${text}</small>` : "");
	} else if (f && s.k === "rest" && !ended(tape.at(-1)))
		text = `<b>${t("silent")(idOf(f))}</b> ${text}`;
	$("now").className = s.mode;
	$("say").innerHTML = `<code${own ? ` class="who" style="${css(s.p)}"` : ""}>${head}</code><span>${text}</span>`;
	const call = s.call ? `<b>${s.call.f}()</b>` : "", cpu = { waits: "idle", spins: "core", runs: own ? "" : "busy" }[s.mode];
	$("cpu").innerHTML = t(s.mode) + ({ waits: call, spins: call, runs: s.l }[s.mode] ?? "") + (cpu ? "<br>" + t(cpu) : "") +
		(f && ends && printedLine() ? "<br>" + t("cause")(printedLine()) : "");
	// While it plays, two sentences a second would be too many for who listens.
	if (!timer || ["wait", "act", "broken", "crash"].includes(s.k)) $("spoken").textContent = $("say").innerText;
	const headline = $("say").firstChild.textContent;
	Object.assign($("line"), { ariaValueNow: pos + 1, ariaValueMax: tape.length, ariaValueText: headline });
}

// -- The time --------------------------------------------------------------------------------------------------------------
function drawLine() {
	const scale = root.matches(".big") && innerWidth > 1600 ? 1.4 : 1, width = Math.round($("line").clientWidth / scale);
	places = [];
	$("strip").innerHTML = overview([tape], { lang: lang(), width, title: false, single: at.model, lanes, places,
		height: width < 700 ? 74 : [82, 82, 82, 92, 106][lanes.length] });
	places.width = width;
	for (let i = 1; i < tape.length; i++) places[i] ||= places[i - 1];
}
function drawHere() {
	const k = $("line").clientWidth / places.width, p = places[here().at] || { x: 22, w: 3 };
	const top = places.width < 700 ? 28 : 34;
	Object.assign($("here").style, { left: (p.x - 2) * k + "px", width: (p.w + 4) * k + "px", top: top * k + "px" });
}

// -- The controls -----------------------------------------------------------------------------------------------------------
function drawLabels() {
	document.title = t("title");
	for (const e of document.querySelectorAll("[data-t]")) e.textContent = t(e.dataset.t);
	for (const e of document.querySelectorAll("[data-label]")) e.ariaLabel = t(e.dataset.label);
	for (const e of document.querySelectorAll("button[data-label]")) e.title = e.ariaLabel;
	$("undo").title = t("undoLong");
	$("always").textContent = at.scenario === "five" && !at.bug ? "" : t("always");
	$("lang").textContent = lang() === "ko" ? "English" : "한국어";
	const option = (value, text) => `<option value="${value}">${esc(text)}</option>`;
	$("models").innerHTML = [t("all"), ...FIVE.names].map((n, i) =>
		`<button data-model="${i}"${at.model === i ? ' aria-current="page"' : ""}>${i ? `0${i}<span> ${n}</span>` : n}</button>`).join("");
	$("models").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
	$("scenario").innerHTML = DATA.scenarios.map(s => option(s.id, s[lang()])).join("") + option("free", t("free"));
	$("bug").innerHTML = option("", t("none")) + DATA.faults.filter(f => f.model === at.model).map(f => {
		const word = keyOf(f).slice(idOf(f).length + 1);
		return option(keyOf(f), `${idOf(f)} ${titleOf(f).replace(/`/g, "")}${word ? ` (${word})` : ""}`);
	}).join("");
	$("scenario").value = at.scenario;
	$("bug").value = at.bug;
	$("bug").className = at.bug ? "on" : "";
	$("system").value = at.wine;
	$("room").value = at.room;
	drawPlay();
}
function drawPlay() {
	$("play").textContent = timer ? "❚❚" : "▶";
	$("play").ariaLabel = $("play").title = t(timer ? "stop" : "play");
}

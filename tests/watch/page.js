// Which run is shown, at which step: a run is the server's main() from the start, with the acts so far.
const at = { model: 0, bug: "", wine: 0, room: 1024, scenario: "five", acts: [] };
let tape = [], pos = 0; // the steps of the run, and the one that is shown
let lanes = [], picked = []; // the clients that have a lane, and those that the reader has asked for
let places = []; // where each step stands in the timeline
let past = []; // for Undo
let timer = 0, live = false; // it plays; what plays is the consequence of the reader's act
const chosen = {}; // what the reader has set by hand, and goes into the address
const still = matchMedia("(prefers-reduced-motion: reduce)");
const keep = (key, value) => { try { localStorage[key] = value } catch { /* a page from a file may have no storage */ } };

const scenario = id => DATA.scenarios.find(s => s.id === id);
const ofScenario = id => ({ scenario: id, room: scenario(id).room, acts: splitActs(scenario(id).acts) });
// "E00-5/04_asyncselect" is E00-5, put back into 04; "E05-5/kept" is one of the two things that E05-5 is about.
const idOf = f => f.id.split("/")[0];
const keyOf = f => f.id.replace(/\/\d\d_\w+$/, "");
const faultOf = (key, model) => DATA.faults.find(f => f.model === model && keyOf(f) === key) ||
	DATA.faults.find(f => f.model === model && idOf(f) === key);
// Where a bug shows: a scenario, or acts of its own.
const ofFault = f => f.scenario ? ofScenario(f.scenario) :
	f.acts ? { scenario: "free", room: f.room || 1024, acts: splitActs(f.acts) } : {};
const fault = () => at.bug ? faultOf(at.bug, at.model) : undefined;
// The acts as one text, and each for itself: an act that comes together with the one before keeps its comma (stage.h).
const joinActs = acts => acts.map((a, i) => (i && a[0] !== "," ? "|" : "") + a).join("");
const splitActs = text => [...text.matchAll(/(^|[|,])((?:\\.|[^|,\\])+)/gs)].map(([, by, a]) => (by === "," ? by : "") + a);
const here = () => tape[pos];
const ended = s => ["dead", "over"].includes(s.mode);

// -- A run -----------------------------------------------------------------------------------------------------------------
let stage;
async function compile() {
	const bytes = Uint8Array.from(atob(DATA.wasm), c => c.charCodeAt(0));
	if (bytes[0] !== 0x1f) return WebAssembly.compile(bytes);
	const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
	return WebAssembly.compile(await new Response(unpacked).arrayBuffer());
}

// A fresh instance for each run, which ends by throwing: nothing is left of the run before.
async function runServer(model, bug, wine, room, acts, everyLine = false) {
	const done = {}, nothing = new Proxy({}, { get: () => () => 0 });
	const imports = { env: { stop() { throw done } }, wasi_snapshot_preview1: nothing };
	const { exports } = await WebAssembly.instantiate(await (stage ||= compile()), imports);
	exports._initialize?.();
	const text = new TextEncoder().encode(joinActs(acts)), to = exports.acts(text.length);
	new Uint8Array(exports.memory.buffer).set(text, to);
	try {
		exports.play(bug ? 5 + DATA.faults.indexOf(faultOf(bug, model)) : model - 1, wine, room, true);
	} catch (x) {
		if (x !== done) throw x;
	}
	const from = exports.tape(), memory = new Uint8Array(exports.memory.buffer);
	const steps = JSON.parse(new TextDecoder().decode(memory.subarray(from, memory.indexOf(0, from))));
	for (const s of steps) if (s.do === "send") s.meant = Number(/#(\d+)$/.exec(acts[s.i])?.[1] || s.n);
	return readTape(steps, model, everyLine);
}

// Runs what `at` says; then to a place, to the "end", or to "stay" at the step. Of several runs the last one counts.
let runs = 0;
async function run(to) {
	const mine = ++runs, result = await runServer(at.model, at.bug, at.wine, at.room, at.acts, $("lines").checked);
	if (mine !== runs) return;
	const step = tape.length && here().count;
	tape = result;
	pos = to === "stay" ? Math.max(0, tape.findLastIndex(s => s.count <= step && s.k !== "line")) : seek(to);
	draw(true);
}

// A place survives a change of the model and of the source. col: after which act; n: how many steps after it, or "e",
// the last one before the next act. A model that has fewer steps there does not change what was wanted.
const START = { col: 1, n: "e" }; // with a client in sight: before, nothing happens that is worth a look
let wanted = null;
function place() {
	if (wanted) return wanted;
	const col = tape.filter(s => s.col === here().col), n = here().count - col[0].count;
	return { col: here().col, n: n && here() === col.at(-1) ? "e" : n };
}
function seek(to) {
	wanted = to === "end" ? null : to;
	const col = tape.filter(s => s.col === to.col);
	if (!col.length) return tape.length - 1;
	return to.n === "e" ? col.at(-1).at : col.findLast(s => s.count <= col[0].count + to.n && s.k !== "line")?.at ?? col[0].at;
}

// Every change that starts another run; Undo brings back the run before, at its place.
function change(what, to = "end") {
	remember();
	play(false);
	Object.assign(at, what);
	picked = [];
	return run(to);
}
function remember() {
	past = [...past.slice(-200), { ...at, place: tape.length ? place() : START }];
}
function undo() {
	if (!past.length) return;
	const { place: to, model: _, ...was } = past.pop();
	play(false);
	Object.assign(at, was);
	if (!fault()) at.bug = "";
	return run(to);
}

function choose(model, to = at.model && tape.length ? place() : START) {
	play(false);
	if (saving) write();
	if (at.model !== model) history.pushState(null, "", location.hash); // for the browser's Back
	at.model = model;
	if (!fault()) at.bug = "";
	root.dataset.view = model ? "one" : "all";
	if (model) return run(to).then(write);
	drawLabels();
	write();
	return drawFive();
}

// Puts a bug back: with the scenario in which it bites, at the step where it does. The same again takes it out.
function putBack(id) {
	const f = faultOf(id, at.model) !== fault() && faultOf(id, at.model);
	if (!f) return change({ bug: "" }, place());
	return change({ bug: keyOf(f), ...ofFault(f), wine: f.dialect || 0 });
}

// An act of the reader. While the last one still plays it is queued; at an earlier step what came after is forgotten.
function act(what) {
	const s = here();
	if (!live && ended(s)) return;
	const rested = !tape.slice(s.at + 1).some(o => o.col === s.col && !["rest", "spin", "line"].includes(o.k));
	const acts = live ? [...at.acts, what] : [...at.acts.slice(0, s.act + 1), rested ? what : s.count + what];
	if (connected(acts) > 64) return;
	remember();
	Object.assign(at, { acts, scenario: "free" });
	live = true;
	run("stay").then(() => {
		wanted = null;
		if (still.matches) step(tape.length - 1);
		else if (live && !timer) play(true, true);
	});
}
const connects = a => /^,?\d*([A-Z]|@\d+:)\+$/.test(a) ? 1 : Number(/^,?\d*\*(\d+)$/.exec(a)?.[1] || 0);
const connected = acts => acts.reduce((n, a) => n + connects(a), 0);
const actor = p => p <= 26 ? letter(p) : `@${p}:`;
const clients = () => live ? connected(at.acts) : peers(here().w).length;

// A text as an act: \ stands before what would end it, " before what would mean something else.
const ownText = text => (/^["+.!/#=-]/.test(text) ? '"' : "") + text.replace(/[\\|,]/g, "\\$&");

// -- The steps -------------------------------------------------------------------------------------------------------------
function go(to) {
	pos = Math.max(0, Math.min(to, tape.length - 1));
	draw();
}
function step(to) {
	wanted = null;
	play(false);
	go(to);
}
function nextWait() {
	const next = tape.find(s => s.at > pos && (["wait", "rest", "spin"].includes(s.k) ||
		s.mode === "spins" && tape[s.at - 1].mode !== "spins"));
	step(next ? next.at : tape.length - 1);
}
function play(on, consequence = false) {
	clearTimeout(timer);
	timer = 0;
	live = on && consequence;
	if (on && !live && pos === tape.length - 1) pos = 0;
	if (on) tick();
	drawPlay();
}
function tick() {
	if (pos >= tape.length - 1) return play(false);
	wanted = null;
	const count = tape.filter(s => s.col === here().col).length; // of many, each is shorter
	const wait = live ? Math.min(420, 5000 / count) : Math.min(620, 9000 / count);
	timer = setTimeout(() => { go(pos + 1); tick() }, Math.max(30, wait));
}

function draw(another = false) {
	const s = here();
	if (another) {
		const many = peers(tape.at(-1).w).length > 4;
		lanes = [...new Set([...picked, ...lanesOf(tape, many ? 2 : 4)])].slice(0, many ? 2 : 4).sort((a, b) => a - b);
		drawLabels();
		drawSource();
		drawErratum();
		drawLine();
	}
	markLine(s);
	drawWorld(s);
	drawNow(s);
	drawHere();
	$("count").textContent = `${pos + 1} / ${tape.length}`;
	$("back").disabled = $("first").disabled = pos === 0;
	$("next").disabled = $("wait").disabled = pos === tape.length - 1;
	$("undo").disabled = !past.length;
	save();
}

// The first view stands in the page for a wide window; for a narrow one it is made here.
let fiveTapes;
async function drawFive() {
	const box = document.querySelector(`.five[lang=${lang()}]`), five = scenario("five");
	const width = innerWidth <= 880 ? box.clientWidth : 1060;
	if (Number(box.dataset.width || 1060) === width && box.firstElementChild) return;
	fiveTapes ||= await Promise.all([1, 2, 3, 4, 5].map(m => runServer(m, "", 0, five.room, splitActs(five.acts))));
	box.innerHTML = overview(fiveTapes, { lang: lang(), width });
	box.dataset.width = width;
}

// -- The address: all of it, by act and not by step ----------------------------------------------------------------------
let saving = 0;
function save() {
	clearTimeout(saving);
	saving = setTimeout(write, 300); // Safari refuses more than a hundred in half a minute
}
function write() {
	clearTimeout(saving);
	saving = 0;
	const h = new URLSearchParams({ m: at.model }), own = at.scenario === "free";
	if (at.bug) h.set("b", at.bug);
	if (at.wine) h.set("w", 1);
	h.set("s", at.scenario);
	if (own || at.room !== scenario(at.scenario).room) h.set("r", at.room);
	if (own) h.set("a", joinActs(at.acts));
	if (at.model && tape.length) h.set("at", place().col + (place().n === "e" ? "e" : place().n ? "." + place().n : ""));
	h.set("l", lang());
	for (const k of ["theme", "v"]) if (chosen[k]) h.set(k, chosen[k]);
	history.replaceState(null, "", "#" + String(h).replace(/%7C/g, "|").replace(/%2C/g, ","));
}

function load() {
	const h = new URLSearchParams(location.hash.slice(1)), one = (k, ...of) => of.find(v => v === h.get(k)) || "";
	play(false);
	past = [];
	picked = [];
	root.lang = one("l", "en", "ko") || root.lang;
	if (one("theme", "light", "dark")) root.dataset.theme = chosen.theme = h.get("theme");
	chosen.v = one("v", "big");
	root.classList.toggle("big", chosen.v === "big");
	const bug = h.get("b"), any = DATA.faults.find(f => keyOf(f) === bug || idOf(f) === bug);
	const model = Number(one("m", "0", "1", "2", "3", "4", "5") || (h.has("m") ? 0 : any?.model || 0));
	const f = faultOf(bug, model);
	Object.assign(at, { model, bug: f ? keyOf(f) : "" }, ofScenario("five"), f && ofFault(f),
		scenario(h.get("s")) && ofScenario(h.get("s")));
	at.wine = Number(one("w", "0", "1") || (f && !h.has("s") && f.dialect) || 0);
	const known = /^,?\d{0,5}([A-Z^].|@\d{1,2}:.|\*\d{1,2}$|[~?$]$|%\w+(:\w+)?$)/s;
	const acts = splitActs(h.get("a") || "").filter(a => known.test(a)).slice(0, 400);
	if (acts.length && connected(acts) <= 64) Object.assign(at, { acts, scenario: "free" });
	if (one("r", "8", "1024")) at.room = Number(h.get("r"));
	root.dataset.view = model ? "one" : "all";
	drawLabels();
	if (!model) {
		if (location.hash) save();
		return drawFive();
	}
	const [, col, n = ".0"] = /^(\d+)(e|\.\d{1,5})?$/.exec(h.get("at")) || [];
	const to = col ? { col: Number(col), n: n === "e" ? n : Number(n.slice(1)) } : START;
	return run(col ? to.col > at.acts.length ? "end" : to : at.bug ? "end" : START);
}

// -- What the reader does --------------------------------------------------------------------------------------------------
function openCell(cell) {
	Object.assign(at, ofScenario("five"), { wine: 0, bug: "" });
	choose(Number(cell.dataset.model), { col: Number(cell.dataset.col), n: 0 }).then(() => $("now").focus());
}
$("all").onclick = e => e.target.matches(".cell") && openCell(e.target);
$("all").onkeydown = e => {
	const keys = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Enter: [0, 0], " ": [0, 0] };
	const cell = e.target, by = keys[e.key];
	if (!cell.matches(".cell") || !by) return;
	e.preventDefault();
	e.stopPropagation();
	const model = Number(cell.dataset.model) + by[0], col = Number(cell.dataset.col) + by[1];
	const to = cell.closest("svg").querySelector(`.cell[data-model="${model}"][data-col="${col}"]`);
	if (to === cell) return openCell(cell);
	if (!to) return;
	cell.tabIndex = -1;
	to.tabIndex = 0;
	to.focus();
};
function toAll() {
	const { model } = at, { col } = here();
	choose(0);
	document.querySelector(`.five[lang=${lang()}] .cell[data-model="${model}"][data-col="${col}"]`)?.focus();
}

$("models").onclick = e => { const b = e.target.closest("button"); if (b) choose(Number(b.dataset.model)) };
$("scenario").onchange = e => change(e.target.value === "free" ? { scenario: "free" } : ofScenario(e.target.value), START);
$("bug").onchange = e => putBack(e.target.value);
$("system").onchange = e => change({ wine: Number(e.target.value) }, place());
$("room").onchange = e => change({ room: Number(e.target.value) }, place());
$("undo").onclick = undo;
$("lines").onchange = () => { play(false); run("stay") };
$("lang").onclick = () => {
	root.lang = lang() === "ko" ? "en" : "ko";
	keep("lang", lang());
	if (at.model) return draw(true);
	drawLabels();
	save();
	drawFive();
};
$("theme").onclick = () => {
	keep("theme", root.dataset.theme = chosen.theme = root.dataset.theme === "dark" ? "light" : "dark");
	save();
};
$("big").onclick = () => {
	chosen.v = root.classList.toggle("big") ? "big" : "";
	if (at.model) draw(true); else save();
};
$("source").onclick = e => e.target.dataset.bug && putBack(e.target.dataset.bug);
$("why").onclick = e => {
	if (e.target.matches("[data-show]")) document.querySelector(".printed")?.scrollIntoView({ block: "center" });
	if (e.target.matches("[data-attempt]")) change({ ...ofFault(fault()), wine: fault().dialect || 0 });
};
$("world").onclick = e => {
	const button = e.target.closest("button"), { p, act: what, pick, menu } = button?.dataset || {};
	if (pick) {
		picked = [Number(pick), ...picked.filter(q => q !== Number(pick))].slice(0, 2);
		draw(true);
	} else if (menu !== undefined) openMenu(Number(p), button);
	else if (p) act(actor(Number(p)) + what);
	else if (what === "+") act(actor(clients() + 1) + "+");
	else if (what) act("*" + Math.min(Number(what.slice(1)), 64 - clients()));
};
$("more").onclick = e => e.target.dataset.act && act(e.target.dataset.act);

// The client's other acts: a text of one's own, 5,000 bytes, close.
function openMenu(p, by) {
	const box = by.getBoundingClientRect(), menu = $("menu");
	menu.dataset.p = p;
	$("menuOf").textContent = t("own")(letter(p));
	menu.hidden = false;
	menu.style.left = Math.max(8, Math.min(box.right, innerWidth - 12) - menu.offsetWidth) + "px";
	menu.style.top = Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8)) + "px";
	for (const e of menu.querySelectorAll("input, [type=submit], [data-act^='#']")) e.disabled = Boolean(here().w[p].fin);
	$("own").value = "";
	$("own").focus();
}
function fromMenu(what) {
	$("menu").hidden = true;
	if (what) act(actor(Number($("menu").dataset.p)) + what);
}
$("menu").onsubmit = e => { e.preventDefault(); fromMenu(ownText($("own").value)) };
$("menu").onclick = e => e.target.dataset.act && fromMenu(e.target.dataset.act);
addEventListener("pointerdown", e => {
	if (!e.target.closest("#menu, [data-menu]")) $("menu").hidden = true;
	if (!e.target.closest("#more")) $("more").open = false;
});

$("first").onclick = () => step(0);
$("back").onclick = () => step(pos - 1);
$("next").onclick = () => step(pos + 1);
$("wait").onclick = nextWait;
$("play").onclick = () => play(!timer);
$("line").onpointerdown = $("line").onpointermove = e => {
	if (!(e.buttons & 1)) return;
	const x = (e.clientX - $("line").getBoundingClientRect().left) * places.width / $("line").clientWidth;
	step(Math.max(0, places.findLastIndex(p => p && p.x <= x + 1)));
};
addEventListener("resize", () => { if (!at.model) drawFive(); else if (tape.length) draw(true) });
addEventListener("hashchange", load);
addEventListener("keydown", e => {
	if (e.key === "Escape" && (!$("menu").hidden || $("more").open)) {
		$("menu").hidden = true;
		$("more").open = false;
		return;
	}
	if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches?.("select, input")) return;
	if (/^[0-5]$/.test(e.key)) return void choose(Number(e.key));
	const keys = { ArrowRight: () => e.shiftKey ? nextWait() : step(pos + 1), ArrowLeft: () => step(pos - 1),
		Home: () => step(0), End: () => step(tape.length - 1), " ": () => play(!timer), Escape: toAll };
	if (!at.model || !tape.length || !keys[e.key] || (e.key === " " && e.target.matches("button, summary"))) return;
	e.preventDefault();
	keys[e.key]();
});
load();

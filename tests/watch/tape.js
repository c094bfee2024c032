"use strict";
// A tape is what the stage writes: the steps of one run, each with what has changed since the step before. Reading it
// gives each step the whole state, and what else the page shows of it:
//   at     its number, count  the same, but that lines without a call do not count
//   w      the sockets by peer (0: the listening one), q  the message queue, log  how many lines have been written
//   act    the index of the last act (-1: none yet), col  the same + 1, trail  lines passed since the step before
//   call   the last call, mode  runs, waits, spins, dead or over
//   sets   of the last select(): ask and ready; array, wait  peers of all event objects, and of the last wait
//   changed  whether the state has, taken  the message that GetMessage() returned last
//   vain   how often the same call has found nothing to do
const NEW_CLIENT = { in: [0, ""], out: [0, ""], said: [0, ""], got: [0, ""], held: 0 };
function readTape(tape, model, everyLine) {
	let w = { 0: { b: [] } }, q = [], act = -1, trail = [], call = null, sets = null, array = [], wait = [], taken = null;
	let vain = 0, mode = "runs", spoke = 0;
	for (const s of tape) {
		s.changed = Boolean(s.w || s.q);
		if (s.w) {
			w = { ...w };
			for (const p in s.w) w[p] = { ...(w[p] || NEW_CLIENT), ...s.w[p] };
		}
		if (s.q) q = s.q;
		if (s.k === "act") {
			act = s.i;
			s.fails = s.f; // the function, of the act "fail": it is not called here
			delete s.f;
		}
		if (s.k === "log" || s.k === "error") spoke++;
		if (s.k === "error") s.l = Number(/Line (\d+)/.exec(s.t)?.[1]) || s.l; // not the one in HandleError()
		if (s.f) {
			const again = call && call.f === s.f && call.p === s.p && call.e === s.e;
			vain = s.e === "WSAEWOULDBLOCK" && s.k === "call" ? again ? vain + 1 : 1 : 0;
			if (s.f === "select") sets = { ask: s.ask, ready: s.ready };
			if (s.f === "WSAWaitForMultipleEvents") {
				wait = s.ask; // the array from some index on, up to its end
				s.from = s.ask[0] === 0 ? 0 : Math.max(0, array.length - wait.length);
				array = [...array.slice(0, s.from), ...wait];
			}
			if (s.f === "WSAEventSelect" && !array.includes(s.p)) array = [...array, s.p];
			if (s.f === "closesocket" && array.includes(s.p)) { // the last one takes its place
				const last = array.at(-1);
				array = array.slice(0, -1).map(p => p === s.p ? last : p);
			}
			if (s.f === "GetMessage") taken = s.msg || null;
			call = s;
		}
		mode = { call: "runs", woken: "runs", wait: "waits", log: "runs", error: "runs", line: "runs", rest: "waits",
			spin: "spins", broken: "dead", crash: "dead", exit: "over" }[s.k] || mode;
		if (model === 2 && vain && mode === "runs") mode = "spins";
		Object.assign(s, { w, q, act, col: act + 1, call, sets, array, wait, taken, vain, mode, log: spoke });
		if (s.k === "line") {
			trail.push(s.l);
			s.trail = [];
		} else {
			s.trail = trail;
			trail = [];
		}
	}
	// The calls with which a server goes round and round before the run is stopped.
	const end = tape.at(-1);
	if (end && end.k === "broken" && end.rule === "spin")
		for (let i = tape.length - 2; i > 0 && !tape[i].changed && tape[i].k !== "act"; i--) tape[i].mode = "spins";
	if (!everyLine) tape = tape.filter(s => s.k !== "line");
	let count = 0; // of the steps that a place counts
	tape.forEach((s, i) => Object.assign(s, { at: i, count: s.k === "line" ? count : ++count }));
	return tape;
}

const letter = p => p > 26 ? "#" + p : p > 0 ? String.fromCharCode(64 + p) : "";
const mark = p => letter(p).replace("#", "");
const hue = p => `var(--${p > 0 ? "ABCDE"[(p - 1) % 5] : "ink"})`;
const peers = w => Object.keys(w).map(Number).filter(p => p > 0);
const esc = s => String(s).replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const size = n => n.toLocaleString("en") + " B";

// Appended to a copy of the page (see chromium.cmake): drives it as a reader does, and prints what it finds.
{
const found = [], asked = [];
let checks = 0;
addEventListener("error", e => found.push("error: " + e.message));
addEventListener("unhandledrejection", e => found.push("rejection: " + (e.reason?.stack || e.reason)));
document.addEventListener("securitypolicyviolation", e => found.push("request: " + e.blockedURI + " " + e.violatedDirective));
console.error = console.warn = (...a) => found.push("console: " + a.join(" "));

const check = (what, ok, seen = "") => { checks++; if (!ok) found.push(`${what}${seen === "" ? "" : ": " + seen}`) };
const same = (what, is, should) => check(what, String(is) === String(should), `${is}, not ${should}`);
const press = (key, more = {}) => (document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
// The browser's time is virtual: it flies while another thread compiles or runs something. So many turns, not seconds.
const until = async (what, is) => {
	for (let turn = 0; !is(); turn++) {
		if (turn === 50000) throw new Error("never: " + what);
		await new Promise(r => setTimeout(r, 5));
	}
};
const idle = () => until("the run is shown", () => runs === done);
let done = 0;
const draw_ = draw;
draw = anew => { draw_(anew); if (anew) done = runs };
const address = async hash => {
	location.hash = hash;
	await until(hash, () => location.hash.slice(1) === hash);
	await new Promise(r => setTimeout(r, 30));
	await idle();
};
const buttons = (p, what) => $("world").querySelector(`[data-act="${what}"]${p ? `[data-p="${p}"]` : ""}`);
const finish = () => { play(false); go(tape.length - 1) };
const last = () => tape.filter(s => s.do).length;
const fits = what => {
	const w = root.clientWidth;
	check(what + ": nothing wider than the page", root.scrollWidth <= w && document.body.scrollWidth <= w, root.scrollWidth + " in " + w);
	for (const e of document.querySelectorAll("header button, .bar > label > select, .bar > button, .bar summary")) {
		const r = e.getBoundingClientRect(), over = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		check(`${what}: ${e.textContent.slice(0, 20)} is not covered`, !r.width || over === e || e.contains(over), over?.outerHTML.slice(0, 80));
	}
	if (!at.model) return;
	check(`${what}: the strip shows all it says`, $("say").scrollHeight <= $("say").clientHeight + 1, $("say").textContent);
	for (const e of [$("world"), $("source"), $("now"), $("line"), ...$("world").querySelectorAll(".lane > div, .acts, .bytes")])
		check(`${what}: ${e.id || e.className} fits`, e.scrollWidth <= e.clientWidth + 1 || getComputedStyle(e).overflowX !== "visible" && ["line"].includes(e.id), e.scrollWidth + " in " + e.clientWidth);
	if (innerWidth > 880 && !$("world").querySelector(".crowd")) check(what + ": four columns", getComputedStyle($("world").querySelector(".lanes")).gridTemplateColumns.split(" ").length === 4);
	for (const row of $("world").querySelectorAll(".lane")) {
		const boxes = [...row.children].filter(e => e.matches("div") && e.offsetWidth).map(e => e.getBoundingClientRect());
		for (let i = 1; i < boxes.length; i++) check(what + ": columns do not overlap", boxes[i].left >= boxes[i - 1].right - 1 || boxes[i].top >= boxes[i - 1].bottom - 1, boxes[i].left + " before " + boxes[i - 1].right);
	}
};

const tests = {
	async "the first view"() {
		check("nothing may be asked of a network", /^default-src 'none';/.test(document.querySelector("[http-equiv=Content-Security-Policy]").content));
		await address("m=0&l=en");
		let svg = document.querySelector(".five[lang=en] svg");
		check("it is there", svg && svg.textContent.includes("Five servers, the same two clients"));
		const five = scenario("five"), box = document.createElement("div");
		const tapes = await Promise.all([1, 2, 3, 4, 5].map(m => runServer(m, "", 0, five.room, splitActs(five.acts))));
		document.body.append(box);
		for (const l of ["en", "ko"]) for (const width of [370, 700, 1060]) { // a phone; the least that is wide; a screen
			box.innerHTML = overview(tapes, { lang: l, width });
			const edge = box.firstChild.getBoundingClientRect().right + 1;
			for (const e of box.querySelectorAll("text")) check(`${width} wide: ${e.textContent} fits`, e.getBoundingClientRect().right < edge);
		}
		box.remove();
		await address("m=0&l=en");
		svg = document.querySelector(".five[lang=en] svg");
		same("cells", svg.querySelectorAll(".cell").length, 50);
		same("tab stops", svg.querySelectorAll('.cell[tabindex="0"]').length, 1);
		svg.querySelector('[tabindex="0"]').focus();
		press("ArrowRight"); press("ArrowDown");
		same("arrows move", document.activeElement.dataset.model + "," + document.activeElement.dataset.col, "2,1");
		press("Enter");
		await until("a cell opens its model", () => at.model === 2 && tape.length); await idle();
		same("at its act", here().col + here().k, "1act");
		fits("02");
		press("Escape");
		same("Esc", at.model, 0);
		check("a cell has the focus", document.activeElement.matches(".cell"));
		fits("all");
		press("4"); await until("04", () => at.model === 4 && /m=4/.test(location.hash));
		history.back(); await until("the browser's Back leads to All", () => at.model === 0);
		history.back(); await until("and to 02", () => at.model === 2); await idle();
	},
	async "all five models, every step"() {
		for (const m of [1, 2, 3, 4, 5]) {
			await address(`m=${m}&l=en&s=five&at=0`);
			check(`0${m} has steps`, tape.length > 30, tape.length);
			check(`0${m} ends asleep or spinning`, ["rest", "spin"].includes(tape.at(-1).k), tape.at(-1).k);
			for (const s of tape) {
				const [head, text] = explain(s, { model: m, prev: tape[s.at - 1], room: at.room, wine: 0 });
				check(`0${m} step ${s.at} has its sentence`, [...head, ...text].every(s => s && !/undefined|NaN|null,/.test(s)), JSON.stringify([s.k, s.f, head, text]));
			}
			for (let i = 0; i < tape.length; i += 3) { go(i); check(`0${m}: a line is lit`, $("source").querySelectorAll(".here").length === 1); if (i % 9 === 0) fits(`0${m} step ${i}`) }
		}
	},
	async "every step of every tape has its sentence"() {
		const look = async (name, model, bug, wine, room, acts) => {
			const tape = await runServer(model, bug, wine, room, acts);
			for (const s of tape) {
				const said = explain(s, { model, prev: tape[s.at - 1], room, wine }).flat();
				const right = said.every(text => text && !/undefined|NaN|null[,)]|The server goes on|\[-1\]|[Ii]ndex -1|인덱스 -1/.test(text));
				check(`${name} step ${s.at}`, right && /[가-힣]/.test(said[3] + (s.k === "line")), JSON.stringify([s.k, s.f, said]));
			}
		};
		for (const { id, room, acts } of DATA.scenarios)
			for (const m of [1, 2, 3, 4, 5]) for (const wine of [0, 1]) await look(`0${m} ${id} ${wine}`, m, "", wine, room, splitActs(acts));
		for (const f of DATA.faults) {
			const { room, acts } = { room: 8, acts: ["A+", "Ahello"], ...ofFault(f) };
			await look(f.id, f.model, keyOf(f), f.dialect || 0, room, acts);
		}
	},
	async "sets, queue, event objects"() {
		await address("m=3&l=en&s=five&at=5e");
		same("03: A is in the write set only", [...$("world").querySelectorAll(".lane .sets")].map(e => [...e.children].map(d => +d.matches(".in")).join("")).join(" "), "10 01 10");
		check("and why", /holds 476 bytes from A, so A is in the write set and is not read/.test($("say").textContent), $("say").textContent);
		await address("m=4&l=en&s=five&at=4e"); press("ArrowRight");
		check("04: a queue", $("world").querySelector(".queue").textContent.includes("FD_READ"), $("world").querySelector(".queue").textContent);
		for (const m of [4, 5]) {
			await address(`m=${m}&l=en&s=five&at=0`);
			const full = tape.filter(s => s.k === "call" && s.f === "send" && s.e === "WSAEWOULDBLOCK");
			check(`0${m}: a send() that found no room arms FD_WRITE in the same step`, full.length && full.every(s => s.w[s.p].a & 2));
			const listening = tape.find(s => s.k === "log" && /Listening/.test(s.t));
			check(`0${m}: the line that prints is lit`, /printf/.test(DATA.sources[m - 1].split("\n")[listening.l - 1]), listening.l);
		}
		await address("m=5&l=en&b=E05-1"); finish();
		same("05: a wait that breaks a rule shows what it waits for", $("world").querySelectorAll(".lamp.in").length, 2);
		same("of a long text the end, and that it is one", $("world").querySelector(".who .text").lastChild.textContent[0], "…");
		await address("m=5&l=en&s=five&at=6e");
		same("05: indices", [...$("world").querySelectorAll(".lamp")].map(e => e.textContent).join(""), "[0][1][2]");
		check("05: three flags each", $("world").querySelectorAll(".armed span").length === 7);
	},
	async "acts"() {
		await address("m=3&l=en&s=hello&at=0");
		await change({ scenario: "free", acts: ["A+"] });
		finish();
		buttons(1, "hello").click(); buttons(1, "#1024").click(); buttons(0, "+").click(); buttons(0, "+").click(); buttons(1, "hello").click();
		await until("five fast acts", () => last() === 6); await idle();
		same("none is lost", at.acts.join(), "A+,Ahello,A#1024,B+,C+,Ahello");
		finish();
		same("A has all back", here().w[1].got[0], 1034);
		openMenu(1, buttons(1, "hello"));
		$("own").value = "안녕, |100%|";
		$("menu").requestSubmit();
		await idle(); finish();
		same("a text of one’s own comes back", here().w[1].got[0], 1034 + new TextEncoder().encode("안녕, |100%|").length);
		buttons(1, ".").click(); await idle(); finish();
		check("the end", here().w[1].done);
	},
	async "an act in the past, and Undo"() {
		await address("m=5&l=en&s=two&at=2e");
		const before = tape.slice(0, here().at + 1).map(s => s.k + s.l).join(), acts = at.acts.join();
		buttons(1, "!").click(); await idle(); play(false);
		same("the later acts are gone", last(), 3 + 0);
		same("the earlier steps are as they were", tape.slice(0, before.split(",").length).map(s => s.k + s.l).join(), before);
		$("undo").click(); await idle();
		same("Undo brings them back", at.acts.join(), acts);
		same("at its place", location.hash && here().col, 2);
		step(tape.findIndex(s => s.f === "accept"));
		buttons(1, "hello").click(); await idle(); play(false);
		check("an act while the thread runs has its place", /^\d+Ahello$/.test(at.acts.at(-1)), at.acts.join());
	},
	async "more than the receive buffer takes"() {
		await address("m=4&l=en&r=8&a=A%2B|A-|A%235000&at=3");
		check("the rest is accounted for", /room for 4,096 bytes.*other 904 bytes/.test($("say").textContent), $("say").textContent);
	},
	async "the model changes, the acts and the place stay"() {
		await address("m=3&l=en&s=five&at=6e");
		const acts = at.acts.join();
		press("1"); await until("01", () => at.model === 1); await idle();
		same("acts", at.acts.join(), acts);
		same("place", place().col + String(place().n), "6e");
		press("3"); await until("03", () => at.model === 3); await idle();
		same("and back", here().k, "wait");
		press("1"); await until("01", () => at.model === 1); await idle();
		check("01: B waits in the backlog", here().w[2].s === "backlog" && /B/.test($("say").textContent), $("say").textContent);
	},
	async "a bug"() {
		await address("m=3&l=en&s=two&at=3");
		[...$("source").querySelectorAll("button")].find(b => b.dataset.bug === "E03-1").click();
		await idle();
		same("its scenario", at.scenario, DATA.faults.find(f => f.id === "E03-1").scenario);
		check("it bites here", here().k === "broken" && $("now").matches(".dead"), here().k);
		check("one red line, of this bug only", /E03-1/.test($("say").textContent) && !/E05/.test($("say").textContent), $("say").textContent);
		check("printed beside mended", $("source").querySelector(".printed") && $("source").querySelector(".mended"));
		check("the erratum", /Why.*What is seen/s.test($("why").textContent), $("why").textContent);
		$("lang").click();
		check("in Korean", /이유.*증상/s.test($("why").textContent), $("why").textContent);
		$("lang").click();
		await change({ ...ofScenario("hello"), acts: ["A+"], scenario: "free" });
		for (const place of ["why", "say"])
			check("a run without it says so: " + place, /does not show E03-1/.test($(place).textContent), $(place).textContent);
	},
	async "every bug that is offered bites"() {
		for (const f of DATA.faults.filter(f => f.scenario || f.acts)) {
			await address(`m=${f.model}&b=${keyOf(f)}&l=en`);
			check(`${f.id} bites in ${f.scenario || f.acts}`, ended(tape.at(-1)), tape.at(-1).k);
			if (f.rule) same(f.id + ": rule", tape.at(-1).k === "broken" ? tape.at(-1).rule : f.rule, f.rule);
			check(f.id + ": a text for it", $("say").textContent.includes(idOf(f)) && !/undefined/.test(document.body.innerText.slice(0, 4000)));
			fits(f.id);
		}
	},
	async "every line"() {
		await address("m=4&l=ko&s=hello&at=2");
		const n = tape.length;
		$("lines").checked = true; $("lines").onchange(); await idle();
		check("more steps", tape.length > n, tape.length);
		for (let i = 0; i < tape.length; i++) { go(i); check("a text for line " + i, $("say").textContent.trim() && !/undefined/.test($("say").textContent)) }
		$("lines").checked = false; $("lines").onchange(); await idle();
		same("and back", tape.length, n);
	},
	async "keys"() {
		await address("m=3&l=en&s=five&at=0");
		document.activeElement.blur?.();
		press("ArrowRight"); press("ArrowRight"); same("two steps", pos, 2);
		press("ArrowLeft"); same("one back", pos, 1);
		press("ArrowRight", { shiftKey: true }); same("next wait", here().k, "wait");
		const first = pos;
		press("ArrowRight", { shiftKey: true });
		check("and the next", here().k === "wait" && pos > first + 2, pos);
		press("End"); same("End", pos, tape.length - 1);
		press("Home"); same("Home", pos, 0);
		press(" "); check("Space plays", timer); press(" "); check("and stops", !timer);
		press("End"); $("play").click(); same("Play at the end begins anew", pos, 0); play(false);
	},
	async "the address"() {
		await address("m=5&s=slow&r=8&w=1&at=3e&l=ko&theme=dark&v=big");
		same("all of it", [at.model, at.scenario, at.wine, lang(), root.dataset.theme, root.classList.contains("big"), place().col].join(), "5,slow,1,ko,dark,true,3");
		await address("m=3&a=A%2B|Ahi|B%2B&r=8&at=3e&l=en&theme=light");
		same("own acts", at.acts.join(), "A+,Ahi,B+");
		for (const bad of ["m=9&s=nonsense&at=x&r=7&w=5&b=E99-9&l=xx&a=|||", "m=3&at=999&b=E05-3", "%%%=&m=", "m=3&a=" + "Z|".repeat(999)]) {
			location.hash = bad; await new Promise(r => setTimeout(r, 60)); await idle();
			check("nonsense is ignored: " + bad.slice(0, 30), at.scenario !== "free" && (at.model === 0 || tape.length && $("say").textContent));
		}
		await address("m=3&l=en&s=five&at=99999&b=E05-3");
		same("behind the end is the last step", pos, tape.length - 1);
		await new Promise(r => setTimeout(r, 400));
		check("and what cannot be is out of the address", !/99999|E05/.test(location.hash), location.hash);
		await address("m=2&l=en&s=five&at=6.1");
		await new Promise(r => setTimeout(r, 400));
		check("what is shown is written there", /m=2.*s=five.*at=6\.1/.test(location.hash), location.hash);
	},
	async "64 clients"() {
		for (const m of [3, 5]) {
			await address(`m=${m}&l=en&s=hello&at=0`);
			await change({ scenario: "free", acts: ["A+"] });
			buttons(0, "*64").click(); await idle(); finish();
			same("clients", peers(here().w).length, 64);
			fits("64");
			$("world").querySelector('[data-pick="40"]').click();
			buttons(40, "hello").click(); await idle(); finish();
			same("the 40th speaks", here().w[40].got[0], 5);
			fits("64, the 40th");
			const from = performance.now(); await run("end");
			console.log("64 clients", m, Math.round(performance.now() - from) + " ms");
		}
	},
	async "large type"() {
		for (const l of ["ko", "en"]) for (const m of [0, 1, 2, 3, 4, 5]) { await address(`m=${m}&l=${l}&s=flood&at=3e&v=big`); fits("big " + l + m); }
		await address("m=3&l=en&s=five&at=3e&v=");
	},
	async "both languages, narrow and wide"() {
		for (const l of ["ko", "en"]) for (const m of [0, 1, 2, 3, 4, 5]) { await address(`m=${m}&l=${l}&s=flood&at=3e`); fits(l + m); check("language " + l + m, document.documentElement.lang === l) }
		for (const [key, both] of Object.entries(TEXTS)) check("both languages have " + key, both.length === 2 && both.every(Boolean));
	} };

(async () => {
	const only = /tests?=([^&]+)/.exec(location.search)?.[1];
	await new Promise(r => setTimeout(r, 100));
	for (const [name, test] of Object.entries(tests)) {
		const n = found.length;
		try { await test() } catch (x) { found.push(x.stack) }
		for (let i = n; i < found.length; i++) found[i] = name + ": " + found[i];
	}
	asked.push(...performance.getEntriesByType("resource").map(r => r.name).filter(r => !r.startsWith("data:")));
	if (asked.length) found.push("requests: " + asked.join(" "));
	const result = document.createElement("pre");
	result.id = "result";
	result.textContent = (found.length ? `FAILED ${found.length} of ${checks} checks at ${innerWidth} x ${innerHeight}\n${found.slice(0, 60).join("\n")}` : `PASSED ${checks} checks at ${innerWidth} x ${innerHeight}`) + "\n";
	document.body.replaceChildren(result);
	document.title = "done";
})();
}

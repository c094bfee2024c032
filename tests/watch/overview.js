// The picture of what a thread does and who is kept waiting: time runs to the right, one column for each act of a
// client. Of five tapes it is the first view and README's picture; of one it is the timeline. A string, without a DOM.

// The clients that get a lane: those that do something by name, then the last and the first.
function lanesOf(tape, most) {
	const all = peers(tape.at(-1).w), busy = new Set(tape.filter(s => s.k === "act" && s.p > 0 && s.do !== "connect").map(s => s.p));
	if (all.length <= most) return all;
	return [...new Set([...[...busy].slice(-most), all.at(-1), ...all])].slice(0, most).sort((a, b) => a - b);
}

// What is drawn: text, boxes, faces. Numbers have one decimal, which keeps the page small.
function Pen() {
	const out = [], n = x => Number(x.toFixed(1));
	const pen = {
		out, n,
		put: svg => out.push(svg),
		text: (kind, x, y, s, more = "") => out.push(`<text class="${kind}" x="${n(x)}" y="${n(y)}"${more}>${esc(s)}</text>`),
		rect: (x, y, w, h, r, more) => out.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" rx="${r}" ${more}/>`),
		path: (d, color, more = "") => out.push(`<path d="${d}" stroke="${color}"${more}/>`),
		face(x, y, p, r = 9) {
			out.push(`<circle cx="${n(x)}" cy="${n(y)}" r="${r}" fill="${hue(p)}"/>`);
			pen.text("f", x, y + r * .45, mark(p), ` font-size="${p > 26 ? n(r * 1.15) : r > 8 ? 12 : 10}"`);
		} };
	return pen;
}

// Fonts differ: how wide a text is, is a guess.
const textWidth = (s, px) => [...s].reduce((w, c) => w + (c > "\u2e80" ? .95 : .58), 0) * px;
const wrapped = (s, px, most) => s.split(" ").reduce((lines, word) => textWidth(lines.at(-1) + " " + word, px) > most ?
	[...lines, word] : [...lines.slice(0, -1), (lines.at(-1) + " " + word).trim()], [""]);

// Options: lang, width, narrow; single (a model: its timeline) or else five; title; css (to stand alone); cells (buttons);
// lanes (the clients); height of a row; places (an array that gets x and width of every step).
function overview(tapes, { lang = "en", width = 1060, single = 0, narrow = width < 700, title = true, css = "", cells = true,
	lanes = [1, 2], height = narrow ? 100 : 84, places = [] } = {}) {
	const T = FIVE[lang], id = lang + single, pen = Pen(), { put, text, rect, path, face, n } = pen;
	const left = single ? 22 : narrow ? 20 : 176, right = single || narrow ? 0 : 200, END = width - right;
	const start = narrow ? 14 : 34, sub = [...wrapped(T.sub, 13.2, width), ...(cells && !single ? wrapped(TEXTS.open[Number(lang === "ko")], 13.2, width) : [])], top0 = title ? 44 + sub.length * 18 : 6;
	const head = single ? (narrow ? 22 : 28) : narrow ? 46 : 52, top = top0 + head, gap = single || narrow ? 0 : 24;
	const bottom = top + tapes.length * height + gap;
	if (title) {
		text("t", 0, 22, T.title, narrow ? ' style="font-size:18px"' : "");
		sub.forEach((line, i) => text("s", 0, 45 + i * 18, line));
	}

	// -- Columns: the start, then one for each act. What happens in it: its steps, but for those without a call -----------
	const all = tapes.map(tape => tape.reduce((cols, s) => {
		if (s.k === "act") cols.push({ act: s, steps: [] });
		else if (!["log", "error", "line", "rest"].includes(s.k)) cols.at(-1).steps.push(s);
		return cols;
	}, [{ steps: [] }]));
	const acts = all[0].length - 1, spun = single && tapes[0].filter(s => s.mode === "spins" && s.k === "call").length;
	// A step takes a slot. Waiting takes none, and what is repeated without end little.
	const weight = (s, model) => s.k === "wait" || s.k === "spin" ? 0 : s.mode !== "spins" ? 1 :
		model === 2 ? (single ? .6 : 0) : Math.min(1, 14 / spun);
	const weights = (c, model) => c.steps.reduce((sum, s) => sum + weight(s, model), 0);
	const least = narrow ? 5 : 6, slack = narrow ? 2 : 4;
	const load = single && all[0].map(c => Math.max(least, Math.min(48, weights(c, single)) + slack));
	const before = single && load.map((_, i) => load.slice(0, i).reduce((a, b) => a + b, 0));
	const total = single && before.at(-1) + load.at(-1);
	const X = i => single ? left + (END - left) * before[i] / total : i ? left + start + (i - 1) * (END - left - start) / acts : left;
	const endOf = i => i === acts ? END : X(i + 1);

	all[0].forEach(({ act: s }, i) => {
		if (!s) return;
		const p = s.p || 0, x = X(i), [a, b] = actWords(s, lang), sign = actSign[s.do] || "•";
		path(`M${n(x)} ${top0 + (single ? 2 : narrow ? 4 : 10)}V${n(bottom)}`, hue(p), ' stroke-opacity=".45" stroke-dasharray="1 3"');
		if (narrow) {
			if (p) face(x + 9, top0 + (single ? 10 : 13), p, 8);
			if (!single) text("a", x + 9, top0 + 38, sign, ` text-anchor="middle" style="fill:${hue(p)}"`);
		} else if (single) {
			// As much as there is room for.
			const room = endOf(i) - x, at = x + (p ? 23 : 4), short = s.do === "read" || (s.do === "stop" && lang === "en") ? a : b || a;
			if (p && room > 20) face(x + 10, top0 + 13, p);
			const words = [`${a} ${b}`.trim(), short.replace(/[()]/g, ""), sign];
			text("a", at, top0 + 18, words.find(w => textWidth(w, 13) < x + room - at - 3) || "");
		} else {
			if (p) face(x + 10, top0 + 18, p);
			text("a", x + 23, top0 + 23, a);
			text(/[“B]/.test(b) ? "a2" : "a", x + 2, top0 + 42, b);
		}
	});

	all.forEach((cols, m) => {
		const model = single || m + 1, name = FIVE.names[m], y = top + m * height + (m > 1 ? gap : 0);
		const tall = narrow ? 22 : 28, bar = y + (single ? 6 : narrow ? 32 : 10), mid = bar + tall / 2; // of the thread
		const pitch = Math.min(20, (height - (bar - y) - tall - 8) / lanes.length), half = Math.min(7, pitch * .36);
		const lane = p => bar + tall + pitch * (lanes.indexOf(p) + .7);
		path(`M0 ${y}H${width}`, "var(--rule)");
		if (gap && (m === 0 || m === 2)) text("g", 0, y - 8, T.groups[m && 1]);
		if (!single && narrow) {
			text("no", 0, y + 21, "0" + model, ' style="font-size:14px"');
			text("n", 24, y + 21, name, ' style="font-size:14px"');
			text("w", width, y + 21, (width < 500 && T.short[m]) || T.verdict[m], ' text-anchor="end"');
		} else if (!single) {
			text("no", 0, y + 30, "0" + model);
			text("n", 29, y + 30, name, name.length > 12 ? ' style="font-size:14px"' : "");
			text("w", 0, y + 52, model === 2 ? T.never : T.waits);
			text(model === 2 ? "q" : "c", 0, y + 70, FIVE.calls[m]);
			if (m === 0) text("w", left - 6, mid + 4, T.thread, ' text-anchor="end"');
		}
		for (const p of lanes)
			if (tapes[m].at(-1).w[p]) face((narrow || single ? 8 : left - 15) + (narrow && pitch < 14 && lanes.indexOf(p) % 2 ? 13 : 0), lane(p), p, narrow ? 6 : Math.min(7, pitch / 2 - .5));

		// -- Where each step stands -----------------------------------------------------------------------------------------
		const steps = [];
		cols.forEach((c, i) => {
			const need = Math.max(1, weights(c, model)), wide = endOf(i) - X(i);
			const slot = single ? Math.min(26, (wide - 4) / load[i] * Math.min(1, 48 / need)) :
				Math.min(narrow ? 2.6 : 4.4, wide * (i ? (narrow ? .4 : .35) : .5) / need);
			let x = X(i) + (narrow ? 2 : 4);
			if (c.act) steps.push({ s: c.act, x: X(i), w: 0, i });
			for (const s of c.steps) {
				steps.push({ s, x, w: slot * weight(s, model), i });
				x += steps.at(-1).w;
			}
		});
		for (const o of steps) places[o.s.at] = { x: o.x, w: Math.max(3, o.w) };

		// -- The thread: it runs, waits, asks again and again, is dead ------------------------------------------------------
		const parts = [{ mode: "runs", from: X(0) }];
		for (const { s, x, i } of steps) {
			const last = parts.at(-1), other = s.mode === "spins" && s.f && last.call && (last.call.f !== s.f || last.call.p !== s.p);
			if (s.k === "woken") Object.assign(last, { woken: s, i });
			if (s.mode !== last.mode || s.k === "wait" || other) parts.push({ mode: s.mode, from: x, call: s.f ? s : s.call });
		}
		parts.forEach((part, k) => {
			const { mode, from, call, woken } = part, to = parts[k + 1]?.from ?? END, w = to - from;
			if (w < .5) return;
			if (mode === "runs") rect(from, bar, Math.max(2, w - .5), tall, 2, 'fill="var(--thread)"');
			if (mode === "over") rect(from, bar, w, tall, 2, 'fill="var(--soft)" stroke="var(--edge)"');
			if (mode === "spins") rect(from, bar, w, tall, 0, `fill="url(#spin${id})"`);
			if (mode === "waits") rect(from + .5, bar + .75, Math.max(0, w - 1), tall - 1.5, 3, 'fill="var(--wait-bg)" stroke="var(--wait)"');
			if (mode === "dead") {
				rect(from, bar, w, tall, 2, 'fill="var(--bad)"');
				text("f", from + w / 2, mid + 4, "✗", ' font-size="12"');
			}
			if (!call) return;
			const label = call.f + (call.p > 0 ? " " + letter(call.p) : ""), room = label.length * 7.25;
			if (mode === "spins" && w > room + 30) {
				rect(from + 8, bar + 5, room + 18, tall - 10, 3, 'fill="var(--panel)"');
				text("q", from + 13, mid + 4, label + "?");
			}
			// In what it waits: at the right end, before the act that ends it.
			const R = Math.min(to, woken ? X(part.i) : END) - 6;
			if (mode === "waits") waitsIn(call, woken, from, w, R, label, room);
		});
		function waitsIn(call, woken, from, w, R, label, room) {
			const scale = need => Math.min(narrow ? .62 : 1, (R - from - 3) / need), fits = u => u >= (narrow ? .5 : .6) && w > 16;
			if (["accept", "recv", "send", "Sleep"].includes(call.f) && w > room + 10) text("c", from + 7, mid + 4, label);
			if (call.f === "select" && lanes.length < 6) {
				const who = [0, ...lanes], u = scale(24 + 12.5 * lanes.length);
				if (fits(u)) [["r", -6.5], ["w", 6.5]].forEach(([set, dy]) => {
					const Y = mid + dy * (narrow ? .8 : 1), size = narrow ? 8 : n(10.5 * Math.max(.85, u));
					text("c", R - who.length * 12.5 * u - 7 * u, Y + 3, set, ` style="font-size:${size}px"`);
					who.forEach((p, k) => {
						const at = `cx="${n(R - (who.length - 1 - k) * 12.5 * u - 4 * u)}" cy="${n(Y)}"`, ready = woken?.ready?.[set].includes(p);
						const ring = `fill="${ready ? hue(p) : "var(--panel)"}" stroke="${hue(p)}" stroke-width="${n(1.6 * u)}"`;
						put(call.ask[set].includes(p) ? `<circle ${at} r="${n((ready ? 5 : 4.2) * u)}" ${ring}/>` :
							`<circle ${at} r="${n(1.4 * u)}" fill="var(--wait)"/>`);
					});
				});
			}
			if (call.f === "GetMessage" && woken?.msg) {
				const word = woken.msg[1].replace("FD_", ""), wide = narrow ? 16 : Math.min(word.length * 6.9 + 9, R - from + 1);
				if (w < wide + 3 || wide < (narrow ? 8 : 30)) return;
				const size = narrow ? 10 : n(Math.min(11.5, (wide - 7) / word.length / .602));
				rect(R - wide + 3, bar + 4, wide, tall - 8, 3, `fill="${hue(woken.msg[0])}"`);
				text("c", R - wide / 2 + 3, mid + 4, narrow ? { ACCEPT: "AC", READ: "RD", WRITE: "WR", CLOSE: "CL" }[word] || "" : word, ` text-anchor="middle" style="fill:var(--panel);font-size:${size}px"`);
			}
			if (call.f === "WSAWaitForMultipleEvents") {
				const u = scale(call.ask.length * 16), box = 13 * u;
				if (fits(u)) call.ask.forEach((p, k) => rect(R - (call.ask.length - k) * (box + 3 * u) + 4, mid - box / 2, box, box, 2.5,
					`fill="${p === woken?.ready ? hue(p) : "var(--panel)"}" stroke="${hue(p)}" stroke-width="${n(1.6 * u)}"`));
			}
		}

		// -- The clients: not accepted, accepted, gone; bytes that nobody has read, or that are on their way back ----------
		for (const p of lanes) {
			const Y = lane(p), c = hue(p), line = [], band = [];
			const add = (list, kind, o, said) => {
				if (list.at(-1)?.kind === kind) return;
				if (list.length) list.at(-1).to = o.x;
				list.push({ kind, from: o.x, to: END, i: o.i, said });
			};
			for (const o of steps) {
				const q = o.s.w[p];
				if (!q) continue;
				add(line, q.done ? "gone" : q.s === "backlog" ? "backlog" : "open", o);
				add(band, q.done ? "" : q.deaf ? "deaf" : q.said[0] <= q.got[0] ? "" : q.in[0] ? "unread" : "back", o, q.said);
			}
			for (const { kind, from, to } of line) {
				if (kind === "gone") path(`M${n(from)} ${n(Y - half + 2)}v${n(2 * half - 4)}`, c, ' stroke-width="2"');
				else path(`M${n(from)} ${n(Y)}H${n(to)}`, c, kind === "open" ? ' stroke-width="2"' : ' stroke-width="1.6" stroke-dasharray="3 4"');
			}
			const label = (x, s, tall) => { // on the lane, with its own ground
				rect(x, Y - tall / 2, textWidth(s, 12) + 8, tall, 2, 'fill="var(--panel)"');
				text("m", x + 4, Y + 4, s, ` style="fill:${c}"`);
			};
			for (const { kind, from, to, i, said } of band) {
				const w = Math.max(3, to - from), waits = `“${said[1]}” ${T.kept}`;
				const fill = { unread: `url(#h${(p - 1) % 5}${id})`, back: c, deaf: "var(--panel)" }[kind];
				if (fill) rect(from, Y - half, w, 2 * half, 3, `fill="${fill}" stroke="${c}"${kind === "deaf" ? ' stroke-dasharray="2 2"' : ""}`);
				if (half < 6) continue;
				if (kind === "unread" && said[0] < 12 && w > textWidth(waits, 12) + 26) label(from + 13, waits, 12);
				if (kind === "deaf" && !narrow && w > textWidth(T.deaf, 12) + 60)
					text("m", (endOf(i) - from < w / 2 ? endOf(i) + 18 : from + 40), Y + 4, T.deaf, ` style="fill:${c}"`);
			}
			const k = line.findIndex(l => l.kind === "backlog"), queued = line[k], words = narrow ? T.queue : T.backlog(letter(p));
			if (queued && half > 5 && (line[k + 1]?.i ?? acts) - queued.i > 1 && queued.to - queued.from > textWidth(words, 12) + 24)
				label(queued.from + 12, words, 16);
			const r = narrow ? 3.4 : Math.min(5, half - 1);
			for (const { s, x, w } of steps) {
				// The thread reaches for this client.
				if (w && s.k !== "wait" && ["recv", "send", "closesocket"].includes(s.f) && s.p === p || s.peer === p)
					path(`M${n(x + w / 2)} ${bar + tall}V${n(Y - 2)}`, c, ' stroke-opacity=".55"');
				if (s.p !== p || s.no) continue;
				if (s.do === "send") put(`<path class="u" d="M${n(x + r + 1)} ${n(Y - r - 1)}l${r} ${2 * r}h${-2 * r}z" fill="${c}"/>`);
				if (s.k === "get") put(`<path class="u" d="M${n(x + r)} ${n(Y + r + 1)}l${r} ${-2 * r}h${-2 * r}z" fill="${c}"/>`);
				if (s.do === "connect")
					put(`<circle cx="${n(x)}" cy="${n(Y)}" r="${narrow ? 3 : 4}" fill="var(--panel)" stroke="${c}" stroke-width="2"/>`);
				if (s.do === "fin") path(`M${n(x)} ${n(Y - 5)}v10m-4 -5h4`, c, ' stroke-width="2"');
				if (s.do === "reset" || s.do === "close") path(`M${n(x - 4)} ${n(Y - 4)}l8 8m0 -8l-8 8`, c, ' stroke-width="2"');
			}
		}

		// -- The verdict: a sentence, and two facts of the tape; the cells --------------------------------------------------
		if (!narrow && !single) {
			const lines = wrapped(T.verdict[m], 14.5, 180), under = y + 24 + lines.length * 19;
			const sent = steps.findLast(o => o.s.do === "send" && o.s.p === 2), got = steps.findLast(o => o.s.k === "get" && o.s.p === 2);
			const late = got.i - sent.i, calls = steps.filter(o => o.s.f && o.s.k !== "wait").length;
			lines.forEach((line, i) => text("v", END + 16, y + 23 + i * 19, line));
			const strong = (is, color) => is ? ` style="fill:var(--${color});font-weight:600"` : "";
			text("w", END + 16, under, T.late(late), strong(late, "B"));
			text("w", END + 16, under + 17, model === 2 ? T.endless : T.calls(calls), strong(model === 2, "thread"));
		}
		if (cells && !single) cols.forEach((c, i) => {
			const what = c.act ? letter(c.act.p) + " " + actWords(c.act, lang).join(" ").trim() : "main()";
			put(`<rect class="cell" role="button" tabindex="${m || i ? -1 : 0}" x="${n(X(i))}" y="${y + 1}" width="${n(endOf(i) - X(i))}" ` +
				`height="${height - 2}" data-model="${model}" data-col="${i}"><title>0${model} ${name}, ${esc(what)}</title></rect>`);
		});
	});

	path(`M0 ${bottom}H${width}`, "var(--rule)");
	let high = bottom;
	if (!single) {
		let x = 0, y = bottom + 22;
		const marks = [() => rect(x, y - 10, 18, 14, 2, 'fill="var(--thread)"'),
			() => rect(x, y - 10, 18, 14, 3, 'fill="var(--wait-bg)" stroke="var(--wait)"'),
			() => rect(x, y - 10, 18, 14, 0, `fill="url(#spin${id})"`),
			() => rect(x, y - 9, 18, 12, 3, `fill="url(#h1${id})" stroke="var(--B)"`),
			() => rect(x, y - 9, 18, 12, 3, 'fill="var(--B)"'),
			() => path(`M${n(x)} ${y - 3}h18`, "var(--B)", ' stroke-width="1.6" stroke-dasharray="3 4"'),
			() => put(`<path d="M${n(x + 9)} ${y - 9}l5 10h-10z" fill="var(--B)"/>`),
			() => put(`<path d="M${n(x + 9)} ${y + 2}l5 -10h-10z" fill="var(--B)"/>`),
			() => path(`M${n(x + 9)} ${y - 8}v10m-4 -5h4`, "var(--B)", ' stroke-width="2"'),
			() => put(`<circle cx="${n(x + 9)}" cy="${y - 3}" r="4.2" fill="var(--panel)" stroke="var(--B)" stroke-width="1.6"/>`),
			() => put(`<circle cx="${n(x + 9)}" cy="${y - 3}" r="5" fill="var(--B)"/>`),
			() => put(`<circle cx="${n(x + 9)}" cy="${y - 3}" r="4.2" fill="var(--panel)" stroke="var(--ink)" stroke-width="1.6"/>`),
			() => text("c", x + 2, y + 1, "rw"),
			...["+○", "Ⅱ", "▶", "RD"].map(sign => () => text("c", x + 2, y + 1, sign))]; // where no words stand above
		(narrow ? [...T.legend, ...T.signs] : T.legend).forEach((words, i) => {
			const w = 24 + textWidth(words, 12.5) + 18;
			if (x + w > width + 14) {
				x = 0;
				y += 22;
			}
			marks[i]();
			text("w", x + 24, y + 2, words);
			x += w;
		});
		if (css) text("w", 0, y += 24, T.foot);
		high = y + 12;
	}
	const hatches = [...new Set([...lanes, 1, 2].map(p => (p - 1) % 5))], size = `${n(width)} ${n(high)}`.split(" ");
	const name = esc(`${T.title}: ${FIVE.names.map((model, i) => `${model}: ${T.verdict[i]}`).join(". ")}`);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(" ")}" width="${size[0]}" height="${size[1]}" ` +
		(single ? 'aria-hidden="true">' : `role="${cells ? "group" : "img"}" aria-label="${name}">`) + (css && `<style>${css}</style>`) +
		`<defs><pattern id="spin${id}" width="4" height="8" patternUnits="userSpaceOnUse"><path d="M0 0h4v8h-4z" fill="var(--thread-bg)"/>` +
		`<path d="M0 0h2.4v8h-2.4z" fill="var(--thread)"/></pattern>${hatches.map(h => `<pattern id="h${h}${id}" width="6" height="6" ` +
		`patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0h6v6h-6z" fill="var(--panel)"/>` +
		`<path d="M0 0h2.6v6h-2.6z" fill="${hue(h + 1)}"/></pattern>`).join("")}</defs>${pen.out.join("\n")}</svg>\n`;
}

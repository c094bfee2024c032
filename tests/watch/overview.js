// The picture of what a thread does and who is kept waiting: time runs to the right, one column for each act of a
// client. Of five tapes it is the first view and README's picture; of one it is the timeline. A string, without a DOM.
// The clients that get a lane: those that do something by name, and the first and the last.
function lanesOf(tape, most) {
	const all = peers(tape.at(-1).w), busy = [...new Set(tape.filter(s => s.p > 0 && s.k === "act" && s.do !== "connect").map(s => s.p))];
	if (all.length <= most) return all;
	return [...new Set([...busy.slice(-most), all.at(-1), all[0], ...all])].slice(0, most).sort((a, b) => a - b);
}

// opts: lang, width; single (a model: its timeline), narrow, title, css (a style sheet to stand alone), cells (buttons),
// lanes (peers), height of a row, places (an array that gets the x and width of every step)
function overview(tapes, { lang = "en", width = 1060, single = 0, narrow = width < 700, title = true, css = "", cells = true,
	lanes = [1, 2], height = narrow ? 100 : 84, places = [] } = {}) {
	const T = FIVE[lang], id = lang + single, out = [], put = s => out.push(s), r1 = x => +x.toFixed(1);
	const wide = (s, px) => [...s].reduce((w, c) => w + (c > "\u2e80" ? .95 : .58), 0) * px; // fonts differ: a guess
	const text = (cls, x, y, s, more = "") => put(`<text class="${cls}" x="${r1(x)}" y="${r1(y)}"${more}>${esc(s)}</text>`);
	const rect = (x, y, w, h, rx, more) => put(`<rect x="${r1(x)}" y="${r1(y)}" width="${r1(w)}" height="${r1(h)}" rx="${rx}" ${more}/>`);
	const face = (x, y, p, r = 9) => { put(`<circle cx="${r1(x)}" cy="${r1(y)}" r="${r}" fill="${hue(p)}"/>`);
		text("f", x, y + r * .45, mark(p), ` font-size="${p > 26 ? r * 1.15 : r > 8 ? 12 : 10}"`) };
	const left = single ? 22 : narrow ? 20 : 176, right = single || narrow ? 0 : 200, start = narrow ? 14 : 34, END = width - right;
	const wrap = (s, px, most) => s.split(" ").reduce((lines, w) => wide(lines.at(-1) + " " + w, px) > most ? [...lines, w] : [...lines.slice(0, -1), (lines.at(-1) + " " + w).trim()], [""]);
	const sub = wrap(T.sub, 13.2, width), top0 = title ? 44 + sub.length * 18 : 6, head = single ? (narrow ? 22 : 28) : narrow ? 46 : 52, top = top0 + head, gap = single || narrow ? 0 : 24;
	if (title) { text("t", 0, 22, T.title); sub.forEach((l, i) => text("s", 0, 45 + i * 18, l)) }

	// -- Columns: the start, then one for each act ------------------------------------------------------------------
	const all = tapes.map(tape => {
		const cols = [{ steps: [] }];
		for (const s of tape)
			if (s.k === "act") cols.push({ act: s, steps: [] });
			else if (!["log", "error", "line", "rest"].includes(s.k)) cols.at(-1).steps.push(s);
		return cols;
	});
	const n = all[0].length - 1, spun = single && tapes[0].filter(s => s.mode === "spins" && s.k === "call").length;
	const weight = (s, model) => ["wait", "spin"].includes(s.k) ? 0 : s.mode !== "spins" ? 1 : model === 2 ? (single ? .6 : 0) : Math.min(1, 14 / spun);
	const sum = (c, model) => c.steps.reduce((w, s) => w + weight(s, model), 0);
	const load = single && all[0].map(c => Math.max(narrow ? 5 : 6, Math.min(48, sum(c, single)) + (narrow ? 2 : 4)));
	const total = single && load.reduce((a, b) => a + b), cw = (END - left - start) / n;
	const X = single ? c => left + (END - left) * load.slice(0, c).reduce((a, b) => a + b, 0) / total : c => c === 0 ? left : left + start + (c - 1) * cw;
	const bottom = top + all.length * height + gap;

	all[0].forEach((c, i) => {
		if (!i) return;
		const s = c.act, p = s.p || 0, x = X(i), [a, b] = actWords(s, lang), room = (i === n ? END : X(i + 1)) - x;
		put(`<path d="M${r1(x)} ${top0 + (single ? 2 : narrow ? 4 : 10)}V${r1(bottom)}" stroke="${hue(p)}" stroke-opacity=".45" stroke-dasharray="1 3"/>`);
		if (narrow) {
			if (p) face(x + 9, top0 + (single ? 10 : 13), p, 8);
			if (!single) text("a", x + 9, top0 + 38, actSign[s.do] || "•", ` text-anchor="middle" style="fill:${hue(p)}"`);
		} else if (single) {
			if (room > 20 && p) face(x + 10, top0 + 13, p);
			const words = [`${a} ${b}`.trim(), (s.do === "stop" && lang === "ko" ? b : s.do === "stop" || s.do === "read" ? a : b || a).replace(/[()]/g, ""), actSign[s.do] || ""];
			const at = x + (p ? 23 : 4);
			text("a", at, top0 + 18, words.find(w => wide(w, 13) < room - (at - x) - 3) || "");
		} else {
			if (p) face(x + 10, top0 + 18, p);
			text("a", x + 23, top0 + 23, a); text(/[“B]/.test(b) ? "a2" : "a", x + 2, top0 + 42, b);
		}
	});

	all.forEach((cols, m) => {
		const model = single || m + 1, y = top + m * height + (m > 1 ? gap : 0), th = narrow ? 22 : 28;
		const tl = y + (single ? 6 : narrow ? 32 : 10), mid = tl + th / 2, pitch = Math.min(20, (height - (tl - y) - th - 8) / lanes.length);
		const lane = p => tl + th + pitch * (lanes.indexOf(p) + .7), half = Math.min(7, pitch * .36);
		if (gap && (m === 0 || m === 2)) text("g", 0, y - 8, T.groups[m && 1]);
		put(`<path d="M0 ${y}H${width}" stroke="var(--rule)"/>`);
		if (!single && narrow) {
			text("no", 0, y + 21, "0" + model, ' style="font-size:14px"'); text("n", 24, y + 21, FIVE.names[m], ' style="font-size:14px"');
			text("w", width, y + 21, (width < 500 && T.short[m]) || T.verdict[m], ' text-anchor="end"');
		} else if (!single) {
			text("no", 0, y + 30, "0" + model); text("n", 29, y + 30, FIVE.names[m], FIVE.names[m].length > 12 ? ' style="font-size:15px"' : "");
			text("w", 0, y + 52, model === 2 ? T.never : T.waits); text(model === 2 ? "q" : "c", 0, y + 70, FIVE.calls[m]);
			if (m === 0) text("w", left - 6, mid + 4, T.thread, ' text-anchor="end"');
		}
		for (const p of lanes) if (!single || tapes[0].at(-1).w[p]) face(narrow || single ? 8 : left - 15, lane(p), p, narrow ? 6 : Math.min(7, pitch / 2 - .5));

		// -- Where each step stands ------------------------------------------------------------------------------------
		const at = [];
		cols.forEach((c, i) => {
			c.x = X(i); c.end = i === n ? END : X(i + 1);
			const need = Math.max(1, sum(c, model));
			const slot = single ? (c.end - c.x - 4) / Math.max(need * load[i] / Math.min(48, need), load[i]) : Math.min(narrow ? 2.6 : 4.4, (c.end - c.x) * (i ? (narrow ? .4 : .35) : .5) / need);
			let x = c.x + (narrow ? 2 : 4);
			if (c.act) at.push({ s: c.act, x: c.x, w: 0, c: i });
			for (const s of c.steps) {
				const w = Math.min(single ? 26 : 9, slot) * weight(s, model);
				at.push({ s, x, w, c: i });
				x += w;
			}
		});
		if (single) at.forEach(o => places[o.s.at] = { x: o.x, w: Math.max(3, o.w) });

		// -- The thread: runs, waits, asks again and again, dead --------------------------------------------------------
		const segs = [];
		let seg = { k: "runs", a: X(0) };
		for (const o of at) {
			const s = o.s, spins = seg.k === "spins" && s.mode === "spins" && s.f && seg.s.f + seg.s.p !== s.f + s.p;
			if (s.k === "woken" && seg.k === "waits") { seg.woke = s; seg.col = o.c }
			if (s.mode !== seg.k || spins || s.k === "wait") { seg.b = o.x; segs.push(seg); seg = { k: s.mode, a: o.x, s: s.f ? s : s.call } }
		}
		seg.b = END;
		segs.push(seg);
		for (const g of segs) {
			const w = g.b - g.a, R = Math.min(g.b, g.col ? X(g.col) : END) - 6;
			if (w < .5) continue;
			if (g.k === "runs") rect(g.a, tl, Math.max(2, w - .5), th, 2, 'fill="var(--thread)"');
			if (g.k === "over") rect(g.a, tl, w, th, 2, 'fill="var(--soft)" stroke="var(--edge)"');
			if (g.k === "dead") { rect(g.a, tl, w, th, 2, 'fill="var(--bad)"'); text("f", g.a + w / 2, mid + 4, "✗", ' font-size="12"') }
			if (g.k === "spins") rect(g.a, tl, w, th, 0, `fill="url(#spin${id})"`);
			if (g.k === "waits") rect(g.a + .5, tl + .75, w - 1, th - 1.5, 3, 'fill="var(--wait-bg)" stroke="var(--wait)"');
			if (!g.s || !g.s.f) continue;
			const label = g.s.f + (g.s.p > 0 ? " " + letter(g.s.p) : ""), lw = label.length * 7.25;
			if (g.k === "spins" && w > lw + 30) { rect(g.a + 8, tl + 5, lw + 18, th - 10, 3, 'fill="var(--panel)"'); text("q", g.a + 13, mid + 4, label + "?") }
			if (g.k !== "waits") continue;
			if (["accept", "recv", "send", "Sleep"].includes(g.s.f) && w > lw + 10) text("c", g.a + 7, mid + 4, label);
			let u = narrow ? .62 : 1;
			const fits = need => (u = Math.min(u, (R - g.a - 3) / need)) >= (narrow ? .5 : .6) && w > 16;
			if (g.s.f === "select" && lanes.length < 6 && fits(24 + 12.5 * lanes.length)) [["r", -6.5], ["w", 6.5]].forEach(([set, dy]) => {
				const who = [0, ...lanes], step = 12.5 * u, yy = mid + dy * (narrow ? .8 : 1);
				text("c", R - who.length * step - 7 * u, yy + 3, set, ` style="font-size:${narrow ? 8 : r1(10.5 * Math.max(.85, u))}px"`);
				who.forEach((p, i) => {
					const x = r1(R - (who.length - 1 - i) * step - 4 * u), hit = g.woke?.ready?.[set].includes(p);
					put(g.s.ask[set].includes(p) ? `<circle cx="${x}" cy="${r1(yy)}" r="${r1((hit ? 5 : 4.2) * u)}" fill="${hit ? hue(p) : "var(--panel)"}" stroke="${hue(p)}" stroke-width="${r1(1.6 * u)}"/>` :
						`<circle cx="${x}" cy="${r1(yy)}" r="${r1(1.4 * u)}" fill="var(--wait)"/>`);
				});
			});
			if (g.s.f === "GetMessage" && g.woke?.msg) {
				const [p, what] = g.woke.msg, word = what.replace("FD_", ""), tw = narrow ? 12 : Math.min(word.length * 6.9 + 9, R - g.a + 1);
				if (w > tw + 3 && tw > (narrow ? 8 : 30)) { rect(R - tw + 3, tl + 4, tw, th - 8, 3, `fill="${hue(p)}"`);
					text("c", R - tw / 2 + 3, mid + 4, narrow ? word[0] : word, ` text-anchor="middle" style="fill:var(--panel);font-size:${narrow ? 10 : r1(Math.min(11.5, (tw - 7) / word.length / .602))}px"`) }
			}
			if (g.s.f === "WSAWaitForMultipleEvents" && fits(g.s.ask.length * 16)) g.s.ask.forEach((p, i) => {
				const box = 13 * u;
				rect(R - (g.s.ask.length - i) * (box + 3 * u) + 4, mid - box / 2, box, box, 2.5, `fill="${p === g.woke?.ready ? hue(p) : "var(--panel)"}" stroke="${hue(p)}" stroke-width="${r1(1.6 * u)}"`);
			});
		}

		// -- The clients ----------------------------------------------------------------------------------------------
		let asked = 0, answered = 0;
		for (const p of lanes) {
			const Y = lane(p), c = hue(p), line = [], rib = [];
			const add = (list, k, o, more) => { if (!list.length || list.at(-1).k !== k) { if (list.length) list.at(-1).b = o.x; list.push({ k, a: o.x, b: END, c: o.c, ...more }) } };
			for (const o of at) {
				const q = o.s.w[p];
				if (!q) continue;
				add(line, q.done ? "gone" : q.s === "backlog" ? "backlog" : "open", o);
				add(rib, q.done ? "" : q.deaf ? "deaf" : q.said[0] <= q.got[0] ? "" : q.in[0] ? "unread" : "back", o, { said: q.said });
			}
			for (const l of line)
				if (l.k === "gone") put(`<path d="M${r1(l.a)} ${r1(Y - half + 2)}v${r1(2 * half - 4)}" stroke="${c}" stroke-width="2"/>`);
				else put(`<path d="M${r1(l.a)} ${r1(Y)}H${r1(l.b)}" stroke="${c}" stroke-width="${l.k === "backlog" ? 1.6 : 2}"${l.k === "backlog" ? ' stroke-dasharray="3 4"' : ""}/>`);
			for (const g of rib) {
				const w = Math.max(3, g.b - g.a), deaf = g.k === "deaf", said = `“${g.said[1]}” ${T.kept}`;
				if (g.k) rect(g.a, Y - half, w, 2 * half, 3, `fill="${deaf ? "var(--panel)" : g.k === "unread" ? `url(#h${(p - 1) % 5}${id})` : c}" stroke="${c}"${deaf ? ' stroke-dasharray="2 2"' : ""}`);
				if (deaf && half > 5 && w > wide(T.deaf, 12) + 60 && !narrow) text("m", g.a + (g.c < n && X(g.c + 1) - g.a < w / 2 ? X(g.c + 1) - g.a + 18 : 40), Y + 4, T.deaf, ` style="fill:${c}"`);
				if (g.k === "unread" && half > 5 && g.said[0] < 12 && w > wide(said, 12) + 26) {
					rect(g.a + 13, Y - 6, wide(said, 12) + 8, 12, 2, 'fill="var(--panel)"'); text("m", g.a + 17, Y + 4, said, ` style="fill:${c}"`) }
			}
			const i = line.findIndex(l => l.k === "backlog"), b = line[i], next = line[i + 1], words = narrow ? T.queue : T.backlog(letter(p));
			if (b && half > 5 && (next ? next.c : n) - b.c > 1 && b.b - b.a > wide(words, 12) + 24) {
				rect(b.a + 12, Y - 8, wide(words, 12) + 8, 16, 0, 'fill="var(--panel)"'); text("m", b.a + 16, Y + 4, words, ` style="fill:${c}"`) }
			for (const o of at) {
				const s = o.s, x = o.x, r = narrow ? 3.4 : Math.min(5, half - 1);
				if (s.p === p && !s.no) {
					if (s.do === "send") put(`<path class="u" d="M${r1(x + r + 1)} ${r1(Y - r - 1)}l${r} ${2 * r}h${-2 * r}z" fill="${c}"/>`);
					if (s.k === "get") put(`<path class="u" d="M${r1(x + r)} ${r1(Y + r + 1)}l${r} ${-2 * r}h${-2 * r}z" fill="${c}"/>`);
					if (s.do === "connect") put(`<circle cx="${r1(x)}" cy="${r1(Y)}" r="${narrow ? 3 : 4}" fill="var(--panel)" stroke="${c}" stroke-width="2"/>`);
					if (s.do === "fin") put(`<path d="M${r1(x)} ${r1(Y - 5)}v10m-4 -5h4" stroke="${c}" stroke-width="2"/>`);
					if (s.do === "reset" || s.do === "close") put(`<path d="M${r1(x - 4)} ${r1(Y - 4)}l8 8m0 -8l-8 8" stroke="${c}" stroke-width="2"/>`);
					if (p === 2 && s.do === "send") asked = o.c;
					if (p === 2 && s.k === "get") answered = o.c;
				}
				// The thread reaches for this client.
				if (o.w && ["recv", "send", "closesocket"].includes(s.f) && s.p === p && s.k !== "wait" || s.peer === p)
					put(`<path d="M${r1(x + o.w / 2)} ${tl + th}V${r1(Y - 2)}" stroke="${c}" stroke-opacity=".55"/>`);
			}
		}
		if (!narrow && !single) {
			const lines = wrap(T.verdict[m], 14.5, 180), late = answered - asked;
			lines.forEach((l, i) => text("v", END + 16, y + 23 + i * 19, l));
			text("w", END + 16, y + 24 + lines.length * 19, T.late(late), late ? ' style="fill:var(--B);font-weight:600"' : "");
			text("w", END + 16, y + 41 + lines.length * 19, model === 2 ? T.endless : T.calls(at.filter(o => o.s.f && o.s.k !== "wait").length), model === 2 ? ' style="fill:var(--thread);font-weight:600"' : "");
		}
		if (cells && !single) cols.forEach((c, i) => {
			const what = c.act ? letter(c.act.p) + " " + actWords(c.act, lang).join(" ").trim() : "main()";
			put(`<rect class="cell" role="button" tabindex="${m || i ? -1 : 0}" x="${r1(c.x)}" y="${y + 1}" width="${r1(c.end - c.x)}" height="${height - 2}" data-model="${model}" data-col="${i}"><title>0${model} ${FIVE.names[m]}, ${esc(what)}</title></rect>`);
		});
	});
	put(`<path d="M0 ${bottom}H${width}" stroke="var(--rule)"/>`);
	let high = bottom;
	if (!single) {
		let x = 0, y = bottom + 22;
		const marks = [x => rect(x, y - 10, 18, 14, 2, 'fill="var(--thread)"'), x => rect(x, y - 10, 18, 14, 3, 'fill="var(--wait-bg)" stroke="var(--wait)"'),
			x => rect(x, y - 10, 18, 14, 0, `fill="url(#spin${id})"`), x => rect(x, y - 9, 18, 12, 3, `fill="url(#h1${id})" stroke="var(--B)"`),
			x => rect(x, y - 9, 18, 12, 3, 'fill="var(--B)"'), x => put(`<path d="M${r1(x)} ${y - 3}h18" stroke="var(--B)" stroke-width="1.6" stroke-dasharray="3 4"/>`)];
		T.legend.forEach((l, i) => {
			const w = 24 + wide(l, 12.5) + 18;
			if (x + w > width + 14) { x = 0; y += 22 }
			marks[i](x); text("w", x + 24, y + 2, l);
			x += w;
		});
		if (css) { y += 24; text("w", 0, y, T.foot) }
		high = y + 12;
	}
	const hatch = lanes.concat([1, 2]).map(p => (p - 1) % 5).filter((h, i, a) => a.indexOf(h) === i);
	const alt = T.title + ": " + FIVE.names.map((name, i) => name + ": " + T.verdict[i]).join(". ");
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${r1(width)} ${r1(high)}" width="${r1(width)}" height="${r1(high)}" ${single ? 'aria-hidden="true"' : `role="${cells ? "group" : "img"}" aria-label="${esc(alt)}"`}>` +
		(css && `<style>${css}</style>`) + `<defs><pattern id="spin${id}" width="4" height="8" patternUnits="userSpaceOnUse"><path d="M0 0h4v8h-4z" fill="var(--thread-bg)"/><path d="M0 0h2.4v8h-2.4z" fill="var(--thread)"/></pattern>` +
		hatch.map(h => `<pattern id="h${h}${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0h6v6h-6z" fill="var(--panel)"/><path d="M0 0h2.6v6h-2.6z" fill="${hue(h + 1)}"/></pattern>`).join("") + "</defs>" + out.join("\n") + "</svg>";
}

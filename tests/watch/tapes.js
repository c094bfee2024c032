// Appended to a copy of the page (see chromium.cmake): a line for each run, as `watch --all` prints them.
(async () => {
	const lines = [];
	const play = async (server, wine, room, acts) => {
		const done = {}, nothing = new Proxy({}, { get: () => () => 0 });
		const imports = { env: { stop() { throw done } }, wasi_snapshot_preview1: nothing };
		const { exports } = await WebAssembly.instantiate(await (stage ||= compile()), imports);
		exports._initialize?.();
		const text = new TextEncoder().encode(acts), to = exports.acts(text.length);
		new Uint8Array(exports.memory.buffer).set(text, to);
		try { exports.play(server, wine, room, 1) } catch (x) { if (x !== done) throw x }
		let hash = 0x811c9dc5, at = exports.tape();
		const memory = new Uint8Array(exports.memory.buffer);
		for (; memory[at]; at++) hash = Math.imul(hash ^ memory[at], 0x01000193);
		lines.push(`${server} ${wine} ${room} ${acts} ${(hash >>> 0).toString(16)}`);
	};
	for (let server = 0; server < 5 + DATA.faults.length; server++)
		for (const wine of [0, 1])
			for (const of of DATA.scenarios) await play(server, wine, of.room, of.acts);
	for (const [i, f] of DATA.faults.entries()) {
		const of = f.scenario ? scenario(f.scenario) : f;
		if (of.acts) await play(5 + i, f.dialect, of.room, of.acts);
	}
	document.body.innerHTML = "<pre id=\"result\"></pre>";
	document.getElementById("result").textContent = lines.join("\n") + "\n";
})();

// Appended to a copy of the page (see chromium.cmake): prints the pictures of the first view, those of the page itself,
// and those of README, which stand alone and carry the colours of one theme.
const beat = setInterval(() => 0, 5); // the browser's virtual time ends when nothing is left to do in this thread
(async () => {
	const sheet = [...document.styleSheets[0].cssRules], of = scenario("five"), parts = [];
	const tapes = await Promise.all([1, 2, 3, 4, 5].map(m => runServer(m, "", 0, of.room, splitActs(of.acts))));
	const rules = sheet.filter(r => /^\.(t|s|n|no|w|v|c|q|m|a|a2|f|g|u)$/.test(r.selectorText)).map(r => r.cssText).join("");
	const tokens = theme => sheet.filter(r => r.selectorText === ":root" || (theme === "dark" && r.selectorText === ":root[data-theme=\"dark\"]"))
		.map(r => r.cssText.replace(/^[^{]*/, "svg")).join("");
	for (const l of ["en", "ko"]) {
		parts.push([`five-${l}`, overview(tapes, { lang: l })]);
		for (const theme of ["light", "dark"])
			parts.push([`overview-${l}-${theme}.svg`, overview(tapes, { lang: l, cells: false, css: tokens(theme) + "svg{background:var(--panel)}" + rules })]);
	}
	const result = document.createElement("pre");
	result.id = "result";
	result.textContent = parts.map(([name, svg]) => `=== ${name}\n${svg}\n`).join("");
	document.body.replaceChildren(result);
	clearInterval(beat);
})();

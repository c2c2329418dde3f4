// The frame: which page the address names, who is there, and the language switch.
import { api, el, explain, language, note, Refusal, say, setLanguage, t } from "/hub.js";
import { pages } from "/pages.js";

const main = document.getElementById("main"), tabs = document.getElementById("tabs");
const button = document.getElementById("language");

// `me` is what GET /v1/me says, or null; pages are given it, and call `refresh` after they changed it.
const context = { me: null, refresh, go: address => (location.hash = address) };

async function refresh() {
	try {
		context.me = await api("GET", "/v1/me");
	} catch (refusal) {
		if (!(refusal instanceof Refusal) || refusal.status !== 401)
			throw refusal;
		context.me = null;
	}
	return context.me;
}

function drawTabs(current) {
	const shown = context.me ? pages.filter(page => page.tab && (!page.when || page.when(context.me))) : [];
	tabs.replaceChildren(...shown.map(page =>
		el("a", { href: `#/${page.name}`, "aria-current": page === current ? "page" : null }, t(...page.tab))));
}

let drawing = 0;
async function draw() {
	const turn = ++drawing;
	const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
	let page = pages.find(one => one.name === name) || pages.find(one => one.name === "");
	if (!page.open && !context.me)
		page = pages.find(one => one.name === "login");
	const frame = el("div", {});
	try {
		if (page.when && context.me && !page.when(context.me))
			frame.append(el("h1", {}, t(...page.title)), note("", t("此页不适用于您的账户", "This page is not for your kind of account")));
		else
			await (await page.load()).default(frame, context, rest.map(decodeURIComponent));
	} catch (refusal) {
		if (!(refusal instanceof Refusal))
			throw refusal;
		if (refusal.status === 401 && !page.open)
			return;
		frame.replaceChildren(note("bad", explain(refusal)));
	}
	if (turn !== drawing)
		return;
	main.className = page.narrow ? "narrow" : "";
	main.replaceChildren(...frame.childNodes);
	document.title = `${say(...page.title)} · ${say("城市能源数据", "City Utilities")}`;
	button.textContent = say("English", "中文");
	button.setAttribute("aria-label", say("Switch to English", "切换到中文"));
	drawTabs(page);
	main.dataset.page = page.name || "home";
	performance.mark("drawn");
}

window.addEventListener("hashchange", draw);
window.addEventListener("hub:logged-out", () => {
	if (context.me) {
		context.me = null;
		draw();
	}
});
button.addEventListener("click", () => {
	setLanguage(language() === "zh" ? "en" : "zh");
	draw();
});
setLanguage(language());
// A scanned code opens the portal with it; it must not stay in the address for the next to see.
const scanned = location.hash.match(/^#bind=([0-9A-Za-z-]+)$/);
if (scanned) {
	sessionStorage.setItem("code", scanned[1]);
	history.replaceState(null, "", "#/bind");
}
try {
	await refresh();
} catch (refusal) {
	main.replaceChildren(note("bad", explain(refusal)));
	throw refusal;
}
await draw();

// What the pages of those who work for a party share: tables, pages of a list, the party that an operator looks at.
import { api, el, field, named, note, say, t, when } from "/hub.js";
import { areaOf } from "/pages.js";

// A number, a code or a moment is read in one piece; sentences go on in the next line.
function isShort(cell) {
	const text = cell instanceof Node ? cell.textContent : cell;
	return typeof text === "string" && text.length <= 20;
}

// heads: [zh, en] or [zh, en, "number"]; rows: lists of what stands in the cells. A wide one scrolls in itself.
export function table(id, heads, rows, attributes = []) {
	if (!rows.length)
		return note("", t("没有记录", "Nothing here"));
	return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("表格", "table") },
		el("table", { id, class: "dense" },
			el("thead", {}, el("tr", {}, heads.map(([zh, en, kind]) => el("th", { scope: "col", class: kind }, t(zh, en))))),
			el("tbody", {}, rows.map((cells, row) => el("tr", attributes[row] ?? {}, cells.map((cell, column) => {
				// A last cell that says why there are no figures has their room.
				const spare = column + 1 === cells.length ? heads.length - column : 1;
				return el("td", spare > 1 ? { colspan: spare } : { class: [heads[column][2], isShort(cell) ? "short" : ""].join(" ").trim() || null }, cell ?? "–");
			}))))));
}

export const count = n => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
export const head = (zh, en, ...more) => el("h1", {}, t(zh, en), ...more);
export const card = (zh, en, ...more) => el("section", { class: "card" }, el("h2", {}, t(zh, en)), ...more);
export const fact = (zh, en, text, id, link) => el("section", { class: "card fact" }, el("p", { class: "soft" }, t(zh, en)),
	el("p", { class: "figure number", id }, link ? el("a", { href: link }, text) : text));

// Microseconds of waiting, for people.
export function span(micros) {
	if (micros === null || micros === undefined)
		return "–";
	const seconds = micros / 1e6;
	return seconds < 90 ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min`
		: seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 86400)} d`;
}
export const at = text => (text ? when(text) : "–");

// An operator looks at one party's things after the other; everybody else at the own party's. In the address: #/PAGE/PARTY.
export function whose(context, page, code) {
	if (areaOf(context.me) !== "operator")
		return { query: "", code: context.me.party.code, picker: null };
	const chosen = code || context.me.party.code;
	const input = field("查看哪一方（代码）", "Whose (a party's code)", { name: "party", value: chosen, list: "parties", autocomplete: "off" });
	const known = el("datalist", { id: "parties" });
	api("GET", "/v1/parties?limit=200").then(({ parties }) => known.append(...parties.filter(one => one.kind !== "household")
		.map(one => el("option", { value: one.code }, named({ code: one.code, name_zh: one.name?.zh, name_en: one.name?.en })))), () => {});
	return { query: `party=${encodeURIComponent(chosen)}`, code: chosen, picker: el("form", { class: "row picker", onsubmit: event => {
		event.preventDefault();
		context.go(`#/${page}/${encodeURIComponent(new FormData(event.target).get("party").trim())}`);
	} }, input, known, el("button", { class: "plain", type: "submit" }, t("查看", "Show"))) };
}

// A list that grows by pages: load(cursor) gives { rows: elements, cursor }.
export async function pager(place, load) {
	const more = el("button", { class: "plain", type: "button" }, t("更多", "More"));
	let cursor = "";
	const next = async () => {
		const page = await load(cursor);
		cursor = page.cursor;
		place.append(page.rows);
		more.remove();
		if (cursor)
			place.append(more);
	};
	more.addEventListener("click", next);
	await next();
}

// Completeness of a party's points of a commodity, and what one of them said: each reading with the receipt it came in.
import { amount, api, commodities, el, note, say, t } from "/hub.js";
import { at, card, count, head, table, whose } from "/staff.js";

// As the board counts it: the quantity that a point of the commodity is there for, by UTC days.
const main = {
	electricity: ["active_energy_import", "active_energy_total"], water: ["water_volume"], gas: ["gas_volume", "gas_volume_standard"], heat: ["heat_energy"],
	cold: ["cold_energy"], ev: ["ev_energy"],
};
const DAY = 86400000, each = 20;
const stamp = time => new Date(time).toISOString().replace(/\.\d+/, "");
const last = () => Math.floor(Date.now() / DAY) * DAY;

// The points of a page with what they have and lack of the last UTC day; of several quantities the one there is more of.
async function wholeness(points, commodity) {
	const best = new Map();
	const query = new URLSearchParams([...points.map(code => ["point", code]), ["from", stamp(last() - DAY)], ["to", stamp(last())], ["zone", "UTC"]]);
	for (const quantity of main[commodity] ?? []) {
		const answer = await api("GET", `/v1/readings/completeness?${query}&quantity=${quantity}`);
		for (const one of answer.points)
			if (!best.has(one.point) || one.present > best.get(one.point).present)
				best.set(one.point, { ...one, quantity });
	}
	return best;
}

async function one(frame, who, commodity, code, quantity) {
	const query = new URLSearchParams({ point: code, quantity, from: stamp(last() - DAY), to: stamp(Date.now()), step: "raw", limit: "100" });
	const { readings } = await api("GET", `/v1/readings?${query}`);
	frame.append(el("p", { class: "small" }, el("a", { href: `#/points/${who.code}/${commodity}` }, "← ", t("计量点", "Points"))),
		head("读数", "Readings", ` ${code}`), el("p", { class: "lead" }, t("昨日零时（UTC）以来；每条读数都能找到它的回执", "Since the last UTC day began; each reading leads to its receipt")),
		card("读数", "Readings", table("readings", [["时间", "Time"], ["表号", "Meter"], ["数值", "Value", "number"], ["标记", "Flags"], ["入库", "Stored"], ["回执", "Receipt"]],
			readings.reverse().map(row => [at(row.time), row.meter, amount(row.value, row.unit), row.flags.join(", ") || null, at(row.known_at),
				el("a", { href: `#/received/${who.code}/${row.receipt}` }, String(row.receipt))]))));
}

export default async function (frame, context, [code, commodity = "electricity", point, quantity]) {
	const who = whose(context, "points", code);
	if (point)
		return one(frame, who, commodity, point, quantity);
	const list = el("div", {}), more = el("button", { class: "plain", type: "button" }, t("更多", "More"));
	let cursor = "";
	const next = async () => {
		const page = await api("GET", `/v1/points?commodity=${encodeURIComponent(commodity)}&limit=${each}&cursor=${cursor}${who.query ? `&${who.query}` : ""}`);
		const rows = page.points.filter(row => row.interval), known = rows.length ? await wholeness(rows.map(row => row.code), commodity) : new Map();
		list.append(table("points", [["计量点", "Point"], ["表号", "Meter"], ["间隔", "Interval"], ["应有", "Expected", "number"], ["已有", "Present", "number"],
			["读数", "Readings"]],
		rows.map(row => {
			const found = known.get(row.code) ?? { present: 0, expected: 0, quantity: main[commodity]?.[0] };
			return [row.code, row.meters.map(meter => meter.meter).join(", ") || null, `${row.interval} s`, count(found.expected),
				el("span", { class: found.present < found.expected ? "bad-text" : "good-text" }, count(found.present)),
				el("a", { href: `#/points/${[who.code, commodity, row.code, found.quantity].map(encodeURIComponent).join("/")}` }, t("查看", "Show"))];
		})));
		cursor = page.cursor;
		more.hidden = !cursor;
	};
	more.addEventListener("click", next);
	frame.append(head("计量点的完整率", "Completeness by point"), ...(who.picker ? [who.picker] : []),
		el("p", { class: "row" }, Object.keys(main).map(kind => el("a", { href: `#/points/${encodeURIComponent(who.code)}/${kind}`, "aria-current": kind === commodity ? "true" : null },
			say(...commodities[kind])))),
		el("p", { class: "lead" }, t("昨日（UTC）应有与已有的区间；没有固定间隔的计量点不在此列", "Intervals of the last UTC day; points without a raster are not counted")),
		el("section", { class: "card" }, list, more));
	await next();
	if (!list.children.length)
		list.append(note("", t("没有记录", "Nothing here")));
}

import { amount, api, commodities, el, field, language, named, note, say, t, when } from "/hub.js";
import { svg } from "/bills.js";
import { map } from "/map.js";
import { table } from "/staff.js";

const kinds = ["electricity", "water", "gas", "ev", "heat", "cold"];
const steps = { month: ["按月", "By month"], day: ["按日", "By day"], hour: ["按小时", "By hour"] };
const finer = { month: "day", day: "hour" }, coarser = { day: "month", hour: "day" };
const forms = { month: { year: "numeric", month: "short" }, day: { month: "short", day: "numeric" }, hour: { hour: "2-digit", minute: "2-digit" } };

const local = text => new Date(`${text}T00:00:00+08:00`);
const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);

// A year of months, a month of days, a day of hours: what the address names, and its neighbours.
function period(step, text) {
	const [year, month, day] = text.split("-").map(Number);
	const date = (y, m, d) => new Date(Date.UTC(y, m - 1, d)).toISOString().slice(0, 10);
	const [from, to, before, after] = step === "month" ? [date(year, 1, 1), date(year + 1, 1, 1), String(year - 1), String(year + 1)]
		: step === "day" ? [date(year, month, 1), date(year, month + 1, 1), date(year, month - 1, 1).slice(0, 7), date(year, month + 1, 1).slice(0, 7)]
			: [date(year, month, day), date(year, month, day + 1), date(year, month, day - 1), date(year, month, day + 1)];
	return { from: local(from).toISOString(), to: local(to).toISOString(), before, after };
}
const cut = { month: 4, day: 7, hour: 10 };
const named_period = (step, start) => new Date(new Date(start).getTime() + 8 * 3600e3).toISOString().slice(0, cut[finer[step]] ?? 10);

// Sums of decimal texts, exactly.
const parts = value => BigInt(value.split(".")[0] + (value.split(".")[1] ?? "").padEnd(6, "0"));
function total(cells) {
	const given = cells.filter(cell => cell.value !== undefined);
	if (!given.length)
		return null;
	const sum = given.reduce((all, cell) => all + parts(cell.value), 0n).toString().padStart(7, "0");
	return `${sum.slice(0, -6)}.${sum.slice(-6)}`.replace(/\.?0+$/, "");
}
const short = (value, unit) => (value === null ? "–" : amount(value.includes(".") ? Number(value).toFixed(value.length > 7 ? 0 : 1) : value, unit));

function bars(answer, step, cells) {
	const shown = cells.map(cell => [Number(cell.value ?? 0), Number(cell.last_year ?? 0)]);
	const most = Math.max(...shown.flat(), 1e-9), width = 640, high = 150, each = width / cells.length;
	return svg("svg", { viewBox: `0 0 ${width} ${high + 24}`, class: "bars wide", role: "img", "aria-label": say("用量与去年同期", "Use and the year before") },
		...shown.flatMap(([now, last], i) => [
			svg("rect", { class: "bar faint", x: i * each + each * 0.08, width: each * 0.4, y: high - last / most * high, height: last / most * high }),
			svg("rect", { class: "bar", x: i * each + each * 0.5, width: each * 0.42, y: high - now / most * high, height: now / most * high })]),
		svg("line", { class: "axis", x1: 0, x2: width, y1: high, y2: high }),
		...cells.map((cell, i) => (i % Math.ceil(cells.length / 12) ? "" : svg("text", { x: i * each + each / 2, y: high + 18, "text-anchor": "middle" },
			label(step, cell.start, true)))));
}

function label(step, start, brief) {
	const form = brief && step === "hour" ? { hour: "2-digit" } : brief && step === "day" ? { day: "numeric" } : brief ? { month: "short" } : forms[step];
	return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", { ...form, timeZone: "Asia/Shanghai" }).format(new Date(start));
}

function withheld(cell, link) {
	const why = cell.withheld, text = t(why.why_zh, why.why_en);
	return el("span", { class: "withheld", "data-rule": why.rule }, text, why.coarser
		? [el("br"), el("a", { href: link(why.coarser.code) }, t(`可查询：${named(why.coarser)}`, `ask for ${why.coarser.name_en || why.coarser.code}`))] : null);
}

const heads = unit => [["时段", "Period"], [`用量 ${unit}`, `Use, ${unit}`, "number"], ["户数", "Customers", "number"],
	["去年同期", "Year before", "number"], ["二氧化碳 kg", "CO₂, kg", "number"], ["因子", "Factor"]];

function row(answer, step, cell, link, period_link) {
	const next = finer[step] && cell.value !== undefined ? period_link(finer[step], named_period(step, cell.start)) : null;
	const name = label(step, cell.start);
	if (cell.value === undefined)
		return [name, withheld(cell, link)];
	const days = cell.days !== undefined && cell.days < cell.days_of
		? el("span", { class: "small soft" }, " ", t(`${cell.days}/${cell.days_of} 天`, `${cell.days} of ${cell.days_of} days`)) : null;
	return [next ? el("a", { href: next }, name) : name, [amount(cell.value), days], String(cell.customers), cell.last_year ? amount(cell.last_year) : null,
		cell.carbon ? amount(cell.carbon) : null, cell.factor ? `${cell.factor} (${cell.factor_year})` : null];
}

function chooser(place, go) {
	const select = (name, zh, en, options, chosen) => el("label", {}, t(zh, en), el("select", { name, onchange: event => go({ [name]: event.target.value }) },
		options.map(([value, text]) => el("option", { value, selected: value === chosen }, text))));
	return el("form", { class: "choices", id: "choose", onsubmit: event => event.preventDefault() },
		select("area", "区域", "Area", place.areas.map(area => [area.properties.code, "　".repeat(depth(place.areas, area)) + named(area.properties)]), place.area),
		select("commodity", "种类", "What", kinds.map(kind => [kind, say(...commodities[kind])]), place.commodity),
		select("step", "粒度", "Step", Object.keys(steps).map(step => [step, say(...steps[step])]), place.step),
		el("label", {}, t("用途", "Purpose"), el("input", { name: "purpose", maxlength: 60, value: sessionStorage.getItem("purpose") ?? "",
			placeholder: say("例如：迎峰度夏", "such as: summer peak"), onchange: event => sessionStorage.setItem("purpose", event.target.value.trim()) })));
}

const depth = (areas, area) => {
	const up = areas.find(one => one.properties.code === area.properties.parent);
	return up ? 1 + depth(areas, up) : 0;
};

function picture(place, answer, link) {
	const [own, ...below] = answer.lines;
	const lines = below.length ? below : [own], sums = new Map(lines.map(line => [line.area.code, total(line.cells)]));
	const most = Math.max(...[...sums.values()].map(Number), 1e-9);
	const shapes = place.areas.filter(area => sums.has(area.properties.code));
	return map(shapes, place.areas.find(area => area.properties.code === own.area.code), code => {
		const sum = sums.get(code);
		return { level: sum === null ? null : Math.min(4, Math.floor(Number(sum) / most * 4.999)), href: link(code),
			text: sum === null ? say("用户太少", "too few customers") : short(sum, answer.unit) };
	}, say("区域地图：点选区域", "Map of the areas: choose one"));
}

function districts(answer, link) {
	const rows = answer.lines.slice(1).map(line => {
		const sum = total(line.cells), last = total(line.cells.filter(cell => cell.last_year).map(cell => ({ value: cell.last_year })));
		const why = line.cells.find(cell => cell.withheld && cell.withheld.rule !== "open") ?? line.cells.find(cell => cell.withheld);
		const name = el("a", { href: link(line.area.code) }, named(line.area));
		return sum === null ? [name, withheld(why, link)] : [name, amount(sum), last ? amount(last) : null,
			String(line.cells.filter(cell => cell.withheld && cell.withheld.rule !== "open").length)];
	});
	return table("districts", [["区域", "Area"], [`用量 ${answer.unit}`, `Use, ${answer.unit}`, "number"], ["去年同期", "Year before", "number"],
		["未公布时段", "Withheld", "number"]], rows);
}

export default async function (frame, context, [area, commodity = "electricity", step = "month", text]) {
	const areas = (await api("GET", "/v1/areas.geojson")).features;
	if (!areas.length) {
		frame.append(note("", t("没有可查询的区域", "There is no area that you may ask about")));
		return;
	}
	const place = { areas, area: area || areas[0].properties.code, commodity, step, text: text || today().slice(0, cut[step]) };
	const address = more => {
		const next = { ...place, ...more };
		return "#/sums/" + [next.area, next.commodity, next.step, next.text.slice(0, cut[next.step]).padEnd(cut[next.step], "-01")].map(encodeURIComponent).join("/");
	};
	const range = period(step, place.text), purpose = sessionStorage.getItem("purpose");
	const query = new URLSearchParams({ area: place.area, below: "true", commodity, step, from: range.from, to: range.to, ...(purpose ? { purpose } : {}) });
	const answer = await api("GET", `/v1/aggregates?${query}`), own = answer.lines[0];
	const link = code => address({ area: code });
	const sum = total(own.cells), carbon = total(own.cells.filter(cell => cell.carbon).map(cell => ({ value: cell.carbon })));
	const last = total(own.cells.filter(cell => cell.last_year).map(cell => ({ value: cell.last_year })));
	frame.append(
		el("h1", {}, t(...["区域统计", "Sums of areas"])),
		chooser(place, more => context.go(address(more))),
		el("p", { class: "row periods" }, el("a", { class: "button", href: address({ text: range.before }), rel: "prev" }, "‹ ", range.before),
			el("strong", { id: "period" }, place.text), el("a", { class: "button", href: address({ text: range.after }), rel: "next" }, range.after, " ›"),
			coarser[step] ? el("a", { href: address({ step: coarser[step] }) }, t(...steps[coarser[step]])) : null),
		el("div", { class: "grid two" },
			el("section", { class: "card" }, el("h2", {}, named(own.area)),
				el("p", { class: "figure number", id: "sum" }, sum === null ? "–" : amount(sum, answer.unit)),
				last ? el("p", { class: "soft" }, t("去年同期", "the year before"), ` ${amount(last, answer.unit)}`) : null,
				carbon ? el("p", { id: "carbon" }, t("二氧化碳", "CO₂"), ` ${amount(carbon, "kg")}`) : null,
				sum === null && own.cells[0] ? withheld(own.cells.find(cell => cell.withheld.rule !== "open") ?? own.cells[0], link) : null,
				el("p", { class: "small soft" }, t("只公布不少于 15 户、任何一户不超过 15 % 的合计，且相减也推不出更小的群体；数字以公布当日为准",
					"Only sums of 15 customers or more, none over 15 %, are published, and nothing smaller follows by subtraction; as of the day of publication")),
				...answer.factors.map(one => el("p", { class: "small soft" }, `CO₂ ${one.year}: ${one.kg} kg/${answer.unit} · ${one.source}`)),
				el("a", { class: "button", id: "xlsx", href: `/v1/aggregates.xlsx?${query}`, download: "sums.xlsx" }, t("下载 Excel", "Excel"))),
			el("section", { class: "card", id: "map" }, el("h2", {}, t("地图", "Map")), picture(place, answer, link) ?? note("", t("没有边界数据", "No outlines were loaded"))),
			answer.lines.length > 1 ? el("section", { class: "card all" }, el("h2", {}, t("下级区域", "Areas within")), districts(answer, link)) : null,
			el("section", { class: `card all c-${commodity}` }, el("h2", {}, named(own.area), " · ", t(...steps[step])),
				sum === null ? null : bars(answer, step, own.cells),
				table("cells", heads(answer.unit), own.cells.map(cell => row(answer, step, cell, link, (s, p) => address({ step: s, text: p }))),
					own.cells.map(cell => ({ class: cell.value === undefined ? "none" : null }))))));
}

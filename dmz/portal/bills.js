// What the pages about bills share: which bill, pictures, and figures as decimal texts.
import { api, commodities, el, money, named, say, t } from "/hub.js";

const space = "http://www.w3.org/2000/svg";
export function svg(name, attributes = {}, ...children) {
	const element = document.createElementNS(space, name);
	for (const [key, value] of Object.entries(attributes))
		element.setAttribute(key, value);
	element.append(...children.filter(Boolean));
	return element;
}

export const commodityName = part => commodities[part.commodity] ?? [part.commodity || "其他", part.commodity || "Other"];
const long = { electricity: "电费", water: "水费", gas: "燃气费", ev: "充电费", heat: "供热费", cold: "供冷费" };
export const partName = part => t(long[part.commodity] ?? commodityName(part)[0], commodityName(part)[1]);
export const utility = part => named({ name_zh: part.party_zh, name_en: part.party_en, code: part.party });
export const kind = part => `c-${["electricity", "water", "gas", "ev", "heat", "cold"].includes(part.commodity) ? part.commodity : "any"}`;

// A decimal text with at most `places` digits after the point, half up; whole numbers do the rounding.
export function rounded(text, places = 4) {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
	if (!match || !match[3] || match[3].length <= places)
		return text;
	let digits = BigInt(match[2] + match[3].slice(0, places));
	if (match[3][places] >= "5")
		digits += 1n;
	const padded = String(digits).padStart(places + 1, "0");
	const rest = padded.slice(-places).replace(/0+$/, "").padEnd(2, "0");
	return `${match[1]}${padded.slice(0, -places)}.${rest}`;
}
export const yuan = text => {
	const [whole, rest = ""] = rounded(String(text)).split(".");
	return `${whole.replace("-", "−").replace(/\B(?=(\d{3})+$)/g, ",")}.${rest.padEnd(2, "0")}`;
};

export const cycleName = cycle => say(`${cycle.slice(0, 4)} 年 ${Number(cycle.slice(5))} 月`,
	new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${cycle}-15T00:00:00Z`)));

// The last day on which it can be paid in time: `due` is the moment after it.
export const lastDay = due => new Date(new Date(due).getTime() - 1).toISOString();

export const flags = {
	estimated: ["估抄", "Estimated"], imported: ["企业原单", "The utility's own bill"], jump: ["用量突变", "Unusual use"],
	missing: ["缺读数", "Readings missing"], disputed: ["争议", "Disputed"],
};

// The account that is looked at (several: the one chosen last) and its bills, the newest revision of each cycle first.
export async function look(id) {
	const accounts = (await api("GET", "/v1/accounts")).accounts;
	if (!accounts.length)
		return { accounts, account: null, bills: [], head: null };
	const wanted = sessionStorage.getItem("account");
	let account = accounts.find(one => one.account === wanted) ?? accounts[0];
	let bills = await listed(account);
	if (id && !bills.all.some(one => one.id === id))
		for (const other of accounts.filter(one => one !== account)) {
			const theirs = await listed(other);
			if (theirs.all.some(one => one.id === id)) {
				account = other;
				bills = theirs;
				break;
			}
		}
	const head = id ? bills.all.find(one => one.id === id) : bills.newest[0];
	return { accounts, account, bills: bills.newest, head: head ?? null };
}

async function listed(account) {
	const all = (await api("GET", `/v1/bills?account=${encodeURIComponent(account.account)}&limit=100`)).bills;
	return { all, newest: all.filter((one, i) => !i || all[i - 1].cycle !== one.cycle) };
}

export const owed = account => account.owes.reduce((sum, one) => sum + one.amount, 0) - account.credit;

// Bars of [{label, value, title, kind?, faint?}]; value is a Number for drawing alone.
export function bars(list, name, attributes = {}) {
	const width = 320, height = 96, top = Math.max(...list.map(one => one.value), 0) || 1, step = width / list.length;
	const every = Math.ceil(list.length / 12);
	return svg("svg", { viewBox: `0 0 ${width} ${height + 16}`, class: "bars", role: "img", "aria-label": name, ...attributes },
		svg("line", { x1: 0, x2: width, y1: height, y2: height, class: "axis" }),
		...list.flatMap((one, i) => {
			const h = Math.max(one.value > 0 ? 1 : 0, (one.value / top) * (height - 6));
			const bar = svg("rect", { x: (i + 0.14) * step, y: height - h, width: step * 0.72, height: h, rx: Math.min(2, step / 4),
				class: `bar ${one.kind ?? ""} ${one.faint ? "faint" : ""}` });
			bar.append(svg("title", {}, one.title));
			const label = i % every ? null : svg("text", { x: (i + 0.5) * step, y: height + 12, "text-anchor": "middle" }, one.label);
			return [bar, label];
		}));
}

// The shares of a bill, beside one another.
export function shares(bill) {
	const parts = bill.parts.filter(part => part.amount > 0), total = parts.reduce((sum, part) => sum + part.amount, 0);
	if (parts.length < 2 || parts.length !== bill.parts.filter(part => part.amount).length)
		return null;
	let x = 0;
	return svg("svg", { viewBox: "0 0 320 10", class: "shares", role: "img", preserveAspectRatio: "none",
		"aria-label": parts.map(part => `${say(...commodityName(part))} ${money(part.amount, bill.currency)}`).join(", ") },
	...parts.map(part => {
		const w = (part.amount / total) * 320;
		x += w;
		return svg("rect", { x: x - w, y: 0, width: Math.max(0, w - 1), height: 10, class: `bar ${kind(part)}` });
	}));
}

// A day's amounts behind a part, as the core counts them.
export async function days(part) {
	if (!part.readings)
		return [];
	const answer = await api("GET", `${part.readings}&step=day&limit=400`);
	return answer.readings.map(one => ({ day: one.start, value: one.value, unit: one.unit, estimated: one.flags.includes("estimated"),
		present: one.present, expected: one.expected }));
}

export const dayLabel = (text, zone) => new Intl.DateTimeFormat("en-GB", { day: "numeric", timeZone: zone }).format(new Date(text));
export const badge = flag => el("span", { class: `badge flag-${flag}` }, t(...(flags[flag] ?? [flag, flag])));
export const back = (href, zh, en) => el("p", { class: "small" }, el("a", { href }, "← ", t(zh, en)));

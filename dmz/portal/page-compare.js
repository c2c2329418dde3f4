import { amount, api, el, money, note, Refusal, say, t } from "/hub.js";
import { commodityName, cycleName, kind, look, svg } from "/bills.js";

const dwellings = { flat: ["公寓", "flat"], detached: ["独栋", "detached house"], terrace: ["联排", "terraced house"], tower: ["高层", "tower flat"],
	villa: ["别墅", "villa"] };
const heatings = { central: ["集中供暖", "central heating"], gas: ["燃气采暖", "gas heating"], gas_boiler: ["燃气壁挂炉", "gas boiler"], electric: ["电采暖", "electric heating"],
	heat_pump: ["热泵", "heat pump"], none: ["无采暖", "no heating"] };
const divided = { days: ["天数", "days"], degree_days: ["度日", "degree-days"], area: ["面积", "area"], occupants: ["人数", "people"] };
const word = (names, code) => names[code] ?? [code, code];

// The three figures under each other; a Number is for drawing alone.
function bar(one) {
	const rows = [[say("本户", "Your home"), one.own, "own"], [say("邻里中位", "Neighbours, median"), one.median, "faint"],
		[say("最省的五分之一", "Best fifth, at most"), one.efficient, "best"]];
	const top = Math.max(...rows.map(row => Number(row[1])), 1e-9);
	return el("table", { class: "beside" }, el("tbody", {}, rows.map(([name, value, look]) => el("tr", {},
		el("th", { scope: "row" }, name),
		el("td", { class: "drawn" }, svg("svg", { viewBox: "0 0 100 14", preserveAspectRatio: "none", class: "shares", "aria-hidden": "true" },
			svg("rect", { x: 0, y: 0, height: 14, width: Math.max(1, 100 * Number(value) / top), class: `bar ${look}` }))),
		el("td", { class: "number" }, amount(value, one.unit))))));
}

function verdict(one) {
	if (one.best_fifth)
		return note("good", t("您属于最省的五分之一", "You are among the best fifth"));
	const less = one.rank - 1, more = one.peers - less;
	return note(less > more ? "warn" : "", t(`${one.peers} 户相似住宅中，${less} 户比您用得少，${more} 户不比您少`,
		`Of ${one.peers} homes like yours ${less} use less, ${more} do not`));
}

// A commodity beside the neighbours: also on the bill that it is frozen with.
export const card = one => el("section", { class: `card ${kind(one)}`, "data-commodity": one.commodity },
	el("h2", {}, el("span", { class: "dot", "aria-hidden": "true" }), t(...commodityName(one))),
	one.answer ? [bar(one), verdict(one), el("p", { class: "small soft" }, t(`相似住宅都在 ${one.within} 米以内；他户数字为约数`,
		`They all live within ${one.within} m; others' figures are round`))]
		: note("", t(one.text_zh, one.text_en)));

const names = { always_on: ["常开负荷", "Always on"], night_flow: ["夜间水流", "Water at night"], shift: ["错峰用电", "Move use"] };

function advice(one) {
	const figures = [one.month && t(`每月约 ${amount(one.month, one.unit)}`, `about ${amount(one.month, one.unit)} a month`),
		one.month_cost !== undefined && t(`约 ${money(one.month_cost)}`, `about ${money(one.month_cost)}`),
		one.days && t(`依据 ${one.days} 天`, `from ${one.days} days`)].filter(Boolean);
	return el("section", { class: "card", "data-advice": one.kind }, el("h2", {}, t(...names[one.kind]), " ",
		one.act ? el("span", { class: "badge" }, say("建议处理", "Worth doing")) : ""),
		el("p", {}, t(one.text_zh, one.text_en)), el("p", { class: "small soft number" }, figures.flatMap((f, i) => i ? [" · ", f] : [f])));
}

async function optional(path) {
	try {
		return await api("GET", path);
	} catch (refusal) {
		if (refusal instanceof Refusal && refusal.status === 404)
			return refusal;
		throw refusal;
	}
}

function choice(context, told) {
	const out = told.reason === "out", points = context.me.points.map(point => point.code);
	return el("section", { class: "card all" }, el("h2", {}, t("是否参加", "Taking part")),
		el("p", { class: "small soft" }, t("不参加时，您看不到对比，您的用量也不计入别人的对比。", "Whoever is out sees no comparison and is not counted in others'.")),
		el("button", { class: "plain", id: "choose", onclick: async () => {
			for (const point of points)
				await api("POST", "/v1/comparison-choice", { point, out: !out });
			window.dispatchEvent(new Event("hashchange"));
		} }, out ? t("重新参加", "Take part again") : t("不参加对比", "Take my home out")));
}

export default async function (frame, context) {
	const place = await look();
	frame.append(el("h1", {}, t("邻里对比与节能", "Neighbours and saving")));
	if (!place.account) {
		frame.append(note("", t("还没有缴费户", "There is no account yet")));
		return;
	}
	const account = encodeURIComponent(place.account.account);
	const [told, said] = await Promise.all([optional(`/v1/comparison?account=${account}`), api("GET", `/v1/advice?account=${account}`)]);
	if (told instanceof Refusal) {
		frame.append(note("", t("还没有对比结果，每月出账后更新", "There is no comparison yet; it comes with each month's bill")));
	} else {
		const home = told.home, by = told.divided_by.map(one => divided[one]);
		frame.append(el("p", { class: "lead", id: "about" }, cycleName(told.cycle), " · ", t(`按${by.map(one => one[0]).join("、")}折算`,
			`divided by ${by.map(one => one[1]).join(", ")}`), home ? [el("br"), t(`相似：${word(dwellings, home.dwelling)[0]} · ${word(heatings, home.heating)[0]} · ${home.area} m² ±15%`,
			`alike: ${word(dwellings, home.dwelling)[1]} · ${word(heatings, home.heating)[1]} · ${home.area} m² ±15 %`)] : ""));
		frame.append(told.reason ? note("", t(told.text_zh, told.text_en)) : el("div", { class: "grid two" }, told.comparisons.map(card)));
	}
	frame.append(el("h2", { class: "spaced" }, t("节能方案", "Saving advice")),
		said.advice.length ? el("div", { class: "grid two" }, said.advice.map(advice)) : note("", t("暂无建议", "Nothing to advise")),
		told instanceof Refusal ? "" : el("div", { class: "grid spaced" }, choice(context, told)));
}

import { api, el, money, note, Refusal, say, t } from "/hub.js";
import { back, commodityName, cycleName, kind, look, svg, utility } from "/bills.js";

const causes = {
	days: ["天数不同", "More or fewer days", "本期比上期多或少的天数", "days of this cycle against the last"],
	price: ["价格变化", "Price", "同样的用量按新旧价格之差", "the same use at the new price"],
	tier: ["阶梯档位", "Tier", "更多用量落入不同的档", "use that fell into another tier"],
	weather: ["天气", "Weather", "采暖与制冷度日的影响", "heating and cooling degree days"],
	charging: ["充电", "Charging", "电动汽车充电", "charging of vehicles"],
	estimate: ["估抄与补正", "Estimate", "估抄部分以及此前估抄的补正", "estimated parts, and what they were corrected by"],
	use: ["用量", "Use", "其余：多用或少用", "the rest: more or less use"],
};
const order = ["days", "price", "tier", "weather", "charging", "estimate", "use"];

const signed = (value, currency) => (value > 0 ? "+" : "") + money(value, currency);

function bar(value, most) {
	const w = (Math.abs(value) / most) * 96;
	return svg("svg", { viewBox: "0 0 200 12", class: "cause", "aria-hidden": "true" },
		svg("line", { x1: 100, x2: 100, y1: 0, y2: 12, class: "axis" }),
		svg("rect", { x: value < 0 ? 100 - w : 100, y: 2, width: w, height: 8, rx: 2, class: value > 0 ? "more" : "less" }));
}

function list(sums, currency, all) {
	const most = Math.max(...Object.values(sums).map(Math.abs), 1);
	return el("ul", { class: "list causes" }, order.filter(name => all || sums[name]).map(name => el("li", { "data-cause": name },
		el("span", { class: "grow" }, t(causes[name][0], causes[name][1]), el("br"),
			el("span", { class: "small soft" }, say(causes[name][2], causes[name][3]))),
		bar(sums[name], most), el("span", { class: "number sum", "data-cents": String(sums[name]) }, signed(sums[name], currency)))));
}

export default async function (frame, context, [id]) {
	const place = await look(id);
	if (!place.head) {
		frame.append(note("", t("还没有账单", "There is no bill yet")));
		return;
	}
	frame.append(back(`#/bills/${place.head.id}`, "返回账单", "Back to the bill"), el("h1", {}, t("为什么是这个数", "Why this much")));
	const first = () => note("", t("这是第一张账单，没有可比的前一期", "This is the first bill; there is none to compare it with"));
	if (place.bills.at(-1)?.id === place.head.id) {
		frame.append(first());
		return;
	}
	let why;
	try {
		why = await api("GET", `/v1/bills/${place.head.id}/why`);
	} catch (refusal) {
		if (!(refusal instanceof Refusal) || refusal.code !== "bill.first")
			throw refusal;
		frame.append(first());
		return;
	}
	const parts = (await api("GET", `/v1/bills/${place.head.id}`)).parts;
	const known = one => parts.find(part => part.point === one.point && part.party === one.party) ?? { ...one, commodity: "" };
	frame.append(
		el("section", { class: "card hero" },
			el("p", { class: "soft" }, t(`${cycleName(why.cycle)} 与 ${cycleName(why.with)} 相比`, "compared")),
			el("p", { class: "figure number", id: "change", "data-cents": String(why.change) }, signed(why.change, why.currency)),
			el("p", {}, t("下列各项之和正好等于这个变化", "What follows adds up to exactly this"))),
		el("div", { class: "grid two spaced" },
			el("section", { class: "card all", id: "causes" }, el("h2", {}, t("原因", "Causes")), list(why.causes, why.currency, true)),
			why.parts.map(one => el("section", { class: "card" },
				el("h2", {}, el("span", { class: `dot ${kind(known(one))}`, "aria-hidden": "true" }), t(...commodityName(known(one)))),
				el("p", { class: "small soft" }, `${utility(known(one))} · ${money(one.was, why.currency)} → ${money(one.is, why.currency)}`),
				one.change ? list(one.causes, why.currency, false) : el("p", {}, t("没有变化", "No change"))))));
}

import { amount, api, el, money, note, say, t, when } from "/hub.js";
import { back, bars, cycleName, dayLabel, days, kind, look, partName, utility, yuan } from "/bills.js";

const fact = (zh, en, ...value) => el("tr", {}, el("th", { scope: "row" }, t(zh, en)), el("td", { class: "number" }, ...value));

// From a line to the day, and from a day to its readings.
async function hours(part, day, zone, place) {
	const [path, query] = part.readings.split("?"), asked = new URLSearchParams(query);
	const next = new Date(new Date(day).getTime() + 86400000).toISOString().replace(".000Z", "Z");
	asked.set("from", day);
	asked.set("to", next);
	const answer = await api("GET", `${path}?${asked}&step=raw&limit=1000`);
	place.replaceChildren(el("h2", {}, t(`${when(day, "date", zone)} 的读数`, `Readings of ${when(day, "date", zone)}`)),
		el("table", { id: "readings" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("时间", "Time")),
			el("th", { scope: "col" }, t("表号", "Meter")), el("th", { scope: "col", class: "number" }, t("读数", "Reading")))),
		el("tbody", {}, answer.readings.map(one => el("tr", {}, el("td", {}, when(one.time, "time", zone)), el("td", {}, one.meter),
			el("td", { class: "number" }, amount(one.value, one.unit), one.flags.length ? ` (${one.flags.join(", ")})` : ""))))),
		answer.readings.length ? "" : note("", t("没有读数", "There are none")));
	place.scrollIntoView({ block: "nearest" });
}

export default async function (frame, context, [id, part_number, line_number]) {
	if (!line_number) {
		frame.append(back("#/bills", "返回账单", "Back to the bill"), note("", t("在账单里选一行，看它怎么算", "Choose a line of a bill to see how it is made")));
		return;
	}
	const place = await look(id), zone = place.account?.zone;
	const bill = await api("GET", `/v1/bills/${id}?lines=true`);
	const part = bill.parts.find(one => one.part === Number(part_number)), line = part?.rated?.lines[Number(line_number)];
	if (!line) {
		frame.append(back(`#/bills/${id}`, "返回账单", "Back to the bill"), note("bad", t("没有这一行", "There is no such line")));
		return;
	}
	const list = await days(part), detail = el("section", { class: "card all", "aria-live": "polite" },
		el("p", { class: "soft" }, t("点选某一天，查看当天的读数", "Choose a day to see its readings")));
	frame.append(back(`#/bills/${id}`, "返回账单", "Back to the bill"), el("h1", {}, line.text),
		el("p", { class: "lead" }, partName(part), ` · ${utility(part)} · ${cycleName(bill.cycle)}`),
		el("div", { class: "grid two" },
			el("section", { class: "card" }, el("h2", {}, t("这一行怎么算", "How this line is made")),
				el("p", { class: "formula number", id: "formula" }, `${line.formula} = ${yuan(line.amount)} ${part.rated.currency}`),
				el("table", {}, el("tbody", {},
					fact("数量", "Quantity", amount(line.quantity, line.unit)),
					fact("单价", "Price", `${line.price} ${part.rated.currency}/${line.unit}`),
					fact("金额", "Amount", `${line.amount} ${part.rated.currency}`),
					line.tier ? fact("阶梯", "Tier", String(line.tier)) : "",
					line.period ? fact("时段", "Period", line.period) : "",
					fact("期间", "From – to", `${when(line.start, "date", zone)} – ${when(new Date(new Date(line.end) - 1), "date", zone)}`),
					line.estimated ? fact("其中估抄", "Of it estimated", amount(line.estimated, line.unit)) : "",
					fact("价目", "Tariff", part.tariff ?? "–"),
					fact("读数个数", "Values behind it", String(line.readings ?? 0)),
					fact("该企业合计", "Total of this utility", money(part.amount, bill.currency))))),
			el("section", { class: "card" }, el("h2", {}, t("背后的读数", "The readings behind it")),
				bars(list.map(one => ({ label: dayLabel(one.day, zone), value: Number(one.value), kind: kind(part), faint: one.estimated,
					title: `${when(one.day, "date", zone)}: ${amount(one.value, one.unit)}` })), say("每日用量", "Use by day")),
				el("div", { class: "days", id: "days" }, list.map(one => el("button", { class: "day", type: "button",
					onclick: () => hours(part, one.day, zone, detail) }, el("span", {}, dayLabel(one.day, zone)),
				el("span", { class: "small number" }, one.value))))),
			detail));
}

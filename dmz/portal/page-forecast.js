import { api, el, field, form, money, note, say, t, when } from "/hub.js";
import { commodityName, look, kind } from "/bills.js";

export default async function (frame, context) {
	const place = await look();
	frame.append(el("h1", {}, t("本期预测", "This cycle to its end")));
	if (!place.account) {
		frame.append(note("", t("还没有缴费户", "There is no account yet")));
		return;
	}
	const zone = place.account.zone, asked = `/v1/forecast?account=${encodeURIComponent(place.account.account)}`;
	const told = await api("GET", asked), points = Object.fromEntries(context.me.points.map(one => [one.code, one]));
	const about = part => ({ commodity: points[part.point]?.commodity ?? "" });
	const shifted = el("div", { "aria-live": "polite" });
	frame.append(el("p", { class: "lead" }, t("按近期用量推算，仅供参考", "Reckoned from recent use, for orientation")),
		el("div", { class: "grid two" },
			el("section", { class: "card hero all" }, el("p", { class: "soft" }, t("预计本期", "Expected for this cycle")),
				el("p", { class: "figure number", id: "forecast" }, told.parts.some(part => part.forecast !== undefined) ? money(told.forecast, told.currency) : "–")),
			told.parts.map(part => el("section", { class: "card" },
				el("h2", {}, el("span", { class: `dot ${kind(about(part))}`, "aria-hidden": "true" }), t(...commodityName(about(part)))),
				part.forecast !== undefined ? el("p", { class: "number" }, t("预计", "expected"), " ", el("strong", {}, money(part.forecast, told.currency)),
					part.so_far !== undefined ? [" · ", t("至今", "so far"), ` ${money(part.so_far, told.currency)}`] : "") : note("", t(part.why_zh ?? "暂不能推算", part.why || "cannot be reckoned yet")),
				part.readings_until ? el("p", { class: "small soft" }, say("读数至 ", "readings until "), when(part.readings_until, "time", zone)) : "")),
			el("section", { class: "card all" }, el("h2", {}, t("如果移到低谷", "What if use moved")), form([
				field("从时段", "Out of the period", { name: "from", value: "peak", maxlength: 32 }),
				field("到时段", "Into the period", { name: "to", value: "valley", maxlength: 32 }),
				field("比例 %", "Part of it, %", { name: "part", value: "30", inputmode: "numeric", maxlength: 3 }),
			], t("测算", "Reckon"), async values => {
				const part = String(Math.min(100, Math.max(0, parseInt(values.part, 10) || 0)) / 100);
				const answer = await api("GET", `${asked}&shift_from=${encodeURIComponent(values.from)}&shift_to=${encodeURIComponent(values.to)}&shift_part=${part}`);
				const found = answer.parts.filter(one => one.what_if && one.what_if.saving !== undefined);
				shifted.replaceChildren(...(found.length ? found.map(one => note(one.what_if.saving > 0 ? "good" : "",
					t(`可省 ${money(one.what_if.saving, answer.currency)}，预计 ${money(one.what_if.forecast, answer.currency)}`,
						`saves ${money(one.what_if.saving, answer.currency)}, expected ${money(one.what_if.forecast, answer.currency)}`)))
					: [note("", t("没有可移动的用量", "No use that can move"))]));
			}, { id: "shift" }), shifted)));
}

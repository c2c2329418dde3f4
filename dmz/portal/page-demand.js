import { api, el, named, note, say, t, when } from "/hub.js";
import { table } from "/staff.js";

const states = {
	planned: ["已计划", "planned"], told: ["已通知", "told"], active: ["进行中", "active"], releasing: ["解除中", "releasing"], over: ["已结束", "over"],
	cancelled: ["已取消", "cancelled"],
};
const kw = watts => (watts / 1000).toFixed(1);

function svg(name, attributes, ...children) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes))
		element.setAttribute(key, value);
	element.append(...children);
	return element;
}

// Baseline and use a minute, from zero up; the distance between the two lines is what was delivered.
function chart(report) {
	const width = 640, height = 240, left = 46, bottom = 24, curve = report.curve;
	const top = Math.max(1, ...curve.map(one => Math.max(one.baseline, one.used, one.baseline - report.target))) * 1.08;
	const x = index => left + (width - left - 8) * (curve.length > 1 ? index / (curve.length - 1) : 0.5);
	const y = watts => height - bottom - (height - bottom - 8) * Math.max(0, watts) / top;
	const line = (name, value) => svg("polyline", { class: `line ${name}`, points: curve.map((one, index) => `${x(index)},${y(value(one))}`).join(" ") });
	const marks = [0, 0.25, 0.5, 0.75, 1].map(part => top / 1.08 * part).flatMap(watts => [
		svg("line", { class: "rule", x1: left, x2: width - 8, y1: y(watts), y2: y(watts) }),
		svg("text", { class: "mark", x: left - 6, y: y(watts) + 4, "text-anchor": "end" }, kw(watts))]);
	return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "curve", "aria-label": say("基线、实际与目标，千瓦", "Baseline, use and target, kW") },
		...marks, line("baseline", one => one.baseline), line("goal", one => one.baseline - report.target), line("used", one => one.used),
		svg("text", { class: "mark", x: left, y: height - 6 }, when(curve[0].time)));
}

const figure = (zh, en, text, id) => el("section", { class: "card" }, el("p", { class: "soft" }, t(zh, en)), el("p", { class: "figure number", id }, text));

const causes = {
	not_delivered: ["未响应（电表）", "not delivered, by the meter"], not_measured: ["无电表数据", "no reading"], refused: ["设备拒绝", "refused"],
	expired: ["指令超时", "expired"], opted_out: ["退出", "opted out"],
};

function orders(report) {
	return table("orders", [["资源", "Resource"], ["轮次", "Round", "number"], ["指令 kW", "Ordered, kW", "number"], ["交付 kW", "Delivered, kW", "number"],
		["说明", "Remark"]], report.orders.map(one => [one.point, String(one.round), kw(one.ordered),
		one.delivered === undefined ? el("span", { class: "small soft" }, t("电表未报数", "meter silent")) : kw(one.delivered),
		one.cause ? el("span", {}, t(...(causes[one.cause] ?? [one.cause, one.cause]))) : ""]));
}

async function one(frame, number) {
	const report = await api("GET", `/v1/demand-events/${encodeURIComponent(number)}`);
	// A minute in which some meters have not spoken yet would look like a fall.
	report.curve = report.curve.filter(minute => minute.metered === report.orders.length);
	const last = report.curve.at(-1);
	frame.append(el("h1", {}, t("需求响应", "Demand response"), ` ${report.event}`),
		el("p", { class: "lead" }, named(report), " · ", t(...states[report.state]), " · ", `${when(report.starts)} – ${when(report.ends)}`),
		el("div", { class: "grid two" },
			figure("目标 kW", "Target, kW", kw(report.target), "target"),
			figure("最近一分钟交付 kW", "Delivered in the last minute, kW", last ? kw(last.delivered) : "–", "delivered"),
			figure("派发轮次", "Dispatches", String(report.round), "round"),
			figure("基线误差（无事件日）", "Baseline's error on days without event", report.baseline_error?.replace(/(\.\d\d)\d+/, "$1") ?? "–", "error"),
			el("section", { class: "card all" }, el("h2", {}, t("基线、实际与目标", "Baseline, use and target")),
				last ? chart(report) : note("", t("尚无数据", "Nothing measured yet")),
				el("ul", { class: "legend small" }, [["baseline", "基线", "baseline"], ["used", "实际", "use"], ["goal", "目标", "target"]].map(([name, ...words]) =>
					el("li", {}, el("span", { class: `key ${name}` }), el("span", {}, t(...words))))),
				el("p", { class: "small soft" }, t("交付量只按电表计算；基线取最近十日中最高五日，按当日修正",
					"Delivered by metering only; the baseline is the highest five of the last ten days, adjusted by today"))),
			el("section", { class: "card all" }, el("h2", {}, t("指令", "Orders")), orders(report))));
}

export default async function (frame, context, [number]) {
	if (number)
		return one(frame, number);
	const { events } = await api("GET", "/v1/demand-events");
	frame.append(el("h1", {}, t("需求响应", "Demand response")),
		events.length ? el("div", { class: "grid two" }, events.map(event => el("a", { class: "card", href: `#/demand/${event.event}` },
			el("h2", {}, named(event), ` ${event.event}`), el("p", {}, t(...states[event.state]), ` · ${kw(event.target)} kW`),
			el("p", { class: "small soft" }, `${when(event.starts)} – ${when(event.ends)}`)))) : note("", t("还没有事件", "No events yet")));
}

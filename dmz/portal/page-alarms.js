import { api, el, note, say, t, toast, when } from "/hub.js";

const kinds = {
	value_over: ["超过上限", "Above its limit"], value_under: ["低于下限", "Below its limit"], source_silent: ["来源静默", "Source is silent"],
	delivery_dead: ["投递失败", "Delivery is dead"], charger_fault: ["充电桩故障", "Charger fault"],
	meter_silent: ["电表静默", "Meter is silent"],
};
const severities = { minor: ["次要", "minor"], major: ["重要", "major"], critical: ["严重", "critical"] };
const states = { raised: ["未恢复", "open"], clearing: ["恢复中", "clearing"], cleared: ["已恢复", "cleared"] };
const standings = { safe: ["安全值", "safe value"], user: ["用户值", "user's value"] };
const cuts = { wanted: ["准备断电", "about to be cut off"], ordered: ["已下令断电", "cut-off ordered"], refused: ["不许断电", "cut-off refused"] };

function card(alarm, again) {
	const open = alarm.state !== "cleared";
	return el("section", { class: "card alarm", "data-id": alarm.id },
		el("h2", {}, t(...kinds[alarm.kind])),
		el("p", { class: open ? "note bad" : "note" }, t(...[0, 1].map(language => [states[alarm.state], severities[alarm.severity],
			standings[alarm.standing]].filter(Boolean).map(name => name[language]).join(" · ")))),
		el("p", {}, el("strong", {}, [alarm.point, alarm.channel, alarm.subject].filter(Boolean).join(" · ")),
			alarm.value ? el("span", { class: "number" }, ` ${alarm.value} ${alarm.unit} `, el("span", { class: "soft" },
				say("限值 ", "limit "), `${alarm.limit} ${alarm.unit}`)) : ""),
		el("p", { class: "small soft" }, when(alarm.raised), alarm.cleared ? ` – ${when(alarm.cleared)}` : ""),
		alarm.cut_off ? el("p", {}, t(...cuts[alarm.cut_off]), alarm.command ? ` ${alarm.command}` : "", alarm.cause ? ` (${alarm.cause})` : "") : "",
		alarm.acknowledged ? el("p", { class: "small soft" }, t(`${alarm.acknowledged_by} 已确认`, `acknowledged by ${alarm.acknowledged_by}`), alarm.note ? ` · ${alarm.note}` : "")
			: el("button", { class: "main", onclick: async event => {
				event.target.disabled = true;
				await api("POST", `/v1/alarms/${alarm.id}/acknowledge`, {});
				toast("已确认", "Acknowledged");
				await again();
			} }, t("确认", "Acknowledge")));
}

export default async function (frame, context, [only = "open"]) {
	const list = el("div", { class: "grid two", id: "alarms", "aria-live": "polite" });
	const draw = async () => {
		const { alarms } = await api("GET", `/v1/alarms?limit=100${only === "all" ? "" : "&state=open"}`);
		list.replaceChildren(...(alarms.length ? alarms.map(one => card(one, draw)) : [note("good", t("没有报警", "Nothing is wrong"))]));
	};
	frame.append(el("h1", {}, t("报警", "Alarms")),
		el("p", {}, only === "all" ? el("a", { href: "#/alarms" }, t("只看未恢复", "Open ones only")) : el("a", { href: "#/alarms/all" }, t("全部", "All of them"))),
		list);
	await draw();
}

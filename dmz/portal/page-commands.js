import { api, el, field, form, note, say, t, toast, when } from "/hub.js";

const states = {
	requested: ["等待第二人", "waits for a second person"], approved: ["已批准", "approved"], queued: ["待发", "queued"], sent: ["已发出", "sent"],
	confirmed: ["设备已确认", "confirmed by the device"], refused: ["未执行", "refused"], expired: ["已超时", "expired"],
};
// Those that are ordered by hand here; everything else by the API and hubctl.
const kinds = {
	read: [["召测", "Read now"], []],
	switch: [["拉合闸", "Switch"], [["state", "状态 off|on|allow", "State: off, on, allow"]]],
	keep_power: [["保电", "Keep power"], [["state", "状态 on|off", "State: on, off"]]],
	set_point: [["设定值", "Set-point"], [["value", "值", "Value"]]],
	charger_limit: [["限充电功率", "Limit charging"], [["limit", "功率", "Power"], ["unit", "单位 W|kW|A", "Unit: W, kW, A"], ["duration", "秒", "Seconds"]]],
	charger_start: [["启动充电", "Start charging"], [["tag", "标签", "Tag"]]],
	charger_stop: [["停止充电", "Stop charging"], [["transaction", "交易号", "Transaction"]]],
	charger_unlock: [["解锁枪头", "Unlock the connector"], []],
	charger_reset: [["重启", "Reset"], [["type", "方式 Soft|Hard", "Type: Soft, Hard"]]],
	charger_availability: [["启用停用", "In or out of service"], [["type", "Operative|Inoperative", "Operative, Inoperative"]]],
};
const kindName = name => kinds[name]?.[0] ?? [name, name];
const open = one => ["requested", "approved", "queued"].includes(one.state);

const decide = (one, what, zh, en, again, name) => el("button", { class: name, onclick: async event => {
	event.target.disabled = true;
	try {
		await api("POST", `/v1/commands/${one.id}/${what}`, {});
		toast("已办", "Done");
	} catch (refusal) {
		toast(refusal.message, refusal.message);
	}
	await again();
} }, t(zh, en));

function card(one, again, me) {
	const words = Object.entries(one.arguments).map(([key, value]) => `${key} = ${value}`).join(", ");
	return el("section", { class: "card command", "data-id": one.id, "data-state": one.state },
		el("h2", {}, t(...kindName(one.kind)), ` ${one.id}`), el("p", { class: ["refused", "expired"].includes(one.state) ? "note bad" : "note" }, t(...states[one.state]), one.cause ? ` · ${one.cause}` : ""),
		el("p", {}, el("strong", {}, [one.point, one.channel].filter(Boolean).join(" · ")), words ? ` · ${words}` : ""),
		el("p", { class: "small soft" }, `${one.requested_by} · ${when(one.requested)}`, one.decided_by ? ` · ${say("批准", "approved by")} ${one.decided_by}` : "", ` · ${one.reason}`),
		one.state === "requested" && one.requested_by !== me ? decide(one, "approve", "批准", "Approve", again, "main") : "",
		open(one) ? decide(one, "cancel", "撤回", "Take back", again, "plain") : "",
		el("a", { href: `#/commands/${one.id}` }, t("经过", "Steps")));
}

async function steps(frame, number) {
	const one = await api("GET", `/v1/commands/${encodeURIComponent(number)}`);
	frame.append(el("h1", {}, t(...kindName(one.kind)), ` ${one.id}`), el("p", { class: "lead" }, one.point, " · ", t(...states[one.state])),
		el("ol", { id: "steps" }, (one.steps ?? []).map(step => el("li", {}, when(step.at), " ", step.state ? t(...(states[step.state] ?? [step.state, step.state])) : "",
			` ${step.by}`, step.note ? ` · ${step.note}` : ""))), el("p", {}, el("a", { href: "#/commands" }, t("全部命令", "All commands"))));
}

function order(frame, point, kind, channel) {
	const place = el("div", {}), choose = el("select", { name: "kind", onchange: event => fields(event.target.value) },
		Object.entries(kinds).map(([name, [title]]) => el("option", { value: name }, say(...title))));
	const fields = name => place.replaceChildren(...kinds[name][1].map(([key, zh, en]) => field(zh, en, { name: `argument-${key}` })));
	choose.value = kinds[kind] ? kind : "read";
	fields(choose.value);
	frame.append(el("h1", {}, t("下达命令", "Order")), form([
		field("计量点", "Metering point", { name: "point", required: true, value: point ?? "" }),
		field("回路或枪头", "Circuit or connector", { name: "channel", value: channel ?? "" }),
		el("label", {}, t("命令", "Command"), choose), place,
		field("原因", "Reason", { name: "reason", required: true, value: "operation" }),
	], t("下达", "Send"), async values => {
		const words = Object.fromEntries(Object.entries(values).filter(([key, value]) => key.startsWith("argument-") && value).map(([key, value]) => [key.slice(9), value]));
		const { commands: [made] } = await api("POST", "/v1/commands", { point: values.point, channel: values.channel, kind: values.kind, arguments: words, reason: values.reason });
		toast("已受理", "Taken");
		location.hash = `#/commands/${made.id}`;
	}, { id: "order" }));
}

export default async function (frame, context, [first, ...rest]) {
	if (first === "new")
		return order(frame, ...rest);
	if (/^[0-9]+$/.test(first ?? ""))
		return steps(frame, first);
	const list = el("div", { class: "grid two", id: "commands", "aria-live": "polite" });
	const draw = async () => {
		const { commands } = await api("GET", `/v1/commands?limit=100${first ? `&state=${encodeURIComponent(first)}` : ""}`);
		list.replaceChildren(...(commands.length ? commands.map(one => card(one, draw, context.me?.login)) : [note("", t("没有命令", "No commands"))]));
	};
	frame.append(el("h1", {}, t("命令", "Commands")), el("p", { class: "row" }, el("a", { href: "#/commands/new", class: "button" }, t("下达命令", "Order")), " ",
		first ? el("a", { href: "#/commands" }, t("全部", "All")) : el("a", { href: "#/commands/requested" }, t("等待批准", "Waiting for a second person"))), list);
	await draw();
}

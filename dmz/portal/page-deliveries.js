import { api, el, guarded, note, t, toast } from "/hub.js";
import { at, card, count, head, table, whose } from "/staff.js";

const states = { pending: ["等待应答", "pending"], active: ["正常", "active"], paused: ["已暂停", "paused"] };
const doors = { pull: ["取走", "pulled"], webhook: ["推送", "webhook"], mqtt: ["MQTT", "MQTT"], drop: ["文件", "files"] };

const pause = ms => new Promise(done => setTimeout(done, ms));

// A sample through the real door; what the recipient answered is shown as soon as it is known.
async function test(subscription, place, again) {
	let sent = await api("POST", `/v1/subscriptions/${subscription}/test`, {});
	for (let tries = 0; tries < 40 && !["acknowledged", "failed"].includes(sent.state); tries++) {
		await pause(250);
		sent = await api("GET", `/v1/deliveries/${sent.id}`);
	}
	const good = sent.state === "acknowledged";
	place.replaceChildren(note(good ? "good" : "bad", t(good ? "对方已确认" : "没有确认", good ? "Acknowledged" : "Not acknowledged"),
		` · ${sent.status || ""} ${sent.code} ${sent.message}`.trimEnd()));
	await again();
}

async function subscriptionCard(one, again) {
	const told = el("div", { class: "spaced", "aria-live": "polite" });
	let state = null;
	if (one.door && one.door !== "pull")
		state = await api("GET", `/v1/subscriptions/${one.id}/state`).catch(() => null);
	return el("section", { class: "card subscription", "data-id": one.id }, el("h2", {}, t("订阅", "Subscription"), ` ${one.id}`, one.name ? ` · ${one.name}` : ""),
		el("p", { class: "small soft" }, t(...(doors[one.door] ?? doors.pull)), state ? ` · ${state.target}` : "",
			[...one.types, ...one.commodities, ...one.quantities, ...one.points, ...one.premises].length ? " · " + [...one.types, ...one.commodities, ...one.quantities, ...one.points, ...one.premises].join(", ") : ""),
		state ? el("p", { class: `note ${state.state === "active" ? "" : "warn"}` }, t(...states[state.state]), state.reason ? ` · ${state.reason}` : "",
			el("br"), t(`已发 ${count(state.sent)} / 最新 ${count(state.last)}，已确认 ${count(state.acknowledged)}，死信 ${count(state.dead)}`,
				`sent ${count(state.sent)} of ${count(state.last)}, acknowledged ${count(state.acknowledged)}, dead ${count(state.dead)}`),
			state.last_code ? [el("br"), `${state.last_status || ""} ${state.last_code} ${state.last_message}`] : "") : el("p", { class: "small soft" }, t("由对方自己取走", "the party takes it by itself")),
		state ? el("div", { class: "row" },
			el("button", { class: "main", type: "button", onclick: guarded(() => test(one.id, told, again), told) }, t("发送测试", "Send a test")),
			state.state === "paused" ? el("button", { class: "plain", type: "button", onclick: guarded(async () => {
				await api("POST", `/v1/subscriptions/${one.id}/resume`);
				toast("已恢复", "Resumed");
				window.dispatchEvent(new HashChangeEvent("hashchange"));
				return true;
			}, told) }, t("恢复", "Resume")) : state.state === "active" ? el("button", { class: "plain", type: "button", onclick: guarded(async () => {
				await api("POST", `/v1/subscriptions/${one.id}/pause`, {});
				toast("已暂停", "Paused");
				window.dispatchEvent(new HashChangeEvent("hashchange"));
				return true;
			}, told) }, t("暂停", "Pause")) : null) : null, told);
}

export default async function (frame, context, [code]) {
	const who = whose(context, "deliveries", code), sent = el("div", { class: "card all" }), dead = el("div", { class: "card all" });
	const { subscriptions } = await api("GET", `/v1/subscriptions?${who.query}`);
	const again = async () => {
		const [{ deliveries }, { dead_letters }] = await Promise.all([api("GET", `/v1/deliveries?limit=30&${who.query}`), api("GET", `/v1/dead-letters?${who.query}`)]);
		sent.replaceChildren(el("h2", {}, t("发出的批次", "What went out")), table("sent", [["编号", "Delivery"], ["订阅", "Subscription"], ["类型", "Kind"], ["位置", "Positions"], ["状态", "State"], ["对方的回答", "What was answered"], ["时间", "When"]],
			deliveries.map(one => [String(one.id), String(one.subscription), one.kind, one.first ? `${one.first}–${one.last}` : null, one.state, `${one.status || ""} ${one.code} ${one.message}`.trim() || null, at(one.made)])));
		dead.replaceChildren(el("h2", {}, t("死信", "Dead letters")), table("dead", [["订阅", "Subscription"], ["位置", "Position", "number"], ["回执", "Receipt"], ["原因", "Why"], ["时间", "When"]],
			dead_letters.slice(0, 100).map(one => [String(one.subscription), String(one.position), String(one.receipt), `${one.status || ""} ${one.code} ${one.message}`.trim(), at(one.died)])));
	};
	await again();
	frame.append(head("投递", "Deliveries"), ...(who.picker ? [who.picker] : []),
		el("p", { class: "lead" }, t("订阅、发出的批次与死信；死信在重放后重新发送", "Subscriptions, what went out, and dead letters, which a replay sends again")),
		el("div", { class: "grid two" }, subscriptions.length ? await Promise.all(subscriptions.map(one => subscriptionCard(one, again)))
			: el("section", { class: "card all" }, note("", t("没有订阅", "No subscriptions"))), sent, dead));
}

// Notices that a party sends or got, and what it asked of another or was asked: with the step that is its own next, and the trail.
import { api, commodities, el, field, form, guarded, note, say, t, toast, when } from "/hub.js";
import { head } from "/staff.js";

const severities = { info: ["通知", "Notice"], warning: ["注意", "Take note"], urgent: ["紧急", "Urgent"] };
const sorts = { notice: ["公告", "Notice"], security_notice: ["小区安防公告", "An estate's security notice"] };
const loud = { info: "", warning: "warn", urgent: "bad" };
const states = { asked: ["待答复", "asked"], granted: ["已同意", "granted"], refused: ["已拒绝", "refused"], fulfilled: ["已完成", "fulfilled"],
	withdrawn: ["已撤回", "withdrawn"], expired: ["已过期", "expired"] };
const kinds = { data_request: ["数据请求", "Data request"], view_command: ["查看命令", "View command"] };
// Whose next step leads where: of who asked, of who was asked.
const steps = { asked: { from: ["withdrawn"], to: ["granted", "refused"] }, granted: { from: ["withdrawn"], to: ["fulfilled", "refused"] } };
const verbs = { granted: ["同意", "Grant"], refused: ["拒绝", "Refuse"], fulfilled: ["完成", "Fulfil"], withdrawn: ["撤回", "Take back"] };

const again = () => {
	window.dispatchEvent(new HashChangeEvent("hashchange"));
	return true;
};
const kinds_of = [["", ["全部", "All"]], ...["electricity", "water", "gas", "heat", "cold", "ev"].map(name => [name, commodities[name]])];
const choose = (zh, en, name, options) => el("label", {}, t(zh, en), el("select", { name }, options.map(([value, words]) => el("option", { value }, say(...words)))));
const split = text => text.split(/[\s,，、]+/).filter(Boolean);
// What a person writes is the city's own time.
const moment = text => (text ? `${text}:00+08:00` : undefined);
const local = ms => new Date(Date.now() + ms + 8 * 3600e3).toISOString().slice(0, 16);
const filled = values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== undefined));

function notice(one, own) {
	const told = el("div", { "aria-live": "polite" }), over = new Date(one.valid_to) < new Date();
	return el("section", { class: "card", "data-notice": one.id },
		el("p", { class: "small soft" }, el("span", { class: "badge" }, say(...severities[one.severity])), " ",
			one.kind === "security_notice" ? [el("span", { class: "badge", "data-kind": one.kind }, say(...sorts[one.kind])), " "] : "", own ? "" : `${one.from} · `,
			one.commodity ? say(...(commodities[one.commodity] ?? [one.commodity, one.commodity])) : say("各类", "all kinds"),
			one.places?.length ? ` · ${one.places.join(", ")}` : ""),
		el("h2", {}, one.title_en ? t(one.title_zh, one.title_en) : one.title_zh),
		el("div", { class: `note ${one.withdrawn || over ? "" : loud[one.severity]}` }, one.text_en ? t(one.text_zh, one.text_en) : one.text_zh),
		el("p", { class: "small soft" }, `${when(one.valid_from)} – ${when(one.valid_to)}`,
			own ? [" · ", t(`已送达 ${one.told} 方`, `told to ${one.told}`)] : "", one.withdrawn ? [" · ", t("已撤回", "withdrawn")] : over ? [" · ", t("已过期", "over")] : ""),
		own && !one.withdrawn && !over ? el("button", { class: "plain", type: "button", onclick: guarded(async () => {
			await api("POST", `/v1/notices/${one.id}/withdraw`);
			toast("已撤回", "Withdrawn");
			return again();
		}, told) }, t("撤回", "Take back")) : null, told);
}

// An estate sends no other kind.
function sendForm(me) {
	const kinds_sent = me.roles?.includes("estate") ? ["security_notice"] : ["notice", "security_notice"];
	return form([
		choose("种类", "Kind", "kind", kinds_sent.map(kind => [kind, sorts[kind]])),
		field("标题（中文）", "Title in Chinese", { name: "title_zh", required: true, maxlength: 200 }),
		field("标题（英文）", "Title in English", { name: "title_en", maxlength: 200 }),
		el("label", {}, t("内容（中文）", "Text in Chinese"), el("textarea", { name: "text_zh", maxlength: 2000, required: true })),
		el("label", {}, t("内容（英文）", "Text in English"), el("textarea", { name: "text_en", maxlength: 2000 })),
		field("地点代码（含其下所有）", "Places by code, and all below them", { name: "premises", required: true, list: "places" }),
		choose("发给谁", "To whom it supplies", "commodity", kinds_of), choose("程度", "How loud", "severity", Object.entries(severities)),
		field("用途（记入轨迹）", "What for; kept in the trail", { name: "purpose", maxlength: 1000 }),
		field("有效期至", "Holds until", { name: "valid_to", type: "datetime-local", required: true, value: local(48 * 3600e3) }),
	], t("发出公告", "Send"), async values => {
		const made = await api("POST", "/v1/notices", filled({ ...values, premises: split(values.premises), valid_to: moment(values.valid_to) }));
		toast(`已送达 ${made.told} 方`, `Told to ${made.told}`);
		again();
	}, { id: "send" });
}

function request(one, me) {
	const told = el("div", { "aria-live": "polite" }), side = one.from === me ? "from" : one.to === me ? "to" : "", next = steps[one.state]?.[side] ?? [];
	const words = el("input", { name: "note", maxlength: 1000, "aria-label": say("附言", "Note") });
	const reference = el("input", { name: "reference", maxlength: 200, "aria-label": say("凭证：回执、授权或文件", "Reference: a receipt, a consent, a file") });
	const act = state => el("button", { class: ["refused", "withdrawn"].includes(state) ? "plain" : "main", type: "button", "data-step": state,
		onclick: guarded(async () => {
			await api("POST", `/v1/data-requests/${one.id}/steps`, filled({ state, note: words.value.trim(), reference: state === "fulfilled" ? reference.value.trim() : "" }));
			toast("已办", "Done");
			return again();
		}, told) }, t(...verbs[state]));
	return el("section", { class: "card request", "data-request": one.id, "data-state": one.state },
		el("h2", {}, t(...kinds[one.kind]), ` ${one.id} `, el("span", { class: "badge" }, say(...states[one.state]))),
		el("p", {}, `${one.from} → ${one.to}`, one.commodity ? ` · ${say(...(commodities[one.commodity] ?? [one.commodity, one.commodity]))}` : ""),
		el("p", {}, el("strong", {}, one.what)), el("p", { class: "small" }, t(`用途：${one.purpose}`, `for: ${one.purpose}`)),
		el("p", { class: "small soft" }, one.data_from ? `${when(one.data_from, "date")} – ${one.data_to ? when(one.data_to, "date") : ""} · ` : "",
			t(`${when(one.expires, "time", "Asia/Shanghai", "zh")} 前有效`, `until ${when(one.expires, "time", "Asia/Shanghai", "en")}`), one.reference ? ` · ${one.reference}` : ""),
		el("ol", { class: "small trail" }, one.trail.map(step => el("li", {}, `${when(step.at)} · ${step.party}${step.by ? ` (${step.by})` : ""} · `,
			say(...(states[step.state] ?? [step.state, step.state])), step.note ? ` · ${step.note}` : ""))),
		next.length ? [el("label", {}, t("附言", "Note"), words), next.includes("fulfilled") ? el("label", {}, t("凭证：回执、授权或文件", "Reference: a receipt, a consent, a file"), reference) : "",
			el("div", { class: "row" }, next.map(act))] : null, told);
}

function askForm() {
	return form([
		choose("种类", "Kind", "kind", Object.entries(kinds)),
		field("向哪一方（代码）", "Of whom, by code", { name: "of", required: true, list: "parties", autocomplete: "off" }),
		choose("能源", "Commodity", "commodity", kinds_of),
		el("label", {}, t("要什么", "What is asked for"), el("textarea", { name: "what", maxlength: 1000, required: true })),
		field("用途", "What for", { name: "purpose", required: true, maxlength: 1000 }),
		field("地点代码", "Places by code", { name: "premises", list: "places" }),
		field("有效期至", "Until", { name: "expires", type: "datetime-local", value: local(30 * 86400e3) }),
	], t("提出", "Ask"), async values => {
		const places = split(values.premises);
		await api("POST", "/v1/data-requests", filled({ ...values, premises: places.length ? places : undefined, expires: moment(values.expires) }));
		toast("已送达对方", "The other side has it");
		again();
	}, { id: "ask" });
}

const folded = (id, zh, en, inside) => el("details", { class: "card all part", id }, el("summary", {}, el("strong", { class: "grow" }, t(zh, en))), inside);

// Codes to choose from, as far as this person may list them; others are written.
const codes = (path, list) => api("GET", path).then(list, () => []);

export default async function (frame, context) {
	const me = context.me.party.code;
	const [got, sent, asked, places, parties] = await Promise.all([api("GET", "/v1/notices"), api("GET", "/v1/notices?sent=true"), api("GET", "/v1/data-requests"),
		codes("/v1/areas.geojson", answer => answer.features.map(one => one.properties.code)),
		codes("/v1/parties?limit=200", answer => answer.parties.filter(one => one.kind !== "household" && one.code !== me).map(one => one.code))]);
	const list = (id, words, items) => items.length ? el("div", { class: "grid two", id }, items) : note("", t(...words));
	frame.append(head("公告与数据请求", "Notices and requests"),
		el("datalist", { id: "places" }, places.map(code => el("option", { value: code }))),
		el("datalist", { id: "parties" }, parties.map(code => el("option", { value: code }))),
		el("div", { class: "grid" }, folded("to-send", "发公告", "Send a notice", sendForm(context.me)), folded("to-ask", "向另一方请求数据或查看", "Ask another party for data, or to be shown something", askForm())),
		el("h2", { class: "spaced" }, t("请求", "Requests")), list("requests", ["没有请求", "No requests"], asked.requests.map(one => request(one, me))),
		el("h2", { class: "spaced" }, t("本方发出的公告", "Notices we sent")), list("sent", ["没有发出公告", "None was sent"], sent.notices.map(one => notice(one, true))),
		el("h2", { class: "spaced" }, t("收到的公告", "Notices we got")), list("got", ["没有公告", "None"], got.notices.map(one => notice(one, false))));
}

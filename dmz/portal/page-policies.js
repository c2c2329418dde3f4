import { api, el, field, form, note, say, t } from "/hub.js";
import { card, head, table } from "/staff.js";

const actions = { read: ["读取", "read"], know: ["知道是谁", "know who lives there"], submit: ["提交", "submit"], command: ["控制", "command"],
	disconnect: ["断开", "disconnect"], consent: ["授权", "consent"], watch: ["看护", "watch"], charge: ["充电", "charge"] };

export default async function (frame, context) {
	const found = await api("GET", "/v1/policies"), told = el("div", { "aria-live": "polite", id: "decision" });
	frame.append(head("策略", "Policies"), el("p", { class: "lead" }, t("版本", "version"), " ", el("code", { class: "small" }, found.version.slice(0, 16))),
		el("div", { class: "grid two" },
			card("为什么", "Why", el("p", { class: "soft" }, t("本方能否对某个计量点这样做，由哪条策略决定", "Whether your party may do this with a point, and which policy says so")),
				form([el("label", {}, t("动作", "Action"), el("select", { name: "action" }, Object.entries(actions).map(([name, text]) => el("option", { value: name }, say(...text))))),
					field("计量点", "Point", { name: "point", required: true, maxlength: 64 })], t("询问", "Ask"), async values => {
					const answer = await api("POST", "/v1/policies/why", { action: values.action, point: values.point.trim() });
					told.replaceChildren(note(answer.decision === "allow" ? "good" : "bad", t(...(answer.decision === "allow" ? ["允许", "Allowed"] : ["拒绝", "Denied"]))),
						answer.reason.length ? el("ul", { class: "list" }, answer.reason.map(one => el("li", {}, el("code", {}, one))))
							: el("p", { class: "soft" }, t("没有策略允许它；未经允许的都被拒绝", "No policy permits it; what none permits is denied")));
				}, { id: "why" }), told),
			card("生效的策略", "In force", table("policies", [["策略", "Policy"], ["文件", "File"], ["行", "Line", "number"]],
				found.policies.map(one => [el("code", {}, one.id), one.file, String(one.line)])))));
}

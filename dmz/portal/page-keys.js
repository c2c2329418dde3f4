import { api, el, t } from "/hub.js";
import { at, card, head, table, whose } from "/staff.js";

const states = { valid: ["有效", "valid", "good-text"], future: ["未生效", "not yet", "warn-text"], expired: ["已过期", "expired", "bad-text"], revoked: ["已吊销", "revoked", "bad-text"] };
const month = 30 * 86400e3;

function state(one) {
	const soon = one.state === "valid" && one.valid_to && new Date(one.valid_to) - Date.now() < month;
	return el("span", { class: soon ? "warn-text" : states[one.state][2] }, t(...(soon ? ["即将到期", "ends soon"] : states[one.state].slice(0, 2))));
}

export default async function (frame, context, [code]) {
	const who = whose(context, "keys", code), found = await api("GET", `/v1/credentials?${who.query}`);
	frame.append(head("证书与令牌", "Certificates and tokens"), ...(who.picker ? [who.picker] : []),
		el("p", { class: "lead" }, t("令牌本身只在签发时显示一次", "A token itself is shown once, when it is made")),
		el("div", { class: "grid" },
			card("证书", "Certificates", table("certificates", [["状态", "State"], ["用途", "For"], ["名称", "Name"], ["自", "From"], ["至", "To"], ["序列号", "Serial"]],
				found.certificates.map(one => [state(one), one.kind, one.name, at(one.valid_from), at(one.valid_to), el("code", { class: "small" }, one.serial)]))),
			card("令牌", "Tokens", table("tokens", [["状态", "State"], ["标签", "Label"], ["自", "From"], ["至", "To"], ["编号", "Number", "number"]],
				found.tokens.map(one => [state(one), one.label || null, at(one.valid_from), at(one.valid_to), String(one.id)])))));
}

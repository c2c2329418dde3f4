import { api, el, note, say, t, when } from "/hub.js";

export const chargerStates = {
	available: ["空闲", "available"], preparing: ["准备", "preparing"], charging: ["充电中", "charging"], suspended_ev: ["车辆暂停", "paused by the vehicle"],
	suspended_charger: ["桩端暂停", "paused by the station"], finishing: ["结束中", "finishing"], reserved: ["已预约", "reserved"], unavailable: ["停用", "out of service"],
	faulted: ["故障", "faulted"],
};
const admitted = { accepted: ["已接入", "accepted"], pending: ["待定", "pending"], rejected: ["拒绝", "rejected"] };
const limits = { waiting: ["观察中", "being watched"], honoured: ["遵守", "kept"], ignored: ["不遵守", "ignored"] };
const kw = watts => `${(watts / 1000).toFixed(1)} kW`;

const connector = (station, one) => el("li", { class: "connector", "data-state": one.state ?? "" },
	el("strong", {}, one.connector ? `${say("枪 ", "connector ")}${one.connector}` : say("整桩", "station")), " ",
	one.state ? t(...(chargerStates[one.state] ?? [one.state, one.state])) : t("未知", "unknown"),
	one.time ? el("span", { class: "small soft" }, ` · ${when(one.time)}`) : "", " ",
	el("a", { href: `#/commands/new/${encodeURIComponent(one.point)}/charger_limit/${encodeURIComponent(one.connector)}` }, t("限功率", "Limit")));

const limit = one => el("p", { class: one.state === "ignored" ? "note bad" : "small" },
	t("限功率", "Limit"), ` ${one.connector} ${kw(one.limit_w)} · `, t(...limits[one.state]),
	one.state === "ignored" ? ` · ${say("电表", "metered")} ${kw(one.measured_w)}` : "");

const card = station => el("section", { class: "card charger", "data-name": station.name },
	el("h2", {}, station.name), el("p", { class: "small soft" }, t(...admitted[station.state]), ` · ${say("安全等级", "security profile")} ${station.profile}`,
		station.tariff ? ` · ${station.tariff}` : ""),
	station.profile_ignored ? el("p", { class: "note bad" }, t("确认了限功率却不遵守", "It confirms limits and does not keep them")) : "",
	el("ul", {}, station.connectors.map(one => connector(station, one))), station.limits.map(limit));

export default async function (frame) {
	const list = el("div", { class: "grid two", id: "chargers", "aria-live": "polite" });
	frame.append(el("h1", {}, t("充电桩", "Charging stations")), list);
	let cursor = "", any = false;
	do {
		const page = await api("GET", `/v1/chargers?limit=100${cursor ? `&cursor=${cursor}` : ""}`);
		list.append(...page.chargers.map(card));
		any = any || page.chargers.length > 0;
		cursor = page.cursor;
	} while (cursor);
	if (!any)
		list.append(note("", t("还没有充电桩", "No stations yet")));
}

import { api, el, note, t } from "/hub.js";
import { at, card, count, head, pager, table, whose } from "/staff.js";

const heads = [["回执", "Receipt"], ["来源", "Source"], ["收到", "Received"], ["记录", "Records", "number"], ["已存", "Stored", "number"],
	["重复", "Repeated", "number"], ["被拒", "Refused", "number"], ["追踪号", "Trace"]];

async function one(frame, who, id) {
	const found = await api("GET", `/v1/receipts/${encodeURIComponent(id)}`);
	const sent = await api("GET", `/v1/receipts/${encodeURIComponent(id)}/deliveries`);
	frame.append(el("p", { class: "small" }, el("a", { href: `#/received/${who.code}` }, "← ", t("全部回执", "All receipts"))),
		head("回执", "Receipt", ` ${found.receipt}`),
		el("p", { class: "lead" }, `${found.source} · ${at(found.received)} · `, t("追踪号", "trace"), " ", el("code", { class: "small" }, found.trace)),
		el("div", { class: "grid" },
			card("结果", "What became of it", table("receipt", [["记录", "Records", "number"], ["已存", "Stored", "number"], ["重复", "Repeated", "number"], ["被拒", "Refused", "number"]],
				[[found.count, found.stored, found.duplicates, found.quarantined].map(count)])),
			card("被拒的记录与原因", "Refused records, and why", table("errors", [["位置", "Place", "number"], ["原因", "Why"], ["字段", "Field"], ["状态", "State"], ["隔离", "Entry"]],
				found.errors.map(error => [String(error.index), [el("code", {}, error.code), el("br"), error.message], error.field || null, error.state,
					el("a", { href: `#/quarantine/${who.code}/${error.quarantine}` }, error.quarantine)]))),
			card("送达了谁", "Who got it", table("sent", [["单位", "Party"], ["通道", "Door"], ["位置", "Position", "number"], ["状态", "State"], ["时间", "When"]],
				sent.deliveries.map(row => [row.party, row.door, String(row.position), row.state, at(row.done ?? row.at)])))));
}

export default async function (frame, context, [code, id, source]) {
	const who = whose(context, "received", code), of = id === "from" && source ? source : null;
	if (id && !of)
		return one(frame, who, id);
	const list = el("div", { class: "card" });
	frame.append(head("已收到", "Received", of ? ` ${of}` : ""), ...(who.picker ? [who.picker] : []),
		el("p", { class: "lead" }, t("每批数据一张回执；点开看被拒的原因与送达", "A receipt for each batch; open one for what was refused and who got it")), list);
	await pager(list, async cursor => {
		const page = await api("GET", `/v1/receipts?limit=50&cursor=${cursor}&${who.query}${of ? `&source=${encodeURIComponent(of)}` : ""}`);
		return { cursor: page.cursor, rows: table("receipts", heads, page.receipts.map(one => [el("a", { href: `#/received/${who.code}/${one.receipt}` }, String(one.receipt)),
			one.source, at(one.received), count(one.count), count(one.stored), count(one.duplicates),
			one.quarantined ? el("a", { class: "bad-text", href: `#/received/${who.code}/${one.receipt}` }, count(one.quarantined)) : "0", el("code", { class: "small" }, one.trace.slice(0, 8))])) };
	});
}

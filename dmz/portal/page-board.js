import { api, commodities, el, say, t } from "/hub.js";
import { at, card, count, fact, head, span, table, whose } from "/staff.js";
import { areaOf } from "/pages.js";

const share = (part, whole) => (whole ? `${(Math.floor(part / whole * 1000) / 10).toFixed(1)} %` : "–");
const kind = (part, whole) => (!whole ? "" : part >= whole * 0.98 ? "good-text" : part >= whole * 0.9 ? "warn-text" : "bad-text");
const sum = (list, name) => list.reduce((all, one) => all + one[name], 0);

// Its batches, newest first: from a rate or a delay to the receipts, and from these to what was stored and refused.
const batches = one => `#/received/${[one.party, "from", one.source].map(encodeURIComponent).join("/")}`;

function sources(board) {
	return table("sources", [["来源", "Source"], ["单位", "Party"], ["适配器", "Adapter"], ["每小时", "In an hour", "number"], ["24 小时", "In 24 h", "number"],
		["被拒", "Refused", "number"], ["迟到（半数）", "Late, half", "number"], ["迟到（95 %）", "Late, 95 %", "number"], ["最近", "Last"], ["状态", "State"]],
	board.sources.map(one => [
		one.receipt ? el("a", { href: `#/received/${one.party}/${one.receipt}` }, one.source) : one.source, one.party, one.adapter || say("接口", "door"),
		...[one.hour, one.day].map(records => (one.day ? el("a", { href: batches(one) }, count(records)) : "0")), one.refused ? el("a", { href: `#/quarantine/${one.party}` }, count(one.refused)) : "0",
		...[one.late_half, one.late_most].map(late => (one.day ? el("a", { href: batches(one) }, span(late)) : span(late))), at(one.last),
		!one.enabled ? el("span", { class: "warn-text" }, t("停用", "disabled")) : one.day ? el("span", { class: "good-text" }, t("在收", "receiving"))
			: el("span", { class: "bad-text" }, t("静默", "silent"))]));
}

const quality = board => table("quality", [["单位", "Party"], ["种类", "What"], ["计量点", "Points", "number"], ["应有", "Expected", "number"],
	["已有", "Present", "number"], ["完整率", "Complete", "number"]],
board.quality.map(one => [one.party, say(...(commodities[one.commodity] ?? [one.commodity, one.commodity])), count(one.points), count(one.expected), count(one.present),
	el("a", { class: kind(one.present, one.expected), href: `#/points/${encodeURIComponent(one.party)}/${one.commodity}` }, share(one.present, one.expected))]));

const parties = board => table("parties", [["单位", "Party"], ["收到", "Received", "number"], ["已存", "Stored", "number"], ["重复", "Repeated", "number"],
	["被拒", "Refused", "number"], ["隔离未处理", "Open in quarantine", "number"], ["订阅", "Subscriptions", "number"], ["待发", "Queued", "number"], ["死信", "Dead", "number"]],
board.parties.map(one => [el("strong", {}, one.party), el("a", { href: `#/received/${one.party}` }, count(one.received)), count(one.stored), count(one.duplicates),
	one.refused ? el("a", { href: `#/quarantine/${one.party}/all` }, count(one.refused)) : "0", one.open ? el("a", { href: `#/quarantine/${one.party}` }, count(one.open)) : "0",
	el("a", { href: `#/deliveries/${one.party}` }, count(one.subscriptions) + (one.paused ? say(`（${one.paused} 暂停）`, ` (${one.paused} paused)`) : "")),
	count(one.queued), one.dead ? el("a", { class: "bad-text", href: `#/deliveries/${one.party}` }, count(one.dead)) : "0"]));

const kinds = {
	"process.started": ["进程启动", "process started"], "process.silent": ["进程无应答", "process does not answer"],
	"instance.failing": ["适配器反复退出", "adapter ends again and again"], "journal.full": ["日志区已满，拒收", "journal full, refusing"],
	"disk.full": ["磁盘将满", "disk full"], "clock.jumped": ["时钟跳变", "clock jumped"], "database.away": ["数据库不可用", "database away"],
	"party.flooding": ["某方请求过快，被拒", "a party calls too often, refused"], "address.flooding": ["某地址请求过快，被拒", "an address calls too often, refused"],
};

const lasts = one => (one.ended ? at(one.ended) : el("span", { class: "bad-text" }, t("仍在持续", "still so")));

const troubles = board => table("troubles", [["故障", "What"], ["对象", "Where"], ["次数", "Times", "number"], ["开始", "Began"], ["结束", "Over"], ["说明", "Words"]],
	board.troubles.map(one => [say(...(kinds[one.kind] ?? [one.kind, one.kind])), one.subject, one.count ? count(one.count) : "", at(one.began),
		one.ended === one.began ? "" : lasts(one), el("span", { class: "small soft" }, one.text)]));

export default async function (frame, context) {
	const board = await api("GET", "/v1/board"), operates = areaOf(context.me) === "operator";
	const [expected, present] = [sum(board.quality, "expected"), sum(board.quality, "present")];
	frame.append(head("接入与质量", "Sources and quality"), el("p", { class: "lead" }, t("截至", "as of"), ` ${at(board.as_of)}`),
		el("div", { class: "grid four" },
			fact("每小时记录", "Records in an hour", count(sum(board.sources, "hour")), "hour"),
			fact("完整率（昨日 UTC）", "Complete, the last UTC day", share(present, expected), "complete"),
			fact("隔离未处理", "Open in quarantine", count(sum(board.parties, "open")), "open", operates ? null : "#/quarantine"),
			fact("死信", "Dead letters", count(sum(board.parties, "dead")), "dead", operates ? null : "#/deliveries")),
		el("div", { class: "grid spaced" },
			board.troubles.length ? card("中心自身的故障（24 小时）", "The hub's own troubles, 24 hours", troubles(board)) : null,
			card("来源", "Sources", sources(board)),
			card("完整率", "Completeness", el("p", { class: "small soft" }, `${at(board.from)} – ${at(board.to)}`), quality(board)),
			card("各方（24 小时）", "Parties, 24 hours", parties(board))));
}

import { api, commodities, el, say, t, when } from "/hub.js";
import { head, pager, table } from "/staff.js";

const heads = [["时间", "When"], ["谁", "Who"], ["区域", "Area"], ["种类", "What"], ["粒度", "Step"], ["时段", "Period"], ["用途", "Purpose"],
	["给出", "Given", "number"], ["未公布", "Withheld", "number"], ["追踪号", "Trace"]];

export default async function (frame) {
	const list = el("div", { class: "card" });
	frame.append(head("查询记录", "What was asked"),
		el("p", { class: "lead" }, t("本部门对区域统计的每次查询都有记录，不能删除", "Each question about the sums is kept, and cannot be taken back")), list);
	await pager(list, async cursor => {
		const page = await api("GET", `/v1/aggregates/asked?limit=50&cursor=${cursor}`);
		return { cursor: page.cursor, rows: table("asked", heads, page.asked.map(one => [when(one.at), one.login || say("系统", "system"),
			el("a", { href: `#/sums/${encodeURIComponent(one.area)}/${one.commodity}/${one.step}` }, one.area), say(...commodities[one.commodity]),
			one.step + (one.form === "xlsx" ? " · Excel" : ""), `${when(one.from, "date")} – ${when(one.to, "date")}`, one.purpose || null,
			String(one.given), String(one.withheld), el("code", { class: "small" }, one.trace.slice(0, 8))])) };
	});
}

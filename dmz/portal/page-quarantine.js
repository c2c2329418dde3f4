import { api, el, explain, form, note, Refusal, say, t, toast } from "/hub.js";
import { at, card, head, pager, table, whose } from "/staff.js";

const states = { open: ["未处理", "open"], replayed: ["已重放", "replayed"], dropped: ["已丢弃", "dropped"] };

const text = bytes => {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(bytes), c => c.charCodeAt(0)));
	} catch {
		return [...atob(bytes)].map(c => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
	}
};

// What replaying came to: a refusal says which rule was broken once more.
async function one(frame, who, id, go) {
	const entry = await api("GET", `/v1/quarantine/${encodeURIComponent(id)}`);
	const mended = entry.reading ? el("label", {}, t("改正后的读数（JSON）", "The reading, mended"),
		el("textarea", { name: "reading", spellcheck: "false" }, JSON.stringify(entry.reading, null, 2))) : null;
	const back = () => go(`#/quarantine/${who.code}`);
	const act = form(mended ? [mended] : [el("p", { class: "soft" }, t("按原始字节重新解析", "The bytes are read once more as they came"))], t("重放", "Replay"), async values => {
		let body = {};
		if (mended) {
			try {
				body = { reading: JSON.parse(values.reading) };
			} catch (error) {
				throw new Refusal(400, { code: "portal.json", detail: String(error.message) }, 0);
			}
		}
		const done = await api("POST", `/v1/quarantine/${entry.id}/replay`, body);
		toast(`已重放，回执 ${done.receipt}`, `Replayed, receipt ${done.receipt}`);
		back();
	}, { id: "replay" });
	frame.append(el("p", { class: "small" }, el("a", { href: `#/quarantine/${who.code}` }, "← ", t("隔离区", "Quarantine"))),
		head("被拒的记录", "A refused record", ` ${entry.id}`),
		el("div", { class: "grid two" },
			card("原因", "Why", el("p", { class: "note bad" }, el("code", {}, entry.code), entry.field ? ` · ${entry.field}` : "", el("br"), entry.message),
				el("p", { class: "small soft" }, `${entry.source} · ${at(entry.made)} · ${entry.peer ?? ""}`),
				el("p", {}, el("a", { href: `#/received/${who.code}/${entry.receipt}` }, t("所在的回执", "Its receipt"), ` ${entry.receipt}`)),
				el("p", {}, t("状态", "State"), ": ", t(...states[entry.state])),
				el("h2", {}, t("原始内容", "As it came")), el("pre", { class: "raw", tabindex: "0" }, text(entry.original))),
			entry.state === "open" ? card("改正与重放", "Mend and replay", act, el("p", { class: "spaced" }, el("button", { class: "danger", type: "button", id: "drop", onclick: async () => {
				await api("POST", `/v1/quarantine/${entry.id}/drop`);
				toast("已丢弃", "Dropped");
				back();
			} }, t("丢弃", "Drop")))) : null));
}

export default async function (frame, context, [code, id]) {
	const who = whose(context, "quarantine", code), all = id === "all";
	if (id && !all)
		return one(frame, who, id, context.go);
	const list = el("div", { class: "card" });
	frame.append(head("隔离区", "Quarantine"), ...(who.picker ? [who.picker] : []),
		el("p", { class: "lead" }, t("被拒的记录留在这里，改正后可以重放", "What was refused is kept here; mend it and replay")),
		el("p", { class: "small" }, all ? el("a", { href: `#/quarantine/${who.code}` }, t("只看未处理", "Open ones only"))
			: el("a", { href: `#/quarantine/${who.code}/all` }, t("包括已处理", "Those dealt with, too"))), list);
	await pager(list, async cursor => {
		const page = await api("GET", `/v1/quarantine?limit=50&all=${all}&cursor=${cursor}&${who.query}`);
		return { cursor: page.cursor, rows: table("entries", [["编号", "Entry"], ["时间", "When"], ["来源", "Source"], ["原因", "Why"], ["字段", "Field"], ["状态", "State"]],
			page.entries.map(one => [el("a", { href: `#/quarantine/${who.code}/${one.id}` }, String(one.id)), at(one.made), one.source,
				[el("code", {}, one.code), el("br"), el("span", { class: "small" }, one.message)], one.field || null, say(...states[one.state])])) };
	});
}

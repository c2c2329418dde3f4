import { api, el, named, note, say, t, when } from "/hub.js";

const loud = { info: "", warning: "warn", urgent: "bad" };
const levels = { info: ["通知", "Notice"], warning: ["注意", "Take note"], urgent: ["紧急", "Urgent"] };
const grains = { raw: ["原始读数", "readings as they are"], "15min": ["每刻钟", "by quarter of an hour"], hour: ["逐时", "by hour"],
	day: ["逐日", "by day"], month: ["逐月", "by month"] };

const things = { bill: ["账单", "the bill"], account: ["账户与对比", "the account and its comparison"], session: ["充电记录", "charging sessions"] };

// A sentence of which there may be one language alone.
const either = (zh, en) => (en && zh ? t(zh, en) : document.createTextNode(zh || en));

const card = one => el("section", { class: "card", "data-notice": one.id },
	el("p", { class: "small soft" }, el("span", { class: "badge" }, say(...levels[one.severity])), " ",
		one.kind === "security_notice" ? [el("span", { class: "badge", "data-kind": one.kind }, say("小区安防", "Security")), " "] : "",
		named({ name_zh: one.from_zh, name_en: one.from_en, code: one.from })),
	el("h2", {}, either(one.title_zh, one.title_en)), el("div", { class: `note ${loud[one.severity]}` }, either(one.text_zh, one.text_en)),
	el("p", { class: "small soft" }, `${when(one.valid_from)} – ${when(one.valid_to)}`));

const line = one => el("li", {}, el("span", { class: "grow" }, named({ name_zh: one.party_zh, name_en: one.party_en, code: one.party }),
	el("br"), el("span", { class: "small soft" }, one.point, " · ", t(...(things[one.what] ?? grains[one.granularity] ?? [one.granularity, one.granularity])), " · ",
		one.purpose ? t(`用途 ${one.purpose}`, `for ${one.purpose}`) : t("供应服务", "as who serves it"))),
	el("span", { class: "small number" }, when(one.at, "date")));

export default async function (frame) {
	const [notices, viewings] = await Promise.all([api("GET", "/v1/notices"), api("GET", "/v1/viewings")]);
	frame.append(el("h1", {}, t("公告与查看记录", "Notices, and who read my data")),
		notices.notices.length ? el("div", { class: "grid two", id: "notices" }, notices.notices.map(card))
			: note("", t("现在没有公告", "There are no notices now")),
		el("section", { class: "card spaced" }, el("h2", {}, t("谁查看过我的数据", "Who read my data")),
			el("p", { class: "small soft" }, t("每方每日每种用途记一次", "Each is kept once a day for each purpose")),
			viewings.viewings.length ? el("ul", { class: "list", id: "viewings" }, viewings.viewings.map(line))
				: el("p", { class: "soft" }, t("还没有人查看", "Nobody has yet"))));
}

import { commodities, el, named, note, say, t, whenEn, whenZh } from "/hub.js";
import { areaOf, pages } from "/pages.js";

// What happened that the people of a party should know; kinds are the core's.
const stories = {
	"point.taken": one => t(`表计 ${one.point} 已由另一户绑定，您自 ${whenZh(one.at)} 起不再看到它的数据`,
		`Meter ${one.point} was bound by another household; from ${whenEn(one.at)} you no longer see its data`),
	"point.bound": one => t(`已绑定表计 ${one.point}（${whenZh(one.at)}）`, `Meter ${one.point} was bound (${whenEn(one.at)})`),
	"member.joined": one => t(`${one.login} 加入了家庭（${whenZh(one.at)}）`, `${one.login} joined the household (${whenEn(one.at)})`),
	"member.removed": one => t(`${one.login} 已被移出家庭（${whenZh(one.at)}）`, `${one.login} was removed (${whenEn(one.at)})`),
	"password.changed": one => t(`${one.login} 的密码已更改（${whenZh(one.at)}）`, `The password of ${one.login} was changed (${whenEn(one.at)})`),
};

const areas = {
	operator: ["运行值守", "Operating the hub"], government: ["政府", "Government"], partner: ["合作方", "Partner"],
};

function news(me) {
	return el("section", { class: "card" }, el("h2", {}, t("消息", "News")),
		me.notes.length ? me.notes.map(one => note(one.kind === "point.taken" ? "warn" : "", stories[one.kind] ? stories[one.kind](one) : one.kind))
			: el("p", { class: "soft" }, t("没有新消息", "Nothing new")));
}

// Those who work for a party find their pages here.
function desk(me) {
	return [...pages.filter(page => page.card && (!page.when || page.when(me))).map(page =>
		el("a", { class: "card door", href: `#/${page.name}` }, el("h2", {}, t(...page.title)), el("p", { class: "soft" }, t(...page.card)))),
	news(me)];
}

function home(me) {
	const points = me.points.map(point => el("li", {},
		el("span", { class: "icon", "aria-hidden": "true" }, commodities[point.commodity]?.[0] ?? "·"),
		el("span", { class: "grow" }, named(point), el("br"),
			el("span", { class: "small soft" }, `${say(...(commodities[point.commodity] ?? ["", ""]))} · ${point.code}`))));
	return [el("section", { class: "card" }, el("h2", {}, t("我的表计", "My meters")),
		points.length ? el("ul", { class: "list", id: "points" }, points) : el("p", { class: "soft" }, t("还没有绑定表计", "No meter is bound yet")),
		el("a", { class: "button", href: "#/bind" }, t("绑定表计", "Bind a meter"))),
	el("a", { class: "card door", href: "#/compare", id: "to-compare" }, el("h2", {}, t("邻里对比与节能", "Neighbours and saving")),
		el("p", { class: "soft" }, t("与相似住宅相比用得多不多，哪里能省", "How your use stands beside homes like yours, and where to save"))),
	el("a", { class: "card door", href: "#/places" }, el("h2", {}, t("找充电桩", "Find a charger")),
		el("p", { class: "soft" }, t("公共充电桩的位置、空闲与电价", "Where stations in public are, which are free, what they cost"))),
	el("a", { class: "card door", href: "#/notices", id: "to-notices" }, el("h2", {}, t("公告与查看记录", "Notices, and who read my data")),
		el("p", { class: "soft" }, t("停水停气等公告，谁看过本户数据", "Water or gas that is off, and who looked at this home's data"))),
	news(me)];
}

export default async function (frame, context) {
	const me = context.me, area = areaOf(me);
	frame.append(
		el("div", { class: "grid two" },
			el("section", { class: "card hero all" },
				el("h1", {}, t(`您好，${me.name || me.login}`, `Welcome, ${me.name || me.login}`)),
				el("p", { class: "soft" }, named(me.party), ...(areas[area] ? [" · ", t(...areas[area])] : []))),
			...(area === "resident" ? home(me) : desk(me))));
}

// Charging stations in public: a map and a list of the same, what is free now and what it costs, and a session begun with one's own card.
import { yuan } from "/bills.js";
import { amount, api, el, guarded, language, named, note, say, t, when } from "/hub.js";
import { dots } from "/map.js";
import { chargerStates } from "/page-chargers.js";

const AGAIN = 15000, ASK = 1000; // ms between looks at the stations; at an order that is under way

const kinds = { free: ["空闲", "Free", "✓"], busy: ["占用", "Taken", "–"], fault: ["故障", "Faulted", "!"], off: ["停用", "Out of service", "×"],
	unknown: ["状态未知", "State unknown", "?"] };
const kindOf = { available: "free", faulted: "fault", unavailable: "off", preparing: "busy", charging: "busy", suspended_ev: "busy",
	suspended_charger: "busy", finishing: "busy", reserved: "busy" };
const tones = { free: "state-free", busy: "state-busy", fault: "state-fault", off: "state-off", unknown: "state-unknown" };

// A station that is out of order as a whole is so at each of its connectors.
function sum(place) {
	const own = place.connectors.filter(one => one.connector && one.connector !== "0");
	const whole = place.connectors.find(one => !own.includes(one) && ["faulted", "unavailable"].includes(one.state));
	const list = (own.length ? own : place.connectors).map(one => ({ ...one, kind: kindOf[whole?.state ?? one.state] ?? "unknown" }));
	const kind = ["free", "busy", "fault", "off"].find(name => list.some(one => one.kind === name)) ?? "unknown";
	return { ...place, list, kind, free: list.filter(one => one.kind === "free").length };
}

const title = place => named({ name_zh: place.place_zh, name_en: place.place_en, code: place.name });
const where = place => named({ name_zh: place.area_zh, name_en: place.area_en, code: "" });
const clock = text => new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" })
	.format(new Date(text));
const state = place => `${say(...kinds[place.kind])}${place.list.length > 1 ? ` ${place.free}/${place.list.length}` : ""}`;

function price(place, tariffs) {
	const prices = tariffs.get(place.tariff)?.prices ?? [];
	return prices.length ? { now: `¥${yuan(prices[0].price)}/kWh`, later: prices.slice(1, 3).map(one => ({ at: clock(one.start), text: `¥${yuan(one.price)}` })) }
		: { now: place.tariff ? say("按卡计价", "by the card") : say("未公布电价", "no price published"), later: [] };
}

const said = (place, tariffs) => [title(place), where(place), state(place), price(place, tariffs).now].filter(Boolean).join("，");

// Follows an order until the station answered: confirmed, refused, or nobody was there.
async function follow(order, told) {
	const words = { confirmed: ["good", "桩已受理，请插枪；充电开始后见“充电”页", "The station took it: plug in; the session then stands on the charging page"],
		refused: ["bad", "桩拒绝了，请换一个枪头", "The station refused; try another connector"],
		expired: ["bad", "桩没有应答，未启动", "The station did not answer; nothing was started"] };
	for (let one = order; ; one = await api("GET", `/v1/commands/${order.id}`)) {
		if (words[one.state]) {
			const [kind, zh, en] = words[one.state];
			told.replaceChildren(note(kind, t(zh, en)), one.state === "confirmed" ? el("p", {}, el("a", { class: "button", href: "#/charging" },
				t("查看充电", "To my charging"))) : "");
			return;
		}
		told.replaceChildren(note("", t("已发送，等待桩应答…", "Sent; waiting for the station…")));
		if (!told.isConnected)
			return;
		await new Promise(resolve => setTimeout(resolve, ASK));
	}
}

function connector(place, one, cards, told) {
	const may = cards.length && ["free", "unknown"].includes(one.kind) || one.state === "preparing" && cards.length;
	return el("li", { "data-connector": one.connector },
		el("span", { class: "grow" }, el("strong", {}, one.connector ? say(`${one.connector} 号枪`, `Connector ${one.connector}`) : say("整桩", "Station")), " ",
			el("span", { class: tones[one.kind] }, one.state ? t(...(chargerStates[one.state] ?? [one.state, one.state])) : t(...kinds.unknown.slice(0, 2))),
			one.time ? el("span", { class: "small soft" }, ` · ${when(one.time)}`) : ""),
		may ? el("button", { class: "main start", type: "button", "data-key": `start ${one.connector}`, onclick: guarded(async () => {
			const card = document.getElementById("card")?.value;
			const { commands: [order] } = await api("POST", "/v1/charging-sessions", { station: place.name, connector: one.connector, ...(card ? { card } : {}) });
			await follow(order, told);
		}, told) }, t("启动充电", "Start")) : "");
}

function detail(place, told, cards, tariffs) {
	const cost = price(place, tariffs), list = place.list.length ? place.list : [{ connector: "", kind: "unknown" }];
	return [el("h2", { tabindex: "-1" }, title(place), " ", el("span", { class: `badge ${tones[place.kind]}` }, state(place))),
		el("p", { class: "soft" }, [where(place), named({ name_zh: place.operator_zh, name_en: place.operator_en, code: place.operator }), place.name,
			place.power_kw && amount(place.power_kw, "kW")].filter(Boolean).join(" · ")),
		el("p", { class: "figure number", id: "price" }, cost.now),
		cost.later.length ? el("p", { class: "small soft" }, cost.later.flatMap((one, i) => [i ? "；" : "", t(`${one.at} 起 ${one.text}`, `from ${one.at} ${one.text}`)])) : null,
		el("ul", { class: "list connectors" }, list.map(one => connector(place, one, cards, told))),
		cards.length > 1 ? el("label", {}, t("用哪张卡", "With which card"), el("select", { id: "card" }, el("option", { value: "" }, say("自动选择", "chosen for me")),
			cards.map(one => el("option", { value: one.tag }, `${one.tag} · ${one.issuer}`)))) : null,
		cards.length ? null : note("", t("本户还没有充电卡，请向充电运营方申请", "Your household has no charging card yet; its operator gives one")), told];
}

const row = (place, tariffs, choose, chosen) => el("li", { "data-name": place.name, "data-kind": place.kind }, el("a", { href: `#/places/${encodeURIComponent(place.name)}`,
	"data-key": `row ${place.name}`, "aria-current": place.name === chosen ? "true" : null, onclick: event => {
		event.preventDefault();
		choose(place.name);
	} },
	el("span", { class: `icon ${tones[place.kind]}`, "aria-hidden": "true" }, kinds[place.kind][2]),
	el("span", { class: "grow" }, el("strong", {}, title(place)), el("br"), el("span", { class: "small soft" }, [where(place), place.power_kw && amount(place.power_kw, "kW")]
		.filter(Boolean).join(" · "))),
	el("span", { class: "small" }, el("span", { class: tones[place.kind] }, state(place)), el("br"), el("span", { class: "number" }, price(place, tariffs).now))));

async function load() {
	const whole = { places: [], areas: [], cards: [], tariffs: new Map() };
	for (let cursor = ""; ;) {
		const page = await api("GET", `/v1/charging-places?limit=200${cursor ? `&cursor=${cursor}` : ""}`);
		whole.places.push(...page.places.map(sum));
		whole.areas.push(...page.areas);
		whole.cards = page.cards;
		page.tariffs.forEach(one => whole.tariffs.set(one.code, one));
		cursor = page.cursor;
		if (!cursor)
			return whole;
	}
}

const order = ["free", "busy", "unknown", "fault", "off"];

export default async function (frame, context, [first]) {
	let all = await load(), chosen = first ?? "", shown = { area: "", free: false };
	const map = el("div", {}), list = el("ul", { class: "list places", id: "places" }), place = el("section", { class: "card", id: "place", hidden: true });
	const count = el("p", { class: "small soft", role: "status" }), told = el("div", { "aria-live": "polite" });

	const choose = name => {
		told.replaceChildren();
		chosen = name;
		history.replaceState(null, "", `#/places/${encodeURIComponent(name)}`);
		draw();
		place.querySelector("h2")?.focus();
		place.scrollIntoView({ block: "nearest" });
	};
	const draw = () => {
		const focus = document.activeElement?.dataset?.key;
		const seen = all.places.filter(one => (!shown.area || one.area_zh + one.area_en === shown.area) && (!shown.free || one.kind === "free"))
			.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || title(a).localeCompare(title(b), language(), { numeric: true }));
		const picture = dots(all.areas, seen.filter(one => "lon" in one).map(one => ({ at: [one.lon, one.lat], key: one.name, kind: one.kind,
			sign: kinds[one.kind][2], text: said(one, all.tariffs), href: `#/places/${encodeURIComponent(one.name)}` })),
		say("充电桩地图：点选充电桩", "Map of charging stations: choose one"), chosen);
		picture?.querySelectorAll("a").forEach(dot => dot.addEventListener("click", event => {
			event.preventDefault();
			choose(dot.dataset.key.slice(4));
		}));
		map.replaceChildren(picture ?? note("", t("没有可显示的充电桩", "No station to show")));
		list.replaceChildren(...seen.map(one => row(one, all.tariffs, choose, chosen)));
		count.replaceChildren(t(`${seen.length} 个充电桩，${seen.filter(one => one.kind === "free").length} 个有空闲`,
			`${seen.length} stations, ${seen.filter(one => one.kind === "free").length} with a free connector`));
		const one = all.places.find(each => each.name === chosen);
		place.hidden = !one;
		place.replaceChildren(...(one ? detail(one, told, all.cards, all.tariffs).filter(Boolean) : []));
		if (focus)
			frame_of(focus)?.focus();
	};
	const frame_of = key => [...document.querySelectorAll("[data-key]")].find(one => one.dataset.key === key);

	const areas = [...new Map(all.places.filter(one => one.area_zh || one.area_en).map(one => [one.area_zh + one.area_en, where(one)]))];
	frame.append(el("h1", {}, t("找充电桩", "Find a charger")),
		el("p", { class: "lead" }, t("只显示公共充电桩；别人的充电不会显示", "Stations in public alone; nothing of other people's charging is shown")),
		el("div", { class: "choices" },
			el("label", {}, t("区域", "District"), el("select", { name: "area", onchange: event => {
				shown.area = event.target.value;
				draw();
			} }, el("option", { value: "" }, say("全部", "All")), areas.map(([key, name]) => el("option", { value: key }, name)))),
			el("label", { class: "choice" }, el("input", { type: "checkbox", name: "free", onchange: event => {
				shown.free = event.target.checked;
				draw();
			} }), el("span", { class: "grow" }, t("只看空闲", "Free ones only")))),
		place,
		el("div", { class: "grid two spaced" },
			el("section", { class: "card", id: "map" }, map, el("ul", { class: "legend small" }, Object.entries(kinds).map(([name, [zh, en, sign]]) =>
				el("li", {}, el("strong", { class: tones[name], "aria-hidden": "true" }, sign), " ", t(zh, en))))),
			el("section", { class: "card" }, count, list)));
	draw();
	let last = JSON.stringify(all.places);
	const timer = setInterval(async () => {
		if (!list.isConnected)
			return clearInterval(timer);
		try {
			const next = await load(), text = JSON.stringify(next.places);
			all = next;
			if (text !== last)
				draw();
			last = text;
		} catch {
			// The next look tells.
		}
	}, AGAIN);
}

// Charging: what runs now, kept fresh, and what was charged before, each down to its lines.
import { yuan } from "/bills.js";
import { api, el, guarded, money, note, say, t, toast, when } from "/hub.js";

const AGAIN = 10000; // ms between looks at what runs

const kwh = wh => `${Math.floor(wh / 1000)}.${String(wh % 1000).padStart(3, "0").slice(0, 2)} kWh`;

function minutes(from, to) {
	const all = Math.max(0, Math.round((to - from) / 60000)), hours = Math.floor(all / 60);
	return say(hours ? `${hours} 小时 ${all % 60} 分` : `${all} 分钟`, hours ? `${hours} h ${all % 60} min` : `${all} min`);
}

const place = one => `${one.station}${one.connector ? " · " + say(`${one.connector} 号枪`, `connector ${one.connector}`) : ""}`;

// Ending one's own session: the station answers, and the list follows it.
function stop(one) {
	const told = el("div", { "aria-live": "polite" });
	return [el("button", { class: "button light stop", onclick: guarded(async () => {
		await api("POST", `/v1/charging-sessions/${one.id}/stop`);
		toast("已请求结束充电", "The station was asked to stop");
		return true;
	}, told) }, t("结束充电", "Stop")), told];
}

function running(one) {
	return el("section", { class: "card hero all running" },
		el("p", { class: "soft" }, t("正在充电", "Charging now")),
		el("p", { class: "figure number" }, "energy_wh" in one ? kwh(one.energy_wh) : "–"),
		el("p", {}, [place(one), one.power, one.state_of_charge && say(`电量 ${one.state_of_charge}`, `battery ${one.state_of_charge}`)]
			.filter(Boolean).join(" · ")),
		el("p", { class: "small soft" }, `${when(one.started)} · ${minutes(new Date(one.started), new Date())}`),
		one.last_update ? el("p", { class: "small soft" }, t(`桩上次上报 ${when(one.last_update, "time", "Asia/Shanghai", "zh")}`,
			`last heard ${when(one.last_update, "time", "Asia/Shanghai", "en")}`)) : null,
		one.tag ? stop(one) : null);
}

const causes = {
	by_meter: ["由家中电表计费", "billed by your own meter"],
	no_energy: ["没有用电", "no energy"],
	no_account: ["不计入您的账单", "not on your bill"],
};

function price(one) {
	if (one.charge?.state === "charged")
		return money(one.charge.amount, one.charge.currency);
	if (one.charge?.state === "free")
		return say(...(causes[one.charge.cause] ?? ["免费", "free"]));
	return say(one.charge?.state === "held" ? "待核实" : "结算中", one.charge?.state === "held" ? "being checked" : "being settled");
}

function lines(whole) {
	return el("table", {}, el("tbody", {}, whole.charge.lines.map(line => el("tr", {},
		el("th", { scope: "row" }, line.text, el("br"), el("span", { class: "small soft number" }, line.formula)),
		el("td", { class: "number" }, yuan(line.amount))))));
}

function ended(one) {
	const inside = el("div", {});
	const details = el("details", { class: "part session", ontoggle: async () => {
		if (!details.open || inside.dataset.drawn)
			return;
		inside.dataset.drawn = "1";
		const whole = await api("GET", `/v1/charging-sessions/${one.id}`);
		inside.append(whole.charge?.lines ? lines(whole) : note("", price(one)),
			whole.charge?.cycle ? el("p", { class: "small" }, t(`已计入 ${whole.charge.cycle} 账单`, `on the bill of ${whole.charge.cycle}`))
				: el("p", { class: "small soft" }, t("将计入下一张账单", "goes on the next bill")));
	} },
	el("summary", {}, el("span", { class: "dot c-ev", "aria-hidden": "true" }),
		el("span", { class: "grow" }, el("strong", {}, when(one.started ?? one.ended)), el("br"),
			el("span", { class: "small soft" }, [place(one), "energy_wh" in one ? kwh(one.energy_wh) : null,
				one.started && one.ended ? minutes(new Date(one.started), new Date(one.ended)) : null].filter(Boolean).join(" · "))),
		el("strong", { class: "number" }, price(one))),
	inside);
	return details;
}

export default async function (frame) {
	const now = el("div", { class: "grid all", id: "now" });
	const look = async () => {
		const { sessions } = await api("GET", "/v1/charging-sessions?state=open&limit=20");
		now.replaceChildren(...(sessions.length ? sessions.map(running)
			: [el("section", { class: "card all" }, el("p", { class: "soft" }, t("现在没有充电", "Nothing is charging now")))]));
	};
	await look();
	const timer = setInterval(() => (now.isConnected ? look().catch(() => {}) : clearInterval(timer)), AGAIN);
	const { sessions } = await api("GET", "/v1/charging-sessions?limit=50");
	const before = sessions.filter(one => one.problem !== "open");
	frame.append(el("h1", {}, t("充电", "Charging")),
		el("p", {}, el("a", { class: "button", href: "#/places", id: "to-places" }, t("找充电桩", "Find a charger"))), now,
		el("section", { class: "card spaced", id: "before" }, el("h2", {}, t("充电记录", "Sessions")),
			before.length ? before.map(ended) : el("p", { class: "soft" }, t("还没有充电记录", "No session yet"))));
}

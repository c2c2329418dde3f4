import { amount, el, form, money, named, note, say, t, when, api } from "/hub.js";
import { card as beside } from "/page-compare.js";
import { badge, bars, cycleName, dayLabel, days, kind, lastDay, look, owed, partName, shares, utility, yuan } from "/bills.js";

function chooser(place, context) {
	if (place.accounts.length < 2)
		return null;
	return el("label", {}, t("缴费户", "Account"), el("select", { id: "account", onchange: event => {
		sessionStorage.setItem("account", event.target.value);
		context.go("#/bills");
		window.dispatchEvent(new HashChangeEvent("hashchange"));
	} }, place.accounts.map(one => el("option", { value: one.account, selected: one === place.account },
		`${named({ ...one, code: one.account })} · ${one.account}`))));
}

function hero(place, bill) {
	const open = owed(place.account), newest = bill.id === place.bills[0]?.id, zone = place.account.zone;
	const shown = newest ? open : bill.total - bill.paid;
	let told = t(`请于 ${when(lastDay(bill.due), "date", zone, "zh")} 前（含当日）缴纳`, `Please pay by ${when(lastDay(bill.due), "date", zone, "en")}`);
	if (bill.state !== "posted")
		told = t("本账单已作废，请勿缴费", "Cancelled: do not pay");
	else if (shown <= 0)
		told = shown < 0 ? t("无需缴费，余额已为您保留", "Nothing to pay; the credit is kept for you") : t("已缴清", "Paid in full");
	return el("section", { class: "card hero all" },
		el("p", { class: "soft" }, t(`${cycleName(bill.cycle)} 应缴`, "amount due")),
		el("p", { class: "figure number", id: "due" }, money(shown, bill.currency)),
		el("p", { id: "until" }, told),
		newest && open !== bill.total - bill.paid ? el("p", { class: "small soft" },
			t(`本期 ${money(bill.total, bill.currency)}，其余为往期未缴与余额`, `this bill ${money(bill.total, bill.currency)}; the rest are earlier bills and credit`)) : null,
		el("div", { class: "row" },
			shown > 0 && bill.state === "posted" ? el("a", { class: "button light", id: "pay", href: `#/pay/${bill.id}` }, t("去缴费", "Pay")) : null,
			el("a", { class: "button ghost", id: "why", href: `#/why/${bill.id}` }, t("为什么是这个数", "Why this much"))));
}

function line(bill, part, one, i) {
	return el("li", {}, el("a", { class: "grow plain-link", href: `#/line/${bill.id}/${part.part}/${i}` },
		el("span", {}, one.text), el("br"), el("span", { class: "small soft number" }, one.formula)),
	el("span", { class: "number" }, yuan(one.amount)), el("span", { class: "soft", "aria-hidden": "true" }, "›"));
}

// What the customer contests, the utility's answer, and a form to contest it.
function contest(bill, part) {
	const place = el("div", { class: "contest" });
	const show = dispute => {
		if (dispute?.state === "open")
			place.replaceChildren(note("warn", t(`已提出争议，等待${utility(part)}答复：${dispute.reason}`, `Contested; waiting for the answer: ${dispute.reason}`)));
		else if (bill.state === "posted")
			place.replaceChildren(...(dispute ? [note("good", t(`争议已答复：${dispute.answer || "–"}`, `Answered: ${dispute.answer || "–"}`))] : []), ask());
	};
	const ask = () => {
		const box = el("details", { class: "ask" }, el("summary", {}, t("对这部分有异议", "Contest this part")),
			form([el("label", {}, t("理由", "Reason"), el("textarea", { name: "reason", required: true, maxlength: 160, rows: 2 }))],
				t("提交争议", "Contest"), async values => {
					await api("POST", `/v1/bills/${bill.id}/disputes`, { part: part.part, reason: values.reason });
					show({ state: "open", reason: values.reason });
				}));
		return box;
	};
	show(part.dispute);
	return place;
}

// A part: its name and amount, and opened its lines; the picture comes when it is opened.
function card(bill, part, zone) {
	const lines = part.rated?.lines ?? [], picture = el("div", {});
	const details = el("details", { class: "part", id: `part-${part.part}`, ontoggle: async () => {
		if (!details.open || picture.dataset.drawn)
			return;
		picture.dataset.drawn = "1";
		const list = await days(part);
		if (list.length)
			picture.append(el("p", { class: "small soft" }, t("每日用量", "Use by day")),
				bars(list.map(one => ({ label: dayLabel(one.day, zone), value: Number(one.value), kind: kind(part), faint: one.estimated,
					title: `${when(one.day, "date", zone)}: ${amount(one.value, one.unit)}` })), say("每日用量", "Use by day")));
	} },
	el("summary", {}, el("span", { class: `dot ${kind(part)}`, "aria-hidden": "true" }),
		el("span", { class: "grow" }, el("strong", {}, partName(part)), el("br"),
			el("span", { class: "small soft" }, `${utility(part)} · ${amount(part.quantity, part.unit)} `), [...part.flags, ...(part.dispute?.state === "open" ? ["disputed"] : [])].map(badge)),
		el("strong", { class: "number" }, money(part.amount, bill.currency))),
	picture,
	lines.length ? el("ul", { class: "list lines" }, lines.map((one, i) => line(bill, part, one, i)))
		: part.sessions ? el("ul", { class: "list lines sessions" }, part.sessions.map(one => el("li", {},
			el("span", { class: "grow" }, when(one.started, "time", zone), el("br"), el("span", { class: "small soft" },
				`${one.station} · ${amount((one.energy_wh / 1000).toFixed(2), "kWh")}`)), el("span", { class: "number" }, money(one.amount, bill.currency)))))
		: note("", t(`由企业出具，单号 ${part.reference || "–"}`, `Billed by the utility itself, number ${part.reference || "–"}`)),
	part.signed ? el("p", { class: "small soft signed", title: part.signed.digest }, t("账单由该企业以数字证书签名", "Signed by the utility with its certificate")) : null,
	contest(bill, part),
	part.paid ? el("p", { class: "small" }, t(`已缴 ${money(part.paid, bill.currency)}`, `paid ${money(part.paid, bill.currency)}`)) : null);
	return details;
}

function changes(bill) {
	const moved = (bill.changes ?? []).filter(one => one.difference);
	if (!bill.revision)
		return null;
	return note("warn", t(`这是更正后的账单（第 ${bill.revision} 次）。`, `This is a corrected bill (revision ${bill.revision}). `),
		moved.map(one => el("span", { class: "number" }, `${one.party}: ${money(one.was, bill.currency)} → ${money(one.is, bill.currency)} `)));
}

// What was frozen with this bill: later bills do not change it. What gives no answer says why on the page of the comparison.
function neighbours(bill) {
	const list = (bill.comparisons ?? []).filter(one => one.answer);
	if (!list.length)
		return null;
	return el("section", { class: "card all", id: "neighbours" }, el("h2", {}, t("与邻里对比", "Beside the neighbours")),
		el("p", { class: "small soft" }, t("相似住宅：同类住宅、同种采暖、面积相差不超过 15 %、有人居住，由近到远取 20 至 100 户；不足 20 户不作对比；“最省”为用量最少的五分之一",
			"Homes like yours: same kind, same heating, area within 15 %, lived in, the nearest 20 to 100; with fewer than 20 there is no comparison; the best fifth use least")),
		el("div", { class: "grid two" }, list.map(beside)), el("p", { class: "small" }, el("a", { href: "#/compare" }, t("节能方案", "Saving advice"))));
}

function history(place, bill) {
	const list = place.bills.slice(0, 13); // with the same month of the year before
	const year = [...list].reverse().map(one => ({ label: String(Number(one.cycle.slice(5))), value: Math.max(0, one.total), kind: "c-any",
		faint: one.id !== bill.id, title: `${cycleName(one.cycle)}: ${money(one.total, one.currency)}` }));
	return el("section", { class: "card" }, el("h2", {}, t("历史账单", "Earlier bills")),
		year.length > 1 ? bars(year, say("每期金额", "Amount of each cycle")) : null,
		el("ul", { class: "list", id: "history" }, list.map(one => el("li", {},
			el("a", { class: "grow", href: `#/bills/${one.id}`, "aria-current": one.id === bill.id ? "true" : null }, cycleName(one.cycle)),
			one.state === "posted" ? one.paid >= one.total ? el("span", { class: "badge" }, t("已缴", "paid")) : null
				: el("span", { class: "badge flag-estimated" }, t("作废", "cancelled")),
			el("span", { class: "number" }, money(one.total, one.currency))))));
}

export default async function (frame, context, [id]) {
	const place = await look(id);
	if (!place.head) {
		frame.append(el("h1", {}, t("账单", "Bills")), note("", t("还没有账单", "There is no bill yet")));
		return;
	}
	const bill = await api("GET", `/v1/bills/${place.head.id}?lines=true`), zone = place.account.zone;
	frame.append(el("h1", {}, t("统一账单", "Unified bill")),
		el("p", { class: "lead" }, `${named({ ...place.account, code: place.account.account })} · ${place.account.account} · ${cycleName(bill.cycle)}`),
		el("div", { class: "grid two" }, chooser(place, context) ?? "", hero(place, bill),
			el("section", { class: "card", id: "parts" }, el("h2", {}, t("本期明细", "What it is made of")), changes(bill), shares(bill) ?? "",
				bill.parts.map(part => card(bill, part, zone)),
				el("p", { class: "total number" }, t("合计", "Total"), el("strong", {}, money(bill.total, bill.currency))),
				el("p", { class: "small row" }, t("下载", "Download"), ["pdf", "xlsx", "csv"].map(form =>
					el("a", { href: `/v1/bills/${bill.id}.${form}`, target: "_blank", rel: "noopener" }, form.toUpperCase())))),
			history(place, bill), neighbours(bill) ?? ""));
}

import { amount, api, el, money, note, t, when } from "/hub.js";
import { partName, yuan } from "/bills.js";
import { at, card, fact, head, pager, table } from "/staff.js";

const up = (href, zh, en) => el("p", { class: "small" }, el("a", { href }, "← ", t(zh, en)));

// The own parts of a bill, as the party is shown them: how each line came about, and what of it is paid.
async function bill(frame, id) {
	const found = await api("GET", `/v1/bills/${encodeURIComponent(id)}?lines=true`);
	frame.append(up("#/money/shares", "付款份额", "Shares of payments"), head("账单中的本公司部分", "Our part of a bill", ` ${found.id}`),
		el("p", { class: "lead" }, found.cycle), el("div", { class: "grid" }, found.parts.map(part => el("section", { class: "card part-of-bill" },
			el("h2", {}, partName(part)),
			el("p", {}, el("strong", { class: "number" }, money(part.amount, found.currency)), " · ", amount(part.quantity, part.unit), " · ",
				t("已缴", "paid"), " ", el("span", { class: "number paid" }, money(part.paid, found.currency))),
			part.rated?.lines?.length ? table("lines", [["项目", "Line"], ["怎么算", "How"], ["金额", "Amount", "number"]],
				part.rated.lines.map(line => [line.text, line.formula, yuan(line.amount)]))
				: note("", t(`本公司自己开的账单，编号 ${part.reference || "–"}`, `Our own bill, number ${part.reference || "–"}`))))));
}

async function shares(frame, currency) {
	const list = el("section", { class: "card" });
	frame.append(up("#/money", "账单与分账", "Bills and shares"), head("付款中属于本公司的份额", "Our shares of payments"),
		el("p", { class: "lead" }, t("最近有付款的账期；每一份都指向付款与账单", "The last cycle of which anything is paid; each share with its payment and bill")), list);
	await pager(list, async cursor => {
		const page = await api("GET", `/v1/bills/shares?limit=50&cursor=${cursor}`);
		return { cursor: page.cursor, rows: table("shares", [["户号", "Account"], ["账期", "Cycle"], ["份额", "Share", "number"], ["付款单号", "Payment"],
			["整笔", "The whole", "number"], ["渠道", "Through"], ["渠道编号", "Reference"], ["时间", "When"], ["账单", "Bill"]],
		page.shares.map(one => [one.account, one.cycle, money(one.amount, currency), one.order, money(one.payment, currency),
			[one.provider, one.state === "refunded" ? el("span", { class: "warn-text" }, " ", t("已退款", "given back")) : ""], one.reference, at(one.paid),
			el("a", { href: `#/money/bill/${one.bill}` }, one.bill)])) };
	});
}

export default async function (frame, context, [what, id]) {
	if (what === "bill" && id)
		return bill(frame, id);
	const [book, { disputes }] = await Promise.all([api("GET", "/v1/reconciliation"), api("GET", "/v1/disputes")]);
	if (what === "shares")
		return shares(frame, book.currency);
	const imports = el("section", { class: "card" }, el("h2", {}, t("导入的账单", "Bills imported")));
	frame.append(head("账单与分账", "Bills and shares"),
		el("div", { class: "grid four" },
			fact("已开账", "Billed", money(book.billed, book.currency), "billed"), fact("已收", "Paid", money(book.paid, book.currency), "paid", "#/money/shares"),
			fact("未收", "Open", money(book.unpaid, book.currency), "unpaid"),
			fact("已归集", "Collected for the party", money(book.collected, book.currency), "collected", "#/money/shares")),
		el("p", { class: `note ${book.agrees ? "good" : "bad"} spaced`, id: "agrees" }, book.agrees ? t("账单与总账一致", "Bills and the ledger agree")
			: t("账单与总账不一致，请联系运行方", "Bills and the ledger differ: tell the operators")),
		el("div", { class: "grid" }, imports,
			card("未了结的争议", "Open disputes", table("disputes", [["账单", "Bill"], ["部分", "Part", "number"], ["金额", "Amount", "number"], ["提出", "Opened"], ["理由", "Reason"]],
				disputes.map(one => [el("a", { href: `#/money/bill/${one.bill}` }, one.bill), String(one.part), money(one.amount, book.currency), at(one.opened), one.reason])))));
	await pager(imports, async cursor => {
		const page = await api("GET", `/v1/bills/imported?limit=50&cursor=${cursor}`);
		return { cursor: page.cursor, rows: table("imports", [["户号", "Account"], ["计量点", "Point"], ["账期", "Cycle"], ["金额", "Amount", "number"], ["用量", "Quantity", "number"],
			["期间", "Period"], ["编号", "Reference"], ["签名", "Signed"], ["已入账单", "On a bill"]],
		page.imports.map(one => [one.account, one.point, one.cycle, money(one.amount, book.currency), amount(one.quantity, one.unit),
			`${when(one.start, "date")} – ${when(one.end, "date")}`, one.reference, one.signed ? "✓" : null, one.billed ? "✓" : null])) };
	});
}

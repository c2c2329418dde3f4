import { amount, api, el, money, note, t } from "/hub.js";
import { at, card, fact, head, pager, table } from "/staff.js";
import { when } from "/hub.js";

export default async function (frame) {
	const [book, { disputes }] = await Promise.all([api("GET", "/v1/reconciliation"), api("GET", "/v1/disputes")]);
	const imports = el("section", { class: "card" }, el("h2", {}, t("导入的账单", "Bills imported")));
	frame.append(head("账单与分账", "Bills and shares"),
		el("div", { class: "grid four" },
			fact("已开账", "Billed", money(book.billed, book.currency), "billed"), fact("已收", "Paid", money(book.paid, book.currency), "paid"),
			fact("未收", "Open", money(book.unpaid, book.currency), "unpaid"), fact("已归集", "Collected for the party", money(book.collected, book.currency), "collected")),
		el("p", { class: `note ${book.agrees ? "good" : "bad"} spaced`, id: "agrees" }, book.agrees ? t("账单与总账一致", "Bills and the ledger agree")
			: t("账单与总账不一致，请联系运行方", "Bills and the ledger differ: tell the operators")),
		el("div", { class: "grid" }, imports,
			card("未了结的争议", "Open disputes", table("disputes", [["账单", "Bill"], ["部分", "Part", "number"], ["金额", "Amount", "number"], ["提出", "Opened"], ["理由", "Reason"]],
				disputes.map(one => [one.bill, String(one.part), money(one.amount, book.currency), at(one.opened), one.reason])))));
	await pager(imports, async cursor => {
		const page = await api("GET", `/v1/bills/imported?limit=50&cursor=${cursor}`);
		return { cursor: page.cursor, rows: table("imports", [["户号", "Account"], ["计量点", "Point"], ["账期", "Cycle"], ["金额", "Amount", "number"], ["用量", "Quantity", "number"],
			["期间", "Period"], ["编号", "Reference"], ["签名", "Signed"], ["已入账单", "On a bill"]],
		page.imports.map(one => [one.account, one.point, one.cycle, money(one.amount, book.currency), amount(one.quantity, one.unit),
			`${when(one.start, "date")} – ${when(one.end, "date")}`, one.reference, one.signed ? "✓" : null, one.billed ? "✓" : null])) };
	});
}

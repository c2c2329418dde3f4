import { api, el, form, money, named, note, t } from "/hub.js";
import { back, commodityName, cycleName, look, owed, utility } from "/bills.js";

const states = { ordered: ["待支付", "Waiting for payment"], paid: ["已支付", "Paid"], refunded: ["已退款", "Given back"] };

// "123.45" of 12345, for the order; whole numbers only.
const plain = cents => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;

function follow(order, place, currency) {
	const state = el("span", { class: "badge", id: "state" }, t(...states.ordered));
	place.replaceChildren(el("h2", {}, t("订单", "Order"), " ", state),
		el("p", { class: "number" }, `${order.order} · ${money(order.amount, currency)}`),
		order.pay_at ? el("a", { class: "button", id: "go", href: `${order.pay_at}${order.pay_at.includes("?") ? "&" : "?"}order=${encodeURIComponent(order.order)}`,
			target: "_blank", rel: "noopener" }, t("前往支付", "To the payment page")) : note("warn", t("请在支付平台完成", "Finish it at your payment provider")),
		note("", t("支付完成后，本页会自动更新", "This page changes by itself once it is paid")));
	const ask = async () => {
		if (!place.isConnected)
			return;
		const now = await api("GET", `/v1/payments/${order.order}`);
		state.replaceChildren(t(...states[now.state]));
		if (now.state === "ordered")
			setTimeout(ask, 2000);
		else
			place.append(note("good", t(`${money(now.amount, currency)} 已入账，感谢`, `${money(now.amount, currency)} received, thank you`)),
				el("a", { class: "button", href: "#/bills" }, t("查看账单", "To the bill")));
	};
	setTimeout(ask, 1000);
}

// The order behind the code of a printed bill is nobody's payment before it is paid.
function earlier(all, currency) {
	const list = all.filter(one => one.state !== "ordered" || !/^\d+-bill-/.test(one.order));
	if (!list.length)
		return "";
	return el("section", { class: "card" }, el("h2", {}, t("付款记录", "Payments")), el("ul", { class: "list", id: "payments" },
		list.slice(0, 12).map(one => el("li", {}, el("span", { class: "grow" }, one.order, el("br"), el("span", { class: "small soft" }, one.made.slice(0, 10))),
			el("span", { class: "badge" }, t(...states[one.state])), el("span", { class: "number" }, money(one.amount, currency))))));
}

export default async function (frame, context, [id]) {
	const place = await look(id), account = place.account;
	frame.append(back(`#/bills${id ? "/" + id : ""}`, "返回账单", "Back to the bill"), el("h1", {}, t("缴费", "Pay")));
	const open = account ? owed(account) : 0;
	if (open <= 0 || !place.head) {
		frame.append(note("good", t("没有应缴的费用", "There is nothing to pay")));
		return;
	}
	const bill = await api("GET", `/v1/bills/${place.head.id}`);
	const providers = (await api("GET", "/v1/payments/providers")).providers;
	const payments = (await api("GET", `/v1/payments?account=${encodeURIComponent(account.account)}`)).payments;
	const parts = bill.parts.filter(part => part.amount > part.paid);
	const choice = el("fieldset", {}, el("legend", {}, t("付哪些", "What to pay")),
		el("label", { class: "choice" }, el("input", { type: "radio", name: "what", value: "all", checked: true }),
			el("span", { class: "grow" }, t("全部欠费", "Everything open")), el("strong", { class: "number" }, money(open, bill.currency))),
		parts.map(part => el("label", { class: "choice" }, el("input", { type: "radio", name: "what", value: String(part.part) }),
			el("span", { class: "grow" }, t(...commodityName(part)), ` · ${utility(part)} · ${cycleName(bill.cycle)}`),
			el("strong", { class: "number" }, money(part.amount - part.paid, bill.currency)))));
	const body = el("section", { class: "card" });
	if (!providers.length)
		body.append(note("warn", t("暂无支付渠道", "There is no payment provider yet")));
	else
		body.append(form([choice, el("label", {}, t("支付渠道", "Paid through"), el("select", { name: "provider" },
			providers.map(one => el("option", { value: one.code }, named(one)))))],
		t("下单", "Order the payment"), async values => {
			const part = parts.find(one => String(one.part) === values.what), cents = part ? part.amount - part.paid : open;
			const random = crypto.getRandomValues(new Uint32Array(2));
			const order = await api("POST", "/v1/payments", { account: account.account, provider: values.provider, amount: plain(cents),
				id: `W${random[0].toString(36)}${random[1].toString(36)}`, ...(part ? { for: [{ cycle: bill.cycle, part: part.part }] } : {}) });
			follow(order, body, bill.currency);
		}, { id: "order" }));
	frame.append(el("div", { class: "grid two" }, body, earlier(payments, bill.currency)));
}

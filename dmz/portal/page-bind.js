import { api, commodities, el, field, form, named, note, say, t, toast } from "/hub.js";

export default async function (frame, context) {
	const scanned = sessionStorage.getItem("code") ?? "";
	sessionStorage.removeItem("code");
	const body = el("section", { class: "card" });
	frame.append(el("h1", {}, t("绑定表计", "Bind a meter")),
		el("p", { class: "lead" }, t("扫描表计上的二维码，或输入下面的绑定码", "Scan the code on the meter, or type it here")), body);

	const ask = () => body.replaceChildren(form([
		field("绑定码", "Code", { name: "code", class: "code", value: scanned, placeholder: "XXXX-XXXX-XXXX", autocomplete: "off", maxlength: 24 }),
	], t("下一步", "Next"), async values => confirm(values.code, await api("POST", "/v1/bindings", { code: values.code, confirm: false })),
	{ id: "bind" }));

	// Nothing has happened yet: first it is shown what would.
	const confirm = (code, what) => body.replaceChildren(
		el("ul", { class: "list" }, el("li", {},
			el("span", { class: "icon", "aria-hidden": "true" }, commodities[what.commodity]?.[0] ?? "·"),
			el("span", { class: "grow" }, named({ ...what, code: what.point }), el("br"),
				el("span", { class: "small soft" }, `${say(...(commodities[what.commodity] ?? ["", ""]))} · ${what.point}`)))),
		what.taken ? note("warn", t("这个表计现在属于另一户。确认后，他们将不再看到它的数据，并会收到通知。",
			"Another household has this meter now. Once you confirm they no longer see its data, and are told so.")) : "",
		form([], t("确认绑定", "Confirm"), async () => {
			await api("POST", "/v1/bindings", { code, confirm: true });
			await context.refresh();
			toast("已绑定", "Bound");
			context.go("#/");
		}, { id: "confirm" }),
		el("p", {}),
		el("button", { class: "plain wide", type: "button", onclick: ask }, t("返回", "Back")));
	ask();
}

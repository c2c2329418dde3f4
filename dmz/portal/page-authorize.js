import { api, el, named, note, say, t } from "/hub.js";

const scopes = {
	profile: ["您的姓名、账号与表计清单", "Your name, login and list of meters"],
	readings: ["您的表计读数", "The readings of your meters"],
};

// The app's request stands in the query, as RFC 6749 has it; the core judges it before and after the person does.
export default async function (frame, context) {
	const asked = Object.fromEntries(new URLSearchParams(location.search));
	const what = await api("POST", "/v1/authorization", { ...asked, decision: "ask" });
	if (what.redirect) { // the request breaks a rule: the app is told
		location.assign(what.redirect);
		return;
	}
	const decide = async decision => {
		const answer = await api("POST", "/v1/authorization", { ...asked, decision });
		location.assign(answer.redirect);
	};
	frame.append(el("h1", {}, t("应用授权", "Authorize an app")),
		el("section", { class: "card" },
			el("p", {}, el("strong", { id: "app" }, named(what)), " ", t("请求访问：", "asks for:")),
			el("ul", { class: "list" }, what.scope.split(" ").map(one => el("li", {}, el("span", { class: "grow" }, t(...(scopes[one] ?? [one, one])))))),
			note("", t(`以 ${context.me.login} 的身份。您可以随时在“账户”中撤销。`, `As ${context.me.login}. You can withdraw it at any time under Account.`)),
			el("p", { class: "small soft" }, say("之后将返回：", "Afterwards you return to: "), new URL(what.redirect_uri).host),
			el("div", { class: "row" },
				el("button", { class: "main", type: "button", id: "allow", onclick: () => decide("allow") }, t("同意", "Allow")),
				el("button", { class: "plain", type: "button", id: "deny", onclick: () => decide("deny") }, t("拒绝", "Deny")))));
}

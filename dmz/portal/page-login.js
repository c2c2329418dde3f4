import { api, el, field, form, t } from "/hub.js";

export default async function (frame, context) {
	const login = field("账号", "Login", { name: "login", autocomplete: "username", required: true, maxlength: 64 });
	frame.append(
		el("h1", {}, t("登录", "Log in")),
		el("p", { class: "lead" }, t("查看用电、用水、用气与账单", "Your electricity, water, gas and bills")),
		el("section", { class: "card" }, form([
			login,
			field("密码", "Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
		], t("登录", "Log in"), async values => {
			context.me = await api("POST", "/v1/session", { login: values.login.trim().toLowerCase(), password: values.password });
			const there = location.hash;
			context.go(there.startsWith("#/login") ? "#/" : there);
			if (location.hash === there)
				window.dispatchEvent(new HashChangeEvent("hashchange"));
		}, { id: "login" })),
		el("p", { class: "small soft" }, el("a", { href: "#/join" }, t("有邀请码？加入家庭", "Have an invitation? Join a household"))),
	);
	queueMicrotask(() => login.querySelector("input").focus());
}

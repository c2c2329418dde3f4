import { api, el, field, form, note, t } from "/hub.js";

export default async function (frame, context, [code]) {
	frame.append(el("h1", {}, t("加入家庭", "Join a household")),
		el("p", { class: "lead" }, t("用户主给您的邀请码建立自己的账号", "With the invitation you were given you make a login of your own")));
	if (context.me) {
		frame.append(note("warn", t("请先退出当前账号", "Log out of the present login first")));
		return;
	}
	frame.append(el("section", { class: "card" }, form([
		field("邀请码", "Invitation", { name: "code", value: code ?? "", autocomplete: "off", required: true }),
		field("账号", "Login", { name: "login", autocomplete: "username", maxlength: 64 }),
		field("姓名", "Name", { name: "name", autocomplete: "name", maxlength: 64 }),
		field("密码（至少 10 个字符）", "Password, 10 characters or more", { name: "password", type: "password", autocomplete: "new-password" }),
	], t("加入", "Join"), async values => {
		context.me = await api("POST", "/v1/invitations", { code: values.code.trim(), login: values.login.trim().toLowerCase(),
			name: values.name.trim(), password: values.password });
		context.go("#/");
	}, { id: "join" })));
}

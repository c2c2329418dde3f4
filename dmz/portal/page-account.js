import { api, el, field, form, named, note, t, toast, when, whenEn, whenZh } from "/hub.js";

function whoAmI(me) {
	return el("section", { class: "card" }, el("h2", {}, t("我是谁", "Who am I")),
		el("ul", { class: "list" },
			el("li", {}, el("span", { class: "grow" }, t("账号", "Login")), el("strong", { id: "who" }, me.login)),
			el("li", {}, el("span", { class: "grow" }, t("姓名", "Name")), me.name || "–"),
			el("li", {}, el("span", { class: "grow" }, t("所属", "Acting for")), named(me.party))));
}

function password(context) {
	return el("section", { class: "card" }, el("h2", {}, t("更改密码", "Change password")), form([
		el("input", { type: "text", autocomplete: "username", value: context.me.login, hidden: true }),
		field("当前密码", "Current password", { name: "old", type: "password", autocomplete: "current-password" }),
		field("新密码（至少 10 个字符）", "New password, 10 characters or more", { name: "new", type: "password", autocomplete: "new-password" }),
	], t("更改密码", "Change password"), async (values, itself) => {
		await api("POST", "/v1/me/password", { old: values.old, new: values.new });
		itself.reset();
		toast("密码已更改，其他设备已退出", "Changed; other devices are logged out");
	}, { id: "password" }));
}

async function members(context, again) {
	const list = (await api("GET", "/v1/members")).members;
	const place = el("div", {});
	const rows = list.map(one => el("li", {},
		el("span", { class: "icon", "aria-hidden": "true" }, (one.name || one.login).slice(0, 1).toUpperCase()),
		el("span", { class: "grow" }, one.name || one.login, el("br"), el("span", { class: "small soft" }, one.login)),
		one.head ? el("span", { class: "badge" }, t("户主", "Head")) : null,
		context.me.head && one.login !== context.me.login ? el("button", { class: "danger", type: "button", onclick: async () => {
			await api("DELETE", `/v1/members/${encodeURIComponent(one.login)}`);
			toast(`已移除 ${one.login}`, `${one.login} was removed`);
			await again();
		} }, t("移除", "Remove")) : null));
	return el("section", { class: "card" }, el("h2", {}, t("家庭成员", "Household members")),
		el("ul", { class: "list", id: "members" }, rows),
		context.me.head ? el("button", { class: "plain", type: "button", id: "invite", onclick: async () => {
			const made = await api("POST", "/v1/members/invitations", {});
			const address = `${location.origin}/#/join/${made.code}`;
			place.replaceChildren(note("", t(`请把链接交给家人，${whenZh(made.expires)} 前有效，只能用一次：`,
				`Give this link to a member of your household; it works once, until ${whenEn(made.expires)}:`), el("br"),
				el("a", { href: address, id: "invitation" }, address)));
		} }, t("邀请成员", "Invite a member")) : null, place);
}

async function apps(again) {
	const list = (await api("GET", "/v1/grants")).grants;
	if (!list.length)
		return null;
	return el("section", { class: "card" }, el("h2", {}, t("已授权的应用", "Apps you authorized")),
		el("ul", { class: "list", id: "grants" }, list.map(one => el("li", {},
			el("span", { class: "grow" }, named(one), el("br"), el("span", { class: "small soft" }, `${one.scope} · ${when(one.granted)}`)),
			el("button", { class: "danger", type: "button", onclick: async () => {
				await api("DELETE", `/v1/grants/${one.grant}`);
				toast("已撤销", "Withdrawn");
				await again();
			} }, t("撤销", "Withdraw"))))));
}

async function sessions(context) {
	const list = (await api("GET", "/v1/sessions")).sessions;
	const leave = async path => {
		await api("DELETE", path);
		context.me = null;
		context.go("#/login");
	};
	return el("section", { class: "card" }, el("h2", {}, t("登录的设备", "Where you are logged in")),
		el("ul", { class: "list" }, list.map(one => el("li", {},
			el("span", { class: "grow" }, one.address, el("br"), el("span", { class: "small soft" }, when(one.started))),
			one.current ? el("span", { class: "badge" }, t("本机", "This one")) : null))),
		el("div", { class: "row" },
			el("button", { class: "plain", type: "button", id: "logout", onclick: () => leave("/v1/session") }, t("退出", "Log out")),
			el("button", { class: "danger", type: "button", id: "logout-all", onclick: () => leave("/v1/sessions") },
				t("退出所有设备", "Log out everywhere"))));
}

export default async function account(frame, context) {
	const again = async () => {
		const fresh = el("div", {});
		await account(fresh, context);
		document.getElementById("main").replaceChildren(...fresh.childNodes);
	};
	frame.append(el("h1", {}, t("账户", "Account")), el("p", { class: "lead" }, named(context.me.party)),
		el("div", { class: "grid two" }, whoAmI(context.me), password(context), await members(context, again), await sessions(context),
			await apps(again) ?? ""));
}

// What every page needs: the two languages, elements, calls to the core, and how money, numbers and times look.

const store = window.localStorage;
let chosen = store.getItem("language") || (navigator.language.startsWith("zh") || !navigator.language ? "zh" : "en");

export const language = () => chosen;
export function setLanguage(name) {
	chosen = name;
	store.setItem("language", name);
	document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
}

// The plain text in the reader's language, for attributes and titles.
export const say = (zh, en) => (chosen === "zh" ? zh : en);

// Both languages, the reader's own first.
export function t(zh, en) {
	const both = document.createDocumentFragment();
	const [own, other] = chosen === "zh" ? [[zh, "zh-CN"], [en, "en"]] : [[en, "en"], [zh, "zh-CN"]];
	both.append(el("span", { lang: own[1] }, own[0]));
	if (other[0] && other[0] !== own[0])
		both.append(" ", el("span", { lang: other[1], class: "second" }, other[0]));
	return both;
}

// el("p", {class: "soft", onclick: f}, child, …); texts are only ever text, never markup.
export function el(name, attributes = {}, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith("on"))
			element.addEventListener(key.slice(2), value);
		else if (value === true)
			element.setAttribute(key, "");
		else if (value !== false && value !== null && value !== undefined)
			element.setAttribute(key, value);
	}
	element.append(...children.flat().filter(child => child !== null && child !== undefined));
	return element;
}

// A refusal of the core: its stable code, the field, and how long to wait.
export class Refusal extends Error {
	constructor(status, problem, wait) {
		super(problem.detail || problem.message || problem.error_description || String(status));
		this.status = status;
		this.code = problem.code || "";
		this.field = problem.field || "";
		this.wait = wait;
	}
}

// The core's answer as JSON; a Refusal is thrown. The browser's Origin tells the core that a page of its own asks.
export async function api(method, path, body) {
	const headers = { "Accept-Language": chosen };
	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	const payload = body !== undefined ? JSON.stringify(body) : method === "GET" || method === "DELETE" ? undefined : "";
	let answer;
	try {
		answer = await fetch(path, { method, headers, body: payload, credentials: "same-origin", cache: "no-store" });
	} catch {
		throw new Refusal(0, { code: "portal.offline", detail: say("连接不上，请检查网络", "No connection; check the network") }, 0);
	}
	const text = await answer.text();
	let content = {};
	try {
		content = text ? JSON.parse(text) : {};
	} catch {
		content = { detail: text.slice(0, 200) };
	}
	if (!answer.ok) {
		if (answer.status === 401 && path !== "/v1/session")
			window.dispatchEvent(new Event("hub:logged-out"));
		throw new Refusal(answer.status, content, Number(answer.headers.get("Retry-After")) || 0);
	}
	return content;
}

// What people are told for a code; others get the core's own sentence.
const told = {
	"login.wrong": ["账号或密码不正确", "Login or password is wrong"],
	"password.length": ["密码需要 10 到 128 个字符", "A password has 10 to 128 characters"],
	"password.same": ["新密码不能与旧密码或账号相同", "The new password must differ from the old one and from the login"],
	"password.wrong": ["当前密码不正确", "The current password is wrong"],
	"person.login": ["账号为 3 到 64 个小写字母、数字或 . _ - @", "A login is 3 to 64 lower-case letters, digits or . _ - @"],
	"person.taken": ["这个账号已有人使用", "This login is taken"],
	"member.last": ["户主不能移除自己", "The head of the household cannot be removed"],
	"invitation.code": ["邀请码无效或已过期", "The invitation is not valid or has expired"],
	"binding.code": ["绑定码无效、已使用或已过期", "The code is not valid, used or expired"],
	"gateway.core_away": ["系统暂时不可用，请稍后再试", "The system is away for a moment; try again"],
	"gateway.rate": ["请求太频繁，请稍候", "Too many requests; wait a moment"],
};

export function explain(refusal) {
	if (refusal.code === "login.locked" || refusal.code === "binding.locked") {
		const minutes = Math.ceil(refusal.wait / 60);
		return refusal.wait < 60
			? t(`尝试次数过多，请 ${refusal.wait} 秒后再试`, `Too many attempts; try again in ${refusal.wait} seconds`)
			: t(`尝试次数过多，请 ${minutes} 分钟后再试`, `Too many attempts; try again in ${minutes} minutes`);
	}
	const known = told[refusal.code];
	return known ? t(...known) : document.createTextNode(refusal.message);
}

export const note = (kind, ...children) => el("p", { class: `note ${kind}`, role: kind === "bad" ? "alert" : "status" }, ...children);

let hiding;
export function toast(zh, en) {
	const place = document.getElementById("say");
	place.replaceChildren(t(zh, en));
	place.classList.add("shown");
	clearTimeout(hiding);
	hiding = setTimeout(() => place.classList.remove("shown"), 3500);
}

// A button's click: it rests while `work()` runs, and `place` says why it was refused.
// Work that has the page drawn anew answers true: its button rests until it is gone.
export const guarded = (work, place) => async event => {
	const button = event.currentTarget;
	let leaves = false;
	button.disabled = true;
	try {
		leaves = (await work()) === true;
	} catch (refusal) {
		if (!(refusal instanceof Refusal))
			throw refusal;
		place.replaceChildren(note("bad", explain(refusal)));
	} finally {
		button.disabled = leaves;
	}
};

// A form whose button rests while `work(values, form)` runs, and which shows why it was refused.
export function form(fields, label, work, attributes = {}) {
	const told = el("div", {});
	const button = el("button", { class: "main wide", type: "submit" }, label);
	return el("form", {
		novalidate: true, ...attributes,
		onsubmit: async event => {
			event.preventDefault();
			const values = Object.fromEntries(new FormData(event.target));
			button.disabled = true;
			told.replaceChildren();
			try {
				await work(values, event.target);
			} catch (refusal) {
				if (!(refusal instanceof Refusal))
					throw refusal;
				told.replaceChildren(note("bad", explain(refusal)));
				const field = event.target.elements[refusal.field];
				if (field && field.focus)
					field.focus();
			} finally {
				button.disabled = false;
			}
		},
	}, ...fields, told, button);
}

export const field = (zh, en, attributes) => el("label", {}, t(zh, en), el("input", { autocapitalize: "none", spellcheck: "false", ...attributes }));

// Money is whole numbers of the smallest unit, as the core gives it; never a floating point number.
const digits = { CNY: 2, USD: 2, EUR: 2, JPY: 0 }, signs = { CNY: "¥", USD: "$", EUR: "€", JPY: "¥" };
export function money(amount, currency = "CNY") {
	const places = digits[currency] ?? 2;
	const text = String(amount), negative = text.startsWith("-");
	const padded = (negative ? text.slice(1) : text).padStart(places + 1, "0");
	const whole = padded.slice(0, padded.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
	return `${negative ? "−" : ""}${signs[currency] ?? currency + " "}${whole}${places ? "." + padded.slice(-places) : ""}`;
}

const units = { m3: "m³" };
// A decimal string with its unit, digits as they are.
export function amount(value, unit) {
	const [whole, rest] = String(value).split(".");
	return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest ? "." + rest : ""}${unit ? " " + (units[unit] ?? unit) : ""}`;
}

const times = { date: { dateStyle: "medium" }, time: { dateStyle: "medium", timeStyle: "short" }, month: { year: "numeric", month: "long" } };
// kind: "date", "time" or "month"; zone: the point's own, by default the city's.
export const when = (text, kind = "time", zone = "Asia/Shanghai", name = chosen) =>
	new Intl.DateTimeFormat(name === "zh" ? "zh-CN" : "en-GB", { ...times[kind], timeZone: zone }).format(new Date(text));
// Within a sentence of both languages each has its own way to write a time.
export const whenZh = text => when(text, "time", "Asia/Shanghai", "zh");
export const whenEn = text => when(text, "time", "Asia/Shanghai", "en");

export const commodities = {
	electricity: ["电", "Electricity"], water: ["水", "Water"], gas: ["气", "Gas"], heat: ["热", "Heat"], cold: ["冷", "Cold"],
	ev: ["充", "EV charging"], any: ["综", "Several"],
};
export const named = thing => say(thing.name_zh || thing.name_en || thing.code, thing.name_en || thing.name_zh || thing.code);

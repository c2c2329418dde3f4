// The pages there are. A page is a row here and a module whose default export fills a frame:
//	export default async function (frame, context, rest) { frame.append(…) }
// open: for people who are not logged in, too; tab: its name below or above; when(me): who has the tab.
export const pages = [
	{ name: "", title: ["首页", "Home"], tab: ["首页", "Home"], load: () => import("/page-home.js") },
	{ name: "bills", title: ["账单", "Bills"], tab: ["账单", "Bills"], load: () => import("/page-bills.js") },
	{ name: "line", title: ["费用说明", "Explain a line"], load: () => import("/page-line.js") },
	{ name: "why", title: ["为什么", "Why"], load: () => import("/page-why.js") },
	{ name: "pay", title: ["缴费", "Pay"], load: () => import("/page-pay.js") },
	{ name: "forecast", title: ["预测", "Forecast"], tab: ["预测", "Forecast"], load: () => import("/page-forecast.js") },
	{ name: "charging", title: ["充电", "Charging"], tab: ["充电", "Charging"], load: () => import("/page-charging.js"),
		when: me => me.party.kind === "household" },
	{ name: "bind", title: ["绑定表计", "Bind a meter"], tab: ["绑定", "Bind"], narrow: true, load: () => import("/page-bind.js"),
		when: me => me.party.kind === "household" },
	{ name: "alarms", title: ["报警", "Alarms"], tab: ["报警", "Alarms"], load: () => import("/page-alarms.js"),
		when: me => me.party.kind !== "household" },
	{ name: "demand", title: ["需求响应", "Demand response"], tab: ["响应", "Demand"], load: () => import("/page-demand.js"),
		when: me => ["grid", "aggregator", "operator"].includes(me.party.kind) },
	{ name: "account", title: ["账户", "Account"], tab: ["账户", "Account"], load: () => import("/page-account.js") },
	{ name: "login", title: ["登录", "Log in"], open: true, narrow: true, load: () => import("/page-login.js") },
	{ name: "join", title: ["加入家庭", "Join a household"], open: true, narrow: true, load: () => import("/page-join.js") },
	{ name: "authorize", title: ["应用授权", "Authorize an app"], narrow: true, load: () => import("/page-authorize.js") },
];

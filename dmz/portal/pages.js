// The pages there are. A page is a row here and a module whose default export fills a frame:
//	export default async function (frame, context, rest) { frame.append(…) }
// open: for people who are not logged in, too; when(me): whose page it is (absent: everybody's; others are told so);
// tab: its short name below or above; card: what it is for, on the first page of those who work for a party.
export const areaOf = me => ({ household: "resident", operator: "operator", government: "government" })[me.party.kind] ?? "partner";
const of = (...areas) => me => areas.includes(areaOf(me));
const billed = me => areaOf(me) === "resident" || ["enterprise", "community", "park"].includes(me.party.kind);

export const pages = [
	{ name: "", title: ["首页", "Home"], tab: ["首页", "Home"], load: () => import("/page-home.js") },
	{ name: "bills", title: ["账单", "Bills"], tab: ["账单", "Bills"], load: () => import("/page-bills.js"), when: billed },
	{ name: "line", title: ["费用说明", "Explain a line"], load: () => import("/page-line.js"), when: billed },
	{ name: "why", title: ["为什么", "Why"], load: () => import("/page-why.js"), when: billed },
	{ name: "pay", title: ["缴费", "Pay"], load: () => import("/page-pay.js"), when: billed },
	{ name: "forecast", title: ["预测", "Forecast"], tab: ["预测", "Forecast"], load: () => import("/page-forecast.js"), when: billed },
	{ name: "compare", title: ["邻里对比与节能", "Neighbours and saving"], load: () => import("/page-compare.js"), when: billed },
	{ name: "notices", title: ["公告与查看记录", "Notices and views"], load: () => import("/page-notices.js"), when: of("resident") },
	{ name: "charging", title: ["充电", "Charging"], tab: ["充电", "Charging"], load: () => import("/page-charging.js"), when: of("resident") },
	{ name: "places", title: ["找充电桩", "Find a charger"], load: () => import("/page-places.js"), when: of("resident") },
	{ name: "bind", title: ["绑定表计", "Bind a meter"], tab: ["绑定", "Bind"], narrow: true, load: () => import("/page-bind.js"), when: of("resident") },

	{ name: "sums", title: ["区域统计", "Sums of areas"], tab: ["统计", "Sums"], load: () => import("/page-sums.js"), when: of("government"),
		card: ["地图、各区用量、碳排放、去年同期、Excel", "The map, use by area, carbon, the year before, Excel"] },
	{ name: "asked", title: ["查询记录", "What I asked"], tab: ["记录", "Asked"], load: () => import("/page-asked.js"), when: of("government"),
		card: ["每次查询、用途与追踪号", "Each question, its purpose and trace"] },

	{ name: "board", title: ["接入与质量", "Sources and quality"], tab: ["接入", "Sources"], load: () => import("/page-board.js"), when: of("operator", "partner"),
		card: ["适配器、速率、迟到与完整率", "Adapters, rates, lateness and completeness"] },
	{ name: "received", title: ["已收到", "Received"], load: () => import("/page-received.js"), when: of("operator", "partner"),
		card: ["每批数据的回执，被拒的原因", "A receipt for each batch, and why records were refused"] },
	{ name: "points", title: ["计量点的完整率", "Completeness by point"], load: () => import("/page-points.js"), when: of("operator", "partner") },
	{ name: "quarantine", title: ["隔离区", "Quarantine"], tab: ["隔离", "Refused"], load: () => import("/page-quarantine.js"), when: of("operator", "partner"),
		card: ["被拒的记录：查看、改正、重放", "Refused records: look, mend, replay"] },
	{ name: "deliveries", title: ["投递", "Deliveries"], load: () => import("/page-deliveries.js"), when: of("operator", "partner"),
		card: ["订阅、发出的批次、死信，发送测试", "Subscriptions, what went out, dead letters, send a test"] },
	{ name: "money", title: ["账单与分账", "Bills and shares"], load: () => import("/page-money.js"), when: of("partner"),
		card: ["导入的账单、已收与未收、争议", "Bills imported, paid and open shares, disputes"] },
	{ name: "keys", title: ["证书与令牌", "Certificates and tokens"], load: () => import("/page-keys.js"), when: of("operator", "partner", "government"),
		card: ["有效期与吊销状态", "Until when they hold, and what was revoked"] },
	{ name: "policies", title: ["策略", "Policies"], load: () => import("/page-policies.js"), when: of("operator", "partner"),
		card: ["生效的规则，以及为什么允许或拒绝", "The rules in force, and why something is allowed or not"] },

	{ name: "exchange", title: ["公告与数据请求", "Notices and requests"], load: () => import("/page-exchange.js"), when: of("government", "operator", "partner"),
		card: ["发公告，请求数据，答复与轨迹", "Send notices, ask for data, answer, the trail"] },
	{ name: "alarms", title: ["报警", "Alarms"], tab: ["报警", "Alarms"], load: () => import("/page-alarms.js"),
		when: of("government", "operator", "partner"), card: ["未恢复的报警与确认", "Open alarms; acknowledge them"] },
	{ name: "commands", title: ["命令", "Commands"], tab: ["命令", "Commands"], load: () => import("/page-commands.js"), when: of("operator", "partner"),
		card: ["下达、第二人批准、每一步", "Order, the second person's yes, every step"] },
	{ name: "chargers", title: ["充电桩", "Charging stations"], load: () => import("/page-chargers.js"),
		when: me => ["charging", "grid", "operator"].includes(me.party.kind), card: ["枪头状态与限功率", "Connectors and limits"] },
	{ name: "demand", title: ["需求响应", "Demand response"], load: () => import("/page-demand.js"),
		when: me => ["grid", "aggregator", "operator"].includes(me.party.kind), card: ["目标、交付曲线与结算", "Target, delivery and settlement"] },
	{ name: "account", title: ["账户", "Account"], tab: ["账户", "Account"], load: () => import("/page-account.js") },
	{ name: "login", title: ["登录", "Log in"], open: true, narrow: true, load: () => import("/page-login.js") },
	{ name: "join", title: ["加入家庭", "Join a household"], open: true, narrow: true, load: () => import("/page-join.js") },
	{ name: "authorize", title: ["应用授权", "Authorize an app"], narrow: true, load: () => import("/page-authorize.js") },
];

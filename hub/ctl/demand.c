/* hubctl demand: programmes, resources, events, reports and credits. */
#include "demand/days.h"
#include "demand/event.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "billing/unify.h"
#include "ctl/actor.h"
#include "ctl/words.h"
#include "store/bill.h"
#include "store/point.h"
#include "store/premise.h"

#define SECOND INT64_C(1000000)

enum { LIST = 100 };

static hub_status usage(hub_fault *fault)
{
	return hub_fault_set(fault, "command.arguments", "", "see hubctl help demand");
}

/* "12.5" kW or yuan at this scale; NULL: fallback. */
static hub_status scaled(const char *text, uint8_t scale, int64_t fallback, int64_t *ret, hub_fault *fault)
{
	decimal d;
	*ret = fallback;
	if (!text)
		return HUB_OK;
	if (decimal_parse(text, strlen(text), &d) != HUB_OK || decimal_to_int64(d, scale, DECIMAL_DOWN, ret) != HUB_OK || *ret < 0 ||
	    decimal_cmp(d, decimal_of(*ret, scale)))
		return hub_fault_set(fault, "demand.number", "", "'%.40s' is no number with at most %d decimals", text, scale);
	return HUB_OK;
}

static hub_status programme_of(ctl *c, const char *code, arena *a, demand_programme *ret, hub_fault *fault)
{
	hub_status st = code ? demand_programme_by_code(c->db, code, a, ret) : HUB_MISSING;
	if (st == HUB_MISSING)
		hub_fault_set(fault, "demand.programme", "programme", "there is no programme '%.64s'", code ? code : "");
	return st;
}

static hub_status known_calendar(ctl *c, const char *tariff, arena *a, hub_fault *fault)
{
	demand_days days;
	hub_status st = demand_days_open(c->db, tariff, clock_now(), a, &days);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "demand.calendar", "calendar", "there is no tariff '%.64s' with a zone; hubctl tariff add", tariff);
	if (st == HUB_OK)
		demand_days_close(&days);
	return st;
}

static hub_status add_programme(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	const char *owner = ctl_take(argc, argv, "party", 1, &bad), *zh = ctl_take(argc, argv, "name-zh", 1, &bad),
		   *en = ctl_take(argc, argv, "name-en", 1, &bad), *method = ctl_take(argc, argv, "method", 1, &bad),
		   *price = ctl_take(argc, argv, "price", 1, &bad), *settle = ctl_take(argc, argv, "settle", 1, &bad),
		   *stagger = ctl_take(argc, argv, "stagger", 1, &bad),
		   *calendar = ctl_take(argc, argv, "calendar", 1, &bad);
	uint64_t s, g;
	int64_t id;
	demand_programme p = { .name_zh = zh ? zh : "", .name_en = en ? en : "", .method = method ? method : "5of10", .calendar = calendar ? calendar : "" };
	hub_status st = scaled(price, 4, 0, &p.price, fault);
	if (st == HUB_OK)
		st = word_number(settle, 30, &s, fault);
	if (st == HUB_OK)
		st = word_number(stagger, 300, &g, fault);
	if (st == HUB_OK && (bad || *argc != 2 || !owner || s > 3600 || g > 3600))
		st = usage(fault);
	if (st == HUB_OK)
		st = word_party(c->db, owner, a, &p.party, fault);
	if (st != HUB_OK)
		return st;
	st = calendar ? known_calendar(c, calendar, a, fault) : HUB_OK;
	if (st != HUB_OK)
		return st;
	p.code = argv[1];
	p.settle = (int32_t)s;
	p.stagger = (int32_t)g;
	st = demand_programme_put(c->db, &p, &id, fault);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "demand.programme", "party", "programme '%.64s' is another party's", p.code);
	if (st == HUB_OK)
		printf("programme %s\n", p.code);
	return st;
}

static hub_status add_feeder(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	int64_t cap;
	(void)a;
	const char *most = ctl_take(argc, argv, "cap", 1, &bad);
	hub_status st = bad || *argc != 2 || !most ? usage(fault) : scaled(most, 3, 0, &cap, fault);
	return st == HUB_OK ? demand_feeder_put(c->db, argv[1], cap, fault) : st;
}

static hub_status read_member(ctl *c, int *argc, char **argv, arena *a, demand_member *m, hub_fault *fault)
{
	int bad = 0;
	static const struct {
		const char *name;
		uint8_t scale;
		size_t at;
	} numbers[] = { { "most", 3, offsetof(demand_member, most) },     { "least", 3, offsetof(demand_member, least) },
			{ "keep", 3, offsetof(demand_member, keep) },     { "normal", 3, offsetof(demand_member, normal) },
			{ "cost", 4, offsetof(demand_member, cost) },     { "need", 3, offsetof(demand_member, need_wh) } };
	const char *code = ctl_take(argc, argv, "programme", 1, &bad), *kind = ctl_take(argc, argv, "kind", 1, &bad),
		   *control = ctl_take(argc, argv, "control", 1, &bad), *channel = ctl_take(argc, argv, "channel", 1, &bad),
		   *feeder = ctl_take(argc, argv, "feeder", 1, &bad), *departure = ctl_take(argc, argv, "departure", 1, &bad);
	demand_programme p;
	*m = (demand_member) { .kind = kind ? kind : "building",
			       .control = control ? control : "set_point",
			       .channel = channel ? channel : "",
			       .feeder = feeder ? feeder : "",
			       .opted_in = !ctl_take(argc, argv, "out", 0, &bad) };
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof numbers / sizeof *numbers; i++)
		st = scaled(ctl_take(argc, argv, numbers[i].name, 1, &bad), numbers[i].scale, 0,
			    (int64_t *)((char *)m + numbers[i].at), fault);
	if (st == HUB_OK)
		st = word_time(departure, 0, &m->departure, fault);
	if (st == HUB_OK && (bad || *argc != 2))
		st = usage(fault);
	if (st == HUB_OK)
		st = programme_of(c, code, a, &p, fault);
	if (st == HUB_OK)
		st = word_point(c->db, argv[1], a, &m->point, fault);
	if (st == HUB_OK)
		m->programme = p.id;
	return st;
}

static hub_status add_member(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	demand_member m;
	hub_status st = read_member(c, argc, argv, a, &m, fault);
	if (st == HUB_OK)
		st = demand_member_put(c->db, &m, fault);
	if (st == HUB_MISSING && !fault->code)
		hub_fault_set(fault, "demand.feeder", "feeder", "there is no feeder '%.64s'; hubctl demand feeder", m.feeder);
	return st;
}

static hub_status opt(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	int64_t id;
	demand_programme p;
	const char *code = ctl_take(argc, argv, "programme", 1, &bad);
	bool is_in = *argc == 3 && !strcmp(argv[2], "in");
	if (bad || *argc != 3 || (!is_in && strcmp(argv[2], "out") != 0))
		return usage(fault);
	hub_status st = programme_of(c, code, a, &p, fault);
	if (st == HUB_OK)
		st = word_point(c->db, argv[1], a, &id, fault);
	if (st == HUB_OK)
		st = demand_member_opt(c->db, p.id, id, is_in);
	if (st == HUB_MISSING && !fault->code)
		hub_fault_set(fault, "demand.resource", "point", "'%.64s' takes no part", argv[1]);
	return st;
}

static hub_status call(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	demand_programme p;
	demand_event e = { .automatic = !ctl_take(argc, argv, "semi", 0, &bad) };
	uint64_t minutes, notice;
	const char *target = ctl_take(argc, argv, "target", 1, &bad), *from = ctl_take(argc, argv, "from", 1, &bad),
		   *to = ctl_take(argc, argv, "to", 1, &bad), *before = ctl_take(argc, argv, "notice", 1, &bad),
		   *area = ctl_take(argc, argv, "area", 1, &bad);
	e.asked_by = actor_person(argc, argv, &bad);
	hub_status st = scaled(target, 3, 0, &e.target, fault);
	if (st == HUB_OK)
		st = word_time(from, clock_now(), &e.starts, fault);
	if (st == HUB_OK)
		st = word_time(to, e.starts + 3600 * SECOND, &e.ends, fault);
	if (st == HUB_OK)
		st = word_number(before, 0, &notice, fault);
	minutes = st == HUB_OK ? notice : 0;
	if (st == HUB_OK && (bad || *argc != 2 || !e.target || minutes > 10080 || e.ends <= e.starts))
		st = usage(fault);
	if (st == HUB_OK)
		st = programme_of(c, argv[1], a, &p, fault);
	if (st == HUB_OK && area) {
		premise m;
		st = premise_by_code(c->db, area, a, &m);
		if (st == HUB_MISSING)
			hub_fault_set(fault, "demand.area", "area", "there is no premise '%.64s'", area);
		e.area = st == HUB_OK ? m.id : 0;
	}
	e.programme = st == HUB_OK ? p.id : 0;
	e.notice = e.starts - (hub_time)minutes * 60 * SECOND;
	if (st == HUB_OK)
		st = demand_event_add(c->db, &e, &e.id, fault);
	if (st == HUB_OK)
		printf("{\"event\":%lld}\n", (long long)e.id);
	return st;
}

static hub_status event_number(int argc, char **argv, uint64_t *ret, hub_fault *fault)
{
	return argc == 2 ? word_number(argv[1], 0, ret, fault) : usage(fault);
}

static hub_status change(ctl *c, int *argc, char **argv, hub_status (*how)(store *db, int64_t id), hub_fault *fault)
{
	uint64_t id = 0;
	hub_status st = event_number(*argc, argv, &id, fault);
	if (st == HUB_OK)
		st = how(c->db, (int64_t)id);
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "demand.state", "event", "event %llu is not in a state for this", (unsigned long long)id);
	return st;
}

static hub_status approve(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	(void)a;
	return change(c, argc, argv, demand_event_approve, fault);
}

static hub_status cancel(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	(void)a;
	return change(c, argc, argv, demand_event_cancel, fault);
}

static hub_status report(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	uint64_t id = 0;
	demand_event e;
	buf out = { 0 };
	hub_status st = event_number(*argc, argv, &id, fault);
	if (st == HUB_OK)
		st = demand_event_get(c->db, (int64_t)id, a, &e);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "demand.event", "event", "there is no event %llu", (unsigned long long)id);
	if (st == HUB_OK)
		st = demand_report(c->db, &e, clock_now(), a, &out);
	if (st == HUB_OK)
		printf("%s\n", buf_cstr(&out));
	buf_fini(&out);
	return st;
}

/*
 * One customer's credit as a bill of the programme's, below nothing. What comes when the cycle's line stands already, as an
 * event after it was settled, waits for the next cycle.
 */
static hub_status post_one(ctl *c, const demand_programme *p, const demand_result *sum, const bill_imported *m, hub_time to,
			   hub_fault *fault)
{
	/* An equal amount would pass for the same again. */
	hub_status st = sum->event ? HUB_CONFLICT : store_begin(c->db);
	if (st == HUB_OK) {
		st = bill_import(c->db, m, fault);
		if (st == HUB_OK)
			st = demand_result_settled(c->db, p->id, to, sum, m->cycle);
		if (st == HUB_OK)
			st = store_commit(c->db);
		else
			store_rollback(c->db);
	}
	const bool waits = st == HUB_CONFLICT;
	if (st == HUB_OK || waits)
		printf("{\"account\":%lld,\"point\":%lld,\"credit\":%lld%s}\n", (long long)sum->account, (long long)sum->point,
		       (long long)sum->credit, waits ? ",\"waits\":true" : "");
	return waits ? HUB_OK : st;
}

/* The cycle run takes them up. */
static hub_status post(ctl *c, const demand_programme *p, int32_t cycle, hub_time from, hub_time to, arena *a, hub_fault *fault)
{
	demand_result *list;
	size_t count = 0;
	hub_status st = demand_result_sums(c->db, p->id, to, cycle, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		char kwh[DECIMAL_TEXT];
		decimal energy;
		st = decimal_div(decimal_of(list[i].delivered_ws, 0), decimal_of(3600000, 0), 3, DECIMAL_DOWN, &energy);
		const bill_imported m = { .account = list[i].account,
					  .party = p->party,
					  .point = list[i].point,
					  .amount = -list[i].credit,
					  .cycle = cycle,
					  .start = from,
					  .end = to,
					  .quantity = st == HUB_OK ? arena_strdup(a, decimal_text(energy, kwh)) : NULL,
					  .unit = "kWh",
					  .reference = arena_printf(a, "demand/%s", p->code),
					  .detail = "" };
		if (st == HUB_OK)
			st = m.quantity && m.reference ? post_one(c, p, &list[i], &m, to, fault) : HUB_NOMEM;
	}
	return st;
}

static hub_status settle(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	int32_t cycle = 0;
	demand_programme p;
	const char *text = ctl_take(argc, argv, "cycle", 1, &bad);
	if (bad || *argc != 2 || !text || !unify_cycle_parse(text, &cycle))
		return usage(fault);
	hub_status st = programme_of(c, argv[1], a, &p, fault);
	int year = cycle / 100, month = cycle % 100;
	hub_time from = clock_days(year, month, 1) * 86400 * SECOND,
		 to = clock_days(month == 12 ? year + 1 : year, month % 12 + 1, 1) * 86400 * SECOND;
	return st == HUB_OK ? post(c, &p, cycle, from, to, a, fault) : st;
}

static const struct {
	const char *name;
	hub_status (*run)(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault);
} verbs[] = { { "programme", add_programme }, { "feeder", add_feeder }, { "resource", add_member }, { "opt", opt },
	      { "call", call },		      { "approve", approve },   { "cancel", cancel },	    { "report", report },
	      { "settle", settle } };

static int go(ctl *c, int argc, char **argv, size_t verb)
{
	arena a;
	char name[40];
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	snprintf(name, sizeof name, "demand %s", verbs[verb].name);
	hub_status st = verbs[verb].run(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

int ctl_demand(ctl *c, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return go(c, argc - 1, argv + 1, i);
	return ctl_usage("demand");
}

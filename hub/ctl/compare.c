/* hubctl compare: the neighbour comparison of a cycle, and what came of it. */
#include "compare/buildings.h"
#include "compare/run.h"
#include "compare/show.h"

#include <stdio.h>
#include <string.h>

#include "api/advice.h"
#include "base/clock.h"
#include "billing/unify.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "store/premise.h"

enum { TRIES = 20 };

/* --commodity, once or more; bits. */
static hub_status commodities(int *argc, char **argv, arena *a, unsigned *ret, hub_fault *fault)
{
	const char **list;
	size_t count;
	hub_status st = word_list(argc, argv, "commodity", a, &list, &count);
	*ret = 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		int c = compare_commodity(list[i]);
		if (c < 0)
			return hub_fault_set(fault, "compare.commodity", "commodity",
					     "'%.40s' is not compared; electricity, water, gas "
					     "and heat are",
					     list[i]);
		*ret |= 1u << c;
	}
	return st;
}

/* --per, once or more. */
static hub_status divided(int *argc, char **argv, arena *a, compare_per *ret, hub_fault *fault)
{
	const char **list;
	size_t count;
	const struct {
		const char *name;
		bool *flag;
	} words[] = { { "area", &ret->area }, { "occupants", &ret->occupants }, { "degree-days", &ret->degree_days } };
	hub_status st = word_list(argc, argv, "per", a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool known = false;
		for (size_t k = 0; k < sizeof words / sizeof *words; k++)
			if (!strcmp(list[i], words[k].name))
				known = *words[k].flag = true;
		if (!known)
			st = hub_fault_set(fault, "compare.per", "per",
					   "'%.40s' is none of area, occupants, degree-days", list[i]);
	}
	return st;
}

int ctl_compare_run(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	compare_tally t;
	compare_order order = { .weather = 0 };
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	const char *cycle = ctl_take(&argc, argv, "cycle", 1, &bad),
		   *weather = ctl_take(&argc, argv, "weather", 1, &bad);
	hub_status st = commodities(&argc, argv, &a, &order.commodities, &fault);
	if (st == HUB_OK)
		st = divided(&argc, argv, &a, &order.per, &fault);
	if (st == HUB_OK && (bad || !cycle || !unify_cycle_parse(cycle, &order.cycle) ||
			     ctl_leftover("compare run", argc, argv) || argc != 1)) {
		arena_fini(&a);
		return ctl_usage("compare run");
	}
	if (st == HUB_OK && order.per.degree_days != (weather != NULL))
		st = hub_fault_set(&fault, "compare.weather", "weather",
				   "--per degree-days and --weather POINT go together");
	if (st == HUB_OK && weather)
		st = word_point(c->db, weather, &a, &order.weather, &fault);
	if (st == HUB_OK)
		st = HUB_AGAIN;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = compare_run(c->db, &order, &t, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("compare run", st, &fault);
	printf("{\"cycle\":\"%s\",\"homes\":%zu,\"answers\":%zu,\"there\":%zu,\"without\":%zu,\"round\":%d}\n", cycle,
	       t.homes, t.answers, t.there, t.without, t.round);
	return CTL_OK;
}

int ctl_compare_show(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	int32_t cycle = 0;
	billing_account account;
	hub_fault fault = { 0 };
	buf out = { 0 };
	const char *text = ctl_take(&argc, argv, "cycle", 1, &bad);
	bool peers = ctl_take(&argc, argv, "peers", 0, &bad), told = ctl_take(&argc, argv, "as-resident", 0, &bad);
	if (bad || (text && !unify_cycle_parse(text, &cycle)) || ctl_leftover("compare show", argc, argv) || argc != 2)
		return ctl_usage("compare show");
	arena_init(&a, 0);
	hub_status st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = compare_show(c->db, &account, cycle, !told, &a, &out);
	if (st == HUB_OK && peers)
		st = compare_follow(c->db, &account, cycle, &a, &out);
	if (st == HUB_MISSING && !fault.code)
		hub_fault_set(&fault, "compare.missing", "cycle",
			      "'%.64s' was not compared in that cycle; hubctl compare run does it", argv[1]);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("compare show", st, &fault);
}

static hub_status premise_of(ctl *c, const char *code, arena *a, int64_t *ret, hub_fault *fault)
{
	premise p;
	hub_status st = premise_by_code(c->db, code, a, &p);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, "premise.unknown", "under", "there is no premise '%.64s'; hubctl load premises adds it", code);
	*ret = st == HUB_OK ? p.id : 0;
	return st;
}

int ctl_compare_buildings(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	uint64_t number = 0;
	hub_fault fault = { 0 };
	buf out = { 0 };
	const char *year = ctl_take(&argc, argv, "year", 1, &bad), *commodity = ctl_take(&argc, argv, "commodity", 1, &bad),
		   *under = ctl_take(&argc, argv, "under", 1, &bad);
	buildings_order order = { .commodity = compare_commodity(commodity ? commodity : "electricity") };
	if (bad || !year || ctl_leftover("compare buildings", argc, argv) || argc != 1)
		return ctl_usage("compare buildings");
	arena_init(&a, 0);
	hub_status st = word_number(year, 0, &number, &fault);
	if (st == HUB_OK && (number < 1970 || number > 9998))
		st = hub_fault_set(&fault, "compare.year", "year", "'%.10s' is no year such as 2026", year);
	else if (st == HUB_OK && order.commodity < 0)
		st = hub_fault_set(&fault, "compare.commodity", "commodity", "'%.40s' is not compared; electricity, water, gas and heat are",
				   commodity);
	else if (st == HUB_OK && under)
		st = premise_of(c, under, &a, &order.under, &fault);
	order.year = (int32_t)number;
	if (st == HUB_OK)
		st = buildings_write(c->db, &order, &a, &out);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("compare buildings", st, &fault);
}

int ctl_compare_advice(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	hub_time at = 0;
	billing_account account;
	hub_fault fault = { 0 };
	buf out = { 0 };
	const char *when = ctl_take(&argc, argv, "at", 1, &bad);
	if (bad || ctl_leftover("compare advice", argc, argv) || argc != 2)
		return ctl_usage("compare advice");
	arena_init(&a, 0);
	hub_status st = word_time(when, clock_now(), &at, &fault);
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], &a, &account, &fault);
	if (st == HUB_OK)
		st = advice_write(c->db, &account, at, &a, &out, &fault);
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("compare advice", st, &fault);
}

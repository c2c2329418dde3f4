/* hubctl aggregate: publish sums of areas, look at them, carbon factors. */
#include "aggregate/day.h"
#include "aggregate/read.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"

enum { KINDS = 16 };

static hub_status zone_of_city(zone **ret, hub_fault *fault)
{
	hub_status st = zone_load(AGGREGATE_ZONE, ret);
	return st == HUB_MISSING ? hub_fault_set(fault, "zone.unknown", "", "the system does not know the zone %s; install tzdata", AGGREGATE_ZONE)
				 : st;
}

/* A date is a day of the city's. */
static hub_status day(const char *text, const zone *z, hub_time *ret, hub_fault *fault)
{
	int y, m, d, n = 0;
	hub_time t;
	if (text && sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &n) == 3 && n == 10 && !text[10]) {
		zone_from_civil(z, (zone_civil){ .year = y, .month = m, .day = d }, ret, NULL);
		return HUB_OK;
	}
	hub_status st = word_time(text, 0, &t, fault);
	if (st == HUB_OK)
		*ret = zone_floor(z, t, ZONE_DAY);
	return st;
}

static hub_status publish(ctl *c, const char *commodity, const zone *z, hub_time from, hub_time to)
{
	aggregate_report done = { 0 };
	const aggregate_work w = { .kind = aggregate_kind_of(commodity), .from = from, .to = to };
	hub_status st = aggregate_day_publish(c->db, &w, z, &done);
	if (st == HUB_OK)
		printf("{\"commodity\":\"%s\",\"published\":%zu,\"already\":%zu,\"empty\":%zu,\"sums\":%zu,\"withheld\":%zu}\n", commodity,
		       done.published, done.already, done.left, done.sums, done.withheld);
	return st;
}

static hub_status check(const char **kinds, size_t count, hub_time from, hub_time *to, const zone *z, hub_fault *fault)
{
	hub_time today = zone_floor(z, clock_now(), ZONE_DAY);
	for (size_t i = 0; i < count; i++)
		if (!aggregate_kind_of(kinds[i]))
			return hub_fault_set(fault, "aggregate.commodity", "commodity", "is electricity, water, gas, heat, cold or ev, not '%.32s'",
					     kinds[i]);
	/* A day that is not over would stay as it is now for good. */
	*to = *to < today ? *to : today;
	if (from >= *to)
		return hub_fault_set(fault, "aggregate.period", "to", "lies behind from; only days that are over are published");
	return HUB_OK;
}

int ctl_aggregate_publish(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	zone *z = NULL;
	hub_time from = 0, to = 0;
	const char **kinds, *all[KINDS];
	size_t count = 0;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	const char *since = ctl_take(&argc, argv, "from", 1, &bad), *until = ctl_take(&argc, argv, "to", 1, &bad);
	hub_status st = word_list(&argc, argv, "commodity", &a, &kinds, &count);
	if (bad || st != HUB_OK || !since || !until || ctl_leftover("aggregate publish", argc, argv) || argc != 1) {
		arena_fini(&a);
		return ctl_usage("aggregate publish");
	}
	for (const aggregate_kind *k = aggregate_kinds; !kinds[0] && k->commodity && count < KINDS; k++)
		all[count++] = k->commodity;
	const char **chosen = count && kinds[0] ? kinds : all;
	st = zone_of_city(&z, &fault);
	if (st == HUB_OK)
		st = day(since, z, &from, &fault);
	if (st == HUB_OK)
		st = day(until, z, &to, &fault);
	if (st == HUB_OK)
		st = check(chosen, count, from, &to, z, &fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = publish(c, chosen[i], z, from, to);
	zone_free(z);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("aggregate publish", st, &fault);
}

static hub_status find(aggregate_query *q, const char *code, hub_fault *fault)
{
	for (q->top = 0; q->top < q->area_count; q->top++)
		if (!code || !strcmp(code, q->areas[q->top].code))
			return HUB_OK;
	return hub_fault_set(fault, "aggregate.area", "area", "there is no area '%.64s'; hubctl load premises makes cities, districts, streets, "
			     "estates and parks", code ? code : "");
}

static hub_status show(ctl *c, aggregate_query *q, const char *area, const char *from, const char *to, arena *a, hub_fault *fault)
{
	static const int64_t back[] = { 2, 31, 365 };
	zone *z = NULL;
	premise *areas;
	aggregate_answer found;
	buf out = { 0 };
	hub_status st = zone_of_city(&z, fault);
	if (st == HUB_OK)
		st = word_time(to, clock_now(), &q->to, fault);
	if (st == HUB_OK)
		st = word_time(from, q->to - back[q->step] * INT64_C(86400000000), &q->from, fault);
	if (st == HUB_OK)
		st = aggregate_areas(c->db, a, &areas, &q->area_count);
	q->areas = st == HUB_OK ? areas : NULL;
	if (st == HUB_OK)
		st = find(q, area, fault);
	if (st == HUB_OK)
		st = aggregate_read(c->db, q, z, a, &found, fault);
	if (st == HUB_OK) {
		aggregate_write(&out, q, z, &found);
		st = out.bad ? HUB_NOMEM : HUB_OK;
	}
	if (st == HUB_OK)
		fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	zone_free(z);
	return st;
}

int ctl_aggregate_show(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	const char *area = ctl_take(&argc, argv, "area", 1, &bad), *commodity = ctl_take(&argc, argv, "commodity", 1, &bad),
		   *step = ctl_take(&argc, argv, "step", 1, &bad), *from = ctl_take(&argc, argv, "from", 1, &bad),
		   *to = ctl_take(&argc, argv, "to", 1, &bad);
	aggregate_query q = { .commodity = commodity ? commodity : "electricity", .step = AGGREGATE_BY_MONTH,
			      .below = ctl_take(&argc, argv, "below", 0, &bad) != NULL };
	if (bad || ctl_leftover("aggregate show", argc, argv) || argc != 1 || (step && !aggregate_step_parse(step, &q.step)))
		return ctl_usage("aggregate show");
	arena_init(&a, 0);
	hub_status st = show(c, &q, area, from, to, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("aggregate show", st, &fault);
}

static hub_status list_factors(ctl *c, arena *a)
{
	carbon_factor *list;
	size_t count = 0;
	hub_status st = carbon_factor_list(c->db, NULL, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		char kg[DECIMAL_TEXT];
		buf out = { 0 };
		buf_printf(&out, "{\"commodity\":\"%s\",\"year\":%d,\"kg\":\"%s\",\"source\":", list[i].commodity, list[i].year,
			   hub_value_text(list[i].value, kg));
		json_write_text(&out, list[i].source);
		buf_u8(&out, '}');
		puts(buf_cstr(&out));
		buf_fini(&out);
	}
	return st;
}

static hub_status put_factor(ctl *c, const char *commodity, const char *year, const char *kg, const char *source, hub_fault *fault)
{
	carbon_factor f = { .commodity = commodity, .source = source ? source : "" };
	uint64_t y = 0;
	if (!aggregate_kind_of(commodity))
		return hub_fault_set(fault, "aggregate.commodity", "commodity", "is electricity, water, gas, heat, cold or ev, not '%.32s'",
				     commodity);
	hub_status st = word_number(year, 0, &y, fault);
	if (st == HUB_OK)
		st = word_value(kg, (hub_value){ 0 }, &f.value, fault);
	if (st == HUB_OK && (y < 1990 || y > 2200 || f.value.digits < 0))
		st = hub_fault_set(fault, "aggregate.factor", "year", "is from 1990 to 2200, and kg is not below 0");
	f.year = (int32_t)y;
	return st == HUB_OK ? carbon_factor_put(c->db, &f, fault) : st;
}

int ctl_aggregate_factor(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	const char *year = ctl_take(&argc, argv, "year", 1, &bad), *kg = ctl_take(&argc, argv, "kg", 1, &bad),
		   *source = ctl_take(&argc, argv, "source", 1, &bad);
	bool all = argc == 1 && !year && !kg;
	if (bad || ctl_leftover("aggregate factor", argc, argv) || (!all && (argc != 2 || !year || !kg)))
		return ctl_usage("aggregate factor");
	arena_init(&a, 0);
	hub_status st = all ? list_factors(c, &a) : put_factor(c, argv[1], year, kg, source, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("aggregate factor", st, &fault);
}

#include "billing/calendar.h"

#include <string.h>

#include "base/clock.h"
#include "base/grow.h"

enum { DAY_KINDS = 8, YEAR_DAYS = 366, DAY_MINUTES = 1440, PATTERN_EDGES_MAX = 96 };

#define MICRO 1000000LL

struct calendar_pattern {
	size_t count;
	struct {
		int16_t minute;
		uint8_t period;
	} edges[PATTERN_EDGES_MAX];
};

/* 2000 was a leap year, so its days are all days a year can have. */
static int day_index(int month, int day)
{
	return (int)(clock_days(2000, month, day) - clock_days(2000, 1, 1));
}

static bool rule_covers(const calendar_rule *r, int month, int day, int kind)
{
	int key = month * 100 + day;
	bool season = r->first <= r->last ? key >= r->first && key <= r->last : key >= r->first || key <= r->last;
	return season && (r->days >> kind & 1);
}

static const char *const kind_names[DAY_KINDS] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "a holiday",
};

typedef struct day_minutes {
	int16_t period[DAY_MINUTES]; /* -1: none yet */
} day_minutes;

static hub_status paint(day_minutes *d, const calendar_rule *r, int from, int to, int month, int day, int kind,
			hub_fault *fault)
{
	for (int m = from; m < to; m++) {
		if (d->period[m] >= 0)
			return hub_fault_set(
			    fault, "tariff.calendar.overlap", "calendar",
			    "every minute belongs to one period: two rules cover %02d-%02d (%s) at %02d:%02d; "
			    "narrow one of them",
			    month, day, kind_names[kind], m / 60, m % 60);
		d->period[m] = r->period;
	}
	return HUB_OK;
}

static hub_status day_paint(const calendar_rule *rules, size_t count, int fallback, int month, int day, int kind,
			    day_minutes *d, hub_fault *fault)
{
	memset(d->period, 0xff, sizeof d->period);
	for (size_t i = 0; i < count; i++) {
		const calendar_rule *r = &rules[i];
		if (!rule_covers(r, month, day, kind))
			continue;
		bool wraps = r->from >= r->to;
		hub_status st = paint(d, r, r->from, wraps ? DAY_MINUTES : r->to, month, day, kind, fault);
		if (st == HUB_OK && wraps)
			st = paint(d, r, 0, r->to, month, day, kind, fault);
		if (st != HUB_OK)
			return st;
	}
	for (int m = 0; m < DAY_MINUTES; m++) {
		if (d->period[m] < 0 && fallback < 0)
			return hub_fault_set(
			    fault, "tariff.calendar.gap", "calendar",
			    "every minute belongs to one period: no rule covers %02d-%02d (%s) at %02d:%02d; "
			    "add one or name a default period",
			    month, day, kind_names[kind], m / 60, m % 60);
		if (d->period[m] < 0)
			d->period[m] = (int16_t)fallback;
	}
	return HUB_OK;
}

static bool pattern_of(const day_minutes *d, calendar_pattern *p)
{
	p->count = 0;
	for (int m = 0; m < DAY_MINUTES; m++) {
		if (m && d->period[m] == d->period[m - 1])
			continue;
		if (p->count == PATTERN_EDGES_MAX)
			return false;
		p->edges[p->count].minute = (int16_t)m;
		p->edges[p->count++].period = (uint8_t)d->period[m];
	}
	return true;
}

static bool pattern_equal(const calendar_pattern *a, const calendar_pattern *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->edges[i].minute != b->edges[i].minute || a->edges[i].period != b->edges[i].period)
			return false;
	}
	return true;
}

/* Which rules cover a day decides its pattern, so days with the same rules are painted once. */
typedef struct day_rules {
	uint64_t bits[CALENDAR_RULES_MAX / 64];
} day_rules;

typedef struct builder {
	arena *scratch;
	calendar_pattern *patterns;
	day_rules *seen;
	size_t count, cap;
} builder;

static hub_status builder_day(builder *b, const calendar_rule *rules, size_t count, int fallback, int month, int day,
			      int kind, uint16_t *ret, hub_fault *fault)
{
	day_rules key = { 0 };
	for (size_t i = 0; i < count; i++) {
		if (rule_covers(&rules[i], month, day, kind))
			key.bits[i / 64] |= 1ull << (i % 64);
	}
	for (size_t i = 0; i < b->count; i++) {
		if (!memcmp(&b->seen[i], &key, sizeof key)) {
			*ret = (uint16_t)i;
			return HUB_OK;
		}
	}
	if (b->count == b->cap)
		return hub_fault_set(fault, "tariff.calendar.size", "calendar",
				     "at most %zu different kinds of day: the rules make more; join seasons", b->cap);
	day_minutes d;
	hub_status st = day_paint(rules, count, fallback, month, day, kind, &d, fault);
	if (st != HUB_OK)
		return st;
	if (!pattern_of(&d, &b->patterns[b->count]))
		return hub_fault_set(fault, "tariff.calendar.size", "calendar",
				     "at most %d changes of period a day: %02d-%02d has more", PATTERN_EDGES_MAX, month,
				     day);
	b->seen[b->count] = key;
	*ret = (uint16_t)b->count++;
	return HUB_OK;
}

hub_status calendar_make(const calendar_rule *rules, size_t count, int fallback, calendar *cal, arena *a,
			 hub_fault *fault)
{
	static const int month_days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	enum { PATTERNS_MAX = 512 };
	if (count > CALENDAR_RULES_MAX)
		return hub_fault_set(fault, "tariff.calendar.size", "calendar", "at most %d rules: %zu were given",
				     CALENDAR_RULES_MAX, count);
	arena scratch;
	arena_init(&scratch, 0);
	builder b = {
		.scratch = &scratch,
		.patterns = arena_array(a, PATTERNS_MAX, sizeof(calendar_pattern)),
		.seen = arena_array(&scratch, PATTERNS_MAX, sizeof(day_rules)),
		.cap = PATTERNS_MAX,
	};
	uint16_t *by_day = arena_array(a, YEAR_DAYS * DAY_KINDS, sizeof *by_day);
	hub_status st = b.patterns && b.seen && by_day ? HUB_OK : HUB_NOMEM;
	int kinds = cal->holiday_count ? DAY_KINDS : CALENDAR_HOLIDAY;
	for (int month = 1; st == HUB_OK && month <= 12; month++) {
		for (int day = 1; st == HUB_OK && day <= month_days[month - 1]; day++) {
			for (int kind = 0; st == HUB_OK && kind < kinds; kind++)
				st = builder_day(&b, rules, count, fallback, month, day, kind,
						 &by_day[day_index(month, day) * DAY_KINDS + kind], fault);
		}
	}
	arena_fini(&scratch);
	if (st != HUB_OK)
		return st;
	/* Days that came out alike share one pattern, so that a day of one period costs one edge. */
	for (size_t i = 0; i < YEAR_DAYS * DAY_KINDS; i++) {
		for (uint16_t j = 0; j < by_day[i]; j++) {
			if (pattern_equal(&b.patterns[j], &b.patterns[by_day[i]])) {
				by_day[i] = j;
				break;
			}
		}
	}
	cal->patterns = b.patterns;
	cal->by_day = by_day;
	return HUB_OK;
}

static bool days_hold(const int64_t *days, size_t count, int64_t day)
{
	size_t lo = 0, hi = count;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (days[mid] < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < count && days[lo] == day;
}

static const calendar_pattern *pattern_at(const calendar *cal, int64_t day)
{
	int year, month, dom;
	clock_civil(day, &year, &month, &dom);
	int kind = (int)((day % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
	if (days_hold(cal->workdays, cal->workday_count, day))
		kind = 1;
	else if (days_hold(cal->holidays, cal->holiday_count, day))
		kind = CALENDAR_HOLIDAY;
	return &cal->patterns[cal->by_day[day_index(month, dom) * DAY_KINDS + kind]];
}

static uint8_t pattern_period(const calendar_pattern *p, int minute)
{
	size_t i = p->count - 1;
	while (p->edges[i].minute > minute)
		i--;
	return p->edges[i].period;
}

typedef struct edge_list {
	calendar_edge *edges;
	size_t count, cap;
	arena *a;
} edge_list;

static bool edge_put(edge_list *l, hub_time at, uint8_t period)
{
	if (l->count && l->edges[l->count - 1].period == period)
		return true;
	calendar_edge *more = arena_grow(l->a, l->edges, l->count, &l->cap, sizeof *more, 256);
	if (!more)
		return false;
	l->edges = more;
	l->edges[l->count++] = (calendar_edge) { at, period };
	return true;
}

static bool day_edges(edge_list *l, const calendar *cal, const zone *z, hub_time start, hub_time end)
{
	zone_civil c = zone_to_civil(z, start);
	const calendar_pattern *p = pattern_at(cal, clock_days(c.year, c.month, c.day));
	bool regular = end - start == 86400 * MICRO && zone_offset(z, start) == zone_offset(z, end - 1);
	if (regular) {
		for (size_t i = 0; i < p->count; i++) {
			if (!edge_put(l, start + p->edges[i].minute * 60 * MICRO, p->edges[i].period))
				return false;
		}
		return true;
	}
	/* The wall clock jumps in this day: ask it minute by minute. */
	for (hub_time t = start; t < end; t += 60 * MICRO) {
		zone_civil at = zone_to_civil(z, t);
		if (!edge_put(l, t, pattern_period(p, at.hour * 60 + at.minute)))
			return false;
	}
	return true;
}

hub_status calendar_between(const calendar *cal, const zone *z, hub_time from, hub_time to, arena *a,
			    calendar_edges *ret)
{
	if (cal->ready.edges && from >= cal->ready.from && to <= cal->ready.to) {
		*ret = cal->ready;
		return HUB_OK;
	}
	edge_list l = { .a = a };
	if (cal->period_count == 1) {
		if (!edge_put(&l, from, 0))
			return HUB_NOMEM;
		*ret = (calendar_edges) { from, to, l.edges, l.count };
		return HUB_OK;
	}
	if (to - from > (hub_time)CALENDAR_DAYS_MAX * 86400 * MICRO)
		return HUB_RANGE;
	hub_time day = zone_floor(z, from, ZONE_DAY);
	hub_time first = day;
	do {
		hub_time next = zone_next(z, day, ZONE_DAY);
		if (!day_edges(&l, cal, z, day, next))
			return HUB_NOMEM;
		day = next;
	} while (day < to);
	*ret = (calendar_edges) { first, day, l.edges, l.count };
	return HUB_OK;
}

size_t calendar_find(const calendar_edges *e, hub_time at)
{
	size_t lo = 0, hi = e->count;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (e->edges[mid].at <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

int calendar_period(const calendar *cal, const char *name)
{
	for (size_t i = 0; i < cal->period_count; i++) {
		if (!strcmp(cal->names[i], name))
			return (int)i;
	}
	return -1;
}

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_ahead.h"
#include "model/quantity.h"

enum { QUANTITIES_MAX = 16, PAGE = 10000, SPARE = 64 };
#define HOUR INT64_C(3600000000)

/* Quantities of readings that a tariff looks at. */
typedef struct needs {
	const quantity *list[QUANTITIES_MAX];
	size_t count;
	series_step step;
} needs;

static void need(needs *n, const char *name)
{
	const quantity *q = name ? quantity_find(name) : NULL;
	for (size_t i = 0; q && i < n->count; i++)
		if (n->list[i] == q)
			return;
	if (q && n->count < QUANTITIES_MAX)
		n->list[n->count++] = q;
}

/* By the hour where the time of day matters, else by the day. */
static needs needs_of(const tariff *t, const unify_part *part)
{
	needs n = { .step = SERIES_DAY };
	for (size_t v = 0; v < t->version_count; v++) {
		const tariff_version *version = &t->versions[v];
		if (version->from >= part->end || version->to <= part->start)
			continue;
		for (size_t i = 0; i < version->calendar_count; i++)
			if (version->calendars[i]->period_count > 1)
				n.step = SERIES_HOUR;
		for (size_t i = 0; i < version->charge_count; i++) {
			const tariff_charge *c = &version->charges[i];
			need(&n, c->quantity);
			need(&n, c->active);
			need(&n, c->reactive);
			if (c->kind == TARIFF_DEMAND || c->market.series)
				n.step = SERIES_HOUR;
		}
		if (version->netting.mode != TARIFF_NETTING_NONE) {
			need(&n, version->netting.import);
			need(&n, version->netting.export);
			n.step = SERIES_HOUR;
		}
	}
	return n;
}

bool bills_usage_looks(const tariff *t, const unify_part *part, uint16_t number)
{
	needs n = needs_of(t, part);
	for (size_t i = 0; i < n.count; i++)
		if (n.list[i]->number == number)
			return true;
	return false;
}

static bills_need need_of(const unify_part *part, const quantity *q, series_step step, const zone *z)
{
	return (bills_need){ q->number, step, z, part->start, part->end };
}

/* As it was read for the page, all channels in one list. */
static hub_status held(const series_amounts *list, size_t channels, arena *a, series_item **ret, size_t *ret_count)
{
	size_t count = 0;
	if (channels == 1) {
		*ret = list->items;
		*ret_count = list->count;
		return HUB_OK;
	}
	for (size_t i = 0; i < channels; i++)
		count += list[i].count;
	series_item *all = arena_array(a, count, sizeof *all);
	if (!all)
		return HUB_NOMEM;
	*ret = all;
	*ret_count = count;
	for (size_t i = 0; i < channels; i++, all += list[i - 1].count)
		memcpy(all, list[i].items, list[i].count * sizeof *all);
	return HUB_OK;
}

/* Every page of a series, one after another in the arena's list. */
static hub_status read_all(bills *b, const unify_part *part, const quantity *q, series_step step, const zone *z, arena *a,
			   series_item **ret, size_t *ret_count, hub_fault *fault)
{
	const series_amounts *ahead;
	const bills_need wanted = need_of(part, q, step, z);
	size_t most = (size_t)((part->end - part->start) / HOUR) + SPARE;
	if (step != SERIES_RAW && bills_ahead_find(b, &wanted, part->point, &ahead, ret_count))
		return held(ahead, *ret_count, a, ret, ret_count);
	const series_query query = { .points = &part->point, .point_count = 1, .quantity = q->number, .from = part->start,
				     .to = part->end, .step = step, .zone = z, .limit = step == SERIES_RAW || most > PAGE ? PAGE : most };
	series_cursor cursor = { "" };
	series_item *all = NULL;
	size_t count = 0;
	do {
		series_item *page;
		size_t n;
		hub_status st = series_read(b->db, &query, &cursor, a, &page, &n, fault);
		if (st != HUB_OK)
			return st;
		series_item *more = count ? arena_array(a, count + n, sizeof *more) : page;
		if (!more)
			return HUB_NOMEM;
		if (count) {
			memcpy(more, all, count * sizeof *more);
			memcpy(more + count, page, n * sizeof *more);
		}
		all = more;
		count += n;
	} while (cursor.text[0]);
	*ret = all;
	*ret_count = count;
	return HUB_OK;
}

static hub_status rescale(hub_value v, uint8_t scale, int64_t *ret)
{
	__int128 x = v.digits;
	for (uint8_t s = v.scale; s < scale; s++)
		if ((x *= 10) > INT64_MAX || x < INT64_MIN)
			return HUB_RANGE;
	*ret = (int64_t)x;
	return HUB_OK;
}

/* Amounts of one length without a gap are values, which sum faster and can be prolonged. */
static hub_status regular(usage_series *s, arena *a)
{
	int64_t step = s->count ? s->spans[0].end - s->spans[0].start : 0;
	bool marked = false;
	for (size_t i = 0; i < s->count; i++) {
		if (s->spans[i].end - s->spans[i].start != step || (i && s->spans[i].start != s->spans[i - 1].end))
			return HUB_OK;
		marked |= s->spans[i].estimated;
	}
	if (!step)
		return HUB_OK;
	int64_t *values = arena_room(a, s->count, sizeof *values);
	uint8_t *marks = marked ? arena_room(a, s->count, sizeof *marks) : NULL;
	if (!values || (marked && !marks))
		return HUB_NOMEM;
	for (size_t i = 0; i < s->count; i++) {
		values[i] = s->spans[i].amount;
		if (marked)
			marks[i] = s->spans[i].estimated;
	}
	s->start = s->spans[0].start;
	s->step = step;
	s->values = values;
	s->estimated = marks;
	s->spans = NULL;
	return HUB_OK;
}

static hub_status fill(usage_series *s, const unify_part *part, const quantity *q, const series_item *items, size_t count,
		       bool raster, arena *a, int64_t *ret_covered, hub_fault *fault)
{
	usage_span *spans = arena_room(a, count, sizeof *spans);
	if (!spans)
		return HUB_NOMEM;
	uint8_t scale = 0;
	int64_t covered = 0;
	for (size_t i = 0; i < count; i++)
		scale = items[i].row.value.scale > scale ? items[i].row.value.scale : scale;
	for (size_t i = 0; i < count; i++) {
		const series_row *r = &items[i].row;
		if (strcmp(r->channel, items[0].row.channel))
			return hub_fault_set(fault, "bill.channels", "channel", "the point has several circuits; give each a point");
		/* A bucket at an edge holds only what lies within the part, as where somebody moved at noon. */
		spans[i] = (usage_span){ .start = r->start < part->start ? part->start : r->start,
					 .end = r->time > part->end ? part->end : r->time, .estimated = r->flags & HUB_ESTIMATED };
		if (rescale(r->value, scale, &spans[i].amount) != HUB_OK)
			return HUB_RANGE;
		uint32_t present = items[i].present, expected = items[i].expected;
		if (r->flags & HUB_DECREASE)
			return hub_fault_set(fault, "bill.decrease", "value", "the register fell without a meter exchange or rollover; "
					     "correct the installation");
		int64_t length = spans[i].end - spans[i].start;
		covered += expected > present ? length / expected * present : length;
	}
	*s = (usage_series){ .quantity = q->name, .unit = q->unit, .meter = "", .scale = scale, .spans = spans, .count = count };
	*ret_covered = raster || !count ? covered : INT64_MAX;
	return regular(s, a);
}

/* Shorter values than an hour as they are: demand is taken over minutes, and periods begin on the half hour. */
static hub_status read_raster(bills *b, const unify_part *part, const quantity *q, series_step step, int32_t raster,
			      const zone *z, arena *a, series_item **ret, size_t *ret_count, hub_fault *fault)
{
	if (step == SERIES_HOUR && raster > 0 && raster < 3600) {
		size_t kept = 0;
		hub_status st = read_all(b, part, q, SERIES_RAW, z, a, ret, ret_count, fault);
		for (size_t i = 0; st == HUB_OK && i < *ret_count; i++)
			if ((*ret)[i].row.kind == HUB_INTERVAL)
				(*ret)[kept++] = (*ret)[i];
		*ret_count = kept;
		if (st != HUB_OK || kept)
			return st;
	}
	return read_all(b, part, q, step, z, a, ret, ret_count, fault);
}

hub_status bills_usage_want(bills *b, const tariff *t, const unify_part *part, int32_t interval, size_t room, arena *a)
{
	needs n = needs_of(t, part);
	hub_status st = HUB_OK;
	/* Shorter values than an hour are read as they are, point by point. */
	for (size_t i = 0; st == HUB_OK && i < n.count && !(n.step == SERIES_HOUR && interval > 0 && interval < 3600); i++) {
		const bills_need need = need_of(part, n.list[i], n.step, t->zone);
		st = bills_ahead_want(b, &need, part->point, room, a);
	}
	return st;
}

/* Not told: what the point says. */
static hub_status raster_of(bills *b, int64_t place, arena *a, int32_t *interval)
{
	point *p;
	size_t count = 0;
	hub_status st = *interval ? HUB_OK : point_by_ids(b->db, &place, 1, a, &p, &count);
	if (st == HUB_OK && count)
		*interval = p->interval;
	return st;
}

hub_status bills_usage(bills *b, const tariff *t, const unify_part *part, const char *facts, const char *state,
		       hub_time since, int32_t interval, arena *a, usage *ret, int64_t *ret_covered, hub_fault *fault)
{
	usage u;
	hub_status st = bills_metered(t, fault);
	if (st == HUB_OK)
		st = usage_frame(t->zone, part->start, part->end, facts, state, a, &u, fault);
	if (st != HUB_OK)
		return st;
	needs n = needs_of(t, part);
	st = n.step == SERIES_HOUR ? raster_of(b, part->point, a, &interval) : HUB_OK;
	int64_t length = part->end - part->start, least = length;
	u.series = arena_array(a, n.count, sizeof *u.series);
	u.since = u.since ? u.since : since;
	if (st == HUB_OK && !u.series)
		st = HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < n.count; i++) {
		series_item *items;
		size_t count;
		int64_t covered = 0;
		st = read_raster(b, part, n.list[i], n.step, interval, t->zone, a, &items, &count, fault);
		if (st == HUB_OK)
			st = fill(&u.series[u.series_count], part, n.list[i], items, count, interval > 0, a, &covered, fault);
		u.series_count += st == HUB_OK;
		least = covered < least ? covered : least;
	}
	if (st != HUB_OK) {
		usage_fini(&u);
		return st;
	}
	*ret = u;
	*ret_covered = (int64_t)((__int128)least * 1000000 / length);
	return HUB_OK;
}

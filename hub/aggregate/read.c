#include "aggregate/read.h"

#include <string.h>

#include "aggregate/day.h"

#define HOUR INT64_C(3600000000)

const char *const aggregate_step_names[] = { "hour", "day", "month" };
const size_t aggregate_step_most[] = { 31 * 24 + 1, 400, 120 };
static const zone_unit units[] = { ZONE_HOUR, ZONE_DAY, ZONE_MONTH };

bool aggregate_step_parse(const char *name, aggregate_step *ret)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(name, aggregate_step_names[i])) {
			*ret = (aggregate_step)i;
			return true;
		}
	return false;
}

typedef struct reading_of {
	const aggregate_query *q;
	const zone *zone;
	arena *arena;
	aggregate_row *rows; /* of all areas, by premise and day */
	size_t row_count;
	const carbon_factor *factors;
	size_t factor_count;
	aggregate_answer *to;
	hub_time *bounds; /* of the cells, one more than there are */
} reading_of;

static hub_time year_before(const zone *z, hub_time t)
{
	zone_civil c = zone_to_civil(z, t);
	hub_time before;
	c.year--;
	zone_from_civil(z, c, &before, NULL);
	return before;
}

static hub_status bounds(reading_of *r, hub_fault *fault)
{
	const aggregate_query *q = r->q;
	zone_unit unit = units[q->step];
	hub_time at = zone_floor(r->zone, q->from, unit);
	size_t most = aggregate_step_most[q->step], n = 0;
	r->bounds = arena_array(r->arena, most + 1, sizeof *r->bounds);
	if (!r->bounds)
		return HUB_NOMEM;
	for (r->bounds[0] = at; q->from < q->to && at < q->to && n < most; r->bounds[++n] = at)
		at = zone_next(r->zone, at, unit);
	if (!n || at < q->to)
		return hub_fault_set(fault, "aggregate.period", "to", "lies behind from, and at most %zu %ss behind it; ask for less, or "
				     "by a longer step", most, aggregate_step_names[q->step]);
	r->to->from = r->bounds[0];
	r->to->to = at;
	r->to->cell_count = n;
	return HUB_OK;
}

/* The first row of the area at or behind a time. */
static size_t first_row(const reading_of *r, int64_t premise_id, hub_time from)
{
	size_t low = 0, high = r->row_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const aggregate_row *x = &r->rows[mid];
		if (x->premise < premise_id || (x->premise == premise_id && x->at < from))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static hub_status add(decimal more, decimal *sum)
{
	return decimal_add(*sum, more, sum);
}

/* One hour of a day's row. */
static hub_status take_hour(const aggregate_row *row, hub_time start, aggregate_cell *c)
{
	size_t h = (size_t)((start - row->at) / HOUR);
	c->verdict = aggregate_verdict_of(row->hourly);
	c->open = false;
	if (c->verdict != AGGREGATE_PUBLISHED)
		return HUB_OK;
	if (h >= row->hour_count) {
		c->verdict = AGGREGATE_NONE;
		return HUB_OK;
	}
	c->customers = row->customers;
	return add(decimal_of(row->hours[h], row->sum.scale), &c->sum);
}

/* A day's row into its day or month: what is withheld of a month is not in its sum, and the month says of how many days it is. */
static hub_status take_day(const aggregate_row *row, aggregate_cell *c)
{
	aggregate_verdict v = aggregate_verdict_of(row->verdict);
	c->open = false;
	if (v != AGGREGATE_PUBLISHED) {
		c->verdict = c->days ? c->verdict : v;
		return HUB_OK;
	}
	c->verdict = v;
	c->days++;
	c->customers = row->customers > c->customers ? row->customers : c->customers;
	return add(decimal_of_value(row->sum), &c->sum);
}

static int32_t days_between(const zone *z, hub_time from, hub_time to)
{
	int32_t n = 0;
	for (; from < to; from = zone_next(z, from, ZONE_DAY))
		n++;
	return n;
}

static hub_status fill(const reading_of *r, const premise *p, hub_time start, hub_time end, aggregate_cell *c)
{
	hub_status st = HUB_OK;
	*c = (aggregate_cell){ .start = start, .end = end, .open = true, .coarser = -1, .sum = decimal_of(0, 0) };
	if (r->q->step == AGGREGATE_BY_HOUR) {
		hub_time day = zone_floor(r->zone, start, ZONE_DAY);
		size_t i = first_row(r, p->id, day);
		return i < r->row_count && r->rows[i].premise == p->id && r->rows[i].at == day ? take_hour(&r->rows[i], start, c) : HUB_OK;
	}
	c->days_of = days_between(r->zone, start, end);
	for (size_t i = first_row(r, p->id, start); st == HUB_OK && i < r->row_count && r->rows[i].premise == p->id && r->rows[i].at < end; i++)
		st = take_day(&r->rows[i], c);
	return st;
}

/* The factor of the year, else of the last year before it that has one. */
static hub_status carbon(const reading_of *r, aggregate_cell *c)
{
	int year = zone_to_civil(r->zone, c->start).year;
	for (size_t i = 0; i < r->factor_count; i++)
		if (r->factors[i].year <= year)
			c->factor = &r->factors[i];
	if (!c->factor)
		return HUB_OK;
	hub_status st = decimal_mul(c->sum, decimal_of_value(c->factor->value), &c->carbon);
	if (st == HUB_OK)
		st = decimal_round(c->carbon, 3, DECIMAL_HALF_EVEN, &c->carbon);
	c->has_carbon = st == HUB_OK;
	return st;
}

/* The next larger area that has a figure for the same time. */
static hub_status coarser(const reading_of *r, size_t area, aggregate_cell *c)
{
	const premise *p = &r->q->areas[area];
	for (size_t above = p->path_count - 1; above--;)
		for (size_t i = 0; i < r->q->area_count; i++) {
			aggregate_cell other;
			if (r->q->areas[i].id != p->path[above])
				continue;
			hub_status st = fill(r, &r->q->areas[i], c->start, c->end, &other);
			if (st != HUB_OK)
				return st;
			if (other.verdict == AGGREGATE_PUBLISHED) {
				c->coarser = (int)i;
				return HUB_OK;
			}
		}
	return HUB_OK;
}

static hub_status cell(const reading_of *r, size_t area, hub_time start, hub_time end, aggregate_cell *c)
{
	aggregate_cell last;
	hub_status st = fill(r, &r->q->areas[area], start, end, c);
	if (st == HUB_OK && c->verdict != AGGREGATE_PUBLISHED && !c->open)
		return coarser(r, area, c);
	if (st != HUB_OK || c->verdict != AGGREGATE_PUBLISHED)
		return st;
	hub_time before = year_before(r->zone, start), before_end = zone_next(r->zone, before, units[r->q->step]);
	st = fill(r, &r->q->areas[area], before, before_end, &last);
	c->has_last = st == HUB_OK && last.verdict == AGGREGATE_PUBLISHED;
	c->last = last.sum;
	return st == HUB_OK ? carbon(r, c) : st;
}

static hub_status line(const reading_of *r, size_t area, aggregate_line *l)
{
	hub_status st = HUB_OK;
	l->area = area;
	l->cells = arena_array(r->arena, r->to->cell_count, sizeof *l->cells);
	if (!l->cells)
		return HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < r->to->cell_count; i++) {
		st = cell(r, area, r->bounds[i], r->bounds[i + 1], &l->cells[i]);
		r->to->given += l->cells[i].verdict == AGGREGATE_PUBLISHED;
		r->to->withheld += l->cells[i].verdict > AGGREGATE_PUBLISHED;
	}
	return st;
}

/* Right below: no other area lies between. */
static bool asked(const aggregate_query *q, size_t i)
{
	const premise *p = &q->areas[i];
	if (i == q->top)
		return true;
	if (!q->below)
		return false;
	for (size_t above = p->path_count - 1; above--;)
		for (size_t k = 0; k < q->area_count; k++)
			if (q->areas[k].id == p->path[above])
				return k == q->top;
	return false;
}

static hub_status load(store *db, reading_of *r)
{
	const aggregate_query *q = r->q;
	int64_t *ids = arena_array(r->arena, q->area_count, sizeof *ids);
	carbon_factor *factors;
	if (!ids)
		return HUB_NOMEM;
	for (size_t i = 0; i < q->area_count; i++)
		ids[i] = q->areas[i].id;
	hub_status st = aggregate_days(db, ids, q->area_count, q->commodity, zone_floor(r->zone, year_before(r->zone, r->to->from), ZONE_DAY),
				       r->to->to, r->arena, &r->rows, &r->row_count);
	if (st == HUB_OK)
		st = carbon_factor_list(db, q->commodity, r->arena, &factors, &r->factor_count);
	if (st == HUB_OK)
		r->factors = factors;
	return st;
}

hub_status aggregate_read(store *db, const aggregate_query *q, const zone *z, arena *a, aggregate_answer *ret, hub_fault *fault)
{
	const aggregate_kind *kind = aggregate_kind_of(q->commodity);
	*ret = (aggregate_answer){ .unit = "" };
	reading_of r = { .q = q, .zone = z, .arena = a, .to = ret };
	if (!kind)
		return hub_fault_set(fault, "aggregate.commodity", "commodity", "is electricity, water, gas, heat, cold or ev, not '%.32s'",
				     q->commodity);
	ret->unit = kind->unit;
	ret->lines = arena_array(a, q->area_count, sizeof *ret->lines);
	hub_status st = ret->lines ? bounds(&r, fault) : HUB_NOMEM;
	if (st == HUB_OK)
		st = load(db, &r);
	for (size_t i = 0; st == HUB_OK && i < q->area_count; i++)
		if (asked(q, i))
			st = line(&r, i, &ret->lines[ret->line_count++]);
	return st;
}

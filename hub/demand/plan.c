#include <stdlib.h>
#include <string.h>

#include "demand/parts.h"

/* Set-points are ordered in steps that any device can take. */
enum { STEP = 100 /* W */ };

typedef struct planning {
	demand_stage *stage;
	int64_t *points; /* rising */
	int64_t *baselines, *errors;
	bool *known;
	demand_resource *resources; /* as the stage's members */
	int64_t *caps, *orders;
	size_t feeders;
} planning;

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static const demand_order *called(const demand_stage *s, int64_t point)
{
	for (size_t i = 0; i < s->order_count; i++)
		if (s->orders[i].point == point)
			return &s->orders[i];
	return NULL;
}

static hub_status make_room(planning *p)
{
	demand_stage *s = p->stage;
	size_t n = s->member_count;
	p->points = arena_array(s->arena, n, sizeof *p->points);
	p->baselines = arena_array(s->arena, n, sizeof *p->baselines);
	p->errors = arena_array(s->arena, n, sizeof *p->errors);
	p->known = arena_array(s->arena, n, sizeof *p->known);
	p->resources = arena_array(s->arena, n, sizeof *p->resources);
	p->caps = arena_array(s->arena, n + 1, sizeof *p->caps);
	p->orders = arena_array(s->arena, n, sizeof *p->orders);
	if (!p->points || !p->baselines || !p->errors || !p->known || !p->resources || !p->caps || !p->orders)
		return HUB_NOMEM;
	for (size_t i = 0; i < n; i++)
		p->points[i] = s->members[i].point;
	qsort(p->points, n, sizeof *p->points, by_number);
	return HUB_OK;
}

static size_t index_of(const planning *p, int64_t point)
{
	const int64_t *at = bsearch(&point, p->points, p->stage->member_count, sizeof point, by_number);
	return (size_t)(at - p->points);
}

static int64_t up(int64_t watts)
{
	return watts <= 0 ? 0 : (watts + STEP - 1) / STEP * STEP;
}

/* The most that it can give now: never below what it keeps, nor so much that a vehicle leaves without its charge. */
static int64_t available(const planning *p, const demand_member *m, int64_t baseline)
{
	const demand_event *e = p->stage->event;
	int64_t most = m->most;
	if (m->protected || !m->opted_in || called(p->stage, m->point))
		return 0;
	if (m->departure) {
		const demand_vehicle v = { .power = baseline,
					   .min_power = m->keep,
					   .max_power = m->normal,
					   .need = m->need_wh,
					   .departure = (m->departure - p->stage->now) / 1000000 };
		int64_t start = (e->starts - p->stage->now) / 1000000, end = (e->ends - p->stage->now) / 1000000;
		int64_t slack = demand_vehicle_slack(&v, start > 0 ? start : 0, end);
		most = slack < most ? slack : most;
	}
	int64_t limit = baseline - most > m->keep ? baseline - most : m->keep;
	int64_t gives = baseline - up(limit);
	return gives >= m->least && gives > 0 ? gives : 0;
}

/* What was ordered on a feeder and not refused may still come: it is taken off the cap. */
static int64_t standing(const planning *p, const demand_member *first)
{
	const demand_stage *s = p->stage;
	int64_t sum = 0;
	for (const demand_member *m = first; m < s->members + s->member_count && !strcmp(m->feeder, first->feeder); m++) {
		const demand_order *o = called(s, m->point);
		sum += o && strcmp(o->state, "refused") != 0 ? o->ordered : 0;
	}
	return sum;
}

static void describe(planning *p)
{
	const demand_stage *s = p->stage;
	for (size_t i = 0; i < s->member_count; i++) {
		const demand_member *m = &s->members[i];
		size_t at = index_of(p, m->point);
		int64_t cost = m->cost + m->debt;
		bool next = m->feeder[0] && (!i || strcmp(m->feeder, s->members[i - 1].feeder) != 0);
		if (next) {
			int64_t left = m->cap - standing(p, m);
			p->caps[p->feeders++] = left > 0 ? left : 0;
		}
		int64_t most = p->known[at] ? available(p, m, p->baselines[at]) : 0;
		p->resources[i] = (demand_resource) { .min = most ? m->least : 0,
						      .max = most,
						      .cost = cost < DEMAND_COST_MAX ? cost : DEMAND_COST_MAX,
						      .rate = m->rate,
						      .feeder = m->feeder[0] ? (uint32_t)(p->feeders - 1) : DEMAND_NO_FEEDER };
	}
}

static hub_status write_down(planning *p)
{
	demand_stage *s = p->stage;
	size_t n = 0;
	demand_order *list = arena_array(s->arena, s->member_count, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->member_count; i++) {
		const demand_member *m = &s->members[i];
		int64_t baseline = p->baselines[index_of(p, m->point)], limit = up(baseline - p->orders[i]);
		if (p->orders[i] > 0 && baseline > limit)
			list[n++] = (demand_order) { .point = m->point,
						     .event = s->event->id,
						     .round = s->event->round,
						     .ordered = baseline - limit,
						     .baseline = baseline,
						     .limit = limit };
	}
	return n ? demand_order_add(s->db, list, n) : HUB_OK;
}

hub_status demand_plan(demand_stage *s, int64_t need)
{
	planning p = { .stage = s };
	demand_selection got = { 0 };
	if (!s->member_count)
		return HUB_OK;
	hub_status st = make_room(&p);
	if (st == HUB_OK)
		st = demand_baselines(s->db, &s->programme, s->event, p.points, s->member_count, s->arena, p.baselines, p.errors,
				      p.known);
	if (st != HUB_OK)
		return st;
	describe(&p);
	/* Out of reach: all that can be had, and the report says what is short. */
	st = demand_select(p.resources, s->member_count, p.caps, p.feeders, need, p.orders, &got);
	return st == HUB_OK || st == HUB_RANGE ? write_down(&p) : st;
}

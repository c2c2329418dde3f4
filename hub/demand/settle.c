#include <string.h>

#include "demand/parts.h"
#include "store/account.h"

#define SECOND INT64_C(1000000)

/* The newest half of the time since the order, or since the last look: what was before it obeyed does not count. */
enum { LOOK_LEAST = 5 /* s */ };

typedef struct metered {
	int64_t *points, *means; /* points rising */
	bool *has;
	size_t *of; /* the order of each */
	size_t count;
} metered;

/* The orders' points, rising; means of [from, to). */
static hub_status meter(const demand_stage *s, hub_time from, hub_time to, metered *ret)
{
	size_t n = s->order_count;
	metered m = { arena_array(s->arena, n, sizeof *m.points), arena_array(s->arena, n, sizeof *m.means),
		      arena_array(s->arena, n, sizeof *m.has), arena_array(s->arena, n, sizeof *m.of), n };
	if (!m.points || !m.means || !m.has || !m.of)
		return HUB_NOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;
		for (; at && m.points[at - 1] > s->orders[i].point; at--) {
			m.points[at] = m.points[at - 1];
			m.of[at] = m.of[at - 1];
		}
		m.points[at] = s->orders[i].point;
		m.of[at] = i;
	}
	*ret = m;
	return n ? demand_power(s->db, m.points, n, from, to, s->arena, m.means, m.has) : HUB_OK;
}

hub_status demand_measure(demand_stage *s)
{
	int64_t span = s->programme.settle / 2 > LOOK_LEAST ? s->programme.settle / 2 : LOOK_LEAST;
	metered m;
	hub_status st = meter(s, s->now - span * SECOND, s->now, &m);
	for (size_t i = 0; st == HUB_OK && i < m.count; i++) {
		demand_order *o = &s->orders[m.of[i]];
		o->measured = m.has[i];
		o->delivered = o->measured ? o->baseline - m.means[i] : 0;
	}
	return st;
}

static demand_order *order_of(const demand_stage *s, int64_t point)
{
	for (size_t i = 0; i < s->order_count; i++)
		if (s->orders[i].point == point)
			return &s->orders[i];
	return NULL;
}

static hub_status pay(const demand_stage *s, const demand_order *o, int64_t watts, int64_t seconds)
{
	contract k = { 0 };
	demand_result r = { .point = o->point, .event = o->event, .delivered_ws = watts * seconds };
	hub_status st = contract_at(s->db, o->point, s->event->starts, s->arena, &k);
	r.account = st == HUB_OK ? k.account : 0;
	r.credit = demand_credit(r.delivered_ws, s->programme.price);
	return st == HUB_OK || st == HUB_MISSING ? demand_result_put(s->db, &r) : st;
}

/* From its order to the end: who was called later had less time. */
static hub_status settle_one(const demand_stage *s, demand_order *o, demand_member *member)
{
	hub_time from = o->made > s->event->starts ? o->made : s->event->starts, to = s->event->ends;
	int64_t mean = 0, watts = 0;
	bool has = false;
	hub_status st = to > from ? demand_power(s->db, &o->point, 1, from, to, s->arena, &mean, &has) : HUB_OK;
	if (has)
		watts = o->baseline - mean;
	if (st == HUB_OK)
		st = pay(s, o, watts, to > from ? (to - from) / SECOND : 0);
	member->rate = demand_learn(member->rate, member->trials, o->ordered, watts);
	member->trials++;
	return st;
}

hub_status demand_settle(demand_stage *s)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < s->member_count; i++) {
		demand_member *m = &s->members[i];
		demand_order *o = order_of(s, m->point);
		if (o)
			st = settle_one(s, o, m);
		m->debt = demand_debt(m->debt, m->cost, o ? o->ordered : 0, m->most);
		if (st == HUB_OK)
			st = demand_member_learned(s->db, m);
	}
	return st;
}

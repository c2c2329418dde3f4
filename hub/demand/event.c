#include "demand/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "demand/parts.h"
#include "store/computed.h"

#define SECOND INT64_C(1000000)

enum { ROUNDS_MAX = 8, TOLERANCE = 100 /* a part of the target */ };

static const demand_member *member_of(const demand_stage *s, int64_t point)
{
	for (size_t i = 0; i < s->member_count; i++)
		if (s->members[i].point == point)
			return &s->members[i];
	return NULL;
}

/* Everybody concerned hears of it: those whose a point is, who serves it, who reads for them. */
static hub_status tell(demand_stage *s)
{
	const demand_event *e = s->event;
	char starts[CLOCK_TEXT], ends[CLOCK_TEXT];
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < s->member_count; i++) {
		const demand_member *m = &s->members[i];
		if (!m->opted_in || m->protected)
			continue;
		const computed c = { .party = s->programme.party,
				     .type = HUB_RECORD_EVENT,
				     .point = m->point,
				     .time = s->now,
				     .key = arena_printf(s->arena, "demand|%lld|%lld", (long long)e->id, (long long)m->point),
				     .body = arena_printf(s->arena,
							  "{\"code\":\"demand.notice\",\"cleared\":false,\"details\":{\"event\":\"%lld\","
							  "\"programme\":\"%s\",\"starts\":\"%s\",\"ends\":\"%s\"}}",
							  (long long)e->id, s->programme.code, clock_text(e->starts, starts),
							  clock_text(e->ends, ends)) };
		st = c.key && c.body ? computed_send(s->db, "hub.demand", &c, 1) : HUB_NOMEM;
	}
	return st;
}

static hub_status hand_over(demand_stage *s, demand_order *o)
{
	const demand_member *m = member_of(s, o->point);
	const char *key = arena_printf(s->arena, "demand-%lld-%d", (long long)s->event->id, o->round), *cause = "gone";
	hub_status st = key ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK && m && m->opted_in)
		st = s->hands->order(s->hands->user, &s->programme, s->event, m, o->limit, s->event->ends, key, &o->command, &cause);
	else if (m)
		cause = "opted_out";
	o->state = *cause ? "refused" : "ordered";
	o->cause = cause;
	return st == HUB_OK ? demand_order_told(s->db, o) : st;
}

/* What was written down and not handed over yet, by us or by who died before it could. */
static hub_status hand_all(demand_stage *s)
{
	hub_status st = demand_order_list(s->db, s->event->id, s->arena, &s->orders, &s->order_count);
	for (size_t i = 0; st == HUB_OK && i < s->order_count; i++)
		if (!strcmp(s->orders[i].state, "wanted"))
			st = hand_over(s, &s->orders[i]);
	return st;
}

static hub_status dispatch(demand_stage *s, int64_t need)
{
	demand_event *e = s->event;
	if (e->round == ROUNDS_MAX || (!e->automatic && e->approved <= e->round))
		return HUB_OK;
	/* What is planned and that it was planned are one: a kill in between would plan the same need twice. */
	hub_status st = store_begin(s->db);
	if (st != HUB_OK)
		return st;
	e->round++;
	e->looked = s->now;
	st = demand_plan(s, need);
	if (st == HUB_OK)
		st = demand_event_round(s->db, e);
	if (st == HUB_OK)
		st = store_commit(s->db);
	else
		store_rollback(s->db);
	return st == HUB_OK ? hand_all(s) : st;
}

/* Who opted out meanwhile is let go at once. */
static hub_status let_go(demand_stage *s, demand_order *o, const char *state)
{
	const demand_member *m = member_of(s, o->point);
	const char *key = arena_printf(s->arena, "demand-%lld-release", (long long)s->event->id), *cause = "";
	hub_status st = key ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK && m && !o->release)
		st = s->hands->order(s->hands->user, &s->programme, s->event, m, m->normal, 0, key, &o->release, &cause);
	o->state = state;
	return st == HUB_OK ? demand_order_told(s->db, o) : st;
}

static hub_status look(demand_stage *s)
{
	int64_t delivered = 0;
	hub_status st = demand_measure(s);
	for (size_t i = 0; st == HUB_OK && i < s->order_count; i++) {
		demand_order *o = &s->orders[i];
		const demand_member *m = member_of(s, o->point);
		const bool dead = !strcmp(o->command_state, "refused") || !strcmp(o->command_state, "expired");
		if (!strcmp(o->state, "ordered") && m && !m->opted_in) {
			st = let_go(s, o, "opted_out");
			continue;
		}
		if (!strcmp(o->state, "ordered") && (dead || !demand_obeyed(o->ordered, o->delivered))) {
			o->state = "failed";
			o->cause = dead ? o->command_state : o->measured ? "not_delivered" : "not_measured";
		}
		if (!strcmp(o->state, "ordered"))
			delivered += o->delivered;
		st = demand_order_told(s->db, o);
	}
	s->event->short_of = s->event->target - delivered;
	if (st == HUB_OK && s->event->short_of > s->event->target / TOLERANCE)
		st = dispatch(s, s->event->short_of);
	return st;
}

/* Settled, learned and over at once: what an event teaches is learned once. */
static hub_status finish(demand_stage *s)
{
	hub_status st = store_begin(s->db);
	if (st != HUB_OK)
		return st;
	s->event->state = "over";
	st = demand_settle(s);
	if (st == HUB_OK)
		st = demand_event_move(s->db, s->event);
	if (st == HUB_OK)
		return store_commit(s->db);
	store_rollback(s->db);
	return st;
}

/* One after the other over the programme's time, so that not all of them start at the same moment. */
static hub_status release(demand_stage *s)
{
	size_t left = 0;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < s->order_count; i++) {
		demand_order *o = &s->orders[i];
		hub_time due = s->event->ends + s->programme.stagger * SECOND * (int64_t)i / (int64_t)s->order_count;
		const bool held = !strcmp(o->state, "ordered") || !strcmp(o->state, "failed") || !strcmp(o->state, "wanted");
		if (held && due <= s->now)
			st = let_go(s, o, "released");
		else
			left += held;
	}
	return st == HUB_OK && !left ? finish(s) : st;
}

static hub_status act(demand_stage *s)
{
	demand_event *e = s->event;
	hub_status st = HUB_OK;
	if (!strcmp(e->state, "planned")) {
		st = tell(s);
		e->state = "told";
	}
	if (st == HUB_OK && (!strcmp(e->state, "told") || !strcmp(e->state, "active")) && s->now >= e->ends)
		e->state = "releasing";
	if (st == HUB_OK && !strcmp(e->state, "told") && s->now >= e->starts && (e->automatic || e->approved > 0)) {
		e->state = "active";
		e->looked = s->now;
		st = dispatch(s, e->target);
	} else if (st == HUB_OK && !strcmp(e->state, "active")) {
		st = hand_all(s);
		if (st == HUB_OK && s->now >= e->looked + s->programme.settle * SECOND) {
			st = look(s);
			e->looked = s->now;
		}
	}
	return st == HUB_OK && !strcmp(e->state, "releasing") ? release(s) : st;
}

hub_status demand_stage_open(demand_stage *s)
{
	hub_status st = demand_programme_by_id(s->db, s->event->programme, s->arena, &s->programme);
	if (st == HUB_OK)
		st = demand_member_list(s->db, s->event->programme, s->event->area, s->arena, &s->members, &s->member_count);
	return st == HUB_OK ? demand_order_list(s->db, s->event->id, s->arena, &s->orders, &s->order_count) : st;
}

hub_status demand_step(store *db, demand_event *e, hub_time now, const demand_hands *hands, arena *a)
{
	demand_stage s = { .db = db, .event = e, .now = now, .hands = hands, .arena = a };
	hub_status st = demand_stage_open(&s);
	if (st == HUB_OK)
		st = act(&s);
	return st == HUB_OK ? demand_event_move(db, e) : st;
}

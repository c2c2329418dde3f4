#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "demand/parts.h"

#define MINUTE INT64_C(60000000)

enum { CURVE_MAX = 1440 };

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void write_orders(const demand_stage *s, buf *out)
{
	for (size_t i = 0; i < s->order_count; i++) {
		const demand_order *o = &s->orders[i];
		buf_printf(out, "%s{\"point\":", i ? ",\n" : "\n");
		json_write_text(out, o->code);
		buf_printf(out, ",\"round\":%d,\"ordered\":%lld,\"baseline\":%lld,\"limit\":%lld", o->round, (long long)o->ordered,
			   (long long)o->baseline, (long long)o->limit);
		member(out, "state", o->state);
		if (o->cause[0])
			member(out, "cause", o->cause);
		if (o->command)
			buf_printf(out, ",\"command\":%lld,\"command_state\":\"%s\"", (long long)o->command, o->command_state);
		if (o->measured)
			buf_printf(out, ",\"delivered\":%lld", (long long)o->delivered);
		buf_u8(out, '}');
	}
}

/* A minute of all that were called: baseline of those whose meters spoke, and what these used. */
static hub_status write_minute(const demand_stage *s, hub_time from, hub_time to, buf *out)
{
	char text[CLOCK_TEXT];
	int64_t baseline = 0, used = 0;
	size_t metered = 0;
	for (size_t i = 0; i < s->order_count; i++) {
		const demand_order *o = &s->orders[i];
		int64_t mean;
		bool has;
		hub_status st = demand_power(s->db, &o->point, 1, from, to, s->arena, &mean, &has);
		if (st != HUB_OK)
			return st;
		metered += has;
		baseline += has ? o->baseline : 0;
		used += mean;
	}
	buf_printf(out, "{\"time\":\"%s\",\"baseline\":%lld,\"used\":%lld,\"delivered\":%lld,\"metered\":%zu}", clock_text(from, text),
		   (long long)baseline, (long long)used, (long long)(baseline - used), metered);
	return HUB_OK;
}

static hub_status write_curve(const demand_stage *s, buf *out)
{
	const demand_event *e = s->event;
	hub_time end = s->now < e->ends ? s->now : e->ends;
	hub_status st = HUB_OK;
	size_t n = 0;
	for (hub_time t = e->starts; st == HUB_OK && t < end && n < CURVE_MAX; t += MINUTE, n++) {
		buf_text(out, n ? ",\n" : "\n");
		st = write_minute(s, t, t + MINUTE < end ? t + MINUTE : end, out);
	}
	return st;
}

static hub_status write_error(const demand_stage *s, buf *out)
{
	size_t n = s->member_count, told = 0;
	int64_t *points = arena_array(s->arena, n, sizeof *points), *baselines = arena_array(s->arena, n, sizeof *baselines),
		*errors = arena_array(s->arena, n, sizeof *errors), sum = 0;
	bool *known = arena_array(s->arena, n, sizeof *known);
	if (!points || !baselines || !errors || !known)
		return HUB_NOMEM;
	for (size_t i = 0, at; i < n; i++) {
		for (at = i; at && points[at - 1] > s->members[i].point; at--)
			points[at] = points[at - 1];
		points[at] = s->members[i].point;
	}
	hub_status st = n ? demand_baselines(s->db, &s->programme, s->event, points, n, s->arena, baselines, errors, known) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		if (known[i] && errors[i] >= 0) {
			sum += errors[i];
			told++;
		}
	buf_printf(out, ",\"resources\":%zu", n);
	if (told)
		buf_printf(out, ",\"baseline_error\":\"%lld.%04lld %%\"", (long long)(sum / (int64_t)told / 10000),
			   (long long)(sum / (int64_t)told % 10000));
	return st;
}

static hub_status write_results(const demand_stage *s, buf *out)
{
	demand_result *list;
	size_t count = 0;
	long long ws = 0, credit = 0;
	hub_status st = demand_result_list(s->db, s->event->id, s->arena, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		ws += list[i].delivered_ws;
		credit += list[i].credit;
	}
	if (st == HUB_OK && count)
		buf_printf(out, ",\"delivered_ws\":%lld,\"credit\":%lld", ws, credit);
	return st;
}

/* What nobody has looked at yet is said as the meters say it now. */
static hub_status measure_new(demand_stage *s)
{
	demand_order *before = arena_array(s->arena, s->order_count, sizeof *before);
	if (!before)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->order_count; i++)
		before[i] = s->orders[i];
	hub_status st = demand_measure(s);
	for (size_t i = 0; st == HUB_OK && i < s->order_count; i++)
		if (before[i].measured || strcmp(before[i].state, "ordered"))
			s->orders[i] = before[i];
	return st;
}

hub_status demand_report(store *db, const demand_event *e, hub_time now, arena *a, buf *out)
{
	demand_event copy = *e;
	demand_stage s = { .db = db, .event = &copy, .now = now, .arena = a };
	char starts[CLOCK_TEXT], ends[CLOCK_TEXT];
	hub_status st = demand_stage_open(&s);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"event\":%lld", (long long)e->id);
	member(out, "programme", s.programme.code);
	member(out, "name_zh", s.programme.name_zh);
	member(out, "name_en", s.programme.name_en);
	buf_printf(out, ",\"method\":\"%s\",\"state\":\"%s\",\"target\":%lld,\"starts\":\"%s\",\"ends\":\"%s\",\"round\":%d,\"short\":%lld",
		   s.programme.method, e->state, (long long)e->target, clock_text(e->starts, starts), clock_text(e->ends, ends), e->round,
		   (long long)e->short_of);
	member(out, "mode", e->automatic ? "automatic" : "semi-automatic");
	st = write_error(&s, out);
	if (st == HUB_OK)
		st = write_results(&s, out);
	if (st == HUB_OK && s.order_count && !strcmp(e->state, "active"))
		st = measure_new(&s);
	buf_text(out, ",\"orders\":[");
	write_orders(&s, out);
	buf_text(out, "],\"curve\":[");
	if (st == HUB_OK)
		st = write_curve(&s, out);
	buf_text(out, "]}");
	return st;
}

#include "api/charging.h"

#include <string.h>

#include "api/exchange.h"
#include "api/message_right.h"
#include "api/receipt.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/account.h"
#include "store/charging.h"
#include "store/point.h"

static void text_member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void time_member(buf *out, const char *name, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", name, clock_text(t, text));
}

static void write_charge(buf *out, const charging_row *c, bool with_lines)
{
	buf_printf(out, ",\"charge\":{\"state\":\"%s\"", c->state);
	text_member(out, "cause", c->cause);
	if (c->tariff[0]) {
		text_member(out, "tariff", c->tariff);
		buf_printf(out, ",\"currency\":\"CNY\",\"amount\":%lld", (long long)c->amount);
		if (c->cycle)
			buf_printf(out, ",\"cycle\":\"%04d-%02d\"", c->cycle / 100, c->cycle % 100);
		if (with_lines)
			buf_printf(out, ",\"lines\":%s", c->lines);
	}
	buf_u8(out, '}');
}

/* Who charged and what it cost is the operator's and the payer's business. */
static void write(buf *out, const charging_row *c, bool whole, bool with_lines)
{
	buf_printf(out, "{\"id\":%lld", (long long)c->id);
	text_member(out, "operator", c->operator_code);
	text_member(out, "station", c->station);
	text_member(out, "connector", c->channel);
	text_member(out, "point", c->point_code);
	text_member(out, "transaction", c->transaction);
	time_member(out, "started", c->started);
	time_member(out, "ended", c->ended);
	time_member(out, "last_update", c->last_update);
	if (c->has_energy)
		buf_printf(out, ",\"energy_wh\":%lld", (long long)c->energy_wh);
	if (c->power[0])
		text_member(out, "power", c->power);
	if (c->state_of_charge[0])
		text_member(out, "state_of_charge", c->state_of_charge);
	text_member(out, "reason", c->reason);
	text_member(out, "problem", c->problem);
	if (whole) {
		text_member(out, "tag", c->tag);
		text_member(out, "account", c->account_code);
		write_charge(out, c, with_lines);
	}
	buf_u8(out, '}');
}

static hub_status may_see(request *r, const charging_row *c, bool *ret, bool *ret_whole)
{
	message_facts m = {
		.kind = "session", .commodity = "ev", .sender = c->operator_code, .personal = c->holder != 0
	};
	party holder = { 0 };
	hub_status st = c->holder ? party_by_id(r->db, c->holder, r->arena, &holder) : HUB_OK;
	*ret_whole = c->party == r->caller.id || (c->holder && c->holder == r->caller.id);
	if (st == HUB_OK && c->holder)
		m.about = holder.code;
	m.utilities[m.utility_count++] = c->operator_code;
	/* Found by a role at the point. */
	if (!*ret_whole)
		m.utilities[m.utility_count++] = r->caller.code;
	/* A payer of whom the wall shows nothing is told of to nobody. */
	*ret = false;
	return st == HUB_OK ? message_right(r, "receive", &m, ret) : st == HUB_MISSING ? HUB_OK : st;
}

/* Where people charge at home, others' looks are theirs to know of. */
static hub_status keep_views(request *r, const int64_t *points, size_t count)
{
	return viewing_keep_of(r, "session", points, count);
}

static hub_status read_filter(request *r, charging_filter *f)
{
	static const char *const states[] = { "open", "closed", "problem" };
	const char *state = request_query(r, "state"), *code = request_query(r, "point"),
		   *cursor = request_query(r, "cursor");
	uint64_t hours = 0, before = 0;
	point p;
	*f = (charging_filter) { .station = request_query(r, "station"), .state = "", .seen_by = r->caller.id };
	for (size_t i = 0; state && i < 3; i++)
		if (!strcmp(states[i], state))
			f->state = states[i];
	if (state && !f->state[0])
		return request_refuse(r, 400, "charging.state", "state", "'%.20s' is none of open, closed, problem",
				      state);
	if (cursor && *cursor && !request_id(cursor, &before))
		return request_refuse(r, 400, "charging.cursor", "cursor",
				      "this cursor is not ours; begin without one");
	f->before = (int64_t)before;
	hub_status st = request_number(r, "silent_hours", 0, 0, 8760, &hours);
	if (st == HUB_OK && request_query(r, "silent_hours"))
		f->silent_since = r->now - (hub_time)hours * INT64_C(3600000000);
	if (st == HUB_OK && code) {
		st = point_by_code(r->db, code, r->arena, &p);
		f->point = st == HUB_OK ? p.id : -1;
		st = st == HUB_MISSING ? HUB_OK : st;
	}
	return st;
}

hub_status charging_sessions_get(request *r)
{
	charging_filter f;
	charging_row *list;
	size_t count, i = 0, n = 0, shown = 0;
	uint64_t limit;
	hub_status st = request_number(r, "limit", 100, 1, 1000, &limit);
	if (st == HUB_OK)
		st = read_filter(r, &f);
	/* The messages behind a session have no wall of their own: seen_by stands for it. */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = charging_list(r->db, &f, limit, r->arena, &list, &count);
	int64_t *points = st == HUB_OK ? arena_array(r->arena, count, sizeof *points) : NULL;
	if (st == HUB_OK && !points)
		return HUB_NOMEM;
	buf_text(&r->body, "{\"sessions\":[");
	for (; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		bool allowed, whole;
		st = may_see(r, &list[i], &allowed, &whole);
		if (st != HUB_OK || !allowed)
			continue;
		if (list[i].point)
			points[n++] = list[i].point;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		write(&r->body, &list[i], whole, false);
	}
	if (st == HUB_OK)
		st = keep_views(r, points, n);
	if (st != HUB_OK)
		return st;
	if (i && (i < count || count == limit))
		buf_printf(&r->body, "],\"cursor\":\"%lld\"}\n", (long long)list[i - 1].id);
	else
		buf_text(&r->body, "],\"cursor\":\"\"}\n");
	return request_finish_tagged(r, 200);
}

hub_status charging_session_get(request *r)
{
	charging_filter f = { .state = "", .seen_by = r->caller.id };
	charging_row *list;
	size_t count = 0;
	uint64_t id = 0;
	bool allowed = false, whole = false;
	hub_status st = request_as_core(r);
	f.id = request_id(r->values[0], &id) ? (int64_t)id : -1;
	if (st == HUB_OK)
		st = charging_list(r->db, &f, 1, r->arena, &list, &count);
	if (st == HUB_OK && count)
		st = may_see(r, &list[0], &allowed, &whole);
	if (st == HUB_OK && allowed && list[0].point)
		st = keep_views(r, &list[0].point, 1);
	if (st != HUB_OK)
		return st;
	if (!allowed)
		return request_refuse(r, 404, "charging.unknown", "id", "there is no session '%.32s' that you may see",
				      r->values[0]);
	write(&r->body, &list[0], whole, true);
	buf_u8(&r->body, '\n');
	return request_finish_tagged(r, 200);
}

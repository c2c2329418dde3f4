#include "api/demand.h"

#include <string.h>

#include "api/body.h"
#include "api/permit.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "demand/event.h"

enum { NOTICE_MAX = 10080 /* minutes */, SHOWN = 200 };

static hub_status unknown(request *r)
{
	return request_refuse(r, 404, "demand.event", "id", "there is no event '%.32s' that you may see", r->values[0]);
}

/* An event of a programme whose party lets the caller do this. */
static hub_status find(request *r, const char *action, demand_event *ret)
{
	uint64_t id = 0;
	bool allowed = false;
	demand_programme p;
	if (!request_id(r->values[0], &id))
		return unknown(r);
	hub_status st = demand_event_get(r->db, (int64_t)id, r->arena, ret);
	if (st == HUB_OK)
		st = demand_programme_by_id(r->db, ret->programme, r->arena, &p);
	if (st == HUB_OK)
		st = permit_item(r, action, "demand", p.party, &allowed);
	return st == HUB_MISSING || (st == HUB_OK && !allowed) ? unknown(r) : st;
}

static void write(buf *out, const demand_event *e, const demand_programme *p)
{
	char starts[CLOCK_TEXT], ends[CLOCK_TEXT];
	buf_printf(out, "{\"event\":%lld,\"programme\":", (long long)e->id);
	json_write_text(out, p->code);
	buf_text(out, ",\"name_zh\":");
	json_write_text(out, p->name_zh);
	buf_text(out, ",\"name_en\":");
	json_write_text(out, p->name_en);
	buf_printf(out, ",\"state\":\"%s\",\"mode\":\"%s\",\"target\":%lld,\"starts\":\"%s\",\"ends\":\"%s\",\"round\":%d}", e->state,
		   e->automatic ? "automatic" : "semi-automatic", (long long)e->target, clock_text(e->starts, starts),
		   clock_text(e->ends, ends), e->round);
}

hub_status demand_events_get(request *r)
{
	demand_event *list;
	size_t count, shown = 0;
	hub_status st = demand_event_list(r->db, 0, SHOWN, r->arena, &list, &count);
	buf_text(&r->body, "{\"events\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		demand_programme p;
		bool allowed = false;
		st = demand_programme_by_id(r->db, list[i].programme, r->arena, &p);
		if (st == HUB_OK)
			st = permit_item(r, "view", "demand", p.party, &allowed);
		if (st != HUB_OK || !allowed)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		write(&r->body, &list[i], &p);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status show(request *r, int status, int64_t id)
{
	demand_event e;
	demand_programme p;
	hub_status st = demand_event_get(r->db, id, r->arena, &e);
	if (st == HUB_OK)
		st = demand_programme_by_id(r->db, e.programme, r->arena, &p);
	if (st != HUB_OK)
		return st;
	write(&r->body, &e, &p);
	buf_u8(&r->body, '\n');
	return request_finish(r, status, "");
}

static void read_event(body *b, demand_event *e)
{
	const char *kw = body_text(b, "target", true, 20), *by = body_text(b, "by", false, 128);
	const json_t *notice = json_object_get(b->root, "notice");
	json_int_t minutes = notice ? json_integer_value(notice) : 0;
	decimal d;
	e->starts = body_time(b, "starts");
	e->ends = body_time(b, "ends");
	e->automatic = !body_truth(b, "semi_automatic");
	e->asked_by = b->r->person ? b->r->person->login : *by ? by : b->r->caller.code;
	if (b->status == HUB_OK && (decimal_parse(kw, strlen(kw), &d) != HUB_OK ||
				    decimal_to_int64(d, 3, DECIMAL_DOWN, &e->target) != HUB_OK || e->target <= 0))
		body_fault(b, "target", "is a power in kW, above 0");
	if (b->status == HUB_OK && (e->starts >= e->ends || e->ends <= b->r->now || e->ends - e->starts > INT64_C(86400000000)))
		body_fault(b, "ends", "lies behind starts, ahead of now, and at most a day later");
	if (b->status == HUB_OK && (minutes < 0 || minutes > NOTICE_MAX))
		body_fault(b, "notice", "is a number of minutes, at most a week");
	e->notice = e->starts - (hub_time)minutes * 60000000;
}

/* Only whoever runs the programme calls its events. */
hub_status demand_events_post(request *r)
{
	static const char *const members[] = { "programme", "target", "starts", "ends", "notice", "area", "semi_automatic", "by", NULL };
	demand_programme p;
	demand_event e = { .target = 0 };
	premise area;
	bool allowed = false;
	hub_fault fault = { 0 };
	body b;
	body_open(&b, r, members);
	const char *code = body_text(&b, "programme", true, 64), *place = body_text(&b, "area", false, 64);
	read_event(&b, &e);
	hub_status st = b.status;
	body_close(&b);
	if (st != HUB_OK)
		return st;
	st = demand_programme_by_code(r->db, code, r->arena, &p);
	if (st == HUB_OK)
		st = permit_item(r, "change", "demand", p.party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "demand.programme", "programme", "there is no programme '%.64s' of yours", code);
	if (st == HUB_OK && *place) {
		st = premise_by_code(r->db, place, r->arena, &area);
		if (st == HUB_MISSING)
			return request_refuse(r, 404, "demand.area", "area", "there is no premise '%.64s'", place);
		e.area = st == HUB_OK ? area.id : 0;
	}
	e.programme = p.id;
	if (st == HUB_OK)
		st = demand_event_add(r->db, &e, &e.id, &fault);
	return st == HUB_OK ? show(r, 201, e.id) : st;
}

/* Measured of all who were called, which the second wall would hide from an operator's party without a role there. */
hub_status demand_event_report_get(request *r)
{
	demand_event e;
	hub_status st = find(r, "view", &e);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = demand_report(r->db, &e, r->now, r->arena, &r->body);
	buf_u8(&r->body, '\n');
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status change(request *r, hub_status (*how)(store *db, int64_t id))
{
	demand_event e;
	hub_status st = find(r, "change", &e);
	if (st == HUB_OK)
		st = how(r->db, e.id);
	if (st == HUB_CONFLICT)
		return request_refuse(r, 409, "demand.state", "id", "event %lld is %s: nothing of this can be done", (long long)e.id,
				      e.state);
	return st == HUB_OK ? show(r, 200, e.id) : st;
}

hub_status demand_event_approve_post(request *r)
{
	return change(r, demand_event_approve);
}

hub_status demand_event_cancel_post(request *r)
{
	return change(r, demand_event_cancel);
}

/* Whoever a point concerns says whether it takes part: "watch". */
static hub_status may_choose(request *r, int64_t point_id, bool *ret)
{
	const rights_case of = request_case(r, "watch");
	rights *mine;
	rights_ruling ruling = { 0 };
	hub_status st = rights_new(&of, &mine);
	if (st == HUB_OK)
		st = rights_load(mine, &point_id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(mine, point_id) : NULL;
	if (p)
		st = rights_on(mine, p, false, &ruling);
	*ret = st == HUB_OK && ruling.allowed;
	return st;
}

hub_status demand_choice_post(request *r)
{
	static const char *const members[] = { "programme", "point", "in", NULL };
	demand_programme p;
	point at;
	bool allowed = false;
	body b;
	body_open(&b, r, members);
	const char *code = body_text(&b, "programme", true, 64), *point_code = body_text(&b, "point", true, 64);
	bool is_in = body_truth(&b, "in");
	hub_status st = b.status;
	body_close(&b);
	if (st != HUB_OK)
		return st;
	st = demand_programme_by_code(r->db, code, r->arena, &p);
	if (st == HUB_OK)
		st = point_by_code(r->db, point_code, r->arena, &at);
	if (st == HUB_OK)
		st = may_choose(r, at.id, &allowed);
	if (st == HUB_OK && allowed)
		st = demand_member_opt(r->db, p.id, at.id, is_in);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "demand.resource", "point", "no point '%.64s' of yours takes part in '%.64s'", point_code,
				      code);
	return st == HUB_OK ? request_finish_empty(r) : st;
}

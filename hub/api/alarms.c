#include "api/alarms.h"

#include <string.h>

#include "alarm/rules.h"
#include "api/body.h"
#include "rights/rights.h"

static alarm_caller caller_of(const request *r)
{
	return (alarm_caller) { &r->caller, r->rules, r->person };
}

static hub_status refused(request *r, hub_status st, const hub_fault *fault)
{
	static const int codes[] = {
		[HUB_REJECT] = 400, [HUB_DENIED] = 403, [HUB_MISSING] = 404, [HUB_CONFLICT] = 409
	};
	bool problem = st == HUB_REJECT || st == HUB_DENIED || st == HUB_MISSING || st == HUB_CONFLICT;
	return problem && fault->code ? request_problem(r, codes[st], fault) : st;
}

static int64_t number(const request *r)
{
	uint64_t id = 0;
	return request_id(r->values[0], &id) ? (int64_t)id : 0;
}

static bool governs(const request *r)
{
	for (size_t i = 0; i < r->caller.role_count; i++)
		if (!strcmp(r->caller.roles[i], "operator"))
			return true;
	return false;
}

/* What the policies let the caller watch; what is about no point is its own. */
typedef struct eyes {
	const request *r;
	rights *rights;
} eyes;

static hub_status open_eyes(request *r, const int64_t *points, size_t count, eyes *ret)
{
	const rights_case of = request_case(r, "watch");
	ret->r = r;
	hub_status st = rights_new(&of, &ret->rights);
	return st == HUB_OK && count ? rights_load(ret->rights, points, count) : st;
}

static hub_status sees(const eyes *e, int64_t point_id, int64_t owner, const char **ret_code, bool *ret)
{
	rights_ruling ruling = { 0 };
	const rights_point *p = point_id ? rights_of(e->rights, point_id) : NULL;
	hub_status st = p ? rights_on(e->rights, p, false, &ruling) : HUB_OK;
	*ret_code = p ? p->point.code : "";
	*ret = point_id ? ruling.allowed : owner == e->r->caller.id || governs(e->r);
	return st;
}

static hub_status point_of(request *r, int64_t *ret)
{
	const char *code = request_query(r, "point");
	point p;
	*ret = 0;
	if (!code)
		return HUB_OK;
	hub_status st = point_by_code(r->db, code, r->arena, &p);
	*ret = st == HUB_OK ? p.id : -1; /* none */
	return st == HUB_MISSING ? HUB_OK : st;
}

hub_status alarms_get(request *r)
{
	request_page page;
	alarm_row *list;
	size_t count, shown = 0, i = 0;
	int64_t *points;
	eyes e;
	alarm_filter f = { .party = governs(r) ? 0 : r->caller.id, .state = request_query(r, "state") };
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = point_of(r, &f.point);
	f.before = page.after;
	if (st == HUB_OK)
		st = alarm_list(r->db, &f, page.limit, r->arena, &list, &count);
	points = st == HUB_OK ? arena_array(r->arena, count, sizeof *points) : NULL;
	if (st != HUB_OK || !points)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t k = 0; k < count; k++)
		points[k] = list[k].point;
	st = open_eyes(r, points, count, &e);
	buf_text(&r->body, "{\"alarms\":[");
	for (; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		bool seen;
		const char *code;
		st = sees(&e, list[i].point, list[i].party, &code, &seen);
		if (st != HUB_OK || !seen)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		alarm_write(&r->body, &list[i]);
	}
	if (st != HUB_OK)
		return st;
	return request_finish_page(r, i < count || count == page.limit ? (uint64_t)list[i - 1].id : 0);
}

hub_status alarm_rules_get(request *r)
{
	request_page page;
	alarm_rule *list;
	size_t count, shown = 0, i = 0;
	int64_t *points, at;
	eyes e;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = point_of(r, &at);
	if (st == HUB_OK)
		st = alarm_rule_list(r->db, at, governs(r) ? 0 : r->caller.id, page.after, page.limit, r->arena, &list, &count);
	points = st == HUB_OK ? arena_array(r->arena, count, sizeof *points) : NULL;
	if (st != HUB_OK || !points)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t k = 0; k < count; k++)
		points[k] = list[k].point;
	st = open_eyes(r, points, count, &e);
	buf_text(&r->body, "{\"rules\":[");
	for (; st == HUB_OK && i < count && r->body.len < REQUEST_PART; i++) {
		bool seen;
		const char *code;
		st = sees(&e, list[i].point, list[i].party, &code, &seen);
		if (st != HUB_OK || !seen)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		alarm_rule_write(&r->body, &list[i], code);
	}
	if (st != HUB_OK)
		return st;
	return request_finish_page(r, i < count || count == page.limit ? (uint64_t)list[i - 1].id : 0);
}

/* Who acts: the person that signed in, else whom the party's system names. */
static const char *person_of(const request *r, body *b)
{
	const char *by = body_text(b, "by", false, 128);
	return r->person ? r->person->login : by;
}

static int64_t seconds(body *b, const char *name)
{
	const json_t *value = json_object_get(b->root, name);
	json_int_t n = value ? json_integer_value(value) : 0;
	if (b->status == HUB_OK && value && (!json_is_integer(value) || n < 0 || n > 30 * 86400))
		body_fault(b, name, "is a number of seconds, up to 30 days");
	return (int64_t)n * 1000000;
}

static hub_status finish_rule(request *r, int status, const alarm_rule *rule, const char *point_code)
{
	alarm_rule_write(&r->body, rule, point_code);
	buf_u8(&r->body, '\n');
	return request_finish(r, status, "");
}

static const char *code_of(request *r, int64_t id)
{
	point *p;
	size_t count = 0;
	hub_status st = id ? point_by_ids(r->db, &id, 1, r->arena, &p, &count) : HUB_OK;
	return st == HUB_OK && count ? p->code : "";
}

hub_status alarm_rules_post(request *r)
{
	static const char *const members[] = { "point", "kind", "standing", "channel", "severity", "subject", "quantity", "raise",
					       "clear", "unit", "hold", "clear_hold", "quiet", "escalate", "cut_off", "by", NULL };
	const alarm_caller who = caller_of(r);
	hub_fault fault = { 0 };
	alarm_rule rule;
	body b;
	body_open(&b, r, members);
	const alarm_wish w = { .point = body_text(&b, "point", false, 64),
			       .kind = body_text(&b, "kind", true, 32),
			       .standing = body_text(&b, "standing", false, 8),
			       .channel = body_text(&b, "channel", false, 32),
			       .severity = body_text(&b, "severity", false, 16),
			       .subject = body_text(&b, "subject", false, 64),
			       .quantity = body_text(&b, "quantity", false, 64),
			       .raise = body_text(&b, "raise", false, 40),
			       .clear = body_text(&b, "clear", false, 40),
			       .unit = body_text(&b, "unit", false, 16),
			       .hold = seconds(&b, "hold"),
			       .clear_hold = seconds(&b, "clear_hold"),
			       .quiet = body_text(&b, "quiet", false, 20),
			       .escalate = seconds(&b, "escalate"),
			       .cut_off = body_truth(&b, "cut_off"),
			       .by = person_of(r, &b) };
	hub_status st = b.status;
	body_close(&b);
	if (st == HUB_OK)
		st = alarm_rules_set(r->db, &who, &w, r->arena, &rule, &fault);
	else
		return st;
	return st == HUB_OK ? finish_rule(r, 201, &rule, w.point) : refused(r, st, &fault);
}

hub_status alarm_rule_approve_post(request *r)
{
	static const char *const members[] = { "by", NULL };
	const alarm_caller who = caller_of(r);
	hub_fault fault = { 0 };
	alarm_rule rule;
	body b;
	body_open(&b, r, members);
	const char *by = person_of(r, &b);
	hub_status st = b.status;
	body_close(&b);
	if (st != HUB_OK)
		return st;
	st = alarm_rules_approve(r->db, &who, number(r), by, r->arena, &rule, &fault);
	return st == HUB_OK ? finish_rule(r, 200, &rule, code_of(r, rule.point)) : refused(r, st, &fault);
}

hub_status alarm_rule_delete(request *r)
{
	const alarm_caller who = caller_of(r);
	hub_fault fault = { 0 };
	hub_status st = alarm_rules_end(r->db, &who, number(r), r->arena, &fault);
	return st == HUB_OK ? request_finish_empty(r) : refused(r, st, &fault);
}

hub_status alarm_acknowledge_post(request *r)
{
	static const char *const members[] = { "by", "note", NULL };
	const alarm_caller who = caller_of(r);
	hub_fault fault = { 0 };
	alarm_row al;
	body b;
	body_open(&b, r, members);
	const char *by = person_of(r, &b), *note = body_text(&b, "note", false, 200);
	hub_status st = b.status;
	body_close(&b);
	if (st != HUB_OK)
		return st;
	st = alarm_rules_acknowledge(r->db, &who, number(r), by, note, r->arena, &al, &fault);
	if (st != HUB_OK)
		return refused(r, st, &fault);
	alarm_write(&r->body, &al);
	buf_u8(&r->body, '\n');
	return request_finish(r, 200, "");
}

#include "store/alarm.h"

#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

static void rule_row(fetch *f, int i, void *ret)
{
	alarm_rule *r = ret;
	r->point = get_i64(f->r, i, 0);
	r->id = get_i64(f->r, i, 1);
	r->party = get_i64(f->r, i, 2);
	r->kind = fetch_text(f, i, 3);
	r->standing = fetch_text(f, i, 4);
	r->channel = fetch_text(f, i, 5);
	r->quantity = (uint16_t)get_i64(f->r, i, 6);
	r->raise = get_value(f->r, i, 7);
	r->clear = get_value(f->r, i, 9);
	r->hold = get_i64(f->r, i, 11);
	r->clear_hold = get_i64(f->r, i, 12);
	r->severity = fetch_text(f, i, 13);
	r->subject = fetch_text(f, i, 14);
	r->cut_off = get_bool(f->r, i, 15);
	r->set_by = fetch_text(f, i, 16);
	r->approved_by = fetch_text(f, i, 17);
	r->made = get_time(f->r, i, 18);
	r->ended = get_time(f->r, i, 19);
	r->quiet_from = (int16_t)get_i64(f->r, i, 20);
	r->quiet_to = (int16_t)get_i64(f->r, i, 21);
	r->escalate = get_i64(f->r, i, 22);
}

static void row(fetch *f, int i, void *ret)
{
	alarm_row *a = ret;
	a->point = get_i64(f->r, i, 0);
	a->id = get_i64(f->r, i, 1);
	a->rule = get_i64(f->r, i, 2);
	a->party = get_i64(f->r, i, 3);
	a->kind = fetch_text(f, i, 4);
	a->channel = fetch_text(f, i, 5);
	a->subject = fetch_text(f, i, 6);
	a->severity = fetch_text(f, i, 7);
	a->state = fetch_text(f, i, 8);
	a->value = get_value(f->r, i, 9);
	a->since = get_time(f->r, i, 11);
	a->last = get_time(f->r, i, 12);
	a->raised = get_time(f->r, i, 13);
	a->cleared = get_time(f->r, i, 14);
	a->acknowledged = get_time(f->r, i, 15);
	a->acknowledged_by = fetch_text(f, i, 16);
	a->note = fetch_text(f, i, 17);
	a->cut = fetch_text(f, i, 18);
	a->command = get_i64(f->r, i, 19);
	a->cause = fetch_text(f, i, 20);
	a->standing = fetch_text(f, i, 21);
	a->quantity = (uint16_t)get_i64(f->r, i, 22);
	a->limit = get_value(f->r, i, 23);
	a->code = fetch_text(f, i, 25);
}

/* The rule is another party's business too: who caches rules loads them anew. */
static hub_status bumped(store *db, hub_status st)
{
	return st == HUB_OK ? epoch_bump(db, "alarm") : st;
}

hub_status alarm_rule_add(store *db, const alarm_rule *r, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->point);
	arg_i64(&in, r->party);
	arg_text(&in, r->kind);
	arg_text(&in, r->standing);
	arg_text(&in, r->channel);
	arg_i16(&in, (int16_t)r->quantity);
	arg_value(&in, r->raise);
	arg_value(&in, r->clear);
	arg_i64(&in, r->hold);
	arg_i64(&in, r->clear_hold);
	arg_text(&in, r->severity);
	arg_text(&in, r->subject);
	arg_bool(&in, r->cut_off);
	arg_text(&in, r->set_by);
	arg_i16(&in, r->quiet_from);
	arg_i16(&in, r->quiet_to);
	arg_i64(&in, r->escalate);
	return bumped(db, sql_number(db, "alarm_rule_add", &in, ret_id, fault));
}

hub_status alarm_rule_end(store *db, int64_t id)
{
	AUTO_ARGS in;
	int64_t ended;
	args_init(&in);
	arg_i64(&in, id);
	hub_status st = sql_number(db, "alarm_rule_end", &in, &ended, NULL);
	if (st == HUB_OK)
		st = sql_do(db, "alarm_rule_clear", &in, NULL);
	return bumped(db, st);
}

hub_status alarm_rule_approve(store *db, int64_t id, const char *by)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, by);
	hub_status st = sql_number(db, "alarm_rule_approve", &in, &done, NULL);
	return bumped(db, st == HUB_MISSING ? HUB_CONFLICT : st);
}

hub_status alarm_rule_get(store *db, int64_t id, arena *a, alarm_rule *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "alarm_rule_get", &in, a, sizeof *ret, rule_row, ret);
}

hub_status alarm_rule_list(store *db, int64_t point, int64_t party, uint64_t after, size_t limit, arena *a,
			   alarm_rule **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, point);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "alarm_rule_list", &in, a, sizeof **ret, rule_row, ret, ret_count);
}

hub_status alarm_rules_at(store *db, const int64_t *points, size_t count, arena *a, alarm_rule **ret,
			  size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, count);
	return sql_list(db, "alarm_rules_at", &in, a, sizeof **ret, rule_row, ret, ret_count);
}

hub_status alarm_rules_of_kind(store *db, const char *kind, arena *a, alarm_rule **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, kind);
	return sql_list(db, "alarm_rules_of_kind", &in, a, sizeof **ret, rule_row, ret, ret_count);
}

hub_status alarm_open(store *db, const int64_t *rules, size_t count, arena *a, alarm_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, rules, count);
	return sql_list(db, "alarm_open", &in, a, sizeof **ret, row, ret, ret_count);
}

/* The columns that a step may change, of each in the list. */
static void arg_steps(args *in, alarm_row *const *list, size_t count)
{
	arg_array(in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(in, list[i]->state);
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, list[i]->value.digits);
	arg_array(in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(in, list[i]->value.scale);
	arg_array(in, OID_TIME, count);
	for (size_t i = 0; i < count; i++)
		item_time(in, list[i]->since);
	arg_array(in, OID_TIME, count);
	for (size_t i = 0; i < count; i++)
		item_time(in, list[i]->last);
	arg_array(in, OID_BOOL, count);
	for (size_t i = 0; i < count; i++)
		item_bool(in, list[i]->raised != 0);
}

static void number_new(const PGresult *res, alarm_row *const *list, size_t count, bool *ret_cut)
{
	for (int k = 0; k < PQntuples(res); k++) {
		int64_t rule = get_i64(res, k, 1), point = get_i64(res, k, 2);
		*ret_cut |= get_bool(res, k, 5);
		for (size_t i = 0; i < count; i++) {
			size_t channel_len, subject_len;
			const uint8_t *channel = get_bytes(res, k, 3, &channel_len),
				      *subject = get_bytes(res, k, 4, &subject_len);
			alarm_row *a = list[i];
			if (a->rule == rule && a->point == point && strlen(a->channel) == channel_len &&
			    !memcmp(a->channel, channel, channel_len) && strlen(a->subject) == subject_len &&
			    !memcmp(a->subject, subject, subject_len))
				a->id = get_i64(res, k, 0);
		}
	}
}

static hub_status put_new(store *db, alarm_row *const *list, size_t count, uint64_t receipt, bool *ret_cut)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i]->point);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i]->rule);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i]->home);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i]->channel);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i]->subject);
	arg_steps(&in, list, count);
	arg_i64(&in, (int64_t)receipt);
	hub_status st = sql_run(db, "alarm_add", &in, &res, NULL);
	if (st == HUB_OK)
		number_new(res, list, count, ret_cut);
	return st;
}

static void arg_names(args *in, alarm_row *const *list, size_t count)
{
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, list[i]->point);
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, list[i]->id);
}

static hub_status move(store *db, alarm_row *const *list, size_t count, uint64_t receipt, bool *ret_cut)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_names(&in, list, count);
	arg_steps(&in, list, count);
	arg_i64(&in, (int64_t)receipt);
	hub_status st = sql_run(db, "alarm_move", &in, &res, NULL);
	for (int k = 0; st == HUB_OK && k < PQntuples(res); k++)
		*ret_cut |= get_bool(res, k, 0);
	return st;
}

static hub_status forget(store *db, alarm_row *const *list, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_names(&in, list, count);
	return sql_do(db, "alarm_forget", &in, NULL);
}

hub_status alarm_put(store *db, alarm_row *list, size_t count, uint64_t receipt, arena *a, bool *ret_cut)
{
	alarm_row **fresh = arena_array(a, count, sizeof *fresh), **moved = arena_array(a, count, sizeof *moved),
	      **idle = arena_array(a, count, sizeof *idle);
	size_t n = 0, m = 0, k = 0;
	*ret_cut = false;
	if (!fresh || !moved || !idle)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		bool is_idle = !strcmp(list[i].state, "idle");
		if (!list[i].id && !is_idle)
			fresh[n++] = &list[i];
		else if (list[i].id && is_idle)
			idle[k++] = &list[i];
		else if (list[i].id)
			moved[m++] = &list[i];
	}
	hub_status st = n ? put_new(db, fresh, n, receipt, ret_cut) : HUB_OK;
	if (st == HUB_OK && m)
		st = move(db, moved, m, receipt, ret_cut);
	return st == HUB_OK && k ? forget(db, idle, k) : st;
}

hub_status alarm_list(store *db, const alarm_filter *f, size_t limit, arena *a, alarm_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, f->party);
	arg_i64(&in, f->point);
	arg_text(&in, f->state);
	arg_i64(&in, (int64_t)f->before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "alarm_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status alarm_get(store *db, int64_t id, arena *a, alarm_row *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "alarm_get", &in, a, sizeof *ret, row, ret);
}

hub_status alarm_acknowledge(store *db, int64_t id, const char *by, const char *note)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, by);
	arg_text(&in, note);
	hub_status st = sql_number(db, "alarm_acknowledge", &in, &done, NULL);
	return st == HUB_MISSING ? HUB_CONFLICT : st;
}

hub_status alarm_cuts(store *db, size_t limit, arena *a, alarm_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "alarm_cuts", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status alarm_cut_told(store *db, int64_t id, int64_t command, const char *cause)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_i64(&in, command);
	arg_text(&in, cause);
	return sql_do(db, "alarm_cut_told", &in, NULL);
}

static void finding_row(fetch *f, int i, void *ret)
{
	alarm_finding *n = ret;
	n->party = get_i64(f->r, i, 0);
	n->subject = fetch_text(f, i, 1);
	n->since = get_time(f->r, i, 2);
}

hub_status alarm_owe(store *db, const alarm_row *list, const char *const *what, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].point);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].id);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, what[i]);
	return sql_do(db, "alarm_owe", &in, NULL);
}

hub_status alarm_due(store *db, size_t limit, arena *a, alarm_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "alarm_due", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status alarm_reminded(store *db, const alarm_row *al)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, al->point);
	arg_i64(&in, al->id);
	arg_text(&in, al->state);
	return sql_do(db, "alarm_reminded", &in, NULL);
}

static void meter_row(fetch *f, int i, void *ret)
{
	alarm_meter *m = ret;
	m->point = get_i64(f->r, i, 0);
	m->meter = fetch_text(f, i, 1);
	m->channel = fetch_text(f, i, 2);
	m->since = get_time(f->r, i, 3);
}

hub_status alarm_meters(store *db, const alarm_rule *r, size_t limit, arena *a, alarm_meter **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->id);
	arg_text(&in, r->subject);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "alarm_meters", &in, a, sizeof **ret, meter_row, ret, ret_count);
}

hub_status alarm_find_silent(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->party);
	arg_text(&in, r->subject);
	arg_i64(&in, r->hold);
	arg_i64(&in, r->id);
	return sql_list(db, "alarm_find_silent", &in, a, sizeof **ret, finding_row, ret, ret_count);
}

hub_status alarm_find_dead(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->party);
	arg_text(&in, r->subject);
	arg_i64(&in, r->hold);
	return sql_list(db, "alarm_find_dead", &in, a, sizeof **ret, finding_row, ret, ret_count);
}

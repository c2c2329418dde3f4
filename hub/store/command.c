#include "store/command.h"

#include <stdlib.h>
#include <string.h>

#include "store/point.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	command *c = ret;
	c->point = get_i64(f->r, i, 0);
	c->id = get_i64(f->r, i, 1);
	c->batch = get_i64(f->r, i, 2);
	c->requester = get_i64(f->r, i, 3);
	c->key = fetch_text(f, i, 4);
	c->request = fetch_text(f, i, 5);
	c->party = get_i64(f->r, i, 6);
	c->meter = fetch_text(f, i, 7);
	c->channel = fetch_text(f, i, 8);
	c->kind = fetch_text(f, i, 9);
	c->arguments = fetch_text(f, i, 10);
	c->cuts_off = get_bool(f->r, i, 11);
	c->reason = fetch_text(f, i, 12);
	c->requested_by = fetch_text(f, i, 13);
	c->decided_by = fetch_text(f, i, 14);
	c->state = fetch_text(f, i, 15);
	c->cause = fetch_text(f, i, 16);
	c->details = fetch_text(f, i, 17);
	c->requested = get_time(f->r, i, 18);
	c->expires = get_time(f->r, i, 19);
	c->ended = get_time(f->r, i, 20);
	c->attempts = (int32_t)get_i64(f->r, i, 21);
	c->attempts_max = (int32_t)get_i64(f->r, i, 22);
	c->fence = get_i64(f->r, i, 23);
	c->instance = fetch_text(f, i, 24);
}

static void device_row(fetch *f, int i, void *ret)
{
	command_device *d = ret;
	d->party = get_i64(f->r, i, 0);
	d->meter = fetch_text(f, i, 1);
	d->channel = fetch_text(f, i, 2);
}

hub_status command_device_at(store *db, int64_t at_point, hub_time at, arena *a, command_device *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, at_point);
	arg_time(&in, at);
	return sql_one(db, "command_device_at", &in, a, sizeof *ret, device_row, ret);
}

static hub_status known(store *db, const command *c, int64_t *ret_id)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->requester);
	arg_text(&in, c->key);
	hub_status st = sql_run(db, "command_by_key", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	if (!PQntuples(res))
		return HUB_AGAIN; /* its transaction ended otherwise */
	size_t len;
	const uint8_t *digest = get_bytes(res, 0, 1, &len);
	if (len != strlen(c->request) || memcmp(digest, c->request, len) != 0)
		return HUB_CONFLICT;
	*ret_id = get_i64(res, 0, 0);
	return HUB_OK;
}

hub_status command_add(store *db, const command *c, bool approved, int64_t *ret_id, bool *ret_new)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->batch);
	arg_i64(&in, c->requester);
	arg_text(&in, c->key);
	arg_text(&in, c->request);
	arg_i64(&in, c->party);
	arg_text(&in, c->meter);
	arg_text(&in, c->channel);
	arg_text(&in, c->kind);
	arg_text(&in, c->arguments);
	arg_bool(&in, c->cuts_off);
	arg_text(&in, c->reason);
	arg_text(&in, c->requested_by);
	arg_bool(&in, approved);
	arg_time(&in, c->expires);
	arg_i32(&in, c->attempts_max);
	hub_status st = sql_run(db, "command_add", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	*ret_new = PQntuples(res) > 0;
	if (!*ret_new)
		return known(db, c, ret_id);
	*ret_id = get_i64(res, 0, 0);
	return HUB_OK;
}

hub_status command_by_id(store *db, int64_t id, arena *a, command *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "command_by_id", &in, a, sizeof *ret, row, ret);
}

static void step_row(fetch *f, int i, void *ret)
{
	command_step *s = ret;
	s->at = get_time(f->r, i, 0);
	s->state = fetch_text(f, i, 1);
	s->by = fetch_text(f, i, 2);
	s->note = fetch_text(f, i, 3);
}

hub_status command_steps(store *db, int64_t at_point, int64_t id, arena *a, command_step **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, at_point);
	arg_i64(&in, id);
	return sql_list(db, "command_steps", &in, a, sizeof **ret, step_row, ret, ret_count);
}

hub_status command_list(store *db, const command_filter *f, size_t limit, arena *a, command **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, f->point);
	arg_i64(&in, f->requester);
	arg_text(&in, f->state);
	arg_text(&in, f->meter);
	arg_i64(&in, f->before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "command_list", &in, a, sizeof **ret, row, ret, ret_count);
}

/* Runs a change of one command; HUB_CONFLICT: it changed nothing. */
static hub_status change(store *db, const char *statement, const args *in)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, statement, in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? HUB_CONFLICT : st;
}

hub_status command_approve(store *db, int64_t id, const char *by)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, by);
	return change(db, "command_approve", &in);
}

hub_status command_cancel(store *db, int64_t id, const char *by, const char *cause)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, by);
	arg_text(&in, cause);
	return change(db, "command_cancel", &in);
}

hub_status command_claim(store *db, int64_t lease, size_t limit, arena *a, command **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, lease);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "command_claim", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status command_handed(store *db, const command *c, const char *instance, int64_t wait, const char *note)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->id);
	arg_i64(&in, c->fence);
	arg_text(&in, instance);
	arg_i64(&in, wait);
	arg_text(&in, note);
	return sql_do(db, "command_handed", &in, NULL);
}

hub_status command_released(store *db, const command *c, int64_t wait, const char *note)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->id);
	arg_i64(&in, c->fence);
	arg_i64(&in, wait);
	arg_text(&in, note);
	return sql_do(db, "command_released", &in, NULL);
}

hub_status command_sent(store *db, const command *c)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->id);
	arg_i64(&in, c->fence);
	return sql_do(db, "command_sent", &in, NULL);
}

hub_status command_refuse(store *db, const command *c, const char *cause)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, c->point);
	arg_i64(&in, c->id);
	arg_i64(&in, c->fence);
	arg_text(&in, cause);
	return sql_do(db, "command_refuse", &in, NULL);
}

hub_status command_expire(store *db, int64_t grace, size_t *ret_count)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, grace);
	hub_status st = sql_run(db, "command_expire", &in, &res, NULL);
	*ret_count = st == HUB_OK ? sql_rows(res) : 0;
	return st;
}

/* "POINT-ID", as we named it to the adapter. */
static bool name_read(const char *text, int64_t *ret_point, int64_t *ret_id)
{
	char *end;
	if (strspn(text, "0123456789-") != strlen(text) || strlen(text) > 40)
		return false;
	*ret_point = strtoll(text, &end, 10);
	if (*end != '-' || end == text)
		return false;
	*ret_id = strtoll(end + 1, &end, 10);
	return !*end && *ret_point > 0 && *ret_id > 0;
}

hub_status command_told(store *db, int64_t party, const hub_result *r, const char *details, int64_t *ret_point)
{
	int64_t at_point, id;
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	*ret_point = 0;
	if (!name_read(r->command, &at_point, &id))
		return HUB_OK;
	args_init(&in);
	arg_i64(&in, at_point);
	arg_i64(&in, id);
	arg_i64(&in, party);
	arg_text(&in, r->state);
	arg_text(&in, r->reason);
	arg_text(&in, details);
	hub_status st = sql_run(db, "command_told", &in, &res, NULL);
	if (st != HUB_OK || !PQntuples(res))
		return st;
	*ret_point = at_point;
	/* The point is off or on as the device says it is. */
	const char *becomes = PQgetvalue(res, 0, 1), *kind = PQgetvalue(res, 0, 2), *state = PQgetvalue(res, 0, 3);
	if (!strcmp(becomes, "confirmed") && !strcmp(kind, "switch") && (!strcmp(state, "off") || !strcmp(state, "on")))
		st = point_switched(db, at_point, !strcmp(state, "off"));
	return st;
}

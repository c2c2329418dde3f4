#include "api/api.h"

#include <stdlib.h>
#include <string.h>

#include "api/once.h"
#include "base/clock.h"
#include "base/fail.h"
#include "identity/keyfile.h"

struct api {
	inforce *rules;
	jwt_keys *keys;
};

hub_status api_new(api **ret)
{
	api *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	hub_status st = inforce_new(&p->rules);
	if (st != HUB_OK)
		free(p);
	else
		*ret = p;
	return st;
}

void api_free(api *p)
{
	if (!p)
		return;
	inforce_free(p->rules);
	jwt_keys_free(p->keys);
	free(p);
}

inforce *api_rules(const api *p)
{
	return p->rules;
}

hub_status api_keys_load(api *p, const char *path, hub_fault *fault)
{
	return keyfile_open(path, &p->keys, fault);
}

const jwt_keys *api_keys(const api *p)
{
	return p->keys;
}

/* The gateway refuses these too, but the core believes nobody. */
static hub_status refuse_path(request *r, const char *allow)
{
	if (allow[0])
		return request_refuse(r, 405, "call.method", "method", "%s is not possible here; %s is", r->call->method, allow);
	return request_refuse(r, 404, "call.path", "path", "there is nothing at '%.128s'", r->call->path);
}

static hub_status dispatch(request *r)
{
	const char *values[ROUTE_VALUES] = { 0 };
	char allow[ROUTE_ALLOW];
	r->route = route_find(r->call->method, r->call->path, r->arena, values, allow);
	if (!r->route)
		return refuse_path(r, allow);
	r->values = values;
	hub_status st = r->route->open ? HUB_OK : request_authenticate(r);
	if (st == HUB_OK && !r->route->open)
		st = request_behind_wall(r);
	size_t row = (size_t)(r->route - routes);
	if (st == HUB_OK)
		st = operations_once[row] ? once_run(r, operations[row]) : operations[row](r);
	/* An operation that failed may have left its transaction open. */
	store_rollback(r->db);
	hub_status back = store_as(r->db, 0, false);
	return st == HUB_OK ? back : st;
}

hub_status api_answer(const api_worker *w, const wire_call *call, arena *a, wire_reply *ret)
{
	wire_reply reply = { .content_type = "", .continuation = "" };
	const ruleset *now = inforce_take(w->api->rules);
	request r = { .worker = w, .call = call, .db = w->db, .arena = a, .now = clock_now(), .rules = now, .reply = &reply };
	hub_status st = dispatch(&r);
	inforce_give(w->api->rules, now);
	buf_fini(&r.body);
	if (st == HUB_AGAIN || st == HUB_NOMEM)
		return st;
	/* A refusal is an answer too; without one we ourselves are at fault. */
	if (reply.status == 0)
		st = request_refuse(&r, 500, "call.failed", "", "the hub failed (%s); the operator finds it by the trace",
				    hub_status_name(st));
	if (reply.status == 0)
		return st;
	*ret = reply;
	return HUB_OK;
}

#include "api/api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/charger.h"
#include "api/once.h"
#include "api/rate.h"
#include "base/clock.h"
#include "base/fail.h"
#include "identity/keyfile.h"

/* Shared by the calls under way; freed by the last one after newer ones came. */
typedef struct keys {
	jwt_keys *set;
	unsigned users; /* under api.lock; the api itself is one */
	unsigned turn;
	struct keys *older; /* still held by somebody */
} keys;

struct api {
	inforce *rules;
	pthread_mutex_t lock; /* over keys */
	keys *keys;
	session_limits sessions;
	rate *rate;
};

hub_status api_new(api **ret)
{
	api *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	hub_status st = inforce_new(&p->rules);
	if (st == HUB_OK)
		st = rate_new(1000, 2000, &p->rate);
	if (st != HUB_OK) {
		inforce_free(p->rules);
		free(p);
		return st;
	}
	pthread_mutex_init(&p->lock, NULL);
	p->sessions = (session_limits){ INT64_C(1800000000), INT64_C(43200000000) };
	*ret = p;
	return HUB_OK;
}

const jwt_keys *api_keys_take(api *p, unsigned *turn)
{
	const jwt_keys *set = NULL;
	pthread_mutex_lock(&p->lock);
	if (p->keys) {
		p->keys->users++;
		set = p->keys->set;
	}
	if (turn)
		*turn = p->keys ? p->keys->turn : 0;
	pthread_mutex_unlock(&p->lock);
	return set;
}

void api_keys_give(api *p, const jwt_keys *set)
{
	keys *gone = NULL;
	pthread_mutex_lock(&p->lock);
	for (keys **k = &p->keys; set && *k; k = &(*k)->older) {
		if ((*k)->set != set)
			continue;
		if (--(*k)->users == 0) {
			gone = *k;
			*k = gone->older;
		}
		break;
	}
	pthread_mutex_unlock(&p->lock);
	if (gone) {
		jwt_keys_free(gone->set);
		free(gone);
	}
}

void api_free(api *p)
{
	if (!p)
		return;
	inforce_free(p->rules);
	rate_free(p->rate);
	if (p->keys)
		api_keys_give(p, p->keys->set);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

inforce *api_rules(const api *p)
{
	return p->rules;
}

void api_rate_set(api *p, unsigned per_second, unsigned burst)
{
	rate_set(p->rate, per_second, burst);
}

size_t api_rate_refused(api *p, rate_refusals *ret, size_t max)
{
	return rate_refused(p->rate, ret, max);
}

hub_status api_keys_load(api *p, const char *path, hub_fault *fault)
{
	keys *fresh = fail_calloc(1, sizeof *fresh);
	if (!fresh)
		return HUB_NOMEM;
	hub_status st = keyfile_open(path, &fresh->set, fault);
	if (st != HUB_OK) {
		free(fresh);
		return st;
	}
	fresh->users = 1;
	pthread_mutex_lock(&p->lock);
	keys *old = p->keys;
	fresh->turn = old ? old->turn + 1 : 1;
	fresh->older = old;
	p->keys = fresh;
	pthread_mutex_unlock(&p->lock);
	if (old)
		api_keys_give(p, old->set);
	return HUB_OK;
}

void api_sessions_set(api *p, const session_limits *limits)
{
	p->sessions = *limits;
}

const session_limits *api_sessions(const api *p)
{
	return &p->sessions;
}

/* The gateway refuses these too, but the core believes nobody. */
static hub_status refuse_path(request *r, const char *allow)
{
	if (allow[0])
		return request_refuse(r, 405, "call.method", "method", "%s is not possible here; %s is", r->call->method, allow);
	return request_refuse(r, 404, "call.path", "path", "there is nothing at '%.128s'", r->call->path);
}

static hub_status refuse_rate(request *r)
{
	hub_status st = request_refuse(r, 429, "call.rate", "", "party '%s' calls too often; slow down, or send more in one call",
				       r->caller.code);
	hub_status added = request_add_header(r, "retry-after", "1");
	return added == HUB_OK ? st : added;
}

static hub_status dispatch(request *r)
{
	const char *values[ROUTE_VALUES] = { 0 };
	char allow[ROUTE_ALLOW];
	if (!strcmp(r->call->door, "charger"))
		return charger_admit(r);
	r->route = route_find(r->call->method, r->call->path, r->arena, values, allow);
	if (!r->route)
		return refuse_path(r, allow);
	r->values = values;
	hub_status st = r->route->open ? HUB_OK : request_authenticate(r);
	if (st == HUB_OK && !r->route->open)
		st = rate_take(r->worker->api->rate, r->caller.id, clock_monotonic()) ? request_behind_wall(r) : refuse_rate(r);
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
	const jwt_keys *signing = api_keys_take(w->api, NULL);
	request r = { .worker = w, .call = call, .db = w->db, .arena = a, .now = clock_now(), .rules = now, .reply = &reply,
		      .keys = signing };
	hub_status st = dispatch(&r);
	inforce_give(w->api->rules, now);
	api_keys_give(w->api, signing);
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

#include "api/api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/operations.h"
#include "base/clock.h"
#include "base/fail.h"
#include "identity/keyfile.h"
#include "rules/rules.h"

/* Shared by the calls under way; freed by the last one after newer ones came. */
typedef struct policies {
	policy_set *set;
	bool by_name;
	unsigned users; /* under api.lock; the api itself is one */
} policies;

struct api {
	pthread_mutex_t lock;
	policies *current;
	jwt_keys *keys;
};

hub_status api_new(api **ret)
{
	api *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	pthread_mutex_init(&p->lock, NULL);
	*ret = p;
	return HUB_OK;
}

static policies *take(api *p)
{
	pthread_mutex_lock(&p->lock);
	policies *now = p->current;
	if (now)
		now->users++;
	pthread_mutex_unlock(&p->lock);
	return now;
}

static void give(api *p, policies *used)
{
	if (!used)
		return;
	pthread_mutex_lock(&p->lock);
	bool last = --used->users == 0;
	pthread_mutex_unlock(&p->lock);
	if (last) {
		policy_set_free(used->set);
		free(used);
	}
}

void api_free(api *p)
{
	if (!p)
		return;
	give(p, p->current);
	jwt_keys_free(p->keys);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Points are decided in groups unless a policy tells single ones apart. */
static bool names_points(const rules *r)
{
	for (size_t i = 0; i < r->source_count; i++)
		if (memmem(r->sources[i].text.p, r->sources[i].text.len, "Hub::Point::\"", 13))
			return true;
	return false;
}

hub_status api_policies_load(api *p, const char *folder, const char *topology, hub_fault *fault)
{
	arena a;
	rules found;
	policies *fresh = fail_calloc(1, sizeof *fresh);
	if (!fresh)
		return HUB_NOMEM;
	arena_init(&a, 0);
	hub_status st = rules_load(folder, topology, &a, &found, fault);
	if (st == HUB_OK)
		*fresh = (policies){ .set = found.set, .by_name = names_points(&found), .users = 1 };
	arena_fini(&a);
	if (st != HUB_OK) {
		free(fresh);
		return st;
	}
	pthread_mutex_lock(&p->lock);
	policies *old = p->current;
	p->current = fresh;
	pthread_mutex_unlock(&p->lock);
	give(p, old);
	return HUB_OK;
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
	hub_status st = r->route->open ? HUB_OK : request_authenticate(r);
	r->values = values;
	return st == HUB_OK ? operations[r->route - routes](r) : st;
}

hub_status api_answer(const api_worker *w, const wire_call *call, arena *a, wire_reply *ret)
{
	wire_reply reply = { .content_type = "", .continuation = "" };
	policies *now = take(w->api);
	request r = { .worker = w, .call = call, .db = w->db, .arena = a, .now = clock_now(), .reply = &reply };
	if (now) {
		r.policies = now->set;
		r.policies_by_name = now->by_name;
	}
	hub_status st = dispatch(&r);
	give(w->api, now);
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

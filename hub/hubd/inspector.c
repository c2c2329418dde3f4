#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/json.h"
#include "hubd/work.h"
#include "store/charger_limit.h"
#include "store/computed.h"

/* µs: between rounds; how long a station may take to lower its power; how often what is undecided is looked at. */
#define PAUSE 1000000
#define GRACE 15000000
#define AGAIN 5000000

enum { MOST = 500 };

struct inspector {
	const core *core;
	pthread_t thread;
	worker worker;
};

/* "profile_ignored", and its end when a later look finds the limit kept. */
static hub_status tell(inspector *s, const charger_limit *c)
{
	buf body = { 0 };
	bool over = !strcmp(c->state, "honoured");
	const char *key = arena_printf(&s->worker.memory, "profile_ignored|%s|%s|%lld|%d", c->station, c->channel,
				       (long long)c->command, over);
	buf_text(&body, "{\"code\":\"profile_ignored\",\"meter\":");
	json_write_text(&body, c->station);
	buf_text(&body, ",\"channel\":");
	json_write_text(&body, c->channel);
	buf_printf(&body,
		   ",\"cleared\":%s,\"details\":{\"command\":\"%lld\",\"limit_w\":\"%lld\",\"measured_w\":\"%lld\"}}",
		   over ? "true" : "false", (long long)c->command, (long long)c->limit_w, (long long)c->measured_w);
	const computed m = { .party = c->party,
			     .type = HUB_RECORD_EVENT,
			     .point = c->point,
			     .time = clock_now(),
			     .key = key,
			     .body = buf_cstr(&body) };
	hub_status st = !key || body.bad ? HUB_NOMEM : computed_send(s->worker.db, "hub.inspector", &m, 1);
	buf_fini(&body);
	return st;
}

static hub_status round_of(inspector *s)
{
	charger_limit *list;
	size_t count = 0;
	hub_status st = worker_ready(&s->worker);
	if (st == HUB_OK)
		st = store_begin(s->worker.db);
	if (st != HUB_OK)
		return st;
	st = charger_limit_check(s->worker.db, GRACE, AGAIN, MOST, &s->worker.memory, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = tell(s, &list[i]);
	if (st == HUB_OK)
		return store_commit(s->worker.db);
	store_rollback(s->worker.db);
	return st;
}

static void *run(void *user)
{
	inspector *s = user;
	const struct timespec pause = { PAUSE / 1000000, 0 };
	while (!s->core->stopping) {
		if (round_of(s) == HUB_FAILED)
			log_error("inspector: the database refuses; trying again");
		nanosleep(&pause, NULL);
	}
	return NULL;
}

hub_status inspector_start(const core *c, inspector **ret)
{
	inspector *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	worker_init(&s->worker, c);
	if (pthread_create(&s->thread, NULL, run, s)) {
		worker_fini(&s->worker);
		free(s);
		return HUB_FAILED;
	}
	*ret = s;
	return HUB_OK;
}

void inspector_stop(inspector *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	worker_fini(&s->worker);
	free(s);
}

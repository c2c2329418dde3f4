#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "hubd/work.h"
#include "store/charger_limit.h"
#include "store/computed.h"

/* µs: between rounds; how long a station may take to lower its power; how often what is undecided is looked at. */
#define PAUSE 1000000
#define GRACE 15000000
#define AGAIN 5000000

enum { MOST = 500 };

/* "profile_ignored", and its end when a later look finds the limit kept. */
static hub_status tell(worker *w, const charger_limit *c)
{
	buf body = { 0 };
	bool over = !strcmp(c->state, "honoured");
	const char *key = arena_printf(&w->memory, "profile_ignored|%s|%s|%lld|%d", c->station, c->channel,
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
	hub_status st = !key || body.bad ? HUB_NOMEM : computed_send(w->db, "hub.inspector", &m, 1);
	buf_fini(&body);
	return st;
}

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)own, (void)rest;
	charger_limit *list;
	size_t count = 0;
	hub_status st = store_begin(w->db);
	if (st != HUB_OK)
		return st;
	st = charger_limit_check(w->db, GRACE, AGAIN, MOST, &w->memory, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = tell(w, &list[i]);
	if (st == HUB_OK)
		return store_commit(w->db);
	store_rollback(w->db);
	return st;
}

const role role_inspector = { .name = "inspector", .rest = PAUSE, .round = round_of };

#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "command/commands.h"
#include "demand/event.h"
#include "hubd/work.h"
#include "store/computed.h"

/* µs */
#define PAUSE 500000
#define LEASE 10000000 /* a longer step may be another's beside: all it does has a key */
#define SECOND INT64_C(1000000)

enum { ORDER_VALID = 60 /* s */, RELEASE_VALID = 3600 };

typedef struct dispatcher {
	worker *worker;
	const ruleset *rules; /* of the round under way */
} dispatcher;

/* A provider gets the scheme (调控方案) and does what it says itself. */
static hub_status send_scheme(dispatcher *s, const demand_programme *p, const demand_event *e, const demand_member *m, int64_t watts,
			      const char *key)
{
	char starts[CLOCK_TEXT], ends[CLOCK_TEXT];
	arena *a = &s->worker->memory;
	const computed c = { .party = p->party,
			     .type = HUB_RECORD_EVENT,
			     .point = m->point,
			     .time = clock_now(),
			     .key = arena_printf(a, "scheme|%s|%lld", key, (long long)m->point),
			     .body = arena_printf(a,
						  "{\"code\":\"demand.scheme\",\"cleared\":%s,\"details\":{\"event\":\"%lld\",\"programme\":\"%s\","
						  "\"limit_w\":\"%lld\",\"starts\":\"%s\",\"ends\":\"%s\"}}",
						  watts == m->normal ? "true" : "false", (long long)e->id, p->code, (long long)watts,
						  clock_text(e->starts, starts), clock_text(e->ends, ends)) };
	return c.key && c.body ? computed_send(s->worker->db, "hub.demand", &c, 1) : HUB_NOMEM;
}

typedef struct words {
	hub_setting list[3];
	size_t count;
} words;

/* A charger's limit ends by itself, whatever becomes of us. */
static bool word(const demand_member *m, int64_t watts, hub_time until, arena *a, words *ret)
{
	char kw[DECIMAL_TEXT], end[CLOCK_TEXT];
	*ret = (words) { .count = 1 };
	if (!strcmp(m->control, "set_point")) {
		ret->list[0] = (hub_setting) { "value", arena_strdup(a, decimal_text(decimal_trim(decimal_of(watts, 3)), kw)) };
		return ret->list[0].value;
	}
	ret->list[0] = (hub_setting) { "limit", arena_printf(a, "%lld", (long long)watts) };
	ret->list[1] = (hub_setting) { "unit", "W" };
	ret->count = 2;
	if (until)
		ret->list[ret->count++] = (hub_setting) { "until", arena_strdup(a, clock_text(until, end)) };
	return ret->list[0].value && (!until || ret->list[2].value);
}

static hub_status order(void *user, const demand_programme *p, const demand_event *e, const demand_member *m, int64_t watts,
			hub_time until, const char *key, int64_t *ret_command, const char **ret_cause)
{
	dispatcher *s = user;
	arena *a = &s->worker->memory;
	party owner;
	command *asked;
	size_t count;
	words said;
	hub_fault fault = { .code = "" };
	*ret_cause = "";
	if (!strcmp(m->control, "scheme"))
		return send_scheme(s, p, e, m, watts, key);
	hub_status st = party_by_id(s->worker->db, p->party, a, &owner);
	if (st == HUB_OK && !word(m, watts, until, a, &said))
		st = HUB_NOMEM;
	if (st != HUB_OK)
		return st;
	const commands_wish w = { .points = &m->code,
				  .point_count = 1,
				  .kind = m->control,
				  .channel = m->channel,
				  .arguments = said.list,
				  .argument_count = said.count,
				  .reason = "demand",
				  .by = e->asked_by,
				  .key = key,
				  .expires = clock_now() + (until ? ORDER_VALID : RELEASE_VALID) * SECOND };
	const commands_caller who = { &owner, s->rules };
	st = commands_ask(s->worker->db, &who, &w, a, &asked, &count, &fault);
	if (st == HUB_OK)
		*ret_command = asked[0].id;
	if (st == HUB_REJECT || st == HUB_DENIED || st == HUB_MISSING || st == HUB_CONFLICT) {
		log_warn("event %lld: '%s' cannot be ordered: %s (%s)", (long long)e->id, m->code, fault.message, fault.code);
		*ret_cause = fault.code;
		return HUB_OK;
	}
	return st;
}

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)own, (void)rest;
	dispatcher now = { w, NULL }, *s = &now;
	demand_event *list;
	size_t count = 0;
	const demand_hands hands = { order, s };
	hub_status st = demand_event_claim(s->worker->db, LEASE, &s->worker->memory, &list, &count);
	s->rules = st == HUB_OK && count ? inforce_take(api_rules(s->worker->core->api)) : NULL;
	for (size_t i = 0; st == HUB_OK && i < count && !s->worker->core->stopping; i++)
		st = demand_step(s->worker->db, &list[i], clock_now(), &hands, &s->worker->memory);
	if (s->rules)
		inforce_give(api_rules(s->worker->core->api), s->rules);
	return st;
}

const role role_dispatcher = { .name = "dispatcher", .rest = PAUSE, .round = round_of };

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alarm/rules.h"
#include "alarm/watch.h"
#include "base/clock.h"
#include "base/fail.h"
#include "command/commands.h"
#include "hubd/work.h"
#include "store/alarm.h"

/* µs */
#define PAUSE 200000
#define LOOK_EVERY 1000000
#define SECOND INT64_C(1000000)

enum { AT_ONCE = 16, CUT_VALID = 60 /* s */ };

struct watchman {
	const core *core;
	pthread_t thread;
	worker worker;
	int64_t looked_at; /* monotonic */
};

/*
 * The circuit of an alarm opened as its rule says: asked for in the name of who set the rule, approved in that of who
 * approved it. The policies decide now, so a customer who is protected by now is not cut off.
 */
static hub_status cut(watchman *s, const ruleset *rules, const alarm_row *al, int64_t *ret_command, hub_fault *fault)
{
	store *db = s->worker.db;
	arena *a = &s->worker.memory;
	static const hub_setting off[] = { { "state", "off" } };
	party owner;
	alarm_rule rule;
	command *asked, approved;
	size_t count = 0;
	hub_status st = alarm_rule_get(db, al->rule, a, &rule);
	if (st == HUB_OK)
		st = party_by_id(db, rule.party, a, &owner);
	const commands_wish w = { .points = &al->code,
				  .point_count = 1,
				  .kind = "switch",
				  .channel = al->channel,
				  .arguments = off,
				  .argument_count = 1,
				  .reason = "alarm",
				  .by = rule.set_by,
				  .key = arena_printf(a, "alarm-%lld", (long long)al->id),
				  .expires = clock_now() + CUT_VALID * SECOND };
	const commands_caller who = { &owner, rules };
	if (st == HUB_OK)
		st = w.key ? commands_ask(db, &who, &w, a, &asked, &count, fault) : HUB_NOMEM;
	if (st == HUB_OK && !strcmp(asked[0].state, "requested"))
		st = commands_approve(db, &who, asked[0].id, rule.approved_by, a, &approved, fault);
	/* Another core has approved it meanwhile. */
	if (st == HUB_CONFLICT && count && command_by_id(db, asked[0].id, a, &approved) == HUB_OK &&
	    strcmp(approved.state, "requested") != 0)
		st = HUB_OK;
	if (st == HUB_OK)
		*ret_command = asked[0].id;
	return st;
}

static hub_status cut_one(watchman *s, const ruleset *rules, const alarm_row *al)
{
	hub_fault fault = { .code = "" };
	int64_t number = 0;
	hub_status st = cut(s, rules, al, &number, &fault);
	if (st != HUB_OK && st != HUB_DENIED && st != HUB_MISSING && st != HUB_REJECT && st != HUB_CONFLICT)
		return st;
	if (st != HUB_OK)
		log_warn("alarm %lld: no cut-off at '%s': %s (%s)", (long long)al->id, al->code, fault.message,
			 fault.code ? fault.code : hub_status_name(st));
	return alarm_cut_told(s->worker.db, al->id, number, st == HUB_OK ? "" : fault.code);
}

/* The key of the command makes a second one harmless, so what is under way needs no lock. */
static hub_status cut_off(watchman *s)
{
	alarm_row *list;
	size_t count = 0;
	hub_status st = alarm_cuts(s->worker.db, AT_ONCE, &s->worker.memory, &list, &count);
	const ruleset *rules = st == HUB_OK && count ? inforce_take(api_rules(s->core->api)) : NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = cut_one(s, rules, &list[i]);
	if (rules)
		inforce_give(api_rules(s->core->api), rules);
	return st;
}

static hub_status round_of(watchman *s)
{
	hub_status st = worker_ready(&s->worker);
	int64_t now = clock_monotonic();
	if (st == HUB_OK)
		st = cut_off(s);
	if (st != HUB_OK || now - s->looked_at < LOOK_EVERY)
		return st;
	s->looked_at = now;
	st = alarm_look_around(s->worker.db, &s->worker.memory, clock_now());
	return st == HUB_OK ? alarm_remind(s->worker.db, &s->worker.memory, clock_now()) : st;
}

static void *run(void *user)
{
	watchman *s = user;
	const struct timespec pause = { 0, PAUSE * 1000 };
	while (!s->core->stopping) {
		if (round_of(s) == HUB_FAILED)
			log_error("watchman: the database refuses; trying again");
		nanosleep(&pause, NULL);
	}
	return NULL;
}

hub_status watchman_start(const core *c, watchman **ret)
{
	watchman *s = fail_calloc(1, sizeof *s);
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

void watchman_stop(watchman *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	worker_fini(&s->worker);
	free(s);
}

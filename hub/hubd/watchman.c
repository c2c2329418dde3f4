#include <string.h>

#include "alarm/rules.h"
#include "alarm/watch.h"
#include "base/clock.h"
#include "command/commands.h"
#include "hubd/work.h"
#include "store/alarm.h"

/* µs */
#define PAUSE 200000
#define LOOK_EVERY 1000000
#define SECOND INT64_C(1000000)

enum { AT_ONCE = 16, CUT_VALID = 60 /* s */ };

typedef struct watchman {
	int64_t looked_at; /* monotonic */
} watchman;

/*
 * The circuit of an alarm opened as its rule says: asked for in the name of who set the rule, approved in that of who
 * approved it. The policies decide now, so a customer who is protected by now is not cut off.
 */
static hub_status cut(worker *w, const ruleset *rules, const alarm_row *al, int64_t *ret_command, hub_fault *fault)
{
	store *db = w->db;
	arena *a = &w->memory;
	static const hub_setting off[] = { { "state", "off" } };
	party owner;
	alarm_rule rule;
	command *asked, approved;
	size_t count = 0;
	hub_status st = alarm_rule_get(db, al->rule, a, &rule);
	if (st == HUB_OK)
		st = party_by_id(db, rule.party, a, &owner);
	const commands_wish wish = { .points = &al->code,
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
		st = wish.key ? commands_ask(db, &who, &wish, a, &asked, &count, fault) : HUB_NOMEM;
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

static hub_status cut_one(worker *w, const ruleset *rules, const alarm_row *al)
{
	hub_fault fault = { .code = "" };
	int64_t number = 0;
	hub_status st = cut(w, rules, al, &number, &fault);
	if (st != HUB_OK && st != HUB_DENIED && st != HUB_MISSING && st != HUB_REJECT && st != HUB_CONFLICT)
		return st;
	if (st != HUB_OK)
		log_warn("alarm %lld: no cut-off at '%s': %s (%s)", (long long)al->id, al->code, fault.message,
			 fault.code ? fault.code : hub_status_name(st));
	return alarm_cut_told(w->db, al->id, number, st == HUB_OK ? "" : fault.code);
}

/* The key of the command makes a second one harmless, so what is under way needs no lock. */
static hub_status cut_off(worker *w)
{
	alarm_row *list;
	size_t count = 0;
	hub_status st = alarm_cuts(w->db, AT_ONCE, &w->memory, &list, &count);
	const ruleset *rules = st == HUB_OK && count ? inforce_take(api_rules(w->core->api)) : NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = cut_one(w, rules, &list[i]);
	if (rules)
		inforce_give(api_rules(w->core->api), rules);
	return st;
}

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)rest;
	watchman *s = own;
	int64_t now = clock_monotonic();
	hub_status st = cut_off(w);
	if (st != HUB_OK || now - s->looked_at < LOOK_EVERY)
		return st;
	s->looked_at = now;
	st = alarm_look_around(w->db, &w->memory, clock_now());
	return st == HUB_OK ? alarm_remind(w->db, &w->memory, clock_now()) : st;
}

const role role_watchman = { .name = "watchman", .rest = PAUSE, .round = round_of, .size = sizeof(watchman) };

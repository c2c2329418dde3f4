#include <string.h>

#include "alarm/tell.h"
#include "alarm/watch.h"
#include "alarm/parts.h"
#include "store/computed.h"

enum { REMINDERS = 100 };

typedef hub_status (*finder)(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count);

static const struct {
	const char *kind;
	finder find;
} looks[] = { { "source_silent", alarm_find_silent }, { "delivery_dead", alarm_find_dead }, { "meter_silent", alarm_find_mute } };

static const alarm_finding *finding_of(const alarm_finding *list, size_t count, const char *subject)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].subject, subject))
			return &list[i];
	return NULL;
}

static bool is_open(const alarm_row *open, size_t count, const char *subject)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(open[i].subject, subject))
			return true;
	return false;
}

/* To the party whose rule it is, and who is concerned with its point; about none, it is nobody else's business. */
static hub_status tell(store *db, const alarm_row *al, const alarm_rule *r, hub_time now, arena *a)
{
	message m;
	if (alarm_quiet(r, now))
		return alarm_owe(db, al, &al->state, 1);
	hub_status st = alarm_message(al, r, now, a, &m);
	const computed c = { .party = r->party, .type = m.type, .point = al->point, .found = al->point != 0, .time = m.time, .key = m.key,
			     .body = m.body };
	return st == HUB_OK ? computed_send(db, "hub.alarm", &c, 1) : st;
}

static hub_status change(store *db, alarm_row *al, const alarm_rule *r, hub_time now, arena *a)
{
	bool cut;
	al->home = r->point;
	hub_status st = alarm_put(db, al, 1, 0, a, &cut);
	al->party = r->party;
	return st == HUB_OK && al->id ? tell(db, al, r, now, a) : st;
}

static hub_status look(store *db, const alarm_rule *r, finder find, hub_time now, arena *a)
{
	alarm_row *open;
	alarm_finding *wrong;
	size_t open_count, wrong_count;
	hub_status st = alarm_open(db, &r->id, 1, a, &open, &open_count);
	if (st == HUB_OK)
		st = find(db, r, a, &wrong, &wrong_count);
	for (size_t i = 0; st == HUB_OK && i < wrong_count; i++) {
		alarm_row al = { .point = r->point,
			     .rule = r->id,
			     .channel = "",
			     .subject = wrong[i].subject,
			     .state = "raised",
			     .since = wrong[i].since,
			     .last = now,
			     .raised = now };
		if (!is_open(open, open_count, wrong[i].subject))
			st = change(db, &al, r, now, a);
	}
	for (size_t i = 0; st == HUB_OK && i < open_count; i++) {
		if (finding_of(wrong, wrong_count, open[i].subject))
			continue;
		open[i].state = "cleared";
		open[i].last = now;
		open[i].raised = 0;
		st = change(db, &open[i], r, now, a);
	}
	return st;
}

/* A round of its own transaction: what is told and that it was told are one. */
hub_status alarm_remind(store *db, arena *a, hub_time now)
{
	alarm_row *list;
	size_t count = 0;
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = alarm_due(db, REMINDERS, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		alarm_rule r;
		st = alarm_rule_get(db, list[i].rule, a, &r);
		if (st == HUB_OK)
			st = tell(db, &list[i], &r, now, a);
		if (st == HUB_OK)
			st = alarm_reminded(db, &list[i]);
	}
	return store_scope_end(db, st);
}

hub_status alarm_look_around(store *db, arena *a, hub_time now)
{
	hub_status st = HUB_OK;
	for (size_t k = 0; st == HUB_OK && k < sizeof looks / sizeof *looks; k++) {
		alarm_rule *rules;
		size_t count = 0;
		st = alarm_rules_of_kind(db, looks[k].kind, a, &rules, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++) {
			if (!alarm_mute_due(&rules[i], now))
				continue;
			st = store_scope(db);
			if (st == HUB_OK)
				st = store_scope_end(db, look(db, &rules[i], looks[k].find, now, a));
		}
	}
	return st;
}

/*
 * Who may watch what: rules set, approved and ended, alarms acknowledged, with rights by policy. A safe value is set by
 * whoever may command the point, a user's own by those whose it is ("watch"); cutting off needs "disconnect" and a second
 * person. What is about no point is the party's own.
 */
#ifndef ALARM_RULES_H
#define ALARM_RULES_H

#include "base/buf.h"
#include "rules/inforce.h"
#include "store/alarm.h"
#include "store/party.h"
#include "store/person.h"

typedef struct alarm_caller {
	const party *party;
	const ruleset *rules;	/* NULL: nothing is permitted */
	const person *who;	/* acts for the party; NULL: the party itself */
} alarm_caller;

typedef struct alarm_wish {
	const char *point; /* code; "": about none */
	const char *kind, *standing, *channel, *severity, *subject;
	const char *quantity, *raise, *clear, *unit; /* texts; clear "": as raise; unit "": the quantity's */
	int64_t hold, clear_hold, escalate;	     /* µs */
	const char *quiet; /* "22:00-07:00", by +08:00 or another offset behind it; "": never */
	bool cut_off;
	const char *by;
} alarm_wish;

/* Own transactions. HUB_REJECT, HUB_DENIED, HUB_MISSING, HUB_CONFLICT with *fault. */
hub_status alarm_rules_set(store *db, const alarm_caller *who, const alarm_wish *w, arena *a, alarm_rule *ret,
			   hub_fault *fault);
hub_status alarm_rules_end(store *db, const alarm_caller *who, int64_t id, arena *a, hub_fault *fault);
hub_status alarm_rules_approve(store *db, const alarm_caller *who, int64_t id, const char *by, arena *a, alarm_rule *ret,
			       hub_fault *fault);
hub_status alarm_rules_acknowledge(store *db, const alarm_caller *who, int64_t id, const char *by, const char *note, arena *a,
				   alarm_row *ret, hub_fault *fault);

/* Whether the caller may see or acknowledge what is raised there ("watch"). */
hub_status alarm_may(store *db, const alarm_caller *who, int64_t point_id, const char *action, arena *a, bool *ret);

/* JSON objects, appended. */
void alarm_write(buf *out, const alarm_row *al);
void alarm_rule_write(buf *out, const alarm_rule *r, const char *point_code);

#endif

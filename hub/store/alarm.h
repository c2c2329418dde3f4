/*
 * Alarms and the rules that raise them. Rules are never altered: one ends and another begins; epoch "alarm" tells
 * of it. What an alarm goes through is alarm/state.h's.
 */
#ifndef STORE_ALARM_H
#define STORE_ALARM_H

#include "store/store.h"

typedef struct alarm_rule {
	int64_t point, id; /* point 0: of none */
	int64_t party;
	const char *kind;     /* "value_over", "value_under", "source_silent", "delivery_dead", "charger_fault", "meter_silent" */
	const char *standing; /* "safe", "user" */
	const char *channel;  /* "": any */
	uint16_t quantity;
	hub_value raise, clear;
	int64_t hold, clear_hold; /* µs */
	const char *severity;	  /* "minor", "major", "critical" */
	const char *subject;	  /* the source, the subscription; "": any */
	bool cut_off;
	const char *set_by, *approved_by;
	hub_time made, ended;	      /* ended 0: in force */
	int16_t quiet_from, quiet_to; /* minutes of the day in UTC in which it is not told of, unless critical; the same: none */
	int64_t escalate;	      /* µs without acknowledgement after which it is told of again, as escalated; 0: never */
} alarm_rule;

hub_status alarm_rule_add(store *db, const alarm_rule *r, int64_t *ret_id, hub_fault *fault);
hub_status alarm_rule_end(store *db, int64_t id);			  /* HUB_MISSING; its open alarms are cleared */
hub_status alarm_rule_approve(store *db, int64_t id, const char *by); /* HUB_CONFLICT: not waiting, or the same person */
hub_status alarm_rule_get(store *db, int64_t id, arena *a, alarm_rule *ret); /* HUB_MISSING */
/* In force, of a point (0: any), a party (0: any), by number above `after`. */
hub_status alarm_rule_list(store *db, int64_t point, int64_t party, uint64_t after, size_t limit, arena *a,
			   alarm_rule **ret, size_t *ret_count);
/* In force at these points, by point; and of these kinds wherever they are. */
hub_status alarm_rules_at(store *db, const int64_t *points, size_t count, arena *a, alarm_rule **ret,
			  size_t *ret_count);
hub_status alarm_rules_of_kind(store *db, const char *kind, arena *a, alarm_rule **ret, size_t *ret_count);

typedef struct alarm_row {
	int64_t point, id, rule, party;
	const char *kind, *channel, *subject, *severity, *state;
	hub_value value;
	hub_time since, last, raised, cleared, acknowledged; /* 0: not */
	const char *acknowledged_by, *note;
	const char *cut; /* "", "wanted", "ordered", "refused" */
	int64_t command;
	const char *cause;
	int64_t home;	   /* the rule's own point, read when it is written: 0 for a rule of many points */
	/* Of its rule and point; not read when it is written. */
	const char *standing;
	uint16_t quantity;
	hub_value limit;
	const char *code; /* of the point, "" */
} alarm_row;

/* Those not cleared of these rules, locked to the transaction's end, by rule. */
hub_status alarm_open(store *db, const int64_t *rules, size_t count, arena *a, alarm_row **ret, size_t *ret_count);
/*
 * New ones (id 0) and changed ones in one go; a pending one whose state became "idle" is forgotten. ids of new ones
 * are set, 0 where somebody else opened the same meanwhile. *ret_cut: a circuit is to be opened.
 */
hub_status alarm_put(store *db, alarm_row *list, size_t count, uint64_t receipt, arena *a, bool *ret_cut);

typedef struct alarm_filter {
	int64_t party;	   /* has a role at the point, or set the rule; 0: any */
	int64_t point;	   /* 0: any */
	const char *state; /* "open": raised and clearing; "new": open and not acknowledged; NULL: all but pending */
	uint64_t before;   /* below this number; 0: from the newest */
} alarm_filter;
hub_status alarm_list(store *db, const alarm_filter *f, size_t limit, arena *a, alarm_row **ret, size_t *ret_count);
hub_status alarm_get(store *db, int64_t id, arena *a, alarm_row *ret);			    /* HUB_MISSING */
hub_status alarm_acknowledge(store *db, int64_t id, const char *by, const char *note); /* HUB_CONFLICT: it is already */

/* What could not be told in quiet hours, "raised" or "cleared"; a beginning that was not told needs no end. */
hub_status alarm_owe(store *db, const alarm_row *list, const char *const *what, size_t count);
/* What is to be told now, locked: owed from quiet hours, or not acknowledged for long; `state` says which, or "escalated". */
hub_status alarm_due(store *db, size_t limit, arena *a, alarm_row **ret, size_t *ret_count);
hub_status alarm_reminded(store *db, const alarm_row *al);

/* Meters that stand now, of a rule's point or, without one, of its party; subject: one of them. */
typedef struct alarm_meter {
	int64_t point;
	const char *meter, *channel;
	hub_time since; /* it stands there, or the rule is in force */
} alarm_meter;
hub_status alarm_meters(store *db, const alarm_rule *r, size_t limit, arena *a, alarm_meter **ret, size_t *ret_count);

/* Those whose circuit is to be opened, locked; and what came of it. In the caller's transaction. */
hub_status alarm_cuts(store *db, size_t limit, arena *a, alarm_row **ret, size_t *ret_count);
hub_status alarm_cut_told(store *db, int64_t id, int64_t command, const char *cause);

/* What a rule of sources or deliveries finds wrong now, one row a subject. */
typedef struct alarm_finding {
	int64_t party;
	const char *subject;
	hub_time since;
} alarm_finding;
/* Sources of the party that have sent nothing for `hold` (subject ""): those it has enabled instances of. */
hub_status alarm_find_silent(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count);
/* Subscriptions of the party that have failed for `hold`, or have letters that died in the last day. */
hub_status alarm_find_dead(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count);

#endif

/* What the watchers share: changes of alarms on their way into the store and out as messages. Internal to the room. */
#ifndef ALARM_PARTS_H
#define ALARM_PARTS_H

#include "store/alarm.h"
#include "store/sighting.h"

typedef struct alarm_changes {
	alarm_row *list;
	const alarm_rule **rules; /* of each */
	size_t count, size;
} alarm_changes;

hub_status alarm_changes_add(alarm_changes *c, arena *a, const alarm_row *al, const alarm_rule *r);
/* Stores them, and what they tell, under the sighting's receipt. */
hub_status alarm_changes_keep(alarm_changes *c, const sighting *s, uint32_t *ret_types);

/* faults.c: events of chargers against the rules of their party. */
hub_status alarm_judge_faults(const sighting *s, alarm_changes *out);

/* mute.c: meters of which the rule's quantity was not read for its `hold`. */
hub_status alarm_find_mute(store *db, const alarm_rule *r, arena *a, alarm_finding **ret, size_t *ret_count);
/* Whether the rule is to be looked at in this second: one of many meters is not each time. */
bool alarm_mute_due(const alarm_rule *r, hub_time now);

#endif

/* What an alarm says when it is raised and when it is over. */
#ifndef ALARM_TELL_H
#define ALARM_TELL_H

#include "store/alarm.h"
#include "store/message.h"

/*
 * An event "alarm.KIND" about the alarm's point, cleared or not; "alarm.escalated" if its state is that; id is set, texts in the arena; receipt and item are the
 * caller's to fill. HUB_NOMEM.
 */
hub_status alarm_message(const alarm_row *al, const alarm_rule *r, hub_time now, arena *a, message *ret);

/* Whether the rule keeps quiet at this time: what is critical never does. Pure. */
bool alarm_quiet(const alarm_rule *r, hub_time now);

#endif

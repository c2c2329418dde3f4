#include "alarm/state.h"

#include "base/decimal.h"

const char *const alarm_state_names[] = { "idle", "pending", "raised", "clearing", "cleared" };

/* > 0: the value lies beyond the limit. */
static int beyond(bool over, hub_value value, hub_value limit)
{
	int d = decimal_cmp(decimal_of_value(value), decimal_of_value(limit));
	return over ? d : -d;
}

static alarm_state rise(const alarm_limit *limit, const alarm_track *t, hub_time time)
{
	return time - t->since >= limit->hold ? ALARM_RAISED : ALARM_PENDING;
}

static alarm_state next(const alarm_limit *limit, alarm_track *t, hub_time time, hub_value value)
{
	bool out = beyond(limit->over, value, limit->raise) > 0, back = beyond(limit->over, value, limit->clear) <= 0;
	switch (t->state) {
	case ALARM_IDLE:
	case ALARM_CLEARED:
		if (!out)
			return ALARM_IDLE;
		t->since = time;
		return rise(limit, t, time);
	case ALARM_PENDING:
		return out ? rise(limit, t, time) : ALARM_IDLE;
	case ALARM_RAISED:
		if (!back)
			return ALARM_RAISED;
		t->since = time;
		return limit->clear_hold ? ALARM_CLEARING : ALARM_CLEARED;
	case ALARM_CLEARING:
		if (!back)
			return ALARM_RAISED;
		return time - t->since >= limit->clear_hold ? ALARM_CLEARED : ALARM_CLEARING;
	}
	return t->state;
}

void alarm_step(const alarm_limit *limit, alarm_track *t, hub_time time, hub_value value, bool *ret_changed)
{
	alarm_state before = t->state;
	*ret_changed = false;
	if (t->last && time <= t->last)
		return;
	t->state = next(limit, t, time, value);
	t->last = time;
	t->value = value;
	t->raised |= t->state == ALARM_RAISED && before != ALARM_RAISED && before != ALARM_CLEARING;
	*ret_changed = t->state != before;
}

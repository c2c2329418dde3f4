#include <jansson.h>
#include <string.h>

#include "alarm/parts.h"

/* What an event of a device says, borrowed from its body. */
typedef struct event {
	json_t *body;
	const char *code;
	bool cleared;
} event;

static bool event_read(const message *m, event *ret)
{
	*ret = (event) { .body = m->type == HUB_RECORD_EVENT && m->point ? json_loads(m->body, 0, NULL) : NULL };
	ret->code = json_string_value(json_object_get(ret->body, "code"));
	ret->cleared = json_is_true(json_object_get(ret->body, "cleared"));
	return ret->code;
}

/* Faults as OCPP names them, in our words; what else a station tells is no fault. */
static bool is_fault(const char *code)
{
	static const char *const codes[] = { "connector_lock_failure", "ev_communication_error", "ground_failure",
					     "high_temperature",       "internal_error",	 "other_error",
					     "over_current",	       "power_meter_failure",	 "power_switch_failure",
					     "reader_failure",	       "reset_failure",		 "under_voltage",
					     "over_voltage",	       "weak_signal" };
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (!strcmp(codes[i], code))
			return true;
	return false;
}

static bool concerns(const alarm_rule *r, const sighting *s, const message *m, const char *code)
{
	return (r->point ? r->point == m->point : r->party == s->party) && (!r->channel[0] || !strcmp(r->channel, m->channel)) &&
	       (!r->subject[0] || !strcmp(r->subject, code));
}

/* In the list of changes, else among those open; NULL: neither. */
static alarm_row *known(alarm_changes *out, alarm_row *open, size_t count, const alarm_rule *r, const message *m, const char *code)
{
	for (size_t i = 0; i < out->count; i++) {
		alarm_row *al = &out->list[i];
		if (al->rule == r->id && al->point == m->point && !strcmp(al->channel, m->channel) &&
		    !strcmp(al->subject, code) && strcmp(al->state, "cleared"))
			return al;
	}
	for (size_t i = 0; i < count; i++)
		if (open[i].rule == r->id && open[i].point == m->point && !strcmp(open[i].channel, m->channel) &&
		    !strcmp(open[i].subject, code) && strcmp(open[i].state, "cleared"))
			return &open[i];
	return NULL;
}

static hub_status judge(const sighting *s, const alarm_rule *r, const message *m, const event *e, alarm_row *open, size_t count,
			alarm_changes *out)
{
	alarm_row *was = known(out, open, count, r, m, e->code);
	const char *subject = arena_strdup(s->arena, e->code);
	alarm_row al = { .point = m->point,
		     .rule = r->id,
		     .home = r->point,
		     .channel = m->channel,
		     .subject = subject,
		     .state = "raised",
		     .since = m->time,
		     .last = m->time,
		     .raised = s->now };
	if (!subject)
		return HUB_NOMEM;
	if (!was)
		return e->cleared ? HUB_OK : alarm_changes_add(out, s->arena, &al, r);
	if (!e->cleared || m->time < was->since)
		return HUB_OK;
	was->last = m->time;
	was->home = r->point;
	if (was >= out->list && was < out->list + out->count) {
		was->state = "cleared";
		return HUB_OK;
	}
	al = *was;
	was->state = al.state = "cleared";
	al.raised = 0; /* was told when it was raised */
	return alarm_changes_add(out, s->arena, &al, r);
}

hub_status alarm_judge_faults(const sighting *s, alarm_changes *out)
{
	alarm_rule *rules;
	alarm_row *open = NULL;
	size_t count, open_count = 0;
	hub_status st = alarm_rules_of_kind(s->db, "charger_fault", s->arena, &rules, &count);
	int64_t *numbers = st == HUB_OK && count ? arena_array(s->arena, count, sizeof *numbers) : NULL;
	if (st != HUB_OK || !numbers)
		return st == HUB_OK && count ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++)
		numbers[i] = rules[i].id;
	st = alarm_open(s->db, numbers, count, s->arena, &open, &open_count);
	for (size_t i = 0; st == HUB_OK && i < s->message_count; i++) {
		event e;
		const message *m = &s->messages[i];
		bool readable = event_read(m, &e);
		for (size_t k = 0; st == HUB_OK && readable && is_fault(e.code) && k < count; k++)
			if (concerns(&rules[k], s, m, e.code))
				st = judge(s, &rules[k], m, &e, open, open_count, out);
		json_decref(e.body);
	}
	return st;
}

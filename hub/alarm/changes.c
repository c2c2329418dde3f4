#include <string.h>

#include "alarm/parts.h"
#include "alarm/tell.h"

enum { MESSAGES_MAX = 8000 };

hub_status alarm_changes_add(alarm_changes *c, arena *a, const alarm_row *al, const alarm_rule *r)
{
	if (c->count == c->size) {
		size_t size = c->size ? c->size * 2 : 16;
		alarm_row *list = arena_array(a, size, sizeof *list);
		const alarm_rule **rules = arena_array(a, size, sizeof *rules);
		if (!list || !rules)
			return HUB_NOMEM;
		if (c->count) {
			memcpy(list, c->list, c->count * sizeof *list);
			memcpy(rules, c->rules, c->count * sizeof *rules);
		}
		c->list = list;
		c->rules = rules;
		c->size = size;
	}
	c->list[c->count] = *al;
	c->rules[c->count++] = r;
	return HUB_OK;
}

typedef struct telling {
	const sighting *s;
	message *rows;
	size_t count;
	alarm_row *owed; /* what is told when it is no longer quiet */
	const char **what;
	size_t owed_count;
} telling;

static hub_status tell(telling *t, const alarm_row *al, const alarm_rule *r, const char *state)
{
	alarm_row said = *al;
	said.state = state;
	if (alarm_quiet(r, t->s->now)) {
		t->owed[t->owed_count] = said;
		t->what[t->owed_count++] = state;
		return HUB_OK;
	}
	if (t->count == MESSAGES_MAX)
		return HUB_OK; /* a receipt has no more places; the list of alarms has them all */
	message *m = &t->rows[t->count];
	hub_status st = alarm_message(&said, r, t->s->now, t->s->arena, m);
	m->party = t->s->party;
	m->receipt = t->s->receipt;
	m->item = MESSAGE_COMPUTED + (uint32_t)t->count;
	t->count += st == HUB_OK;
	return st;
}

hub_status alarm_changes_keep(alarm_changes *c, const sighting *s, uint32_t *ret_types)
{
	bool cut;
	bool *fresh = arena_array(s->arena, MESSAGES_MAX, sizeof *fresh);
	telling t = { .s = s, .rows = arena_array(s->arena, MESSAGES_MAX, sizeof *t.rows),
		      .owed = arena_array(s->arena, 2 * c->count, sizeof *t.owed),
		      .what = arena_array(s->arena, 2 * c->count, sizeof *t.what) };
	if (!t.rows || !fresh || !t.owed || !t.what)
		return HUB_NOMEM;
	hub_status st = alarm_put(s->db, c->list, c->count, s->receipt, s->arena, &cut);
	for (size_t i = 0; st == HUB_OK && i < c->count; i++) {
		const alarm_row *al = &c->list[i];
		if (!al->id)
			continue; /* another batch opened it at the same moment, and tells it */
		if (al->raised)
			st = tell(&t, al, c->rules[i], "raised");
		if (st == HUB_OK && !strcmp(al->state, "cleared"))
			st = tell(&t, al, c->rules[i], "cleared");
	}
	for (size_t i = 0; st == HUB_OK && i < t.owed_count; i++)
		st = alarm_owe(s->db, &t.owed[i], &t.what[i], 1);
	if (st == HUB_OK && t.count)
		st = message_put(s->db, t.rows, t.count, fresh);
	if (st == HUB_OK && t.count)
		*ret_types |= 1u << HUB_RECORD_EVENT;
	return st;
}

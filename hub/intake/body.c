#include "intake/body.h"

#include <jansson.h>
#include <stdlib.h>

/* Takes the object; NULL if memory ran out. */
static const char *dump(json_t *object, arena *a)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	const char *kept = text ? arena_strdup(a, text) : NULL;
	free(text);
	json_decref(object);
	return kept;
}

static json_t *details_json(const hub_setting *details, size_t count)
{
	json_t *object = json_object();
	for (size_t i = 0; object && i < count; i++)
		if (json_object_set_new(object, details[i].key, json_string(details[i].value)))
			json_object_clear(object);
	return object;
}

/* The same event told twice happened at the same time; a step of a transaction may be told anew later. */
static void event_message(const hub_event *e, arena *a, message *m)
{
	m->channel = e->channel;
	m->time = e->time;
	m->key = arena_printf(a, "%s|%s|%s|%lld|%d", e->meter, e->channel, e->code, (long long)e->time, e->cleared);
	m->body = dump(json_pack("{ss ss ss sb so}", "meter", e->meter, "channel", e->channel, "code", e->code, "cleared",
				 e->cleared, "details", details_json(e->details, e->detail_count)), a);
}

static void transaction_message(const hub_transaction *t, arena *a, message *m)
{
	bool once = t->phase[0] == 's'; /* start, stop */
	m->channel = t->channel;
	m->time = t->time;
	m->key = arena_printf(a, "%s|%s|%s|%lld", t->meter, t->id, t->phase, once ? 0LL : (long long)t->time);
	m->body = dump(json_pack("{ss ss ss ss ss so}", "meter", t->meter, "channel", t->channel, "id", t->id, "phase",
				 t->phase, "tag", t->tag, "details", details_json(t->details, t->detail_count)), a);
}

static void result_message(const hub_result *r, arena *a, message *m)
{
	m->channel = "";
	m->time = r->time;
	m->key = arena_printf(a, "%s|%s", r->command, r->state);
	m->body = dump(json_pack("{ss ss ss so}", "command", r->command, "state", r->state, "reason", r->reason, "details",
				 details_json(r->details, r->detail_count)), a);
}

static void archive_message(const hub_archive *r, arena *a, message *m)
{
	m->channel = r->channel;
	m->time = r->time;
	m->key = arena_printf(a, "%s|%s|%s|%lld", r->meter, r->channel, r->kind, (long long)r->time);
	m->body = dump(json_pack("{ss ss ss so}", "meter", r->meter, "channel", r->channel, "kind", r->kind, "details",
				 details_json(r->details, r->detail_count)), a);
}

hub_status message_of_record(const hub_record *r, arena *a, message *ret)
{
	message m = { .type = r->type };
	switch (r->type) {
	case HUB_RECORD_EVENT: event_message(&r->event, a, &m); break;
	case HUB_RECORD_TRANSACTION: transaction_message(&r->transaction, a, &m); break;
	case HUB_RECORD_RESULT: result_message(&r->result, a, &m); break;
	case HUB_RECORD_ARCHIVE: archive_message(&r->archive, a, &m); break;
	default: return HUB_REJECT;
	}
	if (!m.key || !m.body)
		return HUB_NOMEM;
	*ret = m;
	return HUB_OK;
}

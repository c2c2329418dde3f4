#include "ctl/book.h"

#include <jansson.h>
#include <string.h>

#include "ctl/lock.h"

static const char *text(const json_t *object, const char *key, arena *a)
{
	const char *s = json_string_value(json_object_get(object, key));
	return arena_strdup(a, s ? s : "");
}

static hub_status take(const json_t *doc, arena *a, book *b)
{
	const json_t *units = json_object_get(doc, "units");
	b->count = json_array_size(units);
	b->units = arena_array(a, b->count, sizeof *b->units);
	b->since = text(doc, "since", a);
	b->http = text(doc, "http", a);
	b->ready = json_is_true(json_object_get(doc, "ready"));
	b->zones_share_user = json_is_true(json_object_get(doc, "zones_share_user"));
	if (!b->units || !b->since || !b->http)
		return HUB_NOMEM;
	for (size_t i = 0; i < b->count; i++) {
		const json_t *u = json_array_get(units, i);
		b->units[i] = (book_unit){
			.name = text(u, "name", a), .kind = text(u, "kind", a), .state = text(u, "state", a),
			.since = text(u, "since", a), .user = text(u, "user", a), .last = text(u, "last", a),
			.pid = (pid_t)json_integer_value(json_object_get(u, "pid")),
			.restarts = (unsigned)json_integer_value(json_object_get(u, "restarts")),
		};
		const book_unit *n = &b->units[i];
		if (!n->name || !n->kind || !n->state || !n->since || !n->user || !n->last)
			return HUB_NOMEM;
	}
	return HUB_OK;
}

hub_status book_read(const place *p, arena *a, book *ret, hub_fault *fault)
{
	book b = { .supervisor = lock_owner(p->lock) };
	json_error_t error;
	if (!b.supervisor) {
		hub_fault_set(fault, "hub.down", "", "no hub runs on %s; start it with: hubctl up --detach", p->root);
		return HUB_MISSING;
	}
	json_t *doc = json_load_file(p->state, 0, &error);
	/* One that a killed supervisor left is not about this one. */
	if (doc && json_integer_value(json_object_get(doc, "pid")) != b.supervisor) {
		json_decref(doc);
		doc = NULL;
	}
	if (!doc) {
		hub_fault_set(fault, "hub.state", "", "the supervisor, pid %d, is just starting or ending",
			(int)b.supervisor);
		return HUB_AGAIN;
	}
	hub_status st = take(doc, a, &b);
	json_decref(doc);
	if (st == HUB_OK)
		*ret = b;
	return st;
}

const book_unit *book_find(const book *b, const char *name)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->units[i].name, name))
			return &b->units[i];
	return NULL;
}

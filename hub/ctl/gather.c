#include "ctl/gather.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/grow.h"
#include "host/module.h"
#include "host/session.h"

struct gather {
	module *module;
	hub_host *host;
	hub_link *link;
	host_calls calls;
	arena *arena;
	record *records; /* heap; their contents are in the arena */
	size_t count, room;
	hub_status failed;
	char reason[200]; /* why the adapter hung up */
};

/* Through the packed form, which is how records travel and what copies them whole. */
static hub_status copy(gather *g, const record *r, record *to)
{
	buf b = { 0 };
	record_pack(&b, r);
	hub_status st = b.bad ? HUB_NOMEM : record_unpack(b.bytes, b.len, g->arena, to);
	buf_fini(&b);
	return st;
}

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	gather *g = context;
	(void)link;
	record *grown = grow(g->records, g->count, &g->room, sizeof *grown, 1024);
	if (!grown)
		return g->failed = HUB_NOMEM;
	g->records = grown;
	hub_status st = copy(g, r, &g->records[g->count]);
	if (st == HUB_OK)
		g->count++;
	else
		g->failed = st;
	return st;
}

static void on_hang_up(void *context, hub_link *link, const char *reason)
{
	gather *g = context;
	(void)link;
	strncpy(g->reason, reason, sizeof g->reason - 1);
}

hub_status gather_open(const char *adapter, const hub_setting *settings, size_t count, arena *a, gather **ret,
		       hub_fault *fault)
{
	gather *g = fail_calloc(1, sizeof *g);
	if (!g)
		return HUB_NOMEM;
	g->arena = a;
	g->calls = (host_calls){ .on_record = on_record, .on_hang_up = on_hang_up, .stamp = true };
	hub_status st = module_load(adapter, NULL, &g->module, fault);
	if (st == HUB_OK)
		st = instance_open(module_adapter(g->module), &g->calls, g, settings, count, &g->host, fault);
	if (st != HUB_OK) {
		gather_close(g);
		return st;
	}
	*ret = g;
	return HUB_OK;
}

void gather_close(gather *g)
{
	if (!g)
		return;
	session_close(g->link);
	instance_close(g->host);
	module_free(g->module);
	free(g->records);
	free(g);
}

hub_status gather_begin(gather *g, const char *name, hub_fault *fault)
{
	const hub_peer peer = { HUB_DIRECTORY, name, "" };
	hub_status st = session_open(g->host, &peer, NULL, &g->link);
	if (st != HUB_OK)
		hub_fault_set(fault, "adapter.session", "", "the adapter takes no document (%s)", hub_status_name(st));
	return st;
}

static hub_status feed(gather *g, const uint8_t *bytes, size_t len, bool end, hub_fault *fault)
{
	hub_status st = session_input(g->link, bytes, len, end);
	if (g->failed != HUB_OK)
		st = g->failed;
	if (st == HUB_FAILED)
		hub_fault_set(fault, "adapter.hung_up", "", "the adapter gave up: %s", g->reason);
	return st;
}

hub_status gather_piece(gather *g, const uint8_t *bytes, size_t len, hub_fault *fault)
{
	return feed(g, bytes, len, false, fault);
}

hub_status gather_end(gather *g, hub_fault *fault)
{
	hub_status st = feed(g, NULL, 0, true, fault);
	session_close(g->link);
	g->link = NULL;
	return st;
}

hub_status gather_document(gather *g, const char *name, const uint8_t *bytes, size_t len, hub_fault *fault)
{
	hub_status st = gather_begin(g, name, fault);
	if (st == HUB_OK)
		st = gather_piece(g, bytes, len, fault);
	return st == HUB_OK ? gather_end(g, fault) : st;
}

size_t gather_count(const gather *g)
{
	return g->count;
}

hub_status gather_take(gather *g, record **ret, size_t *ret_count)
{
	record *list = arena_array(g->arena, g->count, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	if (g->count)
		memcpy(list, g->records, g->count * sizeof *list);
	*ret = list;
	*ret_count = g->count;
	g->count = 0;
	return HUB_OK;
}

hub_status settings_of_json(const char *json, arena *a, hub_setting **ret, size_t *ret_count)
{
	json_error_t error;
	json_t *object = json_loads(json && json[0] ? json : "{}", 0, &error), *value;
	const char *key;
	size_t n = 0;
	hub_setting *list = arena_array(a, json_object_size(object), sizeof *list);
	bool bad = !list || !json_is_object(object);
	json_object_foreach(object, key, value) {
		char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		if (bad)
			break;
		list[n].key = arena_strdup(a, key);
		list[n].value = arena_strdup(a, text ? text : json_string_value(value));
		bad = !list[n].key || !list[n].value;
		n++;
		free(text);
	}
	json_decref(object);
	if (bad)
		return HUB_NOMEM;
	*ret = list;
	*ret_count = n;
	return HUB_OK;
}

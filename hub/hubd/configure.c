#include "hubd/configure.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "store/charger.h"
#include "store/device.h"
#include "store/instance.h"
#include "store/party.h"

enum { PAGE = 1000 };

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

/* A JSON object as the store has it; "" as {}. */
static void object(buf *out, const char *name, const char *json)
{
	buf_printf(out, ",\"%s\":%s", name, json && json[0] ? json : "{}");
}

/* A broker's journal is read for the instance's own party, whatever its settings say. */
static hub_status transport(store *db, const instance *n, arena *a, buf *out)
{
	json_t *o = json_loads(n->transport && n->transport[0] ? n->transport : "{}", 0, NULL);
	const char *kind = json_string_value(json_object_get(o, "kind"));
	hub_status st = HUB_OK;
	if (kind && !strcmp(kind, "journal")) {
		party owner;
		st = party_by_id(db, n->party, a, &owner);
		if (st == HUB_OK && json_object_set_new(o, "party", json_string(owner.code)))
			st = HUB_NOMEM;
		char *text = st == HUB_OK ? json_dumps(o, JSON_COMPACT) : NULL;
		if (text)
			object(out, "transport", text);
		else if (st == HUB_OK)
			st = HUB_NOMEM;
		free(text);
	} else {
		object(out, "transport", n->transport);
	}
	json_decref(o);
	return st;
}

hub_status configure_instances(store *db, const char *daemon_name, arena *a, buf *out)
{
	instance *list;
	size_t count, written = 0;
	int64_t version;
	hub_status st = instance_list(db, daemon_name, a, &list, &count, &version);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"version\":%lld,\"instances\":[", (long long)version);
	for (size_t i = 0; i < count; i++) {
		const instance *n = &list[i];
		if (!n->enabled)
			continue;
		buf_printf(out, "%s{\"name\":", written++ ? "," : "");
		json_write_text(out, n->name);
		member(out, "adapter", n->adapter);
		member(out, "promise", n->journalled ? "journalled" : "committed");
		object(out, "options", n->options);
		st = transport(db, n, a, out);
		if (st != HUB_OK)
			return st;
		object(out, "journal", n->journal);
		buf_u8(out, '}');
	}
	buf_text(out, "]}");
	return out->bad ? HUB_NOMEM : HUB_OK;
}

static bool speaks_for(const instance *list, size_t count, int64_t party_id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].party == party_id && list[i].enabled)
			return true;
	return false;
}

/* Two parties may have meters of one number: the later row stands for both. */
static hub_status add_meter(json_t *table, const device *d)
{
	json_t *facts = json_pack("{ss ss}", "maker", d->maker, "model", d->model);
	char *text = facts ? json_dumps(facts, JSON_COMPACT) : NULL;
	int bad = !text || json_object_set_new(table, d->meter, json_string(text));
	free(text);
	json_decref(facts);
	return bad ? HUB_NOMEM : HUB_OK;
}

hub_status configure_meters(store *db, const char *daemon_name, arena *a, buf *out)
{
	instance *list;
	device *devices;
	size_t count, got = PAGE;
	int64_t version, after = 0;
	json_t *table = json_object();
	hub_status st = table ? instance_list(db, daemon_name, a, &list, &count, &version) : HUB_NOMEM;
	while (st == HUB_OK && got == PAGE) {
		st = device_list(db, after, PAGE, a, &devices, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++) {
			after = devices[i].id;
			if (speaks_for(list, count, devices[i].party))
				st = add_meter(table, &devices[i]);
		}
	}
	char *text = st == HUB_OK ? json_dumps(table, JSON_COMPACT) : NULL;
	if (text)
		buf_text(out, text);
	else if (st == HUB_OK)
		st = HUB_NOMEM;
	free(text);
	json_decref(table);
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

static hub_status finish(json_t *table, hub_status st, buf *out)
{
	char *text = st == HUB_OK ? json_dumps(table, JSON_COMPACT) : NULL;
	if (text)
		buf_text(out, text);
	else if (st == HUB_OK)
		st = HUB_NOMEM;
	free(text);
	json_decref(table);
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

static hub_status add_tag(json_t *table, const charge_tag *t)
{
	char until[CLOCK_TEXT];
	json_t *facts = json_pack("{ss}", "status", !strcmp(t->state, "blocked") ? "Blocked" : "Accepted");
	if (t->valid_to)
		json_object_set_new(facts, "expiry", json_string(clock_text(t->valid_to, until)));
	if (t->parent[0])
		json_object_set_new(facts, "parent", json_string(t->parent));
	if (t->alone)
		json_object_set_new(facts, "alone", json_true());
	return json_object_set_new(table, t->tag, facts) ? HUB_NOMEM : HUB_OK;
}

hub_status configure_tags(store *db, arena *a, buf *out)
{
	charge_tag *list;
	size_t got = PAGE;
	const char *after = "";
	json_t *table = json_object();
	hub_status st = table ? HUB_OK : HUB_NOMEM;
	while (st == HUB_OK && got == PAGE) {
		st = charge_tag_list(db, after, PAGE, a, &list, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++) {
			after = list[i].tag;
			st = add_tag(table, &list[i]);
		}
	}
	return finish(table, st, out);
}

hub_status configure_chargers(store *db, arena *a, buf *out)
{
	charger *list;
	size_t got = PAGE;
	const char *after = "";
	json_t *table = json_object();
	hub_status st = table ? HUB_OK : HUB_NOMEM;
	while (st == HUB_OK && got == PAGE) {
		st = charger_list(db, NULL, after, PAGE, a, &list, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++) {
			after = list[i].name;
			/* What is accepted needs no row, so that the table stays small. */
			if (strcmp(list[i].state, "accepted") &&
			    json_object_set_new(table, list[i].name, json_pack("{ss}", "state", list[i].state)))
				st = HUB_NOMEM;
		}
	}
	return finish(table, st, out);
}

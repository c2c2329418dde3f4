#include "store/instance.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ctl/words.h"

/* Numbers, truths and lists as they are; the rest is text. `dial` is a list of one or more. */
static json_t *typed(const char *key, const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
	if (json_is_string(v) || json_is_null(v)) {
		json_decref(v);
		v = NULL;
	}
	if (!v)
		v = json_string(text);
	return !strcmp(key, "dial") && json_is_string(v) ? json_pack("[o]", v) : v;
}

/* A key that comes again adds to its list. */
static void put(json_t *object, const char *key, json_t *value)
{
	json_t *before = json_object_get(object, key);
	if (json_is_array(before) && json_is_array(value))
		json_array_extend(before, value);
	else
		json_object_set(object, key, value);
	json_decref(value);
}

static hub_status take_typed(int *argc, char **argv, const char *name, arena *a, const char **ret, hub_fault *fault)
{
	hub_setting *pairs;
	size_t count;
	hub_status st = word_pairs(argc, argv, name, a, &pairs, &count, fault);
	if (st != HUB_OK)
		return st;
	json_t *object = json_object();
	for (size_t i = 0; i < count; i++)
		put(object, pairs[i].key, typed(pairs[i].key, pairs[i].value));
	char *text = json_dumps(object, JSON_COMPACT);
	*ret = text ? arena_strdup(a, text) : NULL;
	free(text);
	json_decref(object);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status take_object(int *argc, char **argv, const char *name, arena *a, const char **ret, hub_fault *fault)
{
	hub_setting *pairs;
	size_t count;
	hub_status st = word_pairs(argc, argv, name, a, &pairs, &count, fault);
	return st == HUB_OK ? word_object(pairs, count, a, ret) : st;
}

static hub_status add(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	const char *party_code = ctl_take(argc, argv, "party", 1, &bad), *zone = ctl_take(argc, argv, "zone", 1, &bad);
	const char *promise = ctl_take(argc, argv, "promise", 1, &bad);
	instance i = { .adapter = ctl_take(argc, argv, "adapter", 1, &bad), .enabled = true };
	hub_status st = take_object(argc, argv, "option", a, &i.options, fault);
	if (st == HUB_OK)
		st = take_typed(argc, argv, "transport", a, &i.transport, fault);
	if (st == HUB_OK)
		st = take_typed(argc, argv, "journal", a, &i.journal, fault);
	if (st == HUB_OK && promise && strcmp(promise, "journalled") && strcmp(promise, "committed"))
		st = hub_fault_set(fault, "instance.promise", "promise", "--promise is committed or journalled");
	if (st == HUB_OK && (bad || *argc != 2 || !party_code || !i.adapter || ctl_leftover("instance add", *argc, argv)))
		st = hub_fault_set(fault, "instance.arguments", "", "a name, --party and --adapter are needed; see hubctl help "
				   "instance add");
	if (st == HUB_OK)
		st = word_party(c->db, party_code, a, &i.party, fault);
	if (st != HUB_OK)
		return st;
	bool changed = false;
	i.name = argv[1];
	i.zone = zone ? zone : "adapterd";
	i.journalled = promise && !strcmp(promise, "journalled");
	st = instance_put(c->db, &i, &changed, fault);
	if (st == HUB_OK)
		printf("instance %s %s\n", i.name, changed ? "stored" : "unchanged");
	return st;
}

int ctl_instance_add(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = add(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("instance add", st, &fault);
}

static void show(const instance *i, bool as_json)
{
	buf b = { 0 };
	if (as_json)
		buf_printf(&b, "{\"name\":\"%s\",\"zone\":\"%s\",\"adapter\":\"%s\",\"promise\":\"%s\",\"enabled\":%s,"
			   "\"version\":%lld,\"options\":%s,\"transport\":%s,\"journal\":%s}", i->name, i->zone, i->adapter,
			   i->journalled ? "journalled" : "committed", i->enabled ? "true" : "false", (long long)i->version,
			   i->options, i->transport, i->journal);
	else
		buf_printf(&b, "%-24s %-12s %-12s %-10s %-8s %s", i->name, i->zone, i->adapter,
			   i->journalled ? "journalled" : "committed", i->enabled ? "enabled" : "disabled", i->transport);
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_instance_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t version;
	size_t count;
	instance *list;
	bool as_json = ctl_take(&argc, argv, "json", 0, &bad);
	if (ctl_leftover("instance list", argc, argv) || argc != 1)
		return ctl_usage("instance list");
	arena_init(&a, 0);
	hub_status st = instance_list(c->db, NULL, &a, &list, &count, &version);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		show(&list[i], as_json);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("instance list", st, NULL);
}

static int set_enabled(ctl *c, const char *name, int argc, char **argv, bool enabled)
{
	hub_fault fault = { 0 };
	if (ctl_leftover(name, argc, argv) || argc != 2)
		return ctl_usage(name);
	hub_status st = instance_enable(c->db, argv[1], enabled);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "instance.unknown", "name", "there is no instance '%.64s'", argv[1]);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

int ctl_instance_enable(ctl *c, int argc, char **argv)
{
	return set_enabled(c, "instance enable", argc, argv, true);
}

int ctl_instance_disable(ctl *c, int argc, char **argv)
{
	return set_enabled(c, "instance disable", argc, argv, false);
}

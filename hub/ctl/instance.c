#include "store/instance.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ctl/ask.h"
#include "ctl/place.h"
#include "ctl/words.h"
#include "host/config.h"
#include "host/module.h"
#include "host/session.h"

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

/* As the core will send it to the zone daemon; its own party is added to the broker's journal there. */
static hub_status check_settings(const instance *i, const char *party_code, hub_fault *fault)
{
	json_t *transport = json_loads(i->transport, 0, NULL);
	const char *kind = json_string_value(json_object_get(transport, "kind"));
	if (kind && !strcmp(kind, "journal"))
		json_object_set_new(transport, "party", json_string(party_code));
	json_t *all = json_pack("{s:i, s:[{s:s, s:s, s:s, s:o, s:o?, s:o}]}", "version", 1, "instances", "name", i->name, "adapter",
				i->adapter, "promise", i->journalled ? "journalled" : "committed", "options",
				json_loads(i->options, 0, NULL), "transport", transport, "journal",
				json_loads(i->journal, 0, NULL));
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	config checked = { 0 };
	hub_status st = text ? config_parse((const uint8_t *)text, strlen(text), &checked, fault) : HUB_NOMEM;
	config_fini(&checked);
	free(text);
	json_decref(all);
	return st;
}

/* An adapter that is here is asked whether it takes the options; one of another host is its zone's matter. */
static hub_status check_adapter(const instance *i, arena *a, hub_fault *fault)
{
	static const host_calls silent = { 0 };
	module *m;
	hub_host *host;
	json_t *options = json_loads(i->options, 0, NULL), *value;
	hub_setting *list = arena_array(a, json_object_size(options) + 1, sizeof *list);
	size_t count = 0;
	const char *key;
	hub_status st = list ? module_load(i->adapter, NULL, &m, fault) : HUB_NOMEM;
	if (st != HUB_OK) {
		json_decref(options);
		return st;
	}
	json_object_foreach(options, key, value)
		list[count++] = (hub_setting){ key, json_string_value(value) };
	st = instance_open(module_adapter(m), &silent, NULL, list, count, &host, fault);
	if (st == HUB_OK)
		instance_close(host);
	module_free(m);
	json_decref(options);
	return st;
}

/* Whoever adds a party's reader waits for it, where the zone is here and runs. */
static hub_status await_reader(ctl *c, const instance *i, const char *party_code, arena *a, hub_fault *fault)
{
	place p;
	instance *list;
	size_t count;
	int64_t version;
	hub_status st = instance_list(c->db, i->zone, a, &list, &count, &version);
	if (st == HUB_OK)
		st = place_find(c, &p, fault);
	if (st != HUB_OK)
		return st;
	st = ask_reading(&p, i->zone, version, party_code, a, fault);
	place_fini(&p);
	return st;
}

static bool is_reader(const instance *i)
{
	json_t *transport = json_loads(i->transport, 0, NULL);
	const char *kind = json_string_value(json_object_get(transport, "kind"));
	bool reads = kind && !strcmp(kind, "journal");
	json_decref(transport);
	return reads;
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
	st = check_settings(&i, party_code, fault);
	if (st == HUB_OK && !strcmp(i.zone, "adapterd"))
		st = check_adapter(&i, a, fault);
	if (st == HUB_OK)
		st = instance_put(c->db, &i, &changed, fault);
	if (st == HUB_OK)
		printf("instance %s %s\n", i.name, changed ? "stored" : "unchanged");
	if (st == HUB_OK && is_reader(&i) && await_reader(c, &i, party_code, a, fault) != HUB_OK)
		fprintf(stderr, "hubctl instance add: '%s' does not read yet (%s); until it does the broker refuses what '%s' "
			"publishes\n", i.name, fault->message, party_code);
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

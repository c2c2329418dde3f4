#include "host/config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

static const struct {
	const char *name;
	hub_transport transport;
	const char *required; /* member without which it cannot work */
} transports[] = {
	{ "tcp_server", HUB_TCP_SERVER, "listen" },
	{ "tcp_client", HUB_TCP_CLIENT, "dial" },
	{ "directory", HUB_DIRECTORY, "path" },
	{ "serial", HUB_SERIAL, "device" },
	{ "journal", HUB_MESSAGE, "party" },
	{ "websocket", HUB_WEBSOCKET, NULL },
};

/* Members of journal: name, smallest, largest, value if absent. */
enum { JOURNAL_BYTES, JOURNAL_AGE, JOURNAL_SEGMENT };
static const struct {
	const char *name;
	json_int_t min, max, fallback;
} journal_members[] = {
	{ "bytes", 1 << 20, (json_int_t)1 << 40, 256 << 20 },
	{ "age", 0, 366 * 86400, 0 },
	{ "segment_bytes", 64 << 10, 1 << 30, 16 << 20 },
};

static bool name_valid(const char *name)
{
	size_t n = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") : 0;
	return n >= 1 && n <= 64 && !name[n];
}

static const char *member(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static hub_status transport_take(instance_config *c, hub_fault *fault)
{
	c->link = json_object_get(c->json, "transport");
	const char *kind = member(c->link, "kind");
	for (size_t i = 0; kind && i < sizeof transports / sizeof *transports; i++) {
		if (strcmp(kind, transports[i].name) != 0)
			continue;
		c->transport = transports[i].transport;
		if (!transports[i].required)
			return HUB_OK;
		const json_t *required = json_object_get(c->link, transports[i].required);
		bool list = c->transport == HUB_TCP_CLIENT;
		if (list ? json_array_size(required) >= 1 && json_array_size(required) <= CONFIG_TARGETS_MAX
			 : json_is_string(required))
			return HUB_OK;
		return hub_fault_set(fault, "instance.transport", "transport", "instance '%s': a %s needs \"%s\"%s",
				     c->name, kind, transports[i].required, list ? ", a list of host:port" : "");
	}
	return hub_fault_set(fault, "instance.transport", "transport", "instance '%s': transport.kind must be "
			     "tcp_server, tcp_client, directory, serial, journal or websocket, not '%.40s'", c->name, kind ? kind : "");
}

static hub_status journal_take(instance_config *c, hub_fault *fault)
{
	const json_t *given = json_object_get(c->json, "journal");
	json_int_t values[sizeof journal_members / sizeof *journal_members];
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const json_t *v = json_object_get(given, journal_members[i].name);
		values[i] = v ? json_integer_value(v) : journal_members[i].fallback;
		if (v && (!json_is_integer(v) || values[i] < journal_members[i].min || values[i] > journal_members[i].max))
			return hub_fault_set(fault, "instance.journal", journal_members[i].name,
					     "instance '%s': journal.%s must be a whole number from %lld to %lld", c->name,
					     journal_members[i].name, (long long)journal_members[i].min,
					     (long long)journal_members[i].max);
	}
	c->journal = (journal_limits){
		.bytes = (uint64_t)values[JOURNAL_BYTES],
		.segment_bytes = (uint64_t)values[JOURNAL_SEGMENT],
		.age = values[JOURNAL_AGE] * 1000000,
		.sync = json_is_true(json_object_get(given, "sync")),
	};
	return HUB_OK;
}

static hub_status options_take(instance_config *c, hub_fault *fault)
{
	json_t *given = json_object_get(c->json, "options"), *value;
	const char *key;
	c->options = fail_calloc(json_object_size(given) + 1, sizeof *c->options);
	if (!c->options)
		return HUB_NOMEM;
	json_object_foreach(given, key, value) {
		if (!json_is_string(value))
			return hub_fault_set(fault, "instance.options", "options",
					     "instance '%s': option %.60s must be a text", c->name, key);
		c->options[c->option_count++] = (hub_setting){ key, json_string_value(value) };
	}
	return HUB_OK;
}

static hub_status instance_take(json_t *json, instance_config *ret, hub_fault *fault)
{
	instance_config c = { .json = json_incref(json), .name = member(json, "name") };
	const char *promise = member(json, "promise");
	hub_status st = HUB_OK;
	c.adapter = member(json, "adapter");
	c.journalled = promise && strcmp(promise, "journalled") == 0;
	if (!name_valid(c.name))
		st = hub_fault_set(fault, "instance.name", "name", "an instance's name is 1 to 64 of a-z, 0-9, _ and -");
	else if (!c.adapter)
		st = hub_fault_set(fault, "instance.adapter", "adapter", "instance '%s' names no adapter", c.name);
	else if (promise && !c.journalled && strcmp(promise, "committed") != 0)
		st = hub_fault_set(fault, "instance.promise", "promise",
				   "instance '%s': promise must be committed or journalled", c.name);
	if (st == HUB_OK)
		st = transport_take(&c, fault);
	if (st == HUB_OK)
		st = journal_take(&c, fault);
	if (st == HUB_OK)
		st = options_take(&c, fault);
	if (st == HUB_OK && !(c.text = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT)))
		st = HUB_NOMEM;
	if (st == HUB_OK)
		*ret = c;
	else
		instance_config_fini(&c);
	return st;
}

void instance_config_fini(instance_config *c)
{
	free(c->options);
	free(c->text);
	json_decref(c->json);
	*c = (instance_config){ 0 };
}

void config_fini(config *c)
{
	for (size_t i = 0; i < c->count; i++)
		instance_config_fini(&c->instances[i]);
	free(c->instances);
	*c = (config){ 0 };
}

static hub_status instances_take(const json_t *list, config *c, hub_fault *fault)
{
	size_t count = json_array_size(list);
	if (!json_is_array(list) || count > CONFIG_INSTANCES_MAX)
		return hub_fault_set(fault, "configure.instances", "instances", "\"instances\" must be a list of at most %d",
				     CONFIG_INSTANCES_MAX);
	c->instances = fail_calloc(count + 1, sizeof *c->instances);
	if (!c->instances)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		hub_status st = instance_take(json_array_get(list, i), &c->instances[i], fault);
		if (st != HUB_OK)
			return st;
		c->count++;
		for (size_t k = 0; k < i; k++)
			if (strcmp(c->instances[k].name, c->instances[i].name) == 0)
				return hub_fault_set(fault, "instance.name", "name", "two instances are called '%s'",
						     c->instances[i].name);
	}
	return HUB_OK;
}

hub_status config_parse(const uint8_t *bytes, size_t len, config *ret, hub_fault *fault)
{
	json_error_t error;
	json_t *json = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return hub_fault_set(fault, "configure.json", "", "not JSON: %.120s at line %d", error.text, error.line);
	config c = { .version = json_integer_value(json_object_get(json, "version")) };
	hub_status st = instances_take(json_object_get(json, "instances"), &c, fault);
	json_decref(json);
	if (st == HUB_OK)
		*ret = c;
	else
		config_fini(&c);
	return st;
}

int64_t config_int(const instance_config *c, const char *key, int64_t fallback)
{
	const json_t *v = json_object_get(c->link, key);
	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

const char *config_text(const instance_config *c, const char *key, const char *fallback)
{
	const char *text = member(c->link, key);
	return text ? text : fallback;
}

/*
 * The instances, as the order `configure` gives them and the state folder keeps them:
 * {"version":N,"instances":[{"name","adapter","options":{},"transport":{"kind",…},
 * "promise":"committed"|"journalled","journal":{"bytes","age","sync"}}]}; journal.age in seconds.
 */
#ifndef HOST_CONFIG_H
#define HOST_CONFIG_H

#include <hub/adapter.h>
#include <jansson.h>

#include "wire/journal.h"

enum { CONFIG_INSTANCES_MAX = 1024, CONFIG_TARGETS_MAX = 1024 };

/* One instance, checked. Texts are borrowed from `json`, which is owned. */
typedef struct instance_config {
	json_t *json;
	char *text; /* canonical form, to see whether anything changed */
	const char *name, *adapter;
	hub_setting *options;
	size_t option_count;
	hub_transport transport;
	const json_t *link; /* the transport's own members */
	bool journalled;    /* the promise; else committed */
	journal_limits journal;
} instance_config;

typedef struct config {
	int64_t version;
	instance_config *instances;
	size_t count;
} config;

/* HUB_REJECT with *fault naming the instance and the rule; HUB_NOMEM. */
hub_status config_parse(const uint8_t *bytes, size_t len, config *ret, hub_fault *fault);
void config_fini(config *c);
void instance_config_fini(instance_config *c);

/* A member of the transport, or the fallback. */
int64_t config_int(const instance_config *c, const char *key, int64_t fallback);
const char *config_text(const instance_config *c, const char *key, const char *fallback);

#endif

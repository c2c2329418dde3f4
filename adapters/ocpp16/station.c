#include "station.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"

/* A counter keeps 32 bits of the start's hash over 31 of its number. */
enum { NUMBER_BITS = 31, PROBED = 16 };
static const int64_t NUMBER_MASK = (INT64_C(1) << NUMBER_BITS) - 1;

uint64_t hash_text(uint64_t seed, const void *bytes, size_t len)
{
	uint64_t h = seed ? seed : UINT64_C(14695981039346656037);
	const uint8_t *p = bytes;
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h;
}

static station **bucket(stations *all, const char *name)
{
	return &all->buckets[hash_text(0, name, strlen(name)) % BUCKETS];
}

station *station_of(stations *all, const char *name)
{
	station **at = bucket(all, name);
	for (station *s = *at; s; s = s->next)
		if (!strcmp(s->name, name))
			return s;
	station *s = fail_calloc(1, sizeof *s);
	if (!s)
		return NULL;
	snprintf(s->name, sizeof s->name, "%s", name);
	s->next = *at;
	*at = s;
	return s;
}

void stations_fini(stations *all)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (station *s = all->buckets[i], *next; s; s = next) {
			next = s->next;
			free(s->connectors);
			free(s->last_answer);
			free(s);
		}
}

connector *station_connector(station *s, int id)
{
	for (size_t i = 0; i < s->connector_count; i++)
		if (s->connectors[i].id == id)
			return &s->connectors[i];
	if (s->connector_count == CONNECTORS_MAX)
		return NULL;
	connector *more = fail_realloc(s->connectors, (s->connector_count + 1) * sizeof *more);
	if (!more)
		return NULL;
	s->connectors = more;
	more[s->connector_count] = (connector) { .id = id };
	return &more[s->connector_count++];
}

static void counter_name(const station *s, int id, char out[96])
{
	snprintf(out, 96, "start/%s/%d", s->name, id);
}

/* 31 bits, never 0. */
static hub_status number_new(stations *all, int32_t *ret)
{
	int64_t number;
	hub_status st = all->api->counter(all->host, "transactions", 1, &number);
	if (st == HUB_OK)
		*ret = (int32_t)((number - 1) % (NUMBER_MASK - 1) + 1);
	return st;
}

hub_status station_start(stations *all, station *s, int id, const char *tag, int64_t meter, hub_time time, int32_t *ret)
{
	char name[96], said[128];
	int64_t kept, now;
	connector *c = station_connector(s, id);
	if (!c)
		return HUB_NOMEM;
	int len = snprintf(said, sizeof said, "%s|%lld|%lld", tag, (long long)meter, (long long)time);
	int64_t hash = (int64_t)(hash_text(0, said, (size_t)len) >> 32);
	counter_name(s, id, name);
	hub_status st = all->api->counter(all->host, name, 0, &kept);
	if (st != HUB_OK)
		return st;
	int32_t number = (int32_t)(kept & NUMBER_MASK);
	if (!number || kept >> NUMBER_BITS != hash) {
		st = number_new(all, &number);
		now = hash << NUMBER_BITS | number;
		if (st == HUB_OK)
			st = all->api->counter(all->host, name, now - kept, &kept);
		if (st != HUB_OK)
			return st;
	}
	c->transaction = number;
	snprintf(c->tag, sizeof c->tag, "%s", tag);
	*ret = number;
	return HUB_OK;
}

connector *station_running(stations *all, station *s, int32_t transaction)
{
	for (size_t i = 0; i < s->connector_count; i++)
		if (s->connectors[i].transaction == transaction)
			return &s->connectors[i];
	for (int id = 1; id <= PROBED && transaction > 0; id++) {
		char name[96];
		int64_t kept;
		counter_name(s, id, name);
		if (all->api->counter(all->host, name, 0, &kept) == HUB_OK && (kept & NUMBER_MASK) == transaction)
			return station_connector(s, id);
	}
	return NULL;
}

void station_stop(connector *c)
{
	c->transaction = 0;
	c->tag[0] = 0;
}

bool stations_tag_runs(const stations *all, const char *tag, const connector *c)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (const station *s = all->buckets[i]; s; s = s->next)
			for (size_t k = 0; k < s->connector_count; k++)
				if (&s->connectors[k] != c && s->connectors[k].transaction &&
				    !strcasecmp(s->connectors[k].tag, tag))
					return true;
	return false;
}

static json_t *row(const stations *all, const char *table, const char *key)
{
	const char *text;
	if (all->api->lookup(all->host, table, key, &text) != HUB_OK)
		return NULL;
	json_t *o = json_loads(text, 0, NULL);
	return o ? o : json_object();
}

static void copy(char *out, size_t size, const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));
	snprintf(out, size, "%s", text ? text : "");
}

/* Tags are told apart without regard to case (CiString); the table's keys are in capitals. */
void stations_tag(const stations *all, const char *tag, bool unknown_passes, tag_verdict *ret)
{
	static const char *const known[] = { "Accepted", "Blocked", "Expired", "Invalid" };
	char key[4 * TAG_MAX];
	hub_time expiry;
	size_t i = 0;
	for (; tag[i] && i < sizeof key - 1; i++)
		key[i] = (char)toupper((unsigned char)tag[i]);
	key[i] = 0;
	json_t *o = row(all, "charge_tags", key);
	*ret = (tag_verdict) { .status = o || unknown_passes ? "Accepted" : "Invalid" };
	const char *said = json_string_value(json_object_get(o, "status"));
	for (size_t k = 0; said && k < sizeof known / sizeof *known; k++)
		if (!strcasecmp(said, known[k]))
			ret->status = known[k];
	copy(ret->expiry, sizeof ret->expiry, o, "expiry");
	copy(ret->parent, sizeof ret->parent, o, "parent");
	ret->alone = json_is_true(json_object_get(o, "alone"));
	if (!strcmp(ret->status, "Accepted") && clock_parse(ret->expiry, strlen(ret->expiry), &expiry) &&
	    expiry <= all->api->now(all->host))
		ret->status = "Expired";
	json_decref(o);
}

boot_state stations_boot(const stations *all, const char *name, boot_state fallback)
{
	static const char *const names[] = { "accepted", "pending", "rejected" };
	json_t *o = row(all, "chargers", name);
	const char *said = json_string_value(json_object_get(o, "state"));
	boot_state st = o ? BOOT_ACCEPTED : fallback;
	for (int i = 0; said && i < 3; i++)
		if (!strcmp(said, names[i]))
			st = (boot_state)i;
	json_decref(o);
	return st;
}

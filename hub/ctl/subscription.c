#include "store/subscription.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/words.h"
#include "deliver/subscribe.h"
#include "model/quantity.h"
#include "store/premise.h"

static hub_status take_types(int *argc, char **argv, arena *a, subscription *s, hub_fault *fault)
{
	const char **names;
	size_t count;
	hub_status st = word_list(argc, argv, "type", a, &names, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		size_t t = 0;
		while (subscribe_types[t] && strcmp(subscribe_types[t], names[i]))
			t++;
		if (!subscribe_types[t])
			return hub_fault_set(fault, "subscription.type", "type", "--type is reading, event, transaction, result or "
					     "archive");
		s->types |= 1u << (t + HUB_RECORD_READING);
	}
	return st;
}

static hub_status take_ids(ctl *c, int *argc, char **argv, const char *name, arena *a, const int64_t **ret,
			   size_t *ret_count, hub_fault *fault)
{
	const char **codes;
	hub_status st = word_list(argc, argv, name, a, &codes, ret_count);
	int64_t *ids = st == HUB_OK ? arena_array(a, *ret_count, sizeof *ids) : NULL;
	if (!ids)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; st == HUB_OK && i < *ret_count; i++) {
		premise place;
		if (!strcmp(name, "point"))
			st = word_point(c->db, codes[i], a, &ids[i], fault);
		else if (!strcmp(name, "sender"))
			st = word_party(c->db, codes[i], a, &ids[i], fault);
		else if ((st = premise_by_code(c->db, codes[i], a, &place)) == HUB_OK)
			ids[i] = place.id;
	}
	*ret = ids;
	return st;
}

static hub_status take_quantities(int *argc, char **argv, arena *a, subscription *s, hub_fault *fault)
{
	const char **names;
	hub_status st = word_list(argc, argv, "quantity", a, &names, &s->quantity_count);
	uint16_t *numbers = st == HUB_OK ? arena_array(a, s->quantity_count, sizeof *numbers) : NULL;
	if (!numbers)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; st == HUB_OK && i < s->quantity_count; i++)
		st = word_quantity(names[i], &numbers[i], fault);
	s->quantities = numbers;
	return st;
}

/* Seconds, or with a unit as options take them. */
static hub_status take_span(int *argc, char **argv, const char *name, int64_t *ret, int *bad, hub_fault *fault)
{
	static const struct {
		const char *unit;
		int64_t length;
	} units[] = { { "ms", 1000 }, { "s", 1000000 }, { "min", 60000000 }, { "h", 3600000000 }, { "d", 86400000000 }, { "", 1000000 } };
	const char *word = ctl_take(argc, argv, name, 1, bad);
	char *end;
	if (!word)
		return HUB_OK;
	unsigned long long n = strtoull(word, &end, 10);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (end > word && !strcmp(end, units[i].unit) && n < 1000000000) {
			*ret = (int64_t)n * units[i].length;
			return HUB_OK;
		}
	return hub_fault_set(fault, "subscription.span", name, "--%s is a time such as 500ms, 10s, 5min, 12h or 3d", name);
}

static hub_status take_door(int *argc, char **argv, subscription *s, subscribe_door *d, int *bad, hub_fault *fault)
{
	const char *door = ctl_take(argc, argv, "door", 1, bad);
	d->target = ctl_take(argc, argv, "url", 1, bad);
	s->door = door ? door : d->target ? "webhook" : "pull";
	hub_status st = word_number(ctl_take(argc, argv, "count", 1, bad), 0, &d->count, fault);
	if (st == HUB_OK)
		st = word_number(ctl_take(argc, argv, "bytes", 1, bad), 0, &d->bytes, fault);
	if (st == HUB_OK)
		st = take_span(argc, argv, "wait", &d->wait, bad, fault);
	return st == HUB_OK ? take_span(argc, argv, "give-up", &d->give_up, bad, fault) : st;
}

static hub_status take_filters(ctl *c, int *argc, char **argv, arena *a, subscription *s, hub_fault *fault)
{
	const char **commodities = NULL, **kinds = NULL;
	hub_status st = take_types(argc, argv, a, s, fault);
	if (st == HUB_OK)
		st = word_list(argc, argv, "commodity", a, &commodities, &s->commodity_count);
	if (st == HUB_OK)
		st = word_list(argc, argv, "event", a, &kinds, &s->kind_count);
	if (st == HUB_OK)
		st = take_quantities(argc, argv, a, s, fault);
	if (st == HUB_OK)
		st = take_ids(c, argc, argv, "point", a, &s->points, &s->point_count, fault);
	if (st == HUB_OK)
		st = take_ids(c, argc, argv, "premise", a, &s->premises, &s->premise_count, fault);
	if (st == HUB_OK)
		st = take_ids(c, argc, argv, "sender", a, &s->senders, &s->sender_count, fault);
	s->commodities = commodities;
	s->kinds = kinds;
	return st;
}

static hub_status add(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	int64_t id = 0;
	subscription s = { .name = ctl_take(argc, argv, "name", 1, &bad) };
	subscribe_door door = { 0 };
	hub_status st = take_filters(c, argc, argv, a, &s, fault);
	if (st == HUB_OK)
		st = take_door(argc, argv, &s, &door, &bad, fault);
	if (st == HUB_OK && (bad || *argc != 2 || ctl_leftover("subscription add", *argc, argv)))
		st = hub_fault_set(fault, "subscription.arguments", "", "a party's code is needed; see hubctl help subscription add");
	if (st == HUB_OK)
		st = word_party(c->db, argv[1], a, &s.party, fault);
	if (st != HUB_OK)
		return st;
	s.name = s.name ? s.name : "";
	st = subscribe_add(c->db, &s, &door, &id, fault);
	if (st == HUB_OK)
		printf("subscription %lld of %s\n", (long long)id, argv[1]);
	return st;
}

int ctl_subscription_add(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = add(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("subscription add", st, &fault);
}

static hub_status show(ctl *c, const subscription *s, arena *a)
{
	buf b = { 0 };
	outbox_head h;
	hub_status st = outbox_get(c->db, s->party, s->id, a, &h);
	bool pushes = st == HUB_OK;
	if (st == HUB_OK || st == HUB_MISSING)
		st = subscribe_json(c->db, s, pushes ? &h : NULL, a, &b);
	if (st == HUB_OK)
		puts(buf_cstr(&b));
	buf_fini(&b);
	return st;
}

int ctl_subscription_list(ctl *c, int argc, char **argv)
{
	arena a;
	int64_t party_id = 0;
	size_t count;
	subscription *list;
	hub_fault fault = { 0 };
	if (ctl_leftover("subscription list", argc, argv) || argc > 2)
		return ctl_usage("subscription list");
	arena_init(&a, 0);
	hub_status st = argc == 2 ? word_party(c->db, argv[1], &a, &party_id, &fault) : HUB_OK;
	if (st == HUB_OK)
		st = subscription_list(c->db, party_id, clock_now(), &a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = show(c, &list[i], &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("subscription list", st, &fault);
}

int ctl_subscription_show(ctl *c, int argc, char **argv)
{
	arena a;
	subscription s;
	uint64_t id = 0;
	hub_fault fault = { 0 };
	if (ctl_leftover("subscription show", argc, argv) || argc != 2)
		return ctl_usage("subscription show");
	arena_init(&a, 0);
	hub_status st = word_number(argv[1], 0, &id, &fault);
	if (st == HUB_OK)
		st = subscription_get(c->db, 0, (int64_t)id, &a, &s);
	if (st == HUB_OK)
		st = show(c, &s, &a);
	else if (st == HUB_MISSING)
		hub_fault_set(&fault, "subscription.unknown", "id", "there is no subscription %llu", (unsigned long long)id);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("subscription show", st, &fault);
}

#include "store/subscription.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"
#include "model/quantity.h"
#include "store/premise.h"

static const char *const types[] = { [HUB_RECORD_READING] = "reading", [HUB_RECORD_EVENT] = "event",
				     [HUB_RECORD_TRANSACTION] = "transaction", [HUB_RECORD_RESULT] = "result",
				     [HUB_RECORD_ARCHIVE] = "archive" };
enum { TYPES = sizeof types / sizeof types[0] };

static hub_status take_types(int *argc, char **argv, arena *a, subscription *s, hub_fault *fault)
{
	const char **names;
	size_t count;
	hub_status st = word_list(argc, argv, "type", a, &names, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		size_t t = HUB_RECORD_READING;
		while (t < TYPES && strcmp(types[t], names[i]))
			t++;
		if (t == TYPES)
			return hub_fault_set(fault, "subscription.type", "type", "--type is reading, event, transaction, result or "
					     "archive");
		s->types |= 1u << t;
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

static hub_status add(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	int64_t id = 0;
	const char **commodities = NULL;
	subscription s = { .name = ctl_take(argc, argv, "name", 1, &bad) };
	hub_status st = take_types(argc, argv, a, &s, fault);
	if (st == HUB_OK)
		st = word_list(argc, argv, "commodity", a, &commodities, &s.commodity_count);
	if (st == HUB_OK)
		st = take_quantities(argc, argv, a, &s, fault);
	if (st == HUB_OK)
		st = take_ids(c, argc, argv, "point", a, &s.points, &s.point_count, fault);
	if (st == HUB_OK)
		st = take_ids(c, argc, argv, "premise", a, &s.premises, &s.premise_count, fault);
	if (st == HUB_OK && (bad || *argc != 2 || ctl_leftover("subscription add", *argc, argv)))
		st = hub_fault_set(fault, "subscription.arguments", "", "a party's code is needed; see hubctl help subscription add");
	if (st == HUB_OK)
		st = word_party(c->db, argv[1], a, &s.party, fault);
	if (st != HUB_OK)
		return st;
	s.name = s.name ? s.name : "";
	s.commodities = commodities;
	st = subscription_add(c->db, &s, &id, fault);
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

static void show(const subscription *s)
{
	buf b = { 0 };
	const char *comma = "";
	buf_printf(&b, "{\"id\":%lld,\"party\":%lld,\"name\":", (long long)s->id, (long long)s->party);
	json_write_text(&b, s->name);
	buf_text(&b, ",\"types\":[");
	for (size_t t = HUB_RECORD_READING; t < TYPES; t++)
		if (s->types & 1u << t) {
			buf_printf(&b, "%s\"%s\"", comma, types[t]);
			comma = ",";
		}
	buf_text(&b, "],\"commodities\":[");
	for (size_t i = 0; i < s->commodity_count; i++)
		buf_printf(&b, "%s\"%s\"", i ? "," : "", s->commodities[i]);
	buf_text(&b, "],\"quantities\":[");
	for (size_t i = 0; i < s->quantity_count; i++) {
		const quantity *q = quantity_by_number(s->quantities[i]);
		buf_printf(&b, "%s\"%s\"", i ? "," : "", q ? q->name : "?");
	}
	buf_printf(&b, "],\"points\":%zu,\"premises\":%zu}", s->point_count, s->premise_count);
	puts(buf_cstr(&b));
	buf_fini(&b);
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
		show(&list[i]);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("subscription list", st, &fault);
}

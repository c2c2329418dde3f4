#include "ctl/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/policy_load.h"
#include "ctl/words.h"
#include "store/delivery.h"
#include "store/outbox.h"

/* Batches that one delivery may have bundled. */
enum { BUNDLED = 200 };

static const char *text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	return s ? s : "";
}

static long long number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void print_readings(const json_t *list, long long stored)
{
	const json_t *r, *item;
	size_t i, k;
	json_array_foreach(list, i, r) {
		printf("  reading  %s %s %s %s at %s, point %s", text(r, "meter"), text(r, "quantity"), text(r, "value"), text(r, "unit"),
		       text(r, "time"), text(r, "point"));
		json_array_foreach(json_object_get(r, "flags"), k, item)
			printf("%s%s", k ? "," : "; flags ", json_string_value(item));
		json_array_foreach(json_object_get(r, "reasons"), k, item)
			printf("; %s", json_string_value(item));
		putchar('\n');
	}
	if (stored > (long long)json_array_size(list))
		printf("  reading  … and %lld more\n", stored - (long long)json_array_size(list));
}

static void print_decisions(const json_t *list)
{
	const json_t *d;
	size_t i;
	json_array_foreach(list, i, d) {
		printf("    %-6s %lld row%s: %s", text(d, "decision"), number(d, "rows"), number(d, "rows") == 1 ? "" : "s",
		       text(d, "policy")[0] ? text(d, "policy") : "no policy permits it");
		if (number(d, "consent"))
			printf(", by consent %lld", number(d, "consent"));
		putchar('\n');
	}
}

static void print_told(const json_t *list)
{
	const json_t *d;
	size_t i;
	json_array_foreach(list, i, d) {
		printf("  %-8s %s by %s, position %lld at %s", text(d, "state"), text(d, "party"), text(d, "door"), number(d, "position"),
		       text(d, "at"));
		if (text(d, "done")[0])
			printf(", done %s", text(d, "done"));
		if (text(d, "code")[0])
			printf(": %s (%s)", text(d, "message"), text(d, "code"));
		putchar('\n');
		print_decisions(json_object_get(d, "decisions"));
	}
}

static void print_made(const json_t *t)
{
	const json_t *o, *paid;
	size_t i, k;
	json_array_foreach(json_object_get(t, "sessions"), i, o)
		printf("  session  %lld at %s, transaction %s: %s, %lld Wh, %lld of the smallest unit\n", number(o, "session"), text(o, "station"),
		       text(o, "transaction"), text(o, "state"), number(o, "energy_wh"), number(o, "amount"));
	json_array_foreach(json_object_get(t, "bills"), i, o) {
		const json_t *entry = json_object_get(o, "entry");
		printf("  bill     %s of %s, part %lld of %s: %s %s, %lld, %s\n", text(o, "bill"), text(o, "account"), number(o, "part"),
		       text(o, "party"), text(o, "quantity"), text(o, "unit"), number(o, "amount"), text(o, "state"));
		if (entry)
			printf("    ledger %s, line %lld at %s\n", text(entry, "key"), number(entry, "line"), text(entry, "time"));
		json_array_foreach(json_object_get(o, "payments"), k, paid)
			printf("    %-6s %lld by order %s at %s\n", text(paid, "state"), number(paid, "amount"), text(paid, "order"), text(paid, "at"));
	}
	json_array_foreach(json_object_get(t, "sums"), i, o)
		if (text(o, "sum")[0])
			printf("  sum      %s %s, day from %s: %s %s of %lld customers\n", text(o, "area"), text(o, "commodity"), text(o, "day"),
			       text(o, "sum"), text(o, "unit"), number(o, "customers"));
		else
			printf("  sum      %s %s, day from %s: withheld, %s\n", text(o, "area"), text(o, "commodity"), text(o, "day"),
			       text(o, "verdict"));
}

static void print(const json_t *t)
{
	const json_t *q;
	size_t i;
	printf("receipt %lld, trace %s\n  source   %s of %s, epoch %lld, records %lld to %lld\n  received %s, committed %s\n"
	       "  stored   %lld, known already %lld, refused %lld\n  digest   %s\n", number(t, "receipt"), text(t, "trace"),
	       text(t, "source"), text(t, "party"), number(t, "epoch"), number(t, "first"), number(t, "first") + number(t, "count") - 1,
	       text(t, "received"), text(t, "committed"), number(t, "stored"), number(t, "duplicates"), number(t, "quarantined"),
	       text(t, "digest"));
	print_readings(json_object_get(t, "readings"), number(t, "stored"));
	json_array_foreach(json_object_get(t, "refused"), i, q)
		printf("  refused  record %lld, entry %lld %s: %s (%s); frame %s\n", number(q, "record"), number(q, "entry"),
		       text(q, "state"), text(q, "message"), text(q, "code"), text(q, "frame"));
	if (text(t, "policies")[0])
		printf("  policies version %s, as they decide now\n", text(t, "policies"));
	print_told(json_object_get(t, "told"));
	print_told(json_object_get(t, "deliveries"));
	print_made(t);
}

/* What a delivery sent: the batches between its positions. */
static hub_status find_delivery(ctl *c, uint64_t id, arena *a, receipt **ret, size_t *ret_count)
{
	delivery d;
	outbox_entry *entries;
	size_t count = 0;
	hub_status st = delivery_get(c->db, 0, id, a, &d);
	if (st == HUB_OK)
		st = outbox_take(c->db, d.party, d.subscription, d.first ? d.first - 1 : 0, BUNDLED, a, &entries, &count);
	receipt *list = st == HUB_OK ? arena_array(a, count, sizeof *list) : NULL;
	*ret = list;
	*ret_count = 0;
	if (st == HUB_OK && !list)
		st = HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count && entries[i].position <= d.last; i++) {
		st = receipt_by_id(c->db, entries[i].receipt, a, &list[*ret_count]);
		*ret_count += st == HUB_OK;
		if (st == HUB_MISSING)
			st = HUB_OK;
	}
	return st;
}

static hub_status find(ctl *c, const char *word, arena *a, receipt **ret, size_t *ret_count, hub_fault *fault)
{
	static const char prefix[] = "delivery:";
	bool delivered = !strncmp(word, prefix, sizeof prefix - 1);
	const char *digits = delivered ? word + sizeof prefix - 1 : word;
	trace_id trace;
	uint64_t id = 0;
	hub_status st;
	*ret_count = 1;
	if (strlen(word) == TRACE_TEXT - 1 && !trace_parse(word, &trace))
		st = receipt_by_trace(c->db, &trace, a, ret, ret_count);
	else if (!(*ret = arena_alloc(a, sizeof **ret)))
		st = HUB_NOMEM;
	else if ((st = word_number(digits, 0, &id, fault)) == HUB_OK && !delivered)
		st = receipt_by_id(c->db, id, a, *ret);
	if (st == HUB_OK ? delivered : st == HUB_MISSING && id)
		st = find_delivery(c, id, a, ret, ret_count);
	if (st == HUB_MISSING || (st == HUB_OK && *ret_count == 0)) {
		hub_fault_set(fault, "trace.unknown", "id", "no receipt, trace or delivery is '%.40s'", word);
		st = HUB_MISSING;
	}
	return st;
}

static hub_status show(ctl *c, const receipt *list, size_t count, bool json, arena *a)
{
	inforce *rules = NULL;
	hub_fault fault;
	hub_status st = HUB_OK;
	/* Without its policies the hub's trace is still told, without decisions. */
	const ruleset *now = policy_current(c, &rules, &fault) == HUB_OK ? inforce_take(rules) : NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		json_t *t = NULL;
		st = trace_gather(c, &list[i], now, a, &t);
		char *line = st == HUB_OK && json ? json_dumps(t, JSON_COMPACT) : NULL;
		if (line)
			puts(line);
		else if (st == HUB_OK)
			print(t);
		free(line);
		json_decref(t);
	}
	if (rules)
		inforce_give(rules, now);
	inforce_free(rules);
	return st;
}

int ctl_trace(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	receipt *list = NULL;
	size_t count = 0;
	hub_fault fault = { 0 };
	bool json = ctl_take(&argc, argv, "json", 0, &bad) != NULL;
	if (bad || ctl_leftover("trace", argc, argv) || argc != 2)
		return ctl_usage("trace");
	arena_init(&a, 0);
	hub_status st = find(c, argv[1], &a, &list, &count, &fault);
	if (st == HUB_OK)
		st = show(c, list, count, json, &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("trace", st, &fault);
}

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/words.h"
#include "store/delivery.h"
#include "store/position.h"
#include "store/quarantine.h"
#include "store/receipt.h"

enum { REFUSED = 1000 };

static hub_status show_refused(ctl *c, const receipt *r, arena *a)
{
	static const char *const states[] = { "open", "replayed", "dropped" };
	quarantine *list;
	size_t count;
	quarantine_filter filter = { .receipt = r->id, .all = true };
	hub_status st = quarantine_list(c->db, &filter, 0, REFUSED, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		printf("  refused  record %llu, entry %llu %s: %s (%s)\n", (unsigned long long)list[i].sequence,
		       (unsigned long long)list[i].id, states[list[i].state], list[i].message, list[i].code);
	return st;
}

static hub_status show_told(ctl *c, const receipt *r, arena *a)
{
	position_told *list;
	size_t count;
	char at[CLOCK_TEXT];
	hub_status st = position_of_receipt(c->db, r->id, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		printf("  told     %s, position %llu at %s%s\n", list[i].party, (unsigned long long)list[i].position,
		       clock_text(list[i].at, at), list[i].acknowledged ? ", dequeued" : "");
	return st;
}

/* Through the doors that push. */
static hub_status show_delivered(ctl *c, const receipt *r, arena *a)
{
	delivery_of *list;
	size_t count;
	char at[CLOCK_TEXT], done[CLOCK_TEXT];
	hub_status st = delivery_of_receipt(c->db, r->id, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const delivery_of *d = &list[i];
		printf("  %-8s %s by %s, subscription %lld, position %llu at %s", d->state, d->party, d->door,
		       (long long)d->subscription, (unsigned long long)d->position, clock_text(d->at, at));
		if (d->done)
			printf(", done %s", clock_text(d->done, done));
		if (d->code[0])
			printf(": %s (%s)", d->message, d->code);
		putchar('\n');
	}
	return st;
}

static hub_status show(ctl *c, const receipt *r, arena *a)
{
	char trace[TRACE_TEXT], received[CLOCK_TEXT], committed[CLOCK_TEXT];
	printf("receipt %llu, trace %s\n  source   %s, epoch %llu, records %llu to %llu\n  received %s, committed %s\n"
	       "  stored   %u, known already %u, refused %u\n  digest   ", (unsigned long long)r->id, trace_text(&r->trace, trace),
	       r->source, (unsigned long long)r->epoch, (unsigned long long)r->first,
	       (unsigned long long)(r->first + r->count - 1), clock_text(r->received, received),
	       clock_text(r->committed, committed), r->stored, r->duplicates, r->quarantined);
	for (size_t i = 0; i < sizeof r->digest; i++)
		printf("%02x", r->digest[i]);
	putchar('\n');
	hub_status st = show_refused(c, r, a);
	if (st == HUB_OK)
		st = show_told(c, r, a);
	return st == HUB_OK ? show_delivered(c, r, a) : st;
}

static hub_status find(ctl *c, const char *word, arena *a, receipt **ret, size_t *ret_count, hub_fault *fault)
{
	trace_id trace;
	uint64_t id = 0;
	hub_status st;
	*ret_count = 1;
	if (strlen(word) == TRACE_TEXT - 1 && !trace_parse(word, &trace))
		st = receipt_by_trace(c->db, &trace, a, ret, ret_count);
	else if (!(*ret = arena_alloc(a, sizeof **ret)))
		st = HUB_NOMEM;
	else if ((st = word_number(word, 0, &id, fault)) == HUB_OK)
		st = receipt_by_id(c->db, id, a, *ret);
	if (st == HUB_MISSING || (st == HUB_OK && *ret_count == 0)) {
		hub_fault_set(fault, "trace.unknown", "id", "no receipt has the number or trace '%.40s'", word);
		st = HUB_MISSING;
	}
	return st;
}

int ctl_trace(ctl *c, int argc, char **argv)
{
	arena a;
	receipt *list = NULL;
	size_t count = 0;
	hub_fault fault = { 0 };
	if (ctl_leftover("trace", argc, argv) || argc != 2)
		return ctl_usage("trace");
	arena_init(&a, 0);
	hub_status st = find(c, argv[1], &a, &list, &count, &fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = show(c, &list[i], &a);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("trace", st, &fault);
}

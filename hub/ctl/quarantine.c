#include "store/quarantine.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/replay.h"
#include "ctl/words.h"
#include "model/record.h"

static const char *const states[] = { "open", "replayed", "dropped" };

static void show_line(const quarantine *q, bool as_json)
{
	char made[CLOCK_TEXT];
	buf b = { 0 };
	if (as_json) {
		buf_printf(&b, "{\"id\":%llu,\"receipt\":%llu,\"sequence\":%llu,\"state\":\"%s\",\"replay\":%llu,\"made\":\"%s\","
			   "\"source\":", (unsigned long long)q->id, (unsigned long long)q->receipt,
			   (unsigned long long)q->sequence, states[q->state], (unsigned long long)q->replay,
			   clock_text(q->made, made));
		json_write_text(&b, q->source);
		buf_printf(&b, ",\"code\":\"%s\",\"field\":", q->code);
		json_write_text(&b, q->field);
		buf_text(&b, ",\"message\":");
		json_write_text(&b, q->message);
		buf_u8(&b, '}');
	} else {
		buf_printf(&b, "%-8llu %s %-16s %-9s %s: %s", (unsigned long long)q->id, clock_text(q->made, made), q->source,
			   states[q->state], q->code, q->message);
	}
	puts(buf_cstr(&b));
	buf_fini(&b);
}

static hub_status take_filter(ctl *c, int *argc, char **argv, arena *a, quarantine_filter *ret, hub_fault *fault)
{
	int bad = 0;
	const char *party_code = ctl_take(argc, argv, "party", 1, &bad), *receipt = ctl_take(argc, argv, "receipt", 1, &bad);
	ret->source = ctl_take(argc, argv, "source", 1, &bad);
	ret->code = ctl_take(argc, argv, "code", 1, &bad);
	hub_status st = word_number(receipt, 0, &ret->receipt, fault);
	if (st == HUB_OK && party_code)
		st = word_party(c->db, party_code, a, &ret->party, fault);
	return bad ? HUB_REJECT : st;
}

int ctl_quarantine_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	size_t count = 0;
	uint64_t after = 0;
	quarantine *list;
	quarantine_filter filter = { 0 };
	hub_fault fault = { 0 };
	bool as_json = ctl_take(&argc, argv, "json", 0, &bad);
	filter.all = ctl_take(&argc, argv, "all", 0, &bad);
	arena_init(&a, 0);
	hub_status st = take_filter(c, &argc, argv, &a, &filter, &fault);
	if (ctl_leftover("quarantine list", argc, argv) || argc != 1) {
		arena_fini(&a);
		return ctl_usage("quarantine list");
	}
	while (st == HUB_OK && (st = quarantine_list(c->db, &filter, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			show_line(&list[i], as_json);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("quarantine list", st, &fault);
}

/* As text if it is text, in hex beside it. */
static void show_raw(const uint8_t *raw, size_t len)
{
	for (size_t at = 0; at < len; at += 16) {
		printf("  %06zx ", at);
		for (size_t i = 0; i < 16; i++)
			if (at + i < len)
				printf(" %02x", raw[at + i]);
			else
				printf("   ");
		printf("  ");
		for (size_t i = 0; i < 16 && at + i < len; i++)
			putchar(isprint(raw[at + i]) ? raw[at + i] : '.');
		putchar('\n');
	}
}

static void show_record(const quarantine *q, arena *a)
{
	record r;
	buf b = { 0 };
	char received[CLOCK_TEXT];
	if (record_unpack(q->record, q->record_len, a, &r) != HUB_OK)
		return;
	printf("received  %s from %s\n", clock_text(r.received, received), r.peer);
	if (r.body.type == HUB_RECORD_READING) {
		reading_json(&b, &r.body.reading);
		printf("reading   %s\n", buf_cstr(&b));
	}
	buf_fini(&b);
}

int ctl_quarantine_show(ctl *c, int argc, char **argv)
{
	arena a;
	uint64_t id = 0;
	quarantine q;
	hub_fault fault = { 0 };
	char made[CLOCK_TEXT];
	if (ctl_leftover("quarantine show", argc, argv) || argc != 2)
		return ctl_usage("quarantine show");
	arena_init(&a, 0);
	hub_status st = word_number(argv[1], 0, &id, &fault);
	if (st == HUB_OK)
		st = quarantine_get(c->db, id, false, &a, &q);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "quarantine.unknown", "id", "there is no entry %s; hubctl quarantine list shows them", argv[1]);
	if (st == HUB_OK) {
		printf("entry     %llu, %s%s", (unsigned long long)q.id, states[q.state], q.replay ? "" : "\n");
		if (q.replay)
			printf(" under receipt %llu\n", (unsigned long long)q.replay);
		printf("made      %s\nsource    %s, record %llu, receipt %llu\ncode      %s\nfield     %s\nmessage   %s\n",
		       clock_text(q.made, made), q.source, (unsigned long long)q.sequence, (unsigned long long)q.receipt,
		       q.code, q.field, q.message);
		show_record(&q, &a);
		printf("original  %zu bytes\n", q.raw_len);
		show_raw(q.raw, q.raw_len);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("quarantine show", st, &fault);
}

int ctl_quarantine_drop(ctl *c, int argc, char **argv)
{
	uint64_t id = 0;
	hub_fault fault = { 0 };
	if (ctl_leftover("quarantine drop", argc, argv) || argc != 2)
		return ctl_usage("quarantine drop");
	hub_status st = word_number(argv[1], 0, &id, &fault);
	if (st == HUB_OK)
		st = quarantine_close(c->db, id, QUARANTINE_DROPPED, 0);
	if (st == HUB_CONFLICT || st == HUB_MISSING)
		hub_fault_set(&fault, "quarantine.closed", "id", "entry %s is not open", argv[1]);
	return st == HUB_OK ? CTL_OK : ctl_fail("quarantine drop", st, &fault);
}

typedef struct tally {
	size_t stored, refused, failed;
} tally;

static void replay_one(replayer *r, uint64_t id, tally *t)
{
	batch_answer answer;
	hub_fault fault = { 0 };
	hub_status st = replayer_run(r, id, &answer, &fault);
	if (st == HUB_OK) {
		t->stored++;
		printf("%llu: stored %u, %u known already, receipt %llu\n", (unsigned long long)id, answer.stored,
		       answer.duplicates, (unsigned long long)answer.receipt);
		return;
	}
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "quarantine.unknown", "id", "there is no such entry");
	if (st == HUB_CONFLICT)
		hub_fault_set(&fault, "quarantine.closed", "id", "the entry is not open");
	t->refused += st == HUB_REJECT;
	t->failed += st != HUB_REJECT;
	printf("%llu: refused: %s (%s)\n", (unsigned long long)id, fault.message[0] ? fault.message : hub_status_name(st),
	       fault.code ? fault.code : hub_status_name(st));
}

static hub_status replay_all(ctl *c, replayer *r, const quarantine_filter *filter, tally *t)
{
	arena a;
	uint64_t after = 0;
	quarantine *list;
	size_t count = 0;
	hub_status st;
	arena_init(&a, 0);
	while ((st = quarantine_list(c->db, filter, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			replay_one(r, list[i].id, t);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st;
}

int ctl_quarantine_replay(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	tally t = { 0 };
	replayer *r = NULL;
	quarantine_filter filter = { 0 };
	hub_fault fault = { 0 };
	bool all = ctl_take(&argc, argv, "all", 0, &bad);
	arena_init(&a, 0);
	hub_status st = take_filter(c, &argc, argv, &a, &filter, &fault);
	if (ctl_leftover("quarantine replay", argc, argv) || (argc < 2) != all) {
		arena_fini(&a);
		return ctl_usage("quarantine replay");
	}
	if (st == HUB_OK)
		st = replayer_new(c, &r, &fault);
	if (st == HUB_OK && all)
		st = replay_all(c, r, &filter, &t);
	for (int i = 1; st == HUB_OK && i < argc; i++) {
		uint64_t id = 0;
		st = word_number(argv[i], 0, &id, &fault);
		if (st == HUB_OK)
			replay_one(r, id, &t);
	}
	replayer_free(r);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("quarantine replay", st, &fault);
	printf("%zu replayed, %zu refused again\n", t.stored, t.refused + t.failed);
	return t.failed ? CTL_FAILED : t.refused ? CTL_USAGE : CTL_OK;
}

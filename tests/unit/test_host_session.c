/* The host's half of the ABI, against an adapter of one-byte-length frames that says what it is told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "host/decode.h"
#include "host/module.h"
#include "host/session.h"
#include "host/table.h"

/*
 * A frame is a length and so many bytes; each is a reading of its length. Length 0 hangs up, 255
 * fails, 7 wakes in 10 µs.
 */
typedef struct toy {
	const hub_host_api *api;
	hub_host *host;
	hub_link *link;
	size_t stored;
} toy;

static hub_status toy_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret_self,
			   hub_fault *fault)
{
	if (strcmp(settings[0].value, "bad") == 0)
		return hub_fault_set(fault, "toy.option", "level", "level is not bad");
	toy *t = calloc(1, sizeof *t);
	t->api = api;
	t->host = host;
	*ret_self = t;
	return HUB_OK;
}

static hub_status toy_session_open(void *self, const hub_peer *peer, hub_link *link, void **ret_session)
{
	(void)peer;
	toy *t = self;
	t->link = link;
	*ret_session = t;
	return HUB_OK;
}

static hub_status toy_timer(void *self, hub_time now)
{
	toy *t = self;
	t->api->wake_at(t->link, now + 10);
	return HUB_OK;
}

static hub_status toy_input(void *self, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	toy *t = self;
	size_t at = 0;
	hub_status st = HUB_OK;
	while (at < len && st == HUB_OK) {
		size_t n = bytes[at];
		if (n == 0)
			t->api->hang_up(t->link, "zero");
		if (n == 255)
			return HUB_FAILED;
		if (n == 7)
			toy_timer(t, t->api->now(t->host));
		if (len - at < n + 1)
			break;
		hub_record r = { .type = HUB_RECORD_READING, .raw = bytes + at, .raw_len = n + 1 };
		r.reading = (hub_reading){ "M1", "", n == 9 ? "" : "voltage", "V", HUB_INSTANT, 0, { (int64_t)n, 0 }, 0, 0 };
		st = t->api->emit(t->link, &r);
		st = st == HUB_REJECT ? HUB_OK : st;
		at += st == HUB_OK ? n + 1 : 0;
	}
	(void)end;
	*ret_used = at;
	return st;
}

static hub_status toy_command(void *self, const hub_command *command)
{
	toy *t = self;
	const char *value;
	return t->api->lookup(t->host, "meters", command->meter, &value);
}

static void toy_stored(void *self, uint64_t mark)
{
	((toy *)self)->stored += mark;
}

static void toy_session_close(void *self)
{
	(void)self;
}

static const hub_option toy_options[] = { { "level", "1", "how much" }, { NULL, NULL, NULL } };
static const hub_adapter toy_adapter = {
	.abi = HUB_ADAPTER_ABI, .name = "toy", .version = "1", .summary = "", .options = toy_options,
	.transports = HUB_TCP_CLIENT, .frame_max = 64, .open = toy_open, .close = free,
	.session_open = toy_session_open, .input = toy_input, .timer = toy_timer, .command = toy_command,
	.stored = toy_stored, .session_close = toy_session_close,
};

typedef struct heard {
	size_t readings, refusals, hang_ups;
	int64_t last;
	uint32_t flags;
	hub_time time, now;
	char code[32], log[64];
	size_t room; /* records taken before HUB_AGAIN */
} heard;

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	heard *h = context;
	assert_string_equal(session_peer(link)->address, "192.0.2.9:1");
	if (!h->room)
		return HUB_AGAIN;
	h->room--;
	if (r->body.type == HUB_RECORD_FAULT) {
		h->refusals++;
		snprintf(h->code, sizeof h->code, "%s", r->fault.code);
		return HUB_OK;
	}
	h->readings++;
	h->last = r->body.reading.value.digits;
	h->flags = r->body.reading.flags;
	h->time = r->body.reading.time;
	return HUB_OK;
}

static void on_hang_up(void *context, hub_link *link, const char *reason)
{
	(void)link;
	(void)reason;
	((heard *)context)->hang_ups++;
}

static void on_log(void *context, int level, const char *text)
{
	(void)level;
	snprintf(((heard *)context)->log, 64, "%.63s", text);
}

static hub_time now(void *context)
{
	return ((heard *)context)->now;
}

static const host_calls calls = { .on_record = on_record, .on_hang_up = on_hang_up, .on_log = on_log, .now = now,
				  .stamp = true };

typedef struct bench {
	heard heard;
	hub_host *host;
	hub_link *link;
} bench;

static void bench_open(bench *b)
{
	static const hub_peer peer = { HUB_TCP_CLIENT, "192.0.2.9:1", "" };
	hub_fault fault;
	*b = (bench){ .heard = { .now = 1000, .room = SIZE_MAX } };
	assert_int_equal(instance_open(&toy_adapter, &calls, &b->heard, NULL, 0, &b->host, &fault), HUB_OK);
	assert_int_equal(session_open(b->host, &peer, b, &b->link), HUB_OK);
	assert_ptr_equal(session_tag(b->link), b);
}

static hub_status give(bench *b, const char *bytes, size_t len, bool end)
{
	return session_input(b->link, (const uint8_t *)bytes, len, end);
}

static void frames_are_whole_however_they_come(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	assert_int_equal(give(&b, "\3a", 2, false), HUB_OK);
	assert_int_equal(b.heard.readings, 0);
	assert_int_equal(give(&b, "bc\1x\2y", 6, false), HUB_OK);
	assert_int_equal(b.heard.readings, 2);
	assert_int_equal(give(&b, "z", 1, true), HUB_OK);
	assert_int_equal(b.heard.last, 2);
	instance_close(b.host);
}

static void a_reading_without_time_gets_the_receptions(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	give(&b, "\1x", 2, false);
	assert_int_equal(b.heard.time, 1000);
	assert_int_equal(b.heard.flags, HUB_HOST_TIME);
	instance_close(b.host);
}

static void frames_that_come_together_get_times_of_their_own(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	give(&b, "\1x\1y\1z", 6, false);
	assert_int_equal(b.heard.readings, 3);
	assert_int_equal(b.heard.time, 1002);
	b.heard.now = 1001; /* nor does the next read fall back onto them */
	give(&b, "\1x", 2, false);
	assert_int_equal(b.heard.time, 1003);
	b.heard.now = 5000000;
	give(&b, "\1x", 2, false);
	assert_int_equal(b.heard.time, 5000000);
	b.heard.now = 2000000; /* a clock that was set back is followed */
	give(&b, "\1x", 2, false);
	assert_int_equal(b.heard.time, 2000000);
	instance_close(b.host);
}

static void without_room_nothing_is_lost(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	b.heard.room = 1;
	assert_int_equal(give(&b, "\1x\2yz\1q", 7, true), HUB_AGAIN);
	assert_int_equal(session_resume(b.link), HUB_AGAIN);
	assert_int_equal(b.heard.readings, 1);
	b.heard.room = 5;
	assert_int_equal(session_resume(b.link), HUB_OK);
	assert_int_equal(b.heard.readings, 3);
	instance_close(b.host);
}

static void a_run_that_is_no_frame_is_refused(void **state)
{
	(void)state;
	bench b;
	char run[130] = { 100 };
	bench_open(&b);
	assert_int_equal(give(&b, run, 63, false), HUB_OK);
	assert_int_equal(b.heard.refusals, 0);
	assert_int_equal(give(&b, "x\1y", 3, false), HUB_OK);
	assert_string_equal(b.heard.code, "frame.too_long");
	assert_int_equal(b.heard.readings, 1);
	instance_close(b.host);
}

static void what_an_adapter_leaves_at_the_end_is_its_defect(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	assert_int_equal(give(&b, "\5ab", 3, true), HUB_OK);
	assert_string_equal(b.heard.code, "frame.unconsumed");
	assert_int_equal(give(&b, "\1x", 2, true), HUB_OK);
	assert_int_equal(b.heard.readings, 1);
	instance_close(b.host);
}

static void a_record_against_the_rules_is_told_the_adapter(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	assert_int_equal(give(&b, "\t123456789\1x", 12, false), HUB_OK);
	assert_int_equal(b.heard.readings, 1);
	assert_true(*b.heard.log);
	instance_close(b.host);
}

static void a_session_ends_once(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	assert_int_equal(give(&b, "\0", 1, false), HUB_FAILED);
	assert_int_equal(give(&b, "\1x", 2, false), HUB_FAILED);
	assert_int_equal(b.heard.hang_ups, 1);
	session_close(b.link);
	instance_close(b.host);
	bench_open(&b);
	assert_int_equal(give(&b, "\377", 1, false), HUB_FAILED);
	assert_int_equal(b.heard.hang_ups, 1);
	instance_close(b.host);
}

static void timers_come_when_they_are_due(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	assert_int_equal(instance_wake(b.host), 0);
	give(&b, "\7wake me", 8, false);
	assert_int_equal(instance_wake(b.host), 1010);
	instance_timers(b.host);
	assert_int_equal(instance_wake(b.host), 1010);
	b.heard.now = 1010;
	instance_timers(b.host);
	assert_int_equal(instance_wake(b.host), 1020);
	session_stored(b.link, 5);
	instance_close(b.host);
}

static void commands_go_to_who_knows_the_meter(void **state)
{
	(void)state;
	bench b;
	bench_open(&b);
	hub_command c = { .id = "1", .kind = "read", .meter = "M1", .channel = "" };
	assert_int_equal(instance_command(b.host, &c), HUB_MISSING);
	assert_int_equal(instance_table_put(b.host, "meters", "M1", "{}"), HUB_OK);
	assert_int_equal(instance_command(b.host, &c), HUB_OK);
	assert_int_equal(instance_table_put(b.host, "meters", "M1", NULL), HUB_OK);
	assert_int_equal(instance_command(b.host, &c), HUB_MISSING);
	instance_close(b.host);
}

static void options_are_the_tables(void **state)
{
	(void)state;
	heard h = { 0 };
	hub_host *host;
	hub_fault fault;
	const hub_setting bad = { "level", "bad" }, unknown = { "colour", "red" };
	assert_int_equal(instance_open(&toy_adapter, &calls, &h, &bad, 1, &host, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "toy.option");
	assert_int_equal(instance_open(&toy_adapter, &calls, &h, &unknown, 1, &host, &fault), HUB_REJECT);
}

static void tables_are_in_order(void **state)
{
	(void)state;
	tables t = { 0 };
	char key[16];
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "%03d", i * 7 % 1000);
		assert_int_equal(tables_put(&t, "meters", key, "v"), HUB_OK);
	}
	assert_int_equal(tables_put(&t, "tags", "000", "w"), HUB_OK);
	assert_int_equal(tables_put(&t, "meters", "500", "again"), HUB_OK);
	assert_int_equal(t.count, 1001);
	int n = 0;
	for (const table_row *r = tables_next(&t, "meters", ""); r; r = tables_next(&t, "meters", r->key))
		assert_int_equal(atoi(r->key), n++);
	assert_int_equal(n, 1000);
	assert_string_equal(tables_find(&t, "meters", "500")->value, "again");
	assert_null(tables_find(&t, "none", "500"));
	tables_fini(&t);
}

static void hex_is_read_tolerantly(void **state)
{
	(void)state;
	buf b = { 0 };
	hub_fault fault;
	const char *text = " 68 0x1A-ff:0b\t";
	assert_int_equal(decode_hex(text, strlen(text), &b, &fault), HUB_OK);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.bytes, "\x68\x1a\xff\x0b", 4);
	assert_int_equal(decode_hex("6g", 2, &b, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "hex.digit");
	assert_int_equal(decode_hex("681", 3, &b, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "hex.odd");
	buf_fini(&b);
}

static void a_module_is_found_by_a_plain_name(void **state)
{
	(void)state;
	module *m;
	hub_fault fault;
	assert_int_equal(module_load("../dlt645", NULL, &m, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "adapter.name");
	assert_int_equal(module_load("no_such_adapter", NULL, &m, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "adapter.unknown");
	assert_int_equal(module_load("dlt645", HOST_TEST_MODULES, &m, &fault), HUB_OK);
	assert_string_equal(module_adapter(m)->name, "dlt645");
	module_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_whole_however_they_come),
		cmocka_unit_test(a_reading_without_time_gets_the_receptions),
		cmocka_unit_test(frames_that_come_together_get_times_of_their_own),
		cmocka_unit_test(without_room_nothing_is_lost),
		cmocka_unit_test(a_run_that_is_no_frame_is_refused),
		cmocka_unit_test(what_an_adapter_leaves_at_the_end_is_its_defect),
		cmocka_unit_test(a_record_against_the_rules_is_told_the_adapter),
		cmocka_unit_test(a_session_ends_once),
		cmocka_unit_test(timers_come_when_they_are_due),
		cmocka_unit_test(commands_go_to_who_knows_the_meter),
		cmocka_unit_test(options_are_the_tables),
		cmocka_unit_test(tables_are_in_order),
		cmocka_unit_test(hex_is_read_tolerantly),
		cmocka_unit_test(a_module_is_found_by_a_plain_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

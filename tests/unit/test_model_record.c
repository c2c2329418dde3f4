#include "model/record.h"

#include "base/clock.h"
#include "base/fail.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const hub_setting details[] = { { "reason", "EV 断开" }, { "note", "" } };

static record reading_of(void)
{
	return (record) {
		.body = { .type = HUB_RECORD_READING,
			  .reading = { "000012345678",
				       "1",
				       "active_energy_import",
				       "kWh",
				       HUB_INTERVAL,
				       HUB_ESTIMATED | HUB_REVERSED,
				       { -1250, 2 },
				       1000000,
				       2000000 },
			  .raw = (const uint8_t *)"\x68\x00\x16",
			  .raw_len = 3 },
		.peer = "192.0.2.7:502",
		.received = 1700000000000000,
	};
}

static size_t samples(record out[6])
{
	out[0] = reading_of();
	out[1] =
	    (record) { .body = { .type = HUB_RECORD_EVENT, .event = { "m", "", "power_lost", -5, true, details, 2 } },
		       .peer = "" };
	out[2] = (record) { .body = { .type = HUB_RECORD_TRANSACTION,
				      .transaction = { "m", "2", "tx-1", "start", "TAG", 7, details, 2 } },
			    .peer = "p" };
	out[3] = (record) { .body = { .type = HUB_RECORD_RESULT, .result = { "cmd", "confirmed", "ok", 9, NULL, 0 } },
			    .peer = "p" };
	out[4] = (record) { .body = { .type = HUB_RECORD_ARCHIVE, .archive = { "m", "", "clock", 0, details, 1 } },
			    .peer = "p" };
	out[5] = (record) { .body = { .type = HUB_RECORD_FAULT, .raw = (const uint8_t *)"x", .raw_len = 1 },
			    .fault = { "dlt645.checksum", "checksum", "sum is 0x12, 0x13 was computed" },
			    .peer = "p" };
	return 6;
}

static void assert_same(const record *a, const record *b)
{
	buf x = { 0 }, y = { 0 };
	record_pack(&x, a);
	record_pack(&y, b);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.bytes, y.bytes, x.len);
	buf_fini(&x);
	buf_fini(&y);
}

static void every_type_round_trips(void **state)
{
	record all[6];
	arena a;
	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0, n = samples(all); i < n; i++) {
		buf packed = { 0 };
		record back;
		assert_int_equal(record_check(&all[i].body, NULL), HUB_OK);
		record_pack(&packed, &all[i]);
		assert_int_equal(record_unpack(packed.bytes, packed.len, &a, &back), HUB_OK);
		assert_same(&all[i], &back);
		buf_fini(&packed);
	}
	arena_fini(&a);
}

/* docs/decisions/0002, byte by byte. */
static void the_encoding_is_the_documented_one(void **state)
{
	static const uint8_t want[] = "\x01\x01\x02\x01p\x03\x68\x00\x16\x00"
				      "\x01M\x00\x07voltage\x01V\x03\x08\xff\x23\x01\x00\x04";
	(void)state;
	record r = { .body = { .type = HUB_RECORD_READING,
			       .reading = { "M", "", "voltage", "V", HUB_INSTANT, HUB_HOST_TIME, { -2304, 1 }, 0, 2 },
			       .raw = (const uint8_t *)"\x68\x00\x16",
			       .raw_len = 3 },
		     .peer = "p",
		     .received = 1 };
	buf packed = { 0 };
	record_pack(&packed, &r);
	assert_int_equal(packed.len, sizeof want - 1);
	assert_memory_equal(packed.bytes, want, packed.len);
	buf_fini(&packed);
}

static void no_truncation_and_no_tail_is_a_record(void **state)
{
	record all[6], back;
	arena a;
	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0, n = samples(all); i < n; i++) {
		buf packed = { 0 };
		record_pack(&packed, &all[i]);
		for (size_t len = 0; len < packed.len; len++) {
			uint8_t *exact = malloc(len ? len : 1);
			memcpy(exact, packed.bytes, len);
			assert_int_equal(record_unpack(exact, len, &a, &back), HUB_REJECT);
			free(exact);
			arena_reset(&a);
		}
		buf_u8(&packed, 0);
		assert_int_equal(record_unpack(packed.bytes, packed.len, &a, &back), HUB_REJECT);
		buf_fini(&packed);
	}
	arena_fini(&a);
}

static void flipped_bytes_never_break_the_rules(void **state)
{
	record all[6], back;
	arena a;
	uint64_t seed = 5;
	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0, n = samples(all); i < n; i++) {
		buf packed = { 0 };
		record_pack(&packed, &all[i]);
		for (int k = 0; k < 5000; k++) {
			size_t at = unit_random(&seed) % packed.len;
			uint8_t kept = packed.bytes[at];
			packed.bytes[at] = (uint8_t)unit_random(&seed);
			if (record_unpack(packed.bytes, packed.len, &a, &back) == HUB_OK)
				assert_int_equal(record_check(&back.body, NULL), HUB_OK);
			packed.bytes[at] = kept;
			arena_reset(&a);
		}
		buf_fini(&packed);
	}
	arena_fini(&a);
}

static void long_raw_is_cut_to_fit(void **state)
{
	arena a;
	(void)state;
	arena_init(&a, 0);
	uint8_t *big = calloc(1, 200000);
	for (size_t len = RECORD_MAX - 200; len < RECORD_MAX + 5; len++) {
		record r = reading_of(), back;
		r.body.raw = big;
		r.body.raw_len = len;
		buf packed = { 0 };
		record_pack(&packed, &r);
		assert_true(packed.len <= RECORD_MAX);
		assert_int_equal(record_unpack(packed.bytes, packed.len, &a, &back), HUB_OK);
		assert_int_equal(back.raw_cut, back.body.raw_len < len);
		assert_true(back.raw_cut ? packed.len >= RECORD_MAX - 4 : back.body.raw_len == len);
		assert_same(&back, &back);
		buf_fini(&packed);
		arena_reset(&a);
	}
	free(big);
	arena_fini(&a);
}

static void strangers_words_become_clean(void **state)
{
	arena a;
	char peer[400];
	(void)state;
	arena_init(&a, 0);
	memset(peer, 'x', sizeof peer);
	peer[sizeof peer - 1] = 0;
	peer[1] = '\xff';
	memcpy(peer + 253, "\xe6\xb0\xb4", 3); /* 水 would cross the limit */
	record r = reading_of(), back;
	r.peer = peer;
	buf packed = { 0 };
	record_pack(&packed, &r);
	assert_int_equal(record_unpack(packed.bytes, packed.len, &a, &back), HUB_OK);
	assert_int_equal(strlen(back.peer), 253);
	assert_int_equal(back.peer[1], '?');
	buf_fini(&packed);
	arena_fini(&a);
}

#define CHECK(code_, field_, ...)                                                                                      \
	do {                                                                                                           \
		record r = reading_of();                                                                               \
		__attribute__((unused)) hub_reading *g = &r.body.reading;                                              \
		hub_fault fault = { 0 };                                                                               \
		__VA_ARGS__;                                                                                           \
		assert_int_equal(record_check(&r.body, &fault), HUB_REJECT);                                           \
		assert_string_equal(fault.code, code_);                                                                \
		assert_string_equal(fault.field, field_);                                                              \
		assert_true(strlen(fault.message) > 10);                                                               \
	} while (0)

static void each_rule_names_its_field(void **state)
{
	(void)state;
	char long_text[5000];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = 0;
	CHECK("record.empty", "meter", g->meter = "");
	CHECK("record.empty", "meter", g->meter = NULL);
	CHECK("record.length", "meter", g->meter = long_text);
	CHECK("record.length", "channel", g->channel = long_text);
	CHECK("record.empty", "quantity", g->quantity = "");
	CHECK("record.empty", "unit", g->unit = "");
	CHECK("record.text", "meter", g->meter = "a\nb");
	CHECK("record.text", "unit", g->unit = "\xc0\x80");
	CHECK("record.kind", "kind", g->kind = (hub_kind)0);
	CHECK("record.kind", "kind", g->kind = (hub_kind)5);
	CHECK("record.scale", "value", g->value.scale = 19);
	CHECK("record.scale", "value", (g->kind = HUB_STATE, g->start = 0, g->value.scale = 1));
	CHECK("record.flags", "flags", g->flags = 1u << 14);
	CHECK("record.start", "start", g->start = 0);
	CHECK("record.start", "start", g->start = g->time);
	CHECK("record.start", "start", g->time = 0);
	CHECK("record.start", "start", g->kind = HUB_REGISTER);
	CHECK("record.time", "time", g->time = INT64_MAX);
	CHECK("record.time", "start", g->start = INT64_MIN);
	CHECK("record.type", "type", r.body.type = (hub_record_type)7);

	hub_setting many[257];
	for (size_t i = 0; i < 257; i++)
		many[i] = (hub_setting) { "k", "v" };
	record all[6];
	samples(all);
	record event = all[1], transaction = all[2], result = all[3];
	CHECK("record.details", "details", (r = event, r.body.event.details = many, r.body.event.detail_count = 257));
	many[3].key = "";
	CHECK("record.empty", "details.key", (r = event, r.body.event.details = many, r.body.event.detail_count = 5));
	many[3].key = "k";
	many[4].value = long_text;
	CHECK("record.length", "details.value",
	      (r = event, r.body.event.details = many, r.body.event.detail_count = 5));
	long_text[4096] = 0;
	for (size_t i = 0; i < 16; i++)
		many[i].value = long_text;
	CHECK("record.size", "details", (r = event, r.body.event.details = many, r.body.event.detail_count = 16));
	CHECK("record.word", "phase", (r = transaction, r.body.transaction.phase = "begin"));
	CHECK("record.word", "state", (r = result, r.body.result.state = NULL));
}

static void a_reading_may_wait_for_its_time(void **state)
{
	(void)state;
	record r = reading_of();
	r.body.reading.kind = HUB_REGISTER;
	r.body.reading.start = r.body.reading.time = 0;
	r.body.reading.channel = NULL;
	assert_int_equal(record_check(&r.body, NULL), HUB_OK);
}

static void json_has_the_one_shape(void **state)
{
	(void)state;
	buf out = { 0 };
	record r = reading_of();
	reading_json(&out, &r.body.reading);
	assert_string_equal(buf_cstr(&out),
			    "{\"meter\":\"000012345678\",\"channel\":\"1\",\"quantity\":\"active_energy_import\","
			    "\"kind\":\"interval\",\"value\":\"-12.50\",\"unit\":\"kWh\","
			    "\"start\":\"1970-01-01T00:00:01Z\",\"time\":\"1970-01-01T00:00:02Z\","
			    "\"flags\":[\"estimated\",\"reversed\"]}");
	buf_clear(&out);
	hub_reading state_of = { "a\"\\\x01水", NULL, "switch_state", "1", HUB_STATE, 0, { 1, 0 }, 0, 0 };
	reading_json(&out, &state_of);
	assert_string_equal(buf_cstr(&out),
			    "{\"meter\":\"a\\\"\\\\\\u0001水\",\"channel\":\"\",\"quantity\":\"switch_state\","
			    "\"kind\":\"state\",\"value\":\"1\",\"unit\":\"1\",\"time\":null,\"flags\":[]}");
	buf_fini(&out);
}

static void lost_allocations_are_told(void **state)
{
	record all[6], back;
	(void)state;
	samples(all);
	buf packed = { 0 };
	record_pack(&packed, &all[2]);
	bool done = false;
	for (long k = 0; !done; k++) {
		arena a;
		arena_init(&a, 0);
		fail_after(k);
		hub_status st = record_unpack(packed.bytes, packed.len, &a, &back);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		arena_fini(&a);
	}
	buf_fini(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_round_trips),
		cmocka_unit_test(the_encoding_is_the_documented_one),
		cmocka_unit_test(no_truncation_and_no_tail_is_a_record),
		cmocka_unit_test(flipped_bytes_never_break_the_rules),
		cmocka_unit_test(long_raw_is_cut_to_fit),
		cmocka_unit_test(strangers_words_become_clean),
		cmocka_unit_test(each_rule_names_its_field),
		cmocka_unit_test(a_reading_may_wait_for_its_time),
		cmocka_unit_test(json_has_the_one_shape),
		cmocka_unit_test(lost_allocations_are_told),
	};
	return cmocka_run_group_tests_name("model_record", tests, NULL, NULL);
}

#include "model/batch.h"

#include "base/fail.h"
#include "unit.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

static record reading_of(int64_t digits)
{
	return (record) {
		.body = { .type = HUB_RECORD_READING,
			  .reading = { "m1", "", "voltage", "V", HUB_INSTANT, 0, { digits, 1 }, 0, 5 } },
		.peer = "p",
		.received = 6,
	};
}

static void batch_of(buf *out, const char *source, uint64_t first, size_t count)
{
	batch_id id = { source, 77, first };
	trace_id trace = { { 1, 2, 3 } };
	batch_head_pack(out, &id, &trace, count);
	for (size_t i = 0; i < count; i++) {
		buf one = { 0 };
		record r = reading_of((int64_t)i);
		record_pack(&one, &r);
		batch_record_pack(out, one.bytes, one.len);
		buf_fini(&one);
	}
}

static void records_come_back_in_order(void **state)
{
	(void)state;
	buf out = { 0 };
	arena a;
	batch b;
	arena_init(&a, 0);
	batch_of(&out, "dlt645-1", 9, 3);
	assert_int_equal(batch_unpack(out.bytes, out.len, &a, &b, NULL), HUB_OK);
	assert_string_equal(b.id.source, "dlt645-1");
	assert_int_equal(b.id.epoch, 77);
	assert_int_equal(b.id.first, 9);
	assert_int_equal(b.trace.bytes[2], 3);
	assert_int_equal(b.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(b.records[i].body.reading.value.digits, i);
	/* head: version, kind, source, epoch, sequence, trace; then the count */
	size_t head = 2 + 1 + 8 + 8 + 8 + 16 + 1;
	uint8_t want[32];
	SHA256(out.bytes + head, out.len - head, want);
	assert_memory_equal(b.digest, want, 32);
	buf_fini(&out);
	arena_fini(&a);
}

static void a_broken_record_does_not_harm_its_neighbours(void **state)
{
	(void)state;
	buf out = { 0 }, one = { 0 };
	arena a;
	batch b;
	arena_init(&a, 0);
	record r = reading_of(4);
	record_pack(&one, &r);
	batch_head_pack(&out, &(batch_id) { "s", 1, 1 }, &(trace_id) { { 0 } }, 4);
	batch_record_pack(&out, one.bytes, one.len);
	batch_record_pack(&out, one.bytes, one.len - 1);
	batch_record_pack(&out, NULL, 0);
	batch_record_pack(&out, one.bytes, one.len);
	assert_int_equal(batch_unpack(out.bytes, out.len, &a, &b, NULL), HUB_OK);
	assert_int_equal(b.records[0].body.type, HUB_RECORD_READING);
	assert_int_equal(b.records[1].body.type, HUB_RECORD_FAULT);
	assert_string_equal(b.records[1].fault.code, "record.malformed");
	assert_int_equal(b.records[1].body.raw_len, one.len - 1);
	assert_memory_equal(b.records[1].body.raw, one.bytes, one.len - 1);
	assert_int_equal(b.records[2].body.type, HUB_RECORD_FAULT);
	assert_int_equal(b.records[3].body.type, HUB_RECORD_READING);
	buf_fini(&out);
	buf_fini(&one);
	arena_fini(&a);
}

static void assert_refused(buf *out, const char *code)
{
	arena a;
	batch b;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	assert_int_equal(batch_unpack(out->bytes, out->len, &a, &b, &fault), HUB_REJECT);
	assert_string_equal(fault.code, code);
	arena_fini(&a);
	buf_fini(out);
}

static void bad_heads_are_refused(void **state)
{
	static const char *const sources[] = {
		"", "A", "a b", "ä", "a/b", "12345678901234567890123456789012345678901234567890123456789012345"
	};
	(void)state;
	buf out = { 0 };
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		batch_of(&out, sources[i], 1, 1);
		assert_refused(&out, "batch.source");
	}
	batch_of(&out, "s", 0, 1);
	assert_refused(&out, "batch.sequence");
	batch_of(&out, "s", UINT64_MAX, 2);
	assert_refused(&out, "batch.sequence");
	batch_of(&out, "s", 1, 0);
	assert_refused(&out, "batch.count");
	batch_head_pack(&out, &(batch_id) { "s", 1, 1 }, &(trace_id) { { 0 } }, BATCH_RECORDS_MAX + 1);
	buf_room(&out, BATCH_RECORDS_MAX * 2);
	memset(out.bytes + out.len, 0, BATCH_RECORDS_MAX * 2);
	buf_took(&out, BATCH_RECORDS_MAX * 2);
	assert_refused(&out, "batch.count");
	batch_of(&out, "s", 1, 1);
	out.bytes[0] = 2;
	assert_refused(&out, "batch.head");
	batch_of(&out, "s", 1, 1);
	out.bytes[1] = 1;
	assert_refused(&out, "batch.head");
	batch_of(&out, "s", 1, 1);
	buf_u8(&out, 0);
	assert_refused(&out, "batch.trailing");
	batch_of(&out, "s", 1, 2);
	out.len--;
	assert_refused(&out, "batch.truncated");
	buf_room(&out, 2 * 1024 * 1024);
	memset(out.bytes, 0, 2 * 1024 * 1024);
	buf_took(&out, 2 * 1024 * 1024);
	assert_refused(&out, "batch.size");
}

static void no_truncation_is_a_batch(void **state)
{
	(void)state;
	buf out = { 0 };
	arena a;
	batch b;
	arena_init(&a, 0);
	batch_of(&out, "s", 1, 3);
	for (size_t len = 0; len < out.len; len++) {
		uint8_t *exact = malloc(len ? len : 1);
		memcpy(exact, out.bytes, len);
		assert_int_equal(batch_unpack(exact, len, &a, &b, NULL), HUB_REJECT);
		free(exact);
		arena_reset(&a);
	}
	buf_fini(&out);
	arena_fini(&a);
}

static void answers_round_trip(void **state)
{
	(void)state;
	buf out = { 0 };
	arena a;
	arena_init(&a, 0);
	batch_answer answer = { { "s", 3, 4 }, HUB_CONFLICT, UINT64_MAX, 1, 2, UINT32_MAX, "gap" }, back;
	batch_answer_pack(&out, &answer);
	assert_int_equal(batch_answer_unpack(out.bytes, out.len, &a, &back), HUB_OK);
	assert_string_equal(back.id.source, "s");
	assert_int_equal(back.id.epoch, 3);
	assert_int_equal(back.id.first, 4);
	assert_int_equal(back.status, HUB_CONFLICT);
	assert_true(back.receipt == UINT64_MAX);
	assert_int_equal(back.stored, 1);
	assert_int_equal(back.duplicates, 2);
	assert_true(back.quarantined == UINT32_MAX);
	assert_string_equal(back.message, "gap");
	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(batch_answer_unpack(out.bytes, len, &a, &back), HUB_REJECT);
	buf_u8(&out, 0);
	assert_int_equal(batch_answer_unpack(out.bytes, out.len, &a, &back), HUB_REJECT);
	buf_fini(&out);
	arena_fini(&a);
}

static void lost_allocations_are_told(void **state)
{
	(void)state;
	buf out = { 0 };
	batch_of(&out, "s", 1, 500);
	bool done = false;
	long k = 0;
	for (; !done; k++) {
		arena a;
		batch b;
		arena_init(&a, 0);
		fail_after(k);
		hub_status st = batch_unpack(out.bytes, out.len, &a, &b, NULL);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		arena_fini(&a);
	}
	assert_true(k > 2);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_in_order),
		cmocka_unit_test(a_broken_record_does_not_harm_its_neighbours),
		cmocka_unit_test(bad_heads_are_refused),
		cmocka_unit_test(no_truncation_is_a_batch),
		cmocka_unit_test(answers_round_trip),
		cmocka_unit_test(lost_allocations_are_told),
	};
	return cmocka_run_group_tests_name("model_batch", tests, NULL, NULL);
}

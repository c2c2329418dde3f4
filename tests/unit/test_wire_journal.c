#include "wire_journal.h"

static void checksum_is_castagnolis(void **state)
{
	(void)state;
	assert_int_equal(crc32c((const uint8_t *)"123456789", 9), 0xe3069283);
	uint8_t bytes[300];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * i + 3);
	for (size_t len = 0; len < sizeof bytes; len++)
		assert_int_equal(crc32c(bytes, len), crc32c_table(bytes, len));
	memset(bytes, 0, 32);
	assert_int_equal(crc32c_table(bytes, 32), 0x8a9136aa); /* RFC 3720, B.4 */
}

static void what_was_flushed_is_read_in_order(void **state)
{
	(void)state;
	journal_limits small = { .bytes = 1 << 20, .segment_bytes = 500 };
	journal *j = opened(&small);
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	assert_int_equal(journal_reader_epoch(r), journal_epoch(j));
	assert_int_equal(read_run(r, 1, NULL), 0);
	append_run(j, 1, 40);
	assert_int_equal(read_run(r, 1, NULL), 40);
	assert_int_equal(read_run(r, 17, NULL), 24); /* back again, as after AGAIN */
	for (uint64_t i = 41; i <= 90; i++)
		append_run(j, i, i);
	assert_int_equal(read_run(r, 41, NULL), 50);
	journal_state s;
	assert_int_equal(journal_stat(dir, &s), HUB_OK);
	assert_int_equal(s.first, 1);
	assert_int_equal(s.next, 91);
	assert_int_equal(s.oldest, noon);
	uint64_t before = s.bytes;
	assert_int_equal(journal_ack(r, 60), HUB_OK);
	assert_int_equal(journal_stat(dir, &s), HUB_OK);
	assert_int_equal(s.first, 61);
	assert_true(s.bytes < before / 2);
	assert_int_equal(read_run(r, 0 + 61, NULL), 30);
	journal_reader_close(r);
	journal_close(j);
	assert_int_equal(read_all(61, NULL), 30);
}

static void unflushed_appends_are_not_seen(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	uint8_t bytes[64];
	uint64_t seq;
	append_run(j, 1, 3);
	assert_int_equal(journal_append(j, bytes, content(4, bytes), noon, &seq), HUB_OK);
	assert_int_equal(read_all(1, NULL), 3);
	journal_close(j);
	assert_int_equal(read_all(1, NULL), 3);
}

static void one_writer_only(void **state)
{
	(void)state;
	journal *j = opened(&wide), *second = NULL;
	hub_fault fault = { 0 };
	assert_int_equal(journal_open(dir, &wide, noon, &second, &fault), HUB_CONFLICT);
	assert_string_equal(fault.code, "journal.locked");
	journal_close(j);
	journal_close(opened(&wide));
}

static void restart_goes_on_behind_the_acknowledged(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	uint64_t epoch = journal_epoch(j);
	append_run(j, 1, 10);
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	assert_int_equal(journal_ack(r, 4), HUB_OK);
	journal_reader_close(r);
	journal_close(j);
	j = opened(&wide);
	assert_int_equal(journal_epoch(j), epoch);
	append_run(j, 11, 12);
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	buf out = { 0 };
	uint64_t first;
	size_t count;
	assert_int_equal(journal_read(r, 0, 4096, 100, &out, &first, &count), HUB_OK);
	assert_int_equal(first, 5);
	assert_int_equal(count, 8);
	buf_fini(&out);
	journal_reader_close(r);
	journal_close(j);
	each_file(remove_file);
	j = opened(&wide); /* made anew: its numbers begin again, so its epoch is another */
	append_run(j, 1, 1);
	journal_close(j);
	journal_close(opened(&wide));
}

static void an_emptied_journal_takes_a_higher_epoch(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	uint64_t epoch = journal_epoch(j);
	append_run(j, 1, 1);
	journal_close(j);
	char path[128];
	snprintf(path, sizeof path, "%s/%020d.jnl", dir, 1);
	assert_int_equal(unlink(path), 0);
	j = opened(&wide); /* by the same clock */
	assert_true(journal_epoch(j) > epoch);
	append_run(j, 1, 1);
	journal_close(j);
}

static void numbers_the_core_has_seen_are_not_given_again(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	append_run(j, 1, 9);
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	assert_int_equal(journal_ack(r, 9), HUB_OK);
	journal_reader_close(r);
	journal_close(j);
	char path[128];
	snprintf(path, sizeof path, "%s/%020d.jnl", dir, 1);
	assert_int_equal(truncate(path, 100), 0); /* as a machine that lost its last seconds */
	j = opened(&wide);
	append_run(j, 10, 12);
	assert_int_equal(read_all(10, NULL), 3);
	journal_close(j);
}

static void full_closes_the_door_until_acknowledged(void **state)
{
	(void)state;
	journal_limits small = { .bytes = 4000, .segment_bytes = 4000 };
	journal *j = opened(&small);
	uint8_t bytes[64] = { 1 };
	uint64_t seq = 0;
	hub_time now = noon;
	while (journal_append(j, bytes, 64, now, &seq) == HUB_OK)
		assert_int_equal(journal_flush(j), HUB_OK);
	assert_true(seq > 30);
	assert_false(journal_has_room(j, 64, now));
	journal_state s;
	assert_int_equal(journal_stat(dir, &s), HUB_OK);
	assert_true(s.bytes <= small.bytes);
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	for (int round = 0; round < 5; round++) {
		assert_int_equal(journal_ack(r, seq), HUB_OK);
		now += 1000000;
		assert_true(journal_has_room(j, 64, now));
		uint64_t before = seq;
		while (journal_append(j, bytes, 64, now, &seq) == HUB_OK)
			assert_int_equal(journal_flush(j), HUB_OK);
		assert_true(seq - before > 20);
	}
	journal_reader_close(r);
	journal_close(j);
}

static void age_closes_the_door_until_acknowledged(void **state)
{
	(void)state;
	journal_limits aged = wide;
	aged.age = 60000000;
	journal *j = opened(&aged);
	append_run(j, 1, 3);
	uint8_t bytes[64] = { 4 };
	uint64_t seq;
	assert_int_equal(journal_append(j, bytes, 9, noon + 60000000, &seq), HUB_OK);
	assert_int_equal(journal_flush(j), HUB_OK);
	assert_int_equal(journal_append(j, bytes, 9, noon + 60000001, &seq), HUB_AGAIN);
	journal_close(j);
	j = opened(&aged); /* remembered over a restart */
	assert_int_equal(journal_append(j, bytes, 9, noon + 60000001, &seq), HUB_AGAIN);
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	assert_int_equal(journal_ack(r, 3), HUB_OK);
	assert_int_equal(journal_append(j, bytes, 9, noon + 61000000, &seq), HUB_OK);
	assert_int_equal(seq, 5);
	assert_int_equal(journal_flush(j), HUB_OK);
	assert_int_equal(journal_append(j, bytes, 9, noon + 120000001, &seq), HUB_AGAIN); /* number 4 now */
	journal_reader_close(r);
	journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum_is_castagnolis),
		cmocka_unit_test_setup_teardown(what_was_flushed_is_read_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(unflushed_appends_are_not_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(one_writer_only, setup, teardown),
		cmocka_unit_test_setup_teardown(restart_goes_on_behind_the_acknowledged, setup, teardown),
		cmocka_unit_test_setup_teardown(an_emptied_journal_takes_a_higher_epoch, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_the_core_has_seen_are_not_given_again, setup, teardown),
		cmocka_unit_test_setup_teardown(full_closes_the_door_until_acknowledged, setup, teardown),
		cmocka_unit_test_setup_teardown(age_closes_the_door_until_acknowledged, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

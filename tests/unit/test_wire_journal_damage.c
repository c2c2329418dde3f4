/* A journal that was torn, damaged, out of memory, or whose writer was killed. */
#include "wire_journal.h"

static size_t file_load(const char *path, uint8_t **ret)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	size_t len = (size_t)ftell(f);
	rewind(f);
	*ret = malloc(len + 1);
	assert_int_equal(fread(*ret, 1, len, f), len);
	fclose(f);
	return len;
}

static void file_store(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void a_torn_tail_is_cut_at_every_byte(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	uint64_t epoch = journal_epoch(j);
	append_run(j, 1, 6);
	journal_close(j);
	char path[128];
	snprintf(path, sizeof path, "%s/%020d.jnl", dir, 1);
	uint8_t *bytes, ignored[64];
	size_t len = file_load(path, &bytes), whole_end[7] = { SEGMENT_HEAD };
	for (uint64_t i = 1; i <= 6; i++)
		whole_end[i] = whole_end[i - 1] + SEGMENT_RECORD_HEAD + content(i, ignored);
	assert_int_equal(len, whole_end[6]);
	for (size_t cut = 0; cut <= len; cut++) {
		uint64_t whole = 6;
		while (whole && whole_end[whole] > cut)
			whole--;
		file_store(path, bytes, cut);
		assert_int_equal(read_all(1, NULL), whole); /* before any writer looked at it */
		j = opened(&wide);
		assert_int_equal(journal_epoch(j), epoch);
		append_run(j, whole + 1, whole + 2);
		assert_int_equal(read_all(1, NULL), whole + 2);
		journal_close(j);
	}
	free(bytes);
}

static char damaged_path[512];
static uint64_t damaged_total, damaged_lost_most;

/* Every byte of this file flipped in turn: numbers stay whole, neighbours survive. */
static void damage_file(const char *path, const char *name)
{
	if (strcmp(name, "lock") == 0)
		return;
	snprintf(damaged_path, sizeof damaged_path, "%s", path);
	uint8_t *bytes;
	size_t len = file_load(path, &bytes);
	char last[128];
	snprintf(last, sizeof last, "%s/%020d.jnl", dir, 1);
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 0x41;
		file_store(path, bytes, len);
		uint64_t lost = 0, count = read_all(1, &lost);
		/* Only the very last record cannot be told from a torn one. */
		assert_true(count == damaged_total || count == damaged_total - 1);
		assert_true(lost <= 1 && count - lost >= damaged_total - 1);
		if (lost > damaged_lost_most)
			damaged_lost_most = lost;
		bytes[i] ^= 0x41;
	}
	file_store(path, bytes, len);
	free(bytes);
}

static void a_damaged_byte_costs_one_record(void **state)
{
	(void)state;
	journal_limits small = { .bytes = 1 << 20, .segment_bytes = 300 };
	journal *j = opened(&small);
	damaged_total = 16;
	for (uint64_t i = 1; i <= damaged_total; i++)
		append_run(j, i, i);
	journal_close(j);
	damaged_lost_most = 0;
	each_file(damage_file);
	assert_int_equal(damaged_lost_most, 1);
	assert_int_equal(read_all(1, NULL), damaged_total);
}

static void damage_in_the_last_segment_is_not_torn(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	append_run(j, 1, 12);
	journal_close(j);
	char path[128];
	snprintf(path, sizeof path, "%s/%020d.jnl", dir, 1);
	uint8_t *bytes;
	size_t len = file_load(path, &bytes);
	bytes[SEGMENT_HEAD + 1] = 0xff; /* the first record's length */
	file_store(path, bytes, len);
	j = opened(&wide);
	append_run(j, 13, 13);
	uint64_t lost = 0;
	assert_int_equal(read_all(1, &lost), 13);
	assert_int_equal(lost, 1);
	journal_close(j);
	free(bytes);
}

static void a_failing_write_takes_nothing(void **state)
{
	(void)state;
	journal *j = opened(&wide);
	append_run(j, 1, 5);
	struct rlimit before, tight;
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	tight = before;
	tight.rlim_cur = 400;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	uint64_t seq;
	for (uint64_t i = 6; i < 30; i++) {
		uint8_t bytes[64];
		assert_int_equal(journal_append(j, bytes, content(i, bytes), noon, &seq), HUB_OK);
	}
	assert_int_equal(journal_flush(j), HUB_FAILED); /* some of it had reached the file */
	assert_int_equal(read_all(1, NULL), 5);
	setrlimit(RLIMIT_FSIZE, &before);
	append_run(j, 6, 8);
	assert_int_equal(read_all(1, NULL), 8);
	journal_close(j);
}

static void failing_allocations_lose_nothing(void **state)
{
	(void)state;
	bool hit = true;
	uint64_t next = 1;
	for (long k = 0; hit; k++) {
		journal *j = NULL;
		fail_after(k);
		hub_status st = journal_open(dir, &wide, noon, &j, NULL);
		uint8_t bytes[64];
		uint64_t seq;
		if (st == HUB_OK)
			st = journal_append(j, bytes, content(next, bytes), noon, &seq);
		if (st == HUB_OK)
			st = journal_flush(j) == HUB_OK ? HUB_OK : HUB_NOMEM;
		hit = fail_was_hit();
		fail_after(-1);
		assert_true(st == HUB_OK || (st == HUB_NOMEM && hit));
		next += st == HUB_OK;
		journal_close(j);
		uint64_t count = 0;
		if (next > 1)
			count = read_all(1, NULL);
		assert_int_equal(count, next - 1);
	}
	for (long k = 0; k == 0 || hit; k++) {
		fail_after(k);
		journal_reader *r = NULL;
		buf out = { 0 };
		uint64_t first;
		size_t count = 0;
		hub_status st = journal_reader_open(dir, &r, NULL);
		if (st == HUB_OK)
			st = journal_read(r, 0, 4096, 100, &out, &first, &count);
		hit = fail_was_hit();
		fail_after(-1);
		assert_true(st == HUB_OK ? count == next - 1 : st == HUB_NOMEM && hit);
		journal_reader_close(r);
		buf_fini(&out);
	}
}

/* A writer that promises as fast as it can; what it promised last stands in shared memory. */
static void write_for_ever(uint64_t from, volatile uint64_t *promised)
{
	journal_limits small = { .bytes = 256 << 20, .segment_bytes = 4 << 10 };
	journal *j = NULL;
	if (journal_open(dir, &small, noon, &j, NULL) != HUB_OK)
		_exit(1);
	for (uint64_t seq = from;;) {
		for (int i = 0; i < 1 + (int)(seq % 9); i++, seq++) {
			uint8_t bytes[64];
			uint64_t got;
			if (journal_append(j, bytes, content(seq, bytes), noon, &got) != HUB_OK || got != seq)
				_exit(2);
		}
		if (journal_flush(j) != HUB_OK)
			_exit(3);
		*promised = seq - 1;
		usleep(seq % 50);
	}
}

static void killed_writers_keep_their_promises(void **state)
{
	(void)state;
	volatile uint64_t *promised = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	journal_close(opened(&wide));
	most_bytes = 60000;
	most_records = 1000;
	journal_reader *r;
	uint64_t seen = 0;
	srand(7);
	for (int round = 0; round < 40; round++) {
		journal_state s = { .next = seen + 1 };
		assert_int_equal(journal_stat(dir, &s), HUB_OK);
		assert_true(s.next > *promised);
		pid_t pid = fork();
		if (pid == 0)
			write_for_ever(s.next, promised);
		/* This process reads and acknowledges while the other writes. */
		assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
		/* A slow reader, as under a sanitizer, must not run after a quick writer until the journal is full. */
		most_at_once = 500;
		useconds_t life = (useconds_t)(rand() % 8000), lived = 0;
		for (; lived < life; lived += 500) {
			usleep(500);
			seen += read_run(r, seen + 1, NULL);
			if (round % 3 == 0)
				assert_int_equal(journal_ack(r, seen), HUB_OK);
		}
		assert_int_equal(kill(pid, SIGKILL), 0);
		int status = 0;
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		most_at_once = UINT64_MAX;
		seen += read_run(r, seen + 1, NULL);
		assert_true(seen >= *promised);
		assert_int_equal(journal_ack(r, seen), HUB_OK);
		journal_reader_close(r);
	}
	assert_true(seen > 1000);
	most_bytes = 300;
	most_records = 5;
	munmap((void *)promised, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_torn_tail_is_cut_at_every_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_byte_costs_one_record, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_in_the_last_segment_is_not_torn, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failing_write_takes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(failing_allocations_lose_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_writers_keep_their_promises, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

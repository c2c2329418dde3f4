/* A journal in a directory of its own, whose records are known by their number. */
#ifndef TESTS_UNIT_WIRE_JOURNAL_H
#define TESTS_UNIT_WIRE_JOURNAL_H

#include "base/fail.h"
#include "wire/crc32c.h"
#include "wire/journal.h"
#include "wire/segment.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const hub_time noon = 1700000000000000;
static const journal_limits wide = { .bytes = 64 << 20, .segment_bytes = 4 << 20 };
static char dir[64];
static size_t most_bytes = 300, most_records = 5;
static uint64_t most_at_once = UINT64_MAX;

static inline int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/hub-journal-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static inline void each_file(void (*visit)(const char *path, const char *name))
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[512];
		snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			visit(path, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

static inline void remove_file(const char *path, const char *name)
{
	(void)name;
	unlink(path);
}

static inline int teardown(void **state)
{
	(void)state;
	fail_after(-1);
	each_file(remove_file);
	return rmdir(dir);
}

/* Record number seq is its number followed by so many bytes of it. */
static inline size_t content(uint64_t seq, uint8_t out[64])
{
	size_t len = 8 + seq % 37;
	memset(out, (int)(seq * 7), 64);
	memcpy(out, &seq, 8);
	return len;
}

static inline journal *opened(const journal_limits *limits)
{
	journal *j = NULL;
	hub_fault fault = { 0 };
	assert_int_equal(journal_open(dir, limits, noon, &j, &fault), HUB_OK);
	return j;
}

static inline void append_run(journal *j, uint64_t from, uint64_t to)
{
	for (uint64_t seq = from; seq <= to; seq++) {
		uint8_t bytes[64];
		uint64_t got = 0;
		assert_int_equal(journal_append(j, bytes, content(seq, bytes), noon, &got), HUB_OK);
		assert_int_equal(got, seq);
	}
	assert_int_equal(journal_flush(j), HUB_OK);
}

/* Reads on from `from`, at least most_at_once if there are so many; each is whole, or empty and counted in *lost. How
 * many came. */
static inline uint64_t read_run(journal_reader *r, uint64_t from, uint64_t *lost)
{
	uint64_t expected = from, count = 0;
	while (count < most_at_once) {
		buf out = { 0 };
		uint64_t first;
		size_t n;
		hub_status st = journal_read(r, expected, most_bytes, most_records, &out, &first, &n);
		if (st == HUB_MISSING) {
			buf_fini(&out);
			return count;
		}
		assert_int_equal(st, HUB_OK);
		assert_int_equal(first, expected);
		assert_true(n >= 1 && n <= most_records && out.len <= most_bytes);
		hub_reader in = hub_reader_of(out.bytes, out.len);
		for (size_t i = 0; i < n; i++, expected++, count++) {
			uint8_t bytes[64];
			size_t len = content(expected, bytes), have = (size_t)hub_reader_varint(&in);
			const uint8_t *p = hub_reader_bytes(&in, have);
			if (!have) {
				assert_non_null(lost);
				++*lost;
				continue;
			}
			assert_int_equal(have, len);
			assert_memory_equal(p, bytes, len);
		}
		assert_int_equal(hub_reader_left(&in), 0);
		buf_fini(&out);
	}
	return count;
}

static inline uint64_t read_all(uint64_t from, uint64_t *lost)
{
	journal_reader *r;
	assert_int_equal(journal_reader_open(dir, &r, NULL), HUB_OK);
	uint64_t count = read_run(r, from, lost);
	journal_reader_close(r);
	return count;
}

#endif

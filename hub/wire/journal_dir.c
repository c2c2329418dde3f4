#include "wire/journal_dir.h"

#include "base/buf.h"
#include "base/fail.h"
#include "wire/crc32c.h"
#include "wire/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 20, NAME = DIGITS + sizeof ".jnl" };

static const char *segment_name(uint64_t first, char out[NAME])
{
	snprintf(out, NAME, "%020" PRIu64 ".jnl", first);
	return out;
}

static bool segment_parse(const char *name, uint64_t *ret_first)
{
	if (strlen(name) != NAME - 1 || strcmp(name + DIGITS, ".jnl") != 0 || strspn(name, "0123456789") != DIGITS)
		return false;
	errno = 0;
	uint64_t first = strtoull(name, NULL, 10);
	if (errno || !first)
		return false;
	*ret_first = first;
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

static hub_status list_add(journal_segments *s, size_t *cap, uint64_t first)
{
	if (s->count == *cap) {
		size_t more = *cap ? *cap * 2 : 16;
		uint64_t *p = fail_realloc(s->first, more * sizeof *p);
		if (!p)
			return HUB_NOMEM;
		s->first = p;
		*cap = more;
	}
	s->first[s->count++] = first;
	return HUB_OK;
}

hub_status journal_dir_list(int dir, journal_segments *ret)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		return HUB_FAILED;
	}
	journal_segments s = { 0 };
	size_t cap = 0;
	hub_status st = HUB_OK;
	for (struct dirent *e; st == HUB_OK && (e = readdir(d));) {
		uint64_t first;
		struct stat file;
		if (!segment_parse(e->d_name, &first) || fstatat(dir, e->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(file.st_mode))
			continue;
		st = list_add(&s, &cap, first);
		s.bytes += (uint64_t)file.st_size;
	}
	closedir(d);
	if (st != HUB_OK) {
		journal_segments_free(&s);
		return st;
	}
	if (s.count)
		qsort(s.first, s.count, sizeof *s.first, by_number);
	*ret = s;
	return HUB_OK;
}

void journal_segments_free(journal_segments *s)
{
	free(s->first);
	*s = (journal_segments){ 0 };
}

size_t journal_segments_find(const journal_segments *s, uint64_t seq)
{
	size_t i = s->count - 1;
	while (i && s->first[i] > seq)
		i--;
	return i;
}

int journal_dir_segment(int dir, uint64_t first, int flags)
{
	char name[NAME];
	return openat(dir, segment_name(first, name), flags | O_CLOEXEC | O_NOFOLLOW, 0640);
}

hub_status journal_dir_delete(int dir, uint64_t first)
{
	char name[NAME];
	return unlinkat(dir, segment_name(first, name), 0) == 0 || errno == ENOENT ? HUB_OK : HUB_FAILED;
}

/* `count` numbers and their checksum. */
static bool numbers_read(int dir, const char *name, uint64_t *numbers, size_t count)
{
	uint8_t bytes[32];
	size_t len = count * 8;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, bytes, sizeof bytes);
	close(fd);
	if (n != (ssize_t)len + 4)
		return false;
	hub_reader in = hub_reader_of(bytes, len + 4);
	for (size_t i = 0; i < count; i++)
		numbers[i] = hub_reader_u64le(&in);
	return hub_reader_u32le(&in) == crc32c(bytes, len);
}

static hub_status numbers_write(int dir, const char *name, const char *temporary, const uint64_t *numbers,
				size_t count, bool durable)
{
	buf out = { 0 };
	for (size_t i = 0; i < count; i++)
		buf_le(&out, numbers[i], 8);
	if (!out.bad)
		buf_le(&out, crc32c(out.bytes, out.len), 4);
	if (out.bad)
		return HUB_NOMEM;
	int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool good = fd >= 0 && write(fd, out.bytes, out.len) == (ssize_t)out.len && (!durable || fsync(fd) == 0);
	if (fd >= 0)
		close(fd);
	buf_fini(&out);
	return good && renameat(dir, temporary, dir, name) == 0 ? HUB_OK : HUB_FAILED;
}

uint64_t journal_dir_acked(int dir, uint64_t epoch)
{
	uint64_t numbers[2];
	return numbers_read(dir, "acked", numbers, 2) && numbers[0] == epoch ? numbers[1] : 0;
}

hub_status journal_dir_ack(int dir, uint64_t epoch, uint64_t seq)
{
	return numbers_write(dir, "acked", "acked.new", (uint64_t[]){ epoch, seq }, 2, false);
}

uint64_t journal_dir_epoch(int dir, const journal_segments *s)
{
	uint64_t epoch = 0;
	if (numbers_read(dir, "epoch", &epoch, 1))
		return epoch;
	for (size_t i = 0; i < s->count; i++) {
		int fd = journal_dir_segment(dir, s->first[i], O_RDONLY);
		hub_status st = fd < 0 ? HUB_FAILED : segment_head_read(fd, &epoch);
		if (fd >= 0)
			close(fd);
		if (st == HUB_OK)
			return epoch;
	}
	return 0;
}

hub_status journal_dir_epoch_set(int dir, uint64_t epoch)
{
	hub_status st = numbers_write(dir, "epoch", "epoch.new", &epoch, 1, true);
	return st == HUB_OK && fsync(dir) != 0 ? HUB_FAILED : st;
}

hub_time journal_dir_time(int dir, const journal_segments *s, uint64_t seq)
{
	hub_time time = 0;
	for (size_t i = s->count ? journal_segments_find(s, seq) : 0; !time && i < s->count; i++) {
		segment file = { .fd = -1 };
		segment_attach(&file, journal_dir_segment(dir, s->first[i], O_RDONLY), s->first[i]);
		uint64_t offset = 0, at = s->first[i];
		hub_status st = file.fd < 0 ? HUB_FAILED : segment_refresh(&file);
		while (!time && (st == HUB_OK || st == HUB_REJECT)) {
			segment_record r;
			st = segment_step(&file, &offset, &at, &r);
			if (st == HUB_OK && r.seq >= seq)
				time = r.time;
		}
		segment_detach(&file);
	}
	return time;
}

#include "wire/journal.h"

#include "base/clock.h"
#include "base/fail.h"
#include "wire/journal_dir.h"
#include "wire/segment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* µs */
enum {
	LOOK_AGAIN = 10000, /* between two looks at what the reader has deleted */
	LOCK_LOOK = 10000,
	LOCK_PATIENCE = 1000000,
};

struct journal {
	int dir, lock, fd; /* fd: the last segment, -1 before the first flush into it */
	journal_limits limits;
	uint64_t epoch;
	uint64_t first;    /* of the last segment */
	uint64_t offset;   /* its whole bytes */
	uint64_t flushed;  /* number of the next record to reach the file */
	uint64_t next;     /* number of the next append */
	uint64_t bytes;    /* of all segments, at least */
	uint64_t oldest_seq;
	hub_time oldest, appended; /* times of oldest_seq and of the last append; 0: none */
	hub_time looked;
	buf pending;
	bool broken; /* the file could not be brought back to its last good state */
};

static hub_status fault_of(hub_fault *fault, hub_status st, const char *code, const char *dir, const char *text)
{
	hub_fault_set(fault, code, "journal", "%s: %s", dir, text);
	return st;
}

/*
 * A writer that was killed while it forked leaves a child that has the lock until it becomes another program,
 * which on a busy machine is after the writer's successor looks.
 */
static bool lock_wait(int fd)
{
	const struct timespec soon = { 0, LOCK_LOOK * 1000 };
	for (int64_t end = clock_monotonic() + LOCK_PATIENCE; flock(fd, LOCK_EX | LOCK_NB) != 0; nanosleep(&soon, NULL))
		if (errno != EWOULDBLOCK || clock_monotonic() > end)
			return false;
	return true;
}

static hub_status lock_take(const char *path, journal *j, hub_fault *fault)
{
	if (mkdir(path, 0750) != 0 && errno != EEXIST)
		return fault_of(fault, HUB_FAILED, "journal.dir", path, "cannot be made; check rights and parent folder");
	j->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	j->lock = j->dir < 0 ? -1 : openat(j->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (j->lock < 0)
		return fault_of(fault, HUB_FAILED, "journal.dir", path, "cannot be opened; check rights");
	if (!lock_wait(j->lock))
		return fault_of(fault, HUB_CONFLICT, "journal.locked", path, "another process writes it; stop that one");
	return HUB_OK;
}

/* Finds the end of the last segment and cuts off what a writer that died left torn. */
static hub_status last_segment_open(journal *j, const journal_segments *s)
{
	j->first = s->first[s->count - 1];
	j->fd = journal_dir_segment(j->dir, j->first, O_RDWR);
	int look = j->fd < 0 ? -1 : journal_dir_segment(j->dir, j->first, O_RDONLY);
	if (look < 0)
		return HUB_FAILED;
	segment file = { .fd = -1 };
	segment_attach(&file, look, j->first);
	hub_status st = segment_refresh(&file);
	uint64_t offset = 0;
	j->flushed = j->first;
	while (st == HUB_OK || st == HUB_REJECT) {
		segment_record r;
		st = segment_step(&file, &offset, &j->flushed, &r);
	}
	uint64_t size = file.size;
	segment_detach(&file);
	if (st != HUB_MISSING)
		return st;
	j->offset = size < SEGMENT_HEAD ? 0 : offset;
	if (size == j->offset)
		return HUB_OK;
	flock(j->fd, LOCK_EX);
	int e = ftruncate(j->fd, (off_t)j->offset);
	flock(j->fd, LOCK_UN);
	return e ? HUB_FAILED : HUB_OK;
}

/* A number that the core has seen is not given to another record, whatever became of the file. */
static void numbers_follow_ack(journal *j)
{
	uint64_t acked = journal_dir_acked(j->dir, j->epoch);
	if (acked < j->flushed)
		return;
	j->flushed = acked + 1;
	close(j->fd);
	j->fd = -1;
	j->offset = 0;
}

static hub_status state_load(journal *j, hub_time now)
{
	journal_segments s;
	hub_status st = journal_dir_list(j->dir, &s);
	if (st != HUB_OK)
		return st;
	j->epoch = journal_dir_epoch(j->dir, &s);
	j->bytes = s.bytes;
	j->flushed = 1;
	if (!s.count || !j->epoch) {
		/* Segments without any readable epoch cannot be told apart from strangers': refuse. */
		if (s.count)
			st = HUB_FAILED;
		j->epoch = (uint64_t)now > j->epoch ? (uint64_t)now : j->epoch + 1;
		if (st == HUB_OK)
			st = journal_dir_epoch_set(j->dir, j->epoch);
	} else {
		st = last_segment_open(j, &s);
		if (st == HUB_OK)
			numbers_follow_ack(j);
	}
	j->next = j->flushed;
	j->oldest_seq = st == HUB_OK ? journal_dir_acked(j->dir, j->epoch) + 1 : 0;
	j->oldest = st == HUB_OK && j->oldest_seq < j->next ? journal_dir_time(j->dir, &s, j->oldest_seq) : 0;
	journal_segments_free(&s);
	return st;
}

hub_status journal_open(const char *dir, const journal_limits *limits, hub_time now, journal **ret, hub_fault *fault)
{
	assert(limits->bytes && limits->segment_bytes);
	journal *j = fail_calloc(1, sizeof *j);
	if (!j)
		return HUB_NOMEM;
	*j = (journal){ .dir = -1, .lock = -1, .fd = -1, .limits = *limits };
	/* The last segment is never deleted, so it must leave room beside it. */
	if (j->limits.segment_bytes > limits->bytes / 4)
		j->limits.segment_bytes = limits->bytes / 4;
	hub_status st = lock_take(dir, j, fault);
	if (st == HUB_OK) {
		st = state_load(j, now);
		if (st == HUB_FAILED)
			fault_of(fault, st, "journal.damaged", dir, "cannot be read or cut to its last whole record; "
				 "check the disk, or move the folder away to begin a new journal");
	}
	if (st != HUB_OK) {
		journal_close(j);
		return st;
	}
	*ret = j;
	return HUB_OK;
}

void journal_close(journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->lock >= 0)
		close(j->lock);
	if (j->dir >= 0)
		close(j->dir);
	buf_fini(&j->pending);
	free(j);
}

uint64_t journal_epoch(const journal *j)
{
	return j->epoch;
}

static bool is_full(const journal *j, size_t len)
{
	uint64_t need = SEGMENT_RECORD_HEAD + SEGMENT_HEAD + (uint64_t)len;
	return j->bytes + j->pending.len + need > j->limits.bytes;
}

static bool is_old(const journal *j, hub_time now)
{
	return j->limits.age && j->oldest && j->oldest_seq < j->next && now - j->oldest > j->limits.age;
}

/* Asks the folder what the reader has acknowledged and deleted since. */
static void look_again(journal *j, hub_time now)
{
	if (now - j->looked < LOOK_AGAIN && now >= j->looked)
		return;
	j->looked = now;
	journal_segments s;
	if (journal_dir_list(j->dir, &s) != HUB_OK)
		return;
	j->bytes = s.bytes;
	uint64_t seq = journal_dir_acked(j->dir, j->epoch) + 1;
	if (seq != j->oldest_seq) {
		j->oldest_seq = seq;
		j->oldest = seq < j->flushed ? journal_dir_time(j->dir, &s, seq) : seq < j->next ? j->appended : 0;
	}
	journal_segments_free(&s);
}

bool journal_has_room(const journal *j, size_t len, hub_time now)
{
	journal *self = (journal *)j; /* what it knows of the reader's progress is a cache */
	if (is_full(j, len) || is_old(j, now))
		look_again(self, now);
	return !j->broken && !is_full(j, len) && !is_old(j, now);
}

hub_status journal_append(journal *j, const uint8_t *packed, size_t len, hub_time now, uint64_t *ret_seq)
{
	assert(len);
	if (len > SEGMENT_RECORD_MAX)
		return HUB_RANGE;
	if (j->broken)
		return HUB_FAILED;
	if (!journal_has_room(j, len, now))
		return HUB_AGAIN;
	size_t before = j->pending.len;
	segment_record_pack(&j->pending, j->next, now, packed, len);
	if (j->pending.bad) {
		j->pending.len = before;
		j->pending.bad = false;
		return HUB_NOMEM;
	}
	if (!j->oldest) {
		j->oldest_seq = j->next;
		j->oldest = now;
	}
	j->appended = now;
	*ret_seq = j->next++;
	return HUB_OK;
}

static bool write_whole(int fd, const uint8_t *bytes, size_t len, uint64_t offset)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/*
 * Writes at the end of the last segment, or leaves it as it was. The lock keeps the reader from
 * seeing what may be taken back.
 */
static bool write_or_undo(journal *j, const buf *out)
{
	flock(j->fd, LOCK_EX);
	bool good = write_whole(j->fd, out->bytes, out->len, j->offset) && (!j->limits.sync || fdatasync(j->fd) == 0);
	if (!good && ftruncate(j->fd, (off_t)j->offset) != 0)
		j->broken = true;
	flock(j->fd, LOCK_UN);
	if (good) {
		j->offset += out->len;
		j->bytes += out->len;
	}
	return good;
}

static bool segment_begin(journal *j)
{
	if (j->fd >= 0 && j->offset < j->limits.segment_bytes)
		return true;
	int fd = journal_dir_segment(j->dir, j->flushed, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0)
		return false;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = fd;
	j->first = j->flushed;
	j->offset = 0;
	return fsync(j->dir) == 0;
}

hub_status journal_flush(journal *j)
{
	if (!j->pending.len)
		return j->broken ? HUB_FAILED : HUB_OK;
	bool good = !j->broken && segment_begin(j);
	if (good && !j->offset) {
		buf head = { 0 };
		segment_head_pack(&head, j->epoch, j->first, j->appended);
		good = !head.bad && write_or_undo(j, &head);
		buf_fini(&head);
	}
	good = good && write_or_undo(j, &j->pending);
	if (good)
		j->flushed = j->next;
	else
		j->next = j->flushed;
	if (j->oldest_seq >= j->next)
		j->oldest = 0;
	buf_clear(&j->pending);
	return good ? HUB_OK : HUB_FAILED;
}

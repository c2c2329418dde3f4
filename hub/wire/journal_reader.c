#include "wire/journal.h"

#include "base/fail.h"
#include "wire/journal_dir.h"
#include "wire/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct journal_reader {
	int dir;
	uint64_t epoch, acked;
	journal_segments segments; /* as last listed */
	segment file;
	uint64_t offset, seq; /* where the next record stands */
};

/* Where the records of one call go. */
typedef struct gathering {
	buf *out;
	size_t max_bytes, max_records;
	size_t start, count;
	uint64_t first;
} gathering;

static hub_status segments_load(journal_reader *r)
{
	journal_segments s;
	hub_status st = journal_dir_list(r->dir, &s);
	if (st != HUB_OK)
		return st;
	journal_segments_free(&r->segments);
	r->segments = s;
	return HUB_OK;
}

hub_status journal_reader_open(const char *dir, journal_reader **ret, hub_fault *fault)
{
	journal_reader *r = fail_calloc(1, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	r->file.fd = -1;
	r->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hub_status st = r->dir < 0 ? HUB_MISSING : segments_load(r);
	if (st == HUB_OK) {
		r->epoch = journal_dir_epoch(r->dir, &r->segments);
		st = r->epoch ? HUB_OK : HUB_MISSING;
	}
	if (st != HUB_OK) {
		hub_fault_set(fault, "journal.missing", "journal", "%s holds no journal that can be read; "
			      "it is made by the first writer", dir);
		journal_reader_close(r);
		return st;
	}
	r->acked = journal_dir_acked(r->dir, r->epoch);
	*ret = r;
	return HUB_OK;
}

void journal_reader_close(journal_reader *r)
{
	if (!r)
		return;
	segment_detach(&r->file);
	journal_segments_free(&r->segments);
	if (r->dir >= 0)
		close(r->dir);
	free(r);
}

uint64_t journal_reader_epoch(const journal_reader *r)
{
	return r->epoch;
}

static hub_status file_open(journal_reader *r, uint64_t first)
{
	int fd = journal_dir_segment(r->dir, first, O_RDONLY);
	if (fd < 0)
		return errno == ENOENT ? HUB_MISSING : HUB_FAILED;
	segment_attach(&r->file, fd, first);
	r->offset = 0;
	r->seq = first;
	return HUB_OK;
}

static bool gather_room(const gathering *g, size_t len)
{
	/* The length in front takes at most three bytes for 64 KiB. */
	return g->count < g->max_records && g->out->len - g->start + len + 3 <= g->max_bytes;
}

static bool gather(gathering *g, uint64_t seq, const uint8_t *bytes, size_t len)
{
	if (!gather_room(g, len))
		return false;
	if (!g->count++)
		g->first = seq;
	buf_blob(g->out, bytes, len);
	return true;
}

/* Numbers [seq, next) were lost to damage: an empty record for each, as far as there is room. */
static bool gather_lost(journal_reader *r, gathering *g, uint64_t wanted, uint64_t seq, uint64_t next)
{
	for (; seq < next; seq++) {
		if (seq < wanted)
			continue;
		if (!gather(g, seq, NULL, 0)) {
			r->seq = seq;
			return false;
		}
	}
	return true;
}

/* Nothing is handed out that a power cut could take back: its number would be given twice. */
static hub_status make_durable(segment *file)
{
	if (file->synced >= file->size)
		return HUB_OK;
	if (fdatasync(file->fd) != 0)
		return HUB_FAILED;
	file->synced = file->size;
	return HUB_OK;
}

static size_t segment_after(const journal_reader *r, uint64_t first)
{
	size_t i = 0;
	while (i < r->segments.count && r->segments.first[i] <= first)
		i++;
	return i;
}

/* Behind the end of this file: the next segment, if the writer has begun one. */
static hub_status file_next(journal_reader *r, gathering *g, uint64_t wanted)
{
	size_t i = segment_after(r, r->file.first);
	hub_status st = i == r->segments.count ? segments_load(r) : HUB_OK;
	if (st != HUB_OK)
		return st;
	i = segment_after(r, r->file.first);
	if (i == r->segments.count)
		return HUB_MISSING;
	/* The file is final now; what came in before it was left must be read first. */
	uint64_t size = r->file.size;
	st = segment_refresh(&r->file);
	if (st != HUB_OK || size != r->file.size)
		return st;
	st = make_durable(&r->file);
	if (st != HUB_OK)
		return st;
	/* A folder read while files appear in it may show a later one and not the one before it. */
	uint64_t next = r->segments.first[i];
	st = r->seq == r->file.first ? HUB_MISSING : file_open(r, r->seq);
	if (st != HUB_MISSING)
		return st;
	return gather_lost(r, g, wanted, r->seq, next) ? file_open(r, next) : HUB_AGAIN;
}

/* One record, or what stands for it; HUB_AGAIN: no room for it. HUB_MISSING: no more. */
static hub_status step(journal_reader *r, gathering *g, uint64_t wanted)
{
	segment_record record;
	uint64_t offset = r->offset, seq = r->seq;
	hub_status st = segment_step(&r->file, &r->offset, &r->seq, &record);
	if (st == HUB_MISSING)
		return file_next(r, g, wanted);
	if (st == HUB_REJECT) {
		uint64_t found = r->seq;
		/* Where there was no room the damage is met again, at the number that was left out. */
		if (!gather_lost(r, g, wanted, seq, found)) {
			r->offset = offset;
			return HUB_AGAIN;
		}
		return HUB_OK;
	}
	if (st == HUB_OK && record.seq >= wanted && !gather(g, record.seq, record.bytes, record.len)) {
		r->offset = offset;
		r->seq = seq;
		return HUB_AGAIN;
	}
	return st;
}

static hub_status position(journal_reader *r, uint64_t from)
{
	if (r->file.fd >= 0 && r->seq == from)
		return HUB_OK;
	hub_status st = segments_load(r);
	if (st != HUB_OK)
		return st;
	if (!r->segments.count)
		return HUB_MISSING;
	/* A journal without records takes a new epoch when its writer starts again. */
	if (r->file.fd < 0)
		r->epoch = journal_dir_epoch(r->dir, &r->segments);
	size_t i = journal_segments_find(&r->segments, from);
	if (r->file.fd >= 0 && r->file.first == r->segments.first[i] && r->seq <= from)
		return HUB_OK;
	return file_open(r, r->segments.first[i]);
}

hub_status journal_read(journal_reader *r, uint64_t from, size_t max_bytes, size_t max_records, buf *out,
			uint64_t *ret_first, size_t *ret_count)
{
	gathering g = { .out = out, .max_bytes = max_bytes, .max_records = max_records, .start = out->len };
	uint64_t wanted = from ? from : r->acked + 1;
	hub_status st = position(r, wanted);
	while (st == HUB_OK) {
		segment *file = &r->file;
		/* While the writer is writing, there is nothing to see yet. */
		if (flock(file->fd, LOCK_SH | LOCK_NB) != 0) {
			st = HUB_MISSING;
			break;
		}
		uint64_t first = file->first;
		st = segment_refresh(file);
		while (st == HUB_OK && file->first == first)
			st = step(r, &g, wanted);
		if (file->first == first)
			flock(file->fd, LOCK_UN);
		if (st == HUB_OK || st == HUB_MISSING || st == HUB_AGAIN) {
			hub_status durable = g.count ? make_durable(file) : HUB_OK;
			st = durable == HUB_OK ? st : durable;
		}
	}
	if (st != HUB_MISSING && st != HUB_AGAIN) {
		out->len = g.start;
		return st;
	}
	if (out->bad)
		return HUB_NOMEM;
	if (!g.count)
		return HUB_MISSING;
	*ret_first = g.first;
	*ret_count = g.count;
	return HUB_OK;
}

hub_status journal_ack(journal_reader *r, uint64_t seq)
{
	if (seq <= r->acked)
		return HUB_OK;
	hub_status st = journal_dir_ack(r->dir, r->epoch, seq);
	if (st != HUB_OK)
		return st;
	r->acked = seq;
	/* The last one is being written, and its name keeps the count. */
	journal_segments *s = &r->segments;
	if (!s->count || s->first[s->count - 1] <= seq)
		st = segments_load(r);
	size_t gone = 0;
	while (st == HUB_OK && gone + 1 < s->count && s->first[gone + 1] <= seq + 1)
		st = journal_dir_delete(r->dir, s->first[gone++]);
	s->count -= gone;
	if (gone)
		memmove(s->first, s->first + gone, s->count * sizeof *s->first);
	return st;
}

hub_status journal_stat(const char *dir, journal_state *ret)
{
	journal_reader *r;
	hub_status st = journal_reader_open(dir, &r, NULL);
	if (st != HUB_OK)
		return st;
	journal_state state = { .epoch = r->epoch, .first = r->acked + 1, .next = r->acked + 1 };
	state.bytes = r->segments.bytes;
	if (r->segments.count) {
		uint64_t oldest = r->segments.first[0];
		if (state.first < oldest)
			state.first = oldest;
		st = file_open(r, r->segments.first[r->segments.count - 1]);
		if (st == HUB_OK)
			st = segment_refresh(&r->file);
		segment_record record;
		while (st == HUB_OK || st == HUB_REJECT)
			st = segment_step(&r->file, &r->offset, &r->seq, &record);
		if (st == HUB_MISSING)
			st = HUB_OK;
		state.next = r->seq > state.first ? r->seq : state.first;
		if (state.first < state.next)
			state.oldest = journal_dir_time(r->dir, &r->segments, state.first);
	}
	journal_reader_close(r);
	if (st == HUB_OK)
		*ret = state;
	return st;
}

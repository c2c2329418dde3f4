#include "wire/segment.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/crc32c.h"

static const char magic[8] = { 'H', 'U', 'B', 'J', 'N', 'L', '1', '\n' };

enum { WINDOW = 256 * 1024, RECORD_WHOLE = SEGMENT_RECORD_HEAD + SEGMENT_RECORD_MAX };

void segment_head_pack(buf *out, uint64_t epoch, uint64_t first, hub_time made)
{
	buf_put(out, magic, sizeof magic);
	buf_le(out, epoch, 8);
	buf_le(out, first, 8);
	buf_le(out, (uint64_t)made, 8);
}

hub_status segment_head_read(int fd, uint64_t *ret_epoch)
{
	uint8_t head[SEGMENT_HEAD];
	if (pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head)
		return HUB_MISSING;
	if (memcmp(head, magic, sizeof magic) != 0)
		return HUB_REJECT;
	hub_reader in = hub_reader_of(head + sizeof magic, sizeof head - sizeof magic);
	*ret_epoch = hub_reader_u64le(&in);
	return HUB_OK;
}

void segment_record_pack(buf *out, uint64_t seq, hub_time time, const uint8_t *bytes, size_t len)
{
	size_t at = out->len;
	buf_le(out, len, 4);
	buf_le(out, 0, 4);
	buf_le(out, seq, 8);
	buf_le(out, (uint64_t)time, 8);
	buf_put(out, bytes, len);
	if (out->bad)
		return;
	uint32_t sum = crc32c(out->bytes + at + 8, SEGMENT_RECORD_HEAD - 8 + len);
	for (int i = 0; i < 4; i++)
		out->bytes[at + 4 + (size_t)i] = (uint8_t)(sum >> (8 * i));
}

void segment_attach(segment *s, int fd, uint64_t first)
{
	segment_detach(s);
	s->fd = fd;
	s->first = first;
}

void segment_detach(segment *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_fini(&s->window);
	*s = (segment){ .fd = -1 };
}

hub_status segment_refresh(segment *s)
{
	struct stat st;
	if (fstat(s->fd, &st) != 0)
		return HUB_FAILED;
	s->size = (uint64_t)st.st_size;
	return HUB_OK;
}

/* Makes [offset, offset + want) visible, less at the end of the file. */
static hub_status window_show(segment *s, uint64_t offset, size_t want, const uint8_t **ret, size_t *ret_len)
{
	if (offset >= s->size) {
		*ret_len = 0;
		return HUB_OK;
	}
	if (want > s->size - offset)
		want = (size_t)(s->size - offset);
	if (offset < s->window_at || offset + want > s->window_at + s->window.len) {
		buf_clear(&s->window);
		uint8_t *p = buf_room(&s->window, WINDOW);
		if (!p)
			return HUB_NOMEM;
		s->window_at = offset;
		while (s->window.len < want) {
			ssize_t n = pread(s->fd, p + s->window.len, WINDOW - s->window.len,
					  (off_t)(offset + s->window.len));
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return HUB_FAILED;
			buf_took(&s->window, (size_t)n);
		}
	}
	*ret = s->window.bytes + (offset - s->window_at);
	*ret_len = (size_t)(s->window_at + s->window.len - offset);
	return HUB_OK;
}

/* Whether a whole record stands at p; its number must lie in [seq, seq_max]. */
static bool record_at(const uint8_t *p, size_t len, uint64_t seq, uint64_t seq_max, segment_record *ret)
{
	if (len < SEGMENT_RECORD_HEAD)
		return false;
	hub_reader in = hub_reader_of(p, SEGMENT_RECORD_HEAD);
	uint32_t size = hub_reader_u32le(&in), sum = hub_reader_u32le(&in);
	segment_record r = { .seq = hub_reader_u64le(&in), .time = (hub_time)hub_reader_u64le(&in) };
	if (!size || size > SEGMENT_RECORD_MAX || size > len - SEGMENT_RECORD_HEAD || r.seq < seq || r.seq > seq_max)
		return false;
	if (crc32c(p + 8, SEGMENT_RECORD_HEAD - 8 + size) != sum)
		return false;
	r.bytes = p + SEGMENT_RECORD_HEAD;
	r.len = size;
	*ret = r;
	return true;
}

/* Byte by byte behind damage: the next whole record with a number that could stand there. */
static hub_status search(segment *s, uint64_t offset, uint64_t seq, uint64_t *ret_offset, uint64_t *ret_seq)
{
	uint64_t seq_max = seq + (s->size - offset) / (SEGMENT_RECORD_HEAD + 1) + 1;
	for (uint64_t at = offset + 1; at + SEGMENT_RECORD_HEAD < s->size;) {
		const uint8_t *p;
		size_t len;
		hub_status st = window_show(s, at, RECORD_WHOLE, &p, &len);
		if (st != HUB_OK)
			return st;
		/* A record's end may lie outside the window, unless the window ends the file. */
		size_t tries = at + len >= s->size ? len : len - RECORD_WHOLE + 1;
		for (size_t i = 0; i < tries; i++) {
			segment_record r;
			if (record_at(p + i, len - i, seq + 1, seq_max, &r)) {
				*ret_offset = at + i;
				*ret_seq = r.seq;
				return HUB_OK;
			}
		}
		at += tries;
	}
	return HUB_MISSING;
}

hub_status segment_step(segment *s, uint64_t *offset, uint64_t *seq, segment_record *ret)
{
	const uint8_t *p = NULL;
	size_t len;
	if (*offset < SEGMENT_HEAD)
		*offset = SEGMENT_HEAD;
	hub_status st = window_show(s, *offset, RECORD_WHOLE, &p, &len);
	if (st != HUB_OK)
		return st;
	if (!len) {
		buf_clear(&s->window);
		return HUB_MISSING;
	}
	if (record_at(p, len, *seq, *seq, ret)) {
		*offset += SEGMENT_RECORD_HEAD + ret->len;
		*seq += 1;
		return HUB_OK;
	}
	st = search(s, *offset, *seq, offset, seq);
	/* A torn end may be cut off and written again, so it must not be remembered. */
	if (st == HUB_MISSING)
		buf_clear(&s->window);
	return st == HUB_OK ? HUB_REJECT : st;
}

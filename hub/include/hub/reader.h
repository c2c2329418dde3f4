/*
 * A reader over untrusted bytes with a sticky error: read every field, ask `bad` once.
 * After the first read past the end every read returns 0 and the position stays.
 */
#ifndef HUB_READER_H
#define HUB_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hub_reader {
	const uint8_t *p, *end; /* p <= end */
	bool bad;
} hub_reader;

static inline hub_reader hub_reader_of(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	return (hub_reader){ p, p ? p + len : p, false };
}

static inline size_t hub_reader_left(const hub_reader *r)
{
	return (size_t)(r->end - r->p);
}

/* The next n bytes, borrowed from the input; NULL when there are fewer. */
static inline const uint8_t *hub_reader_bytes(hub_reader *r, size_t n)
{
	if (r->bad || hub_reader_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	const uint8_t *p = r->p;
	r->p += n;
	return p;
}

static inline uint64_t hub_reader_le(hub_reader *r, unsigned width)
{
	const uint8_t *p = hub_reader_bytes(r, width);
	uint64_t v = 0;
	for (unsigned i = 0; p && i < width; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline uint64_t hub_reader_be(hub_reader *r, unsigned width)
{
	const uint8_t *p = hub_reader_bytes(r, width);
	uint64_t v = 0;
	for (unsigned i = 0; p && i < width; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t hub_reader_u8(hub_reader *r) { return (uint8_t)hub_reader_le(r, 1); }
static inline uint16_t hub_reader_u16le(hub_reader *r) { return (uint16_t)hub_reader_le(r, 2); }
static inline uint32_t hub_reader_u32le(hub_reader *r) { return (uint32_t)hub_reader_le(r, 4); }
static inline uint64_t hub_reader_u64le(hub_reader *r) { return hub_reader_le(r, 8); }
static inline uint16_t hub_reader_u16be(hub_reader *r) { return (uint16_t)hub_reader_be(r, 2); }
static inline uint32_t hub_reader_u32be(hub_reader *r) { return (uint32_t)hub_reader_be(r, 4); }

/* LEB128, at most ten bytes; a longer or overflowing one is bad. */
static inline uint64_t hub_reader_varint(hub_reader *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b = hub_reader_u8(r);
		if (r->bad || (shift == 63 && b > 1))
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

/* Zigzag: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
static inline int64_t hub_reader_zigzag(hub_reader *r)
{
	uint64_t v = hub_reader_varint(r);
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#endif

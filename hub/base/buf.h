/*
 * A growing run of bytes, and the writing half of the packed encoding that every wire, the journal
 * and the records share (docs/decisions/0002-record.md); hub_reader is the reading half.
 * Sticky: after memory ran out, `bad` is set and writes do nothing. Check once, before use.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct buf {
	uint8_t *bytes; /* [0, len) is written; len <= cap */
	size_t len, cap;
	bool bad;
} buf;

void buf_fini(buf *b); /* zero-initialised needs no init; reusable afterwards */
static inline void buf_clear(buf *b) { b->len = 0; b->bad = false; }

/* Room for n more bytes: where to write them, or NULL. buf_took says how many were. */
uint8_t *buf_room(buf *b, size_t n);
static inline void buf_took(buf *b, size_t n) { b->len += n; }
/* Forgets the first n bytes and moves the rest down. */
void buf_drop(buf *b, size_t n);

void buf_put(buf *b, const void *bytes, size_t len);
void buf_text(buf *b, const char *text); /* without NUL */
void buf_printf(buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* bytes with a NUL behind them that does not count; "" if bad. */
const char *buf_cstr(buf *b);

void buf_u8(buf *b, uint8_t v);
void buf_le(buf *b, uint64_t v, unsigned width);
void buf_be(buf *b, uint64_t v, unsigned width);
void buf_varint(buf *b, uint64_t v);
void buf_zigzag(buf *b, int64_t v);
void buf_blob(buf *b, const void *bytes, size_t len); /* varint length, bytes */
void buf_str(buf *b, const char *text);               /* as a blob; NULL as "" */

#endif

/* The wire messages' texts and lists: packed as docs/decisions/0002-record.md says, checked when read. */
#ifndef WIRE_PACK_H
#define WIRE_PACK_H

#include "wire/wire.h"

enum { PACK_BODY_MAX = 1024 * 1024, PACK_COUNT_MAX = 256 };

/* Reads into an arena; `in` goes bad on malformed bytes, `nomem` says that the arena gave up. */
typedef struct unpacker {
	hub_reader *in;
	arena *a;
	bool nomem;
} unpacker;

/* A str: UTF-8 without NUL, copied. "" once the reader is bad. */
const char *unpack_str(unpacker *u);
/* A blob of at most max bytes, copied; NULL if empty or bad. */
const uint8_t *unpack_blob(unpacker *u, size_t max, size_t *ret_len);
/* A varint count of pairs, then key and value str each; fills hub_setting and wire_field alike. */
const hub_setting *unpack_pairs(unpacker *u, size_t *ret_count);
void pack_pairs(buf *out, const hub_setting *pairs, size_t count);

/*
 * The end of every unpack: HUB_OK when all was read and nothing is left, HUB_NOMEM, or HUB_REJECT
 * with "wire.malformed" in *fault, naming `what`.
 */
hub_status unpack_done(const unpacker *u, const char *what, hub_fault *fault);

#endif

/*
 * What parent and child say to each other over their socketpair. A frame: u32 length of what
 * follows, u8 type, body; little endian, packed as docs/decisions/0002-record.md. The parent
 * trusts no length and no number in a child's frame.
 */
#ifndef ADAPTERD_FRAME_H
#define ADAPTERD_FRAME_H

#include <hub/adapter.h>

#include "base/buf.h"

enum { FRAME_BODY_MAX = 1200 * 1024, FRAME_CHUNK = 64 * 1024, CHILD_FD = 3 };

typedef enum frame_type {
	/* parent to child */
	FRAME_START = 1, /* instance, adapter, modules str; options: count, key and value str each */
	FRAME_TABLE,     /* table, key str; present u8; value str */
	FRAME_OPEN,      /* session varint, transport varint, address, identity str */
	FRAME_BYTES,     /* session varint, end u8, blob */
	FRAME_STORED,    /* session, mark varint */
	FRAME_CLOSE,     /* session varint */
	FRAME_COMMAND,   /* ticket varint, count varint, packed hub_commands as blobs */
	/* both: to the child what was kept, to the parent what changed */
	FRAME_COUNTER,   /* name str, value zigzag */
	/* parent to child */
	FRAME_PING,      /* no body; answered once all before it is worked through */
	/* child to parent */
	FRAME_READY = 32, /* transports varint */
	FRAME_REFUSED,    /* code, message str; the instance could not be opened */
	FRAME_RECORD,     /* session varint, type u8, blob: the packed record behind its peer */
	FRAME_SEND,       /* session varint, blob */
	FRAME_REPLY,      /* session, mark varint, blob */
	FRAME_HANG_UP,    /* session varint, reason str */
	FRAME_DONE,       /* session varint: the document that ended is worked through */
	FRAME_LOG,        /* level u8, text str */
	FRAME_DID,        /* ticket varint, a hub_status for each of its commands as a blob */
	FRAME_TOLD,       /* command str: the bytes of this command go out next */
	FRAME_PONG,       /* no body */
} frame_type;

/* Begins a frame at the end of out; frame_end, with its result, fills in the length. */
size_t frame_begin(buf *out, frame_type type);
void frame_end(buf *out, size_t begun);

/*
 * The next whole frame at *at: its type and body, and *at moves behind it. HUB_AGAIN: not all of
 * it is there yet. HUB_REJECT: its length breaks the limit.
 */
hub_status frame_next(const buf *in, size_t *at, frame_type *ret_type, hub_reader *ret_body);

/* A blob's bytes, borrowed; NULL and `bad` if it is not whole. */
const uint8_t *frame_blob(hub_reader *body, size_t *ret_len);
/* A str into out, cut to fit; control characters and what is not UTF-8 become '?'. */
void frame_text(hub_reader *body, char *out, size_t size);

#endif

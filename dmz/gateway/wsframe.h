/*
 * Frames of RFC 6455 as a server reads and writes them: whole text messages out of masked,
 * perhaps fragmented frames. Pure. No extension is ever agreed.
 */
#ifndef GATEWAY_WSFRAME_H
#define GATEWAY_WSFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef enum ws_event {
	WS_MORE,    /* nothing whole is there */
	WS_MESSAGE, /* a text message, in `bytes` */
	WS_PING,    /* to be answered with a pong of the same bytes */
	WS_PONG,
	WS_CLOSE,  /* the peer closes, with `code` (1005: none said) */
	WS_BROKEN, /* close with `code` */
} ws_event;

enum {
	WS_NORMAL = 1000,
	WS_AWAY = 1001,
	WS_PROTOCOL = 1002,
	WS_DATA = 1003,
	WS_TEXT = 1007,
	WS_POLICY = 1008,
	WS_BIG = 1009,
	WS_AGAIN_LATER = 1013,
	WS_NO_CODE = 1005
};

typedef struct wsframe {
	buf message; /* of the fragments so far */
	bool in_message;
	size_t message_max;
} wsframe;

void wsframe_fini(wsframe *w);
/*
 * Takes the next frame of in[*at, len): unmasks it in place and moves *at behind it. bytes and len are
 * of the event, valid until the next call.
 */
ws_event wsframe_next(wsframe *w, uint8_t *in, size_t len, size_t *at, const uint8_t **ret_bytes, size_t *ret_len,
		      uint16_t *ret_code);

/* Unmasked, unfragmented frames. */
void wsframe_text(buf *out, const uint8_t *bytes, size_t len);
void wsframe_ping(buf *out);
void wsframe_pong(buf *out, const uint8_t *bytes, size_t len);	 /* at most 125 */
void wsframe_close(buf *out, uint16_t code, const char *reason); /* cut to fit */

#endif

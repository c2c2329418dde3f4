#include "wsframe.h"

#include <string.h>

#include "base/utf8.h"

enum { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, CONTROL_MAX = 125 };

void wsframe_fini(wsframe *w)
{
	buf_fini(&w->message);
}

static ws_event broken(uint16_t code, uint16_t *ret_code)
{
	*ret_code = code;
	return WS_BROKEN;
}

static bool code_valid(uint16_t code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static ws_event closed(const uint8_t *p, size_t n, uint16_t *ret_code)
{
	*ret_code = n >= 2 ? (uint16_t)(p[0] << 8 | p[1]) : WS_NO_CODE;
	if (n == 1 || (n >= 2 && (!code_valid(*ret_code) || !utf8_valid((const char *)p + 2, n - 2))))
		return broken(WS_PROTOCOL, ret_code);
	return WS_CLOSE;
}

/* A data frame joins its message; the last gives it. */
static ws_event joined(wsframe *w, unsigned opcode, bool last, const uint8_t *p, size_t n, const uint8_t **ret_bytes,
		       size_t *ret_len, uint16_t *ret_code)
{
	if (opcode == BINARY)
		return broken(WS_DATA, ret_code);
	if ((opcode == CONTINUATION) != w->in_message)
		return broken(WS_PROTOCOL, ret_code);
	if (w->message.len + n > w->message_max)
		return broken(WS_BIG, ret_code);
	bool alone = last && opcode == TEXT;
	if (!alone) {
		buf_put(&w->message, p, n);
		if (w->message.bad)
			return broken(WS_BIG, ret_code);
		w->in_message = !last;
		if (!last)
			return WS_MORE;
		p = w->message.bytes;
		n = w->message.len;
		w->message.len = 0; /* the bytes stay until the next frame */
	}
	if (!utf8_valid((const char *)p, n))
		return broken(WS_TEXT, ret_code);
	*ret_bytes = p;
	*ret_len = n;
	return WS_MESSAGE;
}

static ws_event frame(wsframe *w, unsigned first, const uint8_t *p, size_t n, const uint8_t **ret_bytes,
		      size_t *ret_len, uint16_t *ret_code)
{
	unsigned opcode = first & 0x0f;
	if (opcode <= BINARY)
		return joined(w, opcode, first & 0x80, p, n, ret_bytes, ret_len, ret_code);
	*ret_bytes = p;
	*ret_len = n;
	return opcode == CLOSE ? closed(p, n, ret_code) : opcode == PING ? WS_PING : WS_PONG;
}

ws_event wsframe_next(wsframe *w, uint8_t *in, size_t len, size_t *at, const uint8_t **ret_bytes, size_t *ret_len,
		      uint16_t *ret_code)
{
	for (;;) {
		const uint8_t *p = in + *at;
		size_t left = len - *at, head = 6;
		if (left < 2)
			return WS_MORE;
		unsigned opcode = p[0] & 0x0f;
		bool control = opcode >= CLOSE;
		uint64_t n = p[1] & 0x7f;
		if ((p[0] & 0x70) || !(p[1] & 0x80) || (opcode > BINARY && opcode < CLOSE) || opcode > PONG ||
		    (control && (n > CONTROL_MAX || !(p[0] & 0x80))))
			return broken(WS_PROTOCOL, ret_code);
		head += n == 126 ? 2 : n == 127 ? 8 : 0;
		if (left < head)
			return WS_MORE;
		if (n >= 126) {
			n = 0;
			for (size_t i = 2; i < head - 4; i++)
				n = n << 8 | p[i];
		}
		if (n > w->message_max)
			return broken(WS_BIG, ret_code);
		if (left - head < n)
			return WS_MORE;
		uint8_t *data = in + *at + head;
		for (size_t i = 0; i < n; i++)
			data[i] ^= p[head - 4 + (i & 3)];
		*at += head + (size_t)n;
		ws_event e = frame(w, p[0], data, (size_t)n, ret_bytes, ret_len, ret_code);
		if (e != WS_MORE)
			return e;
	}
}

static void put(buf *out, unsigned opcode, const uint8_t *bytes, size_t len)
{
	buf_u8(out, (uint8_t)(0x80 | opcode));
	if (len < 126) {
		buf_u8(out, (uint8_t)len);
	} else if (len < 65536) {
		buf_u8(out, 126);
		buf_be(out, len, 2);
	} else {
		buf_u8(out, 127);
		buf_be(out, len, 8);
	}
	buf_put(out, bytes, len);
}

void wsframe_text(buf *out, const uint8_t *bytes, size_t len)
{
	put(out, TEXT, bytes, len);
}

void wsframe_ping(buf *out)
{
	put(out, PING, NULL, 0);
}

void wsframe_pong(buf *out, const uint8_t *bytes, size_t len)
{
	put(out, PONG, bytes, len);
}

void wsframe_close(buf *out, uint16_t code, const char *reason)
{
	uint8_t body[CONTROL_MAX];
	size_t n = strnlen(reason, CONTROL_MAX - 2);
	while (n && ((uint8_t)reason[n] & 0xc0) == 0x80)
		n--;
	body[0] = (uint8_t)(code >> 8);
	body[1] = (uint8_t)code;
	memcpy(body + 2, reason, n);
	put(out, CLOSE, body, n + 2);
}

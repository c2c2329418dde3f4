#include "frame.h"

#include <string.h>

#include "base/utf8.h"

enum { FRAME_TEXT = 1024 };

size_t frame_begin(buf *out, frame_type type)
{
	size_t at = out->len;
	buf_le(out, 0, 4);
	buf_u8(out, (uint8_t)type);
	return at;
}

void frame_end(buf *out, size_t begun)
{
	if (out->bad)
		return;
	size_t len = out->len - begun - 4;
	for (size_t i = 0; i < 4; i++)
		out->bytes[begun + i] = (uint8_t)(len >> (8 * i));
}

hub_status frame_next(const buf *in, size_t *at, frame_type *ret_type, hub_reader *ret_body)
{
	hub_reader r = hub_reader_of(in->bytes ? in->bytes + *at : NULL, in->len - *at);
	uint32_t len = hub_reader_u32le(&r);
	if (r.bad)
		return HUB_AGAIN;
	if (!len || len > FRAME_BODY_MAX)
		return HUB_REJECT;
	const uint8_t *p = hub_reader_bytes(&r, len);
	if (!p)
		return HUB_AGAIN;
	*at += 4 + (size_t)len;
	*ret_type = (frame_type)p[0];
	*ret_body = hub_reader_of(p + 1, len - 1);
	return HUB_OK;
}

const uint8_t *frame_blob(hub_reader *body, size_t *ret_len)
{
	uint64_t len = hub_reader_varint(body);
	if (len > hub_reader_left(body))
		body->bad = true;
	const uint8_t *p = body->bad ? NULL : hub_reader_bytes(body, (size_t)len);
	*ret_len = p ? (size_t)len : 0;
	return p;
}

void frame_text(hub_reader *body, char *out, size_t size)
{
	size_t len;
	const uint8_t *p = frame_blob(body, &len);
	char text[FRAME_TEXT];
	if (len >= sizeof text)
		len = sizeof text - 1;
	for (size_t i = 0; i < len; i++)
		text[i] = p[i] < 0x20 || p[i] == 0x7f ? '?' : (char)p[i];
	text[len] = '\0';
	utf8_clean(text, out, size);
}

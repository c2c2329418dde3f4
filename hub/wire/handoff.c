#include "wire/handoff.h"

#include <string.h>

enum { HEAD_MAX = 16 };

void handoff_put(buf *out, handoff_type type, uint64_t session, const void *body, size_t len)
{
	size_t at = out->len;
	buf_le(out, 0, 4);
	buf_u8(out, (uint8_t)type);
	buf_varint(out, session);
	buf_put(out, body, len);
	if (out->bad)
		return;
	size_t total = out->len - at - 4;
	for (size_t i = 0; i < 4; i++)
		out->bytes[at + i] = (uint8_t)(total >> (8 * i));
}

hub_status handoff_next(const buf *in, size_t *at, handoff *ret)
{
	hub_reader r = hub_reader_of(in->bytes ? in->bytes + *at : NULL, in->len - *at);
	uint32_t len = hub_reader_u32le(&r);
	if (r.bad)
		return HUB_AGAIN;
	if (len < 2 || len > HANDOFF_MESSAGE_MAX + HEAD_MAX)
		return HUB_REJECT;
	const uint8_t *p = hub_reader_bytes(&r, len);
	if (!p)
		return HUB_AGAIN;
	hub_reader body = hub_reader_of(p, len);
	uint8_t type = hub_reader_u8(&body);
	uint64_t session = hub_reader_varint(&body);
	if (body.bad || type < HANDOFF_OPEN || type > HANDOFF_CLOSE)
		return HUB_REJECT;
	*ret = (handoff) { (handoff_type)type, session, body.p, hub_reader_left(&body) };
	*at += 4 + (size_t)len;
	return HUB_OK;
}

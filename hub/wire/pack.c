#include "wire/pack.h"

#include <string.h>

/* RFC 3629, 4: lead byte, how many follow, and the range of the first that follows. */
static const struct {
	uint8_t lead_min, lead_max, follow, next_min, next_max;
} sequences[] = {
	{ 0x01, 0x7f, 0, 0x00, 0x00 }, { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static size_t sequence_length(const uint8_t *p, size_t left)
{
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		if (p[0] < sequences[i].lead_min || p[0] > sequences[i].lead_max)
			continue;
		size_t follow = sequences[i].follow;
		if (follow >= left || (follow && (p[1] < sequences[i].next_min || p[1] > sequences[i].next_max)))
			return 0;
		for (size_t k = 2; k <= follow; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return 1 + follow;
	}
	return 0;
}

bool text_is_utf8(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = sequence_length(bytes + i, len - i);
		if (!n)
			return false;
		i += n;
	}
	return true;
}

static const uint8_t *run(unpacker *u, size_t max, size_t *ret_len)
{
	uint64_t len = hub_reader_varint(u->in);
	if (len > max)
		u->in->bad = true;
	const uint8_t *p = u->in->bad ? NULL : hub_reader_bytes(u->in, (size_t)len);
	*ret_len = p ? (size_t)len : 0;
	return p;
}

const char *unpack_str(unpacker *u)
{
	size_t len;
	const uint8_t *p = run(u, PACK_BODY_MAX, &len);
	if (p && !text_is_utf8(p, len))
		u->in->bad = true;
	if (u->in->bad || !len)
		return "";
	const char *text = arena_strndup(u->a, (const char *)p, len);
	u->nomem |= !text;
	return text ? text : "";
}

const uint8_t *unpack_blob(unpacker *u, size_t max, size_t *ret_len)
{
	const uint8_t *p = run(u, max, ret_len);
	if (!p || !*ret_len)
		return NULL;
	const uint8_t *copy = arena_memdup(u->a, p, *ret_len);
	u->nomem |= !copy;
	return copy;
}

const hub_setting *unpack_pairs(unpacker *u, size_t *ret_count)
{
	*ret_count = 0;
	uint64_t count = hub_reader_varint(u->in);
	if (count > PACK_COUNT_MAX)
		u->in->bad = true;
	if (u->in->bad || !count)
		return NULL;
	hub_setting *pairs = arena_array(u->a, (size_t)count, sizeof *pairs);
	u->nomem |= !pairs;
	for (size_t i = 0; pairs && i < count; i++) {
		pairs[i].key = unpack_str(u);
		pairs[i].value = unpack_str(u);
	}
	*ret_count = pairs ? (size_t)count : 0;
	return pairs;
}

void pack_pairs(buf *out, const hub_setting *pairs, size_t count)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		buf_str(out, pairs[i].key);
		buf_str(out, pairs[i].value);
	}
}

hub_status unpack_done(const unpacker *u, const char *what, hub_fault *fault)
{
	if (u->in->bad)
		return hub_fault_set(fault, "wire.malformed", what,
				     "%s: not the packed form of version %d: truncated, too large or not UTF-8; "
				     "both ends must run the same release", what, WIRE_VERSION);
	if (u->nomem)
		return HUB_NOMEM;
	if (hub_reader_left(u->in))
		return hub_fault_set(fault, "wire.malformed", what, "%s: %zu bytes behind the last field; "
				     "both ends must run the same release", what, hub_reader_left(u->in));
	return HUB_OK;
}

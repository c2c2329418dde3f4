#include "wire/pack.h"

#include "base/utf8.h"

#include <string.h>

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
	if (p && (!utf8_valid(p, len) || memchr(p, 0, len)))
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

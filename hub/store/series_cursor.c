#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "store/series_rows.h"

enum { TAG = 8, PACKED_MAX = 90 }; /* 90 bytes are 120 characters of base64, which a cursor cannot hold with its NUL */

/* A cursor goes on with the same question only: its tag covers the place and all that was asked. */
static bool tag(const series_query *q, const uint8_t *packed, size_t len, uint8_t ret[SHA256_DIGEST_LENGTH])
{
	buf b = { 0 };
	for (size_t i = 0; i < q->point_count; i++)
		buf_zigzag(&b, q->points[i]);
	buf_varint(&b, q->quantity);
	buf_u8(&b, q->channel != NULL);
	buf_str(&b, q->channel);
	buf_zigzag(&b, q->from);
	buf_zigzag(&b, q->to);
	buf_varint(&b, q->step);
	buf_str(&b, q->zone ? zone_name(q->zone) : "");
	buf_zigzag(&b, q->known_at);
	buf_put(&b, packed, len);
	if (!b.bad)
		SHA256(b.bytes, b.len, ret);
	bool fine = !b.bad;
	buf_fini(&b);
	return fine;
}

hub_status series_cursor_make(const series_query *q, const series_place *place, series_cursor *ret)
{
	memset(ret, 0, sizeof *ret);
	if (!place)
		return HUB_OK;
	uint8_t digest[SHA256_DIGEST_LENGTH], text[(PACKED_MAX + 2) / 3 * 4 + 1];
	buf b = { 0 };
	buf_zigzag(&b, place->point);
	buf_str(&b, place->channel);
	buf_zigzag(&b, place->time);
	buf_zigzag(&b, place->start);
	buf_u8(&b, place->kind);
	bool fine = !b.bad && tag(q, b.bytes, b.len, digest);
	buf_put(&b, digest, TAG);
	fine &= !b.bad && b.len < PACKED_MAX;
	if (fine) {
		EVP_EncodeBlock(text, b.bytes, (int)b.len);
		for (size_t i = 0; text[i]; i++)
			ret->text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i] == '=' ? '.' : (char)text[i];
	}
	buf_fini(&b);
	return fine ? HUB_OK : HUB_NOMEM;
}

/* The bytes of the text; 0 if it is not base64 as we write it. */
static size_t decode(const char *text, uint8_t bytes[PACKED_MAX + 3])
{
	uint8_t plain[sizeof ((series_cursor *)0)->text];
	size_t len = strnlen(text, sizeof plain), pad = 0;
	if (!len || len == sizeof plain || len % 4)
		return 0;
	for (size_t i = 0; i < len; i++) {
		pad += text[i] == '.';
		plain[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i] == '.' ? '=' : (uint8_t)text[i];
	}
	int n = EVP_DecodeBlock(bytes, plain, (int)len);
	if (n < 0 || pad > 2)
		return 0;
	uint8_t again[sizeof plain + 4];
	EVP_EncodeBlock(again, bytes, n - (int)pad);
	return memcmp(again, plain, len) ? 0 : (size_t)n - pad;
}

static bool unpack(const series_query *q, const uint8_t *bytes, size_t len, arena *a, series_place *ret)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (len <= TAG || !tag(q, bytes, len - TAG, digest) || memcmp(digest, bytes + len - TAG, TAG))
		return false;
	hub_reader in = hub_reader_of(bytes, len - TAG);
	ret->point = hub_reader_zigzag(&in);
	size_t text = hub_reader_varint(&in);
	const uint8_t *channel = hub_reader_bytes(&in, text);
	ret->channel = arena_strndup(a, (const char *)channel, channel ? text : 0);
	ret->time = hub_reader_zigzag(&in);
	ret->start = hub_reader_zigzag(&in);
	ret->kind = hub_reader_u8(&in);
	return !in.bad && ret->channel;
}

hub_status series_cursor_read(const series_query *q, const series_cursor *cursor, arena *a, series_place *ret_place,
			      hub_fault *fault)
{
	uint8_t bytes[PACKED_MAX + 3];
	series_place place = { .point = INT64_MIN, .channel = "" };
	if (*cursor->text && !unpack(q, bytes, decode(cursor->text, bytes), a, &place))
		return hub_fault_set(fault, "series.cursor", "cursor",
				     "the cursor is not of this query; repeat the query as it was, or start without one");
	*ret_place = place;
	return HUB_OK;
}

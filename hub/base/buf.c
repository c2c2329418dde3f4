#include "base/buf.h"

#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_fini(buf *b)
{
	free(b->bytes);
	*b = (buf){ 0 };
}

uint8_t *buf_room(buf *b, size_t n)
{
	if (b->bad)
		return NULL;
	if (b->cap - b->len >= n && b->bytes)
		return b->bytes + b->len;
	size_t cap = b->cap ? b->cap : 64;
	while (cap - b->len < n && cap <= SIZE_MAX / 2)
		cap *= 2;
	uint8_t *p = cap - b->len < n ? NULL : fail_realloc(b->bytes, cap);
	if (!p) {
		b->bad = true;
		return NULL;
	}
	b->bytes = p;
	b->cap = cap;
	return p + b->len;
}

void buf_drop(buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	b->len -= n;
	if (b->len && n)
		memmove(b->bytes, b->bytes + n, b->len);
}

void buf_put(buf *b, const void *bytes, size_t len)
{
	uint8_t *p = buf_room(b, len);
	if (!p)
		return;
	if (len)
		memcpy(p, bytes, len);
	b->len += len;
}

void buf_text(buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void buf_printf(buf *b, const char *fmt, ...)
{
	va_list ap, again;
	size_t room = b->bad || !b->bytes ? 0 : b->cap - b->len;
	va_start(ap, fmt);
	va_copy(again, ap);
	/* Mostly it fits at once. */
	int len = vsnprintf(room ? (char *)b->bytes + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (len < 0)
		b->bad = true;
	uint8_t *p = len < 0 || (size_t)len < room ? NULL : buf_room(b, (size_t)len + 1);
	if (p)
		vsnprintf((char *)p, (size_t)len + 1, fmt, again);
	if (p || (len >= 0 && (size_t)len < room))
		b->len += (size_t)len;
	va_end(again);
}

const char *buf_cstr(buf *b)
{
	uint8_t *p = buf_room(b, 1);
	if (!p)
		return "";
	*p = 0;
	return (const char *)b->bytes;
}

void buf_u8(buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void buf_le(buf *b, uint64_t v, unsigned width)
{
	uint8_t *p = buf_room(b, width);
	for (unsigned i = 0; p && i < width; i++)
		p[i] = (uint8_t)(v >> (8 * i));
	if (p)
		b->len += width;
}

void buf_be(buf *b, uint64_t v, unsigned width)
{
	uint8_t *p = buf_room(b, width);
	for (unsigned i = 0; p && i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
	if (p)
		b->len += width;
}

void buf_varint(buf *b, uint64_t v)
{
	uint8_t *p = buf_room(b, 10);
	if (!p)
		return;
	unsigned n = 0;
	while (v >= 0x80) {
		p[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	p[n++] = (uint8_t)v;
	b->len += n;
}

void buf_zigzag(buf *b, int64_t v)
{
	buf_varint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void buf_blob(buf *b, const void *bytes, size_t len)
{
	buf_varint(b, len);
	buf_put(b, bytes, len);
}

void buf_str(buf *b, const char *text)
{
	buf_blob(b, text, text ? strlen(text) : 0);
}

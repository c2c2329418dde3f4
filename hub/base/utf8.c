#include "base/utf8.h"

#include <string.h>

/* RFC 3629, section 4: first bytes, and what the second may be. */
static const struct {
	uint8_t first, last, low, high, length;
} forms[] = {
	{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t utf8_char(const uint8_t *p, size_t left)
{
	size_t i = 0;
	while (i < sizeof forms / sizeof *forms && (*p < forms[i].first || *p > forms[i].last))
		i++;
	if (i == sizeof forms / sizeof *forms || left < forms[i].length)
		return 0;
	if (forms[i].length > 1 && (p[1] < forms[i].low || p[1] > forms[i].high))
		return 0;
	for (size_t k = 2; k < forms[i].length; k++)
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	return forms[i].length;
}

bool utf8_valid(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	while (len) {
		size_t n = *p < 0x80 ? 1 : utf8_char(p, len);
		if (!n)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

const char *utf8_clean(const char *text, char *out, size_t size)
{
	size_t left = strlen(text), used = 0;
	while (left) {
		size_t n = utf8_char((const uint8_t *)text, left), step = n ? n : 1;
		if (used + step >= size)
			break;
		memcpy(out + used, n ? text : "?", step);
		used += step;
		text += step;
		left -= step;
	}
	out[used] = 0;
	return out;
}

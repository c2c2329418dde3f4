#include "identity/base64.h"

#include <string.h>

/* -1: no character of it. */
static int value(char c, char high, char last)
{
	static const struct {
		char from, to;
		int value;
	} ranges[] = { { 'A', 'Z', 0 }, { 'a', 'z', 26 }, { '0', '9', 52 } };
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return c - ranges[i].from + ranges[i].value;
	return c == high ? 62 : c == last ? 63 : -1;
}

static bool is_of(const char *text, size_t len, char high, char last)
{
	for (size_t i = 0; i < len; i++)
		if (value(text[i], high, last) < 0)
			return false;
	/* Bits of the last character that are nobody's: two texts for the same bytes would have the same signature. */
	static const int spare[4] = { 0, -1, 15, 3 };
	return len % 4 == 0 || (len % 4 != 1 && !(value(text[len - 1], high, last) & spare[len % 4]));
}

bool base64_is_url(const char *text, size_t len)
{
	return is_of(text, len, '-', '_');
}

bool base64_is_padded(const char *text, size_t len)
{
	size_t padding = 0;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	return len % 4 == 0 && is_of(text, len - padding, '+', '/');
}

bool base64_is_compact(const char *text, size_t len)
{
	const char *end = text + len;
	for (int part = 0; part < 3; part++) {
		const char *dot = part < 2 ? memchr(text, '.', (size_t)(end - text)) : end;
		if (!dot || !base64_is_url(text, (size_t)(dot - text)))
			return false;
		text = dot + 1;
	}
	return true;
}

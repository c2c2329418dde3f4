#include "identity/base64.h"

#include <string.h>

static bool is_letter_or_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_of(const char *text, size_t len, char high, char last)
{
	for (size_t i = 0; i < len; i++)
		if (!is_letter_or_digit(text[i]) && text[i] != high && text[i] != last)
			return false;
	return len % 4 != 1;
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

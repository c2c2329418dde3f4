#include "base/json.h"

#include "base/utf8.h"

#include <string.h>

static void write_byte(buf *out, uint8_t b)
{
	static const char *const names[] = { ['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n", ['\r'] = "\\r",
					     ['\t'] = "\\t" };
	const char *name = b < sizeof names / sizeof names[0] ? names[b] : NULL;
	if (name)
		buf_text(out, name);
	else if (b < 0x20 || b == 0x7f)
		buf_printf(out, "\\u%04x", b);
	else
		buf_u8(out, b);
}

/* How many bytes from here on stand for themselves: nearly all of what is ever written. */
static size_t plain(const uint8_t *p, size_t len)
{
	size_t n = 0;
	while (n < len && p[n] >= 0x20 && p[n] < 0x7f && p[n] != '"' && p[n] != '\\')
		n++;
	return n;
}

void json_write_textn(buf *out, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	buf_u8(out, '"');
	for (size_t i = 0, n; i < len; i += n) {
		n = plain(p + i, len - i);
		if (n) {
			buf_put(out, p + i, n);
			continue;
		}
		n = utf8_char(p + i, len - i);
		if (n > 1)
			buf_put(out, p + i, n);
		else if (n == 1)
			write_byte(out, p[i]);
		else
			buf_text(out, "\\ufffd");
		n += n == 0;
	}
	buf_u8(out, '"');
}

void json_write_text(buf *out, const char *text)
{
	json_write_textn(out, text ? text : "", text ? strlen(text) : 0);
}

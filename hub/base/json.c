#include "base/json.h"

#include <string.h>

/* Length of the UTF-8 sequence at p (RFC 3629), 0 if it is none. */
static size_t sequence(const uint8_t *p, size_t len)
{
	uint8_t b = p[0];
	size_t n = b < 0x80 ? 1 : b >= 0xc2 && b < 0xe0 ? 2 : b >= 0xe0 && b < 0xf0 ? 3 : b >= 0xf0 && b < 0xf5 ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (b == 0xe0 && p[1] < 0xa0) || (b == 0xf0 && p[1] < 0x90);
	bool beyond = (b == 0xed && p[1] > 0x9f) || (b == 0xf4 && p[1] > 0x8f);
	return overlong || beyond ? 0 : n;
}

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

void json_write_textn(buf *out, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	buf_u8(out, '"');
	for (size_t i = 0, n; i < len; i += n) {
		n = sequence(p + i, len - i);
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

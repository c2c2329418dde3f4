#include "policy/token.h"

#include <string.h>

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 2 ? 0xc0 | c : n == 3 ? 0xe0 | c : 0xf0 | c);
	return n;
}

/* After "\u": {1 to 6 hex digits, underscores between them}. Bytes used, 0 if malformed. */
static size_t unicode_escape(const char *p, const char *end, uint32_t *ret)
{
	uint32_t v = 0;
	int digits = 0;
	const char *start = p;
	if (p == end || *p++ != '{' || p == end || *p == '_')
		return 0;
	for (; p < end && *p != '}'; p++) {
		if (*p == '_')
			continue;
		if (hex(*p) < 0 || ++digits > 6)
			return 0;
		v = v << 4 | (uint32_t)hex(*p);
	}
	if (p == end || !digits || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*ret = v;
	return (size_t)(p + 1 - start);
}

/* After the backslash. Bytes used, 0 if this is no escape. */
static size_t escape(const char *p, const char *end, uint32_t *ret)
{
	static const char from[] = "nrt0\\'\"", to[] = "\n\r\t\0\\'\"";
	if (p == end)
		return 0;
	const char *simple = *p ? strchr(from, *p) : NULL;
	if (simple) {
		*ret = (unsigned char)to[simple - from];
		return 1;
	}
	if (*p == 'x' && end - p >= 3 && hex(p[1]) >= 0 && hex(p[1]) < 8 && hex(p[2]) >= 0) {
		*ret = (uint32_t)(hex(p[1]) << 4 | hex(p[2]));
		return 3;
	}
	if (*p != 'u')
		return 0;
	size_t n = unicode_escape(p + 1, end, ret);
	return n ? n + 1 : 0;
}

bool token_unescape(lexer *l, const token *t, arena *a, policy_text *ret, bool **ret_stars)
{
	const char *p = t->text.p, *end = p + t->text.len;
	char *out = arena_alloc(a, t->text.len + 1);
	bool *stars = ret_stars ? arena_alloc(a, t->text.len + 1) : NULL;
	size_t n = 0;
	if (!out || (ret_stars && !stars)) {
		lexer_nomem(l);
		return false;
	}
	while (p < end) {
		uint32_t c;
		size_t used;
		if (*p == '\r') {
			lexer_fail(l, t->start, "a bare carriage return in a string; write \\r");
			return false;
		}
		if (*p != '\\') {
			if (stars && *p == '*')
				stars[n] = true;
			out[n++] = *p++;
			continue;
		}
		if (stars && p + 1 < end && p[1] == '*') {
			out[n++] = '*';
			p += 2;
			continue;
		}
		used = escape(p + 1, end, &c);
		if (!used) {
			lexer_fail(l, t->start,
				   "unknown escape \\%.1s in a string; use \\n \\r \\t \\0 \\\\ \\' \\\" \\xHH or \\u{…}",
				   p + 1 < end ? p + 1 : "");
			return false;
		}
		/* As the reference implementation: a star is a wildcard however it was written, save as \*. */
		if (stars && c == '*')
			stars[n] = true;
		n += utf8_put(out + n, c);
		p += used + 1;
	}
	*ret = (policy_text){ out, n };
	if (ret_stars)
		*ret_stars = stars;
	return true;
}

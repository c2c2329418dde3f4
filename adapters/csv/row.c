#include "row.h"

#include <string.h>

/* Where the row ends (behind its line feed), or len; *ret_open: within quotation marks. */
static size_t row_end(const uint8_t *bytes, size_t len, char separator, bool *ret_open)
{
	bool quoted = false, at_start = true;
	size_t i = 0;
	for (; i < len; i++) {
		char c = (char)bytes[i];
		if (quoted) {
			if (c == '"' && i + 1 < len && bytes[i + 1] == '"')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (c == '\n') {
			i++;
			break;
		}
		quoted = c == '"' && at_start;
		at_start = c == separator;
	}
	*ret_open = quoted;
	return i;
}

static bool is_blank(const uint8_t *bytes, size_t len, char comment)
{
	if (comment && len && (char)bytes[0] == comment)
		return true;
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", bytes[i]) || !bytes[i])
			return false;
	return true;
}

static bool split(const char *p, const char *end, char separator, row *r)
{
	char *out = r->text;
	r->count = 0;
	for (bool more = true; more;) {
		if (r->count == ROW_FIELDS_MAX)
			return false;
		row_field *f = &r->fields[r->count++];
		f->text = out;
		bool quoted = p < end && *p == '"';
		for (p += quoted; p < end && (quoted || *p != separator); p++) {
			if (quoted && *p == '"') {
				if (p + 1 < end && p[1] == '"')
					p++;
				else {
					quoted = false;
					continue;
				}
			}
			*out++ = *p;
		}
		f->len = (size_t)(out - f->text);
		*out++ = '\0';
		more = p < end;
		p++;
	}
	return true;
}

row_scan row_read(const uint8_t *bytes, size_t len, bool end, char separator, char comment, row *ret, size_t *ret_len)
{
	bool open, whole;
	size_t seen = len < ROW_MAX ? len : ROW_MAX;
	const uint8_t *feed = memchr(bytes, '\n', seen);
	if (feed && is_blank(bytes, (size_t)(feed - bytes), comment)) {
		*ret_len = (size_t)(feed - bytes) + 1;
		return ROW_BLANK;
	}
	size_t n = row_end(bytes, seen, separator, &open);
	whole = n && bytes[n - 1] == '\n' && !open;
	if (!whole && len < ROW_MAX && !end)
		return ROW_MORE;
	if (!whole && (len > seen || open)) {
		*ret_len = feed ? (size_t)(feed - bytes) + 1 : seen;
		return open ? ROW_UNCLOSED : ROW_LONG;
	}
	*ret_len = n;
	if (is_blank(bytes, n, comment))
		return ROW_BLANK;
	size_t text = n - whole;
	text -= text && bytes[text - 1] == '\r';
	return split((const char *)bytes, (const char *)bytes + text, separator, ret) ? ROW_WHOLE : ROW_WIDE;
}

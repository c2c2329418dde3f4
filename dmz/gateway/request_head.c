#include "request_head.h"

#include <ctype.h>
#include <string.h>

enum { LENGTH_DIGITS = 18 };

void request_head_fini(request_head *h)
{
	buf_fini(&h->method);
	buf_fini(&h->path);
	buf_fini(&h->authority);
	buf_fini(&h->host);
	buf_fini(&h->fields);
	buf_fini(&h->cookie);
}

/* RFC 9110, 5.6.2 */
static bool is_token(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && !memchr("!#$%&'*+-.^_`|~", p[i], 15))
			return false;
	return len > 0;
}

static bool has_control(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7f)
			return true;
	return false;
}

static bool is_target(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] <= 0x20 || p[i] == 0x7f)
			return false;
	return len > 0 && p[0] == '/';
}

static void once(request_head *h, buf *b, const char *value, size_t len)
{
	h->bad |= b->len > 0;
	buf_put(b, value, len);
}

static void take_length(request_head *h, const char *value, size_t len)
{
	h->bad |= h->framed || len == 0 || len > LENGTH_DIGITS;
	for (size_t i = 0; !h->bad && i < len; i++) {
		h->bad = !isdigit((unsigned char)value[i]);
		h->length = h->length * 10 + (uint64_t)(value[i] - '0');
	}
	h->framed = true;
}

typedef enum place { METHOD, PATH, AUTHORITY, HOST, COOKIE, LENGTH, IGNORED, REFUSED, FIELD } place;

static place place_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		place place;
	} table[] = {
		{ ":method", METHOD },
		{ ":path", PATH },
		{ ":authority", AUTHORITY },
		{ ":scheme", IGNORED },
		{ "host", HOST },
		{ "cookie", COOKIE },
		{ "content-length", LENGTH },
		{ "expect", IGNORED },
		{ "te", IGNORED },
		{ "connection", REFUSED },
		{ "keep-alive", REFUSED },
		{ "proxy-connection", REFUSED },
		{ "transfer-encoding", REFUSED },
		{ "upgrade", REFUSED },
		{ "http2-settings", REFUSED },
	};
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strlen(table[i].name) == len && !memcmp(table[i].name, name, len))
			return table[i].place;
	return FIELD;
}

void request_head_add(request_head *h, const char *name, size_t name_len, const char *value, size_t value_len)
{
	h->size += name_len + value_len + 4;
	if (has_control(value, value_len)) {
		h->bad = true;
		return;
	}
	switch (place_of(name, name_len)) {
	case METHOD:
		once(h, &h->method, value, value_len);
		break;
	case PATH:
		once(h, &h->path, value, value_len);
		break;
	case AUTHORITY:
		once(h, &h->authority, value, value_len);
		break;
	case HOST:
		once(h, &h->host, value, value_len);
		break;
	case COOKIE: /* may come in crumbs: RFC 9113, 8.2.3 */
		buf_text(&h->cookie, h->cookie.len ? "; " : "");
		buf_put(&h->cookie, value, value_len);
		break;
	case LENGTH:
		take_length(h, value, value_len);
		break;
	case IGNORED:
		break;
	case REFUSED:
		h->bad = true;
		break;
	case FIELD:
		h->bad |= !is_token(name, name_len);
		buf_put(&h->fields, name, name_len);
		buf_text(&h->fields, ": ");
		buf_put(&h->fields, value, value_len);
		buf_text(&h->fields, "\r\n");
		break;
	}
}

bool request_head_write(request_head *h, buf *out)
{
	const buf *host = h->authority.len ? &h->authority : &h->host;
	const char *method = (const char *)h->method.bytes, *path = (const char *)h->path.bytes;
	if (h->bad || !is_token(method, h->method.len) || !is_target(path, h->path.len))
		return false;
	buf_put(out, method, h->method.len);
	buf_u8(out, ' ');
	buf_put(out, path, h->path.len);
	buf_text(out, " HTTP/1.1\r\nHost: ");
	buf_put(out, host->bytes, host->len);
	buf_text(out, "\r\n");
	buf_put(out, h->fields.bytes, h->fields.len);
	if (h->cookie.len) {
		buf_text(out, "Cookie: ");
		buf_put(out, h->cookie.bytes, h->cookie.len);
		buf_text(out, "\r\n");
	}
	if (h->framed)
		buf_printf(out, "Content-Length: %llu\r\n", (unsigned long long)h->length);
	buf_text(out, "Connection: close\r\n\r\n");
	return !out->bad && !h->fields.bad && !h->cookie.bad && !h->method.bad && !h->path.bad && !host->bad;
}

#include "upgrade.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/utf8.h"

static const char prefix[] = "/ocpp/";

typedef struct text {
	const char *p;
	size_t len;
} text;

static hub_status bad(int status, int *ret_status, hub_fault *fault, const char *code, const char *field,
		      const char *rule)
{
	*ret_status = status;
	return hub_fault_set(fault, code, field, "%s", rule);
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* One part, percent-decoded: no further slash, no control characters. */
static bool read_station(text path, char out[UPGRADE_STATION])
{
	size_t n = 0;
	for (size_t i = 0; i < path.len; i++) {
		int c = (unsigned char)path.p[i];
		if (c == '%') {
			if (i + 2 >= path.len || hex(path.p[i + 1]) < 0 || hex(path.p[i + 2]) < 0)
				return false;
			c = hex(path.p[i + 1]) << 4 | hex(path.p[i + 2]);
			i += 2;
		} else if (c == '/' || c == '?' || c == '#') {
			return false;
		}
		if (c < 0x21 || c == 0x7f || n + 1 >= UPGRADE_STATION)
			return false;
		out[n++] = (char)c;
	}
	out[n] = 0;
	return n && utf8_valid(out, n) && strcmp(out, ".") && strcmp(out, "..");
}

static text trim(text t)
{
	while (t.len && (*t.p == ' ' || *t.p == '\t'))
		t = (text) { t.p + 1, t.len - 1 };
	while (t.len && (t.p[t.len - 1] == ' ' || t.p[t.len - 1] == '\t'))
		t.len--;
	return t;
}

/* Whether a list of tokens, separated by commas, has this one. */
static bool has_token(text list, const char *token, bool exact)
{
	size_t len = strlen(token);
	for (size_t at = 0; at <= list.len;) {
		const char *comma = memchr(list.p + at, ',', list.len - at);
		size_t end = comma ? (size_t)(comma - list.p) : list.len;
		text t = trim((text) { list.p + at, end - at });
		if (t.len == len && !(exact ? strncmp : strncasecmp)(t.p, token, len))
			return true;
		at = end + 1;
	}
	return false;
}

/* What the header says, as far as it matters here. */
typedef struct head {
	bool host, upgrades, connects, websocket13;
	bool twice; /* a header that must stand alone does not */
	upgrade *u;
} head;

static bool copy(text value, char *out, size_t size)
{
	if (value.len >= size || memchr(value.p, 0, value.len) || *out)
		return false;
	memcpy(out, value.p, value.len);
	out[value.len] = 0;
	return true;
}

static void take(head *h, text name, text value)
{
	static const struct {
		const char *name;
		int which;
	} known[] = {
		{ "host", 0 },
		{ "upgrade", 1 },
		{ "connection", 2 },
		{ "sec-websocket-version", 3 },
		{ "sec-websocket-key", 4 },
		{ "sec-websocket-protocol", 5 },
		{ "authorization", 6 },
		{ "content-length", 7 },
		{ "transfer-encoding", 8 },
	};
	int which = -1;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == name.len && !strncasecmp(known[i].name, name.p, name.len))
			which = known[i].which;
	h->host |= which == 0;
	h->upgrades |= which == 1 && has_token(value, "websocket", false);
	h->connects |= which == 2 && has_token(value, "upgrade", false);
	h->websocket13 |= which == 3 && value.len == 2 && !strncmp(value.p, "13", 2);
	h->u->agreed |= which == 5 && has_token(value, UPGRADE_PROTOCOL, true);
	h->twice |= which == 4 && !copy(value, h->u->key, sizeof h->u->key);
	h->twice |= which == 6 && !copy(value, h->u->authorization, sizeof h->u->authorization);
	h->twice |= which == 8 || (which == 7 && !(value.len == 1 && *value.p == '0'));
}

static bool read_line(text line, head *h)
{
	const char *colon = memchr(line.p, ':', line.len);
	if (!colon || colon == line.p || *line.p == ' ' || *line.p == '\t' || colon[-1] == ' ')
		return false;
	text name = { line.p, (size_t)(colon - line.p) }, value = { colon + 1, line.len - name.len - 1 };
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t')
			return false;
	take(h, name, trim(value));
	return true;
}

/* 16 bytes in base64. */
static bool key_valid(const char *key)
{
	return strlen(key) == 24 && key[22] == '=' && key[23] == '=' &&
	       strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 22;
}

static hub_status judge(const head *h, int *ret_status, hub_fault *fault)
{
	if (!h->host || h->twice || !key_valid(h->u->key) || !h->connects)
		return bad(400, ret_status, fault, "charger.request", "header",
			   "not the opening of a WebSocket as RFC 6455 says");
	if (!h->upgrades || !h->websocket13)
		return bad(426, ret_status, fault, "charger.upgrade", "header",
			   "this port speaks WebSocket version 13 only");
	return HUB_OK;
}

static hub_status read_head(const char *bytes, size_t len, upgrade *u, int *ret_status, hub_fault *fault)
{
	static const char get[] = "GET ", version[] = " HTTP/1.1";
	const char *end = memchr(bytes, '\r', len), *last = bytes + len;
	text line = { bytes, end ? (size_t)(end - bytes) : 0 };
	head h = { .u = u };
	if (line.len < sizeof get + sizeof version - 2 || memcmp(line.p + line.len - 9, version, 9))
		return bad(400, ret_status, fault, "charger.request", "", "not a request of HTTP/1.1");
	if (strncmp(line.p, get, 4))
		return bad(405, ret_status, fault, "charger.request", "method", "a WebSocket is opened by GET");
	text path = { line.p + 4, line.len - 4 - 9 };
	if (path.len < sizeof prefix - 1 || strncmp(path.p, prefix, sizeof prefix - 1) ||
	    !read_station((text) { path.p + sizeof prefix - 1, path.len - sizeof prefix + 1 }, u->station))
		return bad(404, ret_status, fault, "charger.path", "path", "stations connect to /ocpp/NAME");
	for (const char *p = end + 2; p < last;) {
		const char *stop = memchr(p, '\r', (size_t)(last - p));
		if (!stop)
			stop = last;
		if (!read_line((text) { p, (size_t)(stop - p) }, &h))
			return bad(400, ret_status, fault, "charger.request", "header", "a header line is malformed");
		p = stop + 2;
	}
	return judge(&h, ret_status, fault);
}

hub_status upgrade_read(const char *bytes, size_t len, upgrade *ret, size_t *ret_used, int *ret_status,
			hub_fault *fault)
{
	const char *end = memmem(bytes, len, "\r\n\r\n", 4);
	*ret = (upgrade) { 0 };
	if (!end)
		return len <= UPGRADE_HEAD_MAX
			   ? HUB_AGAIN
			   : bad(431, ret_status, fault, "charger.request", "header", "the head is too long");
	*ret_used = (size_t)(end - bytes) + 4;
	return read_head(bytes, (size_t)(end - bytes), ret, ret_status, fault);
}

void upgrade_accept(const upgrade *u, buf *out)
{
	static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char joined[sizeof u->key + sizeof magic], accept[40];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	int n = snprintf(joined, sizeof joined, "%s%s", u->key, magic);
	EVP_Digest(joined, (size_t)n, digest, &size, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)accept, digest, (int)size);
	buf_printf(out,
		   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		   "Sec-WebSocket-Accept: %s\r\n%s\r\n",
		   accept, u->agreed ? "Sec-WebSocket-Protocol: " UPGRADE_PROTOCOL "\r\n" : "");
}

void upgrade_refuse(int status, const hub_fault *fault, buf *out)
{
	static const struct {
		int status;
		const char *reason, *header;
	} table[] = {
		{ 400, "Bad Request", "" },
		{ 401, "Unauthorized", "WWW-Authenticate: Basic realm=\"ocpp\", charset=\"UTF-8\"\r\n" },
		{ 403, "Forbidden", "" },
		{ 404, "Not Found", "" },
		{ 405, "Method Not Allowed", "Allow: GET\r\n" },
		{ 426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" },
		{ 429, "Too Many Requests", "Retry-After: 5\r\n" },
		{ 431, "Request Header Fields Too Large", "" },
		{ 503, "Service Unavailable", "Retry-After: 5\r\n" },
	};
	size_t i = 0;
	while (i + 1 < sizeof table / sizeof *table && table[i].status != status)
		i++;
	buf body = { 0 };
	buf_printf(&body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"code\":", table[i].reason,
		   table[i].status);
	json_write_text(&body, fault->code ? fault->code : "");
	buf_text(&body, ",\"detail\":");
	json_write_text(&body, fault->message);
	buf_text(&body, "}\n");
	buf_printf(
	    out,
	    "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\nConnection: close\r\n"
	    "Cache-Control: no-store\r\n%s\r\n",
	    table[i].status, table[i].reason, body.len, table[i].header);
	buf_put(out, body.bytes, body.len);
	buf_fini(&body);
}

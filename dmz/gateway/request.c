#include "request.h"

#include <stdio.h>
#include <string.h>

#include "cookie.h"
#include "entry.h"
#include "path.h"
#include "portal.h"
#include "wire/problem.h"

enum { QUERY_MAX = 64, FIELD_MAX = 4096, CHUNK = 16 * 1024 };

static const char *const methods[] = {
	[LWSHUMETH_GET] = "GET", [LWSHUMETH_POST] = "POST", [LWSHUMETH_PUT] = "PUT", [LWSHUMETH_PATCH] = "PATCH",
	[LWSHUMETH_DELETE] = "DELETE",
};

/* The few headers that resources need. */
static const struct forwarded {
	const char *name;
	int token;   /* -1: asked for by name */
	bool portal; /* only at the public port */
} forwarded[] = {
	{ "content-type", WSI_TOKEN_HTTP_CONTENT_TYPE }, { "accept", WSI_TOKEN_HTTP_ACCEPT },
	{ "accept-language", WSI_TOKEN_HTTP_ACCEPT_LANGUAGE }, { "if-match", WSI_TOKEN_HTTP_IF_MATCH },
	{ "if-none-match", WSI_TOKEN_HTTP_IF_NONE_MATCH }, { "idempotency-key", -1 },
	{ "x-request-id", -1 },
	/* Of the portal alone: by this the core tells its own pages from others'. */
	{ "origin", WSI_TOKEN_ORIGIN, true },
};

/* The one cookie there is; it goes on as the field "session", which no client can send by itself. */
static const char cookie[] = "__Host-hub";

/* "" if absent; NULL if memory ran out or it is no text. */
static const char *header(request *r, int token)
{
	int n = lws_hdr_total_length(r->wsi, (enum lws_token_indexes)token);
	if (n <= 0)
		return "";
	char *text = arena_alloc(&r->memory, (size_t)n + 1);
	if (!text || lws_hdr_copy(r->wsi, text, n + 1, (enum lws_token_indexes)token) < 0)
		return NULL;
	return strlen(text) == (size_t)n ? text : NULL;
}

static const char *header_named(request *r, const char *name)
{
	char with_colon[64];
	int len = snprintf(with_colon, sizeof with_colon, "%s:", name);
	int n = lws_hdr_custom_length(r->wsi, with_colon, len);
	if (n <= 0)
		return "";
	char *text = arena_alloc(&r->memory, (size_t)n + 1);
	if (!text || lws_hdr_custom_copy(r->wsi, text, n + 1, with_colon, len) < 0)
		return NULL;
	return text;
}

static hub_status bad(int status, int *ret_status, hub_fault *fault, const char *code, const char *field, const char *text)
{
	*ret_status = status;
	return hub_fault_set(fault, code, field, "%s", text);
}

bool request_is_health(const request *r)
{
	return !strcmp(r->call.path, "/healthz") && !strcmp(r->call.method, "GET");
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static hub_status read_query(request *r, int *ret_status, hub_fault *fault)
{
	wire_field *fields = arena_array(&r->memory, QUERY_MAX, sizeof *fields);
	size_t n = 0;
	char text[FIELD_MAX];
	for (int i = 0;; i++) {
		int len = lws_hdr_copy_fragment(r->wsi, text, sizeof text, WSI_TOKEN_HTTP_URI_ARGS, i);
		if (len == -1)
			break;
		if (len < 0 || !fields || n == QUERY_MAX || strlen(text) != (size_t)len)
			return bad(400, ret_status, fault, "gateway.query", "query",
				   "the query has at most 64 parts of 4 KiB without NUL");
		if (len == 0)
			continue;
		if (has_control(text))
			return bad(400, ret_status, fault, "gateway.query", "query", "the query holds a control character, such as a line break");
		char *equals = strchr(text, '=');
		if (equals)
			*equals = 0;
		fields[n].name = arena_strdup(&r->memory, text);
		fields[n].value = arena_strdup(&r->memory, equals ? equals + 1 : "");
		if (!fields[n].name || !fields[n].value)
			return bad(503, ret_status, fault, "gateway.busy", "", "out of memory; try again later");
		n++;
	}
	r->call.query = fields;
	r->call.query_count = n;
	return HUB_OK;
}

/* "" if there is none; NULL: it cannot be read. */
static const char *session(request *r)
{
	const char *text = header(r, WSI_TOKEN_HTTP_COOKIE), *value;
	size_t len;
	if (!text || !cookie_find(text, cookie, &value, &len))
		return text ? "" : NULL;
	return arena_strndup(&r->memory, value, len);
}

static hub_status read_headers(request *r, int *ret_status, hub_fault *fault)
{
	enum { COUNT = sizeof forwarded / sizeof forwarded[0] + 2 };
	const bool portal = !strcmp(r->call.door, "public");
	wire_field *fields = arena_array(&r->memory, COUNT, sizeof *fields);
	size_t n = 0;
	r->call.authorization = header(r, WSI_TOKEN_HTTP_AUTHORIZATION);
	bool usable = fields && r->call.authorization;
	for (size_t i = 0; usable && i < COUNT - 2; i++) {
		if (forwarded[i].portal && !portal)
			continue;
		const char *value = forwarded[i].token < 0 ? header_named(r, forwarded[i].name)
							   : header(r, forwarded[i].token);
		usable = value != NULL;
		if (usable && value[0])
			fields[n++] = (wire_field){ forwarded[i].name, value };
	}
	const char *of_portal[2] = { usable && portal ? session(r) : "", usable && portal ? header(r, WSI_TOKEN_HOST) : "" };
	usable = usable && of_portal[0] && of_portal[1];
	for (size_t i = 0; usable && i < 2; i++)
		if (of_portal[i][0])
			fields[n++] = (wire_field){ i ? "host" : "session", of_portal[i] };
	if (!usable)
		return bad(400, ret_status, fault, "gateway.header", "header", "a header cannot be read as text");
	r->call.headers = fields;
	r->call.header_count = n;
	return HUB_OK;
}

/* RFC 9112, 6: a length and nothing else frames a body here. */
static hub_status read_length(request *r, size_t *ret_body, int *ret_status, hub_fault *fault)
{
	const char *length = header(r, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	size_t max = r->route ? r->route->body_max : 0;
	if (lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return bad(411, ret_status, fault, "gateway.length", "transfer-encoding",
			   "bodies come with a Content-Length, not in chunks");
	if (!length || strspn(length, "0123456789") != strlen(length))
		return bad(400, ret_status, fault, "gateway.length", "content-length", "Content-Length is one whole number");
	if (!length[0] && max && !r->route->body_optional)
		return bad(411, ret_status, fault, "gateway.length", "content-length", "Content-Length is missing");
	size_t n = 0;
	for (const char *p = length; *p && n <= HTTP_BODY_MAX; p++)
		n = n * 10 + (size_t)(*p - '0');
	if (n && !max)
		return bad(400, ret_status, fault, "gateway.length", "body", "this operation takes no body");
	if (n > max) {
		*ret_status = 413;
		return hub_fault_set(fault, "gateway.too_large", "body", "a body has at most %zu bytes here; send it in parts", max);
	}
	*ret_body = n;
	return HUB_OK;
}

static hub_status read_type(request *r, size_t body, int *ret_status, hub_fault *fault)
{
	const char *type = body ? header(r, WSI_TOKEN_HTTP_CONTENT_TYPE) : "";
	if (body == 0 || (type && route_consumes(r->route, type)))
		return HUB_OK;
	*ret_status = 415;
	return hub_fault_set(fault, "gateway.type", "content-type", "this operation takes %s", r->route->consumes[0]);
}

/* What no operation is at is refused here, and the core never hears of it. */
static hub_status find_route(request *r, int *ret_status, hub_fault *fault)
{
	const char *values[ROUTE_VALUES];
	r->route = route_find(r->call.method, r->call.path, &r->memory, values, r->allow);
	r->portal = !r->route && !strcmp(r->call.door, "public") && !strcmp(r->call.method, "GET") && portal_has(r->call.path);
	if (r->route || r->portal || request_is_health(r))
		return HUB_OK;
	*ret_status = r->allow[0] ? 405 : 404;
	if (r->allow[0])
		return hub_fault_set(fault, "call.method", "method", "%s is not possible here; %s is", r->call.method, r->allow);
	return hub_fault_set(fault, "call.path", "path", "there is nothing at '%.128s'", r->call.path);
}

const char *request_encodings(request *r)
{
	const char *text = header(r, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
	return text ? text : "";
}

hub_status request_read(request *r, size_t *ret_body, int *ret_status, hub_fault *fault)
{
	char *path;
	int len, method = lws_http_get_uri_and_method(r->wsi, &path, &len);
	const char *name = method >= 0 && (size_t)method < sizeof methods / sizeof methods[0] ? methods[method] : NULL;
	r->call = (wire_call){ .door = r->door, .method = name, .address = r->peer, .continuation = "",
			       .authorization = "" };
	r->route = NULL;
	r->allow[0] = 0;
	r->portal = false;
	if (!name)
		return bad(405, ret_status, fault, "gateway.method", "method",
			   "methods are GET, POST, PUT, PATCH and DELETE");
	/* To libwebsockets an encoded line break ends the request line: what came before would count alone. */
	if (lws_hdr_total_length(r->wsi, WSI_TOKEN_HTTP) <= 0)
		return bad(400, ret_status, fault, "gateway.path", "path", "the target holds a line break, or no HTTP version follows it");
	if (gateway_path_check(path, (size_t)len, fault) != HUB_OK) {
		*ret_status = 400;
		return HUB_REJECT;
	}
	r->call.path = arena_strndup(&r->memory, path, (size_t)len);
	if (!r->call.path)
		return bad(503, ret_status, fault, "gateway.busy", "", "out of memory; try again later");
	hub_status st = find_route(r, ret_status, fault);
	if (st == HUB_OK)
		st = read_query(r, ret_status, fault);
	if (st == HUB_OK)
		st = read_headers(r, ret_status, fault);
	if (st == HUB_OK)
		st = read_length(r, ret_body, ret_status, fault);
	if (st == HUB_OK)
		st = read_type(r, *ret_body, ret_status, fault);
	return st;
}

static const wire_field always[] = {
	{ "referrer-policy:", "no-referrer" },
	{ "x-content-type-options:", "nosniff" },
	{ "cross-origin-resource-policy:", "same-origin" },
	{ NULL, NULL },
};
static const wire_field of_call[] = {
	{ "cache-control:", "no-store" },
	{ "content-security-policy:", "default-src 'none'; frame-ancestors 'none'" },
	{ NULL, NULL },
};
/* Scripts and styles are files of ours; nothing is inline, nothing comes from elsewhere. */
static const wire_field of_portal[] = {
	{ "content-security-policy:", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
				      "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
				      "frame-ancestors 'none'" },
	{ "cross-origin-opener-policy:", "same-origin" },
	{ "permissions-policy:", "camera=(self), geolocation=(), microphone=()" },
	{ NULL, NULL },
};

static int add(request *r, const char *name, const char *value, uint8_t **p, uint8_t *end)
{
	return lws_add_http_header_by_name(r->wsi, (const uint8_t *)name, (const uint8_t *)value, (int)strlen(value), p, end);
}

static int add_all(request *r, const wire_field *fields, uint8_t **p, uint8_t *end)
{
	int bad_head = 0;
	for (; fields->name; fields++)
		bad_head |= add(r, fields->name, fields->value, p, end);
	return bad_head;
}

static int write_head(request *r)
{
	uint8_t head[LWS_PRE + 4096], *start = head + LWS_PRE, *p = start, *end = head + sizeof head - 1;
	const wire_reply *w = r->reply;
	int bad_head = lws_add_http_header_status(r->wsi, (unsigned)w->status, &p, end);
	if (w->content_type[0])
		bad_head |= add(r, "content-type:", w->content_type, &p, end);
	if (w->status != 304)
		bad_head |= lws_add_http_header_content_length(r->wsi, w->body_len, &p, end);
	bad_head |= add_all(r, always, &p, end) | add_all(r, r->portal ? of_portal : of_call, &p, end);
	for (size_t i = 0; i < w->header_count; i++) {
		char name[128];
		/* A line break in a header would begin another. */
		if (strpbrk(w->headers[i].value, "\r\n") || strpbrk(w->headers[i].name, "\r\n: "))
			return -1;
		snprintf(name, sizeof name, "%s:", w->headers[i].name);
		bad_head |= add(r, name, w->headers[i].value, &p, end);
	}
	if (r->secure)
		bad_head |= add(r, "strict-transport-security:", "max-age=31536000", &p, end);
	if (w->status == 405 && r->allow[0])
		bad_head |= add(r, "allow:", r->allow, &p, end);
	if (r->close)
		bad_head |= add(r, "connection:", "close", &p, end);
	if (bad_head || lws_finalize_http_header(r->wsi, &p, end))
		return -1;
	size_t len = (size_t)(p - start);
	return lws_write(r->wsi, start, len, LWS_WRITE_HTTP_HEADERS) == (int)len ? 0 : -1;
}

static int write_body(request *r)
{
	uint8_t chunk[LWS_PRE + CHUNK];
	size_t n = r->reply->body_len - r->sent;
	if (n > CHUNK)
		n = CHUNK;
	memcpy(chunk + LWS_PRE, r->reply->body + r->sent, n);
	r->sent += n;
	bool last = r->sent == r->reply->body_len;
	return lws_write(r->wsi, chunk + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0 ? -1 : 0;
}

int request_write(request *r)
{
	if (!r->head_sent) {
		r->head_sent = true;
		if (write_head(r))
			return -1;
	} else if (write_body(r)) {
		return -1;
	}
	if (r->sent < r->reply->body_len)
		lws_callback_on_writable(r->wsi);
	return 0;
}

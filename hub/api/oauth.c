#include "api/oauth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "api/credential.h"
#include "api/form.h"
#include "base/json.h"

enum { LIFETIME = 3600, BASIC_MAX = 512 };

/* A token for the API holds only beside the certificate it was asked with; the broker sees no certificate beside a
 * token. */
static const struct audience {
	const char *name;
	bool bound;
} audiences[] = { { API_AUDIENCE, true }, { "mqtt", false } };

static hub_status refuse(request *r, int status, const char *error, const hub_fault *fault)
{
	buf_clear(&r->body);
	buf_text(&r->body, "{\"error\":");
	json_write_text(&r->body, error);
	buf_text(&r->body, ",\"error_description\":");
	json_write_text(&r->body, fault->message);
	buf_text(&r->body, ",\"code\":");
	json_write_text(&r->body, fault->code);
	buf_text(&r->body, "}\n");
	hub_status st = request_finish(r, status, "");
	wire_field *field = st == HUB_OK && status == 401 ? arena_alloc(r->arena, sizeof *field) : NULL;
	if (field) {
		*field = (wire_field){ "www-authenticate", "Basic realm=\"hub\"" };
		r->reply->headers = field;
		r->reply->header_count = 1;
	}
	return st;
}

hub_status oauth_invalid(request *r, int status, const char *error, const char *code, const char *field, const char *text)
{
	hub_fault fault = { 0 };
	hub_fault_set(&fault, code, field, "%s", text);
	return refuse(r, status, error, &fault);
}

static hub_status invalid(request *r, const char *error, const char *code, const char *field, const char *text)
{
	return oauth_invalid(r, 400, error, code, field, text);
}

typedef struct client {
	const char *id, *secret; /* "" if not given */
} client;

/* "Basic BASE64(id:secret)", both form-encoded first: RFC 6749, 2.3.1. */
static hub_status basic(request *r, const char *text, client *ret, hub_fault *fault)
{
	uint8_t plain[BASIC_MAX + 4];
	size_t len = strlen(text), pad = 0;
	while (pad < len && pad < 2 && text[len - 1 - pad] == '=')
		pad++;
	int n = len && len <= BASIC_MAX && len % 4 == 0 ? EVP_DecodeBlock(plain, (const uint8_t *)text, (int)len) : -1;
	n -= (int)pad;
	const uint8_t *colon = n > 0 ? memchr(plain, ':', (size_t)n) : NULL;
	if (!colon)
		return hub_fault_set(fault, "oauth.basic", "authorization",
				     "Basic takes base64 of client_id:client_secret");
	size_t id = (size_t)(colon - plain);
	hub_status st = form_decode(plain, id, r->arena, &ret->id, fault);
	if (st == HUB_OK)
		st = form_decode(colon + 1, (size_t)n - id - 1, r->arena, &ret->secret, fault);
	OPENSSL_cleanse(plain, sizeof plain);
	return st;
}

static hub_status read_client(request *r, const wire_field *fields, size_t count, client *ret, hub_fault *fault)
{
	static const char scheme[] = "Basic ";
	const char *given = r->call->authorization;
	*ret = (client){ form_value(fields, count, "client_id"), form_value(fields, count, "client_secret") };
	if (!given[0])
		return HUB_OK;
	if (strncasecmp(given, scheme, sizeof scheme - 1))
		return hub_fault_set(fault, "oauth.basic", "authorization",
				     "the client shows itself by Basic, or in the form");
	if (ret->secret[0])
		return hub_fault_set(fault, "oauth.twice", "client_secret", "in the form or as Basic, not both");
	return basic(r, given + sizeof scheme - 1, ret, fault);
}

/* Whatever was shown must be right, and all of it one party's. */
static hub_status authenticate(request *r, const client *c, credential *ret, hub_fault *fault)
{
	party by_secret;
	credential by_cert = { .thumbprint = "" };
	hub_status cert = credential_certificate(r, &by_cert, fault);
	if (cert != HUB_OK && cert != HUB_MISSING)
		return cert;
	hub_status st = HUB_MISSING;
	/* An access token is no secret of the client: it must not renew itself for ever. */
	if (c->secret[0] && strchr(c->secret, '.'))
		st = HUB_DENIED;
	else if (c->secret[0])
		st = credential_token(r, c->secret, &(credential){ .thumbprint = "" }, &by_secret, fault);
	if (st != HUB_OK && st != HUB_MISSING && st != HUB_DENIED)
		return st;
	bool differs = st == HUB_OK && cert == HUB_OK && by_secret.id != by_cert.caller.id;
	*ret = by_cert;
	if (cert == HUB_MISSING && st == HUB_OK)
		ret->caller = by_secret;
	if (st == HUB_DENIED || differs || (cert == HUB_MISSING && st == HUB_MISSING) ||
	    ((c->id[0] || cert == HUB_MISSING) && strcmp(c->id, ret->caller.code))) {
		hub_fault_set(fault, "oauth.client", "client_id",
			      "show the party's certificate, or its code as client_id and a "
			      "token of hubctl party token as client_secret");
		return HUB_DENIED;
	}
	return HUB_OK;
}

hub_status oauth_sign(request *r, const jwt_claims *claims, int64_t lifetime)
{
	const char *token;
	hub_status st = jwt_sign(r->keys, claims, r->arena, &token);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"access_token\":");
	json_write_text(&r->body, token);
	buf_printf(&r->body, ",\"token_type\":\"Bearer\",\"expires_in\":%lld", (long long)lifetime);
	return HUB_OK;
}

static hub_status issue(request *r, const credential *who, const struct audience *for_whom)
{
	char id[TRACE_TEXT];
	trace_id random = trace_new();
	hub_time issued = r->now / 1000000 * 1000000;
	const jwt_claims claims = {
		.issuer = API_ISSUER,
		.subject = who->caller.code,
		.audience = for_whom->name,
		.client = who->caller.code,
		.scope = "",
		.id = trace_text(&random, id),
		.thumbprint = for_whom->bound ? who->thumbprint : "",
		.issued = issued,
		.expires = issued + LIFETIME * INT64_C(1000000),
	};
	hub_status st = oauth_sign(r, &claims, LIFETIME);
	buf_text(&r->body, "}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static const struct audience *audience_of(const char *name)
{
	for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++)
		if (!strcmp(name, audiences[i].name) || (!name[0] && i == 0))
			return &audiences[i];
	return NULL;
}

hub_status oauth_form(request *r, const wire_field **ret, size_t *ret_count)
{
	static const char type[] = "application/x-www-form-urlencoded";
	const char *given = request_header(r, "content-type");
	hub_fault fault = { 0 };
	hub_status st;
	if (!r->keys)
		return request_refuse(r, 404, "oauth.closed", "path",
				      "this hub issues no access tokens; set the option keys of hubd");
	if (!given || strncasecmp(given, type, sizeof type - 1) ||
	    (given[sizeof type - 1] && !strchr("; ", given[sizeof type - 1]))) {
		st = invalid(r, "invalid_request", "oauth.type", "content-type",
			     "the request is application/x-www-form-urlencoded");
		return st == HUB_OK ? HUB_REJECT : st;
	}
	st = form_parse(r->call->body, r->call->body_len, r->arena, ret, ret_count, &fault);
	if (st != HUB_REJECT)
		return st;
	st = refuse(r, 400, "invalid_request", &fault);
	return st == HUB_OK ? HUB_REJECT : st;
}

static hub_status client_credentials(request *r, const wire_field *fields, size_t count)
{
	client c;
	credential who;
	hub_fault fault = { 0 };
	if (!strcmp(r->call->door, "public"))
		return invalid(r, "unauthorized_client", "call.door", "grant_type", "parties get their tokens at their own port");
	hub_status st = read_client(r, fields, count, &c, &fault);
	if (st == HUB_REJECT)
		return refuse(r, 400, "invalid_request", &fault);
	if (st != HUB_OK)
		return st;
	const struct audience *for_whom = audience_of(form_value(fields, count, "audience"));
	if (!for_whom)
		return invalid(r, "invalid_target", "oauth.audience", "audience", "audience is api or mqtt");
	st = authenticate(r, &c, &who, &fault);
	return st == HUB_OK	  ? issue(r, &who, for_whom)
	       : st == HUB_DENIED ? refuse(r, 401, "invalid_client", &fault)
				  : st;
}

static const struct grant {
	const char *name;
	hub_status (*run)(request *r, const wire_field *fields, size_t count);
} grants[] = {
	{ "client_credentials", client_credentials },
	{ "authorization_code", oauth_code },
	{ "refresh_token", oauth_refresh },
};

hub_status oauth_token_post(request *r)
{
	const wire_field *fields;
	size_t count;
	hub_status st = oauth_form(r, &fields, &count);
	if (st != HUB_OK)
		return st;
	const char *type = form_value(fields, count, "grant_type");
	for (size_t i = 0; i < sizeof grants / sizeof *grants; i++)
		if (!strcmp(type, grants[i].name))
			return grants[i].run(r, fields, count);
	return invalid(r, "unsupported_grant_type", "oauth.grant", "grant_type",
		       "grant_type is client_credentials, authorization_code or refresh_token");
}

hub_status oauth_jwks_get(request *r)
{
	const char *json;
	if (!r->keys)
		return request_refuse(r, 404, "oauth.closed", "path",
				      "this hub issues no access tokens; set the option keys of hubd");
	hub_status st = jwt_keys_json(r->keys, false, r->arena, &json);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, json);
	return request_finish(r, 200, "");
}

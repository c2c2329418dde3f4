#include "identity/jwt.h"

#include "identity/base64.h"
#include "identity/jwt_keys.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *claims_json(const jwt_claims *c)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", c->issuer, "sub", c->subject, "aud", c->audience,
			      "jti", c->id, "iat", (json_int_t)(c->issued / 1000000), "exp",
			      (json_int_t)(c->expires / 1000000));
	bool bad = !j;
	if (!bad && c->not_before)
		bad |= json_object_set_new(j, "nbf", json_integer(c->not_before / 1000000)) != 0;
	if (!bad && c->client && *c->client)
		bad |= json_object_set_new(j, "client_id", json_string(c->client)) != 0;
	if (!bad && c->scope && *c->scope)
		bad |= json_object_set_new(j, "scope", json_string(c->scope)) != 0;
	if (!bad && c->thumbprint && *c->thumbprint)
		bad |= json_object_set_new(j, "cnf", json_pack("{s:s}", "x5t#S256", c->thumbprint)) != 0;
	if (bad) {
		json_decref(j);
		return NULL;
	}
	return j;
}

hub_status jwt_sign(const jwt_keys *keys, const jwt_claims *claims, arena *a, const char **ret_token)
{
	const jwt_key *key = &keys->list[0];
	if (!keys->count || !key->has_private)
		return HUB_MISSING;
	cjose_err err;
	json_t *body = claims_json(claims);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	cjose_header_t *head = cjose_header_new(&err);
	const char *compact = NULL, *copy = NULL;
	cjose_jws_t *jws = NULL;
	if (text && head && cjose_header_set(head, CJOSE_HDR_ALG, key->algorithm, &err) &&
	    cjose_header_set(head, CJOSE_HDR_KID, cjose_jwk_get_kid(key->jwk, &err), &err) &&
	    cjose_header_set(head, "typ", "at+jwt", &err))
		jws = cjose_jws_sign(key->jwk, head, (const uint8_t *)text, strlen(text), &err);
	if (jws && cjose_jws_export(jws, &compact, &err))
		copy = arena_strdup(a, compact);
	cjose_jws_release(jws);
	if (head)
		cjose_header_release(head);
	free(text);
	json_decref(body);
	if (!copy)
		return HUB_NOMEM;
	*ret_token = copy;
	return HUB_OK;
}

static hub_status refuse(hub_fault *fault, const char *code, const char *field, const char *why)
{
	hub_fault_set(fault, code, field, "%s", why);
	return HUB_DENIED;
}

/* The signature, with the key its kid names and that key's algorithm; then the payload as JSON. */
static hub_status open_token(const jwt_keys *keys, const char *token, size_t len, json_t **ret, hub_fault *fault)
{
	cjose_err err;
	cjose_jws_t *jws = base64_is_compact(token, len) ? cjose_jws_import(token, len, &err) : NULL;
	if (!jws)
		return refuse(fault, "token.form", "token", "not a compact JWS; get a new token");
	hub_status st = HUB_OK;
	cjose_header_t *head = cjose_jws_get_protected(jws);
	const char *alg = cjose_header_get(head, CJOSE_HDR_ALG, &err);
	const char *kid = cjose_header_get(head, CJOSE_HDR_KID, &err);
	const char *typ = cjose_header_get(head, "typ", &err);
	const jwt_key *key = jwt_key_find(keys, kid);
	uint8_t *payload;
	size_t size;
	if (!key)
		st = refuse(fault, "token.key", "kid", "signed by a key that is not ours or has expired; get a new token");
	else if (!alg || strcmp(alg, key->algorithm) != 0)
		st = refuse(fault, "token.algorithm", "alg", "the key's own algorithm only (ES256 or RS256)");
	else if (!typ || strcmp(typ, "at+jwt") != 0)
		st = refuse(fault, "token.type", "typ", "not an access token (typ at+jwt)");
	else if (json_object_get((json_t *)head, "crit"))
		st = refuse(fault, "token.form", "crit", "no critical extensions are known here");
	else if (!cjose_jws_verify(jws, key->jwk, &err) || !cjose_jws_get_plaintext(jws, &payload, &size, &err))
		st = refuse(fault, "token.signature", "token", "the signature does not hold; get a new token");
	json_t *body = st == HUB_OK ? json_loadb((const char *)payload, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	cjose_jws_release(jws);
	if (st != HUB_OK)
		return st;
	if (!json_is_object(body)) {
		json_decref(body);
		return refuse(fault, "token.form", "token", "the payload is not a JSON object");
	}
	*ret = body;
	return HUB_OK;
}

static const char *text_of(json_t *body, const char *name, arena *a)
{
	const char *s = json_string_value(json_object_get(body, name));
	return arena_strdup(a, s ? s : "");
}

static hub_time time_of(json_t *body, const char *name)
{
	json_int_t s = json_integer_value(json_object_get(body, name));
	return s > 0 && s < INT64_MAX / 1000000 ? s * 1000000 : 0;
}

static bool audience_holds(json_t *aud, const char *expected)
{
	const char *one = json_string_value(aud);
	bool held = one && !strcmp(one, expected);
	for (size_t i = 0; i < json_array_size(aud); i++) {
		const char *s = json_string_value(json_array_get(aud, i));
		held |= s && !strcmp(s, expected);
	}
	return held;
}

static hub_status judge(json_t *body, const jwt_claims *c, const jwt_expect *expect, hub_fault *fault)
{
	if (strcmp(c->issuer, expect->issuer) != 0)
		return refuse(fault, "token.issuer", "iss", "issued by somebody else");
	if (!audience_holds(json_object_get(body, "aud"), expect->audience))
		return refuse(fault, "token.audience", "aud", "meant for another service");
	if (!*c->subject)
		return refuse(fault, "token.subject", "sub", "names nobody");
	if (!c->expires || c->expires + expect->leeway <= expect->now)
		return refuse(fault, "token.expired", "exp", "expired; get a new token");
	if (c->not_before > expect->now + expect->leeway || c->issued > expect->now + expect->leeway)
		return refuse(fault, "token.early", "nbf", "not valid yet; set your clock");
	if (*c->thumbprint && strcmp(c->thumbprint, expect->thumbprint) != 0)
		return refuse(fault, "token.binding", "cnf", "bound to another certificate; show the one it was issued to");
	return HUB_OK;
}

hub_status jwt_verify(const jwt_keys *keys, const char *token, size_t len, const jwt_expect *expect, arena *a,
		      jwt_claims *ret, hub_fault *fault)
{
	if (len > JWT_TOKEN_MAX)
		return refuse(fault, "token.form", "token", "longer than 8 KiB");
	json_t *body;
	hub_status st = open_token(keys, token, len, &body, fault);
	if (st != HUB_OK)
		return st;
	const char *bound = json_string_value(json_object_get(json_object_get(body, "cnf"), "x5t#S256"));
	jwt_claims c = {
		.issuer = text_of(body, "iss", a),
		.subject = text_of(body, "sub", a),
		.audience = expect->audience,
		.client = text_of(body, "client_id", a),
		.scope = text_of(body, "scope", a),
		.id = text_of(body, "jti", a),
		.thumbprint = arena_strdup(a, bound ? bound : ""),
		.issued = time_of(body, "iat"),
		.not_before = time_of(body, "nbf"),
		.expires = time_of(body, "exp"),
	};
	if (!c.issuer || !c.subject || !c.client || !c.scope || !c.id || !c.thumbprint)
		st = HUB_NOMEM;
	/* A binding that is there but not readable must not count as none. */
	else if (json_object_get(body, "cnf") && !bound)
		st = refuse(fault, "token.binding", "cnf", "bound in a way that is not known here");
	else
		st = judge(body, &c, expect, fault);
	json_decref(body);
	if (st == HUB_OK)
		*ret = c;
	return st;
}

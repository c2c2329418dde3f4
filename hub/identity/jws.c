#include "identity/jws.h"

#include "identity/base64.h"

#include "base/buf.h"
#include "base/fail.h"
#include "base/json.h"
#include "identity/jwt_keys.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = 32, RAW = 2 * HALF, DER_MAX = 80 };

struct jws_signer {
	EVP_PKEY *key;
	char *kid;
	buf input;
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(buf *out, const uint8_t *in, size_t len)
{
	uint8_t *to = buf_room(out, (len + 2) / 3 * 4);
	size_t n = 0;
	if (!to)
		return;
	for (; len >= 3; in += 3, len -= 3) {
		uint32_t v = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		to[n++] = (uint8_t)alphabet[v >> 18];
		to[n++] = (uint8_t)alphabet[v >> 12 & 63];
		to[n++] = (uint8_t)alphabet[v >> 6 & 63];
		to[n++] = (uint8_t)alphabet[v & 63];
	}
	if (len) {
		uint32_t v = (uint32_t)in[0] << 16 | (len > 1 ? (uint32_t)in[1] << 8 : 0);
		to[n++] = (uint8_t)alphabet[v >> 18];
		to[n++] = (uint8_t)alphabet[v >> 12 & 63];
		if (len > 1)
			to[n++] = (uint8_t)alphabet[v >> 6 & 63];
	}
	buf_took(out, n);
}

/* 32 bytes of a JWK's member; false if it is something else. */
static bool member(const json_t *jwk, const char *name, uint8_t out[HALF])
{
	const char *text = json_string_value(json_object_get(jwk, name));
	uint8_t *bytes = NULL;
	size_t len = 0;
	cjose_err err;
	bool ok = text && base64_is_url(text, strlen(text)) && cjose_base64url_decode(text, strlen(text), &bytes, &len, &err) && len <= HALF && len > 0;
	if (ok) {
		memset(out, 0, HALF - len);
		memcpy(out + HALF - len, bytes, len);
	}
	if (bytes)
		OPENSSL_cleanse(bytes, len);
	free(bytes);
	return ok;
}

/* A P-256 key, with its private part if wanted; NULL if it is none. */
static EVP_PKEY *key_of(const jwt_key *k, bool private)
{
	uint8_t point[1 + RAW] = { 4 }, d[HALF] = { 0 };
	EVP_PKEY *key = NULL;
	char *text = cjose_jwk_to_json(k->jwk, private, NULL);
	json_t *jwk = text ? json_loads(text, 0, NULL) : NULL;
	bool ok = jwk && !strcmp(k->algorithm, "ES256") && member(jwk, "x", point + 1) &&
		  member(jwk, "y", point + 1 + HALF) && (!private || member(jwk, "d", d));
	BIGNUM *secret = ok && private ? BN_bin2bn(d, HALF, NULL) : NULL;
	OSSL_PARAM_BLD *build = ok ? OSSL_PARAM_BLD_new() : NULL;
	ok = build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
	     OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) &&
	     (!private || (secret && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret)));
	OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(build) : NULL;
	EVP_PKEY_CTX *ctx = params ? EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL) : NULL;
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_clear_free(secret);
	OPENSSL_cleanse(d, sizeof d);
	json_decref(jwk);
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	return key;
}

hub_status jws_signer_new(const jwt_keys *keys, jws_signer **ret)
{
	if (!keys->count || !keys->list[0].has_private)
		return HUB_MISSING;
	jws_signer *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->key = key_of(&keys->list[0], true);
	s->kid = fail_strdup(cjose_jwk_get_kid(keys->list[0].jwk, NULL));
	if (!s->key || !s->kid) {
		hub_status st = s->key ? HUB_NOMEM : HUB_MISSING;
		jws_signer_free(s);
		return st;
	}
	*ret = s;
	return HUB_OK;
}

void jws_signer_free(jws_signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	free(s->kid);
	buf_fini(&s->input);
	free(s);
}

/* r and s side by side, as JOSE wants them, from the DER that OpenSSL makes. */
static bool raw_of(const uint8_t *der, size_t len, uint8_t raw[RAW])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, HALF) == HALF &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + HALF, HALF) == HALF;
	ECDSA_SIG_free(sig);
	return ok;
}

static bool sign(EVP_PKEY *key, const buf *input, uint8_t raw[RAW])
{
	uint8_t der[DER_MAX];
	size_t len = sizeof der;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestSign(ctx, der, &len, input->bytes, input->len) == 1 && raw_of(der, len, raw);
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void header_write(buf *out, const char *kid, const jws_head *head)
{
	buf_text(out, "{\"alg\":\"ES256\",\"kid\":");
	json_write_text(out, kid);
	buf_text(out, ",\"typ\":");
	json_write_text(out, head->type);
	buf_printf(out, ",\"iat\":%lld,\"jti\":", (long long)(head->issued / 1000000));
	json_write_text(out, head->id);
	buf_text(out, ",\"aud\":");
	json_write_text(out, head->audience);
	buf_u8(out, '}');
}

hub_status jws_sign(jws_signer *s, const jws_head *head, const void *body, size_t len, arena *a, const char **ret)
{
	uint8_t raw[RAW];
	buf header = { 0 }, text = { 0 };
	header_write(&header, s->kid, head);
	buf_clear(&s->input);
	encode(&s->input, header.bytes, header.len);
	size_t head_len = s->input.len;
	buf_u8(&s->input, '.');
	encode(&s->input, body, len);
	bool ok = !header.bad && !s->input.bad && sign(s->key, &s->input, raw);
	if (ok) {
		buf_put(&text, s->input.bytes, head_len);
		buf_text(&text, "..");
		encode(&text, raw, RAW);
	}
	const char *copy = ok && !text.bad ? arena_strdup(a, buf_cstr(&text)) : NULL;
	buf_fini(&header);
	buf_fini(&text);
	if (!copy)
		return HUB_NOMEM;
	*ret = copy;
	return HUB_OK;
}

static bool verify(const jwt_key *k, const buf *input, const uint8_t *raw)
{
	uint8_t *der = NULL;
	EVP_PKEY *key = key_of(k, false);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, HALF, NULL), *s = BN_bin2bn(raw + HALF, HALF, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && sig && r && s && ctx && ECDSA_SIG_set0(sig, r, s);
	if (!ok) {
		BN_free(r);
		BN_free(s);
	}
	int len = ok ? i2d_ECDSA_SIG(sig, &der) : 0;
	ok = len > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, der, (size_t)len, input->bytes, input->len) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	EVP_PKEY_free(key);
	return ok;
}

static const char *text_of(const json_t *head, const char *name, arena *a)
{
	const char *text = json_string_value(json_object_get(head, name));
	return arena_strdup(a, text ? text : "");
}

hub_status jws_check(const jwt_keys *keys, const char *signature, const void *body, size_t len, arena *a, jws_head *ret)
{
	const char *dots = strstr(signature, "..");
	uint8_t *head_text = NULL, *raw = NULL;
	size_t head_len = 0, raw_len = 0;
	cjose_err err;
	buf input = { 0 };
	bool ok = dots && base64_is_url(signature, (size_t)(dots - signature)) && base64_is_url(dots + 2, strlen(dots + 2)) &&
		  cjose_base64url_decode(signature, (size_t)(dots - signature), &head_text, &head_len, &err) &&
		  cjose_base64url_decode(dots + 2, strlen(dots + 2), &raw, &raw_len, &err) && raw_len == RAW;
	json_t *head = ok ? json_loadb((const char *)head_text, head_len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const jwt_key *key = head ? jwt_key_find(keys, json_string_value(json_object_get(head, "kid"))) : NULL;
	const char *alg = json_string_value(json_object_get(head, "alg"));
	if (key && alg && !strcmp(alg, "ES256") && !strcmp(key->algorithm, "ES256")) {
		buf_put(&input, signature, (size_t)(dots - signature) + 1);
		encode(&input, body, len);
		ok = !input.bad && verify(key, &input, raw);
	} else {
		ok = false;
	}
	if (ok)
		*ret = (jws_head) { text_of(head, "typ", a), text_of(head, "jti", a), text_of(head, "aud", a),
				    json_integer_value(json_object_get(head, "iat")) * 1000000 };
	json_decref(head);
	free(head_text);
	free(raw);
	buf_fini(&input);
	return !ok ? HUB_DENIED : ret->type && ret->id && ret->audience ? HUB_OK : HUB_NOMEM;
}

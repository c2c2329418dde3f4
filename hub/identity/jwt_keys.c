#include "identity/jwt_keys.h"

#include "base/fail.h"
#include "identity/base64.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

const jwt_key *jwt_key_find(const jwt_keys *keys, const char *kid)
{
	for (size_t i = 0; i < keys->count; i++) {
		const char *mine = cjose_jwk_get_kid(keys->list[i].jwk, NULL);
		if (mine && kid && !strcmp(mine, kid))
			return &keys->list[i];
	}
	return NULL;
}

/* RFC 7638 for an EC key: SHA-256 over its required members in their order, base64url. */
static bool set_thumbprint(cjose_jwk_t *jwk)
{
	bool done = false;
	char *text = cjose_jwk_to_json(jwk, false, NULL);
	json_t *all = text ? json_loads(text, 0, NULL) : NULL;
	json_t *part = json_pack("{s:O?, s:O?, s:O?, s:O?}", "crv", json_object_get(all, "crv"), "kty",
				 json_object_get(all, "kty"), "x", json_object_get(all, "x"), "y",
				 json_object_get(all, "y"));
	char *canonical = part ? json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	uint8_t digest[32];
	char *kid = NULL;
	size_t len;
	cjose_err err;
	if (canonical && EVP_Digest(canonical, strlen(canonical), digest, NULL, EVP_sha256(), NULL) == 1 &&
	    cjose_base64url_encode(digest, sizeof digest, &kid, &len, &err))
		done = cjose_jwk_set_kid(jwk, kid, len, &err);
	free(kid);
	free(canonical);
	json_decref(part);
	json_decref(all);
	free(text);
	return done;
}

hub_status jwt_keys_new(jwt_keys **ret)
{
	jwt_keys *keys = fail_calloc(1, sizeof *keys);
	if (!keys)
		return HUB_NOMEM;
	cjose_err err;
	keys->list[0] = (jwt_key){ cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err), "ES256", true };
	keys->count = keys->list[0].jwk != NULL;
	if (!keys->count || !set_thumbprint(keys->list[0].jwk)) {
		jwt_keys_free(keys);
		return HUB_FAILED;
	}
	*ret = keys;
	return HUB_OK;
}

/* RFC 7518, §6.2 and §6.3; cjose ends the process over what is no base64. */
static bool is_written_well(const json_t *json)
{
	static const char *const numbers[] = { "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi" };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const json_t *number = json_object_get(json, numbers[i]);
		if (number && !base64_is_url(json_string_value(number), json_string_length(number)))
			return false;
	}
	return true;
}

static hub_status key_add(jwt_keys *keys, json_t *json, hub_fault *fault)
{
	const char *kid = json_string_value(json_object_get(json, "kid"));
	const char *kty = json_string_value(json_object_get(json, "kty"));
	const char *crv = json_string_value(json_object_get(json, "crv"));
	const char *alg = json_string_value(json_object_get(json, "alg"));
	if (keys->count == JWT_KEYS_MAX)
		return hub_fault_set(fault, "keys.many", "keys", "at most %d keys; remove old ones", JWT_KEYS_MAX);
	if (!kid || !*kid || jwt_key_find(keys, kid))
		return hub_fault_set(fault, "keys.kid", "kid", "every key needs a kid of its own");
	bool ec = kty && crv && !strcmp(kty, "EC") && !strcmp(crv, "P-256");
	bool rsa = kty && !strcmp(kty, "RSA");
	const char *algorithm = ec ? "ES256" : "RS256";
	if ((!ec && !rsa) || (alg && strcmp(alg, algorithm) != 0))
		return hub_fault_set(fault, "keys.algorithm", "kty", "key '%.40s': only EC P-256 (ES256) and RSA (RS256)", kid);
	if (!is_written_well(json))
		return hub_fault_set(fault, "keys.value", "keys", "key '%.40s': its numbers are base64url without padding", kid);
	char *text = json_dumps(json, JSON_COMPACT);
	cjose_err err;
	cjose_jwk_t *jwk = text ? cjose_jwk_import(text, strlen(text), &err) : NULL;
	free(text);
	if (!jwk || (rsa && cjose_jwk_get_keysize(jwk, &err) < 2048)) {
		cjose_jwk_release(jwk);
		return hub_fault_set(fault, "keys.value", "keys", "key '%.40s' is not a usable key of its kind", kid);
	}
	keys->list[keys->count++] = (jwt_key){ jwk, algorithm, json_object_get(json, "d") != NULL };
	return HUB_OK;
}

hub_status jwt_keys_parse(const char *json, size_t len, jwt_keys **ret, hub_fault *fault)
{
	jwt_keys *keys = fail_calloc(1, sizeof *keys);
	if (!keys)
		return HUB_NOMEM;
	json_t *all = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL), *list = json_object_get(all, "keys"), *key;
	hub_status st = HUB_OK;
	size_t i;
	if (!json_array_size(list))
		st = hub_fault_set(fault, "keys.document", "keys", "expected a JWKS document with at least one key");
	json_array_foreach (list, i, key)
		if (st == HUB_OK)
			st = key_add(keys, key, fault);
	json_decref(all);
	if (st != HUB_OK) {
		jwt_keys_free(keys);
		return st;
	}
	*ret = keys;
	return HUB_OK;
}

hub_status jwt_keys_rotate(const jwt_keys *old, size_t keep, jwt_keys **ret)
{
	jwt_keys *keys;
	hub_status st = jwt_keys_new(&keys);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < old->count && i < keep && keys->count < JWT_KEYS_MAX; i++) {
		keys->list[keys->count] = old->list[i];
		cjose_jwk_retain(old->list[i].jwk, NULL);
		keys->count++;
	}
	*ret = keys;
	return HUB_OK;
}

void jwt_keys_free(jwt_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->count; i++)
		cjose_jwk_release(keys->list[i].jwk);
	free(keys);
}

size_t jwt_keys_count(const jwt_keys *keys)
{
	return keys->count;
}

hub_status jwt_keys_json(const jwt_keys *keys, bool with_private, arena *a, const char **ret_json)
{
	json_t *list = json_array();
	hub_status st = list ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < keys->count; i++) {
		char *text = cjose_jwk_to_json(keys->list[i].jwk, with_private, NULL);
		json_t *key = text ? json_loads(text, 0, NULL) : NULL;
		free(text);
		if (!key || json_object_set_new(key, "alg", json_string(keys->list[i].algorithm)) ||
		    json_object_set_new(key, "use", json_string("sig")) || json_array_append_new(list, key))
			st = HUB_NOMEM;
	}
	json_t *all = st == HUB_OK ? json_pack("{s:O}", "keys", list) : NULL;
	char *text = all ? json_dumps(all, JSON_COMPACT) : NULL;
	const char *copy = text ? arena_strdup(a, text) : NULL;
	free(text);
	json_decref(all);
	json_decref(list);
	if (!copy)
		return HUB_NOMEM;
	*ret_json = copy;
	return HUB_OK;
}

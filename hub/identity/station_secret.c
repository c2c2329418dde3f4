#include "identity/station_secret.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

enum { PASSES = 2, MEMORY_KIB = 19 * 1024, LANES = 1, TAG = 32 };
enum {
	SALT = 16,
	KEY = 20,
	SALT_TEXT = 2 * SALT,
	DIGEST_TEXT = 2 * SHA256_DIGEST_LENGTH,
	CHOSEN_MIN = 8,
	CHOSEN_MAX = 64
};

static void hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool digest(const char *salt, const uint8_t *password, size_t len, char out[DIGEST_TEXT + 1])
{
	uint8_t both[SALT_TEXT + 256], sum[SHA256_DIGEST_LENGTH];
	if (len > sizeof both - SALT_TEXT)
		return false;
	memcpy(both, salt, SALT_TEXT);
	memcpy(both + SALT_TEXT, password, len);
	bool ok = EVP_Digest(both, SALT_TEXT + len, sum, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_cleanse(both, sizeof both);
	hex(sum, sizeof sum, out);
	return ok;
}

hub_status station_secret_make(char ret_password[STATION_KEY_TEXT], char ret_secret[STATION_SECRET])
{
	uint8_t key[KEY], salt[SALT];
	char salt_text[SALT_TEXT + 1], sum[DIGEST_TEXT + 1];
	if (RAND_bytes(key, sizeof key) != 1 || RAND_bytes(salt, sizeof salt) != 1)
		return HUB_FAILED;
	hex(salt, sizeof salt, salt_text);
	bool ok = digest(salt_text, key, sizeof key, sum);
	snprintf(ret_secret, STATION_SECRET, "1$%s$%s", salt_text, sum);
	hex(key, sizeof key, ret_password);
	OPENSSL_cleanse(key, sizeof key);
	return ok ? HUB_OK : HUB_FAILED;
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* 40 hex digits are the 20 bytes they stand for; anything else is itself. */
static const uint8_t *meant(const uint8_t *password, size_t *len, uint8_t out[KEY])
{
	if (*len != 2 * KEY)
		return password;
	for (size_t i = 0; i < KEY; i++) {
		int high = digit(password[2 * i]), low = digit(password[2 * i + 1]);
		if (high < 0 || low < 0)
			return password;
		out[i] = (uint8_t)(high << 4 | low);
	}
	*len = KEY;
	return out;
}

hub_status station_secret_of(const char *password, char ret_secret[STATION_SECRET], hub_fault *fault)
{
	uint8_t bytes[KEY], salt[SALT];
	size_t len = strlen(password);
	if (len < CHOSEN_MIN || len > CHOSEN_MAX)
		return hub_fault_set(fault, "charger.password", "password",
				     "a station's password has %d to %d bytes; 40 hex digits stand for 20 bytes",
				     CHOSEN_MIN, CHOSEN_MAX);
	const uint8_t *p = meant((const uint8_t *)password, &len, bytes);
	if (RAND_bytes(salt, sizeof salt) != 1)
		return HUB_FAILED;
	int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, p, len, salt, sizeof salt, TAG, ret_secret,
				       STATION_SECRET);
	return rc == ARGON2_OK ? HUB_OK : rc == ARGON2_MEMORY_ALLOCATION_ERROR ? HUB_NOMEM : HUB_FAILED;
}

static hub_status verify_stretched(const char *secret, const uint8_t *password, size_t len)
{
	switch (argon2id_verify(secret, password, len)) {
	case ARGON2_OK:
		return HUB_OK;
	case ARGON2_VERIFY_MISMATCH:
		return HUB_DENIED;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return HUB_NOMEM;
	default:
		return HUB_REJECT;
	}
}

hub_status station_secret_verify(const char *secret, const uint8_t *password, size_t len, bool *ret_weak)
{
	uint8_t bytes[KEY];
	char salt[SALT_TEXT + 1], sum[DIGEST_TEXT + 1];
	*ret_weak = false;
	if (len > 2 * CHOSEN_MAX)
		return HUB_DENIED;
	const uint8_t *p = meant(password, &len, bytes);
	if (!strncmp(secret, "$argon2id$", 10))
		return strlen(secret) < STATION_SECRET ? verify_stretched(secret, p, len) : HUB_REJECT;
	if (strncmp(secret, "1$", 2) || strlen(secret) != 2 + SALT_TEXT + 1 + DIGEST_TEXT)
		return HUB_REJECT;
	memcpy(salt, secret + 2, SALT_TEXT);
	salt[SALT_TEXT] = 0;
	if (!digest(salt, p, len, sum) || CRYPTO_memcmp(sum, secret + 3 + SALT_TEXT, DIGEST_TEXT))
		return HUB_DENIED;
	*ret_weak = len != KEY;
	return HUB_OK;
}

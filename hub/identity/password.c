#include "identity/password.h"

#include <argon2.h>
#include <string.h>
#include <sys/random.h>
#include <stdint.h>

enum { PASSES = 3, MEMORY_KIB = 64 * 1024, LANES = 1, SALT = 16, TAG = 32 };

#define PREFIX "$argon2id$v=19$m=65536,t=3,p=1$"

/* Printable UTF-8 without control characters: what a person can type again elsewhere. */
static bool is_text(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i++];
		int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
		if (more < 0 || c < 0x20 || c == 0x7f)
			return false;
		for (; more; more--)
			if (i == len || ((unsigned char)s[i++] & 0xc0) != 0x80)
				return false;
	}
	return true;
}

hub_status password_hash(const char *password, size_t len, char ret_hash[PASSWORD_HASH], hub_fault *fault)
{
	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return hub_fault_set(fault, "password.length", "password", "%d to %d bytes, this one has %zu",
				     PASSWORD_MIN, PASSWORD_MAX, len);
	if (!is_text(password, len))
		return hub_fault_set(fault, "password.text", "password", "UTF-8 without control characters");
	uint8_t salt[SALT];
	if (getrandom(salt, sizeof salt, 0) != (ssize_t)sizeof salt)
		return HUB_FAILED;
	int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, len, salt, sizeof salt, TAG, ret_hash,
				       PASSWORD_HASH);
	return rc == ARGON2_OK ? HUB_OK : rc == ARGON2_MEMORY_ALLOCATION_ERROR ? HUB_NOMEM : HUB_FAILED;
}

hub_status password_verify(const char *hash, const char *password, size_t len)
{
	if (strncmp(hash, "$argon2id$", 10) != 0 || strlen(hash) >= PASSWORD_HASH)
		return HUB_REJECT;
	if (len > PASSWORD_MAX)
		return HUB_DENIED;
	switch (argon2id_verify(hash, password, len)) {
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

bool password_is_old(const char *hash)
{
	return strncmp(hash, PREFIX, sizeof PREFIX - 1) != 0;
}

#include "store/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/statement.h"

enum { RANDOM = 32, RANDOM_TEXT = 43, PARTY_DIGITS = 18 };

hub_status secret_new(const char *prefix, int64_t party, char ret[SECRET_TEXT])
{
	uint8_t secret[RANDOM];
	char text[(RANDOM + 2) / 3 * 4 + 1];
	if (RAND_bytes(secret, sizeof secret) != 1)
		return HUB_FAILED;
	EVP_EncodeBlock((uint8_t *)text, secret, sizeof secret);
	for (char *p = text; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	int n = party ? snprintf(ret, SECRET_TEXT, "%s%lld_%.*s", prefix, (long long)party, RANDOM_TEXT, text)
		      : snprintf(ret, SECRET_TEXT, "%s%.*s", prefix, RANDOM_TEXT, text);
	OPENSSL_cleanse(secret, sizeof secret);
	OPENSSL_cleanse(text, sizeof text);
	return n < SECRET_TEXT ? HUB_OK : HUB_FAILED;
}

hub_status secret_party(const char *prefix, const char *text, int64_t *ret_party)
{
	size_t p = strlen(prefix);
	if (strncmp(text, prefix, p))
		return HUB_DENIED;
	size_t n = strspn(text + p, "0123456789");
	if (n == 0 || n > PARTY_DIGITS || text[p + n] != '_' || strlen(text + p + n + 1) != RANDOM_TEXT)
		return HUB_DENIED;
	*ret_party = strtoll(text + p, NULL, 10);
	return HUB_OK;
}

void secret_digest(const char *text, uint8_t ret[SECRET_DIGEST])
{
	SHA256((const uint8_t *)text, strlen(text), ret);
}

void arg_secret(args *a, const char *text, uint8_t digest[32])
{
	secret_digest(text, digest);
	arg_bytes(a, digest, SECRET_DIGEST);
}

#include "store/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

static const char prefix[] = "hub_"; /* so that scanners for leaked secrets can find one */
enum { SECRET = 32, SECRET_TEXT = 43 };

static bool make(char ret[TOKEN_TEXT])
{
	uint8_t secret[SECRET];
	char text[(SECRET + 2) / 3 * 4 + 1];
	if (RAND_bytes(secret, sizeof secret) != 1)
		return false;
	EVP_EncodeBlock((uint8_t *)text, secret, sizeof secret);
	for (char *p = text; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	memcpy(ret, prefix, sizeof prefix - 1);
	memcpy(ret + sizeof prefix - 1, text, SECRET_TEXT);
	ret[sizeof prefix - 1 + SECRET_TEXT] = '\0';
	OPENSSL_cleanse(secret, sizeof secret);
	OPENSSL_cleanse(text, sizeof text);
	return true;
}

static void arg_digest(args *a, const char *text, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	SHA256((const uint8_t *)text, strlen(text), digest);
	arg_bytes(a, digest, SHA256_DIGEST_LENGTH);
}

hub_status token_new(store *db, int64_t party, const char *label, hub_time valid_from, hub_time valid_to,
		     char ret[TOKEN_TEXT], int64_t *ret_id, hub_fault *fault)
{
	char text[TOKEN_TEXT];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (!make(text))
		return HUB_FAILED;
	AUTO_ARGS a;
	args_init(&a);
	arg_i64(&a, party);
	arg_digest(&a, text, digest);
	arg_text(&a, label);
	if (valid_from)
		arg_time(&a, valid_from);
	else
		arg_null(&a, OID_TIME);
	arg_to(&a, valid_to);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	int64_t id = 0;
	st = sql_number(db, "token_new", &a, &id, fault);
	if (st == HUB_OK)
		st = epoch_bump(db, "party");
	st = store_scope_end(db, st);
	if (st == HUB_OK) {
		memcpy(ret, text, TOKEN_TEXT);
		*ret_id = id;
	}
	OPENSSL_cleanse(text, sizeof text);
	return st;
}

hub_status token_party(store *db, const char *text, hub_time now, int64_t *ret_party)
{
	if (strncmp(text, prefix, sizeof prefix - 1) || strlen(text) != sizeof prefix - 1 + SECRET_TEXT)
		return HUB_DENIED;
	uint8_t digest[SHA256_DIGEST_LENGTH];
	AUTO_ARGS a;
	args_init(&a);
	arg_digest(&a, text, digest);
	arg_time(&a, now);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "token_party", &a, &res, NULL);
	if (st != HUB_OK)
		return st;
	if (!PQntuples(res))
		return HUB_DENIED;
	*ret_party = get_i64(res, 0, 0);
	return HUB_OK;
}

static void row(fetch *f, int i, void *ret)
{
	token *t = ret;
	t->id = get_i64(f->r, i, 0);
	t->party = get_i64(f->r, i, 1);
	t->label = fetch_text(f, i, 2);
	t->valid_from = get_time(f->r, i, 3);
	t->valid_to = get_time(f->r, i, 4);
	t->revoked = get_time(f->r, i, 5);
}

hub_status token_list(store *db, int64_t party, arena *a, token **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	return sql_list(db, "token_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status revoke(store *db, int64_t id)
{
	AUTO_ARGS a;
	args_init(&a);
	arg_i64(&a, id);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "token_revoke", &a, &res, NULL);
	if (st == HUB_OK && !sql_rows(res))
		st = HUB_MISSING;
	return st == HUB_OK ? epoch_bump(db, "party") : st;
}

hub_status token_revoke(store *db, int64_t id)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, revoke(db, id)) : st;
}

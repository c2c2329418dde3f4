#include "store/charger.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

/* "1$SALT$DIGEST" in hex: SHA-256 over salt and password. What we make has 160 bits: nothing to stretch. */
enum { SALT = 16, KEY = 20, SECRET_TEXT = 2 + 2 * SALT + 1 + 2 * SHA256_DIGEST_LENGTH + 1 };

static void row(fetch *f, int i, void *ret)
{
	charger *c = ret;
	c->id = get_i64(f->r, i, 0);
	c->party = get_i64(f->r, i, 1);
	c->name = fetch_text(f, i, 2);
	c->instance = fetch_text(f, i, 3);
	c->state = fetch_text(f, i, 4);
	c->profile = (int)get_i64(f->r, i, 5);
	c->has_secret = get_bool(f->r, i, 6);
}

hub_status charger_put(store *db, const charger *c, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, c->party);
	arg_text(&in, c->name);
	arg_text(&in, c->instance);
	arg_text(&in, c->state);
	arg_i16(&in, (int16_t)c->profile);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_run(db, "charger_put", &in, &res, fault);
	bool changed = st == HUB_OK && sql_rows(res) > 0;
	if (changed)
		st = epoch_bump(db, "charger");
	st = store_scope_end(db, st);
	if (st == HUB_OK && ret_changed)
		*ret_changed = changed;
	return st;
}

hub_status charger_get(store *db, const char *name, arena *a, charger *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	return sql_one(db, "charger_get", &in, a, sizeof *ret, row, ret);
}

hub_status charger_list(store *db, const char *instance, const char *after, size_t limit, arena *a, charger **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, instance);
	arg_text(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charger_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static void hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void digest(const char *salt, const uint8_t *password, size_t len, char out[2 * SHA256_DIGEST_LENGTH + 1])
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	SHA256_CTX c;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	SHA256_Init(&c);
	SHA256_Update(&c, salt, strlen(salt));
	SHA256_Update(&c, password, len);
	SHA256_Final(sum, &c);
#pragma GCC diagnostic pop
	hex(sum, sizeof sum, out);
}

static hub_status keep(store *db, const char *name, const uint8_t *password, size_t len)
{
	uint8_t salt[SALT];
	char salt_text[2 * SALT + 1], sum[2 * SHA256_DIGEST_LENGTH + 1], secret[SECRET_TEXT];
	AUTO_RESULT res = NULL;
	AUTO_ARGS in;
	if (RAND_bytes(salt, sizeof salt) != 1)
		return HUB_FAILED;
	hex(salt, sizeof salt, salt_text);
	digest(salt_text, password, len, sum);
	snprintf(secret, sizeof secret, "1$%s$%s", salt_text, sum);
	args_init(&in);
	arg_text(&in, name);
	arg_text(&in, secret);
	hub_status st = sql_run(db, "charger_secret_set", &in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? HUB_MISSING : st;
}

hub_status charger_password_new(store *db, const char *name, char ret[CHARGER_SECRET])
{
	uint8_t key[KEY];
	if (RAND_bytes(key, sizeof key) != 1)
		return HUB_FAILED;
	hub_status st = keep(db, name, key, sizeof key);
	if (st == HUB_OK)
		hex(key, sizeof key, ret);
	OPENSSL_cleanse(key, sizeof key);
	return st;
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

hub_status charger_password_set(store *db, const char *name, const char *password, hub_fault *fault)
{
	uint8_t bytes[KEY];
	size_t len = strlen(password);
	if (len < 8 || len > 64)
		return hub_fault_set(fault, "charger.password", "password",
				     "a station's password has 8 to 64 bytes; 40 hex digits "
				     "stand for 20 bytes");
	const uint8_t *p = meant((const uint8_t *)password, &len, bytes);
	return keep(db, name, p, len);
}

static void secret_row(fetch *f, int i, void *ret)
{
	*(const char **)ret = fetch_text(f, i, 0);
}

hub_status charger_password_verify(store *db, const char *name, const uint8_t *password, size_t len)
{
	AUTO_ARGS in;
	arena a;
	const char *secret;
	uint8_t bytes[KEY];
	char salt[2 * SALT + 1], sum[2 * SHA256_DIGEST_LENGTH + 1];
	args_init(&in);
	arg_text(&in, name);
	arena_init(&a, 0);
	hub_status st = sql_one(db, "charger_secret", &in, &a, sizeof secret, secret_row, &secret);
	if (st == HUB_OK && strlen(secret) != SECRET_TEXT - 1)
		st = HUB_MISSING;
	if (st == HUB_OK) {
		const uint8_t *p = meant(password, &len, bytes);
		memcpy(salt, secret + 2, 2 * SALT);
		salt[2 * SALT] = 0;
		digest(salt, p, len, sum);
		st = CRYPTO_memcmp(sum, secret + 3 + 2 * SALT, sizeof sum - 1) ? HUB_DENIED : HUB_OK;
	}
	arena_fini(&a);
	return st;
}

hub_status charge_tag_put(store *db, const charge_tag *t, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, t->tag);
	arg_i64(&in, t->party);
	arg_text(&in, t->state);
	arg_to(&in, t->valid_to);
	arg_text(&in, t->parent);
	arg_bool(&in, t->alone);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, "charge_tag_put", &in, fault);
	if (st == HUB_OK)
		st = epoch_bump(db, "charger");
	return store_scope_end(db, st);
}

static void tag_row(fetch *f, int i, void *ret)
{
	charge_tag *t = ret;
	t->tag = fetch_text(f, i, 0);
	t->party = get_i64(f->r, i, 1);
	t->state = fetch_text(f, i, 2);
	t->valid_to = get_time(f->r, i, 3);
	t->parent = fetch_text(f, i, 4);
	t->alone = get_bool(f->r, i, 5);
}

hub_status charge_tag_list(store *db, const char *after, size_t limit, arena *a, charge_tag **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charge_tag_list", &in, a, sizeof **ret, tag_row, ret, ret_count);
}

static void session_row(fetch *f, int i, void *ret)
{
	charging_session *s = ret;
	const char **texts[] = { &s->station, &s->transaction, &s->channel, &s->tag, &s->point };
	for (int k = 0; k < 5; k++)
		*texts[k] = fetch_text(f, i, k);
	s->started = get_time(f->r, i, 5);
	s->ended = get_time(f->r, i, 6);
	s->last_update = get_time(f->r, i, 7);
	s->has_start = get_bool(f->r, i, 8);
	s->has_stop = get_bool(f->r, i, 9);
	s->has_energy = get_bool(f->r, i, 10);
	s->start_wh = get_i64(f->r, i, 11);
	s->stop_wh = get_i64(f->r, i, 12);
	s->energy_wh = get_i64(f->r, i, 13);
	s->reason = fetch_text(f, i, 14);
	s->problem = fetch_text(f, i, 15);
	s->id = get_i64(f->r, i, 16);
}

hub_status charging_session_list(store *db, const char *station, hub_time silent_since, int64_t before, size_t limit,
				 arena *a, charging_session **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, station);
	arg_i64(&in, before);
	if (silent_since)
		arg_time(&in, silent_since);
	else
		arg_null(&in, OID_TIME);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charging_session_list", &in, a, sizeof **ret, session_row, ret, ret_count);
}

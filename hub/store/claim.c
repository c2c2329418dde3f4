#include "store/claim.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char invited[] = "hubi_";
enum { CODE_CHARS = 12 };

hub_status point_code_new(store *db, int64_t point, hub_time now, hub_time expires, char ret[POINT_CODE_TEXT])
{
	uint8_t random[CODE_CHARS], digest[SECRET_DIGEST];
	char text[CODE_CHARS + 1];
	if (RAND_bytes(random, sizeof random) != 1)
		return HUB_FAILED;
	for (int i = 0; i < CODE_CHARS; i++)
		text[i] = alphabet[random[i] & 31];
	text[CODE_CHARS] = 0;
	AUTO_ARGS in;
	args_init(&in);
	arg_secret(&in, text, digest);
	arg_i64(&in, point);
	arg_time(&in, now);
	arg_time(&in, expires);
	snprintf(ret, POINT_CODE_TEXT, "%.4s-%.4s-%.4s", text, text + 4, text + 8);
	OPENSSL_cleanse(random, sizeof random);
	return sql_do(db, "point_code_new", &in, NULL);
}

bool point_code_read(const char *text, char ret[POINT_CODE_TEXT])
{
	size_t n = 0;
	for (; *text; text++) {
		char c = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (c == ' ' || c == '-')
			continue;
		if (n == CODE_CHARS || !strchr(alphabet, c))
			return false;
		ret[n++] = c;
	}
	ret[n] = 0;
	return n == CODE_CHARS;
}

static void row(fetch *f, int i, void *ret)
{
	*(point_claim *)ret = (point_claim){
		.point = get_i64(f->r, i, 0),
		.code = fetch_text(f, i, 1),
		.mine = get_bool(f->r, i, 2),
		.taken = get_bool(f->r, i, 3),
		.done = get_bool(f->r, i, 4),
	};
}

static void code_args(args *in, const char *code, uint8_t digest[SECRET_DIGEST], int64_t party, hub_time now)
{
	args_init(in);
	arg_secret(in, code, digest);
	arg_i64(in, party);
	arg_time(in, now);
}

hub_status point_code_find(store *db, const char *text, int64_t party, hub_time now, arena *a, point_claim *ret)
{
	char code[POINT_CODE_TEXT];
	uint8_t digest[SECRET_DIGEST];
	if (!point_code_read(text, code))
		return HUB_DENIED;
	AUTO_ARGS in;
	code_args(&in, code, digest, party, now);
	hub_status st = sql_one(db, "point_code_find", &in, a, sizeof *ret, row, ret);
	return st == HUB_MISSING ? HUB_DENIED : st;
}

static hub_status occupy(store *db, const point_claim *claim, int64_t party, hub_time now)
{
	AUTO_ARGS over, come;
	args_init(&over);
	arg_i64(&over, claim->point);
	arg_i64(&over, party);
	arg_time(&over, now);
	arg_text(&over, claim->code);
	args_init(&come);
	arg_i64(&come, claim->point);
	arg_i64(&come, party);
	arg_time(&come, now);
	hub_status st = sql_do(db, "point_occupants_end", &over, NULL);
	if (st == HUB_OK)
		st = sql_do(db, "point_occupy", &come, NULL);
	return st == HUB_OK ? epoch_bump(db, "point") : st;
}

static hub_status use(store *db, const char *text, int64_t party, hub_time now, arena *a, point_claim *ret)
{
	char code[POINT_CODE_TEXT];
	uint8_t digest[SECRET_DIGEST];
	int64_t point;
	hub_status st = point_code_find(db, text, party, now, a, ret);
	/* An answer may be lost and the call come again: that is no second use. */
	if (st != HUB_OK || ret->done)
		return st;
	point_code_read(text, code);
	AUTO_ARGS in;
	code_args(&in, code, digest, party, now);
	st = sql_number(db, "point_code_use", &in, &point, NULL);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_DENIED : st;
	return occupy(db, ret, party, now);
}

hub_status point_code_use(store *db, const char *text, int64_t party, hub_time now, arena *a, point_claim *ret)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, use(db, text, party, now, a, ret)) : st;
}

hub_status invitation_new(store *db, int64_t party, int64_t inviter, hub_time expires, char ret[SECRET_TEXT])
{
	uint8_t digest[SECRET_DIGEST];
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = secret_new(invited, party, ret);
	if (st != HUB_OK)
		return st;
	arg_i64(&in, party);
	arg_secret(&in, ret, digest);
	arg_i64(&in, inviter);
	arg_time(&in, expires);
	return sql_do(db, "invitation_new", &in, NULL);
}

hub_status invitation_use(store *db, const char *text, hub_time now, int64_t *ret_party)
{
	int64_t party;
	uint8_t digest[SECRET_DIGEST];
	if (secret_party(invited, text, &party) != HUB_OK)
		return HUB_DENIED;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_secret(&in, text, digest);
	arg_time(&in, now);
	hub_status st = sql_number(db, "invitation_use", &in, ret_party, NULL);
	return st == HUB_MISSING ? HUB_DENIED : st;
}

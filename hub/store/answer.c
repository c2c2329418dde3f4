#include "store/answer.h"

#include <string.h>

#include "store/statement.h"

static void arg_key(args *in, const answer *a)
{
	args_init(in);
	arg_i64(in, a->party);
	arg_bytes(in, a->key, sizeof a->key);
}

static void row(fetch *f, int i, void *ret)
{
	answer *a = ret;
	size_t len;
	const uint8_t *digest = get_bytes(f->r, i, 0, &len);
	if (len == sizeof a->digest)
		memcpy(a->digest, digest, len);
	a->status = (int)get_i64(f->r, i, 1);
	a->tag = fetch_text(f, i, 2);
	a->body = fetch_bytes(f, i, 3, &a->body_len);
}

hub_status answer_claim(store *db, const answer *wanted, arena *a, answer *ret)
{
	AUTO_ARGS in;
	int64_t one;
	arg_key(&in, wanted);
	arg_bytes(&in, wanted->digest, sizeof wanted->digest);
	hub_status st = sql_number(db, "answer_claim", &in, &one, NULL);
	if (st != HUB_MISSING)
		return st;
	AUTO_ARGS known;
	arg_key(&known, wanted);
	*ret = *wanted;
	st = sql_one(db, "answer_get", &known, a, sizeof *ret, row, ret);
	/* It was removed meanwhile, as too old: the caller asks again. */
	return st == HUB_OK ? HUB_CONFLICT : st == HUB_MISSING ? HUB_AGAIN : st;
}

hub_status answer_keep(store *db, const answer *given)
{
	AUTO_ARGS in;
	arg_key(&in, given);
	arg_i16(&in, (int16_t)given->status);
	arg_text(&in, given->tag);
	arg_bytes(&in, given->body, given->body_len);
	return sql_do(db, "answer_keep", &in, NULL);
}

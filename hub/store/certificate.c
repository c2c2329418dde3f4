#include "store/certificate.h"

#include <string.h>

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	party_certificate *c = ret;
	c->party = get_i64(f->r, i, 0);
	c->serial = fetch_text(f, i, 1);
	c->thumbprint = fetch_text(f, i, 2);
	c->kind = fetch_text(f, i, 3);
	c->name = fetch_text(f, i, 4);
	c->valid_from = get_time(f->r, i, 5);
	c->valid_to = get_time(f->r, i, 6);
	c->issued = get_time(f->r, i, 7);
	c->revoked = get_null(f->r, i, 8) ? 0 : get_time(f->r, i, 8);
}

hub_status certificate_add(store *db, const party_certificate *c, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, c->serial);
	arg_i64(&in, c->party);
	arg_text(&in, c->thumbprint);
	arg_text(&in, c->kind);
	arg_text(&in, c->name);
	arg_time(&in, c->valid_from);
	arg_time(&in, c->valid_to);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, "certificate_add", &in, fault);
	if (st == HUB_OK)
		st = epoch_bump(db, "party");
	return store_scope_end(db, st);
}

hub_status certificate_find(store *db, const char *thumbprint, arena *a, party_certificate *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, thumbprint);
	return sql_one(db, "certificate_find", &in, a, sizeof *ret, row, ret);
}

hub_status certificate_list(store *db, int64_t party, arena *a, party_certificate **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	return sql_list(db, "certificate_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status revoke(store *db, int64_t party, const char *serial)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, serial);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "certificate_revoke", &in, &res, NULL);
	if (st == HUB_OK && !sql_rows(res))
		st = HUB_MISSING;
	return st == HUB_OK ? epoch_bump(db, "party") : st;
}

hub_status certificate_revoke(store *db, int64_t party, const char *serial)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, revoke(db, party, serial)) : st;
}

hub_status certificate_revoked(store *db, hub_time now, arena *a, party_certificate **ret, size_t *ret_count,
			       int64_t *ret_number)
{
	AUTO_ARGS in, none;
	int64_t number;
	args_init(&in);
	args_init(&none);
	arg_time(&in, now);
	/* The number first: a list of a higher number then never lacks what one of a lower number has. */
	hub_status st = sql_number(db, "certificate_list_number", &none, &number, NULL);
	if (st == HUB_OK)
		st = sql_list(db, "certificate_revoked", &in, a, sizeof **ret, row, ret, ret_count);
	if (st == HUB_OK)
		*ret_number = number;
	return st;
}

hub_status certificate_stands(store *db, const char *thumbprint, int64_t party, hub_time now, bool *ret)
{
	party_certificate c;
	arena a;
	arena_init(&a, 0);
	hub_status st = certificate_find(db, thumbprint, &a, &c);
	*ret = st == HUB_OK && c.party == party && !strcmp(c.kind, "party") && !c.revoked && now >= c.valid_from && now < c.valid_to;
	arena_fini(&a);
	return st == HUB_MISSING ? HUB_OK : st;
}

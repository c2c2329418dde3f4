#include "store/contact.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	*(party_contact *)ret = (party_contact){ .phone = fetch_text(f, i, 0), .web = fetch_text(f, i, 1) };
}

hub_status contact_put(store *db, int64_t party, const party_contact *c, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, c->phone ? c->phone : "");
	arg_text(&in, c->web ? c->web : "");
	return sql_do(db, "contact_put", &in, fault);
}

hub_status contact_of_party(store *db, int64_t party, arena *a, party_contact *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	hub_status st = sql_one(db, "contact_of_party", &in, a, sizeof *ret, row, ret);
	if (st != HUB_MISSING)
		return st;
	*ret = (party_contact){ "", "" };
	return HUB_OK;
}

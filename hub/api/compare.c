#include "api/compare.h"

#include "api/bills.h"
#include "api/message_right.h"
#include "compare/show.h"

/* Whose account it is decides with the policies of a message about them; nobody else's role helps. */
hub_status account_message(request *r, const billing_account *account, const char *kind, bool *ret)
{
	party holder;
	message_facts m = { .kind = kind, .commodity = "", .sender = "hub", .personal = true };
	*ret = false;
	if (!account->holder)
		return HUB_OK;
	hub_status st = party_by_id(r->db, account->holder, r->arena, &holder);
	m.about = st == HUB_OK ? holder.code : NULL;
	return st == HUB_OK ? message_right(r, "receive", &m, ret) : st;
}

hub_status comparison_get(request *r)
{
	billing_account account;
	int32_t cycle = 0;
	bool allowed = false;
	const char *text = request_query(r, "cycle");
	if (text && !unify_cycle_parse(text, &cycle))
		return request_refuse(r, 400, "bill.cycle", "cycle", "'%.20s' is no cycle such as 2026-10", text);
	hub_status st = bill_account(r, &account);
	if (st == HUB_OK)
		st = account_message(r, &account, "comparison", &allowed);
	if (st == HUB_OK && !allowed)
		return request_refuse(r, 404, "account.unknown", "account",
				      "there is no account '%.64s' that you may see", account.code);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = compare_show(r->db, &account, cycle, false, r->arena, &r->body);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "compare.missing", "cycle", "account '%.64s' was not compared %s%s",
				      account.code, text ? "in " : "yet", text ? text : "");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

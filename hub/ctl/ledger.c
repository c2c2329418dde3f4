/* hubctl ledger: the whole book replayed. */
#include "store/ledger.h"

#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/words.h"
#include "store/party.h"
#include "store/reconcile.h"

int ctl_ledger_verify(ctl *c, int argc, char **argv)
{
	ledger_state s = { 0 };
	hub_fault fault = { 0 };
	if (ctl_leftover("ledger verify", argc, argv) || argc != 1)
		return ctl_usage("ledger verify");
	hub_status st = ledger_verify(c->db, &s, &fault);
	if (st != HUB_OK)
		return ctl_fail("ledger verify", st, &fault);
	printf("{\"lines\":%llu,\"accounts\":%llu,\"entries\":%llu,\"digest\":\"", (unsigned long long)s.lines,
	       (unsigned long long)s.accounts, (unsigned long long)s.entries);
	for (size_t i = 0; i < sizeof s.digest; i++)
		printf("%02x", s.digest[i]);
	puts("\"}");
	return CTL_OK;
}

static void utility(const reconcile_utility *u, const char *code)
{
	printf("{\"party\":\"%s\",\"billed\":%lld,\"paid\":%lld,\"receivable\":%lld,\"unpaid\":%lld,\"collected\":%lld,\"agrees\":%s}\n",
	       code, (long long)u->billed, (long long)u->paid, (long long)u->receivable, (long long)u->unpaid,
	       (long long)u->collected, reconcile_agrees(u) ? "true" : "false");
}

static hub_status reconcile(ctl *c, int64_t party_id, arena *a, bool *ret_agrees)
{
	reconcile_utility *utilities;
	reconcile_provider *providers;
	size_t count, more = 0;
	party who;
	hub_status st = reconcile_utilities(c->db, party_id, a, &utilities, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		st = party_by_id(c->db, utilities[i].party, a, &who);
		if (st == HUB_OK)
			utility(&utilities[i], who.code);
		*ret_agrees &= reconcile_agrees(&utilities[i]);
	}
	if (st == HUB_OK)
		st = reconcile_providers(c->db, party_id, a, &providers, &more);
	for (size_t i = 0; st == HUB_OK && i < more; i++) {
		const reconcile_provider *p = &providers[i];
		st = party_by_id(c->db, p->party, a, &who);
		if (st == HUB_OK)
			printf("{\"provider\":\"%s\",\"paid\":%lld,\"cash\":%lld,\"agrees\":%s}\n", who.code, (long long)p->paid,
			       (long long)p->cash, p->paid == p->cash ? "true" : "false");
		*ret_agrees &= p->paid == p->cash;
	}
	return st;
}

int ctl_ledger_reconcile(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	int64_t id = 0;
	bool agrees = true;
	hub_fault fault = { 0 };
	const char *code = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || ctl_leftover("ledger reconcile", argc, argv) || argc != 1)
		return ctl_usage("ledger reconcile");
	arena_init(&a, 0);
	hub_status st = code ? word_party(c->db, code, &a, &id, &fault) : HUB_OK;
	if (st == HUB_OK)
		st = reconcile(c, id, &a, &agrees);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("ledger reconcile", st, &fault);
	return agrees ? CTL_OK : CTL_FAILED;
}

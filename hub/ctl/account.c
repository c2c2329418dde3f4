/* hubctl account: who is billed, and by which contracts. */
#include "store/account.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "store/ledger.h"
#include "store/party.h"
#include "store/point.h"

hub_status word_account(store *db, const char *code, arena *a, billing_account *ret, hub_fault *fault)
{
	hub_status st = account_by_code(db, code, a, ret);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "account.missing", "", "there is no account '%.64s'; hubctl account list", code);
	return st;
}

int ctl_account_add(ctl *c, int argc, char **argv)
{
	int bad = 0;
	int64_t id;
	bool changed;
	hub_fault fault = { 0 };
	const char *holder = ctl_take(&argc, argv, "holder", 1, &bad);
	billing_account b = { .kind = ctl_take(&argc, argv, "kind", 1, &bad), .name_zh = ctl_take(&argc, argv, "name-zh", 1, &bad),
			      .name_en = ctl_take(&argc, argv, "name-en", 1, &bad), .zone = ctl_take(&argc, argv, "zone", 1, &bad) };
	if (bad || ctl_leftover("account add", argc, argv) || argc != 2)
		return ctl_usage("account add");
	b.code = argv[1];
	b.kind = b.kind ? b.kind : "household";
	arena a;
	arena_init(&a, 0);
	hub_status st = holder ? word_party(c->db, holder, &a, &b.holder, &fault) : HUB_OK;
	if (st == HUB_OK)
		st = account_put(c->db, &b, &id, &changed, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("account add", st, &fault);
	printf("account %s %s\n", b.code, changed ? "stored" : "unchanged");
	return CTL_OK;
}

static hub_status supply(ctl *c, int *argc, char **argv, arena *a, bool *ret_changed, hub_fault *fault)
{
	int bad = 0;
	billing_account b;
	hub_setting *facts;
	size_t fact_count;
	contract k = { 0 };
	const char *place = ctl_take(argc, argv, "point", 1, &bad), *who = ctl_take(argc, argv, "party", 1, &bad);
	const char *code = ctl_take(argc, argv, "tariff", 1, &bad), *from = ctl_take(argc, argv, "from", 1, &bad);
	hub_status st = word_pairs(argc, argv, "fact", a, &facts, &fact_count, fault);
	if (bad || !place || !who || ctl_leftover("account supply", *argc, argv) || *argc != 2)
		return hub_fault_set(fault, "ctl.words", "", "an account, --point and --party are required");
	k.tariff = code ? code : "";
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], a, &b, fault);
	if (st == HUB_OK)
		st = word_point(c->db, place, a, &k.point, fault);
	if (st == HUB_OK)
		st = word_party(c->db, who, a, &k.party, fault);
	if (st == HUB_OK)
		st = word_time(from, 0, &k.valid_from, fault);
	if (st == HUB_OK)
		st = word_object(facts, fact_count, a, &k.facts);
	if (st != HUB_OK)
		return st;
	k.account = b.id;
	return contract_begin(c->db, &k, ret_changed, fault);
}

int ctl_account_supply(ctl *c, int argc, char **argv)
{
	arena a;
	bool changed = false;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = supply(c, &argc, argv, &a, &changed, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("account supply", st, &fault);
	printf("contract %s\n", changed ? "stored" : "unchanged");
	return CTL_OK;
}

int ctl_account_leave(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	billing_account b;
	hub_time at;
	int64_t point_id = 0;
	hub_fault fault = { 0 };
	const char *place = ctl_take(&argc, argv, "point", 1, &bad), *when = ctl_take(&argc, argv, "at", 1, &bad);
	if (bad || ctl_leftover("account leave", argc, argv) || argc != 2)
		return ctl_usage("account leave");
	arena_init(&a, 0);
	hub_status st = word_time(when, clock_now(), &at, &fault);
	if (st == HUB_OK)
		st = word_account(c->db, argv[1], &a, &b, &fault);
	if (st == HUB_OK && place)
		st = word_point(c->db, place, &a, &point_id, &fault);
	if (st == HUB_OK && (st = contract_end(c->db, b.id, point_id, at)) == HUB_MISSING)
		hub_fault_set(&fault, "account.contract", "", "no contract of '%.64s' is open then", argv[1]);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("account leave", st, &fault);
}

int ctl_account_carry(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	bills *b = NULL;
	billing_account from, to;
	int64_t carried = 0;
	hub_fault fault = { 0 };
	const char *other = ctl_take(&argc, argv, "to", 1, &bad), *key = ctl_take(&argc, argv, "key", 1, &bad);
	if (bad || !other || !key || ctl_leftover("account carry", argc, argv) || argc != 2)
		return ctl_usage("account carry");
	arena_init(&a, 0);
	hub_status st = word_account(c->db, argv[1], &a, &from, &fault);
	if (st == HUB_OK)
		st = word_account(c->db, other, &a, &to, &fault);
	if (st == HUB_OK)
		st = bills_new(c->db, &b);
	if (st == HUB_OK)
		st = bills_carry_account(b, from.id, to.id, key, &carried, &fault);
	bills_free(b);
	if (st == HUB_OK)
		printf("{\"from\":\"%s\",\"to\":\"%s\",\"carried\":%lld}\n", from.code, to.code, (long long)carried);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("account carry", st, &fault);
}

int ctl_account_list(ctl *c, int argc, char **argv)
{
	arena a;
	int64_t after = 0;
	size_t count = 0;
	billing_account *list;
	hub_status st;
	if (ctl_leftover("account list", argc, argv) || argc != 1)
		return ctl_usage("account list");
	arena_init(&a, 0);
	while ((st = account_list(c->db, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			printf("%-24s %-12s %s %s\n", list[i].code, list[i].kind, list[i].name_zh, list[i].name_en);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("account list", st, NULL);
}

static hub_status show_contracts(ctl *c, const billing_account *b, arena *a, buf *out)
{
	contract *list;
	size_t count;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	hub_status st = contract_list(c->db, &b->id, 1, 0, 0, a, &list, &count);
	buf_text(out, ",\"contracts\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		point *pt;
		size_t found;
		party who;
		st = point_by_ids(c->db, &list[i].point, 1, a, &pt, &found);
		if (st == HUB_OK)
			st = party_by_id(c->db, list[i].party, a, &who);
		if (st != HUB_OK)
			return st;
		buf_printf(out, "%s{\"point\":\"%s\",\"commodity\":\"%s\",\"party\":\"%s\",\"tariff\":\"%s\",\"facts\":%s", i ? "," : "",
			   found ? pt->code : "", found ? pt->commodity : "", who.code, list[i].tariff, list[i].facts);
		if (list[i].valid_from)
			buf_printf(out, ",\"from\":\"%s\"", clock_text(list[i].valid_from, from));
		if (list[i].valid_to)
			buf_printf(out, ",\"to\":\"%s\"", clock_text(list[i].valid_to, to));
		buf_text(out, "}");
	}
	buf_text(out, "]");
	return st;
}

static hub_status show_balances(ctl *c, const billing_account *b, arena *a, buf *out)
{
	ledger_balance *list;
	size_t count;
	hub_status st = ledger_of_account(c->db, b->id, a, &list, &count);
	buf_text(out, ",\"owes\":{");
	int64_t credit = 0;
	for (size_t i = 0, shown = 0; st == HUB_OK && i < count; i++) {
		party who;
		if (ledger_part_use(list[i].of.part) == LEDGER_CREDIT)
			credit -= list[i].balance;
		if (ledger_part_use(list[i].of.part) != LEDGER_RECEIVABLE)
			continue;
		st = party_by_id(c->db, ledger_part_party(list[i].of.part), a, &who);
		if (st == HUB_OK)
			buf_printf(out, "%s\"%s\":%lld", shown++ ? "," : "", who.code, (long long)list[i].balance);
	}
	buf_printf(out, "},\"credit\":%lld", (long long)credit);
	return st;
}

int ctl_account_show(ctl *c, int argc, char **argv)
{
	arena a;
	billing_account b;
	buf out = { 0 };
	hub_fault fault = { 0 };
	if (ctl_leftover("account show", argc, argv) || argc != 2)
		return ctl_usage("account show");
	arena_init(&a, 0);
	hub_status st = word_account(c->db, argv[1], &a, &b, &fault);
	if (st == HUB_OK) {
		buf_printf(&out, "{\"account\":\"%s\",\"kind\":\"%s\",\"name_zh\":", b.code, b.kind);
		json_write_text(&out, b.name_zh);
		buf_text(&out, ",\"name_en\":");
		json_write_text(&out, b.name_en);
		st = show_contracts(c, &b, &a, &out);
	}
	if (st == HUB_OK)
		st = show_balances(c, &b, &a, &out);
	if (st == HUB_OK)
		printf("%s}\n", buf_cstr(&out));
	buf_fini(&out);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("account show", st, &fault);
}

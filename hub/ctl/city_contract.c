/* The city's money: tariffs, accounts, contracts, who takes payments. */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "billing/tariff.h"
#include "ctl/city.h"
#include "ctl/words.h"
#include "sim/invoice.h"
#include "store/account.h"
#include "store/provider.h"
#include "store/tariff.h"

extern const hub_embedded city_tariffs[];
extern const size_t city_tariffs_count;

/* An account's contracts. */
static const struct {
	const char *letter, *party, *tariff;
} served[] = { { "e", "power", "binhai/power" }, { "w", "water", "binhai/water" }, { "g", "gas", "" } };
enum { SERVED = sizeof served / sizeof *served };

/* "": its company sends bills of its own. */
static const char *tariff_of(size_t i, const sim_home *h)
{
	for (sim_biller b = 0; b < SIM_BILLERS; b++)
		if (!strcmp(served[i].party, sim_biller_party(b)) && sim_bills_itself(b, h))
			return "";
	return served[i].tariff;
}

static hub_status add_tariffs(city *t)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < city_tariffs_count; i++) {
		tariff *parsed = NULL;
		int64_t id;
		st = tariff_parse(city_tariffs[i].bytes, city_tariffs[i].len, &parsed, t->fault);
		tariff_document d = { .code = st == HUB_OK ? parsed->code : "", .body = city_tariffs[i].bytes };
		if (st == HUB_OK)
			st = tariff_document_add(t->c->db, &d, &id, NULL, t->fault);
		tariff_free(parsed);
	}
	return st;
}

static hub_status add_provider(city *t, arena *a)
{
	uint8_t key[32];
	payment_provider p = { .url = "https://pay.example/binhai", .key = key, .key_len = sizeof key }, old;
	hub_status st = word_party(t->c->db, "pay", a, &p.party, t->fault);
	if (st == HUB_OK && (st = provider_by_party(t->c->db, p.party, a, &old)) != HUB_MISSING)
		return st;
	if (st == HUB_MISSING)
		st = RAND_bytes(key, sizeof key) == 1 ? provider_put(t->c->db, &p, t->fault) : HUB_FAILED;
	OPENSSL_cleanse(key, sizeof key);
	return st;
}

static hub_status add_account(city *t, uint32_t home, const int64_t utilities[SERVED], arena *a)
{
	const char *code = arena_printf(a, "home-%05u", home), *zh = arena_printf(a, "住户%05u", home);
	const char *en = arena_printf(a, "Household %05u", home);
	billing_account b = { .code = code, .kind = "household", .name_zh = zh, .name_en = en, .zone = CITY_ZONE };
	const sim_home h = sim_home_of(&t->plan.sim, home);
	bool changed;
	if (!code || !zh || !en)
		return HUB_NOMEM;
	hub_status st = word_party(t->c->db, code, a, &b.holder, t->fault);
	if (st == HUB_OK)
		st = account_put(t->c->db, &b, &b.id, NULL, t->fault);
	for (size_t i = 0; st == HUB_OK && i < SERVED; i++) {
		contract k = { .account = b.id,
			       .party = utilities[i],
			       .tariff = tariff_of(i, &h),
			       .facts = "{}",
			       .valid_from = t->plan.from };
		const char *point_code = arena_printf(a, "%s-%05u", served[i].letter, home);
		st = point_code ? word_point(t->c->db, point_code, a, &k.point, t->fault) : HUB_NOMEM;
		if (st == HUB_OK)
			st = contract_begin(t->c->db, &k, &changed, t->fault);
	}
	return st;
}

/* Many in one transaction: a commit is the dearest of it. */
static hub_status add_accounts(city *t, const int64_t utilities[SERVED], arena *a)
{
	enum { TOGETHER = 200 };
	hub_status st = HUB_OK;
	for (uint32_t n = 1; st == HUB_OK && n <= t->plan.sim.homes; n += TOGETHER) {
		arena_reset(a);
		st = store_begin(t->c->db);
		for (uint32_t k = n; st == HUB_OK && k < n + TOGETHER && k <= t->plan.sim.homes; k++)
			st = add_account(t, k, utilities, a);
		if (st == HUB_OK)
			st = store_commit(t->c->db);
		else
			store_rollback(t->c->db);
	}
	return st;
}

hub_status city_contract(city *t)
{
	int64_t utilities[SERVED];
	arena a;
	arena_init(&a, 0);
	hub_status st = add_tariffs(t);
	if (st == HUB_OK)
		st = add_provider(t, &a);
	for (size_t i = 0; st == HUB_OK && i < SERVED; i++)
		st = word_party(t->c->db, served[i].party, &a, &utilities[i], t->fault);
	if (st == HUB_OK)
		st = add_accounts(t, utilities, &a);
	arena_fini(&a);
	if (st == HUB_OK)
		city_say(t, "%u accounts with their contracts", t->plan.sim.homes);
	return st;
}

/* The city's bills, month by month, and most of them paid as its payment provider would have it. */
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bills.h"
#include "compare/run.h"
#include "ctl/city_beside.h"
#include "ctl/words.h"
#include "sim/invoice.h"
#include "store/provider.h"

enum { PAGE = 64, TRIES = 20, SECOND = 1000000 };

typedef struct till {
	city *t;
	bills *b;
	payment_provider pay;
	unsigned payments;
} till;

/* A company's own bills of a month, as its file has them. */
static void write_bills(const city *t, sim_biller b, unsigned month, buf *out)
{
	const sim_city *sim = &t->plan.sim;
	const int64_t from = city_month(t, month) / SECOND, to = city_month(t, month + 1) / SECOND,
		      leaks = t->plan.leaks / CITY_HOUR;
	char row[SIM_INVOICE_ROW + 1];
	buf_text(out, sim_invoice_header(row));
	for (uint32_t n = 1; n <= sim->homes; n++) {
		const sim_home h = sim_home_of(sim, n);
		if (!sim_bills_itself(b, &h))
			continue;
		const sim_invoice i = sim_invoice_of(b, n, city_cycle(t, month), from, to,
						     sim_billed_volume(sim, b, &h, from, to, leaks));
		buf_text(out, sim_invoice_line(&i, row));
	}
}

static void tell_first(void *user, size_t line, const hub_fault *fault)
{
	hub_fault *first = user;
	if (!first->code)
		hub_fault_set(first, fault->code, fault->field, "line %zu of the own bills: %.180s", line,
			      fault->message);
}

static hub_status import_bills(const city *t, bills *b, sim_biller biller, unsigned month)
{
	/* A company is called as what it sells. */
	const char *const may[] = { sim_biller_party(biller), NULL };
	buf text = { 0 };
	size_t taken, refused = 0;
	int64_t party;
	hub_fault first = { 0 };
	arena a;
	arena_init(&a, 0);
	write_bills(t, biller, month, &text);
	hub_status st = text.bad ? HUB_NOMEM : word_party(t->c->db, may[0], &a, &party, t->fault);
	if (st == HUB_OK)
		st = bills_import(b, party, may, NULL, text.bytes, text.len, tell_first, &first, &taken, &refused,
				  t->fault);
	if (st == HUB_OK && refused) {
		*t->fault = first;
		st = HUB_REJECT;
	}
	buf_fini(&text);
	arena_fini(&a);
	return st;
}

static hub_status import_water(city *t, void *user)
{
	const unsigned *month = user;
	bills *b = NULL;
	hub_status st = bills_new(t->c->db, &b);
	if (st == HUB_OK)
		st = import_bills(t, b, SIM_BILLER_WATER, *month);
	bills_free(b);
	return st;
}

/* Both companies' at a time: neither looks at what the other makes. */
static hub_status import_month(till *k, unsigned month)
{
	city_beside water = { 0 };
	hub_status st = city_beside_begin(&water, k->t, import_water, &month);
	if (st == HUB_OK)
		st = import_bills(k->t, k->b, SIM_BILLER_GAS, month);
	return city_beside_end(&water, st, k->t->fault);
}

static hub_status run_page(till *k, int32_t cycle, const billing_account *list, size_t count,
			   atomic_size_t of[BILLS_OUTCOMES])
{
	const bills_order order = { .cycle = cycle, .due_days = 15, .accept = true };
	arena a;
	arena_init(&a, 0);
	bills_made *made = arena_array(&a, count, sizeof *made);
	hub_status st = made ? HUB_AGAIN : HUB_NOMEM;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = bills_run(k->b, &order, list, count, &a, made, k->t->fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		atomic_fetch_add(&of[made[i].outcome], 1);
	arena_fini(&a);
	return st;
}

typedef hub_status (*each_page)(till *k, const billing_account *list, size_t count, void *user);

/* The accounts, page by page, to whoever asks next. */
typedef struct pages {
	pthread_mutex_t lock;
	int64_t after;
	bool over;
	const till *of;
	each_page work;
	void *user;
	unsigned payments;
} pages;

static hub_status next_page(pages *p, const till *k, arena *a, billing_account **ret, size_t *ret_count)
{
	pthread_mutex_lock(&p->lock);
	*ret_count = 0;
	hub_status st = p->over ? HUB_OK : account_list(k->t->c->db, p->after, PAGE, a, ret, ret_count);
	p->over = p->over || st != HUB_OK || !*ret_count;
	if (*ret_count)
		p->after = (*ret)[*ret_count - 1].id;
	pthread_mutex_unlock(&p->lock);
	return st;
}

static hub_status work_pages(pages *p, till *k)
{
	arena a;
	billing_account *list;
	size_t count = 1;
	hub_status st = HUB_OK;
	arena_init(&a, 0);
	while (st == HUB_OK && count) {
		arena_reset(&a);
		st = next_page(p, k, &a, &list, &count);
		if (st == HUB_OK && count)
			st = p->work(k, list, count, p->user);
	}
	arena_fini(&a);
	if (st != HUB_OK) {
		pthread_mutex_lock(&p->lock);
		p->over = true;
		pthread_mutex_unlock(&p->lock);
	}
	return st;
}

static hub_status work_beside(city *t, void *user)
{
	pages *p = user;
	till k = { .t = t, .pay = p->of->pay };
	hub_status st = bills_new(t->c->db, &k.b);
	if (st == HUB_OK)
		st = work_pages(p, &k);
	bills_free(k.b);
	pthread_mutex_lock(&p->lock);
	p->payments += k.payments;
	pthread_mutex_unlock(&p->lock);
	return st;
}

/* Two at a time: an account's work waits for the database again and again. */
static hub_status over_accounts(till *k, each_page work, void *user)
{
	pages p = { .of = k, .work = work, .user = user };
	city_beside other = { 0 };
	pthread_mutex_init(&p.lock, NULL);
	hub_status st = city_beside_begin(&other, k->t, work_beside, &p);
	if (st == HUB_OK)
		st = work_pages(&p, k);
	st = city_beside_end(&other, st, k->t->fault);
	k->payments += p.payments;
	pthread_mutex_destroy(&p.lock);
	return st;
}

typedef struct cycle_run {
	int32_t cycle;
	atomic_size_t of[BILLS_OUTCOMES];
} cycle_run;

static hub_status run_cycle(till *k, const billing_account *list, size_t count, void *user)
{
	cycle_run *r = user;
	return run_page(k, r->cycle, list, count, r->of);
}

/* As the provider's call-back comes: signed with its key, about its order. */
static hub_status pay(till *k, const billing_account *account, const char *id, int64_t amount, arena *a)
{
	const char *order = bills_order_text(account->id, id, a);
	const char *reference = arena_printf(a, "BP-%lld-%s", (long long)account->id, id);
	const payment_notice n = {
		.order = order, .reference = reference, .currency = "CNY", .amount = amount, .time = clock_now()
	};
	char signature[65];
	if (!order || !reference)
		return HUB_NOMEM;
	hub_status st = HUB_AGAIN;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = bills_pay_order(k->b, account->id, id, k->pay.party, amount, PAYMENT_BY_DUE, NULL, 0, k->t->fault);
	if (st == HUB_OK)
		st = payment_notice_sign(&n, k->pay.key, k->pay.key_len, signature);
	if (st == HUB_OK)
		st = HUB_AGAIN;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = bills_pay_notice(k->b, k->pay.party, &n, signature, clock_now(), k->t->fault);
	k->payments += st == HUB_OK;
	return st;
}

/* What is open of the posted bills up to a cycle. */
static hub_status open_of(till *k, const billing_account *account, int32_t last, arena *a, int64_t *ret)
{
	bill_row *rows;
	size_t count;
	int64_t sum = 0;
	hub_status st = bill_of_account(k->t->c->db, account->id, 0, 200, a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		if (rows[i].state != BILL_POSTED || rows[i].cycle > last)
			continue;
		sum += rows[i].total;
		for (size_t p = 0; p < rows[i].paid_count; p++)
			sum -= rows[i].paid[p];
	}
	*ret = sum;
	return st;
}

typedef struct pay_day {
	const char *id;
	unsigned hundredths; /* of the households pay */
	int32_t last;	     /* cycle */
} pay_day;

static hub_status pay_page(till *k, const billing_account *list, size_t count, void *user)
{
	const pay_day *d = user;
	arena a;
	hub_status st = HUB_OK;
	arena_init(&a, 0);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		int64_t amount = 0;
		arena_reset(&a);
		if (sim_hash(k->t->plan.sim.seed, (uint64_t)list[i].id, 77) % 100 >= d->hundredths)
			continue;
		st = open_of(k, &list[i], d->last, &a, &amount);
		if (st == HUB_OK && amount > 0)
			st = pay(k, &list[i], d->id, amount, &a);
	}
	arena_fini(&a);
	return st;
}

/* Each home beside its neighbours, frozen beside its bill. */
static hub_status compare(till *k, int32_t cycle)
{
	const compare_order order = { .cycle = cycle };
	compare_tally tally;
	hub_status st = HUB_AGAIN;
	for (int i = 0; st == HUB_AGAIN && i < TRIES; i++)
		st = compare_run(k->t->c->db, &order, &tally, k->t->fault);
	if (st == HUB_OK)
		city_say(k->t, "comparison: %zu answers", tally.answers + tally.there);
	return st;
}

/* All months but the last are paid by nearly all, the last by the half. */
static hub_status run_months(till *k)
{
	const unsigned months = k->t->plan.months;
	const pay_day late = { "city-2", 55, city_cycle(k->t, months - 1) };
	const pay_day early = { "city-1", 96, months > 1 ? city_cycle(k->t, months - 2) : 0 };
	hub_status st = HUB_OK;
	for (unsigned m = 0; st == HUB_OK && m < months; m++) {
		cycle_run r = { .cycle = city_cycle(k->t, m) };
		if (m + 1 == months)
			st = over_accounts(k, pay_page, (void *)(uintptr_t)&early);
		if (st == HUB_OK)
			st = import_month(k, m);
		if (st == HUB_OK)
			st = over_accounts(k, run_cycle, &r);
		if (st == HUB_OK)
			city_say(k->t, "bills of %04d-%02d: %zu posted, %zu held", r.cycle / 100, r.cycle % 100,
				 r.of[BILLS_POSTED] + r.of[BILLS_THERE], r.of[BILLS_HELD]);
		if (st == HUB_OK)
			st = compare(k, r.cycle);
	}
	if (st == HUB_OK)
		st = over_accounts(k, pay_page, (void *)(uintptr_t)&late);
	return st;
}

hub_status city_bill(city *t)
{
	till k = { .t = t };
	arena a;
	arena_init(&a, 0);
	int64_t party_id;
	hub_status st = word_party(t->c->db, "pay", &a, &party_id, t->fault);
	if (st == HUB_OK)
		st = provider_by_party(t->c->db, party_id, &a, &k.pay);
	if (st == HUB_OK)
		st = bills_new(t->c->db, &k.b);
	if (st == HUB_OK)
		st = run_months(&k);
	if (st == HUB_OK)
		city_say(t, "%u payments", k.payments);
	bills_free(k.b);
	if (st == HUB_OK || k.pay.key)
		OPENSSL_cleanse((void *)(uintptr_t)k.pay.key, k.pay.key_len);
	arena_fini(&a);
	return st;
}

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/ledger_rows.h"

enum { PAGE = 4096, CURRENCIES = 1000 };

typedef unsigned __int128 tally;

typedef struct replay {
	ledger_book book;       /* for its digest */
	EVP_MD_CTX *heads;
	ledger_balance at;      /* the account being replayed */
	ledger_state state;
	tally declared, found;  /* sums of hashes: legs that requests name, legs that stand in accounts */
	__int128 sums[CURRENCIES];
	hub_fault *fault;
} replay;

static hub_status lies(replay *r, const ledger_line *l, const char *code, const char *what)
{
	return hub_fault_set(r->fault, code, "", "account %lld part %d currency %d, line %lld: %s; compare with a backup",
			     (long long)l->of.account, l->of.part, l->of.currency, (long long)l->seq, what);
}

/* An entry's leg as a number that cannot be made up. */
static bool leg_tally(replay *r, int64_t home, const uint8_t key[16], const ledger_move *m, tally *to)
{
	struct __attribute__((packed)) {
		uint64_t home, account, amount, hold;
		uint32_t part;
		uint16_t currency;
		uint8_t key[16], before[32];
	} x = { htole64((uint64_t)home), htole64((uint64_t)m->of.account), htole64((uint64_t)m->amount),
		htole64((uint64_t)m->hold), htole32((uint32_t)m->of.part), htole16((uint16_t)m->of.currency), { 0 }, { 0 } };
	uint8_t out[32];
	memcpy(x.key, key, 16);
	if (!EVP_DigestInit_ex2(r->book.digest, r->book.sha, NULL) ||
	    !EVP_DigestUpdate(r->book.digest, &x, sizeof x) || !EVP_DigestFinal_ex(r->book.digest, out, NULL))
		return false;
	tally v;
	memcpy(&v, out, sizeof v);
	*to += v;
	return true;
}

static hub_status check_request(replay *r, const ledger_line *l)
{
	ledger_move moves[LEDGER_LEGS_MAX];
	ledger_action action;
	size_t count;
	if (ledger_moves_read(l->body, l->body_len, &action, moves, &count) != HUB_OK || !count)
		return lies(r, l, "ledger.body", "its request cannot be read");
	r->state.entries++;
	if (l->kind == LEDGER_REFUSED)
		return HUB_OK;
	if (action != l->kind)
		return lies(r, l, "ledger.body", "it is of another kind than its request");
	for (size_t i = 0; i < count; i++) {
		__int128 sum = 0;
		for (size_t j = 0; j < count; j++)
			sum += moves[j].of.currency == moves[i].of.currency ? moves[j].amount : 0;
		if (sum)
			return lies(r, l, "ledger.unbalanced", "its entry does not sum to 0");
		if (!leg_tally(r, l->of.account, l->key, &moves[i], &r->declared))
			return HUB_FAILED;
	}
	return HUB_OK;
}

static hub_status check_state(replay *r, const ledger_line *l)
{
	ledger_balance *h = &r->at;
	int64_t hold = l->kind == LEDGER_HOLD ? l->hold : -l->hold;
	bool debit = l->hold > 0;
	if (l->seq != h->seq + 1 || l->time < h->time)
		return lies(r, l, "ledger.order", "lines are missing or out of order before it");
	if (__builtin_add_overflow(h->balance, l->amount, &h->balance))
		return lies(r, l, "ledger.balance", "its balance does not fit");
	*(debit ? &h->held_debit : &h->held_credit) += debit ? hold : -hold;
	if (l->balance != h->balance || l->held_debit != h->held_debit || l->held_credit != h->held_credit)
		return lies(r, l, "ledger.balance", "its balance is not the sum of the lines");
	h->seq = l->seq;
	h->time = l->time;
	uint8_t hash[32];
	if (!ledger_link(&r->book, h->hash, l, hash))
		return HUB_FAILED;
	memcpy(h->hash, hash, 32);
	return memcmp(hash, l->hash, 32) ? lies(r, l, "ledger.chain", "its hash does not follow from its content") : HUB_OK;
}

static bool close_account(replay *r)
{
	struct __attribute__((packed)) {
		uint64_t account, seq;
		uint32_t part;
		uint16_t currency;
		uint8_t hash[32];
	} x = { htole64((uint64_t)r->at.of.account), htole64((uint64_t)r->at.seq), htole32((uint32_t)r->at.of.part),
		htole16((uint16_t)r->at.of.currency), { 0 } };
	if (!r->at.of.account)
		return true;
	memcpy(x.hash, r->at.hash, 32);
	r->state.accounts++;
	return EVP_DigestUpdate(r->heads, &x, sizeof x);
}

static hub_status step(replay *r, const ledger_line *l)
{
	if (ledger_account_compare(&r->at.of, &l->of)) {
		if (!close_account(r))
			return HUB_FAILED;
		r->at = (ledger_balance){ .of = l->of };
	}
	hub_status st = check_state(r, l);
	if (st == HUB_OK && l->body)
		st = check_request(r, l);
	if (st != HUB_OK)
		return st;
	if (l->of.currency < 0 || l->of.currency >= CURRENCIES)
		return lies(r, l, "ledger.currency", "there is no such currency");
	r->state.lines++;
	r->sums[l->of.currency] += l->amount;
	const ledger_move m = { l->of, l->amount, l->hold };
	if (l->kind != LEDGER_REFUSED && !leg_tally(r, l->home ? l->home : l->of.account, l->key, &m, &r->found))
		return HUB_FAILED;
	return HUB_OK;
}

static hub_status finish(replay *r)
{
	if (!close_account(r) || !EVP_DigestFinal_ex(r->heads, r->state.digest, NULL))
		return HUB_FAILED;
	for (int i = 0; i < CURRENCIES; i++)
		if (r->sums[i])
			return hub_fault_set(r->fault, "ledger.sum", "", "currency %d does not sum to 0 over the book; compare "
					     "with a backup", i);
	if (r->declared != r->found)
		return hub_fault_set(r->fault, "ledger.legs", "", "the lines are not those that their entries name; "
				     "compare with a backup");
	return HUB_OK;
}

static hub_status walk(store *db, replay *r)
{
	arena a;
	arena_init(&a, 0);
	ledger_line last, *lines;
	size_t count = PAGE;
	bool any = false;
	hub_status st = HUB_OK;
	while (st == HUB_OK && count == PAGE) {
		arena_reset(&a);
		st = ledger_scan(db, any ? &last : NULL, PAGE, &a, &lines, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++)
			st = step(r, &lines[i]);
		if (st == HUB_OK && count) {
			last = lines[count - 1];
			any = true;
		}
	}
	arena_fini(&a);
	return st == HUB_OK ? finish(r) : st;
}

/* All pages see one moment. */
static hub_status walk_snapshot(store *db, replay *r)
{
	hub_status st = store_begin(db);
	if (st == HUB_OK)
		st = sql_text(db, "set transaction isolation level repeatable read, read only", r->fault);
	if (st == HUB_OK)
		st = walk(db, r);
	store_rollback(db);
	return st;
}

hub_status ledger_verify(store *db, ledger_state *ret, hub_fault *fault)
{
	replay *r = fail_calloc(1, sizeof *r);
	hub_status st = r ? ledger_book_init(&r->book, 1) : HUB_NOMEM;
	if (st != HUB_OK) {
		free(r);
		return st;
	}
	r->fault = fault;
	r->heads = EVP_MD_CTX_new();
	st = r->heads && EVP_DigestInit_ex2(r->heads, r->book.sha, NULL) ? walk_snapshot(db, r) : HUB_NOMEM;
	if (st == HUB_OK)
		*ret = r->state;
	EVP_MD_CTX_free(r->heads);
	ledger_book_fini(&r->book);
	free(r);
	return st;
}

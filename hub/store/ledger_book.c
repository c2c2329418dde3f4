#include "store/ledger_book.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

/* What a use of an account never lets happen. */
static const struct {
	bool debits, credits; /* must not exceed the other side */
} rules[LEDGER_USES] = {
	[LEDGER_CREDIT] = { .debits = true },
	[LEDGER_CASH] = { .credits = true },
};

bool ledger_rule_holds(const ledger_balance *h)
{
	ledger_use use = ledger_part_use(h->of.part);
	if (rules[use].debits && (__int128)h->balance + h->held_debit > 0)
		return false;
	return !rules[use].credits || (__int128)h->balance - h->held_credit >= 0;
}

int ledger_account_compare(const ledger_account *a, const ledger_account *b)
{
	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return (a->currency > b->currency) - (a->currency < b->currency);
}

hub_status ledger_book_init(ledger_book *b, size_t accounts)
{
	size_t slots = 16;
	while (slots < 2 * accounts)
		slots *= 2;
	*b = (ledger_book){ .room = accounts, .mask = slots - 1 };
	b->heads = fail_calloc(accounts ? accounts : 1, sizeof *b->heads);
	b->slots = fail_calloc(slots, sizeof *b->slots);
	b->digest = EVP_MD_CTX_new();
	b->sha = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (b->heads && b->slots && b->digest && b->sha)
		return HUB_OK;
	ledger_book_fini(b);
	return HUB_NOMEM;
}

void ledger_book_fini(ledger_book *b)
{
	free(b->heads);
	free(b->slots);
	EVP_MD_CTX_free(b->digest);
	EVP_MD_free(b->sha);
	*b = (ledger_book){ 0 };
}

static size_t slot_of(const ledger_book *b, const ledger_account *of)
{
	uint64_t h = (uint64_t)of->account * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29 ^ (uint32_t)of->part ^ (uint64_t)of->currency << 32) * UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)(h >> 20) & b->mask;
}

ledger_balance *ledger_book_head(ledger_book *b, ledger_account of)
{
	size_t i = slot_of(b, &of);
	for (; b->slots[i]; i = (i + 1) & b->mask)
		if (!ledger_account_compare(&b->heads[b->slots[i] - 1].of, &of))
			return &b->heads[b->slots[i] - 1];
	assert(b->count < b->room);
	ledger_balance *h = &b->heads[b->count++];
	h->of = of;
	b->slots[i] = (uint32_t)b->count;
	return h;
}

static bool sha(ledger_book *b, const void *x, size_t x_len, const void *y, size_t y_len, uint8_t ret[32])
{
	return EVP_DigestInit_ex2(b->digest, b->sha, NULL) && EVP_DigestUpdate(b->digest, x, x_len) &&
	       EVP_DigestUpdate(b->digest, y, y_len) && EVP_DigestFinal_ex(b->digest, ret, NULL);
}

bool ledger_key(ledger_book *b, bool ends, const char *key, uint8_t ret[16])
{
	uint8_t all[32];
	const char *purpose = ends ? "ends" : "makes";
	bool good = sha(b, purpose, strlen(purpose) + 1, key, strlen(key), all);
	memcpy(ret, all, 16);
	return good;
}

/* Fixed places, little-endian; the balance follows from the amounts and stays out. */
bool ledger_link(ledger_book *b, const uint8_t before[32], const ledger_line *line, uint8_t ret[32])
{
	struct __attribute__((packed)) {
		uint8_t before[32], key[16];
		uint64_t account, seq, time, amount, hold, home;
		uint32_t part;
		uint16_t currency, kind;
	} fixed = {
		.account = htole64((uint64_t)line->of.account), .seq = htole64((uint64_t)line->seq),
		.time = htole64((uint64_t)line->time), .amount = htole64((uint64_t)line->amount),
		.hold = htole64((uint64_t)line->hold), .home = htole64((uint64_t)line->home),
		.part = htole32((uint32_t)line->of.part), .currency = htole16((uint16_t)line->of.currency),
		.kind = htole16((uint16_t)line->kind),
	};
	memcpy(fixed.before, before, 32);
	memcpy(fixed.key, line->key, 16);
	return sha(b, &fixed, sizeof fixed, line->body ? line->body : (const uint8_t *)"", line->body_len, ret);
}

static bool add(int64_t *to, int64_t v)
{
	return !__builtin_add_overflow(*to, v, to);
}

/* False if a sum does not fit; the head may then be half changed. */
static bool move(ledger_balance *h, const ledger_move *m, ledger_action kind)
{
	int64_t hold = kind == LEDGER_HOLD ? m->hold : -m->hold; /* what ends a hold sets it free */
	bool debit = m->hold > 0;
	return add(&h->balance, m->amount) && add(debit ? &h->held_debit : &h->held_credit, debit ? hold : -hold);
}

static void fill(ledger_line *l, const ledger_work *w, const ledger_balance *h, hub_time time, bool first)
{
	*l = (ledger_line){ .of = h->of, .seq = h->seq, .balance = h->balance, .held_debit = h->held_debit,
			    .held_credit = h->held_credit, .kind = w->kind, .home = first ? 0 : w->home, .time = time,
			    .body = first ? w->body : NULL, .body_len = first ? w->body_len : 0 };
	memcpy(l->key, w->key, 16);
}

static bool chain(ledger_book *b, ledger_balance *h, ledger_line *l)
{
	bool good = ledger_link(b, h->hash, l, l->hash);
	memcpy(h->hash, l->hash, 32);
	h->time = l->time;
	return good;
}

/* All moves, or none of them: NULL, "ledger.exceeds" or "ledger.range". */
static const char *take(ledger_book *b, const ledger_work *w, hub_time time, ledger_line *lines)
{
	ledger_balance before[LEDGER_LEGS_MAX];
	const char *code = NULL;
	size_t n = 0;
	while (n < w->count && !code) {
		const ledger_move *m = &w->moves[n];
		ledger_balance *h = ledger_book_head(b, m->of);
		before[n] = *h;
		if (!move(h, m, w->kind))
			code = "ledger.range";
		h->seq++;
		fill(&lines[n], w, h, time, !n);
		lines[n].amount = m->amount;
		lines[n].hold = m->hold;
		n++;
	}
	for (size_t i = 0; i < w->count && !code; i++)
		if (!ledger_rule_holds(ledger_book_head(b, w->moves[i].of)))
			code = "ledger.exceeds";
	while (code && n--)
		*ledger_book_head(b, w->moves[n].of) = before[n];
	return code;
}

hub_status ledger_enter(ledger_book *b, const ledger_work *w, hub_time time, ledger_line *lines, size_t *ret_count,
			const char **ret_code)
{
	const char *code = w->kind == LEDGER_REFUSED ? "ledger.exceeds" : take(b, w, time, lines);
	if (code && !strcmp(code, "ledger.range")) {
		*ret_code = code;
		return HUB_RANGE;
	}
	size_t count = code ? 1 : w->count;
	if (code) {
		ledger_balance *h = ledger_book_head(b, w->moves[0].of);
		h->seq++;
		fill(&lines[0], w, h, time, true);
		lines[0].kind = LEDGER_REFUSED;
	}
	for (size_t i = 0; i < count; i++)
		if (!chain(b, ledger_book_head(b, lines[i].of), &lines[i]))
			return HUB_FAILED;
	*ret_code = code;
	*ret_count = count;
	return HUB_OK;
}

/*
 * The double-entry ledger: immutable, idempotent by key, chained by SHA-256. Money is int64 in the
 * currency's smallest unit (分). docs/decisions/0009-ledger.md has the reasons.
 */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "store/store.h"

enum {
	LEDGER_CNY = 156,            /* ISO 4217 number */
	LEDGER_LEGS_MAX = 64,        /* of an entry */
	LEDGER_BATCH_MAX = 32768,    /* entries of a call */
	LEDGER_KEY_MAX = 255,
	LEDGER_MEMO_MAX = 120,
	LEDGER_STRIPES = 64,
};

/* What a part of an account is for; its rule is checked with every line and under concurrency. */
typedef enum ledger_use {
	LEDGER_RECEIVABLE = 1, /* what a household owes one utility */
	LEDGER_CREDIT,         /* what a household paid ahead; debits must not exceed credits */
	LEDGER_BILLED,         /* a utility: billed, not yet paid by the household */
	LEDGER_COLLECTED,      /* a utility: paid, due to it; a debit balance after a correction is due from it */
	LEDGER_CASH,           /* money at a payment provider; credits must not exceed debits */
	LEDGER_CHARGES,        /* a party's own gains and losses; what it took by itself, as money in a prepaid meter */
	LEDGER_SUSPENSE,       /* not yet told whose it is */
	LEDGER_USES,
} ledger_use;

/*
 * One account of the ledger: a part of an account of the account family. It exists once it has a line.
 * account > 0: a household's or other customer's (store/account.h); < 0: ledger_settlement of a party.
 */
typedef struct ledger_account {
	int64_t account; /* not 0 */
	int32_t part;    /* ledger_part */
	int16_t currency;
} ledger_account;

/* who: the party a household's receivable is towards; 0 for the other uses. who < 2^27. */
static inline int32_t ledger_part(ledger_use use, int64_t who) { return (int32_t)(who << 4) | (int32_t)use; }
static inline ledger_use ledger_part_use(int32_t part) { return (ledger_use)(part & 15); }
static inline int64_t ledger_part_party(int32_t part) { return part >> 4; }
/* A busy party's account is striped, by the household, so that writers do not queue for one row. */
static inline int64_t ledger_settlement(int64_t who, int64_t household)
{
	return -(who * LEDGER_STRIPES + (household & (LEDGER_STRIPES - 1)));
}

typedef struct ledger_leg {
	ledger_account of;
	int64_t amount; /* debit > 0, credit < 0; not 0 */
} ledger_leg;

typedef enum ledger_action {
	LEDGER_POST = 1, /* at once */
	LEDGER_HOLD,     /* reserve until settled, voided or past its deadline */
	LEDGER_SETTLE,   /* post a hold, all of it or less */
	LEDGER_VOID,     /* let a hold go */
	LEDGER_REFUSED,  /* only in the journal: the request broke an account's rule */
} ledger_action;

/* A request. Its legs sum to 0 in each currency, or it is HUB_REJECT and leaves no trace. */
typedef struct ledger_entry {
	ledger_action action;
	const char *key;      /* POST, HOLD: new and unique for the account of the first leg; SETTLE, VOID: the hold's */
	int64_t home;         /* SETTLE, VOID: account of the hold's first leg; else not read */
	uint16_t code;        /* the caller's: what sort of entry */
	const char *memo;     /* the caller's; "" if NULL */
	const ledger_leg *legs; /* SETTLE: none for all that is held, else the hold's in its order, none larger */
	size_t count;
	hub_time deadline;    /* HOLD: when it lapses */
} ledger_entry;

typedef struct ledger_result {
	hub_status st;  /* HUB_OK; HUB_REJECT; HUB_CONFLICT: the key is used with other content, or the
	                   hold has ended otherwise; HUB_MISSING: no such hold; HUB_RANGE: int64 overflow */
	const char *code; /* static, "" if HUB_OK: "ledger.unbalanced", "ledger.exceeds", "ledger.key", … */
	bool repeated;  /* the answer is that of the first time */
	int64_t seq;    /* of the first leg; 0 unless it is in the journal */
	hub_time time;
} ledger_result;

/*
 * Writes a batch: each entry is whole or not at all and judged by itself, in order. In a transaction
 * of its own (durable when it returns) or in the caller's. Refusals by an account's rule are kept, so
 * that a repeat of the request is refused again even if it would pass now.
 * HUB_AGAIN: nothing was written; send it again.
 */
hub_status ledger_write(store *db, const ledger_entry *entries, size_t count, ledger_result *ret);

/* Voids holds past their deadline, at most limit; *ret_count how many. Safe beside others. */
hub_status ledger_expire(store *db, size_t limit, size_t *ret_count);

typedef struct ledger_balance {
	ledger_account of;
	int64_t balance;               /* debits - credits */
	int64_t held_debit, held_credit; /* reserved, >= 0 */
	int64_t seq;                   /* 0: no line yet */
	hub_time time;
	uint8_t hash[32];
} ledger_balance;

/* `of` of each place is given, the rest filled. at: as of then, lines of that moment included; 0: now. */
hub_status ledger_balances(store *db, ledger_balance *list, size_t count, hub_time at);
/* Every part of an account, or of all stripes of a party's settlement account, by (account, part, currency). */
hub_status ledger_of_account(store *db, int64_t account, arena *a, ledger_balance **ret, size_t *ret_count);
hub_status ledger_of_party(store *db, int64_t who, arena *a, ledger_balance **ret, size_t *ret_count);

typedef struct ledger_line {
	ledger_account of;
	int64_t seq, amount, balance, hold, held_debit, held_credit;
	ledger_action kind;
	int64_t home;       /* account of the entry's first line; 0: this is it */
	uint8_t key[16];
	hub_time time;
	uint8_t hash[32];
	const uint8_t *body; /* of the first line: ledger_body_read; else NULL */
	size_t body_len;
} ledger_line;

/* Lines of one account of the ledger above `after`, by seq. */
hub_status ledger_lines(store *db, ledger_account of, int64_t after, size_t limit, arena *a, ledger_line **ret,
			size_t *ret_count);
/* The first line of an entry, by the account and key it was asked with. HUB_MISSING: no such entry, or it was refused. */
hub_status ledger_find(store *db, int64_t home, const char *key, arena *a, ledger_line *ret);
/* Every line in the order (account, part, currency, seq), above `after` (NULL: from the start). */
hub_status ledger_scan(store *db, const ledger_line *after, size_t limit, arena *a, ledger_line **ret,
		       size_t *ret_count);

/* What an entry's first line says the request was. Texts and legs live in the arena. HUB_REJECT. */
hub_status ledger_body_read(const uint8_t *body, size_t len, arena *a, ledger_entry *ret);

typedef struct ledger_state {
	uint64_t lines, accounts, entries;
	uint8_t digest[32]; /* of the chain's heads, by account: equal books have equal digests */
} ledger_state;

/*
 * Replays every line: order, chain, balances, reservations, rules, legs against their entry's request,
 * the sum of each currency. HUB_REJECT with *fault naming the first line that lies.
 */
hub_status ledger_verify(store *db, ledger_state *ret, hub_fault *fault);

#endif

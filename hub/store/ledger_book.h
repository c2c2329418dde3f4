/*
 * The ledger's arithmetic, pure: requests in their canonical form, the accounts they touch, the lines
 * they make and the chain over them. No database, no clock.
 */
#ifndef STORE_LEDGER_BOOK_H
#define STORE_LEDGER_BOOK_H

#include <openssl/evp.h>

#include "base/buf.h"
#include "store/ledger.h"

/* NULL if the request is well formed, else why not: a stable code. */
const char *ledger_entry_check(const ledger_entry *e);
/* The account that a request's key belongs to. */
int64_t ledger_entry_home(const ledger_entry *e);
/* The request's canonical bytes, appended. */
void ledger_body_write(const ledger_entry *e, buf *out);

/* What a line does to an account: its balance and its reservation. */
typedef struct ledger_move {
	ledger_account of;
	int64_t amount, hold;
} ledger_move;

/* The effect of ending a hold, kept behind its request: count, then the moves. */
void ledger_moves_write(const ledger_move *moves, size_t count, buf *out);
/*
 * The moves that an entry's body stands for: of its own legs, or as written behind them.
 * room: LEDGER_LEGS_MAX places. HUB_REJECT: no such body.
 */
hub_status ledger_moves_read(const uint8_t *body, size_t len, ledger_action *ret_action, ledger_move *room,
			     size_t *ret_count);

/* Accounts by name, each with its newest state. */
typedef struct ledger_book {
	ledger_balance *heads; /* in the order they were named */
	size_t count, room;
	uint32_t *slots;       /* place + 1 by hash */
	size_t mask;
	EVP_MD_CTX *digest;
	EVP_MD *sha;
} ledger_book;

/* accounts: the most that will be named. HUB_NOMEM. */
hub_status ledger_book_init(ledger_book *b, size_t accounts);
void ledger_book_fini(ledger_book *b);
ledger_balance *ledger_book_head(ledger_book *b, ledger_account of); /* named now if it was not */

/* SHA-256 of a purpose and the caller's key, its first 16 bytes. A hold's end has its own purpose. */
bool ledger_key(ledger_book *b, bool ends, const char *key, uint8_t ret[16]);

typedef struct ledger_work {
	ledger_action kind;
	uint8_t key[16];
	int64_t home;
	const uint8_t *body;
	size_t body_len;
	const ledger_move *moves;
	size_t count;
} ledger_work;

/*
 * Enters one request: `lines` get a line per move and the heads go forward. If a rule of an account
 * forbids it, one line of kind LEDGER_REFUSED for the first account instead; *ret_code then says why.
 * HUB_RANGE: a sum does not fit, nothing was entered. HUB_FAILED: SHA-256 is missing.
 */
hub_status ledger_enter(ledger_book *b, const ledger_work *w, hub_time time, ledger_line *lines, size_t *ret_count,
			const char **ret_code);

/* The chain's next link: of the line and the hash before it. */
bool ledger_link(ledger_book *b, const uint8_t before[32], const ledger_line *line, uint8_t ret[32]);
/* Whether the account's rule holds in this state. */
bool ledger_rule_holds(const ledger_balance *h);

int ledger_account_compare(const ledger_account *a, const ledger_account *b);

#endif

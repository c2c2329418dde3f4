/* The ledger's lines on their way to and from the table. */
#ifndef STORE_LEDGER_ROWS_H
#define STORE_LEDGER_ROWS_H

#include "store/ledger_book.h"
#include "store/statement.h"

/*
 * Appends lines in the caller's transaction. They are sorted by key. *ret_repeat: a key or a place was
 * taken, and nothing was written.
 */
hub_status ledger_copy(store *db, const ledger_line *lines, size_t count, bool *ret_repeat);
/* A row of ledger_lines or ledger_scan. */
void ledger_line_fetch(fetch *f, int row, void *ret);
/* Fills the state of each by its name; at as ledger_balances. */
hub_status ledger_heads(store *db, ledger_balance *heads, size_t count, hub_time at);

#endif

/*
 * A connection to the exchange database. One per thread. The only room that includes libpq.
 * Statements stand in the .sql files beside the code, always with parameters.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <hub/adapter.h>

#include "base/arena.h"

typedef struct store store;

/* conninfo: libpq's. HUB_AGAIN: the server is away; HUB_FAILED: it refuses us. */
hub_status store_open(const char *conninfo, store **ret, hub_fault *fault);
void store_close(store *db);
/* Connects again if the connection was lost. HUB_AGAIN: still away. */
hub_status store_ready(store *db);
/* Whether the connection is there, as far as it can be known without asking; tries nothing. */
bool store_alive(store *db);

/*
 * From now on this connection sees of registry, accounts, bills and consents only what the party has to do with
 * (schemas/sql/0021_wall.sql); operator: all of it. Party 0: the core's own work again, which sees everything; that is also
 * what a new connection begins with. Within a transaction it holds to its end, then what was before counts again.
 */
hub_status store_as(store *db, int64_t party, bool operator_of_hub);

/*
 * From now on, until it connects anew, this connection's COMMITs may be lost with the server's machine for a moment
 * after they were answered: for what is done once more then. Whatever was promised to somebody does not go this way.
 */
hub_status store_relax(store *db);

/*
 * A transaction. Any call that answers HUB_AGAIN (server away, serialization, deadlock) or
 * HUB_FAILED has ended it; the caller starts anew from its input.
 */
hub_status store_begin(store *db);
hub_status store_commit(store *db);
void store_rollback(store *db);

/*
 * A scope is a transaction of its own, or, within the caller's, a part of it that can be undone
 * alone. store_scope_end keeps it if `st` is HUB_OK, else undoes it, and returns st or why keeping
 * it failed. Within a scope a refused row (HUB_CONFLICT, HUB_MISSING, HUB_REJECT) leaves the
 * transaction usable. Scopes may be nested.
 */
hub_status store_scope(store *db);
hub_status store_scope_end(store *db, hub_status st);

#endif

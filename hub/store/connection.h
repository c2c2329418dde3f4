/* The connection's inside, for the few files that handle it. */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include "base/embed.h"
#include "store/statement.h"

enum { STATEMENTS_MAX = 1024 };

typedef struct sql_statement {
	char *name, *text;
} sql_statement;

/* Its number, below STATEMENTS_MAX. Asking for one that is not there is our own mistake. */
size_t sql_find(const char *name, const sql_statement **ret);

/* Whose eyes the connection's statements have, see store_as. */
typedef struct sight {
	int64_t party; /* 0: the core's */
	bool operator_of_hub;
} sight;

struct store {
	PGconn *c;
	bool in_transaction;
	int scopes;                     /* open ones; only within a transaction */
	bool own;                       /* the outermost scope is the transaction itself */
	bool prepared[2][STATEMENTS_MAX]; /* on this connection: by the core, and behind the wall, as their plans differ */
	sight wanted;                   /* by store_as */
	sight set;                      /* in the session. Another than is wanted goes along with the next statement */
	sight before;                   /* the transaction, and again so after it */
	bool sight_prepared;
	int wary;                       /* batches of readings to insert before the next try of COPY */
};

/* The session has the wanted sight. HUB_AGAIN: it could not be set; nobody goes on with another's. */
hub_status sight_settle(store *db);
/* Runs a prepared statement with the wanted sight, in one round trip. HUB_AGAIN: it did not run with that sight. */
hub_status sight_run(store *db, const char *prepared, const args *a, PGresult **ret);
/* Within a transaction: holds to its end. */
hub_status sight_local(store *db, sight s);

static inline bool store_succeeded(const PGresult *res)
{
	ExecStatusType s = PQresultStatus(res);
	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* A connection was made: nothing is prepared on it, and it is the core's. */
hub_status store_connected(store *db, hub_fault *fault);
/* A failed statement: what it means, and the transaction's end where no scope can undo it. */
hub_status store_failed(store *db, const PGresult *res, const char *what, hub_fault *fault);

#endif

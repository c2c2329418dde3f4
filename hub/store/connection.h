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

struct store {
	PGconn *c;
	bool in_transaction;
	int scopes;                     /* open ones; only within a transaction */
	bool own;                       /* the outermost scope is the transaction itself */
	bool prepared[2][STATEMENTS_MAX]; /* on this connection: by the core, and behind the wall, as their plans differ */
	bool walled;                    /* it is a party's, see store_as */
	bool walled_before;             /* and again so after the transaction */
	int wary;                       /* batches of readings to insert before the next try of COPY */
};

/* A failed statement: what it means, and the transaction's end where no scope can undo it. */
hub_status store_failed(store *db, const PGresult *res, const char *what, hub_fault *fault);

#endif

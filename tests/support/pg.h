/*
 * A throw-away PostgreSQL for tests: a private cluster in a temporary directory, unix socket only,
 * fsync off, run by `nobody` when the test is root, since PostgreSQL refuses root. It ends with the
 * process that started it, whatever way that dies.
 *
 *	pg *p = pg_start();                         // about a second; NULL: PostgreSQL is not installed
 *	store *db;
 *	store_open(pg_database(p), &db, &fault);    // a new, empty database each time
 *	store_migrate(db, NULL, &fault);
 *	…
 *	store_close(db);
 *	pg_stop(p);                                 // removes everything
 *
 * Anything else that goes wrong ends the process with a message: a test cannot go on without it.
 * Register the binary with hub_store_test (cmake/hub.cmake), which compiles this in.
 */
#ifndef TESTS_SUPPORT_PG_H
#define TESTS_SUPPORT_PG_H

#include <signal.h>

typedef struct pg pg;

pg *pg_start(void);
void pg_stop(pg *p);

/* Makes a database and gives its conninfo, which lives as long as p. */
const char *pg_database(pg *p);
/* The cluster itself: database "postgres", whose user may do everything. */
const char *pg_conninfo(const pg *p);

/* Sends the postmaster a signal and waits until it is gone: SIGKILL is a crash. */
void pg_halt(pg *p, int sig);
/* Starts it again in the same directory and waits until it answers. */
void pg_resume(pg *p);

#endif

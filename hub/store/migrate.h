/* The schema's migrations: schemas/sql/NNNN_name.sql, part of the library, applied in order. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

typedef struct migration {
	int version;       /* 1 … without gaps */
	const char *name;  /* "0001_exchange" */
	const char *sql;   /* len bytes */
	size_t len;
	char checksum[65]; /* SHA-256, hex */
} migration;

const migration *migration_all(size_t *ret_count);

/*
 * Applies what is missing, each in a transaction of its own, under an advisory lock, so any
 * number of processes may call it. *ret_applied (may be NULL) how many were. HUB_CONFLICT: a
 * file that was applied has changed since, or the database is newer than this program; *fault
 * names it. HUB_FAILED: a migration's SQL failed; those before it stay.
 */
hub_status store_migrate(store *db, size_t *ret_applied, hub_fault *fault);

/* The version the database has (0: none) and the newest this program has. HUB_OK even if they differ. */
hub_status store_version(store *db, int *ret_database, int *ret_program);

#endif

#include "store/migrate.h"

#include <assert.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "store/statement.h"

extern const hub_embedded store_migrations[];
extern const size_t store_migrations_count;

static const char table[] = "create table if not exists schema_migration ("
			    "version int primary key, name text not null, checksum text not null,"
			    "applied timestamptz not null default now())";
/* Any number will do, as long as all versions of the program use the same. */
static const char lock[] = "select pg_advisory_xact_lock(7236837)";

static migration *all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	all = calloc(store_migrations_count + 1, sizeof *all);
	if (!all)
		abort(); /* once, at the start: nothing could run without */
	for (size_t i = 0; i < store_migrations_count; i++) {
		const hub_embedded *e = &store_migrations[i];
		uint8_t digest[SHA256_DIGEST_LENGTH];
		SHA256((const uint8_t *)e->bytes, e->len, digest);
		all[i] = (migration){ atoi(e->name), e->name, e->bytes, e->len, "" };
		for (size_t k = 0; k < sizeof digest; k++)
			snprintf(all[i].checksum + 2 * k, 3, "%02x", digest[k]);
		assert(i == 0 ? all[i].version == 1 : all[i].version > all[i - 1].version); /* gaps are fine */
	}
}

const migration *migration_all(size_t *ret_count)
{
	pthread_once(&once, load);
	*ret_count = store_migrations_count;
	return all;
}

/* How many of ours the database has; HUB_CONFLICT if it has others. */
static hub_status compare(store *db, size_t *ret_done, hub_fault *fault)
{
	size_t count;
	const migration *list = migration_all(&count);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "migration_list", NULL, &res, fault);
	if (st != HUB_OK)
		return st;
	for (int i = 0; i < PQntuples(res); i++) {
		const char *name = PQgetvalue(res, i, 1);
		if ((size_t)i >= count) {
			hub_fault_set(fault, "migrate.newer", name,
				      "the database has migration %s, which this program lacks; install the newer program",
				      name);
			return HUB_CONFLICT;
		}
		if (strcmp(name, list[i].name) || strcmp(PQgetvalue(res, i, 2), list[i].checksum)) {
			hub_fault_set(fault, "migrate.changed", list[i].name,
				      "%s.sql has changed since it was applied as %s; restore it and put the change into a new file",
				      list[i].name, name);
			return HUB_CONFLICT;
		}
	}
	*ret_done = (size_t)PQntuples(res);
	return HUB_OK;
}

static hub_status apply(store *db, const migration *m, hub_fault *fault)
{
	hub_fault why = { 0 };
	hub_status st = sql_text(db, m->sql, &why);
	if (st != HUB_OK) {
		hub_fault_set(fault, "migrate.failed", m->name, "%s.sql: %.200s", m->name, why.message);
		return st == HUB_AGAIN ? st : HUB_FAILED;
	}
	AUTO_ARGS a;
	args_init(&a);
	arg_i32(&a, m->version);
	arg_text(&a, m->name);
	arg_text(&a, m->checksum);
	return sql_do(db, "migration_add", &a, fault);
}

/* One migration in one transaction, as another process may be at it too. */
static hub_status step(store *db, bool *ret_more, hub_fault *fault)
{
	size_t done, count;
	const migration *list = migration_all(&count);
	hub_status st = sql_text(db, lock, fault);
	if (st == HUB_OK)
		st = sql_text(db, table, fault);
	if (st == HUB_OK)
		st = compare(db, &done, fault);
	if (st == HUB_OK && done < count)
		st = apply(db, &list[done], fault);
	if (st == HUB_OK)
		*ret_more = done < count;
	return st;
}

hub_status store_migrate(store *db, size_t *ret_applied, hub_fault *fault)
{
	size_t applied = 0;
	for (bool more = true; more;) {
		hub_status st = store_scope(db);
		if (st != HUB_OK)
			return st;
		st = store_scope_end(db, step(db, &more, fault));
		if (st != HUB_OK)
			return st;
		applied += more;
	}
	if (ret_applied)
		*ret_applied = applied;
	return HUB_OK;
}

hub_status store_version(store *db, int *ret_database, int *ret_program)
{
	size_t count;
	migration_all(&count);
	AUTO_RESULT exists = PQexec(store_connection(db), "select to_regclass('schema_migration')");
	if (PQresultStatus(exists) != PGRES_TUPLES_OK)
		return store_ready(db) == HUB_OK ? HUB_FAILED : HUB_AGAIN;
	int database = 0;
	if (!PQgetisnull(exists, 0, 0)) {
		AUTO_RESULT res = NULL;
		hub_status st = sql_run(db, "migration_list", NULL, &res, NULL);
		if (st != HUB_OK)
			return st;
		database = PQntuples(res);
	}
	*ret_database = database;
	*ret_program = (int)count;
	return HUB_OK;
}

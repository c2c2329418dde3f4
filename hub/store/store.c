#include "store/connection.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/rule.h"

/*
 * A plan is kept from a statement's first runs, when its tables may have been empty; reading such
 * a table from end to end, cheap then, would be ruin a minute later.
 */
static const char setup[] = "set timezone to 'UTC'; set client_min_messages to error; set standard_conforming_strings to on;"
			    "set enable_seqscan to off; set jit to off";

/* What the caller does about an SQLSTATE; a longer prefix stands before a shorter. */
static const struct {
	const char *prefix;
	hub_status st;
} states[] = {
	{ "08", HUB_AGAIN },          /* connection */
	{ "40", HUB_AGAIN },          /* serialization, deadlock */
	{ "53", HUB_AGAIN },          /* memory, disk, connections */
	{ "55P03", HUB_AGAIN },       /* lock not available */
	{ "57P", HUB_AGAIN },         /* shutting down, starting up */
	{ "57014", HUB_AGAIN },       /* cancelled, timed out */
	{ "58030", HUB_AGAIN },       /* input or output error of the server's disk */
	{ "23505", HUB_CONFLICT },    /* unique */
	{ "23503", HUB_MISSING },     /* foreign key */
	{ "23", HUB_REJECT },         /* check, not null */
	{ "22", HUB_REJECT },         /* a value that its type does not take */
	{ "", HUB_FAILED },
};

static hub_status state_status(const char *state)
{
	size_t i = 0;
	while (strncmp(state, states[i].prefix, strlen(states[i].prefix)))
		i++;
	return states[i].st;
}

static hub_status say(hub_fault *fault, hub_status st, const char *what, const char *why)
{
	size_t len = strcspn(why, "\n");
	hub_fault_set(fault, st == HUB_AGAIN ? "store.away" : "store.refused", "", "%s: %.*s", what, (int)len, why);
	return st;
}

hub_status store_connected(store *db, hub_fault *fault)
{
	memset(db->prepared, 0, sizeof db->prepared);
	db->in_transaction = db->own = db->sight_prepared = false;
	db->wanted = db->set = db->before = (sight){ 0, false };
	db->scopes = 0;
	if (PQstatus(db->c) != CONNECTION_OK) {
		/* libpq keeps no SQLSTATE of a failed connection; a wrong password or database stays wrong. */
		const char *why = PQerrorMessage(db->c);
		bool refused = strstr(why, "authentication") || strstr(why, "does not exist") ||
			       strstr(why, "pg_hba.conf") || strstr(why, "invalid");
		return say(fault, refused && !strstr(why, "No such file") ? HUB_FAILED : HUB_AGAIN,
			   "the exchange database does not admit us", why);
	}
	return sql_text(db, setup, fault);
}

static void quiet(void *user, const PGresult *res)
{
	(void)user;
	(void)res;
}

hub_status store_open(const char *conninfo, store **ret, hub_fault *fault)
{
	store *db = fail_calloc(1, sizeof *db);
	if (!db)
		return HUB_NOMEM;
	/* The later wins: the caller may set the timeout, but not the encoding. */
	const char *keys[] = { "connect_timeout", "dbname", "client_encoding", "fallback_application_name", NULL };
	const char *values[] = { "10", conninfo, "UTF8", "utility-hub", NULL };
	db->c = PQconnectdbParams(keys, values, 1);
	hub_status st = db->c ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		PQsetNoticeReceiver(db->c, quiet, NULL);
		st = store_connected(db, fault);
	}
	if (st != HUB_OK) {
		store_close(db);
		return st;
	}
	*ret = db;
	return HUB_OK;
}

void store_close(store *db)
{
	if (!db)
		return;
	PQfinish(db->c);
	free(db);
}

PGconn *store_connection(store *db)
{
	sight_settle(db);
	return db->c;
}

bool store_alive(store *db)
{
	/* A server that died has said so before its end is to be read, so one look is not enough. */
	for (int i = 0; i < 3 && PQstatus(db->c) == CONNECTION_OK; i++)
		PQconsumeInput(db->c);
	return PQstatus(db->c) == CONNECTION_OK;
}

hub_status store_ready(store *db)
{
	if (store_alive(db))
		return HUB_OK;
	PQreset(db->c);
	return store_connected(db, NULL) == HUB_OK ? HUB_OK : HUB_AGAIN;
}

hub_status store_relax(store *db)
{
	return sql_text(db, "set synchronous_commit = off", NULL);
}

hub_status store_failed(store *db, const PGresult *res, const char *what, hub_fault *fault)
{
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	hub_status st = PQstatus(db->c) != CONNECTION_OK ? HUB_AGAIN : state ? state_status(state) : HUB_FAILED;
	if (st != HUB_AGAIN && db->in_transaction && !db->scopes)
		st = HUB_FAILED;
	const char *why = state ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const store_rule *rule = state ? store_rule_find(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME)) : NULL;
	if (rule)
		hub_fault_set(fault, rule->code, rule->field, "%s", rule->text);
	else
		say(fault, st, what, why ? why : PQerrorMessage(db->c));
	if (st == HUB_AGAIN || st == HUB_FAILED)
		store_rollback(db);
	return st;
}

hub_status sql_text(store *db, const char *sql, hub_fault *fault)
{
	hub_status st = sight_settle(db);
	if (st != HUB_OK)
		return st;
	AUTO_RESULT res = PQexec(db->c, sql);
	return store_succeeded(res) ? HUB_OK : store_failed(db, res, "statement", fault);
}

hub_status store_as(store *db, int64_t party, bool operator_of_hub)
{
	const sight s = { party, operator_of_hub };
	if (db->in_transaction)
		return sight_local(db, s);
	db->wanted = s;
	return HUB_OK;
}

static hub_status prepare(store *db, size_t number, const char *name, const sql_statement *s, const args *a, hub_fault *fault)
{
	bool *done = &db->prepared[db->wanted.party != 0][number];
	if (*done)
		return HUB_OK;
	hub_status st = sight_settle(db);
	if (st != HUB_OK)
		return st;
	AUTO_RESULT res = PQprepare(db->c, name, s->text, a ? a->count : 0, a ? a->types : NULL);
	if (!store_succeeded(res))
		return store_failed(db, res, s->name, fault);
	*done = true;
	return HUB_OK;
}

static hub_status answered(store *db, PGresult *res, const sql_statement *s, PGresult **ret, hub_fault *fault)
{
	if (!store_succeeded(res)) {
		hub_status st = store_failed(db, res, s->name, fault);
		PQclear(res);
		return st;
	}
	*ret = res;
	return HUB_OK;
}

hub_status sql_run(store *db, const char *name, const args *a, PGresult **ret, hub_fault *fault)
{
	if (a && a->bad)
		return HUB_NOMEM;
	const sql_statement *s;
	size_t number = sql_find(name, &s);
	char behind[64];
	const char *own = s->name;
	if (db->wanted.party) {
		snprintf(behind, sizeof behind, "%s@wall", s->name);
		own = behind;
	}
	PGresult *res;
	hub_status st = prepare(db, number, own, s, a, fault);
	if (st == HUB_OK)
		st = sight_run(db, own, a, &res);
	return st == HUB_OK ? answered(db, res, s, ret, fault) : st;
}

hub_status sql_run_planned(store *db, const char *name, const args *a, PGresult **ret, hub_fault *fault)
{
	if (a->bad)
		return HUB_NOMEM;
	const sql_statement *s;
	sql_find(name, &s);
	hub_status st = sight_settle(db);
	if (st != HUB_OK)
		return st;
	PGresult *res = PQexecParams(db->c, s->text, a->count, a->types, a->values, a->lengths, args_binary, 1);
	return answered(db, res, s, ret, fault);
}

hub_status sql_do(store *db, const char *name, const args *a, hub_fault *fault)
{
	AUTO_RESULT res = NULL;
	return sql_run(db, name, a, &res, fault);
}

size_t sql_rows(const PGresult *res)
{
	return strtoul(PQcmdTuples((PGresult *)res), NULL, 10);
}

hub_status store_begin(store *db)
{
	assert(!db->in_transaction);
	hub_status st = sql_text(db, "begin", NULL);
	db->in_transaction = st == HUB_OK;
	db->before = db->set;
	return st;
}

/* What was set within the transaction went with it. */
static void ended(store *db)
{
	db->in_transaction = false;
	db->wanted = db->set = db->before;
}

hub_status store_commit(store *db)
{
	assert(db->in_transaction && !db->scopes);
	AUTO_RESULT res = PQexec(db->c, "commit");
	if (!store_succeeded(res))
		return store_failed(db, res, "commit", NULL);
	ended(db);
	/* COMMIT of a transaction that failed answers ROLLBACK. */
	return strcmp(PQcmdStatus(res), "COMMIT") ? HUB_FAILED : HUB_OK;
}

void store_rollback(store *db)
{
	db->scopes = 0;
	db->own = false;
	if (!db->in_transaction)
		return;
	ended(db);
	PQclear(PQexec(db->c, "rollback"));
}

hub_status store_scope(store *db)
{
	bool own = !db->in_transaction;
	hub_status st = own ? store_begin(db) : sql_text(db, "savepoint scope", NULL);
	if (st == HUB_OK) {
		db->scopes++;
		db->own |= own;
	}
	return st;
}

hub_status store_scope_end(store *db, hub_status st)
{
	if (!db->in_transaction) /* it has ended already */
		return st == HUB_OK ? HUB_FAILED : st;
	assert(db->scopes);
	if (--db->scopes || !db->own) {
		hub_status undone = sql_text(db, st == HUB_OK ? "release scope" : "rollback to scope; release scope", NULL);
		return st == HUB_OK ? undone : st;
	}
	db->own = false;
	if (st == HUB_OK)
		return store_commit(db);
	store_rollback(db);
	return st;
}

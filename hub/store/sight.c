/*
 * A party's sight is set with the statement that needs it: two texts in one round trip and one transaction, so that a
 * statement runs with the sight that is wanted or not at all.
 */
#include "store/connection.h"

#include <stdio.h>

/* In the session, beyond the transaction that it makes. */
static const char set_text[] = "select set_config('role', $1, false), set_config('hub.party', $2, false), set_config('hub.operator', $3, false)";
static const char set_name[] = "sight@set";

typedef struct words {
	char party[24];
	const char *values[3];
} words;

static void words_of(sight s, words *ret)
{
	snprintf(ret->party, sizeof ret->party, "%lld", (long long)s.party);
	ret->values[0] = s.party ? "hub_api" : "none";
	ret->values[1] = s.party ? ret->party : "";
	ret->values[2] = s.party && s.operator_of_hub ? "on" : "off";
}

static bool is_set(const store *db)
{
	return db->set.party == db->wanted.party && (!db->set.party || db->set.operator_of_hub == db->wanted.operator_of_hub);
}

/* A connection that is in doubt ends. A new one begins as the core's, so what is wanted is set on it again or nothing runs. */
static hub_status renew(store *db)
{
	const sight wanted = db->wanted;
	PQreset(db->c);
	hub_status st = store_connected(db, NULL) == HUB_OK ? HUB_OK : HUB_AGAIN;
	db->wanted = wanted;
	return st == HUB_OK && is_set(db) ? HUB_OK : HUB_AGAIN;
}

static bool prepared(store *db)
{
	static const Oid types[] = { OID_TEXT, OID_TEXT, OID_TEXT };
	if (db->sight_prepared)
		return true;
	AUTO_RESULT res = PQprepare(db->c, set_name, set_text, 3, types);
	return db->sight_prepared = store_succeeded(res);
}

hub_status sight_settle(store *db)
{
	words w;
	if (db->in_transaction || is_set(db))
		return HUB_OK;
	words_of(db->wanted, &w);
	if (!prepared(db))
		return renew(db);
	AUTO_RESULT res = PQexecPrepared(db->c, set_name, 3, w.values, NULL, NULL, 0);
	if (!store_succeeded(res))
		return renew(db);
	db->set = db->wanted;
	return HUB_OK;
}

hub_status sight_local(store *db, sight s)
{
	char sql[200];
	words w;
	words_of(s, &w);
	/* A number of our own, not a text of anybody's. */
	snprintf(sql, sizeof sql, "set local role %s; set local hub.party = '%s'; set local hub.operator = '%s'", w.values[0], w.values[1],
		 w.values[2]);
	if (sql_text(db, sql, NULL) != HUB_OK)
		return HUB_AGAIN;
	db->wanted = db->set = s;
	return HUB_OK;
}

static int send_statement(store *db, const char *name, const args *a)
{
	return PQsendQueryPrepared(db->c, name, a ? a->count : 0, a ? a->values : NULL, a ? a->lengths : NULL, args_binary, 1);
}

/* Of one of the two; libpq ends each with a NULL. */
static PGresult *next_result(store *db)
{
	PGresult *res = PQgetResult(db->c), *more;
	while (res && (more = PQgetResult(db->c)))
		PQclear(more);
	return res;
}

/* False: nothing was sent, or the connection is gone. */
static bool both(store *db, const char *name, const args *a, PGresult **ret_set, PGresult **ret)
{
	words w;
	words_of(db->wanted, &w);
	*ret_set = *ret = NULL;
	if (!PQenterPipelineMode(db->c))
		return false;
	bool sent = PQsendQueryPrepared(db->c, set_name, 3, w.values, NULL, NULL, 0) && send_statement(db, name, a) &&
		    PQpipelineSync(db->c);
	if (sent) {
		*ret_set = next_result(db);
		*ret = next_result(db);
		PQclear(PQgetResult(db->c)); /* the sync's */
	}
	return PQexitPipelineMode(db->c) && sent && *ret_set && *ret;
}

hub_status sight_run(store *db, const char *name, const args *a, PGresult **ret)
{
	AUTO_RESULT set = NULL;
	*ret = NULL;
	if (db->in_transaction || is_set(db)) {
		*ret = PQexecPrepared(db->c, name, a ? a->count : 0, a ? a->values : NULL, a ? a->lengths : NULL, args_binary, 1);
		return HUB_OK;
	}
	if (prepared(db) && both(db, name, a, &set, ret) && store_succeeded(set)) {
		/* With a statement that failed its sight went too. */
		if (store_succeeded(*ret))
			db->set = db->wanted;
		return HUB_OK;
	}
	PQclear(*ret);
	*ret = NULL;
	renew(db);
	return HUB_AGAIN;
}

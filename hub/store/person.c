#include "store/person.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	person *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->party = get_i64(f->r, i, 1);
	p->login = fetch_text(f, i, 2);
	p->name = fetch_text(f, i, 3);
	p->hash = fetch_text(f, i, 4);
	p->head = get_bool(f->r, i, 5);
	p->roles = fetch_texts(f, i, 6, &p->role_count);
	p->kinds = fetch_texts(f, i, 7, &p->kind_count);
	p->area = fetch_text(f, i, 8);
	p->disabled = get_null(f->r, i, 9) ? 0 : get_time(f->r, i, 9);
}

hub_status person_add(store *db, const person *p, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, p->party);
	arg_text(&in, p->login);
	arg_text(&in, p->name ? p->name : "");
	arg_text(&in, p->hash ? p->hash : "");
	arg_bool(&in, p->head);
	arg_texts(&in, p->roles, p->role_count);
	arg_texts(&in, p->kinds, p->kind_count);
	arg_text(&in, p->area ? p->area : "");
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, sql_number(db, "person_add", &in, ret_id, fault));
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "person.taken", "login", "the login '%.64s' is taken; choose another", p->login);
	if (st == HUB_REJECT)
		hub_fault_set(fault, "person.login", "login", "a login has 3 to 64 of a-z 0-9 . _ @ - and begins with a letter or "
			      "digit");
	return st;
}

hub_status person_by_login(store *db, const char *login, arena *a, person *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, login);
	return sql_one(db, "person_by_login", &in, a, sizeof *ret, row, ret);
}

hub_status person_by_id(store *db, int64_t id, arena *a, person *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "person_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status person_list(store *db, int64_t party, int64_t after, size_t limit, arena *a, person **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "person_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status set_hash(store *db, int64_t id, const char *hash)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, hash);
	return sql_do(db, "person_hash", &in, NULL);
}

hub_status person_rehash(store *db, int64_t id, const char *hash)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, set_hash(db, id, hash)) : st;
}

/* Whatever was let in by what no longer counts. */
static hub_status end_all(store *db, const person *p, hub_time now)
{
	AUTO_ARGS sessions, grants;
	args_init(&sessions);
	arg_i64(&sessions, p->party);
	arg_i64(&sessions, p->id);
	args_init(&grants);
	arg_i64(&grants, p->party);
	arg_i64(&grants, p->id);
	arg_time(&grants, now);
	hub_status st = sql_do(db, "person_sessions_end", &sessions, NULL);
	return st == HUB_OK ? sql_do(db, "person_grants_end", &grants, NULL) : st;
}

hub_status person_password(store *db, const person *p, const char *hash, hub_time now)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = set_hash(db, p->id, hash);
	if (st == HUB_OK)
		st = end_all(db, p, now);
	if (st == HUB_OK)
		st = party_note_add(db, p->party, "password.changed", p->login, now);
	return store_scope_end(db, st);
}

static hub_status switch_person(store *db, const person *p, const char *statement, hub_time now)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, p->id);
	if (now)
		arg_time(&in, now);
	hub_status st = sql_do(db, statement, &in, NULL);
	return st == HUB_OK && now ? end_all(db, p, now) : st;
}

hub_status person_disable(store *db, const person *p, hub_time now)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, switch_person(db, p, "person_disable", now)) : st;
}

hub_status person_enable(store *db, const person *p)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, switch_person(db, p, "person_enable", 0)) : st;
}

hub_status party_note_add(store *db, int64_t party, const char *kind, const char *subject, hub_time at)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, kind);
	arg_text(&in, subject);
	arg_time(&in, at);
	return sql_do(db, "party_note_add", &in, NULL);
}

static void note_row(fetch *f, int i, void *ret)
{
	*(party_note *)ret = (party_note){ fetch_text(f, i, 0), fetch_text(f, i, 1), get_time(f->r, i, 2) };
}

hub_status party_note_list(store *db, int64_t party, hub_time since, size_t limit, arena *a, party_note **ret,
			   size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, since);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "party_note_list", &in, a, sizeof **ret, note_row, ret, ret_count);
}

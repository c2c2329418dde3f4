#include "store/app.h"

#include <string.h>

#include "store/statement.h"

static const char code_prefix[] = "hubc_", refresh_prefix[] = "hubr_";

static void row(fetch *f, int i, void *ret)
{
	app *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->party = get_i64(f->r, i, 1);
	p->code = fetch_text(f, i, 2);
	p->name_zh = fetch_text(f, i, 3);
	p->name_en = fetch_text(f, i, 4);
	p->redirects = fetch_texts(f, i, 5, &p->redirect_count);
	p->scopes = fetch_texts(f, i, 6, &p->scope_count);
	p->disabled = get_null(f->r, i, 7) ? 0 : get_time(f->r, i, 7);
}

hub_status app_put(store *db, const app *p, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, p->code);
	arg_i64(&in, p->party);
	arg_text(&in, p->name_zh ? p->name_zh : "");
	arg_text(&in, p->name_en ? p->name_en : "");
	arg_texts(&in, p->redirects, p->redirect_count);
	arg_texts(&in, p->scopes, p->scope_count);
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, sql_do(db, "app_put", &in, fault)) : st;
}

hub_status app_by_code(store *db, const char *code, arena *a, app *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "app_by_code", &in, a, sizeof *ret, row, ret);
}

hub_status app_list(store *db, arena *a, app **ret, size_t *ret_count)
{
	return sql_list(db, "app_list", NULL, a, sizeof **ret, row, ret, ret_count);
}

static void grant_row(fetch *f, int i, void *ret)
{
	*(app_grant *)ret = (app_grant){
		.party = get_i64(f->r, i, 0), .id = get_i64(f->r, i, 1), .person = get_i64(f->r, i, 2),
		.app = get_i64(f->r, i, 3), .scope = fetch_text(f, i, 4), .granted = get_time(f->r, i, 5),
		.revoked = get_null(f->r, i, 6) ? 0 : get_time(f->r, i, 6), .code = fetch_text(f, i, 7),
		.name_zh = fetch_text(f, i, 8), .name_en = fetch_text(f, i, 9),
	};
}

hub_status app_grant_list(store *db, int64_t party, int64_t person, arena *a, app_grant **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, person);
	return sql_list(db, "app_grant_list", &in, a, sizeof **ret, grant_row, ret, ret_count);
}

hub_status app_grant_by_id(store *db, int64_t party, int64_t id, arena *a, app_grant *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, id);
	return sql_one(db, "app_grant_by_id", &in, a, sizeof *ret, grant_row, ret);
}

hub_status app_grant_revoke(store *db, int64_t party, int64_t id, hub_time now)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, id);
	arg_time(&in, now);
	return sql_do(db, "app_grant_revoke", &in, NULL);
}

static hub_status put_secret(store *db, const app_grant *g, bool is_code, const char *challenge, const char *redirect,
			     hub_time expires, char ret[SECRET_TEXT])
{
	uint8_t digest[SECRET_DIGEST];
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = secret_new(is_code ? code_prefix : refresh_prefix, g->party, ret);
	if (st != HUB_OK)
		return st;
	arg_i64(&in, g->party);
	arg_secret(&in, ret, digest);
	arg_i64(&in, g->id);
	arg_text(&in, is_code ? "code" : "refresh");
	arg_text(&in, challenge);
	arg_text(&in, redirect);
	arg_time(&in, expires);
	return sql_do(db, "app_secret_new", &in, NULL);
}

static hub_status grant(store *db, const app_grant *given, const char *challenge, const char *redirect, hub_time expires,
			char ret[SECRET_TEXT])
{
	app_grant g = *given;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, g.party);
	arg_i64(&in, g.person);
	arg_i64(&in, g.app);
	arg_text(&in, g.scope);
	arg_time(&in, g.granted);
	hub_status st = sql_number(db, "app_grant_new", &in, &g.id, NULL);
	return st == HUB_OK ? put_secret(db, &g, true, challenge, redirect, expires, ret) : st;
}

hub_status app_code_new(store *db, const app_grant *g, const char *challenge, const char *redirect, hub_time expires,
			char ret[SECRET_TEXT])
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, grant(db, g, challenge, redirect, expires, ret)) : st;
}

hub_status app_refresh_new(store *db, const app_grant *g, hub_time expires, char ret[SECRET_TEXT])
{
	return put_secret(db, g, false, "", "", expires, ret);
}

typedef struct found {
	app_secret secret;
	bool spent;
} found;

static void secret_row(fetch *f, int i, void *ret)
{
	found *s = ret;
	grant_row(f, i, &s->secret.grant);
	s->secret.challenge = fetch_text(f, i, 10);
	s->secret.redirect = fetch_text(f, i, 11);
	s->spent = get_bool(f->r, i, 12);
}

static hub_status find(store *db, const char *text, hub_time now, arena *a, found *ret)
{
	bool is_code = !strncmp(text, code_prefix, sizeof code_prefix - 1);
	int64_t party;
	uint8_t digest[SECRET_DIGEST];
	if (secret_party(is_code ? code_prefix : refresh_prefix, text, &party) != HUB_OK)
		return HUB_DENIED;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_secret(&in, text, digest);
	arg_text(&in, is_code ? "code" : "refresh");
	arg_time(&in, now);
	hub_status st = sql_one(db, "app_secret_find", &in, a, sizeof *ret, secret_row, ret);
	return st == HUB_MISSING ? HUB_DENIED : st;
}

hub_status app_secret_use(store *db, const char *text, hub_time now, arena *a, app_secret *ret)
{
	found s;
	int64_t used;
	uint8_t digest[SECRET_DIGEST];
	hub_status st = find(db, text, now, a, &s);
	if (st != HUB_OK)
		return st;
	if (s.secret.grant.revoked)
		return HUB_DENIED;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, s.secret.grant.party);
	arg_secret(&in, text, digest);
	arg_time(&in, now);
	if (!s.spent)
		st = sql_number(db, "app_secret_use", &in, &used, NULL);
	if (s.spent || st == HUB_MISSING) {
		st = app_grant_revoke(db, s.secret.grant.party, s.secret.grant.id, now);
		return st == HUB_OK ? HUB_DENIED : st;
	}
	if (st == HUB_OK)
		*ret = s.secret;
	return st;
}

hub_status app_refresh_find(store *db, const char *text, arena *a, app_secret *ret)
{
	found s;
	hub_status st = find(db, text, 0, a, &s);
	if (st == HUB_OK)
		*ret = s.secret;
	return st;
}

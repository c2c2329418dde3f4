#include "api/login.h"

#include <stdio.h>
#include <string.h>

#include "api/body.h"
#include "api/gate.h"
#include "api/me.h"
#include "base/clock.h"
#include "base/json.h"
#include "identity/password.h"
#include "store/session.h"

#define SECOND INT64_C(1000000)

/* Five errors are anybody's; many people may share an address. */
static const guess_rule of_login = { 5, 30 * SECOND, 3600 * SECOND, 86400 * SECOND };
static const guess_rule of_address = { 30, 10 * SECOND, 600 * SECOND, 3600 * SECOND };

#define COOKIE "__Host-hub="
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"

hub_status login_own_page(request *r)
{
	const char *origin = request_header(r, "origin"), *host = request_header(r, "host");
	if (strcmp(r->call->door, "public"))
		return request_refuse(r, 403, "call.door", "path", "people log in at the public port");
	/* Browsers say with every change which site's page asks, and no page can say otherwise. */
	if (!origin || !host || strncmp(origin, "https://", 8) || strcmp(origin + 8, host))
		return request_refuse(r, 403, "call.foreign_page", "origin", "only a page of this very site may do this; its Origin "
				      "comes with the call");
	return HUB_OK;
}

static hub_status set_cookie(request *r, const char *value)
{
	char text[SECRET_TEXT + 128];
	snprintf(text, sizeof text, COOKIE "%s" COOKIE_RULES "%s", value, value[0] ? "" : "; Max-Age=0");
	const char *kept = arena_strdup(r->arena, text);
	return kept ? request_add_header(r, "set-cookie", kept) : HUB_NOMEM;
}

hub_status login_begin(request *r, const person *who)
{
	const char *before = request_header(r, "session");
	char text[SECRET_TEXT];
	/* A session that was there before the login, whoever planted it, ends with it. */
	hub_status st = before ? session_end(r->db, before) : HUB_OK;
	if (st == HUB_OK)
		st = session_new(r->db, who->party, who->id, r->call->address, r->now, api_sessions(r->worker->api), text);
	if (st == HUB_OK)
		st = me_become(r, who);
	if (st == HUB_OK)
		st = request_behind_wall(r);
	if (st == HUB_OK)
		st = me_get(r);
	return st == HUB_OK ? set_cookie(r, text) : st;
}

static hub_status count_guess(request *r, const char *login)
{
	char key[160];
	snprintf(key, sizeof key, "address:%s", r->call->address);
	hub_status st = gate_guess(r, "login", key, &of_address);
	if (st != HUB_OK)
		return st;
	snprintf(key, sizeof key, "login:%s", login);
	return gate_guess(r, "login", key, &of_login);
}

static hub_status forget_guess(request *r, const char *login)
{
	char key[160];
	snprintf(key, sizeof key, "login:%s", login);
	hub_status st = guess_right(r->db, key, false);
	snprintf(key, sizeof key, "address:%s", r->call->address);
	return st == HUB_OK ? guess_right(r->db, key, true) : st;
}

/* Parameters that were raised since reach everybody at their next login. */
static hub_status renew(request *r, const person *who, const char *password)
{
	const char *hash;
	if (!password_is_old(who->hash))
		return HUB_OK;
	hub_status st = gate_hash(r, "password", password, &hash);
	if (st == HUB_REJECT) {
		*r->reply = (wire_reply){ .content_type = "", .continuation = "" };
		return HUB_OK;
	}
	return st == HUB_OK ? person_rehash(r->db, who->id, hash) : st;
}

static hub_status log_in(request *r, const char *login, const char *password)
{
	person who = { .hash = "" };
	hub_status st = count_guess(r, login);
	if (st != HUB_OK)
		return st;
	st = person_by_login(r->db, login, r->arena, &who);
	bool there = st == HUB_OK && !who.disabled;
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	st = gate_verify(r, there ? who.hash : "", password);
	if (st == HUB_DENIED)
		return request_refuse(r, 401, "login.wrong", "login", "login or password is wrong");
	if (st == HUB_OK)
		st = forget_guess(r, login);
	if (st == HUB_OK)
		st = renew(r, &who, password);
	return st == HUB_OK ? login_begin(r, &who) : st;
}

hub_status login_post(request *r)
{
	static const char *const names[] = { "login", "password", NULL };
	body b;
	hub_status st = login_own_page(r);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, names);
	const char *login = body_text(&b, "login", true, 64), *password = body_text(&b, "password", true, PASSWORD_MAX);
	body_close(&b);
	return b.status == HUB_OK ? log_in(r, login, password) : b.status;
}

static hub_status left(request *r)
{
	buf_text(&r->body, "{\"status\":\"ok\"}\n");
	hub_status st = request_finish(r, 200, "");
	return st == HUB_OK ? set_cookie(r, "") : st;
}

hub_status logout_delete(request *r)
{
	hub_status st = session_end(r->db, r->session);
	return st == HUB_OK ? left(r) : st;
}

hub_status sessions_delete(request *r)
{
	hub_status st = session_end_all(r->db, r->caller.id, r->person->id);
	return st == HUB_OK ? left(r) : st;
}

hub_status sessions_get(request *r)
{
	session *list;
	size_t count;
	uint8_t own[SECRET_DIGEST];
	char started[CLOCK_TEXT], seen[CLOCK_TEXT];
	secret_digest(r->session, own);
	hub_status st = session_list(r->db, r->caller.id, r->person->id, r->now, api_sessions(r->worker->api), r->arena, &list,
				     &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"sessions\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",{\"address\":" : "{\"address\":");
		json_write_text(&r->body, list[i].address);
		buf_printf(&r->body, ",\"started\":\"%s\",\"seen\":\"%s\",\"current\":%s}", clock_text(list[i].started, started),
			   clock_text(list[i].seen, seen), memcmp(own, list[i].digest, sizeof own) ? "false" : "true");
	}
	buf_text(&r->body, "]}\n");
	return request_finish(r, 200, "");
}

#include "api/authorize.h"

#include <string.h>

#include "api/body.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/app.h"

#define CODE_LIFE INT64_C(60000000)

enum { FIELD = 2048, CHALLENGE = 43 };

typedef struct asking {
	const char *client, *redirect, *scope, *state, *type, *challenge, *method, *decision;
	app app;
} asking;

/* Everything but RFC 3986's unreserved. */
static void escape(buf *out, const char *text)
{
	for (const uint8_t *p = (const uint8_t *)text; *p; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || strchr("-._~", *p))
			buf_u8(out, *p);
		else
			buf_printf(out, "%%%02X", *p);
}

hub_status authorize_get(request *r)
{
	buf to = { 0 };
	buf_text(&to, "/?");
	for (size_t i = 0; i < r->call->query_count; i++) {
		buf_text(&to, i ? "&" : "");
		escape(&to, r->call->query[i].name);
		buf_u8(&to, '=');
		escape(&to, r->call->query[i].value);
	}
	buf_text(&to, "#/authorize");
	const char *address = to.bad || to.len > 3000 ? NULL : arena_strdup(r->arena, buf_cstr(&to));
	bool too_long = to.len > 3000;
	buf_fini(&to);
	if (too_long)
		return request_refuse(r, 400, "oauth.long", "query", "the request is longer than 3,000 bytes");
	if (!address)
		return HUB_NOMEM;
	*r->reply = (wire_reply){ .status = 303, .content_type = "", .continuation = "" };
	return request_add_header(r, "location", address);
}

static hub_status read_asking(request *r, asking *q)
{
	const struct {
		const char *name, **value;
	} members[] = {
		{ "client_id", &q->client }, { "redirect_uri", &q->redirect }, { "scope", &q->scope },
		{ "state", &q->state }, { "response_type", &q->type }, { "code_challenge", &q->challenge },
		{ "code_challenge_method", &q->method }, { "decision", &q->decision },
	};
	enum { COUNT = sizeof members / sizeof *members };
	const char *names[COUNT + 2] = { [COUNT] = "nonce" };
	body b;
	for (size_t i = 0; i < COUNT; i++)
		names[i] = members[i].name;
	body_open(&b, r, names);
	for (size_t i = 0; i < COUNT; i++)
		*members[i].value = body_text(&b, members[i].name, false, FIELD);
	body_close(&b);
	return b.status;
}

static bool has(const char *const *list, size_t count, const char *text, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == len && !memcmp(list[i], text, len))
			return true;
	return false;
}

/* Who asks, and where the answer may go: the address as a whole, as it was registered. */
static hub_status check_app(request *r, asking *q)
{
	hub_status st = app_by_code(r->db, q->client, r->arena, &q->app);
	if (st == HUB_MISSING || (st == HUB_OK && q->app.disabled))
		return request_refuse(r, 400, "oauth.app", "client_id", "no such app is registered here");
	if (st != HUB_OK)
		return st;
	if (!q->redirect[0] && q->app.redirect_count == 1)
		q->redirect = q->app.redirects[0];
	if (!has(q->app.redirects, q->app.redirect_count, q->redirect, strlen(q->redirect)))
		return request_refuse(r, 400, "oauth.redirect", "redirect_uri", "not an address that the app registered, letter by "
				      "letter");
	return HUB_OK;
}

/* NULL if the request is good; else RFC 6749's word for what is wrong. */
static const char *wrong(const asking *q)
{
	if (strcmp(q->type, "code"))
		return "unsupported_response_type";
	if (strcmp(q->method, "S256") || strlen(q->challenge) != CHALLENGE)
		return "invalid_request";
	size_t n = 0;
	for (const char *p = q->scope; *p; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		if (n == 0 || !has(q->app.scopes, q->app.scope_count, p, n))
			return "invalid_scope";
	}
	return q->scope[0] ? NULL : "invalid_scope";
}

static hub_status lead_back(request *r, const asking *q, const char *name, const char *value)
{
	buf to = { 0 };
	buf_printf(&to, "%s%s%s=", q->redirect, strchr(q->redirect, '?') ? "&" : "?", name);
	escape(&to, value);
	if (q->state[0]) {
		buf_text(&to, "&state=");
		escape(&to, q->state);
	}
	/* RFC 9207: which server this is from. */
	buf_text(&to, "&iss=" API_ISSUER);
	buf_text(&r->body, "{\"redirect\":");
	json_write_text(&r->body, to.bad ? "" : buf_cstr(&to));
	buf_text(&r->body, "}\n");
	bool bad = to.bad;
	buf_fini(&to);
	return bad ? HUB_NOMEM : request_finish(r, 200, "");
}

static hub_status describe(request *r, const asking *q)
{
	buf_text(&r->body, "{\"client_id\":");
	json_write_text(&r->body, q->app.code);
	buf_text(&r->body, ",\"name_zh\":");
	json_write_text(&r->body, q->app.name_zh);
	buf_text(&r->body, ",\"name_en\":");
	json_write_text(&r->body, q->app.name_en);
	buf_text(&r->body, ",\"scope\":");
	json_write_text(&r->body, q->scope);
	buf_text(&r->body, ",\"redirect_uri\":");
	json_write_text(&r->body, q->redirect);
	buf_text(&r->body, "}\n");
	return request_finish(r, 200, "");
}

static hub_status allow(request *r, const asking *q)
{
	char code[SECRET_TEXT];
	const app_grant g = { .party = r->caller.id, .person = r->person->id, .app = q->app.id, .scope = q->scope,
			      .granted = r->now };
	hub_status st = app_code_new(r->db, &g, q->challenge, q->redirect, r->now + CODE_LIFE, code);
	return st == HUB_OK ? lead_back(r, q, "code", code) : st;
}

hub_status authorization_post(request *r)
{
	asking q;
	hub_status st = read_asking(r, &q);
	if (st == HUB_OK)
		st = check_app(r, &q);
	if (st != HUB_OK)
		return st;
	const char *why = wrong(&q);
	if (why)
		return lead_back(r, &q, "error", why);
	if (!strcmp(q.decision, "ask"))
		return describe(r, &q);
	if (!strcmp(q.decision, "deny"))
		return lead_back(r, &q, "error", "access_denied");
	if (!strcmp(q.decision, "allow"))
		return allow(r, &q);
	return request_refuse(r, 400, "call.json", "decision", "decision is ask, allow or deny");
}

hub_status grants_get(request *r)
{
	app_grant *list;
	size_t count;
	char at[CLOCK_TEXT];
	hub_status st = app_grant_list(r->db, r->caller.id, r->person->id, r->arena, &list, &count);
	buf_text(&r->body, "{\"grants\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_printf(&r->body, "%s{\"grant\":%lld,\"code\":\"%s\",\"name_zh\":", i ? "," : "", (long long)list[i].id,
			   list[i].code);
		json_write_text(&r->body, list[i].name_zh);
		buf_text(&r->body, ",\"name_en\":");
		json_write_text(&r->body, list[i].name_en);
		buf_text(&r->body, ",\"scope\":");
		json_write_text(&r->body, list[i].scope);
		buf_printf(&r->body, ",\"granted\":\"%s\"}", clock_text(list[i].granted, at));
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status grant_delete(request *r)
{
	uint64_t id = 0;
	app_grant g;
	hub_status st = request_id(r->values[0], &id) ? app_grant_by_id(r->db, r->caller.id, (int64_t)id, r->arena, &g)
						      : HUB_MISSING;
	if (st == HUB_MISSING || (st == HUB_OK && g.person != r->person->id))
		return request_refuse(r, 404, "oauth.grant_unknown", "grant", "you gave no such authorization");
	if (st == HUB_OK)
		st = app_grant_revoke(r->db, g.party, g.id, r->now);
	buf_text(&r->body, "{\"status\":\"ok\"}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

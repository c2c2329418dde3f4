/* Tokens for apps that a person let in: by the code of the consent page, then by refresh tokens that change each time. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "api/credential.h"
#include "api/oauth.h"
#include "base/json.h"
#include "store/app.h"

#define SECOND INT64_C(1000000)

enum { ACCESS = 900, REFRESH_DAYS = 30, VERIFIER_MIN = 43, VERIFIER_MAX = 128, CHALLENGE = 43 };

static hub_status invalid_grant(request *r, const char *code, const char *field, const char *text)
{
	return oauth_invalid(r, 400, "invalid_grant", code, field, text);
}

/* RFC 7636, 4.6: BASE64URL(SHA256(verifier)). */
static bool answers(const char *verifier, const char *challenge)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	uint8_t digest[SHA256_DIGEST_LENGTH], text[SHA256_DIGEST_LENGTH * 2];
	size_t len = strlen(verifier);
	if (len < VERIFIER_MIN || len > VERIFIER_MAX || strspn(verifier, unreserved) != len || strlen(challenge) != CHALLENGE)
		return false;
	SHA256((const uint8_t *)verifier, len, digest);
	EVP_EncodeBlock(text, digest, sizeof digest);
	for (size_t i = 0; i < CHALLENGE; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	return !CRYPTO_memcmp(text, challenge, CHALLENGE);
}

static hub_status issue(request *r, const app_grant *g)
{
	char id[OAUTH_ID], subject[128], trace[TRACE_TEXT], refresh[SECRET_TEXT];
	person who;
	trace_id random = trace_new();
	hub_time issued = r->now / SECOND * SECOND;
	hub_status st = person_by_id(r->db, g->person, r->arena, &who);
	if (st == HUB_MISSING || (st == HUB_OK && who.disabled))
		return invalid_grant(r, "oauth.person", "code", "the person is gone");
	if (st == HUB_OK)
		st = app_refresh_new(r->db, g, r->now + REFRESH_DAYS * 86400 * SECOND, refresh);
	if (st != HUB_OK)
		return st;
	snprintf(id, sizeof id, "%lld.%lld.%s", (long long)g->party, (long long)g->id, trace_text(&random, trace));
	snprintf(subject, sizeof subject, CREDENTIAL_PERSON "%s", who.login);
	const jwt_claims claims = { .issuer = API_ISSUER, .subject = subject, .audience = API_AUDIENCE, .client = g->code,
				    .scope = g->scope, .id = id, .thumbprint = "", .issued = issued,
				    .expires = issued + ACCESS * SECOND };
	st = oauth_sign(r, &claims, ACCESS);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, ",\"refresh_token\":\"%s\",\"scope\":", refresh);
	json_write_text(&r->body, g->scope);
	buf_text(&r->body, "}\n");
	return request_finish(r, 200, "");
}

/* Spends the secret; whoever shows it wrongly has stolen it, and then nobody has it any more. */
static hub_status spend(request *r, const char *text, const char *client, const char *redirect, const char *verifier)
{
	app_secret s;
	hub_status st = app_secret_use(r->db, text, r->now, r->arena, &s);
	if (st == HUB_DENIED)
		return invalid_grant(r, "oauth.spent", verifier ? "code" : "refresh_token",
				     "unknown, over, withdrawn, or used before; the person authorizes the app anew");
	if (st != HUB_OK)
		return st;
	bool good = !strcmp(client, s.grant.code) &&
		    (!verifier || (!strcmp(redirect, s.redirect) && answers(verifier, s.challenge)));
	if (good)
		return issue(r, &s.grant);
	st = app_grant_revoke(r->db, s.grant.party, s.grant.id, r->now);
	return st == HUB_OK ? invalid_grant(r, "oauth.proof", verifier ? "code_verifier" : "client_id",
					    "client, redirect_uri or code_verifier are not those of the request; authorize anew")
			    : st;
}

hub_status oauth_code(request *r, const wire_field *fields, size_t count)
{
	const char *code = form_value(fields, count, "code");
	if (strncmp(code, "hubc_", 5))
		return invalid_grant(r, "oauth.spent", "code", "not a code of ours");
	return spend(r, code, form_value(fields, count, "client_id"), form_value(fields, count, "redirect_uri"),
		     form_value(fields, count, "code_verifier"));
}

hub_status oauth_refresh(request *r, const wire_field *fields, size_t count)
{
	const char *token = form_value(fields, count, "refresh_token");
	if (strncmp(token, "hubr_", 5))
		return invalid_grant(r, "oauth.spent", "refresh_token", "not a refresh token of ours");
	return spend(r, token, form_value(fields, count, "client_id"), "", NULL);
}

hub_status oauth_revoke_post(request *r)
{
	const wire_field *fields;
	size_t count;
	app_secret s;
	hub_status st = oauth_form(r, &fields, &count);
	if (st != HUB_OK)
		return st;
	st = app_refresh_find(r->db, form_value(fields, count, "token"), r->arena, &s);
	if (st == HUB_OK && !strcmp(s.grant.code, form_value(fields, count, "client_id")))
		st = app_grant_revoke(r->db, s.grant.party, s.grant.id, r->now);
	if (st != HUB_OK && st != HUB_DENIED)
		return st;
	buf_text(&r->body, "{}\n");
	return request_finish(r, 200, "");
}

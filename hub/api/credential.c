#include "api/credential.h"

#include <stdio.h>
#include <string.h>

#include "api/me.h"
#include "store/app.h"
#include "store/certificate.h"
#include "store/session.h"
#include "store/token.h"

static const int64_t LEEWAY = 5000000; /* µs that another core's clock may be apart */

static hub_status refuse(hub_fault *fault, const char *code, const char *field, const char *text)
{
	hub_fault_set(fault, code, field, "%s", text);
	return HUB_DENIED;
}

hub_status credential_certificate(request *r, credential *ret, hub_fault *fault)
{
	certificate shown;
	party_certificate known;
	if (!r->call->cert_len)
		return HUB_MISSING;
	if (certificate_read(r->call->cert, r->call->cert_len, &shown, fault) != HUB_OK)
		return HUB_DENIED;
	if (strcmp(shown.kind, "party"))
		return refuse(fault, "certificate.kind", "certificate",
			      "this is a station's certificate; a party's is needed here");
	hub_status st = certificate_find(r->db, shown.thumbprint, r->arena, &known);
	if (st == HUB_MISSING || (st == HUB_OK && strcmp(known.serial, shown.serial)))
		return refuse(fault, "certificate.unknown", "certificate",
			      "not issued by this hub; hubctl party enrol makes one");
	if (st != HUB_OK)
		return st;
	if (known.revoked)
		return refuse(fault, "certificate.revoked", "certificate", "revoked; the operator enrols a new one");
	if (r->now < shown.not_before || r->now >= shown.not_after || r->now >= known.valid_to)
		return refuse(fault, "certificate.expired", "certificate", "not yet or no longer valid; enrol anew");
	st = party_by_id(r->db, known.party, r->arena, &ret->caller);
	if (st != HUB_OK)
		return st;
	if (strcmp(ret->caller.code, shown.name))
		return refuse(fault, "certificate.unknown", "certificate", "issued to another party than it names");
	ret->thumbprint = arena_strdup(r->arena, shown.thumbprint);
	return ret->thumbprint ? HUB_OK : HUB_NOMEM;
}

/* The person lives, and still lets the app: looked up at each call, so that both end at once. */
static hub_status by_grant(request *r, const jwt_claims *claims, party *ret, hub_fault *fault)
{
	long long party_id, grant_id;
	app_grant g;
	person who;
	if (sscanf(claims->id, "%18lld.%18lld.", &party_id, &grant_id) != 2)
		return refuse(fault, "token.subject", "jti", "names no grant");
	hub_status st = app_grant_by_id(r->db, party_id, grant_id, r->arena, &g);
	if (st == HUB_OK)
		st = person_by_id(r->db, g.person, r->arena, &who);
	if (st == HUB_MISSING)
		return refuse(fault, "token.subject", "sub", "names nobody of this hub");
	if (st != HUB_OK)
		return st;
	if (g.revoked || who.disabled || strcmp(who.login, claims->subject + strlen(CREDENTIAL_PERSON)) ||
	    strcmp(g.code, claims->client))
		return refuse(fault, "token.withdrawn", "token", "the person has withdrawn what the token was given for");
	r->scope = claims->scope;
	st = me_become(r, &who);
	if (st == HUB_OK)
		*ret = r->caller;
	return st;
}

static hub_status by_jwt(request *r, const char *text, const credential *beside, party *ret, hub_fault *fault)
{
	const jwt_expect expect = { API_ISSUER, API_AUDIENCE, beside->thumbprint, r->now, LEEWAY };
	jwt_claims claims;
	if (!r->keys)
		return refuse(fault, "token.key", "token",
			      "this hub issues no access tokens; set the option keys of hubd");
	hub_status st = jwt_verify(r->keys, text, strlen(text), &expect, r->arena, &claims, fault);
	if (st == HUB_OK && !strncmp(claims.subject, CREDENTIAL_PERSON, strlen(CREDENTIAL_PERSON)))
		return by_grant(r, &claims, ret, fault);
	bool same = st == HUB_OK && beside->caller.id && !strcmp(beside->caller.code, claims.subject);
	if (same)
		*ret = beside->caller;
	else if (st == HUB_OK)
		st = party_by_code(r->db, claims.subject, r->arena, ret);
	return st == HUB_MISSING ? refuse(fault, "token.subject", "sub", "names no party of this hub") : st;
}

hub_status credential_token(request *r, const char *text, const credential *beside, party *ret, hub_fault *fault)
{
	int64_t id;
	/* Only a JWS has dots. */
	if (strchr(text, '.'))
		return by_jwt(r, text, beside, ret, fault);
	hub_status st = token_party(r->db, text, r->now, &id);
	if (st == HUB_DENIED)
		return refuse(fault, "call.token", "authorization",
			      "the token is unknown, expired or revoked; ask the operator for a new one");
	return st == HUB_OK ? party_by_id(r->db, id, r->arena, ret) : st;
}

hub_status credential_session(request *r, const char *text, hub_fault *fault)
{
	session s;
	person who;
	hub_status st = session_find(r->db, text, r->now, api_sessions(r->worker->api), r->arena, &s);
	if (st == HUB_OK)
		st = person_by_id(r->db, s.person, r->arena, &who);
	if (st == HUB_DENIED || st == HUB_MISSING || (st == HUB_OK && (who.disabled || who.party != s.party)))
		return refuse(fault, "call.session", "cookie", "logged out, or too long without use; log in again");
	if (st != HUB_OK)
		return st;
	r->session = text;
	return me_become(r, &who);
}

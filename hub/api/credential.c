#include "api/credential.h"

#include <string.h>

#include "store/certificate.h"
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

static hub_status by_jwt(request *r, const char *text, const char *thumbprint, party *ret, hub_fault *fault)
{
	const jwt_expect expect = { API_ISSUER, API_AUDIENCE, thumbprint, r->now, LEEWAY };
	jwt_claims claims;
	const jwt_keys *keys = api_keys(r->worker->api);
	if (!keys)
		return refuse(fault, "token.key", "token",
			      "this hub issues no access tokens; set the option keys of hubd");
	hub_status st = jwt_verify(keys, text, strlen(text), &expect, r->arena, &claims, fault);
	if (st == HUB_OK)
		st = party_by_code(r->db, claims.subject, r->arena, ret);
	return st == HUB_MISSING ? refuse(fault, "token.subject", "sub", "names no party of this hub") : st;
}

hub_status credential_token(request *r, const char *text, const char *thumbprint, party *ret, hub_fault *fault)
{
	int64_t id;
	/* Only a JWS has dots. */
	if (strchr(text, '.'))
		return by_jwt(r, text, thumbprint, ret, fault);
	hub_status st = token_party(r->db, text, r->now, &id);
	if (st == HUB_DENIED)
		return refuse(fault, "call.token", "authorization",
			      "the token is unknown, expired or revoked; ask the operator for a new one");
	return st == HUB_OK ? party_by_id(r->db, id, r->arena, ret) : st;
}

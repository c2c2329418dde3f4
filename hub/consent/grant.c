#include "consent/grant.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/zone.h"
#include "consent/text.h"
#include "store/party.h"
#include "store/point.h"

/* What a wish comes to: who, where, and the consent that is to be kept. */
typedef struct making {
	const grant_wish *wish;
	arena *arena;
	party grantor, grantee;
	point point;
	consent consent;
	uint8_t key[32], request[32];
} making;

static hub_status party_of(store *db, const char *code, const char *field, arena *a, party *ret, hub_fault *fault)
{
	hub_status st = party_by_code(db, code, a, ret);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "party.unknown", field, "there is no party '%.64s'; add it first", code);
	return st;
}

static hub_status point_of(store *db, making *m, hub_fault *fault)
{
	point *found;
	size_t count;
	hub_status st = point_by_ids(db, &m->wish->point, 1, m->arena, &found, &count);
	if (st != HUB_OK)
		return st;
	if (!count) {
		hub_fault_set(fault, "point.unknown", "point", "there is no such point");
		return HUB_MISSING;
	}
	m->point = *found;
	return HUB_OK;
}

/* Its word counts only for what is its own, today. */
static hub_status check_grantor(const making *m, hub_time now, hub_fault *fault)
{
	for (size_t i = 0; i < m->point.party_count; i++) {
		const point_party *p = &m->point.parties[i];
		bool own = !strcmp(p->role, "owner") || !strcmp(p->role, "occupant");
		if (own && p->party == m->grantor.id && p->valid_from <= now && (!p->valid_to || now < p->valid_to))
			return HUB_OK;
	}
	return hub_fault_set(fault, "consent.grantor", "grantor",
			     "'%.64s' is neither owner nor occupant of point '%.64s' now; only "
			     "they consent",
			     m->grantor.code, m->point.code);
}

static hub_status check_period(const consent *c, hub_time now, hub_fault *fault)
{
	if (c->valid_to <= c->valid_from || (c->data_to && c->data_from && c->data_to <= c->data_from))
		return hub_fault_set(fault, "consent.period", "valid_to",
				     "a period ends after it begins; mend one of the two");
	if (c->valid_to <= now)
		return hub_fault_set(fault, "consent.period", "valid_to",
				     "this consent would have ended already; give a later end");
	if (c->valid_to - c->valid_from > GRANT_LONGEST)
		return hub_fault_set(fault, "consent.period", "valid_to",
				     "a consent ends within five years; it may be given anew");
	return HUB_OK;
}

/* Taken over without a word: the end within reach, and the point's own commodity. */
static void fill(making *m, hub_time now)
{
	const grant_wish *w = m->wish;
	hub_time from = w->valid_from ? w->valid_from : now;
	m->consent = (consent){ .point = w->point,
				 .grantor = m->grantor.id,
				 .grantee = m->grantee.id,
				 .commodity = w->commodity ? w->commodity : "",
				 .grain = w->grain,
				 .purpose = w->purpose ? w->purpose : "",
				 .valid_from = from,
				 .valid_to = w->valid_to ? w->valid_to : from + GRANT_DEFAULT,
				 .data_from = w->data_from,
				 .data_to = w->data_to,
				 .granted = now,
				 .by = w->by,
				 .point_code = m->point.code,
				 .grantor_code = m->grantor.code,
				 .grantee_code = m->grantee.code };
}

static hub_status write_text(store *db, making *m)
{
	zone *z = NULL;
	hub_status st = consent_number(db, &m->consent.id);
	if (st == HUB_OK)
		st = zone_load(m->point.zone, &z);
	if (st == HUB_OK)
		st = consent_text(&m->consent, &m->grantor, &m->grantee, z, m->arena);
	zone_free(z);
	return st;
}

static hub_status prepare(store *db, making *m, hub_time now, hub_fault *fault)
{
	hub_status st = point_of(db, m, fault);
	if (st == HUB_OK)
		st = party_of(db, m->wish->grantor, "grantor", m->arena, &m->grantor, fault);
	if (st == HUB_OK)
		st = party_of(db, m->wish->grantee, "grantee", m->arena, &m->grantee, fault);
	if (st == HUB_OK)
		st = check_grantor(m, now, fault);
	if (st != HUB_OK)
		return st;
	fill(m, now);
	return check_period(&m->consent, now, fault);
}

/* HUB_MISSING: the key did not come before. */
static hub_status repeat(store *db, making *m, consent *ret, hub_fault *fault)
{
	bool same;
	if (!m->wish->key)
		return HUB_MISSING;
	SHA256((const uint8_t *)m->wish->key, strlen(m->wish->key), m->key);
	SHA256(m->wish->body, m->wish->body_len, m->request);
	hub_status st = consent_by_key(db, m->point.id, m->grantor.id, m->key, m->request, m->arena, ret, &same);
	if (st != HUB_OK || same)
		return st;
	hub_fault_set(fault, "call.idempotency", "idempotency-key",
		      "this idempotency-key came before with other content; use a new one");
	return HUB_CONFLICT;
}

hub_status grant_make(store *db, const grant_wish *w, hub_time now, arena *a, consent *ret, bool *ret_repeated,
		      hub_fault *fault)
{
	making m = { .wish = w, .arena = a };
	hub_status st = prepare(db, &m, now, fault);
	if (st == HUB_OK)
		st = repeat(db, &m, ret, fault);
	*ret_repeated = st == HUB_OK;
	if (st != HUB_MISSING || !m.consent.point)
		return st;
	st = write_text(db, &m);
	if (st == HUB_OK)
		st = consent_add(db, &m.consent, w->key ? m.key : NULL, w->key ? m.request : NULL, fault);
	/* The same key at the same time: the other one was faster. */
	if (st == HUB_CONFLICT && w->key) {
		*ret_repeated = true;
		return repeat(db, &m, ret, fault);
	}
	return st == HUB_OK ? consent_by_id(db, m.consent.id, a, ret) : st;
}

hub_status grant_withdraw(store *db, uint64_t id, const char *by, arena *a, consent *ret)
{
	bool changed;
	hub_status st = consent_withdraw(db, id, by, &changed);
	return st == HUB_OK ? consent_by_id(db, id, a, ret) : st;
}

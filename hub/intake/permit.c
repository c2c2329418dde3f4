/*
 * May the batch's party send this? Asked of the policies once for all points with equal attributes and a kind of
 * message. What is permitted without a consent is remembered with the binding until policies, parties, premises or
 * points change; what rests on a consent, and what is denied, is asked anew with each batch.
 */
#include <string.h>

#include "intake/job.h"
#include "rights/rights.h"
#include "store/epoch.h"
#include "store/party.h"

hub_status job_epochs(job *j, cache *c)
{
	static const char *const names[] = { "point", "party", "premise" };
	int64_t now[3];
	hub_status st = epoch_list(j->db, names, 3, now);
	if (st == HUB_OK)
		cache_epoch(c, now[0]);
	if (st == HUB_OK)
		cache_rights(c, j->policies ? j->policies->version : "", now[1], now[2]);
	return st;
}

static unsigned kind_of(const job_item *item)
{
	hub_record_type type = item->record->body.type;
	return rights_kind(type, type == HUB_RECORD_READING ? item->checked.quantity->number : 0, false);
}

/* What did not come over the HTTP door came from an adapter of ours. */
static bool is_attached(const job *j)
{
	return strcmp(j->batch->id.source, "api") != 0;
}

static uint32_t bit_of(const job *j, const job_item *item)
{
	return 1u << (2 * kind_of(item) + is_attached(j));
}

static bool is_known(const job *j, const job_item *item)
{
	const cached_permit *p = item->binding->permit;
	return p->turn == worker_cache(j->worker)->turn && j->now < p->until && (p->allowed & bit_of(j, item));
}

/* Parties have points for a time: the first moment from now on at which one begins or ends. */
static hub_time changes(const point *p, hub_time now)
{
	hub_time first = INT64_MAX;
	for (size_t i = 0; i < p->party_count; i++) {
		const point_party *at = &p->parties[i];
		if (at->valid_from > now && at->valid_from < first)
			first = at->valid_from;
		if (at->valid_to > now && at->valid_to < first)
			first = at->valid_to;
	}
	return first;
}

static void remember(const job *j, const job_item *item)
{
	cached_permit *p = item->binding->permit;
	uint32_t turn = worker_cache(j->worker)->turn;
	if (p->turn != turn || j->now >= p->until)
		*p = (cached_permit) { turn, 0, changes(&item->binding->binding->point, j->now) };
	p->allowed |= bit_of(j, item);
}

static hub_status refuse(job *j, job_item *item, const party *who, const rights_ruling *ruling)
{
	hub_fault fault;
	const char *kind = rights_kinds[kind_of(item)], *code = item->binding->binding->point.code;
	if (!j->policies)
		hub_fault_set(&fault, "reading.denied", "meter", "no policies are loaded, so nothing is permitted");
	else if (ruling->reason && *ruling->reason)
		hub_fault_set(
		    &fault, "reading.denied", "meter",
		    "'%.32s' may not send '%s' of point '%.48s': forbidden by %.64s; replay it once that has changed",
		    who->code, kind, code, ruling->reason);
	else
		hub_fault_set(
		    &fault, "reading.denied", "meter",
		    "no policy lets '%.32s' send '%s' of point '%.48s'; give it a role there, or a consent, and replay",
		    who->code, kind, code);
	return job_refuse(j, item, &fault);
}

static rights_row row_of(const job *j, const job_item *item, const party *who)
{
	const hub_record *r = &item->record->body;
	rights_row row = { .type = r->type, .sender = who->id, .attached = is_attached(j), .grain = CONSENT_RAW };
	if (r->type != HUB_RECORD_READING) {
		row.time = j->now;
		return row;
	}
	row.quantity = item->checked.quantity->number;
	row.grain = rights_grain(&item->binding->binding->point, r->reading.kind, r->reading.start, r->reading.time);
	row.start = r->reading.start;
	row.time = r->reading.time;
	return row;
}

static hub_status ask(job *j, job_item *item, rights *r, const party *who)
{
	const rights_point *p = rights_of(r, item->binding->binding->point.id);
	const rights_row row = row_of(j, item, who);
	rights_ruling ruling = { 0 };
	hub_status st = p ? rights_ask(r, p, &row, &ruling) : HUB_OK;
	if (st != HUB_OK)
		return st;
	if (!ruling.allowed)
		return refuse(j, item, who, &ruling);
	if (!ruling.consent)
		remember(j, item);
	return HUB_OK;
}

static bool is_asked(const job *j, const job_item *item)
{
	return !item->fault && item->binding && !is_known(j, item);
}

hub_status job_permit(job *j)
{
	int64_t *points = arena_array(j->arena, j->count, sizeof *points);
	size_t count = 0;
	party who;
	rights *r;
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++)
		if (is_asked(j, &j->items[i]))
			points[count++] = j->items[i].binding->binding->point.id;
	if (!count || j->source->own)
		return HUB_OK;
	hub_status st = party_by_id(j->db, j->source->party, j->arena, &who);
	const rights_case of = {
		.db = j->db, .rules = j->policies, .caller = &who, .action = "send", .now = j->now, .arena = j->arena
	};
	if (st == HUB_OK)
		st = rights_new(&of, &r);
	if (st == HUB_OK)
		st = rights_load(r, points, count);
	for (size_t i = 0; st == HUB_OK && i < j->count; i++)
		if (is_asked(j, &j->items[i]))
			st = ask(j, &j->items[i], r, &who);
	return st;
}

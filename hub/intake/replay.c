#include "intake/replay.h"

#include <openssl/sha.h>

static hub_status records_of(const quarantine *q, const replay_decoder *decoder, arena *a, record **ret, size_t *ret_count,
			     hub_fault *fault)
{
	record *r = arena_alloc(a, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	hub_status st = record_unpack(q->record, q->record_len, a, r);
	if (st == HUB_NOMEM)
		return st;
	if (decoder && decoder->mended) {
		*ret = (record *)decoder->mended;
		*ret_count = 1;
		return HUB_OK;
	}
	if (st != HUB_OK || (r->body.type == HUB_RECORD_FAULT && q->raw_len == 0))
		return hub_fault_set(fault, q->code, "", "the original cannot be read again: %.180s", q->message);
	if (r->body.type == HUB_RECORD_FAULT && decoder && decoder->decode)
		return decoder->decode(decoder->user, q, a, ret, ret_count, fault);
	*ret = r;
	*ret_count = 1;
	return HUB_OK;
}

/* Nothing of it may be refused again: an entry is closed as a whole. */
static hub_status store_all(intake_worker *w, const quarantine *q, record *records, size_t count, arena *a,
			    batch_answer *ret, hub_fault *fault)
{
	batch b = { .id = { q->source, 0, 1 }, .trace = trace_new(), .records = records, .count = count };
	intake_source source = { .party = q->party, .trial = true };
	intake_outcome *outcomes = arena_array(a, count, sizeof *outcomes);
	batch_answer answer;
	if (!outcomes)
		return HUB_NOMEM;
	SHA256(q->record, q->record_len, b.digest);
	hub_status st = intake_within(w, &source, &b, a, &answer, outcomes);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		if (outcomes[i].fault) {
			*fault = *outcomes[i].fault;
			return HUB_REJECT;
		}
	*ret = answer;
	return HUB_OK;
}

static hub_status replay(intake_worker *w, store *db, uint64_t id, const replay_decoder *decoder, arena *a,
			 batch_answer *ret, hub_fault *fault)
{
	quarantine q;
	record *records = NULL;
	size_t count = 0;
	hub_status st = quarantine_get(db, id, true, a, &q);
	if (st == HUB_OK && q.state != QUARANTINE_OPEN)
		st = HUB_CONFLICT;
	if (st == HUB_OK)
		st = records_of(&q, decoder, a, &records, &count, fault);
	if (st == HUB_OK && count)
		st = store_all(w, &q, records, count, a, ret, fault);
	return st == HUB_OK ? quarantine_close(db, id, QUARANTINE_REPLAYED, count ? ret->receipt : 0) : st;
}

hub_status intake_replay(intake_worker *w, store *db, uint64_t id, const replay_decoder *decoder, arena *a,
			 batch_answer *ret, hub_fault *fault)
{
	batch_answer answer = { .message = "" };
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = store_scope_end(db, replay(w, db, id, decoder, a, &answer, fault));
	if (st == HUB_OK)
		*ret = answer;
	return st;
}

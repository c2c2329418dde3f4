#include "ctl/replay.h"

#include <stdlib.h>

#include "base/fail.h"
#include "ctl/gather.h"
#include "ctl/policy_load.h"
#include "store/instance.h"

struct replayer {
	store *db;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	arena memory;
};

hub_status replayer_new(ctl *c, replayer **ret, hub_fault *fault)
{
	replayer *r = fail_calloc(1, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	r->db = c->db;
	arena_init(&r->memory, 0);
	hub_status st = policy_current(c, &r->policies, fault);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, r->policies, &r->in);
	if (st == HUB_OK)
		st = intake_worker_new(r->in, r->db, &r->worker);
	if (st != HUB_OK) {
		replayer_free(r);
		return st;
	}
	*ret = r;
	return HUB_OK;
}

void replayer_free(replayer *r)
{
	if (!r)
		return;
	intake_worker_free(r->worker);
	intake_free(r->in);
	inforce_free(r->policies);
	arena_fini(&r->memory);
	free(r);
}

/* The original as one document through the instance's adapter, all of it or nothing. */
static hub_status decode(void *user, const quarantine *q, arena *a, record **ret, size_t *ret_count, hub_fault *fault)
{
	replayer *r = user;
	instance i;
	gather *g = NULL;
	hub_setting *settings;
	size_t count;
	hub_status st = instance_get(r->db, q->source, a, &i);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, q->code, "source", "no instance '%.64s' whose adapter could read it again", q->source);
	if (st == HUB_OK)
		st = settings_of_json(i.options, a, &settings, &count);
	if (st == HUB_OK)
		st = gather_open(i.adapter, settings, count, a, &g, fault);
	if (st == HUB_OK)
		st = gather_document(g, "replay", q->raw, q->raw_len, fault);
	if (st == HUB_OK)
		st = gather_take(g, ret, ret_count);
	for (size_t k = 0; st == HUB_OK && k < *ret_count; k++)
		if ((*ret)[k].body.type == HUB_RECORD_FAULT) {
			*fault = (*ret)[k].fault;
			st = HUB_REJECT;
		}
	gather_close(g);
	return st;
}

hub_status replayer_run(replayer *r, uint64_t id, batch_answer *ret, hub_fault *fault)
{
	const replay_decoder decoder = { decode, r };
	arena_reset(&r->memory);
	return intake_replay(r->worker, r->db, id, &decoder, &r->memory, ret, fault);
}

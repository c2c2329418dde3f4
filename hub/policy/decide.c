#include "policy/run.h"

#include <string.h>

static size_t count_bits(const uint64_t *bits, size_t words)
{
	size_t n = 0;
	for (size_t i = 0; i < words; i++)
		n += (size_t)__builtin_popcountll(bits[i]);
	return n;
}

hub_status policy_decide(const policy_set *set, const policy_entities *entities, const policy_entities *extra,
			 const policy_request *request, arena *a, policy_decision *ret)
{
	run r;
	uid uids[3] = { uid_of(request->principal), uid_of(request->action), uid_of(request->resource) };
	const uid *const named[3] = { &uids[0], &uids[1], &uids[2] };
	hub_status st = run_start(&r, set, entities, extra, request, uids, a);
	if (st != HUB_OK)
		return st;
	size_t words = set->index.words;
	uint64_t *bits = arena_array(a, 2 * words, sizeof *bits);
	if (!bits)
		return HUB_NOMEM;
	index_match(&set->index, named, r.lines, bits + words, bits);
	size_t most = count_bits(bits, words);
	uint32_t *lists = arena_array(a, 3 * (most + 1), sizeof *lists);
	const char **texts = arena_array(a, most, sizeof *texts);
	if (!lists || !texts)
		return HUB_NOMEM;
	verdict v = { .held = { lists, lists + most + 1 }, .errors = lists + 2 * (most + 1), .texts = texts };
	if (!run_candidates(&r, bits, &v))
		return HUB_NOMEM;
	bool forbidden = v.counts[1] > 0;
	*ret = (policy_decision){
		.allow = !forbidden && v.counts[0] > 0,
		.reasons = v.held[forbidden],
		.reason_count = v.counts[forbidden],
		.errors = v.errors,
		.error_texts = v.texts,
		.error_count = v.error_count,
	};
	return HUB_OK;
}

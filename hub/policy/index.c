#include "policy/index.h"

#include <string.h>

static uint64_t slot_hash(uint64_t hash, bool exact)
{
	return exact ? hash * 0x9e3779b97f4a7c15u : hash;
}

static index_slot *slot_find(const index_table *t, uint64_t hash, const uid *u, policy_text type, bool exact)
{
	size_t i = hash & t->mask;
	for (; t->slots[i].bits; i = (i + 1) & t->mask) {
		const index_slot *s = &t->slots[i];
		if (s->hash == hash && s->exact == exact && (u ? s->uid && uid_is(s->uid, u) : text_is(s->type, type)))
			break;
	}
	return &t->slots[i];
}

typedef struct builder {
	scope_index *x;
	arena *a;
	size_t policy;
} builder;

static bool add(builder *b, dimension d, uint64_t hash, const uid *u, policy_text type, bool exact)
{
	index_table *t = &b->x->tables[d];
	uint64_t h = slot_hash(hash, exact);
	index_slot *s = slot_find(t, h, u, type, exact);
	if (!s->bits) {
		*s = (index_slot){ h, u, type, exact, arena_array(b->a, b->x->words, sizeof *s->bits) };
		if (!s->bits)
			return false;
		t->count++;
	}
	s->bits[b->policy / 64] |= (uint64_t)1 << b->policy % 64;
	return true;
}

static void add_any(builder *b, dimension d)
{
	b->x->tables[d].any[b->policy / 64] |= (uint64_t)1 << b->policy % 64;
}

static bool add_scope(builder *b, const scope *s, dimension uids, int types)
{
	bool typed = s->kind == SCOPE_IS || s->kind == SCOPE_IS_IN;
	if (s->kind == SCOPE_ANY || s->kind == SCOPE_IS)
		add_any(b, uids);
	if (types >= 0 && !typed)
		add_any(b, (dimension)types);
	if (types >= 0 && typed && !add(b, (dimension)types, s->type_hash, NULL, s->type, false))
		return false;
	for (uint32_t i = 0; i < s->count; i++)
		if (!add(b, uids, s->uids[i]->hash, s->uids[i], s->uids[i]->type, s->kind == SCOPE_EQ))
			return false;
	return true;
}

static bool table_init(index_table *t, size_t keys, size_t words, arena *a)
{
	size_t size = 4;
	while (size < keys * 2)
		size *= 2;
	t->mask = size - 1;
	t->slots = arena_array(a, size, sizeof *t->slots);
	t->any = arena_array(a, words, sizeof *t->any);
	return t->slots && t->any;
}

bool index_build(scope_index *x, policy *const *policies, size_t count, arena *a)
{
	size_t keys[DIMS] = { 0 };
	x->words = (count + 63) / 64;
	for (size_t i = 0; i < count; i++) {
		keys[DIM_PRINCIPAL] += policies[i]->principal.count;
		keys[DIM_PRINCIPAL_TYPE]++;
		keys[DIM_ACTION] += policies[i]->action.count;
		keys[DIM_RESOURCE] += policies[i]->resource.count;
		keys[DIM_RESOURCE_TYPE]++;
	}
	for (int d = 0; d < DIMS; d++)
		if (!table_init(&x->tables[d], keys[d], x->words, a))
			return false;
	for (size_t i = 0; i < count; i++) {
		builder b = { x, a, i };
		if (!add_scope(&b, &policies[i]->principal, DIM_PRINCIPAL, DIM_PRINCIPAL_TYPE) ||
		    !add_scope(&b, &policies[i]->action, DIM_ACTION, -1) ||
		    !add_scope(&b, &policies[i]->resource, DIM_RESOURCE, DIM_RESOURCE_TYPE))
			return false;
	}
	return true;
}

static inline void join(uint64_t *to, const uint64_t *bits, size_t words)
{
	for (size_t i = 0; bits && i < words; i++)
		to[i] |= bits[i];
}

static void match_uids(const index_table *t, size_t words, const uid *u, const lineage *line, uint64_t *bits)
{
	memcpy(bits, t->any, words * sizeof *bits);
	if (!t->count)
		return;
	join(bits, slot_find(t, slot_hash(u->hash, true), u, u->type, true)->bits, words);
	join(bits, slot_find(t, u->hash, u, u->type, false)->bits, words);
	for (size_t i = 0; i < line->count; i++)
		join(bits, slot_find(t, line->hashes[i], line->uids[i], u->type, false)->bits, words);
}

static void match_type(const index_table *t, size_t words, const uid *u, uint64_t *bits)
{
	memcpy(bits, t->any, words * sizeof *bits);
	if (t->count)
		join(bits, slot_find(t, u->type_hash, NULL, u->type, false)->bits, words);
}

static inline void meet(uint64_t *to, const uint64_t *bits, size_t words)
{
	for (size_t i = 0; i < words; i++)
		to[i] &= bits[i];
}

void index_match(const scope_index *x, const uid *const uids[3], const lineage lines[3], uint64_t *scratch, uint64_t *out)
{
	size_t n = x->words;
	match_uids(&x->tables[DIM_PRINCIPAL], n, uids[0], &lines[0], out);
	match_type(&x->tables[DIM_PRINCIPAL_TYPE], n, uids[0], scratch);
	meet(out, scratch, n);
	match_uids(&x->tables[DIM_ACTION], n, uids[1], &lines[1], scratch);
	meet(out, scratch, n);
	match_uids(&x->tables[DIM_RESOURCE], n, uids[2], &lines[2], scratch);
	meet(out, scratch, n);
	match_type(&x->tables[DIM_RESOURCE_TYPE], n, uids[2], scratch);
	meet(out, scratch, n);
}

#include "policy/entities.h"

#include "base/fail.h"
#include "base/grow.h"

#include <stdlib.h>

/* A graph whose closure is larger is refused rather than stored: 64 Mi ancestor entries. */
enum { CLOSURE_MAX = 1 << 26 };

const entity *entities_find(const policy_entities *e, const uid *u)
{
	if (!e)
		return NULL;
	for (size_t i = u->hash & e->mask; e->slots[i].entity; i = (i + 1) & e->mask)
		if (e->slots[i].hash == u->hash && uid_is(e->slots[i].entity->uid, u))
			return e->slots[i].entity;
	return NULL;
}

static int by_hash(const void *a, const void *b)
{
	const uid *x = *(const uid *const *)a, *y = *(const uid *const *)b;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

bool lineage_build(arena *a, const uid **uids, size_t count, lineage *ret)
{
	size_t n = 0;
	if (count > 1)
		qsort(uids, count, sizeof *uids, by_hash);
	for (size_t i = 0; i < count; i++) {
		bool seen = false;
		for (size_t k = n; !seen && k && uids[k - 1]->hash == uids[i]->hash; k--)
			seen = uid_is(uids[k - 1], uids[i]);
		if (!seen)
			uids[n++] = uids[i];
	}
	uint64_t *hashes = arena_array(a, n, sizeof *hashes);
	if (!hashes)
		return false;
	for (size_t i = 0; i < n; i++)
		hashes[i] = uids[i]->hash;
	*ret = (lineage){ uids, hashes, n };
	return true;
}

/* uids found so far, in an arena. */
typedef struct walk {
	arena *a;
	const uid **uids;
	size_t count, cap;
} walk;

static bool walk_add(walk *w, const uid *u)
{
	for (size_t i = 0; i < w->count; i++)
		if (uid_is(w->uids[i], u))
			return true;
	const uid **uids = arena_grow(w->a, w->uids, w->count, &w->cap, sizeof *uids, 16);
	if (!uids)
		return false;
	w->uids = uids;
	w->uids[w->count++] = u;
	return true;
}

bool lineage_of(const policy_entities *e, const policy_entities *extra, const uid *u, arena *a, lineage *ret)
{
	const entity *own = extra ? entities_find(extra, u) : NULL;
	if (!extra || (!own && !extra->count)) {
		own = entities_find(e, u);
		*ret = own ? own->ancestors : (lineage){ 0 };
		return true;
	}
	walk w = { .a = a };
	for (size_t next = 0;; next++) {
		const entity *from = entities_find(extra, u);
		if (!from)
			from = entities_find(e, u);
		for (size_t i = 0; from && i < from->parent_count; i++)
			if (!walk_add(&w, from->parents[i]))
				return false;
		if (next == w.count)
			break;
		u = w.uids[next];
	}
	return lineage_build(a, w.uids, w.count, ret);
}

static bool table_build(policy_entities *e, hub_fault *fault, hub_status *ret_status)
{
	size_t size = 8;
	while (size < e->count * 2)
		size *= 2;
	e->mask = size - 1;
	e->slots = arena_array(&e->a, size, sizeof *e->slots);
	*ret_status = HUB_NOMEM;
	if (!e->slots)
		return false;
	for (size_t k = 0; k < e->count; k++) {
		const uid *u = e->list[k].uid;
		if (entities_find(e, u)) {
			*ret_status = hub_fault_set(fault, "policy.entity.twice", "uid",
						    "each entity stands once; %.*s::\"%.*s\" stands twice",
						    u->type.len > 60 ? 60 : (int)u->type.len, u->type.p,
						    u->id.len > 60 ? 60 : (int)u->id.len, u->id.p);
			return false;
		}
		size_t i = u->hash & e->mask;
		while (e->slots[i].entity)
			i = (i + 1) & e->mask;
		e->slots[i].hash = u->hash;
		e->slots[i].entity = &e->list[k];
	}
	return true;
}

static hub_status entity_copy(policy_entities *e, entity *to, const policy_entity *from, hub_fault *fault)
{
	const uid **parents = arena_array(&e->a, from->parent_count, sizeof *parents);
	to->uid = uid_copy(&e->a, from->uid);
	if (!to->uid || !parents)
		return HUB_NOMEM;
	for (size_t i = 0; i < from->parent_count; i++)
		if (!(parents[i] = uid_copy(&e->a, from->parents[i])))
			return HUB_NOMEM;
	to->parents = parents;
	to->parent_count = from->parent_count;
	hub_status st = value_import_attrs(&e->a, from->attrs, from->attr_count, &to->attrs, fault);
	return st == HUB_OK ? value_import_attrs(&e->a, from->tags, from->tag_count, &to->tags, fault) : st;
}

enum { FRESH, OPEN, CLOSED };

/* One entity whose parents are being closed: the next parent to look at. */
typedef struct visit {
	size_t entity, next;
} visit;

typedef struct closing {
	policy_entities *e;
	uint8_t *state; /* FRESH, OPEN or CLOSED, per entity */
	visit *stack;
	size_t depth, total;
} closing;

static bool ancestors_join(closing *c, entity *own)
{
	size_t most = own->parent_count;
	for (size_t i = 0; i < own->parent_count; i++) {
		const entity *parent = entities_find(c->e, own->parents[i]);
		most += parent ? parent->ancestors.count : 0;
	}
	const uid **uids = arena_array(&c->e->a, most, sizeof *uids);
	size_t n = 0;
	if (!uids)
		return false;
	for (size_t i = 0; i < own->parent_count; i++) {
		const entity *parent = entities_find(c->e, own->parents[i]);
		uids[n++] = own->parents[i];
		for (size_t k = 0; parent && k < parent->ancestors.count; k++)
			uids[n++] = parent->ancestors.uids[k];
	}
	c->total += n;
	return lineage_build(&c->e->a, uids, n, &own->ancestors);
}

/* Depth first without recursion: a chain may be as long as the list. */
static hub_status close_from(closing *c, size_t start, hub_fault *fault)
{
	c->stack[0] = (visit){ start, 0 };
	c->depth = 1;
	c->state[start] = OPEN;
	while (c->depth) {
		visit *v = &c->stack[c->depth - 1];
		entity *own = &c->e->list[v->entity];
		if (v->next == own->parent_count) {
			if (!ancestors_join(c, own))
				return HUB_NOMEM;
			if (c->total > CLOSURE_MAX)
				return hub_fault_set(fault, "policy.entity.closure", "parents",
						     "the entities have more than %d ancestors together", CLOSURE_MAX);
			c->state[v->entity] = CLOSED;
			c->depth--;
			continue;
		}
		const entity *parent = entities_find(c->e, own->parents[v->next++]);
		size_t at = parent ? (size_t)(parent - c->e->list) : 0;
		if (!parent || c->state[at] == CLOSED)
			continue;
		if (c->state[at] == OPEN)
			return hub_fault_set(fault, "policy.entity.cycle", "parents",
					     "parents form a tree, not a ring; %.*s::\"%.*s\" is its own ancestor",
					     parent->uid->type.len > 60 ? 60 : (int)parent->uid->type.len,
					     parent->uid->type.p, parent->uid->id.len > 60 ? 60 : (int)parent->uid->id.len,
					     parent->uid->id.p);
		c->state[at] = OPEN;
		c->stack[c->depth++] = (visit){ at, 0 };
	}
	return HUB_OK;
}

static hub_status close_ancestors(policy_entities *e, hub_fault *fault)
{
	closing c = { .e = e };
	c.state = fail_calloc(e->count + 1, sizeof *c.state);
	c.stack = fail_calloc(e->count + 1, sizeof *c.stack);
	hub_status st = c.state && c.stack ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < e->count; i++)
		if (c.state[i] == FRESH)
			st = close_from(&c, i, fault);
	free(c.state);
	free(c.stack);
	return st;
}

hub_status policy_entities_new(const policy_entity *list, size_t count, policy_entities **ret, hub_fault *fault)
{
	policy_entities *e = fail_calloc(1, sizeof *e);
	if (!e)
		return HUB_NOMEM;
	arena_init(&e->a, 0);
	e->count = count;
	e->list = arena_array(&e->a, count, sizeof *e->list);
	hub_status st = e->list ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = entity_copy(e, &e->list[i], &list[i], fault);
	if (st == HUB_OK && table_build(e, fault, &st))
		st = close_ancestors(e, fault);
	if (st == HUB_OK)
		*ret = e;
	else
		policy_entities_free(e);
	return st;
}

void policy_entities_free(policy_entities *e)
{
	if (!e)
		return;
	arena_fini(&e->a);
	free(e);
}

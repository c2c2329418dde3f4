#include "policy/operate.h"

#include "policy/like.h"

static outcome has_attr(run *r, const op *at, const value *of)
{
	const key *k = at->p;
	if (of->kind == POLICY_RECORD)
		return record_find(of, k->name, k->hash) ? YES : NO;
	if (of->kind != POLICY_ENTITY)
		return run_not_type(r, at, "an entity or a record", of);
	const entity *e = run_find(r, of->entity);
	return e && record_find(e->attrs, k->name, k->hash) ? YES : NO;
}

static outcome has_tag(run *r, const op *at, const value *of, const value *name)
{
	if (of->kind != POLICY_ENTITY)
		return run_not_type(r, at, "an entity", of);
	if (name->kind != POLICY_STRING)
		return run_not_type(r, at, "a string", name);
	const entity *e = run_find(r, of->entity);
	return e && record_find(e->tags, name->text, name->hash) ? YES : NO;
}

/* In place where it is known already, else through *room. NULL: out of memory. */
static const lineage *line_of(run *r, const uid *u, lineage *room)
{
	for (int i = 0; i < 3; i++)
		if (u == r->vars[i].entity)
			return &r->lines[i];
	return lineage_of(r->entities, r->extra, u, r->a, room) ? room : NULL;
}

static inline outcome is_under(const uid *child, const lineage *line, const uid *of)
{
	return uid_is(child, of) || lineage_has(line, of) ? YES : NO;
}

static outcome is_in(run *r, const op *at, const value *child, const value *of)
{
	if (child->kind != POLICY_ENTITY)
		return run_not_type(r, at, "an entity before `in`", child);
	if (of->kind != POLICY_ENTITY && of->kind != POLICY_SET)
		return run_not_type(r, at, "an entity or a set of entities after `in`", of);
	for (size_t i = 0; of->kind == POLICY_SET && i < of->set.count; i++)
		if (of->set.items[i]->kind != POLICY_ENTITY)
			return run_not_type(r, at, "a set of entities after `in`", of->set.items[i]);
	lineage room;
	const lineage *line = line_of(r, child->entity, &room);
	if (!line) {
		run_nomem(r);
		return ERR;
	}
	if (of->kind == POLICY_ENTITY)
		return is_under(child->entity, line, of->entity);
	for (size_t i = 0; i < of->set.count; i++)
		if (is_under(child->entity, line, of->set.items[i]->entity) == YES)
			return YES;
	return NO;
}

static outcome contains(run *r, const op *at, const value *set, const value *of)
{
	if (set->kind != POLICY_SET)
		return run_not_type(r, at, "a set", set);
	if (at->code == OP_CONTAINS)
		return set_has(set, of) ? YES : NO;
	if (of->kind != POLICY_SET)
		return run_not_type(r, at, "a set", of);
	bool all = at->code == OP_CONTAINS_ALL;
	for (size_t i = 0; i < of->set.count; i++)
		if (set_has(set, of->set.items[i]) != all)
			return all ? NO : YES;
	return all ? YES : NO;
}

outcome run_test(run *r, const op *at, const value *a, const value *b)
{
	const node *n = at->p;
	const key *k = at->p;
	switch ((op_code)at->code) {
	case OP_IN:
		return is_in(r, at, a, b);
	case OP_HAS:
		return has_attr(r, at, a);
	case OP_CONTAINS:
	case OP_CONTAINS_ALL:
	case OP_CONTAINS_ANY:
		return contains(r, at, a, b);
	case OP_IS_EMPTY:
		return a->kind != POLICY_SET ? run_not_type(r, at, "a set", a) : a->set.count ? NO : YES;
	case OP_HAS_TAG:
		return has_tag(r, at, a, b);
	case OP_LIKE:
		return a->kind != POLICY_STRING ? run_not_type(r, at, "a string", a) :
		       like_match(a->text, n->name, n->stars) ? YES : NO;
	default:
		return a->kind != POLICY_ENTITY ? run_not_type(r, at, "an entity", a) :
		       a->entity->type_hash == k->hash && text_is(a->entity->type, k->name) ? YES : NO;
	}
}

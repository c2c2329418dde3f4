#include "api/area_right.h"

#include "api/entity.h"

enum { ATTRIBUTES = 12, ABOVE = 16 };

static const policy_value *truth(request *r, bool is)
{
	policy_value *v = arena_alloc(r->arena, sizeof *v);
	if (v)
		*v = (policy_value){ .kind = POLICY_BOOL, .boolean = is };
	return v;
}

static hub_status person_entity(request *r, policy_entity *ret)
{
	const person *p = r->person;
	policy_uid *parents = arena_array(r->arena, 1 + p->role_count, sizeof *parents);
	policy_attr *list = arena_array(r->arena, 2, sizeof *list);
	policy_value *kinds = arena_alloc(r->arena, sizeof *kinds);
	const policy_value **items = arena_array(r->arena, p->kind_count, sizeof *items);
	const policy_value *area = entity_ref(r->arena, "Hub::Premise", p->area);
	if (!parents || !list || !kinds || !items || !area)
		return HUB_NOMEM;
	parents[0] = entity_uid("Hub::Party", r->caller.code);
	for (size_t i = 0; i < p->role_count; i++)
		parents[1 + i] = entity_uid("Hub::Role", p->roles[i]);
	for (size_t i = 0; i < p->kind_count; i++)
		if (!(items[i] = entity_ref(r->arena, "Hub::Kind", p->kinds[i])))
			return HUB_NOMEM;
	*kinds = (policy_value){ .kind = POLICY_SET, .set = { items, p->kind_count } };
	list[0] = (policy_attr){ policy_text_of("kinds"), kinds };
	list[1] = (policy_attr){ policy_text_of("area"), area };
	*ret = (policy_entity){ .uid = entity_uid("Hub::User", p->login), .parents = parents, .parent_count = 1 + p->role_count,
				.attrs = list, .attr_count = p->area[0] ? 2 : 1 };
	return HUB_OK;
}

/* Of nobody in particular: that is what makes it publishable. */
static hub_status sum_entity(request *r, const premise *of, const char *kind, const char *commodity, policy_entity *ret)
{
	arena *a = r->arena;
	policy_attr *attrs = arena_array(a, ATTRIBUTES, sizeof *attrs);
	policy_uid *parent = arena_alloc(a, sizeof *parent);
	if (!attrs || !parent)
		return HUB_NOMEM;
	const struct {
		const char *name;
		const policy_value *value;
	} list[ATTRIBUTES] = {
		{ "kind", entity_ref(a, "Hub::Kind", kind) },
		{ "commodity", entity_text(a, commodity) },
		{ "sender", entity_ref(a, "Hub::Party", "") },
		{ "to", entity_party_set(a, NULL) },
		{ "about", entity_party_set(a, NULL) },
		{ "utilities", entity_party_set(a, NULL) },
		{ "personal", truth(r, false) },
		{ "consented", entity_party_set(a, NULL) },
		{ "via", entity_party_set(a, NULL) },
		{ "attached", truth(r, false) },
		{ "genuine", truth(r, true) },
		{ "expired", truth(r, false) },
	};
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		if (!list[i].value)
			return HUB_NOMEM;
		attrs[i] = (policy_attr){ policy_text_of(list[i].name), list[i].value };
	}
	*parent = entity_uid("Hub::Premise", of->code);
	*ret = (policy_entity){ .uid = entity_uid("Hub::Message", "sum"), .attrs = attrs, .attr_count = ATTRIBUTES, .parents = parent,
				.parent_count = 1 };
	return HUB_OK;
}

/* The area, and those above it that are areas too, as a chain. */
static size_t places(const premise *areas, size_t count, const premise *of, arena *a, policy_entity *list)
{
	size_t n = 0;
	for (size_t k = of->path_count; k-- && n < ABOVE;)
		for (size_t i = 0; i < count; i++)
			if (areas[i].id == of->path[k]) {
				policy_uid *parent = n ? arena_alloc(a, sizeof *parent) : NULL;
				list[n] = (policy_entity){ .uid = entity_uid("Hub::Premise", areas[i].code) };
				if (parent) {
					*parent = list[n].uid;
					list[n - 1].parents = parent;
					list[n - 1].parent_count = 1;
				}
				n++;
			}
	return n;
}

hub_status area_right(request *r, const premise *areas, size_t count, const premise *of, const char *kind, const char *commodity,
		      bool *ret_allowed)
{
	policy_entity list[3 + ABOVE] = { 0 };
	policy_entities *entities = NULL;
	policy_decision d = { 0 };
	hub_fault fault;
	size_t n = 2;
	*ret_allowed = false;
	if (!r->rules)
		return HUB_OK;
	hub_status st = entity_of_party(&r->caller, r->arena, &list[0]);
	if (st == HUB_OK)
		st = sum_entity(r, of, kind, commodity, &list[1]);
	if (st == HUB_OK && r->person)
		st = person_entity(r, &list[n++]);
	if (st != HUB_OK)
		return st;
	const policy_request question = { .principal = r->person ? list[2].uid : list[0].uid,
					  .action = entity_uid("Hub::Action", "receive"), .resource = list[1].uid };
	n += places(areas, count, of, r->arena, list + n);
	st = policy_entities_new(list, n, &entities, &fault);
	if (st == HUB_OK)
		st = policy_decide(r->rules->set, entities, NULL, &question, r->arena, &d);
	policy_entities_free(entities);
	/* A policy that erred may have been a forbid. */
	*ret_allowed = st == HUB_OK && d.allow && !d.error_count;
	return st;
}

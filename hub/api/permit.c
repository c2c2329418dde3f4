#include "api/permit.h"

#include <string.h>

#include "api/entity.h"

/* resource NULL: the caller itself, as one entity is described once. other: one more that it names. */
static hub_status decide(request *r, const char *action, const policy_entity *resource, const policy_entity *other,
			 bool *ret)
{
	policy_entity list[3] = { 0 };
	policy_entities *entities = NULL;
	policy_decision decision;
	hub_fault fault;
	size_t count = 1;
	*ret = false;
	if (!r->rules)
		return HUB_OK;
	hub_status st = entity_of_party(&r->caller, r->arena, &list[0]);
	if (st != HUB_OK)
		return st;
	if (resource)
		list[count++] = *resource;
	if (other)
		list[count++] = *other;
	st = policy_entities_new(list, count, &entities, &fault);
	const policy_request question = { list[0].uid, entity_uid("Hub::Action", action),
					  resource ? resource->uid : list[0].uid, NULL };
	if (st == HUB_OK)
		st = policy_decide(r->rules->set, entities, NULL, &question, r->arena, &decision);
	policy_entities_free(entities);
	if (st == HUB_OK)
		*ret = decision.allow;
	return st;
}

hub_status permit_party(request *r, const party *p, bool *ret)
{
	policy_entity resource;
	if (p->id == r->caller.id)
		return decide(r, "view", NULL, NULL, ret);
	hub_status st = entity_of_party(p, r->arena, &resource);
	return st == HUB_OK ? decide(r, "view", &resource, NULL, ret) : st;
}

hub_status permit_premise(request *r, const premise *p, bool own, bool *ret)
{
	policy_attr *attr = arena_alloc(r->arena, sizeof *attr);
	if (!attr || !(attr->value = entity_party_set(r->arena, own ? r->caller.code : NULL)))
		return HUB_NOMEM;
	attr->name = policy_text_of("parties");
	const policy_entity resource = { .uid = entity_uid("Hub::Premise", p->code), .attrs = attr, .attr_count = 1 };
	return decide(r, "view", &resource, NULL, ret);
}

hub_status permit_item(request *r, const char *action, const char *kind, int64_t owner, bool *ret)
{
	policy_attr *attrs = arena_array(r->arena, 2, sizeof *attrs);
	policy_entity other;
	party found = r->caller;
	bool own = owner == 0 || owner == r->caller.id;
	hub_status st = own ? HUB_OK : party_by_id(r->db, owner, r->arena, &found);
	if (st == HUB_OK && !own)
		st = entity_of_party(&found, r->arena, &other);
	if (st != HUB_OK)
		return st;
	const policy_value *values[] = { entity_ref(r->arena, "Hub::Party", found.code), entity_text(r->arena, kind) };
	if (!attrs || !values[0] || !values[1])
		return HUB_NOMEM;
	attrs[0] = (policy_attr) { policy_text_of("owner"), values[0] };
	attrs[1] = (policy_attr) { policy_text_of("kind"), values[1] };
	const policy_entity resource = { .uid = entity_uid("Hub::Item", kind), .attrs = attrs, .attr_count = 2 };
	return decide(r, action, &resource, own ? NULL : &other, ret);
}

hub_status permit_list(request *r, const char *kind, int64_t *ret_owner)
{
	const char *code = request_query(r, "party");
	party owner = r->caller;
	bool allowed = false;
	hub_status st = code ? party_by_code(r->db, code, r->arena, &owner) : HUB_OK;
	if (st == HUB_OK)
		st = permit_item(r, "view", kind, owner.id, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, code ? 404 : 403, "party.unknown", "party",
				      "there is no party '%.64s' whose %ss you may see", code ? code : r->caller.code,
				      kind);
	*ret_owner = owner.id;
	return st;
}

#include "api/entity.h"

policy_uid entity_uid(const char *type, const char *id)
{
	return (policy_uid) { policy_text_of(type), policy_text_of(id) };
}

const policy_value *entity_text(arena *a, const char *text)
{
	policy_value *v = arena_alloc(a, sizeof *v);
	if (v)
		*v = (policy_value) { .kind = POLICY_STRING, .text = policy_text_of(text) };
	return v;
}

const policy_value *entity_ref(arena *a, const char *type, const char *id)
{
	policy_value *v = arena_alloc(a, sizeof *v);
	if (v)
		*v = (policy_value) { .kind = POLICY_ENTITY, .entity = entity_uid(type, id) };
	return v;
}

const policy_value *entity_party_set(arena *a, const char *code)
{
	policy_value *set = arena_alloc(a, sizeof *set);
	const policy_value **items = arena_alloc(a, sizeof *items);
	if (!set || !items)
		return NULL;
	*set = (policy_value) { .kind = POLICY_SET, .set = { items, code != NULL } };
	if (code && !(items[0] = entity_ref(a, "Hub::Party", code)))
		return NULL;
	return set;
}

hub_status entity_of_party(const party *p, arena *a, policy_entity *ret)
{
	policy_uid *roles = arena_array(a, p->role_count, sizeof *roles);
	policy_attr *kind = arena_alloc(a, sizeof *kind);
	if (!roles || !kind || !(kind->value = entity_text(a, p->kind)))
		return HUB_NOMEM;
	kind->name = policy_text_of("kind");
	for (size_t i = 0; i < p->role_count; i++)
		roles[i] = entity_uid("Hub::Role", p->roles[i]);
	*ret = (policy_entity) { .uid = entity_uid("Hub::Party", p->code),
				 .parents = roles,
				 .parent_count = p->role_count,
				 .attrs = kind,
				 .attr_count = 1 };
	return HUB_OK;
}

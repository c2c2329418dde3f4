#include "api/message_right.h"

enum { ATTRIBUTES = 13 };

static policy_uid uid_of(const char *type, const char *id)
{
	return (policy_uid){ policy_text_of(type), policy_text_of(id) };
}

static policy_value *value_of(request *r, policy_kind kind)
{
	policy_value *v = arena_alloc(r->arena, sizeof *v);
	if (v)
		v->kind = kind;
	return v;
}

static const policy_value *text_value(request *r, const char *text)
{
	policy_value *v = value_of(r, POLICY_STRING);
	if (v)
		v->text = policy_text_of(text);
	return v;
}

static const policy_value *truth(request *r, bool is)
{
	policy_value *v = value_of(r, POLICY_BOOL);
	if (v)
		v->boolean = is;
	return v;
}

static const policy_value *entity(request *r, const char *type, const char *id)
{
	policy_value *v = value_of(r, POLICY_ENTITY);
	if (v)
		v->entity = uid_of(type, id);
	return v;
}

static const policy_value *parties(request *r, const char *const *codes, size_t count)
{
	policy_value *v = value_of(r, POLICY_SET);
	const policy_value **items = arena_array(r->arena, count, sizeof *items);
	if (!v || !items)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!(items[i] = entity(r, "Hub::Party", codes[i])))
			return NULL;
	v->set.items = items;
	v->set.count = count;
	return v;
}

static hub_status describe(request *r, const message_facts *m, policy_entity *ret)
{
	policy_attr *attrs = arena_array(r->arena, ATTRIBUTES, sizeof *attrs);
	if (!attrs)
		return HUB_NOMEM;
	const struct {
		const char *name;
		const policy_value *value;
	} list[ATTRIBUTES] = {
		{ "kind", entity(r, "Hub::Kind", m->kind) },
		{ "commodity", text_value(r, m->commodity) },
		{ "sender", entity(r, "Hub::Party", m->sender) },
		{ "to", parties(r, &m->to, m->to != NULL) },
		{ "about", parties(r, &m->about, m->about != NULL) },
		{ "utilities", parties(r, m->utilities, m->utility_count) },
		{ "personal", truth(r, m->personal) },
		{ "consented", parties(r, NULL, 0) },
		{ "via", parties(r, NULL, 0) },
		{ "attached", truth(r, false) },
		{ "genuine", truth(r, m->genuine) },
		{ "expired", truth(r, false) },
		{ "purpose", text_value(r, m->purpose ? m->purpose : "") }, /* the last: it may be left out */
	};
	size_t count = m->purpose ? ATTRIBUTES : ATTRIBUTES - 1;
	for (size_t i = 0; i < count; i++) {
		if (!list[i].value)
			return HUB_NOMEM;
		attrs[i] = (policy_attr){ policy_text_of(list[i].name), list[i].value };
	}
	*ret = (policy_entity){ .uid = uid_of("Hub::Message", "asked"), .attrs = attrs, .attr_count = count };
	return HUB_OK;
}

static hub_status describe_party(request *r, const party *c, policy_entity *ret)
{
	policy_uid *roles = arena_array(r->arena, c->role_count, sizeof *roles);
	policy_attr *kind = arena_alloc(r->arena, sizeof *kind);
	if (!roles || !kind)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->role_count; i++)
		roles[i] = uid_of("Hub::Role", c->roles[i]);
	*kind = (policy_attr){ policy_text_of("kind"), text_value(r, c->kind) };
	*ret = (policy_entity){ .uid = uid_of("Hub::Party", c->code), .parents = roles, .parent_count = c->role_count,
				.attrs = kind, .attr_count = 1 };
	return kind->value ? HUB_OK : HUB_NOMEM;
}

hub_status message_right(request *r, const char *action, const message_facts *m, bool *ret_allowed)
{
	return message_right_of(r, &r->caller, action, m, ret_allowed);
}

hub_status message_right_of(request *r, const party *who, const char *action, const message_facts *m, bool *ret_allowed)
{
	policy_entity list[2];
	policy_entities *entities = NULL;
	policy_decision d;
	hub_fault fault;
	*ret_allowed = false;
	if (!r->rules)
		return HUB_OK;
	hub_status st = describe_party(r, who, &list[0]);
	if (st == HUB_OK)
		st = describe(r, m, &list[1]);
	if (st == HUB_OK)
		st = policy_entities_new(list, 2, &entities, &fault);
	const policy_request question = { .principal = list[0].uid, .action = uid_of("Hub::Action", action),
					  .resource = st == HUB_OK ? list[1].uid : list[0].uid };
	if (st == HUB_OK)
		st = policy_decide(r->rules->set, entities, NULL, &question, r->arena, &d);
	policy_entities_free(entities);
	/* A policy that erred may have been a forbid. */
	if (st == HUB_OK)
		*ret_allowed = d.allow && !d.error_count;
	return st;
}

#include "rights/message.h"

enum { ATTRIBUTES = 13 };

static policy_uid uid_of(const char *type, const char *id)
{
	return (policy_uid) { policy_text_of(type), policy_text_of(id) };
}

static policy_value *value_of(arena *a, policy_kind kind)
{
	policy_value *v = arena_alloc(a, sizeof *v);
	if (v)
		v->kind = kind;
	return v;
}

static const policy_value *text_value(arena *a, const char *text)
{
	policy_value *v = value_of(a, POLICY_STRING);
	if (v)
		v->text = policy_text_of(text);
	return v;
}

static const policy_value *truth(arena *a, bool is)
{
	policy_value *v = value_of(a, POLICY_BOOL);
	if (v)
		v->boolean = is;
	return v;
}

static const policy_value *entity(arena *a, const char *type, const char *id)
{
	policy_value *v = value_of(a, POLICY_ENTITY);
	if (v)
		v->entity = uid_of(type, id);
	return v;
}

static const policy_value *parties(arena *a, const char *const *codes, size_t count)
{
	policy_value *v = value_of(a, POLICY_SET);
	const policy_value **items = arena_array(a, count, sizeof *items);
	if (!v || !items)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!(items[i] = entity(a, "Hub::Party", codes[i])))
			return NULL;
	v->set.items = items;
	v->set.count = count;
	return v;
}

static hub_status describe(arena *a, const message_facts *m, policy_entity *ret)
{
	policy_attr *attrs = arena_array(a, ATTRIBUTES, sizeof *attrs);
	if (!attrs)
		return HUB_NOMEM;
	const struct {
		const char *name;
		const policy_value *value;
	} list[ATTRIBUTES] = {
		{ "kind", entity(a, "Hub::Kind", m->kind) },
		{ "commodity", text_value(a, m->commodity) },
		{ "sender", entity(a, "Hub::Party", m->sender) },
		{ "to", parties(a, &m->to, m->to != NULL) },
		{ "about", parties(a, &m->about, m->about != NULL) },
		{ "utilities", parties(a, m->utilities, m->utility_count) },
		{ "personal", truth(a, m->personal) },
		{ "consented", parties(a, NULL, 0) },
		{ "via", parties(a, NULL, 0) },
		{ "attached", truth(a, false) },
		{ "genuine", truth(a, m->genuine) },
		{ "expired", truth(a, false) },
		{ "purpose", text_value(a, m->purpose ? m->purpose : "") }, /* the last: it may be left out */
	};
	size_t count = m->purpose ? ATTRIBUTES : ATTRIBUTES - 1;
	for (size_t i = 0; i < count; i++) {
		if (!list[i].value)
			return HUB_NOMEM;
		attrs[i] = (policy_attr) { policy_text_of(list[i].name), list[i].value };
	}
	*ret = (policy_entity) { .uid = uid_of("Hub::Message", "asked"), .attrs = attrs, .attr_count = count };
	return HUB_OK;
}

static hub_status describe_party(arena *a, const party *c, policy_entity *ret)
{
	policy_uid *roles = arena_array(a, c->role_count, sizeof *roles);
	policy_attr *kind = arena_alloc(a, sizeof *kind);
	if (!roles || !kind)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->role_count; i++)
		roles[i] = uid_of("Hub::Role", c->roles[i]);
	*kind = (policy_attr) { policy_text_of("kind"), text_value(a, c->kind) };
	*ret = (policy_entity) { .uid = uid_of("Hub::Party", c->code),
				 .parents = roles,
				 .parent_count = c->role_count,
				 .attrs = kind,
				 .attr_count = 1 };
	return kind->value ? HUB_OK : HUB_NOMEM;
}

hub_status message_right_of(const ruleset *rules, const party *who, const char *action, const message_facts *m,
			    arena *a, bool *ret_allowed)
{
	policy_entity list[2];
	policy_entities *entities = NULL;
	policy_decision d;
	hub_fault fault;
	*ret_allowed = false;
	if (!rules)
		return HUB_OK;
	hub_status st = describe_party(a, who, &list[0]);
	if (st == HUB_OK)
		st = describe(a, m, &list[1]);
	if (st == HUB_OK)
		st = policy_entities_new(list, 2, &entities, &fault);
	const policy_request question = { .principal = list[0].uid,
					  .action = uid_of("Hub::Action", action),
					  .resource = st == HUB_OK ? list[1].uid : list[0].uid };
	if (st == HUB_OK)
		st = policy_decide(rules->set, entities, NULL, &question, a, &d);
	policy_entities_free(entities);
	/* A policy that erred may have been a forbid. */
	if (st == HUB_OK)
		*ret_allowed = d.allow && !d.error_count;
	return st;
}

#include "policy/link.h"

#include <string.h>

#define SHOWN(t) ((t).len > 60 ? 60 : (int)(t).len), (t).p

static hub_status fill_slot(policy_set *s, scope *to, const policy_uid *given, const char *slot, const policy_link *link,
			    hub_fault *fault)
{
	if (to->slot != (given->type.len > 0))
		return hub_fault_set(fault, "policy.link.slot", "args", "link `%.*s`: the template %s %s", SHOWN(link->name),
				     to->slot ? "needs an entity for" : "has no slot", slot);
	if (!to->slot)
		return HUB_OK;
	const uid **uids = arena_alloc(&s->a, sizeof *uids);
	if (!uids || !(uids[0] = uid_copy(&s->a, *given)))
		return HUB_NOMEM;
	to->uids = uids;
	to->slot = false;
	return HUB_OK;
}

static bool name_taken(const policy_set *s, policy_text name)
{
	for (size_t i = 0; i < s->count; i++)
		if (text_is(s->policies[i]->name, name))
			return true;
	for (size_t i = 0; i < s->template_count; i++)
		if (text_is(s->templates[i]->name, name))
			return true;
	return false;
}

hub_status link_template(policy_set *s, const policy_link *link, hub_fault *fault)
{
	const policy *from = NULL;
	for (size_t i = 0; !from && i < s->template_count; i++)
		if (text_is(s->templates[i]->name, link->template_name))
			from = s->templates[i];
	if (!from)
		return hub_fault_set(fault, "policy.link.template", "template_id", "link `%.*s`: there is no template `%.*s`",
				     SHOWN(link->name), SHOWN(link->template_name));
	if (name_taken(s, link->name))
		return hub_fault_set(fault, "policy.link.twice", "link_id", "the name `%.*s` is taken already",
				     SHOWN(link->name));
	policy *own = arena_memdup(&s->a, from, sizeof *own);
	const char *name = arena_strndup(&s->a, link->name.p, link->name.len);
	if (!own || !name)
		return HUB_NOMEM;
	own->name = (policy_text){ name, link->name.len };
	own->template = false;
	hub_status st = fill_slot(s, &own->principal, &link->principal, "?principal", link, fault);
	if (st == HUB_OK)
		st = fill_slot(s, &own->resource, &link->resource, "?resource", link, fault);
	if (st == HUB_OK)
		s->policies[s->count++] = own;
	return st;
}

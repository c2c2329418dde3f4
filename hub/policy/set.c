#include "policy/set.h"

#include "base/fail.h"
#include "policy/link.h"

#include <stdlib.h>
#include <string.h>

static hub_status copy_sources(policy_set *s, const policy_source *sources, size_t count)
{
	s->sources = arena_array(&s->a, count, sizeof *s->sources);
	if (!s->sources)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		policy_source *to = &s->sources[i];
		to->name = (policy_text){ arena_strndup(&s->a, sources[i].name.p, sources[i].name.len), sources[i].name.len };
		to->text = (policy_text){ arena_strndup(&s->a, sources[i].text.p, sources[i].text.len), sources[i].text.len };
		if (!to->name.p || !to->text.p)
			return HUB_NOMEM;
	}
	s->source_count = count;
	return HUB_OK;
}

/* Numbers them as they stand and parts the templates from the policies. */
static hub_status name_policies(policy_set *s, const list *found, size_t links)
{
	s->policies = arena_array(&s->a, found->count + links, sizeof *s->policies);
	s->templates = arena_array(&s->a, found->count, sizeof *s->templates);
	if (!s->policies || !s->templates)
		return HUB_NOMEM;
	for (uint32_t i = 0; i < found->count; i++) {
		policy *p = (policy *)found->items[i];
		char *name = arena_printf(&s->a, "policy%u", i);
		if (!name)
			return HUB_NOMEM;
		p->name = policy_text_of(name);
		if (p->template)
			s->templates[s->template_count++] = p;
		else
			s->policies[s->count++] = p;
	}
	return HUB_OK;
}

static hub_status compile(policy_set *s, hub_fault *fault)
{
	parser p = { .a = &s->a };
	p.l.fault = fault;
	for (size_t i = 0; i < s->count; i++) {
		p.l.source = s->sources[s->policies[i]->source];
		if (!program_add(&s->code, &p, s->policies[i]))
			return p.l.status;
	}
	program_seal(&s->code);
	if (!program_share(&s->code, &s->a))
		return HUB_NOMEM;
	s->entries = arena_array(&s->a, s->count, sizeof *s->entries);
	if (!s->entries)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->count; i++)
		s->entries[i] = (entry){ s->policies[i]->code, s->policies[i]->forbid };
	return index_build(&s->index, s->policies, s->count, &s->a) ? HUB_OK : HUB_NOMEM;
}

static hub_status fill(policy_set *s, const policy_source *sources, size_t count, const policy_link *links,
		       size_t link_count, hub_fault *fault)
{
	list found = { 0 };
	hub_status st = copy_sources(s, sources, count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = parse_policies(&s->sources[i], (uint32_t)i, &s->a, &found, fault);
	if (st == HUB_OK)
		st = name_policies(s, &found, link_count);
	for (size_t i = 0; st == HUB_OK && i < link_count; i++)
		st = link_template(s, &links[i], fault);
	return st == HUB_OK ? compile(s, fault) : st;
}

hub_status policy_set_parse_linked(const policy_source *sources, size_t count, const policy_link *links,
				   size_t link_count, policy_set **ret, hub_fault *fault)
{
	policy_set *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	arena_init(&s->a, 0);
	hub_status st = fill(s, sources, count, links, link_count, fault);
	if (st == HUB_OK)
		*ret = s;
	else
		policy_set_free(s);
	return st;
}

hub_status policy_set_parse(const policy_source *sources, size_t count, policy_set **ret, hub_fault *fault)
{
	return policy_set_parse_linked(sources, count, NULL, 0, ret, fault);
}

void policy_set_free(policy_set *s)
{
	if (!s)
		return;
	arena_fini(&s->a);
	free(s);
}

size_t policy_set_count(const policy_set *s)
{
	return s->count;
}

policy_place policy_set_place(const policy_set *s, size_t at)
{
	if (at >= s->count)
		return (policy_place){ 0 };
	const policy *p = s->policies[at];
	policy_place place = { .name = p->name, .file = s->sources[p->source].name, .line = p->line };
	for (uint32_t i = 0; i < p->annotation_count; i++)
		if (text_is(p->annotations[i].name, policy_text_of("id")))
			place.id = p->annotations[i].text;
	return place;
}

#include "policy/example.h"

#include "policy/import.h"
#include "policy/value.h"

static bool import_examples(importer *i, const tree *requests, const policy_request *parsed, policy_example *to)
{
	for (const tree *m = requests->first; m; m = m->next, to++, parsed++) {
		const tree *decision = tree_get(m, "decision"), *about = tree_get(m, "about"), *reason = tree_get(m, "reason");
		bool allow = decision && text_is(decision->text, policy_text_of("allow"));
		if (!decision || (!allow && !text_is(decision->text, policy_text_of("deny"))))
			return import_refuse(i, m, "an example's decision is \"allow\" or \"deny\"");
		*to = (policy_example){ .request = *parsed, .allow = allow };
		to->about = about && about->kind == TREE_STRING ? about->text : policy_text_of("");
		to->reason = reason && reason->kind == TREE_STRING ? reason->text : policy_text_of("");
	}
	return true;
}

hub_status policy_examples_parse(const char *json, size_t len, arena *a, policy_entities **ret_entities,
				 const policy_example **ret, size_t *ret_count, hub_fault *fault)
{
	const tree *j;
	policy_request *parsed = NULL;
	size_t count = 0;
	hub_status st = tree_read(json, len, a, &j, fault);
	if (st != HUB_OK)
		return st;
	importer i = { .text = json, .a = a, .fault = fault };
	const tree *entities = tree_get(j, "entities"), *requests = tree_get(j, "requests");
	if (!entities || !requests || requests->kind != TREE_ARRAY) {
		import_refuse(&i, j, "examples are {about, entities, requests}");
		return i.status;
	}
	st = policy_requests_parse(json, len, a, &parsed, &count, fault);
	policy_example *list = st == HUB_OK ? import_take(&i, count, sizeof *list) : NULL;
	if (!list)
		return st == HUB_OK ? i.status : st;
	if (!import_examples(&i, requests, parsed, list))
		return i.status;
	st = import_entities(&i, entities, ret_entities);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = count;
	}
	return st;
}

static bool has_reason(const policy_set *set, const policy_decision *d, policy_text id)
{
	for (size_t i = 0; i < d->reason_count; i++)
		if (text_is(policy_set_place(set, d->reasons[i]).id, id))
			return true;
	return false;
}

hub_status policy_example_run(const policy_set *set, const policy_entities *entities, const policy_example *x,
			      arena *a, const char **ret_why)
{
	policy_decision d;
	hub_status st = policy_decide(set, entities, NULL, &x->request, a, &d);
	if (st != HUB_OK)
		return st;
	const char *why = NULL;
	if (d.error_count)
		why = arena_printf(a, "a policy erred: %s", d.error_texts[0]);
	else if (d.allow != x->allow)
		why = arena_printf(a, "must be %s, is %s", x->allow ? "allow" : "deny", d.allow ? "allow" : "deny");
	else if (x->reason.len && !has_reason(set, &d, x->reason))
		why = arena_printf(a, "is decided, but not by the policy with @id(\"%.*s\")", (int)x->reason.len, x->reason.p);
	else
		return HUB_OK;
	if (!why)
		return HUB_NOMEM;
	*ret_why = why;
	return HUB_CONFLICT;
}

#include "rights.h"

#include "base/fail.h"
#include "policy/policy.h"
#include "rules/file.h"
#include "rules/rules.h"

#include <stdlib.h>

struct rights {
	policy_set *set;
	policy_entities *none;
	arena scratch;
};

/* Takes over the set. */
static hub_status make(policy_set *set, rights **ret, hub_fault *fault)
{
	rights *r = fail_calloc(1, sizeof *r);
	if (!r) {
		policy_set_free(set);
		return HUB_NOMEM;
	}
	arena_init(&r->scratch, 1024 * 1024);
	r->set = set;
	hub_status st = policy_entities_new(NULL, 0, &r->none, fault);
	if (st == HUB_OK)
		*ret = r;
	else
		rights_free(r);
	return st;
}

hub_status rights_load(const char *folder, const char *topology, rights **ret, hub_fault *fault)
{
	rules found;
	arena files;
	arena_init(&files, 0);
	hub_status st = rules_load(folder, topology, &files, &found, fault);
	arena_fini(&files);
	return st == HUB_OK ? make(found.set, ret, fault) : st;
}

hub_status rights_load_told(const char *path, rights **ret, hub_fault *fault)
{
	rules found;
	arena texts;
	buf json = { 0 };
	arena_init(&texts, 0);
	hub_status st = rules_file_read(path, &json, fault);
	if (st == HUB_OK)
		st = rules_unbundle((const char *)json.bytes, json.len, &texts, &found, fault);
	arena_fini(&texts);
	buf_fini(&json);
	return st == HUB_OK ? make(found.set, ret, fault) : st;
}

void rights_free(rights *r)
{
	if (!r)
		return;
	policy_set_free(r->set);
	policy_entities_free(r->none);
	arena_fini(&r->scratch);
	free(r);
}

bool rights_permit(rights *r, const char *party, const char *action, const char *text, const topic *t)
{
	const policy_value owner = { .kind = POLICY_ENTITY,
				     .entity = { policy_text_of("Hub::Party"), { t->party, t->party_len } } };
	const policy_value branch = { .kind = POLICY_STRING, .text = { t->branch, t->branch_len } };
	const policy_value rest = { .kind = POLICY_STRING, .text = { t->rest, t->rest_len } };
	const policy_attr attrs[] = { { policy_text_of("party"), &owner },
				      { policy_text_of("branch"), &branch },
				      { policy_text_of("rest"), &rest } };
	const policy_entity resource = { .uid = { policy_text_of("Hub::Topic"), policy_text_of(text) },
					 .attrs = attrs, .attr_count = sizeof attrs / sizeof *attrs };
	const policy_request request = { .principal = { policy_text_of("Hub::Party"), policy_text_of(party) },
					 .action = { policy_text_of("Hub::Action"), policy_text_of(action) },
					 .resource = resource.uid };
	policy_entities *extra = NULL;
	policy_decision decision = { .allow = false };
	arena_reset(&r->scratch);
	hub_status st = policy_entities_new(&resource, 1, &extra, NULL);
	if (st == HUB_OK)
		st = policy_decide(r->set, r->none, extra, &request, &r->scratch, &decision);
	policy_entities_free(extra);
	return st == HUB_OK && decision.allow;
}

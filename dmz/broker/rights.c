#include "rights.h"

#include "base/fail.h"
#include "policy/policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rights {
	policy_set *set;
	policy_entities *none;
	arena scratch;
};

enum { FILES_MAX = 64, FILE_BYTES_MAX = 1024 * 1024 };

static hub_status file_read(const char *folder, const char *name, arena *a, policy_source *ret, hub_fault *fault)
{
	const char *path = arena_printf(a, "%s/%s", folder, name);
	FILE *f = path ? fopen(path, "rb") : NULL;
	char *text = f ? arena_alloc(a, FILE_BYTES_MAX) : NULL;
	size_t len = text ? fread(text, 1, FILE_BYTES_MAX, f) : 0;
	bool whole = text && len < FILE_BYTES_MAX && !ferror(f);
	if (f)
		fclose(f);
	if (!whole)
		return hub_fault_set(fault, "policy.file", "policies", "%s: cannot be read whole (1 MiB at most)", name);
	*ret = (policy_source){ policy_text_of(arena_strdup(a, name)), { text, len } };
	return HUB_OK;
}

static int is_policy(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return d->d_name[0] != '.' && n > 6 && !strcmp(d->d_name + n - 6, ".cedar");
}

hub_status rights_load(const char *folder, rights **ret, hub_fault *fault)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_policy, alphasort);
	if (count < 0)
		return hub_fault_set(fault, "policy.folder", "policies", "%s: %s", folder, strerror(errno));
	rights *r = fail_calloc(1, sizeof *r);
	policy_source sources[FILES_MAX];
	arena files;
	arena_init(&files, 0);
	hub_status st = r ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK && (count == 0 || count > FILES_MAX))
		st = hub_fault_set(fault, "policy.folder", "policies", "%s: 1 to %d *.cedar files, found %d", folder, FILES_MAX, count);
	for (int i = 0; i < count; i++) {
		if (st == HUB_OK)
			st = file_read(folder, names[i]->d_name, &files, &sources[i], fault);
		free(names[i]);
	}
	free(names);
	if (r)
		arena_init(&r->scratch, 1024 * 1024);
	if (st == HUB_OK)
		st = policy_set_parse(sources, (size_t)count, &r->set, fault);
	if (st == HUB_OK)
		st = policy_entities_new(NULL, 0, &r->none, fault);
	arena_fini(&files);
	if (st != HUB_OK) {
		rights_free(r);
		return st;
	}
	*ret = r;
	return HUB_OK;
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

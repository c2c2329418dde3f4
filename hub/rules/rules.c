#include "rules/rules.h"

#include "policy/schema.h"
#include "rules/file.h"

#include <string.h>

static hub_status topology_check(const char *name, hub_fault *fault)
{
	size_t n = strlen(name);
	if (n > 0 && n <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n)
		return HUB_OK;
	return hub_fault_set(fault, "policy.topology", "topology", "'%.64s' is no name of a topology: a-z, 0-9, - and _", name);
}

/* A folder without a policy is a folder mistaken for another. */
static hub_status folder_read(const char *path, arena *a, policy_source **ret, size_t *ret_count, hub_fault *fault)
{
	hub_status st = path ? rules_sources_read(path, a, ret, ret_count, fault) : HUB_NOMEM;
	if (st != HUB_OK || *ret_count > 0)
		return st;
	hub_fault_set(fault, "policy.folder", "policies", "%.200s has no *.cedar", path);
	return HUB_MISSING;
}

static hub_status gather(const char *folder, const char *topology, arena *a, rules *r, hub_fault *fault)
{
	policy_source *common, *own = NULL;
	size_t common_count = 0, own_count = 0;
	hub_status st = folder_read(folder, a, &common, &common_count, fault);
	if (st == HUB_OK && topology)
		st = folder_read(arena_printf(a, "%s/topology/%s", folder, topology), a, &own, &own_count, fault);
	if (st != HUB_OK)
		return st;
	policy_source *all = arena_array(a, common_count + own_count, sizeof *all);
	if (!all)
		return HUB_NOMEM;
	memcpy(all, common, common_count * sizeof *all);
	if (own_count)
		memcpy(all + common_count, own, own_count * sizeof *all);
	r->sources = all;
	r->source_count = common_count + own_count;
	return HUB_OK;
}

static hub_status schema_read(const char *folder, arena *a, policy_source *ret, hub_fault *fault)
{
	buf b = { 0 };
	const char *path = arena_printf(a, "%s/schema.cedarschema", folder);
	hub_status st = path ? rules_file_read(path, &b, fault) : HUB_NOMEM;
	const char *text = st == HUB_OK ? arena_memdup(a, b.len ? b.bytes : (const uint8_t *)"", b.len) : NULL;
	if (st == HUB_OK && !text)
		st = HUB_NOMEM;
	if (st == HUB_OK)
		*ret = (policy_source){ policy_text_of(path), { text, b.len } };
	buf_fini(&b);
	return st;
}

hub_status rules_check(rules *r, hub_fault *fault)
{
	policy_schema *schema = NULL;
	hub_status st = policy_set_parse(r->sources, r->source_count, &r->set, fault);
	if (st == HUB_OK)
		st = policy_schema_parse(&r->schema, &schema, fault);
	if (st == HUB_OK)
		st = policy_schema_check(schema, r->set, fault);
	policy_schema_free(schema);
	if (st != HUB_OK) {
		policy_set_free(r->set);
		r->set = NULL;
	}
	return st;
}

hub_status rules_load(const char *folder, const char *topology, arena *a, rules *ret, hub_fault *fault)
{
	rules r = { 0 };
	hub_status st = topology ? topology_check(topology, fault) : HUB_OK;
	if (st == HUB_OK)
		st = gather(folder, topology, a, &r, fault);
	if (st == HUB_OK)
		st = schema_read(folder, a, &r.schema, fault);
	if (st == HUB_OK)
		st = rules_check(&r, fault);
	if (st == HUB_OK)
		*ret = r;
	return st;
}

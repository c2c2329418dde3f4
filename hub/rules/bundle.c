#include <jansson.h>

#include "base/json.h"
#include "rules/rules.h"

static void put(buf *out, const policy_source *s)
{
	buf_text(out, "{\"name\":");
	json_write_textn(out, s->name.p, s->name.len);
	buf_text(out, ",\"text\":");
	json_write_textn(out, s->text.p, s->text.len);
	buf_text(out, "}");
}

void rules_bundle(const rules *r, buf *out)
{
	buf_text(out, "{\"schema\":");
	put(out, &r->schema);
	buf_text(out, ",\"policies\":[");
	for (size_t i = 0; i < r->source_count; i++) {
		buf_text(out, i ? "," : "");
		put(out, &r->sources[i]);
	}
	buf_text(out, "]}");
}

static bool take(const json_t *from, arena *a, policy_source *ret)
{
	const json_t *name = json_object_get(from, "name"), *text = json_object_get(from, "text");
	if (!json_is_string(name) || !json_is_string(text))
		return false;
	ret->name = (policy_text) { arena_memdup(a, json_string_value(name), json_string_length(name)),
				    json_string_length(name) };
	ret->text = (policy_text) { arena_memdup(a, json_string_value(text), json_string_length(text)),
				    json_string_length(text) };
	return ret->name.p && ret->text.p;
}

static bool take_all(const json_t *root, arena *a, rules *r)
{
	const json_t *list = json_object_get(root, "policies");
	size_t count = json_array_size(list);
	policy_source *all = count ? arena_array(a, count, sizeof *all) : NULL;
	bool good = all && take(json_object_get(root, "schema"), a, &r->schema);
	for (size_t i = 0; good && i < count; i++)
		good = take(json_array_get(list, i), a, &all[i]);
	r->sources = all;
	r->source_count = count;
	return good;
}

hub_status rules_unbundle(const char *json, size_t len, arena *a, rules *ret, hub_fault *fault)
{
	rules r = { 0 };
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	bool good = take_all(root, a, &r);
	json_decref(root);
	if (!good)
		return hub_fault_set(fault, "policy.bundle", "policies", "not a bundle of policies with their schema");
	hub_status st = rules_check(&r, fault);
	if (st == HUB_OK)
		*ret = r;
	return st;
}

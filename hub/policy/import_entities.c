#include "policy/import.h"

static bool import_entity(importer *i, const tree *j, policy_entity *to)
{
	const tree *uid = tree_get(j, "uid"), *attrs = tree_get(j, "attrs"), *parents = tree_get(j, "parents"),
		   *tags = tree_get(j, "tags");
	if (j->kind != TREE_OBJECT || !uid)
		return import_refuse(i, j, "an entity has uid, attrs and parents");
	if (!import_uid(i, uid, &to->uid))
		return false;
	if (attrs && !import_record(i, attrs, &to->attrs, &to->attr_count))
		return false;
	if (tags && !import_record(i, tags, &to->tags, &to->tag_count))
		return false;
	if (!parents)
		return true;
	if (parents->kind != TREE_ARRAY)
		return import_refuse(i, parents, "parents are an array of entities");
	policy_uid *uids = import_take(i, parents->count, sizeof *uids);
	if (!uids)
		return false;
	for (const tree *m = parents->first; m; m = m->next)
		if (!import_uid(i, m, &uids[to->parent_count++]))
			return false;
	to->parents = uids;
	return true;
}

static bool import_list(importer *i, const tree *j, policy_entity **ret)
{
	if (j->kind != TREE_ARRAY)
		return import_refuse(i, j, "entities are an array of {uid, attrs, parents, tags}");
	policy_entity *list = import_take(i, j->count, sizeof *list);
	size_t n = 0;
	if (!list)
		return false;
	for (const tree *m = j->first; m; m = m->next)
		if (!import_entity(i, m, &list[n++]))
			return false;
	*ret = list;
	return true;
}

hub_status import_entities(importer *i, const tree *j, policy_entities **ret)
{
	policy_entity *list = NULL;
	return import_list(i, j, &list) ? policy_entities_new(list, j->count, ret, i->fault) : i->status;
}

hub_status policy_entities_parse(const char *json, size_t len, policy_entities **ret, hub_fault *fault)
{
	arena a;
	const tree *j;
	arena_init(&a, 0);
	hub_status st = tree_read(json, len, &a, &j, fault);
	if (st == HUB_OK) {
		importer i = { .text = json, .a = &a, .fault = fault };
		st = import_entities(&i, j, ret);
	}
	arena_fini(&a);
	return st;
}

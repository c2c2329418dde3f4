#include "policy/import.h"

static bool import_request(importer *i, const tree *j, policy_request *to)
{
	static const char *const names[] = { "principal", "action", "resource" };
	policy_uid *const uids[] = { &to->principal, &to->action, &to->resource };
	for (int k = 0; k < 3; k++) {
		const tree *m = tree_get(j, names[k]);
		if (!m)
			return import_refuse(i, j, "a request has principal, action and resource; %s is missing", names[k]);
		if (!import_uid(i, m, uids[k]))
			return false;
	}
	const tree *context = tree_get(j, "context");
	if (!context || context->kind == TREE_NULL)
		return true;
	if (context->kind != TREE_OBJECT)
		return import_refuse(i, context, "a context is an object");
	return import_value(i, context, &to->context);
}

static bool import_requests(importer *i, const tree *j, policy_request **ret, size_t *ret_count)
{
	const tree *many = tree_get(j, "requests");
	if (many && many->kind != TREE_ARRAY)
		return import_refuse(i, many, "requests are an array");
	policy_request *list = import_take(i, many ? many->count : 1, sizeof *list);
	size_t n = 0;
	if (!list)
		return false;
	for (const tree *m = many ? many->first : j; m; m = many ? m->next : NULL)
		if (!import_request(i, m, &list[n++]))
			return false;
	*ret = list;
	*ret_count = n;
	return true;
}

hub_status policy_requests_parse(const char *json, size_t len, arena *a, policy_request **ret, size_t *ret_count,
				 hub_fault *fault)
{
	const tree *j;
	hub_status st = tree_read(json, len, a, &j, fault);
	if (st != HUB_OK)
		return st;
	importer i = { .text = json, .a = a, .fault = fault };
	return import_requests(&i, j, ret, ret_count) ? HUB_OK : i.status;
}

static bool import_links(importer *i, const tree *j, policy_link **ret, size_t *ret_count)
{
	if (j->kind != TREE_ARRAY)
		return import_refuse(i, j, "links are an array of {template_id, link_id, args}");
	policy_link *list = import_take(i, j->count, sizeof *list), *to = list;
	if (!list)
		return false;
	for (const tree *m = j->first; m; m = m->next, to++) {
		const tree *template = tree_get(m, "template_id"), *name = tree_get(m, "link_id"), *args = tree_get(m, "args");
		const tree *principal = tree_get(args, "?principal"), *resource = tree_get(args, "?resource");
		if (!template || template->kind != TREE_STRING || !name || name->kind != TREE_STRING)
			return import_refuse(i, m, "a link has template_id, link_id and args");
		to->template_name = template->text;
		to->name = name->text;
		if ((principal && !import_uid(i, principal, &to->principal)) ||
		    (resource && !import_uid(i, resource, &to->resource)))
			return false;
	}
	*ret = list;
	*ret_count = j->count;
	return true;
}

hub_status policy_links_parse(const char *json, size_t len, arena *a, policy_link **ret, size_t *ret_count,
			      hub_fault *fault)
{
	const tree *j;
	hub_status st = tree_read(json, len, a, &j, fault);
	if (st != HUB_OK)
		return st;
	importer i = { .text = json, .a = a, .fault = fault };
	return import_links(&i, j, ret, ret_count) ? HUB_OK : i.status;
}

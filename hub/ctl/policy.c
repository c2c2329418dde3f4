#include "base/json.h"
#include "ctl/ctl.h"
#include "rules/file.h"

#include <stdio.h>
#include <stdlib.h>

/* What `policy decide` and `policy why` are given. */
typedef struct scene {
	arena a;
	policy_set *set;
	policy_entities *entities;
	policy_request *requests;
	size_t request_count;
} scene;

static hub_status read_links(scene *s, const char *path, policy_link **ret, size_t *ret_count, hub_fault *fault)
{
	buf b = { 0 };
	hub_status st = rules_file_read(path, &b, fault);
	if (st == HUB_OK)
		st = policy_links_parse((const char *)b.bytes, b.len, &s->a, ret, ret_count, fault);
	buf_fini(&b);
	return st;
}

static hub_status read_policies(scene *s, const char *path, const char *links, hub_fault *fault)
{
	policy_source *sources = NULL;
	policy_link *list = NULL;
	size_t count = 0, links_count = 0;
	hub_status st = rules_sources_read(path, &s->a, &sources, &count, fault);
	if (st == HUB_OK && links)
		st = read_links(s, links, &list, &links_count, fault);
	return st == HUB_OK ? policy_set_parse_linked(sources, count, list, links_count, &s->set, fault) : st;
}

static hub_status read_entities(scene *s, const char *path, hub_fault *fault)
{
	buf b = { 0 };
	hub_status st = rules_file_read(path, &b, fault);
	if (st == HUB_OK)
		st = policy_entities_parse((const char *)b.bytes, b.len, &s->entities, fault);
	buf_fini(&b);
	return st;
}

static hub_status read_requests(scene *s, const char *path, hub_fault *fault)
{
	buf b = { 0 };
	hub_status st = rules_file_read(path, &b, fault);
	if (st == HUB_OK)
		st = policy_requests_parse((const char *)b.bytes, b.len, &s->a, &s->requests, &s->request_count, fault);
	buf_fini(&b);
	return st;
}

static void scene_fini(scene *s)
{
	policy_entities_free(s->entities);
	policy_set_free(s->set);
	arena_fini(&s->a);
}

static void put_names(buf *out, const policy_set *set, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		policy_text name = policy_set_place(set, numbers[i]).name;
		if (i)
			buf_u8(out, ',');
		json_write_textn(out, name.p, name.len);
	}
}

static hub_status decide(const scene *s, const policy_request *request, arena *a, buf *out)
{
	policy_decision d;
	hub_status st = policy_decide(s->set, s->entities, NULL, request, a, &d);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"decision\":\"%s\",\"reason\":[", d.allow ? "allow" : "deny");
	put_names(out, s->set, d.reasons, d.reason_count);
	buf_text(out, "],\"errors\":[");
	put_names(out, s->set, d.errors, d.error_count);
	buf_text(out, "]}\n");
	return HUB_OK;
}

static hub_status why(const scene *s, const policy_request *request, arena *a, buf *out)
{
	const char *text;
	hub_status st = policy_explain(s->set, s->entities, NULL, request, a, &text);
	if (st == HUB_OK)
		buf_text(out, text);
	return st;
}

typedef hub_status (*answer)(const scene *s, const policy_request *request, arena *a, buf *out);

static hub_status answer_all(const scene *s, answer each)
{
	arena a;
	buf out = { 0 };
	hub_status st = HUB_OK;
	arena_init(&a, 0);
	for (size_t i = 0; i < s->request_count && st == HUB_OK; i++) {
		st = each(s, &s->requests[i], &a, &out);
		if (st == HUB_OK && out.bad)
			st = HUB_NOMEM;
		if (st == HUB_OK && fwrite(out.bytes, 1, out.len, stdout) != out.len)
			st = HUB_FAILED;
		buf_clear(&out);
		arena_reset(&a);
	}
	buf_fini(&out);
	arena_fini(&a);
	return st;
}

static int run(const char *name, int argc, char **argv, answer each)
{
	int bad = 0;
	const char *policies = ctl_take(&argc, argv, "policies", 1, &bad), *entities = ctl_take(&argc, argv, "entities", 1, &bad),
		   *request = ctl_take(&argc, argv, "request", 1, &bad), *links = ctl_take(&argc, argv, "links", 1, &bad);
	if (bad || !policies || !entities || !request || argc != 1)
		return ctl_usage(name);
	scene s = { 0 };
	hub_fault fault = { 0 };
	arena_init(&s.a, 0);
	hub_status st = read_policies(&s, policies, links, &fault);
	if (st == HUB_OK)
		st = read_entities(&s, entities, &fault);
	if (st == HUB_OK)
		st = read_requests(&s, request, &fault);
	if (st == HUB_OK)
		st = answer_all(&s, each);
	scene_fini(&s);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

int ctl_policy_decide(ctl *c, int argc, char **argv)
{
	(void)c;
	return run("policy decide", argc, argv, decide);
}

int ctl_policy_why(ctl *c, int argc, char **argv)
{
	(void)c;
	return run("policy why", argc, argv, why);
}

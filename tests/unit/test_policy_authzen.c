/*
 * AuthZEN's questions: their shape, and the decision sets of its interoperability events in
 * $HUB_REFERENCE_DATA/golden/policy/authzen, decided by the scenario's rules as Cedar policies.
 */
#include "unit.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/authzen.h"

#include "policy_scene.h"

/* Viewers read; editors create, and change and delete their own; admins delete, evil geniuses change anything. */
static const char rules[] =
	"permit (principal in role::\"viewer\", action in [Action::\"can_read_user\", Action::\"can_read_todos\"], resource);\n"
	"permit (principal in role::\"editor\", action == Action::\"can_create_todo\", resource);\n"
	"permit (principal in role::\"editor\", action in [Action::\"can_update_todo\", Action::\"can_delete_todo\"], resource)\n"
	"when { resource has ownerID && resource.ownerID == principal.email };\n"
	"permit (principal in role::\"evil_genius\", action == Action::\"can_update_todo\", resource);\n"
	"permit (principal in role::\"admin\", action == Action::\"can_delete_todo\", resource);\n"
	/* The same people at a gateway: what a route may need at most. */
	"permit (principal in role::\"viewer\", action == Action::\"GET\", resource is route);\n"
	"permit (principal in role::\"editor\", action in [Action::\"POST\", Action::\"PUT\", Action::\"DELETE\"], resource is route);\n";

static const struct {
	const char *id, *email, *roles;
} people[] = {
	{ "CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "rick@the-citadel.com",
	  "\"role::\\\"viewer\\\"\",\"role::\\\"editor\\\"\",\"role::\\\"admin\\\"\",\"role::\\\"evil_genius\\\"\"" },
	{ "CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "morty@the-citadel.com",
	  "\"role::\\\"viewer\\\"\",\"role::\\\"editor\\\"\"" },
	{ "CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "summer@the-smiths.com",
	  "\"role::\\\"viewer\\\"\",\"role::\\\"editor\\\"\"" },
	{ "CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "beth@the-smiths.com", "\"role::\\\"viewer\\\"\"" },
	{ "CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs", "jerry@the-smiths.com", "\"role::\\\"viewer\\\"\"" },
};

typedef struct event {
	policy_set *set;
	policy_entities *people;
	size_t decided, not_expressed;
} event;

static void event_start(event *e)
{
	buf b = { 0 };
	hub_fault fault = { 0 };
	if (scene_set(rules, &e->set, &fault) != HUB_OK)
		fail_msg("%s", fault.message);
	buf_text(&b, "[");
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		for (int k = 0; k < 3; k++)
			buf_printf(&b, "%s{\"uid\":{\"type\":\"%s\",\"id\":\"%s\"},\"attrs\":{\"email\":\"%s\"},\"parents\":[%s]}",
				   i || k ? "," : "", k == 0 ? "identity" : "user", k == 2 ? people[i].email : people[i].id,
				   people[i].email, people[i].roles);
	buf_text(&b, "]");
	if (policy_entities_parse((const char *)b.bytes, b.len, &e->people, &fault) != HUB_OK)
		fail_msg("%s", fault.message);
	buf_fini(&b);
}

/* Drafts before 1.0 had properties beside type and id. */
static void move_properties(json_t *entity)
{
	json_t *properties = json_object(), *value;
	const char *name;
	void *next;
	json_object_foreach_safe(entity, next, name, value) {
		if (!strcmp(name, "type") || !strcmp(name, "id") || !strcmp(name, "properties"))
			continue;
		json_object_set(properties, name, value);
		json_object_del(entity, name);
	}
	if (json_object_size(properties))
		json_object_set(entity, "properties", properties);
	json_decref(properties);
}

static bool decide(const event *e, const authzen_question *q, arena *a)
{
	policy_entities *resource = NULL;
	policy_decision d;
	const policy_request request = { q->subject.uid, q->action, q->resource.uid, q->context };
	/* Who asks about himself is already known. */
	const policy_uid *s = &q->subject.uid, *o = &q->resource.uid;
	bool same = s->id.len == o->id.len && !memcmp(s->id.p, o->id.p, s->id.len);
	assert_int_equal(policy_entities_new(&q->resource, same ? 0 : 1, &resource, NULL), HUB_OK);
	assert_int_equal(policy_decide(e->set, e->people, resource, &request, a, &d), HUB_OK);
	policy_entities_free(resource);
	assert_int_equal(d.error_count, 0);
	return d.allow;
}

static void run_case(event *e, const char *file, const json_t *c)
{
	json_t *request = json_object_get(c, "request"), *expected = json_object_get(c, "expected");
	arena a;
	authzen_call call;
	hub_fault fault = { 0 };
	move_properties(json_object_get(request, "subject"));
	move_properties(json_object_get(request, "resource"));
	char *text = json_dumps(request, JSON_COMPACT);
	arena_init(&a, 0);
	if (authzen_parse(text, strlen(text), "", &a, &call, &fault) != HUB_OK)
		fail_msg("%s: %s: %s", file, text, fault.message);
	assert_int_equal(call.count, call.many ? json_array_size(expected) : 1);
	for (size_t i = 0; i < call.count; i++, e->decided++) {
		json_t *want = call.many ? json_object_get(json_array_get(expected, i), "decision") : expected;
		assert_true(json_is_boolean(want));
		if (decide(e, &call.questions[i], &a) != json_is_true(want))
			fail_msg("%s: %s #%zu", file, text, i);
	}
	arena_fini(&a);
	free(text);
}

static void run_file(event *e, const char *folder, const char *file)
{
	char path[1024];
	const char *kind;
	json_t *cases, *c;
	size_t i;
	snprintf(path, sizeof path, "%s/%s", folder, file);
	json_t *all = json_load_file(path, 0, NULL);
	if (!all)
		fail_msg("%s is no JSON", path);
	json_object_foreach(all, kind, cases) {
		/* Searches list what a party may reach; who owns which record stands nowhere in the set. */
		if (!strcmp(kind, "search")) {
			e->not_expressed += json_array_size(cases);
			continue;
		}
		if (strcmp(kind, "evaluation") && strcmp(kind, "evaluations") && strcmp(kind, "decisions"))
			fail_msg("%s: unknown kind of case '%s'", file, kind);
		json_array_foreach(cases, i, c)
			run_case(e, file, c);
	}
	json_decref(all);
}

static void the_decision_sets_agree(void **state)
{
	(void)state;
	char path[512];
	const char *reference = getenv("HUB_REFERENCE_DATA");
	event e = { 0 };
	struct dirent *d;
	snprintf(path, sizeof path, "%s/golden/policy/authzen", reference ? reference : "../shared");
	DIR *folder = opendir(path);
	if (!folder)
		skip();
	event_start(&e);
	while ((d = readdir(folder)))
		if (strlen(d->d_name) > 5 && !strcmp(d->d_name + strlen(d->d_name) - 5, ".json"))
			run_file(&e, path, d->d_name);
	closedir(folder);
	printf("%zu decisions agree; %zu searches are not questions of this interface\n", e.decided, e.not_expressed);
	assert_true(e.decided > 0);
	policy_entities_free(e.people);
	policy_set_free(e.set);
}

static void defaults_are_for_what_an_evaluation_leaves_out(void **state)
{
	(void)state;
	static const char json[] =
		"{\"subject\":{\"type\":\"Party\",\"id\":\"a\"},\"action\":{\"name\":\"send\"},\"context\":{\"n\":1},"
		"\"options\":{\"evaluations_semantic\":\"deny_on_first_deny\"},\"evaluations\":["
		"{\"resource\":{\"type\":\"Message\",\"id\":\"1\",\"properties\":{\"x\":[\"y\"]}}},"
		"{\"resource\":{\"type\":\"O::Message\",\"id\":\"2\"},\"action\":{\"name\":\"receive\"},\"context\":{}}]}";
	arena a;
	authzen_call call;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	assert_int_equal(authzen_parse(json, strlen(json), "Hub", &a, &call, &fault), HUB_OK);
	assert_true(call.many && call.count == 2 && call.semantic == AUTHZEN_DENY_FIRST);
	const authzen_question *q = call.questions;
	assert_int_equal(q[0].subject.uid.type.len, strlen("Hub::Party"));
	assert_memory_equal(q[0].subject.uid.type.p, "Hub::Party", 10);
	assert_memory_equal(q[0].action.type.p, "Hub::Action", 11);
	assert_memory_equal(q[0].action.id.p, "send", 4);
	assert_memory_equal(q[1].action.id.p, "receive", 7);
	assert_memory_equal(q[1].resource.uid.type.p, "O::Message", 10);
	assert_int_equal(q[0].resource.attr_count, 1);
	assert_int_equal(q[0].context->record.count, 1);
	assert_int_equal(q[1].context->record.count, 0);
	arena_fini(&a);
}

static void what_is_missing_is_named_at_its_place(void **state)
{
	(void)state;
	static const struct { const char *json, *why; } bad[] = {
		{ "[]", "subject is missing" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\"}}", "action is missing" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\"},\"action\":{\"name\":\"c\"}}", "resource is missing" },
		{ "{\"subject\":{\"type\":\"a\"},\"action\":{\"name\":\"c\"},\"resource\":{\"type\":\"a\",\"id\":\"b\"}}", "a subject has no text `id`" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\"},\"action\":{},\"resource\":{\"type\":\"a\",\"id\":\"b\"}}", "an action has no text `name`" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\"},\"action\":{\"name\":\"c\"},\"resource\":{\"type\":\"a\",\"id\":7}}", "a resource has no text `id`" },
		{ "{\"subject\":\"a\",\"action\":{\"name\":\"c\"},\"resource\":{\"type\":\"a\",\"id\":\"b\"}}", "a subject has no text `type`" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\",\"properties\":1},\"action\":{\"name\":\"c\"},\"resource\":{\"type\":\"a\",\"id\":\"b\"}}", "properties are an object" },
		{ "{\"subject\":{\"type\":\"a\",\"id\":\"b\"},\"action\":{\"name\":\"c\"},\"resource\":{\"type\":\"a\",\"id\":\"b\"},\"context\":[]}", "a context is an object" },
		{ "{\"evaluations\":{}}", "evaluations are an array" },
		{ "{\"evaluations\":[{}]}", "subject is missing" },
		{ "{\"options\":{\"evaluations_semantic\":\"all\"}}", "evaluations_semantic is" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		arena a;
		authzen_call call = { 0 };
		hub_fault fault = { 0 };
		arena_init(&a, 0);
		assert_int_equal(authzen_parse(bad[i].json, strlen(bad[i].json), "Hub", &a, &call, &fault), HUB_REJECT);
		if (!strstr(fault.message, bad[i].why) || strncmp(fault.message, "1:", 2))
			fail_msg("%s gave %s", bad[i].json, fault.message);
		assert_null(call.questions);
		arena_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_for_what_an_evaluation_leaves_out),
		cmocka_unit_test(what_is_missing_is_named_at_its_place),
		cmocka_unit_test(the_decision_sets_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

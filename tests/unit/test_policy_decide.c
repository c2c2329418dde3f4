/* Decisions over sets of policies: which determine, which err, entities of the request, templates, explanations. */
#include "unit.h"

#include "base/fail.h"

#include "policy_scene.h"

#include <stdio.h>

typedef struct scene {
	policy_set *set;
	policy_entities *entities;
	arena a;
	policy_decision d;
} scene;

static void scene_start(scene *s, const char *policies)
{
	hub_fault fault = { 0 };
	memset(s, 0, sizeof *s);
	arena_init(&s->a, 0);
	if (scene_set(policies, &s->set, &fault) != HUB_OK)
		fail_msg("%s", fault.message);
	assert_int_equal(policy_entities_parse(scene_entities, sizeof scene_entities - 1, &s->entities, NULL), HUB_OK);
}

static void scene_decide(scene *s, const policy_entities *extra, const policy_request *request)
{
	assert_int_equal(policy_decide(s->set, s->entities, extra, request, &s->a, &s->d), HUB_OK);
}

static void scene_end(scene *s)
{
	policy_entities_free(s->entities);
	policy_set_free(s->set);
	arena_fini(&s->a);
}

static void nothing_permits_by_default(void **state)
{
	(void)state;
	scene s;
	policy_request request = scene_request(NULL);
	scene_start(&s, "");
	scene_decide(&s, NULL, &request);
	assert_false(s.d.allow);
	assert_int_equal(s.d.reason_count + s.d.error_count, 0);
	scene_end(&s);
}

static void a_forbid_wins_and_all_reasons_are_named(void **state)
{
	(void)state;
	scene s;
	policy_request request = scene_request(NULL);
	scene_start(&s, "permit(principal,action,resource); permit(principal,action,resource) when {false};"
			"permit(principal,action,resource) unless {false};");
	scene_decide(&s, NULL, &request);
	assert_true(s.d.allow);
	assert_int_equal(s.d.reason_count, 2);
	assert_int_equal(s.d.reasons[0], 0);
	assert_int_equal(s.d.reasons[1], 2);
	scene_end(&s);
	scene_start(&s, "permit(principal,action,resource); forbid(principal,action,resource) when {resource.public};");
	scene_decide(&s, NULL, &request);
	assert_false(s.d.allow);
	assert_int_equal(s.d.reason_count, 1);
	assert_int_equal(s.d.reasons[0], 1);
	scene_end(&s);
}

static void an_erring_policy_does_not_count(void **state)
{
	(void)state;
	scene s;
	policy_request request = scene_request(NULL);
	scene_start(&s, "permit(principal,action,resource);\n"
			"forbid(principal,action,resource)\nwhen {1 + principal.name == 2};");
	scene_decide(&s, NULL, &request);
	assert_true(s.d.allow);
	assert_int_equal(s.d.error_count, 1);
	assert_int_equal(s.d.errors[0], 1);
	assert_string_equal(s.d.error_texts[0], "t.cedar:3:7: expected a long, got string \"Ann\"");
	scene_end(&s);
}

/* The same test in several policies is made once; each still says what came of it for itself, errors too. */
static void what_several_policies_ask_has_one_answer_for_each(void **state)
{
	(void)state;
	static const char context[] = "context.level == 3", missing[] = "context.absent == 3";
	char text[1024];
	scene s;
	policy_value three = { .kind = POLICY_LONG, .number = 3 };
	policy_attr attr = { policy_text_of("level"), &three };
	policy_value record = { .kind = POLICY_RECORD, .record = { &attr, 1 } };
	policy_request request = scene_request(&record);
	snprintf(text, sizeof text,
		 "permit(principal,action,resource) when {%s};permit(principal,action,resource) unless {%s};"
		 "permit(principal,action,resource) when {%s};permit(principal,action,resource) when {%s};"
		 "permit(principal,action,resource) when {context.level == 4 || %s};"
		 "permit(principal,action,resource) when {context.level == 4};"
		 "permit(principal,action,resource) when {context has absent && %s};"
		 "permit(principal,action,resource) unless {context has absent};",
		 context, context, missing, missing, context, missing);
	scene_start(&s, text);
	for (int again = 0; again < 2; again++) {
		scene_decide(&s, NULL, &request);
		assert_true(s.d.allow);
		assert_int_equal(s.d.reason_count, 3);
		for (int i = 0; i < 3; i++)
			assert_int_equal(s.d.reasons[i], ((int[]){ 0, 4, 7 })[i]);
		assert_int_equal(s.d.error_count, 2);
		assert_int_equal(s.d.errors[0], 2);
		assert_int_equal(s.d.errors[1], 3);
		assert_string_not_equal(s.d.error_texts[0], s.d.error_texts[1]); /* each names its own place */
	}
	scene_end(&s);
}

/* Each scope against one request: the index must find exactly those that match. */
static void scopes_match_exactly(void **state)
{
	(void)state;
	static const struct { bool match; const char *scope; } scopes[] = {
		{ true, "principal, action, resource" },
		{ true, "principal == User::\"ann\", action, resource" },
		{ false, "principal == User::\"bob\", action, resource" },
		{ false, "principal == Group::\"staff\", action, resource" },
		{ true, "principal in Group::\"staff\", action, resource" },
		{ true, "principal in Group::\"all\", action, resource" },
		{ true, "principal in User::\"ann\", action, resource" },
		{ false, "principal in Group::\"boss\", action, resource" },
		{ true, "principal is User, action, resource" },
		{ false, "principal is Group, action, resource" },
		{ true, "principal is User in Group::\"all\", action, resource" },
		{ false, "principal is Group in Group::\"all\", action, resource" },
		{ false, "principal is User in Group::\"boss\", action, resource" },
		{ true, "principal, action == Action::\"read\", resource" },
		{ false, "principal, action == Action::\"write\", resource" },
		{ true, "principal, action in [Action::\"write\", Action::\"read\"], resource" },
		{ false, "principal, action in [], resource" },
		{ true, "principal, action, resource == Doc::\"d\"" },
		{ true, "principal, action, resource is Doc in Doc::\"d\"" },
		{ false, "principal, action, resource is Doc in Group::\"all\"" },
		{ false, "principal in Group::\"all\", action, resource is User" },
	};
	enum { N = sizeof scopes / sizeof *scopes, TIMES = 7 }; /* more than two words of the index */
	char *text = malloc(N * TIMES * 120), *p = text;
	size_t want = 0;
	for (size_t i = 0; i < N * TIMES; i++) {
		p += sprintf(p, "permit(%s);\n", scopes[i % N].scope);
		want += scopes[i % N].match;
	}
	scene s;
	policy_request request = scene_request(NULL);
	scene_start(&s, text);
	scene_decide(&s, NULL, &request);
	for (size_t i = 0; i < s.d.reason_count; i++)
		if (!scopes[s.d.reasons[i] % N].match)
			fail_msg("matched: %s", scopes[s.d.reasons[i] % N].scope);
	assert_int_equal(s.d.reason_count, want);
	scene_end(&s);
	free(text);
}

static void entities_of_the_request_win(void **state)
{
	(void)state;
	scene s;
	policy_value truth = { .kind = POLICY_BOOL, .boolean = false };
	policy_attr own = { policy_text_of("public"), &truth };
	policy_uid parent = { policy_text_of("User"), policy_text_of("ann") };
	policy_entity doc = { .uid = { policy_text_of("Doc"), policy_text_of("d") }, .parents = &parent, .parent_count = 1,
			      .attrs = &own, .attr_count = 1 };
	policy_entities *extra = NULL;
	policy_request request = scene_request(NULL);
	assert_int_equal(policy_entities_new(&doc, 1, &extra, NULL), HUB_OK);
	scene_start(&s, "permit(principal, action, resource) when {!resource.public};"
			"permit(principal, action, resource in User::\"ann\");"
			"permit(principal, action, resource in Group::\"all\") when {resource in Group::\"staff\"};"
			"permit(principal, action, resource) when {[Doc::\"d\"].contains(resource) && Doc::\"d\" in Group::\"all\"};");
	scene_decide(&s, extra, &request);
	assert_int_equal(s.d.reason_count, 4);
	scene_decide(&s, NULL, &request);
	assert_int_equal(s.d.reason_count, 0);
	policy_entities_free(extra);
	scene_end(&s);
}

static void a_context_is_a_record(void **state)
{
	(void)state;
	scene s;
	policy_value number = { .kind = POLICY_LONG, .number = 1 };
	policy_attr twice[] = { { policy_text_of("a"), &number }, { policy_text_of("a"), &number } };
	policy_value repeated = { .kind = POLICY_RECORD, .record = { twice, 2 } };
	policy_request request = scene_request(&number);
	scene_start(&s, "permit(principal,action,resource);");
	assert_int_equal(policy_decide(s.set, s.entities, NULL, &request, &s.a, &s.d), HUB_REJECT);
	request.context = &repeated;
	assert_int_equal(policy_decide(s.set, s.entities, NULL, &request, &s.a, &s.d), HUB_REJECT);
	assert_false(s.d.allow);
	scene_end(&s);
}

static const char template_text[] = "permit(principal == ?principal, action, resource in ?resource) when {resource.public};"
				    "permit(principal is User in ?principal, action, resource);";

static void templates_decide_once_linked(void **state)
{
	(void)state;
	static const char links_json[] =
		"[{\"template_id\":\"policy0\",\"link_id\":\"ann\",\"args\":{\"?principal\":\"User::\\\"ann\\\"\",\"?resource\":{\"type\":\"Doc\",\"id\":\"d\"}}},"
		"{\"template_id\":\"policy1\",\"link_id\":\"staff\",\"args\":{\"?principal\":\"Group::\\\"staff\\\"\"}},"
		"{\"template_id\":\"policy1\",\"link_id\":\"boss\",\"args\":{\"?principal\":\"Group::\\\"boss\\\"\"}}]";
	policy_source source = { policy_text_of("t.cedar"), policy_text_of(template_text) };
	policy_link *links = NULL;
	size_t count = 0;
	scene s;
	policy_request request = scene_request(NULL);
	scene_start(&s, template_text);
	assert_int_equal(policy_set_count(s.set), 0);
	assert_int_equal(policy_links_parse(links_json, sizeof links_json - 1, &s.a, &links, &count, NULL), HUB_OK);
	policy_set_free(s.set);
	s.set = NULL;
	assert_int_equal(policy_set_parse_linked(&source, 1, links, count, &s.set, NULL), HUB_OK);
	scene_decide(&s, NULL, &request);
	assert_int_equal(s.d.reason_count, 2);
	assert_memory_equal(policy_set_place(s.set, s.d.reasons[0]).name.p, "ann", 3);
	assert_memory_equal(policy_set_place(s.set, s.d.reasons[1]).name.p, "staff", 5);
	scene_end(&s);
}

static void a_link_must_fit_its_template(void **state)
{
	(void)state;
	policy_uid ann = { policy_text_of("User"), policy_text_of("ann") };
	policy_link good = { policy_text_of("policy0"), policy_text_of("l"), ann, ann };
	policy_link bad[] = { good, good, good, good };
	policy_source source = { policy_text_of("t.cedar"), policy_text_of(template_text) };
	bad[0].template_name = policy_text_of("policy9");
	bad[1].resource = (policy_uid){ 0 };
	bad[2].template_name = policy_text_of("policy1");
	bad[3].name = policy_text_of("policy1");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		policy_set *set = NULL;
		assert_int_equal(policy_set_parse_linked(&source, 1, &bad[i], 1, &set, NULL), HUB_REJECT);
		assert_null(set);
	}
	policy_link twice[] = { good, good };
	policy_set *set = NULL;
	assert_int_equal(policy_set_parse_linked(&source, 1, twice, 2, &set, NULL), HUB_REJECT);
}

static void explanations_name_place_and_attribute(void **state)
{
	(void)state;
	scene s;
	const char *text = NULL;
	policy_request request = scene_request(NULL);
	scene_start(&s, "permit(principal, action, resource)\nwhen { true && principal.age > 40 };\n"
			"@id(\"bosses\")\npermit(principal in Group::\"boss\", action, resource);\n"
			"permit(principal, action, resource) when { principal.home.street == 1 };");
	assert_int_equal(policy_explain(s.set, s.entities, NULL, &request, &s.a, &text), HUB_OK);
	static const char *const wanted[] = {
		"deny: no permit holds", "t.cedar:1: permit policy0 does not hold", "line 2: principal.age > 40 is false",
		"principal.age is 30", "t.cedar:4: permit policy1 @id \"bosses\" is out of scope",
		"principal in Group::\"boss\" does not match", "t.cedar:5: permit policy2 erred", "no attribute `street`",
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!strstr(text, wanted[i]))
			fail_msg("%s is not in:\n%s", wanted[i], text);
	scene_end(&s);
}

static void failing_allocations_allow_nothing(void **state)
{
	(void)state;
	static const char policies[] =
		"@id(\"a\") permit(principal in Group::\"all\", action, resource is Doc) when {principal.age + 1 == 31 && "
		"[1, principal.age].contains(30) && {a: principal.age}.a == 30} unless {ip(\"::1\") == principal.ip};"
		"permit(principal, action, resource) when {principal.nothing};";
	bool done = false;
	policy_request request = scene_request(NULL);
	for (long k = 0; !done; k++) {
		policy_set *set = NULL;
		fail_after(k);
		hub_status st = scene_set(policies, &set, NULL);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		policy_set_free(set);
	}
	scene s;
	scene_start(&s, policies);
	done = false;
	for (long k = 0; !done; k++) {
		policy_decision d = { .allow = false };
		arena a;
		const char *text;
		arena_init(&a, 0);
		fail_after(k);
		hub_status st = policy_decide(s.set, s.entities, NULL, &request, &a, &d);
		bool hit = fail_was_hit();
		assert_int_equal(st, hit ? HUB_NOMEM : HUB_OK);
		assert_int_equal(d.allow, !hit);
		st = policy_explain(s.set, s.entities, NULL, &request, &a, &text);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done || hit ? HUB_OK : HUB_NOMEM);
		arena_fini(&a);
	}
	scene_end(&s);
}

static void a_full_arena_allows_nothing(void **state)
{
	(void)state;
	scene s;
	policy_request request = scene_request(NULL);
	arena small;
	scene_start(&s, "permit(principal,action,resource);");
	arena_init(&small, 1);
	s.d.allow = false;
	assert_int_equal(policy_decide(s.set, s.entities, NULL, &request, &small, &s.d), HUB_NOMEM);
	assert_false(s.d.allow);
	arena_fini(&small);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_permits_by_default),   cmocka_unit_test(a_forbid_wins_and_all_reasons_are_named),
		cmocka_unit_test(what_several_policies_ask_has_one_answer_for_each),
		cmocka_unit_test(an_erring_policy_does_not_count), cmocka_unit_test(scopes_match_exactly),
		cmocka_unit_test(entities_of_the_request_win),  cmocka_unit_test(a_context_is_a_record),
		cmocka_unit_test(templates_decide_once_linked), cmocka_unit_test(a_link_must_fit_its_template),
		cmocka_unit_test(explanations_name_place_and_attribute), cmocka_unit_test(failing_allocations_allow_nothing),
		cmocka_unit_test(a_full_arena_allows_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

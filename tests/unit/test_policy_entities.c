/* Entities from JSON: their shapes, their closure, and what is refused. */
#include "unit.h"

#include "base/fail.h"
#include "policy/entities.h"

#include "policy_scene.h"

static hub_status parse(const char *json, policy_entities **ret, hub_fault *fault)
{
	return policy_entities_parse(json, strlen(json), ret, fault);
}

static void shapes_that_are_read(void **state)
{
	(void)state;
	static const char *const good[] = {
		"[]", " [ ] ", "[{\"uid\":\"A::\\\"x\\\"\"}]", "[{\"uid\":{\"__entity\":{\"type\":\"A::B\",\"id\":\"\"}},\"attrs\":{},\"parents\":[],\"tags\":{}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"d\":{\"__extn\":{\"fn\":\"offset\",\"args\":[{\"__extn\":{\"fn\":\"datetime\","
		"\"arg\":\"1970-01-01\"}},{\"__extn\":{\"fn\":\"duration\",\"arg\":\"-1ms\"}}]}}}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"__entity\":1,\"b\":-9223372036854775808}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"parents\":[\"A::\\\"y\\\"\",\"A::\\\"y\\\"\"],\"attrs\":{\"\\ud83d\\ude00\":\"\\u0000\"}}]",
	};
	static const char *const bad[] = {
		"", "{}", "[", "[1]", "[{}]", "[{\"uid\":\"A\"}]", "[{\"uid\":\"A::x\"}]", "[{\"uid\":{\"type\":\"A\"}}]",
		"[{\"uid\":{\"type\":\"a b\",\"id\":\"x\"}}]", "[{\"uid\":{\"type\":\"if\",\"id\":\"x\"}}]", "[{\"uid\":{\"type\":\"\",\"id\":\"x\"}}]",
		"[{\"uid\":\"A::\\\"x\\\"\"},{\"uid\":\"A::\\\"x\\\"\"}]", "[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":null}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":1.5}}]", "[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":1e3}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":9223372036854775808}}]", "[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":1,\"a\":1}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"x\"}}}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":{\"__extn\":{\"fn\":\"nothing\",\"arg\":\"x\"}}}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":{\"__expr\":\"1\"}}}]", "[{\"uid\":\"A::\\\"x\\\"\",\"parents\":{}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":\"\\ud800\"}}]", "[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":\"\n\"}}]",
		"[{\"uid\":\"A::\\\"x\\\"\",\"attrs\":{\"a\":01}}]", "[] []", "[{\"uid\":\"A::\\\"x\\\"\",}]",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		hub_fault fault = { 0 };
		policy_entities *e = NULL;
		if (parse(good[i], &e, &fault) != HUB_OK)
			fail_msg("%s: %s", good[i], fault.message);
		policy_entities_free(e);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		policy_entities *e = NULL;
		if (parse(bad[i], &e, NULL) != HUB_REJECT)
			fail_msg("not refused: %s", bad[i]);
		assert_null(e);
	}
}

static void deep_json_is_refused(void **state)
{
	(void)state;
	size_t n = 100000;
	char *text = malloc(n + 1);
	memset(text, '[', n);
	text[n] = '\0';
	policy_entities *e = NULL;
	assert_int_equal(parse(text, &e, NULL), HUB_REJECT);
	free(text);
}

static void ancestors_are_closed(void **state)
{
	(void)state;
	policy_entities *e = NULL;
	hub_fault fault = { 0 };
	assert_int_equal(parse("[{\"uid\":\"A::\\\"1\\\"\",\"parents\":[\"A::\\\"2\\\"\",\"A::\\\"3\\\"\"]},"
			       "{\"uid\":\"A::\\\"3\\\"\",\"parents\":[\"A::\\\"4\\\"\"]},{\"uid\":\"A::\\\"2\\\"\",\"parents\":[\"A::\\\"4\\\"\"]},"
			       "{\"uid\":\"A::\\\"4\\\"\",\"parents\":[\"B::\\\"elsewhere\\\"\"]}]", &e, &fault), HUB_OK);
	uid one = uid_of((policy_uid){ policy_text_of("A"), policy_text_of("1") });
	uid far = uid_of((policy_uid){ policy_text_of("B"), policy_text_of("elsewhere") });
	const entity *found = entities_find(e, &one);
	assert_non_null(found);
	assert_int_equal(found->ancestors.count, 4);
	assert_true(lineage_has(&found->ancestors, &far));
	assert_false(lineage_has(&found->ancestors, &one));
	policy_entities_free(e);
}

static void rings_are_refused(void **state)
{
	(void)state;
	hub_fault fault = { 0 };
	policy_entities *e = NULL;
	assert_int_equal(parse("[{\"uid\":\"A::\\\"1\\\"\",\"parents\":[\"A::\\\"2\\\"\"]},{\"uid\":\"A::\\\"2\\\"\",\"parents\":[\"A::\\\"1\\\"\"]}]", &e,
			       &fault), HUB_REJECT);
	assert_string_equal(fault.code, "policy.entity.cycle");
	assert_int_equal(parse("[{\"uid\":\"A::\\\"1\\\"\",\"parents\":[\"A::\\\"1\\\"\"]}]", &e, &fault), HUB_REJECT);
}

static void a_long_chain_needs_no_stack(void **state)
{
	(void)state;
	enum { N = 3000 };
	policy_entity *list = calloc(N, sizeof *list);
	policy_uid *uids = calloc(N + 1, sizeof *uids);
	char (*ids)[8] = calloc(N + 1, sizeof *ids);
	for (int i = 0; i <= N; i++) {
		snprintf(ids[i], sizeof ids[i], "%d", i);
		uids[i] = (policy_uid){ policy_text_of("A"), policy_text_of(ids[i]) };
	}
	for (int i = 0; i < N; i++)
		list[i] = (policy_entity){ .uid = uids[i], .parents = &uids[i + 1], .parent_count = 1 };
	policy_entities *e = NULL;
	assert_int_equal(policy_entities_new(list, N, &e, NULL), HUB_OK);
	uid first = uid_of(uids[0]);
	assert_int_equal(entities_find(e, &first)->ancestors.count, N);
	policy_entities_free(e);
	free(list);
	free(uids);
	free(ids);
}

static void a_value_nested_too_deep_is_refused(void **state)
{
	(void)state;
	policy_value chain[VALUE_DEPTH + 2];
	const policy_value *items[VALUE_DEPTH + 2];
	memset(chain, 0, sizeof chain);
	for (int i = 0; i <= VALUE_DEPTH; i++) {
		items[i] = &chain[i + 1];
		chain[i] = (policy_value){ .kind = POLICY_SET, .set = { &items[i], 1 } };
	}
	chain[VALUE_DEPTH + 1].kind = POLICY_LONG;
	policy_attr own = { policy_text_of("a"), &chain[0] };
	policy_entity one = { .uid = { policy_text_of("A"), policy_text_of("x") }, .attrs = &own, .attr_count = 1 };
	policy_entities *e = NULL;
	hub_fault fault = { 0 };
	assert_int_equal(policy_entities_new(&one, 1, &e, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "policy.value.depth");
}

static void failing_allocations_leave_nothing(void **state)
{
	(void)state;
	bool done = false;
	for (long k = 0; !done; k++) {
		policy_entities *e = NULL;
		fail_after(k);
		hub_status st = policy_entities_parse(scene_entities, sizeof scene_entities - 1, &e, NULL);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		assert_int_equal(e != NULL, done);
		policy_entities_free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_that_are_read),        cmocka_unit_test(deep_json_is_refused),
		cmocka_unit_test(ancestors_are_closed),        cmocka_unit_test(rings_are_refused),
		cmocka_unit_test(a_long_chain_needs_no_stack), cmocka_unit_test(a_value_nested_too_deep_is_refused),
		cmocka_unit_test(failing_allocations_leave_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

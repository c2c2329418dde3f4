/* What is a policy and what is not, where an error stands, and that hostile text cannot exhaust the stack. */
#include "unit.h"

#include "policy_scene.h"

static bool accepts(const char *text, hub_fault *fault)
{
	policy_set *set = NULL;
	hub_status st = scene_set(text, &set, fault);
	policy_set_free(set);
	return st == HUB_OK;
}

static void policies_and_scopes(void **state)
{
	(void)state;
	static const char *const good[] = {
		"", " // nothing\n", "permit(principal,action,resource);", "forbid(principal, action, resource,);",
		"permit(principal == A::\"x\", action == Action::\"y\", resource in B::C::\"z\");",
		"permit(principal in A::\"x\", action in [Action::\"y\", N::Action::\"z\",], resource is B::C in D::\"e\");",
		"permit(principal is A, action in Action::\"y\", resource) when { true } unless { false } when { true };",
		"@id(\"a\") @note @if(\"x\") permit(principal, action, resource);", "permit(principal in (A::\"x\"), action, resource);",
		"permit(principal == ?principal, action, resource in ?resource);", "permit(principal, action in [], resource);",
		"permit(principal is A in ?principal, action, resource);",
		"permit(principal, action, resource) when { permit::\"x\" == when::action::\"y\" };",
		"permit(principal, action, resource)// c\n when\n{\n[1,2,]==[{a:1,}] || ip(\"::1\",) == 1};",
		"permit(principal,\xc2\xa0" "action,\xe3\x80\x80resource);",
	};
	static const char *const bad[] = {
		"permit", "permit(principal,action,resource)", "allow(principal, action, resource);", "permit(action, principal, resource);",
		"permit(principal, action);", "permit(principal, action, resource, context);", "permit(principal, action, resource) when {};",
		"permit(principal == \"x\", action, resource);", "permit(principal, action == A::\"x\", resource);",
		"permit(principal, action is A, resource);", "permit(principal, action == ?action, resource);",
		"permit(principal == ?resource, action, resource);", "permit(principal in [A::\"x\"], action, resource);",
		"permit(principal, action, resource) when { ?principal == principal };", "permit(principal: A, action, resource);",
		"permit(principal = A::\"x\", action, resource);", "@a(\"1\") @a(\"2\") permit(principal, action, resource);",
		"@(\"x\") permit(principal, action, resource);", "permit(principal is in, action, resource);",
		"permit(principal, action, resource) when { if::\"x\" == principal };", "permit(principal is __cedar, action, resource);",
		"permit(principal, action, resource) when { foo };", "permit(principal, action, resource) when { A::b };",
		"permit(principal, action, resource) when { principal.a() };", "permit(principal, action, resource) when { (principal)(1) };",
		"permit(principal, action, resource) when { A::{a: 1} };", "permit(principal, action, resource) when { principal[a] };",
		"permit(principal, action, resource) when { 1 && if true then true else true };", "permit(principal, action, resource) when { # };",
		"permit(principal, action, resource) when { \"a };", "permit(principal, action, resource) when { 'a' };",
		"permit(principal, action, resource) when { true } };", "permit(principal, action, resource) if { true };",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		hub_fault fault = { 0 };
		if (!accepts(good[i], &fault))
			fail_msg("%s: %s", good[i], fault.message);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (accepts(bad[i], NULL))
			fail_msg("accepted: %s", bad[i]);
}

static void escapes(void **state)
{
	(void)state;
	static const scene_case cases[] = {
		{ 't', "\"\\x41\\u{42}\\u{1_F600}\" == \"AB\xf0\x9f\x98\x80\"" }, { 't', "\"\\n\\r\\t\\\\\\0\\'\\\"\" != \"\"" },
		{ 'x', "\"\\x80\" == \"\"" },  { 'x', "\"\\xg0\" == \"\"" },      { 'x', "\"\\u{}\" == \"\"" },
		{ 'x', "\"\\u{110000}\" == \"\"" }, { 'x', "\"\\u{d800}\" == \"\"" }, { 'x', "\"\\u{1234567}\" == \"\"" },
		{ 'x', "\"\\u{_1}\" == \"\"" },{ 'x', "\"\\u0041\" == \"\"" },    { 'x', "\"\\q\" == \"\"" },
		{ 'x', "\"\r\" == \"\"" },     { 't', "\"a\nb\" == \"a\\nb\"" },  { 't', "\"\xff\" != \"\"" },
		{ 't', "\"//\" == \"\\u{2f}/\"" },
	};
	SCENE_RUN(cases);
}

static void errors_say_where(void **state)
{
	(void)state;
	hub_fault fault = { 0 };
	policy_source sources[] = { { policy_text_of("a.cedar"), policy_text_of("permit(principal,action,resource);") },
				    { policy_text_of("b.cedar"), policy_text_of("\n\npermit(principal, axtion, resource);") } };
	policy_set *set = NULL;
	assert_int_equal(policy_set_parse(sources, 2, &set, &fault), HUB_REJECT);
	assert_null(set);
	assert_string_equal(fault.message, "b.cedar:3:19: expected `action`, found `axtion`");
	assert_string_equal(fault.code, "policy.syntax");
}

/* n times `open`, a core, n times `close`, as a condition. */
static bool accepts_nested(const char *open, const char *core, const char *close, int n)
{
	size_t len = 64 + (size_t)n * (strlen(open) + strlen(close)) + strlen(core);
	char *text = malloc(len), *p = text;
	p += sprintf(p, "permit(principal,action,resource)when{");
	for (int i = 0; i < n; i++)
		p += sprintf(p, "%s", open);
	p += sprintf(p, "%s", core);
	for (int i = 0; i < n; i++)
		p += sprintf(p, "%s", close);
	sprintf(p, "};");
	bool ok = accepts(text, NULL);
	free(text);
	return ok;
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	static const struct { const char *open, *core, *close; } shapes[] = {
		{ "(", "1", ")" }, { "[", "1", "]" }, { "{a:", "1", "}" }, { "!(", "true", ")" }, { "if ", "true", " then 1 else 1" },
		{ "", "principal", ".a" }, { "1+(", "1", ")" }, { "", "1", "+1" }, { "ip(", "1", ")" }, { "", "1", ".contains(1)" },
		{ "", "principal", "[\"a\"]" }, { "true&&(", "true", ")" }, { "", "principal has a", ".a" },
	};
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		if (!accepts_nested(shapes[i].open, shapes[i].core, shapes[i].close, 100))
			fail_msg("100 × %s%s refused", shapes[i].open, shapes[i].close);
		if (accepts_nested(shapes[i].open, shapes[i].core, shapes[i].close, 100000))
			fail_msg("100000 × %s%s accepted", shapes[i].open, shapes[i].close);
	}
	/* Chains are no nesting. */
	assert_true(accepts_nested("true && ", "true", "", 100000));
	assert_true(accepts_nested("", "true", " || true", 100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_and_scopes), cmocka_unit_test(escapes),
		cmocka_unit_test(errors_say_where),    cmocka_unit_test(nesting_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

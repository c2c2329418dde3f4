/* Policies against a schema: what it does not know is refused, at its place. */
#include "unit.h"

#include "base/fail.h"
#include "policy/schema.h"

#include "policy_scene.h"

static const char schema_text[] =
	"namespace N {\n"
	"  type Place = { city: String, zip?: Long };\n"
	"  entity Group;\n"
	"  entity User in [Group] { name: String, age?: Long, home: Place, friends: Set<User>, since: __cedar::datetime } tags String;\n"
	"  @doc(\"x\") entity Doc = { \"owner\": User };\n"
	"  entity Colour enum [\"red\", \"blue\",];\n"
	"  action any;\n"
	"  action read, \"write it\" in [any] appliesTo { principal: User, resource: [Doc], context: { n: Long } };\n"
	"  action look in N::Action::\"any\" appliesTo { principal: [User, Group], resource: [Doc, User], };\n"
	"}\n";

static hub_status parse_schema(const char *text, policy_schema **ret, hub_fault *fault)
{
	policy_source source = { policy_text_of("s"), { text, strlen(text) } };
	return policy_schema_parse(&source, ret, fault);
}

/* NULL: accepted; else the fault, in *fault. */
static const char *refusal(const char *policy, hub_fault *fault)
{
	policy_schema *schema = NULL;
	policy_set *set = NULL;
	assert_int_equal(parse_schema(schema_text, &schema, fault), HUB_OK);
	if (scene_set(policy, &set, fault) != HUB_OK)
		fail_msg("%s", fault->message);
	hub_status st = policy_schema_check(schema, set, fault);
	policy_set_free(set);
	policy_schema_free(schema);
	return st == HUB_OK ? NULL : fault->message;
}

static void what_fits_is_accepted(void **state)
{
	(void)state;
	static const char *const good[] = {
		"permit(principal, action, resource);",
		"permit(principal is N::User in N::Group::\"g\", action == N::Action::\"write it\", resource == N::Doc::\"d\");",
		"permit(principal, action in N::Action::\"any\", resource is N::User) when {resource.name like \"a*\"};",
		"permit(principal, action == N::Action::\"read\", resource) when {principal has age && principal.age > context.n};",
		"permit(principal, action == N::Action::\"read\", resource) when {principal has age} when {principal.age > 1};",
		"permit(principal, action == N::Action::\"read\", resource) when {if principal.home has zip then principal.home.zip == 1 else false};",
		"permit(principal, action, resource) when {principal is N::User && principal.name == \"x\"};",
		"permit(principal, action, resource) when {principal is N::User && principal.hasTag(\"a\") && principal.getTag(\"a\") == \"b\"};",
		"permit(principal is N::User, action, resource is N::Doc) when {resource.owner.friends.contains(principal)};",
		"permit(principal is N::User, action, resource) when {principal.since < datetime(\"2026-01-01\")};",
		"permit(principal is N::User, action, resource) when {principal.home == {city: \"x\"} || principal.friends.isEmpty()};",
		"permit(principal is N::User, action, resource) unless {principal in [N::Group::\"a\"] && N::Colour::\"red\" == N::Colour::\"blue\"};",
		"permit(principal == ?principal, action, resource);",
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		hub_fault fault = { 0 };
		const char *why = refusal(good[i], &fault);
		if (why)
			fail_msg("%s: %s", good[i], why);
	}
}

static void what_does_not_fit_is_refused_at_its_place(void **state)
{
	(void)state;
	static const struct { const char *policy, *why; } bad[] = {
		{ "permit(principal is N::Usr, action, resource);", "t.cedar:1:8: the schema has no entity type N::Usr" },
		{ "permit(principal == M::User::\"x\", action, resource);", "no entity type of M::User" },
		{ "permit(principal, action == N::Action::\"rd\", resource);", "no action N::Action::\"rd\"" },
		{ "permit(principal is N::Group, action == N::Action::\"read\", resource);", "can never apply" },
		{ "permit(principal is N::User, action, resource)\nwhen { principal.nam == \"x\" };", "t.cedar:2:8: N::User has no attribute `nam`" },
		{ "permit(principal, action, resource) when {principal.name == \"x\"};", "N::Group has no attribute `name`" },
		{ "permit(principal is N::User, action, resource) when {principal.age == 1};", "`age` is optional" },
		{ "permit(principal is N::User, action, resource) when {principal has age || principal.age == 1};", "`age` is optional" },
		{ "permit(principal is N::User, action, resource) when {principal.home.street == 1};", "has no attribute `street`" },
		{ "permit(principal is N::User, action, resource) when {principal.name > 1};", "string has no order" },
		{ "permit(principal is N::User, action, resource) when {principal.name == 1};", "never compare" },
		{ "permit(principal is N::User, action, resource) when {principal.name + 1 == 2};", "expected long, this is string" },
		{ "permit(principal is N::User, action, resource) when {principal.name};", "expected bool, this is string" },
		{ "permit(principal is N::User, action, resource) when {principal.name in principal};", "expected entity" },
		{ "permit(principal is N::User, action, resource) when {principal in principal.name};", "after `in`" },
		{ "permit(principal, action, resource)\nwhen {N::Colour::\"green\" == N::Colour::\"red\"};", "t.cedar:2:7: the schema's N::Colour has no \"green\"" },
		{ "permit(principal, action, resource == N::Colour::\"re\");", "N::Colour has no \"re\"" },
		{ "permit(principal is N::User, action, resource) when {principal in M::G::\"x\"};", "no entity type or action M::G" },
		{ "permit(principal, action, resource is N::Doc) when {resource.getTag(\"a\") == 1};", "N::Doc has no tags" },
		{ "permit(principal, action == N::Action::\"look\", resource) when {context.n == 1};", "the record has no attribute `n`" },
		{ "permit(principal, action, resource) when {[1, \"a\"].isEmpty()};", "a set holds one type" },
		{ "permit(principal, action, resource) when {ip(\"::1\", 2).isIpv4()};", "takes 1 argument(s), not 2" },
		{ "permit(principal, action, resource) when {principal is M::T};", "no entity type M::T" },
		{ "permit(principal == ?principal, action, resource is N::No);", "no entity type N::No" },
		{ "permit(principal, action == N::Action::\"read\", resource) when {(if context.n == 1 then 1 else \"a\") == 1};", "one branch is" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		hub_fault fault = { 0 };
		const char *why = refusal(bad[i].policy, &fault);
		if (!why)
			fail_msg("accepted: %s", bad[i].policy);
		if (!strstr(why, bad[i].why) || strcmp(fault.code, "policy.schema"))
			fail_msg("%s\n gave %s (%s), not %s", bad[i].policy, why, fault.code, bad[i].why);
	}
}

static void broken_schemas_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"entity", "entity A", "entity A {x: };", "entity A {x: Nothing};", "entity A in [B];", "entity A; entity A;", "thing A;",
		"action a appliesTo { principal: [A] };", "action a in [b];", "type A = A;", "type A = {b: A};", "namespace A { namespace B {} }",
		"entity A {x: Set<};", "action a appliesTo { what: [A] };", "entity A; action a appliesTo {principal: A, resource: A, context: Long};",
		"namespace N {", "entity A enum [1];",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		policy_schema *schema = NULL;
		if (parse_schema(bad[i], &schema, NULL) != HUB_REJECT)
			fail_msg("accepted: %s", bad[i]);
		assert_null(schema);
	}
}

static void failing_allocations_accept_nothing(void **state)
{
	(void)state;
	policy_set *set = NULL;
	assert_int_equal(scene_set("permit(principal is N::User, action, resource) when {{a: [principal.name]} == {a: [\"x\"]}};", &set, NULL),
			 HUB_OK);
	bool done = false;
	for (long k = 0; !done; k++) {
		policy_schema *schema = NULL;
		fail_after(k);
		hub_status st = parse_schema(schema_text, &schema, NULL);
		if (st == HUB_OK)
			st = policy_schema_check(schema, set, NULL);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		policy_schema_free(schema);
	}
	policy_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_accepted),
		cmocka_unit_test(what_does_not_fit_is_refused_at_its_place),
		cmocka_unit_test(broken_schemas_are_refused),
		cmocka_unit_test(failing_allocations_accept_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

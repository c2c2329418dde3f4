/* Folders of policies: what counts, in which order, and what is refused whole. */
#include "unit.h"

#include "base/arena.h"
#include "rules/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct folder {
	char path[64];
	arena a;
	rules r;
	hub_fault fault;
} folder;

static void put(const folder *f, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", f->path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void add(const folder *f, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", f->path, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
	folder *f = calloc(1, sizeof *f);
	strcpy(f->path, "/tmp/rules-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	arena_init(&f->a, 0);
	put(f, "schema.cedarschema", "entity A { n: Long }; action go appliesTo { principal: A, resource: A };");
	put(f, "b.cedar", "@id(\"b\") permit (principal, action, resource) when { principal.n == 1 };");
	put(f, "a.cedar", "@id(\"a\") permit (principal is A, action, resource);");
	put(f, "a.cedar.old", "nothing that is read");
	add(f, "topology");
	add(f, "topology/one");
	add(f, "topology/none");
	put(f, "topology/one/c.cedar", "@id(\"c\") forbid (principal, action, resource);");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "schema.cedarschema", "b.cedar", "a.cedar", "a.cedar.old", "topology/one/c.cedar",
					     "topology/one", "topology/none", "topology", "" };
	folder *f = *state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[256];
		snprintf(path, sizeof path, "%s/%s", f->path, files[i]);
		remove(path);
	}
	policy_set_free(f->r.set);
	arena_fini(&f->a);
	free(f);
	return 0;
}

static void refused(folder *f, const char *topology, hub_status want, const char *code, const char *text)
{
	assert_int_equal(rules_load(f->path, topology, &f->a, &f->r, &f->fault), want);
	assert_null(f->r.set);
	assert_string_equal(f->fault.code, code);
	if (!strstr(f->fault.message, text))
		fail_msg("'%s' does not say '%s'", f->fault.message, text);
}

static void the_topology_follows_the_common_ones(void **state)
{
	folder *f = *state;
	static const char *const ids[] = { "a", "b", "c" };
	assert_int_equal(rules_load(f->path, "one", &f->a, &f->r, &f->fault), HUB_OK);
	assert_int_equal(policy_set_count(f->r.set), 3);
	for (size_t i = 0; i < 3; i++) {
		policy_place place = policy_set_place(f->r.set, i);
		assert_int_equal(place.id.len, 1);
		assert_memory_equal(place.id.p, ids[i], 1);
	}
	policy_set_free(f->r.set);
	assert_int_equal(rules_load(f->path, NULL, &f->a, &f->r, &f->fault), HUB_OK);
	assert_int_equal(policy_set_count(f->r.set), 2);
}

static void what_the_schema_has_not_is_named_with_its_place(void **state)
{
	folder *f = *state;
	put(f, "topology/one/c.cedar", "permit (principal, action, resource)\nwhen { principal.m == 1 };");
	refused(f, "one", HUB_REJECT, "policy.schema", "topology/one/c.cedar:2:8: A has no attribute `m`");
	put(f, "topology/one/c.cedar", "permit (principal is B, action, resource);");
	refused(f, "one", HUB_REJECT, "policy.schema", "topology/one/c.cedar:1:9: the schema has no entity type B");
	put(f, "a.cedar", "permit (principal, action, resource");
	refused(f, NULL, HUB_REJECT, "policy.syntax", "a.cedar:1:36:");
}

static void half_a_folder_is_no_folder(void **state)
{
	folder *f = *state;
	refused(f, "two", HUB_MISSING, "file.unreadable", "topology/two");
	refused(f, "none", HUB_MISSING, "policy.folder", "topology/none has no *.cedar");
	refused(f, "../topology/one", HUB_REJECT, "policy.topology", "../topology/one");
	refused(f, "", HUB_REJECT, "policy.topology", "''");
	put(f, "schema.cedarschema", "entity");
	refused(f, "one", HUB_REJECT, "policy.syntax", "schema.cedarschema:1:7:");
	char path[256];
	snprintf(path, sizeof path, "%s/schema.cedarschema", f->path);
	assert_int_equal(remove(path), 0);
	refused(f, "one", HUB_MISSING, "file.unreadable", "schema.cedarschema");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_topology_follows_the_common_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_schema_has_not_is_named_with_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_a_folder_is_no_folder, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "ctl/ctl.h"
#include "policy/example.h"
#include "rules/file.h"
#include "rules/rules.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tally {
	const policy_set *set;
	size_t passed, failed;
	bool quiet;
} tally;

static void run_example(tally *t, const char *file, const policy_entities *entities, const policy_example *x, size_t at)
{
	arena a;
	const char *why = NULL;
	arena_init(&a, 0);
	hub_status st = policy_example_run(t->set, entities, x, &a, &why);
	t->passed += st == HUB_OK;
	t->failed += st != HUB_OK;
	if (st != HUB_OK)
		printf("FAILED %s #%zu %.*s: %s\n", file, at + 1, (int)x->about.len, x->about.p,
		       why ? why : hub_status_name(st));
	else if (!t->quiet)
		printf("ok     %s #%zu %s %.*s\n", file, at + 1, x->allow ? "allow" : "deny ", (int)x->about.len, x->about.p);
	arena_fini(&a);
}

static hub_status run_file(tally *t, const char *file, hub_fault *fault)
{
	arena a;
	buf b = { 0 };
	policy_entities *entities = NULL;
	const policy_example *list = NULL;
	size_t count = 0;
	arena_init(&a, 0);
	hub_status st = rules_file_read(file, &b, fault);
	if (st == HUB_OK)
		st = policy_examples_parse((const char *)b.bytes, b.len, &a, &entities, &list, &count, fault);
	if (st == HUB_REJECT)
		fprintf(stderr, "hubctl policy test: in %s\n", file);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		run_example(t, file, entities, &list[i], i);
	policy_entities_free(entities);
	buf_fini(&b);
	arena_fini(&a);
	return st;
}

static int is_json(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 5 && d->d_name[0] != '.' && !strcmp(d->d_name + n - 5, ".json");
}

static hub_status run_folder(tally *t, const char *folder, hub_fault *fault)
{
	char path[4096];
	struct dirent **names;
	hub_status st = HUB_OK;
	snprintf(path, sizeof path, "%s/examples", folder);
	int n = scandir(path, &names, is_json, alphasort);
	if (n < 0) {
		hub_fault_set(fault, "file.unreadable", "", "%s: there are no examples", path);
		return HUB_MISSING;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/examples/%s", folder, names[i]->d_name);
		if (st == HUB_OK)
			st = run_file(t, path, fault);
		free(names[i]);
	}
	free(names);
	return st;
}

/* The common examples hold in each topology, beside those that are its own. */
static hub_status run_topology(tally *t, const char *folder, const char *topology, hub_fault *fault)
{
	char own[4096];
	arena a;
	rules r = { 0 };
	tally now = { .quiet = t->quiet };
	arena_init(&a, 0);
	hub_status st = rules_load(folder, topology, &a, &r, fault);
	now.set = r.set;
	if (st == HUB_OK)
		st = run_folder(&now, folder, fault);
	snprintf(own, sizeof own, "%s/topology/%s", folder, topology ? topology : "");
	if (st == HUB_OK && topology)
		st = run_folder(&now, own, fault);
	if (st == HUB_OK)
		printf("%s%s%zu examples passed, %zu failed; %zu policies\n", topology ? topology : "", topology ? ": " : "",
		       now.passed, now.failed, policy_set_count(r.set));
	t->failed += now.failed;
	policy_set_free(r.set);
	arena_fini(&a);
	return st;
}

static int is_topology(const struct dirent *d)
{
	return d->d_name[0] != '.' && d->d_type == DT_DIR;
}

static hub_status run_topologies(tally *t, const char *folder, hub_fault *fault)
{
	char path[4096];
	struct dirent **names;
	hub_status st = HUB_OK;
	snprintf(path, sizeof path, "%s/topology", folder);
	int n = scandir(path, &names, is_topology, alphasort);
	if (n < 0)
		return run_topology(t, folder, NULL, fault);
	for (int i = 0; i < n; i++) {
		if (st == HUB_OK)
			st = run_topology(t, folder, names[i]->d_name, fault);
		free(names[i]);
	}
	free(names);
	return st;
}

int ctl_policy_test(ctl *c, int argc, char **argv)
{
	(void)c;
	int bad = 0;
	hub_fault fault = { 0 };
	tally t = { .quiet = ctl_take(&argc, argv, "quiet", 0, &bad) };
	if (ctl_leftover("policy test", argc, argv) || argc > 2)
		return ctl_usage("policy test");
	hub_status st = run_topologies(&t, argc == 2 ? argv[1] : "policies", &fault);
	return st != HUB_OK ? ctl_fail("policy test", st, &fault) : t.failed ? CTL_FAILED : CTL_OK;
}

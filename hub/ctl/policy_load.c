#include "ctl/policy_load.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/epoch.h"
#include "store/policy_version.h"

/* µs: how long the core's processes may take to load them. */
#define PATIENCE 5000000

hub_status policy_folder(const ctl *c, const hubconf *conf, char out[PATH_MAX], hub_fault *fault)
{
	static const char *const beside[] = { "../share/uhub/policies", "../../../policies" };
	if (conf->policies[0]) {
		snprintf(out, PATH_MAX, "%s", conf->policies);
		return HUB_OK;
	}
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
		if (snprintf(out, PATH_MAX, "%s/%s", c->programs, beside[i]) < PATH_MAX && !access(out, F_OK))
			return HUB_OK;
	return hub_fault_set(fault, "policy.folder", "policies", "no policies beside %s; install the hub whole", c->programs);
}

static void show(const policy_version *v)
{
	char at[CLOCK_TEXT];
	buf b = { 0 };
	buf_text(&b, "{\"process\":");
	json_write_text(&b, v->process);
	buf_printf(&b, ",\"version\":\"%s\",\"policies\":%d,\"topology\":", v->version, v->policies);
	json_write_text(&b, v->topology);
	buf_text(&b, ",\"folder\":");
	json_write_text(&b, v->folder);
	if (v->loaded)
		buf_printf(&b, ",\"loaded\":\"%s\"", clock_text(v->loaded, at));
	buf_text(&b, "}");
	puts(buf_cstr(&b));
	buf_fini(&b);
}

/* Every process that ever told what it decides by since `begun`; those that ended long ago stay silent. */
static hub_status wait_for(ctl *c, const ruleset *wanted, hub_time begun, arena *a, hub_fault *fault)
{
	const struct timespec pause = { 0, 50000000 };
	int64_t until = clock_monotonic() + PATIENCE;
	policy_version *list;
	size_t count, taken = 0;
	hub_status st = HUB_OK;
	while (st == HUB_OK && !taken && clock_monotonic() < until) {
		nanosleep(&pause, NULL);
		arena_reset(a);
		st = policy_version_list(c->db, a, &list, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++)
			taken += list[i].loaded >= begun && !strcmp(list[i].version, wanted->version);
	}
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].loaded >= begun)
			show(&list[i]);
	if (st != HUB_OK || taken)
		return st;
	hub_fault_set(fault, "policy.load", "", "no process of the core has taken version %s; does hubd run with this folder and "
		      "topology? hubctl status and its log tell", wanted->version);
	return HUB_AGAIN;
}

static hub_status load_as_configured(ctl *c, inforce *rules, hub_fault *fault)
{
	char folder[PATH_MAX], name[] = "hub", *argv[] = { name, NULL };
	hubconf conf;
	bool changed;
	hub_status st = hubconf_read(c, 1, argv, &conf, fault);
	if (st != HUB_OK)
		return st;
	st = policy_folder(c, &conf, folder, fault);
	if (st == HUB_OK)
		st = inforce_load(rules, folder, conf.topology, &changed, fault);
	hubconf_fini(&conf);
	return st;
}

hub_status policy_installed(const ctl *c, inforce **ret, hub_fault *fault)
{
	char folder[PATH_MAX];
	bool changed;
	inforce *rules = NULL;
	const hubconf conf = { .policies = "" };
	hub_status st = policy_folder(c, &conf, folder, fault);
	if (st == HUB_OK)
		st = inforce_new(&rules);
	if (st == HUB_OK)
		st = inforce_load(rules, folder, "transition", &changed, fault);
	if (st == HUB_OK)
		*ret = rules;
	else
		inforce_free(rules);
	return st;
}

hub_status policy_current(ctl *c, inforce **ret, hub_fault *fault)
{
	arena a;
	inforce *rules = NULL;
	policy_version *list, *newest = NULL;
	size_t count = 0;
	bool changed;
	arena_init(&a, 0);
	hub_status st = policy_version_list(c->db, &a, &list, &count);
	for (size_t i = 0; i < count; i++)
		if (!newest || list[i].loaded > newest->loaded)
			newest = &list[i];
	if (st == HUB_OK)
		st = inforce_new(&rules);
	if (st == HUB_OK && newest)
		st = inforce_load(rules, newest->folder, newest->topology, &changed, fault);
	else if (st == HUB_OK)
		st = load_as_configured(c, rules, fault);
	arena_fini(&a);
	if (st == HUB_OK)
		*ret = rules;
	else
		inforce_free(rules);
	return st;
}

static hub_status load(ctl *c, bool check, arena *a, hub_fault *fault)
{
	inforce *rules = NULL;
	hub_time begun = clock_now();
	hub_status st = policy_current(c, &rules, fault);
	if (st != HUB_OK)
		return st;
	const ruleset *now = inforce_take(rules);
	if (check)
		show(&(policy_version){ "check", now->version, now->topology, now->folder, (int32_t)now->count, 0 });
	else
		st = epoch_bump(c->db, "policy");
	if (!check && st == HUB_OK)
		st = wait_for(c, now, begun, a, fault);
	inforce_give(rules, now);
	inforce_free(rules);
	return st;
}

int ctl_policy_load(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	bool check = ctl_take(&argc, argv, "check", 0, &bad) != NULL;
	if (bad || ctl_leftover("policy load", argc, argv) || argc != 1)
		return ctl_usage("policy load");
	arena_init(&a, 0);
	hub_status st = load(c, check, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("policy load", st, &fault);
}

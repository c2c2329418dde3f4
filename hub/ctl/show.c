#include "ctl/ctl.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/hubconf.h"
#include "ctl/process.h"
#include "host/module.h"

/* What a program cannot run without, as `hubctl up` gives it. */
static const struct {
	const char *name;
	bool core; /* the database, else the zone's directory */
} programs[] = { { "hubd", true }, { "adapterd", false }, { "dmzd", false }, { "egress", false } };

static int show_hub(const ctl *c)
{
	char name[] = "hub", *argv[] = { name, NULL };
	hub_fault fault = { 0 };
	hubconf conf;
	buf out = { 0 };
	hub_status st = hubconf_read(c, 1, argv, &conf, &fault);
	if (st != HUB_OK)
		return ctl_fail("show options", st, &fault);
	options_show(conf.values, &out);
	printf("## hub.conf: hubctl up\n%s", buf_cstr(&out));
	buf_fini(&out);
	hubconf_fini(&conf);
	return CTL_OK;
}

/* Each program knows its own. */
static int show_program(const ctl *c, const char *name, bool core)
{
	char path[PATH_MAX], needed[PATH_MAX];
	hub_fault fault = { 0 };
	snprintf(path, sizeof path, "%s/%s", c->programs, name);
	snprintf(needed, sizeof needed, core ? "--database=%s" : "--data=%s/zone", core ? c->conninfo : c->data);
	printf("## %s\n", name);
	fflush(stdout);
	const char *const argv[] = { path, needed, "--show-options", NULL };
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = -1 };
	int rc = process_run(&spec, &fault);
	if (rc < 0)
		return ctl_fail("show options", HUB_MISSING, &fault);
	return rc;
}

int ctl_show_options(ctl *c, int argc, char **argv)
{
	int rc = CTL_OK;
	if (argc > 2)
		return ctl_usage("show options");
	if (argc < 2 || !strcmp(argv[1], "hub"))
		rc = show_hub(c);
	if (argc == 2 && !strcmp(argv[1], "hub"))
		return rc;
	bool found = false;
	for (size_t i = 0; i < sizeof programs / sizeof *programs && rc == CTL_OK; i++)
		if (argc < 2 || !strcmp(argv[1], programs[i].name)) {
			rc = show_program(c, programs[i].name, programs[i].core);
			found = true;
		}
	return found || rc != CTL_OK ? rc : ctl_usage("show options");
}

int ctl_show_adapter(ctl *c, int argc, char **argv)
{
	(void)c;
	hub_fault fault = { 0 };
	module *m;
	buf names = { 0 };
	if (argc > 2)
		return ctl_usage("show adapter");
	if (argc < 2) {
		module_names(NULL, &names);
		fputs(buf_cstr(&names), stdout);
		buf_fini(&names);
		return CTL_OK;
	}
	hub_status st = module_load(argv[1], NULL, &m, &fault);
	if (st != HUB_OK)
		return ctl_fail("show adapter", st, &fault);
	const hub_adapter *a = module_adapter(m);
	printf("# %s %s: %s\n", a->name, a->version, a->summary);
	for (const hub_option *o = a->options; o->name; o++)
		printf("%s = %s\n    %s\n", o->name, o->fallback ? o->fallback : "(required)", o->text);
	module_free(m);
	return CTL_OK;
}

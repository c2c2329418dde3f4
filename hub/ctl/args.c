#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static void drop(int *argc, char **argv, int at, int count)
{
	memmove(argv + at, argv + at + count, sizeof *argv * (size_t)(*argc - at - count + 1));
	*argc -= count;
}

const char *ctl_take(int *argc, char **argv, const char *name, int want_value, int *bad)
{
	size_t len = strlen(name);
	for (int i = 1; i < *argc && strcmp(argv[i], "--"); i++) {
		const char *a = argv[i];
		if (strncmp(a, "--", 2) || strncmp(a + 2, name, len))
			continue;
		if (a[2 + len] == '=' && want_value) {
			drop(argc, argv, i, 1);
			return a + 3 + len;
		}
		if (a[2 + len])
			continue;
		if (!want_value) {
			drop(argc, argv, i, 1);
			return "";
		}
		if (i + 1 >= *argc) {
			fprintf(stderr, "hubctl: --%s needs a value\n", name);
			*bad = 1;
			return NULL;
		}
		const char *value = argv[i + 1];
		drop(argc, argv, i, 2);
		return value;
	}
	return NULL;
}

int ctl_leftover(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			return 0;
		if (argv[i][0] == '-' && argv[i][1]) {
			fprintf(stderr, "hubctl %s: there is no option %s; hubctl help %s shows what there is\n",
				name, argv[i], name);
			return 1;
		}
	}
	return 0;
}

int ctl_fail(const char *name, hub_status st, const hub_fault *fault)
{
	if (fault && fault->code)
		fprintf(stderr, "hubctl %s: %s (%s)\n", name, fault->message, fault->code);
	else
		fprintf(stderr, "hubctl %s: %s\n", name, hub_status_name(st));
	return st == HUB_REJECT ? CTL_USAGE : CTL_FAILED;
}

#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/store.h"

/* How many of argv's words the name takes: 0 if they are others. */
static int words_matched(const char *name, int argc, char **argv)
{
	int n = 0;
	while (n < argc) {
		size_t len = strlen(argv[n]);
		if (strncmp(name, argv[n], len) || (name[len] && name[len] != ' '))
			return 0;
		n++;
		if (!name[len])
			return n;
		name += len + 1;
	}
	return 0;
}

static const ctl_command *find(int argc, char **argv, int *ret_words)
{
	const ctl_command *best = NULL;
	*ret_words = 0;
	for (const ctl_command *k = ctl_commands; k->name; k++) {
		int n = words_matched(k->name, argc, argv);
		if (n > *ret_words) {
			*ret_words = n;
			best = k;
		}
	}
	return best;
}

static hub_status prepare(ctl *c, const ctl_command *k, hub_fault *fault)
{
	if (!(k->flags & (CTL_CORE | CTL_STORE)))
		return HUB_OK;
	static ctl_user user;
	hub_status st = ctl_zone_user(CTL_ZONE_CORE, &user, fault);
	if (st == HUB_OK)
		st = ctl_become(&user, fault);
	if (st == HUB_OK && k->flags & CTL_STORE)
		st = store_open(c->conninfo, &c->db, fault);
	return st;
}

int main(int argc, char **argv)
{
	log_setup("hubctl", LOG_INFO);
	int bad = 0, words = 0;
	const char *data = ctl_take(&argc, argv, "data", 1, &bad);
	const char *database = ctl_take(&argc, argv, "database", 1, &bad);
	/* The processes we start need it too. */
	if (bad || (database && setenv("HUB_DATABASE", database, 1)))
		return ctl_usage(NULL);
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return ctl_help(NULL, argc > 1 ? 1 : 0, argv);
	const ctl_command *k = find(argc - 1, argv + 1, &words);
	if (!k) {
		fprintf(stderr, "hubctl: there is no command '%s'; hubctl help lists them\n", argv[1]);
		return CTL_USAGE;
	}
	static ctl c; /* for the life of the process */
	hub_fault fault = { 0 };
	hub_status st = ctl_context(&c, data, &fault);
	if (st == HUB_OK)
		st = prepare(&c, k, &fault);
	if (st != HUB_OK)
		return ctl_fail(k->name, st, &fault);
	int rc = k->run(&c, argc - words, argv + words);
	store_close(c.db);
	if (fflush(stdout) && rc == CTL_OK)
		rc = CTL_FAILED;
	return rc;
}

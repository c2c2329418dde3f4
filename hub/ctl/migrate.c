#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/migrate.h"

/* A server that starts answers HUB_AGAIN; one that refuses is not waited for. */
static hub_status open_waiting(const char *conninfo, int seconds, store **ret, hub_fault *fault)
{
	int64_t until = clock_monotonic() + (int64_t)seconds * 1000000;
	for (;;) {
		hub_status st = store_open(conninfo, ret, fault);
		if (st != HUB_AGAIN || clock_monotonic() >= until)
			return st;
		usleep(50000);
	}
}

int ctl_migrate(ctl *c, int argc, char **argv)
{
	int bad = 0, database = 0, program = 0;
	size_t applied = 0;
	hub_fault fault = { 0 };
	store *db = NULL;
	const char *wait = ctl_take(&argc, argv, "wait", 1, &bad);
	if (bad || argc > 1)
		return ctl_usage("migrate");
	hub_status st = open_waiting(c->conninfo, wait ? atoi(wait) : 0, &db, &fault);
	if (st == HUB_OK)
		st = store_migrate(db, &applied, &fault);
	if (st == HUB_OK)
		st = store_version(db, &database, &program);
	store_close(db);
	if (st != HUB_OK)
		return ctl_fail("migrate", st, &fault);
	if (applied || !wait)
		printf("the database is at version %d, %zu migrations applied\n", database, applied);
	return CTL_OK;
}

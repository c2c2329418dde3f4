#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/health.h"

static void show(const health *h, bool quiet)
{
	for (size_t i = 0; i < h->count; i++) {
		const health_item *item = &h->items[i];
		if (quiet && item->grade != HEALTH_BAD)
			continue;
		printf("%-8s %-11s %s\n", health_grade_name(item->grade), item->name, item->text);
		if (item->grade == HEALTH_BAD)
			printf("%-8s %-11s → %s\n", "", "", item->remedy);
	}
	if (!quiet)
		puts(h->healthy ? "healthy: the next reading would be stored" : "not healthy");
}

int ctl_doctor(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	place p;
	arena a;
	health h = { 0 };
	bool quiet = ctl_take(&argc, argv, "quiet", 0, &bad);
	const char *wait = ctl_take(&argc, argv, "wait", 1, &bad);
	if (bad || argc > 1)
		return ctl_usage("doctor");
	int64_t until = clock_monotonic() + (wait ? atoi(wait) : 0) * (int64_t)1000000;
	hub_status st = place_find(c, &p, &fault);
	if (st != HUB_OK)
		return ctl_fail("doctor", st, &fault);
	arena_init(&a, 0);
	for (;;) {
		st = health_check(c, &p, &a, &h);
		if (st != HUB_OK || h.healthy || clock_monotonic() >= until)
			break;
		arena_reset(&a);
		usleep(100000);
	}
	if (st == HUB_OK)
		show(&h, quiet);
	arena_fini(&a);
	place_fini(&p);
	return st != HUB_OK ? ctl_fail("doctor", st, NULL) : h.healthy ? CTL_OK : CTL_FAILED;
}

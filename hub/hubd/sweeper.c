#include "base/clock.h"
#include "hubd/work.h"

/* µs: between two looks, between two steps. */
#define LOOK 10000000
#define BREATH 50000
enum { AT_ONCE = 500 };

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)own;
	size_t cleared = 0;
	hub_status st = retention_step(w->db, &w->core->keep, clock_now(), AT_ONCE, &cleared);
	if (st == HUB_OK && cleared)
		*rest = BREATH;
	return st;
}

const role role_sweeper = { .name = "sweeper", .rest = LOOK, .round = round_of };

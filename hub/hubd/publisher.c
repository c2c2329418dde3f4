#include "aggregate/day.h"
#include "base/clock.h"
#include "hubd/work.h"

/* µs: between two looks. */
#define LOOK INT64_C(600000000)
#define DAY INT64_C(86400000000)
/* Days back that are published by themselves, and percent of the points that a day must have been measured at. */
enum { BACK = 8, WHOLE = 90 };

typedef struct publisher {
	zone *zone;
} publisher;

static bool is_there(const aggregate_run *runs, size_t count, hub_time at)
{
	for (size_t i = 0; i < count; i++)
		if (runs[i].at == at)
			return true;
	return false;
}

/* The days of the last week that are over and not published yet. */
static hub_status look(worker *w, const zone *z, const aggregate_kind *kind)
{
	aggregate_run *runs;
	size_t count;
	aggregate_report done = { 0 };
	hub_time today = zone_floor(z, clock_now(), ZONE_DAY), at = zone_floor(z, today - BACK * DAY, ZONE_DAY);
	arena_reset(&w->memory);
	hub_status st = aggregate_runs(w->db, kind->commodity, at, today, &w->memory, &runs, &count);
	while (st == HUB_OK && at < today && !w->core->stopping) {
		hub_time next = zone_next(z, at, ZONE_DAY);
		const aggregate_work one = { .kind = kind, .from = at, .to = next, .whole = WHOLE };
		if (!is_there(runs, count, at))
			st = aggregate_day_publish(w->db, &one, z, &done);
		at = next;
	}
	if (done.published)
		log_info("publisher: %s of %zu days published, %zu sums, %zu withheld", kind->commodity, done.published,
			 done.sums, done.withheld);
	return st;
}

/* The first look is one rest after the start: a hub that is being filled is not ready to be summed. */
static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)rest;
	publisher *p = own;
	hub_status st = HUB_OK;
	if (!p->zone)
		return zone_load(AGGREGATE_ZONE, &p->zone) == HUB_OK ? HUB_OK : HUB_FAILED;
	for (const aggregate_kind *k = aggregate_kinds; st == HUB_OK && k->commodity && !w->core->stopping; k++)
		st = look(w, p->zone, k);
	return st;
}

static void end(void *own)
{
	zone_free(((publisher *)own)->zone);
}

const role role_publisher = {
	.name = "publisher", .rest = LOOK, .round = round_of, .size = sizeof(publisher), .end = end
};

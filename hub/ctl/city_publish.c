/* The sums of the city's areas, day by day, as hubd publishes those of the last week by itself. */
#include "aggregate/day.h"
#include "ctl/city.h"

/* Percent of the points: a day with a silent meter is whole enough. */
enum { WHOLE = 90 };

hub_status city_publish(city *t)
{
	aggregate_report done = { 0 };
	hub_status st = HUB_OK;
	for (const aggregate_kind *k = aggregate_kinds; st == HUB_OK && k->commodity; k++) {
		const aggregate_work w = { .kind = k,
					   .from = t->plan.from,
					   .to = zone_floor(t->zone, t->plan.until, ZONE_DAY),
					   .whole = WHOLE };
		st = aggregate_day_publish(t->c->db, &w, t->zone, &done);
	}
	if (st == HUB_OK)
		city_say(t, "%zu days of areas published: %zu sums, %zu withheld", done.published + done.already,
			 done.sums, done.withheld);
	return st;
}

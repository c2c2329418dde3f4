#include "demand/days.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "store/tariff.h"

#define DAY (INT64_C(86400) * 1000000)

enum { SUNDAY = 0, SATURDAY = 6 };

/* "2026-01-01": its day since 1970. */
static bool day_of(const char *text, int64_t *ret)
{
	hub_time t;
	char whole[24];
	if (!text || strlen(text) != 10)
		return false;
	memcpy(whole, text, 10);
	memcpy(whole + 10, "T00:00:00Z", 11);
	if (!clock_parse(whole, 20, &t))
		return false;
	*ret = t / DAY;
	return true;
}

/* All versions' lists: a date stands for one day, whichever version names it. */
static size_t gather(const json_t *document, const char *name, int64_t *out, size_t most)
{
	const json_t *versions = json_object_get(document, "versions"), *one, *text;
	size_t n = 0, i, k, count = versions ? json_array_size(versions) : 1;
	for (i = 0; i < count; i++) {
		one = json_object_get(versions ? json_array_get(versions, i) : document, "calendar");
		json_array_foreach (json_object_get(one, name), k, text)
			if (n < most && day_of(json_string_value(text), &out[n]))
				n++;
	}
	return n;
}

static hub_status read_calendar(const json_t *document, arena *a, demand_days *ret)
{
	enum { DAYS_MAX = 4000 };
	int64_t *off = arena_array(a, DAYS_MAX, sizeof *off), *on = arena_array(a, DAYS_MAX, sizeof *on);
	const char *name = json_string_value(json_object_get(document, "zone"));
	if (!off || !on)
		return HUB_NOMEM;
	*ret = (demand_days) { .holidays = off, .workdays = on };
	ret->holiday_count = gather(document, "holidays", off, DAYS_MAX);
	ret->workday_count = gather(document, "workdays", on, DAYS_MAX);
	return name ? zone_load(name, &ret->zone) : HUB_MISSING;
}

hub_status demand_days_open(store *db, const char *tariff, hub_time at, arena *a, demand_days *ret)
{
	tariff_document d;
	*ret = (demand_days) { 0 };
	if (!*tariff)
		return HUB_OK;
	hub_status st = tariff_document_at(db, tariff, at, a, &d);
	if (st != HUB_OK)
		return st;
	json_t *document = json_loads(d.body, 0, NULL);
	st = document ? read_calendar(document, a, ret) : HUB_MISSING;
	json_decref(document);
	return st;
}

void demand_days_close(demand_days *d)
{
	zone_free(d->zone);
	d->zone = NULL;
}

static bool listed(const int64_t *days, size_t count, int64_t day)
{
	for (size_t i = 0; i < count; i++)
		if (days[i] == day)
			return true;
	return false;
}

bool demand_days_rest(const demand_days *d, hub_time t)
{
	if (!d->zone)
		return false;
	const zone_civil c = zone_to_civil(d->zone, t);
	const int64_t day = clock_days(c.year, c.month, c.day);
	const int weekday = zone_weekday(d->zone, t);
	if (listed(d->workdays, d->workday_count, day))
		return false;
	return listed(d->holidays, d->holiday_count, day) || weekday == SUNDAY || weekday == SATURDAY;
}

#include "base/zone.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/zone_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000, DAY = 86400, FILE_MAX = 1024 * 1024, NAME_LENGTH_MAX = 64 };

static const char directory[] = "/usr/share/zoneinfo";

hub_status zone_parse(const char *name, const uint8_t *bytes, size_t len, zone **ret_zone)
{
	zone *z = fail_calloc(1, sizeof *z);
	if (!z)
		return HUB_NOMEM;
	z->name = fail_strdup(name);
	hub_status st = z->name ? zone_file_read(bytes, len, z) : HUB_NOMEM;
	if (st != HUB_OK) {
		zone_free(z);
		return st;
	}
	*ret_zone = z;
	return HUB_OK;
}

void zone_free(zone *z)
{
	if (!z)
		return;
	free(z->events);
	free(z->name);
	free(z);
}

const char *zone_name(const zone *z)
{
	return z->name;
}

/* Parts of letters, digits, '_', '+' and '-' with single slashes between: no way out of the folder. */
static bool name_valid(const char *name)
{
	size_t len = strlen(name);
	if (!len || len > NAME_LENGTH_MAX || name[0] == '/' || name[len - 1] == '/' || strstr(name, "//"))
		return false;
	return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == len;
}

hub_status zone_load(const char *name, zone **ret_zone)
{
	char path[sizeof directory + 1 + NAME_LENGTH_MAX];
	if (!name_valid(name))
		return HUB_MISSING;
	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *f = fopen(path, "rb");
	if (!f)
		return HUB_MISSING;
	uint8_t *bytes = fail_malloc(FILE_MAX);
	hub_status st = HUB_NOMEM;
	if (bytes) {
		size_t len = fread(bytes, 1, FILE_MAX, f);
		st = ferror(f) ? HUB_MISSING : zone_parse(name, bytes, len, ret_zone);
	}
	free(bytes);
	fclose(f);
	return st == HUB_REJECT ? HUB_MISSING : st;
}

static int64_t seconds_of(hub_time t)
{
	return t / SECOND - (t % SECOND < 0);
}

static hub_time micros_of(int64_t s)
{
	hub_time t;
	if (__builtin_mul_overflow(s, (int64_t)SECOND, &t))
		return s < 0 ? INT64_MIN : INT64_MAX;
	return t;
}

static int64_t remainder_of(int64_t v, int64_t by)
{
	int64_t rest = v % by;
	return rest < 0 ? rest + by : rest;
}

/* How many events are at or before s. */
static size_t events_until(const zone *z, int64_t s)
{
	size_t low = 0, high = z->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (z->events[middle].at <= s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int32_t offset_at(const zone *z, int64_t s)
{
	if (z->has_rule && z->rule.has_summer && s >= z->rule_from)
		return zone_rule_offset(&z->rule, s);
	size_t n = events_until(z, s);
	return n ? z->events[n - 1].offset : z->first;
}

/* The next moment after s at which the offset may change. */
static bool event_after(const zone *z, int64_t s, zone_event *ret)
{
	size_t n = events_until(z, s);
	if (n < z->count) {
		*ret = z->events[n];
		return true;
	}
	return z->has_rule && zone_rule_next(&z->rule, s < z->rule_from ? z->rule_from : s, ret);
}

int32_t zone_offset(const zone *z, hub_time t)
{
	return offset_at(z, seconds_of(t));
}

zone_civil zone_to_civil(const zone *z, hub_time t)
{
	int64_t s = seconds_of(t), local = s + offset_at(z, s), rest = remainder_of(local, DAY);
	zone_civil c = { .hour = (int)(rest / 3600),
			 .minute = (int)(rest / 60 % 60),
			 .second = (int)(rest % 60),
			 .micro = (int)remainder_of(t, SECOND) };
	clock_civil((local - rest) / DAY, &c.year, &c.month, &c.day);
	return c;
}

/* Seconds on the wall clock since 1970, as if it were UTC; fields carry over. */
static int64_t local_of(const zone_civil *c)
{
	int64_t month = (int64_t)c->month - 1, m = remainder_of(month, 12), year = c->year + (month - m) / 12;
	/* the years that fit microseconds end at 294247 */
	year = year > 300000 ? 300000 : year < -300000 ? -300000 : year;
	return (clock_days((int)year, (int)m + 1, 1) + c->day - 1) * DAY + (int64_t)c->hour * 3600 +
	       (int64_t)c->minute * 60 + c->second;
}

/*
 * Walks the stretches of constant offset near a local time and collects the moments that show it.
 * Offsets are less than 26 hours, so it can be no farther away than that.
 */
static zone_local moments_of(const zone *z, int64_t local, int64_t *ret_first, int64_t *ret_last)
{
	int64_t from = local - ZONE_OFFSET_MAX - 1;
	int32_t offset = offset_at(z, from);
	int hits = 0;
	int64_t jump = 0;
	bool jumped = false;
	for (;;) {
		zone_event e = { INT64_MAX, 0 };
		int64_t s = local - offset;
		bool more = event_after(z, from, &e);
		if (s >= from && s < e.at) {
			*ret_first = hits++ ? *ret_first : s;
			*ret_last = s;
		}
		if (!more || e.at > local + ZONE_OFFSET_MAX)
			break;
		if (!jumped && e.at + offset <= local && local < e.at + e.offset) {
			jumped = true;
			jump = e.at;
		}
		from = e.at;
		offset = e.offset;
	}
	if (!hits)
		*ret_first = *ret_last = jump;
	return hits > 1 ? ZONE_TWICE : hits ? ZONE_ONCE : ZONE_SKIPPED;
}

zone_local zone_from_civil(const zone *z, zone_civil c, hub_time *ret, hub_time *ret_later)
{
	int64_t micro = remainder_of(c.micro, SECOND), first, last;
	zone_local how = moments_of(z, local_of(&c) + (c.micro - micro) / SECOND, &first, &last);
	micro = how == ZONE_SKIPPED ? 0 : micro;
	*ret = micros_of(first) + micro;
	if (ret_later)
		*ret_later = micros_of(last) + micro;
	return how;
}

/*
 * UTC seconds at which the local day c begins. Where midnight comes twice it is the first, unless
 * the clock fell back into the day before (St John's, 00:01 → 23:01): then the second.
 */
static int64_t day_start(const zone *z, const zone_civil *c)
{
	int64_t local = local_of(c), first, last;
	if (moments_of(z, local, &first, &last) == ZONE_TWICE && last - 1 + offset_at(z, last - 1) < local)
		return last;
	return first;
}

static zone_civil truncated(zone_civil c, zone_unit unit)
{
	return (zone_civil) { c.year, unit == ZONE_YEAR ? 1 : c.month, unit == ZONE_DAY ? c.day : 1, 0, 0, 0, 0 };
}

static zone_civil moved(zone_civil c, zone_unit unit, int by)
{
	c.year += unit == ZONE_YEAR ? by : 0;
	c.month += unit == ZONE_MONTH ? by : 0;
	c.day += unit == ZONE_DAY ? by : 0;
	return c;
}

/* A wall-clock hour ends early where the offset changes within it, and another begins there. */
static int64_t hour_start(const zone *z, int64_t s)
{
	int64_t start = s - remainder_of(s + offset_at(z, s), 3600);
	zone_event e;
	for (int64_t at = start; event_after(z, at, &e) && e.at <= s; at = e.at)
		start = e.at;
	return start;
}

static int64_t hour_end(const zone *z, int64_t s)
{
	int64_t end = s - remainder_of(s + offset_at(z, s), 3600) + 3600;
	zone_event e;
	return event_after(z, s, &e) && e.at < end ? e.at : end;
}

hub_time zone_floor(const zone *z, hub_time t, zone_unit unit)
{
	int64_t s = seconds_of(t);
	if (unit == ZONE_HOUR)
		return micros_of(hour_start(z, s));
	zone_civil c = truncated(zone_to_civil(z, t), unit);
	int64_t start = day_start(z, &c);
	while (start > s) {
		c = moved(c, unit, -1);
		start = day_start(z, &c);
	}
	return micros_of(start);
}

hub_time zone_next(const zone *z, hub_time t, zone_unit unit)
{
	int64_t s = seconds_of(t);
	if (unit == ZONE_HOUR)
		return micros_of(hour_end(z, s));
	zone_civil c = truncated(zone_to_civil(z, t), unit);
	int64_t start = day_start(z, &c);
	while (start <= s) {
		c = moved(c, unit, 1);
		start = day_start(z, &c);
	}
	return micros_of(start);
}

int zone_weekday(const zone *z, hub_time t)
{
	int64_t s = seconds_of(t), local = s + offset_at(z, s);
	return (int)remainder_of((local - remainder_of(local, DAY)) / DAY + 4, 7);
}

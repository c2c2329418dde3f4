/*
 * A time zone: TZif (RFC 8536) read once, then immutable; passed as an argument, never global, so
 * threads share it without locks. Beyond the last transition the footer's POSIX rule applies.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <hub/adapter.h>

typedef struct zone zone;

/* A moment on a wall clock. year 1–9999, month 1–12, day 1–31, second 0–59. */
typedef struct zone_civil {
	int year, month, day, hour, minute, second, micro;
} zone_civil;

/* How often a local time occurs. */
typedef enum zone_local { ZONE_ONCE, ZONE_SKIPPED, ZONE_TWICE } zone_local;

/* From the system's database; names as "Asia/Shanghai", never a path outside it. HUB_MISSING. */
hub_status zone_load(const char *name, zone **ret_zone);
/* From bytes (untrusted). HUB_REJECT when they are not TZif. */
hub_status zone_parse(const char *name, const uint8_t *bytes, size_t len, zone **ret_zone);
void zone_free(zone *z);
const char *zone_name(const zone *z);

/* Offset from UTC in seconds (east positive) at a moment. */
int32_t zone_offset(const zone *z, hub_time t);
zone_civil zone_to_civil(const zone *z, hub_time t);
/*
 * A wall-clock time to UTC. Twice: *ret is the earlier, *ret_later (may be NULL) the later;
 * skipped: both are the moment of the jump. Fields outside their range carry over (day 0, hour 24).
 */
zone_local zone_from_civil(const zone *z, zone_civil c, hub_time *ret, hub_time *ret_later);

/* The start of the local day, month or year that holds t, and of the next one. A day has 23, 24,
   25 or other hours; where midnight is skipped the day starts at the jump. */
typedef enum zone_unit { ZONE_HOUR, ZONE_DAY, ZONE_MONTH, ZONE_YEAR } zone_unit;
hub_time zone_floor(const zone *z, hub_time t, zone_unit unit);
hub_time zone_next(const zone *z, hub_time t, zone_unit unit);
/* 0 = Sunday … 6 = Saturday, of the local day. */
int zone_weekday(const zone *z, hub_time t);

#endif

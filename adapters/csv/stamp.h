/* Dates and times as files write them, and their way to UTC. Pure. */
#ifndef CSV_STAMP_H
#define CSV_STAMP_H

#include "base/zone.h"

typedef struct stamp {
	zone_civil civil;
	bool has_offset; /* `utc` holds; else civil is local time */
	hub_time utc;
} stamp;

/*
 * By a format of %Y %y %m %d %e %H %I %p %M %S %f (fraction) %b %z %s (seconds since 1970), other
 * characters as they are; "auto" takes ISO 8601 with '-', '/' or '.' and a time that may be absent
 * or end at the minute. False: not such a time, or a day or hour that no calendar has.
 */
bool stamp_parse(const char *text, const char *format, stamp *ret);
/* Whether a format can be used at all. */
bool stamp_format_ok(const char *format);

typedef enum stamp_order { STAMP_FIRST, STAMP_AFTER, STAMP_BEFORE } stamp_order;

/*
 * To UTC. A local time that comes twice is the earlier one, unless the order of rows says otherwise:
 * AFTER `edge` it is the first of the two that is later than it, BEFORE it the last that is earlier.
 */
zone_local stamp_resolve(const stamp *s, const zone *z, stamp_order order, hub_time edge, hub_time *ret);

#endif

/* The POSIX TZ rule in a TZif footer (RFC 8536, section 3.3): what holds after the last transition. */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONE_OFFSET_MAX = 93599 }; /* 25:59:59, RFC 8536's bound */

/* A day of the year and a time on it. */
typedef struct zone_change {
	enum { ZONE_JULIAN, ZONE_ORDINAL, ZONE_WEEKDAY } form; /* J1–J365 without leap days, 0–365, Mm.w.d */
	int month, week, day;
	int32_t time; /* local seconds after midnight, -167 … 167 h */
} zone_change;

typedef struct zone_rule {
	int32_t standard, summer; /* offsets from UTC, seconds, east positive */
	bool has_summer;
	zone_change start, end; /* of summer time */
} zone_rule;

/* A moment (UTC seconds) from which an offset holds. */
typedef struct zone_event {
	int64_t at;
	int32_t offset;
} zone_event;

bool zone_rule_parse(const char *text, size_t len, zone_rule *ret);
/* Offset at a moment. */
int32_t zone_rule_offset(const zone_rule *r, int64_t s);
/* The first event after s; false if the rule has none. Its offset may be the one that held before. */
bool zone_rule_next(const zone_rule *r, int64_t s, zone_event *ret);

#endif

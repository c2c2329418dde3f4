/*
 * UTC and monotonic microseconds, and RFC 3339 text. The only place that asks the system.
 * A test sets the clock of all our processes by the file that HUB_CLOCK_SHIFT names: an int64 of µs, added to the wall clock.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <hub/adapter.h>

enum { CLOCK_TEXT = 28 }; /* "2026-11-20T11:16:39.000001Z" and NUL */

hub_time clock_now(void);       /* wall, UTC µs */
int64_t clock_monotonic(void);  /* µs since some start; never goes back */

/* RFC 3339 in UTC, fraction only when there is one; years 0001–9999, else "". */
const char *clock_text(hub_time t, char out[CLOCK_TEXT]);
/* RFC 3339 with 'Z' or an offset, up to six fraction digits. False on anything else. */
bool clock_parse(const char *text, size_t len, hub_time *ret_time);

/* Proleptic Gregorian: days since 1970-01-01 of year, month 1–12, day 1–31 and back. */
int64_t clock_days(int year, int month, int day);
void clock_civil(int64_t days, int *ret_year, int *ret_month, int *ret_day);

#endif

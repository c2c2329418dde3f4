#include "policy/ext.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static bool digits(const char **p, const char *end, int width, int *ret)
{
	int v = 0;
	if (end - *p < width)
		return false;
	for (int i = 0; i < width; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		v = v * 10 + (**p - '0');
	}
	*ret = v;
	return true;
}

static bool skip(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

static bool date_parse(const char **p, const char *end, int64_t *ret_days)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d;
	if (!digits(p, end, 4, &y) || !skip(p, end, '-') || !digits(p, end, 2, &m) || !skip(p, end, '-') ||
	    !digits(p, end, 2, &d) || m < 1 || m > 12 || d < 1)
		return false;
	bool leap = (y % 4 == 0 && y % 100) || y % 400 == 0;
	if (d > lengths[m - 1] + (m == 2 && leap))
		return false;
	*ret_days = clock_days(y, m, d);
	return true;
}

/* "Z" or ±hhmm, hh < 24; in ms to subtract. */
static bool offset_parse(const char **p, const char *end, int64_t *ret)
{
	if (skip(p, end, 'Z')) {
		*ret = 0;
		return true;
	}
	bool east = skip(p, end, '+');
	int h, m;
	if ((!east && !skip(p, end, '-')) || !digits(p, end, 2, &h) || !digits(p, end, 2, &m) || h > 23 || m > 59)
		return false;
	*ret = (h * 60 + m) * (east ? INT64_C(60000) : INT64_C(-60000));
	return true;
}

bool ext_datetime_parse(policy_text t, int64_t *ret)
{
	const char *p = t.p, *end = t.p + t.len;
	int64_t days, offset;
	int h, m, s, ms = 0;
	if (!date_parse(&p, end, &days))
		return false;
	if (p == end) {
		*ret = days * DAY_MS;
		return true;
	}
	if (!skip(&p, end, 'T') || !digits(&p, end, 2, &h) || !skip(&p, end, ':') || !digits(&p, end, 2, &m) ||
	    !skip(&p, end, ':') || !digits(&p, end, 2, &s) || h > 23 || m > 59 || s > 59)
		return false;
	if (skip(&p, end, '.') && !digits(&p, end, 3, &ms))
		return false;
	if (!offset_parse(&p, end, &offset) || p != end)
		return false;
	*ret = days * DAY_MS + ((h * 60 + m) * 60 + s) * INT64_C(1000) + ms - offset;
	return true;
}

bool ext_duration_parse(policy_text t, int64_t *ret)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "d", DAY_MS }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
	};
	enum { UNITS = sizeof units / sizeof *units };
	const char *p = t.p, *end = t.p + t.len;
	bool negative = skip(&p, end, '-');
	if (p == end)
		return false;
	__int128 total = 0, most = (__int128)INT64_MAX + negative;
	for (size_t next = 0; p < end;) {
		__int128 n = 0;
		const char *start = p;
		for (; p < end && *p >= '0' && *p <= '9'; p++)
			n = n > most ? n : n * 10 + (*p - '0');
		const char *unit = p;
		while (p < end && *p >= 'a' && *p <= 'z')
			p++;
		size_t len = (size_t)(p - unit);
		while (next < UNITS && (strlen(units[next].unit) != len || memcmp(units[next].unit, unit, len) != 0))
			next++;
		if (unit == start || next == UNITS || n > most || (total += n * units[next].ms) > most)
			return false;
		next++;
	}
	*ret = (int64_t)(negative ? -total : total);
	return true;
}

bool ext_to_date(int64_t datetime, int64_t *ret)
{
	return !__builtin_sub_overflow(datetime, ext_to_time(datetime), ret);
}

int64_t ext_to_time(int64_t datetime)
{
	int64_t rest = datetime % DAY_MS;
	return rest < 0 ? rest + DAY_MS : rest;
}

void ext_datetime_print(int64_t v, buf *out)
{
	int64_t time = ext_to_time(v), days = (v - time % 1000) / DAY_MS;
	if (v < 0 && time)
		days = v / DAY_MS - 1;
	if (days < clock_days(0, 1, 1) || days > clock_days(9999, 12, 31)) {
		buf_printf(out, "datetime(\"1970-01-01\").offset(duration(\"%" PRId64 "ms\"))", v);
		return;
	}
	int y, m, d;
	clock_civil(days, &y, &m, &d);
	buf_printf(out, "datetime(\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\")", y, m, d, (int)(time / 3600000),
		   (int)(time / 60000 % 60), (int)(time / 1000 % 60), (int)(time % 1000));
}

void ext_duration_print(int64_t v, buf *out)
{
	buf_printf(out, "%" PRId64 "ms", v);
}

#include "base/zone_rule.h"

#include "base/clock.h"

typedef struct text {
	const char *p, *end;
} text;

static bool skip(text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static bool is_digit(const text *t)
{
	return t->p < t->end && *t->p >= '0' && *t->p <= '9';
}

static bool number(text *t, int max, int *ret)
{
	int v = 0;
	if (!is_digit(t))
		return false;
	for (; is_digit(t) && v <= max; t->p++)
		v = v * 10 + (*t->p - '0');
	*ret = v;
	return v <= max;
}

/* An abbreviation: three letters or more, or anything printable in angle brackets. */
static bool name(text *t)
{
	const char *begin = t->p;
	if (skip(t, '<')) {
		while (t->p < t->end && *t->p != '>' && *t->p > ' ')
			t->p++;
		return t->p - begin > 1 && skip(t, '>');
	}
	while (t->p < t->end && ((*t->p >= 'A' && *t->p <= 'Z') || (*t->p >= 'a' && *t->p <= 'z')))
		t->p++;
	return t->p - begin >= 3;
}

/* [+-]hh[:mm[:ss]] as seconds */
static bool clock_of(text *t, int hours_max, int32_t *ret)
{
	int sign = skip(t, '-') ? -1 : 1, h = 0, m = 0, s = 0;
	if (sign > 0)
		skip(t, '+');
	if (!number(t, hours_max, &h) || (skip(t, ':') && (!number(t, 59, &m) || (skip(t, ':') && !number(t, 59, &s)))))
		return false;
	*ret = sign * (h * 3600 + m * 60 + s);
	return true;
}

static bool change(text *t, zone_change *c)
{
	*c = (zone_change) { .form = ZONE_ORDINAL, .time = 7200 };
	bool ok;
	if (skip(t, 'M')) {
		c->form = ZONE_WEEKDAY;
		ok = number(t, 12, &c->month) && c->month && skip(t, '.') && number(t, 5, &c->week) && c->week &&
		     skip(t, '.') && number(t, 6, &c->day);
	} else if (skip(t, 'J')) {
		c->form = ZONE_JULIAN;
		ok = number(t, 365, &c->day) && c->day;
	} else {
		ok = number(t, 365, &c->day);
	}
	return ok && (!skip(t, '/') || clock_of(t, 167, &c->time));
}

bool zone_rule_parse(const char *rule, size_t len, zone_rule *ret)
{
	text t = { rule, rule + len };
	zone_rule r = { 0 };
	int32_t west;
	if (!name(&t) || !clock_of(&t, 24, &west))
		return false;
	r.standard = r.summer = -west;
	if (t.p < t.end) {
		r.has_summer = true;
		r.summer = r.standard + 3600;
		if (!name(&t))
			return false;
		if (t.p < t.end && *t.p != ',') {
			if (!clock_of(&t, 24, &west))
				return false;
			r.summer = -west;
		}
		if (!skip(&t, ',') || !change(&t, &r.start) || !skip(&t, ',') || !change(&t, &r.end) || t.p < t.end)
			return false;
	}
	*ret = r;
	return r.summer >= -ZONE_OFFSET_MAX && r.summer <= ZONE_OFFSET_MAX;
}

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The last such weekday when the fifth falls into the next month. */
static int64_t weekday_day(const zone_change *c, int year)
{
	int64_t first = clock_days(year, c->month, 1);
	int64_t next = c->month == 12 ? clock_days(year + 1, 1, 1) : clock_days(year, c->month + 1, 1);
	int64_t weekday = ((first + 4) % 7 + 7) % 7;
	int64_t day = first + (c->day - weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
	return day >= next ? day - 7 : day;
}

/* Local seconds of the change in a year. */
static int64_t change_at(const zone_change *c, int year)
{
	int64_t day = clock_days(year, 1, 1) + c->day;
	if (c->form == ZONE_WEEKDAY)
		day = weekday_day(c, year);
	else if (c->form == ZONE_JULIAN)
		day += is_leap(year) && c->day >= 60 ? 0 : -1;
	return day * 86400 + c->time;
}

static int year_of(int64_t s)
{
	int year, month, day;
	clock_civil((s - (s % 86400 + 86400) % 86400) / 86400, &year, &month, &day);
	return year;
}

/* A change may lie a week outside its year, so the neighbours are looked at too. */
enum { EVENTS = 6 };

static void events_around(const zone_rule *r, int64_t s, zone_event out[EVENTS])
{
	int year = year_of(s);
	for (int i = 0; i < 3; i++) {
		out[2 * i] = (zone_event) { change_at(&r->start, year - 1 + i) - r->standard, r->summer };
		out[2 * i + 1] = (zone_event) { change_at(&r->end, year - 1 + i) - r->summer, r->standard };
	}
}

int32_t zone_rule_offset(const zone_rule *r, int64_t s)
{
	zone_event events[EVENTS];
	int64_t latest = INT64_MIN;
	int32_t offset = r->standard;
	if (!r->has_summer)
		return offset;
	events_around(r, s, events);
	/* Summer that ends when the next begins lasts all year, so at the same moment a start wins. */
	for (int i = 0; i < EVENTS; i++)
		if (events[i].at <= s && (events[i].at > latest || (events[i].at == latest && i % 2 == 0))) {
			latest = events[i].at;
			offset = events[i].offset;
		}
	return offset;
}

bool zone_rule_next(const zone_rule *r, int64_t s, zone_event *ret)
{
	zone_event events[EVENTS];
	const zone_event *next = NULL;
	if (!r->has_summer)
		return false;
	events_around(r, s, events);
	for (int i = 0; i < EVENTS; i++)
		if (events[i].at > s && (!next || events[i].at < next->at))
			next = &events[i];
	if (!next)
		return false;
	*ret = (zone_event) { next->at, zone_rule_offset(r, next->at) };
	return true;
}

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "billing/tariff_parse.h"

static bool minute_of(const char *text, int *ret)
{
	if (strlen(text) != 5 || text[2] != ':')
		return false;
	int v[4];
	for (int i = 0; i < 4; i++) {
		char c = text[i < 2 ? i : i + 1];
		if (c < '0' || c > '9')
			return false;
		v[i] = c - '0';
	}
	*ret = (v[0] * 10 + v[1]) * 60 + v[2] * 10 + v[3];
	return v[2] < 6 && *ret <= 1440;
}

static int time_of_day(form *f, const json_t *o, const char *key, int fallback)
{
	const char *text = form_text(f, o, key, NULL);
	int minute = fallback;
	if (text && !minute_of(text, &minute))
		form_refuse(f, "tariff.calendar.time", "calendar",
			    "'%s' is a time of day from 00:00 to 24:00, not '%.20s'", key, text);
	return minute;
}

static const struct {
	const char *name;
	uint8_t days;
} day_names[] = {
	{ "sun", 1 << 0 },
	{ "mon", 1 << 1 },
	{ "tue", 1 << 2 },
	{ "wed", 1 << 3 },
	{ "thu", 1 << 4 },
	{ "fri", 1 << 5 },
	{ "sat", 1 << 6 },
	{ "holiday", 1 << CALENDAR_HOLIDAY },
	{ "weekday", CALENDAR_WEEKDAYS },
	{ "weekend", CALENDAR_WEEKEND },
	{ "all", CALENDAR_ALL_DAYS },
};

static uint8_t rule_days(form *f, const json_t *o)
{
	const json_t *list = form_array(f, o, "days", 16);
	if (!list)
		return CALENDAR_ALL_DAYS;
	uint8_t days = 0;
	size_t i;
	json_t *v;
	json_array_foreach ((json_t *)list, i, v) {
		const char *text = json_is_string(v) ? json_string_value(v) : "";
		uint8_t bits = 0;
		for (size_t j = 0; j < sizeof day_names / sizeof *day_names; j++) {
			if (!strcmp(day_names[j].name, text))
				bits = day_names[j].days;
		}
		if (!bits)
			form_refuse(f, "tariff.calendar.days", "calendar",
				    "days are mon … sun, weekday, weekend, holiday, all; not '%.20s'", text);
		days |= bits;
	}
	return days;
}

/* Appends one rule per season or month the form names. */
static void rule_read(form *f, const json_t *o, const calendar *cal, calendar_rule *rules, size_t *count)
{
	static const char *const keys[] = { "season", "months", "days", "from", "to", "period", NULL };
	static const int last_day[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	form_keys(f, o, keys);
	calendar_rule r = { .first = 101, .last = 1231, .days = rule_days(f, o) };
	r.from = time_of_day(f, o, "from", 0);
	r.to = time_of_day(f, o, "to", 1440);
	if (r.from == r.to || r.from == 1440)
		form_refuse(f, "tariff.calendar.time", "calendar",
			    "'from' and 'to' are different and 'from' is before 24:00");
	const char *name = form_need_text(f, o, "period");
	int period = calendar_period(cal, name);
	if (period < 0)
		form_refuse(f, "tariff.calendar.period", "calendar", "period '%.40s' is not in 'periods'; add it",
			    name);
	r.period = (uint8_t)(period < 0 ? 0 : period);
	const json_t *season = form_array(f, o, "season", 2), *months = form_array(f, o, "months", 12);
	if (season && (json_array_size(season) != 2 || months)) {
		form_refuse(f, "tariff.calendar.season", "calendar",
			    "a season is [\"MM-DD\", \"MM-DD\"], both days included, and stands without 'months'");
	} else if (season) {
		form_day_of_year(f, json_array_get(season, 0), &r.first);
		form_day_of_year(f, json_array_get(season, 1), &r.last);
	}
	size_t n = months ? json_array_size(months) : 1;
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		if (*count == CALENDAR_RULES_MAX) {
			form_refuse(f, "tariff.calendar.size", "calendar", "at most %d rules", CALENDAR_RULES_MAX);
			return;
		}
		if (months) {
			json_int_t m = json_integer_value(json_array_get(months, i));
			if (m < 1 || m > 12) {
				form_refuse(f, "tariff.calendar.season", "calendar", "months are 1 to 12");
				return;
			}
			r.first = (int)m * 100 + 1;
			r.last = (int)m * 100 + last_day[m - 1];
		}
		rules[(*count)++] = r;
	}
}

static int compare_days(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static const int64_t *day_list(form *f, const json_t *o, const char *key, size_t *ret_count)
{
	const json_t *list = form_array(f, o, key, 1000);
	size_t n = list ? json_array_size(list) : 0;
	int64_t *days = arena_array(f->a, n, sizeof *days);
	if (!days) {
		form_nomem(f);
		return NULL;
	}
	const zone *z = f->zone;
	f->zone = NULL; /* a calendar's day is no moment */
	for (size_t i = 0; i < n; i++) {
		hub_time at = 0;
		form_moment(f, json_array_get(list, i), &at);
		days[i] = at / 86400000000LL;
	}
	f->zone = z;
	if (n)
		qsort(days, n, sizeof *days, compare_days);
	*ret_count = n;
	return days;
}

static bool periods_read(form *f, const json_t *o, calendar *cal)
{
	const json_t *list = json_object_get(o, "periods");
	size_t n = json_is_array(list) ? json_array_size(list) : json_object_size(list);
	if (n < 1 || n > CALENDAR_PERIODS_MAX) {
		form_refuse(f, "tariff.calendar.period", "calendar",
			    "'periods' names 1 to %d periods, as an array or as {\"peak\": \"峰\"}",
			    CALENDAR_PERIODS_MAX);
		return false;
	}
	cal->names = arena_array(f->a, n, sizeof *cal->names);
	cal->texts = arena_array(f->a, n, sizeof *cal->texts);
	if (!cal->names || !cal->texts) {
		form_nomem(f);
		return false;
	}
	void *it = json_is_object(list) ? json_object_iter((json_t *)list) : NULL;
	for (size_t i = 0; i < n; i++) {
		const json_t *v = it ? json_object_iter_value(it) : json_array_get(list, i);
		const char *name = it ? json_object_iter_key(it) : json_string_value(v);
		const char *text = json_string_value(v);
		if (!name || !*name || !text || strlen(name) > 40 || strlen(text) > 100) {
			form_refuse(f, "tariff.calendar.period", "calendar", "a period's name has 1 to 40 bytes");
			return false;
		}
		cal->names[i] = arena_strdup(f->a, name);
		cal->texts[i] = arena_strdup(f->a, text);
		if (!cal->names[i] || !cal->texts[i]) {
			form_nomem(f);
			return false;
		}
		if (calendar_period(cal, name) >= 0)
			form_refuse(f, "tariff.calendar.period", "calendar", "period '%.40s' is named twice", name);
		cal->period_count = i + 1;
		if (it)
			it = json_object_iter_next((json_t *)list, it);
	}
	return f->st == HUB_OK;
}

static calendar *calendar_flat(form *f)
{
	static const char *names[] = { "all" }, *texts[] = { "全时段 all day" };
	calendar *cal = arena_alloc(f->a, sizeof *cal);
	if (!cal) {
		form_nomem(f);
		return NULL;
	}
	*cal = (calendar) { .period_count = 1, .names = names, .texts = texts };
	return cal;
}

calendar *tariff_calendar(form *f, const json_t *o)
{
	static const char *const keys[] = { "periods", "rules", "default", "holidays", "workdays", NULL };
	if (!o)
		return calendar_flat(f);
	size_t mark = form_enter(f, "calendar", -1);
	form_keys(f, o, keys);
	calendar *cal = arena_alloc(f->a, sizeof *cal);
	calendar_rule *rules = fail_calloc(CALENDAR_RULES_MAX, sizeof *rules);
	if (!cal || !rules) {
		form_nomem(f);
	} else if (periods_read(f, o, cal)) {
		const json_t *list = form_array(f, o, "rules", CALENDAR_RULES_MAX);
		size_t count = 0, i;
		json_t *rule;
		json_array_foreach ((json_t *)list, i, rule) {
			size_t at = form_enter(f, "rules", (long)i);
			rule_read(f, rule, cal, rules, &count);
			form_leave(f, at);
		}
		cal->holidays = day_list(f, o, "holidays", &cal->holiday_count);
		cal->workdays = day_list(f, o, "workdays", &cal->workday_count);
		const char *name = form_text(f, o, "default", NULL);
		int fallback = name ? calendar_period(cal, name) : -1;
		if (name && fallback < 0)
			form_refuse(f, "tariff.calendar.period", "calendar", "default '%.40s' is not in 'periods'",
				    name);
		if (f->st == HUB_OK)
			f->st = calendar_make(rules, count, fallback, cal, f->a, f->fault);
	}
	free(rules);
	form_leave(f, mark);
	return f->st == HUB_OK ? cal : NULL;
}

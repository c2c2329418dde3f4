#include "billing/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

size_t form_enter(form *f, const char *name, long index)
{
	size_t mark = strlen(f->path);
	size_t left = sizeof f->path - mark;
	const char *dot = mark ? "." : "";
	if (index < 0)
		snprintf(f->path + mark, left, "%s%s", dot, name);
	else
		snprintf(f->path + mark, left, "%s%s[%ld]", dot, name, index);
	return mark;
}

void form_leave(form *f, size_t mark)
{
	f->path[mark] = 0;
}

void form_nomem(form *f)
{
	if (f->st == HUB_OK)
		f->st = HUB_NOMEM;
}

void form_refuse(form *f, const char *code, const char *field, const char *fmt, ...)
{
	if (f->st != HUB_OK)
		return;
	char text[200];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	f->st = hub_fault_set(f->fault, code, field, "%s%s%s", f->path, f->path[0] ? ": " : "", text);
}

void form_keys(form *f, const json_t *o, const char *const *keys)
{
	const char *key;
	json_t *v;
	json_object_foreach ((json_t *)o, key, v) {
		bool known = false;
		for (size_t i = 0; keys[i] && !known; i++)
			known = !strcmp(keys[i], key);
		if (!known) {
			form_refuse(f, "form.unknown", "",
				    "there is no field '%.40s' here; leave it out or see docs/tariffs.md", key);
			return;
		}
	}
}

const char *form_text(form *f, const json_t *o, const char *key, const char *fallback)
{
	const json_t *v = json_object_get(o, key);
	if (!v || json_is_null(v))
		return fallback;
	if (!json_is_string(v) || json_string_length(v) > 200) {
		form_refuse(f, "form.text", "", "'%s' is a text of at most 200 bytes", key);
		return fallback;
	}
	const char *copy = arena_strdup(f->a, json_string_value(v));
	if (!copy)
		form_nomem(f);
	return copy ? copy : fallback;
}

const char *form_copy(form *f, const char *text)
{
	const char *copy = arena_strdup(f->a, text);
	if (!copy)
		form_nomem(f);
	return copy;
}

zone *form_zone(form *f, const char *name, const char *code)
{
	zone *z = NULL;
	hub_status st = f->st == HUB_OK ? zone_load(name, &z) : HUB_OK;
	if (st == HUB_NOMEM)
		form_nomem(f);
	else if (st != HUB_OK)
		form_refuse(f, code, "zone", "'%.60s' is no zone of the time-zone database; write as Asia/Shanghai",
			    name);
	return z;
}

const char *form_need_text(form *f, const json_t *o, const char *key)
{
	const char *text = form_text(f, o, key, NULL);
	if (!text || !*text) {
		form_refuse(f, "form.missing", "", "'%s' is required: a text", key);
		return "";
	}
	return text;
}

bool form_bool(form *f, const json_t *o, const char *key, bool fallback)
{
	const json_t *v = json_object_get(o, key);
	if (!v)
		return fallback;
	if (!json_is_boolean(v))
		form_refuse(f, "form.bool", "", "'%s' is true or false", key);
	return json_is_true(v);
}

int64_t form_int(form *f, const json_t *o, const char *key, int64_t min, int64_t max, int64_t fallback)
{
	const json_t *v = json_object_get(o, key);
	if (!v)
		return fallback;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
		form_refuse(f, "form.integer", "", "'%s' is an integer from %lld to %lld", key, (long long)min,
			    (long long)max);
		return fallback;
	}
	return json_integer_value(v);
}

/* "1e-05" and "1.5e+06" of %.15g as plain digits. */
static bool plain_digits(const char *text, char *out, size_t size)
{
	char digits[40];
	const char *e = strchr(text, 'e');
	if (!e) {
		snprintf(out, size, "%s", text);
		return true;
	}
	int exponent = 0;
	if (sscanf(e + 1, "%d", &exponent) != 1 || exponent < -25 || exponent > 25)
		return false;
	size_t n = 0;
	int point = -1;
	bool negative = *text == '-';
	for (const char *p = text + negative; p < e; p++) {
		if (*p == '.')
			point = (int)n;
		else
			digits[n++] = *p;
	}
	if (point < 0)
		point = (int)n;
	point += exponent;
	size_t len = 0;
	if (negative)
		out[len++] = '-';
	if (point <= 0) {
		len += (size_t)snprintf(out + len, size - len, "0.");
		for (int i = 0; i < -point; i++)
			out[len++] = '0';
		memcpy(out + len, digits, n);
		len += n;
	} else {
		for (int i = 0; i < point || i < (int)n; i++) {
			if (i == point)
				out[len++] = '.';
			out[len++] = i < (int)n ? digits[i] : '0';
		}
	}
	out[len] = 0;
	return true;
}

bool form_number(form *f, const json_t *v, decimal *ret)
{
	char text[120], plain[120];
	const char *p = text;
	if (json_is_string(v)) {
		p = json_string_value(v);
	} else if (json_is_integer(v)) {
		snprintf(text, sizeof text, "%lld", (long long)json_integer_value(v));
	} else if (json_is_real(v)) {
		snprintf(text, sizeof text, "%.15g", json_real_value(v));
		if (plain_digits(text, plain, sizeof plain))
			p = plain;
	} else {
		p = "";
	}
	if (decimal_parse(p, strlen(p), ret) == HUB_OK)
		return true;
	form_refuse(f, "form.decimal", "", "a decimal such as \"0.4883\" is wanted, not '%.40s'", p);
	return false;
}

bool form_decimal(form *f, const json_t *o, const char *key, decimal *ret)
{
	const json_t *v = json_object_get(o, key);
	if (!v || json_is_null(v))
		return false;
	size_t mark = form_enter(f, key, -1);
	bool ok = form_number(f, v, ret);
	form_leave(f, mark);
	return ok;
}

decimal form_need_decimal(form *f, const json_t *o, const char *key)
{
	decimal d = { 0 };
	if (!form_decimal(f, o, key, &d))
		form_refuse(f, "form.missing", "", "'%s' is required: a decimal", key);
	return d;
}

static bool digits_of(const char *p, size_t n, int *ret)
{
	int v = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (p[i] - '0');
	}
	*ret = v;
	return true;
}

static bool valid_date(int year, int month, int day)
{
	int y, m, d;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	clock_civil(clock_days(year, month, day), &y, &m, &d);
	return y == year && m == month && d == day;
}

bool form_moment(form *f, const json_t *v, hub_time *ret)
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";
	size_t len = strlen(text);
	zone_civil c = { 0 };
	if (len == 10 && text[4] == '-' && text[7] == '-' && digits_of(text, 4, &c.year) &&
	    digits_of(text + 5, 2, &c.month) && digits_of(text + 8, 2, &c.day) && valid_date(c.year, c.month, c.day)) {
		hub_time at = clock_days(c.year, c.month, c.day) * 86400000000LL;
		if (f->zone)
			zone_from_civil(f->zone, c, &at, NULL);
		*ret = at;
		return true;
	}
	if (clock_parse(text, len, ret))
		return true;
	form_refuse(f, "form.time", "", "a date as 2026-01-01 or a time as 2026-01-01T00:00:00Z is wanted, not '%.40s'",
		    text);
	return false;
}

bool form_time(form *f, const json_t *o, const char *key, hub_time *ret)
{
	const json_t *v = json_object_get(o, key);
	if (!v || json_is_null(v))
		return false;
	size_t mark = form_enter(f, key, -1);
	bool ok = form_moment(f, v, ret);
	form_leave(f, mark);
	return ok;
}

bool form_day_of_year(form *f, const json_t *v, int *ret)
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";
	int month, day;
	if (strlen(text) == 5 && text[2] == '-' && digits_of(text, 2, &month) && digits_of(text + 3, 2, &day) &&
	    valid_date(2000, month, day)) {
		*ret = month * 100 + day;
		return true;
	}
	form_refuse(f, "form.date", "", "a day of the year as 07-01 is wanted, not '%.40s'", text);
	return false;
}

int form_choice(form *f, const json_t *o, const char *key, const char *const *names, int fallback)
{
	const json_t *v = json_object_get(o, key);
	if (!v && fallback >= 0)
		return fallback;
	const char *text = json_is_string(v) ? json_string_value(v) : "";
	char list[120] = "";
	for (int i = 0; names[i]; i++) {
		if (!strcmp(names[i], text))
			return i;
		size_t len = strlen(list);
		snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", names[i]);
	}
	form_refuse(f, "form.choice", "", "'%s' is one of %s, not '%.40s'", key, list, text);
	return 0;
}

static const json_t *form_typed(form *f, const json_t *o, const char *key, json_type type, const char *what)
{
	const json_t *v = json_object_get(o, key);
	if (!v || json_is_null(v))
		return NULL;
	if (json_typeof(v) != type) {
		form_refuse(f, "form.type", "", "'%s' is %s", key, what);
		return NULL;
	}
	return v;
}

const json_t *form_array(form *f, const json_t *o, const char *key, size_t max)
{
	const json_t *v = form_typed(f, o, key, JSON_ARRAY, "an array");
	if (v && json_array_size(v) > max) {
		form_refuse(f, "form.size", "", "'%s' has at most %zu items, not %zu", key, max, json_array_size(v));
		return NULL;
	}
	return v;
}

const json_t *form_object(form *f, const json_t *o, const char *key)
{
	return form_typed(f, o, key, JSON_OBJECT, "an object");
}

#include "stamp.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

enum { SECOND = 1000000 };

/* Up to `max` digits at *p; false when there are fewer than min. */
static bool digits(const char **p, int min, int max, int64_t *ret)
{
	int n = 0;
	int64_t v = 0;
	while (n < max && isdigit((unsigned char)**p)) {
		v = v * 10 + *(*p)++ - '0';
		n++;
	}
	*ret = v;
	return n >= min;
}

static bool fraction(const char **p, int *ret)
{
	int v = 0, n = 0;
	for (; isdigit((unsigned char)**p); (*p)++)
		if (n < 6) {
			v = v * 10 + **p - '0';
			n++;
		}
	for (int i = n; i < 6; i++)
		v *= 10;
	*ret = v;
	return n > 0;
}

static bool offset(const char **p, int64_t *ret_seconds)
{
	int64_t h, m = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		*ret_seconds = 0;
		return true;
	}
	int sign = **p == '-' ? -1 : 1;
	if (**p != '+' && **p != '-')
		return false;
	(*p)++;
	if (!digits(p, 2, 2, &h))
		return false;
	*p += **p == ':';
	if (isdigit((unsigned char)**p) && !digits(p, 2, 2, &m))
		return false;
	*ret_seconds = sign * (h * 3600 + m * 60);
	return h <= 14 && m <= 59;
}

static bool month_name(const char **p, int *ret)
{
	static const char names[][4] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
	for (int i = 0; i < 12; i++)
		if (!strncasecmp(*p, names[i], 3)) {
			*ret = i + 1;
			*p += 3;
			return true;
		}
	return false;
}

static bool half_of_day(const char **p, bool *ret_afternoon)
{
	*ret_afternoon = tolower((unsigned char)**p) == 'p';
	if (strncasecmp(*p, "am", 2) != 0 && strncasecmp(*p, "pm", 2) != 0)
		return false;
	*p += 2;
	return true;
}

typedef struct parts {
	zone_civil c;
	bool has_offset, has_epoch, afternoon, twelve;
	int64_t offset, epoch;
} parts;

static bool take(parts *f, char directive, const char **p)
{
	int64_t v = 0;
	bool ok = true;
	switch (directive) {
	case 'Y':
		ok = digits(p, 4, 4, &v);
		f->c.year = (int)v;
		break;
	case 'y':
		ok = digits(p, 2, 2, &v);
		f->c.year = (int)v + (v < 70 ? 2000 : 1900);
		break;
	case 'm':
		ok = digits(p, 1, 2, &v);
		f->c.month = (int)v;
		break;
	case 'b':
		ok = month_name(p, &f->c.month);
		break;
	case 'd':
	case 'e':
		ok = digits(p, 1, 2, &v);
		f->c.day = (int)v;
		break;
	case 'I':
		f->twelve = true;
		/* fall through */
	case 'H':
		ok = digits(p, 1, 2, &v);
		f->c.hour = (int)v;
		break;
	case 'M':
		ok = digits(p, 2, 2, &v);
		f->c.minute = (int)v;
		break;
	case 'S':
		ok = digits(p, 2, 2, &v);
		f->c.second = (int)v;
		break;
	case 'f':
		ok = fraction(p, &f->c.micro);
		break;
	case 'p':
		ok = half_of_day(p, &f->afternoon);
		break;
	case 'z':
		f->has_offset = true;
		ok = offset(p, &f->offset);
		break;
	case 's':
		f->has_epoch = true;
		ok = digits(p, 1, 12, &f->epoch);
		break;
	default:
		ok = false;
	}
	return ok;
}

static bool by_format(const char *p, const char *format, parts *f)
{
	for (; *format; format++) {
		if (*format == '%' && format[1] == '%') {
			format++;
		} else if (*format == '%') {
			if (!take(f, *++format, &p))
				return false;
			continue;
		}
		if (*p++ != *format)
			return false;
	}
	return !*p;
}

static bool automatic(const char *p, parts *f)
{
	if (!take(f, 'Y', &p) || !strchr("-/.", *p) || !*p)
		return false;
	char mark = *p++;
	if (!take(f, 'm', &p) || *p++ != mark || !take(f, 'd', &p))
		return false;
	if (!*p)
		return true;
	if (*p != ' ' && *p != 'T' && *p != 't')
		return false;
	p += strspn(p, " Tt");
	if (!take(f, 'H', &p) || *p++ != ':' || !take(f, 'M', &p))
		return false;
	if (*p == ':') {
		p++;
		if (!take(f, 'S', &p))
			return false;
		if ((*p == '.' || *p == ',') && (p++, !take(f, 'f', &p)))
			return false;
	}
	p += *p == ' ';
	return !*p || (take(f, 'z', &p) && !*p);
}

static bool calendar_has(const zone_civil *c)
{
	static const int in_month[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (c->year < 1900 || c->year > 9998 || c->month < 1 || c->month > 12)
		return false;
	bool leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
	if (c->day < 1 || c->day > in_month[c->month - 1] + (c->month == 2 && leap))
		return false;
	bool midnight = c->hour == 24 && !c->minute && !c->second && !c->micro;
	return (c->hour < 24 || midnight) && c->minute < 60 && c->second < 60;
}

bool stamp_parse(const char *text, const char *format, stamp *ret)
{
	parts f = { 0 };
	if (!(strcmp(format, "auto") ? by_format(text, format, &f) : automatic(text, &f)))
		return false;
	if (f.has_epoch) {
		*ret = (stamp){ .has_offset = true, .utc = f.epoch * SECOND + f.c.micro };
		return f.epoch < INT64_C(253402300800);
	}
	if (f.twelve && (f.c.hour < 1 || f.c.hour > 12))
		return false;
	if (f.twelve)
		f.c.hour = f.c.hour % 12 + (f.afternoon ? 12 : 0);
	if (!calendar_has(&f.c))
		return false;
	*ret = (stamp){ .civil = f.c, .has_offset = f.has_offset };
	int64_t seconds = clock_days(f.c.year, f.c.month, f.c.day) * 86400 + f.c.hour * 3600 + f.c.minute * 60 + f.c.second;
	ret->utc = (seconds - f.offset) * SECOND + f.c.micro;
	return true;
}

bool stamp_format_ok(const char *format)
{
	if (!strcmp(format, "auto"))
		return true;
	bool any = false;
	for (; *format; format++) {
		if (*format != '%')
			continue;
		if (!*++format || !strchr("YymdeHIpMSfbzs%", *format))
			return false;
		any = true;
	}
	return any;
}

zone_local stamp_resolve(const stamp *s, const zone *z, stamp_order order, hub_time edge, hub_time *ret)
{
	hub_time first, later;
	if (s->has_offset) {
		*ret = s->utc;
		return ZONE_ONCE;
	}
	zone_local how = zone_from_civil(z, s->civil, &first, &later);
	bool take_later = how == ZONE_TWICE && ((order == STAMP_AFTER && first <= edge) ||
						(order == STAMP_BEFORE && later < edge));
	*ret = take_later ? later : first;
	return how;
}

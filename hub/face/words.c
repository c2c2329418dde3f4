#include "face/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* "-1234567.8" → "-1,234,567.80" */
static const char *grouped(const char *plain, unsigned least, char out[WORDS_SIZE])
{
	size_t n = 0, whole, fraction;
	if (*plain == '-')
		out[n++] = *plain++;
	whole = strcspn(plain, ".");
	for (size_t i = 0; i < whole; i++) {
		if (i && (whole - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = plain[i];
	}
	plain += whole;
	fraction = *plain ? strlen(++plain) : 0;
	if (fraction || least)
		out[n++] = '.';
	memcpy(out + n, plain, fraction);
	n += fraction;
	for (; fraction < least; fraction++)
		out[n++] = '0';
	out[n] = 0;
	return out;
}

const char *words_decimal(decimal d, unsigned least, char out[WORDS_SIZE])
{
	char plain[DECIMAL_TEXT];
	return grouped(decimal_text(decimal_trim(d), plain), least, out);
}

const char *words_short(decimal d, unsigned least, char out[WORDS_SIZE])
{
	decimal cut;
	char plain[WORDS_SIZE];
	if (decimal_round(d, 4, DECIMAL_HALF_UP, &cut) != HUB_OK || !decimal_cmp(cut, d))
		return words_decimal(d, least, out);
	snprintf(out, WORDS_SIZE, "≈%.80s", words_decimal(cut, least, plain));
	return out;
}

const char *words_units(const char *text, char *out, size_t size)
{
	size_t n = 0;
	for (const char *p = text; *p && n + sizeof "m³" < size;) {
		bool begins = p == text || p[-1] == ' ' || p[-1] == '/';
		if (begins && !strncmp(p, "m3", 2) && !isalnum((unsigned char)p[2])) {
			memcpy(out + n, "m³", sizeof "m³" - 1);
			n += sizeof "m³" - 1;
			p += 2;
		} else {
			out[n++] = *p++;
		}
	}
	out[n] = '\0';
	return out;
}

const char *words_money(int64_t smallest, char out[WORDS_SIZE])
{
	char plain[DECIMAL_TEXT];
	return grouped(decimal_text(decimal_of(smallest, 2), plain), 2, out);
}

const char *words_sign(const char *currency, char out[WORDS_SIZE])
{
	snprintf(out, WORDS_SIZE, strcmp(currency, "CNY") ? "%.8s " : "¥ ", currency);
	return out;
}

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

const char *words_month(int month)
{
	return month >= 1 && month <= 12 ? months[month - 1] : "";
}

const char *words_date(const zone *z, hub_time t, char out[WORDS_SIZE])
{
	zone_civil c = zone_to_civil(z, t);
	snprintf(out, WORDS_SIZE, "%04d-%02d-%02d", c.year, c.month, c.day);
	return out;
}

const char *words_date_zh(const zone *z, hub_time t, char out[WORDS_SIZE])
{
	zone_civil c = zone_to_civil(z, t);
	snprintf(out, WORDS_SIZE, "%d年%d月%d日", c.year, c.month, c.day);
	return out;
}

const char *words_date_en(const zone *z, hub_time t, char out[WORDS_SIZE])
{
	zone_civil c = zone_to_civil(z, t);
	snprintf(out, WORDS_SIZE, "%d %s %d", c.day, words_month(c.month), c.year);
	return out;
}

hub_time words_last(hub_time start, hub_time end)
{
	return end > start ? end - 1 : end;
}

const char *words_cycle(int32_t cycle, char out[WORDS_SIZE])
{
	snprintf(out, WORDS_SIZE, "%04d-%02d", cycle / 100, cycle % 100);
	return out;
}

static const struct {
	const char *name;
	face_text text;
} commodities[] = {
	{ "electricity", { "电", "Electricity" } }, { "water", { "水", "Water" } },
	{ "gas", { "燃气", "Gas" } },               { "ev", { "充电", "EV charging" } },
	{ "heat", { "供热", "Heat" } },             { "cold", { "供冷", "Cooling" } },
};

face_text words_commodity(const char *commodity)
{
	for (size_t i = 0; i < sizeof commodities / sizeof *commodities; i++)
		if (!strcmp(commodities[i].name, commodity))
			return commodities[i].text;
	return *commodity ? (face_text){ commodity, commodity } : (face_text){ "其他", "Other" };
}

face_text words_name(face_text name, const char *fallback)
{
	const char *any = *name.zh ? name.zh : *name.en ? name.en : fallback;
	return (face_text){ *name.zh ? name.zh : any, *name.en ? name.en : any };
}

/* Controls, line and paragraph separators, and what would turn the direction of text around it. */
static bool hidden(const uint8_t *p, size_t n)
{
	if (n == 1)
		return *p < 0x20 || *p == 0x7f;
	if (n == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	if (n != 3 || p[0] != 0xe2)
		return n == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
	return (p[1] == 0x80 && ((p[2] >= 0x8b && p[2] <= 0x8f && p[2] != 0x8d) || (p[2] >= 0xa8 && p[2] <= 0xae))) ||
	       (p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf);
}

const char *words_clean(const char *text, char *out, size_t size)
{
	size_t used = 0, left = strlen(text);
	while (left) {
		size_t n = utf8_char((const uint8_t *)text, left), step = n ? n : 1;
		bool hide = n && hidden((const uint8_t *)text, n);
		if (used + step >= size)
			break;
		if (!hide) {
			memcpy(out + used, n ? text : "?", step);
			used += step;
		} else if (*text == '\t' || *text == '\n' || *text == '\r') {
			out[used++] = ' ';
		}
		text += step;
		left -= step;
	}
	out[used] = 0;
	return out;
}

hub_status face_sum(const face_part *p, decimal *ret)
{
	decimal sum = decimal_of(0, 2);
	hub_status st = HUB_OK;
	for (size_t i = 0; i < p->line_count && st == HUB_OK; i++)
		st = decimal_add(sum, p->lines[i].amount, &sum);
	if (st == HUB_OK)
		*ret = sum;
	return st;
}

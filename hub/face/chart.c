#include "face/chart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "face/words.h"

/* For drawing alone. */
static double of(decimal d)
{
	char text[DECIMAL_TEXT];
	return strtod(decimal_text(d, text), NULL);
}

static bool any(const face_bar *bars, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bars[i].has)
			return true;
	return false;
}

bool chart_has_days(const face_part *part)
{
	return any(part->days, part->day_count);
}

bool chart_has_year(const face_part *part)
{
	size_t n = 0;
	for (size_t i = 0; i < FACE_MONTHS; i++)
		n += part->year[i].has + part->before[i].has;
	return n > 1;
}

/* The plot's box within the chart's: a line for the title above, one for labels below. */
typedef struct plot {
	double x, y, w, h, low, high; /* low <= 0 <= high: the values' range */
} plot;

static void span(plot *k, const face_bar *bars, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double v = bars[i].has ? of(bars[i].value) : 0;
		k->high = v > k->high ? v : k->high;
		k->low = v < k->low ? v : k->low;
	}
}

static void frame(pen *p, const plot *k, const char *zh, const char *en, const char *unit, decimal most)
{
	char text[WORDS_SIZE + 40], figure[WORDS_SIZE];
	pen_both(p, k->x, k->y - 24, k->w * 0.6, (pen_style){ 7.5, true, PEN_INK }, zh, en);
	snprintf(text, sizeof text, "最高 max %s %.16s", words_short(most, 0, figure), unit);
	pen_figure(p, k->x + k->w * 0.55, k->y - 23.5, k->w * 0.45, (pen_style){ 6.5, false, PEN_GREY }, PEN_END, text);
	pen_rule(p, k->x, k->y + k->h * k->high / (k->high - k->low), k->w, PEN_RULE);
}

static void bar(pen *p, const plot *k, double x, double w, const face_bar *b, uint32_t colour, bool hollow)
{
	double zero = k->y + k->h * k->high / (k->high - k->low), v = of(b->value);
	double h = k->h * v / (k->high - k->low), top = h > 0 ? zero - h : zero;
	h = h < 0 ? -h : h;
	if (!b->has)
		return;
	if (h < 0.4)
		h = 0.4;
	if (!hollow) {
		pen_box(p, x, top, w, h, colour);
		return;
	}
	pen_box(p, x, top, w, h, 0xFFFFFF);
	pen_colour(p, colour);
	cairo_set_line_width(p->cr, 0.7);
	cairo_rectangle(p->cr, x + 0.35, top + 0.35, w > 0.8 ? w - 0.7 : w, h > 0.8 ? h - 0.7 : h);
	cairo_stroke(p->cr);
}

static decimal most_of(const face_bar *bars, size_t count, decimal most)
{
	for (size_t i = 0; i < count; i++)
		if (bars[i].has && decimal_cmp(bars[i].value, most) > 0)
			most = bars[i].value;
	return most;
}

static plot plot_in(double x, double y, double w)
{
	return (plot){ x, y + 26, w, CHART_HEIGHT - 26 - 14, 0, 0 };
}

bool chart_days(pen *p, double x, double y, double w, const face_part *part)
{
	if (!chart_has_days(part))
		return false;
	plot k = plot_in(x, y, w);
	bool estimated = false;
	char text[WORDS_SIZE];
	for (size_t i = 0; i < part->day_count; i++)
		estimated |= part->days[i].has && part->days[i].estimated;
	span(&k, part->days, part->day_count);
	k.high = k.high > k.low ? k.high : k.low + 1;
	frame(p, &k, estimated ? "每日用量（空心为估抄）" : "每日用量", estimated ? "Daily use (hollow: estimated)" : "Daily use", part->unit, most_of(part->days, part->day_count, decimal_of(0, 0)));
	double step = w / (double)part->day_count;
	for (size_t i = 0; i < part->day_count; i++) {
		const face_bar *b = &part->days[i];
		zone_civil c = zone_to_civil(p->bill->zone, b->start);
		bar(p, &k, x + (double)i * step + step * 0.12, step * 0.76, b, pen_commodity(part->commodity), b->estimated);
		if (part->day_count <= 62 && (c.day == 1 || c.day % 10 == 0)) {
			snprintf(text, sizeof text, "%d", c.day);
			pen_text(p, x + ((double)i + 0.5) * step - 10, k.y + k.h + 2, 20, (pen_style){ 6, false, PEN_GREY },
				 PEN_MIDDLE, text);
		}
	}
	return true;
}

bool chart_year(pen *p, double x, double y, double w, const face_part *part)
{
	if (!chart_has_year(part))
		return false;
	plot k = plot_in(x, y, w);
	char text[WORDS_SIZE];
	bool last = any(part->before, FACE_MONTHS);
	span(&k, part->year, FACE_MONTHS);
	span(&k, part->before, FACE_MONTHS);
	k.high = k.high > k.low ? k.high : k.low + 1;
	decimal most = most_of(part->before, FACE_MONTHS, most_of(part->year, FACE_MONTHS, decimal_of(0, 0)));
	frame(p, &k, last ? "本年与上年" : "近十二个月", last ? "This year and last (grey)" : "Last twelve months", part->unit, most);
	double step = w / FACE_MONTHS, wide = step * (last ? 0.38 : 0.62);
	for (int i = 0; i < FACE_MONTHS; i++) {
		double left = x + i * step + step * 0.12;
		if (last)
			bar(p, &k, left, wide, &part->before[i], 0xB8C2CC, false);
		bar(p, &k, last ? left + wide : left, wide, &part->year[i], pen_commodity(part->commodity),
		    part->year[i].estimated);
		snprintf(text, sizeof text, "%d", zone_to_civil(p->bill->zone, part->year[i].start).month);
		pen_text(p, x + i * step, k.y + k.h + 2, step, (pen_style){ 6, i == FACE_MONTHS - 1, PEN_GREY }, PEN_MIDDLE, text);
	}
	return true;
}

/* How much of a tier is filled, 0 … 1. */
static double filled(const face_ladder *l, size_t i)
{
	const face_tier *t = &l->tiers[i];
	double low = i && l->tiers[i - 1].bounded ? of(l->tiers[i - 1].upto) : 0, used = of(l->used);
	if (!t->bounded)
		return (int)i + 1 <= l->reached ? 1 : 0;
	double high = of(t->upto), part = high > low ? (used - low) / (high - low) : 0;
	return part < 0 ? 0 : part > 1 ? 1 : part;
}

double chart_ladder(pen *p, double x, double y, double w, const face_ladder *l, uint32_t colour)
{
	char text[3 * WORDS_SIZE], a[WORDS_SIZE], b[WORDS_SIZE];
	double gap = 3, each = (w - gap * (double)(l->count - 1)) / (double)l->count;
	static const pen_style small = { 6.8, false, PEN_GREY };
	snprintf(text, sizeof text, "已达第 %d 档", l->reached);
	double wide = pen_both(p, x, y, w * 0.6, (pen_style){ 7.5, true, PEN_INK }, text, "");
	snprintf(text, sizeof text, "Tier %d reached · %.40s", l->reached, l->text);
	pen_text(p, x + wide + 5, y + 0.8, w * 0.55 - wide, small, PEN_START, text);
	snprintf(text, sizeof text, "%s %s %.12s", l->months == 12 ? "年累计 this year" : l->months ? "本档期 tier period" : "本期 this bill",
		 words_short(l->used, 0, a), l->unit);
	pen_figure(p, x + w * 0.6, y + 0.8, w * 0.4, small, PEN_END, text);
	for (size_t i = 0; i < l->count; i++) {
		const face_tier *t = &l->tiers[i];
		double left = x + (double)i * (each + gap), fill = filled(l, i);
		pen_box(p, left, y + 14, each, 7, PEN_PALE);
		if (fill > 0)
			pen_box(p, left, y + 14, each * fill, 7, colour);
		int n = snprintf(text, sizeof text, t->bounded ? "%zu档 ≤ %s %.12s" : "%zu档", i + 1,
				 t->bounded ? words_short(t->upto, 0, a) : "", l->unit);
		if (t->priced && n > 0 && (size_t)n < sizeof text)
			snprintf(text + n, sizeof text - (size_t)n, " · %s", words_decimal(t->price, 2, b));
		pen_text(p, left, y + 23, each, (pen_style){ 6.5, (int)i + 1 == l->reached, (int)i + 1 == l->reached ? PEN_INK : PEN_GREY },
			 PEN_START, text);
	}
	return CHART_LADDER;
}

#include "face/pen.h"

#include <stdio.h>
#include <string.h>

#include "face/words.h"

uint32_t pen_commodity(const char *commodity)
{
	static const struct {
		const char *name;
		uint32_t colour;
	} colours[] = { { "electricity", 0xC77700 }, { "water", 0x1272B8 },   { "gas", 0xC2412D },
			{ "ev", 0x1B7A43 },	     { "heat", 0x8E3B8A },    { "cold", 0x0E8C8C } };
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
		if (!strcmp(colours[i].name, commodity))
			return colours[i].colour;
	return 0x51606E;
}

void pen_colour(pen *p, uint32_t colour)
{
	cairo_set_source_rgb(p->cr, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

void pen_box(pen *p, double x, double y, double w, double h, uint32_t colour)
{
	pen_colour(p, colour);
	cairo_rectangle(p->cr, x, y, w, h);
	cairo_fill(p->cr);
}

void pen_round(pen *p, double x, double y, double w, double h, double r, uint32_t colour)
{
	const double quarter = 1.5707963267948966;
	pen_colour(p, colour);
	cairo_new_sub_path(p->cr);
	cairo_arc(p->cr, x + w - r, y + r, r, -quarter, 0);
	cairo_arc(p->cr, x + w - r, y + h - r, r, 0, quarter);
	cairo_arc(p->cr, x + r, y + h - r, r, quarter, 2 * quarter);
	cairo_arc(p->cr, x + r, y + r, r, 2 * quarter, 3 * quarter);
	cairo_close_path(p->cr);
	cairo_fill(p->cr);
}

void pen_rule(pen *p, double x, double y, double w, uint32_t colour)
{
	pen_box(p, x, y, w, 0.6, colour);
}

/* Sets the text; w < 0: as wide as it is. */
static void set(pen *p, double size, bool bold, double w, int lines, pen_align align, const char *text)
{
	char clean[4 * WORDS_CLEAN], units[6 * WORDS_CLEAN];
	static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
	words_clean(text, clean, sizeof clean);
	pango_font_description_set_absolute_size(p->font, size * PANGO_SCALE);
	pango_font_description_set_weight(p->font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(p->layout, p->font);
	pango_layout_set_width(p->layout, w < 0 ? -1 : (int)(w * PANGO_SCALE));
	pango_layout_set_height(p->layout, -lines);
	pango_layout_set_ellipsize(p->layout, w < 0 ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
	pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(p->layout, aligns[align]);
	pango_layout_set_text(p->layout, words_units(clean, units, sizeof units), -1);
	p->fonts_missing |= pango_layout_get_unknown_glyphs_count(p->layout) > 0;
}

static void measure(pen *p, double *w, double *h)
{
	int width, height;
	pango_layout_get_size(p->layout, &width, &height);
	*w = (double)width / PANGO_SCALE;
	*h = (double)height / PANGO_SCALE;
}

static void show(pen *p, double x, double y, uint32_t colour)
{
	pen_colour(p, colour);
	cairo_move_to(p->cr, x, y);
	pango_cairo_update_layout(p->cr, p->layout);
	pango_cairo_show_layout(p->cr, p->layout);
}

/* Fallback fonts can be taller than ours: the ink stays in a box of the style's height. */
static void show_clipped(pen *p, double x, double y, double w, double h, uint32_t colour)
{
	cairo_save(p->cr);
	cairo_rectangle(p->cr, x - 1, y - 1, w + 2, h + 2);
	cairo_clip(p->cr);
	show(p, x, y, colour);
	cairo_restore(p->cr);
}

double pen_text(pen *p, double x, double y, double w, pen_style s, pen_align align, const char *text)
{
	double tw, th;
	if (!*text || w <= 0)
		return 0;
	set(p, s.size, s.bold, w, 1, align, text);
	measure(p, &tw, &th);
	show_clipped(p, x, y, w, 2 * s.size, s.colour);
	return tw;
}

double pen_figure(pen *p, double x, double y, double w, pen_style s, pen_align align, const char *text)
{
	double tw, th;
	set(p, s.size, s.bold, -1, 1, PEN_START, text);
	measure(p, &tw, &th);
	double full = th;
	if (tw > w && tw > 0) {
		set(p, s.size * w / tw * 0.99, s.bold, -1, 1, PEN_START, text);
		measure(p, &tw, &th);
	}
	double left = align == PEN_END ? x + w - tw : align == PEN_MIDDLE ? x + (w - tw) / 2 : x;
	show(p, left, y + (full - th) * 0.62, s.colour);
	return full;
}

double pen_wrap(pen *p, double x, double y, double w, pen_style s, int lines, const char *text)
{
	double h = pen_height(p, w, s, lines, text);
	show_clipped(p, x, y, w, h, s.colour);
	return h;
}

double pen_height(pen *p, double w, pen_style s, int lines, const char *text)
{
	double tw, th, most = lines * s.size * 1.8;
	set(p, s.size, s.bold, w, lines, PEN_START, text);
	measure(p, &tw, &th);
	return th < most ? th : most;
}

double pen_both(pen *p, double x, double y, double w, pen_style s, const char *zh, const char *en)
{
	double first = pen_text(p, x, y, w, s, PEN_START, zh), gap = s.size * 0.4;
	if (!*en || !strcmp(zh, en) || w - first - gap < 2 * s.size)
		return first;
	pen_style small = { s.size * 0.82, false, s.colour == PEN_INK ? PEN_GREY : s.colour };
	double second = pen_text(p, x + first + gap, y + s.size * 0.2, w - first - gap, small, PEN_START, en);
	return first + gap + second;
}

double pen_chip(pen *p, double x, double y, const char *text, uint32_t colour)
{
	double w, h;
	set(p, 7, true, -1, 1, PEN_START, text);
	measure(p, &w, &h);
	pen_round(p, x, y, w + 8, 12.5, 3, colour);
	set(p, 7, true, -1, 1, PEN_START, text);
	show(p, x + 4, y + (12.5 - h) / 2, 0xFFFFFF);
	return w + 8;
}

static void foot(pen *p)
{
	char text[2 * WORDS_CLEAN], cycle[WORDS_SIZE];
	pen_style s = { 6.8, false, PEN_GREY };
	double y = PEN_HEIGHT - 40;
	pen_rule(p, PEN_LEFT, y - 5, PEN_RIGHT - PEN_LEFT, PEN_RULE);
	snprintf(text, sizeof text, "户号 Account %.64s · %s · 版本 Revision %d", p->bill->account,
		 words_cycle(p->bill->cycle, cycle), p->bill->revision);
	pen_text(p, PEN_LEFT, y, 400, s, PEN_START, text);
	snprintf(text, sizeof text, p->pages ? "第 %d 页 / 共 %d 页  Page %d of %d" : "第 %d 页", p->page, p->pages, p->page, p->pages);
	pen_text(p, PEN_RIGHT - 150, y, 150, s, PEN_END, text);
	pen_text(p, PEN_LEFT, y + 11, PEN_RIGHT - PEN_LEFT, s, PEN_START,
		 "每一行都可追溯到读数：居民页面“费用说明”。 Every line can be followed to its readings, on the resident's page \"Explain\".");
}

void pen_page(pen *p)
{
	foot(p);
	cairo_show_page(p->cr);
	p->page++;
	p->y = PEN_TOP;
}

bool pen_need(pen *p, double h)
{
	if (p->y + h <= PEN_BOTTOM)
		return false;
	pen_page(p);
	return true;
}

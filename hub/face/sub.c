#include "face/sheets.h"

#include <stdio.h>
#include <string.h>

#include "face/chart.h"
#include "face/words.h"

#define FULL (PEN_RIGHT - PEN_LEFT)

/* Columns of the lines. */
static const struct {
	double x, w;
	pen_align align;
	const char *head;
} columns[] = {
	{ 6, 172, PEN_START, "项目 Item" },	 { 182, 78, PEN_END, "数量 Quantity" }, { 264, 56, PEN_END, "单价 Price" },
	{ 324, 62, PEN_END, "金额 Amount" }, { 398, 113, PEN_START, "算式 Formula" },
};
enum { ITEM, QUANTITY, PRICE, AMOUNT, FORMULA };

static void heads(pen *p)
{
	pen_box(p, PEN_LEFT, p->y, FULL, 14, PEN_PALE);
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		pen_text(p, PEN_LEFT + columns[i].x, p->y + 2, columns[i].w, (pen_style){ 7, true, PEN_GREY }, columns[i].align,
			 columns[i].head);
	p->y += 17;
}

static void figure(pen *p, int column, pen_style s, const char *text)
{
	pen_figure(p, PEN_LEFT + columns[column].x, p->y, columns[column].w, s, PEN_END, text);
}

static void line(pen *p, const face_line *l)
{
	static const pen_style item = { 8, false, PEN_INK }, number = { 8, false, PEN_INK }, note = { 6.8, false, PEN_GREY };
	char text[2 * WORDS_SIZE], a[WORDS_SIZE];
	double h = pen_height(p, columns[ITEM].w, item, 2, l->text), f = pen_height(p, columns[FORMULA].w, note, 2, l->formula);
	double most = h > f ? h : f;
	if (pen_need(p, most + 5))
		heads(p);
	pen_wrap(p, PEN_LEFT + columns[ITEM].x, p->y, columns[ITEM].w, item, 2, l->text);
	snprintf(text, sizeof text, "%s %.12s", words_short(l->quantity, 0, a), l->unit);
	figure(p, QUANTITY, number, text);
	figure(p, PRICE, number, words_decimal(l->price, 2, a));
	figure(p, AMOUNT, number, words_short(l->amount, 2, a));
	if (*l->formula)
		pen_wrap(p, PEN_LEFT + columns[FORMULA].x, p->y + 0.8, columns[FORMULA].w, note, 2, l->formula);
	p->y += most + 4;
	pen_rule(p, PEN_LEFT, p->y - 2.2, FULL, PEN_PALE);
}

static void about(pen *p, const face_part *part)
{
	char text[6 * WORDS_CLEAN], from[WORDS_SIZE], to[WORDS_SIZE];
	const zone *z = p->bill->zone;
	static const pen_style note = { 7.5, false, PEN_GREY };
	const struct {
		const char *label, *value;
	} facts[] = { { "计量点 point", part->point }, { "表号 meter", part->meter }, { "价目 tariff", part->tariff },
		      { "原单号 reference", part->reference }, { "地址 place", part->place } };
	int n = snprintf(text, sizeof text, "%s – %s", words_date(z, part->start, from),
			 words_date(z, words_last(part->start, part->end), to));
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		if (*facts[i].value)
			n += snprintf(text + n, sizeof text - (size_t)n, "  ·  %s %.80s", facts[i].label, facts[i].value);
	p->y += pen_wrap(p, PEN_LEFT + 12, p->y, FULL - 12, note, 2, text) + 1;
	if (!*part->phone && !*part->web)
		return;
	snprintf(text, sizeof text, "服务与争议 Questions and disputes: %.60s%s%.120s", part->phone, *part->phone && *part->web ? "  ·  " : "",
		 part->web);
	pen_text(p, PEN_LEFT + 12, p->y, FULL - 12, (pen_style){ 7.5, false, PEN_BRAND }, PEN_START, text);
	p->y += 12;
}

static void head(pen *p, const face_part *part)
{
	char text[2 * WORDS_SIZE], a[WORDS_SIZE], sign[WORDS_SIZE];
	face_text what = words_commodity(part->commodity), name = words_name(part->utility, "");
	pen_box(p, PEN_LEFT, p->y, 4, 20, pen_commodity(part->commodity));
	double x = PEN_LEFT + 12;
	x += pen_both(p, x, p->y, 130, (pen_style){ 13, true, PEN_INK }, what.zh, what.en) + 10;
	double w = pen_both(p, x, p->y + 3, PEN_RIGHT - 130 - x, (pen_style){ 9.5, false, PEN_INK }, name.zh, name.en);
	(void)w;
	snprintf(text, sizeof text, "%s%s", words_sign(p->bill->currency, sign), words_money(part->amount, a));
	pen_figure(p, PEN_RIGHT - 120, p->y, 120, (pen_style){ 13, true, PEN_INK }, PEN_END, text);
	p->y += 23;
	about(p, part);
	if (part->marks) {
		double at = sheet_marks(p, PEN_LEFT + 12, p->y + 1, part->marks);
		if (part->marks & FACE_ESTIMATED && decimal_sign(part->estimated)) {
			snprintf(text, sizeof text, "其中估抄 of it estimated %s %.12s", words_short(part->estimated, 0, a), part->unit);
			pen_text(p, at + 2, p->y + 2, PEN_RIGHT - at - 2, (pen_style){ 7.5, false, PEN_AMBER }, PEN_START, text);
		}
		p->y += 17;
	}
	p->y += 3;
}

static void pictures(pen *p, const face_part *part)
{
	double x = PEN_LEFT, half = (FULL - 24) / 2;
	bool days = chart_has_days(part), year = chart_has_year(part);
	if (days)
		chart_days(p, x, p->y, half, part);
	if (year)
		chart_year(p, days ? x + half + 24 : x, p->y, half, part);
	if (days || year)
		p->y += CHART_HEIGHT + 4;
	for (size_t i = 0; i < part->ladder_count; i++) {
		pen_need(p, CHART_LADDER);
		p->y += chart_ladder(p, PEN_LEFT, p->y, FULL, &part->ladders[i], pen_commodity(part->commodity));
	}
}

static double height_before_lines(const face_part *part)
{
	double h = 23 + 36 + (part->marks ? 17 : 0);
	if (chart_has_days(part) || chart_has_year(part))
		h += CHART_HEIGHT + 4;
	return h + (part->ladder_count ? CHART_LADDER : 0) + 50;
}

void sheet_part(pen *p, const face_part *part)
{
	char text[2 * WORDS_SIZE], a[WORDS_SIZE];
	if (!pen_need(p, height_before_lines(part)))
		p->y += 6;
	head(p, part);
	pictures(p, part);
	if (part->line_count) {
		pen_need(p, 34);
		heads(p);
	}
	for (size_t i = 0; i < part->line_count; i++)
		line(p, &part->lines[i]);
	pen_need(p, 20);
	pen_both(p, PEN_LEFT + columns[ITEM].x, p->y + 1, columns[ITEM].w, (pen_style){ 8.5, true, PEN_INK }, "小计", "Subtotal");
	snprintf(text, sizeof text, "%s %.12s", words_short(part->quantity, 0, a), part->unit);
	p->y += 1;
	figure(p, QUANTITY, (pen_style){ 8.5, true, PEN_INK }, text);
	figure(p, AMOUNT, (pen_style){ 8.5, true, PEN_INK }, words_money(part->amount, a));
	if (part->paid) {
		snprintf(text, sizeof text, "已缴 paid %s", words_money(part->paid, a));
		pen_text(p, PEN_LEFT + columns[FORMULA].x, p->y + 1, columns[FORMULA].w, (pen_style){ 7.5, false, PEN_GREEN }, PEN_START,
			 text);
	}
	p->y += 24;
}

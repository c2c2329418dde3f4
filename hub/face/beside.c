#include <stdio.h>

#include "face/sheets.h"
#include "face/words.h"

#define FULL (PEN_RIGHT - PEN_LEFT)

enum { COLUMNS = 4, ROW = 16 };

static const char rule_zh[] =
    "相似住宅：同类住宅、同种采暖、面积相差不超过 15 %、有人居住，由近到远取 20 至 100 户，不足 20 户不作对比。"
    "名次 1 为用量最少；“最省的五分之一”为其中用量最多者；他户数字为约数。";
static const char rule_en[] =
    "Homes like yours: same kind, same heating, area within 15 %, lived in, the nearest 20 to 100; with fewer than 20 "
    "there is "
    "no comparison. Rank 1 uses least; the best fifth: the most that any of it uses; others' figures are round.";

static void heads(pen *p)
{
	static const char *const texts[COLUMNS] = { "本户 Your home", "邻里中位 Median", "最省五分之一 Best fifth",
						    "名次 Rank" };
	for (int i = 0; i < COLUMNS; i++)
		pen_text(p, PEN_LEFT + 101 + 105 * i, p->y, 95, (pen_style) { 7.5, false, PEN_GREY }, PEN_END,
			 texts[i]);
	p->y += 13;
}

static void row(pen *p, const face_beside *b)
{
	const decimal *const figures[] = { &b->own, &b->median, &b->efficient };
	char text[2 * WORDS_SIZE], a[WORDS_SIZE];
	face_text what = words_commodity(b->commodity);
	bool best = decimal_cmp(b->own, b->efficient) <= 0;
	pen_need(p, ROW);
	pen_both(p, PEN_LEFT + 10, p->y, 90, (pen_style) { 9, true, PEN_INK }, what.zh, what.en);
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "%s %.16s", words_short(*figures[i], 0, a), b->unit);
		pen_figure(p, PEN_LEFT + 101 + 105 * i, p->y, 95,
			   (pen_style) { 9, !i, !i && best ? PEN_GREEN : PEN_INK }, PEN_END, text);
	}
	snprintf(text, sizeof text, "%d / %d", b->rank, b->peers + 1);
	pen_figure(p, PEN_LEFT + 416, p->y, 95, (pen_style) { 9, false, PEN_INK }, PEN_END, text);
	p->y += ROW;
}

void sheet_beside(pen *p)
{
	const face_bill *b = p->bill;
	const pen_style small = { 7.5, false, PEN_GREY };
	if (!b->beside_count)
		return;
	pen_need(p, 76 + ROW * (double)b->beside_count);
	pen_both(p, PEN_LEFT, p->y, FULL, (pen_style) { 11, true, PEN_BRAND }, "与邻里对比", "Beside the neighbours");
	p->y += 18;
	heads(p);
	for (size_t i = 0; i < b->beside_count; i++)
		row(p, &b->beside[i]);
	p->y += 2 + pen_wrap(p, PEN_LEFT, p->y + 2, FULL, small, 2, rule_zh);
	p->y += 14 + pen_wrap(p, PEN_LEFT, p->y + 2, FULL, small, 2, rule_en);
}

#include "face/sheets.h"

#include <stdio.h>
#include <string.h>

#include "face/qr.h"
#include "face/words.h"

enum { CARD = 124, CODE = 100 };
#define FULL (PEN_RIGHT - PEN_LEFT)

double sheet_marks(pen *p, double x, double y, unsigned marks)
{
	static const struct {
		unsigned mark;
		const char *text;
		uint32_t colour;
	} list[] = { { FACE_ESTIMATED, "估抄 Estimated", PEN_AMBER },
		     { FACE_DISPUTED, "争议 Disputed", PEN_RED },
		     { FACE_MOVED, "读数已变 Readings changed since", PEN_AMBER },
		     { FACE_IMPORTED, "企业原单 Utility's own bill", 0x51606E },
		     { FACE_SIGNED, "企业已签名 Signed by the utility", PEN_GREEN } };
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (marks & list[i].mark)
			x += pen_chip(p, x, y, list[i].text, list[i].colour) + 4;
	return x;
}

static void title(pen *p)
{
	const face_bill *b = p->bill;
	char text[WORDS_SIZE];
	pen_text(p, PEN_LEFT, p->y, 330, (pen_style){ 19, true, PEN_BRAND }, PEN_START, "公共事业统一账单");
	pen_text(p, PEN_LEFT, p->y + 27, 330, (pen_style){ 10, false, PEN_GREY }, PEN_START,
		 "Unified utility bill · electricity, water, gas, charging in one");
	snprintf(text, sizeof text, "%d年%d月", b->cycle / 100, b->cycle % 100);
	pen_text(p, PEN_RIGHT - 180, p->y, 180, (pen_style){ 19, true, PEN_INK }, PEN_END, text);
	snprintf(text, sizeof text, "%s %d", words_month(b->cycle % 100), b->cycle / 100);
	pen_text(p, PEN_RIGHT - 180, p->y + 27, 180, (pen_style){ 10, false, PEN_GREY }, PEN_END, text);
	p->y += 50;
}

/* The due date, or that there is nothing to pay. */
static void due(pen *p, double x, double y, double w)
{
	const face_bill *b = p->bill;
	char zh[WORDS_SIZE], en[WORDS_SIZE], text[3 * WORDS_SIZE];
	hub_time last = words_last(b->start, b->due);
	if (b->cancelled) {
		pen_both(p, x, y, w, (pen_style){ 12, true, PEN_RED }, "本账单已作废，请勿缴费", "Cancelled: do not pay");
	} else if (b->payable <= 0) {
		pen_both(p, x, y, w, (pen_style){ 12, true, PEN_GREEN }, b->payable < 0 ? "无需缴费，余额结转下期" : "已缴清，无需缴费",
			 b->payable < 0 ? "Nothing to pay; the credit is kept for you" : "Paid in full, nothing to pay");
	} else {
		snprintf(text, sizeof text, "请于 %s 前（含当日）缴纳", words_date_zh(b->zone, last, zh));
		pen_text(p, x, y, w, (pen_style){ 12, true, PEN_AMBER }, PEN_START, text);
		snprintf(text, sizeof text, "Please pay by %s", words_date_en(b->zone, last, en));
		pen_text(p, x, y + 17, w, (pen_style){ 9, false, PEN_AMBER }, PEN_START, text);
	}
}

static void card(pen *p)
{
	const face_bill *b = p->bill;
	char money[WORDS_SIZE], sign[WORDS_SIZE], text[2 * WORDS_SIZE];
	bool code = b->payable > 0 && !b->cancelled && *b->pay;
	double w = FULL - 32 - (code ? CODE + 24 : 0), x = PEN_LEFT + 16, y = p->y;
	pen_round(p, PEN_LEFT, y, FULL, CARD, 6, PEN_PALE);
	pen_box(p, PEN_LEFT, y + 6, 4, CARD - 12, PEN_BRAND);
	pen_both(p, x, y + 11, w, (pen_style){ 10, true, PEN_INK }, "应缴金额", "Amount due");
	snprintf(text, sizeof text, "%s%s", words_sign(b->currency, sign), words_money(b->payable, money));
	pen_figure(p, x, y + 24, w, (pen_style){ 35, true, PEN_INK }, PEN_START, text);
	due(p, x, y + 73, w);
	double at = sheet_marks(p, x, y + 105, face_marks(b) & ~(unsigned)(FACE_IMPORTED | FACE_SIGNED));
	if (b->revision && !b->cancelled)
		pen_chip(p, at, y + 105, "更正账单 Corrected bill", PEN_BRAND);
	if (code && qr_draw(p, PEN_RIGHT - CODE - 10, y + 6, CODE, b->pay))
		pen_text(p, PEN_RIGHT - CODE - 24, y + CODE + 9, CODE + 28, (pen_style){ 7.5, true, PEN_INK }, PEN_MIDDLE,
			 "扫码缴费 Scan to pay");
	p->y += CARD + 12;
}

static void field(pen *p, double x, double w, const char *zh, const char *en, const char *text)
{
	pen_both(p, x, p->y, w, (pen_style){ 7, false, PEN_GREY }, zh, en);
	pen_wrap(p, x, p->y + 11, w, (pen_style){ 9, false, PEN_INK }, 2, text);
}

static void who(pen *p)
{
	const face_bill *b = p->bill;
	char from[WORDS_SIZE], to[WORDS_SIZE], text[2 * WORDS_CLEAN];
	face_text name = words_name(b->name, b->account);
	snprintf(text, sizeof text, strcmp(name.zh, name.en) ? "%.200s %.200s" : "%.200s", name.zh, name.en);
	field(p, PEN_LEFT, 140, "户名", "Name", text);
	field(p, PEN_LEFT + 152, 84, "户号", "Account", b->account);
	field(p, PEN_LEFT + 248, 140, "用能地址", "Address", *b->place ? b->place : "—");
	snprintf(text, sizeof text, "%s – %s", words_date(b->zone, b->start, from), words_date(b->zone, words_last(b->start, b->end), to));
	field(p, PEN_LEFT + 400, 111, "账期", "Period", text);
	p->y += 44;
}

/* Each utility's share of the total, where all owe. */
static void shares(pen *p)
{
	const face_bill *b = p->bill;
	double x = PEN_LEFT;
	bool all = b->total > 0;
	for (size_t i = 0; i < b->part_count; i++)
		all &= b->parts[i].amount >= 0;
	if (!all || b->part_count < 2)
		return;
	for (size_t i = 0; i < b->part_count; i++) {
		double w = FULL * (double)b->parts[i].amount / (double)b->total;
		pen_box(p, x, p->y, w > 1 ? w - 1 : w, 7, pen_commodity(b->parts[i].commodity));
		x += w;
	}
	p->y += 13;
}

static void row(pen *p, const face_part *part)
{
	char text[2 * WORDS_CLEAN], a[WORDS_SIZE];
	face_text what = words_commodity(part->commodity), name = words_name(part->utility, "");
	pen_need(p, 22);
	pen_box(p, PEN_LEFT, p->y + 3, 3, 12, pen_commodity(part->commodity));
	double w = pen_both(p, PEN_LEFT + 10, p->y + 1, 110, (pen_style){ 10, true, PEN_INK }, what.zh, what.en);
	pen_text(p, PEN_LEFT + 18 + w, p->y + 2.5, 200 - w, (pen_style){ 8, false, PEN_GREY }, PEN_START, name.zh);
	if (part->marks & (FACE_ESTIMATED | FACE_DISPUTED))
		pen_text(p, PEN_LEFT + 224, p->y + 3, 66, (pen_style){ 7.5, true, part->marks & FACE_DISPUTED ? PEN_RED : PEN_AMBER },
			 PEN_START, part->marks & FACE_DISPUTED ? part->marks & FACE_ESTIMATED ? "争议 · 估抄" : "争议 disputed" : "估抄 estimated");
	snprintf(text, sizeof text, "%s %.16s", words_short(part->quantity, 0, a), part->unit);
	pen_figure(p, PEN_LEFT + 290, p->y + 1.5, 110, (pen_style){ 9, false, PEN_INK }, PEN_END, text);
	pen_figure(p, PEN_LEFT + 411, p->y + 1, 100, (pen_style){ 10, true, PEN_INK }, PEN_END, words_money(part->amount, a));
	p->y += 20;
	pen_rule(p, PEN_LEFT, p->y - 2, FULL, PEN_RULE);
}

static void sum(pen *p, const char *zh, const char *en, int64_t amount, bool strong)
{
	char a[WORDS_SIZE];
	pen_need(p, 18);
	pen_both(p, PEN_LEFT + 10, p->y, 300, (pen_style){ strong ? 11 : 9, strong, PEN_INK }, zh, en);
	pen_figure(p, PEN_LEFT + 381, p->y, 130, (pen_style){ strong ? 12 : 9, strong, PEN_INK }, PEN_END, words_money(amount, a));
	p->y += strong ? 19 : 15;
}

static void sums(pen *p)
{
	const face_bill *b = p->bill;
	p->y += 2;
	sum(p, "本期合计", "Total of this bill", b->total, false);
	if (b->paid)
		sum(p, "本期已缴", "Paid of this bill", -b->paid, false);
	if (b->previous)
		sum(p, "往期未缴", "Open of earlier bills", b->previous, false);
	if (b->credit)
		sum(p, "账户余额抵扣", "Credit of the account", -b->credit, false);
	pen_rule(p, PEN_LEFT, p->y, FULL, PEN_INK);
	p->y += 4;
	sum(p, "应缴金额", "Amount due", b->payable, true);
	p->y += 8;
}

void sheet_front(pen *p)
{
	title(p);
	card(p);
	who(p);
	shares(p);
	for (size_t i = 0; i < p->bill->part_count; i++)
		row(p, &p->bill->parts[i]);
	sums(p);
}

void sheet_changes(pen *p)
{
	const face_bill *b = p->bill;
	char a[WORDS_SIZE];
	if (!b->change_count)
		return;
	pen_need(p, 60);
	pen_both(p, PEN_LEFT, p->y, FULL, (pen_style){ 11, true, PEN_BRAND }, "本次更正的差额", "What this correction changed");
	static const char *const heads[] = { "原金额 Was", "现金额 Is", "差额 Difference" };
	for (int i = 0; i < 3; i++)
		pen_text(p, PEN_LEFT + 211 + 100 * i, p->y + 2, 100, (pen_style){ 7.5, false, PEN_GREY }, PEN_END, heads[i]);
	p->y += 18;
	for (size_t i = 0; i < b->change_count; i++) {
		const face_change *c = &b->changes[i];
		face_text name = words_name(c->utility, c->commodity), what = words_commodity(c->commodity);
		const int64_t figures[] = { c->was, c->is, c->is - c->was };
		pen_need(p, 16);
		double w = pen_both(p, PEN_LEFT + 10, p->y, 100, (pen_style){ 9, true, PEN_INK }, what.zh, what.en);
		pen_text(p, PEN_LEFT + 18 + w, p->y + 1, 195 - w, (pen_style){ 8, false, PEN_GREY }, PEN_START, name.zh);
		for (int k = 0; k < 3; k++) {
			bool moved = k == 2 && figures[k];
			uint32_t colour = !moved ? PEN_INK : figures[k] > 0 ? PEN_RED : PEN_GREEN;
			pen_figure(p, PEN_LEFT + 216 + 100 * k, p->y, 95, (pen_style){ 9, moved, colour }, PEN_END,
				   words_money(figures[k], a));
		}
		p->y += 16;
	}
	p->y += 8;
}

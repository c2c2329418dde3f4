#include "face/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "face/words.h"

typedef struct book {
	lxw_workbook *w;
	lxw_worksheet *sheet;
	lxw_format *title, *head, *text, *money, *strong, *figure, *price, *date, *stamp, *note;
	const zone *zone;
	lxw_row_t row;
} book;

static lxw_format *format(book *k, const char *number, bool bold)
{
	lxw_format *f = workbook_add_format(k->w);
	format_set_font_name(f, "Noto Sans CJK SC");
	format_set_font_size(f, 10);
	if (number)
		format_set_num_format(f, number);
	if (bold)
		format_set_bold(f);
	return f;
}

static void formats(book *k)
{
	k->title = format(k, NULL, true);
	format_set_font_size(k->title, 16);
	k->head = format(k, NULL, true);
	format_set_bg_color(k->head, 0xE8EEF5);
	format_set_bottom(k->head, LXW_BORDER_THIN);
	format_set_text_wrap(k->head);
	k->text = format(k, NULL, false);
	k->note = format(k, NULL, false);
	format_set_font_color(k->note, 0x666666);
	k->money = format(k, "#,##0.00", false);
	k->strong = format(k, "#,##0.00", true);
	k->figure = format(k, "#,##0.######", false);
	k->price = format(k, "0.00######", false);
	k->date = format(k, "yyyy-mm-dd", false);
	k->stamp = format(k, "yyyy-mm-dd hh:mm", false);
}

static void put_text(book *k, int col, const char *text, lxw_format *f)
{
	char clean[4 * WORDS_CLEAN];
	if (*text)
		worksheet_write_string(k->sheet, k->row, (lxw_col_t)col, words_clean(text, clean, sizeof clean), f);
}

/* More than 15 digits would be rounded by a binary number. */
static void put_number(book *k, int col, decimal d, lxw_format *f)
{
	char text[DECIMAL_TEXT];
	decimal_text(decimal_trim(d), text);
	size_t digits = 0;
	for (const char *p = text; *p; p++)
		digits += *p >= '0' && *p <= '9';
	if (digits > 15)
		put_text(k, col, text, k->text);
	else
		worksheet_write_number(k->sheet, k->row, (lxw_col_t)col, strtod(text, NULL), f);
}

static void put_money(book *k, int col, int64_t smallest, lxw_format *f)
{
	put_number(k, col, decimal_of(smallest, 2), f);
}

static void put_time(book *k, int col, hub_time t, lxw_format *f)
{
	zone_civil c = zone_to_civil(k->zone, t);
	lxw_datetime when = { .year = c.year, .month = c.month, .day = c.day, .hour = c.hour, .min = c.minute, .sec = c.second };
	if (c.year >= 1900)
		worksheet_write_datetime(k->sheet, k->row, (lxw_col_t)col, &when, f);
}

static void put_heads(book *k, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_text(k, (int)i, names[i], k->head);
	k->row++;
}

static void sheet(book *k, const char *name, const double *widths, size_t count)
{
	k->sheet = workbook_add_worksheet(k->w, name);
	k->row = 0;
	for (size_t i = 0; i < count; i++)
		worksheet_set_column(k->sheet, (lxw_col_t)i, (lxw_col_t)i, widths[i], NULL);
	worksheet_set_landscape(k->sheet);
	worksheet_set_paper(k->sheet, 9);
	worksheet_fit_to_pages(k->sheet, 1, 0);
}

static void marks_of(unsigned marks, char out[WORDS_SIZE])
{
	static const char *const names[] = { "估抄 estimated", "争议 disputed", "代收 utility's own bill", "已变 readings changed",
					  "企业已签名 signed" };
	size_t n = 0;
	*out = 0;
	for (unsigned i = 0; i < sizeof names / sizeof *names && n < WORDS_SIZE; i++)
		if (marks & 1u << i)
			n += (size_t)snprintf(out + n, WORDS_SIZE - n, "%s%s", n ? ", " : "", names[i]);
}

static const char *utility(const face_part *p, char out[2 * WORDS_CLEAN])
{
	face_text name = words_name(p->utility, p->commodity);
	snprintf(out, 2 * WORDS_CLEAN, strcmp(name.zh, name.en) ? "%.200s %.200s" : "%.200s", name.zh, name.en);
	return out;
}

static void account(book *k, const face_bill *b)
{
	char text[2 * WORDS_CLEAN], cycle[WORDS_SIZE];
	face_text name = words_name(b->name, b->account);
	put_text(k, 0, "公共事业统一账单 Unified utility bill", k->title);
	k->row += 2;
	put_text(k, 0, "户号 Account", k->note);
	put_text(k, 1, b->account, k->text);
	k->row++;
	put_text(k, 0, "户名 Name", k->note);
	snprintf(text, sizeof text, strcmp(name.zh, name.en) ? "%.200s %.200s" : "%.200s", name.zh, name.en);
	put_text(k, 1, text, k->text);
	k->row++;
	put_text(k, 0, "账期 Cycle", k->note);
	put_text(k, 1, words_cycle(b->cycle, cycle), k->text);
	k->row++;
	put_text(k, 0, "版本 Revision", k->note);
	put_number(k, 1, decimal_of(b->revision, 0), k->figure);
	if (b->cancelled)
		put_text(k, 2, "已作废 cancelled", k->strong);
	k->row++;
	put_text(k, 0, "缴费期限 Due", k->note);
	put_time(k, 1, words_last(b->start, b->due), k->date);
	k->row++;
	put_text(k, 0, "币种 Currency", k->note);
	put_text(k, 1, b->currency, k->text);
	k->row += 2;
}

static void summary(book *k, const face_bill *b)
{
	static const double widths[] = { 34, 22, 14, 14, 14, 10, 14, 14, 26 };
	static const char *const heads[] = { "公用企业 Utility", "计量点 Point", "自 From", "至 To",  "用量 Quantity",
					     "单位 Unit",	 "金额 Amount",	 "已缴 Paid", "标记 Marks" };
	const struct {
		const char *text;
		int64_t amount;
	} sums[] = { { "本期合计 Total of this bill", b->total }, { "本期已缴 Paid of this bill", -b->paid },
		     { "往期未缴 Open of earlier bills", b->previous }, { "账户余额 Credit", -b->credit },
		     { "应缴金额 Amount due", b->payable } };
	char text[2 * WORDS_CLEAN], marks[WORDS_SIZE];
	sheet(k, "摘要 Summary", widths, sizeof widths / sizeof *widths);
	account(k, b);
	put_heads(k, heads, sizeof heads / sizeof *heads);
	for (size_t i = 0; i < b->part_count; i++, k->row++) {
		const face_part *p = &b->parts[i];
		put_text(k, 0, utility(p, text), k->text);
		put_text(k, 1, p->point, k->text);
		put_time(k, 2, p->start, k->date);
		put_time(k, 3, words_last(p->start, p->end), k->date);
		put_number(k, 4, p->quantity, k->figure);
		put_text(k, 5, p->unit, k->text);
		put_money(k, 6, p->amount, k->money);
		put_money(k, 7, p->paid, k->money);
		marks_of(p->marks, marks);
		put_text(k, 8, marks, k->text);
	}
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++, k->row++) {
		put_text(k, 0, sums[i].text, k->head);
		put_money(k, 6, sums[i].amount, k->strong);
	}
	for (size_t i = 0; i < b->change_count; i++) {
		const face_change *c = &b->changes[i];
		face_text name = words_name(c->utility, c->commodity);
		if (!i) {
			static const char *const changes[] = { "更正 Changed by this revision", "原 Was", "现 Is", "差额 Difference" };
			k->row++;
			put_heads(k, changes, sizeof changes / sizeof *changes);
		}
		put_text(k, 0, name.zh, k->text);
		put_money(k, 1, c->was, k->money);
		put_money(k, 2, c->is, k->money);
		put_number(k, 3, decimal_of(c->is - c->was, 2), k->strong);
		k->row++;
	}
}

static void lines(book *k, const face_bill *b)
{
	static const double widths[] = { 26, 18, 16, 34, 8, 14, 16, 16, 14, 10, 14, 14, 14, 50 };
	static const char *const heads[] = { "公用企业 Utility", "计量点 Point", "代码 Code", "项目 Item", "档 Tier",
					     "时段 Period", "自 From", "至 To", "数量 Quantity", "单位 Unit",
					     "其中估算 Estimated", "单价 Price", "金额 Amount", "算式 Formula" };
	char text[2 * WORDS_CLEAN];
	sheet(k, "明细 Lines", widths, sizeof widths / sizeof *widths);
	put_heads(k, heads, sizeof heads / sizeof *heads);
	worksheet_freeze_panes(k->sheet, 1, 0);
	for (size_t i = 0; i < b->part_count; i++) {
		const face_part *p = &b->parts[i];
		for (size_t n = 0; n < p->line_count; n++, k->row++) {
			const face_line *l = &p->lines[n];
			put_text(k, 0, utility(p, text), k->text);
			put_text(k, 1, p->point, k->text);
			put_text(k, 2, l->code, k->text);
			put_text(k, 3, l->text, k->text);
			if (l->tier)
				put_number(k, 4, decimal_of(l->tier, 0), k->figure);
			put_text(k, 5, l->period, k->text);
			put_time(k, 6, l->start, k->stamp);
			put_time(k, 7, l->end, k->stamp);
			put_number(k, 8, l->quantity, k->figure);
			put_text(k, 9, l->unit, k->text);
			if (decimal_sign(l->estimated))
				put_number(k, 10, l->estimated, k->figure);
			put_number(k, 11, l->price, k->price);
			put_number(k, 12, l->amount, k->money);
			put_text(k, 13, l->formula, k->note);
		}
		if (!p->line_count) {
			put_text(k, 0, utility(p, text), k->text);
			put_text(k, 1, p->point, k->text);
			put_text(k, 2, p->reference, k->text);
			put_money(k, 12, p->amount, k->money);
			k->row++;
		}
	}
}

static void readings(book *k, const face_bill *b)
{
	static const double widths[] = { 34, 22, 14, 14, 10, 16 };
	static const char *const heads[] = { "公用企业 Utility", "计量点 Point", "日期 Day", "用量 Quantity", "单位 Unit", "标记 Marks" };
	char text[2 * WORDS_CLEAN];
	size_t count = 0;
	for (size_t i = 0; i < b->part_count; i++)
		count += b->parts[i].day_count;
	if (!count)
		return;
	sheet(k, "读数 Readings", widths, sizeof widths / sizeof *widths);
	put_heads(k, heads, sizeof heads / sizeof *heads);
	worksheet_freeze_panes(k->sheet, 1, 0);
	for (size_t i = 0; i < b->part_count; i++) {
		const face_part *p = &b->parts[i];
		for (size_t n = 0; n < p->day_count; n++) {
			if (!p->days[n].has)
				continue;
			put_text(k, 0, utility(p, text), k->text);
			put_text(k, 1, p->point, k->text);
			put_time(k, 2, p->days[n].start, k->date);
			put_number(k, 3, p->days[n].value, k->figure);
			put_text(k, 4, p->unit, k->text);
			if (p->days[n].estimated)
				put_text(k, 5, "估抄 estimated", k->text);
			k->row++;
		}
	}
}

static hub_status take(int fd, buf *out)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *at = size > 0 ? buf_room(out, (size_t)size) : NULL;
	if (size <= 0)
		return HUB_FAILED;
	if (!at)
		return HUB_NOMEM;
	for (off_t got = 0; got < size;) {
		ssize_t n = pread(fd, at + got, (size_t)(size - got), got);
		if (n <= 0)
			return HUB_FAILED;
		got += n;
	}
	buf_took(out, (size_t)size);
	return HUB_OK;
}

/* The library writes to a path: one that is memory. */
hub_status face_xlsx(const face_bill *b, buf *out)
{
	char path[32];
	int fd = memfd_create("bill.xlsx", MFD_CLOEXEC);
	if (fd < 0)
		return HUB_FAILED;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	book k = { .w = workbook_new(path), .zone = b->zone };
	if (!k.w) {
		close(fd);
		return HUB_NOMEM;
	}
	formats(&k);
	/* To the library, 0 is the time of writing: the same bill would not give the same bytes. */
	const time_t issued = b->issued ? (time_t)(b->issued / 1000000) : 1;
	lxw_doc_properties about = { .title = (char *)"公共事业统一账单 Unified utility bill", .created = issued };
	workbook_set_properties(k.w, &about);
	summary(&k, b);
	lines(&k, b);
	readings(&k, b);
	hub_status st = workbook_close(k.w) == LXW_NO_ERROR ? take(fd, out) : HUB_FAILED;
	close(fd);
	return st;
}

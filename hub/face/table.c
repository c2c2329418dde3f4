#include "face/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "face/words.h"

typedef struct paper {
	lxw_worksheet *sheet;
	lxw_format *title, *head, *text, *note, *figure, *stamp;
	lxw_row_t row;
} paper;

static lxw_format *format(lxw_workbook *w, const char *number)
{
	lxw_format *f = workbook_add_format(w);
	format_set_font_name(f, "Noto Sans CJK SC");
	format_set_font_size(f, 10);
	if (number)
		format_set_num_format(f, number);
	return f;
}

static void open_paper(paper *p, lxw_workbook *w, const face_table *t)
{
	p->title = format(w, NULL);
	format_set_bold(p->title);
	format_set_font_size(p->title, 14);
	p->head = format(w, NULL);
	format_set_bold(p->head);
	format_set_bg_color(p->head, 0xE8EEF5);
	format_set_text_wrap(p->head);
	p->text = format(w, NULL);
	p->note = format(w, NULL);
	format_set_font_color(p->note, 0x555555);
	p->figure = format(w, "#,##0.######");
	p->stamp = format(w, "yyyy-mm-dd hh:mm");
	p->sheet = workbook_add_worksheet(w, t->sheet);
	p->row = 0;
	for (size_t i = 0; i < t->columns; i++)
		worksheet_set_column(p->sheet, (lxw_col_t)i, (lxw_col_t)i, t->widths[i], NULL);
	worksheet_set_landscape(p->sheet);
	worksheet_set_paper(p->sheet, 9);
	worksheet_fit_to_pages(p->sheet, 1, 0);
}

static void put_text(paper *p, size_t col, const char *text, lxw_format *f)
{
	char clean[4 * WORDS_CLEAN];
	if (*text)
		worksheet_write_string(p->sheet, p->row, (lxw_col_t)col, words_clean(text, clean, sizeof clean), f);
}

static void put_number(paper *p, size_t col, decimal d)
{
	char text[DECIMAL_TEXT];
	size_t digits = 0;
	decimal_text(decimal_trim(d), text);
	for (const char *c = text; *c; c++)
		digits += *c >= '0' && *c <= '9';
	if (digits > 15)
		put_text(p, col, text, p->text);
	else
		worksheet_write_number(p->sheet, p->row, (lxw_col_t)col, strtod(text, NULL), p->figure);
}

static void put_cell(paper *p, const face_table *t, size_t col, const face_cell *c)
{
	zone_civil at;
	lxw_datetime when;
	switch (c->kind) {
	case FACE_TEXT:
		put_text(p, col, c->text, p->text);
		break;
	case FACE_NUMBER:
		put_number(p, col, c->number);
		break;
	case FACE_TIME:
		at = zone_to_civil(t->zone, c->time);
		when = (lxw_datetime){ .year = at.year, .month = at.month, .day = at.day, .hour = at.hour, .min = at.minute, .sec = at.second };
		worksheet_write_datetime(p->sheet, p->row, (lxw_col_t)col, &when, p->stamp);
		break;
	case FACE_EMPTY:
		break;
	}
}

static void fill(paper *p, const face_table *t)
{
	put_text(p, 0, t->title, p->title);
	p->row++;
	for (size_t i = 0; i < t->about_count; i++, p->row++)
		put_text(p, 0, t->about[i], p->note);
	p->row++;
	for (size_t i = 0; i < t->columns; i++)
		put_text(p, i, t->heads[i], p->head);
	worksheet_freeze_panes(p->sheet, p->row + 1, 0);
	p->row++;
	for (size_t r = 0; r < t->rows; r++, p->row++)
		for (size_t c = 0; c < t->columns; c++)
			put_cell(p, t, c, &t->cells[r * t->columns + c]);
}

static hub_status take(int fd, buf *out)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *at = size > 0 ? buf_room(out, (size_t)size) : NULL;
	if (!at)
		return size > 0 ? HUB_NOMEM : HUB_FAILED;
	for (off_t got = 0; got < size;) {
		ssize_t n = pread(fd, at + got, (size_t)(size - got), got);
		if (n <= 0)
			return HUB_FAILED;
		got += n;
	}
	buf_took(out, (size_t)size);
	return HUB_OK;
}

hub_status face_table_xlsx(const face_table *t, buf *out)
{
	char path[32];
	paper p;
	int fd = memfd_create("table.xlsx", MFD_CLOEXEC);
	if (fd < 0)
		return HUB_FAILED;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	lxw_workbook *w = workbook_new(path);
	if (!w) {
		close(fd);
		return HUB_NOMEM;
	}
	/* To the library, 0 is the time of writing. */
	lxw_doc_properties about = { .title = (char *)t->title, .created = t->made ? (time_t)(t->made / 1000000) : 1 };
	workbook_set_properties(w, &about);
	open_paper(&p, w, t);
	fill(&p, t);
	hub_status st = workbook_close(w) == LXW_NO_ERROR ? take(fd, out) : HUB_FAILED;
	close(fd);
	return st;
}

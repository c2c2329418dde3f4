#include "registry/csv.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

csv csv_of(const void *bytes, size_t len)
{
	csv c = { hub_reader_of(bytes, len), 0, 0 };
	if (len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		hub_reader_bytes(&c.in, 3);
	return c;
}

static bool at(const csv *c, char what)
{
	return hub_reader_left(&c->in) && *c->in.p == (uint8_t)what;
}

static bool at_line_end(const csv *c)
{
	return !hub_reader_left(&c->in) || at(c, '\n') || (at(c, '\r') && (hub_reader_left(&c->in) == 1 || c->in.p[1] == '\n'));
}

static void skip_blanks(csv *c)
{
	while (at(c, ' ') || at(c, '\t'))
		c->in.p++;
}

static void skip_line(csv *c)
{
	while (!at_line_end(c))
		c->in.p++;
	while (at(c, '\r'))
		c->in.p++;
	if (at(c, '\n'))
		c->in.p++;
}

/* What stands between quotes, doubled ones as one; the reader is behind the closing quote. */
static hub_status quoted(csv *c, buf *cell, hub_fault *fault)
{
	size_t opened = c->lines;
	c->in.p++;
	for (; hub_reader_left(&c->in); c->in.p++) {
		if (at(c, '"')) {
			c->in.p++;
			if (!at(c, '"'))
				return HUB_OK;
		}
		c->lines += at(c, '\n');
		buf_u8(cell, *c->in.p);
	}
	return hub_fault_set(fault, "load.quote", "", "the quote opened in line %zu is never closed; close or double it", opened);
}

static void plain(csv *c, buf *cell)
{
	while (!at_line_end(c) && !at(c, ','))
		buf_u8(cell, *c->in.p++);
	while (cell->len && (cell->bytes[cell->len - 1] == ' ' || cell->bytes[cell->len - 1] == '\t'))
		cell->len--;
}

static hub_status read_cell(csv *c, buf *cell, hub_fault *fault)
{
	hub_status st = HUB_OK;
	buf_clear(cell);
	skip_blanks(c);
	if (at(c, '"'))
		st = quoted(c, cell, fault);
	else
		plain(c, cell);
	skip_blanks(c);
	if (st != HUB_OK)
		return st;
	if (!at_line_end(c) && !at(c, ','))
		return hub_fault_set(fault, "load.quote", "", "text follows a closing quote in line %zu; double quotes within quotes",
				     c->lines);
	if (cell->bad)
		return HUB_NOMEM;
	if (!utf8_valid(cell->bytes, cell->len) || (cell->len && memchr(cell->bytes, 0, cell->len)))
		return hub_fault_set(fault, "load.utf8", "", "line %zu has bytes that are no UTF-8 text; save the file as UTF-8",
				     c->lines);
	return HUB_OK;
}

static hub_status read_row(csv *c, arena *a, buf *cell, const char **cells, size_t *ret_count, hub_fault *fault)
{
	for (size_t n = 0; n < CSV_CELLS_MAX; n++) {
		hub_status st = read_cell(c, cell, fault);
		if (st != HUB_OK)
			return st;
		cells[n] = arena_strndup(a, (const char *)cell->bytes, cell->len);
		if (!cells[n])
			return HUB_NOMEM;
		if (at_line_end(c)) {
			*ret_count = n + 1;
			return HUB_OK;
		}
		c->in.p++; /* the comma */
	}
	return hub_fault_set(fault, "load.width", "", "line %zu has more than %d cells", c->lines, CSV_CELLS_MAX);
}

hub_status csv_next(csv *c, arena *a, const char ***ret_cells, size_t *ret_count, hub_fault *fault)
{
	for (;;) {
		skip_blanks(c);
		c->lines++;
		if (!hub_reader_left(&c->in))
			return HUB_MISSING;
		if (!at_line_end(c))
			break;
		skip_line(c);
	}
	c->line = c->lines;
	const char **cells = arena_array(a, CSV_CELLS_MAX, sizeof *cells);
	if (!cells)
		return HUB_NOMEM;
	buf cell = { 0 };
	hub_status st = read_row(c, a, &cell, cells, ret_count, fault);
	buf_fini(&cell);
	skip_line(c);
	if (st == HUB_OK)
		*ret_cells = cells;
	return st;
}

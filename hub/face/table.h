/*
 * A table as a workbook (Office Open XML), for answers that people take away: a title, lines about where it comes from, then
 * rows under their heads. Numbers are numbers; what a spreadsheet's binary number cannot hold exactly is text.
 */
#ifndef FACE_TABLE_H
#define FACE_TABLE_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/zone.h"

typedef enum face_cell_kind { FACE_EMPTY, FACE_TEXT, FACE_NUMBER, FACE_TIME } face_cell_kind;

typedef struct face_cell {
	face_cell_kind kind;
	const char *text;
	decimal number;
	hub_time time;
} face_cell;

typedef struct face_table {
	const char *sheet; /* its name, at most 31 characters */
	const char *title;
	const char *const *about; /* a line each */
	size_t about_count;
	const char *const *heads;
	const double *widths; /* characters, as many as heads */
	size_t columns;
	const face_cell *cells; /* row by row */
	size_t rows;
	const zone *zone;
	hub_time made; /* of the document; the same table gives the same bytes */
} face_table;

/* Appended. HUB_NOMEM; HUB_FAILED: no memory file could be made. */
hub_status face_table_xlsx(const face_table *t, buf *out);

#endif

/* Rows of RFC 4180, with any separator and comment lines. Pure. */
#ifndef CSV_ROW_H
#define CSV_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_FIELDS_MAX = 256, ROW_MAX = 64 * 1024 };

typedef struct row_field {
	const char *text; /* NUL-terminated, in the row's own memory */
	size_t len;
} row_field;

typedef struct row {
	row_field fields[ROW_FIELDS_MAX];
	size_t count;
	char text[2 * ROW_MAX];
} row;

typedef enum row_scan {
	ROW_MORE,     /* no whole row yet */
	ROW_WHOLE,
	ROW_BLANK,    /* an empty line or a comment */
	ROW_UNCLOSED, /* a quotation mark without its second one */
	ROW_LONG,     /* no end within ROW_MAX bytes */
	ROW_WIDE,     /* more than ROW_FIELDS_MAX fields */
} row_scan;

/*
 * The first row of the bytes. *ret_len: its bytes with the line's end (of a broken one: up to the
 * first line feed). end: nothing follows, so the last row needs no line feed. comment 0: none.
 */
row_scan row_read(const uint8_t *bytes, size_t len, bool end, char separator, char comment, row *ret, size_t *ret_len);

#endif

/*
 * A unified bill as CSV (RFC 4180, CRLF, UTF-8 with a byte-order mark, as spreadsheets expect): a row per
 * bill, sub-bill, line, day and change, told apart by the first column. Numbers are plain decimals.
 */
#ifndef FACE_CSV_H
#define FACE_CSV_H

#include "face/face.h"

/* Appended. HUB_NOMEM. */
hub_status face_csv(const face_bill *b, buf *out);

/*
 * One text cell, appended with its quotes. A text that a spreadsheet could take for a formula (it begins,
 * after blanks, with = + - @ or their full-width forms, a tab or a line end) gets an apostrophe before it.
 */
void csv_text(buf *out, const char *text);

#endif

/*
 * CSV as RFC 4180 has it and as people write it: UTF-8 with or without a byte order mark, lines
 * ended by LF or CRLF, blank lines skipped, cells trimmed of blanks outside of quotes. Pure.
 */
#ifndef REGISTRY_CSV_H
#define REGISTRY_CSV_H

#include <hub/reader.h>
#include <hub/status.h>

#include "base/arena.h"

enum { CSV_CELLS_MAX = 64 };

typedef struct csv {
	hub_reader in; /* untrusted, borrowed */
	size_t line;   /* of the row read last, from 1 */
	size_t lines;  /* begun so far */
} csv;

csv csv_of(const void *bytes, size_t len);

/*
 * The next row; cells live in the arena. HUB_MISSING: no more. HUB_REJECT with *fault: a cell that
 * is no UTF-8 or has a NUL, text behind a closing quote, more than CSV_CELLS_MAX cells; the next call goes on
 * behind that line. An open quote at the end of the file takes the rest of it.
 */
hub_status csv_next(csv *c, arena *a, const char ***ret_cells, size_t *ret_count, hub_fault *fault);

#endif

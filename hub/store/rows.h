/* Rows that more than one aggregate of the room reads. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "store/point.h"
#include "store/statement.h"

enum { POINT_COLUMNS = 14 };
/* A row of the view point_row whose first column is `col`; without parties. */
void point_row(fetch *f, int row, int col, point *ret);

#endif

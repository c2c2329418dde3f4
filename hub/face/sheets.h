/* The pieces of the PDF's pages, down the flow of a pen. */
#ifndef FACE_SHEETS_H
#define FACE_SHEETS_H

#include "face/pen.h"

/* The head of the first page: amount, due date, payment code, who and where, one row a utility, the sums. */
void sheet_front(pen *p);
/* What a revision changed. */
void sheet_changes(pen *p);
/* The home beside its neighbours, with the rule by which they were chosen; nothing where there is none. */
void sheet_beside(pen *p);
/* A utility's own part, with pictures, tiers and lines. */
void sheet_part(pen *p, const face_part *part);

/* 估抄, 争议 and others beside one another from x on; gives where they end. */
double sheet_marks(pen *p, double x, double y, unsigned marks);

#endif

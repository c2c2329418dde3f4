/* Pictures of use: the days of a bill, a year beside the year before, and how far a ladder's tiers were filled. */
#ifndef FACE_CHART_H
#define FACE_CHART_H

#include "face/pen.h"

enum { CHART_HEIGHT = 84 };

/* Both in a box of w × CHART_HEIGHT; nothing where there is nothing to show (false). */
bool chart_days(pen *p, double x, double y, double w, const face_part *part);
bool chart_year(pen *p, double x, double y, double w, const face_part *part);
bool chart_has_days(const face_part *part);
bool chart_has_year(const face_part *part);

/* The height that it takes. */
double chart_ladder(pen *p, double x, double y, double w, const face_ladder *l, uint32_t colour);
enum { CHART_LADDER = 44 };

#endif

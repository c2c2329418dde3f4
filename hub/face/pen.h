/*
 * A pen on pages of A4: styled text that never leaves its box, shapes, and the flow of a document down
 * pages with a footer. Units are points (1/72 inch). Floating point draws here; no figure is computed in it.
 */
#ifndef FACE_PEN_H
#define FACE_PEN_H

#include <cairo.h>
#include <pango/pangocairo.h>

#include "face/face.h"

#define PEN_WIDTH 595.276
#define PEN_HEIGHT 841.89
#define PEN_LEFT 42.0
#define PEN_RIGHT (PEN_WIDTH - 42.0)
#define PEN_TOP 40.0
#define PEN_BOTTOM (PEN_HEIGHT - 52.0)

typedef enum pen_align { PEN_START, PEN_MIDDLE, PEN_END } pen_align;

typedef struct pen_style {
	double size;
	bool bold;
	uint32_t colour; /* 0xRRGGBB */
} pen_style;

typedef struct pen {
	cairo_t *cr;
	PangoLayout *layout;
	PangoFontDescription *font;
	double y;    /* where the flow is */
	int page;    /* from 1 */
	int pages;   /* in all; 0: not known yet */
	const face_bill *bill;
	bool fonts_missing;
} pen;

/* Colours of the house. */
enum {
	PEN_INK = 0x1B2733,
	PEN_GREY = 0x6B7885,
	PEN_PALE = 0xEEF2F6,
	PEN_RULE = 0xD5DCE3,
	PEN_BRAND = 0x0B5C8A,
	PEN_AMBER = 0xB45309,
	PEN_RED = 0xB3261E,
	PEN_GREEN = 0x1B7A43,
};
/* Of a commodity: for bars and heads. */
uint32_t pen_commodity(const char *commodity);

void pen_colour(pen *p, uint32_t colour);
void pen_box(pen *p, double x, double y, double w, double h, uint32_t colour);
void pen_round(pen *p, double x, double y, double w, double h, double r, uint32_t colour);
void pen_rule(pen *p, double x, double y, double w, uint32_t colour);

/* One line, cut with an ellipsis at w; gives its width. y is the top of the line. */
double pen_text(pen *p, double x, double y, double w, pen_style s, pen_align align, const char *text);
/* One line that becomes smaller until it fits: for figures, which may not be cut. Gives its height. */
double pen_figure(pen *p, double x, double y, double w, pen_style s, pen_align align, const char *text);
/* At most `lines` lines, the last cut with an ellipsis; gives the height. */
double pen_wrap(pen *p, double x, double y, double w, pen_style s, int lines, const char *text);
/* The height that pen_wrap would take. */
double pen_height(pen *p, double w, pen_style s, int lines, const char *text);
/* Chinese in one style and English beside it in a smaller grey one, within w; gives the width. */
double pen_both(pen *p, double x, double y, double w, pen_style s, const char *zh, const char *en);

/* A mark such as 估抄; gives its width. */
double pen_chip(pen *p, double x, double y, const char *text, uint32_t colour);

/* Begins a new page unless h fits below; true if it did. */
bool pen_need(pen *p, double h);
void pen_page(pen *p); /* ends this page and begins the next */

#endif

#include "face/qr.h"

#include <qrencode.h>
#include <string.h>

enum { QUIET = 4, TEXT_MAX = 600 };

bool qr_draw(pen *p, double x, double y, double size, const char *text)
{
	size_t len = strlen(text);
	QRcode *code = len && len <= TEXT_MAX ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
	if (!code)
		return false;
	double unit = size / (code->width + 2 * QUIET);
	pen_box(p, x, y, size, size, 0xFFFFFF);
	pen_colour(p, 0);
	for (int row = 0; row < code->width; row++)
		for (int col = 0; col < code->width; col++) {
			int run = 0;
			while (col + run < code->width && code->data[row * code->width + col + run] & 1)
				run++;
			if (run)
				cairo_rectangle(p->cr, x + (QUIET + col) * unit, y + (QUIET + row) * unit, run * unit, unit);
			col += run;
		}
	cairo_fill(p->cr);
	QRcode_free(code);
	return true;
}

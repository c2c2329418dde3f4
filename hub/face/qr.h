/* A QR code (ISO/IEC 18004, level M) drawn in a box with its quiet zone. */
#ifndef FACE_QR_H
#define FACE_QR_H

#include "face/pen.h"

/* A white square of `size` with the code inside. False: the text is empty or too long for a code, nothing is drawn. */
bool qr_draw(pen *p, double x, double y, double size, const char *text);

#endif

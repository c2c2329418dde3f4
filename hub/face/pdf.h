/*
 * A unified bill as PDF: A4, Chinese first with English beside, amount and due date first, a picture of
 * the use, the tiers reached, every line, a payment code. Fonts (Noto Sans CJK SC) are embedded as subsets.
 */
#ifndef FACE_PDF_H
#define FACE_PDF_H

#include "face/face.h"

/*
 * Appended; the same document gives the same bytes. ret_pages may be NULL. HUB_NOMEM; HUB_FAILED with
 * *fault (may be NULL): the drawing library refused, or the font is not installed.
 */
hub_status face_pdf(const face_bill *b, buf *out, int *ret_pages, hub_fault *fault);

#endif

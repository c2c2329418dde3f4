/*
 * A unified bill as a workbook (Office Open XML): sheets 摘要 Summary, 明细 Lines, 读数 Readings. Money and
 * quantities are numbers, dates are dates. A figure that a spreadsheet's binary number cannot hold exactly
 * (more than 15 digits) is written as text instead of being rounded.
 */
#ifndef FACE_XLSX_H
#define FACE_XLSX_H

#include "face/face.h"

/* Appended; the same document gives the same bytes. HUB_NOMEM; HUB_FAILED: no memory file could be made. */
hub_status face_xlsx(const face_bill *b, buf *out);

#endif

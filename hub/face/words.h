/* Figures, dates and names as a bill writes them. Pure. */
#ifndef FACE_WORDS_H
#define FACE_WORDS_H

#include "face/face.h"

enum { WORDS_SIZE = 96, WORDS_CLEAN = 240 };

/* 123456 → "1,234.56"; a true minus for people is "-". */
const char *words_money(int64_t smallest, char out[WORDS_SIZE]);
/* With thousands separated; at least `least` digits after the point, the others as they are. */
const char *words_decimal(decimal d, unsigned least, char out[WORDS_SIZE]);
/* The same for paper: at most four digits after the point, "≈" before what was longer. */
const char *words_short(decimal d, unsigned least, char out[WORDS_SIZE]);
/* A unit, or a text with units in it, as people write them: m³ for m3. `size` is at least 4/3 of the text's and its end. */
const char *words_units(const char *text, char *out, size_t size);
/* "¥", or the code and a space. */
const char *words_sign(const char *currency, char out[WORDS_SIZE]);

/* "2026-10-01"; "2026年10月1日"; "1 Oct 2026". */
const char *words_date(const zone *z, hub_time t, char out[WORDS_SIZE]);
const char *words_date_zh(const zone *z, hub_time t, char out[WORDS_SIZE]);
const char *words_date_en(const zone *z, hub_time t, char out[WORDS_SIZE]);
/* The last day of [start, end). */
hub_time words_last(hub_time start, hub_time end);
/* "2026-10". */
const char *words_cycle(int32_t cycle, char out[WORDS_SIZE]);
/* "Oct" of 1 … 12. */
const char *words_month(int month);

/* 电 Electricity, 水 Water, 燃气 Gas, 充电 EV charging; others as they are. */
face_text words_commodity(const char *commodity);
/* The name to show: the other language's, or the fallback, where one is empty. */
face_text words_name(face_text name, const char *fallback);

/* UTF-8 without control characters and cut at `size`; bidirectional controls are dropped too. */
const char *words_clean(const char *text, char *out, size_t size);

#endif

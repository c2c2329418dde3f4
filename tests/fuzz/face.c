/* Any texts in every field of a bill: each face is drawn, and the CSV stays a table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "face/csv.h"
#include "face/pdf.h"
#include "face/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

typedef struct source {
	const uint8_t *at;
	size_t left;
	arena *a;
} source;

static const char *text(source *s)
{
	size_t n = strnlen((const char *)s->at, s->left);
	const char *t = arena_strndup(s->a, (const char *)s->at, n);
	n += n < s->left;
	s->at += n;
	s->left -= n;
	return t;
}

static int64_t number(source *s)
{
	int64_t v = 0;
	size_t n = s->left < 8 ? s->left : 8;
	memcpy(&v, s->at, n);
	s->at += n;
	s->left -= n;
	return v;
}

static decimal any(source *s)
{
	return (decimal){ (__int128)number(s) * (INT64_C(1) << 40), (uint8_t)((uint64_t)number(s) % 31) };
}

static hub_time moment(source *s)
{
	return number(s) % (INT64_C(250000000000000000));
}

static void fill(source *s, face_part *p)
{
	face_line *lines = arena_array(s->a, 3, sizeof *lines);
	face_bar *days = arena_array(s->a, 4, sizeof *days);
	face_ladder *ladder = arena_array(s->a, 1, sizeof *ladder);
	*p = (face_part){ .commodity = text(s), .utility = { text(s), text(s) }, .phone = text(s), .web = text(s), .point = text(s),
			  .meter = text(s), .place = text(s), .reference = text(s), .unit = text(s), .tariff = text(s),
			  .start = moment(s), .end = moment(s), .quantity = any(s), .estimated = any(s), .amount = number(s) / 64,
			  .paid = number(s) / 64, .marks = (unsigned)number(s) & 15, .lines = lines, .line_count = 3, .days = days,
			  .day_count = 4, .ladders = ladder, .ladder_count = 1 };
	for (int i = 0; i < 3; i++)
		lines[i] = (face_line){ text(s), text(s), text(s), text(s), any(s), any(s), any(s), any(s), moment(s), moment(s),
					(int)(number(s) % 9), text(s), 1 };
	for (int i = 0; i < 4; i++)
		days[i] = (face_bar){ moment(s), any(s), true, i == 2 };
	for (int i = 0; i < FACE_MONTHS; i++)
		p->year[i] = p->before[i] = days[i % 4];
	*ladder = (face_ladder){ .text = text(s), .unit = text(s), .used = any(s), .months = 12, .reached = 2, .count = 3 };
	for (int i = 0; i < 3; i++)
		ladder->tiers[i] = (face_tier){ any(s), i < 2, any(s), any(s), true };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static zone *z;
	arena a;
	buf out = { 0 };
	face_part parts[2];
	if (!z && zone_load("Asia/Shanghai", &z) != HUB_OK)
		abort();
	arena_init(&a, 0);
	source s = { bytes, len < 8192 ? len : 8192, &a };
	face_bill b = { .account = text(&s), .kind = "", .name = { text(&s), text(&s) }, .place = text(&s), .cycle = 202610,
			.currency = text(&s), .zone = z, .start = moment(&s), .end = moment(&s), .issued = moment(&s),
			.due = moment(&s), .total = number(&s) / 64, .paid = number(&s) / 64, .payable = number(&s), .pay = text(&s),
			.parts = parts, .part_count = 2 };
	fill(&s, &parts[0]);
	fill(&s, &parts[1]);
	if (face_csv(&b, &out) != HUB_OK || face_xlsx(&b, &out) != HUB_OK)
		abort();
	buf_clear(&out);
	if (face_pdf(&b, &out, NULL, NULL) != HUB_OK || out.len < 1000)
		abort();
	buf_fini(&out);
	arena_fini(&a);
	return 0;
}

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/series_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A cursor that was not made here is refused; one that was is read as it was made, for its own question only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int64_t points[] = { 7 }, others[] = { 8 };
	const series_query q = { .points = points, .point_count = 1, .quantity = 3, .from = 0, .to = 1, .limit = 1 };
	series_query other = q;
	series_cursor c = { "" };
	series_place place;
	arena a;
	hub_fault fault;
	arena_init(&a, 0);
	memcpy(c.text, data, size < sizeof c.text ? size : sizeof c.text);
	hub_status st = series_cursor_read(&q, &c, &a, &place, &fault);
	if (c.text[0] ? st != HUB_REJECT : st != HUB_OK)
		abort();
	char channel[33] = "";
	if (size > 18)
		memcpy(channel, data + 18, size - 18 < 32 ? size - 18 : 32);
	series_place made = { .point = 7, .channel = channel }, back;
	if (size >= 17) {
		memcpy(&made.time, data, 8);
		memcpy(&made.start, data + 8, 8);
		made.kind = data[16];
	}
	other.points = others;
	if (series_cursor_make(&q, &made, &c) != HUB_OK || series_cursor_read(&q, &c, &a, &back, &fault) != HUB_OK ||
	    back.time != made.time || back.start != made.start || back.kind != made.kind ||
	    strcmp(back.channel, channel) != 0 || series_cursor_read(&other, &c, &a, &back, &fault) != HUB_REJECT)
		abort();
	arena_fini(&a);
	return 0;
}

/* A file of bills from a stranger, CSV or JSON: row by row, each with its time. */
#include <stdlib.h>
#include <string.h>

#include "billing/bill_sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static zone *z;
	char *copy = malloc(size ? size : 1);
	if (!copy || (!z && zone_load("Asia/Shanghai", &z) != HUB_OK))
		abort();
	if (size)
		memcpy(copy, data, size);
	bill_sheet s;
	bill_sheet_row row;
	hub_fault fault = { 0 };
	arena whole, a;
	arena_init(&whole, 64 << 20);
	arena_init(&a, 64 << 20);
	hub_status st = bill_sheet_open(&s, copy, size, &whole, &fault);
	bool opened = st == HUB_OK;
	size_t place = 0;
	while (opened && (st == HUB_OK || st == HUB_REJECT)) {
		hub_time start, end;
		arena_reset(&a);
		st = bill_sheet_next(&s, &a, &row, &fault);
		if (st != HUB_MISSING && st != HUB_NOMEM && s.place <= place)
			abort(); /* it does not come on */
		place = s.place;
		if (st == HUB_OK && bill_sheet_period(&row, z, &start, &end, &fault) == HUB_OK && start >= end)
			abort();
	}
	bill_sheet_fini(&s);
	arena_fini(&a);
	arena_fini(&whole);
	free(copy);
	return 0;
}

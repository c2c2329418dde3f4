/* A provider's settlement file from a stranger. */
#include <stdlib.h>
#include <string.h>

#include "billing/settlement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	settlement s;
	settlement_row row;
	hub_fault fault = { 0 };
	arena a;
	arena_init(&a, 64 << 20);
	hub_status st = settlement_open(&s, copy, size, &a, &fault);
	bool opened = st == HUB_OK;
	while (opened && (st == HUB_OK || st == HUB_REJECT)) {
		st = settlement_next(&s, &a, &row, &fault);
		if (st == HUB_OK && (strlen(row.order) > size || strlen(row.reference) > size))
			abort();
	}
	arena_fini(&a);
	free(copy);
	return 0;
}

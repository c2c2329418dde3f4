#include <stdlib.h>
#include <string.h>

#include "registry/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	if (!copy)
		return 0;
	if (len)
		memcpy(copy, bytes, len);
	arena a;
	arena_init(&a, 1 << 24);
	csv c = csv_of(copy, len);
	hub_status st = HUB_OK;
	size_t line = 0;
	while (st == HUB_OK || st == HUB_REJECT) {
		const char **cells;
		size_t count;
		hub_fault fault;
		arena_reset(&a);
		st = csv_next(&c, &a, &cells, &count, &fault);
		if (st != HUB_MISSING && c.line <= line)
			abort();
		line = c.line;
		for (size_t i = 0; st == HUB_OK && i < count; i++)
			if (strlen(cells[i]) > len)
				abort();
	}
	arena_fini(&a);
	free(copy);
	return 0;
}

/* A tariff of ours or a URDB record from strangers; what is accepted also rates a month. */
#include <stdlib.h>
#include <string.h>

#include "billing/rating.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	tariff *t = NULL;
	hub_fault fault = { 0 };
	if (tariff_parse(copy, size, &t, &fault) == HUB_OK) {
		static const char month[] =
		    "{\"zone\":\"UTC\",\"start\":\"2026-01-01\",\"end\":\"2026-02-01\",\"series\":[{\"quantity\":"
		    "\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":86400,\"values\":["
		    "\"1\",\"2.5\",\"300\"]}]}";
		arena a;
		arena_init(&a, 64 << 20);
		usage u = { 0 };
		rating_bill bill;
		if (usage_parse(month, sizeof month - 1, &a, &u, &fault) == HUB_OK)
			(void)rating_rate(t, &u, &a, &bill, &fault);
		usage_fini(&u);
		arena_fini(&a);
	}
	tariff_free(t);
	free(copy);
	return 0;
}

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Whatever is accepted as a zone cuts time into whole buckets. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const hub_time times[] = { INT64_MIN / 2,    -2208988800000000, 0,
					  1700000000123456, 4102444800000000,  INT64_MAX / 2 };
	zone *z = NULL;
	if (zone_parse("x", bytes, len, &z) != HUB_OK)
		return 0;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		for (int unit = ZONE_HOUR; unit <= ZONE_YEAR; unit++)
			if (zone_floor(z, times[i], (zone_unit)unit) > times[i] ||
			    zone_next(z, times[i], (zone_unit)unit) <= times[i])
				__builtin_trap();
	hub_time one;
	zone_from_civil(z, zone_to_civil(z, times[3]), &one, NULL);
	zone_free(z);
	return 0;
}

/* A usage document from strangers, rated by a tariff with periods, a ladder, demand and netting. */
#include <stdlib.h>
#include <string.h>

#include "billing/rating.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tariff_text[] = "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"UTC\",\"cycle\":{\"months\":1},"
				  "\"calendar\":{\"periods\":[\"d\",\"n\"],"
				  "\"default\":\"n\",\"rules\":[{\"from\":\"08:30\",\"to\":\"20:00\",\"period\":\"d\"}]"
				  "},\"netting\":{\"mode\":\"step\"},"
				  "\"charges\":[{\"code\":\"peak\",\"kind\":\"demand\",\"quantity\":\"active_energy_"
				  "import\",\"price\":\"3\",\"ratchet\":{\"months\":11,"
				  "\"percent\":\"60\"}},{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_"
				  "energy_import\",\"unit\":\"kWh\",\"ladder\":{\"period\":"
				  "{\"months\":12},\"part_year\":\"months\",\"blocks\":[{\"upto\":\"100\",\"prices\":{"
				  "\"d\":\"1\",\"n\":\"0.5\"}},{\"prices\":{\"d\":"
				  "\"2\",\"n\":\"1\"}}]}},{\"code\":\"s\",\"kind\":\"usage\",\"quantity\":\"active_"
				  "energy_export\",\"unit\":\"kWh\",\"price\":\"0.2\","
				  "\"credit\":true}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	tariff *t = NULL;
	hub_fault fault = { 0 };
	arena a;
	arena_init(&a, 64 << 20);
	usage u = { 0 };
	rating_bill bill;
	if (tariff_parse(tariff_text, sizeof tariff_text - 1, &t, &fault) != HUB_OK)
		abort();
	if (usage_parse(copy, size, &a, &u, &fault) == HUB_OK && rating_rate(t, &u, &a, &bill, &fault) == HUB_OK) {
		buf out = { 0 };
		rating_json(&bill, &out);
		buf_fini(&out);
	}
	usage_fini(&u);
	tariff_free(t);
	arena_fini(&a);
	free(copy);
	return 0;
}

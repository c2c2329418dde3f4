/* A usage document or a CDR from strangers, rated by a tariff with periods, a ladder, demand and netting, and by one of OCPI. */
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

static const char ocpi_text[] =
    "{\"id\":\"t\",\"currency\":\"EUR\",\"zone\":\"Europe/Berlin\",\"min_price\":{\"excl_vat\":1,\"incl_vat\":1.2},"
    "\"elements\":[{\"price_components\":[{\"type\":\"ENERGY\",\"price\":0.1,\"vat\":20,\"step_size\":500},{\"type\":\"TIME\","
    "\"price\":1,\"step_size\":60}],\"restrictions\":{\"start_time\":\"22:00\",\"end_time\":\"06:00\",\"max_kwh\":7}},"
    "{\"price_components\":[{\"type\":\"TIME\",\"price\":3,\"step_size\":60}],\"restrictions\":{\"reservation\":\"RESERVATION\"}},"
    "{\"price_components\":[{\"type\":\"FLAT\",\"price\":0.5},{\"type\":\"ENERGY\",\"price\":0.3,\"step_size\":100},"
    "{\"type\":\"PARKING_TIME\",\"price\":2,\"step_size\":900}],\"restrictions\":{\"min_power\":1,\"min_duration\":60}}]}";

static void rate(const char *text, size_t len, const usage *u)
{
	tariff *t = NULL;
	hub_fault fault = { 0 };
	arena a;
	rating_bill bill;
	arena_init(&a, 64 << 20);
	if (tariff_parse(text, len, &t, &fault) != HUB_OK)
		abort();
	if (rating_rate(t, u, &a, &bill, &fault) == HUB_OK) {
		buf out = { 0 };
		rating_json(&bill, &out);
		buf_fini(&out);
	}
	tariff_free(t);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	hub_fault fault = { 0 };
	arena a;
	arena_init(&a, 64 << 20);
	usage u = { 0 };
	if (usage_parse(copy, size, &a, &u, &fault) == HUB_OK) {
		rate(tariff_text, sizeof tariff_text - 1, &u);
		rate(ocpi_text, sizeof ocpi_text - 1, &u);
	}
	usage_fini(&u);
	arena_fini(&a);
	free(copy);
	return 0;
}

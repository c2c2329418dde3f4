/* Whatever an identifier may be, what comes out has a known quantity in a unit that converts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dlt645/item.h"
#include "model/quantity.h"

typedef struct tally {
	size_t values, refusals, kept;
	uint32_t identifier;
} tally;

static hub_status on_value(void *context, const dlt_value *v)
{
	tally *t = context;
	hub_value converted;
	const quantity *q = quantity_find(v->quantity);
	t->values++;
	if (!q)
		fail_msg("%08X: quantity '%s' is unknown", (unsigned)t->identifier, v->quantity);
	if (!(q->kinds & 1u << v->kind))
		fail_msg("%08X: %s is no %s", (unsigned)t->identifier, v->quantity, hub_kind_name(v->kind));
	if (quantity_convert(q, v->unit, v->value, &converted) != HUB_OK)
		fail_msg("%08X: %s in '%s'", (unsigned)t->identifier, v->quantity, v->unit);
	return HUB_OK;
}

static hub_status on_refuse(void *context, const hub_fault *fault)
{
	(void)fault;
	((tally *)context)->refusals++;
	return HUB_OK;
}

static hub_status on_keep(void *context, const char *kind, uint32_t identifier, const uint8_t *bytes, size_t len)
{
	(void)kind;
	(void)identifier;
	(void)bytes;
	(void)len;
	((tally *)context)->kept++;
	return HUB_OK;
}

static const uint8_t zeros[64];

static void take(tally *t, uint32_t id, int width)
{
	dlt_sink sink = { t, on_value, on_refuse, on_keep, 0 };
	t->identifier = id;
	assert_int_equal((width == 8 ? dlt_item_2007 : dlt_item_1997)(&sink, id, zeros, sizeof zeros), HUB_OK);
}

static void every_identifier_of_2007_gives_known_quantities(void **state)
{
	(void)state;
	static const uint8_t places[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 32, 33, 34, 63, 64, 255 };
	tally t = { 0 };
	for (uint32_t high = 0; high < 0x800; high++)
		for (size_t i = 0; i < sizeof places; i++)
			for (size_t k = 0; k < sizeof places; k++)
				take(&t, high << 16 | (uint32_t)places[i] << 8 | places[k], 8);
	assert_true(t.values > 10000);
	assert_true(t.refusals > 10000);
}

static void every_identifier_of_1997_gives_known_quantities(void **state)
{
	(void)state;
	tally t = { 0 };
	for (uint32_t id = 0; id <= 0xffff; id++)
		take(&t, id, 4);
	assert_true(t.values > 500);
	assert_true(t.kept > 500);
}

static size_t field(const char *line, int n)
{
	while (n-- > 0)
		line += strcspn(line, ",") + 1;
	return strtoul(line, NULL, 16);
}

static void the_public_catalogue_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		int width;
	} files[] = { { "DLT645-2007.csv", 8 }, { "DLT645-1997.csv", 4 } };
	const char *folder = getenv("HUB_REFERENCE_DATA");
	size_t rows = 0;
	for (size_t i = 0; i < 2; i++) {
		char path[512], line[512];
		tally t = { 0 };
		snprintf(path, sizeof path, "%s/data/vectors/china/di_catalogue/%s", folder ? folder : "../shared",
			 files[i].file);
		FILE *f = fopen(path, "r");
		if (!f)
			skip();
		while (fgets(line, sizeof line, f)) {
			int shift = files[i].width == 8 ? 8 : 4;
			uint32_t id = (uint32_t)(field(line, 0) << 3 * shift | field(line, 1) << 2 * shift |
						 field(line, 2) << shift | field(line, 3));
			if (strncmp(line, "di", 2) == 0)
				continue;
			rows++;
			take(&t, id, files[i].width);
			if (t.refusals)
				fail_msg("%s: %s", files[i].file, line);
		}
		fclose(f);
	}
	assert_true(rows > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_identifier_of_2007_gives_known_quantities),
		cmocka_unit_test(every_identifier_of_1997_gives_known_quantities),
		cmocka_unit_test(the_public_catalogue_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

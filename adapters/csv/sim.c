/*
 * sim_csv: a file of meter standings on standard output, as utilities send them.
 *   sim_csv [--style long|wide|excel] [--prefix TEXT] [--first N] [--count N] [--start SECONDS]
 *           [--step SECONDS] [--rows N] [--utc-offset SECONDS] [--unit TEXT]
 */
#include <stdlib.h>
#include <string.h>

#include "csv/device.h"

static const char *argument(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return fallback;
}

static long long number(int argc, char **argv, const char *name, const char *fallback)
{
	return strtoll(argument(argc, argv, name, fallback), NULL, 10);
}

int main(int argc, char **argv)
{
	const char *style = argument(argc, argv, "--style", "long");
	csv_city city = {
		.style = !strcmp(style, "wide") ? CSV_WIDE : !strcmp(style, "excel") ? CSV_EXCEL : CSV_LONG,
		.prefix = argument(argc, argv, "--prefix", "WATER-"),
		.first = (unsigned)number(argc, argv, "--first", "1"),
		.count = (unsigned)number(argc, argv, "--count", "10"),
		.start = number(argc, argv, "--start", "1767225600"),
		.step = (unsigned)number(argc, argv, "--step", "3600"),
		.rows = (unsigned)number(argc, argv, "--rows", "24"),
		.utc_offset = (int)number(argc, argv, "--utc-offset", "28800"),
		.unit = argument(argc, argv, "--unit", "m3"),
	};
	return csv_write(stdout, &city) ? 0 : 1;
}

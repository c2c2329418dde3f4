/*
 * A writer of the files that utilities send, for the simulated city. It shares nothing with the
 * reader. Meters' registers rise by a constant and a daily wave.
 */
#ifndef CSV_DEVICE_H
#define CSV_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum csv_style {
	CSV_LONG,   /* meter,time,register,unit — one row a meter and time */
	CSV_WIDE,   /* time and a column a meter */
	CSV_EXCEL,  /* as LONG, semicolons, decimal commas, quoted texts, CRLF and a byte order mark */
} csv_style;

typedef struct csv_city {
	csv_style style;
	const char *prefix;    /* of meters: "WATER-" gives WATER-0001 */
	unsigned first, count; /* meters */
	int64_t start;         /* s since 1970, of the first row */
	unsigned step;         /* s between rows */
	unsigned rows;         /* per meter */
	int utc_offset;        /* s; times are written local, without offset */
	const char *unit;
} csv_city;

/* The register of a meter at a time, in thousandths of its unit. */
uint64_t csv_register(unsigned meter, int64_t time);
/* False: the file could not be written. */
bool csv_write(FILE *out, const csv_city *city);

#endif

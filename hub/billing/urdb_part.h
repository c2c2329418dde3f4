/* The price structures of a URDB record: tiers by period, and the schedule that says when each holds. */
#ifndef BILLING_URDB_PART_H
#define BILLING_URDB_PART_H

#include "billing/tariff_parse.h"

/* One of the record's structures. */
typedef struct urdb_part {
	const char *structure, *weekday, *weekend, *months; /* names of fields */
	const char *code, *text, *calendar;
	bool demand;
	const char *price; /* field of a tier that holds the price */
	const char *quantity;
	const char *unit; /* demand: the field that names its unit; NULL: kW */
	bool credit;
} urdb_part;

/*
 * Adds the structure's calendar to the form and its charges to `charges`, one for each set of periods
 * that share a ladder. False where the record has no such structure or it was refused.
 */
bool urdb_part_convert(form *f, const json_t *record, const urdb_part *part, json_t *own, json_t *charges);

/* A new text. */
json_t *urdb_decimal(decimal d);

#endif

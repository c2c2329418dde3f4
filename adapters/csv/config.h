/*
 * What a file looks like: the adapter's options, and a mapping (JSON) whose members have the same
 * names. A member of the mapping stands in for an option left at its default.
 */
#ifndef CSV_CONFIG_H
#define CSV_CONFIG_H

#include <hub/adapter.h>

#include "base/arena.h"
#include "base/zone.h"

enum { COLUMN_PARTS_MAX = 2, VALUES_MAX = 128, TEXTS_MAX = 32 };

/* A column by the header's name or by its number from 1; parts joined by a space ("Date+Time"). */
typedef struct column_ref {
	const char *name[COLUMN_PARTS_MAX]; /* NULL: none */
} column_ref;

/* One value column. */
typedef struct value_spec {
	column_ref column;
	const char *quantity, *unit, *channel;
	hub_kind kind;
	hub_value factor;
	bool has_factor;
} value_spec;

typedef struct pair {
	const char *from, *to;
} pair;

typedef struct config {
	arena memory; /* of all texts here */
	char separator, decimal, thousands, comment;
	bool header, cumulative, refuse_missing, descending, stamp_is_start;
	unsigned skip;           /* lines before the header */
	const char *format;
	zone *zone;
	hub_time interval;       /* µs; 0: from the row before */
	bool resets;             /* a cumulative value may begin again at zero … */
	int reset_from, reset_to; /* … when its interval starts in these minutes of the local day */
	const char *missing[TEXTS_MAX];
	size_t missing_count;
	const char *meter;       /* for all rows, "" if from the column */
	column_ref meter_column, channel_column, quantity_column, unit_column, time_column, start_column, end_column;
	pair quantities[TEXTS_MAX], units[TEXTS_MAX]; /* as the file says it → as the hub does */
	size_t quantity_count, unit_count;
	value_spec values[VALUES_MAX];
	size_t value_count;
} config;

extern const hub_option csv_options[];

/* HUB_REJECT with *fault: an option. Loads the zone's file, so it runs before the sandbox closes. */
hub_status config_read(config *c, const hub_setting *settings, hub_fault *fault);
void config_fini(config *c);

#endif

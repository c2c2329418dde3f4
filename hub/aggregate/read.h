/*
 * What was published, as it is asked for: by hour, day or month, with the year before beside it, its carbon dioxide, and for
 * what is withheld the rule and the next larger area that has it.
 */
#ifndef AGGREGATE_READ_H
#define AGGREGATE_READ_H

#include "aggregate/publish.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/zone.h"
#include "store/aggregate.h"

typedef enum aggregate_step { AGGREGATE_BY_HOUR, AGGREGATE_BY_DAY, AGGREGATE_BY_MONTH } aggregate_step;
bool aggregate_step_parse(const char *name, aggregate_step *ret); /* "hour", "day", "month" */
extern const char *const aggregate_step_names[];
/* Most cells a period may have: a month of hours, 400 days, ten years of months. */
extern const size_t aggregate_step_most[];

typedef struct aggregate_query {
	const premise *areas; /* by path, as aggregate_areas gives them: all, for the larger ones */
	size_t area_count;
	size_t top;           /* the one asked about */
	bool below;           /* and those right below it */
	const char *commodity;
	aggregate_step step;
	hub_time from, to;    /* made whole steps */
} aggregate_query;

typedef struct aggregate_cell {
	hub_time start, end;
	bool open;                 /* not a day of it is published yet */
	aggregate_verdict verdict; /* AGGREGATE_NONE with open false: nothing was measured, or not by the hour */
	int coarser;               /* if withheld: a larger area that has it; -1: none */
	decimal sum;               /* these only if published */
	int32_t customers;         /* of a month: the most of a day */
	int32_t days, days_of;     /* of a month: how many are in the sum, and how many it has */
	bool has_last, has_carbon;
	decimal last;              /* the same a year before, if that is published */
	decimal carbon;            /* kg of CO2, to a gram */
	const carbon_factor *factor;
} aggregate_cell;

typedef struct aggregate_line {
	size_t area; /* its place in the query's */
	aggregate_cell *cells;
} aggregate_line;

typedef struct aggregate_answer {
	const char *unit;
	hub_time from, to;
	aggregate_line *lines;
	size_t line_count, cell_count; /* cells of each line */
	size_t given, withheld;        /* cells in all lines */
} aggregate_answer;

/* HUB_REJECT: the commodity or the period breaks a rule. */
hub_status aggregate_read(store *db, const aggregate_query *q, const zone *z, arena *a, aggregate_answer *ret, hub_fault *fault);
/* {"commodity","unit","step","zone","from","to","rules","lines":[…]} */
void aggregate_write(buf *out, const aggregate_query *q, const zone *z, const aggregate_answer *answer);
/* Why there is no figure, for people: both languages. */
const char *aggregate_why_zh(const aggregate_cell *c);
const char *aggregate_why_en(const aggregate_cell *c);

#endif

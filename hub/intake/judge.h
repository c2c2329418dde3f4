/*
 * What the hub thinks of one reading whose point is known. Pure: the clock, the point's limits and
 * the register's last standing are arguments.
 *
 * Two ends: quarantined (HUB_REJECT, the reading cannot be placed in time) or stored, as it came,
 * with flags that say what is odd about it. A value is never altered. Codes: docs/faults.md.
 */
#ifndef INTAKE_JUDGE_H
#define INTAKE_JUDGE_H

#include "base/zone.h"

/* The hub's own rules; all µs. */
typedef struct judge_rules {
	int64_t future;  /* further ahead of the reception: quarantined */
	int64_t drift;   /* further ahead than this, up to `future`: clock_drift */
	int64_t late;    /* came later than this after its time: late; a point's own delay wins */
	int64_t ancient; /* older than this: quarantined, as a clock that was reset */
} judge_rules;

extern const judge_rules judge_rules_default; /* 5 min, 60 s, 1 day, 3 years */

/* What the registry says about one quantity of a point; values in the quantity's canonical unit. */
typedef struct judge_limits {
	int64_t interval;        /* µs, raster of its intervals; 0: none */
	const zone *zone;        /* in which the raster stands; NULL: UTC */
	int64_t delay;           /* µs, normal delay of delivery; 0: the hub's */
	bool has_low, has_high;
	hub_value low, high;     /* of instants, states and interval amounts */
	hub_value rate;          /* most it can use in an hour, for registers and intervals; 0: unknown */
	hub_value modulus;       /* the register counts 0 … modulus - 1 unit; 0: unknown */
} judge_limits;

/* A register's standing before the one that is judged. */
typedef struct judge_before {
	hub_time time;
	hub_value value;
} judge_before;

typedef struct judge_case {
	const hub_reading *reading;  /* checked */
	hub_value value;             /* in the canonical unit */
	hub_time received;           /* zone host's clock; 0: unknown */
	hub_time now;                /* the core's */
	const judge_limits *limits;
	const judge_before *before;  /* registers only; NULL: none known */
} judge_case;

/* Whether its time can be believed. HUB_REJECT: *fault says which rule. Needs no limits. */
hub_status judge_time(const judge_rules *rules, const judge_case *c, hub_fault *fault);
/* The source's flags and the hub's own. */
uint32_t judge_flags(const judge_rules *rules, const judge_case *c);

/* Why the hub set the flag (one bit): fills *note with code, field and reason. */
void judge_note(const judge_case *c, uint32_t flag, hub_fault *note);

#endif

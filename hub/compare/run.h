/*
 * The comparison of a cycle: homes and their use from the store, peers and standing by peers.h, frozen beside each
 * home's bill. docs/decisions/0115-comparison.md
 *
 * A home is a household account whose points lie in one premise of kind "home". Its use of a commodity is what its
 * points there measured in the cycle. What a home lacks for an answer is kept as the reason:
 *	"premise"    its points are in no home, or in several
 *	"attributes" dwelling, heating, area or place of the home is not known
 *	"vacant"     nobody lives there
 *	"out"        a resident took it out of comparisons
 *	"use"        fewer than ten days with readings, or a register that fell
 *	"size"       what the cycle divides by (occupants, degree-days) is not known
 *	"peers"      fewer than twenty homes like it
 */
#ifndef COMPARE_RUN_H
#define COMPARE_RUN_H

#include "compare/normal.h"
#include "store/comparison.h"

extern const char *const compare_commodities[COMPARISON_USES + 1]; /* "electricity", …, NULL */
extern const char *const compare_quantities[COMPARISON_USES];	   /* "active_energy_import", … */
int compare_commodity(const char *name);			   /* its place there; -1: none */

typedef struct compare_order {
	int32_t cycle;
	compare_per per;
	int64_t weather;      /* point that measures ambient_temperature; 0: none */
	unsigned commodities; /* bits of compare_commodities; 0: all */
} compare_order;

typedef struct compare_tally {
	size_t homes;	/* accounts looked at */
	size_t there;	/* answers that stood there */
	size_t answers; /* made now, over all commodities */
	size_t without; /* of which there was use, or might have been, and no answer */
	int32_t round;
} compare_tally;

/*
 * Own transaction. Answers that stand are kept and what is missing is made, so it may run again, after a crash or with
 * readings that came late; without news it writes nothing. HUB_REJECT with *fault: the cycle was compared otherwise
 * before, or there is no such weather point. HUB_AGAIN: nothing was written.
 */
hub_status compare_run(store *db, const compare_order *order, compare_tally *ret, hub_fault *fault);

#endif

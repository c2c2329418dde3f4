/* How a city's homes lie in memory, for city.c and peers.c only. */
#ifndef COMPARE_CITY_H
#define COMPARE_CITY_H

#include "compare/peers.h"

/*
 * Eligible homes are sorted into classes (dwelling, heating), each with a square grid of its own;
 * a cell's homes lie side by side, by rising area, so that a query reads only those it may take.
 * It looks at its cell, then at the ring of cells around it, and so on, until enough peers lie
 * nearer than anything a further ring could hold.
 */
enum { CELL_HOMES = 24 };

typedef struct spot {
	int32_t x, y;
	uint32_t area;
	uint32_t known; /* bit c: a use of commodity c is known */
} spot;

/* What a query needs only of the homes it takes; beside `spot`, at the same place. */
typedef struct detail {
	int64_t id;
	int64_t use[COMPARE_COMMODITIES];
	uint32_t home; /* place in the caller's list */
} detail;

typedef struct grid {
	uint16_t key; /* dwelling << 8 | heating */
	int32_t x, y; /* of the lowest corner */
	uint32_t side; /* of a cell, metres, ≥ 1 */
	uint32_t columns, rows;
	uint32_t *first; /* of each cell into spots; columns × rows + 1 places */
} grid;

struct compare_city {
	compare_home *homes;
	size_t home_count;
	spot *spots;
	detail *details;
	size_t spot_count;
	grid *grids;
	size_t grid_count;
	uint32_t *order; /* homes by place of their spots */
};

/* Whether a home can be a peer, and ask for its own. */
static inline bool home_is_eligible(const compare_home *h)
{
	return h->occupied && !h->opted_out && h->area;
}

static inline uint16_t home_class(const compare_home *h)
{
	return (uint16_t)(h->dwelling << 8 | h->heating);
}

#endif

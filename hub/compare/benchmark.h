/*
 * Buildings' benchmark by area, the pure core: a year's use per square metre beside buildings that serve the same. Other
 * than homes (peers.h) they are public places or one manager's own, so each is told by name, and itself among them.
 */
#ifndef COMPARE_BENCHMARK_H
#define COMPARE_BENCHMARK_H

#include "compare/peers.h"

/* Fewer buildings of a kind than this are no benchmark. */
enum { BENCHMARK_MIN = 5 };

typedef struct benchmark {
	const char *use;      /* what it serves ("office"); only equality counts */
	int64_t per_area;     /* a year, 0.001 of the quantity's unit a m²; COMPARE_UNKNOWN */
	compare_result stand; /* set by benchmark_all: among those of its use that have a figure, itself too */
} benchmark;

/* HUB_NOMEM. */
hub_status benchmark_all(benchmark *list, size_t count);

#endif

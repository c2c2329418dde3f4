/*
 * Buildings' benchmark by area, the pure core: a year's use per square metre beside buildings that serve the same. Other
 * than homes (peers.h) they are public places or one manager's own, so each is told by name, and itself among them.
 */
#ifndef COMPARE_BENCHMARK_H
#define COMPARE_BENCHMARK_H

#include <hub/status.h>

#include <stddef.h>
#include <stdint.h>

/* Fewer buildings of a kind than this are no benchmark. */
enum { BENCHMARK_MIN = 5 };
#define BENCHMARK_UNKNOWN INT64_MIN

typedef struct benchmark {
	const char *use;   /* what it serves ("office"); only equality counts */
	int64_t per_area;  /* a year, 0.001 of the quantity's unit a m²; BENCHMARK_UNKNOWN */
	/* Set by benchmark_all; 0 where there is no answer. */
	uint32_t of;       /* buildings of this use with a figure, itself too */
	uint32_t rank;     /* 1 + how many of them use less */
	int64_t median;    /* of an even number the lower mean of the middle two */
	int64_t efficient; /* the 20th percentile by nearest rank: the best fifth use this or less */
} benchmark;

/* HUB_NOMEM. */
hub_status benchmark_all(benchmark *list, size_t count);

#endif

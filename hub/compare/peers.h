/*
 * Neighbour comparison (邻里能耗对比), the pure core: who a home's peers are, and where it stands
 * among them. No database, clock or floating point; an index, once made, is immutable and may be
 * shared by threads.
 *
 * Peers of a home for a commodity: the same dwelling type and heating, an area within 15 % of its
 * own, occupied, not opted out, with a use known for that commodity; the nearest 100 of them
 * (ties: the lower id). Below 20 there is no answer, and none for a home that opted out or stands
 * empty. The home itself is not its own peer.
 */
#ifndef COMPARE_PEERS_H
#define COMPARE_PEERS_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	COMPARE_COMMODITIES = 4, /* the caller gives them their order */
	COMPARE_PEERS_MIN = 20,
	COMPARE_PEERS_MAX = 100,
	COMPARE_AREA_PERCENT = 15,
};

#define COMPARE_UNKNOWN INT64_MIN

typedef struct compare_home {
	int64_t id;                       /* unique */
	int32_t x, y;                     /* metres on the city's plane */
	uint32_t area;                    /* 0.01 m²; 0: unknown, so nobody's peer */
	uint8_t dwelling, heating;        /* codes; only equality counts */
	bool occupied, opted_out;
	int64_t use[COMPARE_COMMODITIES]; /* normalised the same way for all; COMPARE_UNKNOWN */
} compare_home;

typedef struct compare_result {
	uint32_t peers;    /* 0: no answer, and the rest is 0 too */
	int64_t median;    /* of the peers; of an even number the lower mean of the middle two */
	int64_t efficient; /* the 20th percentile by nearest rank: the best fifth use this or less */
	uint32_t rank;     /* 1 + how many peers use less than the home */
} compare_result;

typedef struct compare_city compare_city;

/* Copies what it needs. HUB_REJECT: two homes with one id. */
hub_status compare_city_new(const compare_home *homes, size_t count, compare_city **ret);
void compare_city_free(compare_city *city);

/* Working memory of one thread, reused from home to home. */
typedef struct compare_scratch compare_scratch;
compare_scratch *compare_scratch_new(void);
void compare_scratch_free(compare_scratch *s);

/* home: its place in the list given to compare_city_new. */
hub_status compare_home_results(const compare_city *city, size_t home, compare_scratch *s,
				compare_result ret[COMPARE_COMMODITIES]);

/* The ids of the peers, nearest first; *ret_count ≤ COMPARE_PEERS_MAX, 0 when there is no answer. */
hub_status compare_home_peers(const compare_city *city, size_t home, unsigned commodity, compare_scratch *s,
			      int64_t ret_ids[COMPARE_PEERS_MAX], size_t *ret_count);

/* The order in which homes lie in memory: visiting them so costs least. order[0 … count). */
const uint32_t *compare_city_order(const compare_city *city, size_t *ret_count);

#endif

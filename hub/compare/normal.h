/*
 * What use is divided by before homes are held beside each other, and what residents are told of the figures. Pure,
 * integers and exact decimals.
 *
 * Use is divided by days with readings, or by the degree-days of these where the cycle says so; and by area and
 * occupants where it says so. The plane that homes are put on is equirectangular about a latitude.
 */
#ifndef COMPARE_NORMAL_H
#define COMPARE_NORMAL_H

#include "base/decimal.h"

enum {
	COMPARE_RULE = 1, /* the version of all that hub/compare does; another way of counting is another number */
	COMPARE_DAYS_MIN = 10,
	COMPARE_HEATING_BASE = 1800,
	COMPARE_COOLING_BASE = 2600 /* 0.01 °C */
};

typedef struct compare_per {
	bool area, occupants, degree_days;
} compare_per;

/* What a home's use is divided by. */
typedef struct compare_size {
	int64_t covered; /* µs with readings */
	uint32_t area;	 /* 0.01 m² */
	int32_t occupants;
	int64_t degree_days; /* a day, in the mean: 0.01 K d, heating and cooling together */
} compare_size;

/*
 * *ret: use a day or degree-day (and m², person) × 10^9; *ret_factor: × 10^6, what makes such a figure an amount for
 * this home. HUB_REJECT: something that it is divided by is 0 or unknown. HUB_RANGE: no number of this size.
 */
hub_status compare_normal(compare_per per, const compare_size *size, decimal use, int64_t *ret, int64_t *ret_factor);
/* A normalised figure as an amount for a home with this factor. */
hub_status compare_amount(int64_t normal, int64_t factor, decimal *ret);

/*
 * To two significant digits: what a resident is told of others. No figure that is told is anybody's own, see
 * docs/decisions/0115-comparison.md.
 */
decimal compare_rounded(decimal d);

/* Degree-days of a day (0.01 K d) whose mean temperature is this (0.01 °C): below 18 °C heating, above 26 °C cooling.
 */
int64_t compare_degrees(int64_t mean);

/* Metres on the plane about a latitude; all in degrees × 10^7. */
void compare_plane(int32_t lat0, int32_t lon, int32_t lat, int32_t *ret_x, int32_t *ret_y);

#endif

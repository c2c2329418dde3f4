/* What the city's meters said since the plan's first day, row by row, with what is wrong with some of them. Pure. */
#ifndef CTL_CITY_ROWS_H
#define CTL_CITY_ROWS_H

#include "ctl/city.h"

typedef struct city_row {
	const char *meter; /* good until the next row */
	const char *quantity, *unit;
	hub_kind kind;
	hub_value value;
	hub_time start, time;
	hub_time received; /* when its head-end had it */
	bool odd;	   /* of a meter with which something is wrong */
} city_row;

/* HUB_OK goes on; anything else ends it and is the answer. */
typedef hub_status (*city_take)(void *user, const city_row *row);

hub_status city_rows_of_home(const city *t, uint32_t home, city_take take, void *user);
hub_status city_rows_of_building(const city *t, uint32_t building, city_take take, void *user);
/* About how many there are, of all; not 0. */
uint64_t city_rows_expected(const city *t);

#endif

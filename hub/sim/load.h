/*
 * What the city's homes and buildings use: of any moment at once, from the seed, the thing and the time. Weather,
 * weekday, who is at home, what always runs, leaks, sun on the roof, cars that charge at night. Pure; integers only.
 *
 * Local time is UTC+8. A quarter is 900 s, an hour 3,600 s, counted from 1970 UTC.
 */
#ifndef SIM_LOAD_H
#define SIM_LOAD_H

#include "sim/city.h"

/* 0.1 °C, of the whole city, by hour. */
int32_t sim_temperature(const sim_city *c, int64_t hour);

/* Wh from and into the grid in a quarter. */
typedef struct sim_power {
	int32_t import, export;
} sim_power;
sim_power sim_home_power(const sim_city *c, const sim_home *h, int64_t quarter);

/* Litres in an hour; leaks run from `leaks_from` (an hour) on. */
int32_t sim_home_water(const sim_city *c, const sim_home *h, int64_t hour, int64_t leaks_from);
/* 0.001 m³ in an hour: cooking, hot water, and heating where gas does it. */
int32_t sim_home_gas(const sim_city *c, const sim_home *h, int64_t hour);

/* Wh in a quarter. */
int32_t sim_building_power(const sim_city *c, const sim_building *b, int64_t quarter);

/* A charging session; a charger has at most one in a third of a day. */
typedef struct sim_session {
	int64_t start;	 /* s since 1970 */
	int32_t seconds; /* 0: nobody came */
	int32_t wh;
	uint32_t home; /* whose car; 0: a stranger's */
} sim_session;
enum { SIM_SESSIONS = 3 /* a day */ };
/* day: since 1970, local; n < SIM_SESSIONS. */
sim_session sim_charger_session(const sim_city *c, const sim_charger *k, int64_t day, unsigned n);

#endif

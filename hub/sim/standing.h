/*
 * What the registers of the city's meters show at any second: the sums of sim/load.h since a whole hour at which all
 * of them stood at nought. So what is told live goes on where the history ended, and never runs backwards. Pure.
 */
#ifndef SIM_STANDING_H
#define SIM_STANDING_H

#include "sim/load.h"

/* How far it was summed up; all nought at the beginning. One for each meter, or each question counts from the start. */
typedef struct sim_standing {
	int64_t steps; /* whole ones since the start */
	int64_t sums[2];
} sim_standing;

typedef struct sim_shown {
	int64_t import, export; /* Wh; litres; 0.001 m³ of gas; export of power alone */
	int32_t now;		/* W, negative into the grid; litres an hour; 0.001 m³/h */
} sim_shown;

/* from, second: s since 1970, from a whole hour; before it all is nought. Within a quarter or an hour it rises evenly.
 */
sim_shown sim_home_power_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t second, sim_standing *s);
/*
 * What a water register of 1,000 m³ stood at, at `from`, which begins anew in the middle between then and `until`;
 * litres. It shows the rest of this and what sim_home_water_shown has, by SIM_ROLLING.
 */
enum { SIM_ROLLING = 1000000 };
int64_t sim_home_water_rolling(const sim_city *c, const sim_home *h, int64_t from, int64_t until, int64_t leaks_from);
/* leaks_from: an hour, as in sim_home_water. */
sim_shown sim_home_water_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t leaks_from, int64_t second,
			       sim_standing *s);
sim_shown sim_home_gas_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t second, sim_standing *s);
sim_shown sim_building_shown(const sim_city *c, const sim_building *b, int64_t from, int64_t second, sim_standing *s);

/*
 * Wh that a charger's register shows: so much when it was built, and since then each session of the city, whole or as
 * much of it as is over.
 */
int64_t sim_charger_shown(const sim_city *c, const sim_charger *k, int64_t from, int64_t second);

#endif

/*
 * The simulated city as its devices need it: a file that hubctl city make shows the outer zone says which city it is
 * and when its registers stood at nought. Until it is there, none of its meters speaks.
 */
#ifndef SIM_LIVING_H
#define SIM_LIVING_H

#include <stdbool.h>

#include "sim/standing.h"

typedef struct living {
	const char *path; /* NULL: no city; meters run evenly */
	bool there;
	int64_t looked; /* s since 1970 */
	sim_city city;
	int64_t from, leaks; /* s since 1970; an hour since 1970 */
} living;

/* One meter's place in it. */
typedef struct living_meter {
	living *of;
	uint32_t number; /* of its home or building */
	bool known;
	union {
		sim_home home;
		sim_building building;
	};
	sim_standing standing;
} living_meter;

typedef enum living_kind { LIVING_POWER, LIVING_WATER, LIVING_GAS, LIVING_BUILDING } living_kind;

/* What the meter shows at this second; false: there is no city yet, or no such home in it. */
bool living_shown(living_meter *m, living_kind kind, int64_t second, sim_shown *ret);
/* Looks for the file at most once a second. */
bool living_there(living *l, int64_t now);

#endif

/*
 * The simulated city: what there is in it. A function of its seed and its number of homes, so nothing is kept: whoever
 * asks twice is told the same. Pure; integers only. docs/operators.md says what its people may do.
 *
 * Six districts, of which the last two are too small for figures to be published of them (fewer than 15 homes); an
 * estate in each of the others; homes in towers of flats, in terraces and as villas, numbered through by district.
 */
#ifndef SIM_CITY_H
#define SIM_CITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIM_DISTRICTS = 6,
	SIM_SMALL = 2,	 /* districts, the last ones */
	SIM_ESTATES = 4, /* in districts 1 … 4 */
	SIM_TOWER = 24,	 /* homes */
	SIM_HOMES_MIN = 24,
	SIM_HOMES_MAX = 1000000,
};

typedef struct sim_city {
	uint64_t seed;
	uint32_t homes, buildings, chargers;
	uint32_t first[SIM_DISTRICTS + 1]; /* homes below this number lie before the district; numbers start at 1 */
} sim_city;

/* homes within SIM_HOMES_MIN … SIM_HOMES_MAX. Twenty buildings and sixty chargers, fewer in a hamlet. */
sim_city sim_city_of(uint64_t seed, uint32_t homes);

typedef enum sim_dwelling { SIM_FLAT, SIM_TERRACE, SIM_VILLA } sim_dwelling;
typedef enum sim_heating { SIM_HEAT_GAS, SIM_HEAT_PUMP } sim_heating;
/* As the registry has them: "flat", …; "gas_boiler", "heat_pump". */
const char *sim_dwelling_name(sim_dwelling d);
const char *sim_heating_name(sim_heating h);

typedef struct sim_place {
	int32_t lon_e7, lat_e7; /* degrees × 10^7, WGS 84 */
} sim_place;

typedef struct sim_home {
	uint32_t number;
	uint8_t district; /* 1 … SIM_DISTRICTS */
	uint8_t estate;	  /* 0: none */
	uint32_t tower;	  /* 1 … of its district; 0: not in a tower */
	uint16_t door;	  /* 302: third floor, second door; in a terrace or villa its number */
	sim_dwelling dwelling;
	sim_heating heating;
	uint32_t area; /* m² */
	uint8_t occupants;
	bool vacant;
	bool pv, ev;
	uint32_t leak; /* litres an hour that run day and night; 0: tight */
	sim_place at;
} sim_home;

sim_home sim_home_of(const sim_city *c, uint32_t number);
/* Towers of a district. */
uint32_t sim_towers(const sim_city *c, uint8_t district);
/* How many homes of a district, from its first on, stand in its estate. */
uint32_t sim_estate_homes(const sim_city *c, uint8_t district);

typedef enum sim_use { SIM_OFFICE, SIM_SCHOOL, SIM_HOSPITAL, SIM_MALL, SIM_HOTEL, SIM_USES } sim_use;

typedef struct sim_building {
	uint32_t number;
	uint8_t district;
	sim_use use;
	uint32_t area; /* m² */
	sim_place at;
} sim_building;

sim_building sim_building_of(const sim_city *c, uint32_t number);

typedef struct sim_charger {
	uint32_t number;
	uint8_t district;
	uint32_t watts; /* 7,000 or 60,000 */
	sim_place at;
} sim_charger;

sim_charger sim_charger_of(const sim_city *c, uint32_t number);

/* The corners of a district, counter-clockwise, the first not repeated. Neighbours share theirs. */
enum { SIM_CORNERS = 8 };
void sim_outline(const sim_city *c, uint8_t district, sim_place ret[SIM_CORNERS]);

/* A number that looks random and is the same each time: of a seed, a thing and a moment. */
static inline uint64_t sim_hash(uint64_t seed, uint64_t thing, uint64_t when)
{
	uint64_t h =
	    seed * UINT64_C(0x9E3779B97F4A7C15) ^ (thing + UINT64_C(0xD1B54A32D192ED03)) * UINT64_C(0xBF58476D1CE4E5B9);
	h ^= (when + UINT64_C(0x8CB92BA72F3D8DD7)) * UINT64_C(0x94D049BB133111EB);
	h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
	return h ^ h >> 31;
}

#endif

#include "sim/city.h"

/* What of a home a hash is about, so that its attributes do not hang together. */
enum {
	OF_CLASS = 1,
	OF_HEATING,
	OF_AREA,
	OF_PEOPLE,
	OF_VACANT,
	OF_SUN,
	OF_CAR,
	OF_LEAK,
	OF_PLACE,
	OF_BUILDING,
	OF_CHARGER
};

/* No land lies there: 122° E, 30.8° N is the sea. A district is 4 km wide and 3.3 km high. */
#define WEST INT32_C(1220000000)
#define SOUTH INT32_C(308000000)
#define WIDE INT32_C(420000)
#define HIGH INT32_C(300000)

sim_city sim_city_of(uint64_t seed, uint32_t homes)
{
	sim_city c = { .seed = seed, .homes = homes };
	const uint32_t small[SIM_SMALL] = { homes / 8 < 12 ? homes / 8 : 12, homes / 12 < 9 ? homes / 12 : 9 };
	uint32_t left = homes - small[0] - small[1], large = SIM_DISTRICTS - SIM_SMALL;
	c.buildings = homes / 12 < 20 ? homes / 12 : 20;
	c.chargers = homes / 4 < 60 ? homes / 4 : 60;
	c.first[0] = 1;
	for (uint32_t d = 0; d < SIM_DISTRICTS; d++) {
		uint32_t size = d < large ? left / large + (d < left % large) : small[d - large];
		c.first[d + 1] = c.first[d] + size;
	}
	return c;
}

const char *sim_dwelling_name(sim_dwelling d)
{
	static const char *const names[] = { "flat", "terrace", "villa" };
	return names[d];
}

const char *sim_heating_name(sim_heating h)
{
	static const char *const names[] = { "gas_boiler", "heat_pump" };
	return names[h];
}

static uint32_t size_of(const sim_city *c, uint8_t district)
{
	return c->first[district] - c->first[district - 1];
}

uint32_t sim_estate_homes(const sim_city *c, uint8_t district)
{
	return district <= SIM_ESTATES ? size_of(c, district) * 3 / 5 : 0;
}

/* The estate's towers are filled first, then those of the streets; the last tenth of a district are terraces. */
static uint32_t tower_homes(const sim_city *c, uint8_t district)
{
	return district <= SIM_DISTRICTS - SIM_SMALL ? size_of(c, district) * 9 / 10 : 0;
}

static uint32_t towers_for(uint32_t homes)
{
	return (homes + SIM_TOWER - 1) / SIM_TOWER;
}

uint32_t sim_towers(const sim_city *c, uint8_t district)
{
	uint32_t estate = sim_estate_homes(c, district), all = tower_homes(c, district);
	return towers_for(estate) + towers_for(all - estate);
}

static uint32_t draw(const sim_city *c, uint32_t thing, unsigned what, uint32_t below)
{
	return (uint32_t)(sim_hash(c->seed, (uint64_t)what << 32 | thing, 0) % below);
}

static sim_place place_in(const sim_city *c, uint8_t district, uint64_t thing)
{
	uint64_t h = sim_hash(c->seed, (uint64_t)OF_PLACE << 32 | thing, 1);
	int32_t column = (district - 1) % 3, row = (district - 1) / 3;
	/* Well within the outline, whose corners move by less than a tenth. */
	return (sim_place) { WEST + column * WIDE + WIDE / 5 + (int32_t)(h % (WIDE * 3 / 5)),
			     SOUTH + row * HIGH + HIGH / 5 + (int32_t)((h >> 32) % (HIGH * 3 / 5)) };
}

/* Homes of a tower stand on one spot. */
static void house(const sim_city *c, sim_home *h)
{
	uint32_t place = h->number - c->first[h->district - 1], estate = sim_estate_homes(c, h->district);
	uint32_t in_towers = tower_homes(c, h->district), within;
	if (place >= in_towers) {
		h->dwelling = h->district > SIM_ESTATES ? SIM_VILLA : SIM_TERRACE;
		h->door = (uint16_t)((place - in_towers) % 60000 + 1);
		h->at = place_in(c, h->district, (uint64_t)1 << 24 | h->number);
		return;
	}
	h->estate = place < estate ? h->district : 0;
	within = place < estate ? place : place - estate;
	h->tower = (place < estate ? 0 : towers_for(estate)) + within / SIM_TOWER + 1;
	within %= SIM_TOWER;
	h->door = (uint16_t)((within / 4 + 1) * 100 + within % 4 + 1);
	h->dwelling = SIM_FLAT;
	h->at = place_in(c, h->district, (uint64_t)h->district << 25 | h->tower);
}

sim_home sim_home_of(const sim_city *c, uint32_t number)
{
	/* m²: what is built, a few sizes over and over. */
	static const uint16_t areas[3][8] = { { 62, 74, 89, 89, 92, 98, 118, 128 },
					      { 120, 124, 130, 136, 140, 144, 150, 160 },
					      { 180, 190, 205, 220, 230, 240, 260, 300 } };
	sim_home h = { .number = number, .district = 1 };
	while (h.district < SIM_DISTRICTS && number >= c->first[h.district])
		h.district++;
	house(c, &h);
	h.heating = draw(c, number, OF_HEATING, 10) < 7 ? SIM_HEAT_GAS : SIM_HEAT_PUMP;
	h.area = areas[h.dwelling][draw(c, number, OF_AREA, 8)];
	h.occupants = (uint8_t)(1 + draw(c, number, OF_PEOPLE, 4) + (h.area > 110));
	h.vacant = draw(c, number, OF_VACANT, 25) == 0;
	h.pv = h.dwelling != SIM_FLAT && draw(c, number, OF_SUN, 3) == 0;
	h.ev = !h.vacant && draw(c, number, OF_CAR, h.dwelling == SIM_FLAT ? 9 : 3) == 0;
	h.leak = !h.vacant && draw(c, number, OF_LEAK, 40) == 0 ? 6 + draw(c, number, OF_LEAK + 100, 12) : 0;
	return h;
}

sim_building sim_building_of(const sim_city *c, uint32_t number)
{
	static const uint32_t areas[SIM_USES] = { 18000, 9000, 42000, 40000, 24000 };
	sim_building b = { .number = number,
			   .district = (uint8_t)((number - 1) % SIM_DISTRICTS + 1),
			   .use = (sim_use)((number - 1) % SIM_USES) };
	b.area = areas[b.use] / 100 * (70 + draw(c, number, OF_BUILDING, 60));
	b.at = place_in(c, b.district, (uint64_t)OF_BUILDING << 40 | number);
	return b;
}

sim_charger sim_charger_of(const sim_city *c, uint32_t number)
{
	sim_charger k = { .number = number,
			  .district = (uint8_t)((number - 1) % SIM_DISTRICTS + 1),
			  .watts = number % 5 ? 7000 : 60000 };
	k.at = place_in(c, k.district, (uint64_t)OF_CHARGER << 40 | number);
	return k;
}

/* A point of the net of corners, two to a side: on the rim it stands still. */
static sim_place corner(const sim_city *c, int column, int row)
{
	uint64_t h = sim_hash(c->seed, (uint64_t)(row * 16 + column), 2);
	sim_place p = { WEST + column * (WIDE / 2), SOUTH + row * (HIGH / 2) };
	if (column > 0 && column < 6)
		p.lon_e7 += (int32_t)(h % (WIDE / 5)) - WIDE / 10;
	if (row > 0 && row < 4)
		p.lat_e7 += (int32_t)((h >> 32) % (HIGH / 5)) - HIGH / 10;
	return p;
}

void sim_outline(const sim_city *c, uint8_t district, sim_place ret[SIM_CORNERS])
{
	static const int8_t steps[SIM_CORNERS][2] = { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 2, 1 },
						      { 2, 2 }, { 1, 2 }, { 0, 2 }, { 0, 1 } };
	int column = (district - 1) % 3 * 2, row = (district - 1) / 3 * 2;
	for (int i = 0; i < SIM_CORNERS; i++)
		ret[i] = corner(c, column + steps[i][0], row + steps[i][1]);
}

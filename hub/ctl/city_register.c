/* The city's registry, as files would bring it: by the same rows and checks as hubctl load. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ctl/city.h"
#include "registry/area.h"
#include "registry/load.h"

static const char *const district_names[SIM_DISTRICTS][2] = {
	{ "东城区", "East Town" },  { "港湾区", "Harbour" },	     { "高新区", "Science Park" },
	{ "西山区", "West Hills" }, { "渔村镇", "Fishing Village" }, { "灯塔岛", "Lighthouse Island" },
};
static const char *const estate_names[SIM_ESTATES][2] = {
	{ "柳岸小区", "Willow Bank" },
	{ "海棠苑", "Crabapple Court" },
	{ "云杉里", "Spruce Lane" },
	{ "山月府", "Moon Hill" },
};
static const char *const use_names[SIM_USES][2] = {
	{ "办公楼", "Offices" }, { "学校", "School" }, { "医院", "Hospital" }, { "商场", "Mall" }, { "酒店", "Hotel" },
};

static hub_status load(city *t, load_kind kind, const buf *text)
{
	static const char *const names[] = { "parties", "premises", "points", "meters" };
	load_result r = { 0 };
	arena a;
	arena_init(&a, 0);
	hub_status st =
	    text->bad ? HUB_NOMEM : registry_load(t->c->db, kind, text->bytes, text->len, true, &a, &r, t->fault);
	if (st == HUB_OK && r.fault_count) {
		*t->fault = r.faults[0].fault;
		st = HUB_REJECT;
	}
	if (st == HUB_OK)
		city_say(t, "%zu %s: %zu new", r.rows, names[kind], r.loaded);
	arena_fini(&a);
	return st;
}

static void write_parties(const city *t, buf *b)
{
	buf_text(b, "code,name_zh,name_en,kind,roles\n"
		    "power,滨海供电公司,Binhai Power,grid,grid\n"
		    "water,滨海自来水公司,Binhai Water,utility,water\n"
		    "gas,滨海燃气公司,Binhai Gas,utility,gas\n"
		    "charge,滨海充电运营,Binhai Charging,charging,charger\n"
		    "campus,滨海楼宇管理,Binhai Buildings,park,building\n"
		    "cloud,悦享能源管家,Yuexiang Energy App,service,third_party\n"
		    "pay,滨海支付,Binhai Pay,service,payment\n"
		    "bureau,滨海市能源局,Binhai Energy Bureau,government,government\n"
		    "hub-operator,枢纽运维,Hub operations,operator,operator\n");
	for (int e = 1; e <= SIM_ESTATES; e++)
		buf_printf(b, "estate-%d,%s物业,%s management,community,estate\n", e, estate_names[e - 1][0],
			   estate_names[e - 1][1]);
	for (uint32_t n = 1; n <= t->plan.sim.buildings; n++) {
		const char *const *name = use_names[sim_building_of(&t->plan.sim, n).use];
		buf_printf(b, "bld-%02u,%s%u,%s %u,enterprise,\n", n, name[0], n, name[1], n);
	}
	for (uint32_t n = 1; n <= t->plan.sim.homes; n++)
		buf_printf(b, "home-%05u,住户%05u,Household %05u,household,resident\n", n, n, n);
}

/* ,lon,lat, no manager, and the end of the row. */
static void write_place(buf *b, sim_place at)
{
	buf_printf(b, ",%d.%07d,%d.%07d,\n", at.lon_e7 / 10000000, at.lon_e7 % 10000000, at.lat_e7 / 10000000,
		   at.lat_e7 % 10000000);
}

static void write_premise_home(const city *t, buf *b, uint32_t n)
{
	const sim_home h = sim_home_of(&t->plan.sim, n);
	buf_printf(b, "home-%05u,", n);
	if (h.tower)
		buf_printf(b, "bh-d%u-t%u,home,%u室,Flat %u", h.district, h.tower, h.door, h.door);
	else
		buf_printf(b, "bh-d%u,home,%u号,No. %u", h.district, h.door, h.door);
	buf_printf(b, ",%u,%s,%s,%u,%s", h.area, sim_dwelling_name(h.dwelling), sim_heating_name(h.heating),
		   h.occupants, h.vacant ? "no" : "yes");
	write_place(b, h.at);
}

static void write_towers(const city *t, buf *b, unsigned d)
{
	uint32_t in_estate = (sim_estate_homes(&t->plan.sim, (uint8_t)d) + SIM_TOWER - 1) / SIM_TOWER;
	for (uint32_t k = 1; k <= sim_towers(&t->plan.sim, (uint8_t)d); k++)
		buf_printf(b, "bh-d%u-t%u,bh-d%u%s,building,%u号楼,Tower %u,,,,,,,,\n", d, k, d,
			   k <= in_estate ? "-e" : "", k, k);
}

static void write_premises(const city *t, buf *b)
{
	buf_text(b, "code,parent,kind,name_zh,name_en,area,dwelling,heating,occupants,occupied,lon,lat,manager\n"
		    "bh,,city,滨海市,Binhai,,,,,,,,\n"
		    /* Of their own, as one of them uses more than all homes of a district. */
		    "bh-p,bh,park,公共建筑,Public buildings,,,,,,,,\n");
	for (unsigned d = 1; d <= SIM_DISTRICTS; d++) {
		buf_printf(b, "bh-d%u,bh,district,%s,%s,,,,,,,,\n", d, district_names[d - 1][0],
			   district_names[d - 1][1]);
		if (d <= SIM_ESTATES)
			buf_printf(b, "bh-d%u-e,bh-d%u,estate,%s,%s,,,,,,,,estate-%u\n", d, d, estate_names[d - 1][0],
				   estate_names[d - 1][1], d);
		write_towers(t, b, d);
	}
	for (uint32_t n = 1; n <= t->plan.sim.buildings; n++) {
		const sim_building k = sim_building_of(&t->plan.sim, n);
		buf_printf(b, "bh-b%02u,bh-p,building,%s%u,%s %u,%u,,,,", n, use_names[k.use][0], n,
			   use_names[k.use][1], n, k.area);
		write_place(b, k.at);
	}
	for (uint32_t n = 1; n <= t->plan.sim.chargers; n++) {
		const sim_charger k = sim_charger_of(&t->plan.sim, n);
		buf_printf(b, "bh-c%02u,bh-d%u,station,充电桩%u,Charger %u,,,,,", n, k.district, n, n);
		write_place(b, k.at);
	}
	for (uint32_t n = 1; n <= t->plan.sim.homes; n++)
		write_premise_home(t, b, n);
}

/* A vacant home has an owner alone. */
static void write_home_points(const city *t, buf *b, uint32_t n)
{
	static const struct {
		const char *letter, *commodity, *zh, *supplier;
		int interval;
		const char *power;
	} kinds[] = { { "e", "electricity", "电表", "power", 3600, "12" },
		      { "w", "water", "水表", "water", 86400, "2.5" },
		      { "g", "gas", "燃气表", "gas", 86400, "6" } };
	const sim_home h = sim_home_of(&t->plan.sim, n);
	for (size_t i = 0; i < 3; i++) {
		buf_printf(b, "%s-%05u,%s,home-%05u,%s,,%d,%s,", kinds[i].letter, n, kinds[i].commodity, n, kinds[i].zh,
			   kinds[i].interval, kinds[i].power);
		buf_printf(b, "home-%05u,", n);
		if (!h.vacant)
			buf_printf(b, "home-%05u", n);
		buf_printf(b, ",%s,%s,%s\n", kinds[i].supplier, kinds[i].supplier, i ? "power" : "");
	}
}

static void write_points(const city *t, buf *b)
{
	buf_text(b, "code,commodity,premise,name_zh,name_en,interval,power,owner,occupant,operator,supplier,reader\n");
	for (uint32_t n = 1; n <= t->plan.sim.homes; n++)
		write_home_points(t, b, n);
	for (uint32_t n = 1; n <= t->plan.sim.buildings; n++)
		buf_printf(
		    b, "b-%02u,electricity,bh-b%02u,楼宇总表,Main meter,3600,%u,campus,bld-%02u,power,power,campus\n",
			   n, n, sim_building_of(&t->plan.sim, n).area / 10, n);
	for (uint32_t n = 1; n <= t->plan.sim.chargers; n++)
		buf_printf(b, "c-%02u,ev,bh-c%02u,充电桩,Charger,,%u,charge,,charge,charge,\n", n, n,
			   sim_charger_of(&t->plan.sim, n).watts / 1000);
}

static void write_meters(const city *t, buf *b)
{
	char since[CLOCK_TEXT], exchanged[CLOCK_TEXT];
	clock_text(t->plan.from, since);
	clock_text(city_exchange(t), exchanged);
	buf_text(b, "party,meter,maker,model,modulus,point,valid_from,valid_to,registers\n");
	for (uint32_t n = 1; n <= t->plan.sim.homes; n++) {
		city_fault f = city_fault_of(t, n);
		buf_printf(b, "power,%012u,simulated,DL/T 645-2007,1000000,e-%05u,%s,%s,\n", n, n, since,
			   f == CITY_EXCHANGED ? exchanged : "");
		if (f == CITY_EXCHANGED)
			buf_printf(b,
				   "power,9%011u,simulated,DL/T 645-2007,1000000,e-%05u,%s,,active_energy_import=0\n",
				   n, n, exchanged);
		buf_printf(b, "power,%014u,simulated,CJ/T 188-2018 DN15,%s,w-%05u,%s,,\n", 10000000 + n,
			   f == CITY_ROLLOVER ? "1000" : "100000", n, since);
		buf_printf(b, "power,%014u,simulated,CJ/T 188-2018 G2.5,100000,g-%05u,%s,,\n", 30000000 + n, n, since);
	}
	for (uint32_t n = 1; n <= t->plan.sim.buildings; n++)
		buf_printf(b, "campus,BLD%03u,simulated,ADW300,,b-%02u,%s,,\n", n, n, since);
	for (uint32_t n = 1; n <= t->plan.sim.chargers; n++)
		buf_printf(b, "charge,BHC%02u,simulated,AC pile,,c-%02u,%s,,\n", n, n, since);
}

/* The districts as the city draws them. */
static void write_outlines(const city *t, buf *b)
{
	buf_text(b, "{\"type\":\"FeatureCollection\",\"features\":[");
	for (uint8_t d = 1; d <= SIM_DISTRICTS; d++) {
		sim_place ring[SIM_CORNERS];
		sim_outline(&t->plan.sim, d, ring);
		buf_printf(b,
			   "%s{\"type\":\"Feature\",\"properties\":{\"code\":\"bh-d%u\"},\"geometry\":{\"type\":"
			   "\"Polygon\",\"coordinates\":[[",
			   d > 1 ? "," : "", d);
		for (int i = 0; i <= SIM_CORNERS; i++) {
			const sim_place p = ring[i % SIM_CORNERS];
			buf_printf(b, "%s[%d.%07d,%d.%07d]", i ? "," : "", p.lon_e7 / 10000000, p.lon_e7 % 10000000,
				   p.lat_e7 / 10000000, p.lat_e7 % 10000000);
		}
		buf_text(b, "]]}}");
	}
	buf_text(b, "]}");
}

static hub_status load_outlines(city *t)
{
	buf b = { 0 };
	load_result r = { 0 };
	arena a;
	arena_init(&a, 0);
	write_outlines(t, &b);
	hub_status st = b.bad ? HUB_NOMEM : area_load(t->c->db, b.bytes, b.len, &a, &r, t->fault);
	if (st == HUB_OK && r.fault_count) {
		*t->fault = r.faults[0].fault;
		st = HUB_REJECT;
	}
	buf_fini(&b);
	arena_fini(&a);
	return st;
}

hub_status city_register(city *t)
{
	static const struct {
		load_kind kind;
		void (*write)(const city *t, buf *b);
	} files[] = { { LOAD_PARTIES, write_parties },
		      { LOAD_PREMISES, write_premises },
		      { LOAD_POINTS, write_points },
		      { LOAD_DEVICES, write_meters } };
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof files / sizeof *files; i++) {
		buf b = { 0 };
		files[i].write(t, &b);
		st = load(t, files[i].kind, &b);
		buf_fini(&b);
	}
	return st == HUB_OK ? load_outlines(t) : st;
}

/*
 * hubctl city: a whole city to look at, made in steps that may be killed and begun again. What it consists of is
 * hub/sim's; here it becomes registry, readings through the intake, bills, payments and people.
 */
#ifndef CTL_CITY_H
#define CTL_CITY_H

#include "base/buf.h"
#include "base/zone.h"
#include "ctl/ctl.h"
#include "rules/inforce.h"
#include "sim/standing.h"
#include "store/store.h"

/* What is wrong with a home's meters, so that quarantine, flags and held bills are not empty. */
typedef enum city_fault {
	CITY_FINE,
	CITY_SILENT,	/* four days without electricity readings */
	CITY_SPIKE,	/* an hour with a thousand times what it can be */
	CITY_ROLLOVER,	/* its water register passes its highest value */
	CITY_EXCHANGED, /* another electricity meter since the middle */
	CITY_FAST,	/* a clock that runs ahead: by 90 s, at last by 20 min */
	CITY_TWICE,	/* the last whole day twice */
	CITY_LATE,	/* a day that came four days later */
	CITY_UNIT,	/* a day of water in kWh */
	CITY_UNKNOWN,	/* gas of a meter that nobody registered */
} city_fault;
enum { CITY_ORDERED = 32 };

/* Written once, under DATA/core, so that whoever goes on makes the same. */
typedef struct city_plan {
	sim_city sim;
	unsigned months;      /* whole ones before the one that runs */
	hub_time from, until; /* the first of a month, and a whole hour, in the city's zone */
	hub_time fine;	/* from this midnight on electricity comes by the quarter of an hour and water by the hour */
	hub_time leaks; /* when leaks began */
	struct {
		uint32_t home;
		city_fault fault;
	} ordered[CITY_ORDERED]; /* beside the first homes' faults, which are always there; later ones win */
	size_t ordered_count;
} city_plan;

typedef struct city {
	ctl *c;
	city_plan plan;
	zone *zone;
	inforce *policies;
	int64_t begun; /* monotonic */
	hub_fault *fault;
} city;

#define CITY_HOUR INT64_C(3600000000)
#define CITY_DAY (24 * CITY_HOUR)
#define CITY_ZONE "Asia/Shanghai"
#define CITY_STATE "zone/state" /* below DATA, where live devices look */

enum { CITY_CODE = 32, CITY_CYCLES = 40 };

/* Seconds since the start and what is being done, on standard error. */
void city_say(const city *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A file below DATA, and one in a folder below it. HUB_MISSING: it is not there. HUB_FAILED: the folder is not. */
hub_status city_file_read(ctl *c, const char *path, buf *ret, hub_fault *fault);
hub_status city_file_write(ctl *c, const char *folder, const char *name, const buf *bytes, mode_t mode, hub_fault *fault);

/* The plan of the city that stands in DATA. HUB_REJECT: there is none yet. */
hub_status city_plan_of(ctl *c, city_plan *ret, hub_fault *fault);
/*
 * The electricity register of a live home passes its digits' end in about so many seconds (a word; NULL:
 * 90), a few Wh later at the soonest. For good: the meter has another counter from then on.
 */
hub_status city_rollover(ctl *c, uint64_t number, const char *within, hub_fault *fault);

/* The steps, each of which may be repeated. HUB_REJECT and the like with t->fault. */
hub_status city_register(city *t); /* parties, premises, points, meters */
hub_status city_contract(city *t); /* tariffs, accounts, contracts, the payment provider */
hub_status city_fill(city *t);	   /* readings */
hub_status city_charge(city *t);   /* charging stations, cards, sessions */
hub_status city_bill(city *t);	   /* cycles and their payments */
hub_status city_publish(city *t);  /* sums of areas, for those who may see no home */
hub_status city_people(city *t);   /* logins, into DATA/core/city-logins.txt */

/* YYYYMM of the i'th month of the plan. */
int32_t city_cycle(const city *t, unsigned i);
/* The first moment of the i'th month. */
hub_time city_month(const city *t, unsigned i);

city_fault city_fault_of(const city *t, uint32_t home);
/* "spike" and the like; false: there is none of that name. */
bool city_fault_named(const char *name, city_fault *ret);
const char *city_fault_name(city_fault f);
/* When the meter of CITY_EXCHANGED was. */
hub_time city_exchange(const city *t);

#endif

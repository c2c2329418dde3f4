/*
 * The simulated city as its devices need it: a file that hubctl city make shows the outer zone says which city it is
 * and when its registers stood at nought. Until it is there, none of its meters speaks.
 */
#ifndef SIM_LIVING_H
#define SIM_LIVING_H

#include <stdbool.h>

#include "sim/standing.h"

typedef enum living_fault_kind {
	LIVING_FINE,
	LIVING_SILENT,	  /* says nothing */
	LIVING_SPIKE,	  /* a register 1,000 higher than it is, until the fault ends */
	LIVING_EXCHANGED, /* another device that nobody registered: its register began at nought */
	LIVING_DRIFT,	  /* a clock two minutes ahead */
	LIVING_TWICE,	  /* all it says comes twice */
	LIVING_LATE,	  /* what it has to say comes when the fault ends */
	LIVING_UNIT,	  /* another unit than the quantity's */
	LIVING_STUCK,	  /* a charging station: yes to every order, and nothing done */
} living_fault_kind;

enum { LIVING_FAULTS = 64 };

typedef struct living_order {
	char thing[12]; /* "home", "charger", "building" */
	uint32_t number;
	living_fault_kind kind;
} living_order;

/* A counter that was put into a meter, near its digits' end. */
typedef struct living_counter {
	uint32_t number;	  /* of its home */
	long long second;	  /* s since 1970 */
	long long start, modulus; /* Wh */
} living_counter;

/* A file as it was when it was read: replaced, it is another. */
typedef struct living_seen {
	unsigned long long file;
	int64_t at; /* ns since 1970 */
} living_seen;

typedef struct living {
	const char *path; /* NULL: no city; meters run evenly */
	bool there;
	int64_t looked; /* s since 1970 */
	sim_city city;
	int64_t from, until, leaks; /* s since 1970; an hour since 1970 */
	size_t rolled_count;
	uint32_t rolled[LIVING_FAULTS]; /* homes whose water register began anew in the history */
	living_seen faults_seen, counters_seen;
	size_t fault_count;
	living_order faults[LIVING_FAULTS];
	size_t counter_count;
	living_counter counters[LIVING_FAULTS];
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
	int64_t rolling; /* what it stood at when the history began, if it began anew since then */
	int64_t before;	 /* what it had shown when it was exchanged; 0: it was not */
	int64_t counter_second, counter_before; /* when its counter was exchanged, and what it had shown by then */
} living_meter;

typedef enum living_kind { LIVING_POWER, LIVING_WATER, LIVING_GAS, LIVING_BUILDING } living_kind;

/*
 * What the meter shows at this second, with what is ordered to be wrong with its register; false: it is silent, or
 * there is no city yet, or no such home in it.
 */
bool living_shown(living_meter *m, living_kind kind, int64_t second, sim_shown *ret);
/* What is ordered to be wrong with it at this moment: whoever ordered it has it with the next word to the device. */
living_fault_kind living_fault(living *l, const char *thing, uint32_t number);
/* Looks for the file at most once a second. */
bool living_there(living *l, int64_t now);

#endif

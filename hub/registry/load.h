/*
 * Bulk load of the registry from CSV: a header row that names the columns, in any order, then one
 * row per thing. Rows are checked one by one; those that are right are loaded in one transaction,
 * the others are told with line, column, rule and remedy.
 *
 *	parties   code,name_zh,name_en,kind,roles                            roles: a;b;c
 *	premises  code,parent,kind,name_zh,name_en,area,valid_from,valid_to,
 *	          dwelling,heating,occupants,occupied,lon,lat,manager        parent: its code, above it in the file or there already;
 *	          occupied "": yes; lon, lat: degrees; these make homes alike (compare/run.h);
 *	          manager: the party that manages the place and all below it, "-": nobody, "": as it was
 *	points    code,commodity,premise,name_zh,name_en,zone,interval,power,protected,
 *	          owner,occupant,operator,supplier,reader,valid_from,valid_to
 *	          interval: s; parties by code
 *	devices   party,meter,maker,model,multiplier,modulus,point,channel,valid_from,valid_to,registers
 *	          point "": not installed; registers: quantity=value;… at valid_from
 *
 * Times are RFC 3339. The same row again changes nothing; a row whose thing is there with other
 * content is refused ("load.conflict") unless `update` is set.
 */
#ifndef REGISTRY_LOAD_H
#define REGISTRY_LOAD_H

#include "store/store.h"

typedef enum load_kind { LOAD_PARTIES, LOAD_PREMISES, LOAD_POINTS, LOAD_DEVICES } load_kind;
bool load_kind_parse(const char *name, load_kind *ret); /* "parties", … */

typedef struct load_fault {
	size_t line;     /* in the file, from 1 */
	hub_fault fault; /* field: the column, "" for the row */
} load_fault;

typedef struct load_result {
	size_t rows;      /* read, without the header */
	size_t loaded;    /* added or changed */
	size_t unchanged; /* there already, the same */
	load_fault *faults; /* in the order of the file, in the arena; refused rows = fault_count */
	size_t fault_count;
} load_result;

/*
 * Own transaction. HUB_OK even if rows were refused. HUB_REJECT: the header is wrong, nothing was
 * loaded. HUB_AGAIN, HUB_FAILED, HUB_NOMEM: nothing was loaded.
 */
hub_status registry_load(store *db, load_kind kind, const void *bytes, size_t len, bool update, arena *a,
			 load_result *ret, hub_fault *fault);

#endif

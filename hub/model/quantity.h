/*
 * The quantities, units and states the hub knows: schemas/quantities.json, the only list. Each
 * row also has a number, its place in the file's history: rows are appended, never moved, so that
 * the number may stand in tables.
 */
#ifndef MODEL_QUANTITY_H
#define MODEL_QUANTITY_H

#include <hub/adapter.h>

typedef struct quantity_state {
	int64_t code;
	const char *name;
} quantity_state;

typedef struct quantity {
	uint16_t number;       /* 1 … */
	const char *name;      /* "active_energy_import" */
	const char *obis;      /* IEC 62056-61 "1-0:1.8.0", "" if none */
	const char *cim;       /* IEC 61968-9 reading type hint, "" if none */
	const char *dimension; /* "energy", "volume", "power", … */
	const char *commodity; /* "electricity", "water", "gas", "heat", "cold", "ev", "any" */
	const char *unit;      /* canonical: "kWh", "m3", … */
	uint32_t kinds;        /* bit (1 << hub_kind) */
	const quantity_state *states;
	size_t state_count;
} quantity;

/* The list: the JSON file's bytes are part of the library and are parsed at the first use, once. */
const quantity *quantity_all(size_t *ret_count);

const quantity *quantity_find(const char *name);        /* NULL if unknown */
const quantity *quantity_by_number(uint16_t number);    /* NULL if unknown */
/* "1-0:1.8.0", also with group F 255; commodity NULL: any. The first of several. */
const quantity *quantity_by_obis(const char *obis, const char *commodity);

/*
 * A value in `unit` as the quantity's canonical unit, exactly: Wh → kWh, L → m3, MJ → kWh only if
 * the result is exact (model/unit.h). HUB_REJECT: another dimension or unknown unit; HUB_RANGE:
 * does not fit or would have to be rounded.
 */
hub_status quantity_convert(const quantity *q, const char *unit, hub_value v, hub_value *ret);

const char *hub_kind_name(hub_kind kind);               /* "register", … ; NULL if unknown */
bool hub_kind_parse(const char *text, hub_kind *ret);
/* flag names by bit, in the order of hub_flag; NULL ends. */
extern const char *const hub_flag_names[];

#endif

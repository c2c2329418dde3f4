/*
 * A register map: what stands where in a device, by file (JSON, README). Read once; then constant.
 */
#ifndef MODBUS_MAP_H
#define MODBUS_MAP_H

#include "base/arena.h"
#include "value.h"

enum { MB_GROUPS_MAX = 8, MB_CHANNEL = 33 };

typedef struct mb_row {
	const char *quantity, *unit;
	char channel[MB_CHANNEL];
	hub_kind kind;
	uint8_t function; /* 1 to 4 */
	uint8_t group;
	uint16_t address, words; /* words: registers, or 1 coil */
	mb_layout layout;
} mb_row;

/* What may be written: a relay or a set-point. */
typedef struct mb_control {
	const char *kind; /* of the command: "switch", "set_point" */
	char channel[MB_CHANNEL];
	uint8_t function; /* 5, 6, 15, 16 */
	uint16_t address, words;
	mb_layout layout;
	int64_t on, off; /* raw values of "switch" */
	bool has_min, has_max;
	decimal min, max;
	/* Where the effect is read; function 0: it cannot be. */
	uint8_t check_function;
	uint16_t check_address, check_words;
	mb_layout check_layout;
	int64_t check_on, check_off;
	hub_time check_after; /* µs a relay needs */
} mb_control;

typedef struct mb_group {
	const char *name;
	hub_time period; /* µs */
} mb_group;

typedef struct mb_map {
	const char *name;
	const mb_row *rows; /* by group, function, address */
	size_t row_count;
	const mb_control *controls;
	size_t control_count;
	mb_group groups[MB_GROUPS_MAX];
	size_t group_count;
	unsigned gap;		/* registers read along though nobody asked for them, 0 to 100 */
	unsigned max_registers; /* of one read, 1 to 125 */
} mb_map;

/* One question: rows [first, first + count) lie in it. */
typedef struct mb_read {
	uint8_t function;
	uint16_t address, count; /* registers or coils */
	size_t first, rows;
} mb_read;

/* text: JSON. Everything goes into the arena. HUB_REJECT with *fault naming the row. */
hub_status mb_map_parse(const char *text, size_t len, const char *name, arena *a, mb_map *ret, hub_fault *fault);
/* A map that comes with the adapter, or the file of this path. */
hub_status mb_map_load(const char *name, arena *a, mb_map *ret, hub_fault *fault);
/* Pure: joins a group's neighbouring rows within gap and max_registers. HUB_NOMEM. */
hub_status mb_map_plan(const mb_map *m, size_t group, arena *a, mb_read **ret, size_t *ret_count);

#endif

#include "model/quantity.h"

#include "model/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

/* The bytes of schemas/quantities.json; the build gives its path. */
extern const char hub_quantities_json[], hub_quantities_json_end[];
__asm__(".pushsection .rodata\n"
	".global hub_quantities_json\n.hidden hub_quantities_json\n"
	".global hub_quantities_json_end\n.hidden hub_quantities_json_end\n"
	"hub_quantities_json:\n.incbin \"" QUANTITIES_JSON "\"\n"
	"hub_quantities_json_end:\n.byte 0\n"
	".popsection\n");

enum { SLOTS = 1024 }; /* a power of two, well above the number of quantities */

static once_flag loaded = ONCE_FLAG_INIT;
static quantity *list;
static json_t *source;	      /* owns the quantities' texts; as many rows as the list */
static uint16_t slots[SLOTS]; /* number of the quantity, by hash of its name; 0 is free */

const char *const hub_flag_names[] = { "estimated",  "manual",	     "invalid",	   "host_time", "clock_drift",
				       "late",	     "out_of_range", "spike",	   "rollover",	"decrease",
				       "misaligned", "substituted",  "power_fail", "reversed",	NULL };

static const char *const kind_names[] = { NULL, "register", "interval", "instant", "state" };

const char *hub_kind_name(hub_kind kind)
{
	return (size_t)kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : NULL;
}

bool hub_kind_parse(const char *text, hub_kind *ret)
{
	for (int kind = HUB_REGISTER; kind <= HUB_STATE; kind++)
		if (strcmp(text, kind_names[kind]) == 0) {
			*ret = (hub_kind)kind;
			return true;
		}
	return false;
}

/* The list is a part of the program, so an error in it is ours. */
static _Noreturn void malformed(size_t row, const char *what)
{
	fprintf(stderr, "schemas/quantities.json: row %zu: %s\n", row, what);
	abort();
}

static void *allocate(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		malformed(0, "out of memory");
	return p;
}

static const char *member(const json_t *row, size_t number, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	if (!text)
		malformed(number, name);
	return text;
}

static uint32_t kinds_of(const json_t *row, size_t number)
{
	uint32_t kinds = 0;
	size_t i;
	json_t *name;
	json_array_foreach (json_object_get(row, "kinds"), i, name) {
		hub_kind kind;
		if (!json_is_string(name) || !hub_kind_parse(json_string_value(name), &kind))
			malformed(number, "kinds");
		kinds |= 1u << kind;
	}
	if (!kinds)
		malformed(number, "kinds");
	return kinds;
}

static void states_of(json_t *row, size_t number, quantity *q)
{
	json_t *states = json_object_get(row, "states"), *name;
	const char *key;
	quantity_state *list_of = allocate(json_object_size(states), sizeof *list_of);
	json_object_foreach (states, key, name) {
		char *end;
		long long code = strtoll(key, &end, 10);
		if (*end || !json_is_string(name))
			malformed(number, "states");
		list_of[q->state_count++] = (quantity_state) { code, json_string_value(name) };
	}
	q->states = list_of;
	if (!(q->kinds & 1u << HUB_STATE) != !q->state_count)
		malformed(number, "a quantity has states exactly if it has the kind state");
}

static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

static void load(void)
{
	size_t bytes = (size_t)(hub_quantities_json_end - hub_quantities_json), i;
	json_error_t error;
	json_t *root = json_loadb(hub_quantities_json, bytes, JSON_REJECT_DUPLICATES, &error), *row;
	if (!json_is_array(root) || json_array_size(root) >= SLOTS / 2)
		malformed((size_t)error.line, "not an array of quantities");
	list = allocate(json_array_size(root), sizeof *list);
	json_array_foreach (root, i, row) {
		quantity *q = &list[i];
		*q = (quantity) { .number = (uint16_t)(i + 1),
				  .name = member(row, i + 1, "name"),
				  .obis = member(row, i + 1, "obis"),
				  .cim = member(row, i + 1, "cim"),
				  .dimension = member(row, i + 1, "dimension"),
				  .commodity = member(row, i + 1, "commodity"),
				  .unit = member(row, i + 1, "unit"),
				  .kinds = kinds_of(row, i + 1) };
		states_of(row, i + 1, q);
		hub_value one;
		if (unit_convert(q->dimension, q->unit, q->unit, (hub_value) { 1, 0 }, &one) != HUB_OK)
			malformed(i + 1, "its unit is not known in its dimension");
		uint32_t slot = hash(q->name) % SLOTS;
		for (; slots[slot]; slot = (slot + 1) % SLOTS)
			if (strcmp(list[slots[slot] - 1].name, q->name) == 0)
				malformed(i + 1, "its name is taken");
		slots[slot] = q->number;
	}
	source = root;
}

const quantity *quantity_all(size_t *ret_count)
{
	call_once(&loaded, load);
	*ret_count = json_array_size(source);
	return list;
}

const quantity *quantity_find(const char *name)
{
	call_once(&loaded, load);
	for (uint32_t slot = hash(name) % SLOTS; slots[slot]; slot = (slot + 1) % SLOTS)
		if (strcmp(list[slots[slot] - 1].name, name) == 0)
			return &list[slots[slot] - 1];
	return NULL;
}

const quantity *quantity_by_number(uint16_t number)
{
	call_once(&loaded, load);
	return number && number <= json_array_size(source) ? &list[number - 1] : NULL;
}

/* Length without value group F ("*255" or ".255" means the present billing period). */
static size_t obis_length(const char *obis)
{
	size_t len = strlen(obis);
	return len > 4 && (strcmp(obis + len - 4, "*255") == 0 || strcmp(obis + len - 4, ".255") == 0) ? len - 4 : len;
}

const quantity *quantity_by_obis(const char *obis, const char *commodity)
{
	call_once(&loaded, load);
	size_t len = obis_length(obis);
	for (size_t i = 0; len && i < json_array_size(source); i++) {
		const quantity *q = &list[i];
		if (strncmp(q->obis, obis, len) == 0 && !q->obis[len] &&
		    (!commodity || strcmp(q->commodity, commodity) == 0 || strcmp(q->commodity, "any") == 0))
			return q;
	}
	return NULL;
}

hub_status quantity_convert(const quantity *q, const char *unit, hub_value v, hub_value *ret)
{
	if (strcmp(q->unit, unit) != 0)
		return unit_convert(q->dimension, unit, q->unit, v, ret);
	*ret = v;
	return HUB_OK;
}

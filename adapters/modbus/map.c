#include "map.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "frame.h"

extern const hub_embedded modbus_maps[];
extern const size_t modbus_maps_count;

enum { ROWS_MAX = 2048, CONTROLS_MAX = 256, TEXT_MAX = 1024 * 1024, PERIOD_MAX = 86400 };

typedef struct reader {
	arena *a;
	mb_map *m;
	mb_row *rows;
	mb_control *controls;
	bool low_word_first, low_byte_first; /* unless a row says otherwise */
	int64_t function;
	const json_t *at; /* the row at hand */
	char where[40];
	hub_fault *fault;
	hub_status st;
} reader;

static void refuse(reader *r, const char *member, const char *rule)
{
	if (r->st != HUB_OK)
		return;
	r->st =
	    hub_fault_set(r->fault, "modbus.map", "map", "map '%.40s' %s: %s %s", r->m->name, r->where, member, rule);
}

static int64_t number(reader *r, const json_t *of, const char *key, int64_t fallback, int64_t min, int64_t max)
{
	const json_t *v = json_object_get(of, key);
	const char *text = json_string_value(v);
	char none[1] = "", *end = none;
	int64_t n = v ? json_integer_value(v) : fallback;
	if (text)
		n = strtoll(text, &end, 0);
	if ((v && !json_is_integer(v) && (!text || !*text)) || *end || n < min || n > max)
		refuse(r, key, "is a number out of its range, or missing");
	return n;
}

static const char *text(reader *r, const json_t *of, const char *key, const char *fallback)
{
	const json_t *v = json_object_get(of, key);
	if (v && !json_is_string(v)) {
		refuse(r, key, "is a text");
		return "";
	}
	if (!v && !fallback)
		refuse(r, key, "is missing");
	const char *kept = arena_strdup(r->a, v ? json_string_value(v) : fallback);
	if (!kept && r->st == HUB_OK)
		r->st = HUB_NOMEM;
	return kept ? kept : "";
}

static bool low_first(reader *r, const json_t *of, const char *key, bool fallback)
{
	const json_t *v = json_object_get(of, key);
	const char *t = json_string_value(v);
	if (v && (!t || (strcmp(t, "high") != 0 && strcmp(t, "low") != 0)))
		refuse(r, key, "is 'high' or 'low': which comes first");
	return t ? !strcmp(t, "low") : fallback;
}

static bool decimal_member(reader *r, const json_t *of, const char *key, const char *fallback, decimal *ret)
{
	const char *t = json_object_get(of, key) || fallback ? text(r, of, key, fallback) : NULL;
	if (t && decimal_parse(t, strlen(t), ret) != HUB_OK)
		refuse(r, key, "is a decimal as text, such as \"0.01\"");
	return t != NULL;
}

static uint64_t raw_member(reader *r, const json_t *of, const char *key)
{
	const json_t *v = json_object_get(of, key);
	const char *t = json_string_value(v);
	char none[1] = "", *end = none;
	uint64_t n = v ? (uint64_t)json_integer_value(v) : 0;
	if (t)
		n = strtoull(t, &end, 0);
	if ((v && !json_is_integer(v) && (!t || !*t)) || *end)
		refuse(r, key, "is a number, or one as text such as \"0xFFFF\"");
	return n;
}

static mb_layout layout(reader *r, const json_t *of, const char *fallback)
{
	mb_layout l = { 0 };
	if (!mb_type_parse(text(r, of, "type", fallback), &l.type))
		refuse(r, "type",
		       "is bit, u16, s16, m16, u32, s32, m32, u64, s64, float32, float64, bcd16, bcd32 or bcd64");
	l.low_word_first = low_first(r, of, "word_order", r->low_word_first);
	l.low_byte_first = low_first(r, of, "byte_order", r->low_byte_first);
	l.mask = raw_member(r, of, "mask");
	l.has_absent = json_object_get(of, "absent") != NULL;
	l.absent = raw_member(r, of, "absent");
	decimal_member(r, of, "multiplier", "1", &l.multiplier);
	if (r->st == HUB_OK && decimal_sign(l.multiplier) <= 0)
		refuse(r, "multiplier", "is above zero");
	return l;
}

static uint8_t group_find(reader *r, const json_t *of)
{
	const char *name = text(r, of, "group", r->m->groups[0].name);
	for (size_t i = 0; i < r->m->group_count; i++)
		if (!strcmp(r->m->groups[i].name, name))
			return (uint8_t)i;
	refuse(r, "group", "is one of the map's groups");
	return 0;
}

static hub_kind kind_find(reader *r, const json_t *of)
{
	static const char *const names[] = { "", "register", "interval", "instant", "state" };
	const char *name = text(r, of, "kind", "instant");
	for (int i = HUB_REGISTER; i <= HUB_STATE; i++)
		if (!strcmp(names[i], name) && i != HUB_INTERVAL)
			return (hub_kind)i;
	refuse(r, "kind", "is register, instant or state");
	return HUB_INSTANT;
}

/* "c#" with the circuit's number for '#'. */
static void channel_name(reader *r, const char *pattern, int64_t n, char ret[MB_CHANNEL])
{
	const char *sign = strchr(pattern, '#');
	int len = sign ? snprintf(ret, MB_CHANNEL, "%.*s%lld%s", (int)(sign - pattern), pattern, (long long)n, sign + 1)
		       : snprintf(ret, MB_CHANNEL, "%s", pattern);
	if (len < 0 || len >= MB_CHANNEL)
		refuse(r, "channel", "has at most 32 bytes");
}

typedef struct repeat {
	const char *pattern;
	int64_t from, count, stride;
} repeat;

static repeat repeat_of(reader *r, const json_t *of)
{
	const json_t *o = json_object_get(of, "repeat");
	if (!o)
		return (repeat) { text(r, of, "channel", ""), 0, 1, 0 };
	return (repeat) { text(r, o, "channel", "c#"), number(r, o, "from", 1, 0, 9999),
			  number(r, o, "count", -1, 1, 1000), number(r, o, "stride", -1, 1, 65535) };
}

static bool room(reader *r, size_t count, int64_t more, size_t most)
{
	if (r->st == HUB_OK && count + (size_t)more > most)
		refuse(r, "registers", "are too many with their repeats (2048 registers, 256 controls)");
	return r->st == HUB_OK;
}

static void add_register(reader *r, const json_t *of)
{
	repeat rep = repeat_of(r, of);
	mb_row row = { .quantity = text(r, of, "quantity", NULL),
		       .unit = text(r, of, "unit", NULL),
		       .kind = kind_find(r, of),
		       .function = (uint8_t)number(r, of, "function", r->function, 1, 4),
		       .group = group_find(r, of) };
	row.layout = layout(r, of, row.function <= 2 ? "bit" : NULL);
	row.words = (uint16_t)mb_type_words(row.layout.type);
	int64_t address = number(r, of, "address", -1, 0, 65535);
	if (row.function <= 2 && row.layout.type != MB_BIT)
		refuse(r, "type", "is bit for functions 1 and 2");
	if (!room(r, r->m->row_count, rep.count, ROWS_MAX))
		return;
	if (address + rep.stride * (rep.count - 1) + row.words > 65536)
		refuse(r, "address", "lies within 0 to 65535 with its repeats");
	for (int64_t i = 0; i < rep.count && r->st == HUB_OK; i++) {
		channel_name(r, rep.pattern, rep.from + i, row.channel);
		row.address = (uint16_t)(address + rep.stride * i);
		r->rows[r->m->row_count++] = row;
	}
}

static void check_of(reader *r, const json_t *of, mb_control *c, int64_t *ret_address, int64_t *ret_stride)
{
	const json_t *o = json_object_get(of, "check");
	if (!o)
		return;
	c->check_function = (uint8_t)number(r, o, "function", 3, 1, 4);
	*ret_address = number(r, o, "address", -1, 0, 65535);
	*ret_stride = number(r, o, "stride", *ret_stride, 0, 65535);
	c->check_layout = layout(r, o, c->check_function <= 2 ? "bit" : "u16");
	c->check_words = (uint16_t)mb_type_words(c->check_layout.type);
	c->check_on = number(r, o, "on", 1, INT32_MIN, UINT32_MAX);
	c->check_off = number(r, o, "off", 0, INT32_MIN, UINT32_MAX);
	c->check_after = number(r, o, "after", 0, 0, 60000) * 1000;
}

static void add_control(reader *r, const json_t *of)
{
	repeat rep = repeat_of(r, of);
	int64_t check_address = 0, check_stride = rep.stride;
	mb_control c = { .kind = text(r, of, "kind", NULL), .function = (uint8_t)number(r, of, "function", 6, 5, 16) };
	bool is_switch = !strcmp(c.kind, "switch");
	int64_t address = number(r, of, "address", -1, 0, 65535);
	if (!is_switch && strcmp(c.kind, "set_point") != 0)
		refuse(r, "kind", "is switch or set_point");
	if (c.function > 6 && c.function < 15)
		refuse(r, "function", "is 5, 6, 15 or 16");
	c.layout = layout(r, of, c.function == MB_WRITE_COIL || c.function == MB_WRITE_COILS ? "bit" : "u16");
	c.words = (uint16_t)mb_type_words(c.layout.type);
	c.on = number(r, of, "on", 1, 0, 65535);
	c.off = number(r, of, "off", 0, 0, 65535);
	c.has_min = decimal_member(r, of, "min", NULL, &c.min);
	c.has_max = decimal_member(r, of, "max", NULL, &c.max);
	check_of(r, of, &c, &check_address, &check_stride);
	if (c.function == MB_WRITE_REGISTER && c.words > 1)
		refuse(r, "function", "6 writes one register; 16 writes more");
	if (!room(r, r->m->control_count, rep.count, CONTROLS_MAX))
		return;
	if (address + rep.stride * (rep.count - 1) + c.words > 65536 ||
	    check_address + check_stride * (rep.count - 1) + c.check_words > 65536)
		refuse(r, "address", "lies within 0 to 65535 with its repeats");
	for (int64_t i = 0; i < rep.count && r->st == HUB_OK; i++) {
		channel_name(r, rep.pattern, rep.from + i, c.channel);
		c.address = (uint16_t)(address + rep.stride * i);
		c.check_address = (uint16_t)(check_address + check_stride * i);
		r->controls[r->m->control_count++] = c;
	}
}

static void read_groups(reader *r, const json_t *all)
{
	json_t *groups = json_object_get(all, "groups");
	const char *name;
	json_t *value;
	json_object_foreach (groups, name, value) {
		if (r->m->group_count == MB_GROUPS_MAX) {
			refuse(r, "groups", "are at most 8");
			return;
		}
		if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > PERIOD_MAX)
			refuse(r, name, "has 1 to 86400 seconds");
		char *kept = arena_strdup(r->a, name);
		if (!kept)
			r->st = HUB_NOMEM;
		r->m->groups[r->m->group_count++] = (mb_group) { kept, json_integer_value(value) * INT64_C(1000000) };
	}
	if (!r->m->group_count)
		r->m->groups[r->m->group_count++] = (mb_group) { "all", 60 * INT64_C(1000000) };
}

static int by_place(const void *a, const void *b)
{
	const mb_row *x = a, *y = b;
	if (x->group != y->group)
		return x->group - y->group;
	if (x->function != y->function)
		return x->function - y->function;
	return x->address - y->address;
}

static void each(reader *r, const json_t *all, const char *key, void (*add)(reader *, const json_t *))
{
	const json_t *list = json_object_get(all, key);
	size_t i;
	json_t *one;
	if (list && !json_is_array(list))
		refuse(r, key, "is a list");
	json_array_foreach (list, i, one) {
		snprintf(r->where, sizeof r->where, "%s[%zu]", key, i);
		if (!json_is_object(one))
			refuse(r, key, "holds objects");
		if (r->st == HUB_OK)
			add(r, one);
	}
	snprintf(r->where, sizeof r->where, "as a whole");
}

hub_status mb_map_parse(const char *bytes, size_t len, const char *name, arena *a, mb_map *ret, hub_fault *fault)
{
	json_error_t error;
	mb_map m = { .name = name };
	json_t *all = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(all)) {
		json_decref(all);
		return hub_fault_set(fault, "modbus.map", "map", "map '%.40s' is a JSON object: line %d: %.100s", name,
				     error.line, error.text);
	}
	reader r = { .a = a, .m = &m, .fault = fault, .where = "as a whole" };
	r.rows = arena_array(a, ROWS_MAX, sizeof *r.rows);
	r.controls = arena_array(a, CONTROLS_MAX, sizeof *r.controls);
	r.st = r.rows && r.controls ? HUB_OK : HUB_NOMEM;
	r.low_word_first = low_first(&r, all, "word_order", false);
	r.low_byte_first = low_first(&r, all, "byte_order", false);
	r.function = number(&r, all, "function", 3, 1, 4);
	m.gap = (unsigned)number(&r, all, "gap", 8, 0, 100);
	m.max_registers = (unsigned)number(&r, all, "max_registers", 100, 4, 125);
	read_groups(&r, all);
	if (r.st == HUB_OK)
		each(&r, all, "registers", add_register);
	if (r.st == HUB_OK)
		each(&r, all, "controls", add_control);
	if (r.st == HUB_OK && !m.row_count && !m.control_count)
		refuse(&r, "registers", "has at least one row");
	json_decref(all);
	if (r.st != HUB_OK)
		return r.st;
	qsort(r.rows, m.row_count, sizeof *r.rows, by_place);
	m.rows = r.rows;
	m.controls = r.controls;
	*ret = m;
	return HUB_OK;
}

static hub_status load_file(const char *path, arena *a, mb_map *ret, hub_fault *fault)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return hub_fault_set(
		    fault, "modbus.map", "map",
		    "map '%.80s' is neither one of the adapter's own (README) nor a file that can be read", path);
	char *bytes = malloc(TEXT_MAX);
	size_t len = bytes ? fread(bytes, 1, TEXT_MAX, f) : 0;
	fclose(f);
	const char *name = arena_strdup(a, path);
	hub_status st = bytes && name ? mb_map_parse(bytes, len, name, a, ret, fault) : HUB_NOMEM;
	free(bytes);
	return st;
}

hub_status mb_map_load(const char *name, arena *a, mb_map *ret, hub_fault *fault)
{
	for (size_t i = 0; i < modbus_maps_count; i++)
		if (!strcmp(modbus_maps[i].name, name))
			return mb_map_parse(modbus_maps[i].bytes, modbus_maps[i].len, modbus_maps[i].name, a, ret,
					    fault);
	return load_file(name, a, ret, fault);
}

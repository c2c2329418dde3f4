#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "number.h"
#include "stamp.h"

enum { MINUTE = 60 * 1000000 };

enum option_place {
	MAPPING, SEPARATOR, HEADER, SKIP, COMMENT, DECIMAL, THOUSANDS, ZONE, FORMAT, STAMP, INTERVAL, METER,
	METER_COLUMN, CHANNEL_COLUMN, TIME_COLUMN, START_COLUMN, END_COLUMN, VALUE_COLUMN, QUANTITY, QUANTITY_COLUMN,
	UNIT, UNIT_COLUMN, CHANNEL, KIND, FACTOR, CUMULATIVE, RESET, ORDER, MISSING, MISSING_TEXTS, VALUES, QUANTITIES,
	UNITS, OPTION_COUNT
};

const hub_option csv_options[] = {
	[MAPPING] = { "mapping", "", "JSON object of these options, as a file says it (mapping=@FILE)" },
	[SEPARATOR] = { "separator", ",", "one character between fields, or 'tab'" },
	[HEADER] = { "header", "true", "whether the first row names the columns: true or false" },
	[SKIP] = { "skip", "0", "lines before the header, 0 to 1000" },
	[COMMENT] = { "comment", "", "a character that begins a comment line; empty: none" },
	[DECIMAL] = { "decimal", ".", "the decimal mark: . or ," },
	[THOUSANDS] = { "thousands", "", "a character between groups of digits; empty: none" },
	[ZONE] = { "zone", "UTC", "the zone of times without offset, such as Asia/Shanghai" },
	[FORMAT] = { "format", "auto", "of times: auto (ISO 8601) or of %Y %m %d %H %M %S %y %b %I %p %f %z %s" },
	[STAMP] = { "stamp", "end", "what time_column says of an interval: its start or its end" },
	[INTERVAL] = { "interval", "0", "minutes of an interval, 0 to 44640; 0: since the row before" },
	[METER] = { "meter", "", "the meter of all rows" },
	[METER_COLUMN] = { "meter_column", "", "the column of the meter: a header's name or a number from 1" },
	[CHANNEL_COLUMN] = { "channel_column", "", "the column of the channel" },
	[TIME_COLUMN] = { "time_column", "", "the column of the time; 'A+B' joins two with a space" },
	[START_COLUMN] = { "start_column", "", "the column of an interval's start" },
	[END_COLUMN] = { "end_column", "", "the column of an interval's end" },
	[VALUE_COLUMN] = { "value_column", "", "the column of the value" },
	[QUANTITY] = { "quantity", "active_energy_import", "a name of schemas/quantities.json" },
	[QUANTITY_COLUMN] = { "quantity_column", "", "the column that names the quantity" },
	[UNIT] = { "unit", "kWh", "the values' unit" },
	[UNIT_COLUMN] = { "unit_column", "", "the column of the unit" },
	[CHANNEL] = { "channel", "", "the channel of all rows" },
	[KIND] = { "kind", "interval", "register, interval or instant" },
	[FACTOR] = { "factor", "1", "what values are multiplied by, a decimal" },
	[CUMULATIVE] = { "cumulative", "false", "interval values are standings: the row before is taken off" },
	[RESET] = { "reset", "", "hh:mm-hh:mm, when a standing may begin again at zero; empty: never" },
	[ORDER] = { "order", "increasing", "of the rows of one meter: increasing or decreasing" },
	[MISSING] = { "missing", "refuse", "an empty value: refuse or skip" },
	[MISSING_TEXTS] = { "missing_texts", "NA,N/A,null,NULL,-", "texts that mean an empty value, with commas between" },
	[VALUES] = { "values", "", "JSON array of value columns: {column, quantity, unit, channel, kind, factor}" },
	[QUANTITIES] = { "quantities", "", "JSON object: the file's words for quantities to the hub's" },
	[UNITS] = { "units", "", "JSON object: the file's words for units to the hub's" },
	[OPTION_COUNT] = { NULL, NULL, NULL },
};

/* What is being read: the options' texts after the mapping. */
typedef struct reading {
	config *c;
	const char *text[OPTION_COUNT];
	hub_fault *fault;
} reading;

static hub_status bad(const reading *r, enum option_place o, const char *rule)
{
	return hub_fault_set(r->fault, "csv.option", csv_options[o].name, "%s is %s: got '%.60s'", csv_options[o].name,
			     rule, r->text[o]);
}

/* A member as an option's text; arrays and objects stay JSON. NULL: memory ran out. */
static const char *member_text(arena *a, const json_t *v)
{
	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *copy = text ? arena_strdup(a, text) : NULL;
	free(text);
	return copy;
}

static hub_status mapping_member(reading *r, const char *name, const json_t *value)
{
	for (int o = SEPARATOR; o < OPTION_COUNT; o++) {
		if (strcmp(csv_options[o].name, name) != 0)
			continue;
		if (strcmp(r->text[o], csv_options[o].fallback) != 0)
			return HUB_OK;
		r->text[o] = member_text(&r->c->memory, value);
		return r->text[o] ? HUB_OK : HUB_NOMEM;
	}
	return hub_fault_set(r->fault, "csv.mapping", "mapping",
			     "a mapping's members are the adapter's options: it has no '%.60s'", name);
}

static hub_status mapping_read(reading *r)
{
	json_error_t error;
	if (!*r->text[MAPPING])
		return HUB_OK;
	json_t *all = json_loads(r->text[MAPPING], JSON_REJECT_DUPLICATES, &error), *value;
	const char *name;
	hub_status st = HUB_OK;
	if (!json_is_object(all)) {
		json_decref(all);
		return hub_fault_set(r->fault, "csv.mapping", "mapping", "a mapping is a JSON object: line %d: %.100s",
				     error.line, all ? "it is none" : error.text);
	}
	json_object_foreach(all, name, value)
		if (st == HUB_OK)
			st = mapping_member(r, name, value);
	json_decref(all);
	return st;
}

static hub_status read_char(const reading *r, enum option_place o, bool may_lack, char *ret)
{
	const char *t = r->text[o];
	if (!strcmp(t, "tab")) {
		*ret = '\t';
		return HUB_OK;
	}
	if ((!*t && !may_lack) || (*t && t[1]) || *t == '"' || *t == '\n' || (unsigned char)*t > 126)
		return bad(r, o, "one ASCII character other than a quotation mark");
	*ret = *t;
	return HUB_OK;
}

static hub_status read_choice(const reading *r, enum option_place o, const char *no, const char *yes, bool *ret)
{
	if (strcmp(r->text[o], no) != 0 && strcmp(r->text[o], yes) != 0)
		return hub_fault_set(r->fault, "csv.option", csv_options[o].name, "%s is %s or %s: got '%.60s'",
				     csv_options[o].name, no, yes, r->text[o]);
	*ret = !strcmp(r->text[o], yes);
	return HUB_OK;
}

static hub_status read_count(const reading *r, enum option_place o, long max, const char *rule, long *ret)
{
	char *end;
	long v = strtol(r->text[o], &end, 10);
	if (!isdigit((unsigned char)*r->text[o]) || *end || v > max)
		return bad(r, o, rule);
	*ret = v;
	return HUB_OK;
}

static hub_status read_column(const reading *r, const char *text, column_ref *ret)
{
	*ret = (column_ref){ 0 };
	if (!*text)
		return HUB_OK;
	char *copy = arena_strdup(&r->c->memory, text);
	if (!copy)
		return HUB_NOMEM;
	char *plus = strchr(copy, '+');
	ret->name[0] = copy;
	if (plus) {
		*plus = '\0';
		ret->name[1] = plus + 1;
	}
	return HUB_OK;
}

static bool read_kind(const char *text, hub_kind *ret)
{
	static const char *const names[] = { [HUB_REGISTER] = "register", [HUB_INTERVAL] = "interval",
					     [HUB_INSTANT] = "instant" };
	for (int k = HUB_REGISTER; k <= HUB_INSTANT; k++)
		if (!strcmp(names[k], text)) {
			*ret = (hub_kind)k;
			return true;
		}
	return false;
}

static hub_status read_reset(const reading *r)
{
	const char *t = r->text[RESET];
	int v[4];
	if (!*t)
		return HUB_OK;
	bool ok = strlen(t) == 11 && t[2] == ':' && t[5] == '-' && t[8] == ':';
	for (int i = 0; ok && i < 4; i++) {
		const char *p = t + 3 * i;
		ok = isdigit((unsigned char)p[0]) && isdigit((unsigned char)p[1]);
		v[i] = ok ? (p[0] - '0') * 10 + p[1] - '0' : 0;
	}
	if (!ok || v[0] > 24 || v[2] > 24 || v[1] > 59 || v[3] > 59)
		return bad(r, RESET, "hh:mm-hh:mm");
	r->c->resets = true;
	r->c->reset_from = v[0] * 60 + v[1];
	r->c->reset_to = v[2] * 60 + v[3];
	return HUB_OK;
}

static hub_status read_missing(const reading *r)
{
	config *c = r->c;
	char *rest = arena_strdup(&c->memory, r->text[MISSING_TEXTS]), *one;
	if (!rest)
		return HUB_NOMEM;
	while ((one = strsep(&rest, ","))) {
		if (c->missing_count == TEXTS_MAX)
			return bad(r, MISSING_TEXTS, "at most 32 texts");
		c->missing[c->missing_count++] = one;
	}
	return HUB_OK;
}

static hub_status read_pairs(const reading *r, enum option_place o, pair *pairs, size_t *ret_count)
{
	if (!*r->text[o])
		return HUB_OK;
	json_t *all = json_loads(r->text[o], 0, NULL), *value;
	const char *name;
	bool ok = json_is_object(all), memory = true;
	size_t n = 0;
	json_object_foreach(all, name, value) {
		ok = ok && json_is_string(value) && n < TEXTS_MAX;
		if (!ok)
			break;
		pairs[n] = (pair){ arena_strdup(&r->c->memory, name),
				   arena_strdup(&r->c->memory, json_string_value(value)) };
		memory = memory && pairs[n].from && pairs[n].to;
		n++;
	}
	json_decref(all);
	*ret_count = n;
	return !ok ? bad(r, o, "a JSON object of at most 32 texts") : memory ? HUB_OK : HUB_NOMEM;
}

static const char *member(const reading *r, const json_t *o, const char *name, enum option_place fallback)
{
	const json_t *v = json_object_get(o, name);
	return v ? member_text(&r->c->memory, v) : r->text[fallback];
}

static hub_status read_value(const reading *r, const json_t *o, value_spec *v)
{
	const char *column = member(r, o, "column", VALUE_COLUMN), *kind = member(r, o, "kind", KIND);
	const char *factor = member(r, o, "factor", FACTOR);
	v->quantity = member(r, o, "quantity", QUANTITY);
	v->unit = member(r, o, "unit", UNIT);
	v->channel = member(r, o, "channel", CHANNEL);
	if (!column || !kind || !factor || !v->quantity || !v->unit || !v->channel)
		return HUB_NOMEM;
	if (!*column)
		return bad(r, VALUE_COLUMN, "required, here or in values");
	if (!read_kind(kind, &v->kind))
		return hub_fault_set(r->fault, "csv.option", "kind", "kind is register, interval or instant: got '%.60s'",
				     kind);
	if (number_parse(factor, '.', 0, &v->factor) != HUB_OK)
		return hub_fault_set(r->fault, "csv.option", "factor", "factor is a decimal: got '%.60s'", factor);
	v->has_factor = v->factor.digits != 1 || v->factor.scale;
	return read_column(r, column, &v->column);
}

static hub_status read_values(const reading *r)
{
	config *c = r->c;
	if (!*r->text[VALUES]) {
		c->value_count = 1;
		return read_value(r, NULL, &c->values[0]);
	}
	json_t *all = json_loads(r->text[VALUES], 0, NULL);
	hub_status st = HUB_OK;
	size_t n = json_array_size(all);
	if (!json_is_array(all) || !n || n > VALUES_MAX)
		st = bad(r, VALUES, "a JSON array of 1 to 128 objects");
	for (size_t i = 0; i < n && st == HUB_OK; i++)
		st = read_value(r, json_array_get(all, i), &c->values[i]);
	json_decref(all);
	c->value_count = n;
	return st;
}

static hub_status read_columns(const reading *r)
{
	config *c = r->c;
	const struct {
		enum option_place place;
		column_ref *ref;
	} all[] = { { METER_COLUMN, &c->meter_column },	      { CHANNEL_COLUMN, &c->channel_column },
		    { TIME_COLUMN, &c->time_column },	      { START_COLUMN, &c->start_column },
		    { END_COLUMN, &c->end_column },	      { QUANTITY_COLUMN, &c->quantity_column },
		    { UNIT_COLUMN, &c->unit_column } };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		hub_status st = read_column(r, r->text[all[i].place], all[i].ref);
		if (st != HUB_OK)
			return st;
	}
	if (!c->meter_column.name[0] && !*r->text[METER])
		return bad(r, METER, "required, or meter_column");
	if (!c->time_column.name[0] && !c->end_column.name[0])
		return bad(r, TIME_COLUMN, "required, or end_column");
	return HUB_OK;
}

static hub_status read_zone(const reading *r)
{
	hub_status st = zone_load(r->text[ZONE], &r->c->zone);
	if (st == HUB_MISSING || st == HUB_REJECT)
		return bad(r, ZONE, "a name of the system's zones, such as Asia/Shanghai");
	return st;
}

static hub_status read_plain(const reading *r)
{
	config *c = r->c;
	long skip = 0, interval = 0;
	bool header_is_true, increasing;
	hub_status st[] = {
		read_char(r, SEPARATOR, false, &c->separator),
		read_char(r, COMMENT, true, &c->comment),
		read_char(r, DECIMAL, false, &c->decimal),
		read_char(r, THOUSANDS, true, &c->thousands),
		read_choice(r, HEADER, "false", "true", &header_is_true),
		read_choice(r, STAMP, "end", "start", &c->stamp_is_start),
		read_choice(r, CUMULATIVE, "false", "true", &c->cumulative),
		read_choice(r, ORDER, "decreasing", "increasing", &increasing),
		read_choice(r, MISSING, "skip", "refuse", &c->refuse_missing),
		read_count(r, SKIP, 1000, "0 to 1000 lines", &skip),
		read_count(r, INTERVAL, 44640, "0 to 44640 minutes", &interval),
	};
	for (size_t i = 0; i < sizeof st / sizeof *st; i++)
		if (st[i] != HUB_OK)
			return st[i];
	c->header = header_is_true;
	c->descending = !increasing;
	c->skip = (unsigned)skip;
	c->interval = interval * (hub_time)MINUTE;
	if (c->decimal != '.' && c->decimal != ',')
		return bad(r, DECIMAL, ". or ,");
	if (!stamp_format_ok(r->text[FORMAT]))
		return bad(r, FORMAT, "auto or made of %Y %m %d %H %M %S %y %b %e %I %p %f %z %s");
	return HUB_OK;
}

static hub_status keep_texts(const reading *r)
{
	config *c = r->c;
	c->format = arena_strdup(&c->memory, r->text[FORMAT]);
	c->meter = arena_strdup(&c->memory, r->text[METER]);
	for (size_t i = 0; i < c->value_count; i++) {
		value_spec *v = &c->values[i];
		v->quantity = arena_strdup(&c->memory, v->quantity);
		v->unit = arena_strdup(&c->memory, v->unit);
		v->channel = arena_strdup(&c->memory, v->channel);
		if (!v->quantity || !v->unit || !v->channel)
			return HUB_NOMEM;
	}
	return c->format && c->meter ? HUB_OK : HUB_NOMEM;
}

hub_status config_read(config *c, const hub_setting *settings, hub_fault *fault)
{
	static hub_status (*const steps[])(const reading *) = { read_plain, read_reset, read_missing, read_columns,
								read_values, keep_texts, read_zone };
	reading r = { .c = c, .fault = fault };
	for (int o = 0; o < OPTION_COUNT; o++)
		r.text[o] = settings[o].value;
	arena_init(&c->memory, 0);
	hub_status st = mapping_read(&r);
	if (st == HUB_OK)
		st = read_pairs(&r, QUANTITIES, c->quantities, &c->quantity_count);
	if (st == HUB_OK)
		st = read_pairs(&r, UNITS, c->units, &c->unit_count);
	for (size_t i = 0; i < sizeof steps / sizeof *steps && st == HUB_OK; i++)
		st = steps[i](&r);
	return st;
}

void config_fini(config *c)
{
	zone_free(c->zone);
	arena_fini(&c->memory);
}

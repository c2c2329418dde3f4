#include "base/option.h"

#include "base/fail.h"
#include "base/option_value.h"

#include <assert.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t table_count(const option *table)
{
	size_t n = 0;
	while (table[n].name)
		n++;
	return n;
}

/* '-' and '_' are the same in names. */
static bool name_equal(const char *name, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] != (text[i] == '-' ? '_' : text[i]))
			return false;
	return !name[len];
}

static const option *option_find(const option *table, const char *text, size_t len)
{
	for (; table->name; table++)
		if (name_equal(table->name, text, len))
			return table;
	return NULL;
}

static hub_status value_set(options *o, const option *row, const char *text, option_source source, hub_fault *fault)
{
	option_value v = { .text = arena_strdup(&o->a, text), .source = source };
	if (!v.text)
		return HUB_NOMEM;
	hub_status st = option_value_parse(row, text, &v.number, fault);
	if (st == HUB_OK)
		o->values[row - o->table] = v;
	return st;
}

/* A setting of the file as it would stand on the command line; NULL: a group or a list. */
static const char *setting_text(const config_setting_t *s, char number[32])
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING:
		return config_setting_get_string(s);
	case CONFIG_TYPE_BOOL:
		return config_setting_get_bool(s) ? "true" : "false";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(number, 32, "%lld", config_setting_get_int64(s));
		return number;
	case CONFIG_TYPE_FLOAT:
		snprintf(number, 32, "%.15g", config_setting_get_float(s));
		return number;
	default:
		return NULL;
	}
}

static hub_status file_apply(options *o, const config_t *file, hub_fault *fault)
{
	config_setting_t *root = config_root_setting(file);
	for (int i = 0; i < config_setting_length(root); i++) {
		config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s);
		const option *row = option_find(o->table, name, strlen(name));
		char number[32];
		const char *text = setting_text(s, number);
		if (!row)
			return hub_fault_set(fault, "option.unknown", "",
					     "line %d of %.100s: there is no option '%.60s'",
					     config_setting_source_line(s), o->file, name);
		if (!text)
			return hub_fault_set(fault, "option.value", row->name,
					     "line %d of %.100s: %s takes one value, not a list or group",
					     config_setting_source_line(s), o->file, row->name);
		hub_status st = value_set(o, row, text, OPTION_FILE, fault);
		if (st != HUB_OK)
			return st;
	}
	return HUB_OK;
}

static hub_status file_read(options *o, hub_fault *fault)
{
	config_t file;
	hub_status st;
	FILE *in = fopen(o->file, "r");
	if (!in)
		return hub_fault_set(fault, "option.file", "config", "cannot read '%.150s': %m", o->file);
	config_init(&file);
	if (config_read(&file, in) == CONFIG_TRUE)
		st = file_apply(o, &file, fault);
	else
		st = hub_fault_set(fault, "option.file", "config", "line %d of %.150s: %s, must be name = value;",
				   config_error_line(&file), o->file, config_error_text(&file));
	config_destroy(&file);
	fclose(in);
	return st;
}

/* One `--name value`, `--name=value` or, for a BOOL, `--name`. Advances *at past it. */
typedef struct argument {
	const char *name;
	size_t len;
	const char *value; /* after '=', else NULL */
} argument;

static bool argument_read(char **argv, int argc, int *at, argument *ret)
{
	if (*at >= argc || strncmp(argv[*at], "--", 2) != 0 || !argv[*at][2])
		return false;
	const char *name = argv[(*at)++] + 2, *equals = strchr(name, '=');
	*ret = (argument) { name, equals ? (size_t)(equals - name) : strlen(name), equals ? equals + 1 : NULL };
	return true;
}

static hub_status argument_value(const argument *a, bool is_bool, int argc, char **argv, int *at, const char **ret,
				 hub_fault *fault)
{
	if (a->value || is_bool) {
		*ret = a->value ? a->value : "true";
		return HUB_OK;
	}
	if (*at >= argc)
		return hub_fault_set(fault, "option.value", "", "--%.*s needs a value behind it", (int)a->len, a->name);
	*ret = argv[(*at)++];
	return HUB_OK;
}

/* Twice over the arguments: first for the file's name alone, then, after the file, for the values. */
static hub_status arguments_read(options *o, bool values, int *ret_rest, hub_fault *fault)
{
	int at = 1;
	argument a;
	while (argument_read(o->argv, o->argc, &at, &a)) {
		bool config = name_equal("config", a.name, a.len);
		const option *row = option_find(o->table, a.name, a.len);
		const char *text;
		if (!row && !config)
			return hub_fault_set(fault, "option.unknown", "", "there is no option --%.*s",
					     a.len < 60 ? (int)a.len : 60, a.name);
		hub_status st =
		    argument_value(&a, row && row->type == OPTION_BOOL, o->argc, o->argv, &at, &text, fault);
		if (st == HUB_OK && row && values)
			st = value_set(o, row, text, OPTION_ARGUMENT, fault);
		if (st != HUB_OK)
			return st;
		if (!row)
			o->file = text;
	}
	if (at < o->argc && strcmp(o->argv[at], "--") == 0)
		at++;
	*ret_rest = at < o->argc ? at : o->argc;
	return HUB_OK;
}

static hub_status defaults_set(options *o, hub_fault *fault)
{
	for (const option *row = o->table; row->name; row++) {
		if (o->values[row - o->table].text)
			continue;
		if (!row->fallback)
			return hub_fault_set(fault, "option.missing", row->name,
					     "%s is required (%.100s); set it in the configuration file or with --%s",
					     row->name, row->text, row->name);
		hub_status st = value_set(o, row, row->fallback, OPTION_DEFAULT, fault);
		assert(st != HUB_REJECT); /* a table's own defaults follow its rules */
		if (st != HUB_OK)
			return st;
	}
	return HUB_OK;
}

static hub_status arguments_copy(options *o, const char *file, int argc, char **argv)
{
	o->given = o->file = file ? arena_strdup(&o->a, file) : NULL;
	o->argc = argc;
	o->argv = arena_array(&o->a, (size_t)argc + 1, sizeof *o->argv);
	o->values = arena_array(&o->a, table_count(o->table) + 1, sizeof *o->values);
	if (!o->argv || !o->values || (file && !o->file))
		return HUB_NOMEM;
	for (int i = 0; i < argc; i++)
		if (!(o->argv[i] = arena_strdup(&o->a, argv[i])))
			return HUB_NOMEM;
	return HUB_OK;
}

hub_status options_parse(const option *table, const char *file, int argc, char **argv, int *ret_rest, options **ret,
			 hub_fault *fault)
{
	int rest = 0;
	options *o = fail_calloc(1, sizeof *o);
	if (!o)
		return HUB_NOMEM;
	o->table = table;
	arena_init(&o->a, 0);
	hub_status st = arguments_copy(o, file, argc, argv);
	st = st == HUB_OK ? arguments_read(o, false, &rest, fault) : st;
	st = st == HUB_OK && o->file ? file_read(o, fault) : st;
	st = st == HUB_OK ? arguments_read(o, true, &rest, fault) : st;
	st = st == HUB_OK ? defaults_set(o, fault) : st;
	if (st != HUB_OK) {
		options_free(o);
		return st;
	}
	if (ret_rest)
		*ret_rest = rest;
	*ret = o;
	return HUB_OK;
}

static bool value_equal(const option *row, const option_value *a, const option_value *b)
{
	if (row->type == OPTION_TEXT || row->type == OPTION_PATH)
		return strcmp(a->text, b->text) == 0;
	return a->number == b->number;
}

hub_status options_reload(const options *old, options **ret, hub_fault *fault)
{
	options *o;
	hub_status st = options_parse(old->table, old->given, old->argc, old->argv, NULL, &o, fault);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; o->table[i].name; i++) {
		const option *row = &o->table[i];
		if (row->reload || value_equal(row, &o->values[i], &old->values[i]))
			continue;
		hub_fault_set(fault, "option.restart", row->name,
			      "%s stays '%.60s' until a restart; '%.60s' was written", row->name, old->values[i].text,
			      o->values[i].text);
		o->values[i] = old->values[i];
		o->values[i].text = arena_strdup(&o->a, old->values[i].text);
		if (!o->values[i].text) {
			options_free(o);
			return HUB_NOMEM;
		}
		st = HUB_CONFLICT;
	}
	*ret = o;
	return st;
}

void options_free(options *o)
{
	if (!o)
		return;
	arena_fini(&o->a);
	free(o);
}

static const option_value *value_of(const options *o, const char *name, unsigned types)
{
	const option *row = option_find(o->table, name, strlen(name));
	assert(row && (types & 1u << row->type));
	return &o->values[row - o->table];
}

const char *option_text(const options *o, const char *name)
{
	return value_of(o, name, 1u << OPTION_TEXT | 1u << OPTION_PATH)->text;
}

int64_t option_int(const options *o, const char *name)
{
	return value_of(o, name, 1u << OPTION_INT | 1u << OPTION_SIZE | 1u << OPTION_DURATION)->number;
}

bool option_bool(const options *o, const char *name)
{
	return value_of(o, name, 1u << OPTION_BOOL)->number;
}

#include "base/option.h"

#include <string.h>

/* The given setting of a name; NULL if none. */
static const hub_setting *setting_find(const hub_setting *given, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(given[i].key, name) == 0)
			return &given[i];
	return NULL;
}

static hub_status names_check(const hub_option *table, const hub_setting *given, size_t count, hub_fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		const hub_option *row = table;
		while (row->name && strcmp(row->name, given[i].key) != 0)
			row++;
		if (!row->name)
			return hub_fault_set(
			    fault, "option.unknown", "", "there is no option '%.60s'; known are %s%s%s …", given[i].key,
			    table->name ? table->name : "none", table->name && table[1].name ? ", " : "",
			    table->name && table[1].name ? table[1].name : "");
		if (setting_find(given, i, row->name))
			return hub_fault_set(fault, "option.twice", row->name, "%s is given twice, once is allowed",
					     row->name);
	}
	return HUB_OK;
}

hub_status settings_resolve(const hub_option *table, const hub_setting *given, size_t count, arena *a,
			    hub_setting **ret_settings, hub_fault *fault)
{
	size_t rows = 0;
	while (table[rows].name)
		rows++;
	hub_status st = names_check(table, given, count, fault);
	if (st != HUB_OK)
		return st;
	hub_setting *settings = arena_array(a, rows + 1, sizeof *settings);
	if (!settings)
		return HUB_NOMEM;
	for (size_t i = 0; i < rows; i++) {
		const hub_setting *found = setting_find(given, count, table[i].name);
		const char *value = found ? found->value : table[i].fallback;
		if (!value)
			return hub_fault_set(fault, "option.missing", table[i].name, "%s is required: %.150s",
					     table[i].name, table[i].text);
		settings[i] = (hub_setting) { arena_strdup(a, table[i].name), arena_strdup(a, value) };
		if (!settings[i].key || !settings[i].value)
			return HUB_NOMEM;
	}
	*ret_settings = settings;
	return HUB_OK;
}

#include "registry/csv_columns.h"

#include <string.h>

hub_status csv_columns_find(csv_columns *k, csv *c, arena *a, hub_fault *fault)
{
	const char **cells;
	size_t count;
	hub_status st = csv_next(c, a, &cells, &count, fault);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, k->header, "", "the file is empty");
	for (size_t i = 0; st == HUB_OK && i < k->count; i++) {
		size_t at = 0;
		while (at < count && strcmp(cells[at], k->names[i]) != 0)
			at++;
		k->places[i] = at;
		if (at == count)
			st = hub_fault_set(fault, k->header, k->names[i], "the first row has no column '%s'", k->names[i]);
	}
	return st;
}

hub_status csv_columns_next(const csv_columns *k, csv *c, arena *a, const char **ret_row, hub_fault *fault)
{
	const char **cells;
	size_t count;
	hub_status st = csv_next(c, a, &cells, &count, fault);
	for (size_t i = 0; st == HUB_OK && i < k->count; i++) {
		if (k->places[i] >= count)
			st = hub_fault_set(fault, k->cells, k->names[i], "the row has %zu cells and none for '%s'", count, k->names[i]);
		else
			ret_row[i] = cells[k->places[i]];
	}
	return st;
}

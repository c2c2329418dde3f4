#include "csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void trim(const char **p, size_t *len)
{
	while (*len && strchr(" \t", **p)) {
		(*p)++;
		(*len)--;
	}
	while (*len && strchr(" \t", (*p)[*len - 1]))
		(*len)--;
}

static int by_number(const char *name)
{
	size_t n = strlen(name);
	if (!n || n > 3 || strspn(name, "0123456789") != n)
		return NO_COLUMN;
	int v = atoi(name);
	return v >= 1 && v <= ROW_FIELDS_MAX ? v - 1 : NO_COLUMN;
}

static int column_at(const row *header, const char *name)
{
	for (size_t i = 0; header && i < header->count; i++) {
		const char *p = header->fields[i].text;
		size_t len = header->fields[i].len;
		trim(&p, &len);
		if (len == strlen(name) && !memcmp(p, name, len))
			return (int)i;
	}
	return by_number(name);
}

static hub_status find(const column_ref *ref, const row *header, place *ret, size_t *needed, hub_fault *fault)
{
	for (int i = 0; i < COLUMN_PARTS_MAX; i++) {
		ret->part[i] = ref->name[i] ? column_at(header, ref->name[i]) : NO_COLUMN;
		if (ref->name[i] && ret->part[i] == NO_COLUMN)
			return hub_fault_set(fault, "csv.columns", "header",
					     header ? "the header names every column that is mapped: '%.60s' is not in it; mend the "
						      "file or the mapping" :
						      "without a header columns are numbers from 1: '%.60s' is none; mend the mapping",
					     ref->name[i]);
		if (ret->part[i] >= (int)*needed)
			*needed = (size_t)ret->part[i] + 1;
	}
	return HUB_OK;
}

hub_status columns_find(const config *c, const row *header, columns *ret, hub_fault *fault)
{
	const struct {
		const column_ref *ref;
		place *place;
	} all[] = { { &c->meter_column, &ret->meter }, { &c->channel_column, &ret->channel },
		    { &c->quantity_column, &ret->quantity }, { &c->unit_column, &ret->unit },
		    { &c->time_column, &ret->time }, { &c->start_column, &ret->start }, { &c->end_column, &ret->end } };
	hub_status st = HUB_OK;
	ret->needed = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all && st == HUB_OK; i++)
		st = find(all[i].ref, header, all[i].place, &ret->needed, fault);
	for (size_t i = 0; i < c->value_count && st == HUB_OK; i++)
		st = find(&c->values[i].column, header, &ret->values[i], &ret->needed, fault);
	return st;
}

const char *place_text(const row *r, const place *p, char joined[JOINED_MAX])
{
	size_t at = 0;
	joined[0] = '\0';
	for (int i = 0; i < COLUMN_PARTS_MAX && p->part[i] >= 0; i++) {
		const char *text = r->fields[p->part[i]].text;
		size_t len = r->fields[p->part[i]].len;
		trim(&text, &len);
		if (at && at + 1 < JOINED_MAX)
			joined[at++] = ' ';
		len = len < JOINED_MAX - 1 - at ? len : JOINED_MAX - 1 - at;
		memcpy(joined + at, text, len);
		at += len;
		joined[at] = '\0';
	}
	return joined;
}

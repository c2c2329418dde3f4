#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/grow.h"

static int row_cmp(const table_row *row, const char *name, const char *key)
{
	int c = strcmp(row->name, name);
	return c ? c : strcmp(row->key, key);
}

/* The first row at or above (name, key), or count. */
static size_t lower_bound(const tables *t, const char *name, const char *key)
{
	if (t->count && row_cmp(&t->rows[t->count - 1], name, key) < 0)
		return t->count;
	size_t low = 0, high = t->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (row_cmp(&t->rows[mid], name, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const tables *t, size_t i, const char *name, const char *key)
{
	return i < t->count && row_cmp(&t->rows[i], name, key) == 0;
}

static bool row_make(table_row *row, const char *name, const char *key, const char *value)
{
	size_t n = strlen(name) + 1, k = strlen(key) + 1, v = strlen(value) + 1;
	char *p = fail_malloc(n + k + v);
	if (!p)
		return false;
	row->name = memcpy(p, name, n);
	row->key = memcpy(p + n, key, k);
	row->value = memcpy(p + n + k, value, v);
	return true;
}

static bool room(tables *t)
{
	table_row *rows = grow(t->rows, t->count, &t->cap, sizeof *rows, 16);
	if (rows)
		t->rows = rows;
	return rows != NULL;
}

hub_status tables_put(tables *t, const char *name, const char *key, const char *value)
{
	size_t i = lower_bound(t, name, key);
	bool there = is_at(t, i, name, key);
	if (!value) {
		if (there) {
			free(t->rows[i].name);
			t->count--;
			memmove(&t->rows[i], &t->rows[i + 1], (t->count - i) * sizeof *t->rows);
		}
		return HUB_OK;
	}
	table_row row;
	if (!room(t) || !row_make(&row, name, key, value))
		return HUB_NOMEM;
	if (there) {
		free(t->rows[i].name);
	} else {
		memmove(&t->rows[i + 1], &t->rows[i], (t->count - i) * sizeof *t->rows);
		t->count++;
	}
	t->rows[i] = row;
	return HUB_OK;
}

const table_row *tables_find(const tables *t, const char *name, const char *key)
{
	size_t i = lower_bound(t, name, key);
	return is_at(t, i, name, key) ? &t->rows[i] : NULL;
}

const table_row *tables_next(const tables *t, const char *name, const char *after)
{
	size_t i = lower_bound(t, name, after);
	if (is_at(t, i, name, after))
		i++;
	return i < t->count && strcmp(t->rows[i].name, name) == 0 ? &t->rows[i] : NULL;
}

void tables_fini(tables *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->rows[i].name);
	free(t->rows);
	*t = (tables){ 0 };
}

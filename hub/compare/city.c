#include "compare/city.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

static uint32_t cell_of(const grid *g, int32_t x, int32_t y)
{
	uint32_t column = (uint32_t)(((int64_t)x - g->x) / g->side);
	uint32_t row = (uint32_t)(((int64_t)y - g->y) / g->side);
	return row * g->columns + column;
}

/* Chooses the corner and the cells' side so that a cell holds about CELL_HOMES. */
static void grid_shape(grid *g, const compare_home *homes, const uint32_t *order, size_t count)
{
	int64_t x0 = homes[order[0]].x, x1 = x0, y0 = homes[order[0]].y, y1 = y0;
	for (size_t i = 1; i < count; i++) {
		const compare_home *h = &homes[order[i]];
		x0 = h->x < x0 ? h->x : x0;
		x1 = h->x > x1 ? h->x : x1;
		y0 = h->y < y0 ? h->y : y0;
		y1 = h->y > y1 ? h->y : y1;
	}
	uint64_t width = (uint64_t)(x1 - x0) + 1, height = (uint64_t)(y1 - y0) + 1, cells = count / CELL_HOMES + 1;
	uint64_t side = 1;
	while ((width / side + 1) * (height / side + 1) > cells && side < 1u << 31)
		side += side / 8 + 1;
	g->x = (int32_t)x0;
	g->y = (int32_t)y0;
	g->side = (uint32_t)side;
	g->columns = (uint32_t)(width / side + 1);
	g->rows = (uint32_t)(height / side + 1);
}

/* What homes are sorted by: (class, cell, area) packed, and where the home stands. */
typedef struct sort_key {
	uint64_t key;
	uint32_t home;
} sort_key;

static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const sort_key *)a)->key, y = ((const sort_key *)b)->key;
	return (x > y) - (x < y);
}

/* Sorts a class's part of the order by cell and area. `base` is its first place among the spots. */
static hub_status grid_fill(grid *g, const compare_home *homes, uint32_t *order, size_t count, uint32_t base)
{
	size_t cells = (size_t)g->columns * g->rows;
	sort_key *keys = fail_malloc(count * sizeof *keys);
	g->first = fail_calloc(cells + 1, sizeof *g->first);
	if (!keys || !g->first) {
		free(keys);
		return HUB_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		const compare_home *h = &homes[order[i]];
		uint32_t cell = cell_of(g, h->x, h->y);
		keys[i] = (sort_key){ (uint64_t)cell << 32 | h->area, order[i] };
		g->first[cell + 1]++;
	}
	qsort(keys, count, sizeof *keys, by_key);
	for (size_t i = 0; i < count; i++)
		order[i] = keys[i].home;
	g->first[0] = base;
	for (size_t c = 0; c < cells; c++)
		g->first[c + 1] += g->first[c];
	free(keys);
	return HUB_OK;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static hub_status check_ids(const compare_home *homes, size_t count)
{
	int64_t *ids = fail_malloc((count + 1) * sizeof *ids);
	if (!ids)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		ids[i] = homes[i].id;
	qsort(ids, count, sizeof *ids, by_id);
	hub_status st = HUB_OK;
	for (size_t i = 1; i < count; i++)
		if (ids[i] == ids[i - 1])
			st = HUB_REJECT;
	free(ids);
	return st;
}

/* The order of the eligible homes, class by class and cell by cell, and a grid of each class. */
static hub_status city_sort(compare_city *city)
{
	uint32_t *ends = fail_calloc((1 << 16) + 1, sizeof *ends);
	if (!ends)
		return HUB_NOMEM;
	for (size_t i = 0; i < city->home_count; i++)
		if (home_is_eligible(&city->homes[i]) && !ends[home_class(&city->homes[i]) + 1]++)
			city->grid_count++;
	for (unsigned key = 0; key < 1 << 16; key++)
		ends[key + 1] += ends[key];
	city->spot_count = ends[1 << 16];
	/* Filling moves ends[key] from the class's first place to the one behind its last. */
	for (size_t i = 0; i < city->home_count; i++)
		if (home_is_eligible(&city->homes[i]))
			city->order[ends[home_class(&city->homes[i])]++] = (uint32_t)i;
	city->grids = fail_calloc(city->grid_count + 1, sizeof *city->grids);
	hub_status st = city->grids ? HUB_OK : HUB_NOMEM;
	grid *g = city->grids;
	for (unsigned key = 0, from = 0; st == HUB_OK && key < 1 << 16; from = ends[key++]) {
		size_t count = ends[key] - from;
		if (!count)
			continue;
		g->key = (uint16_t)key;
		grid_shape(g, city->homes, city->order + from, count);
		st = grid_fill(g++, city->homes, city->order + from, count, from);
	}
	free(ends);
	return st;
}

static void spots_fill(compare_city *city)
{
	for (size_t i = 0; i < city->spot_count; i++) {
		const compare_home *h = &city->homes[city->order[i]];
		city->spots[i] = (spot){ .x = h->x, .y = h->y, .area = h->area };
		city->details[i] = (detail){ .id = h->id, .home = city->order[i] };
		for (unsigned c = 0; c < COMPARE_COMMODITIES; c++) {
			city->details[i].use[c] = h->use[c];
			city->spots[i].known |= (uint32_t)(h->use[c] != COMPARE_UNKNOWN) << c;
		}
	}
}

hub_status compare_city_new(const compare_home *homes, size_t count, compare_city **ret)
{
	if (count >= UINT32_MAX)
		return HUB_RANGE;
	hub_status st = check_ids(homes, count);
	compare_city *city = st == HUB_OK ? fail_calloc(1, sizeof *city) : NULL;
	if (!city)
		return st == HUB_OK ? HUB_NOMEM : st;
	city->homes = fail_malloc((count + 1) * sizeof *homes);
	city->spots = fail_malloc((count + 1) * sizeof *city->spots);
	city->details = fail_malloc((count + 1) * sizeof *city->details);
	city->order = fail_malloc((count + 1) * sizeof *city->order);
	city->home_count = count;
	st = city->homes && city->spots && city->details && city->order ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		memcpy(city->homes, homes, count * sizeof *homes);
		st = city_sort(city);
	}
	if (st != HUB_OK) {
		compare_city_free(city);
		return st;
	}
	spots_fill(city);
	*ret = city;
	return HUB_OK;
}

void compare_city_free(compare_city *city)
{
	if (!city)
		return;
	for (size_t i = 0; city->grids && i < city->grid_count; i++)
		free(city->grids[i].first);
	free(city->grids);
	free(city->spots);
	free(city->details);
	free(city->homes);
	free(city->order);
	free(city);
}

const uint32_t *compare_city_order(const compare_city *city, size_t *ret_count)
{
	*ret_count = city->spot_count;
	return city->order;
}

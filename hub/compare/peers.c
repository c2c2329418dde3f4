#include "compare/peers.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

/*
 * Eligible homes are sorted into classes (dwelling, heating), each with a square grid of its own;
 * a cell's homes lie side by side. A query looks at its cell, then at the ring of cells around it,
 * and so on, until enough peers lie nearer than anything a further ring could hold.
 */
enum { CELL_HOMES = 24 };

typedef struct spot {
	int32_t x, y;
	uint32_t area, home; /* home: place in the caller's list */
	int64_t id;
	int64_t use[COMPARE_COMMODITIES];
} spot;

typedef struct grid {
	uint16_t key; /* dwelling << 8 | heating */
	int32_t x, y; /* of the lowest corner */
	uint32_t side; /* of a cell, metres, ≥ 1 */
	uint32_t columns, rows;
	uint32_t *first; /* of each cell into spots; columns × rows + 1 places */
} grid;

struct compare_city {
	compare_home *homes;
	size_t home_count;
	spot *spots;
	size_t spot_count;
	grid *grids;
	size_t grid_count;
	uint32_t *order;
};

typedef struct candidate {
	uint64_t distance; /* squared */
	const spot *spot;
} candidate;

struct compare_scratch {
	candidate *list;
	size_t count, cap;
	candidate *kept; /* of one commodity */
	size_t kept_cap;
};

static bool eligible(const compare_home *h)
{
	return h->occupied && !h->opted_out && h->area;
}

static uint16_t class_of(const compare_home *h)
{
	return (uint16_t)(h->dwelling << 8 | h->heating);
}

static uint32_t cell_of(const grid *g, int32_t x, int32_t y)
{
	uint32_t column = (uint32_t)(((int64_t)x - g->x) / g->side);
	uint32_t row = (uint32_t)(((int64_t)y - g->y) / g->side);
	return row * g->columns + column;
}

/* Chooses the corner and the cells' side so that a cell holds about CELL_HOMES. */
static void grid_shape(grid *g, const spot *spots, size_t count)
{
	int64_t x0 = spots[0].x, x1 = x0, y0 = spots[0].y, y1 = y0;
	for (size_t i = 1; i < count; i++) {
		x0 = spots[i].x < x0 ? spots[i].x : x0;
		x1 = spots[i].x > x1 ? spots[i].x : x1;
		y0 = spots[i].y < y0 ? spots[i].y : y0;
		y1 = spots[i].y > y1 ? spots[i].y : y1;
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

/* Counting sort of a class's homes by cell; `base` is the class's first place in city->spots. */
static hub_status grid_fill(grid *g, spot *spots, size_t count, uint32_t base)
{
	size_t cells = (size_t)g->columns * g->rows;
	spot *sorted = fail_malloc(count * sizeof *sorted);
	g->first = fail_calloc(cells + 1, sizeof *g->first);
	uint32_t *next = fail_calloc(cells, sizeof *next);
	if (sorted && g->first && next) {
		for (size_t i = 0; i < count; i++)
			g->first[cell_of(g, spots[i].x, spots[i].y) + 1]++;
		for (size_t c = 0; c < cells; c++) {
			next[c] = g->first[c];
			g->first[c + 1] += g->first[c];
		}
		for (size_t i = 0; i < count; i++)
			sorted[next[cell_of(g, spots[i].x, spots[i].y)]++] = spots[i];
		memcpy(spots, sorted, count * sizeof *sorted);
		for (size_t c = 0; c <= cells; c++)
			g->first[c] += base;
	}
	hub_status st = sorted && g->first && next ? HUB_OK : HUB_NOMEM;
	free(sorted);
	free(next);
	return st;
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

/* Puts the eligible homes into city->spots, class by class, and makes a grid of each class. */
static hub_status city_fill(compare_city *city)
{
	uint32_t *sizes = fail_calloc(1 << 16, sizeof *sizes), *next = fail_calloc(1 << 16, sizeof *next);
	hub_status st = sizes && next ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < city->home_count; i++)
		if (eligible(&city->homes[i]) && !sizes[class_of(&city->homes[i])]++)
			city->grid_count++;
	city->grids = st == HUB_OK ? fail_calloc(city->grid_count + 1, sizeof *city->grids) : NULL;
	if (!city->grids)
		st = HUB_NOMEM;
	uint32_t at = 0;
	for (unsigned key = 0; st == HUB_OK && key < 1 << 16; key++) {
		next[key] = at;
		at += sizes[key];
	}
	for (size_t i = 0; st == HUB_OK && i < city->home_count; i++) {
		const compare_home *h = &city->homes[i];
		if (!eligible(h))
			continue;
		spot *s = &city->spots[next[class_of(h)]++];
		*s = (spot){ .x = h->x, .y = h->y, .area = h->area, .home = (uint32_t)i, .id = h->id };
		memcpy(s->use, h->use, sizeof s->use);
	}
	city->spot_count = at;
	grid *g = city->grids;
	for (unsigned key = 0; st == HUB_OK && key < 1 << 16; key++) {
		if (!sizes[key])
			continue;
		uint32_t base = next[key] - sizes[key];
		g->key = (uint16_t)key;
		grid_shape(g, city->spots + base, sizes[key]);
		st = grid_fill(g++, city->spots + base, sizes[key], base);
	}
	free(sizes);
	free(next);
	return st;
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
	city->order = fail_malloc((count + 1) * sizeof *city->order);
	city->home_count = count;
	st = city->homes && city->spots && city->order ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		memcpy(city->homes, homes, count * sizeof *homes);
		st = city_fill(city);
	}
	if (st != HUB_OK) {
		compare_city_free(city);
		return st;
	}
	for (size_t i = 0; i < city->spot_count; i++)
		city->order[i] = city->spots[i].home;
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
	free(city->homes);
	free(city->order);
	free(city);
}

const uint32_t *compare_city_order(const compare_city *city, size_t *ret_count)
{
	*ret_count = city->spot_count;
	return city->order;
}

compare_scratch *compare_scratch_new(void)
{
	return fail_calloc(1, sizeof(compare_scratch));
}

void compare_scratch_free(compare_scratch *s)
{
	if (!s)
		return;
	free(s->list);
	free(s->kept);
	free(s);
}

static bool scratch_room(candidate **list, size_t *cap, size_t want)
{
	if (want <= *cap)
		return true;
	size_t bigger = want * 2;
	candidate *p = fail_realloc(*list, bigger * sizeof *p);
	if (!p)
		return false;
	*list = p;
	*cap = bigger;
	return true;
}

static bool area_near(uint32_t mine, uint32_t other)
{
	uint64_t apart = mine > other ? mine - other : other - mine;
	return apart * 100 <= (uint64_t)mine * COMPARE_AREA_PERCENT;
}

static hub_status gather_cell(const compare_city *city, const grid *g, uint32_t cell, const compare_home *h, size_t home,
			      compare_scratch *s)
{
	uint32_t from = g->first[cell], to = g->first[cell + 1];
	if (!scratch_room(&s->list, &s->cap, s->count + (to - from)))
		return HUB_NOMEM;
	for (uint32_t i = from; i < to; i++) {
		const spot *p = &city->spots[i];
		int64_t dx = (int64_t)p->x - h->x, dy = (int64_t)p->y - h->y;
		s->list[s->count] = (candidate){ (uint64_t)(dx * dx) + (uint64_t)(dy * dy), p };
		s->count += area_near(h->area, p->area) && p->home != home;
	}
	return HUB_OK;
}

/* Enough of every commodity the home has lie within `radius` (squared distance below its square). */
static bool enough(const compare_scratch *s, const compare_home *h, uint64_t radius)
{
	size_t have[COMPARE_COMMODITIES] = { 0 };
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].distance < radius * radius)
			for (int c = 0; c < COMPARE_COMMODITIES; c++)
				have[c] += s->list[i].spot->use[c] != COMPARE_UNKNOWN;
	for (int c = 0; c < COMPARE_COMMODITIES; c++)
		if (h->use[c] != COMPARE_UNKNOWN && have[c] < COMPARE_PEERS_MAX)
			return false;
	return true;
}

/* All candidates within the rings of cells that had to be looked at. */
static hub_status gather(const compare_city *city, const grid *g, size_t home, compare_scratch *s)
{
	const compare_home *h = &city->homes[home];
	int64_t column = ((int64_t)h->x - g->x) / g->side, row = ((int64_t)h->y - g->y) / g->side;
	int64_t reach = g->columns > g->rows ? g->columns : g->rows;
	s->count = 0;
	for (int64_t ring = 0; ring <= reach; ring++) {
		for (int64_t r = row - ring; r <= row + ring; r++) {
			if (r < 0 || r >= g->rows)
				continue;
			int64_t step = r == row - ring || r == row + ring || !ring ? 1 : 2 * ring;
			for (int64_t c = column - ring; c <= column + ring; c += step) {
				if (c < 0 || c >= g->columns)
					continue;
				hub_status st = gather_cell(city, g, (uint32_t)(r * g->columns + c), h, home, s);
				if (st != HUB_OK)
					return st;
			}
		}
		/* Whatever is not yet seen is at least this far off: the rings reach `ring` whole cells out. */
		int64_t left = h->x - (g->x + (column - ring) * (int64_t)g->side);
		int64_t right = g->x + (column + ring + 1) * (int64_t)g->side - h->x;
		int64_t down = h->y - (g->y + (row - ring) * (int64_t)g->side);
		int64_t up = g->y + (row + ring + 1) * (int64_t)g->side - h->y;
		int64_t seen = left < right ? left : right;
		seen = down < seen ? down : seen;
		seen = up < seen ? up : seen;
		if (s->count >= COMPARE_PEERS_MAX && seen > 0 && enough(s, h, (uint64_t)seen))
			return HUB_OK;
	}
	return HUB_OK;
}

static bool nearer(const candidate *a, const candidate *b)
{
	return a->distance != b->distance ? a->distance < b->distance : a->spot->id < b->spot->id;
}

/* Moves the k nearest to the front, in no order. */
static void nearest(candidate *list, size_t count, size_t k)
{
	size_t low = 0, high = count;
	while (high - low > 1 && k > low && k < high) {
		candidate pivot = list[low + (high - low) / 2];
		size_t i = low, j = high - 1;
		for (;;) {
			while (nearer(&list[i], &pivot))
				i++;
			while (nearer(&pivot, &list[j]))
				j--;
			if (i >= j)
				break;
			candidate t = list[i];
			list[i++] = list[j];
			list[j--] = t;
		}
		/* [low, i) is not above the pivot, [i, high) not below it. */
		if (k <= i)
			high = i == high ? high - 1 : i;
		else
			low = i;
	}
}

/* The peers of one commodity at the front of *ret; the list itself when every near home has it. */
static hub_status keep(compare_scratch *s, unsigned commodity, candidate **ret, size_t *ret_count)
{
	size_t k = s->count < COMPARE_PEERS_MAX ? s->count : COMPARE_PEERS_MAX;
	bool all = true;
	for (size_t i = 0; i < k && all; i++)
		all = s->list[i].spot->use[commodity] != COMPARE_UNKNOWN;
	*ret = s->list;
	*ret_count = k;
	if (all)
		return HUB_OK;
	if (!scratch_room(&s->kept, &s->kept_cap, s->count))
		return HUB_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].spot->use[commodity] != COMPARE_UNKNOWN)
			s->kept[n++] = s->list[i];
	nearest(s->kept, n, COMPARE_PEERS_MAX);
	*ret = s->kept;
	*ret_count = n < COMPARE_PEERS_MAX ? n : COMPARE_PEERS_MAX;
	return HUB_OK;
}

static const grid *grid_of(const compare_city *city, const compare_home *h)
{
	for (size_t i = 0; eligible(h) && i < city->grid_count; i++)
		if (city->grids[i].key == class_of(h))
			return &city->grids[i];
	return NULL;
}

/* The k-th smallest (from 0) of a small list; [0, k) is not above it afterwards, [k, n) not below. */
static int64_t kth(int64_t *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;
	while (low < high) {
		int64_t pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;
		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				int64_t t = v[i];
				v[i++] = v[j];
				v[j] = t;
				if (!j--)
					break;
			}
		}
		if (j != SIZE_MAX && k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			break;
	}
	return v[k];
}

static int64_t mean_down(int64_t a, int64_t b)
{
	return (a & b) + ((a ^ b) >> 1);
}

static compare_result stand(const candidate *peers, size_t n, unsigned commodity, int64_t mine)
{
	int64_t v[COMPARE_PEERS_MAX];
	compare_result r = { .peers = (uint32_t)n, .rank = 1 };
	for (size_t i = 0; i < n; i++) {
		v[i] = peers[i].spot->use[commodity];
		r.rank += v[i] < mine;
	}
	r.efficient = kth(v, n, (n + 4) / 5 - 1);
	r.median = kth(v, n, n / 2);
	if (n % 2 == 0)
		r.median = mean_down(kth(v, n, n / 2 - 1), r.median);
	return r;
}

hub_status compare_home_results(const compare_city *city, size_t home, compare_scratch *s,
				compare_result ret[COMPARE_COMMODITIES])
{
	const compare_home *h = &city->homes[home];
	const grid *g = grid_of(city, h);
	compare_result results[COMPARE_COMMODITIES] = { 0 };
	hub_status st = g ? gather(city, g, home, s) : HUB_OK;
	if (st == HUB_OK && g)
		nearest(s->list, s->count, COMPARE_PEERS_MAX);
	for (unsigned c = 0; st == HUB_OK && g && c < COMPARE_COMMODITIES; c++) {
		if (h->use[c] == COMPARE_UNKNOWN)
			continue;
		candidate *peers;
		size_t n;
		st = keep(s, c, &peers, &n);
		if (st == HUB_OK && n >= COMPARE_PEERS_MIN)
			results[c] = stand(peers, n, c, h->use[c]);
	}
	if (st == HUB_OK)
		memcpy(ret, results, sizeof results);
	return st;
}

static int by_distance(const void *a, const void *b)
{
	return nearer(a, b) ? -1 : nearer(b, a);
}

hub_status compare_home_peers(const compare_city *city, size_t home, unsigned commodity, compare_scratch *s,
			      int64_t ret_ids[COMPARE_PEERS_MAX], size_t *ret_count)
{
	const compare_home *h = &city->homes[home];
	const grid *g = grid_of(city, h);
	candidate *peers = NULL;
	size_t n = 0;
	hub_status st = g && h->use[commodity] != COMPARE_UNKNOWN ? gather(city, g, home, s) : HUB_MISSING;
	if (st == HUB_OK) {
		nearest(s->list, s->count, COMPARE_PEERS_MAX);
		st = keep(s, commodity, &peers, &n);
	}
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	*ret_count = n < COMPARE_PEERS_MIN ? 0 : n;
	if (*ret_count)
		qsort(peers, n, sizeof *peers, by_distance);
	for (size_t i = 0; i < *ret_count; i++)
		ret_ids[i] = peers[i].spot->id;
	return HUB_OK;
}

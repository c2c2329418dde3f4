#include "compare/peers.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

/*
 * Eligible homes are sorted into classes (dwelling, heating), each with a square grid of its own;
 * a cell's homes lie side by side, by rising area, so that a query reads only those it may take.
 * It looks at its cell, then at the ring of cells around it, and so on, until enough peers lie
 * nearer than anything a further ring could hold.
 */
enum { CELL_HOMES = 24 };

typedef struct spot {
	int32_t x, y;
	uint32_t area;
	uint32_t known; /* bit c: a use of commodity c is known */
} spot;

/* What a query needs only of the homes it takes; beside `spot`, at the same place. */
typedef struct detail {
	int64_t id;
	int64_t use[COMPARE_COMMODITIES];
	uint32_t home; /* place in the caller's list */
} detail;

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
	detail *details;
	size_t spot_count;
	grid *grids;
	size_t grid_count;
	uint32_t *order; /* homes by place of their spots */
};

typedef struct candidate {
	uint64_t distance; /* squared */
	uint32_t spot, known;
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
		if (eligible(&city->homes[i]) && !ends[class_of(&city->homes[i]) + 1]++)
			city->grid_count++;
	for (unsigned key = 0; key < 1 << 16; key++)
		ends[key + 1] += ends[key];
	city->spot_count = ends[1 << 16];
	/* Filling moves ends[key] from the class's first place to the one behind its last. */
	for (size_t i = 0; i < city->home_count; i++)
		if (eligible(&city->homes[i]))
			city->order[ends[class_of(&city->homes[i])]++] = (uint32_t)i;
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

/* The areas that count as near: |other - mine| × 100 ≤ mine × 15. */
static void area_range(uint32_t mine, uint32_t *ret_from, uint32_t *ret_to)
{
	uint64_t apart = (uint64_t)mine * COMPARE_AREA_PERCENT / 100, to = mine + apart;
	*ret_from = (uint32_t)(mine - apart);
	*ret_to = to > UINT32_MAX ? UINT32_MAX : (uint32_t)to;
}

/* One home's search. */
typedef struct search {
	const compare_city *city;
	const compare_home *home;
	size_t at; /* the home's place in the list */
	uint32_t area_from, area_to;
	uint32_t wanted; /* bit c: the home has a use of commodity c */
} search;

static hub_status gather_cell(const search *q, const grid *g, uint32_t cell, compare_scratch *s)
{
	const spot *spots = q->city->spots;
	uint32_t from = g->first[cell], to = g->first[cell + 1], i = from;
	if (!scratch_room(&s->list, &s->cap, s->count + (to - from)))
		return HUB_NOMEM;
	while (to - i > 8) {
		uint32_t middle = i + (to - i) / 2;
		if (spots[middle].area < q->area_from)
			i = middle + 1;
		else
			to = middle;
	}
	to = g->first[cell + 1];
	while (i < to && spots[i].area < q->area_from)
		i++;
	candidate *out = s->list + s->count;
	for (; i < to && spots[i].area <= q->area_to; i++) {
		int64_t dx = (int64_t)spots[i].x - q->home->x, dy = (int64_t)spots[i].y - q->home->y;
		*out++ = (candidate){ (uint64_t)(dx * dx) + (uint64_t)(dy * dy), i, spots[i].known };
	}
	s->count = (size_t)(out - s->list);
	return HUB_OK;
}

/* Adds up bits of `known` side by side: commodity c in the 16 bits from 16 × c on. */
static uint64_t lanes(uint32_t known)
{
	return (known & 1) | (uint64_t)(known >> 1 & 1) << 16 | (uint64_t)(known >> 2 & 1) << 32 |
	       (uint64_t)(known >> 3 & 1) << 48;
}
_Static_assert(COMPARE_COMMODITIES == 4, "lanes() adds up four");

/* Whether more than COMPARE_PEERS_MAX of each wanted commodity lie nearer than `limit` (squared). */
static bool counts_suffice(const search *q, const compare_scratch *s, uint64_t limit, size_t *ret_near)
{
	uint32_t have[COMPARE_COMMODITIES] = { 0 };
	size_t near = 0;
	for (size_t from = 0; from < s->count; from += UINT16_MAX) {
		size_t to = s->count - from > UINT16_MAX ? from + UINT16_MAX : s->count;
		uint64_t sum = 0;
		for (size_t i = from; i < to; i++) {
			bool in = s->list[i].distance < limit;
			near += in;
			sum += in ? lanes(s->list[i].known) : 0;
		}
		for (unsigned c = 0; c < COMPARE_COMMODITIES; c++)
			have[c] += sum >> (16 * c) & UINT16_MAX;
	}
	*ret_near = near;
	for (unsigned c = 0; c < COMPARE_COMMODITIES; c++)
		if (q->wanted >> c & 1 && have[c] <= COMPARE_PEERS_MAX)
			return false;
	return true;
}

/*
 * Whether enough of every wanted commodity lie nearer than `radius`, within which everything was
 * seen; then only those are kept. One more than needed, since the home itself is among them.
 */
static bool enough(const search *q, compare_scratch *s, uint64_t radius)
{
	size_t near, n = 0;
	if (!counts_suffice(q, s, radius * radius, &near))
		return false;
	for (size_t i = 0; n < near; i++) {
		s->list[n] = s->list[i];
		n += s->list[i].distance < radius * radius;
	}
	s->count = near;
	return true;
}

static void drop_self(const search *q, compare_scratch *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++) {
		s->list[n] = s->list[i];
		n += s->list[i].distance || q->city->details[s->list[i].spot].home != q->at;
	}
	s->count = n;
}

/* How far every home was seen when the cells up to `ring` around the home's own were looked at. */
static int64_t seen_to(const grid *g, const compare_home *h, int64_t column, int64_t row, int64_t ring)
{
	int64_t side = g->side;
	int64_t left = h->x - (g->x + (column - ring) * side), right = g->x + (column + ring + 1) * side - h->x;
	int64_t down = h->y - (g->y + (row - ring) * side), up = g->y + (row + ring + 1) * side - h->y;
	int64_t across = left < right ? left : right, along = down < up ? down : up;
	return across < along ? across : along;
}

/* All candidates that may be among the nearest, the home itself not. */
static hub_status gather(const compare_city *city, const grid *g, size_t home, compare_scratch *s)
{
	const compare_home *h = &city->homes[home];
	search q = { .city = city, .home = h, .at = home };
	area_range(h->area, &q.area_from, &q.area_to);
	for (unsigned c = 0; c < COMPARE_COMMODITIES; c++)
		q.wanted |= (uint32_t)(h->use[c] != COMPARE_UNKNOWN) << c;
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
				hub_status st = gather_cell(&q, g, (uint32_t)(r * g->columns + c), s);
				if (st != HUB_OK)
					return st;
			}
		}
		int64_t seen = seen_to(g, h, column, row, ring);
		if (s->count > COMPARE_PEERS_MAX && seen > 0 && enough(&q, s, (uint64_t)seen))
			break;
	}
	drop_self(&q, s);
	return HUB_OK;
}

static bool nearer(const detail *details, const candidate *a, const candidate *b)
{
	return a->distance != b->distance ? a->distance < b->distance : details[a->spot].id < details[b->spot].id;
}

/*
 * Moves the k nearest of a short list to the front, in no order. Candidates differ (by id), so the
 * pivot's place is exact; the partition has no branch that depends on the data.
 */
static void nearest_few(const detail *details, candidate *list, size_t count, size_t k)
{
	size_t low = 0, high = count;
	while (k > low && k < high) {
		size_t middle = low + (high - low) / 2, split = low;
		candidate pivot = list[middle];
		list[middle] = list[high - 1];
		list[high - 1] = pivot;
		for (size_t i = low; i < high - 1; i++) {
			candidate c = list[i];
			bool less = c.distance < pivot.distance;
			if (__builtin_expect(c.distance == pivot.distance, 0))
				less = nearer(details, &c, &pivot);
			list[i] = list[split];
			list[split] = c;
			split += less;
		}
		list[high - 1] = list[split];
		list[split] = pivot;
		if (k <= split)
			high = split;
		else
			low = split + 1;
	}
}

/* Moves those whose distance is below the limit to the front; how many. */
static size_t split_at(candidate *list, size_t count, uint64_t limit)
{
	size_t split = 0;
	for (size_t i = 0; i < count; i++) {
		candidate c = list[i];
		list[i] = list[split];
		list[split] = c;
		split += c.distance < limit;
	}
	return split;
}

/*
 * Moves the k nearest to the front, in no order. Squared distances of homes spread over an area are
 * about uniform, so a histogram of them leaves only the few of one bucket to be told apart.
 */
static void nearest(const detail *details, candidate *list, size_t count, size_t k)
{
	enum { BUCKETS = 256 };
	uint32_t counts[BUCKETS] = { 0 };
	uint64_t most = 0;
	if (count <= k)
		return;
	for (size_t i = 0; i < count; i++)
		most |= list[i].distance;
	unsigned shift = most >= BUCKETS ? 56 - (unsigned)__builtin_clzll(most) : 0;
	for (size_t i = 0; i < count; i++)
		counts[list[i].distance >> shift]++;
	size_t below = 0, bucket = 0;
	while (below + counts[bucket] < k)
		below += counts[bucket++];
	size_t near = split_at(list, count, (uint64_t)(bucket + 1) << shift);
	size_t sure = split_at(list, near, (uint64_t)bucket << shift);
	nearest_few(details, list + sure, near - sure, k - sure);
}

/* The peers of one commodity at the front of *ret; the list itself when every near home has it. */
static hub_status keep(const compare_city *city, compare_scratch *s, unsigned commodity, candidate **ret,
		       size_t *ret_count)
{
	size_t k = s->count < COMPARE_PEERS_MAX ? s->count : COMPARE_PEERS_MAX;
	bool all = true;
	for (size_t i = 0; i < k && all; i++)
		all = s->list[i].known >> commodity & 1;
	*ret = s->list;
	*ret_count = k;
	if (all)
		return HUB_OK;
	if (!scratch_room(&s->kept, &s->kept_cap, s->count))
		return HUB_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].known >> commodity & 1)
			s->kept[n++] = s->list[i];
	nearest(city->details, s->kept, n, COMPARE_PEERS_MAX);
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

/* Moves what is below the pivot to the front of v[low, high) and says where it ends. */
static size_t partition(int64_t *v, size_t low, size_t high, int64_t pivot, bool or_equal)
{
	size_t split = low;
	for (size_t i = low; i < high; i++) {
		int64_t x = v[i];
		v[i] = v[split];
		v[split] = x;
		split += (x < pivot) | (or_equal & (x == pivot));
	}
	return split;
}

/* The k-th smallest (from 0); [0, k) is not above it afterwards, [k, n) not below. */
static int64_t kth(int64_t *v, size_t n, size_t k)
{
	size_t low = 0, high = n;
	while (high - low > 1) {
		int64_t pivot = v[low + (high - low) / 2];
		size_t split = partition(v, low, high, pivot, false);
		if (k < split) {
			high = split;
			continue;
		}
		low = partition(v, split, high, pivot, true);
		if (k < low)
			return pivot;
	}
	return v[k];
}

static int64_t mean_down(int64_t a, int64_t b)
{
	return (a & b) + ((a ^ b) >> 1);
}

static compare_result stand(const detail *details, const candidate *peers, size_t n, unsigned commodity, int64_t mine)
{
	int64_t v[COMPARE_PEERS_MAX];
	compare_result r = { .peers = (uint32_t)n, .rank = 1 };
	for (size_t i = 0; i < n; i++) {
		v[i] = details[peers[i].spot].use[commodity];
		r.rank += v[i] < mine;
	}
	r.median = kth(v, n, n / 2);
	if (n % 2 == 0) {
		int64_t below = v[0];
		for (size_t i = 1; i < n / 2; i++)
			below = v[i] > below ? v[i] : below;
		r.median = mean_down(below, r.median);
	}
	r.efficient = kth(v, n / 2, (n + 4) / 5 - 1);
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
		nearest(city->details, s->list, s->count, COMPARE_PEERS_MAX);
	for (unsigned c = 0; st == HUB_OK && g && c < COMPARE_COMMODITIES; c++) {
		if (h->use[c] == COMPARE_UNKNOWN)
			continue;
		candidate *peers;
		size_t n;
		st = keep(city, s, c, &peers, &n);
		if (st == HUB_OK && n >= COMPARE_PEERS_MIN)
			results[c] = stand(city->details, peers, n, c, h->use[c]);
	}
	if (st == HUB_OK)
		memcpy(ret, results, sizeof results);
	return st;
}

static int by_distance(const void *a, const void *b, void *details)
{
	return nearer(details, a, b) ? -1 : nearer(details, b, a);
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
		nearest(city->details, s->list, s->count, COMPARE_PEERS_MAX);
		st = keep(city, s, commodity, &peers, &n);
	}
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	*ret_count = n < COMPARE_PEERS_MIN ? 0 : n;
	if (*ret_count)
		qsort_r(peers, n, sizeof *peers, by_distance, city->details);
	for (size_t i = 0; i < *ret_count; i++)
		ret_ids[i] = city->details[peers[i].spot].id;
	return HUB_OK;
}

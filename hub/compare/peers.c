#include "compare/city.h"
#include "compare/stand.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

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
	for (size_t i = 0; home_is_eligible(h) && i < city->grid_count; i++)
		if (city->grids[i].key == home_class(h))
			return &city->grids[i];
	return NULL;
}

static compare_result among(const detail *details, const candidate *peers, size_t n, unsigned commodity, int64_t mine)
{
	int64_t v[COMPARE_PEERS_MAX];
	for (size_t i = 0; i < n; i++)
		v[i] = details[peers[i].spot].use[commodity];
	return compare_stand(v, n, mine);
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
			results[c] = among(city->details, peers, n, c, h->use[c]);
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

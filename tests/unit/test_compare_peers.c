/* The neighbour comparison's core against a brute-force oracle written from the rule's words. */
#include "base/fail.h"
#include "compare/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t state = 88172645463325252u;

static uint64_t rnd(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* A town with clusters, empty homes, opted-out homes, unknown uses, and homes on one spot. */
static compare_home *town(size_t n, int spread)
{
	compare_home *homes = calloc(n, sizeof *homes);
	assert_non_null(homes);
	for (size_t i = 0; i < n; i++) {
		compare_home *h = &homes[i];
		h->id = (int64_t)(n - i) * 3;
		h->x = (int32_t)(rnd(5) * 400 + rnd((uint64_t)spread)) - 900;
		h->y = (int32_t)(rnd(4) * 700 + rnd((uint64_t)spread)) - 300;
		h->area = (uint32_t)(4000 + rnd(9000));
		h->dwelling = (uint8_t)rnd(2);
		h->heating = (uint8_t)rnd(2);
		h->occupied = rnd(10) != 0;
		h->opted_out = rnd(12) == 0;
		for (int c = 0; c < COMPARE_COMMODITIES; c++)
			h->use[c] = rnd(8) < (uint64_t)c ? COMPARE_UNKNOWN : (int64_t)rnd(500);
	}
	return homes;
}

typedef struct oracle_peer {
	uint64_t distance;
	int64_t id, use;
} oracle_peer;

static int oracle_order(const void *a, const void *b)
{
	const oracle_peer *x = a, *y = b;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int use_order(const void *a, const void *b)
{
	const oracle_peer *x = a, *y = b;
	return (x->use > y->use) - (x->use < y->use);
}

static size_t oracle_peers(const compare_home *homes, size_t n, size_t at, int c, oracle_peer *out)
{
	const compare_home *h = &homes[at];
	size_t k = 0;
	if (!h->occupied || h->opted_out || h->use[c] == COMPARE_UNKNOWN)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const compare_home *o = &homes[i];
		int64_t apart = llabs((long long)o->area - (long long)h->area);
		if (i == at || o->dwelling != h->dwelling || o->heating != h->heating || apart * 100 > 15LL * h->area ||
		    !o->occupied || o->opted_out || o->use[c] == COMPARE_UNKNOWN)
			continue;
		int64_t dx = (int64_t)o->x - h->x, dy = (int64_t)o->y - h->y;
		out[k++] = (oracle_peer){ (uint64_t)(dx * dx + dy * dy), o->id, o->use[c] };
	}
	qsort(out, k, sizeof *out, oracle_order);
	k = k > 100 ? 100 : k;
	return k < 20 ? 0 : k;
}

static void check_home(const compare_city *city, const compare_home *homes, size_t n, size_t at, compare_scratch *s,
		       size_t *answers)
{
	compare_result got[COMPARE_COMMODITIES];
	oracle_peer *want = malloc(n * sizeof *want);
	assert_int_equal(compare_home_results(city, at, s, got), HUB_OK);
	for (int c = 0; c < COMPARE_COMMODITIES; c++) {
		int64_t ids[COMPARE_PEERS_MAX];
		size_t count, k = oracle_peers(homes, n, at, c, want);
		assert_int_equal(compare_home_peers(city, at, (unsigned)c, s, ids, &count), HUB_OK);
		assert_int_equal(count, k);
		assert_int_equal(got[c].peers, k);
		uint32_t rank = 1;
		for (size_t i = 0; i < k; i++) {
			assert_int_equal(ids[i], want[i].id);
			rank += want[i].use < homes[at].use[c];
		}
		if (!k)
			continue;
		++*answers;
		qsort(want, k, sizeof *want, use_order);
		int64_t median = k % 2 ? want[k / 2].use : (want[k / 2 - 1].use + want[k / 2].use) / 2;
		assert_int_equal(got[c].median, median);
		assert_int_equal(got[c].efficient, want[(k + 4) / 5 - 1].use);
		assert_int_equal(got[c].rank, rank);
	}
	free(want);
}

static void every_home_equals_the_brute_force_oracle(void **unused)
{
	(void)unused;
	static const struct { size_t n; int spread; } towns[] = { { 1, 10 }, { 60, 50 }, { 700, 1 }, { 1500, 300 }, { 2500, 5000 }, { 20000, 900 } };
	compare_scratch *s = compare_scratch_new();
	for (size_t t = 0; t < sizeof towns / sizeof *towns; t++) {
		compare_home *homes = town(towns[t].n, towns[t].spread);
		compare_city *city;
		size_t answers = 0;
		assert_int_equal(compare_city_new(homes, towns[t].n, &city), HUB_OK);
		/* Of the large town a sample: it is there for searches that end before they saw all. */
		for (size_t i = 0; i < towns[t].n; i += towns[t].n > 5000 ? 23 : 1)
			check_home(city, homes, towns[t].n, i, s, &answers);
		assert_true(towns[t].n < 500 || answers > 100);
		compare_city_free(city);
		free(homes);
	}
	compare_scratch_free(s);
}

/* Homes alike on a line; the first of them asks. */
static void fill_line(compare_home *homes, size_t n)
{
	memset(homes, 0, n * sizeof *homes);
	for (size_t i = 0; i < n; i++)
		homes[i] = (compare_home){ .id = (int64_t)i, .x = (int32_t)i, .area = 9000, .occupied = true,
					   .use = { (int64_t)i, COMPARE_UNKNOWN, COMPARE_UNKNOWN, COMPARE_UNKNOWN } };
}

static uint32_t peers_of_first(const compare_home *homes, size_t n)
{
	compare_city *city;
	compare_result r[COMPARE_COMMODITIES];
	compare_scratch *s = compare_scratch_new();
	assert_int_equal(compare_city_new(homes, n, &city), HUB_OK);
	assert_int_equal(compare_home_results(city, 0, s, r), HUB_OK);
	compare_scratch_free(s);
	compare_city_free(city);
	return r[0].peers;
}

static void below_twenty_there_is_no_answer(void **unused)
{
	(void)unused;
	compare_home homes[21];
	fill_line(homes, 21);
	assert_int_equal(peers_of_first(homes, 21), 20);
	assert_int_equal(peers_of_first(homes, 20), 0);
}

static void an_opted_out_home_neither_sees_nor_counts(void **unused)
{
	(void)unused;
	compare_home homes[22];
	fill_line(homes, 22);
	homes[5].opted_out = true;
	assert_int_equal(peers_of_first(homes, 22), 20);
	homes[6].opted_out = true;
	assert_int_equal(peers_of_first(homes, 22), 0);
	homes[5].opted_out = homes[6].opted_out = false;
	homes[0].opted_out = true;
	assert_int_equal(peers_of_first(homes, 22), 0);
}

static void area_counts_to_exactly_fifteen_percent(void **unused)
{
	(void)unused;
	compare_home homes[21];
	fill_line(homes, 21);
	homes[20].area = 10350;
	homes[19].area = 7650;
	assert_int_equal(peers_of_first(homes, 21), 20);
	homes[20].area = 10351;
	assert_int_equal(peers_of_first(homes, 21), 0);
}

static void one_id_twice_is_refused(void **unused)
{
	(void)unused;
	compare_home homes[3];
	compare_city *city = NULL;
	fill_line(homes, 3);
	homes[2].id = homes[0].id;
	assert_int_equal(compare_city_new(homes, 3, &city), HUB_REJECT);
	assert_null(city);
}

static void every_failing_allocation_is_told(void **unused)
{
	(void)unused;
	compare_home homes[40];
	fill_line(homes, 40);
	bool done = false;
	for (long k = 0; !done; k++) {
		compare_city *city = NULL;
		compare_scratch *s = NULL;
		compare_result r[COMPARE_COMMODITIES];
		fail_after(k);
		hub_status st = compare_city_new(homes, 40, &city);
		if (st == HUB_OK)
			s = compare_scratch_new();
		if (s)
			st = compare_home_results(city, 0, s, r);
		done = !fail_was_hit();
		fail_after(-1);
		assert_true(done ? st == HUB_OK : st == HUB_NOMEM || !s);
		compare_scratch_free(s);
		compare_city_free(city);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_home_equals_the_brute_force_oracle),
		cmocka_unit_test(below_twenty_there_is_no_answer),
		cmocka_unit_test(an_opted_out_home_neither_sees_nor_counts),
		cmocka_unit_test(area_counts_to_exactly_fifteen_percent),
		cmocka_unit_test(one_id_twice_is_refused),
		cmocka_unit_test(every_failing_allocation_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The series against a naive keeper of rows: an array of everything written, searched from end to end. */
#include "fixture.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/fail.h"
#include "store/series.h"

static const hub_time t0 = INT64_C(1767225600000000), quarter = INT64_C(900000000), hour = INT64_C(3600000000),
		      day = INT64_C(86400000000);

enum { ROWS = 3000, POINTS = 5, BATCHES = 8 };

typedef struct kept {
	series_row row;
	uint32_t version;
	uint64_t receipt;
	hub_time recorded; /* as the store told */
} kept;

static kept keeper[ROWS * 2];
static size_t kept_count;
static uint32_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

static const char *const channel_names[] = { "", "c1", "c2" };

static series_row random_row(void)
{
	series_row r = { .point = 1 + dice(POINTS), .quantity = (uint16_t)(1 + dice(2)), .channel = channel_names[dice(3)],
			 .kind = (uint8_t)(1 + dice(3)), .time = t0 + dice(30) * quarter, .flags = dice(4) };
	if (r.kind == HUB_INTERVAL)
		r.start = r.time - quarter * (1 + dice(2));
	r.value = (hub_value){ (int64_t)dice(3) * 10, 1 };
	if (dice(2)) /* the same number, written otherwise */
		r.value = (hub_value){ r.value.digits * 100, 3 };
	return r;
}

static int key_order(const series_row *a, const series_row *b)
{
	int64_t x[] = { a->point, a->quantity, 0, a->time, a->start, a->kind },
		y[] = { b->point, b->quantity, 0, b->time, b->start, b->kind };
	x[2] = strcmp(a->channel, b->channel);
	for (size_t i = 0; i < 6; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static bool equal(hub_value a, hub_value b)
{
	while (a.scale < b.scale)
		a = (hub_value){ a.digits * 10, (uint8_t)(a.scale + 1) };
	while (b.scale < a.scale)
		b = (hub_value){ b.digits * 10, (uint8_t)(b.scale + 1) };
	return a.digits == b.digits;
}

static series_outcome keep(const series_row *r, uint64_t receipt)
{
	const kept *newest = NULL;
	for (size_t i = 0; i < kept_count; i++)
		if (!key_order(&keeper[i].row, r))
			newest = &keeper[i];
	if (newest && equal(newest->row.value, r->value))
		return SERIES_DUPLICATE;
	assert_true(kept_count < sizeof keeper / sizeof keeper[0]);
	keeper[kept_count++] = (kept){ *r, newest ? newest->version + 1 : 0, receipt, 0 };
	return newest ? SERIES_VERSION : SERIES_NEW;
}

static void write_some(size_t count, uint64_t receipt)
{
	series_row rows[ROWS / BATCHES];
	series_outcome outcomes[ROWS / BATCHES];
	for (size_t i = 0; i < count; i++)
		rows[i] = random_row();
	OK(store_begin(db));
	OK(series_write(db, rows, count, receipt, outcomes));
	OK(store_commit(db));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(outcomes[i], keep(&rows[i], receipt));
}

/* By point, channel, time, start, kind. */
static int page_order(const void *a, const void *b)
{
	const series_row *x = &((const kept *)a)->row, *y = &((const kept *)b)->row;
	return key_order(x, y);
}

static bool in_period(const series_row *r, hub_time from, hub_time to)
{
	return r->kind == HUB_INTERVAL ? from < r->time && r->time <= to && r->start >= from :
					 from <= r->time && r->time < to;
}

static size_t expect(const series_query *q, kept *out)
{
	size_t n = 0;
	for (size_t i = 0; i < kept_count; i++) {
		const kept *k = &keeper[i];
		bool wanted = false, beaten = false;
		for (size_t p = 0; p < q->point_count; p++)
			wanted |= q->points[p] == k->row.point;
		wanted = wanted && k->row.quantity == q->quantity && in_period(&k->row, q->from, q->to) &&
			 (!q->channel || !strcmp(q->channel, k->row.channel)) &&
			 (!q->known_at || k->recorded <= q->known_at);
		for (size_t j = i + 1; wanted && j < kept_count; j++)
			beaten |= !key_order(&keeper[j].row, &k->row) && (!q->known_at || keeper[j].recorded <= q->known_at);
		if (wanted && !beaten)
			out[n++] = *k;
	}
	qsort(out, n, sizeof *out, page_order);
	return n;
}

static void compare(const series_query *q)
{
	static kept want[ROWS * 2];
	size_t n = expect(q, want), at = 0;
	series_cursor cursor = { "" };
	do {
		series_item *items;
		size_t count;
		arena_reset(&mem);
		OK(series_read(db, q, &cursor, &mem, &items, &count, &fault));
		assert_true(count <= q->limit);
		for (size_t i = 0; i < count; i++, at++) {
			assert_true(at < n);
			assert_int_equal(key_order(&items[i].row, &want[at].row), 0);
			assert_int_equal(items[i].row.value.digits, want[at].row.value.digits);
			assert_int_equal(items[i].row.value.scale, want[at].row.value.scale);
			assert_int_equal(items[i].row.flags, want[at].row.flags);
			assert_int_equal(items[i].version, want[at].version);
			assert_int_equal(items[i].receipt, want[at].receipt);
		}
	} while (*cursor.text);
	assert_int_equal(at, n);
}

/* What the store recorded, so that the keeper can answer `known_at` too. */
static void learn_times(void)
{
	for (uint64_t receipt = 1; receipt <= BATCHES; receipt++) {
		size_t next = 0, last_place = 0;
		do {
			series_item *items;
			size_t count;
			OK(series_of_receipt(db, receipt, next, 7, &mem, &items, &count, &next));
			assert_true(!next || next > last_place);
			last_place = next;
			for (size_t i = 0; i < count; i++)
				for (size_t k = 0; k < kept_count; k++)
					if (keeper[k].receipt == receipt && keeper[k].version == items[i].version &&
					    !key_order(&keeper[k].row, &items[i].row))
						keeper[k].recorded = items[i].known_at;
		} while (next);
	}
	for (size_t k = 0; k < kept_count; k++)
		assert_true(keeper[k].recorded > t0);
}

static void random_rows_read_as_the_keeper_has_them(void **state)
{
	(void)state;
	seed = 20261120;
	kept_count = 0;
	for (uint64_t b = 1; b <= BATCHES; b++)
		write_some(1 + dice(ROWS / BATCHES), b);
	learn_times();
	for (int i = 0; i < 150; i++) {
		int64_t points[] = { 1 + dice(POINTS), 1 + dice(POINTS), 1 + dice(POINTS) };
		series_query q = { .points = points, .point_count = dice(4), .quantity = (uint16_t)(1 + dice(2)),
				   .channel = dice(2) ? channel_names[dice(3)] : NULL,
				   .from = t0 + dice(20) * quarter, .limit = 1 + dice(40),
				   .known_at = dice(2) ? keeper[dice((uint32_t)kept_count)].recorded - dice(2) : 0 };
		q.to = q.from + (1 + dice(20)) * quarter;
		compare(&q);
	}
}

static void versions_of_a_key_rise_in_time_and_stay_readable(void **state)
{
	(void)state;
	int64_t p = 7;
	series_row r[] = { { .point = p, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .time = t0, .value = { 1, 0 } },
			   { .point = p, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .time = t0, .value = { 2, 0 } },
			   { .point = p, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .time = t0, .value = { 20, 1 } },
			   { .point = p, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .time = t0, .value = { 1, 0 } } };
	series_outcome o[4];
	OK(store_begin(db));
	OK(series_write(db, r, 4, 1, o));
	OK(store_commit(db));
	assert_int_equal(o[0], SERIES_NEW);
	assert_int_equal(o[1], SERIES_VERSION);
	assert_int_equal(o[2], SERIES_DUPLICATE);
	assert_int_equal(o[3], SERIES_VERSION);
	series_query q = { .points = &p, .point_count = 1, .quantity = 1, .from = t0, .to = t0 + 1, .limit = 10 };
	hub_time known = 0;
	for (uint32_t version = 3; version-- > 0;) {
		series_cursor c = { "" };
		series_item *items;
		size_t count;
		q.known_at = known;
		OK(series_read(db, &q, &c, &mem, &items, &count, &fault));
		assert_int_equal(count, 1);
		assert_int_equal(items[0].version, version);
		known = items[0].known_at - 1;
	}
}

static void two_writers_of_one_key_make_one_row_and_one_repeat(void **state)
{
	(void)state;
	store *other = another();
	series_row r = { .point = 1, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .time = t0, .value = { 1, 0 } };
	series_row correction = r;
	correction.value.digits = 2;
	series_outcome mine, theirs;
	OK(store_begin(db));
	OK(series_write(db, &r, 1, 1, &mine));
	OK(store_commit(db));
	OK(store_begin(db));
	OK(store_begin(other));
	OK(series_write(other, &correction, 1, 2, &theirs));
	assert_int_equal(theirs, SERIES_VERSION);
	OK(store_commit(other));
	OK(series_write(db, &correction, 1, 3, &mine));
	assert_int_equal(mine, SERIES_DUPLICATE);
	OK(store_commit(db));
	store_close(other);
}

enum { RACERS = 4, RACES = 60 };

static void *race(void *user)
{
	int64_t *news = user;
	store *mine;
	if (store_open(conninfo, &mine, NULL) != HUB_OK)
		return NULL;
	for (int i = 0; i < RACES; i++) {
		series_row rows[20];
		series_outcome o[20];
		for (int k = 0; k < 20; k++) /* every racer writes the same keys, each in its own order */
			rows[k] = (series_row){ .point = 1 + (k * 7 + (int)news[1]) % 20, .quantity = 1, .kind = HUB_INSTANT,
						.channel = "", .time = t0 + i / 3, .value = { i % 3, 0 } };
		hub_status st;
		do {
			st = store_begin(mine);
			if (st == HUB_OK)
				st = series_write(mine, rows, 20, 1, o);
			if (st == HUB_OK)
				st = store_commit(mine);
			news[2] += st == HUB_AGAIN;
		} while (st == HUB_AGAIN);
		if (st != HUB_OK)
			break;
		for (int k = 0; k < 20; k++)
			news[0] += o[k] == SERIES_NEW;
		news[3]++;
	}
	store_close(mine);
	return NULL;
}

static void racing_writers_agree(void **state)
{
	(void)state;
	pthread_t threads[RACERS];
	int64_t results[RACERS][4], news = 0;
	for (int i = 0; i < RACERS; i++) {
		memcpy(results[i], (int64_t[4]){ 0, i, 0, 0 }, sizeof results[i]);
		pthread_create(&threads[i], NULL, race, results[i]);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(results[i][3], RACES);
		news += results[i][0];
	}
	assert_int_equal(news, 20 * (RACES / 3)); /* each key was new exactly once */
}

static void a_foreign_cursor_is_refused(void **state)
{
	(void)state;
	int64_t p = 1;
	series_row rows[5];
	series_outcome o[5];
	for (int i = 0; i < 5; i++)
		rows[i] = (series_row){ .point = p, .quantity = 1, .kind = HUB_INSTANT, .channel = "a channel of thirty-two bytes ok",
					.time = t0 + i, .value = { i, 0 } };
	OK(store_begin(db));
	OK(series_write(db, rows, 5, 1, o));
	OK(store_commit(db));
	series_query q = { .points = &p, .point_count = 1, .quantity = 1, .from = t0, .to = t0 + day, .limit = 2 };
	series_cursor c = { "" }, good;
	series_item *items;
	size_t count;
	OK(series_read(db, &q, &c, &mem, &items, &count, &fault));
	assert_int_equal(count, 2);
	good = c;
	q.to++;
	assert_int_equal(series_read(db, &q, &c, &mem, &items, &count, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "series.cursor");
	q.to--;
	for (size_t i = 0; good.text[i]; i++) {
		c = good;
		c.text[i] = c.text[i] == 'A' ? 'B' : 'A';
		assert_int_equal(series_read(db, &q, &c, &mem, &items, &count, &fault), HUB_REJECT);
	}
	memset(c.text, 'A', sizeof c.text);
	assert_int_equal(series_read(db, &q, &c, &mem, &items, &count, &fault), HUB_REJECT);
	c = good;
	OK(series_read(db, &q, &c, &mem, &items, &count, &fault));
	assert_int_equal(items[0].row.time, t0 + 2);
	q.limit = 0;
	assert_int_equal(series_read(db, &q, &c, &mem, &items, &count, &fault), HUB_REJECT);
}

static void the_last_before_a_time_is_its_newest_version(void **state)
{
	(void)state;
	series_row rows[] = {
		{ .point = 1, .quantity = 1, .kind = HUB_REGISTER, .channel = "", .time = t0, .value = { 10, 0 } },
		{ .point = 1, .quantity = 1, .kind = HUB_REGISTER, .channel = "", .time = t0 + hour, .value = { 20, 0 } },
		{ .point = 1, .quantity = 1, .kind = HUB_REGISTER, .channel = "", .time = t0 + hour, .value = { 21, 0 } },
	};
	series_outcome o[3];
	OK(store_begin(db));
	OK(series_write(db, rows, 3, 1, o));
	OK(store_commit(db));
	series_row keys[] = { rows[0], rows[0], rows[0], rows[0] }, last[4];
	bool found[4];
	keys[1].time = t0 + hour;
	keys[2].time = t0 + hour + 1;
	keys[3].channel = "x";
	OK(series_last(db, keys, 4, last, found));
	assert_true(!found[0] && found[1] && found[2] && !found[3]);
	assert_int_equal(last[1].value.digits, 10);
	assert_int_equal(last[2].value.digits, 21);
}

/* Every allocation fails once: nothing half done is committed, and the same call works afterwards. */
static void no_memory_is_told_and_leaves_all_as_it_was(void **state)
{
	(void)state;
	enum { N = 300 };
	static series_row rows[N];
	static series_outcome o[N];
	for (int i = 0; i < N; i++) /* enough for COPY; one key twice, so that all ways of writing are gone */
		rows[i] = (series_row){ .point = 1, .quantity = 1, .kind = HUB_INSTANT, .channel = "", .value = { i, 0 },
					.time = t0 + (i ? i : 1) };
	long failures = 0;
	bool hit = true;
	for (long k = 0; hit; k++) {
		OK(store_begin(db));
		fail_after(k);
		hub_status st = series_write(db, rows, N, 1, o);
		hit = fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, hit ? HUB_NOMEM : HUB_OK);
		store_rollback(db);
		failures += hit;
	}
	assert_true(failures > 5);
	OK(store_begin(db));
	OK(series_write(db, rows, N, 1, o));
	OK(store_commit(db));
	assert_int_equal(o[1], SERIES_VERSION);
	series_query q = { .points = (int64_t[]){ 1 }, .point_count = 1, .quantity = 1, .from = t0, .to = t0 + N + 1,
			   .limit = N };
	hit = true;
	for (long k = 0; hit; k++) {
		series_cursor c = { "" };
		series_item *items;
		size_t count;
		arena fresh_mem;
		arena_init(&fresh_mem, 0);
		fail_after(k);
		hub_status st = series_read(db, &q, &c, &fresh_mem, &items, &count, &fault);
		hit = fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, hit ? HUB_NOMEM : HUB_OK);
		if (!hit)
			assert_int_equal(count, N - 1);
		arena_fini(&fresh_mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(random_rows_read_as_the_keeper_has_them),
		store_test(versions_of_a_key_rise_in_time_and_stay_readable),
		store_test(two_writers_of_one_key_make_one_row_and_one_repeat),
		store_test(racing_writers_agree),
		store_test(a_foreign_cursor_is_refused),
		store_test(no_memory_is_told_and_leaves_all_as_it_was),
		store_test(the_last_before_a_time_is_its_newest_version),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

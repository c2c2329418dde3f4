/* Amounts per hour, day and month: by hand where devices change, by a naive oracle where they do not. */
#include "fixture.h"

#include "base/clock.h"
#include "store/series.h"

static const hub_time t0 = INT64_C(1767196800000000), /* 2026-01-01 00:00 in Shanghai */
	quarter = INT64_C(900000000), hour = INT64_C(3600000000), day = INT64_C(86400000000);

static int64_t here;
static zone *shanghai;

static int begin(void **state)
{
	fresh(state);
	here = make_point("here");
	assert_int_equal(zone_load("Asia/Shanghai", &shanghai), HUB_OK);
	return 0;
}

static int end(void **state)
{
	zone_free(shanghai);
	return done(state);
}

static void put_row(series_row r)
{
	series_outcome o;
	static uint64_t receipt;
	r.point = here;
	r.quantity = 1;
	OK(store_begin(db));
	OK(series_write(db, &r, 1, ++receipt, &o));
	OK(store_commit(db));
}

static void put_register(hub_time t, int64_t digits, uint8_t scale)
{
	put_row((series_row){ .channel = "", .kind = HUB_REGISTER, .time = t, .value = { digits, scale } });
}

static void put_interval(hub_time start, hub_time time, int64_t digits)
{
	put_row((series_row){ .channel = "", .kind = HUB_INTERVAL, .start = start, .time = time, .value = { digits, 0 } });
}

/* The same for many points at once, where the point has readings in the period. */
static void at_once(const series_query *q, const series_item *pages, size_t n)
{
	series_amounts *list;
	size_t count;
	OK(series_read_amounts(db, q, &mem, &list, &count));
	if (!count)
		return;
	assert_int_equal(count, 1);
	assert_int_equal(list->count, n);
	for (size_t i = 0; i < n; i++) {
		const series_item *x = &list->items[i], *y = &pages[i];
		assert_true(x->row.point == y->row.point && x->row.start == y->row.start && x->row.time == y->row.time &&
			    x->row.flags == y->row.flags && x->present == y->present && x->expected == y->expected);
		assert_int_equal(x->row.value.digits, y->row.value.digits);
		assert_int_equal(x->row.value.scale, y->row.value.scale);
	}
}

/* All pages of `limit` buckets. */
static size_t steps(series_step step, hub_time from, hub_time to, size_t limit, series_item *out)
{
	series_query q = { .points = &here, .point_count = 1, .quantity = 1, .from = from, .to = to, .step = step,
			   .zone = shanghai, .limit = limit };
	series_cursor c = { "" };
	size_t n = 0;
	do {
		series_item *items;
		size_t count;
		OK(series_read(db, &q, &c, &mem, &items, &count, &fault));
		for (size_t i = 0; i < count; i++)
			out[n++] = items[i];
	} while (*c.text);
	at_once(&q, out, n);
	return n;
}

static void is(const series_item *i, hub_time start, hub_time time, int64_t digits, uint8_t scale)
{
	assert_int_equal(i->row.kind, HUB_INTERVAL);
	assert_int_equal(i->row.start, start);
	assert_int_equal(i->row.time, time);
	assert_int_equal(i->row.value.digits, digits);
	assert_int_equal(i->row.value.scale, scale);
}

static void intervals_are_summed_and_counted(void **state)
{
	(void)state;
	series_item got[10];
	for (int i = 0; i < 7; i++) /* the fourth of the first hour is missing */
		put_interval(t0 + (i + (i > 2)) * quarter, t0 + (i + 1 + (i > 2)) * quarter, 1 + i);
	size_t n = steps(SERIES_HOUR, t0, t0 + day, 10, got);
	assert_int_equal(n, 2);
	is(&got[0], t0, t0 + hour, 6, 0);
	assert_true(got[0].present == 3 && got[0].expected == 4);
	is(&got[1], t0 + hour, t0 + 2 * hour, 22, 0);
	assert_true(got[1].present == 4 && got[1].expected == 4);
	n = steps(SERIES_DAY, t0, t0 + day, 10, got);
	assert_int_equal(n, 1);
	is(&got[0], t0, t0 + day, 28, 0);
	assert_true(got[0].present == 7 && got[0].expected == 96);
}

static void registers_are_differenced_at_the_edges(void **state)
{
	(void)state;
	series_item got[10];
	put_register(t0 - quarter, 1000, 1);
	put_register(t0 + quarter, 1015, 1);
	put_register(t0 + hour, 1030, 1);
	put_register(t0 + hour + quarter, 10455, 2);
	size_t n = steps(SERIES_HOUR, t0, t0 + 2 * hour, 10, got);
	assert_int_equal(n, 2);
	is(&got[0], t0, t0 + hour, 3, 0);
	is(&got[1], t0 + hour, t0 + 2 * hour, 155, 2);
	assert_int_equal(got[1].present, 1);
	n = steps(SERIES_MONTH, t0 - day, t0 + day, 10, got);
	assert_int_equal(n, 1); /* December has a standing but nothing before it */
	assert_int_equal(got[0].row.value.digits, 455);
}

static void intervals_win_over_registers_in_one_bucket(void **state)
{
	(void)state;
	series_item got[4];
	put_register(t0, 100, 0);
	put_interval(t0, t0 + hour, 7);
	put_register(t0 + hour, 108, 0);
	put_register(t0 + 2 * hour, 110, 0);
	assert_int_equal(steps(SERIES_HOUR, t0, t0 + day, 10, got), 2);
	is(&got[0], t0, t0 + hour, 7, 0);
	is(&got[1], t0 + hour, t0 + 2 * hour, 2, 0);
}

/* A source that sent intervals is read by its register from some day on: a month has both, and nothing twice. */
static void registers_go_on_where_intervals_ended(void **state)
{
	(void)state;
	series_item got[4];
	put_interval(t0, t0 + hour, 7);
	put_register(t0 + quarter, 1001, 0);
	put_interval(t0 + hour, t0 + 2 * hour, 3);
	put_register(t0 + 2 * hour, 1010, 0);
	put_register(t0 + 2 * hour + quarter, 1015, 0);
	put_register(t0 + 3 * hour, 1016, 0);
	assert_int_equal(steps(SERIES_DAY, t0, t0 + day, 10, got), 1);
	is(&got[0], t0, t0 + day, 16, 0);
	assert_int_equal(got[0].present, 12); /* quarters: three hours */
	assert_int_equal(steps(SERIES_HOUR, t0, t0 + day, 10, got), 3);
	is(&got[2], t0 + 2 * hour, t0 + 3 * hour, 6, 0);
}

static int64_t make_device(const char *meter, int64_t reader, hub_value multiplier, hub_value modulus)
{
	int64_t id;
	device d = { .party = reader, .meter = meter, .multiplier = multiplier, .modulus = modulus };
	OK(device_put(db, &d, &id, NULL, &fault));
	return id;
}

static void an_exchange_sums_its_segments_with_their_multipliers(void **state)
{
	(void)state;
	series_item got[10];
	int64_t who = make_party("who"), id, old = make_device("1", who, (hub_value){ 10, 0 }, (hub_value){ 0, 0 }),
		new = make_device("2", who, (hub_value){ 15, 1 }, (hub_value){ 0, 0 });
	installation first = { .device = old, .channel = "", .point = here, .valid_from = t0 - day };
	installation_register ends = { .quantity = 1, .has_end = true, .end = { 106, 0 } },
			      start = { .quantity = 1, .has_start = true, .start = { 2, 0 } };
	installation second = { .device = new, .channel = "", .point = here, .valid_from = t0 + hour + quarter,
				.registers = &start, .register_count = 1 };
	OK(device_install(db, &first, &id, NULL, &fault));
	OK(device_exchange(db, &second, &ends, 1, &id, &fault));
	put_register(t0, 100, 0);
	put_register(t0 + hour, 104, 0);
	put_register(t0 + 2 * hour, 6, 0);
	put_register(t0 + 3 * hour, 8, 0);
	for (size_t page = 1; page < 5; page++) {
		assert_int_equal(steps(SERIES_HOUR, t0, t0 + 3 * hour, page, got), 3);
		is(&got[0], t0, t0 + hour, 40, 0);
		is(&got[1], t0 + hour, t0 + 2 * hour, 20 + 6, 0); /* (106-104)×10 + (6-2)×1.5 */
		is(&got[2], t0 + 2 * hour, t0 + 3 * hour, 3, 0);
	}
	assert_int_equal(steps(SERIES_DAY, t0, t0 + day, 2, got), 1);
	is(&got[0], t0, t0 + day, 69, 0);
	assert_int_equal(steps(SERIES_HOUR, t0 + hour + quarter, t0 + 2 * hour, 2, got), 1);
	is(&got[0], t0 + hour, t0 + 2 * hour, 6, 0); /* the old device's end lies at the edge, not after it */
}

/* The old device's last standing lies at the moment of the exchange: it is no standing of the new one. */
static void a_standing_at_the_moment_of_the_exchange_is_the_old_devices(void **state)
{
	(void)state;
	series_item got[10];
	int64_t who = make_party("who"), id, one = make_device("1", who, (hub_value){ 1, 0 }, (hub_value){ 0, 0 }),
		two = make_device("2", who, (hub_value){ 1, 0 }, (hub_value){ 0, 0 });
	installation first = { .device = one, .channel = "", .point = here, .valid_from = t0 - day };
	installation_register start = { .quantity = 1, .has_start = true, .start = { 7, 0 } };
	installation second = { .device = two, .channel = "", .point = here, .valid_from = t0 + hour,
				.registers = &start, .register_count = 1 };
	OK(device_install(db, &first, &id, NULL, &fault));
	OK(device_exchange(db, &second, NULL, 0, &id, &fault));
	put_register(t0, 100, 0);
	put_register(t0 + hour, 150, 0);
	put_register(t0 + 2 * hour, 9, 0);
	assert_int_equal(steps(SERIES_HOUR, t0, t0 + 2 * hour, 10, got), 2);
	is(&got[0], t0, t0 + hour, 50, 0); /* nobody wrote its end register down */
	is(&got[1], t0 + hour, t0 + 2 * hour, 2, 0);
	assert_int_equal(steps(SERIES_HOUR, t0 + hour, t0 + 2 * hour, 10, got), 1);
	is(&got[0], t0 + hour, t0 + 2 * hour, 2, 0);
}

static void a_rollover_counts_and_a_fall_never_makes_less_than_nothing(void **state)
{
	(void)state;
	series_item got[10];
	int64_t who = make_party("who"), id, d = make_device("1", who, (hub_value){ 1, 0 }, (hub_value){ 1000, 0 });
	installation i = { .device = d, .channel = "", .point = here, .valid_from = t0 - day };
	OK(device_install(db, &i, &id, NULL, &fault));
	put_register(t0, 990, 0);
	put_register(t0 + hour, 5, 0);
	put_register(t0 + 2 * hour, 3, 0);
	put_register(t0 + 3 * hour, 9, 0);
	assert_int_equal(steps(SERIES_HOUR, t0, t0 + 3 * hour, 10, got), 3);
	is(&got[0], t0, t0 + hour, 15, 0);
	assert_true(got[0].row.flags & HUB_ROLLOVER);
	is(&got[1], t0 + hour, t0 + 2 * hour, 0, 0);
	assert_true(got[1].row.flags & HUB_DECREASE);
	is(&got[2], t0 + 2 * hour, t0 + 3 * hour, 6, 0);
	assert_false(got[2].row.flags & (HUB_ROLLOVER | HUB_DECREASE));
}

static void a_device_without_a_reading_counts_by_its_own_registers(void **state)
{
	(void)state;
	series_item got[10];
	int64_t who = make_party("who"), id;
	installation_register all = { .quantity = 1, .has_start = true, .start = { 10, 0 }, .has_end = true, .end = { 25, 0 } };
	installation i = { .device = make_device("1", who, (hub_value){ 2, 0 }, (hub_value){ 0, 0 }), .channel = "",
			   .point = here, .valid_from = t0 + quarter, .valid_to = t0 + hour + quarter,
			   .registers = &all, .register_count = 1 };
	OK(device_install(db, &i, &id, NULL, &fault));
	put_register(t0 + 3 * hour, 7, 0); /* of nobody: gives the series a channel */
	assert_int_equal(steps(SERIES_HOUR, t0, t0 + day, 10, got), 1);
	is(&got[0], t0 + hour, t0 + 2 * hour, 30, 0);
}

/* Standing at or before t, of readings that are written in rising time. */
static bool standing(const series_row *rows, size_t n, hub_time t, int64_t *ret)
{
	bool found = false;
	for (size_t i = 0; i < n && rows[i].time <= t; i++) {
		*ret = rows[i].value.digits;
		found = true;
	}
	return found;
}

static void random_registers_agree_with_their_edges(void **state)
{
	(void)state;
	enum { N = 400 };
	static series_row rows[N];
	static series_outcome o[N];
	static series_item got[N];
	uint32_t seed = 7;
	hub_time t = t0;
	int64_t stand = 1000;
	for (size_t i = 0; i < N; i++) {
		seed = seed * 1664525u + 1013904223u;
		t += (1 + (seed >> 10) % 9) * quarter / 2;
		stand += (seed >> 16) % 50;
		rows[i] = (series_row){ .point = here, .quantity = 1, .kind = HUB_REGISTER, .channel = "", .time = t,
					.value = { stand, 0 } };
	}
	OK(store_begin(db));
	OK(series_write(db, rows, N, 1, o));
	OK(store_commit(db));
	for (size_t limit = 3; limit < 200; limit *= 3) {
		hub_time from = t0 + 5 * hour, to = t0 + 300 * hour;
		size_t n = steps(SERIES_HOUR, from, to, limit, got), at = 0;
		for (hub_time b = from; b < to; b += hour) {
			int64_t before, after;
			assert_true(standing(rows, N, b, &before) && standing(rows, N, b + hour, &after));
			if (at < n && got[at].row.start == b)
				assert_int_equal(got[at++].row.value.digits, after - before);
			else
				assert_int_equal(after, before);
		}
		assert_int_equal(at, n);
	}
}

#define step_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		step_test(intervals_are_summed_and_counted),
		step_test(registers_are_differenced_at_the_edges),
		step_test(intervals_win_over_registers_in_one_bucket),
		step_test(registers_go_on_where_intervals_ended),
		step_test(an_exchange_sums_its_segments_with_their_multipliers),
		step_test(a_standing_at_the_moment_of_the_exchange_is_the_old_devices),
		step_test(a_rollover_counts_and_a_fall_never_makes_less_than_nothing),
		step_test(a_device_without_a_reading_counts_by_its_own_registers),
		step_test(random_registers_agree_with_their_edges),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

/* What holds for every bill: lines add up, any cutting comes to the same, a tariff is not changed by use. */
#include "billing_helper.h"

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

enum { DAYS = 120, VALUES = DAYS * 24 };

/* A ladder of the year, the month or two months; shared by total or in time; prices by period or not. */
static void random_tariff(char *out, size_t size)
{
	static const char *const modes[] = { "\"period\":{\"months\":12,\"reset\":\"02-10\"},",
					     "\"period\":{\"months\":1},", "\"period\":{\"months\":2}," };
	/* What is of the whole cycle: what a cut one was charged, and filled up to, is known to the next. */
	static const char *const cycles[] = { "", "\"cycle\":{\"months\":1},", "\"cycle\":{\"months\":2,\"day\":7}," };
	static const char *const bounds[] = { "minimum", "maximum" };
	const char *cycle = cycles[rnd(3)];
	char whole[200] = "";
	if (*cycle)
		snprintf(whole, sizeof whole,
			 "{\"code\":\"meter\",\"kind\":\"fixed\",\"amount\":\"7.5\"},{\"code\":\"bound\",\"kind\":\"%s\","
			 "\"amount\":\"%u\",\"base\":[\"e\",\"meter\"]},", bounds[rnd(2)], 200 + rnd(900));
	uint32_t first = 50 + rnd(400), second = first + 1 + rnd(600);
	snprintf(
	    out, size,
	    "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Europe/London\",%s\"calendar\":{\"periods\":[\"d\",\"n\"],"
	    "\"rules\":[{\"from\":\"%02u:30\",\"to\":\"21:00\",\"period\":\"d\"},{\"from\":\"21:00\",\"to\":\"%02u:"
	    "30\","
	    "\"period\":\"n\"}]},\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\","
	    "\"unit\":\"kWh\",\"ladder\":{%s\"share\":\"time\",\"blocks\":[{\"upto\":\"%u\",\"prices\":{\"d\":\"0.6%"
	    "u\",\"n\":"
	    "\"0.3\"}},{\"upto\":\"%u.5\",\"prices\":{\"d\":\"0.7\",\"n\":\"0.4%u\"}},{\"prices\":{\"d\":\"0.9\",\"n\":"
	    "\"0.6\"}}]}},"
	    "%s{\"code\":\"tax\",\"kind\":\"percent\",\"rate\":\"0.03\"}]}",
	    cycle, 6 + first % 3, 6 + first % 3, modes[rnd(3)], first, rnd(10), second, rnd(10), whole);
}

static void fill_usage(usage *u, usage_series *s, int64_t *values, hub_time start)
{
	for (int i = 0; i < VALUES; i++)
		values[i] = rnd(3000);
	*s = (usage_series) { .quantity = "active_energy_import",
			      .unit = "kWh",
			      .meter = "",
			      .scale = 3,
			      .start = start,
			      .step = 3600000000LL,
			      .values = values,
			      .count = VALUES };
	memset(u, 0, sizeof *u);
	u->start = start;
	u->end = start + VALUES * s->step;
	u->series = s;
	u->series_count = 1;
}

static void lines_add_up(const rating_bill *b)
{
	decimal sum = decimal_of(0, 0), cycles = decimal_of(0, 0);
	for (size_t i = 0; i < b->count; i++)
		assert_int_equal(decimal_add(sum, b->lines[i].amount, &sum), HUB_OK);
	for (size_t i = 0; i < b->cycle_count; i++)
		assert_int_equal(decimal_add(cycles, b->cycles[i].total, &cycles), HUB_OK);
	assert_int_equal(decimal_cmp(sum, b->total), 0);
	assert_int_equal(decimal_cmp(cycles, b->total), 0);
}

/* As a bill keeps it. */
static void hand_over(const rating_bill *from, usage *to, const zone *z, arena *a)
{
	buf text = { 0 };
	usage next;
	hub_fault fault = { 0 };
	rating_state(from, &text);
	assert_int_equal(usage_frame(z, to->start, to->end + 1, "{}", buf_cstr(&text), a, &next, &fault), HUB_OK);
	usage_state_copy(&to->state, &next.state);
	usage_fini(&next);
	buf_fini(&text);
}

static void a_period_equals_the_sum_over_any_cutting(void **state)
{
	(void)state;
	static int64_t values[VALUES];
	for (uint64_t begun = 1; begun <= 60; begun++) {
		seed = begun * 0x9e3779b97f4a7c15u;
		char text[2000];
		random_tariff(text, sizeof text);
		tariff *t = NULL;
		hub_fault fault = { 0 };
		assert_int_equal(tariff_parse(text, strlen(text), &t, &fault), HUB_OK);
		usage *u = test_calloc(1, sizeof *u);
		usage_series s;
		fill_usage(u, &s, values, 1770000000000000LL - 1770000000000000LL % 3600000000LL);
		arena a;
		arena_init(&a, 0);
		rating_bill whole, part;
		assert_int_equal(rating_rate(t, u, &a, &whole, &fault), HUB_OK);
		lines_add_up(&whole);
		decimal sum = decimal_of(0, 0);
		hub_time end = u->end;
		while (u->start < end) {
			/* Cuts fall anywhere, also within a value. */
			u->end = u->start + 1 + (int64_t)rnd(40) * 86400000000LL + rnd(4000000000u);
			if (u->end > end)
				u->end = end;
			assert_int_equal(rating_rate(t, u, &a, &part, &fault), HUB_OK);
			lines_add_up(&part);
			assert_int_equal(decimal_add(sum, part.total, &sum), HUB_OK);
			hand_over(&part, u, t->zone, &a);
			u->start = u->end;
		}
		if (decimal_cmp(sum, whole.total))
			print_message("seed %llu\n%s\n", (unsigned long long)begun, text);
		assert_int_equal(decimal_cmp(sum, whole.total), 0);
		arena_fini(&a);
		test_free(u);
		tariff_free(t);
	}
}

static void the_total_share_gives_the_parts_of_the_ladder(void **state)
{
	(void)state;
	static int64_t values[VALUES];
	static const char *const shared =
	    "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"cycle\":{\"months\":1},"
	    "\"calendar\":{\"periods\":[\"d\",\"n\"],\"default\":\"n\",\"rules\":[{\"from\":\"07:00\",\"to\":\"20:00\","
	    "\"period\":"
	    "\"d\"}]},\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":"
	    "\"kWh\","
	    "\"ladder\":{\"blocks\":[{\"upto\":\"%u\",\"prices\":{\"d\":\"1\",\"n\":\"1\"}},{\"prices\":{\"d\":\"2\","
	    "\"n\":\"2\"}}]}}]}";
	for (uint64_t begun = 1; begun <= 60; begun++) {
		seed = begun * 0x9e3779b97f4a7c15u;
		char text[1000];
		uint32_t limit = 1 + rnd(900);
		snprintf(text, sizeof text, shared, limit);
		tariff *t = NULL;
		hub_fault fault = { 0 };
		assert_int_equal(tariff_parse(text, strlen(text), &t, &fault), HUB_OK);
		usage *u = test_calloc(1, sizeof *u);
		usage_series s;
		fill_usage(u, &s, values, 1767196800000000LL); /* 2026-01-01 in Shanghai */
		u->end = u->start + 31 * 86400000000LL;
		arena a;
		arena_init(&a, 0);
		rating_bill b;
		assert_int_equal(rating_rate(t, u, &a, &b, &fault), HUB_OK);
		/* Equal prices in both periods: the sharing cannot change the total. */
		int64_t total = 0;
		for (int i = 0; i < 31 * 24; i++)
			total += values[i];
		int64_t above = total > limit * 1000LL ? total - limit * 1000LL : 0;
		assert_int_equal(decimal_cmp(b.total, decimal_of(total + above, 3)), 0);
		lines_add_up(&b);
		arena_fini(&a);
		test_free(u);
		tariff_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_equals_the_sum_over_any_cutting),
		cmocka_unit_test(the_total_share_gives_the_parts_of_the_ladder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alarm/state.h"

#define S INT64_C(1000000)

/* 10.0 kW, back below 9.5; three seconds until it is raised, five until it is cleared. */
static const alarm_limit held = { true, { 100, 1 }, { 95, 1 }, 3 * S, 5 * S };
static const alarm_limit at_once = { true, { 10, 0 }, { 10, 0 }, 0, 0 };
static const alarm_limit under = { false, { 198, 0 }, { 205, 0 }, 0, 0 };

static alarm_state step(const alarm_limit *l, alarm_track *t, int64_t second, int64_t tenths)
{
	bool changed;
	alarm_state before = t->state;
	alarm_step(l, t, second * S, (hub_value) { tenths, 1 }, &changed);
	assert_int_equal(changed, before != t->state);
	return t->state;
}

static void without_holds_a_value_raises_and_clears_at_once(void **state)
{
	alarm_track t = { 0 };
	(void)state;
	assert_int_equal(step(&at_once, &t, 1, 100), ALARM_IDLE); /* at the limit is not beyond it */
	assert_int_equal(step(&at_once, &t, 2, 101), ALARM_RAISED);
	assert_true(t.raised);
	assert_int_equal(step(&at_once, &t, 3, 100), ALARM_CLEARED);
	assert_int_equal(step(&at_once, &t, 4, 101), ALARM_RAISED);
	assert_int_equal(t.since, 4 * S);
}

static void a_short_peak_raises_nothing(void **state)
{
	alarm_track t = { 0 };
	(void)state;
	assert_int_equal(step(&held, &t, 1, 120), ALARM_PENDING);
	assert_int_equal(step(&held, &t, 3, 120), ALARM_PENDING);
	assert_int_equal(step(&held, &t, 4, 99), ALARM_IDLE);
	assert_int_equal(step(&held, &t, 5, 120), ALARM_PENDING);
	assert_int_equal(step(&held, &t, 8, 120), ALARM_RAISED);
	assert_int_equal(t.since, 5 * S);
}

static void between_the_two_values_it_stays(void **state)
{
	alarm_track t = { 0 };
	(void)state;
	step(&held, &t, 1, 120);
	assert_int_equal(step(&held, &t, 4, 120), ALARM_RAISED);
	assert_int_equal(step(&held, &t, 5, 97), ALARM_RAISED);
	assert_int_equal(step(&held, &t, 6, 95), ALARM_CLEARING);
	assert_int_equal(step(&held, &t, 8, 96), ALARM_RAISED); /* a flutter is one alarm, not two */
	t.raised = false;
	assert_int_equal(step(&held, &t, 9, 90), ALARM_CLEARING);
	assert_int_equal(step(&held, &t, 13, 90), ALARM_CLEARING);
	assert_int_equal(step(&held, &t, 14, 90), ALARM_CLEARED);
	assert_false(t.raised);
}

static void what_comes_late_changes_nothing(void **state)
{
	alarm_track t = { 0 };
	(void)state;
	assert_int_equal(step(&at_once, &t, 10, 50), ALARM_IDLE);
	assert_int_equal(step(&at_once, &t, 9, 500), ALARM_IDLE);
	assert_int_equal(step(&at_once, &t, 11, 500), ALARM_RAISED);
	assert_int_equal(step(&at_once, &t, 11, 50), ALARM_RAISED);
	assert_int_equal(step(&at_once, &t, 8, 50), ALARM_RAISED);
}

static void below_a_limit(void **state)
{
	alarm_track t = { 0 };
	(void)state;
	assert_int_equal(step(&under, &t, 1, 1980), ALARM_IDLE);
	assert_int_equal(step(&under, &t, 2, 1979), ALARM_RAISED);
	assert_int_equal(step(&under, &t, 3, 2049), ALARM_RAISED);
	assert_int_equal(step(&under, &t, 4, 2050), ALARM_CLEARED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_holds_a_value_raises_and_clears_at_once),
		cmocka_unit_test(a_short_peak_raises_nothing),
		cmocka_unit_test(between_the_two_values_it_stays),
		cmocka_unit_test(what_comes_late_changes_nothing),
		cmocka_unit_test(below_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What went wrong is written down once, moves on, ends, and is forgotten; a party sees its own floods and nothing else.
 */
#include "fixture.h"

#include "store/trouble.h"

#define SECOND INT64_C(1000000)
#define BEGAN (INT64_C(1750000000) * SECOND)

static trouble *list;
static size_t count;

static void look(const char *whose, hub_time since)
{
	OK(trouble_list(db, whose, since, 10, &mem, &list, &count));
}

static void a_trouble_is_one_row_until_it_is_over(void **state)
{
	(void)state;
	trouble t = { .core = "here",
		      .kind = "journal.full",
		      .subject = "files",
		      .text = "full",
		      .began = BEGAN,
		      .last = BEGAN,
		      .count = 1 };
	OK(trouble_save(db, &t, &fault));
	t.last += 5 * SECOND;
	t.count = 7;
	t.text = "fuller";
	OK(trouble_save(db, &t, &fault));
	look("", BEGAN + 3600 * SECOND); /* it lasts, so it is shown however old */
	assert_int_equal(count, 1);
	assert_true(list[0].count == 7 && !list[0].ended && list[0].began == BEGAN && list[0].last == t.last);
	assert_string_equal(list[0].text, "fuller");
	t.ended = t.last;
	OK(trouble_save(db, &t, &fault));
	look("", BEGAN + 3600 * SECOND);
	assert_int_equal(count, 0);
	look("", BEGAN);
	assert_true(count == 1 && list[0].ended == t.last);
	OK(trouble_clear(db, BEGAN));
	look("", BEGAN);
	assert_int_equal(count, 1);
	OK(trouble_clear(db, BEGAN + 3600 * SECOND));
	look("", BEGAN);
	assert_int_equal(count, 0);
}

static void what_a_dead_core_left_open_is_over(void **state)
{
	(void)state;
	trouble t = { .core = "here",
		      .kind = "disk.full",
		      .subject = "zone",
		      .text = "",
		      .began = BEGAN,
		      .last = BEGAN + SECOND,
		      .count = 0 };
	OK(trouble_save(db, &t, &fault));
	t.core = "there";
	OK(trouble_save(db, &t, &fault));
	OK(trouble_end_left(db, "here"));
	look("", BEGAN);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_true(list[i].ended == (strcmp(list[i].core, "here") ? 0 : BEGAN + SECOND));
}

static void a_party_sees_its_own_floods_alone(void **state)
{
	(void)state;
	const char *const kinds[] = { "party.flooding", "party.flooding", "process.started" }, *const whose[] = {
		"water", "gas", "water"
	};
	for (int i = 0; i < 3; i++) {
		const trouble t = { .core = "here",
				    .kind = kinds[i],
				    .subject = whose[i],
				    .text = "",
				    .began = BEGAN,
				    .last = BEGAN,
				    .ended = BEGAN,
				    .count = 1 };
		OK(trouble_save(db, &t, &fault));
	}
	look("water", 0);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].kind, "party.flooding");
	look("", 0);
	assert_int_equal(count, 3);
	hub_time since;
	OK(trouble_server_since(db, &since));
	assert_true(since > BEGAN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_trouble_is_one_row_until_it_is_over),
		store_test(what_a_dead_core_left_open_is_over),
		store_test(a_party_sees_its_own_floods_alone),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

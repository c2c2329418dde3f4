/* Signs of trouble: what lasts is one, what happens is one each time, and what is not noted any more is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hubd/signs.h"

#define SECOND 1000000

static moment at(int64_t second)
{
	return (moment) { 1000 * SECOND + second * SECOND, second * SECOND };
}

static void saved(signs *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->list[i].unsaved = false;
}

static void what_lasts_is_one_until_it_is_not_noted(void **state)
{
	(void)state;
	static signs s;
	s.count = 0;
	for (int second = 0; second < 10; second++) {
		signs_note(&s, at(second), "journal.full", "files", 3 * SECOND, 2, "round %d", second);
		signs_turn(&s, at(second));
		assert_int_equal(s.count, 1);
		assert_true(s.list[0].unsaved);
		saved(&s);
	}
	assert_int_equal(s.list[0].count, 20);
	assert_string_equal(s.list[0].text, "round 9");
	signs_turn(&s, at(12));
	assert_int_equal(s.list[0].ended, 0);
	signs_turn(&s, at(13));
	assert_true(s.list[0].ended == at(9).wall && s.list[0].began == at(0).wall && s.list[0].unsaved);
	/* Over, but not written down: another of its kind is another. */
	signs_note(&s, at(14), "journal.full", "files", 3 * SECOND, 1, "again");
	assert_int_equal(s.count, 2);
	saved(&s);
	signs_turn(&s, at(14));
	assert_int_equal(s.count, 1);
	assert_string_equal(s.list[0].text, "again");
}

static void what_only_happens_is_one_each_time(void **state)
{
	(void)state;
	static signs s;
	s.count = 0;
	signs_note(&s, at(1), "process.started", "hubd", 0, 1, "%s", "");
	signs_note(&s, at(2), "process.started", "hubd", 0, 1, "%s", "");
	assert_int_equal(s.count, 2);
	trouble t = sign_trouble(&s.list[1], "here");
	assert_true(t.began == at(2).wall && t.ended == t.began && t.count == 1 && !strcmp(t.core, "here"));
	signs_turn(&s, at(3));
	assert_int_equal(s.count, 2); /* kept until it is written down */
	saved(&s);
	signs_turn(&s, at(3));
	assert_int_equal(s.count, 0);
}

static void a_clock_that_is_set_ends_nothing(void **state)
{
	(void)state;
	static signs s;
	s.count = 0;
	signs_note(&s, at(1), "disk.full", "zone", 3 * SECOND, 0, "full");
	signs_turn(&s, (moment) { at(1).wall - 7200 * INT64_C(1000000), 2 * SECOND });
	assert_int_equal(s.list[0].ended, 0);
	signs_turn(&s, (moment) { at(1).wall + 7200 * INT64_C(1000000), 3 * SECOND });
	assert_int_equal(s.list[0].ended, 0);
}

static void texts_are_cut_between_characters_and_places_end(void **state)
{
	(void)state;
	static signs s;
	char longer[SIGN_TEXT * 2] = "";
	s.count = 0;
	for (size_t i = 0; i + 4 < sizeof longer; i += 3)
		memcpy(longer + i, "\xe6\xb0\xb4", 4);
	signs_note(&s, at(1), "instance.failing",
		   "a\xff"
		   "b",
		   3 * SECOND, 1, "x%s", longer);
	assert_string_equal(s.list[0].subject, "a?b");
	size_t len = strlen(s.list[0].text);
	assert_true(len < SIGN_TEXT && len > SIGN_TEXT - 5 && (len - 1) % 3 == 0);
	for (int i = 0; i < SIGNS * 2; i++)
		signs_note(&s, at(2), "process.started", "hubd", 0, 1, "%s", "");
	assert_int_equal(s.count, SIGNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lasts_is_one_until_it_is_not_noted),
		cmocka_unit_test(what_only_happens_is_one_each_time),
		cmocka_unit_test(a_clock_that_is_set_ends_nothing),
		cmocka_unit_test(texts_are_cut_between_characters_and_places_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

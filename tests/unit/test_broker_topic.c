#include "unit.h"

#include "topic.h"

#include <stdbool.h>
#include <string.h>

static bool is(const char *text, const char *party, const char *branch, const char *rest)
{
	topic t;
	return topic_read(text, &t) && t.party_len == strlen(party) && !memcmp(t.party, party, t.party_len) &&
	       topic_is(&t, branch) && !strcmp(t.rest, rest) && t.rest_len == strlen(rest);
}

static void our_topics_have_party_branch_and_rest(void **unused)
{
	(void)unused;
	assert_true(is("hub/v1/water/in/readings", "water", "in", "readings"));
	assert_true(is("hub/v1/water/in/meter/0001/state", "water", "in", "meter/0001/state"));
	assert_true(is("hub/v1/水务/ack", "水务", "ack", ""));
}

static void other_topics_are_closed(void **unused)
{
	(void)unused;
	static const char *const closed[] = {
		"", "hub", "hub/v1/", "hub/v1/water", "hub/v1//in/x", "hub/v1/water/", "hub/v1/water/in/", "hub/v1/water/in//x",
		"/hub/v1/water/in/x", "hub/v2/water/in/x", "Hub/v1/water/in/x", "$SYS/broker", "hub/v1/$x/in/y",
		"hub/v1/water/in/+", "hub/v1/water/in/#", "hub/v1/+/in/x", "hub/v1/water/in/a\x01", "hub/v1/water/in/x/$y",
	};
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
		topic t;
		if (topic_read(closed[i], &t))
			fail_msg("'%s' was taken", closed[i]);
	}
}

static void filters_may_have_wildcards_in_the_rest_only(void **unused)
{
	(void)unused;
	topic t;
	assert_true(topic_filter_read("hub/v1/water/out/#", &t));
	assert_true(topic_filter_read("hub/v1/water/out/+/readings", &t));
	assert_false(topic_filter_read("#", &t));
	assert_false(topic_filter_read("hub/v1/#", &t));
	assert_false(topic_filter_read("hub/v1/+/out/x", &t));
	assert_false(topic_filter_read("hub/v1/water/+/x", &t));
	assert_false(topic_filter_read("hub/v1/water/#", &t));
	assert_false(topic_filter_read("$share/g/hub/v1/water/out/#", &t));
}

static void a_topic_too_long_is_closed(void **unused)
{
	(void)unused;
	char text[TOPIC_MAX + 2];
	topic t;
	memset(text, 'x', sizeof text);
	memcpy(text, "hub/v1/water/in/", 16);
	text[TOPIC_MAX] = 0;
	assert_true(topic_read(text, &t));
	text[TOPIC_MAX] = 'x';
	text[TOPIC_MAX + 1] = 0;
	assert_false(topic_read(text, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_topics_have_party_branch_and_rest),
		cmocka_unit_test(other_topics_are_closed),
		cmocka_unit_test(filters_may_have_wildcards_in_the_rest_only),
		cmocka_unit_test(a_topic_too_long_is_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

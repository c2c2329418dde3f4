#include "unit.h"

#include "base/buf.h"
#include "connect.h"

#include <string.h>

static void put(buf *b, const char *text)
{
	buf_be(b, strlen(text), 2);
	buf_text(b, text);
}

/* Without a will where will is NULL. */
static void make(buf *b, const char *protocol, uint8_t version, uint8_t flags, const char *client, const char *will)
{
	static const uint8_t expiry[] = { 5, 0x11, 0, 0, 0, 9 }, delay[] = { 5, 0x18, 0, 0, 0, 3 };
	buf_clear(b);
	put(b, protocol);
	buf_u8(b, version);
	buf_u8(b, (uint8_t)(flags | (will ? 0x04 : 0)));
	buf_be(b, 60, 2);
	if (version == 5)
		buf_put(b, expiry, sizeof expiry);
	put(b, client);
	if (!will)
		return;
	if (version == 5)
		buf_put(b, delay, sizeof delay);
	put(b, will);
	put(b, "payload");
}

static void the_will_of_each_version_is_read(void **unused)
{
	(void)unused;
	static const struct {
		const char *protocol;
		uint8_t version, flags;
		bool retain;
	} rows[] = { { "MQIsdp", 3, 0x02, false },
		     { "MQTT", 4, 0x22, true },
		     { "MQTT", 5, 0x2a, true },
		     { "MQTT", 5, 0x02, false },
		     { "MQTT", 0x84, 0x02, false } };
	buf b = { 0 };
	connect_will w;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		make(&b, rows[i].protocol, rows[i].version, rows[i].flags, "me", "hub/v1/water/in/x");
		assert_true(connect_read(b.bytes, b.len, "me", &w));
		assert_true(w.set);
		assert_int_equal(w.retain, rows[i].retain);
		assert_string_equal(w.topic, "hub/v1/water/in/x");
		make(&b, rows[i].protocol, rows[i].version, 0x02, "", NULL);
		assert_true(connect_read(b.bytes, b.len, "given-by-the-broker", &w));
		assert_false(w.set);
	}
	buf_fini(&b);
}

static void what_is_no_topic_may_nothing(void **unused)
{
	(void)unused;
	buf b = { 0 };
	connect_will w;
	char name[TOPIC_MAX + 2];
	memset(name, 'x', sizeof name);
	name[TOPIC_MAX] = 0;
	make(&b, "MQTT", 4, 0, "me", name);
	assert_true(connect_read(b.bytes, b.len, "me", &w));
	assert_string_equal(w.topic, name);
	name[TOPIC_MAX] = 'x';
	name[TOPIC_MAX + 1] = 0;
	make(&b, "MQTT", 4, 0, "me", name);
	assert_true(connect_read(b.bytes, b.len, "me", &w) && w.set);
	assert_string_equal(w.topic, "#");
	make(&b, "MQTT", 4, 0, "me", "hub/v1/water/ack!in");
	*(char *)memchr(b.bytes, '!', b.len) = 0;
	assert_true(connect_read(b.bytes, b.len, "me", &w) && w.set);
	assert_string_equal(w.topic, "#");
	buf_fini(&b);
}

static void other_packets_and_cut_ones_say_nothing(void **unused)
{
	(void)unused;
	buf b = { 0 };
	connect_will w;
	make(&b, "MQTX", 4, 0, "me", "t");
	assert_false(connect_read(b.bytes, b.len, "me", &w));
	make(&b, "MQTT", 5, 0, "me", "hub/v1/water/in/x");
	assert_false(connect_read(b.bytes, b.len, "you", &w));
	for (size_t len = 0; len < b.len - strlen("payload") - 2; len++)
		if (connect_read(b.bytes, len, "me", &w))
			fail_msg("taken at %zu of %zu", len, b.len);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_will_of_each_version_is_read),
		cmocka_unit_test(what_is_no_topic_may_nothing),
		cmocka_unit_test(other_packets_and_cut_ones_say_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

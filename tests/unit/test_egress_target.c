#include "unit.h"

#include "target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static bool is_open(const target_allow *allow, const char *text)
{
	struct sockaddr_in six = { 0 };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in *v4 = &six;
	v4->sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		return target_address_is_open(allow, (struct sockaddr *)v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return target_address_is_open(allow, (struct sockaddr *)&v6);
}

static void private_and_reserved_addresses_are_closed(void **unused)
{
	(void)unused;
	static const char *const closed[] = {
		"127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1",
	};
	static const char *const open[] = { "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8" };
	target_allow none = { .count = 0 };
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		if (is_open(&none, closed[i]))
			fail_msg("%s is open", closed[i]);
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		if (!is_open(&none, open[i]))
			fail_msg("%s is closed", open[i]);
}

static void the_operators_list_opens_ranges(void **unused)
{
	(void)unused;
	target_allow allow;
	assert_int_equal(target_allow_parse("127.0.0.0/8, 10.1.2.3,fd00::/8", &allow, NULL), HUB_OK);
	assert_int_equal(allow.count, 3);
	assert_true(is_open(&allow, "127.9.9.9"));
	assert_true(is_open(&allow, "::ffff:127.0.0.1"));
	assert_true(is_open(&allow, "10.1.2.3"));
	assert_false(is_open(&allow, "10.1.2.4"));
	assert_true(is_open(&allow, "fd12::1"));
	assert_false(is_open(&allow, "192.168.0.1"));
}

static void what_is_no_range_is_named(void **unused)
{
	(void)unused;
	static const char *const bad[] = { "localhost", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0.0/-1", "1.2.3/8" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		target_allow allow;
		hub_fault fault;
		assert_int_equal(target_allow_parse(bad[i], &allow, &fault), HUB_REJECT);
		assert_string_equal(fault.code, "egress.allow");
		assert_non_null(strstr(fault.message, bad[i]));
	}
}

static void urls_are_taken_apart_or_refused(void **unused)
{
	(void)unused;
	static const char *const bad[] = {
		"", "water.example", "ftp://water.example/", "file:///etc/passwd", "http://user:pw@water.example/",
		"http://user@127.0.0.1/", "http://water.example:0/", "http://water.example:99999/", "gopher://x/",
	};
	target t;
	assert_int_equal(target_parse("https://water.example/hook?a=1", &t, NULL), HUB_OK);
	assert_string_equal(t.host, "water.example");
	assert_int_equal(t.port, 443);
	assert_true(t.secure);
	assert_int_equal(target_parse("http://[::1]:8080/x", &t, NULL), HUB_OK);
	assert_string_equal(t.host, "::1");
	assert_int_equal(t.port, 8080);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		hub_fault fault;
		if (target_parse(bad[i], &t, &fault) != HUB_REJECT)
			fail_msg("'%s' was taken", bad[i]);
		assert_string_equal(fault.code, "egress.url");
	}
}

/* The usual disguises of 127.0.0.1 come out of the resolver as what they are. */
static void disguised_loopback_is_refused(void **unused)
{
	(void)unused;
	static const char *const urls[] = { "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
					    "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/", "http://localhost/", "http://0/" };
	target_allow none = { .count = 0 }, loopback;
	hub_fault fault;
	target t;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		assert_int_equal(target_parse(urls[i], &t, &fault), HUB_OK);
		if (target_resolve(&none, &t, &fault) == HUB_OK)
			fail_msg("'%s' went through as %s", urls[i], t.pin);
	}
	assert_int_equal(target_allow_parse("127.0.0.0/8", &loopback, NULL), HUB_OK);
	assert_int_equal(target_parse("http://127.0.0.1:81/", &t, &fault), HUB_OK);
	assert_int_equal(target_resolve(&loopback, &t, &fault), HUB_OK);
	assert_string_equal(t.pin, "127.0.0.1:81:127.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_and_reserved_addresses_are_closed),
		cmocka_unit_test(the_operators_list_opens_ranges),
		cmocka_unit_test(what_is_no_range_is_named),
		cmocka_unit_test(urls_are_taken_apart_or_refused),
		cmocka_unit_test(disguised_loopback_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

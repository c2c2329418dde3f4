#include "fixture.h"

#include "base/clock.h"
#include "store/certificate.h"
#include "store/epoch.h"

static const hub_time day = INT64_C(86400000000);
static const char *const print_a = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		 *const print_b = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

static party_certificate of(int64_t owner, const char *serial, const char *thumbprint, hub_time from, hub_time to)
{
	return (party_certificate){ .party = owner, .serial = serial, .thumbprint = thumbprint, .kind = "party",
				    .name = "water", .valid_from = from, .valid_to = to };
}

static void a_certificate_is_found_by_its_thumbprint_alone(void **state)
{
	(void)state;
	int64_t water = make_party("water"), before, after;
	hub_time now = clock_now();
	party_certificate c = of(water, "4a01", print_a, now, now + day), got;
	OK(epoch_get(db, "party", &before));
	OK(certificate_add(db, &c, &fault));
	OK(epoch_get(db, "party", &after));
	assert_true(after > before);
	OK(certificate_find(db, print_a, &mem, &got));
	assert_int_equal(got.party, water);
	assert_string_equal(got.serial, "4a01");
	assert_string_equal(got.name, "water");
	assert_int_equal(got.valid_from, now);
	assert_int_equal(got.valid_to, now + day);
	assert_int_equal(got.revoked, 0);
	assert_int_equal(certificate_find(db, print_b, &mem, &got), HUB_MISSING);
	assert_int_equal(certificate_find(db, "' or true --", &mem, &got), HUB_MISSING);
}

static void what_breaks_a_rule_is_not_kept(void **state)
{
	(void)state;
	int64_t water = make_party("water");
	hub_time now = clock_now();
	party_certificate first = of(water, "4a01", print_a, now, now + day), *list;
	size_t count;
	OK(certificate_add(db, &first, &fault));
	const struct {
		party_certificate c;
		hub_status want;
	} cases[] = {
		{ of(water, "4a01", print_b, now, now + day), HUB_CONFLICT },
		{ of(water, "4a02", print_a, now, now + day), HUB_CONFLICT },
		{ of(water, "4A02", print_b, now, now + day), HUB_REJECT },
		{ of(water, "4a02", "short", now, now + day), HUB_REJECT },
		{ of(water, "4a02", print_b, now, now), HUB_REJECT },
		{ of(water + 999, "4a02", print_b, now, now + day), HUB_MISSING },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(certificate_add(db, &cases[i].c, &fault), cases[i].want);
	OK(certificate_list(db, water, &mem, &list, &count));
	assert_int_equal(count, 1);
}

static void what_is_revoked_stays_so_and_is_listed_until_its_end(void **state)
{
	(void)state;
	int64_t water = make_party("water"), gas = make_party("gas"), number, later;
	hub_time now = clock_now();
	party_certificate a = of(water, "4a01", print_a, now - 2 * day, now + day),
			  b = of(water, "4a02", print_b, now - 2 * day, now - day), got, *list;
	size_t count;
	OK(certificate_add(db, &a, &fault));
	OK(certificate_add(db, &b, &fault));
	OK(certificate_revoked(db, now, &mem, &list, &count, &number));
	assert_int_equal(count, 0);
	assert_int_equal(certificate_revoke(db, gas, "4a01"), HUB_MISSING);
	assert_int_equal(certificate_revoke(db, water, "4a03"), HUB_MISSING);
	OK(certificate_revoke(db, water, "4a01"));
	OK(certificate_revoke(db, water, "4a02"));
	OK(certificate_find(db, print_a, &mem, &got));
	hub_time when = got.revoked;
	assert_true(when > 0);
	OK(certificate_revoke(db, water, "4a01"));
	OK(certificate_find(db, print_a, &mem, &got));
	assert_int_equal(got.revoked, when);
	OK(certificate_revoked(db, now, &mem, &list, &count, &later));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].serial, "4a01");
	assert_true(later > number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_certificate_is_found_by_its_thumbprint_alone),
		store_test(what_breaks_a_rule_is_not_kept),
		store_test(what_is_revoked_stays_so_and_is_listed_until_its_end),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

#include "billing_helper.h"

#include <jansson.h>
#include <stdlib.h>

#include "billing/apportion.h"
#include "billing/payment.h"
#include "billing/unify.h"

enum { PARTS_MAX = 16 };

static hub_time day(const char *text)
{
	int y = 0, m = 0, d = 0;
	if (!text || sscanf(text, "%d-%d-%d", &y, &m, &d) != 3)
		return 0;
	return ((int64_t)y * 400 + m * 31 + d) * 86400000000;
}

static void run_case(const json_t *c)
{
	payment_part parts[PARTS_MAX] = { 0 };
	int64_t shares[PARTS_MAX], credit = 0;
	hub_fault fault = { 0 };
	const json_t *bills = json_object_get(c, "bills"), *expected = json_object_get(c, "expected");
	size_t n = json_array_size(bills);
	assert_true(n > 0 && n <= PARTS_MAX);
	for (size_t i = 0; i < n; i++) {
		const json_t *b = json_array_get(bills, i);
		parts[i] = (payment_part){ json_string_value(json_object_get(b, "id")),
					   day(json_string_value(json_object_get(b, "due"))),
					   (int32_t)json_integer_value(json_object_get(b, "priority")),
					   json_integer_value(json_object_get(b, "amount")) };
	}
	const char *rule = json_string_value(json_object_get(c, "rule"));
	bool proportional = rule && strstr(rule, "proportional");
	assert_int_equal(payment_split(proportional ? PAYMENT_PROPORTIONAL : PAYMENT_BY_DUE, parts, n,
				       json_integer_value(json_object_get(c, "payment")), shares, &credit, &fault), HUB_OK);
	for (size_t i = 0; i < n; i++)
		if (json_object_get(expected, parts[i].id))
			assert_int_equal(shares[i], json_integer_value(json_object_get(expected, parts[i].id)));
	if (json_object_get(expected, "credit"))
		assert_int_equal(credit, json_integer_value(json_object_get(expected, "credit")));
}

static decimal number(const json_t *v)
{
	decimal d = { 0 };
	if (json_is_integer(v))
		return decimal_of(json_integer_value(v), 0);
	assert_non_null(json_string_value(v));
	assert_int_equal(decimal_parse(json_string_value(v), json_string_length(v), &d), HUB_OK);
	return d;
}

static size_t numbers(const json_t *list, decimal *out)
{
	size_t n = json_array_size(list);
	assert_true(n > 0 && n <= PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = number(json_array_get(list, i));
	return n;
}

/* A sum over weights: the shares as stated, or at least adding up to it. */
static void run_shares(const json_t *c)
{
	arena a;
	decimal weights[PARTS_MAX];
	int64_t shares[PARTS_MAX], total = json_integer_value(json_object_get(c, "total")), sum = 0;
	const json_t *expected = json_object_get(c, "expected");
	size_t n = numbers(json_object_get(c, "weights"), weights);
	arena_init(&a, 0);
	assert_int_equal(apportion(total, weights, n, &a, shares, NULL), HUB_OK);
	for (size_t i = 0; i < n; i++) {
		sum += shares[i];
		if (expected)
			assert_int_equal(shares[i], json_integer_value(json_array_get(expected, i)));
	}
	assert_int_equal(sum, total);
	arena_fini(&a);
}

/* A loss over sub-meters; shares may differ from those stated in the last digit, which makes them add up. */
static void run_loss(const json_t *c)
{
	static const char *const stated[] = { "expected_by_kwh", "expected_equal" };
	for (int equal = 0; equal < 2; equal++) {
		const json_t *expected = json_object_get(c, stated[equal]);
		arena a;
		decimal subs[PARTS_MAX], parts[PARTS_MAX], sum = { 0 }, want[PARTS_MAX], loss = number(json_object_get(c, "loss"));
		apportion_loss result;
		size_t n = numbers(json_object_get(c, "subs"), subs);
		if (!expected)
			continue;
		numbers(expected, want);
		arena_init(&a, 0);
		assert_int_equal(apportion_losses(number(json_object_get(c, "master")), subs, n, decimal_of(1, 0), decimal_of(0, 0),
						  equal, want[0].scale, &a, &result, parts, NULL), HUB_OK);
		for (size_t i = 0; i < n; i++) {
			decimal off;
			assert_int_equal(decimal_sub(parts[i], want[i], &off), HUB_OK);
			assert_true(decimal_cmp(off, decimal_of(1, want[0].scale)) <= 0 &&
				    decimal_cmp(off, decimal_of(-1, want[0].scale)) >= 0);
			assert_int_equal(decimal_add(sum, parts[i], &sum), HUB_OK);
		}
		assert_int_equal(decimal_cmp(sum, loss), 0);
		arena_fini(&a);
	}
}

/* Every case of the reference about sharing a payment, a sum or a loss; one of another kind fails the test. */
static void sums_are_shared_as_the_reference_says(void **state)
{
	(void)state;
	const char *data = getenv("HUB_REFERENCE_DATA");
	char path[512];
	snprintf(path, sizeof path, "%s/golden/ledger_invariants.json", data ? data : "../shared");
	json_t *all = json_load_file(path, 0, NULL);
	if (!all)
		skip();
	size_t i, ran = 0;
	json_t *c;
	json_array_foreach(json_object_get(all, "cases"), i, c)
	{
		if (json_object_get(c, "bills") && json_object_get(c, "payment"))
			run_case(c);
		else if (json_object_get(c, "weights"))
			run_shares(c);
		else if (json_object_get(c, "master"))
			run_loss(c);
		else
			fail_msg("a case of an unknown kind: %s", json_string_value(json_object_get(c, "id")));
		ran++;
	}
	json_decref(all);
	assert_true(ran > 0);
}

static void the_shares_and_the_credit_are_the_payment(void **state)
{
	(void)state;
	uint64_t r = 88172645463325252u;
	for (int round = 0; round < 2000; round++) {
		payment_part parts[PARTS_MAX] = { 0 };
		int64_t shares[PARTS_MAX], credit, sum = 0;
		char ids[PARTS_MAX][8];
		hub_fault fault;
		r ^= r << 13, r ^= r >> 7, r ^= r << 17;
		size_t n = r % (PARTS_MAX + 1);
		for (size_t i = 0; i < n; i++) {
			r ^= r << 13, r ^= r >> 7, r ^= r << 17;
			snprintf(ids[i], sizeof ids[i], "p%zu", i);
			parts[i] = (payment_part){ ids[i], (hub_time)(r % 5), (int32_t)(r >> 8 & 3), (int64_t)(r >> 16 & 0xffff) };
		}
		int64_t amount = 1 + (int64_t)(r % 300000);
		assert_int_equal(payment_split(round % 2 ? PAYMENT_BY_DUE : PAYMENT_PROPORTIONAL, parts, n, amount, shares,
					       &credit, &fault), HUB_OK);
		for (size_t i = 0; i < n; i++) {
			assert_in_range(shares[i], 0, (uint64_t)parts[i].open);
			sum += shares[i];
		}
		assert_true(credit >= 0);
		assert_int_equal(sum + credit, amount);
	}
}

static void a_call_back_must_be_signed_and_be_the_order(void **state)
{
	(void)state;
	char good[65];
	hub_fault fault = { 0 };
	const hub_time now = INT64_C(1790000000000000);
	payment_notice n = { "o-1", "wx-77", "CNY", 12345, now };
	assert_int_equal(payment_notice_sign(&n, "secret", 6, good), HUB_OK);
	assert_int_equal(payment_notice_check(&n, good, "secret", 6, "o-1", "CNY", 12345, now, &fault), HUB_OK);
	assert_int_equal(payment_notice_check(&n, good, "other", 5, "o-1", "CNY", 12345, now, &fault), HUB_DENIED);
	assert_int_equal(payment_notice_check(&n, NULL, "secret", 6, "o-1", "CNY", 12345, now, &fault), HUB_DENIED);
	assert_int_equal(payment_notice_check(&n, good, "secret", 6, "o-2", "CNY", 12345, now, &fault), HUB_REJECT);
	assert_int_equal(payment_notice_check(&n, good, "secret", 6, "o-1", "CNY", 12346, now, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "payment.sum");
	assert_int_equal(payment_notice_check(&n, good, "secret", 6, "o-1", "CNY", 12345, now + 1000000000, &fault), HUB_REJECT);
	n.amount = 1;
	assert_int_equal(payment_notice_check(&n, good, "secret", 6, "o-1", "CNY", 1, now, &fault), HUB_DENIED);
	n.reference = "a\nb";
	assert_int_equal(payment_notice_sign(&n, "secret", 6, good), HUB_REJECT);
}

static unify_part part_of(int64_t point, int64_t amount, const char *quantity)
{
	unify_part p = { .point = point, .party = 3, .tariff = 9, .start = 0, .end = 30 * INT64_C(86400000000), .amount = amount,
			 .unit = "kWh", .state = "{\"ladders\":{\"energy\":{\"used\":\"2680\"}}}", .reference = "" };
	decimal_parse(quantity, strlen(quantity), &p.quantity);
	return p;
}

static void a_unified_bill_is_small_and_reads_as_written(void **state)
{
	(void)state;
	unify_bill b = { .count = 3, .parts = { part_of(1, 9766, "180.25"), part_of(2, 5000, "12"), part_of(3, -30, "0") } }, back;
	b.parts[1].flags = UNIFY_IMPORTED;
	b.parts[1].reference = "水费 2026-10 \"7\"";
	buf out = { 0 };
	arena a;
	arena_init(&a, 0);
	unify_write(&b, &out);
	assert_true(out.len <= 1024);
	assert_int_equal(unify_read(buf_cstr(&out), &a, &back), HUB_OK);
	assert_int_equal(back.count, 3);
	assert_string_equal(back.parts[1].reference, b.parts[1].reference);
	assert_string_equal(back.parts[0].state, b.parts[0].state);
	assert_int_equal(decimal_cmp(back.parts[0].quantity, b.parts[0].quantity), 0);
	int64_t total;
	assert_int_equal(unify_total(&back, &total), HUB_OK);
	assert_int_equal(total, 14736);
	assert_int_equal(unify_read("[{\"p\":1}]", &a, &back), HUB_REJECT);
	assert_int_equal(unify_read("{", &a, &back), HUB_REJECT);
	arena_fini(&a);
	buf_fini(&out);
}

static void what_looks_wrong_is_marked(void **state)
{
	(void)state;
	unify_part last = part_of(1, 100, "300");
	const struct {
		const char *quantity, *estimated;
		int64_t covered;
		unsigned flags;
	} cases[] = {
		{ "290", "0", 1000000, 0 },           { "290", "0", 999999, UNIFY_MISSING }, { "99", "0", 1000000, UNIFY_JUMP },
		{ "901", "0", 1000000, UNIFY_JUMP },  { "900", "0", 1000000, 0 },            { "100", "0", 1000000, 0 },
		{ "290", "58", 1000000, UNIFY_ESTIMATED }, { "290", "57", 1000000, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unify_part p = part_of(1, 100, cases[i].quantity);
		decimal_parse(cases[i].estimated, strlen(cases[i].estimated), &p.estimated);
		unify_judge(&p, &last, cases[i].covered);
		assert_int_equal(p.flags, cases[i].flags);
	}
	unify_part half = part_of(1, 50, "95");
	half.end /= 2;
	unify_judge(&half, &last, 1000000);
	assert_int_equal(half.flags, 0);
	unify_judge(&half, NULL, 1000000);
	assert_int_equal(half.flags, 0);
}

static void a_revision_shows_what_it_changed(void **state)
{
	(void)state;
	unify_bill was = { .count = 2, .parts = { part_of(1, 100, "1"), part_of(2, 50, "1") } };
	unify_bill is = { .count = 2, .parts = { part_of(1, 130, "1"), part_of(4, 7, "1") } };
	unify_change c[2 * UNIFY_PARTS_MAX];
	assert_int_equal(unify_changes(&was, &is, c), 3);
	assert_int_equal(c[0].amount, 30);
	assert_int_equal(c[1].amount, -50);
	assert_null(c[1].is);
	assert_int_equal(c[2].amount, 7);
	assert_null(c[2].was);
}

static void a_cycle_is_a_local_month(void **state)
{
	(void)state;
	zone *z = NULL;
	int32_t cycle;
	hub_time start, end, due;
	assert_int_equal(zone_load("Asia/Shanghai", &z), HUB_OK);
	assert_true(unify_cycle_parse("2026-10", &cycle));
	assert_int_equal(unify_cycle(cycle, z, 15, &start, &end, &due), HUB_OK);
	assert_int_equal(end - start, 31 * INT64_C(86400000000));
	assert_int_equal(due - end, 15 * INT64_C(86400000000));
	assert_int_equal(zone_to_civil(z, start).month, 10);
	assert_int_equal(zone_to_civil(z, start).day, 1);
	assert_int_equal(unify_cycle(202613, z, 15, &start, &end, &due), HUB_REJECT);
	static const char *const bad[] = { "2026-13", "2026-1", "202610", "2026-100", "abcd-ef", "" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(unify_cycle_parse(bad[i], &cycle));
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_shared_as_the_reference_says),
		cmocka_unit_test(the_shares_and_the_credit_are_the_payment),
		cmocka_unit_test(a_call_back_must_be_signed_and_be_the_order),
		cmocka_unit_test(a_unified_bill_is_small_and_reads_as_written),
		cmocka_unit_test(what_looks_wrong_is_marked),
		cmocka_unit_test(a_revision_shows_what_it_changed),
		cmocka_unit_test(a_cycle_is_a_local_month),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

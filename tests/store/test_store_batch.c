#include "fixture.h"

#include "base/clock.h"
#include "store/announcement.h"
#include "store/message.h"
#include "store/position.h"
#include "store/quarantine.h"
#include "store/receipt.h"
#include "store/subscription.h"

static const hub_time t0 = INT64_C(1767225600000000);

static void a_source_goes_on_where_it_stood(void **state)
{
	(void)state;
	int64_t who = make_party("who");
	uint64_t next;
	OK(store_begin(db));
	OK(source_lock(db, who, "csv", 7, &next));
	assert_int_equal(next, 1);
	OK(source_advance(db, who, "csv", 7, 101));
	OK(store_commit(db));
	OK(store_begin(db));
	OK(source_lock(db, who, "csv", 7, &next));
	assert_int_equal(next, 101);
	OK(source_lock(db, who, "csv", 8, &next));
	assert_int_equal(next, 1);
	store_rollback(db);
}

static void a_receipt_is_found_by_number_record_and_trace(void **state)
{
	(void)state;
	int64_t who = make_party("who");
	receipt r = { .party = who, .source = "csv", .epoch = 7, .first = 101, .count = 50, .digest = { 1, 2, 3 },
		      .trace = trace_new(), .stored = 40, .duplicates = 8, .quarantined = 2, .received = t0 }, got, *list;
	size_t count;
	OK(receipt_number(db, &r.id));
	OK(receipt_insert(db, &r));
	OK(receipt_by_id(db, r.id, &mem, &got));
	assert_memory_equal(got.digest, r.digest, sizeof r.digest);
	assert_int_equal(got.quarantined, 2);
	assert_true(got.received == t0 && got.committed > t0);
	OK(receipt_of_record(db, who, "csv", 7, 150, &mem, &got));
	assert_int_equal(got.id, r.id);
	assert_int_equal(receipt_of_record(db, who, "csv", 7, 151, &mem, &got), HUB_MISSING);
	OK(receipt_by_trace(db, &r.trace, &mem, &list, &count));
	assert_int_equal(count, 1);
	OK(receipt_list(db, "csv", 0, 5, &mem, &list, &count));
	assert_int_equal(count, 1);
	OK(receipt_list(db, NULL, r.id, 5, &mem, &list, &count));
	assert_int_equal(count, 0);
}

static void quarantine_keeps_the_original_and_closes_once(void **state)
{
	(void)state;
	quarantine rows[] = {
		{ .party = 1, .receipt = 9, .source = "a", .sequence = 4, .code = "reading.unit", .field = "unit",
		  .message = "m", .record = (const uint8_t *)"\0\1", .record_len = 2, .raw = (const uint8_t *)"\x68\0\x16",
		  .raw_len = 3 },
		{ .party = 2, .receipt = 9, .source = "b", .sequence = 5, .code = "record.malformed" },
	}, *list, got;
	size_t count;
	uint64_t open;
	OK(quarantine_put(db, rows, 2));
	OK(quarantine_list(db, &(quarantine_filter){ .code = "reading.unit" }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	OK(quarantine_get(db, list[0].id, false, &mem, &got));
	assert_int_equal(got.raw_len, 3);
	assert_memory_equal(got.raw, "\x68\0\x16", 3);
	assert_memory_equal(got.record, "\0\1", 2);
	OK(store_begin(db));
	OK(quarantine_get(db, got.id, true, &mem, &got));
	OK(quarantine_close(db, got.id, QUARANTINE_REPLAYED, 33));
	OK(store_commit(db));
	assert_int_equal(quarantine_close(db, got.id, QUARANTINE_DROPPED, 0), HUB_CONFLICT);
	OK(quarantine_get(db, got.id, false, &mem, &got));
	assert_true(got.state == QUARANTINE_REPLAYED && got.replay == 33);
	OK(quarantine_count(db, &open));
	assert_int_equal(open, 1);
	OK(quarantine_list(db, &(quarantine_filter){ .all = true, .receipt = 9 }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 2);
	OK(quarantine_list(db, &(quarantine_filter){ .party = 1 }, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 0);
	assert_int_equal(quarantine_get(db, 999, false, &mem, &got), HUB_MISSING);
}

static void a_message_said_twice_is_stored_once(void **state)
{
	(void)state;
	int64_t where = make_point("P");
	message rows[] = {
		{ .party = 1, .receipt = 5, .item = 0, .type = HUB_RECORD_EVENT, .point = where, .time = t0, .key = "k1",
		  .body = "{\"code\": \"power_lost\"}" },
		{ .party = 1, .receipt = 5, .item = 3, .type = HUB_RECORD_EVENT, .time = t0, .key = "k1", .body = "{}" },
		{ .party = 1, .receipt = 5, .item = 4, .type = HUB_RECORD_RESULT, .time = t0 + 1, .key = "k1", .body = "{}" },
	}, *list;
	bool new[3];
	size_t count;
	OK(message_put(db, rows, 3, new));
	assert_true(new[0] && !new[1] && new[2]);
	OK(message_put(db, rows, 3, new));
	assert_true(!new[0] && !new[1] && !new[2]);
	OK(message_of_receipt(db, 5, &mem, &list, &count));
	assert_int_equal(count, 2);
	OK(message_list(db, &where, 1, 0, t0, t0 + 1, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].body, "{\"code\": \"power_lost\"}");
	OK(message_list(db, &where, 1, HUB_RECORD_RESULT, t0, t0 + 1, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 0);
}

static void subscriptions_choose_by_type_place_and_quantity(void **state)
{
	(void)state;
	int64_t who = make_party("who"), id, other;
	const char *commodities[] = { "water" };
	subscription s = { .party = who, .name = "水", .types = 1u << HUB_RECORD_READING, .commodities = commodities,
			   .commodity_count = 1, .quantities = (uint16_t[]){ 4, 5 }, .quantity_count = 2 }, *list;
	size_t count;
	OK(subscription_add(db, &s, &id, &fault));
	s.party = 999;
	assert_int_equal(subscription_add(db, &s, &other, &fault), HUB_MISSING);
	OK(subscription_list(db, who, clock_now(), &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_true(list[0].quantity_count == 2 && list[0].quantities[1] == 5 && !list[0].valid_to);
	assert_true(subscription_matches(&list[0], &(subscription_row){ HUB_RECORD_READING, 0, 1, "water", NULL, 0, 5, NULL }));
	assert_false(subscription_matches(&list[0], &(subscription_row){ HUB_RECORD_READING, 0, 1, "water", NULL, 0, 6, NULL }));
	assert_false(subscription_matches(&list[0], &(subscription_row){ HUB_RECORD_READING, 0, 1, "gas", NULL, 0, 5, NULL }));
	assert_false(subscription_matches(&list[0], &(subscription_row){ HUB_RECORD_EVENT, 0, 1, "water", NULL, 0, 0, NULL }));
	subscription area = { .premises = (int64_t[]){ 3 }, .premise_count = 1, .points = (int64_t[]){ 8 }, .point_count = 1 };
	assert_true(subscription_matches(&area, &(subscription_row){ HUB_RECORD_EVENT, 0, 8, "gas", (int64_t[]){ 1, 3, 4 }, 3, 0, NULL }));
	assert_false(subscription_matches(&area, &(subscription_row){ HUB_RECORD_EVENT, 0, 9, "gas", (int64_t[]){ 1, 3, 4 }, 3, 0, NULL }));
	assert_false(subscription_matches(&area, &(subscription_row){ HUB_RECORD_EVENT, 0, 8, "gas", (int64_t[]){ 1, 4 }, 2, 0, NULL }));
	const char *kinds[] = { "power_lost" };
	subscription losses = { .types = 1u << HUB_RECORD_EVENT, .kinds = kinds, .kind_count = 1, .senders = (int64_t[]){ 4 },
				.sender_count = 1 };
	assert_true(subscription_matches(&losses, &(subscription_row){ HUB_RECORD_EVENT, 4, 8, "gas", NULL, 0, 0, "power_lost" }));
	assert_false(subscription_matches(&losses, &(subscription_row){ HUB_RECORD_EVENT, 4, 8, "gas", NULL, 0, 0, "cover_open" }));
	assert_false(subscription_matches(&losses, &(subscription_row){ HUB_RECORD_EVENT, 5, 8, "gas", NULL, 0, 0, "power_lost" }));
	assert_false(subscription_matches(&losses, &(subscription_row){ HUB_RECORD_READING, 4, 8, "gas", NULL, 0, 5, NULL }));
	OK(subscription_end(db, who, id));
	OK(subscription_end(db, who, id));
	assert_int_equal(subscription_end(db, who + 1, id), HUB_MISSING);
	OK(subscription_list(db, 0, clock_now() + 1000000, &mem, &list, &count));
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_source_goes_on_where_it_stood),
		store_test(a_receipt_is_found_by_number_record_and_trace),
		store_test(quarantine_keeps_the_original_and_closes_once),
		store_test(a_message_said_twice_is_stored_once),
		store_test(subscriptions_choose_by_type_place_and_quantity),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

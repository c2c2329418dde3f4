/* What deliveries leave behind is cleared by age, and nothing that can still be replayed or was not taken. */
#include "fixture.h"

#include <unistd.h>

#include "base/clock.h"
#include "deliver/feed.h"
#include "deliver/subscribe.h"
#include "store/announcement.h"
#include "store/position.h"
#include "store/retention.h"

#define DAY INT64_C(86400000000)
#define LONG 60000000

static const retention keep = { 30 * DAY, 365 * DAY };
static int64_t recipient, reader, here, number;

static int64_t subscribe(const char *door, const char *target, int64_t give_up)
{
	int64_t id;
	const subscription s = { .party = recipient, .name = "", .points = &here, .point_count = 1, .door = door };
	OK(subscribe_add(db, &s, &(subscribe_door){ .target = target, .count = 10, .give_up = give_up }, &id, &fault));
	return id;
}

static int begin(void **state)
{
	int64_t id;
	fresh(state);
	recipient = make_party("recipient");
	reader = make_party("reader");
	here = make_point("here");
	number = subscribe("drop", NULL, 1000000);
	OK(subscription_add(db, &(subscription){ .party = reader, .points = &here, .point_count = 1 }, &id, &fault));
	return 0;
}

static void announce(unsigned count)
{
	uint16_t quantity = 1;
	size_t done_count = 1;
	for (unsigned i = 1; i <= count; i++) {
		const announcement a = { .party = 1, .source = "s", .receipt = i, .types = 1u << HUB_RECORD_READING, .points = &here,
					 .point_count = 1, .quantities = &quantity, .quantity_count = 1 };
		OK(announcement_insert(db, &a));
	}
	while (done_count)
		OK(feed_sequence(db, 100, &done_count));
}

static outbox_head lease(void)
{
	outbox_head *list;
	size_t count;
	OK(outbox_lease(db, 1, 10, LONG, true, &mem, &list, &count));
	assert_int_equal(count, 1);
	return list[0];
}

static void settle(uint64_t upto, outbox_result result)
{
	const outbox_head h = lease();
	const outbox_outcome o = { .party = recipient, .subscription = number, .lease = h.lease, .acknowledged = { upto, 0 },
				   .sent = { upto, 0 }, .result = result, .code = "", .message = "" };
	OK(outbox_settle(db, &o));
}

static outbox_head stand(void)
{
	outbox_head h;
	OK(outbox_get(db, recipient, number, &mem, &h));
	return h;
}

/* The positions that are left behind `after`. */
static size_t left(uint64_t after, uint64_t *ret_first)
{
	outbox_entry *list;
	size_t count;
	OK(outbox_take(db, recipient, number, after, 1000, &mem, &list, &count));
	*ret_first = count ? list[0].position : 0;
	return count;
}

static size_t sweep(int64_t later, size_t at_once)
{
	size_t total = 0, cleared = 1;
	while (cleared) {
		OK(retention_step(db, &keep, clock_now() + later, at_once, &cleared));
		assert_true(cleared <= 4 * at_once);
		total += cleared;
	}
	return total;
}

static void what_was_acknowledged_goes_after_its_time_in_small_steps(void **state)
{
	(void)state;
	uint64_t first;
	announce(20);
	settle(15, OUTBOX_GOOD);
	assert_int_equal(sweep(29 * DAY, 4), 0);
	OK(outbox_replay(db, recipient, number, 1));
	assert_int_equal(left(0, &first), 20);
	settle(15, OUTBOX_GOOD);
	assert_int_equal(sweep(31 * DAY, 4), 15);
	assert_int_equal(left(0, &first), 5);
	assert_int_equal(first, 16);
	assert_int_equal(stand().acknowledged.position, 15);
	OK(outbox_replay(db, recipient, number, 1)); /* what is left of it */
	assert_int_equal(left(lease().acknowledged.position, &first), 5);
}

static void what_nobody_took_goes_much_later_and_the_rest_goes_on(void **state)
{
	(void)state;
	uint64_t first;
	announce(10);
	settle(4, OUTBOX_GOOD);
	assert_int_equal(sweep(364 * DAY, 100), 4);
	/* The feed's ten, which nobody dequeued, go with the six. */
	assert_int_equal(sweep(366 * DAY, 100), 6 + 10);
	assert_int_equal(left(0, &first), 0);
	assert_int_equal(stand().acknowledged.position, 10);
	announce(1);
	settle(11, OUTBOX_GOOD);
	assert_int_equal(left(10, &first), 1);
	assert_int_equal(first, 11);
}

static void a_dead_letter_keeps_its_entry_for_a_replay(void **state)
{
	(void)state;
	uint64_t first;
	announce(3);
	for (int i = 0; i < 500 && stand().dead == 0; i++) {
		outbox_head *list;
		size_t count;
		OK(outbox_lease(db, 1, 10, LONG, true, &mem, &list, &count));
		if (count) {
			const outbox_outcome o = { .party = recipient, .subscription = number, .lease = list[0].lease,
						   .acknowledged = { 1, 0 }, .sent = { 1, 0 }, .result = OUTBOX_FAILED,
						   .code = "webhook.status", .message = "no" };
			OK(outbox_settle(db, &o));
		}
		usleep(20000);
	}
	assert_int_equal(stand().dead, 2);
	assert_int_equal(sweep(40 * DAY, 100), 1);
	assert_int_equal(left(0, &first), 2);
	OK(outbox_replay(db, recipient, number, 3));
	assert_int_equal(stand().dead, 1);
	assert_true(sweep(366 * DAY, 100) > 0);
	assert_int_equal(stand().dead, 0);
	assert_int_equal(left(0, &first), 0);
}

static void a_feed_loses_what_was_dequeued_and_keeps_what_was_not(void **state)
{
	(void)state;
	position *list;
	size_t count;
	announce(9);
	settle(9, OUTBOX_GOOD);
	OK(feed_dequeue(db, reader, 5, &fault));
	assert_int_equal(sweep(31 * DAY, 2), 9 + 5);
	OK(position_list(db, reader, 0, 100, &mem, &list, &count));
	assert_int_equal(count, 4);
	assert_int_equal(list[0].position, 6);
	OK(feed_dequeue(db, reader, 9, &fault));
}

static void a_webhook_that_was_never_verified_keeps_no_more_than_its_patience(void **state)
{
	(void)state;
	uint64_t first;
	number = subscribe("webhook", "http://recipient.example/", 2 * DAY);
	announce(5);
	assert_int_equal(sweep(DAY, 100), 0);
	assert_int_equal(left(0, &first), 5);
	assert_int_equal(sweep(3 * DAY, 100), 5);
	announce(1);
	const outbox_head h = stand();
	assert_string_equal(h.state, "pending");
	assert_int_equal(h.acknowledged.position, 5);
	assert_int_equal(left(5, &first), 1);
}

static void records_of_deliveries_go_with_them(void **state)
{
	(void)state;
	delivery *list;
	size_t count;
	const delivery gone = { .party = recipient, .subscription = number, .kind = "batch", .state = "acknowledged", .first = 1,
				.last = 3, .code = "", .message = "" },
		       open = { .party = recipient, .subscription = number, .kind = "batch", .state = "sent", .first = 4, .last = 5,
				.code = "", .message = "" };
	OK(delivery_put(db, &gone, NULL));
	OK(delivery_put(db, &open, NULL));
	assert_int_equal(sweep(29 * DAY, 100), 0);
	assert_int_equal(sweep(31 * DAY, 100), 1);
	OK(delivery_list(db, recipient, number, 0, 10, &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_string_equal(list[0].state, "sent");
}

#define kept_test(f) cmocka_unit_test_setup_teardown(f, begin, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		kept_test(what_was_acknowledged_goes_after_its_time_in_small_steps),
		kept_test(what_nobody_took_goes_much_later_and_the_rest_goes_on),
		kept_test(a_dead_letter_keeps_its_entry_for_a_replay),
		kept_test(a_feed_loses_what_was_dequeued_and_keeps_what_was_not),
		kept_test(a_webhook_that_was_never_verified_keeps_no_more_than_its_patience),
		kept_test(records_of_deliveries_go_with_them),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

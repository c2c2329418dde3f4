/* The outbox: one lease at a time, an older one changes nothing, the dead let the rest go on, replay. */
#include "fixture.h"

#include <unistd.h>

#include "deliver/feed.h"
#include "deliver/subscribe.h"
#include "store/announcement.h"
#include "store/statement.h"

#define LONG 60000000

static int64_t recipient, here, number;

static int begin_at(void **state, const char *door)
{
	fresh(state);
	recipient = make_party("recipient");
	here = make_point("here");
	const subscription s = { .party = recipient, .name = "", .points = &here, .point_count = 1, .door = door };
	OK(subscribe_add(db, &s, &(subscribe_door){ .count = 10, .give_up = 1000000 }, &number, &fault));
	return 0;
}

static int begin(void **state)
{
	return begin_at(state, "drop");
}

static int begin_mqtt(void **state)
{
	return begin_at(state, "mqtt");
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

static size_t lease(store *by, outbox_head *ret)
{
	outbox_head *list;
	size_t count;
	OK(outbox_lease(by, 1, 10, LONG, true, &mem, &list, &count));
	if (count)
		*ret = list[0];
	return count;
}

static outbox_outcome outcome(const outbox_head *h, uint64_t upto, outbox_result result)
{
	return (outbox_outcome){ .party = recipient, .subscription = number, .lease = h->lease, .acknowledged = { upto, 0 },
				 .sent = { upto, 0 }, .result = result, .code = result == OUTBOX_FAILED ? "webhook.status" : "",
				 .message = "no", .status = result == OUTBOX_FAILED ? 503 : 200 };
}

static outbox_head stand(void)
{
	outbox_head h;
	OK(outbox_get(db, recipient, number, &mem, &h));
	return h;
}

static void one_lease_at_a_time_and_an_older_one_settles_nothing(void **state)
{
	(void)state;
	outbox_head first, second;
	outbox_entry *entries;
	size_t count;
	store *other = another();
	announce(3);
	assert_int_equal(lease(db, &first), 1);
	assert_int_equal(first.last, 3);
	assert_int_equal(lease(other, &second), 0);
	OK(outbox_take(db, recipient, number, 0, 10, &mem, &entries, &count));
	assert_int_equal(count, 3);
	assert_int_equal(entries[2].position, 3);
	OK(outbox_replay(db, recipient, number, 1)); /* which takes the lease away */
	assert_int_equal(lease(other, &second), 1);
	assert_int_equal(second.lease, first.lease + 2);
	const outbox_outcome late = outcome(&first, 3, OUTBOX_GOOD), good = outcome(&second, 2, OUTBOX_GOOD);
	assert_int_equal(outbox_settle(db, &late), HUB_CONFLICT);
	assert_int_equal(stand().acknowledged.position, 0);
	OK(outbox_settle(other, &good));
	assert_int_equal(stand().acknowledged.position, 2);
	assert_int_equal(lease(db, &first), 1);
	store_close(other);
}

static void a_holder_that_is_gone_frees_its_leases(void **state)
{
	(void)state;
	outbox_head h;
	outbox_head *list;
	size_t count;
	store *holder = another();
	announce(1);
	OK(outbox_hold(holder, 77));
	OK(outbox_lease(holder, 77, 10, LONG, true, &mem, &list, &count));
	assert_int_equal(count, 1);
	OK(outbox_free(db));
	assert_int_equal(lease(db, &h), 0);
	store_close(holder);
	for (int i = 0; i < 500 && !lease(db, &h); i++) {
		OK(outbox_free(db));
		usleep(10000);
	}
	assert_int_equal(stand().lease, 2);
}

static void a_holder_that_lives_frees_what_it_does_not_know(void **state)
{
	(void)state;
	outbox_head h;
	outbox_head *list;
	size_t count;
	store *holder = another();
	announce(1);
	OK(outbox_hold(holder, 79));
	OK(outbox_lease(holder, 79, 10, LONG, true, &mem, &list, &count));
	assert_int_equal(count, 1);
	const outbox_held held = { list[0].subscription, list[0].lease }, older = { list[0].subscription, list[0].lease - 1 };
	OK(outbox_keep_only(holder, 80, NULL, 0)); /* another's */
	OK(outbox_keep_only(holder, 79, &held, 1));
	assert_int_equal(lease(db, &h), 0);
	OK(outbox_keep_only(holder, 79, &older, 1));
	assert_int_equal(lease(db, &h), 1);
	assert_int_equal(h.lease, held.lease + 1);
	store_close(holder);
}

static void a_lease_of_a_clock_that_went_back_is_free(void **state)
{
	(void)state;
	outbox_head *list, h;
	size_t count;
	store *holder = another();
	announce(1);
	OK(outbox_hold(holder, 78));
	OK(outbox_lease(holder, 78, 10, LONG, true, &mem, &list, &count));
	assert_int_equal(count, 1);
	const outbox_outcome late = outcome(&list[0], 1, OUTBOX_GOOD);
	/* As the row stands when now() is an hour earlier; its holder lives. */
	OK(sql_text(db,
		    "update delivery_head set lease_until = lease_until + interval '1 hour', due = due + interval '1 hour', "
		    "last_try = last_try + interval '1 hour'",
		    &fault));
	assert_int_equal(lease(db, &h), 0);
	OK(outbox_free(db));
	assert_int_equal(lease(db, &h), 1);
	assert_int_equal(outbox_settle(holder, &late), HUB_CONFLICT);
	const outbox_outcome good = outcome(&h, 1, OUTBOX_GOOD);
	OK(outbox_settle(db, &good));
	assert_int_equal(stand().acknowledged.position, 1);
	store_close(holder);
}

static void what_is_refused_for_too_long_dies_and_comes_again_on_replay(void **state)
{
	(void)state;
	outbox_head h;
	dead_letter *dead;
	size_t count;
	announce(3);
	assert_int_equal(lease(db, &h), 1);
	outbox_outcome bad = outcome(&h, 1, OUTBOX_FAILED);
	bad.progress = true;
	OK(outbox_settle(db, &bad));
	assert_int_equal(stand().acknowledged.position, 1); /* young still */
	assert_int_equal(stand().attempts, 1);
	for (int i = 0; i < 500 && stand().dead == 0; i++) {
		usleep(20000);
		if (lease(db, &h)) {
			bad = outcome(&h, 1, OUTBOX_FAILED);
			OK(outbox_settle(db, &bad));
		}
	}
	OK(dead_letter_list(db, recipient, number, 0, 10, &mem, &dead, &count));
	assert_int_equal(count, 2);
	assert_int_equal(dead[0].position, 2);
	assert_string_equal(dead[1].code, "webhook.status");
	assert_int_equal(stand().acknowledged.position, 3);
	assert_int_equal(outbox_replay(db, recipient, number, 5), HUB_RANGE);
	OK(outbox_replay(db, recipient, number, 3));
	assert_int_equal(stand().dead, 1);
	assert_int_equal(lease(db, &h), 1);
	assert_int_equal(h.acknowledged.position, 2);
}

static void paused_is_not_leased(void **state)
{
	(void)state;
	outbox_head h;
	OK(outbox_pause(db, recipient, number, "holiday"));
	announce(2);
	assert_int_equal(lease(db, &h), 0);
	OK(outbox_resume(db, recipient, number));
	assert_int_equal(lease(db, &h), 1);
}

/* The recipient is quicker than the courier, who has not settled yet what it sent. */
static void what_is_acknowledged_under_the_lease_counts_once_it_is_settled(void **state)
{
	(void)state;
	outbox_head h;
	announce(3);
	assert_int_equal(lease(db, &h), 1);
	OK(outbox_acknowledge(db, recipient, number, 1, false));
	OK(outbox_acknowledge(db, recipient, number, 2, false));
	OK(outbox_acknowledge(db, recipient, number, 9, false)); /* nobody's position */
	assert_int_equal(stand().acknowledged.position, 0);
	outbox_outcome good = outcome(&h, 2, OUTBOX_GOOD);
	good.acknowledged = h.acknowledged;
	OK(outbox_settle(db, &good));
	OK(outbox_hear(db, recipient, number));
	assert_int_equal(stand().acknowledged.position, 2);
	assert_int_equal(stand().resend, 0); /* nothing is out */
	assert_int_equal(lease(db, &h), 1);
	OK(outbox_acknowledge(db, recipient, number, 3, false));
	good = outcome(&h, 2, OUTBOX_LATE); /* it was never sent */
	OK(outbox_settle(db, &good));
	OK(outbox_hear(db, recipient, number));
	assert_int_equal(stand().acknowledged.position, 2);
}

#define outbox_test(f) cmocka_unit_test_setup_teardown(f, begin, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		outbox_test(one_lease_at_a_time_and_an_older_one_settles_nothing),
		outbox_test(a_holder_that_is_gone_frees_its_leases),
		outbox_test(a_holder_that_lives_frees_what_it_does_not_know),
		outbox_test(a_lease_of_a_clock_that_went_back_is_free),
		outbox_test(what_is_refused_for_too_long_dies_and_comes_again_on_replay),
		outbox_test(paused_is_not_leased),
		cmocka_unit_test_setup_teardown(what_is_acknowledged_under_the_lease_counts_once_it_is_settled, begin_mqtt, done),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

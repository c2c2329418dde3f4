/* Positions under commits in any order: who goes on from what it saw misses nothing. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "deliver/feed.h"
#include "store/announcement.h"
#include "store/position.h"
#include "store/receipt.h"
#include "store/subscription.h"

static int64_t reader, stranger, here;

static int begin(void **state)
{
	int64_t id;
	fresh(state);
	reader = make_party("reader");
	stranger = make_party("stranger");
	here = make_point("here");
	OK(subscription_add(db, &(subscription){ .party = reader, .points = &here, .point_count = 1 }, &id, &fault));
	return 0;
}

/* The last thing that the intake's transaction does. */
static hub_status announce(store *by, const char *source, uint64_t number)
{
	uint16_t quantity = 1;
	announcement a = { .party = 1, .source = source, .receipt = number, .types = 1u << HUB_RECORD_READING,
			   .points = &here, .point_count = 1, .quantities = &quantity, .quantity_count = 1 };
	return announcement_insert(by, &a);
}

static void sequence_all(store *by)
{
	size_t n;
	do
		OK(feed_sequence(by, 100, &n));
	while (n);
}

static size_t peek(uint64_t after, feed_entry **ret)
{
	size_t n;
	arena_reset(&mem);
	OK(feed_peek(db, reader, after, 1000, &mem, ret, &n));
	return n;
}

static void commits_in_reverse_order_lose_nothing(void **state)
{
	(void)state;
	store *early = another(), *late = another();
	feed_entry *e;
	uint64_t acknowledged, last;
	OK(store_begin(early));
	OK(announce(early, "a", 1));
	OK(store_begin(late));
	OK(announce(late, "b", 2));
	OK(store_commit(late));
	sequence_all(db);
	assert_int_equal(peek(0, &e), 1);
	assert_int_equal(e[0].receipt, 2);
	uint64_t seen = e[0].position;
	OK(feed_dequeue(db, reader, seen, &fault));
	OK(store_commit(early));
	sequence_all(db);
	assert_int_equal(peek(seen, &e), 1);
	assert_int_equal(e[0].receipt, 1);
	assert_int_equal(e[0].position, seen + 1);
	OK(feed_state(db, reader, &acknowledged, &last));
	assert_true(acknowledged == seen && last == seen + 1);
	store_close(early);
	store_close(late);
}

/* A second sequencer beside one whose transaction is still open. */
static void two_sequencers_keep_the_order_of_a_source(void **state)
{
	(void)state;
	store *other = another();
	size_t n;
	feed_entry *e;
	OK(announce(db, "a", 1));
	OK(store_begin(other)); /* as feed_sequence does, but held open: takes the first of source a */
	OK(position_give(other, 1, &n));
	assert_int_equal(n, 1);
	OK(announce(db, "a", 2));
	OK(feed_sequence(db, 100, &n));
	assert_int_equal(n, 0); /* the second of source a waits for the first */
	OK(store_commit(other));
	sequence_all(db);
	assert_int_equal(peek(0, &e), 2);
	assert_true(e[0].receipt == 1 && e[1].receipt == 2);
	store_close(other);
}

static void a_crash_before_numbering_loses_nothing(void **state)
{
	(void)state;
	store *doomed = another();
	size_t n;
	feed_entry *e;
	OK(announce(db, "a", 1));
	OK(store_begin(doomed));
	OK(position_give(doomed, 100, &n));
	store_close(doomed);
	for (int tries = 0; !peek(0, &e) && tries < 500; tries++) { /* until the server notices */
		sequence_all(db);
		usleep(10000);
	}
	assert_int_equal(peek(0, &e), 1);
	assert_int_equal(e[0].position, 1);
}

static void only_who_subscribed_gets_positions(void **state)
{
	(void)state;
	int64_t id, far = make_point("far");
	feed_entry *e;
	size_t n;
	OK(subscription_add(db, &(subscription){ .party = stranger, .points = &far, .point_count = 1 }, &id, &fault));
	OK(subscription_add(db, &(subscription){ .party = reader }, &id, &fault)); /* a second that matches */
	OK(announce(db, "a", 1));
	sequence_all(db);
	assert_int_equal(peek(0, &e), 1);
	OK(feed_peek(db, stranger, 0, 10, &mem, &e, &n));
	assert_int_equal(n, 0);
}

static void positions_move_forward_only(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		OK(announce(db, "a", i));
	sequence_all(db);
	OK(feed_dequeue(db, reader, 2, &fault));
	OK(feed_dequeue(db, reader, 2, &fault));
	assert_int_equal(feed_dequeue(db, reader, 1, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "feed.back");
	assert_int_equal(feed_dequeue(db, reader, 4, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "feed.ahead");
	assert_int_equal(feed_dequeue(db, stranger, 1, &fault), HUB_REJECT);
	OK(feed_dequeue(db, reader, 3, &fault));
}

enum { WRITERS = 4, SEQUENCERS = 2, EACH = 60 };
static atomic_bool writing;

/* As the intake: the source locked, the transaction held open for a while. */
static hub_status write_batch(store *mine, int number, int i)
{
	char source[16];
	uint64_t next;
	snprintf(source, sizeof source, "s%d", number);
	hub_status st = store_begin(mine);
	if (st == HUB_OK)
		st = source_lock(mine, 1, source, 1, &next);
	if (st == HUB_OK)
		st = announce(mine, source, (uint64_t)(number * 1000 + i));
	usleep((useconds_t)((number * 7 + i * 13) % 5) * 1000);
	if (st == HUB_OK)
		st = source_advance(mine, 1, source, 1, next + 1);
	return st == HUB_OK ? store_commit(mine) : st;
}

/* Threads give NULL when all went well. */
static void *write_batches(void *user)
{
	store *mine = NULL;
	hub_status st = store_open(conninfo, &mine, NULL);
	for (int i = 0; st == HUB_OK && i < EACH; i++)
		st = write_batch(mine, *(int *)user, i);
	store_close(mine);
	return st == HUB_OK ? NULL : user;
}

static void *number_batches(void *user)
{
	store *mine = NULL;
	hub_status st = store_open(conninfo, &mine, NULL);
	while (writing && (st == HUB_OK || st == HUB_AGAIN)) {
		size_t n;
		st = feed_sequence(mine, 7, &n);
	}
	store_close(mine);
	return st == HUB_OK || st == HUB_AGAIN ? NULL : user;
}

static void join(pthread_t thread)
{
	void *bad;
	pthread_join(thread, &bad);
	assert_null(bad);
}

static void a_live_reader_sees_every_batch_once_and_in_order(void **state)
{
	(void)state;
	pthread_t writers[WRITERS], sequencers[SEQUENCERS];
	int numbers[WRITERS], next[WRITERS] = { 0 }, total = 0;
	uint64_t seen = 0;
	writing = true;
	for (int i = 0; i < SEQUENCERS; i++)
		pthread_create(&sequencers[i], NULL, number_batches, &reader);
	for (int i = 0; i < WRITERS; i++) {
		numbers[i] = i;
		pthread_create(&writers[i], NULL, write_batches, &numbers[i]);
	}
	for (int idle = 0; total < WRITERS * EACH && idle < 5000; idle++) {
		feed_entry *e;
		size_t n = peek(seen, &e);
		for (size_t i = 0; i < n; i++, total++) {
			assert_int_equal(e[i].position, ++seen);
			int source = (int)(e[i].receipt / 1000);
			assert_int_equal(e[i].receipt % 1000, next[source]++);
		}
		if (n)
			idle = 0;
		else
			usleep(2000);
	}
	writing = false;
	for (int i = 0; i < WRITERS; i++)
		join(writers[i]);
	for (int i = 0; i < SEQUENCERS; i++)
		join(sequencers[i]);
	assert_int_equal(total, WRITERS * EACH);
	uint64_t waiting;
	hub_time oldest;
	OK(announcement_backlog(db, &waiting, &oldest));
	assert_int_equal(waiting, 0);
}

/* An announcement of these types, with events of this kind and readings of quantity 1, as that number. */
static void tell(uint64_t number, uint32_t types, const char *kind, const char *event)
{
	uint16_t quantity = 1;
	const announcement a = { .party = 1, .source = "s", .receipt = number, .types = types, .points = &here, .point_count = 1,
				 .quantities = &quantity, .quantity_count = (types & 1u << HUB_RECORD_READING) != 0, .kinds = &kind,
				 .kind_count = kind != NULL, .event = event };
	OK(announcement_insert(db, &a));
}

/* Types, quantities and kinds are asked for by name, and what nobody asked for uses up no position. */
static void an_event_of_another_kind_takes_no_position(void **state)
{
	(void)state;
	enum { READING = 1u << HUB_RECORD_READING, EVENT = 1u << HUB_RECORD_EVENT, ARCHIVE = 1u << HUB_RECORD_ARCHIVE };
	const char *kinds[] = { "cover_open", "power_lost" };
	feed_entry *list;
	size_t count;
	int64_t id;
	const subscription s = { .party = stranger, .types = READING | EVENT, .quantities = (uint16_t[]){ 9 }, .quantity_count = 1,
				 .kinds = kinds, .kind_count = 2 };
	OK(subscription_add(db, &s, &id, &fault));
	tell(1, EVENT, "power_lost", NULL);
	tell(2, EVENT, "power_back", NULL);
	tell(3, EVENT | READING, "power_back", NULL); /* of another quantity */
	tell(4, EVENT | READING, "cover_open", NULL);
	tell(5, ARCHIVE, NULL, NULL);
	tell(6, EVENT, NULL, "{\"code\":\"cover_open\"}");
	tell(7, EVENT, NULL, "{\"code\":\"cover_shut\"}");
	sequence_all(db);
	OK(feed_peek(db, stranger, 0, 1000, &mem, &list, &count));
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list[i].receipt, ((uint64_t[]){ 1, 4, 6 })[i]);
	assert_int_equal(peek(0, &list), 7); /* of whom asked for everything there */
}

#define feed_test(f) cmocka_unit_test_setup_teardown(f, begin, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		feed_test(commits_in_reverse_order_lose_nothing),
		feed_test(two_sequencers_keep_the_order_of_a_source),
		feed_test(a_crash_before_numbering_loses_nothing),
		feed_test(only_who_subscribed_gets_positions),
		feed_test(positions_move_forward_only),
		feed_test(an_event_of_another_kind_takes_no_position),
		feed_test(a_live_reader_sees_every_batch_once_and_in_order),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}

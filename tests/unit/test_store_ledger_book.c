/* Any log of postings replays to the same hashes, however it is cut into batches. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "store/ledger_book.h"

enum { ENTRIES = 400, LEGS = 4, HOMES = 12, ACCOUNTS = 3 * HOMES };

typedef struct request {
	ledger_move moves[LEGS];
	size_t count;
	ledger_action kind;
	uint8_t key[16], body[80];
	size_t body_len;
	hub_time time;
} request;

static ledger_account account_of(uint64_t n)
{
	static const ledger_use uses[] = { LEDGER_RECEIVABLE, LEDGER_CREDIT, LEDGER_CASH };
	return (ledger_account){ 1 + (int64_t)(n % HOMES), ledger_part(uses[n / HOMES % 3], 3), LEDGER_CNY };
}

static void make(request *r, uint64_t *seed, int number)
{
	int64_t rest = 0;
	*r = (request){ .count = 2 + unit_random(seed) % (LEGS - 1), .kind = LEDGER_POST, .time = 1000 + number / 3 };
	for (size_t i = 0; i < r->count; i++) {
		int64_t amount = i + 1 < r->count ? unit_between(seed, 500) : -rest;
		r->moves[i] = (ledger_move){ account_of(unit_random(seed)), amount, 0 };
		rest += amount;
	}
	memcpy(r->key, &number, sizeof number);
	r->body_len = 1 + unit_random(seed) % sizeof r->body;
	memset(r->body, number, r->body_len);
}

/* Enters [from, to) into a book that begins with the given heads, and leaves the heads as they are then. */
static size_t enter(const request *list, size_t from, size_t to, ledger_balance *heads, size_t *head_count, ledger_line *lines)
{
	ledger_book b;
	size_t n = 0, count;
	const char *code;
	assert_int_equal(ledger_book_init(&b, ACCOUNTS), HUB_OK);
	for (size_t i = 0; i < *head_count; i++)
		*ledger_book_head(&b, heads[i].of) = heads[i];
	for (size_t i = from; i < to; i++) {
		const request *r = &list[i];
		ledger_work w = { .kind = r->kind, .home = r->moves[0].of.account, .body = r->body, .body_len = r->body_len,
				  .moves = r->moves, .count = r->count };
		memcpy(w.key, r->key, 16);
		assert_int_equal(ledger_enter(&b, &w, r->time, lines + n, &count, &code), HUB_OK);
		assert_int_equal(count, code ? 1 : r->count);
		n += count;
	}
	*head_count = b.count;
	memcpy(heads, b.heads, b.count * sizeof *heads);
	ledger_book_fini(&b);
	return n;
}

static int by_account(const void *a, const void *b)
{
	return ledger_account_compare(&((const ledger_balance *)a)->of, &((const ledger_balance *)b)->of);
}

static void any_log_replays_to_the_same_hashes(void **state)
{
	(void)state;
	static request list[ENTRIES];
	static ledger_line lines[ENTRIES * LEGS], again[ENTRIES * LEGS];
	for (uint64_t round = 1; round <= 20; round++) {
		uint64_t seed = round;
		ledger_balance whole[ACCOUNTS], cut[ACCOUNTS];
		size_t whole_count = 0, cut_count = 0, n = 0, refused = 0;
		for (int i = 0; i < ENTRIES; i++)
			make(&list[i], &seed, i);
		size_t total = enter(list, 0, ENTRIES, whole, &whole_count, lines);
		for (size_t at = 0; at < ENTRIES;) {
			size_t to = at + 1 + unit_random(&seed) % 60;
			to = to > ENTRIES ? ENTRIES : to;
			n += enter(list, at, to, cut, &cut_count, again + n);
			at = to;
		}
		assert_int_equal(n, total);
		assert_int_equal(whole_count, cut_count);
		qsort(whole, whole_count, sizeof *whole, by_account);
		qsort(cut, cut_count, sizeof *cut, by_account);
		__int128 sum = 0;
		for (size_t i = 0; i < whole_count; i++) {
			assert_memory_equal(whole[i].hash, cut[i].hash, 32);
			assert_int_equal(whole[i].balance, cut[i].balance);
			assert_true(ledger_rule_holds(&whole[i]));
			sum += whole[i].balance;
		}
		for (size_t i = 0; i < total; i++) {
			assert_memory_equal(lines[i].hash, again[i].hash, 32);
			refused += lines[i].kind == LEDGER_REFUSED;
		}
		assert_true(sum == 0);
		assert_true(refused > 0 && refused < ENTRIES);
	}
}

static void a_sum_that_does_not_fit_changes_nothing(void **state)
{
	(void)state;
	ledger_book b;
	ledger_line lines[2];
	size_t count;
	const char *code;
	const ledger_move moves[] = { { account_of(0), INT64_MAX, 0 }, { account_of(1), -INT64_MAX, 0 } };
	const ledger_work w = { .kind = LEDGER_POST, .home = 1, .body = (const uint8_t *)"x", .body_len = 1, .moves = moves, .count = 2 };
	assert_int_equal(ledger_book_init(&b, 4), HUB_OK);
	assert_int_equal(ledger_enter(&b, &w, 1, lines, &count, &code), HUB_OK);
	ledger_balance before = *ledger_book_head(&b, account_of(0));
	assert_int_equal(ledger_enter(&b, &w, 2, lines, &count, &code), HUB_RANGE);
	assert_string_equal(code, "ledger.range");
	assert_memory_equal(&before, ledger_book_head(&b, account_of(0)), sizeof before);
	ledger_book_fini(&b);
}

static void a_request_reads_as_it_was_written(void **state)
{
	(void)state;
	const ledger_leg legs[] = { { account_of(3), 77 }, { account_of(20), -77 } };
	const ledger_entry e = { .action = LEDGER_HOLD, .key = "k", .code = 4, .memo = "水费", .legs = legs, .count = 2, .deadline = 99 };
	ledger_entry back;
	ledger_move moves[LEDGER_LEGS_MAX];
	ledger_action action;
	size_t count;
	buf b = { 0 };
	arena a;
	arena_init(&a, 0);
	ledger_body_write(&e, &b);
	assert_int_equal(ledger_body_read(b.bytes, b.len, &a, &back), HUB_OK);
	assert_string_equal(back.memo, e.memo);
	assert_int_equal(back.deadline, 99);
	assert_int_equal(back.legs[1].amount, -77);
	assert_int_equal(ledger_moves_read(b.bytes, b.len, &action, moves, &count), HUB_OK);
	assert_int_equal(moves[0].hold, 77);
	assert_int_equal(moves[0].amount, 0);
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(ledger_moves_read(b.bytes, len, &action, moves, &count), HUB_REJECT);
	arena_fini(&a);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_log_replays_to_the_same_hashes),
		cmocka_unit_test(a_sum_that_does_not_fit_changes_nothing),
		cmocka_unit_test(a_request_reads_as_it_was_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

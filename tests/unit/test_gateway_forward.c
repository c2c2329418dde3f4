#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <semaphore.h>
#include <time.h>

#include "forward.h"

/* A core that answers in three parts, by the number in the continuation. */
static hub_status on_call(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	arena a;
	wire_call call;
	hub_fault fault;
	(void)user;
	(void)worker;
	arena_init(&a, 0);
	hub_status st = wire_call_unpack(msg, len, &a, &call, &fault);
	if (st == HUB_OK && strcmp(call.path, "/silent")) {
		int part = atoi(call.continuation);
		char next[16] = "", body[32];
		if (part < 2)
			snprintf(next, sizeof next, "%d", part + 1);
		snprintf(body, sizeof body, "%s%d", call.path, part);
		wire_reply reply = { .status = 200, .content_type = "text/plain", .continuation = next,
				     .body = (uint8_t *)body, .body_len = strlen(body) };
		wire_reply_pack(answer, &reply);
	} else {
		st = HUB_FAILED;
	}
	arena_fini(&a);
	return st;
}

static void wake(void *user)
{
	sem_post(user);
}

static bool wait_for(sem_t *woken)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	return sem_timedwait(woken, &until) == 0;
}

typedef struct pair {
	char dir[32], url[64];
	sem_t woken;
	forwarder *f;
	wire_answerer *core;
} pair;

static void pair_open(pair *p, size_t answer_max)
{
	hub_fault fault = { 0 };
	strcpy(p->dir, "/tmp/forward.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->url, sizeof p->url, "ipc://%s/call", p->dir);
	sem_init(&p->woken, 0, 0);
	assert_int_equal(forwarder_open(p->url, NULL, "dmzd", 3000000, answer_max, wake, &p->woken, &p->f, &fault), HUB_OK);
	assert_int_equal(wire_answer_dial(p->url, NULL, 1, on_call, NULL, &p->core, &fault), HUB_OK);
	for (int i = 0; i < 1000 && !forwarder_connected(p->f); i++)
		usleep(5000);
	assert_true(forwarder_connected(p->f));
}

static void pair_close(pair *p)
{
	char path[64];
	forwarder_close(p->f);
	wire_answerer_close(p->core);
	snprintf(path, sizeof path, "%s/call", p->dir);
	unlink(path);
	assert_int_equal(rmdir(p->dir), 0);
}

static wire_call call_of(const char *path)
{
	return (wire_call){ .door = "party", .method = "GET", .path = path, .authorization = "", .address = "",
			    .continuation = "" };
}

static void parts_are_joined(void **state)
{
	(void)state;
	pair p;
	forward *w, *asked;
	void *tag = NULL;
	const wire_reply *reply;
	pair_open(&p, 1000);
	wire_call call = call_of("/a");
	assert_int_equal(forward_start(p.f, &call, &p, &asked), HUB_OK);
	assert_true(wait_for(&p.woken));
	w = forward_next(p.f, &tag);
	assert_ptr_equal(w, asked);
	assert_ptr_equal(tag, &p);
	assert_int_equal(forward_reply(w, &reply), HUB_OK);
	assert_int_equal(reply->body_len, 9);
	assert_memory_equal(reply->body, "/a0/a1/a2", 9);
	forward_free(w);
	assert_null(forward_next(p.f, &tag));
	pair_close(&p);
}

static void a_long_answer_is_cut_off(void **state)
{
	(void)state;
	pair p;
	forward *w, *asked;
	void *tag;
	const wire_reply *reply;
	pair_open(&p, 8);
	wire_call call = call_of("/a");
	assert_int_equal(forward_start(p.f, &call, NULL, &asked), HUB_OK);
	assert_true(wait_for(&p.woken));
	w = forward_next(p.f, &tag);
	assert_int_equal(forward_reply(w, &reply), HUB_RANGE);
	forward_free(w);
	pair_close(&p);
}

static void a_silent_core_ends_in_again(void **state)
{
	(void)state;
	pair p;
	forward *w, *asked;
	void *tag;
	const wire_reply *reply;
	pair_open(&p, 1000);
	wire_call call = call_of("/silent");
	assert_int_equal(forward_start(p.f, &call, NULL, &asked), HUB_OK);
	assert_true(wait_for(&p.woken));
	w = forward_next(p.f, &tag);
	assert_int_equal(forward_reply(w, &reply), HUB_AGAIN);
	forward_free(w);
	pair_close(&p);
}

static void a_dropped_call_is_not_handed_back(void **state)
{
	(void)state;
	pair p;
	forward *first, *second, *w;
	void *tag;
	pair_open(&p, 1000);
	wire_call call = call_of("/a");
	assert_int_equal(forward_start(p.f, &call, NULL, &first), HUB_OK);
	forward_drop(first);
	assert_int_equal(forward_start(p.f, &call, &p, &second), HUB_OK);
	do
		assert_true(wait_for(&p.woken));
	while (!(w = forward_next(p.f, &tag)));
	assert_ptr_equal(w, second);
	forward_free(w);
	pair_close(&p);
}

static void without_a_core_nothing_is_sent(void **state)
{
	(void)state;
	pair p;
	forward *w;
	pair_open(&p, 1000);
	wire_answerer_close(p.core);
	p.core = NULL;
	for (int i = 0; i < 1000 && forwarder_connected(p.f); i++)
		usleep(5000);
	wire_call call = call_of("/a");
	assert_int_equal(forward_start(p.f, &call, NULL, &w), HUB_AGAIN);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_joined),
		cmocka_unit_test(a_long_answer_is_cut_off),
		cmocka_unit_test(a_silent_core_ends_in_again),
		cmocka_unit_test(a_dropped_call_is_not_handed_back),
		cmocka_unit_test(without_a_core_nothing_is_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

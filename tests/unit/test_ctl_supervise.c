#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/lock.h"
#include "ctl/supervise.h"

enum { SECOND = 1000000, UNITS = 4 };

/* What the supervisor's process shows to the test's. */
typedef struct shown {
	unit units[UNITS];
	size_t count;
	int ready; /* 0: not told; 1: OK; 2: failed */
	char order[256]; /* names in the order in which they stopped */
} shown;

static void on_changed(void *user, const unit *units, size_t count)
{
	shown *s = user;
	for (size_t i = 0; i < count; i++)
		if (units[i].state == UNIT_STOPPED && s->units[i].state != UNIT_STOPPED) {
			strcat(s->order, units[i].name);
			strcat(s->order, " ");
		}
	memcpy(s->units, units, count * sizeof *units);
	s->count = count;
}

static void on_ready(void *user, hub_status st, const unit *which)
{
	(void)which;
	((shown *)user)->ready = st == HUB_OK ? 1 : 2;
}

static int setup(void **state)
{
	*state = mmap(NULL, sizeof(shown), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return *state == MAP_FAILED;
}

static int teardown(void **state)
{
	return munmap(*state, sizeof(shown));
}

/* A service that runs until told, one that has a child of its own, … */
static const char *const sleeper[] = { "/bin/sleep", "1000", NULL };
static const char *const parent[] = { "/bin/sh", "-c", "sleep 1000 & wait", NULL };
static const char *const daemonizing[] = { "/bin/sh", "-c", "setsid sleep 1000 & exec sleep 1000", NULL };
static const char *const deaf[] = { "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done", NULL };
static const char *const good[] = { "/bin/true", NULL };
static const char *const bad[] = { "/bin/false", NULL };
static const char *const absent[] = { "/nonexistent/program", NULL };

static unit unit_of(const char *name, unit_kind kind, const char *const *argv)
{
	return (unit){ .name = name, .kind = kind, .stop_signal = SIGTERM, .stop_timeout = SECOND / 2,
		       .process = { .argv = argv, .death_signal = SIGKILL, .output = -1 } };
}

static pid_t start(shown *s, const unit *units, size_t count)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	unit own[UNITS];
	memcpy(own, units, count * sizeof *units);
	const supervisor_events events = { on_changed, on_ready, s };
	if (!freopen("/dev/null", "w", stderr))
		_exit(9);
	_exit(supervise(own, count, &events) == HUB_OK ? 0 : 1);
}

#define WAIT_FOR(condition) \
	do { \
		int64_t until_ = clock_monotonic() + 20 * SECOND; \
		while (!(condition) && clock_monotonic() < until_) \
			usleep(2000); \
		assert_true(condition); \
	} while (0)

static int ended(pid_t pid)
{
	int status = -1;
	assert_true(process_wait(pid, 20 * SECOND, &status));
	return status;
}

/* Our children and those that fell to us: none may be left. */
static bool any_left(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return waitpid(-1, NULL, WNOHANG) == 0;
}

static void a_killed_service_starts_again(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("a", UNIT_SERVICE, sleeper), unit_of("b", UNIT_SERVICE, parent) };
	pid_t hub = start(s, units, 2);
	WAIT_FOR(s->units[0].state == UNIT_RUNNING && s->units[1].state == UNIT_RUNNING);
	for (unsigned i = 0; i < 2; i++) {
		pid_t was = s->units[i].pid;
		kill(was, SIGKILL);
		WAIT_FOR(s->units[i].state == UNIT_RUNNING && s->units[i].pid != was);
		assert_int_equal(s->units[i].restarts, 1);
		assert_string_equal(s->units[i].last, "signal 9 (Killed)");
	}
	kill(hub, SIGTERM);
	assert_int_equal(ended(hub), 0);
	assert_false(any_left());
}

static void stopping_goes_from_the_last_to_the_first(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("a", UNIT_SERVICE, sleeper), unit_of("b", UNIT_SERVICE, daemonizing),
			       unit_of("c", UNIT_SERVICE, sleeper) };
	pid_t hub = start(s, units, 3);
	WAIT_FOR(s->count == 3 && s->units[2].state == UNIT_RUNNING);
	kill(hub, SIGINT);
	assert_int_equal(ended(hub), 0);
	assert_string_equal(s->order, "c b a ");
	assert_false(any_left());
}

static void a_service_that_is_deaf_is_killed(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("deaf", UNIT_SERVICE, deaf) };
	pid_t hub = start(s, units, 1);
	WAIT_FOR(s->units[0].state == UNIT_RUNNING);
	usleep(200000);
	kill(hub, SIGTERM);
	assert_int_equal(ended(hub), 0);
	assert_string_equal(s->units[0].last, "signal 9 (Killed)");
	assert_false(any_left());
}

static void a_killed_supervisor_leaves_nobody(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("a", UNIT_SERVICE, sleeper), unit_of("b", UNIT_SERVICE, sleeper) };
	pid_t hub = start(s, units, 2);
	WAIT_FOR(s->count == 2 && s->units[1].state == UNIT_RUNNING);
	kill(s->units[0].pid, SIGSTOP); /* not even one that does not run */
	kill(hub, SIGKILL);
	assert_int_equal(ended(hub), SIGKILL);
	WAIT_FOR(!any_left());
}

static void steps_hold_back_what_follows_and_checks_make_it_ready(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("step", UNIT_STEP, good), unit_of("a", UNIT_SERVICE, sleeper),
			       unit_of("check", UNIT_CHECK, good) };
	pid_t hub = start(s, units, 3);
	WAIT_FOR(s->ready == 1);
	assert_int_equal(s->units[0].state, UNIT_DONE);
	assert_int_equal(s->units[1].state, UNIT_RUNNING);
	kill(hub, SIGTERM);
	assert_int_equal(ended(hub), 0);
}

static void a_failed_step_ends_everything(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("a", UNIT_SERVICE, sleeper), unit_of("step", UNIT_STEP, bad),
			       unit_of("b", UNIT_SERVICE, sleeper) };
	pid_t hub = start(s, units, 3);
	assert_int_equal(WEXITSTATUS(ended(hub)), 1);
	assert_int_equal(s->ready, 2);
	assert_int_equal(s->units[2].restarts, 0);
	assert_string_equal(s->units[2].last, "");
	assert_false(any_left());
}

static void a_failed_check_is_told_and_the_rest_goes_on(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("a", UNIT_SERVICE, sleeper), unit_of("check", UNIT_CHECK, bad) };
	pid_t hub = start(s, units, 2);
	WAIT_FOR(s->ready == 2);
	assert_int_equal(s->units[0].state, UNIT_RUNNING);
	kill(hub, SIGTERM);
	assert_int_equal(ended(hub), 0);
}

static void a_missing_program_is_tried_again(void **state)
{
	shown *s = *state;
	const unit units[] = { unit_of("gone", UNIT_SERVICE, absent), unit_of("a", UNIT_SERVICE, sleeper) };
	pid_t hub = start(s, units, 2);
	WAIT_FOR(s->units[0].state == UNIT_BACKOFF && s->units[1].state == UNIT_RUNNING);
	assert_string_equal(s->units[0].last, "not started");
	kill(hub, SIGTERM);
	assert_int_equal(ended(hub), 0);
}

static void the_back_off_doubles_up_to_ten_seconds(void **state)
{
	(void)state;
	int64_t delay = 0;
	static const int64_t expected[] = { 100000, 200000, 400000, 800000, 1600000, 3200000, 6400000, 10000000, 10000000 };
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		delay = backoff_next(delay, 50000);
		assert_int_equal(delay, expected[i]);
	}
	assert_int_equal(backoff_next(delay, 9 * SECOND), BACKOFF_MAX);
	assert_int_equal(backoff_next(delay, 10 * SECOND), BACKOFF_FIRST);
}

static void a_lock_names_its_owner_and_dies_with_it(void **state)
{
	(void)state;
	char path[] = "/tmp/hub-lock-XXXXXX";
	int fd = mkstemp(path), held = -1;
	pid_t owner = 0;
	hub_fault fault;
	close(fd);
	assert_int_equal(lock_owner(path), 0);
	pid_t other = fork();
	if (!other) {
		_exit(lock_take(path, &held, &owner, &fault) == HUB_OK ? pause() : 1);
	}
	WAIT_FOR(lock_owner(path) == other);
	assert_int_equal(lock_take(path, &held, &owner, &fault), HUB_CONFLICT);
	assert_int_equal(owner, other);
	assert_string_equal(fault.code, "hub.running");
	kill(other, SIGKILL);
	ended(other);
	assert_int_equal(lock_take(path, &held, &owner, &fault), HUB_OK);
	lock_drop(path, held);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_program_that_cannot_start_says_why(void **state)
{
	(void)state;
	hub_fault fault = { 0 };
	pid_t pid = 0;
	process_spec s = { .argv = absent, .death_signal = SIGKILL, .output = -1 };
	assert_int_equal(process_start(&s, &pid, &fault), HUB_MISSING);
	assert_string_equal(fault.code, "process.missing");
	s = (process_spec){ .argv = good, .directory = "/nonexistent", .death_signal = SIGKILL, .output = -1 };
	assert_int_equal(process_start(&s, &pid, &fault), HUB_FAILED);
	assert_int_equal(pid, 0);
	assert_non_null(strstr(fault.message, "No such file"));
}

static void a_child_sees_no_descriptor_and_little_environment(void **state)
{
	(void)state;
	static const char *const look[] = { "/bin/sh", "-c", "ls /proc/self/fd | wc -l; env | cut -d= -f1 | sort | tr '\\n' ' '",
					    NULL };
	char text[400] = "";
	int out[2], leak = dup(0);
	hub_fault fault;
	assert_int_equal(pipe(out), 0);
	setenv("SECRET", "x", 1);
	setenv("HUB_TEST", "y", 1);
	process_spec s = { .argv = look, .death_signal = SIGKILL, .output = out[1] };
	assert_int_equal(process_run(&s, &fault), 0);
	close(out[1]);
	assert_true(read(out[0], text, sizeof text - 1) > 0);
	close(out[0]);
	close(leak);
	/* 0, 1, 2 and the one ls opens. */
	assert_int_equal(atoi(text), 4);
	assert_null(strstr(text, "SECRET"));
	assert_non_null(strstr(text, "HUB_TEST"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_killed_service_starts_again, setup, teardown),
		cmocka_unit_test_setup_teardown(stopping_goes_from_the_last_to_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_service_that_is_deaf_is_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_supervisor_leaves_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(steps_hold_back_what_follows_and_checks_make_it_ready, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_step_ends_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_check_is_told_and_the_rest_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_program_is_tried_again, setup, teardown),
		cmocka_unit_test(the_back_off_doubles_up_to_ten_seconds),
		cmocka_unit_test(a_lock_names_its_owner_and_dies_with_it),
		cmocka_unit_test(a_program_that_cannot_start_says_why),
		cmocka_unit_test(a_child_sees_no_descriptor_and_little_environment),
	};
	return cmocka_run_group_tests_name("ctl_supervise", tests, NULL, NULL);
}

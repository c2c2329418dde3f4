/* The real daemon whose children loop, crash and are killed, and which is killed itself: what it promised is kept. */
#include "adapterd_line.h"

static void what_the_sandbox_forbids_ends_the_child(void **state)
{
	(void)state;
#ifdef HUB_SANITIZED
	skip();
#endif
	static const char *const words[] = { "open\n", "socket\n", "fork\n" };
	serve("committed", "");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		int fd = dial();
		say(fd, words[i]);
		char byte;
		assert_true(read(fd, &byte, 1) <= 0);
		close(fd);
		int64_t end = clock_monotonic() + PATIENCE;
		while (number("east", "restarts") < (int64_t)i + 1 && clock_monotonic() < end)
			usleep(10000);
		json_t *s = zone_state(&z, "east");
		assert_non_null(strstr(json_string_value(json_object_get(s, "last_error")), "sandbox"));
		json_decref(s);
		assert_true(zone_wait_phase(&z, "east", "ready"));
	}
}

static void a_child_that_loops_is_ended(void **state)
{
	(void)state;
	z.patience = "4s";
	zone_daemon_kill(&z, SIGTERM);
	zone_daemon_start(&z);
	serve("committed", "");
	int fd = dial();
	say(fd, "loop\n");
	char byte;
	assert_true(read(fd, &byte, 1) <= 0);
	close(fd);
	int64_t end = clock_monotonic() + 3 * PATIENCE;
	while (number("east", "restarts") < 1 && clock_monotonic() < end)
		usleep(10000);
	json_t *s = zone_state(&z, "east");
	assert_non_null(strstr(json_string_value(json_object_get(s, "last_error")), "sign of life"));
	json_decref(s);
	assert_true(zone_wait_phase(&z, "east", "ready"));
	/* One that has nothing to do is left alone. */
	usleep(6000000);
	assert_int_equal(number("east", "restarts"), 1);
}

/* Or an adapter would wait as long as the clock was set back. */
static void a_child_begins_anew_when_the_clock_is_set_back(void **state)
{
	(void)state;
	char path[128];
	int64_t shift = 0;
	snprintf(path, sizeof path, "%s/clock", z.dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_true(write(fd, &shift, sizeof shift) == sizeof shift);
	setenv("HUB_CLOCK_SHIFT", path, 1);
	zone_daemon_kill(&z, SIGTERM);
	zone_daemon_start(&z);
	unsetenv("HUB_CLOCK_SHIFT");
	serve("committed", "");
	static const int64_t hours[] = { 2, 1, 0 };
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
		shift = hours[i] * 3600000000;
		assert_true(pwrite(fd, &shift, sizeof shift, 0) == sizeof shift);
		int64_t end = clock_monotonic() + PATIENCE;
		while (number("east", "restarts") < (int64_t)i && clock_monotonic() < end)
			usleep(10000);
		assert_int_equal(number("east", "restarts"), i);
		assert_true(zone_wait_phase(&z, "east", "ready"));
		int line = dial();
		say(line, "m1 1\nack\n");
		assert_true(zone_expect(line, "stored\n"));
		close(line);
	}
	close(fd);
}

static void a_crashed_child_comes_back_with_counters_and_tables(void **state)
{
	(void)state;
	static const char meters[] = "{\"m1\":\"house 1\",\"m2\":{\"ct\":200}}", fewer[] = "{\"m2\":\"x\"}";
	serve("committed", "");
	assert_int_equal(zone_order(&z, "table", "meters", meters, strlen(meters)), HUB_OK);
	int fd = dial();
	say(fd, "count\ncount\n");
	assert_true(zone_expect(fd, "2\n"));
	say(fd, "m1 1\nack\n");
	assert_true(zone_expect(fd, "stored\n"));
	say(fd, "crash\n");
	assert_false(zone_expect(fd, "never"));
	close(fd);
	assert_true(zone_wait_phase(&z, "east", "ready"));
	fd = dial();
	say(fd, "count\n");
	assert_true(zone_expect(fd, "3\n"));
	say(fd, "lookup m1\nlookup m2\n");
	assert_true(zone_expect(fd, "house 1\n{\"ct\":200}\n"));
	assert_int_equal(zone_order(&z, "table", "meters", fewer, strlen(fewer)), HUB_OK);
	say(fd, "lookup m1\nlookup m2\n");
	assert_true(zone_expect(fd, "\nx\n"));
	close(fd);
	zone_daemon_kill(&z, SIGKILL);
	zone_daemon_start(&z); /* all of it from its own disk, before any order */
	fd = dial();
	say(fd, "count\nlookup m2\n");
	assert_true(zone_expect(fd, "4\nx\n"));
	close(fd);
}

static void kill_child(void)
{
	int64_t pid = number("east", "pid");
	if (pid > 1)
		kill((pid_t)pid, SIGKILL);
}

static void kill_parent(void)
{
	zone_daemon_kill(&z, SIGKILL);
	zone_daemon_start(&z);
}

static void kill_core(void)
{
	zone_core_stop(&z);
	zone_core_start(&z);
}

/* Every promised value is with the core; nothing comes twice that was sent once. */
static void kills_lose_nothing_promised(void **state)
{
	(void)state;
	static void (*const kills[])(void) = { kill_child, kill_parent, kill_core };
	serve("journalled", "");
	srand(11);
	size_t sent = 0, promised = 0;
	for (size_t round = 0; round < 12; round++) {
		int fd = dial();
		size_t burst = 200 + (size_t)(rand() % 400), before = sent;
		bool alive = true;
		for (size_t i = 0; i < burst && alive; i++) {
			alive = send(fd, "m1 1\n", 5, MSG_NOSIGNAL) == 5;
			sent += alive;
		}
		if (alive && send(fd, "ack\n", 4, MSG_NOSIGNAL) == 4 && (round % 2 || zone_expect(fd, "stored\n")))
			promised += round % 2 ? 0 : sent - before;
		kills[round % 3]();
		close(fd);
	}
	int fd = dial();
	say(fd, "m1 1\nack\n");
	assert_true(zone_expect(fd, "stored\n"));
	sent++;
	promised++;
	assert_true(zone_wait_readings(&z, "east", promised, PATIENCE));
	usleep(300000);
	zone_source s = zone_source_of(&z, "east");
	assert_true(s.readings >= promised && s.readings <= sent);
	assert_int_equal(s.gaps, 0);
	assert_int_equal(s.faults, 0);
	close(fd);
}

static void it_ends_cleanly(void **state)
{
	(void)state;
	serve("committed", "");
	pid_t child = (pid_t)number("east", "pid");
	assert_int_equal(kill(child, 0), 0);
	kill(z.pid, SIGHUP);
	usleep(50000);
	assert_true(zone_wait_phase(&z, "east", "ready"));
	zone_daemon_kill(&z, SIGTERM);
	assert_int_equal(kill(child, 0), -1);
	char path[128];
	snprintf(path, sizeof path, "%s/run/adapterd.intake", z.dir);
	assert_int_equal(access(path, F_OK), -1);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "core") == 0)
		return zone_core_main(argv + 2);
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_the_sandbox_forbids_ends_the_child, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crashed_child_comes_back_with_counters_and_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_that_loops_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(a_child_begins_anew_when_the_clock_is_set_back, setup, teardown),
		cmocka_unit_test_setup_teardown(kills_lose_nothing_promised, setup, teardown),
		cmocka_unit_test_setup_teardown(it_ends_cleanly, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

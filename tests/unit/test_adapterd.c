/* The real daemon, its confined children and its wires; the adapter obeys words (tests/module/line.c). */
#include "adapterd_line.h"

static void readings_reach_the_core_and_answers_the_peer(void **state)
{
	(void)state;
	serve("committed", "");
	int fd = dial();
	say(fd, "m1 5\nbad\nm2 7\nack\n");
	assert_true(zone_expect(fd, "stored\nmark 1"));
	zone_source s = zone_source_of(&z, "east");
	assert_int_equal(s.readings, 2);
	assert_int_equal(s.faults, 1);
	assert_int_equal(s.sum, 12);
	assert_int_equal(number("east", "records"), 3);
	assert_int_equal(number("east", "rejected"), 1);
	assert_int_equal(number("east", "sessions"), 1);
	say(fd, "m1 1");
	shutdown(fd, SHUT_WR); /* the end of a document ends its last line */
	assert_true(zone_wait_readings(&z, "east", 3, PATIENCE));
	char rest[8]; /* the line's end may still come, then nothing */
	ssize_t n = read(fd, rest, sizeof rest);
	assert_true(n == 0 || (n == 1 && read(fd, rest, sizeof rest) == 0));
	close(fd);
}

static void the_promise_decides_when_the_answer_comes(void **state)
{
	(void)state;
	zone_core_stop(&z);
	serve("journalled", "");
	int fd = dial();
	say(fd, "m1 1\nack\n");
	assert_true(zone_expect(fd, "stored\n")); /* without any core */
	close(fd);
	serve("committed", ",\"note\":1");
	fd = dial();
	say(fd, "m1 2\nack\n");
	struct timeval brief = { 0, 300000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
	char byte;
	assert_int_equal(read(fd, &byte, 1), -1);
	zone_core_start(&z);
	assert_true(zone_expect(fd, "stored\n"));
	close(fd);
	assert_int_equal(zone_source_of(&z, "east").sum, 3);
}

static void commands_reach_the_session_of_their_meter(void **state)
{
	(void)state;
	serve("committed", "");
	hub_command c = { .id = "c1", .kind = "switch", .meter = "m1", .channel = "" };
	buf packed = { 0 };
	command_pack(&packed, &c);
	assert_int_equal(zone_order(&z, "command", "east", packed.bytes, packed.len), HUB_MISSING);
	int fd = dial();
	say(fd, "wake\n");
	assert_true(zone_expect(fd, "woken\n")); /* the session is open, and its timer works */
	assert_int_equal(zone_order(&z, "command", "east", packed.bytes, packed.len), HUB_OK);
	assert_true(zone_expect(fd, "switch"));
	assert_int_equal(zone_order(&z, "command", "west", packed.bytes, packed.len), HUB_MISSING);
	int64_t end = clock_monotonic() + PATIENCE;
	while (!zone_source_of(&z, "east").results && clock_monotonic() < end)
		usleep(2000);
	assert_int_equal(zone_source_of(&z, "east").results, 1);
	close(fd);
	buf_fini(&packed);
}

static void bad_orders_are_refused_and_change_nothing(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{", "[]", "{\"instances\":{}}", "{\"instances\":[{\"name\":\"../x\",\"adapter\":\"line\"}]}",
		"{\"instances\":[{\"name\":\"a\"}]}", "{\"instances\":[{\"name\":\"a\",\"adapter\":\"line\"}]}",
		"{\"instances\":[{\"name\":\"a\",\"adapter\":\"line\",\"transport\":{\"kind\":\"carrier\"}}]}",
		"{\"instances\":[{\"name\":\"a\",\"adapter\":\"line\",\"transport\":{\"kind\":\"tcp_client\",\"dial\":[]}}]}",
		"{\"instances\":[{\"name\":\"a\",\"adapter\":\"line\",\"promise\":\"maybe\",\"transport\":"
		"{\"kind\":\"directory\",\"path\":\"/\"}}]}",
	};
	serve("committed", "");
	int64_t pid = number("east", "pid");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(zone_configure(&z, bad[i]), HUB_REJECT);
	assert_int_equal(zone_order(&z, "table", "../x", "{}", 2), HUB_REJECT);
	assert_int_equal(zone_order(&z, "table", "meters", "[]", 2), HUB_REJECT);
	assert_int_equal(zone_order(&z, "dance", "", NULL, 0), HUB_REJECT);
	serve("committed", ""); /* the same again disturbs nobody */
	assert_int_equal(number("east", "pid"), pid);
}

static void a_refusing_core_stops_the_instance(void **state)
{
	(void)state;
	serve("committed", "");
	z.store->answer = HUB_DENIED;
	int fd = dial();
	say(fd, "m1 1\n");
	assert_true(zone_wait_phase(&z, "east", "stopped"));
	assert_int_equal(zone_connect(port), -1);
	close(fd);
	z.store->answer = HUB_OK;
	serve("committed", ""); /* configured again it goes on, with what it had */
	assert_true(zone_wait_readings(&z, "east", 1, PATIENCE));
	z.store->answer = HUB_AGAIN;
	fd = dial();
	say(fd, "m1 2\n");
	usleep(300000);
	assert_true(zone_wait_phase(&z, "east", "ready"));
	z.store->answer = HUB_OK;
	assert_true(zone_wait_readings(&z, "east", 2, PATIENCE));
	close(fd);
}

static void a_removed_instance_still_empties_its_journal(void **state)
{
	(void)state;
	zone_core_stop(&z);
	serve("journalled", "");
	int fd = dial();
	say(fd, "m1 1\nm1 2\nack\n");
	assert_true(zone_expect(fd, "stored\n"));
	close(fd);
	assert_int_equal(zone_configure(&z, "{\"version\":2,\"instances\":[]}"), HUB_OK);
	assert_true(zone_wait_phase(&z, "east", "draining"));
	assert_int_equal(zone_connect(port), -1);
	zone_daemon_kill(&z, SIGKILL);
	zone_daemon_start(&z);
	assert_true(zone_wait_phase(&z, "east", "draining"));
	zone_core_start(&z);
	assert_true(zone_wait_phase(&z, "east", "gone"));
	assert_int_equal(zone_source_of(&z, "east").sum, 3);
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s/%s", z.dir, folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool wait_file(const char *folder, const char *name)
{
	char path[256];
	struct stat st;
	snprintf(path, sizeof path, "%s/%s/%s", z.dir, folder, name);
	int64_t end = clock_monotonic() + PATIENCE;
	while (stat(path, &st) != 0 && clock_monotonic() < end)
		usleep(5000);
	return stat(path, &st) == 0;
}

static void files_go_to_done_once_committed(void **state)
{
	(void)state;
	char folder[128], transport[256], from[256], to[256];
	snprintf(folder, sizeof folder, "%s/in", z.dir);
	assert_int_equal(mkdir(folder, 0755), 0);
	write_file("in", "b.csv", "m1 10\nm1 20");
	write_file("in", "skip.txt", "m1 1000\n");
	snprintf(transport, sizeof transport, "{\"kind\":\"directory\",\"path\":\"%s\",\"pattern\":\"*.csv\","
		 "\"settle_ms\":100}", folder);
	zone_core_stop(&z);
	assert_int_equal(configure("files", "committed", transport, ""), HUB_OK);
	assert_true(zone_wait_phase(&z, "files", "ready"));
	usleep(400000);
	assert_true(wait_file("in", "b.csv")); /* read, but not committed */
	assert_int_equal(number("files", "records"), 2);
	zone_core_start(&z);
	assert_true(wait_file("in/done", "b.csv"));
	assert_int_equal(zone_source_of(&z, "files").sum, 30);
	write_file("in", "f.csv", "m1 1\nfail\n");
	assert_true(wait_file("in/failed", "f.csv"));
	write_file("in", "c.csv", "crash\n");
	assert_true(wait_file("in/failed", "c.csv")); /* after three children died over it */
	write_file(".", "moved", "m1 5\n");
	snprintf(from, sizeof from, "%s/moved", z.dir);
	snprintf(to, sizeof to, "%s/in/b.csv", z.dir);
	assert_true(zone_wait_phase(&z, "files", "ready"));
	assert_int_equal(rename(from, to), 0);
	assert_true(wait_file("in/done", "b.csv.1"));
	assert_int_equal(zone_source_of(&z, "files").sum, 36);
	assert_int_equal(zone_source_of(&z, "files").faults, 0);
}

static void a_device_is_dialled_and_dialled_again(void **state)
{
	(void)state;
	struct sockaddr_in at = { .sin_family = AF_INET };
	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	at.sin_port = htons((uint16_t)port);
	char transport[128];
	snprintf(transport, sizeof transport, "{\"kind\":\"tcp_client\",\"dial\":[\"127.0.0.1:%d\"]}", port);
	assert_int_equal(configure("dialer", "committed", transport, ""), HUB_OK);
	usleep(200000); /* nobody there yet */
	int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 5), 0);
	for (size_t i = 1; i <= 3; i++) {
		int fd = accept(listener, NULL, NULL);
		assert_true(fd >= 0);
		say(fd, "m1 4\n");
		assert_true(zone_wait_readings(&z, "dialer", i, PATIENCE));
		close(fd);
	}
	close(listener);
}

static void a_terminal_is_read_and_written(void **state)
{
	(void)state;
	int master, slave;
	char name[128], transport[256];
	assert_int_equal(openpty(&master, &slave, name, NULL, NULL), 0);
	snprintf(transport, sizeof transport, "{\"kind\":\"serial\",\"device\":\"%s\",\"baud\":2400,\"parity\":\"even\"}",
		 name);
	assert_int_equal(configure("wire", "committed", transport, ""), HUB_OK);
	assert_true(zone_wait_phase(&z, "wire", "ready"));
	usleep(100000);
	assert_int_equal(write(master, "m1 3\nack\n", 9), 9);
	assert_true(zone_expect(master, "stored\n"));
	struct termios t;
	assert_int_equal(tcgetattr(slave, &t), 0);
	assert_int_equal(cfgetospeed(&t), B2400);
	close(slave);
	close(master);
}

static void a_slow_core_holds_the_peer_back(void **state)
{
	(void)state;
	zone_core_stop(&z);
	serve("committed", ",\"journal\":{\"bytes\":1048576}");
	int fd = dial(), small = 64 * 1024; /* what the kernel queues is not what is tested */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	char lines[4000];
	size_t len = 0, sent = 0, wanted = 12000000;
	while (len + 5 <= sizeof lines) {
		memcpy(lines + len, "m1 1\n", 5);
		len += 5;
	}
	int64_t still = clock_monotonic();
	while (clock_monotonic() - still < 1000000 && sent < wanted) {
		size_t at = sent % len;
		ssize_t n = send(fd, lines + at, len - at, MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			still = clock_monotonic();
		} else {
			usleep(1000);
		}
	}
	assert_true(sent < wanted); /* it stopped reading */
	zone_core_start(&z);
	fcntl(fd, F_SETFL, 0);
	while (sent % 5) {
		ssize_t n = send(fd, lines + sent % 5, 5 - sent % 5, MSG_NOSIGNAL);
		assert_true(n > 0);
		sent += (size_t)n;
	}
	say(fd, "ack\n");
	assert_true(zone_wait_readings(&z, "east", sent / 5, 60000000));
	assert_int_equal(zone_source_of(&z, "east").sum, sent / 5);
	assert_true(zone_expect(fd, "stored\n"));
	close(fd);
}

/* usage: unit_adapterd bench RECORDS: child → journal → wire to a core that acknowledges at once. */
static int bench(size_t records)
{
	setup(NULL);
	z.store->unpack = false;
	serve("journalled", "");
	int fd = dial();
	char lines[36000];
	for (size_t i = 0; i < sizeof lines; i += 18)
		memcpy(lines + i, "000123456789 4711\n", 18);
	int64_t begin = clock_monotonic();
	for (size_t sent = 0; sent < records; sent += sizeof lines / 18)
		for (size_t at = 0; at < sizeof lines;) {
			ssize_t n = send(fd, lines + at, sizeof lines - at, MSG_NOSIGNAL);
			if (n <= 0)
				return 1;
			at += (size_t)n;
		}
	if (!zone_wait_readings(&z, "east", records, 120000000))
		return 1;
	double seconds = (double)(clock_monotonic() - begin) / 1e6;
	printf("{\"name\":\"adapterd\",\"value\":%.0f,\"unit\":\"records/s\",\"records\":%zu,\"batches\":%zu}\n",
	       (double)records / seconds, records, z.store->batches);
	close(fd);
	teardown(NULL);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "core") == 0)
		return zone_core_main(argv + 2);
	if (argc == 3 && strcmp(argv[1], "bench") == 0)
		return bench(strtoul(argv[2], NULL, 10));
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(readings_reach_the_core_and_answers_the_peer, setup, teardown),
		cmocka_unit_test_setup_teardown(the_promise_decides_when_the_answer_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_reach_the_session_of_their_meter, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_orders_are_refused_and_change_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusing_core_stops_the_instance, setup, teardown),
		cmocka_unit_test_setup_teardown(a_removed_instance_still_empties_its_journal, setup, teardown),
		cmocka_unit_test_setup_teardown(files_go_to_done_once_committed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_is_dialled_and_dialled_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_terminal_is_read_and_written, setup, teardown),
		cmocka_unit_test_setup_teardown(a_slow_core_holds_the_peer_back, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The daemon with one instance of the adapter that obeys words, for its tests. */
#ifndef TESTS_UNIT_ADAPTERD_LINE_H
#define TESTS_UNIT_ADAPTERD_LINE_H

#include "support/zone.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

enum { PATIENCE = 10000000 };

static zone z;
static int port;

static inline int setup(void **state)
{
	(void)state;
	zone_open(&z);
	port = zone_port();
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	zone_close(&z);
	return 0;
}

static inline hub_status configure(const char *name, const char *promise, const char *transport, const char *more)
{
	char json[1024];
	snprintf(json, sizeof json, "{\"version\":1,\"instances\":[{\"name\":\"%s\",\"adapter\":\"line\",\"options\":{},"
		 "\"promise\":\"%s\",\"transport\":%s%s}]}", name, promise, transport, more);
	return zone_configure(&z, json);
}

static inline void serve(const char *promise, const char *more)
{
	char transport[128];
	snprintf(transport, sizeof transport, "{\"kind\":\"tcp_server\",\"listen\":\"127.0.0.1:%d\"}", port);
	assert_int_equal(configure("east", promise, transport, more), HUB_OK);
	assert_true(zone_wait_phase(&z, "east", "ready"));
}

static inline int dial(void)
{
	int64_t end = clock_monotonic() + PATIENCE;
	int fd = -1;
	while ((fd = zone_connect(port)) < 0 && clock_monotonic() < end)
		usleep(5000);
	assert_true(fd >= 0);
	return fd;
}

static inline void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline int64_t number(const char *instance, const char *key)
{
	json_t *state = zone_state(&z, instance);
	int64_t n = json_integer_value(json_object_get(state, key));
	json_decref(state);
	return n;
}

#endif

#include "base/log.h"

#include "base/clock.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What log_line writes on standard error. */
static const char *line_of(log_level level, const trace_id *trace, const char *text)
{
	static char out[8192];
	int ends[2], kept = dup(STDERR_FILENO);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	log_line(level, trace, "%s", text);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	ssize_t n = read(ends[0], out, sizeof out - 1);
	close(ends[0]);
	out[n > 0 ? n : 0] = 0;
	return out;
}

static void a_line_is_time_level_process_text(void **state)
{
	(void)state;
	hub_time when;
	log_setup("hubd", LOG_INFO);
	const char *line = line_of(LOG_WARN, NULL, "meter '0001': 水");
	const char *space = strchr(line, ' ');
	assert_true(clock_parse(line, (size_t)(space - line), &when));
	assert_true(when <= clock_now());
	assert_string_equal(space, " warn hubd meter '0001': 水\n");
}

static void a_trace_is_shown(void **state)
{
	(void)state;
	trace_id t;
	assert_int_equal(trace_parse("4bf92f3577b34da6a3ce929d0e0e4736", &t), 0);
	const char *line = line_of(LOG_ERROR, &t, "x");
	assert_non_null(strstr(line, " error hubd trace=4bf92f3577b34da6a3ce929d0e0e4736 x\n"));
}

static void levels_below_the_threshold_are_dropped(void **state)
{
	(void)state;
	log_level_set(LOG_WARN);
	assert_string_equal(line_of(LOG_INFO, NULL, "x"), "");
	log_level_set(LOG_DEBUG);
	assert_non_null(strstr(line_of(LOG_DEBUG, NULL, "x"), " debug hubd x\n"));
}

static void a_line_stays_one_line(void **state)
{
	(void)state;
	char flood[3000];
	assert_non_null(strstr(line_of(LOG_ERROR, NULL, "a\nb\x7f\x1b"), " a\\x0ab\\x7f\\x1b\n"));
	memset(flood, '\n', sizeof flood - 1);
	flood[sizeof flood - 1] = 0;
	const char *line = line_of(LOG_ERROR, NULL, flood);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void traces_are_random_and_read_back(void **state)
{
	(void)state;
	trace_id a = trace_new(), b = trace_new(), back;
	char text[TRACE_TEXT];
	assert_memory_not_equal(&a, &b, sizeof a);
	assert_int_equal(trace_parse(trace_text(&a, text), &back), 0);
	assert_memory_equal(&a, &back, sizeof a);
	assert_int_equal(trace_parse("4bf92f3577b34da6a3ce929d0e0e473", &back), -1);
	assert_int_equal(trace_parse("4bf92f3577b34da6a3ce929d0e0e47360", &back), -1);
	assert_int_equal(trace_parse("4BF92F3577B34DA6A3CE929D0E0E4736", &back), -1);
	assert_int_equal(trace_parse("", &back), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_time_level_process_text),	  cmocka_unit_test(a_trace_is_shown),
		cmocka_unit_test(levels_below_the_threshold_are_dropped), cmocka_unit_test(a_line_stays_one_line),
		cmocka_unit_test(traces_are_random_and_read_back),
	};
	return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}

#include "base/option.h"

#include "base/fail.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const option table[] = {
	{ "data", OPTION_PATH, NULL, 0, 0, false, "the folder of everything" },
	{ "name", OPTION_TEXT, "zone", 0, 0, true, "this daemon's name" },
	{ "workers", OPTION_INT, "4", 1, 64, true, "threads that work" },
	{ "journal_size", OPTION_SIZE, "64M", 1024, 0, false, "bytes the journal may take" },
	{ "patience", OPTION_DURATION, "2min", 0, 3600000000, true, "how long to wait" },
	{ "plain", OPTION_BOOL, "false", 0, 0, true, "listen without TLS" },
	{ NULL },
};

typedef struct result {
	hub_status st;
	int rest;
	options *o;
	hub_fault fault;
} result;

#define PARSE(file, ...) parse(file, (const char *[]) { "hubd", __VA_ARGS__, NULL })

static result parse(const char *file, const char **argv)
{
	result r = { .rest = -1 };
	int argc = 0;
	while (argv[argc])
		argc++;
	r.st = options_parse(table, file, argc, (char **)argv, &r.rest, &r.o, &r.fault);
	return r;
}

static char path[64];

static const char *file_of(const char *text)
{
	snprintf(path, sizeof path, "/tmp/option-%d.conf", (int)getpid());
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void defaults_hold(void **state)
{
	(void)state;
	result r = PARSE(NULL, "--data", "/d", "rest");
	assert_int_equal(r.st, HUB_OK);
	assert_int_equal(r.rest, 3);
	assert_string_equal(option_text(r.o, "data"), "/d");
	assert_string_equal(option_text(r.o, "name"), "zone");
	assert_int_equal(option_int(r.o, "workers"), 4);
	assert_int_equal(option_int(r.o, "journal_size"), 64 << 20);
	assert_int_equal(option_int(r.o, "patience"), 120000000);
	assert_false(option_bool(r.o, "plain"));
	options_free(r.o);
	options_free(NULL);
}

static void the_command_line_wins_over_the_file(void **state)
{
	(void)state;
	const char *file =
	    file_of("data = \"/file\";\nworkers = 8;\nplain = true;\npatience = \"500ms\";\nname=\"f\";");
	result r = PARSE(file, "--workers=16", "--plain=false", "--", "--name");
	assert_int_equal(r.st, HUB_OK);
	assert_int_equal(r.rest, 4);
	assert_string_equal(option_text(r.o, "data"), "/file");
	assert_string_equal(option_text(r.o, "name"), "f");
	assert_int_equal(option_int(r.o, "workers"), 16);
	assert_int_equal(option_int(r.o, "patience"), 500000);
	assert_false(option_bool(r.o, "plain"));
	options_free(r.o);
	r = PARSE("/nonexistent", "--config", file, "--journal-size", "1G", "--plain", "x");
	assert_int_equal(r.st, HUB_OK);
	assert_int_equal(r.rest, 6);
	assert_int_equal(option_int(r.o, "workers"), 8);
	assert_int_equal(option_int(r.o, "journal_size"), 1 << 30);
	assert_true(option_bool(r.o, "plain"));
	options_free(r.o);
}

static void assert_fault(result r, const char *code, const char *field)
{
	assert_int_equal(r.st, HUB_REJECT);
	assert_null(r.o);
	assert_string_equal(r.fault.code, code);
	assert_string_equal(r.fault.field, field);
	assert_true(strlen(r.fault.message) > 15);
}

static void faults_name_option_rule_and_remedy(void **state)
{
	(void)state;
	assert_fault(PARSE(NULL, "x"), "option.missing", "data");
	assert_fault(PARSE(NULL, "--data"), "option.value", "");
	assert_fault(PARSE(NULL, "--date", "/d"), "option.unknown", "");
	assert_fault(PARSE(NULL, "--data=/d", "--workers", "four"), "option.value", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers="), "option.value", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers=4k"), "option.value", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers=0"), "option.range", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers=65"), "option.range", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers=-1"), "option.range", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--workers=9223372036854775808"), "option.range", "workers");
	assert_fault(PARSE(NULL, "--data=/d", "--journal_size=9999999999999G"), "option.range", "journal_size");
	assert_fault(PARSE(NULL, "--data=/d", "--journal_size=1 k"), "option.value", "journal_size");
	assert_fault(PARSE(NULL, "--data=/d", "--patience=30"), "option.value", "patience");
	assert_fault(PARSE(NULL, "--data=/d", "--patience=2h"), "option.range", "patience");
	assert_fault(PARSE(NULL, "--data=/d", "--patience=-1s"), "option.range", "patience");
	assert_fault(PARSE(NULL, "--data=/d", "--plain=yes"), "option.value", "plain");
	assert_fault(PARSE("/nonexistent", "--data=/d"), "option.file", "config");
	assert_fault(PARSE(file_of("data = /d;"), "x"), "option.file", "config");
	assert_fault(PARSE(file_of("data = \"/d\";\ndata = \"/e\";"), "x"), "option.file", "config");
	assert_fault(PARSE(file_of("data = \"/d\"; colour = 3;"), "x"), "option.unknown", "");
	assert_fault(PARSE(file_of("data = { x = 1; };"), "x"), "option.value", "data");
	assert_fault(PARSE(file_of("data = \"/d\"; workers = 1.5;"), "x"), "option.value", "workers");
	result r = PARSE(NULL, "--data=/d", "--patience=0", "--journal_size=1024");
	assert_int_equal(r.st, HUB_OK);
	assert_int_equal(option_int(r.o, "patience"), 0);
	options_free(r.o);
}

static void reload_keeps_what_needs_a_restart(void **state)
{
	(void)state;
	const char *file = file_of("data = \"/d\"; workers = 8; journal_size = \"1M\";");
	result r = PARSE(file, "--patience=1s");
	options *next = NULL;
	hub_fault fault = { 0 };
	assert_int_equal(r.st, HUB_OK);
	file_of("data = \"/d\"; workers = 9; journal_size = \"1024k\"; patience = \"5s\";");
	assert_int_equal(options_reload(r.o, &next, &fault), HUB_OK);
	assert_int_equal(option_int(next, "workers"), 9);
	assert_int_equal(option_int(next, "patience"), 1000000);
	options_free(next);
	file_of("data = \"/elsewhere\"; workers = 10; journal_size = \"1M\";");
	assert_int_equal(options_reload(r.o, &next, &fault), HUB_CONFLICT);
	assert_string_equal(fault.code, "option.restart");
	assert_string_equal(fault.field, "data");
	assert_int_equal(option_int(next, "workers"), 10);
	assert_string_equal(option_text(next, "data"), "/d");
	options *again = NULL;
	file_of("data = \"/d\"; workers = 11;  journal_size = \"1M\";");
	assert_int_equal(options_reload(next, &again, &fault), HUB_OK);
	options_free(next);
	assert_int_equal(option_int(again, "workers"), 11);
	options_free(again);
	file_of("workers = 0;");
	next = NULL;
	assert_int_equal(options_reload(r.o, &next, &fault), HUB_REJECT);
	assert_null(next);
	options_free(r.o);
}

static void what_is_shown_can_be_read_again(void **state)
{
	(void)state;
	result r = PARSE(file_of("name = \"a\\\"b\\\\c\"; workers = 7;"), "--data=/d e", "--plain");
	buf out = { 0 };
	assert_int_equal(r.st, HUB_OK);
	options_show(r.o, &out);
	const char *text = buf_cstr(&out);
	assert_non_null(strstr(text, "# threads that work\nworkers = 7; # file /tmp/option-"));
	assert_non_null(strstr(text, "data = \"/d e\"; # command line\n"));
	assert_non_null(strstr(text, "patience = \"2min\"; # default\n"));
	file_of(text);
	result back = PARSE(path, "x");
	assert_int_equal(back.st, HUB_OK);
	for (size_t i = 0; table[i].name; i++)
		if (table[i].type == OPTION_TEXT || table[i].type == OPTION_PATH)
			assert_string_equal(option_text(back.o, table[i].name), option_text(r.o, table[i].name));
		else if (table[i].type == OPTION_BOOL)
			assert_int_equal(option_bool(back.o, table[i].name), option_bool(r.o, table[i].name));
		else
			assert_int_equal(option_int(back.o, table[i].name), option_int(r.o, table[i].name));
	options_free(back.o);
	options_free(r.o);
	buf_fini(&out);
}

static void the_manual_tells_every_option(void **state)
{
	(void)state;
	buf out = { 0 };
	options_manual(table, &out);
	const char *text = buf_cstr(&out);
	assert_non_null(strstr(text, ".SH OPTIONS\n"));
	assert_non_null(strstr(text, ".BI \\-\\-journal\\-size \" SIZE\"\n\\&bytes the journal may take.\n"
				     "Default: \\&64M.\n"));
	assert_non_null(strstr(text, "the folder of everything.\nRequired.\n"));
	assert_non_null(strstr(text, "how long to wait.\nDefault: \\&2min.\nMay change while running.\n"));
	buf_fini(&out);
}

static const hub_option adapter[] = { { "device", NULL, "serial device" },
				      { "baud", "2400", "line speed" },
				      { NULL, NULL, NULL } };

static hub_status resolve(const hub_setting *given, size_t count, arena *a, hub_setting **ret, hub_fault *fault)
{
	*fault = (hub_fault) { 0 };
	return settings_resolve(adapter, given, count, a, ret, fault);
}

static void settings_come_in_the_tables_order(void **state)
{
	(void)state;
	arena a;
	hub_setting *got = NULL;
	hub_fault fault;
	arena_init(&a, 0);
	assert_int_equal(resolve((hub_setting[]) { { "device", "/dev/x" } }, 1, &a, &got, &fault), HUB_OK);
	assert_string_equal(got[0].key, "device");
	assert_string_equal(got[0].value, "/dev/x");
	assert_string_equal(got[1].key, "baud");
	assert_string_equal(got[1].value, "2400");
	assert_null(got[2].key);
	got = NULL;
	assert_int_equal(resolve(NULL, 0, &a, &got, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "option.missing");
	assert_string_equal(fault.field, "device");
	assert_int_equal(resolve((hub_setting[]) { { "port", "1" } }, 1, &a, &got, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "option.unknown");
	assert_int_equal(resolve((hub_setting[]) { { "baud", "1" }, { "baud", "2" } }, 2, &a, &got, &fault),
			 HUB_REJECT);
	assert_string_equal(fault.code, "option.twice");
	assert_null(got);
	arena_fini(&a);
}

static void lost_allocations_are_told(void **state)
{
	(void)state;
	file_of("name = \"f\"; workers = 3;");
	bool done = false;
	for (long k = 0; !done; k++) {
		fail_after(k);
		result r = PARSE(path, "--data=/d");
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(r.st, done ? HUB_OK : HUB_NOMEM);
		options_free(r.o);
	}
	done = false;
	for (long k = 0; !done; k++) {
		arena a;
		hub_setting *got = NULL;
		hub_fault fault;
		arena_init(&a, 0);
		fail_after(k);
		hub_status st = resolve((hub_setting[]) { { "device", "/dev/x" } }, 1, &a, &got, &fault);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		arena_fini(&a);
	}
}

static int file_remove(void **state)
{
	(void)state;
	return *path ? unlink(path) : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold),
		cmocka_unit_test(the_command_line_wins_over_the_file),
		cmocka_unit_test(faults_name_option_rule_and_remedy),
		cmocka_unit_test(reload_keeps_what_needs_a_restart),
		cmocka_unit_test(what_is_shown_can_be_read_again),
		cmocka_unit_test(the_manual_tells_every_option),
		cmocka_unit_test(settings_come_in_the_tables_order),
		cmocka_unit_test(lost_allocations_are_told),
	};
	return cmocka_run_group_tests_name("base_option", tests, NULL, file_remove);
}

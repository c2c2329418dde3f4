/* The central system's side of OCPP 1.6J: what a station is told, one call at a time, numbers that last. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

#include "ocpp16/device.h"
#include "ocpp16_stage.h"

static void answers_only_what_is_kept(void **state)
{
	(void)state;
	stage *s = stage_new();
	assert_string_equal(
	    say(s, "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"V\",\"chargePointModel\":\"M\"}]"),
	    "[3,\"1\",{\"status\":\"Accepted\",\"currentTime\":\"2026-03-01T08:00:00Z\",\"interval\":300}]");
	assert_true(s->after_store[0]);
	assert_string_equal(say(s, "[2,\"2\",\"Heartbeat\",{}]"),
			    "[3,\"2\",{\"currentTime\":\"2026-03-01T08:00:00Z\"}]");
	assert_false(s->after_store[1]);
	stage_free(s);
}

static void stations_are_told_their_state(void **state)
{
	(void)state;
	stage *s = stage_new();
	hub_link *pending, *rejected;
	const hub_peer p = { HUB_WEBSOCKET, "CP-PENDING", "CP-PENDING" },
		       r = { HUB_WEBSOCKET, "CP-REJECTED", "CP-REJECTED" };
	static const char boot[] =
	    "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"V\",\"chargePointModel\":\"M\"}]";
	assert_int_equal(session_open(s->host, &p, NULL, &pending), HUB_OK);
	assert_int_equal(session_open(s->host, &r, NULL, &rejected), HUB_OK);
	assert_non_null(strstr(say_on(s, pending, boot), "\"Pending\""));
	assert_non_null(strstr(say_on(s, rejected, boot), "\"Rejected\""));
	assert_non_null(strstr(say_on(s, rejected, "[2,\"2\",\"Heartbeat\",{}]"), "SecurityError"));
	assert_non_null(strstr(say_on(s, pending, "[2,\"2\",\"Heartbeat\",{}]"), "currentTime"));
	stage_free(s);
}

static void tags_are_judged(void **state)
{
	(void)state;
	stage *s = stage_new();
	assert_non_null(strstr(say(s, "[2,\"1\",\"Authorize\",{\"idTag\":\"good\"}]"), "\"Accepted\""));
	assert_non_null(strstr(s->sent[0], "\"parentIdTag\":\"FLEET\""));
	assert_non_null(strstr(say(s, "[2,\"2\",\"Authorize\",{\"idTag\":\"OLD\"}]"), "\"Expired\""));
	assert_non_null(strstr(say(s, "[2,\"3\",\"Authorize\",{\"idTag\":\"BAD\"}]"), "\"Blocked\""));
	assert_non_null(strstr(say(s, "[2,\"4\",\"Authorize\",{\"idTag\":\"WHO\"}]"), "\"Invalid\""));
	char text[TEXT];
	charge_point cp = { "V", "M", 100 };
	charge_point_start(&cp, text, sizeof text, 1, "ONE", 0, 1772352000);
	assert_non_null(strstr(say(s, text), "\"Accepted\""));
	charge_point_start(&cp, text, sizeof text, 2, "ONE", 0, 1772352000);
	assert_non_null(strstr(say(s, text), "\"ConcurrentTx\""));
	stage_free(s);
}

static int start_at(stage *s, const char *text)
{
	int number = charge_point_transaction(say(s, text));
	assert_true(number > 0);
	return number;
}

static void transactions_keep_their_number(void **state)
{
	(void)state;
	stage *s = stage_new();
	charge_point cp = { "V", "M", 0 };
	char first[TEXT], again[TEXT], next[TEXT];
	charge_point_start(&cp, first, sizeof first, 1, "GOOD", 1000, 1772352000);
	charge_point_start(&cp, again, sizeof again, 1, "GOOD", 1000, 1772352000);
	charge_point_start(&cp, next, sizeof next, 1, "GOOD", 2000, 1772355600);
	int number = start_at(s, first);
	size_t told = s->transactions;
	assert_int_equal(start_at(s, first), number);
	assert_int_equal(s->transactions, told); /* the same message: nothing is told twice */
	assert_int_equal(start_at(s, again), number);
	instance_close(s->host);
	stage_open(s);
	assert_int_equal(start_at(s, again), number);
	char stop[TEXT];
	charge_point_stop(&cp, stop, sizeof stop, number, "Local", 1500, 1772353000);
	assert_string_equal(say(s, stop), "[3,\"4\",{}]");
	assert_int_not_equal(start_at(s, next), number);
	stage_free(s);
}

static void errors_have_the_code_of_the_standard(void **state)
{
	(void)state;
	static const struct {
		const char *said, *code;
	} cases[] = {
		{ "[2,\"1\",\"Hartbeat\",{}]", "[4,\"1\",\"NotImplemented\"" },
		{ "[2,\"1\",\"Reset\",{\"type\":\"Hard\"}]", "[4,\"1\",\"NotSupported\"" },
		{ "[2,\"1\",\"Heartbeat\"]", "[4,\"1\",\"FormationViolation\"" },
		{ "[2,\"1\",\"Authorize\",{}]", "[4,\"1\",\"OccurenceConstraintViolation\"" },
		{ "[2,\"1\",\"Authorize\",{\"idTag\":1}]", "[4,\"1\",\"TypeConstraintViolation\"" },
		{ "[2,\"1\",\"Authorize\",{\"idTag\":\"123456789012345678901\"}]",
		  "[4,\"1\",\"PropertyConstraintViolation\"" },
		{ "[2,\"1\",\"Authorize\",{\"idTag\":\"1\",\"x\":1}]", "[4,\"1\",\"FormationViolation\"" },
		{ "nonsense", "[4,\"-1\",\"FormationViolation\"" },
		{ "[7,\"1\",\"Heartbeat\",{}]", "" },
		{ "[3,\"nobody asked\",{}]", "" },
	};
	stage *s = stage_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = say(s, cases[i].said);
		if (strncmp(got, cases[i].code, strlen(cases[i].code)) || (!*cases[i].code && *got))
			fail_msg("%s: %s", cases[i].said, got);
	}
	stage_free(s);
}

static void one_call_is_out_at_a_time(void **state)
{
	(void)state;
	stage *s = stage_new();
	const hub_setting tag[] = { { "tag", "GOOD" } }, hard[] = { { "mode", "Hard" } };
	assert_int_equal(order(s, "c1", "charger_start", tag, 1), HUB_OK);
	assert_int_equal(order(s, "c2", "charger_reset", hard, 1), HUB_OK);
	assert_int_equal(order(s, "c1", "charger_start", tag, 1), HUB_OK); /* repeated: not sent again */
	assert_int_equal(s->sends, 1);
	assert_non_null(strstr(s->sent[0], "\"RemoteStartTransaction\",{\"idTag\":\"GOOD\",\"connectorId\":1}"));
	assert_true(s->after_store[0]);
	assert_string_equal(s->results[0], "c1 sent ");
	answer_to(s, s->sent[0], "{\"status\":\"Accepted\"}");
	assert_string_equal(s->results[1], "c1 confirmed Accepted");
	assert_int_equal(s->sends, 2);
	answer_to(s, s->sent[1], "{\"status\":\"Rejected\"}");
	assert_string_equal(s->results[3], "c2 refused Rejected");
	assert_int_equal(order(s, "c3", "charger_reset", tag, 1), HUB_OK);
	assert_non_null(strstr(s->results[4], "c3 refused"));
	assert_int_equal(s->sends, 2);
	stage_free(s);
}

static void silence_confirms_nothing(void **state)
{
	(void)state;
	stage *s = stage_new();
	assert_int_equal(order(s, "c1", "charger_unlock", NULL, 0), HUB_OK);
	assert_int_equal(order(s, "c2", "charger_cache_clear", NULL, 0), HUB_OK);
	s->now += 31000000;
	instance_timers(s->host);
	assert_string_equal(s->event, "no_answer");
	assert_int_equal(s->sends, 2);
	s->now += 31000000; /* c3 would be sent, but its time is over */
	assert_int_equal(order(s, "c3", "charger_cache_clear", NULL, 0), HUB_OK);
	s->now += 120000000;
	instance_timers(s->host);
	assert_int_equal(s->sends, 2);
	assert_int_equal(s->result_count, 2);		       /* both "sent" */
	answer_to(s, s->sent[0], "{\"status\":\"Unlocked\"}"); /* too late */
	assert_int_equal(s->result_count, 2);
	stage_free(s);
}

static void the_last_connection_counts(void **state)
{
	(void)state;
	stage *s = stage_new();
	hub_link *second;
	assert_int_equal(session_open(s->host, &stage_peer, NULL, &second), HUB_OK);
	assert_int_equal(s->hang_ups, 1);
	assert_int_equal(order(s, "c1", "charger_unlock", NULL, 0), HUB_OK);
	session_close(s->link);
	answer_to((s->link = second, s), s->sent[0], "{\"status\":\"Unlocked\"}");
	assert_string_equal(s->results[1], "c1 confirmed Unlocked");
	session_close(second);
	assert_int_equal(order(s, "c2", "charger_unlock", NULL, 0), HUB_MISSING);
	stage_free(s);
}

static void a_limit_carries_its_end(void **state)
{
	(void)state;
	stage *s = stage_new();
	const hub_setting limit[] = { { "limit", "7.4" }, { "unit", "kW" }, { "duration", "900" } };
	assert_int_equal(order(s, "c1", "charger_limit", limit, 3), HUB_OK);
	assert_non_null(strstr(s->sent[0], "\"SetChargingProfile\""));
	assert_non_null(strstr(s->sent[0], "\"limit\":7400.0"));
	assert_non_null(strstr(s->sent[0], "\"validTo\":\"2026-03-01T08:15:00Z\""));
	assert_non_null(strstr(s->sent[0], "\"TxDefaultProfile\""));
	stage_free(s);
}

static void faults_are_raised_and_cleared(void **state)
{
	(void)state;
	stage *s = stage_new();
	charge_point cp = { "V", "M", 0 };
	char text[TEXT];
	charge_point_status(&cp, text, sizeof text, 1, "Faulted", "OverVoltage", 1772352000);
	say(s, text);
	assert_string_equal(s->event, "over_voltage");
	charge_point_status(&cp, text, sizeof text, 1, "Available", "NoError", 1772352060);
	say(s, text);
	assert_string_equal(s->event, "-over_voltage");
	assert_int_equal(s->events, 2);
	stage_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_only_what_is_kept),
		cmocka_unit_test(stations_are_told_their_state),
		cmocka_unit_test(tags_are_judged),
		cmocka_unit_test(transactions_keep_their_number),
		cmocka_unit_test(errors_have_the_code_of_the_standard),
		cmocka_unit_test(one_call_is_out_at_a_time),
		cmocka_unit_test(silence_confirms_nothing),
		cmocka_unit_test(the_last_connection_counts),
		cmocka_unit_test(a_limit_carries_its_end),
		cmocka_unit_test(faults_are_raised_and_cleared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

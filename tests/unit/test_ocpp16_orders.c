/* Commands by their names on both sides; what a station did is read back; what was sent is not sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command/kind.h"
#include "ocpp16_stage.h"

static const hub_setting seven_kw[] = { { "limit", "7" }, { "unit", "kW" }, { "until", "2026-03-01T09:00:00Z" } };

static void ask_again(stage *s, const char *id, const char *kind, const hub_setting *arguments, size_t count)
{
	const hub_command c = { id, kind, "CP001", "1", s->now + 60000000, arguments, count, true };
	assert_int_equal(instance_command(s->host, &c), HUB_OK);
}

static void a_second_later(stage *s)
{
	s->now += 1100000;
	instance_timers(s->host);
}

enum { WORD = 64 };

/* In `word` if it must be made. */
static const char *sample_of(const char *kind, const char *name, const char *rule, char word[WORD])
{
	static const struct {
		const char *kind, *name, *value;
	} samples[] = {
		{ "charger_start", "profile",
		  "{\"chargingProfileId\":1,\"stackLevel\":0,\"chargingProfilePurpose\":\"TxProfile\","
		  "\"chargingProfileKind\":"
		  "\"Absolute\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\",\"chargingSchedulePeriod\":[{"
		  "\"startPeriod\":0,"
		  "\"limit\":7000}]}}" },
		{ "charger_profile", "profile",
		  "{\"chargingProfileId\":1,\"stackLevel\":0,\"chargingProfilePurpose\":\"TxDefaultProfile\","
		  "\"chargingProfileKind\":\"Absolute\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\","
		  "\"chargingSchedulePeriod\":[{\"startPeriod\":0,\"limit\":7000}]}}" },
		{ "charger_list_send", "tags", "[{\"idTag\":\"A\",\"idTagInfo\":{\"status\":\"Accepted\"}}]" },
		{ "charger_configuration", "keys", "[\"HeartbeatInterval\"]" },
		{ "charger_log", "log", "{\"remoteLocation\":\"https://log.example/\"}" },
		{ "charger_firmware_signed", "firmware",
		  "{\"location\":\"https://f.example/"
		  "\",\"retrieveDateTime\":\"2026-03-01T09:00:00Z\",\"signingCertificate\":\"x\","
		  "\"signature\":\"y\"}" },
		{ "charger_certificate_delete", "hash",
		  "{\"hashAlgorithm\":\"SHA256\",\"issuerNameHash\":\"a\",\"issuerKeyHash\":\"b\",\"serialNumber\":"
		  "\"1\"}" },
	};
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		if (!strcmp(samples[i].kind, kind) && !strcmp(samples[i].name, name))
			return samples[i].value;
	if (!strcmp(rule, "number"))
		return "1";
	if (!strcmp(rule, "time"))
		return "2026-03-01T09:00:00Z";
	if (!strchr(rule, '|'))
		return "text";
	snprintf(word, WORD, "%.*s", (int)strcspn(rule, "|"), rule);
	return word;
}

static void every_kind_of_the_hub_is_one_of_the_adapter(void **state)
{
	(void)state;
	size_t tried = 0;
	for (size_t i = 0; i < command_kind_count; i++) {
		const command_kind *k = &command_kinds[i];
		hub_setting arguments[KIND_ARGUMENTS];
		char words[KIND_ARGUMENTS][WORD];
		hub_fault fault;
		size_t count = 0;
		if (strncmp(k->name, "charger_", 8))
			continue;
		for (; count < KIND_ARGUMENTS && k->arguments[count].name; count++)
			arguments[count] =
			    (hub_setting) { k->arguments[count].name,
					    sample_of(k->name, k->arguments[count].name, k->arguments[count].rule, words[count]) };
		if (command_kind_check(k->name, arguments, count, &fault) != HUB_OK)
			fail_msg("%s", fault.message);
		stage *s = stage_new();
		assert_int_equal(order(s, "c", k->name, arguments, count), HUB_OK);
		if (strcmp(s->results[0], "c sent ") || s->sends != 1)
			fail_msg("%s: %s", k->name, s->results[0]);
		stage_free(s);
		tried++;
	}
	assert_true(tried >= 20);
}

static hub_status order_at(stage *s, const char *station, const char *id, const char *kind, const char *channel,
			   const hub_setting *arguments, size_t count)
{
	const hub_command c = { id, kind, station, channel, s->now + 60000000, arguments, count, false };
	return instance_command(s->host, &c);
}

static void what_the_standard_forbids_is_refused(void **state)
{
	(void)state;
	static const char tx[] = "{\"chargingProfileId\":1,\"stackLevel\":0,\"chargingProfilePurpose\":\"TxProfile\","
				 "\"chargingProfileKind\":"
				 "\"Absolute\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\","
				 "\"chargingSchedulePeriod\":[{\"startPeriod\":0,"
				 "\"limit\":7000}]}}";
	const hub_setting tag[] = { { "tag", "GOOD" } }, profile[] = { { "profile", tx } },
			  soft[] = { { "type", "Soft" } }, start[] = { { "tag", "GOOD" }, { "profile", tx } };
	stage *s = stage_new();
	hub_link *pending, *rejected;
	const hub_peer p = { HUB_WEBSOCKET, "CP-PENDING", "CP-PENDING" },
		       r = { HUB_WEBSOCKET, "CP-REJECTED", "CP-REJECTED" };
	assert_int_equal(session_open(s->host, &p, NULL, &pending), HUB_OK);
	assert_int_equal(session_open(s->host, &r, NULL, &rejected), HUB_OK);
	order_at(s, "CP-PENDING", "a", "charger_start", "1", tag, 1);
	order_at(s, "CP-REJECTED", "b", "charger_reset", "", soft, 1);
	order_at(s, "CP001", "c", "charger_unlock", "", NULL, 0);
	order_at(s, "CP001", "d", "charger_profile", "1", profile, 1); /* of no transaction */
	assert_int_equal(s->sends, 0);
	for (size_t i = 0; i < 4; i++)
		if (!strstr(s->results[i], " refused"))
			fail_msg("%s", s->results[i]);
	order_at(s, "CP-PENDING", "e", "charger_reset", "", soft, 1);
	order_at(s, "CP001", "f", "charger_start", "1", start, 2);
	assert_int_equal(s->sends, 2);
	stage_free(s);
}

static void a_profile_is_read_back(void **state)
{
	(void)state;
	static const struct {
		const char *answer, *result;
	} cases[] = {
		{ "{\"status\":\"Accepted\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\","
		  "\"chargingSchedulePeriod\":["
		  "{\"startPeriod\":0,\"limit\":7000.0}]}}",
		  "c1 confirmed Accepted" },
		{ "{\"status\":\"Accepted\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\","
		  "\"chargingSchedulePeriod\":["
		  "{\"startPeriod\":0,\"limit\":11000.0}]}}",
		  "c1 refused accepted_but_not_done" },
		{ "{\"status\":\"Rejected\"}", "c1 confirmed Accepted" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		stage *s = stage_new();
		say(s, "[2,\"s\",\"StartTransaction\",{\"connectorId\":1,\"idTag\":\"GOOD\",\"meterStart\":0,"
		       "\"timestamp\":"
		       "\"2026-03-01T08:00:00Z\"}]");
		assert_int_equal(order(s, "c1", "charger_limit", seven_kw, 3), HUB_OK);
		assert_non_null(strstr(s->sent[1], "\"limit\":7000.0"));
		assert_non_null(strstr(s->sent[1], "\"validTo\":\"2026-03-01T09:00:00Z\""));
		answer_to(s, s->sent[1], "{\"status\":\"Accepted\"}");
		assert_int_equal(s->result_count, 1); /* its yes is not the end */
		a_second_later(s);
		assert_non_null(strstr(s->sent[2], "\"GetCompositeSchedule\",{\"connectorId\":1,\"duration\":60,"));
		answer_to(s, s->sent[2], cases[i].answer);
		assert_string_equal(s->results[1], cases[i].result);
		stage_free(s);
	}
}

static void a_setting_and_a_list_are_read_back(void **state)
{
	(void)state;
	stage *s = stage_new();
	const hub_setting set[] = { { "key", "MeterValuesSampledData" }, { "value", "Voltage,SoC" } };
	const hub_setting list[] = { { "version", "7" }, { "mode", "Full" } };
	assert_int_equal(order(s, "c1", "charger_configure", set, 2), HUB_OK);
	answer_to(s, s->sent[0], "{\"status\":\"Accepted\"}");
	a_second_later(s);
	assert_non_null(strstr(s->sent[1], "\"GetConfiguration\",{\"key\":[\"MeterValuesSampledData\"]}"));
	answer_to(s, s->sent[1],
		  "{\"configurationKey\":[{\"key\":\"MeterValuesSampledData\",\"readonly\":false,\"value\":\"voltage, "
		  "SoC\"}]}");
	assert_string_equal(s->results[1], "c1 confirmed Accepted");
	assert_int_equal(order(s, "c2", "charger_list_send", list, 2), HUB_OK);
	answer_to(s, s->sent[2], "{\"status\":\"Accepted\"}");
	a_second_later(s);
	answer_to(s, s->sent[3], "{\"listVersion\":6}");
	assert_string_equal(s->results[3], "c2 refused accepted_but_not_done");
	stage_free(s);
}

static void what_was_sent_before_is_read_and_not_sent(void **state)
{
	(void)state;
	stage *s = stage_new();
	const hub_setting hard[] = { { "type", "Hard" } }, tag[] = { { "tag", "GOOD" } };
	ask_again(s, "r1", "charger_reset", hard, 1);
	ask_again(s, "r2", "charger_start", tag, 1);
	assert_int_equal(s->sends, 0);
	assert_int_equal(s->result_count, 0);
	ask_again(s, "r3", "charger_limit", seven_kw, 3);
	assert_int_equal(s->sends, 1);
	assert_non_null(strstr(s->sent[0], "GetCompositeSchedule"));
	answer_to(
	    s, s->sent[0],
	    "{\"status\":\"Accepted\",\"chargingSchedule\":{\"chargingRateUnit\":\"W\",\"chargingSchedulePeriod\":["
	    "{\"startPeriod\":0,\"limit\":7000}]}}");
	assert_string_equal(s->results[0], "r3 confirmed ");
	ask_again(s, "r4", "charger_limit", seven_kw, 3);
	answer_to(s, s->sent[1], "{\"status\":\"Rejected\"}"); /* nobody knows: no result */
	assert_int_equal(s->result_count, 1);
	stage_free(s);
}

static void after_silence_it_is_looked_at(void **state)
{
	(void)state;
	stage *s = stage_new();
	const hub_setting set[] = { { "key", "HeartbeatInterval" }, { "value", "60" } };
	assert_int_equal(order(s, "c1", "charger_configure", set, 2), HUB_OK);
	s->now += 31000000;
	instance_timers(s->host);
	assert_string_equal(s->event, "no_answer");
	assert_int_equal(order(s, "c1", "charger_configure", set, 2), HUB_OK);
	assert_non_null(strstr(s->sent[1], "GetConfiguration"));
	answer_to(s, s->sent[1],
		  "{\"configurationKey\":[{\"key\":\"HeartbeatInterval\",\"readonly\":false,\"value\":\"300\"}]}");
	assert_string_equal(s->results[1], "c1 refused not_done");
	assert_int_equal(order(s, "c1", "charger_configure", set, 2), HUB_OK);
	assert_int_equal(s->sends, 2);
	stage_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_the_hub_is_one_of_the_adapter),
		cmocka_unit_test(what_the_standard_forbids_is_refused),
		cmocka_unit_test(a_profile_is_read_back),
		cmocka_unit_test(a_setting_and_a_list_are_read_back),
		cmocka_unit_test(what_was_sent_before_is_read_and_not_sent),
		cmocka_unit_test(after_silence_it_is_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a station asks, and what it is told: OCPP 1.6 chapter 4, security white paper chapter 4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ocpp16.h"

enum { DETAILS = 16, PIECE = 4000 };

typedef struct answer {
	json_t **payload;
	violation *why; /* set: a CALLERROR */
} answer;

static hub_status say(answer *to, json_t *payload)
{
	*to->payload = payload;
	return payload ? HUB_OK : HUB_NOMEM;
}

/* All text members of a message that are there. */
static size_t details_of(const json_t *o, const char *const *names, hub_setting *out)
{
	size_t n = 0;
	for (; *names; names++) {
		const char *text = json_string_value(json_object_get(o, *names));
		if (text)
			out[n++] = (hub_setting) { *names, text };
	}
	return n;
}

static hub_status event_emit(session *s, const char *code, const char *channel, hub_time time, bool cleared,
			     const hub_setting *details, size_t count)
{
	hub_record r = { .type = HUB_RECORD_EVENT,
			 .event = { s->st->name, channel, code, time, cleared, details, count } };
	return session_emit(s, &r);
}

static const char *now_text(const session *s, char out[CLOCK_TEXT])
{
	hub_time now = s->in->api->now(s->in->host);
	/* Whole milliseconds: some stations cannot read more digits. */
	return clock_text(now - now % 1000000, out);
}

void calls_quirks(session *s, const char *vendor)
{
	uint32_t quirks = s->in->quirks;
	for (size_t i = 0; i < s->in->maker_count; i++)
		if (!strncasecmp(vendor, s->in->makers[i].vendor, strlen(s->in->makers[i].vendor)))
			quirks |= s->in->makers[i].quirks;
	s->st->quirks = quirks;
}

static hub_status boot(session *s, const json_t *o, answer *to)
{
	static const char *const names[] = { "chargePointVendor",
					     "chargePointModel",
					     "chargePointSerialNumber",
					     "chargeBoxSerialNumber",
					     "firmwareVersion",
					     "iccid",
					     "imsi",
					     "meterType",
					     "meterSerialNumber",
					     NULL };
	static const char *const states[] = { "Accepted", "Pending", "Rejected" };
	hub_setting details[DETAILS];
	char now[CLOCK_TEXT];
	boot_state state = stations_boot(&s->in->all, s->st->name, s->in->unknown_station);
	size_t count = details_of(o, names, details);
	details[count++] = (hub_setting) { "status", states[state] };
	hub_record r = { .type = HUB_RECORD_ARCHIVE, .archive = { s->st->name, "", "boot", 0, details, count } };
	calls_quirks(s, member_text(o, "chargePointVendor", ""));
	hub_status st = session_emit(s, &r);
	return st != HUB_OK ? st
			    : say(to, json_pack("{s s s s s i}", "status", states[state], "currentTime",
						now_text(s, now), "interval", s->in->interval));
}

static hub_status heartbeat(session *s, const json_t *o, answer *to)
{
	char now[CLOCK_TEXT];
	(void)o;
	return say(to, json_pack("{s s}", "currentTime", now_text(s, now)));
}

static json_t *tag_info(const tag_verdict *v)
{
	json_t *o = json_pack("{s s}", "status", v->status);
	if (o && v->expiry[0])
		json_object_set_new(o, "expiryDate", json_string(v->expiry));
	if (o && v->parent[0])
		json_object_set_new(o, "parentIdTag", json_string(v->parent));
	return o;
}

static hub_status authorize(session *s, const json_t *o, answer *to)
{
	tag_verdict v;
	stations_tag(&s->in->all, member_text(o, "idTag", ""), s->in->unknown_tags, &v);
	return say(to, json_pack("{s o}", "idTagInfo", tag_info(&v)));
}

static hub_status start(session *s, const json_t *o, answer *to)
{
	int64_t id = member_int(o, "connectorId", 0), wh = member_int(o, "meterStart", 0);
	const char *tag = member_text(o, "idTag", "");
	hub_time time = member_time(s, o, "timestamp");
	char number[16], channel[12], standing[32], reservation[24];
	tag_verdict v;
	int32_t transaction;
	connector *c = id > 0 && id <= INT32_MAX ? station_connector(s->st, (int)id) : NULL;
	if (!c) {
		*to->why =
		    (violation) { OCPP_PROPERTY, "connectorId", "a transaction runs at a connector, numbered from 1" };
		return HUB_OK;
	}
	stations_tag(&s->in->all, tag, s->in->unknown_tags, &v);
	if (v.alone && !strcmp(v.status, "Accepted") && stations_tag_runs(&s->in->all, tag, c))
		v.status = "ConcurrentTx";
	hub_status st = station_start(&s->in->all, s->st, (int)id, tag, wh, time, &transaction);
	if (st != HUB_OK)
		return st;
	const char *unit = s->st->quirks & QUIRK_WH_IS_KWH ? "kWh" : "Wh";
	snprintf(number, sizeof number, "%d", (int)transaction);
	snprintf(standing, sizeof standing, "%lld %s", (long long)wh, unit);
	snprintf(reservation, sizeof reservation, "%lld", (long long)member_int(o, "reservationId", 0));
	const hub_setting details[] = { { "register_start", standing },
					{ "tag_status", v.status },
					{ "reservation", reservation } };
	hub_record r = { .type = HUB_RECORD_TRANSACTION,
			 .transaction = { s->st->name, channel_of(id, channel), number, "start", tag, time, details,
					  json_object_get(o, "reservationId") ? 3 : 2 } };
	st = session_emit(s, &r);
	if (st == HUB_OK)
		st = meter_register(s, id, wh, time);
	return st != HUB_OK
		   ? st
		   : say(to, json_pack("{s o s i}", "idTagInfo", tag_info(&v), "transactionId", (int)transaction));
}

static hub_status stop(session *s, const json_t *o, answer *to)
{
	int64_t wh = member_int(o, "meterStop", 0), transaction = member_int(o, "transactionId", 0);
	const char *tag = member_text(o, "idTag", "");
	hub_time time = member_time(s, o, "timestamp");
	char number[24], channel[12], standing[32];
	connector *c = transaction > 0 && transaction <= INT32_MAX
			   ? station_running(&s->in->all, s->st, (int32_t)transaction)
			   : NULL;
	bool unknown = (s->st->quirks & QUIRK_ZERO_STOP) && !wh;
	snprintf(number, sizeof number, "%lld", (long long)transaction);
	snprintf(standing, sizeof standing, "%lld %s", (long long)wh, s->st->quirks & QUIRK_WH_IS_KWH ? "kWh" : "Wh");
	const hub_setting details[] = { { "reason", member_text(o, "reason", "Local") },
					{ "register_stop", unknown ? "" : standing } };
	hub_record r = { .type = HUB_RECORD_TRANSACTION,
			 .transaction = { s->st->name, channel_of(c ? c->id : 0, channel), number, "stop", tag, time,
					  details, 2 } };
	hub_status st = session_emit(s, &r);
	if (st == HUB_OK && !unknown)
		st = meter_register(s, c ? c->id : 0, wh, time);
	if (st == HUB_OK)
		st = meter_values(s, json_object_get(o, "transactionData"), c ? c->id : 0, (int32_t)transaction, true);
	if (st != HUB_OK)
		return st;
	json_t *payload = json_object();
	if (payload && *tag) {
		tag_verdict v;
		stations_tag(&s->in->all, tag, s->in->unknown_tags, &v);
		json_object_set_new(payload, "idTagInfo", tag_info(&v));
	}
	if (c)
		station_stop(c);
	return say(to, payload);
}

static hub_status values(session *s, const json_t *o, answer *to)
{
	int64_t transaction = member_int(o, "transactionId", 0), id = member_int(o, "connectorId", 0);
	if (id < 0 || id > INT32_MAX) {
		*to->why = (violation) { OCPP_PROPERTY, "connectorId", "is no connector that a station can have" };
		return HUB_OK;
	}
	hub_status st = meter_values(s, json_object_get(o, "meterValue"), id, (int32_t)transaction,
				     transaction > 0 && transaction <= INT32_MAX);
	return st != HUB_OK ? st : say(to, json_object());
}

static const struct {
	const char *name;
	int code; /* of the quantity charger_state */
} connector_states[] = {
	{ "Available", 0 }, { "Preparing", 1 }, { "Charging", 2 },    { "SuspendedEV", 3 }, { "SuspendedEVSE", 4 },
	{ "Finishing", 5 }, { "Reserved", 6 },	{ "Unavailable", 7 }, { "Faulted", 8 },
};

/* The standard's error codes as event codes. */
static const struct {
	const char *name, *code;
} faults[] = {
	{ "ConnectorLockFailure", "connector_lock_failure" },
	{ "EVCommunicationError", "ev_communication_error" },
	{ "GroundFailure", "ground_failure" },
	{ "HighTemperature", "high_temperature" },
	{ "InternalError", "internal_error" },
	{ "LocalListConflict", "local_list_conflict" },
	{ "OtherError", "other_error" },
	{ "OverCurrentFailure", "over_current" },
	{ "PowerMeterFailure", "power_meter_failure" },
	{ "PowerSwitchFailure", "power_switch_failure" },
	{ "ReaderFailure", "reader_failure" },
	{ "ResetFailure", "reset_failure" },
	{ "UnderVoltage", "under_voltage" },
	{ "OverVoltage", "over_voltage" },
	{ "WeakSignal", "weak_signal" },
};

static const char *fault_code(const char *name)
{
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (!strcasecmp(faults[i].name, name))
			return faults[i].code;
	return "";
}

static hub_status status(session *s, const json_t *o, answer *to)
{
	static const char *const names[] = { "errorCode", "status", "info", "vendorId", "vendorErrorCode", NULL };
	int64_t id = member_int(o, "connectorId", 0);
	hub_time time = member_time(s, o, "timestamp");
	const char *said = member_text(o, "status", ""), *code = fault_code(member_text(o, "errorCode", ""));
	hub_setting details[DETAILS];
	char channel[12];
	connector *c = id >= 0 && id <= INT32_MAX ? station_connector(s->st, (int)id) : NULL;
	if (!c) {
		*to->why = (violation) { OCPP_PROPERTY, "connectorId", "is no connector that a station can have" };
		return HUB_OK;
	}
	channel_of(id, channel);
	hub_record r = { .type = HUB_RECORD_READING,
			 .reading = { s->st->name, channel, "charger_state", "1", HUB_STATE, 0, { 0, 0 }, 0, time } };
	for (size_t i = 0; i < sizeof connector_states / sizeof *connector_states; i++)
		if (!strcasecmp(connector_states[i].name, said))
			r.reading.value.digits = connector_states[i].code;
	hub_status st = session_emit(s, &r);
	size_t count = details_of(o, names, details);
	if (st == HUB_OK && c->fault[0] && strcmp(c->fault, code))
		st = event_emit(s, c->fault, channel, time, true, details, count);
	if (st == HUB_OK && *code)
		st = event_emit(s, code, channel, time, false, details, count);
	if (st != HUB_OK)
		return st;
	snprintf(c->fault, sizeof c->fault, "%s", code);
	return say(to, json_object());
}

static hub_status transfer(session *s, const json_t *o, answer *to)
{
	const char *data = member_text(o, "data", "");
	char piece[PIECE + 1];
	snprintf(piece, sizeof piece, "%s", data);
	const hub_setting details[] = { { "vendorId", member_text(o, "vendorId", "") },
					{ "messageId", member_text(o, "messageId", "") },
					{ "data", piece } };
	hub_status st = event_emit(s, "data_transfer", "", 0, false, details, 3);
	/* Kept, but nobody here speaks a vendor's own language. */
	return st != HUB_OK ? st : say(to, json_pack("{s s}", "status", "UnknownVendorId"));
}

static hub_status progress(session *s, const json_t *o, const char *code, answer *to)
{
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)member_int(o, "requestId", 0));
	const hub_setting details[] = { { "status", member_text(o, "status", "") }, { "request", number } };
	hub_status st = event_emit(s, code, "", 0, false, details, json_object_get(o, "requestId") ? 2 : 1);
	return st != HUB_OK ? st : say(to, json_object());
}

static hub_status diagnostics(session *s, const json_t *o, answer *to)
{
	return progress(s, o, "diagnostics_status", to);
}

static hub_status firmware(session *s, const json_t *o, answer *to)
{
	return progress(s, o, "firmware_status", to);
}

static hub_status log_status(session *s, const json_t *o, answer *to)
{
	return progress(s, o, "log_status", to);
}

static hub_status security(session *s, const json_t *o, answer *to)
{
	static const char *const names[] = { "type", "techInfo", NULL };
	hub_setting details[DETAILS];
	hub_status st = event_emit(s, "security_event", "", member_time(s, o, "timestamp"), false, details,
				   details_of(o, names, details));
	return st != HUB_OK ? st : say(to, json_object());
}

static hub_status sign(session *s, const json_t *o, answer *to)
{
	const char *csr = member_text(o, "csr", "");
	char pieces[2][PIECE + 1];
	snprintf(pieces[0], sizeof pieces[0], "%s", csr);
	snprintf(pieces[1], sizeof pieces[1], "%s", strlen(csr) > PIECE ? csr + PIECE : "");
	const hub_setting details[] = { { "csr", pieces[0] }, { "csr_2", pieces[1] } };
	hub_status st = event_emit(s, "certificate_requested", "", 0, false, details, pieces[1][0] ? 2 : 1);
	return st != HUB_OK ? st : say(to, json_pack("{s s}", "status", "Accepted"));
}

static const struct {
	const char *name;
	hub_status (*take)(session *s, const json_t *payload, answer *to);
} handlers[] = {
	{ "Authorize", authorize },
	{ "BootNotification", boot },
	{ "DataTransfer", transfer },
	{ "DiagnosticsStatusNotification", diagnostics },
	{ "FirmwareStatusNotification", firmware },
	{ "Heartbeat", heartbeat },
	{ "LogStatusNotification", log_status },
	{ "MeterValues", values },
	{ "SecurityEventNotification", security },
	{ "SignCertificate", sign },
	{ "SignedFirmwareStatusNotification", firmware },
	{ "StartTransaction", start },
	{ "StatusNotification", status },
	{ "StopTransaction", stop },
};

hub_status call_answer(session *s, const action *a, const json_t *payload, json_t **ret, violation *why)
{
	answer to = { ret, why };
	bool boots = !strcmp(a->name, "BootNotification");
	/* 4.2: a station that was rejected has nothing to say but that it boots again. */
	if (!boots && stations_boot(&s->in->all, s->st->name, s->in->unknown_station) == BOOT_REJECTED) {
		*why = (violation) { OCPP_SECURITY, "", "the station was rejected; send a BootNotification" };
		return HUB_OK;
	}
	for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
		if (!strcmp(handlers[i].name, a->name))
			return handlers[i].take(s, payload, &to);
	*why = (violation) { OCPP_NOT_SUPPORTED, "", "is not supported here" };
	return HUB_OK;
}

/* Commands of the hub as actions of OCPP 1.6: a table of kinds, arguments by the action's own fields. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ocpp16.h"

typedef struct alias {
	const char *said, *meant;
} alias;

typedef struct kind {
	const char *name, *action;
	alias aliases[4];
	alias fixed[2]; /* member and value that the kind stands for */
} kind;

/* Beside these every action's own name is a kind, and its members are the arguments. */
static const kind kinds[] = {
	{ "read", "TriggerMessage", { { 0 } }, { { "requestedMessage", "MeterValues" } } },
	{ "charger_start",
	  "RemoteStartTransaction",
	  { { "tag", "idTag" }, { "profile", "chargingProfile" } },
	  { { 0 } } },
	{ "charger_stop", "RemoteStopTransaction", { { "transaction", "transactionId" } }, { { 0 } } },
	{ "charger_unlock", "UnlockConnector", { { 0 } }, { { 0 } } },
	{ "charger_reset", "Reset", { { "mode", "type" } }, { { 0 } } },
	{ "charger_configure", "ChangeConfiguration", { { 0 } }, { { 0 } } },
	{ "charger_configuration", "GetConfiguration", { { "keys", "key" } }, { { 0 } } },
	{ "charger_availability", "ChangeAvailability", { { "mode", "type" } }, { { 0 } } },
	{ "charger_profile", "SetChargingProfile", { { "profile", "csChargingProfiles" } }, { { 0 } } },
	{ "charger_profile_clear",
	  "ClearChargingProfile",
	  { { "purpose", "chargingProfilePurpose" }, { "stack", "stackLevel" } },
	  { { 0 } } },
	{ "charger_schedule", "GetCompositeSchedule", { { "unit", "chargingRateUnit" } }, { { 0 } } },
	{ "charger_trigger", "TriggerMessage", { { "message", "requestedMessage" } }, { { 0 } } },
	{ "charger_trigger_extended", "ExtendedTriggerMessage", { { "message", "requestedMessage" } }, { { 0 } } },
	{ "charger_list_version", "GetLocalListVersion", { { 0 } }, { { 0 } } },
	{ "charger_list_send",
	  "SendLocalList",
	  { { "version", "listVersion" }, { "tags", "localAuthorizationList" }, { "mode", "updateType" } },
	  { { 0 } } },
	{ "charger_reserve",
	  "ReserveNow",
	  { { "tag", "idTag" },
	    { "until", "expiryDate" },
	    { "reservation", "reservationId" },
	    { "parent", "parentIdTag" } },
	  { { 0 } } },
	{ "charger_reserve_cancel", "CancelReservation", { { "reservation", "reservationId" } }, { { 0 } } },
	{ "charger_firmware", "UpdateFirmware", { { "at", "retrieveDate" }, { "wait", "retryInterval" } }, { { 0 } } },
	{ "charger_firmware_signed",
	  "SignedUpdateFirmware",
	  { { "request", "requestId" }, { "wait", "retryInterval" } },
	  { { 0 } } },
	{ "charger_diagnostics",
	  "GetDiagnostics",
	  { { "from", "startTime" }, { "to", "stopTime" }, { "wait", "retryInterval" } },
	  { { 0 } } },
	{ "charger_log",
	  "GetLog",
	  { { "request", "requestId" }, { "type", "logType" }, { "wait", "retryInterval" } },
	  { { 0 } } },
	{ "charger_data", "DataTransfer", { { "vendor", "vendorId" }, { "message", "messageId" } }, { { 0 } } },
	{ "charger_cache_clear", "ClearCache", { { 0 } }, { { 0 } } },
	{ "charger_certificate_signed", "CertificateSigned", { { "chain", "certificateChain" } }, { { 0 } } },
	{ "charger_certificate_install", "InstallCertificate", { { "use", "certificateType" } }, { { 0 } } },
	{ "charger_certificate_delete", "DeleteCertificate", { { "hash", "certificateHashData" } }, { { 0 } } },
	{ "charger_certificates", "GetInstalledCertificateIds", { { "use", "certificateType" } }, { { 0 } } },
};

static const field *field_find(const field *table, const char *name)
{
	while (table->name && strcmp(table->name, name))
		table++;
	return table->name ? table : NULL;
}

static json_t *typed(const field *f, const char *text)
{
	char *end;
	long long n;
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_WORD:
	case FIELD_TIME:
		return json_string(text);
	case FIELD_INTEGER:
		n = strtoll(text, &end, 10);
		return *text && !*end ? json_integer(n) : json_string(text);
	case FIELD_TRUTH:
		return !strcmp(text, "true") || !strcmp(text, "false") ? json_boolean(*text == 't') : json_string(text);
	default: {
		json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
		return v ? v : json_string(text);
	}
	}
}

hub_status order_bad(hub_fault *fault, const char *name, const char *of, const char *rule)
{
	return hub_fault_set(fault, "ocpp16.argument", "arguments", "%.60s of %.40s %s", name, of, rule);
}

static const char *meant(const kind *k, const char *said)
{
	for (size_t i = 0; k && i < sizeof k->aliases / sizeof *k->aliases && k->aliases[i].said; i++)
		if (!strcmp(k->aliases[i].said, said))
			return k->aliases[i].meant;
	return said;
}

/* Connector 0 is the whole station, which the hub calls channel "". */
static void connector_set(json_t *o, const field *table, const char *channel)
{
	const field *f = field_find(table, "connectorId");
	if (f && !json_object_get(o, "connectorId") && (f->required || *channel))
		json_object_set_new(o, "connectorId", json_integer(atoi(channel)));
}

static hub_status fill(json_t *o, const kind *k, const action *a, const hub_command *c, hub_fault *fault)
{
	for (size_t i = 0; i < c->argument_count; i++) {
		const char *name = meant(k, c->arguments[i].key);
		const field *f = field_find(a->request, name);
		if (!f)
			return order_bad(fault, c->arguments[i].key, a->name, "is no argument");
		json_t *v = typed(f, c->arguments[i].value);
		if (f->type == FIELD_TEXTS && json_is_string(v))
			v = json_pack("[o]", v);
		if (!v || json_object_set_new(o, name, v))
			return HUB_NOMEM;
	}
	for (size_t i = 0; k && i < 2 && k->fixed[i].said; i++)
		json_object_set_new(o, k->fixed[i].said, json_string(k->fixed[i].meant));
	connector_set(o, a->request, c->channel);
	return HUB_OK;
}

/* A transaction's own message needs a connector; so does what is locked in it (6.35, 6.57). */
static hub_status connector_check(const action *a, const json_t *payload, hub_fault *fault)
{
	static const char *const actions[] = { "UnlockConnector", "RemoteStartTransaction", "TriggerMessage",
					       "ExtendedTriggerMessage" };
	const json_t *id = json_object_get(payload, "connectorId");
	for (size_t i = 0; id && i < sizeof actions / sizeof *actions; i++)
		if (!strcmp(actions[i], a->name) && json_integer_value(id) < 1)
			return order_bad(fault, "channel", a->name, "must be a connector, from 1");
	return HUB_OK;
}

/* 3.13.1: the whole station's limit stands at connector 0, a transaction's names its transaction. */
static hub_status profile_check(const json_t *payload, hub_fault *fault)
{
	const json_t *profile = json_object_get(payload, "csChargingProfiles");
	const char *purpose = member_text(profile, "chargingProfilePurpose", "");
	bool at_one = member_int(payload, "connectorId", 0) > 0;
	if (!strcmp(purpose, "ChargePointMaxProfile") && at_one)
		return order_bad(fault, "profile", purpose, "is set for connector 0 alone");
	if (!strcmp(purpose, "TxProfile") && (!at_one || !json_object_get(profile, "transactionId")))
		return order_bad(fault, "profile", purpose, "needs a connector and its transactionId");
	if (!strcmp(member_text(profile, "chargingProfileKind", ""), "Recurring") &&
	    !json_object_get(profile, "recurrencyKind"))
		return order_bad(fault, "profile", "Recurring", "needs a recurrencyKind");
	return HUB_OK;
}

/* 4.2: a station that waits for its acceptance starts and stops nothing; one that was rejected is told nothing. */
static hub_status state_check(const session *s, const action *a, hub_fault *fault)
{
	boot_state state = stations_boot(&s->in->all, s->st->name, s->in->unknown_station);
	bool runs = !strcmp(a->name, "RemoteStartTransaction") || !strcmp(a->name, "RemoteStopTransaction");
	if (state == BOOT_REJECTED || (state == BOOT_PENDING && runs))
		return order_bad(fault, "station", a->name,
				 state == BOOT_REJECTED ? "was rejected and is told nothing" : "is not accepted yet");
	return HUB_OK;
}

/* 7.11: what a transaction starts with is a limit of that transaction, which has no number yet. */
static hub_status start_check(const json_t *payload, hub_fault *fault)
{
	const json_t *profile = json_object_get(payload, "chargingProfile");
	if (!profile || (!strcmp(member_text(profile, "chargingProfilePurpose", ""), "TxProfile") &&
			 !json_object_get(profile, "transactionId")))
		return HUB_OK;
	return order_bad(fault, "profile", "charger_start", "must be a TxProfile without transactionId");
}

static hub_status make(const session *s, const hub_command *c, const action **ret, json_t **ret_payload,
		       hub_fault *fault)
{
	const kind *k = NULL;
	bool limit = !strcmp(c->kind, "charger_limit");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, c->kind))
			k = &kinds[i];
	const action *a = action_find(limit ? "SetChargingProfile" : k ? k->action : c->kind);
	if (!a || !(a->sender & FROM_CENTRAL))
		return order_bad(fault, c->kind, "OCPP 1.6", "is no command; see the adapter's README");
	*ret = a;
	if (limit)
		return limit_make(s, c, ret_payload, fault);
	*ret_payload = json_object();
	hub_status st = *ret_payload ? fill(*ret_payload, k, a, c, fault) : HUB_NOMEM;
	return st == HUB_OK ? start_check(*ret_payload, fault) : st;
}

hub_status order_make(const session *s, const hub_command *c, const action **ret, json_t **ret_payload,
		      hub_fault *fault)
{
	violation why;
	json_t *payload = NULL;
	const action *a;
	hub_status st = make(s, c, &a, &payload, fault);
	if (st == HUB_OK)
		st = state_check(s, a, fault);
	if (st == HUB_OK && !schema_check(payload, a->request, false, &why))
		st = hub_fault_set(fault, "ocpp16.argument", "arguments", "%.40s: %.60s %s", a->name, why.field,
				   why.rule);
	if (st == HUB_OK)
		st = connector_check(a, payload, fault);
	if (st == HUB_OK && !strcmp(a->name, "SetChargingProfile"))
		st = profile_check(payload, fault);
	if (st != HUB_OK) {
		json_decref(payload);
		return st;
	}
	*ret = a;
	*ret_payload = payload;
	return HUB_OK;
}

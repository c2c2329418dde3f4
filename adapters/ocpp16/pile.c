#include "ocpp16/pile.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = 2048, BEAT = 60, VOLTS = 230, REMOTE_WH = 20000, REMOTE_SECONDS = 4 * 3600 };

#define SAY(p, make)                                                                                                   \
	do {                                                                                                           \
		char message[MESSAGE];                                                                                 \
		int length = (make);                                                                                   \
		if (length > 0 && length < MESSAGE)                                                                    \
			(p)->say((p)->user, message, (size_t)length);                                                  \
	} while (0)
#define OUT message, sizeof message

static int64_t wh(const pile *p)
{
	return p->watt_seconds / 3600;
}

int64_t pile_power(const pile *p)
{
	double w = p->plugged && p->transaction && p->watt_seconds < p->full_at ? (double)p->charger.watts : 0;
	if (!p->stuck && p->limit_w >= 0 && p->limit_w < w)
		w = p->limit_w;
	if (!p->stuck && p->tx_limit_w >= 0 && p->tx_limit_w < w)
		w = p->tx_limit_w;
	return (int64_t)w;
}

static void status(pile *p, const char *state)
{
	SAY(p, charge_point_status(&p->messages, OUT, 1, state, "NoError", p->now));
}

static void measure(pile *p)
{
	p->told = p->now;
	if (p->transaction)
		SAY(p, charge_point_meter(&p->messages, OUT, 1, p->transaction, wh(p), pile_power(p), p->now));
}

static void plug_in(pile *p, const char *tag, int64_t energy_wh, int64_t stop_at)
{
	p->plugged = true;
	p->transaction = 0;
	p->tx_limit_w = -1;
	p->stop_at = stop_at;
	p->full_at = p->watt_seconds + energy_wh * 3600;
	snprintf(p->tag, sizeof p->tag, "%s", tag);
	status(p, "Preparing");
	SAY(p, charge_point_start(&p->messages, OUT, 1, p->tag, wh(p), p->now));
	snprintf(p->start_id, sizeof p->start_id, "%u", p->messages.sent);
	p->told = p->now;
}

static void unplug(pile *p, const char *reason)
{
	if (p->transaction) {
		measure(p);
		SAY(p, charge_point_stop(&p->messages, OUT, p->transaction, reason, wh(p), p->now));
		status(p, "Finishing");
	}
	p->plugged = false;
	p->transaction = 0;
	p->start_id[0] = '\0';
	status(p, "Available");
}

/* The first period's limit of a profile, in W; negative: none. */
static double limit_of(const json_t *profile)
{
	const json_t *schedule = json_object_get(profile, "chargingSchedule"),
		     *first = json_array_get(json_object_get(schedule, "chargingSchedulePeriod"), 0),
		     *limit = json_object_get(first, "limit");
	const char *unit = json_string_value(json_object_get(schedule, "chargingRateUnit"));
	if (!json_is_number(limit))
		return -1;
	return json_number_value(limit) * (unit && !strcmp(unit, "A") ? 3 * VOLTS : 1);
}

static const char *on_start(pile *p, const json_t *payload, char *extra)
{
	const char *tag = json_string_value(json_object_get(payload, "idTag"));
	(void)extra;
	if (!tag || p->plugged || p->blocked)
		return "Rejected";
	plug_in(p, tag, REMOTE_WH, p->now + REMOTE_SECONDS);
	p->tx_limit_w = limit_of(json_object_get(payload, "chargingProfile"));
	return "Accepted";
}

static const char *on_stop(pile *p, const json_t *payload, char *extra)
{
	(void)extra;
	if (!p->transaction || json_integer_value(json_object_get(payload, "transactionId")) != p->transaction)
		return "Rejected";
	if (!p->stuck)
		p->stop_at = 0; /* after the answer */
	return "Accepted";
}

static const char *on_profile(pile *p, const json_t *payload, char *extra)
{
	const json_t *profile = json_object_get(payload, "csChargingProfiles");
	const char *purpose = json_string_value(json_object_get(profile, "chargingProfilePurpose"));
	double limit = limit_of(profile);
	(void)extra;
	if (limit < 0 || !purpose)
		return "Rejected";
	if (!strcmp(purpose, "TxProfile") && !p->transaction)
		return "Rejected";
	*(strcmp(purpose, "TxProfile") ? &p->limit_w : &p->tx_limit_w) = limit;
	return "Accepted";
}

static const char *on_clear(pile *p, const json_t *payload, char *extra)
{
	(void)payload;
	(void)extra;
	bool any = p->limit_w >= 0 || p->tx_limit_w >= 0;
	p->limit_w = p->tx_limit_w = -1;
	return any ? "Accepted" : "Unknown";
}

static const char *on_composite(pile *p, const json_t *payload, char *extra)
{
	const char *unit = json_string_value(json_object_get(payload, "chargingRateUnit"));
	double w = p->charger.watts;
	char when[32] = "";
	w = p->limit_w >= 0 && p->limit_w < w ? p->limit_w : w;
	w = p->tx_limit_w >= 0 && p->tx_limit_w < w ? p->tx_limit_w : w;
	unit = unit && !strcmp(unit, "A") ? "A" : "W";
	snprintf(extra, MESSAGE / 2,
		 ",\"connectorId\":%lld,\"chargingSchedule\":{\"chargingRateUnit\":\"%s\","
		 "\"chargingSchedulePeriod\":[{\"startPeriod\":0,\"limit\":%.1f}]}%s",
		 (long long)json_integer_value(json_object_get(payload, "connectorId")), unit,
		 *unit == 'A' ? w / (3 * VOLTS) : w, when);
	return "Accepted";
}

static const char *on_availability(pile *p, const json_t *payload, char *extra)
{
	const char *type = json_string_value(json_object_get(payload, "type"));
	(void)extra;
	if (!type)
		return "Rejected";
	p->blocked = !p->stuck && !strcmp(type, "Inoperative");
	return p->plugged ? "Scheduled" : "Accepted";
}

static const char *on_unlock(pile *p, const json_t *payload, char *extra)
{
	(void)payload;
	(void)extra;
	if (p->plugged && !p->stuck)
		p->stop_at = 0;
	return "Unlocked";
}

static const char *on_yes(pile *p, const json_t *payload, char *extra)
{
	(void)p;
	(void)payload;
	(void)extra;
	return "Accepted";
}

static const struct {
	const char *action;
	/* The answer's status; what else it has goes to extra[MESSAGE / 2]. */
	const char *(*answer)(pile *p, const json_t *payload, char *extra);
} orders[] = {
	{ "RemoteStartTransaction", on_start },
	{ "RemoteStopTransaction", on_stop },
	{ "SetChargingProfile", on_profile },
	{ "ClearChargingProfile", on_clear },
	{ "GetCompositeSchedule", on_composite },
	{ "ChangeAvailability", on_availability },
	{ "UnlockConnector", on_unlock },
	{ "Reset", on_yes },
	{ "TriggerMessage", on_yes },
	{ "ClearCache", on_yes },
};

static void obey(pile *p, const char *id, const char *action, const json_t *payload)
{
	char extra[MESSAGE / 2] = "";
	const char *state = NULL;
	for (size_t i = 0; i < sizeof orders / sizeof *orders && !state; i++)
		if (!strcmp(orders[i].action, action))
			state = orders[i].answer(p, payload, extra);
	if (state)
		SAY(p, snprintf(OUT, "[3,\"%s\",{\"status\":\"%s\"%s}]", id, state, extra));
	else if (!strcmp(action, "GetConfiguration"))
		SAY(p, snprintf(OUT,
				"[3,\"%s\",{\"configurationKey\":[{\"key\":\"MeterValueSampleInterval\",\"readonly\":"
				"true,\"value\":\"%lld\"}],\"unknownKey\":[]}]",
				id, (long long)p->every));
	else if (!strcmp(action, "GetLocalListVersion"))
		SAY(p, snprintf(OUT, "[3,\"%s\",{\"listVersion\":0}]", id));
	else
		SAY(p, snprintf(OUT, "[4,\"%s\",\"NotSupported\",\"%s\",{}]", id, "a simulated station"));
	if (!strcmp(action, "TriggerMessage"))
		measure(p);
}

/* The answer to StartTransaction: a card that is refused charges nothing. */
static void started(pile *p, const json_t *payload)
{
	const char *state = json_string_value(json_object_get(json_object_get(payload, "idTagInfo"), "status"));
	p->start_id[0] = '\0';
	p->transaction = (int)json_integer_value(json_object_get(payload, "transactionId"));
	if (!state || strcmp(state, "Accepted")) {
		unplug(p, "DeAuthorized");
		return;
	}
	status(p, "Charging");
	measure(p);
}

void pile_hear(pile *p, const char *text, size_t len, int64_t now)
{
	json_t *m = json_loadb(text, len, 0, NULL);
	const char *id = json_string_value(json_array_get(m, 1)), *action = json_string_value(json_array_get(m, 2));
	int64_t kind = json_integer_value(json_array_get(m, 0));
	p->now = p->listening = now;
	if (kind == 2 && id && action && strlen(id) < PILE_ID)
		obey(p, id, action, json_array_get(m, 3));
	else if (kind == 3 && id && !strcmp(id, p->start_id) && p->plugged)
		started(p, json_array_get(m, 2));
	else if (kind == 3 && !p->booted) {
		p->booted = true;
		status(p, p->plugged ? "Charging" : "Available");
	}
	json_decref(m);
}

void pile_join(pile *p, int64_t now)
{
	p->now = p->listening = now;
	p->booted = false;
	/* What was begun and never answered is begun anew. */
	if (p->plugged && !p->transaction)
		p->plugged = false;
	SAY(p, charge_point_boot(&p->messages, OUT));
}

/* The city's car that stands here now, once. */
static void arrive(pile *p, living *city)
{
	int64_t day = (p->now + 8 * 3600) / 86400;
	for (unsigned n = 0; n < SIM_SESSIONS; n++) {
		const sim_session s = sim_charger_session(&city->city, &p->charger, day, n);
		int64_t slot = day * SIM_SESSIONS + n;
		char tag[PILE_TAG] = "GUEST";
		if (!s.seconds || slot <= p->slot || p->now < s.start || p->now >= s.start + s.seconds)
			continue;
		p->slot = slot;
		if (s.home && sim_home_of(&city->city, s.home).ev)
			snprintf(tag, sizeof tag, "BH%05u", s.home);
		plug_in(p, tag, s.wh * (s.start + s.seconds - p->now) / s.seconds, s.start + s.seconds + BEAT);
		return;
	}
}

void pile_tick(pile *p, living *city, int64_t now)
{
	if (!p->known && living_there(city, now)) {
		int64_t begun;
		p->charger = sim_charger_of(&city->city, p->number);
		begun = sim_charger_shown(&city->city, &p->charger, city->from, now) * 3600;
		p->watt_seconds = p->watt_seconds > begun ? p->watt_seconds : begun;
		p->known = true;
	}
	if (now > p->now)
		p->watt_seconds += pile_power(p) * (now - p->now);
	p->now = now;
	if (!p->known || !p->booted)
		return;
	if (p->plugged && p->transaction && (now >= p->stop_at || p->watt_seconds >= p->full_at))
		unplug(p, p->stop_at ? "EVDisconnected" : "Remote");
	else if (!p->plugged && !p->blocked)
		arrive(p, city);
	if (p->transaction && now - p->told >= p->every)
		measure(p);
	if (now - p->listening >= BEAT) {
		p->listening = now;
		SAY(p, charge_point_heartbeat(&p->messages, OUT));
	}
}

/*
 * Reading back: what a station did is asked, not believed. A charging profile is looked for in the composite
 * schedule, a setting in the configuration, a local list in its version.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp16.h"

/* The composite schedule that is looked at, in seconds from now: what is in force. */
enum { LOOK_AHEAD = 60 };
/* A station may compute in floating point. */
static const double TOLERANCE = 0.1;

struct look {
	const char *action, *by;
	json_t *(*make)(const session *s, const json_t *meant);
	look_word (*judge)(const session *s, const json_t *meant, const json_t *answer);
};

static const json_t *profile_of(const json_t *meant)
{
	return json_object_get(meant, "csChargingProfiles");
}

static json_t *profile_make(const session *s, const json_t *meant)
{
	(void)s;
	const json_t *schedule = json_object_get(profile_of(meant), "chargingSchedule");
	return json_pack("{s i s i s s}", "connectorId", (int)member_int(meant, "connectorId", 0), "duration",
			 LOOK_AHEAD, "chargingRateUnit", member_text(schedule, "chargingRateUnit", "W"));
}

/* The limit that the first of the schedule's periods sets, if it is in force now; -1: it is not, or not told so. */
static double limit_now(const session *s, const json_t *profile)
{
	const json_t *schedule = json_object_get(profile, "chargingSchedule"),
		     *periods = json_object_get(schedule, "chargingSchedulePeriod"),
		     *first = json_array_get(periods, 0);
	hub_time now = s->in->api->now(s->in->host), start = member_time(s, schedule, "startSchedule"),
		 from = member_time(s, profile, "validFrom"), to = member_time(s, profile, "validTo");
	int64_t lasts = member_int(schedule, "duration", 0);
	bool absolute = !strcmp(member_text(profile, "chargingProfileKind", ""), "Absolute");
	if (!absolute || json_array_size(periods) != 1 || start > now || (from && from > now) || (to && to <= now))
		return -1;
	if (start && lasts && start + lasts * INT64_C(1000000) <= now)
		return -1;
	return json_number_value(json_object_get(first, "limit"));
}

/* Limits of a transaction show only while one runs. */
static bool in_force(const session *s, const json_t *meant, const json_t *profile)
{
	int64_t id = member_int(meant, "connectorId", 0);
	if (!strcmp(member_text(profile, "chargingProfilePurpose", ""), "ChargePointMaxProfile"))
		return true;
	for (size_t i = 0; i < s->st->connector_count; i++)
		if ((!id || s->st->connectors[i].id == id) && s->st->connectors[i].transaction)
			return true;
	return false;
}

static look_word profile_judge(const session *s, const json_t *meant, const json_t *answer)
{
	const json_t *profile = profile_of(meant), *wanted = json_object_get(profile, "chargingSchedule"),
		     *got = json_object_get(answer, "chargingSchedule"),
		     *first = json_array_get(json_object_get(got, "chargingSchedulePeriod"), 0);
	double limit = limit_now(s, profile);
	bool same_unit =
	    !strcasecmp(member_text(wanted, "chargingRateUnit", ""), member_text(got, "chargingRateUnit", "-"));
	if (limit < 0 || !first || !same_unit || strcasecmp(member_text(answer, "status", ""), "Accepted"))
		return LOOK_BLIND;
	/* The schedule is that of all profiles together: another one may be lower. */
	if (json_number_value(json_object_get(first, "limit")) <= limit + TOLERANCE)
		return LOOK_DONE;
	return in_force(s, meant, profile) ? LOOK_NOT_DONE : LOOK_BLIND;
}

static json_t *setting_make(const session *s, const json_t *meant)
{
	(void)s;
	return json_pack("{s [s]}", "key", member_text(meant, "key", ""));
}

/* Stations write lists with and without blanks, and truth in either case. */
static bool same_value(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, " ");
		b += strspn(b, " ");
		if (strncasecmp(a, b, 1))
			return false;
		if (!*a)
			return true;
	}
}

static look_word setting_judge(const session *s, const json_t *meant, const json_t *answer)
{
	size_t i;
	const json_t *one;
	(void)s;
	json_array_foreach (json_object_get(answer, "configurationKey"), i, one) {
		const char *value = json_string_value(json_object_get(one, "value"));
		if (strcasecmp(member_text(one, "key", ""), member_text(meant, "key", "")))
			continue;
		/* A secret is set and never shown. */
		if (!value)
			return LOOK_BLIND;
		return same_value(value, member_text(meant, "value", "")) ? LOOK_DONE : LOOK_NOT_DONE;
	}
	return LOOK_BLIND;
}

static json_t *list_make(const session *s, const json_t *meant)
{
	(void)s;
	(void)meant;
	return json_object();
}

static look_word list_judge(const session *s, const json_t *meant, const json_t *answer)
{
	int64_t is = member_int(answer, "listVersion", -1);
	(void)s;
	if (is < 0)
		return LOOK_BLIND;
	return is == member_int(meant, "listVersion", 0) ? LOOK_DONE : LOOK_NOT_DONE;
}

static const look looks[] = {
	{ "SetChargingProfile", "GetCompositeSchedule", profile_make, profile_judge },
	{ "ChangeConfiguration", "GetConfiguration", setting_make, setting_judge },
	{ "SendLocalList", "GetLocalListVersion", list_make, list_judge },
};

const look *look_of(const order *o)
{
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (!strcmp(looks[i].action, o->a->name))
			return &looks[i];
	return NULL;
}

const action *look_action(const look *l)
{
	return action_find(l->by);
}

json_t *look_payload(const session *s, const look *l, const json_t *meant)
{
	return l->make(s, meant);
}

look_word look_judge(const session *s, const look *l, const json_t *meant, const json_t *answer)
{
	return l->judge(s, meant, answer);
}

bool look_harmless(const order *o)
{
	static const char *const reads[] = { "GetConfiguration", "GetCompositeSchedule", "GetLocalListVersion",
					     "GetInstalledCertificateIds" };
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		if (!strcmp(reads[i], o->a->name))
			return true;
	return !strcmp(o->a->name, "TriggerMessage") && strstr(o->payload, "\"MeterValues\"");
}

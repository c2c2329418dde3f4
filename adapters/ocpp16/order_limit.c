/* charger_limit: a power or current that a station, a connector or a transaction may not exceed, as a profile. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ocpp16.h"

typedef struct limit {
	double value;
	const char *unit;
	int number; /* connector; 0: the station */
	int transaction, phases, stack;
	hub_time from, to; /* to 0: until it is replaced */
} limit;

static const char *argument(const hub_command *c, const char *name, const char *fallback)
{
	for (size_t i = 0; i < c->argument_count; i++)
		if (!strcmp(c->arguments[i].key, name))
			return c->arguments[i].value;
	return fallback;
}

static hub_status bad(hub_fault *fault, const char *name, const char *rule)
{
	return order_bad(fault, name, "charger_limit", rule);
}

static bool whole(const hub_command *c, const char *name, int *ret)
{
	const char *text = argument(c, name, "0");
	char *end;
	long n = strtol(text, &end, 10);
	*ret = (int)n;
	return *text && !*end && n >= 0 && n <= INT32_MAX;
}

/* How long: `until` or `duration` seconds. */
static hub_status end_of(const hub_command *c, limit *l, hub_fault *fault)
{
	const char *until = argument(c, "until", "");
	int seconds;
	if (!whole(c, "duration", &seconds))
		return bad(fault, "duration", "must be whole seconds");
	if (seconds)
		l->to = l->from + seconds * INT64_C(1000000);
	if (*until && (!clock_parse(until, strlen(until), &l->to) || l->to - l->from < INT64_C(1000000)))
		return bad(fault, "until", "must be a time to come");
	return HUB_OK;
}

static hub_status limit_read(const session *s, const hub_command *c, limit *l, hub_fault *fault)
{
	const char *text = argument(c, "limit", "");
	char *end;
	*l = (limit) { .value = strtod(text, &end), .unit = argument(c, "unit", "W"), .number = atoi(c->channel) };
	if (!*text || *end || !(l->value >= 0 && l->value < 1e9))
		return bad(fault, "limit", "must be a number from 0");
	if (!whole(c, "transaction", &l->transaction) || !whole(c, "phases", &l->phases) ||
	    !whole(c, "stack", &l->stack))
		return bad(fault, "transaction, phases, stack", "must be whole numbers");
	if (l->transaction && !l->number)
		return bad(fault, "transaction", "needs its connector as the channel");
	if (!strcmp(l->unit, "kW")) {
		l->value *= 1000;
		l->unit = "W";
	}
	/* The standard allows one digit; never more than was said. */
	l->value = floor(l->value * 10 + 1e-6) / 10;
	l->from = s->in->api->now(s->in->host);
	l->from -= l->from % 1000000;
	return end_of(c, l, fault);
}

static json_t *schedule_of(const limit *l)
{
	char from[CLOCK_TEXT];
	json_t *o = json_pack("{s s s s s [{s i s f}]}", "startSchedule", clock_text(l->from, from), "chargingRateUnit",
			      l->unit, "chargingSchedulePeriod", "startPeriod", 0, "limit", l->value);
	if (o && l->phases)
		json_object_set_new(json_array_get(json_object_get(o, "chargingSchedulePeriod"), 0), "numberPhases",
				    json_integer(l->phases));
	if (o && l->to)
		json_object_set_new(o, "duration", json_integer((l->to - l->from) / 1000000));
	return o;
}

/*
 * A new limit of the same purpose and connector has the same profile id and so replaces the old one; its end is
 * part of it, so that it does not outlive whoever set it.
 */
hub_status limit_make(const session *s, const hub_command *c, json_t **ret, hub_fault *fault)
{
	limit l;
	char text[CLOCK_TEXT];
	hub_status st = limit_read(s, c, &l, fault);
	if (st != HUB_OK)
		return st;
	const char *purpose = l.transaction ? "TxProfile" : l.number ? "TxDefaultProfile" : "ChargePointMaxProfile";
	json_t *profile = json_pack("{s i s i s s s s s o}", "chargingProfileId",
				    l.number * 10 + (l.transaction ? 3
						     : l.number	   ? 2
								   : 1),
				    "stackLevel", l.stack, "chargingProfilePurpose", purpose, "chargingProfileKind",
				    "Absolute", "chargingSchedule", schedule_of(&l));
	if (profile && l.transaction)
		json_object_set_new(profile, "transactionId", json_integer(l.transaction));
	if (profile && l.to) {
		json_object_set_new(profile, "validFrom", json_string(clock_text(l.from, text)));
		json_object_set_new(profile, "validTo", json_string(clock_text(l.to, text)));
	}
	*ret = json_pack("{s i s o}", "connectorId", l.number, "csChargingProfiles", profile);
	return *ret ? HUB_OK : HUB_NOMEM;
}

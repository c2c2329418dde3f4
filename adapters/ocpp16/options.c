#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp16.h"

static hub_status bad(hub_fault *fault, const char *option, const char *rule, const char *value)
{
	return hub_fault_set(fault, "ocpp16.option", option, "%s is %s: got '%.60s'", option, rule, value);
}

static bool number(const char *text, long min, long max, long *ret)
{
	char *end;
	long v = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

static const struct {
	const char *name;
	uint32_t bit;
} quirks[] = {
	{ "lenient", QUIRK_LENIENT },
	{ "wh_is_kwh", QUIRK_WH_IS_KWH },
	{ "zero_stop", QUIRK_ZERO_STOP },
};

static bool quirk_set(const char *name, size_t len, uint32_t *bits)
{
	for (size_t i = 0; i < sizeof quirks / sizeof *quirks; i++)
		if (strlen(quirks[i].name) == len && !strncmp(quirks[i].name, name, len)) {
			*bits |= quirks[i].bit;
			return true;
		}
	return false;
}

/* "Acme=lenient+zero_stop,*=lenient": what a maker's stations (a prefix of chargePointVendor) need. */
static hub_status read_quirks(instance *in, const char *text, hub_fault *fault)
{
	static const char rule[] = "a list of VENDOR=QUIRK+QUIRK (lenient, wh_is_kwh, zero_stop), VENDOR * for all";
	for (const char *p = text; *p;) {
		size_t len = strcspn(p, ","), name = strcspn(p, "=");
		maker m = { "", 0 };
		if (!name || name >= len || name >= sizeof m.vendor || in->maker_count == QUIRKS_MAX)
			return bad(fault, "quirks", rule, text);
		memcpy(m.vendor, p, name);
		for (const char *q = p + name + 1; q < p + len;) {
			size_t n = strcspn(q, "+,");
			if (!quirk_set(q, n, &m.quirks))
				return bad(fault, "quirks", rule, text);
			q += n + (q + n < p + len);
		}
		if (!strcmp(m.vendor, "*"))
			in->quirks |= m.quirks;
		else
			in->makers[in->maker_count++] = m;
		p += len + (p[len] == ',');
	}
	return HUB_OK;
}

static bool word(const char *text, const char *const *words, int *ret)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], text)) {
			*ret = i;
			return true;
		}
	return false;
}

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault)
{
	enum { INTERVAL, CALL_TIME, SAMPLE, TAGS, STATION_STATE, QUIRKS, STATION, SIGNED, READ_BACK };
	static const char *const tags[] = { "refuse", "accept", NULL }, *const states[] = { "accepted", "pending",
											    "rejected", NULL };
	static const char *const keep[] = { "drop", "keep", NULL };
	long interval, call, sample, wait = 0;
	bool look_off = !strcmp(settings[READ_BACK].value, "off");
	int tag, state, kept;
	if (!number(settings[INTERVAL].value, 1, 86400, &interval))
		return bad(fault, "interval", "1 to 86400 seconds", settings[INTERVAL].value);
	if (!number(settings[CALL_TIME].value, 1, 3600, &call))
		return bad(fault, "call_timeout", "1 to 3600 seconds", settings[CALL_TIME].value);
	if (!number(settings[SAMPLE].value, 1, 86400, &sample))
		return bad(fault, "sample_interval", "1 to 86400 seconds", settings[SAMPLE].value);
	if (!word(settings[TAGS].value, tags, &tag))
		return bad(fault, "unknown_tags", "refuse or accept", settings[TAGS].value);
	if (!word(settings[STATION_STATE].value, states, &state))
		return bad(fault, "unknown_station", "accepted, pending or rejected", settings[STATION_STATE].value);
	if (!word(settings[SIGNED].value, keep, &kept))
		return bad(fault, "signed", "keep or drop", settings[SIGNED].value);
	if (!look_off && !number(settings[READ_BACK].value, 0, 60, &wait))
		return bad(fault, "read_back", "0 to 60 seconds, or off", settings[READ_BACK].value);
	if (strlen(settings[STATION].value) >= sizeof in->station)
		return bad(fault, "station", "a name of at most 64 bytes", settings[STATION].value);
	for (const char *p = settings[STATION].value; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			return bad(fault, "station", "a name of printable ASCII", settings[STATION].value);
	in->interval = (int)interval;
	in->call_time = call * INT64_C(1000000);
	in->sample_time = sample * INT64_C(1000000);
	in->unknown_tags = tag;
	in->unknown_station = (boot_state)state;
	in->keep_signed = kept;
	in->look_time = look_off ? -1 : wait * INT64_C(1000000);
	strcpy(in->station, settings[STATION].value);
	return read_quirks(in, settings[QUIRKS].value, fault);
}

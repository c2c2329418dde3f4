#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "cjt188.h"

static hub_status bad(hub_fault *fault, const char *option, const char *rule, const char *value)
{
	return hub_fault_set(fault, "cjt188.option", option, "%s is %s: got '%.60s'", option, rule, value);
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

static bool offset(const char *text, int64_t *ret)
{
	long hours, minutes;
	char part[3] = "";
	if (strlen(text) != 6 || !strchr("+-", text[0]) || text[3] != ':')
		return false;
	memcpy(part, text + 1, 2);
	if (!number(part, 0, 14, &hours) || !number(text + 4, 0, 59, &minutes))
		return false;
	*ret = (hours * 60 + minutes) * INT64_C(60000000) * (text[0] == '-' ? -1 : 1);
	return true;
}

static bool one_of(const char *text, const char *no, const char *yes, bool *ret)
{
	*ret = !strcmp(text, yes);
	return *ret || !strcmp(text, no);
}

static bool listed(const char *list, const char *meter)
{
	for (; *list; list += CJT_ADDRESS_TEXT)
		if (!strcmp(list, meter))
			return true;
	return false;
}

static hub_status read_meters(instance *in, const char *text, hub_fault *fault)
{
	in->meters = fail_calloc(1, strlen(text) * (CJT_ADDRESS_TEXT + 1) + 1);
	if (!in->meters)
		return HUB_NOMEM;
	char *out = in->meters;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ",");
		char one[CJT_ADDRESS_TEXT];
		uint8_t address[CJT_ADDRESS];
		if (!cjt_address_parse(p, n, address))
			return bad(fault, "meters", "a list of addresses of up to 14 digits, as printed", text);
		cjt_address_text(address, one);
		if (!listed(in->meters, one)) {
			memcpy(out, one, sizeof one);
			out += CJT_ADDRESS_TEXT;
		}
		p += n + (p[n] == ',');
	}
	return HUB_OK;
}

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault)
{
	enum { METERS, TYPE, ORDER, HEAT_FIRST, INTERVAL, TIMEOUT, RETRIES, PREAMBLE, UTC_OFFSET };
	long interval, timeout, retries, preamble;
	const char *type = settings[TYPE].value;
	if (strlen(type) != 2 || !isxdigit((unsigned char)type[0]) || !isxdigit((unsigned char)type[1]))
		return bad(fault, "type", "two hex digits, 10 to 49 or AA", type);
	in->type = (uint8_t)strtoul(type, NULL, 16);
	if (in->type != 0xaa && (in->type < 0x10 || in->type > 0x49 || (in->type & 15) > 9))
		return bad(fault, "type", "two hex digits, 10 to 49 or AA", type);
	if (!one_of(settings[ORDER].value, "2004", "2018", &in->low_first))
		return bad(fault, "identifier_order", "2004 or 2018", settings[ORDER].value);
	if (!one_of(settings[HEAT_FIRST].value, "settlement", "cold", &in->cold_first))
		return bad(fault, "heat_first", "settlement or cold", settings[HEAT_FIRST].value);
	if (!number(settings[INTERVAL].value, 0, 86400, &interval))
		return bad(fault, "interval", "0 to 86400 seconds", settings[INTERVAL].value);
	if (!number(settings[TIMEOUT].value, 100, 60000, &timeout))
		return bad(fault, "timeout", "100 to 60000 milliseconds", settings[TIMEOUT].value);
	if (!number(settings[RETRIES].value, 0, 9, &retries))
		return bad(fault, "retries", "0 to 9", settings[RETRIES].value);
	if (!number(settings[PREAMBLE].value, 0, 16, &preamble))
		return bad(fault, "preamble", "0 to 16 bytes", settings[PREAMBLE].value);
	if (!offset(settings[UTC_OFFSET].value, &in->utc_offset))
		return bad(fault, "utc_offset", "+hh:mm or -hh:mm", settings[UTC_OFFSET].value);
	in->interval = interval * INT64_C(1000000);
	in->timeout = timeout * INT64_C(1000);
	in->retries = (unsigned)retries;
	in->preamble = (unsigned)preamble;
	return read_meters(in, settings[METERS].value, fault);
}

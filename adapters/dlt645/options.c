#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "dlt645.h"

static hub_status bad(hub_fault *fault, const char *option, const char *rule, const char *value)
{
	return hub_fault_set(fault, "dlt645.option", option, "%s is %s: got '%.60s'", option, rule, value);
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
	size_t n = strlen(text);
	if (n != 6 || !strchr("+-", text[0]) || text[3] != ':')
		return false;
	for (size_t i = 1; i < 6; i++)
		if (i != 3 && !isdigit((unsigned char)text[i]))
			return false;
	int hours = (text[1] - '0') * 10 + text[2] - '0', minutes = (text[4] - '0') * 10 + text[5] - '0';
	if (hours > 14 || minutes > 59)
		return false;
	*ret = (hours * 60 + minutes) * INT64_C(60000000) * (text[0] == '-' ? -1 : 1);
	return true;
}

bool identifier_parse(const char *text, size_t len, identifier *ret)
{
	uint32_t v = 0;
	if (len != 8 && len != 4)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (!isxdigit(c))
			return false;
		v = v << 4 | (uint32_t)(isdigit(c) ? c - '0' : toupper(c) - 'A' + 10);
	}
	*ret = (identifier){ v, (uint8_t)(len / 2) };
	return true;
}

static hub_status read_identifiers(instance *in, const char *text, hub_fault *fault)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ",");
		if (in->list_count == LIST_MAX || !identifier_parse(p, n, &in->list[in->list_count]))
			return bad(fault, "identifiers",
				   "a list of at most 64 data identifiers of 8 (2007) or 4 (1997) hex digits", text);
		in->list_count++;
		p += n + (p[n] == ',');
	}
	return HUB_OK;
}

static bool listed(const char *list, const char *meter)
{
	for (; *list; list += DLT_ADDRESS_TEXT)
		if (!strcmp(list, meter))
			return true;
	return false;
}

static hub_status read_meters(instance *in, const char *text, hub_fault *fault)
{
	size_t len = strlen(text);
	in->meters = fail_calloc(1, len * (DLT_ADDRESS_TEXT + 1) + 1);
	if (!in->meters)
		return HUB_NOMEM;
	char *out = in->meters;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ",");
		char one[DLT_ADDRESS_TEXT] = "000000000000";
		uint8_t address[6];
		for (size_t i = 0; i < n && n <= 12; i++)
			one[12 - n + i] = (char)toupper((unsigned char)p[i]);
		if (!n || n > 12 || !dlt_address_parse(one, address))
			return bad(fault, "meters", "a list of addresses of up to 12 digits, as printed", text);
		if (!listed(in->meters, one)) {
			memcpy(out, one, sizeof one);
			out += DLT_ADDRESS_TEXT;
		}
		p += n + (p[n] == ',');
	}
	return HUB_OK;
}

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault)
{
	enum { METERS, IDENTIFIERS, INTERVAL, TIMEOUT, RETRIES, PREAMBLE, UTC_OFFSET, PASSWORD, OPERATOR };
	long interval, timeout, retries, preamble;
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
	if (!order_key_parse(settings[PASSWORD].value, settings[OPERATOR].value, &in->key))
		return bad(fault, "password", "8 hex digits, level first, and operator too", "(not shown)");
	in->interval = interval * INT64_C(1000000);
	in->timeout = timeout * INT64_C(1000);
	in->retries = (unsigned)retries;
	in->preamble = (unsigned)preamble;
	hub_status st = read_identifiers(in, settings[IDENTIFIERS].value, fault);
	return st == HUB_OK ? read_meters(in, settings[METERS].value, fault) : st;
}

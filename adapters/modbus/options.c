#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modbus.h"

enum { FILE_MAX = 1024 * 1024 };

static hub_status bad(hub_fault *fault, const char *option, const char *rule, const char *value)
{
	return hub_fault_set(fault, "modbus.option", option, "%s is %s: got '%.60s'", option, rule, value);
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

static hub_status map_add(instance *in, const char *name, uint8_t *ret, hub_fault *fault)
{
	for (size_t i = 0; i < in->map_count; i++)
		if (!strcmp(in->maps[i].name, name)) {
			*ret = (uint8_t)i;
			return HUB_OK;
		}
	if (in->map_count == MAPS_MAX)
		return bad(fault, "devices", "of at most 16 maps", name);
	mb_map *m = &in->maps[in->map_count];
	hub_status st = mb_map_load(name, &in->memory, m, fault);
	for (size_t g = 0; st == HUB_OK && g < m->group_count; g++) {
		mb_read *reads;
		mb_plan *p = &in->plans[in->map_count][g];
		st = mb_map_plan(m, g, &in->memory, &reads, &p->count);
		p->reads = reads;
	}
	if (st == HUB_OK)
		*ret = (uint8_t)in->map_count++;
	return st;
}

/* "[LINE/]UNIT[:MAP]=METER", in place. A serial line's name has slashes itself: the last one counts. */
static hub_status device_read(instance *in, char *text, mb_device *d, hub_fault *fault)
{
	static const char rule[] = "a list of [LINE/]UNIT[:MAP]=METER, with units 1 to 247";
	char *equals = strchr(text, '=');
	long at = 0;
	if (!equals || !equals[1] || strlen(equals + 1) >= METER_TEXT)
		return bad(fault, "devices", rule, text);
	*equals = '\0';
	*d = (mb_device) { .line = "", .meter = equals + 1 };
	/* The map may be a path: what is in front of the unit's colon holds the line. */
	char *map = NULL, *from = text;
	for (char *p = text; *p; p++) {
		bool starts = p == text || p[-1] == '/';
		size_t digits = starts ? strspn(p, "0123456789") : 0;
		if (digits && (p[digits] == '\0' || (p[digits] == ':' && !strchr("0123456789", p[digits + 1])))) {
			from = p;
			map = p[digits] ? p + digits + 1 : NULL;
			p[digits] = '\0';
			break;
		}
	}
	if (!number(from, 1, 247, &at))
		return bad(fault, "devices", rule, text);
	if (from != text) {
		from[-1] = '\0';
		d->line = text;
	}
	d->unit = (uint8_t)at;
	return map ? map_add(in, map, &d->map, fault) : HUB_OK;
}

static char *file_text(instance *in, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = f ? arena_alloc(&in->memory, FILE_MAX) : NULL;
	if (text)
		text[fread(text, 1, FILE_MAX - 1, f)] = '\0';
	if (f)
		fclose(f);
	return text;
}

static hub_status devices_read(instance *in, const char *value, hub_fault *fault)
{
	char *text = value[0] == '@' ? file_text(in, value + 1) : arena_strdup(&in->memory, value), *save = NULL;
	if (!text)
		return value[0] == '@' ? bad(fault, "devices", "@FILE, a file that can be read", value) : HUB_NOMEM;
	size_t most = 1;
	for (const char *p = text; *p; p++)
		most += *p == ',' || *p == '\n';
	mb_device *list = arena_array(&in->memory, most, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	in->devices = list;
	hub_status st = HUB_OK;
	for (char *p = strtok_r(text, ",\r\n", &save); p && st == HUB_OK; p = strtok_r(NULL, ",\r\n", &save)) {
		p += strspn(p, " \t");
		if (!*p || *p == '#')
			continue;
		if (in->device_count == DEVICES_MAX)
			return bad(fault, "devices", "at most 8192 devices", p);
		st = device_read(in, p, &list[in->device_count], fault);
		in->device_count += st == HUB_OK;
	}
	return st;
}

static hub_status assume_read(instance *in, const char *text, hub_fault *fault)
{
	unsigned function, address;
	char rest;
	if (!*text)
		return HUB_OK;
	if (sscanf(text, "%1u:%5u%c", &function, &address, &rest) != 2 || function < 1 || function > 4 ||
	    address > 65535)
		return bad(fault, "assume", "FUNCTION:ADDRESS with function 1 to 4 and address 0 to 65535", text);
	in->assumed_function = (uint8_t)function;
	in->assumed_address = (uint16_t)address;
	return HUB_OK;
}

static hub_status framing_read(instance *in, const char *text, hub_fault *fault)
{
	static const char *const names[] = { "auto", "tcp", "rtu" };
	for (int i = 0; i < 3; i++)
		if (!strcmp(names[i], text)) {
			in->framing = (mb_framing)i;
			return HUB_OK;
		}
	return bad(fault, "framing", "auto, tcp or rtu", text);
}

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault)
{
	enum { MAP, DEVICES, FRAMING, TIMEOUT, RETRIES, IN_FLIGHT, SILENCE, DEAD_RETRY, ASSUME };
	long timeout, retries, in_flight, silence, dead;
	uint8_t first;
	if (!number(settings[TIMEOUT].value, 20, 60000, &timeout))
		return bad(fault, "timeout", "20 to 60000 milliseconds", settings[TIMEOUT].value);
	if (!number(settings[RETRIES].value, 0, 9, &retries))
		return bad(fault, "retries", "0 to 9", settings[RETRIES].value);
	if (!number(settings[IN_FLIGHT].value, 1, IN_FLIGHT_MAX, &in_flight))
		return bad(fault, "in_flight", "1 to 16", settings[IN_FLIGHT].value);
	if (!number(settings[SILENCE].value, 2, 1000, &silence))
		return bad(fault, "silence", "2 to 1000 milliseconds", settings[SILENCE].value);
	if (!number(settings[DEAD_RETRY].value, 1, 86400, &dead))
		return bad(fault, "dead_retry", "1 to 86400 seconds", settings[DEAD_RETRY].value);
	in->timeout = timeout * INT64_C(1000);
	in->retries = (unsigned)retries;
	in->in_flight = (unsigned)in_flight;
	in->silence = silence * INT64_C(1000);
	in->dead_retry = dead * INT64_C(1000000);
	hub_status st = framing_read(in, settings[FRAMING].value, fault);
	if (st == HUB_OK)
		st = assume_read(in, settings[ASSUME].value, fault);
	const char *map = arena_strdup(&in->memory, settings[MAP].value);
	if (st == HUB_OK)
		st = map ? map_add(in, map, &first, fault) : HUB_NOMEM;
	return st == HUB_OK ? devices_read(in, settings[DEVICES].value, fault) : st;
}

#include "command/kind.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"

const command_kind command_kinds[] = {
	{ "read", "召测", "read now", { { "identifier", "hex" } } },
	{ "switch", "拉合闸", "switch a meter, circuit or relay", { { "state", "on|off|allow", true } } },
	{ "keep_power", "保电与解除", "keep power, whatever else is ordered", { { "state", "on|off", true } } },
	{ "alarm", "报警与解除", "alarm at the meter", { { "state", "on|off", true } } },
	{ "clock_set", "校时", "set the clock", { { "time", "time" }, { "how", "write|broadcast" } } },
	{ "tariff_set",
	  "电价下发",
	  "tariff table",
	  { { "identifier", "hex", true }, { "data", "hex", true }, { "version", "text", true } } },
	{ "threshold_set",
	  "阈值下发",
	  "alarm amounts, overload power",
	  { { "identifier", "hex", true }, { "data", "hex", true }, { "version", "text", true } } },
	{ "archive_set",
	  "远程档案设置",
	  "archive setting",
	  { { "identifier", "hex", true }, { "data", "hex", true }, { "version", "text", true } } },
	{ "set_point", "设定值", "set-point of a building or device", { { "value", "number", true } } },
	{ "charger_start", "启动充电", "start charging", { { "tag", "text", true } } },
	{ "charger_stop", "停止充电", "stop charging", { { "transaction", "text", true } } },
	{ "charger_limit",
	  "限制充电功率",
	  "limit charging",
	  { { "limit", "number", true }, { "unit", "W|A" }, { "until", "time" } } },
	{ "charger_unlock", "解锁枪头", "unlock the connector", { { NULL } } },
	{ "charger_reset", "重启充电桩", "reset the charger", { { "type", "Hard|Soft" } } },
	{ "charger_configure",
	  "充电桩配置",
	  "configuration of a charger",
	  { { "key", "text", true }, { "value", "text", true } } },
};
const size_t command_kind_count = sizeof command_kinds / sizeof *command_kinds;

const command_kind *command_kind_find(const char *name)
{
	for (size_t i = 0; i < command_kind_count; i++)
		if (!strcmp(command_kinds[i].name, name))
			return &command_kinds[i];
	return NULL;
}

static bool one_of(const char *words, const char *value)
{
	size_t n = strlen(value);
	for (const char *p = words; n; p++) {
		if (!strncmp(p, value, n) && (p[n] == '|' || !p[n]))
			return true;
		p = strchr(p, '|');
		if (!p)
			break;
	}
	return false;
}

static bool is_hex(const char *value)
{
	size_t n = 0;
	while (isxdigit((unsigned char)value[n]))
		n++;
	return n && !value[n];
}

static bool follows(const char *rule, const char *value)
{
	decimal d;
	hub_time t;
	if (strchr(rule, '|'))
		return one_of(rule, value);
	if (!strcmp(rule, "number"))
		return decimal_parse(value, strlen(value), &d) == HUB_OK;
	if (!strcmp(rule, "hex"))
		return is_hex(value);
	if (!strcmp(rule, "time"))
		return clock_parse(value, strlen(value), &t);
	return *value != '\0';
}

static const char *argument(const char *name, const hub_setting *arguments, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(arguments[i].key, name))
			return arguments[i].value;
	return NULL;
}

static bool takes(const command_kind *k, const char *name)
{
	for (size_t i = 0; i < KIND_ARGUMENTS && k->arguments[i].name; i++)
		if (!strcmp(k->arguments[i].name, name))
			return true;
	return false;
}

hub_status command_kind_check(const char *name, const hub_setting *arguments, size_t count, hub_fault *fault)
{
	const command_kind *k = command_kind_find(name);
	if (!k)
		return hub_fault_set(fault, "command.kind", "kind",
				     "'%.40s' is no kind of command; see hubctl command kinds", name);
	for (size_t i = 0; i < KIND_ARGUMENTS && k->arguments[i].name; i++) {
		const kind_argument *a = &k->arguments[i];
		const char *value = argument(a->name, arguments, count);
		if ((!value && a->required) || (value && !follows(a->rule, value)))
			return hub_fault_set(fault, "command.argument", a->name, "%s takes %s as %s%s: got '%.60s'",
					     name, a->name, a->rule, a->required ? ", always" : "", value ? value : "");
	}
	for (size_t i = 0; i < count; i++)
		if (!takes(k, arguments[i].key))
			return hub_fault_set(fault, "command.argument", "arguments", "%s takes no argument '%.40s'",
					     name, arguments[i].key);
	return HUB_OK;
}

bool command_cuts_off(const char *name, const hub_setting *arguments, size_t count)
{
	const char *state = argument("state", arguments, count);
	return !strcmp(name, "switch") && state && !strcmp(state, "off");
}

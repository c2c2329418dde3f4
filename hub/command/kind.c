#include "command/kind.h"

#include <ctype.h>
#include <jansson.h>
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
	/* until and then: the hub writes `then` at that time (schemas/sql/0102_set_point_end.sql). */
	{ "set_point",
	  "设定值",
	  "set-point of a building or device",
	  { { "value", "number", true }, { "until", "time" }, { "then", "number" } } },
	/* Chargers: the connector is the command's channel. adapters/ocpp16/order_make.c has the same names. */
	{ "charger_start", "启动充电", "start charging", { { "tag", "text", true }, { "profile", "json" } } },
	{ "charger_stop", "停止充电", "stop charging", { { "transaction", "number", true } } },
	{ "charger_limit",
	  "限制充电功率",
	  "limit charging",
	  { { "limit", "number", true },
	    { "unit", "W|kW|A" },
	    { "until", "time" },
	    { "duration", "number" },
	    { "phases", "number" },
	    { "transaction", "number" },
	    { "stack", "number" } } },
	{ "charger_profile", "充电曲线", "set a charging profile", { { "profile", "json", true } } },
	{ "charger_profile_clear",
	  "清除充电曲线",
	  "clear charging profiles",
	  { { "id", "number" },
	    { "purpose", "ChargePointMaxProfile|TxDefaultProfile|TxProfile" },
	    { "stack", "number" } } },
	{ "charger_schedule",
	  "读取充电计划",
	  "read the charging schedule",
	  { { "duration", "number", true }, { "unit", "W|A" } } },
	{ "charger_unlock", "解锁枪头", "unlock the connector", { { NULL } } },
	{ "charger_reset", "重启充电桩", "reset the charger", { { "type", "Hard|Soft", true } } },
	{ "charger_configure",
	  "充电桩配置",
	  "configuration of a charger",
	  { { "key", "text", true }, { "value", "text", true } } },
	{ "charger_configuration", "读取充电桩配置", "read the configuration of a charger", { { "keys", "json" } } },
	{ "charger_availability",
	  "充电桩启用停用",
	  "take in or out of service",
	  { { "type", "Operative|Inoperative", true } } },
	{ "charger_trigger",
	  "触发上报",
	  "trigger a message",
	  { { "message",
	      "BootNotification|DiagnosticsStatusNotification|FirmwareStatusNotification|Heartbeat|MeterValues|"
	      "StatusNotification",
	      true } } },
	{ "charger_trigger_extended",
	  "触发上报(扩展)",
	  "trigger a message, extended",
	  { { "message",
	      "BootNotification|LogStatusNotification|FirmwareStatusNotification|Heartbeat|MeterValues|"
	      "SignChargePointCertificate|StatusNotification",
	      true } } },
	{ "charger_cache_clear", "清除授权缓存", "clear the cache of tags", { { NULL } } },
	{ "charger_list_version", "读取白名单版本", "read the version of the local list", { { NULL } } },
	{ "charger_list_send",
	  "下发白名单",
	  "send the local list",
	  { { "version", "number", true }, { "mode", "Full|Differential", true }, { "tags", "json" } } },
	{ "charger_reserve",
	  "预约充电",
	  "reserve",
	  { { "tag", "text", true },
	    { "until", "time", true },
	    { "reservation", "number", true },
	    { "parent", "text" } } },
	{ "charger_reserve_cancel", "取消预约", "cancel a reservation", { { "reservation", "number", true } } },
	{ "charger_diagnostics",
	  "上传诊断",
	  "upload diagnostics",
	  { { "location", "text", true },
	    { "from", "time" },
	    { "to", "time" },
	    { "retries", "number" },
	    { "wait", "number" } } },
	{ "charger_log",
	  "上传日志",
	  "upload a log",
	  { { "request", "number", true },
	    { "type", "DiagnosticsLog|SecurityLog", true },
	    { "log", "json", true },
	    { "retries", "number" },
	    { "wait", "number" } } },
	{ "charger_firmware",
	  "升级固件",
	  "update the firmware",
	  { { "location", "text", true }, { "at", "time", true }, { "retries", "number" }, { "wait", "number" } } },
	{ "charger_firmware_signed",
	  "升级签名固件",
	  "update to signed firmware",
	  { { "request", "number", true },
	    { "firmware", "json", true },
	    { "retries", "number" },
	    { "wait", "number" } } },
	{ "charger_data",
	  "厂家数据",
	  "a vendor's own data",
	  { { "vendor", "text", true }, { "message", "text" }, { "data", "text" } } },
	{ "charger_certificates",
	  "读取证书列表",
	  "list installed certificates",
	  { { "use", "CentralSystemRootCertificate|ManufacturerRootCertificate", true } } },
	{ "charger_certificate_install",
	  "安装证书",
	  "install a certificate",
	  { { "use", "CentralSystemRootCertificate|ManufacturerRootCertificate", true },
	    { "certificate", "text", true } } },
	{ "charger_certificate_delete", "删除证书", "delete a certificate", { { "hash", "json", true } } },
	{ "charger_certificate_signed",
	  "下发充电桩证书",
	  "hand over a signed certificate",
	  { { "chain", "text", true } } },
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

static bool is_json(const char *value)
{
	json_t *v = json_loads(value, JSON_REJECT_DUPLICATES, NULL);
	json_decref(v);
	return v != NULL;
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
	if (!strcmp(rule, "json"))
		return is_json(value);
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
	if (!argument("until", arguments, count) != !argument("then", arguments, count) && !strcmp(name, "set_point"))
		return hub_fault_set(fault, "command.argument", "then", "a set-point that ends takes both until and then");
	return HUB_OK;
}

bool command_cuts_off(const char *name, const hub_setting *arguments, size_t count)
{
	const char *state = argument("state", arguments, count);
	return !strcmp(name, "switch") && state && !strcmp(state, "off");
}

#include "billing/bills_parts.h"

#include <string.h>

#include "base/json.h"

/* Codes by which a part cannot be reckoned, as a resident is told; what is more special first. */
static const struct {
	const char *code, *text;
} reasons[] = {
	{ "forecast.none", "本期还没有收到读数" },
	{ "forecast.registers", "只有间隔较长的抄表读数，没有逐时或逐日用量" },
	{ "forecast.readings", "本期读数还不满一整天，或中间有缺口" },
	{ "whatif.", "本期读数还不满一整天，或中间有缺口" },
	{ "bill.tariff.session", "这份价目只用于充电，不用于表计" },
	{ "bill.tariff.zone", "价目没有写明时区" },
	{ "bill.tariff", "现在没有适用的价目" },
	{ "tariff.version", "价目在本期开始时尚未生效" },
	{ "tariff.", "价目本身有误，请联系供应公司" },
	{ "usage.demand", "读数间隔太长，算不出需量" },
	{ "usage.market", "缺少本期的市场价格" },
	{ "usage.fact", "缺少计价需要的资料，如人口或合同容量" },
	{ "usage.missing", "价目要用的量没有读数" },
	{ "usage.unit", "读数的单位与价目不一致" },
	{ "usage.register", "抄表读数之间无法分摊到各时段" },
	{ "usage.", "本期读数不能用来计价" },
	{ "rating.range", "数值超出可计算的范围" },
};

const char *bills_reason_zh(const char *code)
{
	for (size_t i = 0; code && i < sizeof reasons / sizeof *reasons; i++)
		if (!strncmp(code, reasons[i].code, strlen(reasons[i].code)))
			return reasons[i].text;
	return "暂不能推算";
}

void bills_reason_write(const hub_fault *why, buf *out)
{
	buf_printf(out, ",\"code\":\"%s\",\"why\":", why->code ? why->code : "");
	json_write_text(out, why->message);
	buf_text(out, ",\"why_zh\":");
	json_write_text(out, bills_reason_zh(why->code));
}

#include "consent/text.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

typedef struct word {
	const char *name, *zh, *en;
} word;

static const word commodities[] = {
	{ "", "全部", "all" },
	{ "electricity", "电力", "electricity" },
	{ "water", "供水", "water" },
	{ "gas", "燃气", "gas" },
	{ "heat", "供热", "heat" },
	{ "cold", "供冷", "cold" },
	{ "ev", "充电", "charging" },
	{ "any", "其他", "other" },
	{ NULL },
};

static const word grains[] = {
	{ "raw", "原始读数", "every reading" }, { "15min", "每15分钟", "every 15 minutes" },
	{ "hour", "每小时", "hourly" },		{ "day", "每日", "daily" },
	{ "month", "每月", "monthly" },		{ NULL },
};

static const word purposes[] = {
	{ "billing", "计费", "billing" },
	{ "comparison", "用能对比", "comparison" },
	{ "demand_response", "需求响应", "demand response" },
	{ "energy_advice", "节能建议", "energy advice" },
	{ "maintenance", "维护", "maintenance" },
	{ "research", "研究", "research" },
	{ "security", "安防", "security" },
	{ NULL },
};

/* What is in no list of ours stands as it is. */
static word look(const word *list, const char *name)
{
	while (list->name && strcmp(list->name, name))
		list++;
	return list->name ? *list : (word){ name, name, name };
}

static const char *named(const char *name, const char *code)
{
	return name[0] ? name : code;
}

static const char *local(const zone *z, hub_time t, arena *a)
{
	zone_civil c = zone_to_civil(z, t);
	return arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static const char *data_period(const consent *c, const zone *z, bool zh, arena *a)
{
	const char *from = c->data_from ? local(z, c->data_from, a) : zh ? "最早" : "the beginning";
	const char *to = c->data_to ? local(z, c->data_to, a) : zh ? "授权结束" : "the end of this consent";
	return from && to ? arena_printf(a, zh ? "%s至%s" : "%s to %s", from, to) : NULL;
}

bool consent_digest(const char *text_zh, const char *text_en, uint8_t ret[32])
{
	buf b = { 0 };
	buf_text(&b, text_zh);
	buf_u8(&b, '\n');
	buf_text(&b, text_en);
	bool good = !b.bad;
	if (good)
		SHA256(b.bytes, b.len, ret);
	buf_fini(&b);
	return good;
}

hub_status consent_text(consent *c, const party *grantor, const party *grantee, const zone *z, arena *a)
{
	word what = look(commodities, c->commodity), fine = look(grains, consent_grain_names[c->grain]),
	     purpose = look(purposes, c->purpose);
	const char *from = local(z, c->valid_from, a), *to = local(z, c->valid_to, a), *at = local(z, c->granted, a);
	const char *data_zh = data_period(c, z, true, a), *data_en = data_period(c, z, false, a);
	if (!from || !to || !at || !data_zh || !data_en)
		return HUB_NOMEM;
	c->text_zh =
		arena_printf(a,
			 "授权回执 %llu:%s(%s)于 %s 同意 %s(%s)为“%s”查看计量点 %s 的%s数据,最细为%s,数据时段为%s;"
			 "授权有效期为 %s 至 %s(时区 %s)。可随时撤回,撤回后立即停止提供。",
			 (unsigned long long)c->id, named(grantor->name_zh, grantor->code), grantor->code, at,
			 named(grantee->name_zh, grantee->code), grantee->code, purpose.zh, c->point_code, what.zh,
			 fine.zh, data_zh, from, to, zone_name(z));
	c->text_en = arena_printf(
		a,
		"Receipt of consent %llu: on %s %s (%s) let %s (%s) see, for the purpose of %s, the data of metering point "
		"%s "
		"(%s), at the finest %s, measured from %s; valid from %s to %s (time zone %s). It may be withdrawn at any "
		"time; what follows the withdrawal is no longer handed out.",
		(unsigned long long)c->id, at, named(grantor->name_en, grantor->code), grantor->code,
		named(grantee->name_en, grantee->code), grantee->code, purpose.en, c->point_code, what.en, fine.en, data_en,
		from, to, zone_name(z));
	if (!c->text_zh || !c->text_en)
		return HUB_NOMEM;
	return consent_digest(c->text_zh, c->text_en, c->digest) ? HUB_OK : HUB_NOMEM;
}

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void member_time(buf *out, const char *name, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", name, clock_text(t, text));
	else
		buf_printf(out, ",\"%s\":null", name);
}

void consent_write(buf *out, const consent *c, hub_time now)
{
	buf_printf(out, "{\"id\":%llu", (unsigned long long)c->id);
	member(out, "point", c->point_code);
	member(out, "grantor", c->grantor_code);
	member(out, "grantee", c->grantee_code);
	member(out, "commodity", c->commodity);
	member(out, "granularity", consent_grain_names[c->grain]);
	member(out, "purpose", c->purpose);
	member_time(out, "valid_from", c->valid_from);
	member_time(out, "valid_to", c->valid_to);
	member_time(out, "data_from", c->data_from);
	member_time(out, "data_to", c->data_to);
	member(out, "state", consent_state(c, now));
	member(out, "by", c->by);
	member_time(out, "withdrawn", c->withdrawn);
	if (c->withdrawn)
		member(out, "withdrawn_by", c->withdrawn_by);
	buf_printf(out, ",\"receipt\":{\"id\":%llu", (unsigned long long)c->id);
	member_time(out, "time", c->granted);
	member(out, "text_zh", c->text_zh);
	member(out, "text_en", c->text_en);
	buf_text(out, ",\"digest\":\"");
	for (size_t i = 0; i < sizeof c->digest; i++)
		buf_printf(out, "%02x", c->digest[i]);
	buf_text(out, "\"}}");
}

/* What each of the parties does by itself, and with what it is told. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peers/peer.h"

enum { QUARTER = 900, HOUR = 3600, DAY = 24 * HOUR, QUIET = 30 };

/* Meters that a head-end reads and hands in, not the hub's own concentrators: with them nothing is wrong. */
static const uint32_t own_homes[] = { 1, 2, 12 };

/* A meter number as hub/ctl's city has it, what it counts, and the seconds of its intervals. */
static const struct {
	const char *quantity, *unit, *format;
	uint32_t first;
	int64_t step;
} own_meters[] = { { "active_energy_import", "kWh", "%012u", 0, QUARTER },
		   { "water_volume", "m3", "%014u", 10000000, HOUR },
		   { "gas_volume", "m3", "%014u", 30000000, HOUR } };

static int64_t used(const outside *o, const sim_home *h, int kind, int64_t start)
{
	if (kind == 0)
		return sim_home_power(&o->city, h, start / QUARTER).import;
	return kind == 1 ? sim_home_water(&o->city, h, start / HOUR, o->leaks)
			 : sim_home_gas(&o->city, h, start / HOUR);
}

static json_t *interval(const outside *o, const sim_home *h, int kind, int64_t start)
{
	char meter[24], value[32], from[24], to[24];
	int64_t v = used(o, h, kind, start);
	snprintf(meter, sizeof meter, own_meters[kind].format, own_meters[kind].first + h->number);
	snprintf(value, sizeof value, "%lld.%03lld", (long long)v / 1000, (long long)v % 1000);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "meter", meter, "quantity", own_meters[kind].quantity, "kind",
			 "interval", "unit", own_meters[kind].unit, "value", value, "start", peer_time(start, from),
			 "time", peer_time(start + own_meters[kind].step, to));
}

/* All intervals of the three meters of its homes that end after `from` and not after `to`. */
static json_t *three_meters(const outside *o, int64_t from, int64_t to)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof own_homes / sizeof *own_homes; i++)
		for (int k = 0; k < 3; k++) {
			const sim_home h = sim_home_of(&o->city, own_homes[i]);
			const int64_t step = own_meters[k].step;
			for (int64_t start = from / step * step; start + step <= to; start += step)
				if (start + step > from)
					json_array_append_new(list, interval(o, &h, k, start));
		}
	return list;
}

/*
 * What ended since the last batch, a day at most. It begins with the history's last hour, as it does not know what of
 * it arrived: what was sent twice is stored once.
 */
static bool hand_in_readings(peer *p, int64_t now)
{
	int64_t from = p->done ? p->done : p->hub->until - HOUR, to = now / QUARTER * QUARTER;
	long status = 200;
	char name[64];
	while (from < to && status < 300) {
		int64_t end = from + DAY < to ? from + DAY : to;
		json_t *batch = three_meters(p->hub, from, end);
		char *text = json_dumps(batch, JSON_COMPACT);
		snprintf(name, sizeof name, "day-%lld-%lld", (long long)from, (long long)end);
		status = 0;
		json_decref(text ? peer_call(p, "/v1/readings", text, name, &status) : NULL);
		free(text);
		json_decref(batch);
		if (status < 200 || status >= 300)
			return false;
		p->done = from = end;
	}
	return true;
}

/* Whoever asks for data is granted them, and told where they are. */
static bool answer_requests(peer *p)
{
	static const char *const steps[] = { "granted", "fulfilled" };
	long status;
	size_t i;
	const json_t *r;
	json_t *all = peer_call(p, "/v1/data-requests", NULL, NULL, &status);
	json_array_foreach (json_object_get(all, "requests"), i, r) {
		const char *state = json_string_value(json_object_get(r, "state")),
			   *to = json_string_value(json_object_get(r, "to"));
		if (!state || !to || strcmp(state, "asked") || strcmp(to, p->kind->name))
			continue;
		for (size_t k = 0; k < 2 && status < 300; k++) {
			char path[64], body[160];
			snprintf(path, sizeof path, "/v1/data-requests/%lld/steps",
				 (long long)json_integer_value(json_object_get(r, "id")));
			snprintf(body, sizeof body, "{\"state\":\"%s\",\"note\":\"%s\"%s}", steps[k],
				 k ? "已在消息中 in your feed" : "同意 agreed", k ? ",\"reference\":\"feed\"" : "");
			json_decref(peer_call(p, path, body, NULL, &status));
		}
	}
	json_decref(all);
	return status == 200;
}

static bool power_round(peer *p, int64_t now)
{
	bool good = hand_in_readings(p, now);
	return answer_requests(p) && good;
}

static bool power_heard(peer *p, const json_t *body, int64_t now)
{
	const char *kind = json_string_value(json_object_get(body, "kind"));
	(void)now;
	return !kind || strcmp(kind, "data_request") || answer_requests(p);
}

/* How many notices it sent; negative: the hub could not be asked. */
static int notices_sent(peer *p)
{
	long status;
	json_t *all = peer_call(p, "/v1/notices?sent=true", NULL, NULL, &status);
	int n = status == 200 ? (int)json_array_size(json_object_get(all, "notices")) : -1;
	json_decref(all);
	return n;
}

typedef struct notice {
	const char *premise, *commodity, *title_zh, *title_en, *text_zh, *text_en;
	const char *kind, *purpose; /* NULL: a notice, and nobody asks what for */
} notice;

/* One that holds for ten days, if it sent none yet. */
static bool tell(peer *p, const notice *n, int64_t now)
{
	char from[24], to[24];
	long status = 200;
	int sent = notices_sent(p);
	if (sent)
		return sent > 0;
	json_t *o =
	    json_pack("{s:s,s:[s],s:s,s:s,s:s,s:s,s:s,s:s}", "severity", "info", "premises", n->premise, "title_zh",
		      n->title_zh, "title_en", n->title_en, "text_zh", n->text_zh, "text_en", n->text_en, "valid_from",
		      peer_time(now, from), "valid_to", peer_time(now + 10 * DAY, to));
	if (*n->commodity)
		json_object_set_new(o, "commodity", json_string(n->commodity));
	if (n->kind)
		json_object_set_new(o, "kind", json_string(n->kind));
	if (n->purpose)
		json_object_set_new(o, "purpose", json_string(n->purpose));
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(text ? peer_call(p, "/v1/notices", text, NULL, &status) : NULL);
	free(text);
	json_decref(o);
	return status < 300;
}

static bool water_round(peer *p, int64_t now)
{
	static const notice stop = {
		"bh-d1",
		"water",
		"计划停水通知",
		"Water off, as planned",
		"东城区管网检修，后天 22:00 至次日 04:00 停水，请提前储水。",
		"The net of East Town is being mended: no water the day after tomorrow from 22:00 to 04:00."
	};
	static const char request[] =
	    "{\"of\":\"power\",\"commodity\":\"water\",\"purpose\":\"漏损分析 leakage analysis\","
	    "\"what\":\"西山区上月逐日水量 daily volumes of West Hills, last month\",\"premises\":[\"bh-d4\"]}";
	long status;
	json_t *all = peer_call(p, "/v1/data-requests", NULL, NULL, &status);
	bool none = status == 200 && !json_array_size(json_object_get(all, "requests"));
	json_decref(all);
	if (none)
		json_decref(peer_call(p, "/v1/data-requests", request, NULL, &status));
	const bool billed = peer_bill(p, SIM_BILLER_WATER, now);
	return tell(p, &stop, now) && status < 300 && billed;
}

/* The last month's, once it is over; what was sent twice is there once. */
static bool gas_round(peer *p, int64_t now)
{
	static const notice check = { "bh-d2",
				      "gas",
				      "燃气入户安检",
				      "Gas safety check",
				      "本周六上午港湾区入户安检，请留人在家。",
				      "Saturday morning in Harbour; please be at home." };
	const bool billed = peer_bill(p, SIM_BILLER_GAS, now);
	return tell(p, &check, now) && billed;
}

/* It tells the homes that it manages of their doors; what it is told itself it pins up in the hall. */
static bool estate_round(peer *p, int64_t now)
{
	static const notice gate = { "bh-d1-e",
				     "",
				     "东门门禁更换",
				     "The east gate gets a new lock",
				     "今晚 22:00 至次日 06:00 东门停用，请走西门并随身带门禁卡。",
				     "Tonight from 22:00 to 06:00 please use the west gate, and carry your card.",
				     .kind = "security_notice",
				     .purpose = "门禁更换 a new lock" };
	long status;
	json_decref(peer_call(p, "/v1/notices", NULL, NULL, &status));
	return tell(p, &gate, now) && status == 200;
}

/* Days of those who let it see them; each look is in "who read my data". */
static bool cloud_round(peer *p, int64_t now)
{
	char path[256], from[24], to[24];
	long status;
	size_t i;
	const json_t *point;
	json_t *all = peer_call(p, "/v1/points?limit=100", NULL, NULL, &status);
	json_array_foreach (json_object_get(all, "points"), i, point) {
		const char *code = json_string_value(json_object_get(point, "code"));
		snprintf(
		    path, sizeof path,
		    "/v1/readings?point=%s&quantity=active_energy_import&step=day&purpose=energy_advice&from=%s&to=%s",
		    code ? code : "", peer_time(now - 7 * DAY, from), peer_time(now, to));
		if (status == 200)
			json_decref(peer_call(p, path, NULL, NULL, &status));
	}
	json_decref(all);
	return status == 200;
}

static bool nothing(peer *p, int64_t now)
{
	(void)p;
	(void)now;
	return true;
}

static void sign(const peer *p, const char *text, char ret[65])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	HMAC(EVP_sha256(), p->key, (int)strlen(p->key), (const unsigned char *)text, strlen(text), mac, &len);
	for (unsigned i = 0; i < 32 && i < len; i++)
		snprintf(ret + 2 * i, 3, "%02x", mac[i]);
}

/* Who ordered to pay has paid: the provider says so, signed. */
static bool pay_heard(peer *p, const json_t *body, int64_t now)
{
	const char *kind = json_string_value(json_object_get(body, "kind")),
		   *order = json_string_value(json_object_get(body, "order"));
	long long amount = json_integer_value(json_object_get(body, "amount"));
	char text[640], reference[PEER_WORD], time[24], signature[65] = "";
	long status = 0;
	if (!kind || !order || strcmp(kind, "payment_order"))
		return true;
	snprintf(reference, sizeof reference, "BP-%.100s", order);
	snprintf(text, sizeof text, "order=%s\nreference=%s\ncurrency=CNY\namount=%lld\ntime=%s\n", order, reference,
		 amount, peer_time(now, time));
	sign(p, text, signature);
	json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:s,s:s}", "order", order, "reference", reference, "currency", "CNY",
			      "amount", (json_int_t)amount, "time", time, "signature", signature);
	char *said = json_dumps(o, JSON_COMPACT);
	json_decref(said ? peer_call(p, "/v1/payments/callback", said, NULL, &status) : NULL);
	free(said);
	json_decref(o);
	/* A refusal is final; what could not be reached comes again. */
	return status > 0 && status < 500;
}

const peer_kind peer_kinds[] = {
	{ "power", true, QUIET, power_round, power_heard },
	{ "water", false, QUIET, water_round, NULL },
	{ "gas", false, HOUR, gas_round, NULL },
	{ "estate-1", false, QUIET, estate_round, NULL },
	{ "cloud", false, HOUR, cloud_round, NULL },
	{ "pay", false, HOUR, nothing, pay_heard },
	{ "bureau", false, HOUR, nothing, NULL },
};
const size_t peer_kind_count = sizeof peer_kinds / sizeof *peer_kinds;

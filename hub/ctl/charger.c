#include "store/charger.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "identity/station_secret.h"
#include "store/charger_limit.h"
#include "store/charging.h"
#include "store/device.h"

enum { PAGE = 1000, SESSIONS = 10000 };

/* A station, with what else is said of it. */
typedef struct addition {
	charger row;
	device device;
	const char *point;	       /* of the whole, NULL: not said */
	const hub_setting *connectors; /* channel, point's code */
	size_t count;
	hub_time from;
} addition;

/* Said before: a date that was not given is another each time. */
static hub_status is_bound(ctl *c, const addition *s, const char *channel, int64_t point_id, arena *a, bool *ret)
{
	point_binding *list;
	size_t count;
	hub_status st = point_bindings(c->db, s->row.party, &s->row.name, 1, a, &list, &count);
	const point_binding *b =
	    st == HUB_OK ? point_binding_find(list, count, s->row.name, channel, clock_now()) : NULL;
	*ret = b && b->point.id == point_id && !strcmp(b->channel, channel);
	return st;
}

/* Connectors may have points of their own; the station's covers the others. */
static hub_status bind_point(ctl *c, const addition *s, const char *channel, const char *point_code, arena *a,
			     hub_fault *fault)
{
	installation i = { .device = s->device.id, .channel = channel, .valid_from = s->from };
	int64_t id;
	bool changed, bound = false;
	hub_status st = word_point(c->db, point_code, a, &i.point, fault);
	if (st == HUB_OK)
		st = is_bound(c, s, channel, i.point, a, &bound);
	return st == HUB_OK && !bound ? device_install(c->db, &i, &id, &changed, fault) : st;
}

static hub_status put(ctl *c, addition *s, arena *a, bool *ret_changed, hub_fault *fault)
{
	bool changed;
	s->device =
	    (device) { .party = s->row.party, .meter = s->row.name, .maker = "", .model = "", .multiplier = { 1, 0 } };
	hub_status st = charger_put(c->db, &s->row, ret_changed, fault);
	if (st == HUB_OK && (s->point || s->count))
		st = device_put(c->db, &s->device, &s->device.id, &changed, fault);
	if (st == HUB_OK && s->point)
		st = bind_point(c, s, "", s->point, a, fault);
	if (st == HUB_OK && *ret_changed)
		st = charging_wake(c->db, s->row.name, NULL);
	for (size_t i = 0; st == HUB_OK && i < s->count; i++)
		st = bind_point(c, s, s->connectors[i].key, s->connectors[i].value, a, fault);
	return st;
}

static hub_status take(ctl *c, int *argc, char **argv, arena *a, addition *s, hub_fault *fault)
{
	int bad = 0;
	uint64_t profile;
	hub_setting *connectors;
	const char *party_code = ctl_take(argc, argv, "party", 1, &bad), *from = ctl_take(argc, argv, "from", 1, &bad);
	const char *state = ctl_take(argc, argv, "state", 1, &bad),
		   *profile_text = ctl_take(argc, argv, "profile", 1, &bad);
	const char *tariff = ctl_take(argc, argv, "tariff", 1, &bad);
	s->point = ctl_take(argc, argv, "point", 1, &bad);
	s->row.instance = ctl_take(argc, argv, "instance", 1, &bad);
	s->row.state = state ? state : "accepted";
	s->row.tariff = tariff ? tariff : "";
	hub_status st = word_pairs(argc, argv, "connector", a, &connectors, &s->count, fault);
	if (st == HUB_OK)
		st = word_number(profile_text, 1, &profile, fault);
	/* As hubctl point bind has it: so that the past can be sent. */
	if (st == HUB_OK)
		st = word_time(from, clock_now() - INT64_C(1096) * 86400000000, &s->from, fault);
	if (st == HUB_OK && (bad || *argc != 2 || !party_code || !s->row.instance || profile > 3 ||
			     ctl_leftover("charger add", *argc, argv)))
		st = hub_fault_set(fault, "charger.arguments", "",
				   "a station's name, --party, --instance and a --profile of 0 to 3; "
				   "see hubctl help charger add");
	if (st != HUB_OK)
		return st;
	s->row.name = argv[1];
	s->row.profile = (int)profile;
	s->connectors = connectors;
	return word_party(c->db, party_code, a, &s->row.party, fault);
}

static hub_status add(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	addition s = { 0 };
	bool changed = false;
	hub_status st = take(c, argc, argv, a, &s, fault);
	if (st == HUB_OK)
		st = store_begin(c->db);
	if (st != HUB_OK)
		return st;
	st = put(c, &s, a, &changed, fault);
	if (st == HUB_OK)
		st = store_commit(c->db);
	else
		store_rollback(c->db);
	if (st == HUB_OK)
		printf("charger %s %s\n", s.row.name, changed ? "stored" : "unchanged");
	return st;
}

int ctl_charger_add(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = add(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("charger add", st, &fault);
}

/* Limits that it confirmed, and whether it keeps them. */
static hub_status show_limits(ctl *c, const charger *s, arena *a, buf *b)
{
	charger_limit *list;
	size_t count = 0;
	hub_status st = charger_limit_list(c->db, s->party, s->name, a, &list, &count);
	buf_text(b, ",\"limits\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		buf_printf(
		    b,
		    "%s{\"connector\":\"%s\",\"command\":%lld,\"limit_w\":%lld,\"measured_w\":%lld,\"state\":\"%s\"}",
		    i ? "," : "", list[i].channel, (long long)list[i].command, (long long)list[i].limit_w,
		    (long long)list[i].measured_w, list[i].state);
	buf_text(b, "]");
	return st;
}

static hub_status show(ctl *in, const charger *c, arena *a)
{
	buf b = { 0 };
	buf_text(&b, "{\"name\":");
	json_write_text(&b, c->name);
	buf_printf(&b, ",\"instance\":\"%s\",\"state\":\"%s\",\"profile\":%d,\"password\":%s", c->instance, c->state,
		   c->profile, c->has_secret ? "true" : "false");
	hub_status st = show_limits(in, c, a, &b);
	buf_u8(&b, '}');
	puts(buf_cstr(&b));
	buf_fini(&b);
	return st;
}

int ctl_charger_list(ctl *c, int argc, char **argv)
{
	arena a;
	charger *list;
	size_t got = PAGE;
	const char *after = "";
	hub_status st = HUB_OK;
	if (ctl_leftover("charger list", argc, argv) || argc != 1)
		return ctl_usage("charger list");
	arena_init(&a, 0);
	while (st == HUB_OK && got == PAGE) {
		st = charger_list(c->db, NULL, after, PAGE, &a, &list, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++) {
			st = show(c, &list[i], &a);
			after = list[i].name;
		}
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("charger list", st, NULL);
}

int ctl_charger_password(ctl *c, int argc, char **argv)
{
	int bad = 0;
	char made[STATION_KEY_TEXT], secret[STATION_SECRET];
	hub_fault fault = { 0 };
	const char *given = ctl_take(&argc, argv, "password", 1, &bad);
	if (bad || ctl_leftover("charger password", argc, argv) || argc != 2)
		return ctl_usage("charger password");
	hub_status st = given ? station_secret_of(given, secret, &fault) : station_secret_make(made, secret);
	if (st == HUB_OK)
		st = charger_secret_set(c->db, argv[1], secret);
	if (st == HUB_MISSING)
		hub_fault_set(&fault, "charger.unknown", "name",
			      "there is no station '%.64s'; hubctl charger add makes it known", argv[1]);
	if (st != HUB_OK)
		return ctl_fail("charger password", st, &fault);
	if (!given)
		puts(made);
	return CTL_OK;
}

int ctl_charger_tag(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	hub_fault fault = { 0 };
	char tag[81];
	const char *party_code = ctl_take(&argc, argv, "party", 1, &bad), *to = ctl_take(&argc, argv, "to", 1, &bad);
	const char *parent = ctl_take(&argc, argv, "parent", 1, &bad);
	const char *payer = ctl_take(&argc, argv, "account", 1, &bad),
		   *tariff = ctl_take(&argc, argv, "tariff", 1, &bad);
	charge_tag t = { .tag = tag, .parent = parent ? parent : "", .tariff = tariff ? tariff : "" };
	billing_account account;
	t.state = ctl_take(&argc, argv, "blocked", 0, &bad) ? "blocked" : "accepted";
	t.alone = ctl_take(&argc, argv, "alone", 0, &bad);
	if (bad || !party_code || ctl_leftover("charger tag", argc, argv) || argc != 2 || strlen(argv[1]) >= sizeof tag)
		return ctl_usage("charger tag");
	for (size_t i = 0; i <= strlen(argv[1]); i++)
		tag[i] = (char)toupper((unsigned char)argv[1][i]);
	arena_init(&a, 0);
	hub_status st = word_time(to, 0, &t.valid_to, &fault);
	if (st == HUB_OK)
		st = word_party(c->db, party_code, &a, &t.party, &fault);
	if (st == HUB_OK && payer) {
		st = word_account(c->db, payer, &a, &account, &fault);
		t.account = st == HUB_OK ? account.id : 0;
	}
	if (st == HUB_OK)
		st = charge_tag_put(c->db, &t, &fault);
	if (st == HUB_OK)
		st = charging_wake(c->db, NULL, t.tag);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("charger tag", st, &fault);
}

static void time_member(buf *b, const char *name, hub_time t)
{
	char text[CLOCK_TEXT];
	if (t)
		buf_printf(b, ",\"%s\":\"%s\"", name, clock_text(t, text));
}

static void show_session(const charging_session *s)
{
	const struct {
		const char *name, *text;
	} texts[] = { { "station", s->station },   { "transaction", s->transaction },
		      { "connector", s->channel }, { "point", s->point },
		      { "tag", s->tag },	   { "reason", s->reason },
		      { "problem", s->problem } };
	buf b = { 0 };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_printf(&b, "%s\"%s\":", i ? "," : "{", texts[i].name);
		json_write_text(&b, texts[i].text);
	}
	time_member(&b, "started", s->started);
	time_member(&b, "ended", s->ended);
	time_member(&b, "last_update", s->last_update);
	if (s->has_start)
		buf_printf(&b, ",\"start_wh\":%lld", (long long)s->start_wh);
	if (s->has_stop)
		buf_printf(&b, ",\"stop_wh\":%lld", (long long)s->stop_wh);
	if (s->has_energy)
		buf_printf(&b, ",\"energy_wh\":%lld", (long long)s->energy_wh);
	buf_text(&b, "}");
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_charger_sessions(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	charging_session *list;
	hub_fault fault = { 0 };
	size_t got = PAGE, shown = 0;
	int64_t before = 0;
	uint64_t hours = 0;
	const char *station = ctl_take(&argc, argv, "station", 1, &bad),
		   *silent = ctl_take(&argc, argv, "silent-hours", 1, &bad);
	if (bad || ctl_leftover("charger sessions", argc, argv) || argc != 1)
		return ctl_usage("charger sessions");
	arena_init(&a, 0);
	hub_status st = word_number(silent, 0, &hours, &fault);
	hub_time since = silent ? clock_now() - (hub_time)hours * INT64_C(3600000000) : 0;
	while (st == HUB_OK && got == PAGE && shown < SESSIONS) {
		st = charging_session_list(c->db, station, since, before, PAGE, &a, &list, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++, shown++) {
			show_session(&list[i]);
			before = list[i].id;
		}
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("charger sessions", st, &fault);
}

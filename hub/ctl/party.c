#include "store/party.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/mqtt.h"
#include "ctl/words.h"
#include "store/instance.h"
#include "store/outbox.h"
#include "store/token.h"

#define DAY INT64_C(86400000000)

enum { MQTT_DAYS = 90, MQTT_DAYS_MAX = 3650 };

int ctl_party_add(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t id;
	bool changed = false;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	party p = { .name_zh = ctl_take(&argc, argv, "name-zh", 1, &bad), .name_en = ctl_take(&argc, argv, "name-en", 1, &bad),
		    .kind = ctl_take(&argc, argv, "kind", 1, &bad) };
	const char **roles = NULL;
	hub_status st = word_list(&argc, argv, "role", &a, &roles, &p.role_count);
	p.roles = roles;
	if (bad || st != HUB_OK || ctl_leftover("party add", argc, argv) || argc != 2) {
		arena_fini(&a);
		return ctl_usage("party add");
	}
	p.code = argv[1];
	p.name_zh = p.name_zh ? p.name_zh : "";
	p.name_en = p.name_en ? p.name_en : "";
	p.kind = p.kind ? p.kind : "utility";
	st = party_put(c->db, &p, &id, &changed, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("party add", st, &fault);
	printf("party %s %s\n", p.code, changed ? "stored" : "unchanged");
	return CTL_OK;
}

static void show(const party *p, bool as_json)
{
	buf b = { 0 };
	if (as_json) {
		buf_text(&b, "{\"code\":");
		json_write_text(&b, p->code);
		buf_text(&b, ",\"name_zh\":");
		json_write_text(&b, p->name_zh);
		buf_text(&b, ",\"name_en\":");
		json_write_text(&b, p->name_en);
		buf_printf(&b, ",\"kind\":\"%s\",\"roles\":[", p->kind);
		for (size_t i = 0; i < p->role_count; i++) {
			buf_text(&b, i ? "," : "");
			json_write_text(&b, p->roles[i]);
		}
		buf_text(&b, "]}");
	} else {
		buf_printf(&b, "%-20s %-12s %s %s", p->code, p->kind, p->name_zh, p->name_en);
		for (size_t i = 0; i < p->role_count; i++)
			buf_printf(&b, " %s", p->roles[i]);
	}
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_party_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t after = 0;
	size_t count;
	party *list;
	bool as_json = ctl_take(&argc, argv, "json", 0, &bad);
	if (ctl_leftover("party list", argc, argv) || argc != 1)
		return ctl_usage("party list");
	arena_init(&a, 0);
	hub_status st;
	while ((st = party_list(c->db, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			show(&list[i], as_json);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("party list", st, NULL);
}

/* What a party publishes is read by an instance of its own; without one it would be passed over. */
static hub_status check_reader(ctl *c, int64_t party_id, const char *code, arena *a, hub_fault *fault)
{
	instance *list;
	size_t count;
	int64_t version;
	hub_status st = instance_list(c->db, NULL, a, &list, &count, &version);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		json_t *transport = json_loads(list[i].transport, 0, NULL);
		const char *kind = json_string_value(json_object_get(transport, "kind"));
		bool reads = list[i].party == party_id && kind && !strcmp(kind, "journal");
		json_decref(transport);
		if (reads)
			return HUB_OK;
	}
	outbox_head *heads = NULL;
	size_t head_count = 0;
	if (st == HUB_OK)
		st = outbox_list(c->db, party_id, a, &heads, &head_count);
	for (size_t i = 0; st == HUB_OK && i < head_count; i++)
		if (!strcmp(heads[i].door, "mqtt"))
			return HUB_OK;
	if (st != HUB_OK)
		return st;
	return hub_fault_set(fault, "mqtt.instance", "party", "no instance reads what '%.64s' publishes: hubctl instance add "
			     "NAME --party %.64s --adapter mqtt_json --transport kind=journal", code, code);
}

static int print_mqtt(ctl *c, const char *code, uint64_t days)
{
	arena a;
	int64_t id;
	const char *text;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_time now = clock_now();
	hub_status st = word_party(c->db, code, &a, &id, &fault);
	if (st == HUB_OK)
		st = check_reader(c, id, code, &a, &fault);
	if (st == HUB_OK)
		st = mqtt_token(c, code, now, now + (int64_t)days * DAY, &a, &text, &fault);
	if (st == HUB_OK)
		puts(text);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("party token", st, &fault);
}

int ctl_party_token(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t party_id = 0, id;
	uint64_t days = 0;
	char text[TOKEN_TEXT];
	hub_fault fault = { 0 };
	const char *label = ctl_take(&argc, argv, "label", 1, &bad), *for_days = ctl_take(&argc, argv, "days", 1, &bad);
	bool mqtt = ctl_take(&argc, argv, "mqtt", 0, &bad);
	if (bad || ctl_leftover("party token", argc, argv) || argc != 2)
		return ctl_usage("party token");
	hub_status st = word_number(for_days, mqtt ? MQTT_DAYS : 365, &days, &fault);
	if (mqtt && st == HUB_OK && (days < 1 || days > MQTT_DAYS_MAX))
		st = hub_fault_set(&fault, "mqtt.days", "days", "a token for MQTT ends: --days is 1 to %d", MQTT_DAYS_MAX);
	if (mqtt)
		return st == HUB_OK ? print_mqtt(c, argv[1], days) : ctl_fail("party token", st, &fault);
	arena_init(&a, 0);
	if (st == HUB_OK)
		st = word_party(c->db, argv[1], &a, &party_id, &fault);
	if (st == HUB_OK)
		st = token_new(c->db, party_id, label ? label : "", 0, days ? clock_now() + (int64_t)days * DAY : 0, text, &id,
			       &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("party token", st, &fault);
	puts(text);
	return CTL_OK;
}

#include "store/point.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/json.h"
#include "billing/bills.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "store/device.h"
#include "store/premise.h"

static const char *const roles[] = { "owner", "occupant", "operator", "supplier", "reader" };
enum { ROLES = sizeof roles / sizeof roles[0] };

static hub_status take_parties(ctl *c, int *argc, char **argv, arena *a, point *p, hub_fault *fault)
{
	point_party *list = NULL;
	size_t n = 0;
	for (size_t r = 0; r < ROLES; r++) {
		const char **codes;
		size_t count;
		hub_status st = word_list(argc, argv, roles[r], a, &codes, &count);
		point_party *grown = st == HUB_OK ? arena_array(a, n + count, sizeof *grown) : NULL;
		if (!grown)
			return st == HUB_OK ? HUB_NOMEM : st;
		if (n)
			memcpy(grown, list, n * sizeof *grown);
		list = grown;
		for (size_t i = 0; i < count; i++) {
			list[n].role = roles[r];
			st = word_party(c->db, codes[i], a, &list[n++].party, fault);
			if (st != HUB_OK)
				return st;
		}
	}
	p->parties = list;
	p->party_count = n;
	return HUB_OK;
}

/* "quantity:min:max:rise", each of the three may be empty. */
static hub_status put_limit(ctl *c, const char *text, int64_t point_id, arena *a, hub_fault *fault)
{
	char *copy = arena_strdup(a, text), *part[4] = { NULL };
	point_limit l = { .point = point_id };
	struct { bool *has; hub_value *value; } fields[] = { { &l.has_min, &l.min }, { &l.has_max, &l.max },
							     { &l.has_rise, &l.rise } };
	if (!copy)
		return HUB_NOMEM;
	for (size_t i = 0; i < 4; i++)
		part[i] = strsep(&copy, ":");
	hub_status st = copy ? hub_fault_set(fault, "point.limit", "limit", "a limit is quantity:min:max:rise") : HUB_OK;
	if (st == HUB_OK)
		st = word_quantity(part[0], &l.quantity, fault);
	for (size_t i = 0; st == HUB_OK && i < 3; i++) {
		*fields[i].has = part[i + 1] && part[i + 1][0];
		st = word_value(*fields[i].has ? part[i + 1] : NULL, (hub_value){ 0 }, fields[i].value, fault);
	}
	return st == HUB_OK ? point_limit_put(c->db, &l, fault) : st;
}

static hub_status add(ctl *c, int *argc, char **argv, arena *a, hub_fault *fault)
{
	int bad = 0;
	point p = { .commodity = ctl_take(argc, argv, "commodity", 1, &bad), .name_zh = ctl_take(argc, argv, "name-zh", 1, &bad),
		    .name_en = ctl_take(argc, argv, "name-en", 1, &bad), .zone = ctl_take(argc, argv, "zone", 1, &bad) };
	const char *premise_code = ctl_take(argc, argv, "premise", 1, &bad), *power = ctl_take(argc, argv, "power", 1, &bad);
	const char *interval = ctl_take(argc, argv, "interval", 1, &bad), **limits;
	size_t limit_count;
	uint64_t seconds = 0;
	int64_t id = 0;
	premise place;
	p.protected = ctl_take(argc, argv, "protected", 0, &bad);
	hub_status st = word_list(argc, argv, "limit", a, &limits, &limit_count);
	if (st == HUB_OK)
		st = take_parties(c, argc, argv, a, &p, fault);
	if (st == HUB_OK)
		st = word_number(interval, 0, &seconds, fault);
	if (st == HUB_OK)
		st = word_value(power, (hub_value){ 0 }, &p.power, fault);
	if (st == HUB_OK && premise_code && (st = premise_by_code(c->db, premise_code, a, &place)) == HUB_OK)
		p.premise = place.id;
	if (st == HUB_OK && (bad || !p.commodity || *argc != 2 || ctl_leftover("point add", *argc, argv)))
		st = hub_fault_set(fault, "point.arguments", "", "a code and --commodity are needed; see hubctl help point add");
	if (st != HUB_OK)
		return st;
	p.code = argv[1];
	p.interval = (int32_t)seconds;
	p.name_zh = p.name_zh ? p.name_zh : "";
	p.name_en = p.name_en ? p.name_en : "";
	p.zone = p.zone ? p.zone : "Asia/Shanghai";
	bool changed = false;
	st = point_put(c->db, &p, &id, &changed, fault);
	for (size_t i = 0; st == HUB_OK && i < limit_count; i++)
		st = put_limit(c, limits[i], id, a, fault);
	if (st == HUB_OK)
		printf("point %s %s\n", p.code, changed ? "stored" : "unchanged");
	return st;
}

int ctl_point_add(ctl *c, int argc, char **argv)
{
	arena a;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = add(c, &argc, argv, &a, &fault);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("point add", st, &fault);
}

/* "quantity=value": the register as it stood. */
static hub_status take_registers(int *argc, char **argv, const char *name, bool at_end, arena *a, installation_register **ret,
				 size_t *ret_count, hub_fault *fault)
{
	hub_setting *pairs;
	size_t count;
	hub_status st = word_pairs(argc, argv, name, a, &pairs, &count, fault);
	installation_register *list = st == HUB_OK ? arena_array(a, count, sizeof *list) : NULL;
	if (!list)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		st = word_quantity(pairs[i].key, &list[i].quantity, fault);
		if (st == HUB_OK)
			st = word_value(pairs[i].value, (hub_value){ 0 }, at_end ? &list[i].end : &list[i].start, fault);
		list[i].has_end = at_end;
		list[i].has_start = !at_end;
	}
	*ret = list;
	*ret_count = count;
	return st;
}

typedef struct binding {
	device device;
	installation installation;
	installation_register *starts, *ends;
	size_t start_count, end_count;
	bool exchange;
	const char *balance; /* money that stood in the old meter */
} binding;

static hub_status take_binding(ctl *c, int *argc, char **argv, arena *a, binding *b, hub_fault *fault)
{
	int bad = 0;
	const char *party_code = ctl_take(argc, argv, "party", 1, &bad), *from = ctl_take(argc, argv, "from", 1, &bad);
	const char *multiplier = ctl_take(argc, argv, "multiplier", 1, &bad), *modulus = ctl_take(argc, argv, "modulus", 1, &bad);
	const char *channel = ctl_take(argc, argv, "channel", 1, &bad), *maker = ctl_take(argc, argv, "maker", 1, &bad);
	const char *model = ctl_take(argc, argv, "model", 1, &bad);
	b->device.meter = ctl_take(argc, argv, "meter", 1, &bad);
	b->balance = ctl_take(argc, argv, "balance", 1, &bad);
	b->device.maker = maker ? maker : "";
	b->device.model = model ? model : "";
	b->installation.channel = channel ? channel : "";
	b->exchange = ctl_take(argc, argv, "exchange", 0, &bad);
	hub_status st = take_registers(argc, argv, "start", false, a, &b->starts, &b->start_count, fault);
	if (st == HUB_OK)
		st = take_registers(argc, argv, "end", true, a, &b->ends, &b->end_count, fault);
	if (st == HUB_OK && (bad || *argc != 2 || !party_code || !b->device.meter || ctl_leftover("point bind", *argc, argv)))
		st = hub_fault_set(fault, "point.arguments", "", "a point's code, --party and --meter are needed; see hubctl help "
				   "point bind");
	if (st == HUB_OK)
		st = word_party(c->db, party_code, a, &b->device.party, fault);
	if (st == HUB_OK)
		st = word_point(c->db, argv[1], a, &b->installation.point, fault);
	if (st == HUB_OK)
		st = word_value(multiplier, (hub_value){ 1, 0 }, &b->device.multiplier, fault);
	if (st == HUB_OK)
		st = word_value(modulus, (hub_value){ 0 }, &b->device.modulus, fault);
	/* Without a date a meter is taken to have been there for three years, so that its past can be sent. */
	return st == HUB_OK ? word_time(from, clock_now() - INT64_C(1096) * 86400000000, &b->installation.valid_from, fault) : st;
}

/* What the customer had paid into the meter that went is credit of the account. */
static hub_status carry(ctl *c, const binding *b, hub_fault *fault)
{
	char key[64];
	int64_t amount;
	bills *service = NULL;
	hub_status st = word_cents(b->balance, &amount, fault);
	snprintf(key, sizeof key, "%.40s %lld", b->device.meter, (long long)(b->installation.valid_from / 1000000));
	if (st == HUB_OK)
		st = bills_new(c->db, &service);
	if (st == HUB_OK)
		st = bills_carry_meter(service, b->installation.point, b->installation.valid_from, amount, key, fault);
	bills_free(service);
	return st;
}

static hub_status bind_in(ctl *c, binding *b, bool *ret_changed, hub_fault *fault)
{
	int64_t id;
	if (b->balance && !b->exchange)
		return hub_fault_set(fault, "point.balance", "balance", "a balance is carried over when a meter is exchanged: --exchange");
	hub_status st = device_put(c->db, &b->device, &b->installation.device, ret_changed, fault);
	b->installation.registers = b->starts;
	b->installation.register_count = b->start_count;
	if (st != HUB_OK)
		return st;
	*ret_changed = true;
	if (b->exchange) {
		st = device_exchange(c->db, &b->installation, b->ends, b->end_count, &id, fault);
		return st == HUB_OK && b->balance ? carry(c, b, fault) : st;
	}
	return device_install(c->db, &b->installation, &id, ret_changed, fault);
}

int ctl_point_bind(ctl *c, int argc, char **argv)
{
	arena a;
	binding b = { 0 };
	bool changed = false;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = take_binding(c, &argc, argv, &a, &b, &fault);
	if (st == HUB_OK)
		st = store_begin(c->db);
	if (st == HUB_OK) {
		st = bind_in(c, &b, &changed, &fault);
		if (st == HUB_OK)
			st = store_commit(c->db);
		else
			store_rollback(c->db);
	}
	if (st == HUB_OK)
		printf("meter %s measures %s%s\n", b.device.meter, argv[1], changed ? "" : " already");
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("point bind", st, &fault);
}

static void show(const point *p, bool as_json)
{
	buf b = { 0 };
	if (as_json) {
		buf_text(&b, "{\"code\":");
		json_write_text(&b, p->code);
		buf_printf(&b, ",\"commodity\":\"%s\",\"name_zh\":", p->commodity);
		json_write_text(&b, p->name_zh);
		buf_text(&b, ",\"name_en\":");
		json_write_text(&b, p->name_en);
		buf_printf(&b, ",\"zone\":\"%s\",\"interval\":%d,\"protected\":%s}", p->zone, (int)p->interval,
			   p->protected ? "true" : "false");
	} else {
		buf_printf(&b, "%-24s %-12s %6d s %s %s", p->code, p->commodity, (int)p->interval, p->name_zh, p->name_en);
	}
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_point_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t after = 0;
	size_t count = 0;
	point *list;
	hub_fault fault = { 0 };
	point_filter filter = { .at = clock_now() };
	const char *party_code = ctl_take(&argc, argv, "party", 1, &bad);
	bool as_json = ctl_take(&argc, argv, "json", 0, &bad);
	if (bad || ctl_leftover("point list", argc, argv) || argc != 1)
		return ctl_usage("point list");
	arena_init(&a, 0);
	hub_status st = party_code ? word_party(c->db, party_code, &a, &filter.party, &fault) : HUB_OK;
	while (st == HUB_OK && (st = point_list(c->db, &filter, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			show(&list[i], as_json);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("point list", st, &fault);
}

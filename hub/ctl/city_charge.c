/* The city's charging stations and two months of their sessions, through the intake and the cashier's own function. */
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bills_charging.h"
#include "ctl/city.h"
#include "ctl/money.h"
#include "ctl/words.h"
#include "intake/intake.h"
#include "store/charger.h"
#include "store/instance.h"
#include "store/receipt.h"

enum { MONTHS_BACK = 2, PER_SESSION = 4, RECORDS = 2000 / PER_SESSION * PER_SESSION };

typedef struct charging_fill {
	city *t;
	intake_worker *worker;
	arena memory; /* of a batch */
	int64_t party;
	record records[RECORDS];
	size_t count;
	uint64_t first, stored;
	unsigned sessions;
} charging_fill;

static hub_status add_stations(city *t, int64_t party)
{
	const instance i = { .name = "chargers",
			     .zone = "adapterd",
			     .party = party,
			     .adapter = "ocpp16",
			     .options = "",
			     .transport = "{\"kind\":\"websocket\"}",
			     .journalled = true,
			     .journal = "",
			     .enabled = true };
	hub_status st = instance_put(t->c->db, &i, NULL, t->fault);
	for (uint32_t n = 1; st == HUB_OK && n <= t->plan.sim.chargers; n++) {
		char name[16];
		bool changed;
		const charger c = { .party = party,
				    .name = name,
				    .instance = i.name,
				    .state = "accepted",
				    .profile = 1,
				    .tariff = "binhai/charging" };
		snprintf(name, sizeof name, "BHC%02u", n);
		st = charger_put(t->c->db, &c, &changed, t->fault);
	}
	return st;
}

/* Every household has a card; its sessions go into its bill. */
static hub_status add_tags(city *t, int64_t party, arena *a)
{
	hub_status st = store_begin(t->c->db);
	for (uint32_t n = 1; st == HUB_OK && n <= t->plan.sim.homes; n++) {
		char tag[16], code[CITY_CODE];
		billing_account b;
		snprintf(tag, sizeof tag, "BH%05u", n);
		snprintf(code, sizeof code, "home-%05u", n);
		arena_reset(a);
		st = word_account(t->c->db, code, a, &b, t->fault);
		const charge_tag k = {
			.tag = tag, .party = party, .state = "accepted", .parent = "", .account = b.id, .tariff = ""
		};
		if (st == HUB_OK)
			st = charge_tag_put(t->c->db, &k, t->fault);
	}
	/* Strangers pay at the station. */
	const charge_tag guest = { .tag = "GUEST", .party = party, .state = "accepted", .parent = "", .tariff = "" };
	if (st == HUB_OK)
		st = charge_tag_put(t->c->db, &guest, t->fault);
	if (st == HUB_OK)
		return store_commit(t->c->db);
	store_rollback(t->c->db);
	return st;
}

static hub_status flush(charging_fill *f)
{
	batch b = { .id = { "city-charging", (uint64_t)(f->t->plan.until / CITY_HOUR), f->first },
		    .trace = trace_new(),
		    .records = f->records,
		    .count = f->count };
	const intake_source from = { .party = f->party, .numbered = true };
	batch_answer answer = { .message = "" };
	hub_status st = HUB_OK;
	SHA256((const uint8_t *)&f->first, sizeof f->first, b.digest);
	if (f->count && f->first + f->count > f->stored)
		st = intake_run(f->worker, &from, &b, &f->memory, &answer, NULL);
	if (st == HUB_OK && answer.quarantined)
		st = hub_fault_set(f->t->fault, "city.store", "",
				   "%u records of charging were refused; hubctl quarantine list", answer.quarantined);
	f->first += f->count;
	f->count = 0;
	arena_reset(&f->memory);
	return st;
}

static void add_transaction(charging_fill *f, const char *station, const char *id, const char *phase, const char *tag,
			    hub_time time, const char *key, const char *standing)
{
	hub_setting *detail = arena_array(&f->memory, 1, sizeof *detail);
	if (!detail)
		return;
	*detail = (hub_setting) { key, standing };
	f->records[f->count++] =
	    (record) { .peer = "city",
		       .received = time,
		       .body = { .type = HUB_RECORD_TRANSACTION,
				 .transaction = { station, "1", id, phase, tag, time, detail, 1 } } };
}

static void add_standing(charging_fill *f, const char *station, hub_time time, int64_t wh)
{
	f->records[f->count++] = (record) {
		.peer = "city",
		.received = time,
		.body = { .type = HUB_RECORD_READING,
			  .reading = { station, "1", "ev_energy", "Wh", HUB_REGISTER, 0, { wh, 0 }, 0, time } }
	};
}

static hub_status add_session(charging_fill *f, uint32_t charger_number, const sim_session *s, int64_t *wh)
{
	arena *a = &f->memory;
	hub_time start = s->start * 1000000, end = (s->start + s->seconds) * 1000000;
	const char *station = arena_printf(a, "BHC%02u", charger_number),
		   *id = arena_printf(a, "%lld", (long long)s->start);
	/* Those who have a car; the others' are strangers'. */
	const char *tag =
	    s->home && sim_home_of(&f->t->plan.sim, s->home).ev ? arena_printf(a, "BH%05u", s->home) : "GUEST";
	const char *before = arena_printf(a, "%lld Wh", (long long)*wh),
		   *after = arena_printf(a, "%lld Wh", (long long)*wh + s->wh);
	if (!station || !id || !tag || !before || !after)
		return HUB_NOMEM;
	add_transaction(f, station, id, "start", tag, start, "register_start", before);
	add_standing(f, station, start, *wh);
	*wh += s->wh;
	add_transaction(f, station, id, "stop", tag, end, "register_stop", after);
	add_standing(f, station, end, *wh);
	f->sessions++;
	return f->count >= RECORDS ? flush(f) : HUB_OK;
}

static hub_status fill_sessions(charging_fill *f)
{
	const city *t = f->t;
	unsigned back = t->plan.months < MONTHS_BACK ? t->plan.months : MONTHS_BACK;
	int64_t first = (city_month(t, t->plan.months - back) + 8 * CITY_HOUR) / CITY_DAY,
		last = t->plan.until / CITY_DAY;
	hub_status st = HUB_OK;
	for (uint32_t n = 1; st == HUB_OK && n <= t->plan.sim.chargers; n++) {
		const sim_charger k = sim_charger_of(&t->plan.sim, n);
		/* As its register stood then; the live station goes on where this ends. */
		int64_t wh = sim_charger_shown(&t->plan.sim, &k, t->plan.from / 1000000, (first * 24 - 8) * 3600);
		for (int64_t day = first; st == HUB_OK && day <= last; day++)
			for (unsigned i = 0; st == HUB_OK && i < SIM_SESSIONS; i++) {
				const sim_session s = sim_charger_session(&t->plan.sim, &k, day, i);
				if (s.seconds && (s.start + s.seconds) * 1000000 < t->plan.until)
					st = add_session(f, n, &s, &wh);
			}
	}
	return st == HUB_OK ? flush(f) : st;
}

/* As hubd's cashier does, which may be at it too. */
static hub_status charge(city *t)
{
	bills *b = NULL;
	bool any = true;
	arena a;
	arena_init(&a, 0);
	hub_status st = bills_new(t->c->db, &b);
	for (int tries = 0; any && (st == HUB_OK || (st == HUB_AGAIN && tries++ < 100));) {
		arena_reset(&a);
		st = bills_charge_next(b, clock_now(), &a, &any, t->fault);
	}
	bills_free(b);
	arena_fini(&a);
	return st;
}

static hub_status run(charging_fill *f, arena *a)
{
	city *t = f->t;
	intake *in = NULL;
	hub_status st = add_stations(t, f->party);
	if (st == HUB_OK)
		st = add_tags(t, f->party, a);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, t->policies, &in);
	if (st == HUB_OK)
		st = intake_worker_new(in, t->c->db, &f->worker);
	if (st == HUB_OK && (st = store_begin(t->c->db)) == HUB_OK) {
		st =
		    source_lock(t->c->db, f->party, "city-charging", (uint64_t)(t->plan.until / CITY_HOUR), &f->stored);
		store_rollback(t->c->db);
	}
	if (st == HUB_OK)
		st = fill_sessions(f);
	intake_worker_free(f->worker);
	intake_free(in);
	return st == HUB_OK ? charge(t) : st;
}

hub_status city_charge(city *t)
{
	static charging_fill f;
	arena a;
	f = (charging_fill) { .t = t, .first = 1 };
	arena_init(&a, 0);
	arena_init(&f.memory, 0);
	hub_status st = word_party(t->c->db, "charge", &a, &f.party, t->fault);
	if (st == HUB_OK)
		st = run(&f, &a);
	if (st == HUB_OK)
		city_say(t, "%u charging sessions", f.sessions);
	arena_fini(&f.memory);
	arena_fini(&a);
	return st;
}

/* Who may look at the city: a login for each kind of people, with a password of this installation alone. */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/city.h"
#include "ctl/words.h"
#include "identity/password.h"
#include "store/person.h"

enum { LETTERS = 16 };

static const char logins_file[] = "city-logins.txt";

typedef struct login {
	const char *name, *party;
	const char *person;    /* what somebody is called who has it */
	const char *zh, *en;   /* what may be looked at with it, for the printed list */
	const char *kinds[10]; /* of message that this person deals with */
} login;

/* Residents are found among the homes; the others are these. */
static const login staff[] = {
	{ "power",
	  "power",
	  "陈建军",
	  "供电公司：收到什么、发出什么、隔离、订阅、账单份额",
	  "Binhai Power: received, delivered, quarantine, subscriptions",
	  { "reading", "bill", "notice", "data_request", "payment_info", "view_command" } },
	{ "water",
	  "water",
	  "刘海英",
	  "自来水公司",
	  "Binhai Water",
	  { "reading", "bill", "notice", "data_request", "payment_info", "view_command" } },
	{ "gas",
	  "gas",
	  "张伟民",
	  "燃气公司：自己的账单",
	  "Binhai Gas, with bills of its own",
	  { "reading", "bill", "notice", "data_request", "payment_info", "view_command" } },
	{ "charge",
	  "charge",
	  "王磊",
	  "充电运营商",
	  "Binhai Charging, the charge-point operator",
	  { "reading", "session", "charger_state" } },
	{ "campus",
	  "campus",
	  "赵晓燕",
	  "楼宇管理",
	  "Binhai Buildings: twenty public buildings",
	  { "reading", "site_energy", "advice" } },
	{ "estate",
	  "estate-1",
	  "孙玉兰",
	  "柳岸小区物业",
	  "Willow Bank, an estate's management",
	  { "notice", "security_notice", "payment_info", "advice" } },
	{ "cloud",
	  "cloud",
	  "周航",
	  "第三方能源应用：未经住户同意什么也看不到",
	  "a third party's app: sees nothing without a consent",
	  { "reading" } },
	{ "bureau",
	  "bureau",
	  "李文博",
	  "能源局：分区汇总，看不到任何一户",
	  "the city's energy bureau: aggregates by district, never a home",
	  { "aggregate", "carbon", "notice", "view_command" } },
	{ "operator",
	  "hub-operator",
	  "吴敏",
	  "枢纽运维",
	  "the hub's operator: adapters, quarantine, deliveries, alarms, policies",
	  { NULL } },
};

/* The first home for which it holds; 0: there is none. */
static bool is_plain(const sim_home *h)
{
	return h->estate == 1 && !h->vacant && !h->leak && !h->ev && !h->pv && h->heating == SIM_HEAT_GAS;
}

static bool is_leaking(const sim_home *h)
{
	return h->leak && !h->ev;
}

static bool is_sunny(const sim_home *h)
{
	return h->pv && h->ev && !h->leak;
}

static const struct {
	const char *name, *person, *zh, *en;
	bool (*fits)(const sim_home *h);
} residents[] = {
	{ "resident", "林晓梅", "住户：账单、用量、比较、授权", "a resident: bill, use, comparison, consents",
	  is_plain },
	{ "resident-leak", "黄志强", "住户：夜间漏水", "a resident whose water runs at night", is_leaking },
	{ "resident-sun", "徐佳宁", "住户：屋顶光伏与电动车", "a resident with a roof of cells and a car", is_sunny },
};

static uint32_t find_home(const city *t, bool (*fits)(const sim_home *h))
{
	for (uint32_t n = 1; n <= t->plan.sim.homes; n++) {
		const sim_home h = sim_home_of(&t->plan.sim, n);
		if (city_fault_of(t, n) == CITY_FINE && fits(&h))
			return n;
	}
	return 0;
}

static hub_status make_password(char ret[LETTERS + 1])
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789A";
	uint8_t random[LETTERS];
	if (RAND_bytes(random, sizeof random) != 1)
		return HUB_FAILED;
	for (size_t i = 0; i < LETTERS; i++)
		ret[i] = letters[random[i] & 31];
	ret[LETTERS] = 0;
	OPENSSL_cleanse(random, sizeof random);
	return HUB_OK;
}

/* Anew, even if the person is there: what the file says must be true. */
static hub_status put_person(city *t, const login *l, buf *out, arena *a)
{
	char password[LETTERS + 1], hash[PASSWORD_HASH];
	int64_t id;
	person p = { .login = l->name, .name = l->person, .hash = hash, .head = true, .kinds = l->kinds, .area = "" },
	       old;
	while (l->kinds[p.kind_count])
		p.kind_count++;
	hub_status st = word_party(t->c->db, l->party, a, &p.party, t->fault);
	if (st == HUB_OK)
		st = make_password(password);
	if (st == HUB_OK)
		st = password_hash(password, LETTERS, hash, t->fault);
	if (st == HUB_OK && (st = person_by_login(t->c->db, l->name, a, &old)) == HUB_OK)
		st = person_password(t->c->db, &old, hash, t->plan.until);
	else if (st == HUB_MISSING)
		st = person_add(t->c->db, &p, &id, t->fault);
	if (st == HUB_OK)
		buf_printf(out, "%-14s %s  %s  %s %s\n", l->name, password, l->party, l->zh, l->en);
	OPENSSL_cleanse(password, sizeof password);
	OPENSSL_cleanse(hash, sizeof hash);
	return st;
}

static hub_status put_people(city *t, buf *out, arena *a)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof residents / sizeof *residents; i++) {
		uint32_t home = find_home(t, residents[i].fits);
		login l = { residents[i].name,	 arena_printf(a, "home-%05u", home),
			    residents[i].person, residents[i].zh,
			    residents[i].en,	 { NULL } };
		if (!l.party)
			st = HUB_NOMEM;
		else if (home)
			st = put_person(t, &l, out, a);
	}
	for (size_t i = 0; st == HUB_OK && i < sizeof staff / sizeof *staff; i++)
		st = put_person(t, &staff[i], out, a);
	return st;
}

hub_status city_people(city *t)
{
	buf out = { 0 };
	arena a;
	char *file = ctl_path(t->c, "core/city-logins.txt");
	if (!file || !access(file, F_OK)) {
		hub_status st = file ? HUB_OK : HUB_NOMEM;
		free(file);
		return st;
	}
	arena_init(&a, 0);
	hub_status st = put_people(t, &out, &a);
	if (st == HUB_OK)
		st = city_file_write(t->c, "core", logins_file, &out, 0600, t->fault);
	if (st == HUB_OK)
		city_say(t, "logins in %s", file);
	if (out.bytes)
		OPENSSL_cleanse(out.bytes, out.len);
	buf_fini(&out);
	arena_fini(&a);
	free(file);
	return st;
}

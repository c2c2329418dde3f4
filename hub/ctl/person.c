#include "store/person.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/words.h"
#include "identity/password.h"
#include "store/guess.h"
#include "store/premise.h"

enum { GENERATED = 20 };

/* One line of standard input, or a new one of 100 bits that is shown this once. */
static hub_status take_password(bool from_stdin, char ret[PASSWORD_MAX + 3], hub_fault *fault)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789A"; /* 32 that nobody confuses */
	uint8_t random[GENERATED];
	if (from_stdin) {
		if (!fgets(ret, PASSWORD_MAX + 3, stdin))
			return hub_fault_set(fault, "password.length", "password", "no password came on standard input");
		ret[strcspn(ret, "\r\n")] = 0;
		return HUB_OK;
	}
	if (RAND_bytes(random, sizeof random) != 1)
		return HUB_FAILED;
	for (size_t i = 0; i < GENERATED; i++)
		ret[i] = letters[random[i] & 31];
	ret[GENERATED] = 0;
	OPENSSL_cleanse(random, sizeof random);
	return HUB_OK;
}

static hub_status make_hash(bool from_stdin, char ret[PASSWORD_HASH], hub_fault *fault)
{
	char password[PASSWORD_MAX + 3];
	hub_status st = take_password(from_stdin, password, fault);
	if (st == HUB_OK)
		st = password_hash(password, strlen(password), ret, fault);
	if (st == HUB_OK && !from_stdin)
		printf("%s\n", password);
	OPENSSL_cleanse(password, sizeof password);
	return st;
}

static hub_status known_premise(ctl *c, const char *code, arena *a, hub_fault *fault)
{
	premise place;
	hub_status st = code[0] ? premise_by_code(c->db, code, a, &place) : HUB_OK;
	if (st == HUB_MISSING)
		hub_fault_set(fault, "premise.unknown", "area", "there is no premise '%.64s'", code);
	return st;
}

static hub_status add(ctl *c, person *p, const char *party_code, bool from_stdin, arena *a, hub_fault *fault)
{
	int64_t id;
	char hash[PASSWORD_HASH];
	hub_status st = word_party(c->db, party_code, a, &p->party, fault);
	if (st == HUB_OK)
		st = known_premise(c, p->area, a, fault);
	if (st == HUB_OK)
		st = make_hash(from_stdin, hash, fault);
	p->hash = hash;
	if (st == HUB_OK)
		st = person_add(c->db, p, &id, fault);
	OPENSSL_cleanse(hash, sizeof hash);
	return st;
}

int ctl_person_add(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	const char *party_code = ctl_take(&argc, argv, "party", 1, &bad), **roles = NULL, **kinds = NULL;
	person p = { .name = ctl_take(&argc, argv, "name", 1, &bad), .area = ctl_take(&argc, argv, "area", 1, &bad) };
	p.head = ctl_take(&argc, argv, "head", 0, &bad);
	bool from_stdin = ctl_take(&argc, argv, "password-stdin", 0, &bad);
	hub_status st = word_list(&argc, argv, "role", &a, &roles, &p.role_count);
	if (st == HUB_OK)
		st = word_list(&argc, argv, "kind", &a, &kinds, &p.kind_count);
	if (bad || st != HUB_OK || !party_code || ctl_leftover("person add", argc, argv) || argc != 2) {
		arena_fini(&a);
		return ctl_usage("person add");
	}
	p.login = argv[1];
	p.roles = roles;
	p.kinds = kinds;
	p.area = p.area ? p.area : "";
	st = add(c, &p, party_code, from_stdin, &a, &fault);
	arena_fini(&a);
	if (st != HUB_OK)
		return ctl_fail("person add", st, &fault);
	fprintf(stderr, "person %s stored\n", argv[1]);
	return CTL_OK;
}

static hub_status find(ctl *c, const char *login, arena *a, person *ret, hub_fault *fault)
{
	hub_status st = person_by_login(c->db, login, a, ret);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "person.unknown", "login", "there is no person '%.64s'; hubctl person list shows all", login);
	return st;
}

static hub_status forget(ctl *c, const person *p)
{
	char key[96];
	snprintf(key, sizeof key, "login:%s", p->login);
	return guess_right(c->db, key, false);
}

int ctl_person_password(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	person p;
	char hash[PASSWORD_HASH];
	hub_fault fault = { 0 };
	bool from_stdin = ctl_take(&argc, argv, "password-stdin", 0, &bad);
	if (ctl_leftover("person password", argc, argv) || argc != 2)
		return ctl_usage("person password");
	arena_init(&a, 0);
	hub_status st = find(c, argv[1], &a, &p, &fault);
	if (st == HUB_OK)
		st = make_hash(from_stdin, hash, &fault);
	if (st == HUB_OK)
		st = person_password(c->db, &p, hash, clock_now());
	if (st == HUB_OK)
		st = forget(c, &p);
	arena_fini(&a);
	OPENSSL_cleanse(hash, sizeof hash);
	if (st != HUB_OK)
		return ctl_fail("person password", st, &fault);
	fprintf(stderr, "person %s has a new password; every session has ended\n", argv[1]);
	return CTL_OK;
}

static int change(ctl *c, int argc, char **argv, const char *name, hub_status (*work)(ctl *c, const person *p))
{
	arena a;
	person p;
	hub_fault fault = { 0 };
	if (ctl_leftover(name, argc, argv) || argc != 2)
		return ctl_usage(name);
	arena_init(&a, 0);
	hub_status st = find(c, argv[1], &a, &p, &fault);
	if (st == HUB_OK)
		st = work(c, &p);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail(name, st, &fault);
}

static hub_status disable(ctl *c, const person *p)
{
	return person_disable(c->db, p, clock_now());
}

static hub_status enable(ctl *c, const person *p)
{
	hub_status st = person_enable(c->db, p);
	return st == HUB_OK ? forget(c, p) : st;
}

int ctl_person_disable(ctl *c, int argc, char **argv)
{
	return change(c, argc, argv, "person disable", disable);
}

int ctl_person_enable(ctl *c, int argc, char **argv)
{
	return change(c, argc, argv, "person enable", enable);
}

static void write_list(buf *b, const char *name, const char *const *list, size_t count)
{
	buf_printf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		buf_text(b, i ? "," : "");
		json_write_text(b, list[i]);
	}
	buf_u8(b, ']');
}

static void show(const person *p)
{
	buf b = { 0 };
	char at[CLOCK_TEXT];
	buf_text(&b, "{\"login\":");
	json_write_text(&b, p->login);
	buf_text(&b, ",\"name\":");
	json_write_text(&b, p->name);
	buf_printf(&b, ",\"head\":%s,\"area\":", p->head ? "true" : "false");
	json_write_text(&b, p->area);
	write_list(&b, "roles", p->roles, p->role_count);
	write_list(&b, "kinds", p->kinds, p->kind_count);
	if (p->disabled)
		buf_printf(&b, ",\"disabled\":\"%s\"", clock_text(p->disabled, at));
	buf_u8(&b, '}');
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_person_list(ctl *c, int argc, char **argv)
{
	arena a;
	int bad = 0;
	int64_t party_id = 0, after = 0;
	size_t count = 0;
	person *list;
	hub_fault fault = { 0 };
	const char *code = ctl_take(&argc, argv, "party", 1, &bad);
	if (bad || ctl_leftover("person list", argc, argv) || argc != 1)
		return ctl_usage("person list");
	arena_init(&a, 0);
	hub_status st = code ? word_party(c->db, code, &a, &party_id, &fault) : HUB_OK;
	while (st == HUB_OK && (st = person_list(c->db, party_id, after, 1000, &a, &list, &count)) == HUB_OK && count) {
		for (size_t i = 0; i < count; i++)
			show(&list[i]);
		after = list[count - 1].id;
		arena_reset(&a);
	}
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("person list", st, &fault);
}

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/authority.h"
#include "ctl/file.h"
#include "ctl/words.h"
#include "store/certificate.h"
#include "store/charger.h"

enum { DAYS = 365, DAYS_MAX = 825 };

/* A station's certificate is its operator's. */
static hub_status owner_of(ctl *c, const char *kind, const char *name, arena *a, int64_t *ret, hub_fault *fault)
{
	charger station;
	if (!strcmp(kind, "party"))
		return word_party(c->db, name, a, ret, fault);
	hub_status st = charger_get(c->db, name, a, &station);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "charger.unknown", "name", "there is no station '%.64s'; hubctl charger add makes it known", name);
	if (st == HUB_OK)
		*ret = station.party;
	return st;
}

/* Kept before it is handed out: a certificate that the store does not know is refused. */
static hub_status enrol(ctl *c, const char *kind, const char *code, const char *csr_path, int days, const char *out,
			hub_fault *fault)
{
	arena memory;
	buf csr = { 0 }, pem = { 0 };
	authority *a = NULL;
	certificate made;
	party_certificate row = { 0 };
	const authority_grant grant = { kind, code, clock_now(), days };
	arena_init(&memory, 0);
	hub_status st = owner_of(c, kind, code, &memory, &row.party, fault);
	if (st == HUB_OK)
		st = ctl_read(csr_path, &csr, fault);
	if (st == HUB_OK)
		st = ctl_authority_open(c, &a, fault);
	if (st == HUB_OK)
		st = authority_sign(a, csr.bytes, csr.len, &grant, &pem, &made, fault);
	if (st == HUB_OK) {
		row.serial = made.serial;
		row.thumbprint = made.thumbprint;
		row.kind = made.kind;
		row.name = made.name;
		row.valid_from = made.not_before;
		row.valid_to = made.not_after;
		st = certificate_add(c->db, &row, fault);
	}
	if (st == HUB_OK)
		st = ctl_write(out, &pem, fault);
	char until[CLOCK_TEXT];
	if (st == HUB_OK)
		fprintf(stderr, "%s %s enrolled: serial %s, until %s\n", kind, code, made.serial, clock_text(made.not_after, until));
	authority_free(a);
	buf_fini(&csr);
	buf_fini(&pem);
	arena_fini(&memory);
	return st;
}

static int enrol_command(ctl *c, const char *command, const char *kind, int argc, char **argv)
{
	int bad = 0;
	uint64_t days;
	hub_fault fault = { 0 };
	const char *csr = ctl_take(&argc, argv, "csr", 1, &bad), *out = ctl_take(&argc, argv, "out", 1, &bad);
	const char *for_days = ctl_take(&argc, argv, "days", 1, &bad);
	if (bad || !csr || ctl_leftover(command, argc, argv) || argc != 2)
		return ctl_usage(command);
	hub_status st = word_number(for_days, DAYS, &days, &fault);
	if (st == HUB_OK && (days < 1 || days > DAYS_MAX))
		st = hub_fault_set(&fault, "certificate.days", "days", "1 to %d days, asked for %.20s", DAYS_MAX, for_days);
	if (st == HUB_OK)
		st = enrol(c, kind, argv[1], csr, (int)days, out, &fault);
	return st == HUB_OK ? CTL_OK : ctl_fail(command, st, &fault);
}

int ctl_party_enrol(ctl *c, int argc, char **argv)
{
	return enrol_command(c, "party enrol", "party", argc, argv);
}

int ctl_charger_enrol(ctl *c, int argc, char **argv)
{
	return enrol_command(c, "charger enrol", "station", argc, argv);
}

static hub_status revoke(ctl *c, const char *code, const char *serial, hub_fault *fault)
{
	arena memory;
	authority *a = NULL;
	int64_t party_id;
	arena_init(&memory, 0);
	hub_status st = word_party(c->db, code, &memory, &party_id, fault);
	arena_fini(&memory);
	if (st != HUB_OK)
		return st;
	st = certificate_revoke(c->db, party_id, serial);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "certificate.unknown", "serial", "party %.64s has no certificate %.40s; hubctl party "
			      "certificates %.64s lists them", code, serial, code);
	/* The core refuses it from here on; the list spares the doors the handshake. */
	if (st == HUB_OK)
		st = ctl_authority_open(c, &a, fault);
	if (st == HUB_OK)
		st = ctl_authority_publish(c, a, fault);
	authority_free(a);
	return st;
}

int ctl_party_revoke(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	const char *serial = ctl_take(&argc, argv, "serial", 1, &bad);
	if (bad || !serial || ctl_leftover("party revoke", argc, argv) || argc != 2)
		return ctl_usage("party revoke");
	hub_status st = revoke(c, argv[1], serial, &fault);
	if (st != HUB_OK)
		return ctl_fail("party revoke", st, &fault);
	printf("certificate %s of party %s revoked\n", serial, argv[1]);
	return CTL_OK;
}

static void show(const party_certificate *p)
{
	buf b = { 0 };
	char from[CLOCK_TEXT], to[CLOCK_TEXT], revoked[CLOCK_TEXT];
	buf_printf(&b, "{\"serial\":\"%s\",\"thumbprint\":\"%s\",\"kind\":\"%s\",\"name\":", p->serial, p->thumbprint, p->kind);
	json_write_text(&b, p->name);
	buf_printf(&b, ",\"valid_from\":\"%s\",\"valid_to\":\"%s\"", clock_text(p->valid_from, from), clock_text(p->valid_to, to));
	if (p->revoked)
		buf_printf(&b, ",\"revoked\":\"%s\"", clock_text(p->revoked, revoked));
	buf_text(&b, "}");
	puts(buf_cstr(&b));
	buf_fini(&b);
}

int ctl_party_certificates(ctl *c, int argc, char **argv)
{
	arena memory;
	int64_t party_id;
	size_t count = 0;
	party_certificate *rows;
	hub_fault fault = { 0 };
	if (ctl_leftover("party certificates", argc, argv) || argc != 2)
		return ctl_usage("party certificates");
	arena_init(&memory, 0);
	hub_status st = word_party(c->db, argv[1], &memory, &party_id, &fault);
	if (st == HUB_OK)
		st = certificate_list(c->db, party_id, &memory, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		show(&rows[i]);
	arena_fini(&memory);
	return st == HUB_OK ? CTL_OK : ctl_fail("party certificates", st, &fault);
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/clock.h"
#include "base/json.h"
#include "hubd/work.h"
#include "identity/authority.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/computed.h"
#include "store/station_request.h"

/* µs: a look; how long the station may stay away before its certificate is not brought any more. */
#define PAUSE 500000
#define DELIVER_FOR (INT64_C(6) * 3600 * 1000000)

enum { DAYS = 365, ATTEMPTS = 1000, FILE_MAX = 64 * 1024 };

static bool read_key(const core *c, const char *name, char out[FILE_MAX])
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", c->keys, name);
	FILE *f = c->keys[0] ? fopen(path, "re") : NULL;
	size_t n = f ? fread(out, 1, FILE_MAX - 1, f) : 0;
	out[n] = 0;
	if (f)
		fclose(f);
	return n > 0;
}

static authority *authority_here(worker *w)
{
	char *cert = arena_alloc(&w->memory, FILE_MAX), *key = arena_alloc(&w->memory, FILE_MAX);
	authority *a = NULL;
	hub_fault fault;
	if (cert && key && read_key(w->core, "ca.crt", cert) && read_key(w->core, "ca.key", key) &&
	    authority_load(cert, key, &a, &fault) != HUB_OK)
		a = NULL;
	if (key)
		OPENSSL_cleanse(key, FILE_MAX);
	return a;
}

/* The request names the station, or the serial number that it boots with (white paper, 2.5): nobody else. */
static const char *why_not(const station_request *r, const station_facts *f)
{
	char name[CERTIFICATE_NAME];
	if (f->operated_by != r->party)
		return "unknown_station";
	if (!f->point)
		return "no_point";
	if (f->just_signed)
		return "too_often";
	if (authority_request_name((const uint8_t *)r->csr, strlen(r->csr), name) != HUB_OK)
		return "csr.form";
	bool is_it = !strcmp(name, r->station) || (*f->point_serial && !strcmp(name, f->point_serial)) ||
		     (*f->box_serial && !strcmp(name, f->box_serial));
	return is_it ? NULL : "other_name";
}

/* The certificate goes to the station as a command like any other. */
static hub_status bring(worker *w, const station_request *r, const station_facts *f, const char *pem)
{
	buf arguments = { 0 };
	int64_t id;
	bool fresh;
	const char *key = arena_printf(&w->memory, "certificate/%lld", (long long)r->id);
	buf_text(&arguments, "{\"chain\":");
	json_write_text(&arguments, pem);
	buf_u8(&arguments, '}');
	const command c = { .point = f->point,
			    .requester = r->party,
			    .key = key,
			    .request = key,
			    .party = r->party,
			    .meter = r->station,
			    .channel = "",
			    .kind = "charger_certificate_signed",
			    .arguments = buf_cstr(&arguments),
			    .reason = "certificate",
			    .requested_by = "hub",
			    .expires = clock_now() + DELIVER_FOR,
			    .attempts_max = ATTEMPTS };
	hub_status st = !key || arguments.bad ? HUB_NOMEM : command_add(w->db, &c, true, &id, &fresh);
	buf_fini(&arguments);
	return st;
}

static hub_status tell(worker *w, const station_request *r, const char *cause, const char *serial)
{
	buf body = { 0 };
	const char *key = arena_printf(&w->memory, "certificate|%lld", (long long)r->id);
	buf_printf(&body, "{\"code\":\"%s\",\"meter\":", *cause ? "certificate_refused" : "certificate_signed");
	json_write_text(&body, r->station);
	buf_printf(&body, ",\"channel\":\"\",\"cleared\":false,\"details\":{\"cause\":\"%s\",\"serial\":\"%s\"}}",
		   cause, serial);
	const computed m = {
		.party = r->party, .type = HUB_RECORD_EVENT, .time = clock_now(), .key = key, .body = buf_cstr(&body)
	};
	hub_status st = !key || body.bad ? HUB_NOMEM : computed_send(w->db, "hub.registrar", &m, 1);
	buf_fini(&body);
	return st == HUB_OK ? station_request_end(w->db, r, *cause ? "refused" : "signed", cause, serial) : st;
}

static hub_status sign(worker *w, const authority *a, const station_request *r, const station_facts *f)
{
	buf pem = { 0 };
	certificate made;
	hub_fault fault = { 0 };
	const authority_grant grant = { "station", r->station, clock_now(), DAYS };
	hub_status st = authority_sign(a, (const uint8_t *)r->csr, strlen(r->csr), &grant, &pem, &made, &fault);
	if (st == HUB_REJECT) {
		buf_fini(&pem);
		return tell(w, r, fault.code, "");
	}
	const party_certificate row = { .party = r->party,
					.serial = made.serial,
					.thumbprint = made.thumbprint,
					.kind = made.kind,
					.name = made.name,
					.valid_from = made.not_before,
					.valid_to = made.not_after };
	if (st == HUB_OK)
		st = certificate_add(w->db, &row, &fault);
	if (st == HUB_OK)
		st = bring(w, r, f, buf_cstr(&pem));
	if (st == HUB_OK)
		st = tell(w, r, "", made.serial);
	buf_fini(&pem);
	return st;
}

static hub_status answer(worker *w, const station_request *r)
{
	station_facts f;
	hub_status st = station_request_facts(w->db, r, &w->memory, &f);
	if (st != HUB_OK)
		return st;
	const char *cause = why_not(r, &f);
	authority *a = cause ? NULL : authority_here(w);
	if (!cause && !a)
		cause = "no_authority";
	st = cause ? tell(w, r, cause, "") : sign(w, a, r, &f);
	authority_free(a);
	return st;
}

static hub_status round_of(worker *w, void *own, int64_t *rest)
{
	(void)own;
	station_request r;
	hub_status st = store_begin(w->db);
	if (st != HUB_OK)
		return st;
	st = station_request_take(w->db, &w->memory, &r);
	if (st == HUB_OK) {
		*rest = 0; /* there may be another */
		st = answer(w, &r);
	}
	if (st == HUB_OK || st == HUB_MISSING)
		return store_commit(w->db);
	store_rollback(w->db);
	return st;
}

const role role_registrar = { .name = "registrar", .rest = PAUSE, .round = round_of };

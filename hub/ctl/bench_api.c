/*
 * A point's day by HTTP: through TLS with a certificate, an access token bound to it, the limits, the decision and row
 * security, with dmzd and hubd as they are; turn about with the same statement by libpq alone, by as many threads.
 */
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/authority.h"
#include "ctl/caller.h"
#include "ctl/stage.h"
#include "model/batch.h"
#include "store/certificate.h"
#include "store/device.h"
#include "store/party.h"
#include "store/point.h"
#include "store/yardstick.h"

#define QUARTER INT64_C(900000000)
#define TURN INT64_C(2000000)
#define PATIENCE INT64_C(30000000)

enum { POINTS = 64, DAY = 96, DAYS = 28, THREADS = 4, ROUNDS = 5, TIMES_MAX = 100000 };

typedef struct scene {
	stage stage;
	int64_t party, points[POINTS];
	hub_time from; /* of the day that is read, the last one */
	int port;
	SSL_CTX *context;
	char token[4096];
	hub_fault *fault;
} scene;

/* One thread's half of both sides. */
typedef struct side {
	scene *s;
	unsigned number;
	caller caller;
	store *db;
	arena memory;
	int64_t until;
	uint32_t *times[2]; /* µs of each answer: by the door, by libpq */
	size_t count[2];
	hub_status st;
} side;

static hub_status failed(scene *s, const char *what)
{
	hub_fault_set(s->fault, "bench.api", "", "%s", what);
	return HUB_FAILED;
}

static hub_status add_points(scene *s)
{
	const party p = { .code = "grid", .name_zh = "", .name_en = "", .kind = "grid" };
	hub_status st = store_begin(s->stage.db);
	if (st == HUB_OK)
		st = party_put(s->stage.db, &p, &s->party, NULL, s->fault);
	for (size_t i = 0; st == HUB_OK && i < POINTS; i++) {
		char code[16];
		int64_t id;
		bool changed;
		snprintf(code, sizeof code, "P%zu", i);
		const point_party role = { .role = "operator", .party = s->party };
		const point pt = { .code = code,
				   .commodity = "electricity",
				   .name_zh = "",
				   .name_en = "",
				   .zone = "Asia/Shanghai",
				   .interval = 900,
				   .parties = &role,
				   .party_count = 1 };
		const device d = { .party = s->party, .meter = code, .maker = "", .model = "", .multiplier = { 1, 0 } };
		installation at = { .channel = "", .valid_from = s->from - 2 * DAYS * DAY * QUARTER };
		st = point_put(s->stage.db, &pt, &s->points[i], NULL, s->fault);
		if (st == HUB_OK)
			st = device_put(s->stage.db, &d, &at.device, &changed, s->fault);
		at.point = s->points[i];
		if (st == HUB_OK)
			st = device_install(s->stage.db, &at, &id, &changed, s->fault);
	}
	return st == HUB_OK ? store_commit(s->stage.db) : st;
}

/* A day of all points. */
static hub_status store_day(scene *s, unsigned day)
{
	const batch_id id = { "bench", 1, (uint64_t)day * POINTS * DAY + 1 };
	const trace_id trace = trace_new();
	const quantity *q = quantity_find("active_energy_import");
	const intake_source from = { .party = s->party, .numbered = true };
	buf bytes = { 0 }, packed = { 0 };
	batch b;
	batch_answer answer;
	batch_head_pack(&bytes, &id, &trace, POINTS * DAY);
	for (unsigned i = 0; i < POINTS * DAY; i++) {
		char meter[16];
		hub_time time =
		    s->from - (hub_time)(DAYS - 1 - day) * DAY * QUARTER + (hub_time)(i % DAY + 1) * QUARTER;
		snprintf(meter, sizeof meter, "P%u", i / DAY);
		const record rec = { .peer = "",
				     .received = time,
				     .body = { .type = HUB_RECORD_READING,
					       .reading = { meter,
							    "",
							    q->name,
							    q->unit,
							    HUB_INTERVAL,
							    0,
							    { (int64_t)(day + i), 2 },
							    time - QUARTER,
							    time } } };
		buf_clear(&packed);
		record_pack(&packed, &rec);
		batch_record_pack(&bytes, packed.bytes, packed.len);
	}
	arena_reset(&s->stage.memory);
	hub_status st =
	    bytes.bad || packed.bad ? HUB_NOMEM : batch_unpack(bytes.bytes, bytes.len, &s->stage.memory, &b, s->fault);
	if (st == HUB_OK)
		st = intake_run(s->stage.worker, &from, &b, &s->stage.memory, &answer, NULL);
	if (st == HUB_OK && answer.stored != POINTS * DAY)
		st = failed(s, "not every reading was stored");
	buf_fini(&bytes);
	buf_fini(&packed);
	return st;
}

static hub_status fill(scene *s)
{
	hub_status st = add_points(s);
	for (unsigned day = 0; st == HUB_OK && day < DAYS; day++)
		st = store_day(s, day);
	return st;
}

static hub_status keep_certificate(scene *s, const buf *pem)
{
	certificate made;
	uint8_t *der = NULL;
	BIO *in = BIO_new_mem_buf(pem->bytes, (int)pem->len);
	X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	int len = x ? i2d_X509(x, &der) : -1;
	hub_status st = len > 0 ? certificate_read(der, (size_t)len, &made, s->fault) : HUB_NOMEM;
	if (st == HUB_OK)
		st = certificate_add(s->stage.db,
				     &(party_certificate) { .party = s->party,
							    .serial = made.serial,
							    .thumbprint = made.thumbprint,
							    .kind = made.kind,
							    .name = made.name,
							    .valid_from = made.not_before,
							    .valid_to = made.not_after },
				     s->fault);
	OPENSSL_free(der);
	X509_free(x);
	BIO_free(in);
	return st;
}

/* As hubctl up and hubctl party enrol do. */
static hub_status enrol(scene *s)
{
	authority *a = NULL;
	bool made;
	buf cert = { 0 }, key = { 0 };
	const authority_grant grant = { "party", "grid", clock_now(), 1 };
	s->stage.there.db = s->stage.db;
	hub_status st = ctl_authority_make(&s->stage.there, &made, s->fault);
	if (st == HUB_OK)
		st = ctl_authority_open(&s->stage.there, &a, s->fault);
	if (st == HUB_OK)
		st = ctl_authority_publish(&s->stage.there, a, s->fault);
	if (st == HUB_OK)
		st = ctl_authority_serve(&s->stage.there, a, "localhost", &made, s->fault);
	if (st == HUB_OK)
		st = authority_issue(a, &grant, &cert, &key, s->fault);
	if (st == HUB_OK)
		st = keep_certificate(s, &cert);
	char *ca = ctl_path(&s->stage.there, "zone/state/ca.pem");
	if (st == HUB_OK)
		s->context = ca ? caller_context(ca, &cert, &key) : NULL;
	if (st == HUB_OK && !s->context)
		st = failed(s, "the certificate is of no use");
	free(ca);
	authority_free(a);
	buf_fini(&cert);
	buf_fini(&key);
	return st;
}

static hub_status start(scene *s)
{
	char hubd[300], dmzd[300], database[400], base[300], keys[300], outer[300], listen[64];
	s->port = bench_port();
	snprintf(hubd, sizeof hubd, "%s/hubd", s->stage.there.programs);
	snprintf(dmzd, sizeof dmzd, "%s/dmzd", s->stage.there.programs);
	snprintf(database, sizeof database, "--database=%s", s->stage.conninfo);
	snprintf(base, sizeof base, "--zone-base=ipc://%s/zone/run", s->stage.there.data);
	snprintf(keys, sizeof keys, "--keys=%s/core/keys", s->stage.there.data);
	snprintf(outer, sizeof outer, "--data=%s/zone", s->stage.there.data);
	snprintf(listen, sizeof listen, "--party-listen=127.0.0.1:%d", s->port);
	/* The limits are looked at, but they are not what is measured. */
	const char *const door[] = {
		dmzd, outer, listen, "--http-listen=127.0.0.1:0", "--rate=100000", "--burst=100000", NULL
	};
	const char *const core[] = {
		hubd, database, base, keys, "--adapters=", "--egresses=", "--party-rate=100000", "--party-burst=100000",
		NULL
	};
	hub_status st = stage_launch(&s->stage, 0, door);
	return st == HUB_OK ? stage_launch(&s->stage, 1, core) : st;
}

/* Into s->token, once the daemons are there. */
static hub_status ask_token(scene *s)
{
	static const char request[] =
	    "POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 29\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=client_credentials";
	static const char name[] = "\"access_token\":\"";
	for (int64_t end = clock_monotonic() + PATIENCE; clock_monotonic() < end; usleep(20000)) {
		caller c;
		hub_status st = caller_open(&c, s->context, s->port);
		if (st == HUB_OK)
			st = caller_ask(&c, request, sizeof request - 1);
		const char *at =
		    st == HUB_OK && c.status == 200 ? memmem(c.body, c.body_len, name, sizeof name - 1) : NULL;
		const char *from = at ? at + sizeof name - 1 : NULL;
		const char *to = from ? memchr(from, '"', c.body_len - (size_t)(from - c.body)) : NULL;
		if (to)
			snprintf(s->token, sizeof s->token, "%.*s", (int)(to - from), from);
		caller_close(&c);
		if (to)
			return HUB_OK;
	}
	return failed(s, "the door gave no token within half a minute");
}

static size_t count_of(const char *text, size_t len, const char *word)
{
	size_t n = 0, size = strlen(word);
	for (const char *p = text; (p = memmem(p, len - (size_t)(p - text), word, size)); p += size)
		n++;
	return n;
}

static hub_status by_door(side *t, size_t n)
{
	char request[5000], from[CLOCK_TEXT], to[CLOCK_TEXT];
	const scene *s = t->s;
	int len =
	    snprintf(request, sizeof request,
		     "GET /v1/readings?point=P%zu&quantity=active_energy_import&from=%s&to=%s&limit=200 HTTP/1.1\r\n"
		     "Host: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
		     n % POINTS, clock_text(s->from, from), clock_text(s->from + DAY * QUARTER, to), s->token);
	hub_status st = caller_ask(&t->caller, request, (size_t)len);
	return st != HUB_OK ? st
	       : t->caller.status == 200 && count_of(t->caller.body, t->caller.body_len, "\"value\"") == DAY
		   ? HUB_OK
		   : HUB_FAILED;
}

static hub_status by_libpq(side *t, size_t n)
{
	const scene *s = t->s;
	size_t rows = 0;
	const series_query q = { .points = &s->points[n % POINTS],
				 .point_count = 1,
				 .quantity = quantity_find("active_energy_import")->number,
				 .from = s->from,
				 .to = s->from + DAY * QUARTER,
				 .limit = 200 };
	arena_reset(&t->memory);
	hub_status st = yardstick_read(t->db, &q, &t->memory, &rows);
	return st == HUB_OK && rows != DAY ? HUB_FAILED : st;
}

static void work(side *t, int which)
{
	static hub_status (*const ways[])(side * t, size_t n) = { by_door, by_libpq };
	for (size_t n = t->number; t->st == HUB_OK; n += 7) {
		int64_t begun = clock_monotonic();
		if (begun >= t->until || t->count[which] == TIMES_MAX)
			return;
		t->st = ways[which](t, n);
		t->times[which][t->count[which]++] = (uint32_t)(clock_monotonic() - begun);
	}
}

static void *at_door(void *user)
{
	work(user, 0);
	return NULL;
}

static void *at_database(void *user)
{
	work(user, 1);
	return NULL;
}

/* One turn of all threads; *seconds grows by what it took. */
static hub_status turn(scene *s, side *sides, int which, double *seconds)
{
	pthread_t threads[THREADS];
	size_t n = 0;
	hub_status st = HUB_OK;
	int64_t begun = clock_monotonic();
	for (; n < THREADS; n++) {
		sides[n].until = begun + TURN;
		if (pthread_create(&threads[n], NULL, which ? at_database : at_door, &sides[n]))
			break;
	}
	st = n == THREADS ? HUB_OK : HUB_NOMEM;
	while (n--) {
		pthread_join(threads[n], NULL);
		st = sides[n].st == HUB_OK ? st : sides[n].st;
	}
	*seconds += (double)(clock_monotonic() - begun) / 1e6;
	return st == HUB_OK ? st
			    : failed(s, which ? "the database did not give the day" : "the door did not give the day");
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Seconds in which 99 of 100 were answered; 0: out of memory. */
static double p99(const side *sides, int which, size_t total)
{
	uint32_t *all = malloc((total + 1) * sizeof *all);
	size_t n = 0;
	for (size_t i = 0; all && i < THREADS; n += sides[i++].count[which])
		memcpy(all + n, sides[i].times[which], sides[i].count[which] * sizeof *all);
	if (all)
		qsort(all, n, sizeof *all, by_size);
	double found = all ? (double)all[n * 99 / 100] / 1e6 : 0;
	free(all);
	return found;
}

static hub_status open_sides(scene *s, side *sides)
{
	hub_status st = HUB_OK;
	for (unsigned i = 0; st == HUB_OK && i < THREADS; i++) {
		side *t = &sides[i];
		arena_init(&t->memory, 0);
		*t = (side) { .s = s, .number = i, .memory = t->memory };
		for (int k = 0; k < 2; k++)
			if (!(t->times[k] = malloc(TIMES_MAX * sizeof *t->times[k])))
				return HUB_NOMEM;
		st = store_open(s->stage.conninfo, &t->db, s->fault);
		if (st == HUB_OK && caller_open(&t->caller, s->context, s->port) != HUB_OK)
			st = failed(s, "the door refuses a connection");
	}
	return st;
}

static void close_sides(side *sides)
{
	for (size_t i = 0; i < THREADS; i++) {
		caller_close(&sides[i].caller);
		store_close(sides[i].db);
		arena_fini(&sides[i].memory);
		free(sides[i].times[0]);
		free(sides[i].times[1]);
	}
}

/* Turn about, so that both meet the same load; the first turns only warm. */
static hub_status measure(scene *s)
{
	static side sides[THREADS];
	double seconds[2] = { 0 };
	size_t total[2] = { 0 };
	hub_status st = open_sides(s, sides);
	for (int round = -1; st == HUB_OK && round < ROUNDS; round++) {
		for (int which = 0; st == HUB_OK && which < 2; which++)
			st = turn(s, sides, which, &seconds[which]);
		for (int i = 0; round < 0 && i < 2 * THREADS; i++)
			sides[i / 2].count[i % 2] = 0;
		if (round < 0)
			seconds[0] = seconds[1] = 0;
	}
	for (int i = 0; i < 2 * THREADS; i++)
		total[i % 2] += sides[i / 2].count[i % 2];
	if (st == HUB_OK) {
		static const char alone[] = "the same statement by libpq alone, as many threads";
		bench_report(s->stage.bench, "api", (double)total[0] / seconds[0], "requests/s", alone,
			     (double)total[1] / seconds[1]);
		bench_report(s->stage.bench, "api-p99", p99(sides, 0, total[0]), "s", alone, p99(sides, 1, total[1]));
	}
	close_sides(sides);
	return st;
}

hub_status bench_api(bench *b, hub_fault *fault)
{
	static scene s;
	s = (scene) { .fault = fault, .from = (clock_now() / QUARTER - DAY - 1) * QUARTER };
	hub_status st = stage_open(&s.stage, b, "api", false, fault);
	if (st == HUB_OK)
		st = fill(&s);
	if (st == HUB_OK)
		st = enrol(&s);
	if (st == HUB_OK)
		st = start(&s);
	if (st == HUB_OK)
		st = ask_token(&s);
	if (st == HUB_OK)
		st = measure(&s);
	SSL_CTX_free(s.context);
	stage_close(&s.stage);
	return st;
}

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "ctl/gather.h"
#include "ctl/policy_load.h"
#include "ctl/words.h"
#include "intake/intake.h"
#include "model/batch.h"
#include "store/instance.h"

enum { PIECE = 64 * 1024, BATCH = 4096 };

typedef struct import {
	ctl *c;
	arena words, memory;  /* for the whole run; for a batch */
	const char *adapter, *source;
	hub_setting *settings;
	size_t setting_count;
	int64_t party;
	bool as_json;
	inforce *policies;
	intake *in;
	intake_worker *worker;
	gather *gather;
	trace_id trace;
	uint64_t stored, duplicates, refused, receipts, first_receipt, last_receipt, records;
} import;

static void show_refused(const import *m, const char *file, const record *r, const hub_fault *fault)
{
	buf b = { 0 };
	size_t n = r->body.raw_len;
	while (n && (r->body.raw[n - 1] == '\n' || r->body.raw[n - 1] == '\r'))
		n--;
	if (m->as_json) {
		buf_text(&b, "{\"file\":");
		json_write_text(&b, file);
		buf_printf(&b, ",\"error\":{\"code\":\"%s\",\"field\":", fault->code);
		json_write_text(&b, fault->field);
		buf_text(&b, ",\"message\":");
		json_write_text(&b, fault->message);
		buf_text(&b, "},\"raw\":");
		json_write_textn(&b, (const char *)r->body.raw, n);
		buf_text(&b, "}");
		puts(buf_cstr(&b));
	} else {
		json_write_textn(&b, (const char *)r->body.raw, n > 80 ? 80 : n);
		fprintf(stderr, "%s: %s (%s): %s\n", file, fault->message, fault->code, buf_cstr(&b));
	}
	buf_fini(&b);
}

static void progress(const import *m, const char *file, bool last)
{
	if (isatty(2))
		fprintf(stderr, "\r%s: %llu records, %llu refused%s", file, (unsigned long long)m->records,
			(unsigned long long)m->refused, last ? "\n" : "");
}

static bool digest_of(const record *records, size_t count, uint8_t ret[32])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool ok = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(digest, records[i].body.raw, records[i].body.raw_len);
	ok = ok && EVP_DigestFinal_ex(digest, ret, NULL);
	EVP_MD_CTX_free(digest);
	return ok;
}

static hub_status store_batch(import *m, const char *file, record *records, size_t count, hub_fault *fault)
{
	batch b = { .id = { m->source, 0, 1 }, .trace = m->trace, .records = records, .count = count };
	const intake_source source = { .party = m->party };
	batch_answer answer = { .message = "" };
	intake_outcome *outcomes = arena_array(&m->memory, count, sizeof *outcomes);
	if (!outcomes || !digest_of(records, count, b.digest))
		return HUB_NOMEM;
	hub_status st = intake_run(m->worker, &source, &b, &m->memory, &answer, outcomes);
	if (st != HUB_OK) {
		hub_fault_set(fault, "import.store", "", "the batch could not be stored (%s); what came before is stored, run it "
			      "again: what is known already is not stored twice", hub_status_name(st));
		return st;
	}
	for (size_t i = 0; i < count; i++)
		if (outcomes[i].fault)
			show_refused(m, file, &records[i], outcomes[i].fault);
	m->records += count;
	m->stored += answer.stored;
	m->duplicates += answer.duplicates;
	m->refused += answer.quarantined;
	m->first_receipt = m->receipts++ ? m->first_receipt : answer.receipt;
	m->last_receipt = answer.receipt;
	progress(m, file, false);
	return HUB_OK;
}

static hub_status store_gathered(import *m, const char *file, hub_fault *fault)
{
	record *records;
	size_t count;
	hub_status st = gather_take(m->gather, &records, &count);
	for (size_t at = 0; st == HUB_OK && at < count; at += BATCH)
		st = store_batch(m, file, records + at, count - at < BATCH ? count - at : BATCH, fault);
	arena_reset(&m->memory);
	return st;
}

static hub_status import_stream(import *m, const char *file, FILE *in, hub_fault *fault)
{
	static uint8_t piece[PIECE];
	size_t n;
	hub_status st = gather_begin(m->gather, file, fault);
	while (st == HUB_OK && (n = fread(piece, 1, sizeof piece, in)) > 0) {
		st = gather_piece(m->gather, piece, n, fault);
		if (st == HUB_OK && gather_count(m->gather) >= BATCH)
			st = store_gathered(m, file, fault);
	}
	if (st == HUB_OK && ferror(in))
		st = hub_fault_set(fault, "import.file", "", "%.128s cannot be read to its end: %m", file);
	if (st == HUB_OK)
		st = gather_end(m->gather, fault);
	return st == HUB_OK ? store_gathered(m, file, fault) : st;
}

static hub_status import_file(import *m, const char *file, hub_fault *fault)
{
	FILE *in = strcmp(file, "-") ? fopen(file, "rb") : stdin;
	if (!in)
		return hub_fault_set(fault, "import.file", "", "%.128s cannot be read: %m", file);
	hub_status st = gather_open(m->adapter, m->settings, m->setting_count, &m->memory, &m->gather, fault);
	if (st == HUB_OK)
		st = import_stream(m, file, in, fault);
	gather_close(m->gather);
	m->gather = NULL;
	arena_reset(&m->memory);
	if (in != stdin)
		fclose(in);
	progress(m, file, true);
	return st;
}

/* The only instance that runs the adapter, if none was named. */
static hub_status find_instance(import *m, const char *name, instance *ret, hub_fault *fault)
{
	instance *list;
	size_t count, found = 0;
	int64_t version;
	hub_status st = name ? instance_get(m->c->db, name, &m->words, ret)
			     : instance_list(m->c->db, NULL, &m->words, &list, &count, &version);
	for (size_t i = 0; st == HUB_OK && !name && i < count; i++)
		if (!strcmp(list[i].adapter, m->adapter) && !found++)
			*ret = list[i];
	if (st == HUB_MISSING)
		return hub_fault_set(fault, "import.instance", "instance", "there is no instance '%.64s'; hubctl instance list shows "
				     "them", name);
	if (st == HUB_OK && !name && found != 1)
		return hub_fault_set(fault, "import.instance", "instance", "%zu instances run the adapter '%.32s'; name one with "
				     "--instance, or the party that the data are of with --party", found, m->adapter);
	return st;
}

/* The instance's options, under those of the command line. */
static hub_status merge(import *m, const char *json, hub_setting *own, size_t own_count)
{
	hub_setting *theirs;
	size_t count;
	hub_status st = settings_of_json(json, &m->words, &theirs, &count);
	m->settings = st == HUB_OK ? arena_array(&m->words, count + own_count, sizeof *m->settings) : NULL;
	if (!m->settings)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < own_count && strcmp(own[k].key, theirs[i].key))
			k++;
		if (k == own_count)
			m->settings[m->setting_count++] = theirs[i];
	}
	for (size_t k = 0; k < own_count; k++)
		m->settings[m->setting_count++] = own[k];
	return HUB_OK;
}

static hub_status prepare(import *m, int *argc, char **argv, hub_fault *fault)
{
	int bad = 0;
	hub_setting *own;
	size_t own_count;
	instance i = { 0 };
	const char *name = ctl_take(argc, argv, "instance", 1, &bad), *party_code = ctl_take(argc, argv, "party", 1, &bad);
	m->adapter = ctl_take(argc, argv, "adapter", 1, &bad);
	m->as_json = ctl_take(argc, argv, "json", 0, &bad);
	const char *ancient = ctl_take(argc, argv, "ancient", 1, &bad);
	judge_rules rules = judge_rules_default;
	uint64_t days;
	hub_status st = word_pairs(argc, argv, "option", &m->words, &own, &own_count, fault);
	if (st == HUB_OK && (bad || !m->adapter || *argc < 2 || ctl_leftover("import", *argc, argv)))
		st = hub_fault_set(fault, "import.arguments", "", "--adapter and at least one FILE are needed; see hubctl help import");
	if (st == HUB_OK)
		st = word_number(ancient, (uint64_t)rules.ancient / 86400000000u, &days, fault);
	if (st == HUB_OK && days > 36500)
		st = hub_fault_set(fault, "import.arguments", "ancient", "at most 36500 days");
	if (st == HUB_OK)
		rules.ancient = (int64_t)days * INT64_C(86400000000);
	if (st == HUB_OK && party_code)
		st = word_party(m->c->db, party_code, &m->words, &m->party, fault);
	else if (st == HUB_OK && (st = find_instance(m, name, &i, fault)) == HUB_OK)
		m->party = i.party;
	if (st == HUB_OK && i.adapter && strcmp(i.adapter, m->adapter))
		st = hub_fault_set(fault, "import.instance", "instance", "instance '%.64s' runs the adapter '%.32s'", i.name, i.adapter);
	m->source = i.name ? i.name : "import";
	if (st == HUB_OK)
		st = merge(m, i.options, own, own_count);
	if (st == HUB_OK)
		st = policy_current(m->c, &m->policies, fault);
	if (st == HUB_OK)
		st = intake_new(&rules, m->policies, &m->in);
	return st == HUB_OK ? intake_worker_new(m->in, m->c->db, &m->worker) : st;
}

int ctl_import(ctl *c, int argc, char **argv)
{
	import m = { .c = c, .trace = trace_new() };
	hub_fault fault = { 0 };
	char trace[TRACE_TEXT];
	arena_init(&m.words, 0);
	arena_init(&m.memory, 0);
	hub_status st = prepare(&m, &argc, argv, &fault);
	for (int i = 1; st == HUB_OK && i < argc; i++)
		st = import_file(&m, argv[i], &fault);
	if (m.receipts || st == HUB_OK)
		printf("{\"trace\":\"%s\",\"receipts\":[%llu,%llu],\"records\":%llu,\"stored\":%llu,\"duplicates\":%llu,"
		       "\"quarantined\":%llu}\n", trace_text(&m.trace, trace), (unsigned long long)m.first_receipt,
		       (unsigned long long)m.last_receipt, (unsigned long long)m.records, (unsigned long long)m.stored,
		       (unsigned long long)m.duplicates, (unsigned long long)m.refused);
	intake_worker_free(m.worker);
	intake_free(m.in);
	inforce_free(m.policies);
	arena_fini(&m.memory);
	arena_fini(&m.words);
	if (st != HUB_OK)
		return ctl_fail("import", st, &fault);
	return m.refused ? CTL_USAGE : CTL_OK;
}

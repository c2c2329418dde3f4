/* hubctl tariff: documents in, never edited. */
#include "billing/tariff.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/file.h"
#include "ctl/words.h"
#include "store/tariff.h"

static hub_status add(ctl *c, const char *path, const char *code, const char *from, bool *ret_changed, char shown[65],
		      hub_fault *fault)
{
	buf text = { 0 };
	tariff *t = NULL;
	tariff_document d = { .code = code };
	int64_t id;
	hub_status st = ctl_read(path, &text, fault);
	if (st == HUB_OK)
		st = tariff_parse(buf_cstr(&text), text.len, &t, fault);
	if (st == HUB_OK) {
		hub_time newest = t->versions[t->version_count - 1].from;
		d.code = code ? code : t->code;
		d.body = buf_cstr(&text);
		st = word_time(from, newest == INT64_MIN ? 0 : newest, &d.valid_from, fault);
	}
	if (st == HUB_OK)
		st = tariff_document_add(c->db, &d, &id, ret_changed, fault);
	if (st == HUB_OK)
		snprintf(shown, 65, "%s", d.code);
	for (size_t i = 0; st == HUB_OK && i < t->note_count; i++)
		fprintf(stderr, "not taken: %s: %s\n", t->notes[i].field, t->notes[i].text);
	tariff_free(t);
	buf_fini(&text);
	return st;
}

int ctl_tariff_add(ctl *c, int argc, char **argv)
{
	int bad = 0;
	bool changed = false;
	char shown[65] = "";
	hub_fault fault = { 0 };
	const char *code = ctl_take(&argc, argv, "code", 1, &bad), *from = ctl_take(&argc, argv, "from", 1, &bad);
	if (bad || ctl_leftover("tariff add", argc, argv) || argc != 2)
		return ctl_usage("tariff add");
	hub_status st = add(c, argv[1], code, from, &changed, shown, &fault);
	if (st != HUB_OK)
		return ctl_fail("tariff add", st, &fault);
	printf("tariff %s %s\n", shown, changed ? "stored" : "unchanged");
	return CTL_OK;
}

int ctl_tariff_list(ctl *c, int argc, char **argv)
{
	arena a;
	tariff_document *list;
	size_t count;
	char text[CLOCK_TEXT];
	if (ctl_leftover("tariff list", argc, argv) || argc != 1)
		return ctl_usage("tariff list");
	arena_init(&a, 0);
	hub_status st = tariff_document_list(c->db, &a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		printf("%-32s from %s\n", list[i].code,
		       list[i].valid_from ? clock_text(list[i].valid_from, text) : "always");
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("tariff list", st, NULL);
}

int ctl_tariff_show(ctl *c, int argc, char **argv)
{
	int bad = 0;
	arena a;
	hub_time at;
	tariff_document d;
	hub_fault fault = { 0 };
	const char *when = ctl_take(&argc, argv, "at", 1, &bad);
	if (bad || ctl_leftover("tariff show", argc, argv) || argc != 2)
		return ctl_usage("tariff show");
	arena_init(&a, 0);
	hub_status st = word_time(when, clock_now(), &at, &fault);
	if (st == HUB_OK)
		st = tariff_document_at(c->db, argv[1], at, &a, &d);
	if (st == HUB_OK)
		puts(d.body);
	else if (st == HUB_MISSING)
		hub_fault_set(&fault, "tariff.missing", "", "there is no tariff '%.64s' then; hubctl tariff list",
			      argv[1]);
	arena_fini(&a);
	return st == HUB_OK ? CTL_OK : ctl_fail("tariff show", st, &fault);
}

/* hubctl load: parties, premises, points or devices from a CSV file, the outlines of areas from GeoJSON. */
#include "ctl/ctl.h"
#include "ctl/file.h"
#include "registry/area.h"
#include "registry/load.h"

#include <stdio.h>
#include <string.h>

static void tell(const char *path, const load_result *r)
{
	for (size_t i = 0; i < r->fault_count; i++) {
		const load_fault *f = &r->faults[i];
		fprintf(stderr, "%s:%zu: %s%s%s (%s)\n", path, f->line, f->fault.field, *f->fault.field ? ": " : "",
			f->fault.message, f->fault.code);
	}
	printf("%zu rows: %zu loaded, %zu unchanged, %zu refused\n", r->rows, r->loaded, r->unchanged, r->fault_count);
}

int ctl_load(ctl *c, int argc, char **argv)
{
	int bad = 0;
	bool update = ctl_take(&argc, argv, "update", 0, &bad) != NULL;
	load_kind kind = LOAD_PARTIES;
	bool areas = argc == 3 && !strcmp(argv[1], "areas");
	if (bad || ctl_leftover("load", argc, argv) || argc != 3 || (!areas && !load_kind_parse(argv[1], &kind)))
		return ctl_usage("load");
	hub_fault fault = { 0 };
	load_result r = { 0 };
	buf text = { 0 };
	arena a;
	arena_init(&a, 0);
	hub_status st = ctl_read(argv[2], &text, &fault);
	if (st == HUB_OK)
		st = areas ? area_load(c->db, text.bytes, text.len, &a, &r, &fault)
			   : registry_load(c->db, kind, text.bytes, text.len, update, &a, &r, &fault);
	if (st == HUB_OK)
		tell(argv[2], &r);
	int code = st != HUB_OK ? ctl_fail("load", st, &fault) : r.fault_count ? CTL_USAGE : CTL_OK;
	arena_fini(&a);
	buf_fini(&text);
	return code;
}

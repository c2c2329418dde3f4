/* face_write NAME FORMAT: a bill of face_bills.h on standard output, for tests that read it as others would. */
#include <stdio.h>
#include <string.h>

#include "face/csv.h"
#include "face/pdf.h"
#include "face/xlsx.h"
#include "face_bills.h"

int main(int argc, char **argv)
{
	arena a;
	zone *z = NULL;
	buf out = { 0 };
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	if (argc != 3 || zone_load("Asia/Shanghai", &z) != HUB_OK)
		return 2;
	face_bill *b = face_bill_named(argv[1], z, &a);
	hub_status st = !b ? HUB_MISSING : !strcmp(argv[2], "pdf") ? face_pdf(b, &out, NULL, &fault)
			: !strcmp(argv[2], "xlsx") ? face_xlsx(b, &out) : face_csv(b, &out);
	if (st == HUB_OK)
		fwrite(out.bytes, 1, out.len, stdout);
	else
		fprintf(stderr, "%s %s\n", hub_status_name(st), fault.message);
	buf_fini(&out);
	zone_free(z);
	arena_fini(&a);
	return st == HUB_OK ? 0 : 1;
}

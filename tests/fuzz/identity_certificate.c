#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "identity/authority.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static authority *ours;

/* A certificate's bytes, and a signing request's: what is read is short and plain, what is signed reads back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	certificate c;
	hub_fault fault;
	buf pem = { 0 };
	char name[CERTIFICATE_NAME];
	if (!ours && authority_new("fuzz", 1, &ours) != HUB_OK)
		abort();
	if (certificate_read(data, size, &c, &fault) == HUB_OK && (!c.name[0] || strlen(c.thumbprint) != 43))
		abort();
	if (authority_request_name(data, size, name) == HUB_OK && (!name[0] || strlen(name) >= sizeof name))
		abort();
	const authority_grant grant = {
		.kind = "party", .name = "water", .from = INT64_C(1700000000000000), .days = 1
	};
	if (authority_sign(ours, data, size, &grant, &pem, &c, &fault) == HUB_OK && strcmp(c.name, "water") != 0)
		abort();
	buf_fini(&pem);
	return 0;
}

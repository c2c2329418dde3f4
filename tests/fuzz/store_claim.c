#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is a code as it is made, and reads as itself; a secret's party is a number of its own digits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char *text = malloc(size + 1), code[POINT_CODE_TEXT], again[POINT_CODE_TEXT];
	int64_t party;
	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	if (point_code_read(text, code) && (strlen(code) != 12 || strspn(code, alphabet) != 12 ||
					    !point_code_read(code, again) || strcmp(code, again) != 0))
		abort();
	if (secret_party("hubs_", text, &party) == HUB_OK && (party < 0 || strncmp(text, "hubs_", 5) != 0))
		abort();
	free(text);
	return 0;
}

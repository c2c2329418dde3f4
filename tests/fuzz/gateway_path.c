#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is let through is one path: nothing in it can be decoded or collapsed once more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = malloc(size ? size : 1);
	hub_fault fault;
	if (!path)
		return 0;
	memcpy(path, data, size);
	if (gateway_path_check(path, size, &fault) == HUB_OK) {
		char text[GATEWAY_PATH_MAX + 2];
		if (size == 0 || size > GATEWAY_PATH_MAX || memchr(path, 0, size))
			abort();
		memcpy(text, path, size);
		text[size] = '/';
		text[size + 1] = 0;
		if (strpbrk(text, "%\\") || strstr(text, "/./") || strstr(text, "/../"))
			abort();
		text[size] = 0;
		if (strstr(text, "//"))
			abort();
	}
	free(path);
	return 0;
}

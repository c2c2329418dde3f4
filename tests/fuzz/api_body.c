#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says whether the body may be absent; the rest is the body. What is taken is short, plain text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "code", "login", "list", "at", "confirm", "inner", NULL };
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact || !size)
		return free(exact), 0;
	memcpy(exact, data + 1, size - 1);
	arena a;
	arena_init(&a, 1 << 24);
	wire_reply reply = { .content_type = "", .continuation = "" };
	const wire_call call = { .method = "POST", .path = "/", .body = exact, .body_len = size - 1 };
	const route optional = { .body_optional = data[0] & 1 };
	request r = { .call = &call, .arena = &a, .route = &optional, .reply = &reply };
	body b;
	size_t count;
	body_open(&b, &r, names);
	const char *code = body_text(&b, "code", true, 32), *login = body_text(&b, "login", false, 64);
	const char *const *list = body_texts(&b, "list", 5, &count);
	body_time(&b, "at");
	body_truth(&b, "confirm");
	const json_t *inner = body_object(&b, "inner");
	bool good = b.status == HUB_OK;
	if (strlen(code) > 32 || strlen(login) > 64 || count > 5 || (good && inner && !json_is_object(inner)))
		abort();
	for (size_t i = 0; good && i < count; i++)
		if (strlen(list[i]) > 64)
			abort();
	/* A refusal is a whole problem document. */
	json_t *problem = good ? NULL : json_loadb((const char *)reply.body, reply.body_len, 0, NULL);
	if (b.status == HUB_REJECT && (reply.status != 400 || !json_is_string(json_object_get(problem, "code"))))
		abort();
	json_decref(problem);
	body_close(&b);
	buf_fini(&r.body);
	arena_fini(&a);
	free(exact);
	return 0;
}

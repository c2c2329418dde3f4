#include "model/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	arena a;
	batch b;
	batch_answer answer;
	hub_fault fault = { 0 };
	arena_init(&a, 0);
	hub_status st = batch_unpack(bytes, len, &a, &b, &fault);
	if (st == HUB_OK && (!b.count || !b.id.first))
		__builtin_trap();
	if (st == HUB_REJECT && !fault.code)
		__builtin_trap();
	batch_answer_unpack(bytes, len, &a, &answer);
	arena_fini(&a);
	return 0;
}

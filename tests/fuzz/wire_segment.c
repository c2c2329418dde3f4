/* The bytes are a segment's; the walk must end, never go backwards, and stay within the file. */
#include "wire/segment.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	int fd = memfd_create("segment", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	uint64_t epoch;
	segment_head_read(fd, &epoch);
	segment s = { .fd = -1 };
	segment_attach(&s, fd, 1);
	hub_status st = segment_refresh(&s);
	uint64_t offset = 0, seq = 1, sum = 0;
	while (st == HUB_OK || st == HUB_REJECT) {
		uint64_t offset_before = offset, seq_before = seq;
		segment_record r;
		st = segment_step(&s, &offset, &seq, &r);
		if (st != HUB_OK && st != HUB_REJECT)
			break;
		if (offset <= offset_before || seq <= seq_before || offset > len)
			abort();
		for (size_t i = 0; st == HUB_OK && i < r.len; i++)
			sum += r.bytes[i];
	}
	if (st != HUB_MISSING || sum == UINT64_MAX)
		abort();
	segment_detach(&s);
	return 0;
}

#include "packet.h"

#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CONNECT = 0x10, HEAD_WORDS = 8, PACKET_MAX = 1 << 20, PREFIX_MAX = 256 * 1024 };

/* A client from its address on, as far as the packet it has just sent. */
typedef struct client_part {
	packet_marks marks;
	uint16_t keepalive, last_id;
	int state;
	int64_t times[3];
	const uint8_t *payload;
	const void *next;
	uint32_t multiplier, remaining_length, packet_length, to_process, at;
	uint16_t id;
	uint8_t command;
	int8_t length_bytes;
} client_part;

/* By the kernel, so that a wrong address is an answer and not the broker's end. */
static bool copy(void *out, const void *from, size_t len)
{
	const struct iovec to = { out, len }, source = { (void *)(uintptr_t)from, len };
	return process_vm_readv(getpid(), &to, 1, &source, 1, 0) == (ssize_t)len;
}

static bool is_connect(const client_part *c)
{
	return (c->command & 0xf0) == CONNECT && c->payload && c->at == c->remaining_length && !c->to_process &&
	       c->remaining_length && c->remaining_length < PACKET_MAX && c->length_bytes >= 1 && c->length_bytes <= 4;
}

bool packet_connect(const struct mosquitto *client, const packet_marks *marks, buf *out)
{
	uint8_t head[HEAD_WORDS * sizeof(void *) + sizeof(client_part)];
	client_part c;
	if (!marks->address || !marks->id || !copy(head, client, sizeof head))
		return false;
	for (size_t i = 0; i < HEAD_WORDS; i++) {
		memcpy(&c, head + i * sizeof(void *), sizeof c);
		if (memcmp(&c.marks, marks, sizeof *marks) != 0)
			continue;
		size_t len = c.remaining_length < PREFIX_MAX ? c.remaining_length : PREFIX_MAX;
		buf_clear(out);
		uint8_t *room = is_connect(&c) ? buf_room(out, len) : NULL;
		if (!room || !copy(room, c.payload, len))
			return false;
		buf_took(out, len);
		return true;
	}
	return false;
}

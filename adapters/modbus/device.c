/* The device's own encoder: nothing here is shared with the adapter, so that they check each other. */
#include "device.h"

#include <string.h>

typedef struct pdu {
	uint8_t bytes[253];
	size_t len;
} pdu;

/* CRC-16/MODBUS, bit by bit from the high end of a reflected register. */
static uint16_t checksum(const uint8_t *p, size_t n)
{
	unsigned long c = 0xffff;
	while (n--) {
		c ^= *p++;
		for (unsigned k = 8; k; k--)
			c = (c >> 1) ^ ((c & 1) * 0xa001UL);
	}
	return (uint16_t)c;
}

static void put32(uint16_t *at, uint32_t v)
{
	at[0] = (uint16_t)(v >> 16);
	at[1] = (uint16_t)v;
}

void device_init(device_meter *m, uint8_t unit, uint32_t seed)
{
	memset(m, 0, sizeof *m);
	m->unit = unit;
	m->input[0] = (uint16_t)(215 + seed % 40);
	m->holding[100] = 500;
	device_run(m, 0, 1200, seed);
}

void device_run(device_meter *m, int64_t seconds, uint32_t power, uint32_t seed)
{
	for (int phase = 0; phase < 3; phase++) {
		m->holding[20 + phase] = (uint16_t)(2300 + seed % 20 + (unsigned)phase);
		m->holding[26 + phase] = (uint16_t)(power * 100 / 3 / 230);
		put32(&m->holding[30 + 2 * phase], power / 3);
	}
	device_show(m, 100000 + seed % 9000 * 7 + (uint32_t)((uint64_t)seconds * power / 36000), power);
	put32(&m->holding[64], seed % 100);
}

void device_show(device_meter *m, uint32_t energy, uint32_t power)
{
	put32(&m->holding[36], power);
	put32(&m->holding[62], energy);
}

size_t device_request(bool tcp, const uint8_t *bytes, size_t len, size_t *ret_start)
{
	*ret_start = 0;
	if (tcp) {
		size_t total = len >= 6 ? 6u + (bytes[4] << 8 | bytes[5]) : 0;
		return total && total <= len ? total : 0;
	}
	for (size_t at = 0; at + 8 <= len; at++) {
		size_t total = 8;
		if (bytes[at + 1] == 15 || bytes[at + 1] == 16)
			total = 9u + bytes[at + 6];
		if (at + total > len)
			continue;
		uint16_t crc = checksum(bytes + at, total - 2);
		if (bytes[at + total - 2] == (crc & 255) && bytes[at + total - 1] == crc >> 8) {
			*ret_start = at;
			return at + total;
		}
	}
	return 0;
}

static void deny(pdu *out, uint8_t function, uint8_t code)
{
	out->bytes[0] = function | 0x80;
	out->bytes[1] = code;
	out->len = 2;
}

static void read_bits(const device_meter *m, uint8_t function, unsigned first, unsigned count, pdu *out)
{
	if (!count || count > 2000 || first + count > DEVICE_COILS) {
		deny(out, function, count && count <= 2000 ? 2 : 3);
		return;
	}
	out->bytes[0] = function;
	out->bytes[1] = (uint8_t)((count + 7) / 8);
	memset(out->bytes + 2, 0, out->bytes[1]);
	for (unsigned i = 0; i < count; i++)
		out->bytes[2 + i / 8] |= (uint8_t)(m->coils[first + i] << i % 8);
	out->len = 2u + out->bytes[1];
}

static void read_words(const uint16_t *from, uint8_t function, unsigned first, unsigned count, pdu *out)
{
	if (!count || count > 125 || first + count > DEVICE_REGISTERS) {
		deny(out, function, count && count <= 125 ? 2 : 3);
		return;
	}
	out->bytes[0] = function;
	out->bytes[1] = (uint8_t)(count * 2);
	for (unsigned i = 0; i < count; i++) {
		out->bytes[2 + 2 * i] = (uint8_t)(from[first + i] >> 8);
		out->bytes[3 + 2 * i] = (uint8_t)from[first + i];
	}
	out->len = 2 + count * 2;
}

/* Functions 5, 6, 15 and 16; in: the question's PDU. */
static void write_them(device_meter *m, const uint8_t *in, size_t len, pdu *out)
{
	unsigned first = in[1] << 8 | in[2], count = in[0] > 6 ? (unsigned)(in[3] << 8 | in[4]) : 1;
	bool coils = in[0] == 5 || in[0] == 15;
	unsigned bytes = in[0] == 15 ? (count + 7) / 8 : count * 2;
	m->writes++;
	if (first + count > (coils ? DEVICE_COILS : DEVICE_REGISTERS)) {
		deny(out, in[0], 2);
		return;
	}
	if ((in[0] > 6 && (in[5] != bytes || len != 6 + bytes)) ||
	    (in[0] == 5 && (in[4] || (in[3] && in[3] != 0xff)))) {
		deny(out, in[0], 3);
		return;
	}
	for (unsigned i = 0; i < count && m->fault != DEVICE_STUCK; i++) {
		if (in[0] == 5)
			m->coils[first] = in[3] == 0xff;
		else if (in[0] == 6)
			m->holding[first] = (uint16_t)(in[3] << 8 | in[4]);
		else if (in[0] == 15)
			m->coils[first + i] = in[6 + i / 8] >> i % 8 & 1;
		else
			m->holding[first + i] = (uint16_t)(in[6 + 2 * i] << 8 | in[7 + 2 * i]);
	}
	memcpy(out->bytes, in, 5);
	out->len = 5;
}

static void obey(device_meter *m, const uint8_t *in, size_t len, pdu *out)
{
	unsigned first = in[1] << 8 | in[2], count = in[3] << 8 | in[4];
	uint8_t function = in[0];
	bool reads = function >= 1 && function <= 4;
	if (reads && m->fault == DEVICE_EXCEPTION)
		deny(out, function, 2);
	else if (function == 1 || function == 2)
		read_bits(m, function, first, count, out);
	else if (reads)
		read_words(function == 3 ? m->holding : m->input, function, first, count, out);
	else if (function == 5 || function == 6 || ((function == 15 || function == 16) && len > 6))
		write_them(m, in, len, out);
	else
		deny(out, function, 1);
	if (!reads && m->fault == DEVICE_DEAF)
		out->len = 0;
}

size_t device_answer(device_meter *meters, size_t count, bool tcp, const uint8_t *question, size_t len, uint8_t *out,
		     device_meter **ret_meter)
{
	size_t head = tcp ? 6 : 0;
	pdu answer = { .len = 0 };
	if (len < head + (tcp ? 6 : 8))
		return 0;
	device_meter *m = NULL;
	for (size_t i = 0; i < count && !m; i++)
		if (meters[i].unit == question[head] && meters[i].fault != DEVICE_SILENT && !meters[i].away)
			m = &meters[i];
	if (!m)
		return 0;
	*ret_meter = m;
	obey(m, question + head + 1, len - head - (tcp ? 1 : 3), &answer);
	if (!answer.len)
		return 0;
	memcpy(out, question, head + 1);
	memcpy(out + head + 1, answer.bytes, answer.len);
	if (tcp) {
		out[4] = m->fault == DEVICE_CRC;
		out[5] = (uint8_t)(answer.len + 1);
		return head + 1 + answer.len;
	}
	uint16_t crc = checksum(out, answer.len + 1);
	out[answer.len + 1] = (uint8_t)(crc + (m->fault == DEVICE_CRC));
	out[answer.len + 2] = (uint8_t)(crc >> 8);
	return answer.len + 3;
}

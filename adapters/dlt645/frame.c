#include "frame.h"

#include <string.h>

enum { START = 0x68, END = 0x16, PREAMBLE = 0xfe, OFFSET = 0x33, HEAD = 10 };

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t s = 0;
	for (size_t i = 0; i < len; i++)
		s = (uint8_t)(s + bytes[i]);
	return s;
}

/*
 * Where the next frame may begin inside a broken one of `len` bytes, or len. Only bytes of the
 * broken frame decide, so the answer does not depend on what came behind it.
 */
static size_t next_start(const uint8_t *bytes, size_t len, bool certain)
{
	for (size_t q = 1; q < len; q++)
		if (bytes[q] == START && (q + 7 < len ? bytes[q + 7] == START : !certain && q != 7))
			return q;
	return len;
}

static dlt_scan truncated(const uint8_t *bytes, size_t len, bool end, size_t *ret_used, hub_fault *fault)
{
	if (!end) {
		*ret_used = 0;
		return DLT_MORE;
	}
	hub_fault_set(fault, "dlt645.truncated", "frame",
		      "a frame has 12 bytes and L bytes of data: it ends after %zu bytes%s; send it again whole", len,
		      len < HEAD ? ", before its length" : "");
	*ret_used = next_start(bytes, len, true);
	return DLT_BROKEN;
}

static void frame_fill(dlt_frame *f, const uint8_t *bytes, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	for (int i = 0; i < 6; i++) {
		f->meter[2 * i] = hex[bytes[6 - i] >> 4];
		f->meter[2 * i + 1] = hex[bytes[6 - i] & 15];
	}
	f->meter[12] = '\0';
	f->control = bytes[8];
	f->len = bytes[9];
	for (unsigned i = 0; i < f->len; i++)
		f->data[i] = (uint8_t)(bytes[HEAD + i] - OFFSET);
	f->raw = bytes;
	f->raw_len = len;
}

static size_t noise(const uint8_t *bytes, size_t len)
{
	size_t n = 1;
	while (n < len && bytes[n] != START && bytes[n] != PREAMBLE)
		n++;
	return n;
}

/* An address is BCD or AAH; FEH there is the preamble of a frame behind a stray 68H. */
static bool begins_none(const uint8_t *bytes, size_t len)
{
	return bytes[0] != START || (len > 7 && (bytes[7] != START || memchr(bytes + 1, PREAMBLE, 6)));
}

dlt_scan dlt_frame_scan(const uint8_t *bytes, size_t len, bool end, dlt_frame *ret, size_t *ret_used,
			hub_fault *fault)
{
	if (bytes[0] == PREAMBLE) {
		*ret_used = 1;
		return DLT_PREAMBLE;
	}
	if (begins_none(bytes, len)) {
		*ret_used = noise(bytes, len);
		return DLT_NOISE;
	}
	if (len < HEAD)
		return truncated(bytes, len, end, ret_used, fault);
	size_t total = 12u + bytes[9];
	if (bytes[9] > DLT_DATA_MAX) {
		hub_fault_set(fault, "dlt645.length", "L", "L is at most %d: got %u; check the line for noise",
			      DLT_DATA_MAX, bytes[9]);
		*ret_used = HEAD;
		return DLT_BROKEN;
	}
	if (len < total)
		return truncated(bytes, len, end, ret_used, fault);
	if (bytes[total - 1] != END) {
		hub_fault_set(fault, "dlt645.end", "end",
			      "16H stands after the checksum, %zu bytes from 68H: got %02XH; L is wrong or bytes were lost",
			      total, bytes[total - 1]);
		*ret_used = next_start(bytes, total, false);
		return DLT_BROKEN;
	}
	uint8_t cs = sum(bytes, total - 2);
	*ret_used = total;
	if (cs != bytes[total - 2]) {
		hub_fault_set(fault, "dlt645.checksum", "CS",
			      "the checksum is the sum of all bytes before it, %02XH: got %02XH; read the meter again", cs,
			      bytes[total - 2]);
		return DLT_BROKEN;
	}
	frame_fill(ret, bytes, total);
	return DLT_FRAME;
}

size_t dlt_frame_write(uint8_t *out, unsigned preamble, const uint8_t address[6], uint8_t control,
		       const uint8_t *data, size_t len)
{
	memset(out, PREAMBLE, preamble);
	uint8_t *p = out + preamble;
	p[0] = p[7] = START;
	memcpy(p + 1, address, 6);
	p[8] = control;
	p[9] = (uint8_t)len;
	for (size_t i = 0; i < len; i++)
		p[HEAD + i] = (uint8_t)(data[i] + OFFSET);
	p[HEAD + len] = sum(p, HEAD + len);
	p[HEAD + len + 1] = END;
	return preamble + HEAD + len + 2;
}

static int nibble(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *p = c ? strchr(digits, c) : NULL;
	return !p ? -1 : p - digits < 16 ? (int)(p - digits) : (int)(p - digits) - 6;
}

bool dlt_address_parse(const char *text, uint8_t ret[6])
{
	size_t n = strlen(text);
	uint8_t address[6] = { 0 };
	if (!n || n > 12)
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = nibble(text[n - 1 - i]);
		if (d < 0)
			return false;
		address[i / 2] |= (uint8_t)(d << (i % 2 ? 4 : 0));
	}
	memcpy(ret, address, 6);
	return true;
}

#include "frame.h"

#include <string.h>

enum { START = 0x68, END = 0x16, PREAMBLE = 0xfe };

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t s = 0;
	for (size_t i = 0; i < len; i++)
		s = (uint8_t)(s + bytes[i]);
	return s;
}

/* Water 10–19H, heat 20–29H, gas 30–39H, others 40–49H; AAH asks for any. */
static bool is_type(uint8_t b)
{
	return b == 0xaa || (b >> 4 >= 1 && b >> 4 <= 4 && (b & 15) <= 9);
}

/*
 * Where the next frame may begin inside a broken one of `len` bytes, or len. Only bytes of the
 * broken frame decide, so the answer does not depend on what came behind it.
 */
static size_t next_start(const uint8_t *bytes, size_t len, bool certain)
{
	for (size_t q = 1; q < len; q++)
		if (bytes[q] == START && (q + 1 < len ? is_type(bytes[q + 1]) : !certain))
			return q;
	return len;
}

static cjt_scan truncated(const uint8_t *bytes, size_t len, bool end, size_t *ret_used, hub_fault *fault)
{
	if (!end) {
		*ret_used = 0;
		return CJT_MORE;
	}
	hub_fault_set(fault, "cjt188.truncated", "frame",
		      "a frame has 13 bytes and L bytes of data: it ends after %zu bytes%s; send it again whole", len,
		      len < CJT_HEAD ? ", before its length" : "");
	*ret_used = next_start(bytes, len, true);
	return CJT_BROKEN;
}

static size_t noise(const uint8_t *bytes, size_t len)
{
	size_t n = 1;
	while (n < len && bytes[n] != START && bytes[n] != PREAMBLE)
		n++;
	return n;
}

static bool begins_none(const uint8_t *bytes, size_t len)
{
	return bytes[0] != START || (len > 1 && !is_type(bytes[1]));
}

cjt_scan cjt_frame_scan(const uint8_t *bytes, size_t len, bool end, cjt_frame *ret, size_t *ret_used, hub_fault *fault)
{
	if (bytes[0] == PREAMBLE) {
		*ret_used = 1;
		return CJT_PREAMBLE;
	}
	if (begins_none(bytes, len)) {
		*ret_used = noise(bytes, len);
		return CJT_NOISE;
	}
	if (len < CJT_HEAD)
		return truncated(bytes, len, end, ret_used, fault);
	size_t total = CJT_HEAD + bytes[CJT_HEAD - 1] + 2u;
	if (bytes[CJT_HEAD - 1] > CJT_DATA_MAX) {
		hub_fault_set(fault, "cjt188.length", "L", "L is at most %d: got %u; check the line for noise", CJT_DATA_MAX,
			      bytes[CJT_HEAD - 1]);
		*ret_used = next_start(bytes, CJT_HEAD, false);
		return CJT_BROKEN;
	}
	if (len < total)
		return truncated(bytes, len, end, ret_used, fault);
	if (bytes[total - 1] != END) {
		hub_fault_set(fault, "cjt188.end", "end",
			      "16H stands after the checksum, %zu bytes from 68H: got %02XH; L is wrong or bytes were lost",
			      total, bytes[total - 1]);
		*ret_used = next_start(bytes, total, false);
		return CJT_BROKEN;
	}
	uint8_t cs = sum(bytes, total - 2);
	*ret_used = total;
	if (cs != bytes[total - 2]) {
		hub_fault_set(fault, "cjt188.checksum", "CS",
			      "the checksum is the sum of all bytes before it, %02XH: got %02XH; read the meter again", cs,
			      bytes[total - 2]);
		return CJT_BROKEN;
	}
	*ret = (cjt_frame){ .type = bytes[1], .control = bytes[9], .len = bytes[10], .data = bytes + CJT_HEAD, .raw = bytes,
			    .raw_len = total };
	cjt_address_text(bytes + 2, ret->meter);
	return CJT_FRAME;
}

size_t cjt_frame_write(uint8_t *out, unsigned preamble, uint8_t type, const uint8_t address[CJT_ADDRESS],
		       uint8_t control, const uint8_t *data, size_t len)
{
	memset(out, PREAMBLE, preamble);
	uint8_t *p = out + preamble;
	p[0] = START;
	p[1] = type;
	memcpy(p + 2, address, CJT_ADDRESS);
	p[9] = control;
	p[10] = (uint8_t)len;
	memcpy(p + CJT_HEAD, data, len);
	p[CJT_HEAD + len] = sum(p, CJT_HEAD + len);
	p[CJT_HEAD + len + 1] = END;
	return preamble + CJT_HEAD + len + 2;
}

void cjt_address_text(const uint8_t address[CJT_ADDRESS], char ret[CJT_ADDRESS_TEXT])
{
	static const char hex[] = "0123456789ABCDEF";
	for (int i = 0; i < CJT_ADDRESS; i++) {
		ret[2 * i] = hex[address[CJT_ADDRESS - 1 - i] >> 4];
		ret[2 * i + 1] = hex[address[CJT_ADDRESS - 1 - i] & 15];
	}
	ret[2 * CJT_ADDRESS] = '\0';
}

static int nibble(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *p = c ? strchr(digits, c) : NULL;
	return !p ? -1 : p - digits < 16 ? (int)(p - digits) : (int)(p - digits) - 6;
}

bool cjt_address_parse(const char *text, size_t len, uint8_t ret[CJT_ADDRESS])
{
	uint8_t address[CJT_ADDRESS] = { 0 };
	if (!len || len > 2 * CJT_ADDRESS)
		return false;
	for (size_t i = 0; i < len; i++) {
		int d = nibble(text[len - 1 - i]);
		if (d < 0)
			return false;
		address[i / 2] |= (uint8_t)(d << (i % 2 ? 4 : 0));
	}
	memcpy(ret, address, CJT_ADDRESS);
	return true;
}

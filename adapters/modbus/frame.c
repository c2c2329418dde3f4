#include "frame.h"

#include <string.h>

enum { TCP_HEAD = 7, RTU_MIN = 5, REPLY_SHORT = 8 };

uint16_t mb_crc(const uint8_t *bytes, size_t len)
{
	uint16_t crc = 0xffff;
	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int b = 0; b < 8; b++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
	}
	return crc;
}

bool mb_is_tcp(const uint8_t *bytes, size_t len)
{
	return len >= 6 && !bytes[2] && !bytes[3] && !bytes[4] && bytes[5] >= 2 && bytes[5] <= MB_PDU_MAX + 1;
}

mb_scan mb_tcp_scan(const uint8_t *bytes, size_t len, mb_frame *ret, size_t *ret_used, hub_fault *fault)
{
	if (len < 6)
		return MB_MORE;
	if (!mb_is_tcp(bytes, len)) {
		hub_fault_set(fault, "modbus.header", "length",
			      "a TCP frame has protocol 0 and a length of 2 to 254: got %02X%02XH and %u; "
			      "is it RTU over TCP? then set framing=rtu",
			      bytes[2], bytes[3], bytes[4] << 8 | bytes[5]);
		*ret_used = len;
		return MB_BROKEN;
	}
	size_t total = 6u + bytes[5];
	if (len < total)
		return MB_MORE;
	*ret = (mb_frame) { true, (uint16_t)(bytes[0] << 8 | bytes[1]), bytes[6], bytes + TCP_HEAD, total - TCP_HEAD,
			    total };
	*ret_used = total;
	return MB_FRAME;
}

/* The lengths a frame of this function can have; 0: not known yet. Gives how many. */
static size_t lengths(const uint8_t *bytes, size_t len, bool answers, size_t out[3])
{
	uint8_t function = bytes[1];
	size_t n = 0;
	if (function & MB_EXCEPTION) {
		out[n++] = RTU_MIN;
	} else if (function >= MB_READ_COILS && function <= MB_READ_REGISTERS) {
		if (!answers)
			out[n++] = REPLY_SHORT;
		out[n++] = len > 2 ? 5u + bytes[2] : 0;
	} else if (function == MB_WRITE_COIL || function == MB_WRITE_REGISTER) {
		out[n++] = REPLY_SHORT;
	} else if (function == MB_WRITE_COILS || function == MB_WRITE_REGISTERS) {
		out[n++] = REPLY_SHORT;
		if (!answers)
			out[n++] = len > 6 ? 9u + bytes[6] : 0;
	}
	return n;
}

static bool crc_right(const uint8_t *bytes, size_t len)
{
	uint16_t crc = mb_crc(bytes, len - 2);
	return bytes[len - 2] == (crc & 0xff) && bytes[len - 1] == crc >> 8;
}

mb_scan mb_rtu_scan(const uint8_t *bytes, size_t len, bool answers, mb_frame *ret, size_t *ret_used, hub_fault *fault)
{
	size_t can[3], count = len > 1 ? lengths(bytes, len, answers, can) : 0;
	bool longer = len < 2;
	for (size_t i = 0; i < count; i++) {
		longer = longer || !can[i] || can[i] > len;
		if (!can[i] || can[i] > len || !crc_right(bytes, can[i]))
			continue;
		*ret = (mb_frame) { false, 0, bytes[0], bytes + 1, can[i] - 3, can[i] };
		*ret_used = can[i];
		return MB_FRAME;
	}
	if (longer)
		return MB_MORE;
	*ret_used = len;
	if (!count)
		hub_fault_set(fault, "modbus.function", "function",
			      "functions 1-6, 15 and 16 and their exceptions are known: got %u; or it is no Modbus",
			      bytes[1]);
	else
		hub_fault_set(fault, "modbus.crc", "CRC",
			      "no length that function %u can have ends with the CRC of the bytes before it; "
			      "check baud rate, parity and the line",
			      bytes[1]);
	return MB_BROKEN;
}

size_t mb_frame_write(uint8_t *out, bool tcp, uint16_t transaction, uint8_t unit, const uint8_t *pdu, size_t len)
{
	if (tcp) {
		const uint8_t head[TCP_HEAD] = { (uint8_t)(transaction >> 8), (uint8_t)transaction, 0,	 0,
						 (uint8_t)((len + 1) >> 8),   (uint8_t)(len + 1),   unit };
		memcpy(out, head, sizeof head);
		memcpy(out + TCP_HEAD, pdu, len);
		return TCP_HEAD + len;
	}
	out[0] = unit;
	memcpy(out + 1, pdu, len);
	uint16_t crc = mb_crc(out, len + 1);
	out[len + 1] = (uint8_t)crc;
	out[len + 2] = (uint8_t)(crc >> 8);
	return len + 3;
}

const char *mb_exception_name(uint8_t code)
{
	static const char *const names[] = {
		[1] = "illegal_function",     [2] = "illegal_data_address", [3] = "illegal_data_value",
		[4] = "device_failure",	      [5] = "acknowledge",	    [6] = "device_busy",
		[7] = "negative_acknowledge", [8] = "memory_parity_error",  [10] = "gateway_path_unavailable",
		[11] = "gateway_no_response",
	};
	return code < sizeof names / sizeof *names && names[code] ? names[code] : "exception";
}

/*
 * Modbus application data units: RTU (Modbus over Serial Line 1.02, 2.5.1: unit, PDU, CRC16 low byte
 * first) and TCP (Messaging on TCP/IP 1.0b, 3.1.3: transaction, protocol 0, length, unit, PDU). Pure.
 */
#ifndef MODBUS_FRAME_H
#define MODBUS_FRAME_H

#include <hub/adapter.h>

enum {
	MB_PDU_MAX = 253,
	MB_FRAME_MAX = MB_PDU_MAX + 7,
	MB_COILS_MAX = 2000, /* of one read (Application Protocol 1.1b3, 6.1) */
	MB_REGISTERS_MAX = 125,
};

typedef enum mb_function {
	MB_READ_COILS = 1,
	MB_READ_INPUTS,
	MB_READ_HOLDING,
	MB_READ_REGISTERS,
	MB_WRITE_COIL,
	MB_WRITE_REGISTER,
	MB_WRITE_COILS = 15,
	MB_WRITE_REGISTERS = 16,
	MB_EXCEPTION = 0x80, /* or'ed to the function of an answer */
} mb_function;

typedef struct mb_frame {
	bool tcp;
	uint16_t transaction; /* TCP only */
	uint8_t unit;
	const uint8_t *pdu; /* function first; borrowed */
	size_t pdu_len;
	size_t len; /* of the whole frame */
} mb_frame;

typedef enum mb_scan {
	MB_MORE, /* what is there may become a frame */
	MB_FRAME,
	MB_BROKEN, /* *fault; *ret_used bytes are done with */
} mb_scan;

uint16_t mb_crc(const uint8_t *bytes, size_t len);

/* The TCP frame at the front. Bytes whose protocol or length cannot be right are broken as a whole. */
mb_scan mb_tcp_scan(const uint8_t *bytes, size_t len, mb_frame *ret, size_t *ret_used, hub_fault *fault);

/*
 * The RTU frame at the front: of the lengths its function can have as a question or an answer, the first
 * whose CRC is right. answers: only answers can come, as to a master. MB_MORE: one of them is longer
 * than what is there.
 */
mb_scan mb_rtu_scan(const uint8_t *bytes, size_t len, bool answers, mb_frame *ret, size_t *ret_used, hub_fault *fault);

/* Whether the bytes begin like a TCP frame, so that they are none of RTU. */
bool mb_is_tcp(const uint8_t *bytes, size_t len);

/* Writes a frame; gives its length. out holds MB_FRAME_MAX. */
size_t mb_frame_write(uint8_t *out, bool tcp, uint16_t transaction, uint8_t unit, const uint8_t *pdu, size_t len);

/* "illegal_function", "illegal_data_address", …: Application Protocol 1.1b3, 7. */
const char *mb_exception_name(uint8_t code);

#endif

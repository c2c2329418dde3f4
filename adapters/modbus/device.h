/*
 * A simulated Modbus device: the registers of an ADW300 at 20–65, relays at coils 0–15, a temperature
 * at input register 0, two set-points from holding register 100. It counts what it was told to write.
 */
#ifndef MODBUS_DEVICE_H
#define MODBUS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEVICE_REGISTERS = 128, DEVICE_COILS = 16, DEVICE_ANSWER_MAX = 260 };

typedef enum device_fault {
	DEVICE_FINE,
	DEVICE_SILENT,
	DEVICE_EXCEPTION, /* to every read: illegal data address */
	DEVICE_CRC,	  /* a wrong CRC; on TCP a wrong length */
	DEVICE_STUCK,	  /* confirms writes and does nothing */
	DEVICE_DEAF,	  /* does what is written and answers nothing to it */
} device_fault;

typedef struct device_meter {
	uint8_t unit;
	device_fault fault;
	bool away; /* answers nothing, whatever else is wrong with it */
	uint16_t holding[DEVICE_REGISTERS], input[DEVICE_REGISTERS];
	uint8_t coils[DEVICE_COILS];
	unsigned long writes; /* received, whatever became of them */
} device_meter;

/* A device at rest with energy already counted. */
void device_init(device_meter *m, uint8_t unit, uint32_t seed);
/* Registers as after so many seconds at this power (W). */
void device_run(device_meter *m, int64_t seconds, uint32_t power, uint32_t seed);
/* Registers as they are told: 0.01 kWh and W. */
void device_show(device_meter *m, uint32_t energy, uint32_t power);

/* Where the first whole question ends and begins; 0: there is none yet. Noise in front is skipped on RTU. */
size_t device_request(bool tcp, const uint8_t *bytes, size_t len, size_t *ret_start);
/* The answer to a whole question; 0: none. *ret_meter: who answered. out holds DEVICE_ANSWER_MAX. */
size_t device_answer(device_meter *meters, size_t count, bool tcp, const uint8_t *question, size_t len, uint8_t *out,
		     device_meter **ret_meter);

#endif

/*
 * A simulated DL/T 645 line: any number of meters behind one concentrator, with its own encoder
 * (it shares nothing with the decoder). Registers rise with the time it is told.
 */
#ifndef DLT645_DEVICE_H
#define DLT645_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum device_fault {
	DEVICE_FINE,
	DEVICE_SILENT,
	DEVICE_CHECKSUM,  /* its checksum is one too high */
	DEVICE_DUPLICATE, /* every answer twice */
	DEVICE_CUT,       /* the last three bytes are missing */
	DEVICE_REFUSE,    /* an error reply to everything */
	DEVICE_NOISE,     /* bytes of nothing before every answer */
	DEVICE_STUCK,     /* says yes to commands and does nothing */
	DEVICE_DEAF,      /* does what is ordered and answers nothing to it */
} device_fault;

enum { DEVICE_PARAMETERS = 8, DEVICE_PARAMETER_MAX = 64 };

typedef struct device_meter {
	uint8_t address[6];      /* A0 first */
	bool is_1997;
	uint64_t start_energy;   /* forward active, in 0.01 kWh, at time 0 */
	uint64_t export_energy;  /* reverse active, in 0.01 kWh */
	uint32_t power;          /* in W, constant; energy rises by it */
	/* Sets these three anew before an answer, and nothing rises by itself; false: the meter says nothing. NULL: none. */
	bool (*count_up)(void *user, struct device_meter *m);
	void *user;
	device_fault fault;
	/* What commands change. A password other than level 02 and 000000 is refused. */
	bool relay_open, ordered_open, alarm, keeps_power; /* one that keeps power is not tripped */
	int64_t clock_offset;     /* s, of its clock against the time it is told */
	uint8_t date[4], time_set[3];
	struct {
		uint32_t id;
		uint8_t bytes[DEVICE_PARAMETER_MAX], len;
	} parameters[DEVICE_PARAMETERS];
	unsigned long writes; /* commands received, whatever became of them */
} device_meter;

enum { DEVICE_ANSWER_MAX = 512 };

/* 12 digits as printed, with zeros in front of shorter ones. False: other characters or more. */
bool device_address(const char *text, uint8_t ret[6]);

/*
 * The line's answer to one request frame (from 68H to 16H) at `seconds` since the start. Gives the
 * answer's bytes in out[DEVICE_ANSWER_MAX], 0 when nobody answers. The clocks stand at 08:00:00 at 0.
 */
size_t device_answer(device_meter *meters, size_t count, const uint8_t *frame, size_t len, int64_t seconds,
		     uint8_t *out);

/* Forward active energy in 0.01 kWh at that time; tariff 0 is the total, 1–4 its parts. */
uint64_t device_energy(const device_meter *m, int tariff, int64_t seconds);

/* How many bytes the first whole request in the buffer ends at, and where it starts; 0: none yet. */
size_t device_request(const uint8_t *bytes, size_t len, size_t *ret_start);

#endif

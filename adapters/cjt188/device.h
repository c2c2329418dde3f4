/*
 * A simulated CJ/T 188 line: water, gas and heat meters with valves, with an encoder of its own (it
 * shares nothing with the decoder). Volumes rise with the time it is told while the valve is open.
 */
#ifndef CJT188_DEVICE_H
#define CJT188_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum device_fault { DEVICE_FINE, DEVICE_SILENT, DEVICE_CHECKSUM, DEVICE_REFUSE, DEVICE_STUCK /* its valve */ } device_fault;

typedef struct device_meter {
	uint8_t type, address[7]; /* A0 first */
	bool low_first;           /* sends identifiers as 2018 does */
	uint64_t volume;          /* in 0.01 m³ */
	uint32_t litres_per_hour;
	int64_t at;               /* seconds at which `volume` holds */
	/* Sets `volume` anew before an answer, which rises by nothing else; false: the meter says nothing. NULL: none. */
	bool (*count_up)(void *user, struct device_meter *m);
	void *user;
	bool closed, battery_low, energy /* shows kWh where m³ belong */;
	device_fault fault;
	unsigned valve_orders;    /* received */
} device_meter;

enum { DEVICE_ANSWER_MAX = 128 };

/* Up to 14 digits as printed. False: other characters or more. */
bool device_address(const char *text, uint8_t ret[7]);

/*
 * The line's answer to one request frame (from 68H to 16H) at `seconds` since the start, which is
 * `epoch` in seconds since 1970 on the meters' clocks. 0 when nobody answers.
 */
size_t device_answer(device_meter *meters, size_t count, const uint8_t *frame, size_t len, int64_t seconds,
		     int64_t epoch, uint8_t *out);

/* How many bytes the first whole request in the buffer ends at, and where it starts; 0: none yet. */
size_t device_request(const uint8_t *bytes, size_t len, size_t *ret_start);

#endif

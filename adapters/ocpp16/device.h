/*
 * A simulated charge point: it writes the messages that a real one sends, with its own encoder and
 * its own idea of a session. Each writes one message into out[size] and gives its length, as
 * snprintf does. Times are Unix seconds, energies Wh.
 */
#ifndef OCPP16_DEVICE_H
#define OCPP16_DEVICE_H

#include <stddef.h>
#include <stdint.h>

typedef struct charge_point {
	const char *vendor, *model;
	unsigned sent; /* CALLs so far: the next id */
} charge_point;

int charge_point_boot(charge_point *p, char *out, size_t size);
int charge_point_heartbeat(charge_point *p, char *out, size_t size);
int charge_point_authorize(charge_point *p, char *out, size_t size, const char *tag);
int charge_point_status(charge_point *p, char *out, size_t size, int connector, const char *status, const char *error,
			int64_t time);
int charge_point_start(charge_point *p, char *out, size_t size, int connector, const char *tag, int64_t wh,
		       int64_t time);
int charge_point_meter(charge_point *p, char *out, size_t size, int connector, int transaction, int64_t wh, int64_t w,
		       int64_t time);
int charge_point_stop(charge_point *p, char *out, size_t size, int transaction, const char *reason, int64_t wh,
		      int64_t time);

/* The answer to a CALL of the central system: [3, id, {"status": …}]. */
int charge_point_answer(char *out, size_t size, const char *id, const char *status);
/* From a CALLRESULT's text: the transaction it names; 0: none. */
int charge_point_transaction(const char *text);

#endif

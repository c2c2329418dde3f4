/*
 * The life of a simulated charging station with one connector: cars come as the simulated city has them, or when it is
 * told to start; it charges by its own power and the limits it was given, and says what it does. No socket, no clock.
 */
#ifndef OCPP16_PILE_H
#define OCPP16_PILE_H

#include <stdbool.h>

#include "ocpp16/device.h"
#include "sim/living.h"

enum { PILE_TAG = 21, PILE_ID = 40 };

typedef struct pile {
	uint32_t number; /* in the city */
	charge_point messages;
	/* Called with each message to the central system. */
	void (*say)(void *user, const char *text, size_t len);
	void *user;
	int64_t every; /* s between meter values */
	bool stuck;    /* says yes to everything and goes on as it was */

	bool known, booted, blocked /* ordered out of service */;
	sim_charger charger;
	int64_t watt_seconds; /* the register */
	int64_t now, told;    /* s since 1970: looked at, meter values sent */
	double limit_w;	      /* negative: none */
	double tx_limit_w;    /* of the transaction that runs */

	bool plugged;
	int transaction; /* 0: none yet */
	char tag[PILE_TAG], start_id[PILE_ID];
	int64_t slot;	   /* of the city's session that was served last: day × SIM_SESSIONS + n */
	int64_t stop_at;   /* s since 1970: when the car leaves, full or not */
	int64_t full_at;   /* watt-seconds */
	int64_t listening; /* the last second in which anything was heard */
} pile;

/* Its connection is there: it boots. */
void pile_join(pile *p, int64_t now);
/* What the central system said. */
void pile_hear(pile *p, const char *text, size_t len, int64_t now);
/* Time passes; often. */
void pile_tick(pile *p, living *city, int64_t now);
/* W at this moment. */
int64_t pile_power(const pile *p);

#endif

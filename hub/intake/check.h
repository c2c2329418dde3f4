/*
 * What can be said of a record without asking the registry: its shape, and whether a reading's
 * quantity, kind, unit and state exist and fit together. Pure. Codes: docs/faults.md.
 */
#ifndef INTAKE_CHECK_H
#define INTAKE_CHECK_H

#include "model/quantity.h"
#include "model/record.h"

typedef struct check_reading {
	const quantity *quantity;
	hub_value value; /* in the quantity's canonical unit */
} check_reading;

/*
 * HUB_OK: fit to be resolved; *ret is filled for readings. HUB_REJECT: *fault, which for a
 * HUB_RECORD_FAULT is the adapter's own.
 */
hub_status check_record(const record *r, check_reading *ret, hub_fault *fault);

#endif

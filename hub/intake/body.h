/* What a message says as JSON, and what makes a repeat of it a repeat. Pure. */
#ifndef INTAKE_BODY_H
#define INTAKE_BODY_H

#include "base/arena.h"
#include "store/message.h"

/*
 * Fills type, channel, time, key and body of a checked record that is no reading; texts in the
 * arena. HUB_NOMEM.
 */
hub_status message_of_record(const hub_record *r, arena *a, message *ret);

#endif

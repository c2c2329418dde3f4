/* Asks egress what recipients have acknowledged over MQTT, and writes it down. */
#ifndef HUBD_HEARER_H
#define HUBD_HEARER_H

#include "hubd/core.h"

typedef struct hearer hearer;
/* The askers are borrowed until hearer_stop. */
hub_status hearer_start(const core *c, wire_asker *const *egress, size_t count, hearer **ret);
void hearer_stop(hearer *h); /* after core.stopping; NULL is fine */

#endif

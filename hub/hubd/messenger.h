/*
 * Commands to devices behind MQTT, as home gateways: a message on hub/v1/PARTY/out/command, published by egress. The
 * gateway carries a command out once by its id, and answers under in/ (adapters/mqtt_json/README.md).
 */
#ifndef HUBD_MESSENGER_H
#define HUBD_MESSENGER_H

#include "hubd/core.h"
#include "store/command.h"
#include "store/instance.h"

typedef struct messenger messenger;

/* egresses: names, ending with NULL. Any may be asked. */
hub_status messenger_new(const core *c, const char *const *egresses, messenger **ret, hub_fault *fault);
void messenger_free(messenger *m); /* NULL is fine */

/* Whether this instance's devices are reached so: it reads the broker's journal, and its option "commands" names the meter. */
bool messenger_serves(const instance *i, const char *meter);

/* HUB_OK: the broker has it. HUB_AGAIN with *fault: it may have, ask again. `id` as results will name it. */
hub_status messenger_send(messenger *m, const command *c, const char *party_code, const char *id, arena *a, hub_fault *fault);

#endif

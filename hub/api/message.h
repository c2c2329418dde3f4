/* Stored messages (events, transactions, results, archives) as the doors show them. */
#ifndef API_MESSAGE_H
#define API_MESSAGE_H

#include "base/buf.h"
#include "store/message.h"

/* {"type","point","channel","time","body"}; point_code "": about no point. */
void message_write(buf *out, const message *m, const char *point_code);

#endif

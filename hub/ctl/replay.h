/* Replays with what an adapter refused run through its adapter again, with its instance's options. */
#ifndef CTL_REPLAY_H
#define CTL_REPLAY_H

#include "ctl/ctl.h"
#include "intake/replay.h"

typedef struct replayer replayer;
hub_status replayer_new(ctl *c, replayer **ret, hub_fault *fault);
void replayer_free(replayer *r); /* NULL is fine */

/* As intake_replay; *ret is valid until the next call. */
hub_status replayer_run(replayer *r, uint64_t id, batch_answer *ret, hub_fault *fault);

#endif
